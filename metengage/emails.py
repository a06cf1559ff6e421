"""The list of emails we can send.

An email is three templates in templates/emails: <name>.subject.txt, <name>.txt and <name>.html.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.utils import parseaddr

import css_inline
from flask import render_template, url_for
from markupsafe import escape

from metengage import areas, audience, envelopes, links, writing
from metengage.config import settings
from metengage.formats import count, listing
from metengage.mail import Email
from metengage.models import Alert, Area, Delivery, Link, Resident, Waiting


def _written(template: str, **values) -> tuple[str, str, str]:
    """The subject in one line, the text, and the HTML with its styles put inline."""
    values["service_name"] = settings.service_name
    subject = " ".join(render_template(f"emails/{template}.subject.txt", **values).split())
    subject = subject.replace("=?", "= ?")  # nobody may write an encoded word, which could hold anything
    text = render_template(f"emails/{template}.txt", **values).strip() + "\n"
    html = css_inline.inline(render_template(f"emails/{template}.html", subject=subject, **values))
    return subject, text, html


def _from(address: str, name: str) -> str:
    return str(Address(display_name=name, addr_spec=parseaddr(address)[1]))


def _message_id(delivery: Delivery) -> str:
    return envelopes.message_id(delivery.id, delivery.kind, delivery.created_at)


def _marked(delivery: Delivery, headers: dict[str, str]) -> dict[str, str]:
    """With what Postmark hands back when it reports a bounce; it takes the header off."""
    if settings.bounces_postmark_password:
        return headers | {"X-PM-Metadata-delivery": envelopes.mark(delivery.id)}
    return headers


def _to_one_person(template: str, delivery: Delivery, **values) -> Email:
    """An email about somebody's account: confirmation, sign-in."""
    subject, text, html = _written(template, **values)
    return Email(
        to=delivery.address,
        subject=subject,
        text=text,
        html=html,
        sender=_from(settings.mail_account_sender, settings.service_name),
        message_id=_message_id(delivery),
        headers=_marked(delivery, {"Auto-Submitted": "auto-generated"}),
    )


# --- The emails ---


def confirm(delivery: Delivery, token: str, ward: Area) -> Email:
    """Asks somebody who signed up to confirm that it was them."""
    return _to_one_person(
        "confirm", delivery, ward=ward, confirm_url=url_for("signup.confirm", token=token, _external=True)
    )


def known(delivery: Delivery, token: str) -> Email:
    """Answers a sign-up with an address that is confirmed already: here are your preferences."""
    return _to_one_person(
        "known", delivery, name=delivery.resident.name,
        preferences_url=url_for("preferences.open", token=token, _external=True),
    )  # fmt: skip


def sign_in(delivery: Delivery, token: str) -> Email:
    """The magic link to one's preferences."""
    return _to_one_person(
        "sign_in", delivery, name=delivery.resident.name,
        preferences_url=url_for("preferences.open", token=token, _external=True),
    )  # fmt: skip


def started(delivery: Delivery, waiting: Waiting) -> Email:
    """Tells somebody who left their address that their borough has started; the only email they get."""
    return _to_one_person(
        "started", delivery, borough=waiting.borough, sign_up_url=url_for("signup.start", _external=True)
    )


@dataclass(frozen=True)
class Letter:
    """An email to many, written once, with marks where a person's own values go."""

    subject: str
    text: str
    html: str
    sender: str
    headers: dict[str, str]
    marks: dict[str, str]  # what a person's value is called → its mark in text and html

    def to(self, delivery: Delivery, values: dict[str, str]) -> Email:
        """This letter as one resident gets it. Values are plain text; they are escaped for the HTML here."""
        text, html = self.text, self.html
        headers = dict(self.headers)
        for name, mark in self.marks.items():
            text = text.replace(mark, values[name])
            html = html.replace(mark, escape(values[name]))
            headers = {header: value.replace(mark, values[name]) for header, value in headers.items()}
        headers = _marked(delivery, headers)
        return Email(
            delivery.address, self.subject, text, html, self.sender, message_id=_message_id(delivery), headers=headers
        )


def _marks(*names: str) -> dict[str, str]:
    # Random, so that nobody can write a mark into an alert; letters only, so that no renderer changes it.
    return {name: f"mark{secrets.token_hex(12)}{name}" for name in names}


def _list_headers(marks: dict[str, str], name: str, list_id: str, feedback: str) -> dict[str, str]:
    """What mailbox providers ask of mail to subscribers (RFC 2919, RFC 8058)."""
    return {
        "List-Id": f'"{name.replace(chr(34), "")}" <{list_id}.{envelopes.domain()}>',
        "List-Unsubscribe": f"<{marks['unsubscribe_url']}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        "Feedback-ID": f"{feedback}:metengage",
        "Auto-Submitted": "auto-generated",
    }


def alert(alert: Alert, places: list[Area]) -> Letter:
    """An alert, written once for everybody; `places` are those it is written to."""
    marks = _marks("why", "preferences_url", "unsubscribe_url")
    signature = alert.signature(places)
    subject, text, html = _written(
        "alert",
        alert=alert,
        signature=signature,
        where=listing([area.full_name for area in places]),
        text_body=writing.plain(alert.body),
        html_body=writing.html(alert.body),
        web_url=url_for("alerts.show", alert_id=alert.id, _external=True),
        **marks,
    )
    name = places[0].name if len(places) == 1 else signature
    headers = _list_headers(
        marks, name, f"{places[0].code.lower()}.alerts", f"{alert.id}:{alert.alert_type}" if alert.id else ""
    )
    sender = _from(settings.mail_default_sender, f"{signature}, {settings.service_name}")
    return Letter(subject, text, html, sender, headers, marks)


def alert_values(alert: Alert, resident: Resident, areas: list[Area]) -> dict[str, str]:
    """What is this resident's own in an alert: why they get it, and their two links."""
    where = listing([area.full_name for area in areas])
    return {"why": f"You get this email because you asked for {alert.type.short} in {where}."} | personal_links(
        resident, alert.id
    )


def sample_values(alert: Alert, areas: list[Area]) -> dict[str, str]:
    """The same for nobody in particular, for the officer's preview: its links lead nowhere private."""
    where = listing([area.full_name for area in areas])
    type_words = alert.type.short if alert.type else "these alerts"
    return {
        "why": f"You get this email because you asked for {type_words} in {where}.",
        "preferences_url": url_for("preferences.show", _external=True),
        "unsubscribe_url": url_for("preferences.show", _external=True),
    }


def digest(frequency: str, alerts: list[tuple[Alert, str]]) -> Letter:
    """What gathered since last time; `alerts` come with where each was written to."""
    marks = _marks("preferences_url", "unsubscribe_url")
    subject, text, html = _written(
        "digest",
        frequency=frequency,
        how_many=count(len(alerts), "alert"),
        alerts=[(each, where, url_for("alerts.show", alert_id=each.id, _external=True)) for each, where in alerts],
        **marks,
    )
    headers = _list_headers(marks, f"{frequency} digest", f"{frequency}.digest", f"{frequency}:digest")
    return Letter(subject, text, html, _from(settings.mail_default_sender, settings.service_name), headers, marks)


def personal_links(resident: Resident, alert_id: int | None) -> dict[str, str]:
    """The two links that only this resident may have."""
    return {
        "preferences_url": url_for(
            "preferences.open", token=links.sign(links.PREFERENCES, resident, alert_id), _external=True
        ),
        "unsubscribe_url": url_for(
            "preferences.unsubscribe", token=links.sign(links.UNSUBSCRIBE, resident, alert_id), _external=True
        ),
    }


# --- Who writes which ---


class NotNeeded(Exception):
    """This email must not or need not be sent; the message says why."""


def write_urgent(rows: list[Delivery]):
    """A function (row, now) → Email for confirmations, sign-in links and their kind. It may raise NotNeeded."""
    return _urgent


def _urgent(row: Delivery, now: datetime) -> Email:
    if row.kind == Delivery.STARTED:
        return started(row, row.waiting)
    if row.kind == Delivery.CONFIRM:
        if row.consent is None or row.consent.confirmed_at:
            raise NotNeeded("confirmed already")
        ward = Area.get_by_id(row.consent.answers["ward"])
        return confirm(row, links.issue(Link.CONFIRM, row.resident, now, row.consent), ward)
    if not row.resident.is_confirmed:
        raise NotNeeded("no longer a subscriber")
    return (known if row.kind == Delivery.KNOWN else sign_in)(row, links.issue(Link.SIGN_IN, row.resident, now))


def write_alert(alert_: Alert, rows: list[Delivery]):
    """A function (row, now) → Email for these rows of an alert. It may raise NotNeeded."""
    codes = audience.area_codes(alert_)
    reasons = audience.reasons(alert_.alert_type, codes, [row.resident_id for row in rows])
    letter = alert(alert_, areas.named(codes))

    def one(row: Delivery, now: datetime) -> Email:
        if row.resident_id not in reasons:
            raise NotNeeded("no longer subscribed")
        return letter.to(row, alert_values(alert_, row.resident, reasons[row.resident_id]))

    return one

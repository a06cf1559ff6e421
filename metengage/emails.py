"""The list of emails we can send.

An email is three templates in templates/emails: <name>.subject.txt, <name>.txt and <name>.html.
"""

import logging
import re
from collections.abc import Callable
from datetime import UTC, datetime
from email.header import Header
from email.headerregistry import Address
from email.utils import parseaddr

import css_inline
from flask import render_template, url_for
from peewee import PeeweeException

from metengage import envelopes, letters, links, writing
from metengage.config import settings
from metengage.formats import count, listed, listing
from metengage.letters import Letter
from metengage.mail import Email
from metengage.models import Alert, Area, Complaint, Delivery, Link, Resident, Waiting

log = logging.getLogger(__name__)


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


def _to_one_person(template: str, delivery: Delivery, **values) -> Email:
    """An email about somebody's account: confirmation, sign-in."""
    subject, text, html = _written(template, **values)
    envelope = envelopes.of(delivery.id, delivery.kind)
    return Email(
        to=delivery.address,
        subject=subject,
        text=text,
        html=html,
        sender=_from(settings.mail_account_sender, settings.service_name),
        headers={"Auto-Submitted": "auto-generated", **letters.marked(envelope.mark)},
        message_id=envelope.message_id,
        return_path=envelope.return_path,
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


def receipt(delivery: Delivery, complaint: Complaint) -> Email:
    """Acknowledges a complaint about how we handle data; it does not repeat what was written."""
    return _to_one_person("receipt", delivery, number=complaint.id, received=complaint.created_at)


def _phrase(name: str) -> str:
    """A name as it may stand before <…> in a header (RFC 5322): in quotes, or encoded when it is not ASCII."""
    name = re.sub(r'["\\]', "", name)
    return f'"{name}"' if name.isascii() else Header(name, "utf-8").encode()


def _list_headers(marks: dict[str, str], name: str, list_id: str, feedback: str) -> dict[str, str]:
    """What mailbox providers ask of mail to subscribers (RFC 2919, RFC 8058)."""
    return {
        "List-Id": f"{_phrase(name)} <{list_id}.{envelopes.domain()}>",
        "List-Unsubscribe": f"<{marks['unsubscribe_url']}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        "Feedback-ID": f"{feedback}:metengage",
        "Auto-Submitted": "auto-generated",
    }


def alert(alert: Alert, places: list[Area]) -> Letter:
    """An alert, written once for everybody; `places` are those it is written to."""
    marks = letters.marks("why", "preferences_url", "unsubscribe_url")
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
    return Letter(subject, text, html, sender, headers, marks, _seconds(alert.sending_at))


def alert_values(alert: Alert, resident: Resident, areas: list[Area]) -> dict[str, str]:
    """What is this resident's own in an alert: why they get it, and their two links."""
    return {"why": "".join(reason_for(alert)([area.full_name for area in areas]))} | personal_links(resident, alert.id)


def reason_for(alert: Alert) -> Callable[[list[str]], list[str]]:
    """A function (full names of areas) → why somebody gets this alert, in pieces: for what they chose, and where."""
    begin = f"You get this email because you asked for {alert.type.short if alert.type else 'these alerts'} in "
    return lambda places: [begin, *listed(sorted(places)), "."]


def sample_values(alert: Alert, areas: list[Area]) -> dict[str, str]:
    """The same for nobody in particular, for the officer's preview: its links lead nowhere private."""
    return {
        "why": "".join(reason_for(alert)([area.full_name for area in areas])),
        "preferences_url": url_for("preferences.show", _external=True),
        "unsubscribe_url": url_for("preferences.show", _external=True),
    }


def _seconds(moment: datetime | None) -> float | None:
    return moment.replace(tzinfo=UTC).timestamp() if moment else None


def digest(frequency: str, alerts: list[tuple[Alert, str]], until: datetime | None = None) -> Letter:
    """What gathered up to then; `alerts` come with where each was written to."""
    marks = letters.marks("preferences_url", "unsubscribe_url")
    subject, text, html = _written(
        "digest",
        frequency=frequency,
        how_many=count(len(alerts), "alert"),
        alerts=[(each, where, url_for("alerts.show", alert_id=each.id, _external=True)) for each, where in alerts],
        **marks,
    )
    headers = _list_headers(marks, f"{frequency} digest", f"{frequency}.digest", f"{frequency}:digest")
    sender = _from(settings.mail_default_sender, settings.service_name)
    return Letter(subject, text, html, sender, headers, marks, _seconds(until))


def personal_links(resident: Resident, alert_id: int | None) -> dict[str, str]:
    """The two links that only this resident may have."""
    own = letters.PersonalLinks(alert_id).of(resident.id, resident.link_version)
    return {name: link.header.decode() for name, link in own.items()}


# --- Who writes which ---


class NotNeeded(Exception):
    """This email must not or need not be sent; the message says why."""


class Unwritable(Exception):
    """A fault of ours in one email; the message says which."""


def unwritable(delivery_id: int, fault: Exception) -> Unwritable:
    """A fault of ours in one email must not hold up the others: it is logged, and they go on."""
    log.error("Delivery %s cannot be written", delivery_id, exc_info=fault)
    return Unwritable(f"the email could not be written ({type(fault).__name__})")


def urgent(row: Delivery, now: datetime) -> Email:
    """A confirmation, a sign-in link or their kind. May raise NotNeeded or Unwritable."""
    try:
        return _urgent(row, now)
    except (NotNeeded, PeeweeException):
        raise
    except Exception as fault:
        raise unwritable(row.id, fault) from fault


def _urgent(row: Delivery, now: datetime) -> Email:
    if row.kind == Delivery.STARTED:
        return started(row, row.waiting)
    if row.kind == Delivery.RECEIPT:
        return receipt(row, row.complaint)
    if row.kind == Delivery.CONFIRM:
        if row.consent is None or row.consent.confirmed_at:
            raise NotNeeded("confirmed already")
        ward = Area.get_by_id(row.consent.answers["ward"])
        return confirm(row, links.issue(Link.CONFIRM, row.resident, now, row.consent), ward)
    if not row.resident.is_confirmed:
        raise NotNeeded("no longer a subscriber")
    return (known if row.kind == Delivery.KNOWN else sign_in)(row, links.issue(Link.SIGN_IN, row.resident, now))

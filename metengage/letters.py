"""Letters to many: written once, then made each resident's own by their values and their links."""

import re
import secrets
from dataclasses import dataclass
from email.header import Header
from email.headerregistry import Address
from email.utils import parseaddr

import css_inline
from flask import render_template, url_for
from markupsafe import escape

from metengage import discretion, envelopes, links, mail, stencils
from metengage.config import settings
from metengage.mail import Email
from metengage.models import Delivery, Resident
from metengage.stencils import MARK, MESSAGE_ID, TO, Stencil, Value


@dataclass(frozen=True)
class Letter:
    """An email to many, written once, with marks where a person's own values go."""

    subject: str
    text: str
    html: str
    sender: str
    headers: dict[str, str]
    marks: dict[str, str]  # what a person's value is called → its mark in text and html
    date: float | None = None  # seconds since 1970: the same for everybody, and in a repeat

    def to(self, delivery: Delivery, values: dict[str, str]) -> Email:
        """This letter as one resident gets it. Values are plain text; they are escaped for the HTML here."""
        text, html = self.text, self.html
        headers = dict(self.headers)
        for name, mark in self.marks.items():
            text = text.replace(mark, values[name])
            html = html.replace(mark, escape(values[name]))
            headers = {header: value.replace(mark, values[name]) for header, value in headers.items()}
        envelope = envelopes.of(delivery.id, delivery.kind)
        headers |= marked(envelope.mark)
        return Email(
            delivery.address, self.subject, text, html, self.sender, envelope.message_id, envelope.return_path,
            headers, self.date,
        )  # fmt: skip

    def cut(self) -> Stencil:
        """The same for a million: what `to` gives each of them, as bytes for the wire."""
        own = marks(TO, MESSAGE_ID, MARK, "text", "html")
        to, message_id = f"{own[TO]}@example.org", f"<{own[MESSAGE_ID]}>"
        headers = self.headers | marked(own[MARK])
        email = Email(to, self.subject, own["text"], own["html"], self.sender, message_id, "", headers, self.date)
        bodies = {own["text"]: self.text, own["html"]: self.html}
        return Stencil(mail.as_bytes(email), bodies, self.marks | {TO: to, MESSAGE_ID: message_id, MARK: own[MARK]})


# --- How they are written ---


def written(template: str, is_discreet: bool = False, **values) -> tuple[str, str, str]:
    """The subject in one line, the text, and the HTML with its styles put inline.

    A discreet one shows nothing of it to who sees only its sender, its subject and how it begins: see discretion.
    """
    values |= {"service_name": settings.service_name, "is_discreet": is_discreet, "discretion": discretion}
    subject = " ".join(render_template(f"emails/{template}.subject.txt", **values).split())
    subject = subject.replace("=?", "= ?")  # nobody may write an encoded word, which could hold anything
    text = render_template(f"emails/{template}.txt", **values).strip() + "\n"
    if is_discreet:
        subject = discretion.subject(template)
        text = render_template("layouts/email_discreet.txt", **values).rstrip() + 5 * "\n" + text
    # What dark phones need is kept as a rule; all else is put inline, for mail programs that know no rules.
    html = css_inline.inline(render_template(f"emails/{template}.html", subject=subject, **values), keep_at_rules=True)
    return subject, text, html


def sender(address: str, name: str) -> str:
    """An address of ours with this name before it."""
    return str(Address(display_name=name, addr_spec=parseaddr(address)[1]))


def _phrase(name: str) -> str:
    """A name as it may stand before <…> in a header (RFC 5322): in quotes, or encoded when it is not ASCII."""
    name = re.sub(r'["\\]', "", name)
    return f'"{name}"' if name.isascii() else Header(name, "utf-8").encode()


def list_headers(unsubscribe_url: str, name: str, list_id: str, feedback: str) -> dict[str, str]:
    """What mailbox providers ask of mail to subscribers (RFC 2919, RFC 8058)."""
    return {
        "List-Id": f"{_phrase(name)} <{list_id}.{envelopes.domain()}>",
        "List-Unsubscribe": f"<{unsubscribe_url}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        "Feedback-ID": f"{feedback}:metengage",
        "Auto-Submitted": "auto-generated",
    }


def marked(mark: str) -> dict[str, str]:
    """The header that Postmark hands back when it reports a bounce; it takes it off."""
    return {"X-PM-Metadata-delivery": mark} if settings.bounces_postmark_password else {}


def marks(*names: str) -> dict[str, str]:
    # Random, so that nobody can write a mark into an alert; letters only, so that no renderer changes it.
    return {name: f"mark{secrets.token_hex(12)}{name.replace('_', '')}" for name in names}


class PersonalLinks:
    """Makes the links for one resident after the other, from one alert, at one moment."""

    def __init__(
        self, alert_id: int | None, has_story: bool = False, is_answered: bool = False, survey_id: int | None = None
    ):
        endpoints = {
            "preferences_url": ("preferences.open", links.PREFERENCES),
            "unsubscribe_url": ("preferences.unsubscribe", links.UNSUBSCRIBE),
        }
        if is_answered:
            endpoints |= {"rate_url": ("ratings.rate", links.RATE), "answer_url": ("answers.answer", links.ANSWER)}
        if has_story:
            endpoints["follow_url"] = ("stories.follow", links.FOLLOW)
        if survey_id:
            endpoints["survey_url"] = ("surveys.answer", links.SURVEY)
        about = {links.SURVEY: survey_id}
        self._made = {
            name: (
                stencils.link(url_for(endpoint, token="", _external=True)),
                links.signing(purpose, about.get(purpose, alert_id)),
            )
            for name, (endpoint, purpose) in endpoints.items()
        }

    def of(self, resident_id: int, link_version: int) -> dict[str, Value]:
        return {name: whole(signed(resident_id, link_version)) for name, (whole, signed) in self._made.items()}


def personal_links(resident: Resident, alert_id: int | None) -> dict[str, str]:
    """The links that only this resident may have, to change what they get and to stop."""
    own = PersonalLinks(alert_id).of(resident.id, resident.link_version)
    return {name: link.header.decode() for name, link in own.items()}

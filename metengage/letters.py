"""Letters to many: written once, then made each resident's own by their values and their two links."""

import secrets
from dataclasses import dataclass

from flask import url_for
from markupsafe import escape

from metengage import envelopes, links, mail, stencils
from metengage.config import settings
from metengage.mail import Email
from metengage.models import Delivery
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


def marked(mark: str) -> dict[str, str]:
    """The header that Postmark hands back when it reports a bounce; it takes it off."""
    return {"X-PM-Metadata-delivery": mark} if settings.bounces_postmark_password else {}


def marks(*names: str) -> dict[str, str]:
    # Random, so that nobody can write a mark into an alert; letters only, so that no renderer changes it.
    return {name: f"mark{secrets.token_hex(12)}{name.replace('_', '')}" for name in names}


class PersonalLinks:
    """Makes the two links for one resident after the other, from one alert, at one moment."""

    def __init__(self, alert_id: int | None):
        self._preferences = stencils.link(url_for("preferences.open", token="", _external=True))
        self._unsubscribe = stencils.link(url_for("preferences.unsubscribe", token="", _external=True))
        self._to_preferences = links.signing(links.PREFERENCES, alert_id)
        self._to_unsubscribe = links.signing(links.UNSUBSCRIBE, alert_id)

    def of(self, resident_id: int, link_version: int) -> dict[str, Value]:
        return {
            "preferences_url": self._preferences(self._to_preferences(resident_id, link_version)),
            "unsubscribe_url": self._unsubscribe(self._to_unsubscribe(resident_id, link_version)),
        }

"""The list of emails to one person that we can send.

An email is three templates in templates/emails: <name>.subject.txt, <name>.txt and <name>.html.
"""

import logging
from datetime import datetime

from flask import url_for
from peewee import PeeweeException

from metengage import envelopes, letters, links
from metengage.config import settings
from metengage.mail import Email
from metengage.models import Area, Delivery, Link, Waiting

log = logging.getLogger(__name__)


def _to_one_person(template: str, delivery: Delivery, **values) -> Email:
    """An email about somebody's account: confirmation, sign-in."""
    subject, text, html = letters.written(template, **values)
    envelope = envelopes.of(delivery.id, delivery.kind)
    return Email(
        to=delivery.address,
        subject=subject,
        text=text,
        html=html,
        sender=letters.sender(settings.mail_account_sender, settings.service_name),
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
    if row.kind == Delivery.CONFIRM:
        if row.consent is None or row.consent.confirmed_at:
            raise NotNeeded("confirmed already")
        ward = Area.get_by_id(row.consent.answers["ward"])
        return confirm(row, links.issue(Link.CONFIRM, row.resident, now, row.consent), ward)
    if not row.resident.is_confirmed:
        raise NotNeeded("no longer a subscriber")
    return (known if row.kind == Delivery.KNOWN else sign_in)(row, links.issue(Link.SIGN_IN, row.resident, now))

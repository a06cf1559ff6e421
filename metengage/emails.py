"""The list of emails to one person that we can send.

An email is three templates in templates/emails: <name>.subject.txt, <name>.txt and <name>.html.
"""

import logging
from datetime import datetime

from flask import url_for

from metengage import codes, discretion, envelopes, letters
from metengage.config import settings
from metengage.mail import Email
from metengage.models import Area, Complaint, Delivery, Officer, Team, Waiting

log = logging.getLogger(__name__)


def to_one_person(
    template: str, delivery: Delivery, sender: tuple[str, str] | None = None, headers: dict | None = None, **values
) -> Email:
    """An email to one person, about their account unless it says otherwise; `sender` is (address, name)."""
    whose = delivery.complaint.resident if delivery.complaint_id else delivery.resident
    is_discreet = bool(whose and whose.is_discreet)
    subject, text, html = letters.written(template, is_discreet, code=codes.code(codes.LETTER, delivery.id), **values)
    address, name = sender or (settings.mail_account_sender, settings.service_name)
    envelope = envelopes.of(delivery.id, delivery.kind)
    return Email(
        to=delivery.address,
        subject=subject,
        text=text,
        html=html,
        sender=letters.sender(address, discretion.SENDER if is_discreet else name),
        headers={"Auto-Submitted": "auto-generated", **(headers or {}), **letters.marked(envelope.mark)},
        message_id=envelope.message_id,
        return_path=envelope.return_path,
    )


# --- The emails ---


def confirm(delivery: Delivery, token: str, ward: Area, officer: Officer | None = None) -> Email:
    """Asks somebody who signed up, by themselves or with this officer, to confirm that it was them."""
    return to_one_person(
        "confirm", delivery, ward=ward, officer=officer,
        confirm_url=url_for("signup.confirm", token=token, _external=True),
    )  # fmt: skip


def reminder(delivery: Delivery, token: str, ward: Area, until: datetime, officer: Officer | None = None) -> Email:
    """Asks once more, before their sign-up is deleted."""
    return to_one_person(
        "reminder", delivery, ward=ward, until=until, officer=officer,
        confirm_url=url_for("signup.confirm", token=token, _external=True),
    )  # fmt: skip


def welcome(delivery: Delivery, ward: Area, team: Team | None, **values) -> Email:
    """Says who their team is and how to answer it, once they have confirmed.

    It is the first of what they subscribed to, with alerts in it that nobody asked for one by one: so it comes from
    where alerts come from, and can be stopped by the mail program's own button (RFC 8058).
    """
    own = letters.personal_links(delivery.resident, None)
    name = f"{team.name}, {settings.service_name}" if team else settings.service_name
    headers = letters.list_headers(own["unsubscribe_url"], ward.name, f"{ward.code.lower()}.alerts", "welcome")
    sender = (settings.mail_default_sender, name)
    return to_one_person("welcome", delivery, sender, headers, ward=ward, team=team, **own, **values)


def goodbye(delivery: Delivery, token: str, until: datetime, complained: bool = False, gave_up: bool = False) -> Email:
    """The last email to who has left, with the way back.

    `complained`: we still owe them an answer. `gave_up`: with leaving, they gave up places at events.
    """
    return_url = url_for("preferences.come_back", token=token, _external=True)
    besides = {"complained": complained, "gave_up": gave_up}
    return to_one_person("goodbye", delivery, until=until, return_url=return_url, **besides)


def known(delivery: Delivery, token: str) -> Email:
    """Answers a sign-up with an address that is confirmed already: here are your preferences."""
    return to_one_person(
        "known", delivery, name=delivery.resident.name,
        preferences_url=url_for("preferences.open", token=token, _external=True),
    )  # fmt: skip


def sign_in(delivery: Delivery, token: str) -> Email:
    """The magic link to one's preferences."""
    return to_one_person(
        "sign_in", delivery, name=delivery.resident.name,
        preferences_url=url_for("preferences.open", token=token, _external=True),
    )  # fmt: skip


def new_address(delivery: Delivery, token: str) -> Email:
    """Asks whoever has the new address whether our emails should go there. It may be a stranger's: it names nobody."""
    return to_one_person(
        "new_address", delivery, confirm_url=url_for("preferences.confirm_address", token=token, _external=True)
    )


def taken_address(delivery: Delivery) -> Email:
    """The same where the address is another resident's: nothing was changed, and nothing can be confirmed."""
    return to_one_person("taken_address", delivery, preferences_url=url_for("preferences.show", _external=True))


def old_address(delivery: Delivery) -> Email:
    """Tells the old address that our emails go to another one, and whom to turn to."""
    code = delivery.resident.home_id
    ward_url = url_for("areas.show", code=code, _external=True) if code else ""
    return to_one_person("old_address", delivery, name=delivery.resident.name, ward_url=ward_url)


def started(delivery: Delivery, waiting: Waiting) -> Email:
    """Tells somebody who left their address that their borough has started; the only email they get."""
    return to_one_person(
        "started", delivery, borough=waiting.borough, sign_up_url=url_for("signup.start", _external=True)
    )


def receipt(delivery: Delivery, complaint: Complaint) -> Email:
    """Acknowledges a complaint about how we handle data; it does not repeat what was written."""
    return to_one_person("receipt", delivery, number=complaint.id, received=complaint.created_at)


# --- To officers ---


def asked(delivery: Delivery) -> Email:
    """Asks who may decide on an alert to do so. A mailbox is less protected than our page: it holds no word of it."""
    return _to_officer("asked", delivery, "decide")


def returned(delivery: Delivery) -> Email:
    """Tells who asked that it was returned, with the comment."""
    return _to_officer("returned", delivery, "edit")


def approved(delivery: Delivery) -> Email:
    """Tells who asked that it was approved, and when it goes."""
    return _to_officer("approved", delivery, "watch")


def went_first(delivery: Delivery) -> Email:
    """Tells who may review it that an alert went before anybody approved it."""
    return _to_officer("went_first", delivery, "watch")


def _to_officer(template: str, delivery: Delivery, endpoint: str) -> Email:
    memo = delivery.memo
    url = url_for(f"officers.{endpoint}", alert_id=memo.alert_id, _external=True)
    about = {"alert": memo.alert, "decision": memo.decision, "why": memo.why}
    return to_one_person(template, delivery, officers_url=url, **about)


# --- What cannot be written ---


class NotNeeded(Exception):
    """This email must not or need not be sent; the message says why."""


class Unwritable(Exception):
    """A fault of ours in one email; the message says which."""


def unwritable(delivery_id: int, fault: Exception) -> Unwritable:
    """A fault of ours in one email must not hold up the others: it is logged, and they go on."""
    log.error("Delivery %s cannot be written", delivery_id, exc_info=fault)
    return Unwritable(f"the email could not be written ({type(fault).__name__})")

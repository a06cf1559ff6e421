"""What we sent under a code, for anybody who asks whether an email is genuine; never to whom."""

from dataclasses import dataclass, field
from datetime import datetime

from metengage import areas, audience, codes, standing
from metengage.choices import DAILY
from metengage.config import settings
from metengage.formats import day
from metengage.models import Alert, Delivery, Digest, DigestAlert, Held, Notice

# An email to one person → what it is, in words that hold for whoever got it.
LETTERS = {
    Delivery.CONFIRM: "A link to confirm a sign-up",
    Delivery.REMINDER: "A reminder with a link to confirm a sign-up",
    Delivery.KNOWN: "A link to open preferences, after a sign-up",
    Delivery.SIGN_IN: "A link to open preferences",
    Delivery.STARTED: "News that we have started in a borough",
    Delivery.WELCOME: "A welcome after signing up",
    Delivery.GOODBYE: "A goodbye with a link to come back",
    Delivery.NEW_ADDRESS: "A link to confirm a new email address",
    Delivery.OLD_ADDRESS: "News that an email address was changed",
    Delivery.RECEIPT: "A receipt for a complaint",
    Delivery.TRIAL: "A test of an alert, which an officer sent to themselves",
    Delivery.ASKED: "A note to an officer that an alert waits for approval",
    Delivery.RETURNED: "A note to an officer that an alert was returned",
    Delivery.APPROVED: "A note to an officer that an alert was approved",
    Delivery.WENT_FIRST: "A note to an officer that an alert went before it was approved",
    Delivery.NOTICE: "An email about what somebody told their team, or about an event that they booked",
}
NOTICES = {
    Notice.CONFIRM: "A link to confirm what somebody told their team",
    Notice.RECEIVED: "A receipt for what somebody told their team",
    Notice.WRITTEN: "What a team wrote back to somebody",
    Notice.LIMITED: "News that somebody may write to teams only so often for a while",
    Notice.BOOK: "A link to confirm a place at an event",
    Notice.BOOKED: "News that somebody has a place at an event",
    Notice.WAITING: "News that somebody waits for a place at an event",
    Notice.MOVED_UP: "News that somebody who waited has a place at an event",
    Notice.TOMORROW: "A reminder of an event",
    Notice.CHANGED: "News that an event is at another time or place",
    Notice.CANCELLED: "News that an event was cancelled",
    Notice.INFORMED: "A question to a resident, how well informed they feel",
    Notice.DUE: "A reminder to an officer that an answer is due",
    Notice.LATE: "A reminder to a supervisor that an answer is due",
    Notice.URGENT: "News to an officer that what somebody told their team may be urgent",
}


@dataclass(frozen=True)
class Proof:
    """What a code stands for."""

    code: str  # as we write it
    what: str
    by: str  # the team, or the service
    sent_at: datetime
    alert: Alert | None = None  # the one that it is
    is_trial: bool = False  # of an alert that residents may never get, or in other words
    may_hold: list[Alert] = field(default_factory=list)  # those that a digest has for one resident or another


def of(text: str) -> Proof | None:
    """What the email with this code is; None when the code is not ours, or nothing was sent under it."""
    sent = codes.read(text)
    return _PROOFS[sent.kind](sent.id) if sent else None


def _alert(id: int) -> Proof | None:
    alert = Alert.get_or_none(Alert.id == id)
    if alert is None or not alert.is_public:
        return None
    places = areas.named(audience.area_codes(alert))
    code, by = codes.code(codes.ALERT, id), f"the {alert.signature(places)}"
    return Proof(code, _what(alert), by, alert.sending_at, standing.first_of(alert))


def _what(alert: Alert) -> str:
    """Of what was withdrawn, nothing is said here but that."""
    (shown,) = standing.as_it_is([alert])
    if shown.is_withdrawal:
        return f"News that we withdrew “{shown.title}”"
    if shown.mark == standing.WITHDRAWN:
        return f"“{shown.title}”, which we withdrew since"
    if shown.corrects_id:
        return f"A correction of the alert “{shown.title}”"
    return f"The alert “{shown.title}”{', which we corrected since' if shown.mark else ''}"


def _digest(id: int) -> Proof | None:
    digest = Digest.get_or_none(Digest.id == id)
    if digest is None or digest.prepared_at is None:
        return None
    held = Held.select(Held.alert).where(Held.digest == digest)
    its = DigestAlert.select(DigestAlert.alert).where(DigestAlert.digest == digest)
    public = Alert.state.in_((Alert.SENDING, Alert.SENT))
    alerts = Alert.select().where(Alert.id.in_(its) | Alert.id.in_(held), public).order_by(Alert.sending_at.desc())
    what = f"The {'daily' if digest.frequency == DAILY else 'weekly'} email of {day(digest.until)}"
    return Proof(
        codes.code(codes.DIGEST, id), what, settings.service_name, digest.until, may_hold=standing.as_it_is(alerts)
    )


def _letter(id: int) -> Proof | None:
    row = Delivery.get_or_none(Delivery.id == id)
    if row is None or row.state != Delivery.SENT or row.kind not in LETTERS:
        return None
    is_trial = row.kind == Delivery.TRIAL
    what = NOTICES.get(row.notice.kind if row.notice else "", LETTERS[row.kind])
    return Proof(codes.code(codes.LETTER, id), what, settings.service_name, row.sent_at, None, is_trial)


_PROOFS = {codes.ALERT: _alert, codes.DIGEST: _digest, codes.LETTER: _letter}

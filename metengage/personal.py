"""Emails to one person: which of them a row asks for, and what goes into it."""

from datetime import datetime, timedelta

from peewee import PeeweeException

from metengage import alerts, areas, codes, emails, links, mailings, officers, priorities, standing, subscriptions
from metengage.choices import ALERT_TYPES
from metengage.emails import NotNeeded
from metengage.formats import count, listing
from metengage.mail import Email
from metengage.models import Alert, AlertArea, Area, Booking, Complaint, Decision, Delivery, Link, Resident

LATEST = 3  # alerts of the ward that a welcome names
NAMED = 3  # areas that it names, before it only counts
OLDEST = timedelta(days=365)  # what is older tells nothing of a ward today


def written(row: Delivery, now: datetime) -> Email:
    """The email that this row asks for. May raise emails.NotNeeded or emails.Unwritable."""
    try:
        return _WRITERS[row.kind](row, now)
    except (NotNeeded, PeeweeException):
        raise
    except Exception as fault:
        raise emails.unwritable(row.id, fault) from fault


# --- Before they are residents ---


def _started(row: Delivery, now: datetime) -> Email:
    return emails.started(row, row.waiting)


def _confirm(row: Delivery, now: datetime) -> Email:
    ward = _still_to_confirm(row)
    return emails.confirm(row, links.issue(Link.CONFIRM, row.resident, now, row.consent), ward, row.consent.officer)


def _reminder(row: Delivery, now: datetime) -> Email:
    ward = _still_to_confirm(row)
    until = row.consent.created_at + links.LIFETIME[Link.CONFIRM]
    if row.resident.is_confirmed or until <= now:
        raise NotNeeded("confirmed already, or too late to")
    token = links.issue(Link.CONFIRM, row.resident, now, row.consent, until)
    return emails.reminder(row, token, ward, until, row.consent.officer)


def _still_to_confirm(row: Delivery) -> Area:
    """The ward that somebody signed up for and has not confirmed."""
    if row.consent is None or row.consent.confirmed_at:
        raise NotNeeded("confirmed already")
    return Area.get_by_id(row.consent.answers["ward"])


def _receipt(row: Delivery, now: datetime) -> Email:
    return emails.receipt(row, row.complaint)


# --- For officers ---


def specimen(alert: Alert, row: Delivery, code: str = "") -> Email:
    """An alert as a resident would get it, or with another code; its personal links lead to nobody's page."""
    places = alerts.written_to(alert) or officers.wards_of(alert.team)
    return mailings.alert(alert, places, code=code).to(row, mailings.sample_values(alert, places))


def _trial(row: Delivery, now: datetime) -> Email:
    """It may never be sent, or say something else then: its code proves that it is a trial, and not the alert."""
    return specimen(_seen_by_its_reader(row), row, codes.code(codes.LETTER, row.id))


_GOING = (Alert.SCHEDULED, Alert.SENDING, Alert.SENT)
# What was decided on an alert → the email that tells of it, and in which states of the alert that holds.
_MEMOS = {
    Delivery.ASKED: (emails.asked, (Alert.AWAITING,)),
    Delivery.RETURNED: (emails.returned, (Alert.DRAFT,)),
    Delivery.APPROVED: (emails.approved, _GOING),
    Delivery.WENT_FIRST: (emails.went_first, _GOING),
}


def _memo(row: Delivery, now: datetime) -> Email:
    alert, (write, states) = _seen_by_its_reader(row), _MEMOS[row.kind]
    later = Decision.select().where(Decision.alert == alert, Decision.id > row.memo.decision_id)
    if alert.state not in states or later.exists():
        raise NotNeeded("something else was decided since")
    return write(row)


def _seen_by_its_reader(row: Delivery) -> Alert:
    """The alert of a memo, while whoever it is for works here and may see that."""
    alert = alerts.alert_for(row.memo.officer, row.memo.alert_id)
    if alert is None or row.memo.officer.suspended_at:
        raise NotNeeded("no longer an officer of its team")
    return alert


# --- While they are ---


def _known(row: Delivery, now: datetime) -> Email:
    return emails.known(row, links.issue(Link.SIGN_IN, _subscriber(row), now))


def _sign_in(row: Delivery, now: datetime) -> Email:
    return emails.sign_in(row, links.issue(Link.SIGN_IN, _subscriber(row), now))


def _welcome(row: Delivery, now: datetime) -> Email:
    resident = _subscriber(row)
    chosen = subscriptions.of(resident)
    if not chosen:
        raise NotNeeded("hears about nothing")
    ward = resident.home
    team = officers.team_of(ward)
    return emails.welcome(
        row, ward, team,
        people=[each.name for each in officers.people_in(team)] if team else [],
        chosen=_in_words(chosen, ward),
        priorities=priorities.set_in(ward),
        latest=standing.as_it_is(_sent_to(ward, now).limit(LATEST)),
    )  # fmt: skip


def _sent_to(ward: Area, now: datetime):
    """A query for the alerts that went to a ward or its borough in the last year and still hold, newest first."""
    rows = Alert.select().join(AlertArea).where(AlertArea.area.in_([ward.code, ward.borough.code])).distinct()
    rows = rows.where(Alert.state.in_((Alert.SENDING, Alert.SENT)), Alert.sending_at > now - OLDEST)
    rows = rows.where(Alert.corrects.is_null(), Alert.id.not_in(standing.withdrawn()))
    return rows.order_by(Alert.sending_at.desc())


def _in_words(chosen: dict, home: Area) -> str:
    """What somebody hears, in a line: “appeals and meetings and events for St Helier, Merton, weekly”."""
    types = {choice.alert_type for choice in chosen}
    codes = sorted({choice.area for choice in chosen}, key=lambda code: (code != home.code, code))
    names = [area.full_name for area in areas.named(codes)]
    if len(names) > NAMED:
        names[NAMED:] = [count(len(names) - NAMED, "more area")]
    often = list(dict.fromkeys(choice.frequency for choice in chosen))
    kinds = listing([each.short for slug, each in ALERT_TYPES.items() if slug in types])
    return f"{kinds} for {listing(names)}, {listing(often)}"


def _subscriber(row: Delivery) -> Resident:
    if not row.resident.is_confirmed:
        raise NotNeeded("no longer a subscriber")
    return row.resident


def _new_address(row: Delivery, now: datetime) -> Email:
    others = (Resident.email == row.address) & (Resident.id != _subscriber(row).id)
    if Resident.select().where(others, Resident.state == Resident.CONFIRMED).exists():
        return emails.taken_address(row)
    token = links.issue(Link.ADDRESS, row.resident, now, address_change=row.address_change)
    return emails.new_address(row, token)


def _old_address(row: Delivery, now: datetime) -> Email:
    _subscriber(row)
    return emails.old_address(row)


# --- When they have left ---


def _goodbye(row: Delivery, now: datetime) -> Email:
    """Only for the leaving that it was made for: who came back meanwhile has not left."""
    if row.resident.state != Resident.LEFT or row.resident.left_at != row.created_at:
        raise NotNeeded("came back")
    until = row.resident.left_at + links.SIGNED_LIFETIME[links.RETURN]
    unanswered = Complaint.select().where(Complaint.resident == row.resident_id, Complaint.answered_at.is_null())
    gave_up = Booking.select().where(Booking.resident == row.resident_id, Booking.ended_at == row.resident.left_at)
    token = links.sign(links.RETURN, row.resident)
    return emails.goodbye(row, token, until, unanswered.exists(), gave_up.exists())


_WRITERS = {
    Delivery.STARTED: _started,
    Delivery.RECEIPT: _receipt,
    Delivery.CONFIRM: _confirm,
    Delivery.REMINDER: _reminder,
    Delivery.KNOWN: _known,
    Delivery.SIGN_IN: _sign_in,
    Delivery.WELCOME: _welcome,
    Delivery.NEW_ADDRESS: _new_address,
    Delivery.OLD_ADDRESS: _old_address,
    Delivery.GOODBYE: _goodbye,
    Delivery.TRIAL: _trial,
    **dict.fromkeys(_MEMOS, _memo),
}

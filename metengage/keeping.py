"""Keeps nothing for longer than promised: what the clock forgets, a slice of each kind at a time.

Each finds what is due by an index or from the oldest row on, so that a million residents cost nothing while nothing is
due. Conditions are written in the words of those indexes.
"""

from datetime import datetime, timedelta
from itertools import takewhile
from operator import itemgetter

from peewee import SQL, fn

from metengage import db, deliveries, holdings, limits, links, retention
from metengage.models import (
    Answer,
    Booking,
    Complaint,
    Concern,
    Consent,
    Doorstep,
    Event,
    Follow,
    Held,
    Informed,
    Journal,
    Memo,
    Message,
    Muted,
    Notice,
    Photo,
    Priority,
    Rating,
    Resident,
    Restriction,
    Subscription,
    Survey,
    Vote,
    Waiting,
)

SLICE = 5_000  # rows of a kind each minute: seven million a day
MEMOS = timedelta(days=7)  # of staff, so that no term of the privacy notice is about them
DOORSTEPS = timedelta(days=28)  # the same; what waits on a tablet is gone after seven days (door.js)
PEOPLE = 50  # residents each minute, each in a moment of its own: seventy thousand a day


def forget(now: datetime) -> None:
    """All that may no longer be kept, as far as a minute's share goes."""
    for errand in (
        *(forget_unconfirmed, forget_left, forget_history, forget_deliveries, forget_waiting),
        *(
            forget_held,
            unlink_journal,
            unlink_ratings,
            unlink_answers,
            unlink_informed,
            forget_memos,
            forget_doorsteps,
            blank_complaints,
            blank_concerns,
            unlink_votes,
            forget_restrictions,
            forget_notices,
            forget_asked,
            unlink_bookings,
            links.forget_expired,
            limits.forget_old,
        ),
    ):
        errand(now)


# --- People ---


def forget_unconfirmed(now: datetime) -> int:
    """Delete sign-ups and concerns that nobody confirmed in seven days, and people who never did; how many people."""
    old = now - retention.UNCONFIRMED.time
    unconfirmed = Consent.confirmed_at.is_null() & (Consent.created_at < old)
    with db.handle.atomic():
        Consent.delete().where(Consent.id.in_(_taken(Consent, unconfirmed, SLICE)), unconfirmed).execute()
    unsent = (Concern.state == SQL("'unconfirmed'")) & (Concern.created_at < old)
    Concern.delete().where(Concern.id.in_(_some(Concern, unsent)), unsent).execute()
    never = (Resident.state == SQL("'pending'")) & (Resident.created_at < old) & ~_signs_up()
    with db.handle.atomic():
        gone = _taken(Resident, never, PEOPLE)
        deliveries.forget(gone)
        return Resident.delete().where(Resident.id.in_(gone)).execute()


def forget_left(now: datetime) -> int:
    """Erase who left 28 days ago, keeping a row without a person; returns how many people.

    Who has signed up again in the last of them, and not confirmed it yet, has their seven days for that, and no more.
    """
    due, latest = now - retention.LEFT.time, now - retention.LEFT.time - retention.UNCONFIRMED.time
    over = (Resident.state == SQL("'left'")) & (Resident.left_at < due) & (~_signs_up() | (Resident.left_at < latest))
    people = Resident.select().where(over).order_by(Resident.left_at).limit(PEOPLE)
    return sum(holdings.erase(each, "28 days after leaving", now, still=over) for each in list(people))


def _signs_up():
    """An expression: this resident has agreed to, asked for or told something, and not confirmed it yet."""
    hopeful = Consent.select(SQL("1")).where(Consent.resident == Resident.id, Consent.confirmed_at.is_null())
    asked = Booking.select(SQL("1")).where(Booking.resident == Resident.id, Booking.state == SQL("'asked'"))
    told = Concern.select(SQL("1")).where(Concern.resident == Resident.id, Concern.state == SQL("'unconfirmed'"))
    return fn.EXISTS(hopeful) | fn.EXISTS(asked) | fn.EXISTS(told)


# --- What has ended ---


def forget_history(now: datetime) -> int:
    """Delete subscriptions and follows that ended a year ago; returns how many."""
    old = now - retention.HISTORY.time
    return sum(_delete(table, table.ended_at < old) for table in (Subscription, Follow))


def forget_deliveries(now: datetime) -> int:
    """Delete what is known of emails of a year ago, with what came back of them; returns how many."""
    return deliveries.forget_old(now - retention.DELIVERIES.time, SLICE)


def forget_waiting(now: datetime) -> int:
    """Delete addresses whose borough has not started in two years; returns how many."""
    old = _oldest(Waiting, Waiting.created_at < now - retention.WAITING.time)
    return Waiting.delete().where(Waiting.id.in_(old)).execute()


def forget_held(now: datetime) -> int:
    """Delete what has waited for an email that never came, or was sent in it; returns how many."""
    old = _oldest(Held, Held.held_at < now - retention.HELD.time)
    return Held.delete().where(Held.id.in_(old)).execute()


def unlink_journal(now: datetime) -> int:
    """Leave the journal's lines of a year ago, but not whose record they are about; returns how many."""
    old = Journal.resident.is_null(False) & (Journal.at < now - retention.JOURNAL.time)
    return holdings.forget(Journal, Journal.id.in_(_some(Journal, old)))


def unlink_ratings(now: datetime) -> int:
    """Leave what was said of alerts a year ago, but not by whom; returns how many."""
    old = Rating.resident.is_null(False) & (Rating.at < now - retention.RATINGS.time)
    return holdings.forget(Rating, Rating.id.in_(_some(Rating, old)))


def unlink_answers(now: datetime) -> int:
    """Leave what was chosen in surveys that closed 90 days ago, but not by whom, nor what they wrote; how many."""
    closed = Survey.select(Survey.id).where(Survey.closed_at < now - retention.SURVEYS.time)
    told = Answer.resident.is_null(False) | Answer.texts.is_null(False)
    return holdings.forget(Answer, Answer.id.in_(_some(Answer, Answer.survey.in_(closed) & told)))


def unlink_informed(now: datetime) -> int:
    """Leave how well informed somebody felt a year ago, but not who; returns how many."""
    old = Informed.resident.is_null(False) & (Informed.at < now - retention.INFORMED.time)
    return holdings.forget(Informed, Informed.id.in_(_some(Informed, old)))


def forget_memos(now: datetime) -> int:
    """Delete which officer was told what of an alert a week ago; returns how many."""
    old = [memo.id for memo in _some(Memo, Memo.created_at < now - MEMOS)]
    return deliveries.forget_memos(old)


def forget_doorsteps(now: datetime) -> int:
    """Delete what was brought from doors four weeks ago, and nobody can send again; returns how many."""
    old = _oldest(Doorstep, Doorstep.at < now - DOORSTEPS)
    return Doorstep.delete().where(Doorstep.id.in_(old)).execute()


def blank_complaints(now: datetime) -> int:
    """Leave the dates of complaints that were answered three years ago, and no more; returns how many."""
    old = now - retention.COMPLAINTS.time
    return holdings.forget(Complaint, (Complaint.created_at < old) & (Complaint.answered_at < old))


def blank_concerns(now: datetime) -> int:
    """Leave of concerns that were closed a year ago that they were there, and when they were answered; how many."""
    old = (Concern.state == SQL("'closed'")) & (Concern.closed_at < now - retention.CONCERNS.time)
    filled = Concern.resident.is_null(False) | (Concern.text != "")
    due = [row.id for row in _some(Concern, old & filled)]
    with db.handle.atomic():
        for table in (Photo, Message):
            holdings.forget(table, table.concern.in_(due))
        return holdings.forget(Concern, Concern.id.in_(due))


def unlink_votes(now: datetime) -> int:
    """Leave how many voted for priorities that were closed a year ago, but not who; returns how many rows."""
    old = Priority.select(Priority.id).where(Priority.closed_at < now - retention.VOTES.time)
    theirs = [(table, table.priority.in_(old) & table.resident.is_null(False)) for table in (Vote, Muted)]
    return sum(holdings.forget(table, which) for table, which in theirs)


def forget_restrictions(now: datetime) -> int:
    """Delete limits that ended a year ago; returns how many."""
    return _delete(Restriction, Restriction.until < now - retention.RESTRICTIONS.time)


def forget_notices(now: datetime) -> int:
    """Delete which email of a year ago told of what; returns how many."""
    old = _oldest(Notice, Notice.created_at < now - retention.DELIVERIES.time)
    return Notice.delete().where(Notice.id.in_(old)).execute()


def forget_asked(now: datetime) -> int:
    """Delete bookings that somebody asked for by an address and never confirmed; returns how many."""
    return _delete(Booking, (Booking.state == SQL("'asked'")) & (Booking.at < now - retention.UNCONFIRMED.time))


def unlink_bookings(now: datetime) -> int:
    """Leave of events of a month ago how many booked and came, but not who; returns how many bookings."""
    over = Event.select(Event.id).where(Event.ends_at < now - retention.BOOKINGS.time)
    theirs = Booking.resident.is_null(False) & Booking.event.in_(over)
    return holdings.forget(Booking, Booking.id.in_(_some(Booking, theirs)))


# --- Slices ---


def _some(table, which, most: int = SLICE):
    return table.select(table.id).where(which).limit(most)


def _delete(table, which) -> int:
    return table.delete().where(table.id.in_(_some(table, which))).execute()


def _oldest(table, which) -> list[int]:
    """The ids of rows that are due, from the first row on: a later row has a higher number and is due later."""
    rows = table.select(table.id, which).order_by(table.id).limit(SLICE)
    return [row_id for row_id, _ in takewhile(itemgetter(1), rows.tuples())]


def _taken(table, which, most: int) -> list[int]:
    """The ids of some rows, ours until the transaction ends; those that somebody else has in hand are left out."""
    some = _some(table, which, most)
    some = some.for_update("FOR UPDATE SKIP LOCKED", of=table) if db.is_postgresql() else some
    return [row.id for row in some]

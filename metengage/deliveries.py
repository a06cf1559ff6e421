"""Prepare, claim, send, retry, skip: one row per email.

The row is the truth. A worker claims a batch by a guarded UPDATE, marks each row as soon as the mail server has
taken its email, and gives back what it did not get to. What a killed worker held goes back after Delivery.LEASE.
"""

import logging
import secrets
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

from peewee import PeeweeException, Value

from metengage import audience, db, emails, mail, suppressions
from metengage.choices import IMMEDIATELY
from metengage.config import settings
from metengage.models import Alert, Area, Consent, Delivery, Digest, Resident, Waiting

log = logging.getLogger(__name__)

BATCH = 100
BATCH_SECONDS = 20  # a slow server gets smaller batches, so that nobody waits behind them and no lease runs out
WAITS = [timedelta(minutes=minutes) for minutes in (1, 5, 15, 60)]  # after the first, second … temporary failure
LAST_WAIT = timedelta(hours=4)
GIVE_UP = timedelta(hours=24)
URGENT = (Delivery.CONFIRM, Delivery.KNOWN, Delivery.SIGN_IN, Delivery.STARTED)


class Unwritable(Exception):
    """A fault of ours in one email; the message says which."""


# --- Make rows ---


def to_resident(kind: str, resident: Resident, now: datetime, consent: Consent | None = None) -> Delivery:
    """One urgent email to one resident."""
    return Delivery.create(kind=kind, resident=resident, consent=consent, created_at=now, due_at=now)


def to_waiting(borough: Area, now: datetime) -> int:
    """One email to each address that waits for this borough; returns how many."""
    waiting = list(Waiting.select().where(Waiting.borough == borough))
    for each in waiting:
        Delivery.create(kind=Delivery.STARTED, waiting=each, created_at=now, due_at=now)
    return len(waiting)


def prepare_alert(alert: Alert, now: datetime) -> None:
    """A pending row for each resident that this alert reaches at once. Twice is no more than once."""
    residents = audience.of(alert.alert_type, audience.area_codes(alert), IMMEDIATELY)
    with db.handle.atomic():
        Delivery.insert_from(
            _a_row_for_each(residents, Delivery.ALERT, alert.id, now), _ROW[:2] + [Delivery.alert] + _ROW[2:]
        ).on_conflict_ignore().execute()
        size = Delivery.select().where(Delivery.alert == alert).count()
        Alert.update(prepared_at=now, audience_size=size).where(
            Alert.id == alert.id, Alert.prepared_at.is_null()
        ).execute()


def prepare_digest(digest: Digest, residents, now: datetime) -> None:
    """A pending row for each of the residents (a query for their ids). Twice is no more than once."""
    Delivery.insert_from(
        _a_row_for_each(residents, Delivery.DIGEST, digest.id, now), _ROW[:2] + [Delivery.digest] + _ROW[2:]
    ).on_conflict_ignore().execute()


_ROW = [Delivery.kind, Delivery.resident, Delivery.state, Delivery.attempts, Delivery.created_at, Delivery.due_at]


def _a_row_for_each(residents, kind: str, about: int, now: datetime):
    return Resident.select(
        Value(kind), Resident.id, Value(about), Value(Delivery.PENDING), Value(0), Value(now), Value(now)
    ).where(Resident.id.in_(residents), Resident.state == Resident.CONFIRMED)


# --- Send ---


def send_urgent(clock: Callable[[], datetime] = db.now) -> int:
    """Send a batch of confirmations and sign-in links; returns how many rows were dealt with, 0 when none is due."""
    return send_batch(Delivery.kind.in_(URGENT), emails.write_urgent, clock)


def send_alert(alert: Alert, clock: Callable[[], datetime] = db.now) -> int:
    """Send a batch of an alert and close it after the last; returns how many rows were dealt with."""
    Alert.update(worked_at=clock()).where(Alert.id == alert.id).execute()
    done = send_batch(Delivery.alert == alert, partial(emails.write_alert, alert), clock)
    close_if_done(alert, clock())
    return done


def close_if_done(alert: Alert, now: datetime) -> bool:
    """Call an alert sent once no row of it is pending or under way; True when this call did it."""
    open_rows = Delivery.select().where(
        Delivery.alert == alert, Delivery.state.in_((Delivery.PENDING, Delivery.SENDING))
    )
    if open_rows.exists():
        return False
    return (
        Alert.update(state=Alert.SENT, sent_at=now)
        .where(Alert.id == alert.id, Alert.state == Alert.SENDING, Alert.prepared_at.is_null(False))
        .execute()
        == 1
    )


def send_batch(wanted, write: Callable, clock: Callable[[], datetime]) -> int:
    """Claim a batch of the rows that `wanted` (an expression) describes, and send it.

    `write(rows)` gives a function (row, now) → Email, which may raise emails.NotNeeded.
    Returns how many rows were dealt with.
    """
    rows = _claim(wanted, clock())
    if rows:
        _work_through(rows, write(rows), clock)
    return len(rows)


def _claim(wanted, now: datetime) -> list[Delivery]:
    """Take a batch of due rows. Rows that another worker takes at the same moment are its own."""
    claim = secrets.token_hex(16)
    due = (
        Delivery.select(Delivery.id)
        .where(wanted, Delivery.state == Delivery.PENDING, Delivery.due_at <= now)
        .order_by(Delivery.id)
        .limit(BATCH)
    )
    if db.is_postgresql():
        due = due.for_update("FOR UPDATE SKIP LOCKED")
    with db.handle.atomic():
        # As a list: PostgreSQL may run a subquery anew for each row, and then claim far more than a batch.
        ids = [row.id for row in due]
        Delivery.update(state=Delivery.SENDING, claim=claim, claimed_at=now, attempts=Delivery.attempts + 1).where(
            Delivery.id.in_(ids), Delivery.state == Delivery.PENDING
        ).execute()
    return list(
        Delivery.select(Delivery, Resident, Waiting)
        .left_outer_join(Resident)
        .switch(Delivery)
        .left_outer_join(Waiting)
        .where(Delivery.claim == claim, Delivery.state == Delivery.SENDING)
        .order_by(Delivery.id)
    )


def _work_through(rows: list[Delivery], write_one, clock: Callable[[], datetime]) -> None:
    """Send these rows over as few connections as the server allows."""
    forbidden = suppressions.among([row.address for row in rows if row.address])
    deadline = time.monotonic() + BATCH_SECONDS
    # A worker that was put to sleep wakes up too late: others may have taken its rows over by then.
    lease_ends = rows[0].claimed_at + Delivery.LEASE / 2
    waiting = list(rows)
    while waiting:
        before = len(waiting)
        try:
            with mail.road() as road:
                while waiting and time.monotonic() < deadline and clock() < lease_ends:
                    _send_one(waiting[0], road, write_one, forbidden, clock())
                    waiting.pop(0)
            break
        except mail.RoadClosed as trouble:
            if len(waiting) == before:  # this connection did not carry a single email: leave the server in peace
                for row in waiting:
                    _postpone(row, str(trouble), clock())
                return
            _postpone(waiting.pop(0), str(trouble), clock())
    for row in waiting:
        _give_back(row)


def _send_one(row: Delivery, road: mail.Road, write_one, forbidden: set[str], now: datetime) -> None:
    started = time.monotonic()
    try:
        if row.address is None:
            raise emails.NotNeeded("the address is gone")
        if row.address in forbidden:
            raise emails.NotNeeded("the address is suppressed")
        if row.kind in (Delivery.ALERT, Delivery.DIGEST) and not _is_subscriber(row.resident_id):
            raise emails.NotNeeded("no longer a subscriber")
        _write_and_send(row, road, write_one, now)
    except emails.NotNeeded as reason:
        _mark(row, state=Delivery.SKIPPED, reason=str(reason))
    except Unwritable as fault:
        _postpone(row, str(fault), now)
    except mail.Refused as refusal:
        if refusal.is_final:
            _mark(row, state=Delivery.FAILED, reason=str(refusal))
        else:
            _postpone(row, str(refusal), now)
    else:
        _mark(row, state=Delivery.SENT, sent_at=now, reason=None)
        if row.kind == Delivery.STARTED:
            Waiting.delete().where(Waiting.id == row.waiting_id).execute()
        if settings.send_rate:
            time.sleep(max(0.0, 1 / settings.send_rate - (time.monotonic() - started)))


def _is_subscriber(resident_id: int) -> bool:
    """Looked up anew for each email: who leaves while a batch is under way gets nothing more."""
    return Resident.select().where(Resident.id == resident_id, Resident.state == Resident.CONFIRMED).exists()


def _write_and_send(row: Delivery, road: mail.Road, write_one: Callable, now: datetime) -> None:
    """Write and send one email. A fault of ours in one must not hold up the others."""
    try:
        road.send(write_one(row, now))
    except (emails.NotNeeded, mail.Refused, mail.RoadClosed, PeeweeException):
        raise
    except Exception as fault:
        log.exception("Delivery %s cannot be written", row.id)
        raise Unwritable(f"the email could not be written ({type(fault).__name__})") from fault


def _mark(row: Delivery, **values) -> None:
    """Change a row that is still ours; one that was taken from us is left alone."""
    Delivery.update(claim=None, **values).where(
        Delivery.id == row.id, Delivery.claim == row.claim, Delivery.state == Delivery.SENDING
    ).execute()


def _postpone(row: Delivery, why: str, now: datetime) -> None:
    wait = WAITS[row.attempts - 1] if row.attempts <= len(WAITS) else LAST_WAIT
    if now + wait > row.created_at + GIVE_UP:
        _mark(row, state=Delivery.FAILED, reason=f"given up after a day: {why}"[:200])
    else:
        _mark(row, state=Delivery.PENDING, reason=why[:200], due_at=now + wait)


def _give_back(row: Delivery) -> None:
    _mark(row, state=Delivery.PENDING, attempts=Delivery.attempts - 1)


def recover(now: datetime) -> int:
    """Give back what killed workers held; returns how many rows."""
    return Delivery.update(state=Delivery.PENDING, claim=None, due_at=now).where(Delivery.is_lost(now)).execute()


def urgent_is_waiting(now: datetime) -> bool:
    """Whether confirmations or sign-in links are due, rung for or not."""
    return (
        Delivery.select()
        .where(Delivery.kind.in_(URGENT), Delivery.state == Delivery.PENDING, Delivery.due_at <= now)
        .exists()
    )

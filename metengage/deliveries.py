"""Prepare, claim, send, retry, skip: one row per email.

The row is the truth. A worker claims a batch by a guarded UPDATE, marks each row as soon as the mail server has
taken its email, and gives back what it did not get to. What a killed worker held goes back after Delivery.LEASE.
"""

import logging
import secrets
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import cache

from peewee import PeeweeException, Value, fn

from metengage import areas, audience, db, emails, links, mail
from metengage.choices import IMMEDIATELY
from metengage.config import settings
from metengage.models import Alert, Area, Consent, Delivery, Digest, Link, Resident, Waiting

log = logging.getLogger(__name__)

BATCH = 100
BATCH_SECONDS = 20  # a slow server gets smaller batches, so that nobody waits behind them and no lease runs out
WAITS = [timedelta(minutes=minutes) for minutes in (1, 5, 15, 60)]  # after the first, second … temporary failure
LAST_WAIT = timedelta(hours=4)
GIVE_UP = timedelta(hours=24)
URGENT = (Delivery.CONFIRM, Delivery.KNOWN, Delivery.SIGN_IN, Delivery.STARTED)


class Skip(Exception):
    """This email must not or need not be sent; the message says why."""


class Unwritable(Exception):
    """A fault of ours in one email; the message says which."""


# --- Make rows ---


def to_resident(kind: str, resident: Resident, now: datetime, consent: Consent | None = None) -> Delivery:
    """One urgent email to one resident."""
    return Delivery.create(kind=kind, resident=resident, consent=consent, created_at=now, due_at=now)


def to_waiting(borough: Area, now: datetime) -> int:
    """One email to each address that waits for this borough; returns how many."""
    rows = [
        {"kind": Delivery.STARTED, "waiting": waiting, "created_at": now, "due_at": now}
        for waiting in Waiting.select().where(Waiting.borough == borough)
    ]
    for row in rows:
        Delivery.create(**row)
    return len(rows)


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
    return send_batch(Delivery.kind.in_(URGENT), _compose_urgent, clock)


def send_alert(alert: Alert, clock: Callable[[], datetime] = db.now) -> int:
    """Send a batch of an alert and close it after the last; returns how many rows were dealt with."""
    codes = audience.area_codes(alert)
    letter = cache(lambda: emails.alert(alert, areas.named(codes)))

    def compose(rows: list[Delivery]):
        reasons = audience.reasons(alert.alert_type, codes, [row.resident_id for row in rows])

        def one(row: Delivery, now: datetime) -> mail.Email:
            if row.resident_id not in reasons:
                raise Skip("no longer subscribed")
            return letter().to(row, emails.alert_values(alert, row.resident, reasons[row.resident_id]))

        return one

    Alert.update(worked_at=clock()).where(Alert.id == alert.id).execute()
    done = send_batch(Delivery.alert == alert, compose, clock)
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


def send_batch(wanted, compose: Callable, clock: Callable[[], datetime]) -> int:
    """Claim a batch of the rows that `wanted` (an expression) describes, and send it.

    `compose(rows)` gives a function (row, now) → Email, which may raise Skip. Returns how many rows were dealt with.
    """
    rows = _claim(wanted, clock())
    if rows:
        _work_through(rows, compose(rows), clock)
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
    Delivery.update(state=Delivery.SENDING, claim=claim, claimed_at=now, attempts=Delivery.attempts + 1).where(
        Delivery.id.in_(due), Delivery.state == Delivery.PENDING
    ).execute()
    return list(
        Delivery.select(Delivery, Resident, Waiting)
        .left_outer_join(Resident)
        .switch(Delivery)
        .left_outer_join(Waiting)
        .where(Delivery.claim == claim, Delivery.state == Delivery.SENDING)
        .order_by(Delivery.id)
    )


def _work_through(rows: list[Delivery], compose_one, clock: Callable[[], datetime]) -> None:
    """Send these rows over as few connections as the server allows."""
    forbidden = audience.suppressed([row.address for row in rows if row.address])
    deadline = time.monotonic() + BATCH_SECONDS
    waiting = list(rows)
    while waiting:
        before = len(waiting)
        try:
            with mail.road() as road:
                while waiting and time.monotonic() < deadline:
                    _send_one(waiting[0], road, compose_one, forbidden, clock())
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


def _send_one(row: Delivery, road: mail.Road, compose_one, forbidden: set[str], now: datetime) -> None:
    started = time.monotonic()
    try:
        if row.address is None:
            raise Skip("the address is gone")
        if row.address in forbidden:
            raise Skip("the address is suppressed")
        if row.kind in (Delivery.ALERT, Delivery.DIGEST) and not row.resident.is_confirmed:
            raise Skip("no longer a subscriber")
        road.send(_composed(row, compose_one, now))
    except Skip as reason:
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


def _composed(row: Delivery, compose_one: Callable, now: datetime) -> mail.Email:
    """The email of a row. A fault of ours in one email must not hold up the others."""
    try:
        return compose_one(row, now)
    except (Skip, PeeweeException):
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


# --- What each urgent email says ---


def _compose_urgent(rows: list[Delivery]):
    return _urgent_email


def _urgent_email(row: Delivery, now: datetime) -> mail.Email:
    if row.kind == Delivery.STARTED:
        return emails.started(row, row.waiting)
    if row.kind == Delivery.CONFIRM:
        if row.consent is None or row.consent.confirmed_at:
            raise Skip("confirmed already")
        ward = Area.get_by_id(row.consent.answers["ward"])
        return emails.confirm(row, links.issue(Link.CONFIRM, row.resident, now, row.consent), ward)
    if not row.resident.is_confirmed:
        raise Skip("no longer a subscriber")
    write = emails.known if row.kind == Delivery.KNOWN else emails.sign_in
    return write(row, links.issue(Link.SIGN_IN, row.resident, now))


# --- The books, and what was lost ---


def tally(alert: Alert) -> dict[str, int]:
    """How many of an alert's emails are in each state."""
    rows = (
        Delivery.select(Delivery.state, fn.COUNT(Delivery.id))
        .where(Delivery.alert == alert)
        .group_by(Delivery.state)
        .tuples()
    )
    return dict.fromkeys(Delivery.STATES, 0) | dict(rows)


def failures(alert: Alert, limit: int = 5) -> list[tuple[str, int]]:
    """Why emails of an alert failed, were skipped or wait, in words with how many, the most frequent first."""
    how_many = fn.COUNT(Delivery.id)
    rows = (
        Delivery.select(Delivery.reason, how_many)
        .where(Delivery.alert == alert, Delivery.reason.is_null(False), Delivery.state != Delivery.SENT)
        .group_by(Delivery.reason)
        .order_by(how_many.desc())
        .limit(limit)
    )
    return list(rows.tuples())


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

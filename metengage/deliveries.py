"""The only place that changes what state a delivery is in: prepare, claim, mark, postpone, skip, give back, recover.

The row is the truth. A worker claims a batch by a guarded UPDATE and marks in small groups what came of each email, so
that a killed worker repeats few. What it held goes back after Delivery.LEASE.
"""

import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import NamedTuple

from peewee import SQL, Value, fn

from metengage import audience, db, outcomes
from metengage.choices import IMMEDIATELY
from metengage.formats import without_addresses
from metengage.models import Alert, Area, Consent, Delivery, Digest, Resident, Waiting

SLICE = 20_000  # rows that are made in one transaction: others may write in between
MARKED_AT_ONCE = 60  # emails that were sent and are not marked yet, at most; a killed worker repeats so many
MARKED_AFTER = 0.5  # … or after so many seconds, for slow servers
WAITS = [timedelta(minutes=minutes) for minutes in (1, 5, 15, 60)]  # after the first, second … temporary failure
LAST_WAIT = timedelta(hours=4)
GIVE_UP = timedelta(hours=24)

TO_ONE = Delivery.alert.is_null() & Delivery.digest.is_null()  # urgent: confirmations, sign-in links and their kind


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
    """A pending row for the next slice of the residents that this alert reaches at once. Twice is no more than once.

    When it was the last slice, the alert says so in prepared_at.
    """
    residents = audience.of(alert.alert_type, audience.area_codes(alert), IMMEDIATELY)
    with _next_slice(alert, alert.audience_size or 0, now) as upto:
        if upto is not None:
            _make_rows(residents, Delivery.ALERT, Delivery.alert, alert.id, upto, now)
    if alert.prepared_at:
        size = Delivery.select().where(Delivery.alert == alert).count()
        Alert.update(audience_size=size).where(Alert.id == alert.id).execute()
        _learn_about(size)


def prepare_digest(digest: Digest, listeners: list, now: datetime) -> None:
    """The same for a digest; `listeners` are queries for residents' ids."""
    most = max((residents.count() for residents in listeners), default=0)
    with _next_slice(digest, most, now) as upto:
        if upto is not None:
            for residents in listeners:
                _make_rows(residents, Delivery.DIGEST, Delivery.digest, digest.id, upto, now)


@contextmanager
def _next_slice(letter: Alert | Digest, expected: int, now: datetime) -> Iterator[tuple[int, int] | None]:
    """The next residents whose rows are to be made, (after this id, up to this id), for one transaction.

    None where another worker was quicker.
    """
    kind, after = type(letter), letter.prepared_upto or 0
    last = Resident.select(fn.MAX(Resident.id)).scalar() or 0
    upto = min(last, after + max(1, last // -(-max(expected, 1) // SLICE)))
    values = {"prepared_upto": upto, "prepared_at": now if upto == last else None}
    with db.handle.atomic():
        was = kind.prepared_upto.is_null() if letter.prepared_upto is None else kind.prepared_upto == after
        mine = kind.update(values).where(kind.id == letter.id, was, kind.prepared_at.is_null()).execute()
        yield (after, upto) if mine else None
    if mine:
        letter.prepared_upto, letter.prepared_at = upto, values["prepared_at"]


def _make_rows(residents, kind: str, column, about: int, upto: tuple[int, int], now: datetime) -> None:
    (after, last), resident = upto, SQL("resident_id")
    rows = residents.where(resident > after, resident <= last).order_by(resident)
    source = rows.select(resident, Value(kind), Value(about), Value(Delivery.PENDING), Value(0), Value(now), Value(now))
    fields = [Delivery.resident, Delivery.kind, column, Delivery.state, Delivery.attempts]
    Delivery.insert_from(source, [*fields, Delivery.created_at, Delivery.due_at]).on_conflict_ignore().execute()


def _learn_about(how_many: int) -> None:
    """PostgreSQL plans from what it knew before these rows were there, and would read all of them for each claim."""
    if how_many > SLICE / 2 and db.is_postgresql():
        db.handle.execute_sql("ANALYZE delivery")


# --- Claim ---


class Row(NamedTuple):
    """What is needed of a claimed delivery to write and send it."""

    id: int
    kind: str
    attempts: int
    resident_id: int
    email: str | None
    link_version: int
    is_confirmed: bool


class Claim:
    """Rows that are ours for now. What came of each is gathered and written down in small groups."""

    def __init__(self, key: str, claimed_at: datetime, ids: list[int], group: int):
        self.ids = set(ids)  # those that nothing has come of yet
        self.how_many = len(ids)
        self._key, self._claimed_at, self._group = key, claimed_at, group
        self._sent: list[int] = []
        self._written_at = time.monotonic()

    def rows(self) -> list[Row]:
        """The claimed rows to residents, as things stand now."""
        columns = [Delivery.id, Delivery.kind, Delivery.attempts, Resident.id, Resident.email, Resident.link_version]
        is_confirmed = Resident.state == Resident.CONFIRMED
        rows = Delivery.select(*columns, is_confirmed).join(Resident).where(db.one_of(Delivery.id, sorted(self.ids)))
        return [Row(*values) for values in db.rows(rows.order_by(Delivery.id))]

    def letters(self) -> list[Delivery]:
        """The claimed rows whole, with whom they are to."""
        rows = Delivery.select(Delivery, Resident, Waiting).left_outer_join(Resident)
        rows = rows.switch(Delivery).left_outer_join(Waiting)
        return list(rows.where(db.one_of(Delivery.id, sorted(self.ids))).order_by(Delivery.id))

    def is_late(self, now: datetime) -> bool:
        """Whether others may soon take these rows over: a worker that was put to sleep wakes up too late."""
        return now > self._claimed_at + Delivery.LEASE / 2

    def sent(self, row, now: datetime) -> None:
        """Our mail server took it."""
        self._sent.append(row.id)
        if len(self._sent) >= self._group or time.monotonic() > self._written_at + MARKED_AFTER:
            self.write_down(now)

    def write_down(self, now: datetime) -> None:
        """Mark what was sent and is not marked yet."""
        if self._sent:
            self._mark(self._sent, state=Delivery.SENT, sent_at=now, reason=None)
        self._sent, self._written_at = [], time.monotonic()

    def skipped(self, row, why: str) -> None:
        """It must not or need not be sent."""
        self._mark([row.id], state=Delivery.SKIPPED, reason=why)

    def failed(self, row, why: str) -> None:
        """The mail server will not have it, ever."""
        self._mark([row.id], state=Delivery.FAILED, reason=why)

    def postponed(self, row, why: str, now: datetime) -> None:
        """It did not work for now: try again after a while, the longer the oftener, for a day."""
        waits = [*WAITS, *[LAST_WAIT] * row.attempts][: row.attempts]
        if sum(waits, timedelta()) > GIVE_UP:
            self.failed(row, f"given up after a day: {why}")
        else:
            self._mark([row.id], state=Delivery.PENDING, reason=why, due_at=now + waits[-1])

    def wait(self, ids: list[int], until: datetime, why: str) -> None:
        """These wait for reasons that are no failure of theirs."""
        self._mark(ids, state=Delivery.PENDING, reason=why, due_at=until, attempts=Delivery.attempts - 1)

    def give_back(self) -> None:
        """What nothing came of is pending again, as if it had not been claimed."""
        if self.ids:
            self._mark(list(self.ids), state=Delivery.PENDING, attempts=Delivery.attempts - 1)

    def _mark(self, ids: list[int], **values) -> None:
        """Change rows that are still ours; those that were taken from us are left alone."""
        if values.get("reason"):  # officers read it, and it is kept
            values["reason"] = without_addresses(values["reason"])[:200]
        still_ours = (Delivery.claim == self._key) & (Delivery.state == Delivery.SENDING)
        change = Delivery.update(claim=None, **values).where(db.one_of(Delivery.id, ids), still_ours)
        changed = db.insist(change.execute)
        if "reason" in values:
            outcomes.note(values["state"], changed)
        self.ids.difference_update(ids)


def claim(wanted, most: int, now: datetime, group: int = MARKED_AT_ONCE) -> Claim:
    """Take up to so many due rows that `wanted` (an expression) describes.

    Rows that another worker takes at the same moment are its own. What was sent is marked in groups of `group`.
    """
    key = secrets.token_hex(8)
    due = (
        Delivery.select(Delivery.id)
        .where(wanted, Delivery.state == Delivery.PENDING, Delivery.due_at <= now)
        .order_by(Delivery.due_at, Delivery.id)
        .limit(most)
    )
    if db.is_postgresql():
        due = due.for_update("FOR UPDATE SKIP LOCKED")
    with db.handle.atomic():
        # As a list: PostgreSQL may run a subquery anew for each row, and then claim far more than a batch.
        ids = [id for (id,) in db.rows(due)]
        Delivery.update(state=Delivery.SENDING, claim=key, claimed_at=now, attempts=Delivery.attempts + 1).where(
            db.one_of(Delivery.id, ids), Delivery.state == Delivery.PENDING
        ).execute()
    return Claim(key, now, ids, group)


def skip_rest(alert: Alert, why: str, most: int = SLICE) -> int:
    """Skip what is still pending of an alert; returns how many rows, 0 when none is left."""
    pending = Delivery.select(Delivery.id).where(
        Delivery.alert == alert, Delivery.digest.is_null(), Delivery.state == Delivery.PENDING
    )
    some = [id for (id,) in db.rows(pending.limit(most))]
    skip = Delivery.update(state=Delivery.SKIPPED, reason=why)
    skipped = skip.where(db.one_of(Delivery.id, some), Delivery.state == Delivery.PENDING).execute()
    outcomes.note(Delivery.SKIPPED, skipped)
    return skipped


def are_open(of_which) -> bool:
    """Whether a row of these (an expression) is pending or under way."""
    return any(
        Delivery.select().where(of_which, Delivery.state == state).exists()
        for state in (Delivery.PENDING, Delivery.SENDING)
    )


def recover(now: datetime) -> int:
    """Give back what killed workers held; returns how many rows."""
    return Delivery.update(state=Delivery.PENDING, claim=None, due_at=now).where(Delivery.is_lost(now)).execute()


def urgent_is_waiting(now: datetime) -> bool:
    """Whether confirmations or sign-in links are due, rung for or not."""
    return Delivery.select().where(TO_ONE, Delivery.state == Delivery.PENDING, Delivery.due_at <= now).exists()

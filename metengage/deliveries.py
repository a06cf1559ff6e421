"""The only place that changes what state a delivery is in: claim, mark, postpone, skip, give back, recover.

The row is the truth. A worker claims a batch by a guarded UPDATE and marks in small groups what came of each email, so
that a killed worker repeats few. What it held goes back after Delivery.LEASE.
"""

import secrets
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import NamedTuple

from peewee import SQL, Select, Tuple

from metengage import db, outcomes
from metengage.formats import anonymous
from metengage.models import Alert, Delivery, Digest, Memo, Resident, Waiting

SLICE = 20_000  # rows that are skipped in one transaction: others may write in between
MARKED_AT_ONCE = 90  # emails that were sent and are not marked yet, at most; a killed worker repeats so many
MARKED_AFTER = 0.5  # … or after so many seconds, for slow servers
WAITS = [timedelta(minutes=minutes) for minutes in (1, 5, 15, 60)]  # after the first, second … temporary failure
LAST_WAIT = timedelta(hours=4)
GIVE_UP = timedelta(hours=24)

TO_ONE = Delivery.alert.is_null() & Delivery.digest.is_null()  # urgent: confirmations, sign-in links and their kind


Clock = Callable[[], datetime]  # UTC


class Row(NamedTuple):
    """What is needed of a claimed delivery to write and send it."""

    id: int
    kind: str
    attempts: int
    resident_id: int
    email: str | None
    link_version: int
    is_confirmed: bool
    home_id: str | None = None
    is_paused: bool = False
    is_back: bool = False  # their pause is over, and no email has said so yet
    weekly_cap: int | None = None
    is_discreet: bool = False

    @property
    def address(self) -> str | None:
        return self.email


class Claim:
    """Rows that are ours for now. What came of each is gathered and written down in small groups."""

    def __init__(self, key: str, rows: list[tuple], now: datetime, clock: Clock, group: int):
        self.ids = {id for id, _ in rows}  # those that nothing has come of yet
        self.how_many = len(rows)
        self.last_row = rows[-1] if rows else None  # (id, due at)
        self._key, self._claimed_at, self._group, self._clock = key, now, group, clock
        self._sent: list[int] = []
        self._written_at = time.monotonic()

    def rows(self) -> list[Row]:
        """The claimed rows to residents, as things stand now."""
        ours = [Delivery.id, Delivery.kind, Delivery.attempts]
        now = self._clock()
        theirs = [Resident.id, Resident.email, Resident.link_version, Resident.state == Resident.CONFIRMED]
        pause = [Resident.is_paused(now), Resident.paused_until <= now]
        theirs += [Resident.home, *pause, Resident.weekly_cap, Resident.discreet_since.is_null(False)]
        rows = Delivery.select(*ours, *theirs).join(Resident).where(db.one_of(Delivery.id, sorted(self.ids)))
        return list(map(Row._make, db.rows(rows.order_by(Delivery.id))))

    def letters(self) -> list[Delivery]:
        """The claimed rows whole, with whom they are to."""
        rows = Delivery.select(Delivery, Resident, Waiting).left_outer_join(Resident)
        rows = rows.switch(Delivery).left_outer_join(Waiting)
        return list(rows.where(db.one_of(Delivery.id, sorted(self.ids))).order_by(Delivery.id))

    def is_late(self) -> bool:
        """Whether others may soon take these rows over: a worker that was put to sleep wakes up too late."""
        return self._clock() > self._claimed_at + Delivery.LEASE / 2

    def sent(self, row) -> None:
        """Our mail server took it."""
        self._sent.append(row.id)
        if len(self._sent) >= self._group or time.monotonic() > self._written_at + MARKED_AFTER:
            self.write_down()

    def write_down(self) -> None:
        """Mark what was sent and is not marked yet."""
        if self._sent:
            changed = db.insist(lambda: _mark_sent(self._sent, self._key, self._clock()))
            outcomes.note(Delivery.SENT, changed)
            self.ids.difference_update(self._sent)
        self._sent, self._written_at = [], time.monotonic()

    def skipped(self, row, why: str) -> None:
        """It must not or need not be sent."""
        self._mark([row.id], state=Delivery.SKIPPED, reason=why)

    def failed(self, row, why: str) -> None:
        """The mail server will not have it, ever."""
        self._mark([row.id], state=Delivery.FAILED, reason=anonymous(why, row.address))

    def postponed(self, row, why: str) -> None:
        """It did not work for now: try again after a while, the longer the oftener, for a day."""
        waits = [*WAITS, *[LAST_WAIT] * row.attempts][: row.attempts]
        if sum(waits, timedelta()) > GIVE_UP:
            self.failed(row, f"given up after a day: {why}")
        else:
            due = self._clock() + waits[-1]
            self._mark([row.id], state=Delivery.PENDING, reason=anonymous(why, row.address), due_at=due)

    def wait(self, ids: list[int], until: datetime, why: str) -> None:
        """These wait for reasons that are no failure of theirs."""
        values = {"state": Delivery.PENDING, "reason": anonymous(why), "due_at": until}
        self._mark(ids, **values, attempts=Delivery.attempts - 1)

    def give_back(self) -> None:
        """What nothing came of is pending again, as if it had not been claimed."""
        if self.ids:
            self._mark(list(self.ids), state=Delivery.PENDING, attempts=Delivery.attempts - 1)

    def _mark(self, ids: list[int], **values) -> None:
        """Change rows that are still ours; those that were taken from us are left alone."""
        change = Delivery.update(claim=None, **values).where(db.one_of(Delivery.id, ids), Delivery.claim == self._key)
        changed = db.insist(change.execute)
        if "reason" in values:
            outcomes.note(values["state"], changed)
        self.ids.difference_update(ids)


# What Claim._mark would write; but ten thousand times for a million it is not put together anew.
_SENT = (
    "UPDATE delivery SET state = 'sent', reason = NULL, claim = NULL, sent_at = {0} WHERE claim = {0} AND id ",
    "IN (SELECT value FROM json_each(?))",
    "= ANY (string_to_array(%s, ',')::bigint[])",
)


def _mark_sent(ids: list[int], key: str, now: datetime) -> int:
    update, on_sqlite, on_postgresql = _SENT
    mark, which = ("%s", on_postgresql) if db.is_postgresql() else ("?", on_sqlite)
    return db.handle.execute_sql(update.format(mark) + which, (now, key, db.in_one(ids))).rowcount


def claim(wanted, most: int, clock: Clock, group: int = MARKED_AT_ONCE, since: tuple | None = None) -> Claim:
    """Take up to so many due rows that `wanted` (an expression) describes.

    Rows that another worker takes at the same moment are its own. What was sent is marked in groups of `group`.
    `since` is the last_row of the claim before: PostgreSQL would step over all rows that were claimed until then.
    """
    key, now = secrets.token_hex(8), clock()
    with db.handle.atomic():
        rows = list(db.rows(_due(wanted, most, now, since)))
        if since and len(rows) < most:
            rows = list(db.rows(_due(wanted, most, now)))
        take = Delivery.update(state=Delivery.SENDING, claim=key, claimed_at=now, attempts=Delivery.attempts + 1)
        take.where(db.one_of(Delivery.id, [id for id, _ in rows]), Delivery.is_in(Delivery.PENDING)).execute()
    return Claim(key, rows, now, clock, group)


def _due(wanted, most: int, now: datetime, since: tuple | None = None):
    rows = Delivery.select(Delivery.id, Delivery.due_at).where(wanted, Delivery.is_in(Delivery.PENDING))
    # Of one letter alert and digest are the same; but PostgreSQL sees only so that an index has the rows in order.
    in_order = (Delivery.alert, Delivery.digest, Delivery.due_at, Delivery.id)
    rows = rows.where(Delivery.due_at <= now).order_by(*in_order).limit(most)
    if since:
        rows = rows.where(Tuple(Delivery.due_at, Delivery.id) > Tuple(*reversed(since)))
    return rows.for_update("FOR UPDATE SKIP LOCKED") if db.is_postgresql() else rows


def of_letter(letter: Alert | Digest):
    """An expression for the rows of an alert or a digest."""
    if isinstance(letter, Alert):
        return (Delivery.alert == letter) & Delivery.digest.is_null()
    return Delivery.alert.is_null() & (Delivery.digest == letter)


def skip_rest(alert: Alert, why: str, most: int = SLICE) -> int:
    """Skip what is still pending of an alert; returns how many rows, 0 when none is left."""
    some = Delivery.select(Delivery.id).where(of_letter(alert), Delivery.is_in(Delivery.PENDING)).limit(most)
    skipped = Delivery.update(state=Delivery.SKIPPED, reason=why).where(Delivery.id.in_(some)).execute()
    outcomes.note(Delivery.SKIPPED, skipped)
    return skipped


def skip_all(resident: Resident, why: str) -> int:
    """Skip whatever is still pending to a resident; returns how many rows. What a worker has in hand is left to it."""
    mine = Delivery.update(state=Delivery.SKIPPED, reason=why).where(Delivery.of(resident))
    skipped = mine.where(Delivery.is_in(Delivery.PENDING)).execute()
    outcomes.note(Delivery.SKIPPED, skipped)
    return skipped


def are_open(alert: Alert) -> bool:
    """Whether a row of this alert is pending or under way."""
    # Each condition leads SQLite to the index of the few rows that are in this state.
    pending, sending = Delivery.due_at.is_null(False), Delivery.claimed_at.is_null(False)
    some = Delivery.select().where(of_letter(alert))
    found = some.where(Delivery.is_in(Delivery.PENDING), pending)
    return found.exists() or some.where(Delivery.is_in(Delivery.SENDING), sending).exists()


def forget(residents) -> int:
    """Take away the urgent rows of residents that are to be deleted (a query for their ids); returns how many."""
    return Delivery.delete().where(TO_ONE, Delivery.resident.in_(residents)).execute()


def forget_old(before: datetime, most: int = SLICE) -> int:
    """Delete rows that were made before then and that nothing more comes of; returns how many of the oldest `most`.

    A row made later has a higher number, so that the oldest are found without an index on their time.
    """
    oldest = Delivery.select(Delivery.id, Delivery.created_at, Delivery.state).order_by(Delivery.id).limit(most)
    done = (Delivery.SENT, Delivery.FAILED, Delivery.SKIPPED)
    rows = Select([oldest.alias("rows")], [SQL("id")]).where(SQL("created_at") < before, SQL("state").in_(done))
    old = [row_id for (row_id,) in db.rows(rows)]
    return Delivery.delete().where(db.one_of(Delivery.id, old)).execute() if old else 0


def forget_memos(ids: list[int]) -> int:
    """Delete these memos; returns how many. Their emails stay as long as others do, and lead to no officer."""
    with db.handle.atomic():
        Delivery.update(memo=None).where(Delivery.memo.in_(ids), Delivery.memo.is_null(False)).execute()
        return Memo.delete().where(Memo.id.in_(ids)).execute()


def recover(now: datetime) -> int:
    """Give back what killed workers held; returns how many rows."""
    return Delivery.update(state=Delivery.PENDING, claim=None, due_at=now).where(Delivery.is_lost(now)).execute()


def urgent_is_waiting(now: datetime) -> bool:
    """Whether confirmations or sign-in links are due, rung for or not."""
    return Delivery.select().where(TO_ONE, Delivery.is_in(Delivery.PENDING), Delivery.due_at <= now).exists()

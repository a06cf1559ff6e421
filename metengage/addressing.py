"""A pending row for each email that is to go: to one person, or to everybody whom an alert or a digest reaches."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import NamedTuple

from peewee import SQL, Select, Value, fn

from metengage import audience, db, ties
from metengage.choices import IMMEDIATELY
from metengage.models import (
    AddressChange,
    Alert,
    Area,
    Complaint,
    Consent,
    Delivery,
    Digest,
    Memo,
    Notice,
    Resident,
    Waiting,
)

SLICE = 20_000  # rows that are made in one transaction: others may write in between


class Slice(NamedTuple):
    """Residents by their ids."""

    after: int
    upto: int
    are_last: bool


def to_resident(
    kind: str, resident: Resident, now: datetime, consent: Consent | None = None, change: AddressChange | None = None
) -> Delivery:
    """One urgent email to one resident, or to the address that they move to or from."""
    about = {"consent": consent, "address_change": change}
    return Delivery.create(kind=kind, resident=resident, created_at=now, due_at=now, **about)


def to_waiting(borough: Area, now: datetime) -> int:
    """One email to each address that waits for this borough; returns how many."""
    waiting = list(Waiting.select().where(Waiting.borough == borough))
    for each in waiting:
        Delivery.create(kind=Delivery.STARTED, waiting=each, created_at=now, due_at=now)
    return len(waiting)


def to_complaint(complaint: Complaint, now: datetime) -> Delivery:
    """The email that says we have a complaint, to the address that it gives: not always the resident's own."""
    return Delivery.create(kind=Delivery.RECEIPT, complaint=complaint, created_at=now, due_at=now)


def to_officer(kind: str, memo: Memo, now: datetime) -> Delivery:
    """One urgent email to one officer, about an alert."""
    return Delivery.create(kind=kind, memo=memo, created_at=now, due_at=now)


def to_notice(notice: Notice, now: datetime) -> Delivery:
    """One urgent email to the resident or the officer of a notice."""
    return Delivery.create(kind=Delivery.NOTICE, resident=notice.resident, notice=notice, created_at=now, due_at=now)


def to_notices(notices: Sequence[tuple[int, int]], now: datetime) -> None:
    """The same for many at once: (a notice's id, its resident's id) each."""
    same = {"kind": Delivery.NOTICE, "created_at": now, "due_at": now}
    Delivery.insert_many([same | {"notice": notice, "resident": who} for notice, who in notices]).execute()


def prepare_alert(alert: Alert, now: datetime) -> None:
    """A pending row for the next slice of the residents that this alert reaches at once. Twice is no more than once.

    When it was the last slice, the alert says so in prepared_at, and audience_size is how many rows there are.
    """
    hearers = _hearers(alert, now)
    with _next_slice(alert, _reaching_so_many(alert), now) as ids:
        for residents in hearers if ids is not None else ():
            _make_rows(residents, Delivery.ALERT, Delivery.alert, alert.id, ids, now)
        if ids is not None and ids.are_last:
            _say_how_many(alert)
            if alert.corrects_id:
                audience.hold_for_paused(alert, now)
    if alert.prepared_at and db.is_postgresql() and (alert.audience_size or 0) > SLICE / 2:
        # It plans from what it knew before these rows were there, and would read all of them for each claim.
        db.handle.execute_sql("ANALYZE delivery")


def _hearers(alert: Alert, now: datetime) -> list:
    """Queries for the ids of those who get it at once; a correction, of those who got what it corrects."""
    if alert.corrects_id:
        return audience.told(alert, now)
    hearers = [audience.of(alert.alert_type, audience.area_codes(alert), IMMEDIATELY, now, audience.concern(alert))]
    return [*hearers, *ties.of(alert, now)]


def _say_how_many(alert: Alert) -> None:
    # Until now it was how many there were when Send was pressed; and all rows that there are are still pending.
    rows = Delivery.select().where(Delivery.alert == alert, Delivery.digest.is_null())
    size = rows.where(Delivery.is_in(Delivery.PENDING)).count()
    Alert.update(audience_size=size).where(Alert.id == alert.id).execute()


def _reaching_so_many(alert: Alert) -> int:
    """Over how many residents' ids the next slice should go, so that it makes about SLICE rows."""
    last = Resident.select(fn.MAX(Resident.id)).scalar() or 1
    return max(1, SLICE * last // max(alert.audience_size or 0, 1))


def prepare_digest(digest: Digest, listeners: list, now: datetime) -> None:
    """The same for a digest; `listeners` are queries for residents' ids."""
    with _next_slice(digest, SLICE, now) as ids:
        for residents in listeners if ids is not None else ():
            _make_rows(residents, Delivery.DIGEST, Delivery.digest, digest.id, ids, now)


@contextmanager
def _next_slice(letter: Alert | Digest, how_far: int, now: datetime) -> Iterator[Slice | None]:
    """The next residents whose rows are to be made, for one transaction; None where another worker was quicker."""
    kind, after = type(letter), letter.prepared_upto or 0
    last = Resident.select(fn.MAX(Resident.id)).scalar() or 0
    upto = min(last, after + how_far)
    values = {"prepared_upto": upto, "prepared_at": now if upto == last else None}
    with db.handle.atomic():
        was = kind.prepared_upto.is_null() if letter.prepared_upto is None else kind.prepared_upto == after
        mine = kind.update(values).where(kind.id == letter.id, was, kind.prepared_at.is_null()).execute()
        yield Slice(after, upto, upto == last) if mine else None
    if mine:
        letter.prepared_upto, letter.prepared_at = upto, values["prepared_at"]


def _make_rows(residents, kind: str, column, about: int, ids: Slice, now: datetime) -> None:
    resident = SQL("resident_id")
    those = residents.where(resident > ids.after, resident <= ids.upto).alias("those")
    same = [Value(each) for each in (kind, about, Delivery.PENDING, 0, now, now)]
    rows = Select([those], [resident, *same]).order_by(resident)
    fields = [Delivery.resident, Delivery.kind, column, Delivery.state, Delivery.attempts]
    # As a row count: else PostgreSQL would send the id of each row back to us.
    into = Delivery.insert_from(rows, [*fields, Delivery.created_at, Delivery.due_at])
    once = {"conflict_target": [Delivery.resident, column], "conflict_where": column.is_null(False)}
    into.on_conflict("NOTHING", **once).as_rowcount().execute()

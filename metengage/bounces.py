"""What came back and what follows from it: hard and complaint suppress at once, soft does when it is three in a row."""

import logging
from datetime import datetime
from enum import StrEnum

from peewee import fn

from metengage import db, journal, reports, suppressions
from metengage.formats import anonymous
from metengage.models import Bounce, Delivery, Resident, Suppression
from metengage.reports import Report

log = logging.getLogger(__name__)

IN_A_ROW = 3  # soft bounces


class Outcome(StrEnum):
    """What came of a report."""

    HARD, SOFT, COMPLAINT = Bounce.HARD, Bounce.SOFT, Bounce.COMPLAINT
    KNOWN = "known already"
    NO_BOUNCE = "no bounce"
    NOT_OURS = "of no email of ours"


def receive(raw: bytes, now: datetime, return_path: str = "") -> Outcome:
    """Read a message that came back and record it; see reports.read."""
    return record(reports.read(raw, return_path), now)


def record(report: Report, now: datetime) -> Outcome:
    """Keep what was reported, and suppress the resident if it calls for that. Twice is no more than once."""
    if report.delivery_id is None:
        return Outcome.NOT_OURS
    if report.kind is None:
        return Outcome.NO_BOUNCE
    with db.handle.atomic():
        delivery = _held(report.delivery_id)
        if delivery is None:
            return Outcome.NOT_OURS
        if not _keep(delivery, report, now):
            return Outcome.KNOWN
        _suppress(delivery, report.kind, now)
    log.info("Delivery %s came back: %s %s", delivery.id, report.kind, report.code)
    return Outcome(report.kind)


def _held(delivery_id: int) -> Delivery | None:
    """The delivery, its resident's row held until the end: else two soft bounces at once would not see each other."""
    delivery = Delivery.get_or_none(Delivery.id == delivery_id)
    if delivery and delivery.resident_id and db.is_postgresql():
        Resident.select(Resident.id).where(Resident.id == delivery.resident_id).for_update(
            "FOR NO KEY UPDATE"
        ).execute()
        delivery = Delivery.get_or_none(Delivery.id == delivery_id)  # unless it went while we waited
    return delivery


def _keep(delivery: Delivery, report: Report, now: datetime) -> bool:
    words = anonymous(report.words, delivery.address)
    values = {"kind": report.kind, "code": report.code, "words": words, "at": now}
    if Bounce.insert(delivery=delivery, **values).on_conflict_ignore().as_rowcount().execute():
        return True
    if report.kind == Bounce.SOFT:
        return False
    return Bounce.update(**values).where(Bounce.delivery == delivery, Bounce.kind == Bounce.SOFT).execute() == 1


def _suppress(delivery: Delivery, kind: str, now: datetime) -> None:
    resident = delivery.resident
    if resident is None:  # who waited for their borough is written to only once
        return
    if delivery.kind == Delivery.NEW_ADDRESS and kind == Bounce.COMPLAINT and delivery.address:
        suppressions.add_address(delivery.address, Suppression.COMPLAINED, now)
    mine = _to_the_address_of(resident)
    if not Delivery.select().where(Delivery.id == delivery.id, mine).exists():
        return
    if kind == Bounce.COMPLAINT:
        suppressions.add(resident, Suppression.COMPLAINED, now)
    elif kind == Bounce.HARD or _is_third_in_a_row(mine):
        suppressions.add(resident, Suppression.BOUNCED, now)


def _to_the_address_of(resident: Resident):
    """An expression for the rows that went to the address that this resident has now.

    Who moves often leaves a mailbox that is going; what comes back from there says nothing of the new one.
    """
    moved_at = journal.last(journal.MOVED, resident)
    mine = Delivery.of(resident) & Delivery.kind.not_in(Delivery.ELSEWHERE)
    return mine & (Delivery.created_at >= moved_at) if moved_at else mine


def _is_third_in_a_row(mine) -> bool:
    """Whether the last emails up to the newest that came back were all soft bounces.

    A server that tries for days reports when later emails are on their way: nobody knows of those yet.
    """
    newest = Bounce.select(fn.MAX(Bounce.delivery)).join(Delivery).where(mine).scalar()
    sent = (
        Delivery.select(Bounce.kind)
        .left_outer_join(Bounce)
        .where(
            mine,
            Delivery.id <= newest,
            (Delivery.state == Delivery.SENT) | Bounce.kind.is_null(False),
        )
        .order_by(Delivery.id.desc())
        .limit(IN_A_ROW)
        .tuples()
    )
    return [kind for (kind,) in sent] == [Bounce.SOFT] * IN_A_ROW

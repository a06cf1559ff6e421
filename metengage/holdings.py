"""Which rows hold something of a resident, as the register says: find them, erase them."""

from datetime import datetime
from functools import reduce
from operator import or_

from peewee import Expression, Field

from metengage import db, deliveries, journal, limits, register, subscriptions, suppressions
from metengage.models import (
    AddressChange,
    Attempt,
    Bounce,
    Complaint,
    Concern,
    Delivery,
    Message,
    Photo,
    Resident,
    Suppression,
    Waiting,
)
from metengage.models.people import Row


def of(table: type[Row], resident: Resident) -> Expression:
    """A query's condition: this row of a table in the register is about this resident, as they are now."""
    addresses = _addresses(resident)
    if table is Resident:
        return Resident.id == resident.id
    if table is Complaint:
        return (Complaint.resident == resident) | Complaint.email.in_(addresses)
    if table is Delivery:
        theirs = [row.id for row in Complaint.select(Complaint.id).where(of(Complaint, resident))]
        # Without a complaint the condition is only in the terms of the indexes that begin with a resident.
        return Delivery.of(resident) | Delivery.complaint.in_(theirs) if theirs else Delivery.of(resident)
    if table is Bounce:
        return Bounce.delivery.in_(Delivery.select(Delivery.id).where(of(Delivery, resident)))
    if table in (Message, Photo):
        return table.concern.in_(Concern.select(Concern.id).where(Concern.resident == resident))
    if table is Waiting:
        return Waiting.email.in_(addresses)
    if table is Suppression:
        return Suppression.address_hash.in_([suppressions.address_hash(each) for each in addresses])
    if table is Attempt:
        return limits.about(addresses)
    return table.resident == resident


def told(table: type[Row], resident: Resident) -> Expression:
    """The same, less what others wrote for each other about it: they may be about other people too."""
    mine = of(table, resident)
    return mine & Message.kind.not_in(Message.TO_TEAM) if table is Message else mine


def _addresses(resident: Resident) -> list[str]:
    """Those that are this resident's for certain: one that they want to move to may be a stranger's."""
    before = AddressChange.select(AddressChange.old_email).where(
        AddressChange.resident == resident, AddressChange.old_email.is_null(False)
    )
    return [each for each in (resident.email, *(old for (old,) in before.tuples())) if each]


def erase(resident: Resident, how: str, now: datetime, still: Expression | None = None) -> bool:
    """Blank, unlink and delete as the register says, end all that they hear, and send nothing that still waits.

    False when they were erased already, or are not `still` what the caller took them for. `how` is for the journal.
    An email that a worker has taken in hand may still go; nothing after it does.
    """
    with db.handle.atomic():
        who = _taken(resident, still)
        if who is None:
            return False
        subscriptions.end_all(who, "erased", now)
        for table in reversed(register.ABOUT):
            forget(table, of(table, who))
        deliveries.skip_all(who, "the person is erased")
        Resident.update(state=Resident.ERASED).where(Resident.id == who.id).execute()
        journal.note("erased", detail=how)
    return True


def _taken(resident: Resident, still: Expression | None) -> Resident | None:
    """The resident as they are, their row ours until the transaction ends; their links in old emails are over."""
    mine = (Resident.id == resident.id) & (Resident.state != Resident.ERASED)
    mine = mine if still is None else mine & still
    taken = Resident.update(link_version=Resident.link_version + 1).where(mine).execute()
    return Resident.get_by_id(resident.id) if taken else None


def forget(table: type[Row], which: Expression) -> int:
    """Do to these rows what erasing does; returns how many rows changed."""
    entry = register.ABOUT[table]
    if entry.is_deleted:
        return table.delete().where(which).execute()
    fields = [table._meta.fields[name] for name, each in entry.records.items() if not each.stays]
    if not fields:
        return 0
    filled = reduce(or_, map(_is_filled, fields))
    return table.update({field: _blank(field) for field in fields}).where(which, filled).execute()


def _blank(field: Field) -> str | None:
    return None if field.null else field.default


def _is_filled(field: Field) -> Expression:
    return field.is_null(False) if field.null else field != field.default

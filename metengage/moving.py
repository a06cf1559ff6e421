"""Move to another address: ask its owner, move, tell the old one."""

from datetime import datetime

from peewee import IntegrityError, fn

from metengage import addressing, db, deliveries, holdings, journal, limits, links, retention, subscriptions
from metengage.models import AddressChange, Complaint, Consent, Delivery, Link, Resident, Waiting

TRIES = 3


class Taken(Exception):
    """The address has become another resident's."""


def ask(resident: Resident, email: str, now: datetime) -> Delivery | None:
    """Write to the new address, whoever has it; nothing changes until its owner confirms.

    None when this address has had as many emails as it may for now; the caller's page is the same in every case.
    """
    if not limits.allows("sign-in mail address", email, now):
        return None
    with db.handle.atomic():
        change = AddressChange.create(resident=resident, new_email=email, created_at=now)
        return addressing.to_resident(Delivery.NEW_ADDRESS, resident, now, change=change)


def confirm(link: Link, now: datetime) -> None:
    """Move the resident to the address that this link was sent to. Pressing the button twice is success.

    Every older link and session of theirs ends, and so do their other requests. Raises Taken, which changes nothing,
    and links.LinkEnded when they have left, or moved elsewhere in the meantime.
    """
    for _ in range(TRIES):
        try:
            with db.handle.atomic():
                return _confirm(link, now)
        except IntegrityError:  # somebody got this address at the same moment: look again who
            continue
    raise Taken


def has_moved_since(resident: Resident, moment: datetime) -> bool:
    """Whether this resident has had another address at that moment."""
    last = journal.last(journal.MOVED, resident)
    return last is not None and last > moment


def _confirm(link: Link, now: datetime) -> None:
    if not subscriptions.take(link.resident):
        raise links.LinkEnded
    if not links.use_up(link, now):
        if Link.get_or_none(Link.id == link.id) is None:
            raise links.LinkEnded
        return
    resident = Resident.get_by_id(link.resident_id)
    change = AddressChange.get_by_id(link.address_change_id)
    new, old = change.new_email, resident.email
    _make_room(resident, new, now)
    moved = {"email": new, "link_version": Resident.link_version + 1}
    Resident.update(moved).where(Resident.id == resident.id).execute()
    AddressChange.update(new_email=None, old_email=old).where(AddressChange.id == change.id).execute()
    _take_along(resident, old, new)
    _end_all_else(link, resident)
    addressing.to_resident(Delivery.OLD_ADDRESS, resident, now, change=change)
    journal.note(journal.MOVED, resident=resident)


def _make_room(resident: Resident, email: str, now: datetime) -> None:
    """Whoever confirms owns the mailbox: of somebody else with its address, only a resident keeps it."""
    other = Resident.get_or_none(Resident.email == email, Resident.id != resident.id)
    if other is None:
        return
    if other.is_confirmed:
        raise Taken
    Consent.delete().where(Consent.resident == other, Consent.confirmed_at.is_null()).execute()
    if other.state == Resident.PENDING:
        deliveries.forget(Resident.select(Resident.id).where(Resident.id == other.id))
        Resident.delete().where(Resident.id == other.id, Resident.state == Resident.PENDING).execute()
        return
    holdings.erase(other, "their address is another resident's", now, still=Resident.state == other.state)


def _take_along(resident: Resident, old: str, new: str) -> None:
    """What was left under the old address is theirs: it is erased with them, and written to where they are."""
    Complaint.update(resident=resident).where(Complaint.email == old, Complaint.resident.is_null()).execute()
    for waiting in list(Waiting.select().where(Waiting.email == old)):
        Waiting.insert(
            email=new, borough=waiting.borough_id, created_at=waiting.created_at
        ).on_conflict_ignore().execute()
    Waiting.delete().where(Waiting.email == old).execute()


def _end_all_else(link: Link, resident: Resident) -> None:
    """Only this link stays, without the request, so that pressing its button again is told what came of it."""
    Link.update(address_change=None).where(Link.id == link.id).execute()
    Link.delete().where(Link.resident == resident, Link.id != link.id).execute()
    _forget((AddressChange.resident == resident) & AddressChange.new_email.is_null(False))


def forget_changes(now: datetime) -> int:
    """Delete the requests that are seven days old, and those whose old address was told or never can be.

    Returns how many.
    """
    waits = Delivery.select(Delivery.id).where(
        Delivery.address_change == AddressChange.id,
        Delivery.kind == Delivery.OLD_ADDRESS,
        Delivery.state.in_((Delivery.PENDING, Delivery.SENDING)),
    )
    was_told = AddressChange.old_email.is_null(False) & ~fn.EXISTS(waits)
    return _forget((AddressChange.created_at < now - retention.MOVES.time) | was_told)


def _forget(which) -> int:
    with db.handle.atomic():
        gone = [change.id for change in AddressChange.select(AddressChange.id).where(which)]
        Delivery.update(address_change=None).where(Delivery.address_change.in_(gone)).execute()
        return AddressChange.delete().where(AddressChange.id.in_(gone)).execute()

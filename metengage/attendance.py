"""Who comes to an event, who came, and what was said there."""

from collections.abc import Iterable
from datetime import datetime

from metengage import db, journal
from metengage.models import Booking, Event, Journal, Officer, Resident

LOOKED = "saw who comes to an event"


def who_comes(event: Event, officer: Officer, now: datetime) -> list[Booking]:
    """Those who have a place, by name; each is told that this officer looked, once an hour."""
    rows = Booking.select().where(Booking.event == event, Booking.state == Booking.BOOKED)
    coming = list(rows.order_by(Booking.name == "", Booking.name, Booking.id))
    lately = Journal.select(Journal.resident).where(
        Journal.officer == officer,
        Journal.action == LOOKED,
        Journal.detail == str(event.id),
        Journal.at > now - journal.ONE_LOOK,
    )
    seen = {resident for (resident,) in lately.tuples()}
    for each in coming:
        if each.resident_id and each.resident_id not in seen:
            journal.note(LOOKED, officer, Resident(id=each.resident_id), detail=str(event.id))
    return coming


def note_who_came(event: Event, officer: Officer, came: int | None, ids: Iterable[int], now: datetime) -> bool:
    """Keep which of them came, and how many people there were; False before it begins. May be done again."""
    if not event.is_published or not event.has_begun(now):
        return False
    mine = (Booking.event == event) & (Booking.state == Booking.BOOKED)
    with db.handle.atomic():
        Booking.update(attended=Booking.id.in_(list(ids))).where(mine).execute()
        Event.update(came=came).where(Event.id == event.id).execute()
        journal.note("noted who came to event", officer=officer, detail=str(event.id))
    return True


def say(event: Event, officer: Officer, text: str, now: datetime) -> bool:
    """Publish what was said there; again takes the place of what was published before. False before it begins."""
    if not event.is_published or not event.has_begun(now):
        return False
    with db.handle.atomic():
        Event.update(said=text, said_at=event.said_at or now).where(Event.id == event.id).execute()
        journal.note("published what was said", officer=officer, detail=str(event.id))
    return True

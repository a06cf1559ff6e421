"""Places at events: asked for by an address, booked, waited for, given up; who waits moves up by themselves.

Whatever counts places takes the event's row first: of two hundred who book at one moment, each finds what the one
before did. A resident's row is taken before the event's, never after it. One booking is one person: who brings somebody
lets them book too, so that everybody is told of a change, and no party of four passes by who waits alone.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from peewee import chunked, fn

from metengage import addressing, db, limits, links, subscriptions, suppressions, visitors
from metengage.formats import count, listing
from metengage.models import Booking, Delivery, Event, EventWard, Notice, Resident

LAST_MOVE = timedelta(hours=1)  # before it begins; after that, nobody would read it in time that they moved up
IS_FULL = "It is full, and nobody moves up in the last hour before it begins."
TOLD_AT_ONCE = 500  # rows that are made by one statement
LOOKED_AT = 100  # of those who wait, when places are free: far more than have an address that we must not write to


class Closed(Exception):
    """A place at this event can not be booked or given up any more; the message says why."""


@dataclass(frozen=True)
class Stand:
    """How many have a place at an event, and how many wait for one."""

    places: int
    booked: int
    waiting: int

    @property
    def free(self) -> int:
        return max(self.places - self.booked, 0)

    @property
    def is_full(self) -> bool:
        """Whether whoever comes now has to wait for a place."""
        return bool(self.waiting) or not self.free

    @property
    def in_words(self) -> str:
        if self.is_full:
            line = f": {count(self.waiting, 'person waits', 'people wait')}" if self.waiting else ""
            return f"Full{line}"
        return f"{self.free} of {self.places} left"


def stand(event: Event) -> Stand:
    """As it is now."""
    live = Booking.select(Booking.state, fn.COUNT(Booking.id)).where(Booking.event == event, Booking.live())
    counts = dict(live.group_by(Booking.state).tuples())
    return Stand(event.places or 0, counts.get(Booking.BOOKED, 0), counts.get(Booking.WAITING, 0))


def why_closed(event: Event, now: datetime) -> str:
    """Why nobody can book it now, in a sentence; nothing while they can."""
    if event.is_cancelled:
        return "It was cancelled."
    if not event.is_published:
        return "It is not announced yet."
    if event.has_begun(now):
        return "It is over." if event.is_over(now) else "It has begun."
    return "" if event.places else "Nobody needs to book: just come."


def why_no_more(event: Event, now: datetime) -> str:
    """Why somebody new can not even wait for a place now, in a sentence; nothing while they can."""
    return why_closed(event, now) or (IS_FULL if _is_late(event, now) and not _has_room(event) else "")


def of(resident: Resident, event: Event) -> Booking | None:
    """A resident's booking of an event, if they have one that they have not given up."""
    return Booking.get_or_none(Booking.event == event, Booking.resident == resident, Booking.state != Booking.CANCELLED)


def of_resident(resident: Resident) -> list[Booking]:
    """What a resident booked or waits for, the soonest first; what is over or was cancelled by the team too."""
    rows = Booking.select(Booking, Event).join(Event).where(Booking.resident == resident, Booking.live())
    return list(rows.order_by(Event.begins_at))


def in_words(resident: Resident, now: datetime) -> str:
    """What a resident has booked and waits for, in a line."""
    coming = [each for each in of_resident(resident) if each.event.is_published and not each.event.is_over(now)]
    places = sum(each.is_booked for each in coming)
    waits = len(coming) - places
    parts = [count(places, "place booked", "places booked")] if places or not waits else []
    parts += [f"on {count(waits, 'waiting list')}"] if waits else []
    return listing(parts).capitalize() if coming else "No places booked"


def take(event_id: int) -> Event:
    """The event as it is now, its row ours until the transaction ends."""
    Event.update(state=Event.state).where(Event.id == event_id).execute()
    return Event.get_by_id(event_id)


# --- Book ---


def ask(email: str, event: Event, now: datetime) -> Delivery | None:
    """Write to whoever has this address, so that they confirm that they want a place. Until then none is theirs.

    Who has one, or waits, is sent that again. None when this address has had as many emails as it may for now; the
    caller's page is the same in every case.
    """
    if not limits.allows("visitor mail address", email, now):
        return None
    with db.handle.atomic():
        ward = event.event_wards.order_by(EventWard.ward).get().ward
        resident = visitors.meet(email, ward, now)
        mine = of(resident, event) or Booking.create(event=event, resident=resident, at=now)
        again = {Booking.BOOKED: Notice.BOOKED, Booking.WAITING: Notice.WAITING}
        return _tell(again.get(mine.state, Notice.BOOK), mine, now)


def confirm(booking: Booking, name: str, now: datetime) -> Booking:
    """Book what somebody asked for by their address; their turn is now. Twice is success.

    Raises Closed, and links.LinkEnded when they are erased.
    """
    with db.handle.atomic():
        if not visitors.let_in(booking.resident, "event", now):
            raise links.LinkEnded
        return _book(booking.resident, booking.event, name, now)


def book(resident: Resident, event: Event, name: str, now: datetime) -> Booking:
    """Book a place for a resident whom we know, or let them wait for one. Twice is success.

    Raises Closed, and links.LinkEnded when they have left.
    """
    with db.handle.atomic():
        if not subscriptions.take(resident):
            raise links.LinkEnded
        return _book(resident, event, name, now)


def _book(resident: Resident, event: Event, name: str, now: datetime) -> Booking:
    event = take(event.id)
    mine = of(resident, event)
    if mine and mine.state != Booking.ASKED:
        return mine
    if why := why_no_more(event, now):
        raise Closed(why)
    has_room = _has_room(event)
    turn = {"state": Booking.BOOKED if has_room else Booking.WAITING, "at": now, "told_at": now, "name": name}
    if mine:
        Booking.update(turn).where(Booking.id == mine.id).execute()
    mine = Booking.get_by_id(mine.id) if mine else Booking.create(event=event, resident=resident, **turn)
    _tell(Notice.BOOKED if has_room else Notice.WAITING, mine, now)
    return mine


# --- Give up, move up ---


def give_up(booking: Booking, now: datetime) -> bool:
    """Let the next have this place; False when it was given up before. Raises Closed once the event has begun."""
    with db.handle.atomic():
        event = take(booking.event_id)
        if event.has_begun(now):
            raise Closed(why_closed(event, now))
        return _end(booking.id, event, now)


def end_all(resident: Resident, now: datetime) -> int:
    """Give up all places that a resident has or waits for; returns how many. For the transaction that took their row.

    What has begun stays: they were there, or were not.
    """
    theirs = Booking.select(Booking.id, Booking.event).join(Event).where(Booking.resident == resident)
    theirs = theirs.where(Booking.state != Booking.CANCELLED, Event.begins_at > now).order_by(Booking.event)
    return sum(_end(id, take(event_id), now) for id, event_id in list(theirs.tuples()))


def _end(booking_id: int, event: Event, now: datetime) -> bool:
    live = (Booking.id == booking_id) & (Booking.state != Booking.CANCELLED)
    ended = Booking.update(state=Booking.CANCELLED, name="", ended_at=now).where(live).execute() == 1
    if ended:
        move_up(event, now)
    return ended


def move_up(event: Event, now: datetime) -> int:
    """Give free places to those who have waited longest, and tell them; returns how many.

    For the transaction that took the event's row. Who cannot be told is passed over.
    """
    if why_closed(event, now) or _is_late(event, now):
        return 0
    free = stand(event).free
    lucky = _first_in_line(event, free) if free else []
    moved = {"state": Booking.BOOKED, "moved_up_at": now, "told_at": now}
    Booking.update(moved).where(Booking.id.in_([each.id for each in lucky])).execute()
    for each in lucky:
        _tell(Notice.MOVED_UP, each, now)
    return len(lucky)


def _has_room(event: Event) -> bool:
    """Whether a place is free that nobody waits for who could be told of it."""
    return stand(event).free > 0 and not _first_in_line(event, 1)


def _is_late(event: Event, now: datetime) -> bool:
    return now > event.begins_at - LAST_MOVE


def _first_in_line(event: Event, most: int) -> list[Booking]:
    """Those who wait and can be told, who came first."""
    rows = Booking.select(Booking, Resident).join(Resident).where(Booking.event == event)
    line = list(rows.where(Booking.state == Booking.WAITING).order_by(Booking.at, Booking.id).limit(most + LOOKED_AT))
    forbidden = suppressions.among([each.resident.email for each in line])
    return [each for each in line if each.resident.email not in forbidden][:most]


# --- Tell ---


def tell_all(kind: str, event: Event, now: datetime) -> int:
    """Write to everybody who has a place or waits for one; returns how many. For the transaction that changed it."""
    return tell(kind, (Booking.event == event) & Booking.live(), now)


def tell(kind: str, which, now: datetime) -> int:
    """Write to those whom these bookings are of; returns how many. For a transaction."""
    told = Booking.update(told_at=now).where(which, Booking.resident.is_null(False))
    rows = sorted(told.returning(Booking.id, Booking.resident).tuples().execute())
    for some in chunked(rows, TOLD_AT_ONCE):
        notices = [{"kind": kind, "booking": id, "resident": resident, "created_at": now} for id, resident in some]
        made = Notice.insert_many(notices).returning(Notice.id, Notice.resident).tuples().execute()
        addressing.to_notices(list(made), now)
    return len(rows)


def _tell(kind: str, booking: Booking, now: datetime) -> Delivery:
    notice = Notice.create(kind=kind, resident=booking.resident, booking=booking, created_at=now)
    return addressing.to_notice(notice, now)

"""Where residents meet their team: planned, announced, changed, called off, and reminded of."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from metengage import areas, bookings, checks, db, journal
from metengage.formats import count, span
from metengage.models import Area, Booking, Event, EventWard, Membership, Notice, Officer, Team

DAY = timedelta(days=1)
ON_WARDS_PAGE = 3  # the next events
IN_CALENDAR = timedelta(days=90)  # what is over stays in a ward's calendar
TOLD_OF = ("begins_at", "ends_at", "venue")  # who comes is told when one of these changes


class ChangedMeanwhile(Exception):
    """Somebody else saved it since this page was opened; nothing was overwritten."""


class NotPossible(Exception):
    """It cannot be so; the message says what to do, and `field` which field of the form it is about."""

    def __init__(self, words: str, field: str = ""):
        super().__init__(words)
        self.field = field


# --- Read ---


def _visible_to(officer: Officer):
    """A query for the events of an officer's teams; an administrator sees all."""
    rows = Event.select(Event, Team).join(Team)
    if officer.is_administrator:
        return rows
    return rows.where(Event.team.in_(Membership.select(Membership.team).where(Membership.officer == officer)))


def event_for(officer: Officer, event_id: int) -> Event | None:
    """The event, if this officer may see it."""
    return _visible_to(officer).where(Event.id == event_id).first()


@dataclass(frozen=True)
class Listed:
    """The events that an officer may see."""

    coming: list[Event]  # the soonest first
    over: list[Event]  # the latest first


def list_for(officer: Officer, now: datetime, most: int = 50) -> Listed:
    """The events of an officer's teams; those that were put away before anybody could read of them are left out."""
    rows = _visible_to(officer).where((Event.state != Event.CANCELLED) | Event.published_at.is_null(False))
    coming = rows.where(Event.ends_at > now).order_by(Event.begins_at).limit(most)
    return Listed(list(coming), list(rows.where(Event.ends_at <= now).order_by(Event.begins_at.desc()).limit(most)))


def public(event_id: int) -> Event | None:
    """An event that anybody may read of; called off or not."""
    event = Event.get_or_none(Event.id == event_id)
    return event if event and event.is_public else None


def wards_of(event: Event) -> list[Area]:
    return areas.named([code for (code,) in event.event_wards.select(EventWard.ward).order_by(EventWard.ward).tuples()])


def next_in(ward: Area, now: datetime, most: int = ON_WARDS_PAGE) -> list[Event]:
    """A ward's next events, the soonest first; one that goes on still counts, one that was called off does not."""
    rows = _in(ward).where(Event.state == Event.PUBLISHED, Event.ends_at > now)
    return list(rows.order_by(Event.begins_at).limit(most))


def in_calendar(ward: Area, now: datetime) -> list[Event]:
    """What belongs into a ward's calendar: also what was called off, so that calendars take it out."""
    rows = _in(ward).where(Event.published_at.is_null(False), Event.ends_at > now - IN_CALENDAR)
    return list(rows.order_by(Event.begins_at))


def _in(ward: Area):
    return Event.select().join(EventWard).where(EventWard.ward == ward.code)


# --- Plan, announce, change, call off ---


def plan(officer: Officer, team: Team, key: str, codes: Iterable[str], now: datetime, **facts) -> Event:
    """A new event that only its team can see. `key` names the form that it came by: the same again is once."""
    values = {"team": team, "officer": officer, "created_at": now, "changed_at": now}
    with db.handle.atomic():
        made = Event.insert(key=key, **values, **facts).on_conflict_ignore().as_rowcount().execute()
        event = Event.get(Event.key == key)
        if made:
            _put_into(event, codes)
            journal.note("planned event", officer=officer, detail=str(event.id))
    return event


def announce(event: Event, officer: Officer, now: datetime) -> bool:
    """Let everybody read of it and book; False when it is announced already, or was put away. Raises NotPossible."""
    if event.has_begun(now):
        raise NotPossible("It would have begun by now. Change its time first", "begins")
    _is_finished(event.title, event.about)
    with db.handle.atomic():
        planned = (Event.id == event.id) & (Event.state == Event.PLANNED)
        announced = {"state": Event.PUBLISHED, "published_at": now, "changed_at": now}
        done = Event.update(announced).where(planned).execute() == 1
        if done:
            journal.note("announced event", officer=officer, detail=str(event.id))
    return done


def _is_finished(title: str, about: str) -> None:
    """Raises NotPossible where something is left that nobody may read, such as a blank to fill in."""
    found = checks.findings(checks.Words(title, about, "meetings"))
    wrong = [each for each in found if each.check.severity == checks.REFUSES]
    if wrong:
        field = "about" if "body" in wrong[0].parts else "title"
        raise NotPossible(" ".join(f"{each.check.label}. {each.mend}" for each in wrong), field)


def change(event: Event, officer: Officer, revision: int, codes: Iterable[str], now: datetime, **facts) -> Event:
    """Keep what an officer changed; who comes is told of another time or place, and who waits moves up if more can.

    `revision` is the one that they began from. Raises ChangedMeanwhile and NotPossible.
    """
    with db.handle.atomic():
        before = bookings.take(event.id)
        if before.revision != revision:
            raise ChangedMeanwhile
        _may_change(before, facts["places"], now)
        if before.is_public:
            _is_finished(facts["title"], facts["about"])
        moves = before.is_public and any(facts[name] != getattr(before, name) for name in TOLD_OF)
        former = {"former": when_and_where(before)} if moves else {}
        changed = Event.update(revision=revision + 1, changed_at=now, **facts, **former)
        changed.where(Event.id == event.id).execute()
        _put_into(event, codes)
        if moves:
            bookings.tell_all(Notice.CHANGED, event, now)
        after = Event.get_by_id(event.id)
        bookings.move_up(after, now)
        journal.note("changed event", officer=officer, detail=str(event.id))
    return after


def _may_change(event: Event, places: int | None, now: datetime) -> None:
    """Raises NotPossible."""
    if event.is_cancelled or event.has_begun(now):
        why = bookings.why_closed(event, now)
        raise NotPossible(f"Nothing was changed: {why[0].lower()}{why[1:]}")
    stand = bookings.stand(event)
    if places is None and stand.booked + stand.waiting:
        raise NotPossible("People have booked: leave the number of places, or raise it", "places")
    if places is not None and places < stand.booked:
        have = count(stand.booked, "person has", "people have")
        raise NotPossible(f"{have} a place already: enter {stand.booked} or more", "places")


def _put_into(event: Event, codes: Iterable[str]) -> None:
    EventWard.delete().where(EventWard.event == event).execute()
    for code in sorted(set(codes)):
        EventWard.create(event=event, ward=code)


def cancel(event: Event, officer: Officer, because: str, now: datetime) -> bool:
    """Call it off, and tell everybody who has a place or waits; what nobody could read of yet is only put away.

    False when it was called off before, or is over.
    """
    with db.handle.atomic():
        before = bookings.take(event.id)
        if before.is_cancelled or (before.is_public and before.is_over(now)):
            return False
        off = {"state": Event.CANCELLED, "cancelled_at": now, "cancelled_because": because, "changed_at": now}
        Event.update(revision=Event.revision + 1, **off).where(Event.id == event.id).execute()
        if before.is_public:
            bookings.tell_all(Notice.CANCELLED, event, now)
        journal.note("cancelled event", officer=officer, detail=str(event.id))
    return True


def alert_words(event: Event, url: str) -> dict[str, str]:
    """What an alert about it may begin with; `url` is its page."""
    access = "; ".join(filter(None, (*event.access_names, event.access_note)))
    facts = {"When": span(event.begins_at, event.ends_at), "Where": event.venue, "Access": access}
    book = f"There are {event.places} places. [Book one, or read more]({url})." if event.places else (
        f"You need not book: just come. [Read more]({url})."
    )  # fmt: skip
    told = "\n".join(f"* {name}: {words}" for name, words in facts.items() if words)
    body = "\n\n".join(filter(None, (event.about, told, book)))
    return {"title": event.title, "body": body, "alert_type": "meetings"}


def when_and_where(event: Event) -> str:
    return f"{span(event.begins_at, event.ends_at)}, {event.venue}"


def remind(now: datetime) -> int:
    """Write to those who have a place at what begins within a day and heard nothing of it since; returns how many."""
    soon = Event.select().where(Event.state == Event.PUBLISHED, Event.begins_at > now, Event.begins_at <= now + DAY)
    return sum(_remind(event, now) for event in list(soon))


def _remind(event: Event, now: datetime) -> int:
    has_place = (Booking.event == event) & (Booking.state == Booking.BOOKED)
    with db.handle.atomic():
        return bookings.tell(Notice.TOMORROW, has_place & (Booking.told_at < event.begins_at - DAY), now)

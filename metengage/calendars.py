"""Events as files for calendars (RFC 5545): one event, or all of a ward.

Times are in UTC, which every calendar shows on its owner's clock. An event keeps its name for ever and raises its
number with each change, so that a calendar which has it already takes the change; nobody is named in it.
"""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta

from icalendar import Calendar, vDuration
from icalendar import Event as Entry

from metengage import envelopes, writing
from metengage.config import settings
from metengage.models import Event

REFRESHED = timedelta(hours=6)  # how often a calendar may ask again


def of(event: Event, url: str) -> bytes:
    """A file with one event; `url` is its page."""
    calendar = _calendar()
    calendar.add_component(_entry(event, url))
    return calendar.to_ical()


def of_many(name: str, events: Iterable[Event], url_of: Callable[[Event], str]) -> bytes:
    """A calendar that others subscribe to, called so."""
    calendar = _calendar()
    for words in ("name", "x-wr-calname"):  # the newer one is in RFC 7986, the older one what most programs read
        calendar.add(words, name)
    calendar.add("refresh-interval", REFRESHED, parameters={"value": "DURATION"})
    calendar.add("x-published-ttl", vDuration(REFRESHED))
    for event in events:
        calendar.add_component(_entry(event, url_of(event)))
    return calendar.to_ical()


def _calendar() -> Calendar:
    calendar = Calendar()
    calendar.add("prodid", f"-//{settings.service_name}//Events//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    return calendar


def _entry(event: Event, url: str) -> Entry:
    entry = Entry()
    facts = {
        "uid": f"{event.key}@{envelopes.domain()}",
        "sequence": event.revision,
        "dtstamp": _in_utc(event.changed_at),
        "last-modified": _in_utc(event.changed_at),
        "dtstart": _in_utc(event.begins_at),
        "dtend": _in_utc(event.ends_at),
        "summary": f"Cancelled: {event.title}" if event.is_cancelled else event.title,
        "location": event.venue,
        "description": _description(event, url),
        "url": url,
        "status": "CANCELLED" if event.is_cancelled else "CONFIRMED",
        "categories": [event.kind_name],
    }
    for name, value in facts.items():
        entry.add(name, value)
    return entry


def _in_utc(moment: datetime) -> datetime:
    return moment.replace(tzinfo=UTC, microsecond=0)


def _description(event: Event, url: str) -> str:
    because = f"This event was cancelled. {event.cancelled_because}" if event.is_cancelled else ""
    access = "; ".join(filter(None, (*event.access_names, event.access_note)))
    parts = (because, writing.plain(event.about), f"Access: {access}" if access else "", url)
    return "\n\n".join(filter(None, parts))

"""Files for calendars, as a library reads them: names that stay, numbers that rise, times that are right."""

from datetime import UTC, datetime, timedelta

import pytest
from icalendar import Calendar

from metengage import calendars, events
from metengage.models import Event
from tests import cast, services
from tests.conftest import NOW
from tests.rules.test_events import change

URL = "https://engage.example.org/events/1"


@pytest.fixture(autouse=True)
def _stand(app):
    """Every test here touches rows."""


def read(content: bytes):
    """The calendar and its entries; a library's complaints are failures."""
    calendar = Calendar.from_ical(content)
    entries = calendar.walk("VEVENT")
    assert [error for each in (calendar, *entries) for error in each.errors] == []
    return calendar, entries


def entry(event: Event):
    return read(calendars.of(event, URL))[1][0]


def test_it_says_what_when_and_where():
    found = entry(services.event(NOW, begins_at=datetime(2026, 11, 30, 19, 0)))
    assert (str(found["summary"]), str(found["location"])) == ("Ward panel", "St Helier Library, Green Lane, SM4 6HS")
    assert (found.start, found.end) == (
        datetime(2026, 11, 30, 19, 0, tzinfo=UTC),
        datetime(2026, 11, 30, 21, 0, tzinfo=UTC),
    )
    assert str(found["description"]) == f"Ask us anything.\n\nAccess: Step-free from the street\n\n{URL}"


def test_it_names_nobody():
    found = entry(services.event(NOW))
    assert not {"ORGANIZER", "ATTENDEE", "CONTACT"} & set(found)


def test_a_change_raises_its_number_and_leaves_its_name():
    event = services.event(NOW)
    before, after = entry(event), entry(change(event, venue="The church hall"))
    assert before["uid"] == after["uid"]
    assert (before["sequence"], after["sequence"]) == (0, 1)


def test_a_cancelled_event_says_so():
    event = services.event(NOW)
    events.cancel(event, cast.officer("Farah"), "The hall is closed", NOW)
    found = entry(Event.get_by_id(event.id))
    assert (str(found["status"]), found["sequence"], str(found["summary"])) == ("CANCELLED", 1, "Cancelled: Ward panel")
    assert "The hall is closed" in found["description"]


def test_odd_words_come_back_as_they_were_and_add_no_line():
    title, venue = "Stall; tea, cake \\ é🏠", "1\r\nATTENDEE:mailto:x@example.org"
    event = services.event(NOW, title=title, venue=venue, about="tea " * 2000)
    found = entry(event)
    assert str(found["summary"]) == title
    assert "ATTENDEE" not in found
    content = calendars.of(event, URL)
    assert max(len(line) for line in content.split(b"\r\n")) <= 75


def test_a_wards_calendar_has_its_events_and_a_name():
    ward = events.wards_of(services.event(NOW))[0]
    off = services.event(NOW, title="Off")
    events.cancel(off, cast.officer("Farah"), "Rain", NOW)
    services.event(NOW - timedelta(days=120), title="Long ago")
    services.event(NOW, title="Elsewhere", codes=[cast.RAVENSBURY])
    calendar, entries = read(calendars.of_many("St Helier", events.in_calendar(ward, NOW), lambda event: URL))
    assert str(calendar["x-wr-calname"]) == "St Helier"
    assert sorted(str(each["summary"]) for each in entries) == ["Cancelled: Off", "Ward panel"]
    assert len({each["uid"] for each in entries}) == 2


def test_a_ward_without_events_has_an_empty_calendar():
    calendar, entries = read(calendars.of_many("St Helier", [], lambda event: URL))
    assert (entries, str(calendar["version"]), str(calendar["method"])) == ([], "2.0", "PUBLISH")

"""Events at their doors: read, book by an address or one's own page, by a link; and what officers' forms refuse."""

import re
from datetime import datetime, timedelta

import pytest
from icalendar import Calendar
from werkzeug.datastructures import MultiDict

from metengage import bookings, db, events, leaving, links
from metengage.forms.events import AHEAD, EventForm
from metengage.models import TABLES, Alert, AlertArea, Attempt, Booking, Event, Journal, Link, Resident
from tests import cast, services
from tests.doors.test_officers import EVENT_DOORS, knock
from tests.page import Visitor

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
ASKED = "Ward panel Check your email"


@pytest.fixture
def event(app) -> Event:
    """Farah's meeting at midday in a week, with the id 1 and three places: its form asks for one day."""
    return services.event(places=3, begins_at=(db.now() + 7 * DAY).replace(hour=12))


def rows() -> dict:
    return {table: sorted(table.select().tuples(), key=repr) for table in TABLES if table is not Attempt}


def at_home(visitor: Visitor, name: str = "Amara", scope: str = "full") -> Visitor:
    """The visitor with their own page open, by a magic link or by one from an alert."""
    resident = cast.resident(name)
    full = links.issue(Link.SIGN_IN, resident, db.now())
    token = full if scope == "full" else links.sign(links.PREFERENCES, resident)
    visitor.visit(f"/preferences/open/{token}").submit("Open my preferences")
    return visitor


def link_to(booking: Booking) -> str:
    return f"/events/booking/{links.sign(links.BOOKING, booking.resident, booking.id)}"


def booked(event: Event, name: str = "Amara") -> Booking:
    return bookings.book(cast.resident(name), event, name, db.now())


# --- Read ---


def test_anybody_reads_what_when_where_and_how_to_get_in(event, visitor):
    page = visitor.visit("/events/1", 200)
    assert page.h1 == "Meeting · St Helier team Ward panel"
    for words in (
        "St Helier Library, Green Lane, SM4 6HS",
        "Step-free from the street",
        "3 of 3 left",
        "020 7946 0101",
    ):
        assert words in page.text


@pytest.mark.parametrize("number", ["0", "2", "2147483647", "2147483648", "9" * 30, "-1", "x", "%00"])
def test_there_is_nothing_behind_a_wrong_number(event, visitor, number):
    for more in ("", "/event.ics", "/asked"):
        assert visitor.ask("GET", f"/events/{number}{more}").status_code == 404


def test_a_planned_event_is_not_there(event, visitor):
    Event.update(state=Event.PLANNED, published_at=None).execute()
    found = [visitor.ask("GET", f"/events/1{more}").status_code for more in ("", "/event.ics", "/asked")]
    assert found == [404] * 3


def test_what_nobody_books_asks_for_no_address(app, visitor):
    services.event(places=None)
    page = visitor.visit("/events/1")
    assert "Nobody needs to book" in page.text
    assert not page.soup.find("input", attrs={"name": "email"})


def test_it_says_where_it_was_to_be_and_that_it_was_cancelled(event, visitor):
    Event.update(former="Tuesday 3 November 2026, at the church hall").execute()
    assert "It was to be: Tuesday 3 November 2026, at the church hall." in visitor.visit("/events/1").text
    events.cancel(event, cast.officer("Farah"), "The hall is closed", db.now())
    page = visitor.visit("/events/1")
    assert "This event was cancelled. The hall is closed" in page.text
    assert not page.has_button("Book")


def test_what_was_said_is_read_afterwards(event, visitor):
    now = db.now()
    Event.update(begins_at=now - DAY, ends_at=now - HOUR, said="Patrols **go on**.", said_at=now, came=12).execute()
    page = visitor.visit("/events/1")
    assert "What was said Patrols go on . 12 people came." in page.text


def test_the_wards_page_leads_to_its_next_events_and_their_calendar(event, visitor):
    page = visitor.visit(f"/areas/{cast.ST_HELIER}")
    assert page.click("Ward panel").h1.endswith("Ward panel")
    reply = visitor.ask("GET", f"/areas/{cast.ST_HELIER}/calendar.ics")
    assert reply.mimetype == "text/calendar"
    assert [str(each["url"]) for each in Calendar.from_ical(reply.data).walk("VEVENT")] == [
        "http://localhost:5000/events/1"
    ]
    assert "Next events" not in visitor.visit(f"/areas/{cast.RAVENSBURY}").text


@pytest.mark.parametrize("code", [cast.MERTON, "E05999999", "x", "%00"])
def test_only_wards_have_calendars(event, visitor, code):
    assert visitor.ask("GET", f"/areas/{code}/calendar.ics").status_code == 404


def test_its_file_is_one_to_keep(event, visitor):
    reply = visitor.ask("GET", "/events/1/event.ics")
    assert (reply.mimetype, reply.headers["Content-Disposition"]) == (
        "text/calendar",
        'attachment; filename="event.ics"',
    )
    assert len(Calendar.from_ical(reply.data).walk("VEVENT")) == 1


# --- Book by an address ---


@pytest.mark.parametrize("email", ["zoe@example.org", "amara@example.org", "esme@example.org", "dov@example.org"])
def test_an_address_gets_the_same_page_whoever_has_it(event, visitor, email):
    page = visitor.visit("/events/1").submit("Book a place", email=email)
    assert (page.h1, email in page.text, "Nothing is booked yet" in page.text) == (ASKED, True, True)
    assert Booking.get().state == Booking.ASKED


@pytest.mark.parametrize("email", ["", "zoe", "zoe@", "z@é", "a" * 400, "zoe@example.org\nBcc: x@example.org", "\0"])
def test_a_wrong_address_is_explained_and_kept(event, visitor, email):
    page = visitor.visit("/events/1").submit("Book a place", email=email)
    assert page.status == 422
    assert page.title.startswith("Error: ")
    assert page.errors
    assert not Booking.select().exists()


def test_too_many_from_one_network_wait(event, visitor):
    pages = [visitor.visit("/events/1").submit("Book a place", email=f"zoe{n}@example.org") for n in range(31)]
    assert [page.status for page in pages] == [200] * 30 + [429]


def test_what_closed_meanwhile_says_why(event, visitor):
    page = visitor.visit("/events/1")
    events.cancel(event, cast.officer("Farah"), "The hall is closed", db.now())
    assert "This event was cancelled." in page.submit("Book a place", email="zoe@example.org").text
    assert not Booking.select().exists()


def test_check_your_email_is_for_who_asked(event, visitor):
    assert visitor.visit("/events/1/asked").url == "/events/1"


# --- Book on one's own page ---


def test_whose_page_is_open_books_by_one_press(event, visitor):
    page = at_home(visitor).visit("/events/1")
    assert page.fields(page.form("Book my place")[0])["name"] == ["Amara"]
    page = page.submit("Book my place")
    assert (page.url, "You have a place." in page.soup.get_text()) == ("/preferences/events", True)
    assert (Booking.get().name, Booking.get().state) == ("Amara", Booking.BOOKED)


def test_a_link_from_an_alert_is_not_enough(event, visitor):
    page = at_home(visitor, scope="limited").visit("/events/1")
    assert not page.has_button("Book my place")
    assert page.submit("Book a place", email="amara@example.org").h1 == ASKED
    assert visitor.visit("/preferences/events").url == "/preferences/fresh"


def test_a_name_that_is_too_long_is_explained(event, visitor):
    page = at_home(visitor).visit("/events/1").submit("Book my place", name="Amara" * 30)
    assert (page.status, page.errors) == (422, ["Your name must be 100 characters or fewer; it has 150"])


def test_who_booked_sees_it_and_may_give_it_up(event, visitor):
    booked(event)
    at_home(visitor)
    assert "You have a place. Your booking is number 1." in visitor.visit("/events/1").text
    assert "Events 1 place booked Change events" in visitor.visit("/preferences").text
    page = visitor.visit("/preferences/events").submit("Give up my place")
    assert "You gave up your place at “Ward panel”." in page.soup.get_text()
    assert "Events No places booked" in visitor.visit("/preferences").text


def test_nobody_gives_up_somebody_elses_place(event, visitor):
    theirs = booked(event, "Bryn")
    at_home(visitor)
    token = visitor.visit("/events/1").soup.find("input", attrs={"name": "csrf_token"})["value"]
    reply = visitor.ask("POST", f"/preferences/events/{theirs.id}/cancel", data={"csrf_token": token})
    assert reply.status_code == 404
    assert Booking.get_by_id(theirs.id).is_booked


def test_a_full_event_offers_the_waiting_list(app, visitor):
    event = services.event(places=1)
    booked(event, "Bryn")
    assert "It is full, but you can wait for a place." in visitor.visit("/events/1").text
    page = at_home(visitor).visit("/events/1").submit("Join the waiting list")
    assert "You are number 1 on the waiting list." in page.text


def test_in_the_last_hour_nobody_is_asked_to_wait(app, visitor):
    event = services.event(places=1)
    booked(event, "Bryn")
    Event.update(begins_at=db.now() + HOUR / 2).execute()
    page = visitor.visit("/events/1")
    assert "It is full, and nobody moves up in the last hour before it begins." in page.text
    assert not page.has_button("waiting list")


# --- By the link in an email ---


def asked(event: Event, email: str = "zoe@example.org") -> Booking:
    bookings.ask(email, event, db.now())
    return Booking.get(Booking.resident == Resident.get(Resident.email == email))


def test_a_scanner_that_follows_the_link_changes_nothing(event, visitor):
    mine, before = asked(event), rows()
    assert visitor.visit(link_to(mine)).h1 == "Ward panel Confirm that you want a place"
    assert rows() == before


def test_who_confirms_has_a_place_and_may_give_it_up(event, visitor):
    page = visitor.visit(link_to(asked(event))).submit("Confirm my booking", name=" Zoe  ")
    assert page.h1 == "Ward panel You have a place"
    assert "The team expects Zoe." in page.text
    page = page.submit("Give up my place")
    assert page.h1 == "Ward panel You have no place"
    assert not page.has_button("Confirm")


def test_who_did_not_ask_says_so(event, visitor):
    page = visitor.visit(link_to(asked(event))).submit("I do not want a place")
    assert page.h1 == "Ward panel You have no place"
    assert Resident.get(Resident.email == "zoe@example.org").state == Resident.PENDING


def test_pressing_twice_is_success(event, visitor):
    page = visitor.visit(link_to(asked(event)))
    assert {page.submit("Confirm my booking").h1 for _ in range(2)} == {"Ward panel You have a place"}
    page = visitor.visit(page.url)
    assert {page.submit("Give up my place").h1 for _ in range(2)} == {"Ward panel You have no place"}


def test_a_name_on_the_link_that_is_too_long_is_explained(event, visitor):
    page = visitor.visit(link_to(asked(event))).submit("Confirm my booking", name="Z" * 101)
    assert (page.status, page.errors) == (422, ["Your name must be 100 characters or fewer; it has 101"])
    assert Booking.get().state == Booking.ASKED


@pytest.mark.parametrize("verb", ["confirm", "cancel"])
def test_a_forged_foreign_or_old_link_does_nothing(event, visitor, verb, monkeypatch):
    mine, theirs = booked(event), booked(event, "Bryn")
    amara, bryn = mine.resident, theirs.resident
    token = links.sign(links.BOOKING, amara, mine.id)
    forged = ["x", token[:-1], links.sign(links.BOOKING, amara, theirs.id), links.sign(links.BOOKING, bryn, mine.id)]
    forged += [links.sign(links.CONCERN, amara, mine.id)]
    forged += [links.sign(links.BOOKING, amara, number) for number in (None, 99, 2147483647)]
    before, csrf = rows(), visitor.visit("/preferences").soup.find("input", attrs={"name": "csrf_token"})["value"]
    for each in forged:
        assert visitor.visit(f"/events/booking/{each}").h1 == "This link no longer works"
        assert visitor.ask("POST", f"/events/booking/{each}/{verb}", data={"csrf_token": csrf}).status_code == 410
    monkeypatch.setitem(links.SIGNED_LIFETIME, links.BOOKING, -DAY)
    assert visitor.ask("POST", f"/events/booking/{token}/{verb}", data={"csrf_token": csrf}).status_code == 410
    assert rows() == before


def test_who_has_left_is_told_kindly(event, visitor):
    mine = booked(event)
    url, page = link_to(mine), visitor.visit(link_to(mine))
    leaving.leave(mine.resident, leaving.BY_LINK, db.now())
    assert "You have left since" in visitor.visit(url).text
    assert page.submit("Give up my place").h1 == "This link no longer works"


@pytest.mark.parametrize(
    ("change", "heading"),
    [
        ({"state": Event.CANCELLED}, "This event was cancelled"),
        ({"begins_at": datetime(2026, 1, 1)}, "You cannot book this any more"),
    ],
)
def test_a_link_that_comes_too_late_says_what_became_of_it(event, visitor, change, heading):
    page = visitor.visit(link_to(asked(event)))
    Event.update(change).execute()
    after = page.submit("Confirm my booking")
    assert (after.h1, after.has_button("Confirm")) == (f"Ward panel {heading}", False)
    assert "Nothing was booked." in after.soup.get_text()


def test_the_link_works_until_the_event_is_over():
    assert links.SIGNED_LIFETIME[links.BOOKING] > AHEAD + DAY


# --- Officers ---


def form(**instead) -> dict:
    """What an officer types of a stall, five days from now."""
    day = db.now() + 5 * DAY
    typed = {"kind": "stall", "title": "Street stall", "wards": [cast.ST_HELIER], "venue": "Green Lane"}
    typed |= {"day": [str(day.day), str(day.month), str(day.year)], "begins": "10am", "ends": "12:30", "places": ""}
    return typed | instead


def planned(farah: Visitor, **instead):
    return farah.visit("/officers/events/new").submit("Save the plan", **form(**instead))


def test_an_officer_plans_announces_and_changes_an_event(app, signed_in, visitor):
    farah = signed_in("Farah")
    page = planned(farah, access=["toilet"], about="Come **all**.")
    assert "Only your team can see it" in page.text
    page = page.submit("Announce it")
    assert visitor.visit("/events/1").h1 == "Street stall · St Helier team Street stall"
    page = page.submit("Change it").submit("Save", title="Bike marking", places="20")
    assert page.h1 == "Bike marking"
    assert (Event.get().places, Event.get().access, Event.get().revision) == (20, "toilet", 1)


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"kind": ""}, "Select what it is"),
        ({"title": ""}, "Enter a title"),
        ({"title": "x" * 121}, "Title must be 120 characters or fewer; it has 121"),
        ({"wards": []}, "Select at least one ward"),
        ({"wards": [cast.SURBITON_HILL]}, "Select at least one ward"),
        ({"venue": "\u200b"}, "Enter where it is"),
        ({"day": ["", "", ""]}, "Enter a date"),
        ({"day": ["31", "2", "2027"]}, "Enter a real date"),
        ({"day": ["1", "1", "2020"]}, "That is in the past"),
        ({"day": ["1", "1", "2090"]}, "Choose a day in the next 180 days"),
        ({"begins": "soon"}, "Enter a time like 6:30pm or 18:30"),
        ({"ends": "9am"}, "It must end after it begins, on the same day"),
        ({"ends": "10am"}, "It must end after it begins, on the same day"),
        ({"places": "0"}, "How many people can come must be a whole number from 1 to 2,000"),
        ({"places": "-3"}, "How many people can come must be a whole number from 1 to 2,000"),
        ({"places": "²"}, "How many people can come must be a whole number from 1 to 2,000"),
        ({"places": "9" * 500}, "How many people can come must be a whole number from 1 to 2,000"),
        ({"about": "x" * 10_001}, "What it is about must be 10,000 characters or fewer; it has 10,001"),
        ({"access_note": "x" * 501}, "This must be 500 characters or fewer; it has 501"),
    ],
)
def test_what_is_wrong_is_explained_and_what_was_typed_stays(app, signed_in, typed, sentence):
    page = planned(signed_in("Farah"), **typed)
    assert page.status == 422
    assert any(error.startswith(sentence) for error in page.errors), page.errors
    kept = page.fields(page.form("Save the plan")[0])
    assert kept["title"] == [typed.get("title", "Street stall")]
    assert not Event.select().exists()


def filled(app, **instead) -> EventForm:
    typed = MultiDict(form(**{"day": ["28", "3", "2027"]} | instead))
    with app.test_request_context():
        ward = cast.resident("Amara").home
        return EventForm(datetime(2027, 3, 1, 12), [ward], formdata=typed, meta={"csrf": False})


def test_a_time_that_the_clocks_leave_out_is_explained(app):
    wrong = filled(app, begins="1:30am", ends="3am")
    assert not wrong.validate()
    assert wrong.begins.errors == ["The clocks go forward that night: there is no such time. Choose 2am or later"]


def test_times_are_londons(app):
    right = filled(app, begins="12:30am", ends="6.30pm")
    assert right.validate()
    assert (right.begins_at, right.ends_at) == (datetime(2027, 3, 28, 0, 30), datetime(2027, 3, 28, 17, 30))


def test_sending_the_form_twice_plans_one_event(app, signed_in):
    page = signed_in("Farah").visit("/officers/events/new")
    assert {page.submit("Save the plan", **form()).url for _ in range(2)} == {"/officers/events/1"}


def test_one_event_after_the_other_is_planned(app, signed_in):
    farah = signed_in("Farah")
    assert [planned(farah, title=title).h1 for title in ("Street stall", "Surgery")] == ["Street stall", "Surgery"]
    assert Event.select().where(Event.key != "").count() == 2


def test_who_goes_back_and_plans_another_loses_neither(app, signed_in):
    page = signed_in("Farah").visit("/officers/events/new")
    urls = [page.submit("Save the plan", **form(title=title)).url for title in ("Street stall", "Surgery")]
    assert urls == ["/officers/events/1", "/officers/events/2"]


def test_who_works_in_several_teams_chooses_one_first(app, signed_in):
    idris = signed_in("Idris")
    page = idris.visit("/officers/events/new")
    assert (page.url, "Choose first which team it is of." in page.soup.get_text()) == ("/officers/events", True)
    page = page.submit("Plan an event", team=str(cast.team("Surbiton Hill").id))
    page.submit("Save the plan", **form(wards=[cast.SURBITON_HILL]))
    assert Event.get().team == cast.team("Surbiton Hill")


def test_nobody_plans_for_another_team(app, signed_in):
    gus = signed_in("Gus")
    page = gus.visit(f"/officers/events/new?team={cast.team('St Helier').id}")
    page.submit("Save the plan", **form(wards=[cast.SURBITON_HILL]))
    assert Event.get().team == cast.team("Surbiton Hill")


def test_another_team_finds_nothing_there(event, signed_in):
    gus, before = signed_in("Gus"), list(Event.select().tuples())
    assert {knock(gus, *door).status_code for door in EVENT_DOORS} == {404}
    assert "No events yet" in gus.visit("/officers/events").text
    assert list(Event.select().tuples()) == before


def test_of_two_officers_who_change_it_the_second_is_told(event, signed_in):
    page = signed_in("Farah").visit("/officers/events/1/edit")
    signed_in("Hana").visit("/officers/events/1/edit").submit("Save", title="Hana’s")
    after = page.submit("Save", title="Farah’s")
    assert "Somebody changed this event since you opened the form." in after.soup.get_text()
    assert Event.get().title == "Hana’s"


def test_too_few_places_are_explained_beside_the_field(event, signed_in):
    booked(event), booked(event, "Bryn")
    page = signed_in("Farah").visit("/officers/events/1/edit").submit("Save", places="1")
    assert (page.status, page.errors) == (422, ["2 people have a place already: enter 2 or more"])


def test_an_alert_about_it_begins_with_its_facts(event, signed_in):
    page = signed_in("Farah").visit("/officers/events/1").submit("Write an alert about it")
    draft = Alert.get()
    assert (page.url, draft.title, draft.alert_type) == ("/officers/alerts/1/edit", "Ward panel", "meetings")
    assert "* Where: St Helier Library, Green Lane, SM4 6HS" in draft.body
    assert "(http://localhost:5000/events/1)" in draft.body
    assert [row.area_id for row in AlertArea.select()] == [cast.ST_HELIER]


def test_no_alert_is_written_about_what_nobody_can_read(app, signed_in):
    farah = signed_in("Farah")
    planned(farah)
    knock(farah, "POST", "/officers/events/1/alert")
    assert not Alert.select().exists()


def test_a_plan_is_put_away_without_a_reason(app, signed_in):
    farah = signed_in("Farah")
    page = planned(farah).submit("Put it away").submit("Put it away")
    assert "It is put away." in page.soup.get_text()
    assert "No events yet" in farah.visit("/officers/events").text


def test_cancelling_asks_for_a_reason_that_people_may_read(event, signed_in):
    booked(event)
    page = signed_in("Farah").visit("/officers/events/1").submit("Cancel it")
    assert "1 person who has a place or waits for one is told by email" in page.text
    assert page.submit("Cancel it now").errors == ["Enter why it is cancelled"]
    assert page.submit("Cancel it now", because="Fire at 14 Green Lane").status == 422
    page = page.submit("Cancel it now", because="The hall is closed")
    assert (page.url, Event.get().state) == ("/officers/events/1", Event.CANCELLED)


def test_who_comes_is_shown_by_name_without_an_address(event, signed_in):
    booked(event)
    bookings.book(cast.resident("Bryn"), event, "", db.now())
    page = signed_in("Farah").visit("/officers/events/1/who")
    assert "Amara" in page.text
    assert "Booking 2" in page.text
    assert not re.search("@example", page.html)
    assert Journal.select().where(Journal.resident.is_null(False), Journal.officer.is_null(False)).count() == 2


def test_who_came_and_what_was_said_are_kept_once_it_has_begun(event, signed_in, visitor):
    mine, theirs = booked(event), booked(event, "Bryn")
    Event.update(begins_at=db.now() - 2 * HOUR, ends_at=db.now() - HOUR).execute()
    farah = signed_in("Farah")
    page = farah.visit("/officers/events/1/who").submit("Save who came", who=[str(mine.id), "999", "x"], came="1,200")
    assert (Booking.get_by_id(mine.id).attended, Booking.get_by_id(theirs.id).attended) == (True, False)
    page = page.submit("Publish what was said").submit("Publish it", said="Mopeds, again.\r\n\r\n* patrols")
    assert "It is on the event’s page." in page.soup.get_text()
    assert "Mopeds, again. patrols 1,200 people came." in visitor.visit("/events/1").text


@pytest.mark.parametrize("came", ["0", "x", "-1", "1.5", "10001", "9" * 400])
def test_a_wrong_number_of_people_is_explained(event, signed_in, came):
    Event.update(begins_at=db.now() - HOUR).execute()
    page = signed_in("Farah").visit("/officers/events/1/who").submit("Save who came", came=came)
    assert (page.status, page.errors) == (422, ["How many people came must be a whole number from 1 to 10,000"])


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ("", "Enter what was said"),
        (" \u200b ", "Enter what was said"),
        ("x" * 20_000, "What was said must be 10,000 characters or fewer; it has 20,000"),
        ("Somebody at 14 Green Lane asked.", "A house number with its street"),
    ],
)
def test_what_must_not_be_published_is_explained(event, signed_in, said, sentence):
    Event.update(begins_at=db.now() - HOUR).execute()
    page = signed_in("Farah").visit("/officers/events/1/said").submit("Publish it", said=said)
    assert page.status == 422
    assert page.errors[0].startswith(sentence)
    assert Event.get().said_at is None


def test_nothing_is_noted_or_published_before_it_begins(event, signed_in):
    farah = signed_in("Farah")
    for door, values in (("who", {"came": "3"}), ("said", {"said": "Mopeds."})):
        knock(farah, "POST", f"/officers/events/1/{door}", **values)
    assert (Event.get().came, Event.get().said_at) == (None, None)


def test_who_looks_at_who_comes_knows_before_what_people_see_of_it(event, signed_in):
    page = signed_in("Farah").visit("/officers/events/1")
    assert "They can see on their page that you looked." in page.text
    assert "is told" not in page.submit("Who comes").text


def test_what_officers_and_residents_write_is_shown_as_they_wrote_it(app, signed_in, visitor):
    odd = "<script>alert(1)</script> ' OR 1=1 --"
    event = services.event()
    Event.update(title=odd, venue=odd, access_note=odd, about=odd).execute()
    bookings.book(cast.resident("Amara"), Event.get_by_id(event.id), odd, db.now())
    for page in (visitor.visit("/events/1"), signed_in("Farah").visit("/officers/events/1/who")):
        assert "alert(1)" in page.html
        assert not [script for script in page.soup.find_all("script") if not script.get("src")]

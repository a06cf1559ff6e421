"""Events in a browser: an officer plans one on a tablet, residents book it on a phone; and every page passes review."""

from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from metengage import bookings, db, links
from metengage.models import Booking, Event, Link, Resident
from tests import cast, services
from tests.browser.hand import PHONE, TABLET, heading, press, sign_in, tick
from tests.browser.review import OFFICERS, RESIDENTS, Reviewer

DAY, HOUR = timedelta(days=1), timedelta(hours=1)


def link_to(booking: Booking) -> str:
    return f"/events/booking/{links.sign(links.BOOKING, booking.resident, booking.id)}"


def asked(event: Event, email: str = "zoe@example.org") -> Booking:
    bookings.ask(email, event, db.now())
    return Booking.get(Booking.resident == Resident.get(Resident.email == email))


def open_page(page: Page, name: str = "Amara") -> None:
    page.goto(f"/preferences/open/{links.issue(Link.SIGN_IN, cast.resident(name), db.now())}")
    press(page, "Open my preferences")
    expect(heading(page)).to_have_text("Your preferences")


def plan(page: Page) -> None:
    """Fill in a street stall, five days from now."""
    day = db.now() + 5 * DAY
    tick(page, "Street stall", "St Helier, Merton", "Accessible toilet")
    page.get_by_label("Title").fill("Bike marking")
    for name, value in (("Day", day.day), ("Month", day.month), ("Year", day.year)):
        page.get_by_label(name, exact=True).fill(str(value))
    page.get_by_label("When does it begin?").fill("10am")
    page.get_by_label("When does it end?").fill("12:30")
    page.get_by_label("Where is it?").fill("Outside St Helier Library, Green Lane, SM4 6HS")
    page.get_by_label("How many people can come?").fill("20")
    page.get_by_label("What is it about?").fill("Bring your **bike**.")


# --- Journeys ---


def test_an_officer_plans_and_announces_one(someone, script, app):
    page = someone(TABLET, java_script_enabled=script)
    sign_in(page, "Farah")
    page.get_by_role("link", name="Events").click()
    press(page, "Plan an event")
    plan(page)
    press(page, "Save the plan")
    press(page, "Announce it")
    page.get_by_role("link", name="Its page, as residents see it").click()
    expect(heading(page)).to_contain_text("Bike marking")
    expect(page.get_by_text("20 of 20 left")).to_be_visible()


def test_a_resident_books_by_an_email_and_gives_it_up(someone, script, app):
    page, event = someone(PHONE, java_script_enabled=script), services.event(places=1)
    page.goto(f"/areas/{cast.ST_HELIER}")
    page.get_by_role("link", name="Ward panel").click()
    page.get_by_label("Your email address").fill("zoe@example.org")
    press(page, "Book a place")
    expect(heading(page)).to_contain_text("Check your email")
    page.goto(link_to(event.bookings.get()))
    press(page, "Confirm my booking")
    expect(heading(page)).to_contain_text("You have a place")
    press(page, "Give up my place")
    expect(heading(page)).to_contain_text("You have no place")


def test_a_resident_waits_by_one_press_and_sees_it_on_their_page(someone, script, app):
    page, event = someone(PHONE, java_script_enabled=script), services.event(places=1)
    bookings.book(cast.resident("Bryn"), event, "", db.now())
    open_page(page)
    page.goto(f"/events/{event.id}")
    press(page, "Join the waiting list")
    expect(page.get_by_text("You are number 1 on the waiting list.")).to_be_visible()
    press(page, "Leave the waiting list")
    expect(page.get_by_role("alert")).to_contain_text("You gave up your place")


# --- Review ---


@pytest.fixture
def resident(someone) -> Reviewer:
    return Reviewer(someone(PHONE), RESIDENTS)


@pytest.fixture
def officer(someone) -> Reviewer:
    return Reviewer(someone(PHONE), OFFICERS)


def test_booking_passes_review(resident):
    page, event = resident.page, services.event(places=1, access_note="Ask for PC Farah", former="Tuesday, elsewhere")
    page.goto("/events/1")
    resident.look("Ward panel")
    press(page, "Book a place")
    resident.look("Error: Ward panel")
    page.get_by_label("Your email address").fill("zoe@example.org")
    press(page, "Book a place")
    resident.look("Check your email")
    page.goto(link_to(event.bookings.get()))
    resident.look("Confirm that you want a place")
    press(page, "Confirm my booking")
    resident.look("You have a place")
    press(page, "Give up my place")
    resident.look("You have no place")
    assert resident.wrong == []


def test_what_else_residents_see_of_it_passes_review(resident):
    page, event = resident.page, services.event(places=1)
    mine, late = asked(event), asked(event, "bryn@example.org")
    open_page(page)
    page.goto("/events/1")
    resident.look("Ward panel")
    press(page, "Book my place")
    resident.look("Events you booked")
    page.goto("/events/1")
    resident.look("Ward panel")
    page.goto(link_to(mine))
    resident.look("Confirm that you want to wait for a place")
    press(page, "Join the waiting list")
    resident.look("You are on the waiting list")
    page.goto(f"/areas/{cast.ST_HELIER}")
    resident.look("St Helier, Merton")
    Event.update(begins_at=db.now() - 3 * HOUR, ends_at=db.now() - HOUR, said="Mopeds.", said_at=db.now()).execute()
    page.goto("/events/1")
    resident.look("Ward panel")
    page.goto(link_to(late))
    resident.look("You cannot book this any more")
    Event.update(state=Event.CANCELLED, cancelled_because="The hall is closed").execute()
    for url, title in (("/events/1", "Ward panel"), (link_to(mine), "This event was cancelled")):
        page.goto(url)
        resident.look(title)
    page.goto("/preferences/events")
    resident.look("Events you booked")
    assert resident.wrong == []


def test_planning_passes_review(officer):
    page = officer.page
    sign_in(page, "Farah")
    page.goto("/officers/events")
    officer.look("Events")
    press(page, "Plan an event")
    officer.look("Plan an event")
    press(page, "Save the plan")
    officer.look("Error: Plan an event")
    plan(page)
    press(page, "Save the plan")
    officer.look("Bike marking")
    press(page, "Announce it")
    officer.look("Bike marking")
    press(page, "Change it")
    officer.look("Change this event")
    page.goto("/officers/events/1/cancel")
    officer.look("Cancel this event?")
    press(page, "Cancel it now")
    officer.look("Error: Cancel this event?")
    page.get_by_label("Why is it cancelled?").fill("The hall is closed")
    press(page, "Cancel it now")
    officer.look("Bike marking")
    page.goto("/officers/events")
    officer.look("Events")
    assert officer.wrong == []


def test_what_came_of_it_passes_review(officer):
    page, event = officer.page, services.event()
    for name, called in (("Amara", "Amara"), ("Bryn", "")):
        bookings.book(cast.resident(name), event, called, db.now())
    sign_in(page, "Farah")
    page.goto("/officers/events/1/who")
    officer.look("Who comes")
    Event.update(begins_at=db.now() - 3 * HOUR, ends_at=db.now() - HOUR).execute()
    page.goto("/officers/events/1/who")
    officer.look("Who came")
    page.get_by_label("How many people came in all?").fill("many")
    press(page, "Save who came")
    officer.look("Error: Who came")
    page.goto("/officers/events/1/said")
    officer.look("What was said")
    press(page, "Publish it")
    officer.look("Error: What was said")
    page.get_by_label("What was said?").fill("People asked about mopeds.")
    press(page, "Publish it")
    officer.look("Ward panel")
    page.goto("/officers/events")
    officer.look("Events")
    assert officer.wrong == []


def test_choosing_a_team_passes_review(officer):
    sign_in(officer.page, "Idris")
    officer.page.goto("/officers/events")
    officer.look("Events")
    press(officer.page, "Plan an event")
    officer.page.get_by_text("Choose first which team it is of.").wait_for()
    officer.look("Events")
    assert officer.wrong == []

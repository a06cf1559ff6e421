"""A meeting from its plan to what was said: an officer announces it, residents book, wait, move up and come."""

from datetime import timedelta

import pytest

from metengage import db
from tests import cast
from tests.page import Page
from tests.services import link_in, text_of, url_in

AMARA, ZOE = "amara@example.org", "zoe@example.org"
DAY = timedelta(days=1)


@pytest.fixture
def farah(signed_in):
    return signed_in("Farah")


@pytest.fixture
def announced(farah) -> Page:
    """The officers' page of a meeting with one place, in three days."""
    day = db.now() + 3 * DAY
    page = farah.visit("/officers/events").submit("Plan an event").submit(
        "Save the plan", kind="meeting", title="Ward panel", wards=[cast.ST_HELIER], venue="St Helier Library",
        day=[str(day.day), str(day.month), str(day.year)], begins="7pm", ends="8:30pm", places="1", access=["toilet"],
    )  # fmt: skip
    return page.submit("Announce it")


def book(visitor, post, work, email: str) -> Page:
    """Book by this address and by the email that comes."""
    page = visitor.visit(f"/areas/{cast.ST_HELIER}").click("Ward panel")
    page.submit("waiting list" if page.has_button("waiting list") else "Book a place", email=email)
    work()
    page = visitor.visit(link_in(post.last_to(email), "/events/booking/"))
    page = page.submit("Join the waiting list" if page.has_button("Join") else "Confirm my booking", name="Zoe")
    work()
    return page


def test_somebody_unknown_books_gives_up_and_the_next_moves_up(announced, visitor, newcomer, post, work):
    mine = book(visitor, post, work, ZOE)
    assert post.last_to(ZOE)["Subject"] == "You have a place: Ward panel"
    book(newcomer, post, work, AMARA)
    assert "You are number 1 in line." in text_of(post.last_to(AMARA))
    visitor.visit(mine.url).submit("Give up my place")
    work()
    assert post.last_to(AMARA)["Subject"] == "You have a place now: Ward panel"
    assert newcomer.visit(link_in(post.last_to(AMARA), "/booking/")).h1 == "Ward panel You have a place"


def test_each_email_leads_to_the_page_and_to_a_file_for_the_calendar(announced, visitor, post, work):
    book(visitor, post, work, ZOE)
    letter = post.last_to(ZOE)
    assert url_in(letter, "event.ics") == "http://localhost:5000/events/1/event.ics"
    assert visitor.visit("/events/1/event.ics").reply.mimetype == "text/calendar"
    assert letter["From"] == '"St Helier team, Met Engage" <account@engage.example.org>'


def test_who_comes_is_told_of_another_place_and_that_it_is_cancelled(announced, farah, visitor, post, work):
    book(visitor, post, work, ZOE)
    page = announced.submit("Change it").submit("Save", venue="The church hall")
    work()
    words = " ".join(text_of(post.last_to(ZOE)).split())
    assert "7:00pm to 8:30pm, St Helier Library. It is now:" in words
    assert "Where: The church hall" in words
    page.submit("Cancel it").submit("Cancel it now", because="The hall is closed")
    work()
    assert "Why: The hall is closed" in text_of(post.last_to(ZOE))
    assert not visitor.visit(link_in(post.last_to(ZOE), "/events/1")).has_button("Book")

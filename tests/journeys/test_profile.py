"""A resident pauses, goes on, caps, becomes discreet, and says who they are and what concerns them."""

import pytest

from metengage import db, jobs, profile
from metengage.formats import weekday
from metengage.models import Resident
from tests import cast, services
from tests.page import Page, Visitor
from tests.services import link_in

AMARA = "amara@example.org"


@pytest.fixture
def mine(visitor, post, work) -> Page:
    """Amara's page, opened by her magic link."""
    visitor.visit("/preferences").submit("Send me the link", email=AMARA)
    work()
    return visitor.visit(link_in(post.last_to(AMARA), "/preferences/open/")).submit("Open my preferences")


@pytest.fixture
def forwarded(post, work, newcomer) -> Visitor:
    """Somebody who opened the link in an alert to Amara."""
    services.send()
    work()
    newcomer.visit(link_in(post.last_to(AMARA), "/preferences/open/")).submit("Open my preferences")
    return newcomer


def ticked(page: Page) -> list[str]:
    return [each["value"] for each in page.soup.find_all("input", checked=True)]


# --- Pause and cap ---


def test_pausing_two_weeks_is_one_press_on_its_page(forwarded):
    page = forwarded.visit("/preferences/pause").submit("2 weeks")
    until = weekday(cast.resident("Amara").paused_until)
    assert f"Paused. You get nothing from us until {until}." in page.text
    assert f"Paused until {until}" in forwarded.visit("/preferences/pause").text


@pytest.mark.parametrize("button", ["1 week", "2 weeks", "4 weeks"])
def test_the_button_says_the_day_that_it_pauses_until(mine, button):
    page = mine.visitor.visit("/preferences/pause")
    _, pressed = page.form(button)
    page.submit(button)
    assert pressed.get_text().strip().removeprefix(f"{button}, until ") in weekday(cast.resident("Amara").paused_until)


def test_going_on_ends_the_pause_and_says_so(mine):
    page = mine.visitor.visit("/preferences/pause").submit("4 weeks").submit("Start my emails again now")
    assert "Your pause is over." in page.text
    assert "Paused until" not in page.text
    assert not profile.is_paused(cast.resident("Amara"), db.now())


def test_pressing_go_on_twice_is_success(mine):
    page = mine.visitor.visit("/preferences/pause").submit("4 weeks")
    assert page.submit("Start my emails again now").text == page.submit("Start my emails again now").text


def test_a_cap_is_saved_and_shown(mine):
    page = mine.visitor.visit("/preferences/pause").submit("Save the limit", most="3")
    assert "Saved. You get no more than 3 emails a week." in page.text
    assert ticked(page) == ["3"]
    assert "There is no limit" in page.submit("Save the limit", most="none").text


def test_a_cap_leaves_the_pause_as_it_is(mine):
    page = mine.visitor.visit("/preferences/pause").submit("2 weeks").submit("Save the limit", most="1")
    assert "Paused until" in page.text


# --- Discreet emails ---


def test_discreet_emails_are_turned_on_and_off(forwarded):
    page = forwarded.visit("/preferences/discreet").submit("Turn on")
    assert "Discreet emails are on." in page.text
    assert cast.resident("Amara").is_discreet
    assert "Discreet emails are off." in page.submit("Turn off").text
    assert not cast.resident("Amara").is_discreet


@pytest.mark.parametrize(
    "words", ["“Local updates”", "“Your local update”", "whoever opens an email reads it", "history"]
)
def test_the_page_says_what_discreet_emails_do_and_cannot_do(forwarded, words):
    assert words in forwarded.visit("/preferences/discreet").text


def test_the_discreet_page_can_be_closed_and_left(forwarded):
    page = forwarded.visit("/preferences/discreet")
    assert page.soup.find("a", class_="govuk-exit-this-page__button")["href"].startswith("https://")
    page.submit("Close my page")
    assert forwarded.visit("/preferences/discreet").url == "/preferences"


# --- Name and concerns ---


def test_a_name_is_changed_and_emptied(mine):
    page = mine.visitor.visit("/preferences/name")
    assert "Our emails greet you as Ama." in page.submit("Save", name="Ama").text
    assert mine.visitor.visit("/preferences/name").soup.find("input", id="name")["value"] == "Ama"
    assert "Our emails greet you by no name." in page.submit("Save", name="").text


def test_concerns_are_chosen_and_then_ranked(mine):
    page = mine.visitor.visit("/preferences/concerns")
    assert ticked(page) == ["none"]
    page = page.submit("Save", concerns=["fraud", "drugs"])
    assert page.url == "/preferences/concerns/rank"
    page = page.submit("Save", first="drugs")
    assert "Saved. What concerns you: Drugs (first); Fraud and scams." in page.text
    assert ticked(mine.visitor.visit("/preferences/concerns")) == ["fraud", "drugs"]


def test_no_concern_is_not_ranked(mine):
    page = mine.visitor.visit("/preferences/concerns").submit("Save", concerns=["none"])
    assert (page.url, "What concerns you: None." in page.text) == ("/preferences", True)


def test_of_two_open_tabs_each_changes_only_its_own(mine):
    named, concerned = mine.visitor.visit("/preferences/name"), mine.visitor.visit("/preferences/concerns")
    capped = mine.visitor.visit("/preferences/pause")
    named.submit("Save", name="Ama")
    concerned.submit("Save", concerns=["fraud"])
    capped.submit("Save the limit", most="5")
    amara = cast.resident("Amara")
    assert (amara.name, profile.concerns(amara)["concerns"], amara.weekly_cap) == ("Ama", ["fraud"], 5)


def test_of_two_tabs_that_rank_the_last_one_counts(mine):
    first = mine.visitor.visit("/preferences/concerns").submit("Save", concerns=["fraud", "drugs"])
    second = mine.visitor.visit("/preferences/concerns/rank")
    first.submit("Save", first="drugs", second="fraud")
    second.submit("Save", first="fraud")
    assert profile.concerns(cast.resident("Amara"))["rank"] == ["fraud"]


# --- A fresh link ---


@pytest.mark.parametrize("path", ["name", "concerns", "email"])
def test_a_fresh_link_leads_on_to_the_page_that_was_wanted(forwarded, post, work, path):
    page = forwarded.visit(f"/preferences/{path}")
    assert (page.url, page.h1) == ("/preferences/fresh", "We send you a fresh link")
    page = page.submit("Send me a fresh link")
    assert (page.h1, AMARA in page.html) == ("Check your email", False)
    work()
    page = forwarded.visit(link_in(post.last_to(AMARA), "/preferences/open/")).submit("Open my preferences")
    assert page.url == f"/preferences/{path}"
    assert forwarded.visit("/preferences/fresh").url == "/preferences"


def test_in_another_browser_a_fresh_link_opens_the_preferences(forwarded, visitor, post, work):
    forwarded.visit("/preferences/name").submit("Send me a fresh link")
    work()
    page = visitor.visit(link_in(post.last_to(AMARA), "/preferences/open/")).submit("Open my preferences")
    assert page.url == "/preferences"


def test_the_clock_ends_pauses_that_were_told(forwarded, post):
    moment = profile.begins(db.now().date())
    Resident.update(paused_until=moment).where(Resident.email == AMARA).execute()
    jobs.tick()
    assert cast.resident("Amara").paused_until is None

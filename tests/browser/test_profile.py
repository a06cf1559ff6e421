"""Residents on a phone pause, cap, are discreet, say who they are and move; every page passes review."""

import pytest
from playwright.sync_api import expect

from metengage import db, links
from metengage.models import Link, Resident
from tests import cast, services
from tests.browser.hand import PHONE, arrived, heading, press, tick
from tests.browser.review import RESIDENTS, Reviewer
from tests.services import link_in, url_in

AMARA, NEW = "amara@example.org", "amara.new@example.org"


def open_mine(page, limited: bool = False) -> None:
    """Open Amara's page, by a magic link or by one from an alert."""
    amara = cast.resident("Amara")
    token = links.sign(links.PREFERENCES, amara, 7) if limited else links.issue(Link.SIGN_IN, amara, db.now())
    page.goto(f"/preferences/open/{token}")
    press(page, "Open my preferences")
    expect(heading(page)).to_have_text("Your preferences")


def is_said(page, words: str) -> None:
    expect(page.get_by_role("alert")).to_contain_text(words)


# --- What people do ---


def test_amara_pauses_two_weeks_by_two_taps_and_goes_on(someone, script, worker, post):
    page = someone(PHONE, java_script_enabled=script)
    services.send()
    page.goto(url_in(arrived(post, AMARA), "/preferences/open/"))
    press(page, "Open my preferences")
    page.goto("/preferences/pause")  # one tap, on the row of the page
    press(page, "2 weeks")
    is_said(page, "Paused. You get nothing from us until")
    press(page, "Start my emails again now")
    is_said(page, "Your pause is over")


def test_amara_pauses_until_a_date_and_sets_a_cap(someone, script):
    page = someone(PHONE, java_script_enabled=script)
    open_mine(page, limited=True)
    page.goto("/preferences/pause")
    page.get_by_label("Day").fill("31")
    page.get_by_label("Month").fill("February")
    page.get_by_label("Year").fill(str(db.now().year + 1))
    press(page, "Pause until this date")
    expect(page.get_by_label("Month")).to_have_value("February")
    page.get_by_role("alert").get_by_role("link", name="Enter a real date").click()
    page.get_by_label("Day").fill("1")
    press(page, "Pause until this date")
    is_said(page, "1 February")
    tick(page, "3 emails")
    press(page, "Save the limit")
    is_said(page, "no more than 3 emails a week")


def test_amara_is_asked_for_a_fresh_link_and_says_what_concerns_her(someone, script, worker, post):
    page = someone(PHONE, java_script_enabled=script)
    open_mine(page, limited=True)
    page.goto("/preferences/concerns")
    press(page, "Send me a fresh link")
    expect(heading(page)).to_have_text("Check your email")
    page.goto(url_in(arrived(post, AMARA), "/preferences/open/"))
    press(page, "Open my preferences")
    page.get_by_label("None of these").uncheck()
    tick(page, "Drugs", "Burglary")
    press(page, "Save")
    page.get_by_label("Matters most").select_option("Drugs")
    press(page, "Save")
    is_said(page, "What concerns you: Drugs (first); Burglary.")


def test_amara_moves_to_another_address(someone, script, worker, post):
    page = someone(PHONE, java_script_enabled=script)
    open_mine(page)
    page.goto("/preferences/email")
    page.get_by_label("new email address").fill(NEW)
    press(page, "Write to this address")
    expect(heading(page)).to_have_text("Check your email")
    page.goto(url_in(arrived(post, NEW), "/preferences/email/"))
    press(page, "Use this address")
    expect(heading(page)).to_have_text("Your email address is changed")
    assert arrived(post, AMARA)["Subject"] == "Our emails go to another address now"


# --- How it looks ---


@pytest.fixture
def reviewer(someone):
    """Looks at every page that it is told to."""
    return Reviewer(someone(PHONE), RESIDENTS)


def test_pausing_and_capping_pass_review(reviewer):
    page = reviewer.page
    open_mine(page)
    page.goto("/preferences/pause")
    reviewer.look("Pause, or get fewer emails")
    press(page, "4 weeks")
    is_said(page, "Paused.")
    reviewer.look("Pause, or get fewer emails")
    press(page, "Pause until this date")
    reviewer.look("Error: Pause, or get fewer emails")
    assert reviewer.wrong == []


def test_discreet_emails_pass_review(reviewer):
    open_mine(reviewer.page)
    reviewer.page.goto("/preferences/discreet")
    reviewer.look("Discreet emails")
    press(reviewer.page, "Turn on")
    is_said(reviewer.page, "are on")
    reviewer.look("Discreet emails")
    assert reviewer.wrong == []


def test_name_and_concerns_pass_review(reviewer):
    page = reviewer.page
    open_mine(page)
    page.goto("/preferences/name")
    reviewer.look("What is your name?")
    page.goto("/preferences/concerns")
    reviewer.look("What concerns you where you live?")
    page.get_by_label("None of these").uncheck()
    press(page, "Save")
    reviewer.look("Error: What concerns you where you live?")
    tick(page, "Drugs", "Burglary")
    press(page, "Save")
    reviewer.look("Which of these matter most to you?")
    press(page, "Save")
    reviewer.look("Error: Which of these matter most to you?")
    assert reviewer.wrong == []


def test_moving_passes_review(reviewer, post, work):
    page = reviewer.page
    open_mine(page)
    page.goto("/preferences/email")
    reviewer.look("Change your email address")
    press(page, "Write to this address")
    reviewer.look("Error: Change your email address")
    page.get_by_label("new email address").fill("amara@gmial.com")
    press(page, "Write to this address")
    reviewer.look("Check your email")
    work()
    page.goto(link := link_in(post.last_to("amara@gmial.com"), "/preferences/email/"))
    reviewer.look("Confirm your new email address")
    Resident.update(email="amara@gmial.com").where(Resident.email == "bryn@example.org").execute()
    press(page, "Use this address")
    reviewer.look("This address is signed up already")
    Resident.update(email="bryn@example.org").where(Resident.email == "amara@gmial.com").execute()
    page.goto(link)
    press(page, "Use this address")
    reviewer.look("Your email address is changed")
    assert reviewer.wrong == []


def test_asking_for_a_fresh_link_passes_review(reviewer):
    open_mine(reviewer.page, limited=True)
    reviewer.page.goto("/preferences/name")
    reviewer.look("We send you a fresh link")
    press(reviewer.page, "Send me a fresh link")
    reviewer.look("Check your email")
    assert reviewer.wrong == []


# --- Choices that are kept as they are made, where there is script ---


def is_kept(page, words: str) -> None:
    expect(page.locator("#beside")).to_contain_text(words)


def test_a_limit_is_kept_as_it_is_chosen(someone):
    page = someone(PHONE)
    open_mine(page, limited=True)
    page.goto("/preferences/pause")
    tick(page, "3 emails")
    is_kept(page, "Saved. You get no more than 3 emails a week.")
    expect(page.get_by_label("3 emails")).to_be_focused()
    page.goto("/preferences")
    expect(page.get_by_role("main")).to_contain_text("No more than 3 emails a week")


def test_concerns_and_their_order_are_kept_as_they_are_chosen(someone):
    page = someone(PHONE)
    open_mine(page)
    page.goto("/preferences/concerns")
    page.get_by_label("None of these").uncheck()
    is_kept(page, "Select what concerns you")
    tick(page, "Drugs", "Burglary")
    is_kept(page, "Saved. What concerns you: Burglary; Drugs.")
    page.goto("/preferences/concerns/rank")
    page.get_by_label("Matters most").select_option("Drugs")
    is_kept(page, "Saved. What concerns you: Drugs (first); Burglary.")


def test_a_name_is_kept_when_it_is_written(someone):
    page = someone(PHONE)
    open_mine(page)
    page.goto("/preferences/name")
    page.get_by_role("textbox").fill("Ama")
    page.get_by_role("textbox").blur()
    is_kept(page, "Saved. Our emails greet you as Ama.")
    page.goto("/preferences")
    expect(page.get_by_role("main")).to_contain_text("Ama")

"""A resident moves to another email address, by the links in the emails that were sent."""

import pytest

from metengage import jobs, leaving
from metengage.models import Resident
from tests import cast, services
from tests.page import Page, Visitor
from tests.services import link_in, text_of

AMARA, NEW = "amara@example.org", "amara.new@example.org"
ASK, CONFIRM, DONE = "Write to this address", "Use this address", "Your email address is changed"
ENDED = "This link no longer works"


@pytest.fixture
def mine(visitor, post, work) -> Visitor:
    """Amara, on her page by a magic link."""
    visitor.visit("/preferences").submit("Send me the link", email=AMARA)
    work()
    visitor.visit(link_in(post.last_to(AMARA), "/preferences/open/")).submit("Open my preferences")
    return visitor


def ask(person: Visitor, work, post, email: str = NEW) -> str:
    """Ask to move there; the link in the email that was sent there."""
    assert person.visit("/preferences/email").submit(ASK, email=email).h1 == "Check your email"
    work()
    return link_in(post.last_to(email), "/preferences/email/")


@pytest.fixture
def link(mine, work, post) -> str:
    return ask(mine, work, post)


@pytest.fixture
def moved(link, newcomer, work) -> Page:
    """The page that says that it is done, on another device."""
    page = newcomer.visit(link).submit(CONFIRM)
    work()
    return page


def test_nothing_changes_until_the_new_address_is_confirmed(link, newcomer, work, post):
    newcomer.visit(link)
    services.send()
    work()
    assert [letter["To"] for letter in post.letters][-1] == AMARA


def test_the_link_opens_a_page_with_one_button_on_any_device(link, newcomer):
    page = newcomer.visit(link)
    assert [each.get_text().strip() for each in page.soup.main.find_all("button")] == [CONFIRM]
    assert NEW in page.text
    assert AMARA not in page.text


def test_alerts_come_to_the_new_address_from_then_on(moved, work, post):
    assert moved.h1 == DONE
    services.send()
    work()
    assert (post.letters[-1]["To"], post.letters[-1]["Subject"]) == (NEW, "Mopeds stolen in Green Lane")


def test_the_old_address_is_told_what_happened_and_whom_to_turn_to(moved, post):
    text = " ".join(text_of(post.last_to(AMARA)).split())
    assert "Hello Amara," in text
    assert "Signing up again does not undo it" in text
    assert "/privacy" in text
    assert f"/areas/{cast.ST_HELIER}" in text
    assert NEW not in text


def test_the_page_that_asked_is_closed(moved, mine):
    assert mine.visit("/preferences/name").soup.find("input", id="email")


def test_links_of_old_emails_end(mine, work, post, newcomer):
    services.send()
    work()
    old = post.last_to(AMARA)
    newcomer.visit(ask(mine, work, post)).submit(CONFIRM)
    assert newcomer.visit(link_in(old, "/preferences/open/")).h1 == ENDED
    assert newcomer.visit(link_in(old, "/unsubscribe/")).h1 == ENDED


def test_pressing_twice_is_success(link, newcomer, work, post):
    page = newcomer.visit(link)
    assert page.submit(CONFIRM).h1 == page.submit(CONFIRM).h1 == DONE
    work()
    jobs.tick()
    assert page.submit(CONFIRM).h1 == newcomer.visit(link).h1 == DONE
    assert len(post.to(AMARA)) == 2  # the magic link, and the word that they moved


def test_the_new_address_gets_a_link_to_the_same_preferences(moved, newcomer, work, post):
    page = moved.click("ask for a link to your preferences").submit("Send me the link", email=NEW)
    assert page.h1 == "Check your email"
    work()
    page = newcomer.visit(link_in(post.last_to(NEW), "/preferences/open/")).submit("Open my preferences")
    assert f"Name Amara Change name Email address {NEW}" in page.text


def test_of_two_requests_each_link_confirms_its_own_and_ends_the_other(mine, link, newcomer, work, post):
    other = ask(mine, work, post, "amara.other@example.org")
    assert newcomer.visit(link).submit(CONFIRM).h1 == DONE
    assert newcomer.visit(other).h1 == ENDED
    assert Resident.get(Resident.email == NEW).name == "Amara"


def test_an_address_that_is_signed_up_is_told_so_and_nothing_changes(mine, work, post):
    mine.visit("/preferences/email").submit(ASK, email="bryn@example.org")
    work()
    letter = post.last_to("bryn@example.org")
    assert letter["Subject"] == "This address is signed up already"
    assert "/preferences/email/" not in text_of(letter)
    assert mine.visit("/preferences/name").url == "/preferences/name"


def test_an_address_that_became_anothers_is_a_kind_page_and_works_once_they_left(link, newcomer):
    page = newcomer.visit(link)
    Resident.update(email=NEW).where(Resident.email == "bryn@example.org").execute()
    taken = page.submit(CONFIRM)
    assert (taken.status, taken.h1) == (409, "This address is signed up already")
    leaving.leave(Resident.get(Resident.email == NEW), "preferences", cast.BEGAN)
    assert page.submit(CONFIRM).h1 == DONE


def test_who_left_moves_nowhere(link, newcomer, mine):
    page = newcomer.visit(link)
    mine.visit("/preferences").submit("Stop all emails")
    assert (page.submit(CONFIRM).h1, newcomer.visit(link).h1) == (ENDED, ENDED)

"""The emails to one person: the welcome, the reminder and the goodbye, and what their links do."""

import re

import pytest

from metengage import db, jobs, residents
from metengage.models import Consent
from tests import services
from tests.page import sign_up
from tests.services import link_in, text_of

AMARA, CLEO = "amara@example.org", "cleo@example.org"
LEAVE, BACK, YES = "Stop all emails", "Come back as I was", "Yes, send me these"
ENDED = "This link no longer works"


@pytest.fixture
def letter(post, work):
    """An alert as Amara got it."""
    services.send()
    work()
    return post.last_to(AMARA)


@pytest.fixture
def welcome(visitor, post, work):
    """The welcome that Cleo got when she had confirmed."""
    sign_up(visitor)
    work()
    visitor.visit(link_in(post.last_to(CLEO), "/confirm/")).submit(YES)
    work()
    return post.last_to(CLEO)


@pytest.fixture
def goodbye(letter, newcomer, post, work):
    """The goodbye that Amara got when she had left by an alert's link."""
    newcomer.visit(link_in(letter, "/unsubscribe/")).submit(LEAVE)
    work()
    return post.last_to(AMARA)


def days_pass(days: float) -> None:
    """So long ago somebody signed up; and the clock looks."""
    Consent.update(created_at=db.now() - days * residents.REMINDED_AFTER / 2).where(
        Consent.confirmed_at.is_null(), Consent.answers.is_null(False)
    ).execute()
    jobs.tick()


def open_all(visitor, letter) -> None:
    """What a mail scanner does: follow every link of an email, twice."""
    for url in 2 * re.findall(r"https?://localhost\S+", text_of(letter)):
        visitor.ask("GET", url)
        visitor.ask("HEAD", url)


# --- Welcome ---


def test_the_welcome_comes_once_and_right_after_confirming(welcome, post, visitor, work):
    assert welcome["Subject"] == "You are signed up for St Helier, Merton: this is your team"
    visitor.visit(link_in(post.to(CLEO)[0], "/confirm/"))
    work()
    assert len(post.to(CLEO)) == 2


def test_the_welcome_leads_to_changing_and_leaving(welcome, newcomer):
    page = newcomer.visit(link_in(welcome, "/preferences/open/")).submit("Open my preferences")
    assert page.url == "/preferences"
    assert newcomer.visit(link_in(welcome, "/unsubscribe/")).submit(LEAVE).h1 == "You have left"


def test_the_welcome_can_be_stopped_by_the_mail_programs_button(welcome, newcomer, post, work):
    assert newcomer.ask("POST", welcome["List-Unsubscribe"].strip("<>")).status_code == 200
    work()
    assert post.last_to(CLEO)["Subject"] == "You have left: no more emails from us"


def test_opening_every_link_of_the_welcome_changes_nothing(welcome, newcomer, post, work):
    open_all(newcomer, welcome)
    services.send()
    work()
    assert post.last_to(CLEO)["Subject"] == "Mopeds stolen in Green Lane"


# --- Reminder ---


def test_who_has_not_confirmed_is_reminded_once(visitor, post, work):
    sign_up(visitor)
    for days in (1, 2, 3, 5):
        days_pass(days)
    work()
    assert [each["Subject"] for each in post.to(CLEO)] == [
        "Confirm that you want alerts for St Helier, Merton",
        "Do you still want alerts for St Helier, Merton?",
    ]


def test_the_reminders_link_confirms(visitor, post, work):
    sign_up(visitor)
    work()
    days_pass(2)
    work()
    page = visitor.visit(link_in(post.last_to(CLEO), "/confirm/")).submit(YES)
    assert page.h1 == "You are signed up"


def test_opening_every_link_of_the_reminder_confirms_nothing(visitor, newcomer, post, work):
    sign_up(visitor)
    days_pass(2)
    work()
    open_all(newcomer, post.last_to(CLEO))
    services.send()
    work()
    assert len(post.to(CLEO)) == 2


def test_after_seven_days_the_reminders_link_has_ended(visitor, post, work):
    sign_up(visitor)
    days_pass(2)
    work()
    days_pass(7.01)
    assert visitor.visit(link_in(post.last_to(CLEO), "/confirm/")).h1 == ENDED


# --- Goodbye, and back ---


def test_the_goodbye_brings_everything_back(goodbye, newcomer, post, work):
    page = newcomer.visit(link_in(goodbye, "/come-back/"))
    assert [each.get_text().strip() for each in page.soup.main.find_all("button")] == [BACK, "Erase my record now"]
    assert page.submit(BACK).h1 == "You are back"
    services.send(title="After")
    work()
    newcomer.visit(link_in(post.last_to(AMARA), "/preferences/open/")).submit("Open my preferences")
    assert post.last_to(AMARA)["Subject"] == "After"
    heard = "Crime prevention advice: immediately Incidents and investigations: immediately"
    assert heard in newcomer.visit("/preferences").text


def test_opening_every_link_of_the_goodbye_brings_nothing_back(goodbye, newcomer, post, work):
    open_all(newcomer, goodbye)
    services.send(title="After")
    work()
    assert post.last_to(AMARA)["Subject"] == goodbye["Subject"]


def test_pressing_twice_and_opening_it_later_is_success(goodbye, visitor, newcomer):
    link = link_in(goodbye, "/come-back/")
    page = visitor.visit(link)
    assert page.submit(BACK).h1 == page.submit(BACK).h1 == newcomer.visit(link).h1 == "You are back"


def test_the_page_has_the_same_button_right_there(letter, newcomer, post, work):
    left = newcomer.visit(link_in(letter, "/unsubscribe/")).submit(LEAVE)
    assert left.submit(BACK).h1 == "You are back"
    work()
    assert len(post.to(AMARA)) == 1  # nothing says goodbye to who is back
    services.send(title="After")
    work()
    assert post.last_to(AMARA)["Subject"] == "After"


def test_leaving_once_more_after_coming_back_ends_the_first_goodbye(goodbye, newcomer, post, work):
    newcomer.visit(link_in(goodbye, "/come-back/")).submit(BACK)
    services.send()
    work()
    newcomer.visit(link_in(post.last_to(AMARA), "/unsubscribe/")).submit(LEAVE)
    work()
    assert newcomer.visit(link_in(goodbye, "/come-back/")).h1 == ENDED
    assert newcomer.visit(link_in(post.last_to(AMARA), "/come-back/")).submit(BACK).h1 == "You are back"


def test_after_coming_back_older_links_open_nothing_but_stop_everything(letter, goodbye, newcomer):
    newcomer.visit(link_in(goodbye, "/come-back/")).submit(BACK)
    assert newcomer.visit(link_in(letter, "/preferences/open/")).h1 == ENDED
    assert newcomer.visit(link_in(letter, "/unsubscribe/")).submit(LEAVE).h1 == "You have left"


def test_every_letter_has_a_code_that_is_known(visitor, welcome, goodbye, post):
    for letter in (*post.to(CLEO)[:2], goodbye):
        code = re.search(r"Enter the code (\S+) at", text_of(letter))[1]
        assert visitor.visit("/verify").submit("Check the code", code=code).h1 == "We sent this email"

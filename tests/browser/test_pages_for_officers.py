"""Every page and state that officers see: by axe at both sizes, at 320 pixels, and for gloves."""

import pytest

from tests.browser.hand import PHONE, press, sign_in, write
from tests.browser.review import OFFICERS, WCAG, Reviewer
from tests.page import send_alert, write_alert


@pytest.fixture
def reviewer(someone):
    """Looks at every page that it is told to."""
    return Reviewer(someone(PHONE), OFFICERS)


def test_signing_in_passes_review(reviewer):
    page = reviewer.page
    page.goto("/officers/")
    reviewer.look("Sign in for officers")
    press(page, "Sign in")
    reviewer.look("Error: Sign in for officers")
    for _ in range(6):
        page.get_by_label("Email address").fill("farah@met.example.org")
        page.get_by_label("Password", exact=True).fill("guess")
        with page.expect_navigation():
            press(page, "Sign in")
    reviewer.look("Too many tries")
    assert reviewer.wrong == []


def test_writing_passes_review(reviewer):
    page = reviewer.page
    sign_in(page, "Farah")
    reviewer.look("Alerts")
    press(page, "Write an alert")
    reviewer.look("Write an alert")
    press(page, "Check and send")
    reviewer.look("Error: Write an alert")
    write(page)
    press(page, "Save and preview")
    reviewer.look("Write an alert")
    press(page, "Throw this draft away")
    reviewer.look("Alerts")
    assert reviewer.wrong == []


def test_sending_passes_review(reviewer, signed_in, work):
    page = reviewer.page
    write_alert(signed_in("Farah"))
    sign_in(page, "Idris")
    reviewer.look("Alerts")
    page.goto("/officers/alerts/1/review")
    reviewer.look("Check and send")
    page.get_by_text("As text").click()
    reviewer.look("Check and send")
    page.goto("/officers/alerts/1/review")
    press(page, "Send to 1 person now")
    reviewer.look("Mopeds stolen in Green Lane")
    work()
    page.get_by_text("1 of 1 emails sent").wait_for()
    reviewer.look("Mopeds stolen in Green Lane")
    assert reviewer.wrong == []


def test_the_email_passes_review(reviewer, signed_in):
    """By the guidelines alone: landmarks belong to the mail program around it."""
    send_alert(signed_in("Farah"))
    sign_in(reviewer.page, "Farah")
    reviewer.page.goto("/officers/alerts/1/email")
    reviewer.look("Mopeds stolen in Green Lane", rules=WCAG)
    assert reviewer.wrong == []


def test_a_draft_changed_elsewhere_passes_review(reviewer, signed_in):
    page, farah = reviewer.page, signed_in("Farah")
    edit = write_alert(farah)
    sign_in(page, "Hana")
    page.goto(edit.url)
    edit.submit("Save and preview")
    press(page, "Save and preview")
    page.get_by_text("changed somewhere else").wait_for()
    reviewer.look("Write an alert")
    assert reviewer.wrong == []

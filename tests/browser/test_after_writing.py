"""What becomes of an alert once it is written, by axe and for gloves: approval, its time, correcting, withdrawing."""

import pytest

from tests import services
from tests.browser.hand import PHONE, press, sign_in
from tests.browser.review import OFFICERS, RESIDENTS, Reviewer
from tests.page import approve, write_alert

TITLE = "Mopeds stolen in Green Lane"


@pytest.fixture
def farah(someone):
    reviewer = Reviewer(someone(PHONE), OFFICERS)
    sign_in(reviewer.page, "Farah")
    return reviewer


@pytest.fixture
def hana(someone):
    reviewer = Reviewer(someone(PHONE), OFFICERS)
    sign_in(reviewer.page, "Hana")
    return reviewer


def test_asking_and_returning_pass_review(farah, hana, signed_in):
    write_alert(signed_in("Farah"), body="A silver car, AB12 CDE, drove off.\n\nCall 101.")
    farah.page.goto("/officers/alerts/1/review")
    farah.page.get_by_role("button", name="Keep this reason").first.click()
    farah.look("Error: Check and send")
    while farah.page.get_by_role("button", name="Ask a supervisor").count() == 0:
        farah.page.get_by_label("Why may it go all the same?").first.fill("He was charged in public on Friday.")
        with farah.page.expect_navigation():
            farah.page.get_by_role("button", name="Keep this reason").first.click()
    farah.page.get_by_text("It cannot wait").click()
    farah.look("Check and send")
    press(farah.page, "Ask a supervisor")
    farah.look(TITLE)
    hana.page.goto("/officers/alerts")
    hana.look("Alerts")
    hana.page.goto("/officers/alerts/1")
    press(hana.page, "Return with the comment")
    hana.look(f"Error: {TITLE}")
    hana.page.get_by_label("Comment").fill("Leave out his age.")
    press(hana.page, "Return with the comment")
    hana.look("Alerts")
    farah.page.goto("/officers/alerts")
    farah.look("Alerts")
    farah.page.goto("/officers/alerts/1/edit")
    farah.look("Write an alert")
    assert farah.wrong + hana.wrong == []


def test_approving_and_changing_the_time_pass_review(hana, signed_in, settings, monkeypatch):
    monkeypatch.setattr(settings, "undo_seconds", 600)
    asked = write_alert(signed_in("Farah")).submit("Check and send").submit("Ask a supervisor")
    signed_in("Hana").visit(asked.url).submit("Return with the comment", comment="Leave out his age.")
    again = asked.visitor.visit("/officers/alerts/1/edit").submit("Check and send", body="A silver car.\n\nCall 101.")
    again.submit("Ask a supervisor")
    hana.page.goto("/officers/alerts/1")
    hana.page.get_by_role("heading", name="Changed since last time").wait_for()
    hana.look(TITLE)
    press(hana.page, "Approve and send")
    hana.look(TITLE)
    hana.page.get_by_text("Send it at another time").click()
    hana.page.get_by_label("At a time").check()
    hana.page.get_by_label("At what time?").fill("")
    press(hana.page, "Change the time")
    hana.look(f"Error: {TITLE}")
    press(hana.page, "Undo: do not send it")
    hana.look("Write an alert")
    hana.page.goto("/officers/alerts/1/versions")
    hana.look("Earlier versions")
    assert hana.wrong == []


def test_what_goes_before_approval_passes_review(farah, hana, signed_in):
    write_alert(signed_in("Farah"))
    farah.page.goto("/officers/alerts/1/review")
    farah.page.get_by_text("It cannot wait").click()
    press(farah.page, "Send it before approval")
    farah.look("Error: Check and send")
    farah.page.get_by_label("Why can it not wait").fill("A child is missing and nobody answers the phone.")
    press(farah.page, "Send it before approval")
    farah.look(TITLE)
    hana.page.goto("/officers/alerts")
    hana.look("Alerts")
    hana.page.goto("/officers/alerts/1")
    hana.look(TITLE)
    press(hana.page, "I have reviewed it")
    hana.look(TITLE)
    assert farah.wrong + hana.wrong == []


def test_following_correcting_and_withdrawing_pass_review(farah, someone, signed_in, work):
    alert, page = services.story().alerts.get(), farah.page
    anybody = Reviewer(someone(PHONE), RESIDENTS)
    work()
    page.goto(f"/officers/alerts/{alert.id}")
    page.get_by_text("End the story without an outcome").click()
    farah.look(TITLE)
    press(page, "Write an update to this")
    farah.look("Write an alert")
    page.goto(f"/officers/alerts/{alert.id}")
    press(page, "Correct it")
    farah.look("Write the correction")
    press(page, "Check and send")
    farah.look("Error: Write the correction")
    page.get_by_label("Text", exact=True).fill("One moped was taken on **Friday**.\n\nCall 101.")
    page.get_by_label("What was wrong").fill("It was one moped, not two.")
    press(page, "Check and send")
    farah.look("Check and send")
    press(page, "Ask a supervisor")
    approve(signed_in("Farah"), page.url)
    work()
    page.goto(f"/officers/alerts/{alert.id}")
    farah.look(TITLE)
    anybody.page.goto(f"/alerts/{alert.id}")
    anybody.look(TITLE)
    press(page, "Withdraw it")
    farah.look("Withdraw this alert?")
    press(page, "Withdraw it now")
    farah.look("Error: Withdraw this alert?")
    page.get_by_label("Why do you withdraw it?").fill("It names somebody.")
    press(page, "Withdraw it now")
    farah.look(TITLE)
    anybody.page.goto(f"/alerts/{alert.id}")
    anybody.look("Withdrawn")
    assert farah.wrong + anybody.wrong == []

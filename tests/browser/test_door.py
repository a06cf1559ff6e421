"""At a door, with and without a signal: each sign-up is sent once, nothing is lost, and nothing stays on the tablet."""

import time

import pytest
from playwright.sync_api import Dialog, Page, Route, expect

from metengage import db, officers, surveys
from metengage.models import Answer, Delivery, Survey
from tests import cast, services
from tests.browser.hand import PATIENCE, PHONE, TABLET, heading, press, sign_in, tick
from tests.browser.review import OFFICERS, Reviewer

NO_SIGNAL = "You cannot be signed out without a signal. Lock this device instead."
LOSE_IT = "1 form from a door is not sent yet. Sign out and lose it?"
NINA, OLU = "nina@example.org", "olu@example.org"


@pytest.fixture
def tablet(someone) -> Page:
    """Farah's tablet with the page for the door open, and kept for when there is no signal."""
    page = someone(TABLET)
    sign_in(page, "Farah")
    page.get_by_role("link", name="At the door", exact=True).click()
    is_at_the_door(page)
    return page


def until(page: Page, is_so: str) -> None:
    """Wait for what only a script can tell; Playwright's own way is against our policy for scripts."""
    end = time.monotonic() + PATIENCE
    while not page.evaluate(is_so):
        assert time.monotonic() < end, is_so
        page.wait_for_timeout(50)


def is_at_the_door(page: Page) -> None:
    """The page is open, and kept; who left sooner would cut that off."""
    expect(heading(page)).to_have_text("At the door")
    until(page, "navigator.serviceWorker.ready.then(() => caches.match('/officers/door')).then((kept) => !!kept)")


def fill(page: Page, email: str) -> None:
    page.get_by_label("Which ward do they live in?").select_option("St Helier, Merton")
    tick(page, "Crime prevention advice", "Weekly, in one email on Saturday", "They agree to this")
    page.get_by_label("Their email address").fill(email)


def bring(page: Page, email: str) -> None:
    fill(page, email)
    press(page, "Sign them up")
    expect(page.get_by_label("Their email address")).to_have_value("")


def bring_without_signal(page: Page, email: str) -> None:
    page.context.set_offline(True)
    bring(page, email)
    expect(page.locator("#count")).to_have_text("1 waits for a signal")


def nothing_waits(page: Page) -> None:
    """By now nothing is kept here of anybody."""
    until(page, "!Object.keys(localStorage).some((name) => name.startsWith('door-'))")
    expect(page.locator("#waiting")).to_be_hidden()


def asked_to_confirm() -> list[str]:
    """The addresses that are asked to confirm, each as often as it is."""
    rows = Delivery.select().where(Delivery.kind == Delivery.CONFIRM).order_by(Delivery.id)
    return [row.resident.email for row in rows]


# --- Once ---


def test_without_a_signal_they_wait_and_then_go_once(tablet, post, work):
    tablet.context.set_offline(True)
    tablet.reload()
    is_at_the_door(tablet)
    bring(tablet, NINA)
    bring(tablet, OLU)
    expect(tablet.locator("#count")).to_have_text("2 wait for a signal")
    assert asked_to_confirm() == []
    tablet.context.set_offline(False)
    nothing_waits(tablet)
    work()
    assert [letter["To"] for letter in post.letters] == [NINA, OLU]


def test_a_double_tap_is_one_press(tablet):
    fill(tablet, NINA)
    tablet.get_by_role("button", name="Sign them up").dblclick()
    expect(tablet.locator("#done")).to_contain_text("its link works for 7 days")
    nothing_waits(tablet)
    assert asked_to_confirm() == [NINA]


def test_what_was_taken_and_its_answer_lost_is_taken_once(tablet):
    lost = []

    def lose(route: Route) -> None:
        lost.append(route.fetch().status)
        route.abort("internetdisconnected")

    tablet.context.route("**/officers/door", lose)
    bring(tablet, NINA)
    expect(tablet.locator("#count")).to_have_text("1 waits for a signal")
    assert (lost, asked_to_confirm()) == ([200], [NINA])
    tablet.context.unroute_all()
    press(tablet, "Send now")
    nothing_waits(tablet)
    assert asked_to_confirm() == [NINA]


def test_two_tabs_send_it_once(tablet):
    other = tablet.context.new_page()
    other.goto("/officers/door")
    is_at_the_door(other)
    bring_without_signal(tablet, NINA)
    expect(other.locator("#count")).to_have_text("1 waits for a signal")
    tablet.context.set_offline(False)
    nothing_waits(tablet)
    nothing_waits(other)
    assert asked_to_confirm() == [NINA]


# --- Nothing is lost ---


def test_whose_session_has_ended_signs_in_again_and_they_go(tablet):
    bring_without_signal(tablet, NINA)
    officers.sign_out(cast.officer("Farah"))  # on another device, which ends all her sessions
    tablet.context.set_offline(False)
    tablet.get_by_role("link", name="Sign in again").click()
    tablet.get_by_label("Email address").fill("farah@met.example.org")
    tablet.get_by_label("Password", exact=True).fill(cast.PASSWORD)
    press(tablet, "Sign in")
    is_at_the_door(tablet)
    nothing_waits(tablet)
    assert asked_to_confirm() == [NINA]


def test_what_the_server_refuses_comes_back_to_be_mended(tablet):
    bring_without_signal(tablet, "nína@example.org")
    tablet.context.set_offline(False)
    summary = tablet.get_by_role("alert").filter(has_text="There is a problem")
    summary.get_by_role("link", name="We cannot write to addresses with letters like é").click()
    email = tablet.get_by_label("Their email address")
    expect(email).to_be_focused()
    expect(email).to_have_value("nína@example.org")
    email.fill(NINA)
    press(tablet, "Sign them up")
    nothing_waits(tablet)
    assert asked_to_confirm() == [NINA]


# --- A survey's questions ---


@pytest.fixture
def asking(someone) -> Page:
    """Farah's tablet at a survey's questions; the page is kept, with that of the door, for when there is no signal."""
    survey = services.survey()
    page = someone(TABLET)
    sign_in(page, "Farah")
    page.goto("/officers/door")
    is_at_the_door(page)
    page.get_by_role("link", name=survey.title).click()
    expect(heading(page)).to_have_text(survey.title)
    return page


def answer(page: Page, yes_or_no: str) -> None:
    page.get_by_label(yes_or_no, exact=True).check()
    page.get_by_label("First").select_option("Drugs")
    press(page, "Keep their answers")
    expect(page.get_by_label(yes_or_no, exact=True)).not_to_be_checked()


def test_without_a_signal_answers_wait_and_then_go_once(asking):
    asking.context.set_offline(True)
    asking.reload()
    expect(heading(asking)).to_have_text("Your evenings")
    answer(asking, "Yes")
    answer(asking, "No")
    expect(asking.locator("#count")).to_have_text("2 wait for a signal")
    assert not Answer.select().exists()
    asking.context.set_offline(False)
    nothing_waits(asking)
    kept = [(row.resident, list(row.choices.values())) for row in Answer.select().order_by(Answer.id)]
    assert kept == [(None, ["Yes", ["Drugs"]]), (None, ["No", ["Drugs"]])]


def test_what_waits_of_one_form_is_sent_by_the_page_of_the_other(asking):
    asking.context.set_offline(True)
    answer(asking, "Yes")
    asking.get_by_role("link", name="At the door", exact=True).first.click()
    is_at_the_door(asking)
    expect(asking.locator("#count")).to_have_text("1 waits for a signal")
    bring(asking, NINA)
    asking.context.set_offline(False)
    nothing_waits(asking)
    assert (Answer.select().count(), asked_to_confirm()) == (1, [NINA])


def test_answers_to_a_survey_that_closed_meanwhile_can_only_be_thrown_away(asking):
    asking.context.set_offline(True)
    answer(asking, "Yes")
    surveys.close(Survey.get(), cast.officer("Farah"), db.now())
    asking.context.set_offline(False)
    expect(asking.locator("#mend")).to_contain_text("This survey has closed, and takes no more answers")
    asking.on("dialog", lambda dialog: dialog.accept())
    press(asking, "Throw it away")
    nothing_waits(asking)
    assert not Answer.select().exists()


def test_asking_at_a_door_passes_review(someone):
    services.survey()
    reviewer = Reviewer(someone(PHONE), OFFICERS)
    page = reviewer.page
    sign_in(page, "Farah")
    page.goto("/officers/door")
    is_at_the_door(page)
    reviewer.look("At the door")
    page.get_by_role("link", name="Your evenings").click()
    reviewer.look("Your evenings")
    press(page, "Keep their answers")
    reviewer.look("Error: Your evenings")
    for place in ("First", "Second"):
        page.get_by_label(place).select_option("Drugs")
    press(page, "Keep their answers")
    expect(page.get_by_role("alert")).to_contain_text("You chose this already")
    reviewer.look("Error: Your evenings")
    page.get_by_label("Second").select_option("Litter")
    press(page, "Keep their answers")
    expect(page.locator("#done")).to_have_text("Their answers are kept, without who they are.")
    assert reviewer.wrong == []


def test_without_script_answers_are_an_ordinary_form(someone):
    services.survey()
    page = someone(PHONE, java_script_enabled=False)
    sign_in(page, "Farah")
    page.goto("/officers/door")
    page.get_by_role("link", name="Your evenings").click()
    answer(page, "Yes")
    expect(page.get_by_role("alert")).to_contain_text("Their answers are kept, without who they are.")


# --- Nothing stays, and nobody else sees it ---


def test_another_officer_sees_nothing_of_it_and_it_goes_when_its_own_is_back(tablet):
    bring_without_signal(tablet, NINA)
    tablet.context.clear_cookies()
    tablet.context.set_offline(False)
    expect(tablet.get_by_text("You have been signed out.")).to_be_visible()
    sign_in(tablet, "Gus")
    until(tablet, "caches.keys().then((names) => !names.length)")  # nor Farah's page without a signal
    tablet.goto("/officers/door")
    is_at_the_door(tablet)
    expect(tablet.locator("#waiting")).to_be_hidden()
    press(tablet, "Sign out")
    expect(heading(tablet)).to_have_text("Sign in for officers")
    sign_in(tablet, "Farah")
    tablet.goto("/officers/door")
    is_at_the_door(tablet)
    nothing_waits(tablet)
    assert asked_to_confirm() == [NINA]


def test_signing_out_asks_before_it_loses_what_waits_and_leaves_nothing(tablet):
    bring_without_signal(tablet, NINA)
    asked, answers = [], [True, False, True]

    def answer(dialog: Dialog) -> None:
        asked.append(dialog.message)
        dialog.accept() if answers.pop(0) else dialog.dismiss()

    tablet.on("dialog", answer)
    press(tablet, "Sign out")
    tablet.context.route("**/officers/door", lambda route: route.abort("internetdisconnected"))
    tablet.context.set_offline(False)
    press(tablet, "Sign out")
    expect(tablet.locator("#count")).to_be_visible()
    press(tablet, "Sign out")
    expect(heading(tablet)).to_have_text("Sign in for officers")
    assert asked == [NO_SIGNAL, LOSE_IT, LOSE_IT]
    assert tablet.evaluate("[...Object.keys(localStorage)]") == []
    assert tablet.evaluate("caches.keys()") == []
    assert tablet.evaluate("navigator.serviceWorker.getRegistrations().then((all) => all.length)") == 0


# --- With a finger, a keyboard, a screen reader, and without script ---


def test_without_script_it_is_an_ordinary_form(someone):
    page = someone(PHONE, java_script_enabled=False)
    sign_in(page, "Farah")
    page.goto("/officers/door")
    fill(page, NINA)
    press(page, "Sign them up")
    expect(page.get_by_role("alert")).to_contain_text("its link works for 7 days")
    assert asked_to_confirm() == [NINA]


def test_the_page_for_the_door_passes_review(someone):
    reviewer = Reviewer(someone(PHONE), OFFICERS)
    page = reviewer.page
    sign_in(page, "Farah")
    page.goto("/officers/door")
    is_at_the_door(page)
    page.get_by_text("What concerns them (optional)").click()
    reviewer.look("At the door")
    press(page, "Sign them up")
    reviewer.look("Error: At the door")
    expect(page.get_by_role("alert").get_by_role("listitem")).to_have_count(5)
    page.context.set_offline(True)
    bring(page, "nína@example.org")
    reviewer.look("At the door")
    page.get_by_label("Their email address").fill("olu@gmial.com")
    page.get_by_label("Their email address").press("Tab")
    page.context.set_offline(False)
    expect(page.get_by_role("button", name="Mend it")).to_be_visible()
    expect(page.get_by_text("Perhaps it is olu@gmail.com.")).to_be_visible()
    reviewer.look("At the door")
    page.on("dialog", lambda dialog: dialog.accept())
    press(page, "Mend it")
    reviewer.look("Error: At the door")
    assert reviewer.wrong == []

"""Nothing that an officer types is lost or comes back by mistake, and they see whether it is saved."""

import re

import pytest
from playwright.sync_api import Page, expect

from metengage.models import Alert
from tests import cast
from tests.browser.hand import PHONE, TABLET, heading, press, sign_in, write

TYPED = "Two mopeds were taken"


@pytest.fixture
def draft(someone) -> Page:
    """Farah's phone with a new draft open."""
    page = someone(PHONE)
    sign_in(page, "Farah")
    press(page, "Write an alert")
    page.wait_for_url("**/edit")
    return page


def text(page: Page):
    return page.get_by_label("Text", exact=True)


def bar(page: Page):
    return page.locator(".site-glance")


def kept_here(page: Page) -> list[str]:
    """The names under which drafts are kept on the device."""
    return page.evaluate("Object.keys(localStorage).filter((name) => name.startsWith('draft-'))")


def as_hana(signed_in, url: str, **words) -> None:
    """Hana changes the draft meanwhile."""
    page = signed_in("Hana").visit(url[url.index("/officers") :]).submit("Save and preview", **words)
    assert page.status == 200


def hold_saves(page: Page) -> None:
    """No save gets through by itself, so that it does not depend on who is faster."""
    page.route("**/edit", lambda route: route.continue_() if route.request.is_navigation_request() else None)


def start_htmx_late(page: Page) -> None:
    """It begins in a timer, which a busy phone may serve only after everything has come."""
    page.add_init_script("const later = setTimeout; window.setTimeout = (then, ms) => later(then, ms || 300)")


# --- Own words do not meet themselves ---


@pytest.mark.parametrize("pause", [0, 900])
def test_a_snippet_is_added_to_what_was_typed_just_before(draft, pause):
    hold_saves(draft)
    both = re.compile(rf"^{TYPED}\s+You can also tell Crimestoppers")
    draft.get_by_text("Add a ready-made paragraph").click()
    text(draft).press_sequentially(TYPED)
    draft.wait_for_timeout(pause)
    press(draft, "Crimestoppers")
    expect(text(draft)).to_have_value(both)
    draft.wait_for_load_state("load")
    draft.unroute_all(behavior="ignoreErrors")
    expect(draft.locator("#kept")).to_be_empty()
    expect(text(draft)).to_have_value(both)
    assert kept_here(draft) == []
    with draft.expect_response(lambda reply: "Mopeds" in (reply.request.post_data or "")) as saved:
        draft.get_by_label("Title").press_sequentially("Mopeds")
    assert saved.value.status == 200
    assert both.match(Alert.get().body)


def test_what_a_button_saved_does_not_come_back_over_somebody_elses_words(draft, signed_in):
    write(draft)
    url = draft.url
    text(draft).press_sequentially("!")
    press(draft, "Check and send")
    expect(heading(draft)).to_contain_text("Check and send")
    as_hana(signed_in, url, body="Hana was here")
    draft.goto(url)
    expect(text(draft)).to_have_value("Hana was here")
    expect(draft.locator("#kept")).to_be_empty()
    assert kept_here(draft) == []


def test_what_a_button_could_not_send_is_back_in_the_form(draft):
    expect(draft.locator("#outlook")).to_contain_text("0 people")
    hold_saves(draft)
    text(draft).press_sequentially(TYPED)
    url = draft.url
    draft.context.set_offline(True)
    press(draft, "Save and preview")
    draft.wait_for_url("chrome-error://**")
    draft.context.set_offline(False)
    draft.unroute_all(behavior="ignoreErrors")
    start_htmx_late(draft)
    with draft.expect_response(lambda reply: TYPED[:3] in (reply.request.post_data or "")):
        draft.goto(url)
    expect(text(draft)).to_have_value(TYPED)
    expect(draft.locator("#kept")).to_contain_text("It is back in the form")


def test_what_is_typed_after_the_button_was_pressed_goes_on_from_what_it_saved(draft):
    def type_meanwhile(route):
        draft.keyboard.type(", at night")
        route.continue_()

    draft.route("**/review", type_meanwhile, times=1)
    write(draft)
    draft.get_by_label("Title").press("End")
    draft.evaluate("document.getElementById('draft').requestSubmit()")
    expect(heading(draft)).to_contain_text("Check and send")
    draft.get_by_role("link", name="Back to writing").click()
    expect(draft.get_by_label("Title")).to_have_value("Mopeds stolen in Green Lane, at night")
    expect(draft.locator("#outlook")).to_contain_text("1 person gets this straight away")
    expect(draft.get_by_text("Not saved")).to_be_hidden()


def test_signing_out_leaves_nothing_here_of_what_is_saved(draft):
    write(draft)
    text(draft).press_sequentially("!")
    press(draft, "Check and send")
    expect(heading(draft)).to_contain_text("Check and send")
    press(draft, "Sign out")
    expect(heading(draft)).to_have_text("Sign in for officers")
    assert kept_here(draft) == []


# --- It says where one types whether it is saved ---


def sees_why(page: Page, words: str) -> None:
    """The bar at the foot leads to what happened."""
    expect(bar(page)).to_be_in_viewport()
    expect(bar(page).get_by_text("Not saved")).to_be_visible()
    bar(page).get_by_role("link", name="See why").click()
    expect(page.get_by_text(words).first).to_be_in_viewport()


def test_the_bar_says_that_somebody_else_changed_the_draft(draft, signed_in):
    as_hana(signed_in, draft.url, title="Hana was here")
    text(draft).press_sequentially(TYPED)
    sees_why(draft, "PC Hana changed this draft")


def test_the_bar_says_that_one_is_signed_out(draft):
    expect(draft.frame_locator("iframe >> nth=0").get_by_role("heading", level=1)).to_have_text("Your title")
    draft.context.clear_cookies()
    text(draft).press_sequentially(TYPED)
    sees_why(draft, "you have been signed out")


def test_who_signs_in_again_in_a_new_tab_comes_back_and_all_is_saved(draft, signed_in):
    signed_in("Farah").visit("/officers/alerts").submit("Sign out")  # which ends all her sessions
    text(draft).press_sequentially(TYPED)
    with draft.expect_popup() as opened:
        draft.get_by_role("link", name="Sign in in a new tab").click()
    tab = opened.value
    tab.get_by_label("Email address").fill("farah@met.example.org")
    tab.get_by_label("Password", exact=True).fill(cast.PASSWORD)
    press(tab, "Sign in")
    expect(heading(tab)).to_have_text("Alerts")
    tab.close()
    draft.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(draft.locator("#outlook")).to_contain_text("0 people get this straight away")
    assert Alert.get().body == TYPED
    draft.get_by_text("Throw this draft away").click()
    press(draft, "Throw it away")  # the other forms of the page work again too
    expect(draft.get_by_role("main")).to_contain_text("The draft is gone.")


@pytest.mark.parametrize("size", [PHONE, TABLET])
def test_the_bar_says_that_there_is_no_connection_as_long_as_there_is_none(draft, size):
    draft.set_viewport_size(size)
    draft.context.set_offline(True)
    text(draft).press_sequentially(TYPED)
    sees_why(draft, "No connection.")
    draft.context.set_offline(False)
    expect(draft.locator(".site-unsaved")).to_be_hidden()
    expect(draft.locator("#kept")).to_contain_text("There is a connection again")
    if size == PHONE:
        expect(bar(draft)).to_contain_text("0 people")


def test_check_and_send_says_at_the_top_who_changed_the_draft(draft, signed_in):
    as_hana(signed_in, draft.url, title="Hana was here")
    text(draft).press_sequentially(TYPED)
    press(draft, "Check and send")
    summary = draft.get_by_role("alert").filter(has_text="There is a problem")
    summary.get_by_role("link", name="PC Hana changed this draft").click()
    expect(draft.get_by_role("button", name="Save mine, and keep theirs as a version")).to_be_in_viewport()
    expect(text(draft)).to_have_value(TYPED)

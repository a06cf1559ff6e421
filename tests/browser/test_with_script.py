"""What script adds: focus and titles that follow the step, history, drafts that save themselves."""

import re

import pytest
from playwright.sync_api import expect

from metengage import db, halts
from metengage.models import Alert, Story
from tests import brought, cast
from tests.browser.hand import PHONE, TABLET, answer_survey, heading, is_asked, press, sign_in, tick, write
from tests.page import send_alert

AUTOSAVE = {  # what htmx says when it saves a draft
    "Content-Type": "application/x-www-form-urlencoded",
    "HX-Request": "true",
    "HX-Request-Type": "partial",
}


@pytest.fixture
def phone(someone):
    """A resident's page, with script."""
    return someone(PHONE)


@pytest.fixture
def draft(someone):
    """Farah's tablet with a new draft open."""
    page = someone(TABLET)
    sign_in(page, "Farah")
    press(page, "Write an alert")
    page.wait_for_url("**/edit")  # a page that is still coming would escape what a test then lays in its way
    return page


def summary(page):
    return page.get_by_role("alert").filter(has_text="There is a problem")


def saved(page, word: str):
    """Waits until the draft has saved itself with this word in it: with saved(page, "Mopeds"): …"""
    return page.expect_response(lambda reply: word in (reply.request.post_data or "") and reply.url.endswith("/edit"))


# --- Steps ---


def test_a_step_comes_without_loading_the_page_again(phone):
    phone.goto("/sign-up/postcode")
    phone.evaluate("() => { document.body.dataset.same = 'yes' }")
    phone.get_by_label("What is your postcode?").fill("SM4 6LJ")
    press(phone, "Continue")
    is_asked(phone, "ward")
    expect(phone.locator("body")).to_have_attribute("data-same", "yes")


def test_focus_title_and_address_follow_the_step(phone):
    answer_survey(phone, until="ward")
    expect(heading(phone)).to_be_focused()
    expect(phone).to_have_title(re.compile("^Which ward"))
    expect(phone).to_have_url(re.compile("/sign-up/ward$"))


def test_focus_moves_to_what_is_wrong_and_from_there_to_the_field(phone):
    phone.goto("/sign-up/postcode")
    press(phone, "Continue")
    expect(phone.locator(".govuk-error-summary")).to_be_focused()
    expect(phone).to_have_title(re.compile(r"^Error: What is your postcode\?"))
    summary(phone).get_by_role("link").click()
    expect(phone.get_by_label("What is your postcode?")).to_be_focused()


def test_the_title_stops_saying_error_when_nothing_is_wrong(phone):
    phone.goto("/sign-up/postcode")
    press(phone, "Continue")
    expect(summary(phone)).to_be_visible()
    phone.get_by_label("What is your postcode?").fill("SM4 6LJ")
    press(phone, "Continue")
    expect(phone).to_have_title(re.compile("^Which ward"))


def test_back_and_forward_return_the_earlier_steps(phone):
    answer_survey(phone, until="types")
    phone.go_back()
    is_asked(phone, "areas")
    expect(phone.get_by_label("Ravensbury, Merton")).to_be_checked()
    phone.go_back()
    is_asked(phone, "ward")
    expect(phone).to_have_title(re.compile("^Which ward"))
    phone.go_forward()
    is_asked(phone, "areas")
    phone.go_forward()
    is_asked(phone, "types")


def test_after_going_back_the_step_works_as_before(phone):
    answer_survey(phone, until="types")
    phone.go_back()
    is_asked(phone, "areas")
    press(phone, "Continue")
    is_asked(phone, "types")
    expect(heading(phone)).to_be_focused()


def test_reloading_keeps_the_answers(phone):
    answer_survey(phone, until="frequency")
    phone.reload()
    is_asked(phone, "frequency")
    phone.goto("/sign-up/concerns")
    expect(phone.get_by_role("checkbox", checked=True)).to_have_count(2)
    expect(phone.get_by_label("Burglary")).to_be_checked()


def test_a_second_tab_goes_on_where_the_first_is(phone):
    answer_survey(phone, until="concerns")
    second = phone.context.new_page()
    second.goto("/sign-up/check")
    is_asked(second, "concerns")
    tick(second, "Drugs")
    press(second, "Continue")
    is_asked(second, "frequency")
    phone.reload()
    expect(phone.get_by_label("Drugs")).to_be_checked()


@pytest.mark.parametrize("came_back", [False, True])
def test_none_of_these_unticks_the_others(phone, came_back):
    answer_survey(phone, until="concerns")
    if came_back:
        phone.get_by_role("link", name="Back").click()
        is_asked(phone, "types")
        phone.go_back()
        is_asked(phone, "concerns")
    tick(phone, "Burglary", "Drugs")
    tick(phone, "None of these")
    expect(phone.get_by_role("checkbox", checked=True)).to_have_count(1)
    tick(phone, "Fraud and scams")
    expect(phone.get_by_label("None of these")).not_to_be_checked()


def test_the_wards_of_another_borough_come_and_what_is_ticked_stays(phone):
    answer_survey(phone, until="areas")
    tick(phone, "Ravensbury, Merton")
    phone.get_by_label("Add wards of a borough").select_option("Kingston upon Thames")
    press(phone, "Show its wards")
    tick(phone, "Surbiton Hill, Kingston upon Thames")
    expect(phone.get_by_label("Ravensbury, Merton")).to_be_checked()


def test_the_emails_are_counted_while_types_are_ticked(phone, signed_in):
    send_alert(signed_in("Farah"))
    answer_survey(phone, until="types")
    ticked = phone.get_by_label("Incidents and investigations")
    ticked.check()
    expect(phone.locator("#volume")).to_contain_text("this was 1 alert, on incidents and investigations")
    expect(ticked).to_be_focused()
    ticked.uncheck()
    expect(phone.locator("#volume")).to_be_empty()


def test_a_step_that_is_refused_says_why(phone):
    answer_survey(phone, until="types")
    phone.context.clear_cookies()
    press(phone, "Continue")
    expect(heading(phone)).to_have_text("Please send that again")


# --- Drafts ---


def test_a_draft_saves_itself_while_it_is_typed(draft):
    draft.get_by_label("Title").press_sequentially("Mopeds stolen")
    with saved(draft, "taken"):
        draft.get_by_label("Text", exact=True).press_sequentially("Two mopeds were taken")
    draft.reload()
    expect(draft.get_by_label("Title")).to_have_value("Mopeds stolen")
    expect(draft.get_by_label("Text", exact=True)).to_have_value("Two mopeds were taken")


def test_what_is_typed_while_it_is_saved_stays(draft):
    with saved(draft, "stolen"):
        draft.get_by_label("Title").press_sequentially("Mopeds stolen")
    draft.get_by_label("Title").press_sequentially(" in Green Lane")
    with saved(draft, "Lane"):
        tick(draft, "St Helier")
    expect(draft.get_by_label("Title")).to_have_value("Mopeds stolen in Green Lane")


def test_the_count_and_the_preview_change_while_it_is_written(draft):
    preview = draft.frame_locator("iframe >> nth=0").get_by_role("heading", level=1)
    expect(draft.locator("#outlook")).to_contain_text("0 people get this straight away")
    expect(preview).to_have_text("Your title")
    write(draft)
    expect(draft.locator("#outlook")).to_contain_text("1 person gets this straight away")
    expect(preview).to_have_text("Mopeds stolen in Green Lane")


def test_the_count_and_the_look_stay_in_sight_while_the_text_is_written(draft):
    draft.get_by_label("Text", exact=True).evaluate("field => field.scrollIntoView({ block: 'start' })")
    expect(draft.get_by_role("heading", name="Who gets it")).to_be_in_viewport()
    expect(draft.locator("#outlook .site-phone")).to_be_in_viewport()


def test_what_is_higher_than_the_screen_can_be_scrolled_to_its_end_by_keys(draft):
    draft.set_viewport_size({"width": 820, "height": 400})
    draft.get_by_label("Text", exact=True).scroll_into_view_if_needed()
    draft.locator("#outlook").focus()
    draft.keyboard.press("End")
    expect(draft.locator("#outlook .site-phone")).to_be_in_viewport(ratio=0.95)
    assert draft.locator("#outlook").bounding_box()["height"] <= 400


def choose_picture(draft, tmp_path):
    (tmp_path / "moped.jpg").write_bytes(brought.photo())
    draft.get_by_label("Picture", exact=True).set_input_files(tmp_path / "moped.jpg")


def test_a_picture_is_seen_in_the_preview_and_what_is_typed_stays(draft, tmp_path):
    """The preview is a frame of its own: it must be let see what only its team may."""
    with saved(draft, "typed"):
        draft.get_by_label("Text", exact=True).fill("typed")
    choose_picture(draft, tmp_path)
    draft.get_by_label("Describe it for people").fill("A moped")
    press(draft, "Add the picture")
    expect(draft.locator("#pictures")).to_contain_text("The picture is in the alert.")
    shown = draft.frame_locator("#outlook .site-phone").get_by_alt_text("A moped")
    expect(shown).to_have_js_property("naturalWidth", 600)
    expect(draft.get_by_label("Text", exact=True)).to_have_value("typed")


def test_a_picture_stays_chosen_while_its_words_are_missing(draft, tmp_path):
    choose_picture(draft, tmp_path)
    press(draft, "Add the picture")
    expect(draft.locator("#pictures")).to_contain_text("Describe the picture in a few words")
    draft.get_by_label("Describe it for people").fill("A moped")
    press(draft, "Add the picture")
    expect(draft.locator("#pictures")).to_contain_text("The picture is in the alert.")
    expect(draft.locator("#picture-file")).to_have_value("")


def test_a_new_story_is_kept_while_its_title_is_typed_and_made_once(draft):
    draft.get_by_label("Part of a story").select_option("A new story")
    for words in ("Moped", " thefts"):
        with saved(draft, words.strip()):
            draft.get_by_label("What is the new story called?").press_sequentially(words)
    draft.reload()
    expect(draft.get_by_label("What is the new story called?")).to_have_value("Moped thefts")
    assert [story.title for story in Story.select()] == ["Moped thefts"]


@pytest.mark.parametrize("button", [None, "Save and preview", "Check and send"])
def test_a_second_page_of_the_draft_is_told_and_loses_nothing(draft, button):
    second = draft.context.new_page()
    second.goto(draft.url)
    with saved(draft, "first"):
        draft.get_by_label("Title").press_sequentially("Written first")
    second.get_by_label("Title").press_sequentially("Written second")
    if button:
        press(second, button)
    expect(second.locator("#outlook")).to_contain_text("You changed this draft on another device or page")
    expect(second.get_by_label("Title")).to_have_value("Written second")
    second.get_by_role("link", name="Open the other instead").click()
    expect(second.get_by_label("Title")).to_have_value("Written first")


def test_an_officer_who_was_signed_out_is_told_and_loses_nothing(draft):
    expect(draft.frame_locator("iframe >> nth=0").get_by_role("heading", level=1)).to_have_text("Your title")
    draft.context.clear_cookies()
    draft.get_by_label("Title").press_sequentially("Mopeds stolen")
    expect(draft.locator("#outlook")).to_contain_text("Not saved")
    expect(draft.get_by_label("Title")).to_have_value("Mopeds stolen")


def test_what_is_typed_without_a_connection_is_kept_and_saved_later(draft):
    draft.context.set_offline(True)
    draft.get_by_label("Title").press_sequentially("Mopeds stolen")
    expect(draft.locator("#kept")).to_contain_text("No connection")
    with saved(draft, "stolen"):
        draft.context.set_offline(False)
    draft.reload()
    expect(draft.get_by_label("Title")).to_have_value("Mopeds stolen")


def test_what_was_not_saved_when_the_tab_was_closed_is_back_in_the_next(draft):
    draft.context.set_offline(True)
    draft.get_by_label("Title").press_sequentially("Mopeds stolen")
    url, context = draft.url, draft.context
    draft.close()
    context.set_offline(False)
    again = context.new_page()
    with saved(again, "stolen"):
        again.goto(url)
    expect(again.get_by_label("Title")).to_have_value("Mopeds stolen")
    expect(again.locator("#kept")).to_contain_text("It is back in the form")


def test_a_draft_is_thrown_away_by_the_second_press_only(draft):
    expect(draft.get_by_role("button", name="Throw it away")).to_be_hidden()
    draft.get_by_text("Throw this draft away").click()
    expect(draft.get_by_text("Its words, picture and poster are gone for good.")).to_be_visible()
    press(draft, "Throw it away")
    expect(draft.get_by_role("main")).to_contain_text("The draft is gone.")


def test_who_saves_over_the_words_of_another_page_keeps_both(draft):
    second = draft.context.new_page()
    second.goto(draft.url)
    with saved(draft, "first"):
        draft.get_by_label("Text", exact=True).press_sequentially("Written first")
    second.get_by_label("Text", exact=True).press_sequentially("Written second")
    press(second, "Save this, and keep the other as a version")
    expect(second.get_by_label("Text", exact=True)).to_have_value("Written second")
    second.get_by_role("link", name="Earlier versions").click()
    expect(second.get_by_role("main")).to_contain_text("Written first")


def test_the_look_that_was_chosen_stays_while_it_is_written(draft):
    draft.get_by_label("Dark").check(force=True)
    with saved(draft, "stolen"):
        draft.get_by_label("Title").press_sequentially("Mopeds stolen")
    expect(draft.locator(".site-dark")).to_be_visible()
    expect(draft.locator(".site-phone")).to_be_hidden()


def test_a_save_that_comes_late_does_not_undo_what_was_checked(draft):
    late = []
    draft.route("**/edit", lambda route: late.append(route.request.post_data))
    write(draft)
    press(draft, "Check and send")
    expect(heading(draft)).to_contain_text("Check and send")
    draft.context.request.post(
        draft.url.replace("review", "edit"), data=late[0], headers=AUTOSAVE, fail_on_status_code=False
    )
    press(draft, "Send to 1 person")
    expect(draft.frame_locator("iframe >> nth=0").get_by_text("Two mopeds were taken on Friday")).to_be_visible()


def test_the_bar_moves_by_itself_until_all_is_sent(draft, work):
    write(draft)
    press(draft, "Check and send")
    press(draft, "Send to 1 person")
    expect(draft.locator("#progress")).to_contain_text("Getting ready: 1 person")
    work()
    expect(draft.locator("#progress")).to_contain_text("1 of 1 emails sent")
    expect(draft.locator("#progress")).not_to_have_attribute("hx-get", re.compile("."))


# --- What asks for itself again ---


@pytest.fixture
def sent(draft):
    """Farah's tablet with an alert that waits for a worker."""
    write(draft)
    press(draft, "Check and send")
    press(draft, "Send to 1 person")
    expect(draft.locator("#progress")).to_contain_text("Getting ready: 1 person")
    return draft


def looks_again(page):
    """Waits until the part has come once more: with looks_again(page): …"""
    return page.expect_response(lambda reply: reply.request.headers.get("hx-request-type") == "partial")


def test_a_pause_by_somebody_else_shows_by_itself(sent):
    halts.pause(Alert.get(), cast.officer("Hana"), db.now())
    expect(sent.locator("#progress")).to_contain_text("Paused since")
    press(sent, "Resume")
    expect(sent.locator("#progress")).to_contain_text("Getting ready")


def test_the_button_keeps_its_focus_while_the_page_looks_again(sent):
    button = sent.get_by_role("button", name="Pause")
    button.focus()
    for _ in range(2):
        with looks_again(sent):
            pass
    expect(button).to_be_focused()
    sent.keyboard.press("Enter")
    expect(sent.locator("#progress")).to_contain_text("Paused since")


def test_the_page_of_sending_looks_again_and_keeps_its_place(someone, app):
    page = someone(TABLET)
    sign_in(page, "Idris")
    page.goto("/officers/sending")
    page.get_by_role("button", name="Stop everything").focus()
    halts.pause_everything(None, db.now())
    expect(page.locator("#state")).to_contain_text("Everything is paused since")
    expect(page.get_by_role("button", name="Stop everything")).to_be_focused()

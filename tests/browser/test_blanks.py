"""The {blanks} of a template are filled one after the other, and a tap takes all of one."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.hand import PHONE, press, sign_in
from tests.browser.review import OFFICERS, Reviewer


@pytest.fixture
def page(someone) -> Page:
    """Farah's phone with a new draft that has blanks in its title and in its text."""
    page = someone(PHONE)
    sign_in(page, "Farah")
    page.get_by_label("Start from").select_option("A scam that is going round")
    press(page, "Write an alert")
    page.wait_for_url("**/edit")
    return page


def selected(page: Page) -> str:
    field = "const field = document.activeElement;"
    return page.evaluate(f"() => {{ {field} return field.value?.slice(field.selectionStart, field.selectionEnd) }}")


def test_the_button_leads_from_blank_to_blank_and_goes_with_the_last(page):
    for blank in ("{place}", "{what they say}", "{place}", "{calls, texts or visits}", "{who they claim to be}"):
        press(page, "Next blank")
        assert selected(page) == blank
        page.keyboard.type("x")
    expect(page.get_by_role("button", name="Next blank")).to_be_hidden()
    expect(page.get_by_label("Title")).to_have_value("Scam in x: x")


def test_after_the_last_comes_the_first_and_each_is_scrolled_to(page):
    text = page.get_by_label("Text", exact=True)
    text.fill("On {day}." + "\n" * 40 + "At {time}.")
    for blank in ("{place}", "{what they say}", "{day}", "{time}", "{place}"):
        press(page, "Next blank")
        assert selected(page) == blank
        if blank in ("{day}", "{time}"):
            assert (text.evaluate("field => field.scrollTop") > 0) is (blank == "{time}")


def test_a_tap_takes_all_of_a_blank_and_a_second_one_goes_into_it(page):
    text = page.get_by_label("Text", exact=True)
    text.fill("{what happened} on Friday")
    text.click(position={"x": 50, "y": 18})
    assert selected(page) == "{what happened}"
    text.click(position={"x": 50, "y": 18})
    assert selected(page) == ""
    page.keyboard.press("End")
    text.click(position={"x": 250, "y": 18})
    assert selected(page) == ""


def test_a_page_with_blanks_passes_review(page):
    reviewer = Reviewer(page, OFFICERS)
    reviewer.look("Write an alert")
    assert reviewer.wrong == []


def test_without_script_there_is_no_button_for_it(someone):
    page = someone(PHONE, java_script_enabled=False)
    sign_in(page, "Farah")
    page.get_by_label("Start from").select_option("A scam that is going round")
    press(page, "Write an alert")
    expect(page.get_by_label("Title")).to_have_value("Scam in {place}: {what they say}")
    expect(page.get_by_role("button", name="Next blank")).to_have_count(0)

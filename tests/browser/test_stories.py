"""An officer tells a story on a tablet; a resident follows it on a phone."""

import pytest
from playwright.sync_api import expect

from metengage import links
from tests import cast, services
from tests.browser.hand import PHONE, TABLET, heading, press, sign_in, write


@pytest.fixture
def link(app, base_url) -> str:
    """What the email of a story's first alert leads Amara to."""
    services.story()
    return f"/follow/{links.sign(links.FOLLOW, cast.resident('Amara'), 1)}"


def test_the_form_asks_only_what_the_choice_needs(someone, script, app):
    services.story()
    page = someone(TABLET, java_script_enabled=script)
    sign_in(page, "Farah")
    press(page, "Write an alert")
    title, outcome = page.get_by_label("What is the new story called?"), page.get_by_label("This is the outcome")
    for choice, shown in (("No story", None), ("A new story", title), ("Moped thefts", outcome)):
        page.get_by_label("Part of a story").select_option(choice)
        for each in (title, outcome):
            expect(each).to_be_visible(visible=each is shown)


def test_an_officer_begins_a_story(someone, script, app):
    page = someone(TABLET, java_script_enabled=script)
    sign_in(page, "Farah")
    press(page, "Write an alert")
    write(page)
    page.get_by_label("Part of a story").select_option("A new story")
    page.get_by_label("What is the new story called?").fill("Moped thefts")
    press(page, "Check and send")
    press(page, "Send to 1 person")
    page.get_by_role("link", name="Moped thefts").click()
    expect(heading(page)).to_have_text("Story Moped thefts")


def test_a_resident_follows_and_unfollows_by_one_tap(someone, script, link):
    page = someone(PHONE, java_script_enabled=script)
    page.goto(link)
    press(page, "Follow this story")
    expect(heading(page)).to_have_text("You follow “Moped thefts”")
    press(page, "Unfollow")
    expect(heading(page)).to_have_text("Follow “Moped thefts”")


def test_a_resident_unfollows_on_their_page(someone, script, link):
    page = someone(PHONE, java_script_enabled=script)
    page.goto(link)
    press(page, "Follow this story")
    page.goto(f"/preferences/open/{links.sign(links.PREFERENCES, cast.resident('Amara'))}")
    press(page, "Open my preferences")
    page.goto("/preferences/stories")
    press(page, "Unfollow Moped thefts")
    expect(page.get_by_role("alert")).to_contain_text("You no longer follow “Moped thefts”")
    page.get_by_role("link", name="Back").click()
    expect(heading(page)).to_have_text("Your preferences")

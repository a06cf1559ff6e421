"""Residents on a phone see what they get, change it, and leave."""

import re

import pytest
from playwright.sync_api import expect

from metengage import links
from tests import cast, services
from tests.browser.hand import PHONE, arrived, heading, press, tick
from tests.services import text_of, url_in

AMARA = "amara@example.org"


@pytest.fixture
def letter(worker, post):
    """The alert that Amara got."""
    services.send()
    return arrived(post, AMARA)


@pytest.fixture
def amara(someone, script, app):
    """Amara's phone with her page open."""
    page = someone(PHONE, java_script_enabled=script)
    open_page(page)
    return page


def open_page(page) -> None:
    page.goto(f"/preferences/open/{links.sign(links.PREFERENCES, cast.resident('Amara'))}")
    press(page, "Open my preferences")
    expect(heading(page)).to_have_text("Your preferences")


def change(page, what: str) -> None:
    page.get_by_role("link", name=f"Change {what}").click()


def kind(page, name: str):
    """The choices of one kind of alert."""
    return page.get_by_role("group", name=name)


def is_saved(page, words: str) -> None:
    expect(page.get_by_role("alert")).to_contain_text(words)


def test_amara_changes_what_she_gets_and_leaves(someone, script, letter):
    page = someone(PHONE, java_script_enabled=script)
    page.goto(url_in(letter, "/preferences/open/"))
    press(page, "Open my preferences")
    expect(heading(page)).to_have_text("What you hear about")
    kind(page, "Crime prevention advice").get_by_label("No emails").check()
    kind(page, "Meetings and events").get_by_label("Weekly").check()
    press(page, "Save")
    expect(heading(page)).to_have_text("Your preferences")
    expect(page.get_by_text("Meetings and events: weekly on Saturday at 8:30am")).to_be_visible()
    expect(page.get_by_text("Incidents and investigations: immediately")).to_be_visible()
    change(page, "other areas")
    page.get_by_label("Add wards of a borough").select_option("Kingston upon Thames")
    press(page, "Show its wards")
    tick(page, "Surbiton Hill, Kingston upon Thames")
    press(page, "Add these areas")
    is_saved(page, "You now also get your alerts for Surbiton Hill, Kingston upon Thames")
    page.get_by_role("link", name="Back").click()
    press(page, "Stop all emails")
    expect(heading(page)).to_have_text("You have left")


def test_amara_gets_everything_weekly_by_two_taps_and_a_third_without_script(amara, script):
    change(amara, "alerts")
    kind(amara, "All alerts that you get").get_by_label("Weekly").check()
    if not script:
        press(amara, "Save")
    is_saved(amara, "weekly on Saturday at 8:30am for St Helier, Merton")


def test_amara_moves(amara):
    change(amara, "home ward")
    amara.get_by_label("What is your postcode?").fill("SM4 6LJ")
    press(amara, "Continue")
    tick(amara, "Ravensbury, Merton")
    press(amara, "This is my ward")
    is_saved(amara, "Your home ward is now Ravensbury, Merton. You still get alerts for St Helier, Merton.")


# --- What script adds ---


@pytest.fixture
def phone(someone, app):
    """Amara's phone, with script, where she chooses what she hears about."""
    page = someone(PHONE)
    open_page(page)
    change(page, "alerts")
    expect(heading(page)).to_be_focused()
    return page


def test_a_choice_is_kept_as_it_is_made_and_said_beside_it(phone):
    chosen = kind(phone, "Incidents and investigations").get_by_label("Weekly")
    chosen.check()
    status = phone.locator("#type-incidents").get_by_role("status")
    expect(status).to_contain_text("You now get incidents and investigations weekly on Saturday at 8:30am")
    expect(chosen).to_be_focused()
    phone.reload()
    expect(chosen).to_be_checked()


def test_the_count_follows_each_choice(phone):
    for number in range(6):
        services.send(title=f"Number {number}")
    phone.reload()
    expect(phone.locator("#volume")).to_contain_text("About 1 email a week. In the last 30 days this was 6 alerts")
    kind(phone, "Incidents and investigations").get_by_label("Weekly").check()
    expect(phone.locator("#volume")).to_contain_text("Less than one email a week. In the last 30 days this was 6")
    expect(phone.locator("#type-incidents")).to_contain_text("All together: less than one email a week.")


def test_choices_made_in_a_hurry_are_all_kept(phone):
    names = ("Crime prevention advice", "Appeals", "Meetings and events")
    for name in names:
        for often in ("Daily", "No emails", "Immediately", "Daily", "Weekly"):
            kind(phone, name).get_by_label(often).check()
    expect(phone.get_by_role("status").filter(has_text="weekly on Saturday at 8:30am")).to_have_count(len(names))
    phone.reload()
    expect(phone.get_by_role("radio", name="Weekly", checked=True)).to_have_count(len(names))


def test_the_last_kind_is_refused_beside_it_and_nothing_is_lost(phone):
    kind(phone, "Crime prevention advice").get_by_label("No emails").check()
    expect(phone.locator("#type-advice").get_by_role("status")).to_contain_text("You no longer get")
    kind(phone, "Incidents and investigations").get_by_label("No emails").check()
    expect(phone.locator("#type-incidents").get_by_role("status")).to_contain_text("Keep at least one kind of alert")
    phone.reload()
    expect(kind(phone, "Incidents and investigations").get_by_label("Immediately")).to_be_checked()


def test_who_was_signed_out_is_told_that_nothing_was_kept(phone):
    phone.context.clear_cookies()
    kind(phone, "Crime prevention advice").get_by_label("Daily").check()
    expect(phone.locator("#type-advice")).to_contain_text("Not saved")


def test_what_is_set_at_once_is_announced(phone):
    kind(phone, "All alerts that you get").get_by_label("Daily").check()
    expect(phone.get_by_role("alert", name="Success")).to_be_focused()
    expect(phone.get_by_role("radio", name="Daily", checked=True)).to_have_count(2)


# --- Leaving, and the magic link ---


def test_amara_leaves_by_the_unsubscribe_link(someone, script, letter):
    page = someone(PHONE, java_script_enabled=script)
    page.goto(url_in(letter, "/unsubscribe/"))
    press(page, "Stop all emails")
    expect(heading(page)).to_have_text("You have left")
    page.goto(url_in(letter, "/preferences/open/"))
    expect(heading(page)).to_have_text("This link no longer works")


def test_amara_comes_back_by_the_goodbye(someone, script, letter, post):
    page = someone(PHONE, java_script_enabled=script)
    page.goto(url_in(letter, "/unsubscribe/"))
    post.forget()
    press(page, "Stop all emails")
    page.goto(url_in(arrived(post, AMARA), "/come-back/"))
    press(page, "Come back as I was")
    expect(heading(page)).to_have_text("You are back")
    page.reload()
    expect(heading(page)).to_have_text("You are back")


def test_amara_changes_her_mind_at_once(someone, script, letter):
    page = someone(PHONE, java_script_enabled=script)
    page.goto(url_in(letter, "/unsubscribe/"))
    press(page, "Stop all emails")
    press(page, "Come back as I was")
    expect(heading(page)).to_have_text("You are back")


def test_somebody_asks_whether_an_email_is_genuine(someone, script, worker, post):
    page = someone(PHONE, java_script_enabled=script)
    page.goto("/preferences")
    page.get_by_label("Your email address").fill(AMARA)
    press(page, "Send me the link")
    code = re.search(r"Enter the code (\S+)", text_of(arrived(post, AMARA)))[1]
    page.get_by_role("link", name="Is an email from us genuine?").click()
    page.get_by_label("Code").fill(code.lower())
    press(page, "Check the code")
    expect(heading(page)).to_have_text("We sent this email")
    expect(page.get_by_label("Check another code")).to_have_value(code.lower())


def test_bryn_asks_for_a_link_and_opens_his_page(someone, script, worker, post):
    page = someone(PHONE, java_script_enabled=script)
    page.goto("/preferences")
    page.get_by_label("Your email address").fill("bryn@example.org")
    press(page, "Send me the link")
    expect(heading(page)).to_have_text("Check your email")
    page.goto(url_in(arrived(post, "bryn@example.org"), "/preferences/open/"))
    press(page, "Open my preferences")
    expect(page.get_by_role("main")).to_contain_text("bryn@example.org")
    expect(page.get_by_role("main")).to_contain_text("Crime prevention advice: weekly on Saturday at 8:30am")

"""Residents on a phone see what they get, change it, and leave."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.hand import PHONE, arrived, heading, press, tick
from tests.page import send_alert
from tests.services import text_of, url_in

AMARA = "amara@example.org"


@pytest.fixture
def letter(worker, signed_in, post):
    """The alert that Amara got."""
    send_alert(signed_in("Farah"))
    return arrived(post, AMARA)


def is_saved(page, words: str) -> None:
    expect(page.get_by_role("alert")).to_contain_text(words)


def test_amara_changes_what_she_gets_and_leaves(someone, script, letter):
    page = someone(PHONE, java_script_enabled=script)
    page.goto(url_in(letter, "/preferences/open/"))
    press(page, "Open my preferences")
    page.get_by_label("Crime prevention advice").uncheck()
    tick(page, "Meetings and events", "Weekly")
    press(page, "Save my preferences")
    is_saved(page, "incidents and investigations and meetings and events for St Helier, Merton, weekly")
    page.get_by_label("Add wards of a borough").select_option("Kingston upon Thames")
    press(page, "show its wards")
    tick(page, "Surbiton Hill, Kingston upon Thames")
    press(page, "Save my preferences")
    is_saved(page, "St Helier, Merton and Surbiton Hill, Kingston upon Thames")
    press(page, "Stop all emails")
    expect(heading(page)).to_have_text("You have left")


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
    expect(page.get_by_role("main")).to_contain_text("Bryn, bryn@example.org")
    expect(page.get_by_label("Weekly")).to_be_checked()

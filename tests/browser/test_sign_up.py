"""A resident signs up on a phone, from the front page to the confirmed one."""

from playwright.sync_api import expect

from tests.browser.hand import PHONE, answer_survey, arrived, heading, press, tick
from tests.services import url_in


def test_somebody_signs_up_on_a_phone(someone, script, worker, post):
    page = someone(PHONE, java_script_enabled=script)
    page.goto("/")
    page.get_by_role("main").get_by_role("button", name="Sign up").click()
    answer_survey(page)
    tick(page, "I agree")
    press(page, "Agree and sign up")
    expect(heading(page)).to_have_text("Check your email")
    page.goto(url_in(arrived(post, "cleo@example.org"), "/confirm/"))
    press(page, "Yes, send me these")
    expect(heading(page)).to_have_text("You are signed up")
    expect(page.get_by_role("main")).to_contain_text("St Helier team: PC Farah")

"""Residents tell their team something, with script and without, and officers answer: each state is looked at."""

import pytest
from playwright.sync_api import Page, expect

from metengage import db, links, responses
from metengage.models import Concern, Photo
from tests import brought, cast, services
from tests.browser.hand import PHONE, heading, press, sign_in
from tests.browser.review import OFFICERS, RESIDENTS, Reviewer

NEW = f"/concerns/new?ward={cast.ST_HELIER}"
TEXT = "People drink in the park every evening."
CRIME = "My bike was stolen last night from our shed."


def fill(page: Page, text: str = TEXT, wants: str = "No. Nobody") -> None:
    page.get_by_label("What do you want to tell your team?").fill(text)
    page.get_by_label(wants).check()


@pytest.fixture
def phone(someone, script) -> Page:
    page = someone(PHONE, java_script_enabled=script)
    page.goto(NEW)
    return page


def test_a_concern_is_sent_from_a_phone(phone):
    fill(phone)
    press(phone, "Send it to my team")
    expect(heading(phone)).to_contain_text("Your team has it")
    assert Concern.get().text == TEXT


def test_a_crime_is_stopped_and_its_words_are_kept(phone):
    fill(phone, CRIME)
    press(phone, "Send it to my team")
    expect(heading(phone)).to_contain_text("Is this for 999 or 101?")
    expect(phone.get_by_role("link", name="101").first).to_have_attribute("href", "tel:101")
    expect(phone.get_by_label("What do you want to tell your team?")).to_have_value(CRIME)
    assert Concern.select().count() == 0
    press(phone, "Send it to my team all the same")
    expect(heading(phone)).to_contain_text("Your team has it")


def test_the_right_way_is_shown_while_it_is_typed(someone):
    page = someone(PHONE)
    page.goto(NEW)
    page.get_by_label("What do you want to tell your team?").press_sequentially("He has a knife here now", delay=5)
    expect(page.locator("#looked-text")).to_contain_text("999")
    page.get_by_label("What do you want to tell your team?").fill("What are you doing about parking?")
    page.get_by_label("What do you want to tell your team?").press("End")
    page.get_by_label("What do you want to tell your team?").press_sequentially(" ", delay=5)
    expect(page.locator("#looked-text")).to_be_empty()


def test_where_somebody_is_goes_into_the_form_if_they_press(someone):
    page = someone(PHONE, geolocation={"latitude": 51.39, "longitude": -0.19}, permissions=["geolocation"])
    page.goto(NEW)
    press(page, "Use where I am now")
    expect(page.locator("#here")).to_contain_text("Your place is in the form")
    fill(page)
    press(page, "Send it to my team")
    expect(heading(page)).to_contain_text("Your team has it")
    assert Concern.get().latitude == 51.39


def test_telling_ones_team_passes_review(someone):
    reviewer = Reviewer(someone(PHONE), RESIDENTS)
    page = reviewer.page
    page.goto(NEW)
    reviewer.look("Tell your team in St Helier")
    press(page, "Send it to my team")
    reviewer.look("Error: Tell your team in St Helier")
    fill(page, CRIME)
    press(page, "Send it to my team")
    reviewer.look("Is this for 999 or 101?")
    fill(page, "My husband hits me and I am afraid of him.")
    press(page, "Send it to my team all the same")
    reviewer.look("Is this for 999 or 101?")
    fill(page, TEXT, "Yes, by email")
    page.get_by_label("Your email address").fill("zoe@example.org")
    press(page, "Send it to my team")
    reviewer.look("Check your email")
    token = links.sign(links.RAISE, Concern.get().resident, Concern.get().id)
    page.goto(f"/concerns/confirm/{token}")
    reviewer.look("Send this to your team?")
    press(page, "Yes, send it")
    reviewer.look("Your team has it")
    page.get_by_role("link", name="Read it, or add to it").click()
    reviewer.look("What you told your team")
    assert reviewer.wrong == []


def test_what_came_of_it_passes_review(someone):
    concern, farah = services.concern(), cast.officer("Farah")
    reviewer = Reviewer(someone(PHONE), RESIDENTS)
    url = f"/concerns/{links.sign(links.CONCERN, cast.resident('Amara'), concern.id)}"
    responses.ask(farah, concern, "Which evening?", 0, services.key(), db.now())
    Concern.update(due_at=db.now()).execute()
    reviewer.page.goto(url)
    reviewer.look("What you told your team")
    responses.close(farah, concern, "done", "The park is locked at eight.", 1, services.key(), db.now())
    reviewer.page.goto(url)
    reviewer.look("What you told your team")
    alert = services.begin_sending(services.draft(), farah, db.now())
    reviewer.page.goto(f"/answer/{links.sign(links.ANSWER, cast.resident('Amara'), alert.id)}")
    reviewer.look("Answer your team")
    assert reviewer.wrong == []


def test_what_is_typed_comes_back_after_another_form_was_sent(someone):
    concern, page = services.concern(), someone(PHONE)
    sign_in(page, "Farah")
    page.goto(f"/officers/concerns/{concern.id}")
    box = page.get_by_label("Write to the resident")
    box.fill("We patrol on")
    page.get_by_label("A note for your team").fill("Known address.")
    press(page, "Keep the note")
    expect(page.locator("#history")).to_contain_text("Known address.")
    expect(box).to_have_value("We patrol on")
    expect(page.get_by_label("A note for your team")).to_have_value("")
    box.fill("We patrol on Friday.")
    press(page, "Send the answer")
    expect(page.locator("#history")).to_contain_text("We patrol on Friday.")
    expect(box).to_have_value("")


def test_nothing_typed_stays_for_whoever_comes_next(someone):
    concern, page = services.concern(), someone(PHONE)
    sign_in(page, "Farah")
    page.goto(f"/officers/concerns/{concern.id}")
    page.get_by_label("Write to the resident").fill("We patrol on")
    press(page, "I look after it")
    expect(page.get_by_label("Write to the resident")).to_have_value("We patrol on")
    press(page, "Sign out")
    expect(heading(page)).not_to_contain_text("Concern")
    assert page.evaluate("Object.keys(sessionStorage).filter((name) => name.startsWith('typed-'))") == []
    sign_in(page, "Hana")
    page.goto(f"/officers/concerns/{concern.id}")
    expect(page.get_by_label("Write to the resident")).to_have_value("")


def test_answering_residents_passes_review(someone):
    services.concern("nobody")
    concern = services.concern(text=CRIME)
    Photo.create(concern=concern, width=800, height=600, content=brought.photo())
    reviewer = Reviewer(someone(PHONE), OFFICERS)
    page = reviewer.page
    sign_in(page, "Hana")
    page.goto("/officers/concerns")
    reviewer.look("Concerns")
    page.get_by_role("link", name="My bike was stolen").click()
    reviewer.look(f"Concern {concern.id}")
    page.get_by_text("Sort it, give it away, hand it over").click()
    page.get_by_text("Limit how often they may write").click()
    reviewer.look(f"Concern {concern.id}")
    press(page, "Send the answer")
    reviewer.look(f"Error: Concern {concern.id}")
    page.get_by_label("Write to the resident").fill("Please report it on 101.")
    press(page, "Send the answer")
    reviewer.look(f"Concern {concern.id}")
    page.goto("/officers/concerns?part=closed")
    reviewer.look("Concerns")
    assert reviewer.wrong == []

"""Surveys, with script and without: officers write one, residents answer it, and each state is looked at."""

from datetime import timedelta

from playwright.sync_api import Page, expect

from metengage import db, links, surveys
from metengage.models import Answer, Informed, Link, Resident, Survey
from tests import cast, services
from tests.browser.hand import PHONE, heading, press, sign_in
from tests.browser.review import OFFICERS, RESIDENTS, Reviewer

DAY = timedelta(days=1)
SAFE = services.QUESTIONS[0]["words"]


def link_to(survey: Survey) -> str:
    return f"/survey/{links.sign(links.SURVEY, cast.resident('Amara'), survey.id)}"


def open_page(page: Page) -> None:
    page.goto(f"/preferences/open/{links.issue(Link.SIGN_IN, cast.resident('Amara'), db.now())}")
    press(page, "Open my preferences")
    expect(heading(page)).to_have_text("Your preferences")


def test_a_survey_is_answered_from_a_phone(someone, script):
    page: Page = someone(PHONE, java_script_enabled=script)
    page.goto(link_to(services.survey()))
    page.get_by_label("Yes", exact=True).check()
    page.get_by_label("First").select_option("Drugs")
    press(page, "Send my answers")
    expect(heading(page)).to_contain_text("Thank you")
    assert Answer.get().choices == {SAFE: "Yes", "What matters most?": ["Drugs"]}


def test_answering_passes_review(someone):
    reviewer, survey = Reviewer(someone(PHONE), RESIDENTS), services.survey()
    page = reviewer.page
    page.goto(link_to(survey))
    reviewer.look("Your evenings")
    press(page, "Send my answers")
    reviewer.look("Error: Your evenings")
    page.get_by_label("Anything else?").fill("A man with a knife is here now")
    press(page, "Send my answers")
    reviewer.look("Is this for 999 or 101?")
    press(page, "Send it to my team all the same")
    reviewer.look("Thank you")
    surveys.close(survey, cast.officer("Farah"), db.now())
    page.goto(link_to(survey))
    reviewer.look("This survey has closed")
    page.goto(f"/informed/{links.sign(links.INFORMED, cast.resident('Amara'))}")
    reviewer.look("How well informed do you feel?")
    press(page, "Send my answer")
    reviewer.look("Error: How well informed do you feel?")
    page.get_by_label("Fairly well informed").check()
    press(page, "Send my answer")
    reviewer.look("Thank you")
    assert reviewer.wrong == []


def test_a_survey_of_others_passes_review(someone):
    reviewer, survey = Reviewer(someone(PHONE), RESIDENTS), services.survey(area=cast.RAVENSBURY)
    open_page(reviewer.page)
    reviewer.page.goto(f"/surveys/{survey.id}")
    reviewer.look("This survey asks other people")
    assert reviewer.wrong == []


def test_asking_passes_review(someone):
    reviewer, survey = Reviewer(someone(PHONE), OFFICERS), services.survey()
    for number in range(20):
        person = Resident.create(email=f"p{number}@example.org", home=cast.ST_HELIER, state="confirmed")
        surveys.answer(person, survey, {SAFE: "Yes" if number % 2 else "No"}, {"Anything else?": "Light"}, db.now())
        Informed.create(ward=cast.ST_HELIER, score=number % 2 * 3, asked="yearly", at=db.now() - 92 * DAY)
    page = reviewer.page
    sign_in(page, "Farah")
    page.goto("/officers/surveys")
    reviewer.look("Surveys")
    press(page, "Write a survey")
    reviewer.look("New survey")
    press(page, "Keep this survey")
    reviewer.look("Error: New survey")
    page.goto(f"/officers/surveys/{survey.id}")
    reviewer.look("Your evenings")
    page.get_by_text("Close it…").click()
    reviewer.look("Your evenings")
    press(page, "Close it now")
    expect(page.locator("#results")).to_contain_text("20 people")
    reviewer.look("Your evenings")
    assert reviewer.wrong == []

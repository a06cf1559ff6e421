"""Every page and state that residents see: by axe at both sizes, at 320 pixels, and for fingers."""

import pytest

from metengage import addressing, codes, complaints, db, links, stories, survey, urgent
from metengage.models import Alert, Delivery, Link
from tests import cast, services
from tests.browser.hand import ANSWERS, PHONE, answer_survey, press, tick
from tests.browser.review import RESIDENTS, Reviewer
from tests.services import link_in

PAGES = {
    "/": "Hear from your local police team",
    "/areas/": "Find your ward",
    f"/areas/{cast.ST_HELIER}": "St Helier, Merton",
    f"/areas/{cast.MERTON}": "Merton",
    f"/areas/{cast.SUTTON}": "Sutton",
    "/areas/E05009288": "Aldersgate, City of London",
    "/alerts/1": "Mopeds stolen in Green Lane",
    "/privacy": "Privacy",
    "/cookies": "Cookies",
    "/verify": "Is an email from us genuine?",
    "/verify?code=": "Error: Is an email from us genuine?",
    "/verify?code=A1F-7KQ2M9": "We did not send an email with this code",
    "/preferences/left": "You have left",
    "/accessibility": "Accessibility statement",
    "/nowhere": "Page not found",
    "/confirm/cut-off": "This link no longer works",
}
WRONG = {
    "postcode": lambda page: None,
    "types": lambda page: None,
    "concerns": lambda page: None,
    "rank": lambda page: None,
    "frequency": lambda page: None,
    "name": lambda page: page.get_by_label("What is your name?").fill("Cleo" * 30),
    "email": lambda page: None,
}
ELSEWHERE = {
    "EC1A 2FG": "You are in the City of London",
    "KT16 0LG": "You are outside London",
    "SM1 3EA": "We have not started in your area yet",
}


@pytest.fixture
def reviewer(someone):
    """Looks at every page that it is told to."""
    return Reviewer(someone(PHONE), RESIDENTS)


def test_public_pages_pass_review(reviewer):
    services.send()
    for url, title in PAGES.items():
        reviewer.page.goto(url)
        reviewer.look(title)
    assert reviewer.wrong == []


def test_every_question_and_its_error_pass_review(reviewer):
    page = reviewer.page
    page.goto("/sign-up/postcode")
    for question, answer in ANSWERS.items():
        title = survey.QUESTIONS[question].title
        reviewer.look(title)
        if question in WRONG:
            WRONG[question](page)
            press(page, "Continue")
            reviewer.look(f"Error: {title}")
        answer(page)
        press(page, "Continue")
    reviewer.look("Check your answers")
    press(page, "Agree and sign up")
    reviewer.look("Error: Check your answers")
    assert reviewer.wrong == []


def test_choosing_from_a_list_passes_review(reviewer):
    page = reviewer.page
    page.goto("/sign-up/borough")
    reviewer.look("Which borough do you live in?")
    press(page, "Continue")
    reviewer.look("Error: Which borough do you live in?")
    tick(page, "Merton")
    press(page, "Continue")
    reviewer.look("Which ward do you live in?")
    press(page, "Continue")
    reviewer.look("Error: Which ward do you live in?")
    tick(page, "St Helier, Merton")
    press(page, "Continue")
    page.get_by_label("Add wards of a borough").select_option("Wandsworth")
    press(page, "Show its wards")
    page.get_by_label("Furzedown, Wandsworth").wait_for()
    reviewer.look("Do you want to hear about any other areas?")
    assert reviewer.wrong == []


def test_where_a_poster_leads_to_passes_review(reviewer):
    reviewer.page.goto(f"/join/{cast.ST_HELIER}")
    reviewer.look("Alerts for St Helier, Merton")
    press(reviewer.page, "I live in St Helier")
    reviewer.look("Do you want to hear about any other areas?")
    assert reviewer.wrong == []


def test_confirming_passes_review(reviewer, post, work):
    page = reviewer.page
    answer_survey(page)
    tick(page, "I agree")
    press(page, "Agree and sign up")
    reviewer.look("Check your email")
    work()
    page.goto(link_in(post.last_to("cleo@example.org"), "/confirm/"))
    reviewer.look("Confirm that you want these emails")
    press(page, "Yes, send me these")
    reviewer.look("You are signed up")
    assert reviewer.wrong == []


def test_other_places_pass_review(reviewer):
    page = reviewer.page
    for postcode, title in ELSEWHERE.items():
        page.goto("/sign-up/postcode")
        page.get_by_label("What is your postcode?").fill(postcode)
        press(page, "Continue")
        reviewer.look(title)
    press(page, "Write to me once")
    reviewer.look(f"Error: {title}")
    page.get_by_label("Your email address").fill("amara@example.org")
    press(page, "Write to me once")
    reviewer.look("We will write to you once")
    assert reviewer.wrong == []


def test_preferences_pass_review(reviewer, post, work):
    page = reviewer.page
    page.goto("/preferences")
    reviewer.look("Your preferences")
    press(page, "Send me the link")
    reviewer.look("Error: Your preferences")
    page.get_by_label("Your email address").fill("amara@example.org")
    press(page, "Send me the link")
    reviewer.look("Check your email")
    work()
    page.goto(link_in(post.last_to("amara@example.org"), "/preferences/open/"))
    reviewer.look("Open your preferences")
    press(page, "Open my preferences")
    reviewer.look("Your preferences")
    assert reviewer.wrong == []


def opened(page) -> None:
    """Amara's page."""
    page.goto(f"/preferences/open/{links.sign(links.PREFERENCES, cast.resident('Amara'))}")
    press(page, "Open my preferences")


def test_choosing_what_to_hear_passes_review(reviewer):
    page = reviewer.page
    opened(page)
    page.get_by_role("link", name="Change alerts").click()
    reviewer.look("What you hear about")
    for name in ("Crime prevention advice", "Incidents and investigations"):
        page.get_by_role("group", name=name).get_by_label("No emails").check()
    press(page, "Save")
    reviewer.look("Error: What you hear about")
    page.get_by_role("group", name="Meetings and events").get_by_label("Weekly").check()
    press(page, "Save")
    page.get_by_role("alert", name="Success").wait_for()
    reviewer.look("Your preferences")
    assert reviewer.wrong == []


def test_choosing_where_passes_review(reviewer):
    page = reviewer.page
    opened(page)
    page.get_by_role("link", name="Change other areas").click()
    reviewer.look("Your areas")
    press(page, "Add these areas")
    reviewer.look("Error: Your areas")
    tick(page, "Ravensbury, Merton", "Merton (whole borough)")
    press(page, "Add these areas")
    page.get_by_role("alert").get_by_text("You now also get").wait_for()
    reviewer.look("Your areas")
    assert reviewer.wrong == []


def test_moving_passes_review(reviewer):
    page = reviewer.page
    opened(page)
    page.get_by_role("link", name="Change home ward").click()
    reviewer.look("What is your postcode?")
    page.get_by_label("What is your postcode?").fill("SM1 3EA")
    press(page, "Continue")
    reviewer.look("We have not started in your area yet")
    page.get_by_role("link", name="Back", exact=True).click()
    page.get_by_label("What is your postcode?").fill("SM4 6LJ")
    press(page, "Continue")
    reviewer.look("Which ward do you live in?")
    assert reviewer.wrong == []


def test_rights_pass_review(reviewer):
    page, amara = reviewer.page, cast.resident("Amara")
    complaint = complaints.complain("amara@example.org", "You kept it.", amara, db.now())
    complaints.look_at(cast.officer("Idris"), complaint.id, db.now())
    page.goto(f"/preferences/open/{links.issue(Link.SIGN_IN, amara, db.now())}")
    press(page, "Open my preferences")
    page.goto("/preferences/everything")
    reviewer.look("Everything we hold about you")
    page.get_by_role("link", name="Erase your record").click()
    page.get_by_text("All that goes, one by one").click()
    reviewer.look("Erase your record")
    press(page, "Erase my record")
    reviewer.look("Your record is erased")
    assert reviewer.wrong == []


def test_complaining_passes_review(reviewer):
    page = reviewer.page
    page.goto("/complaints/new")
    reviewer.look("Complain about how we handle your data")
    press(page, "Send my complaint")
    reviewer.look("Error: Complain about how we handle your data")
    page.get_by_label("What went wrong?").fill("You kept my old address.")
    page.get_by_label("Your email address").fill("amara@example.org")
    press(page, "Send my complaint")
    reviewer.look("We have your complaint")
    assert reviewer.wrong == []


def test_leaving_passes_review(reviewer, post, work):
    services.send()
    work()
    letter = post.last_to("amara@example.org")
    reviewer.page.goto(link_in(letter, "/unsubscribe/"))
    reviewer.look("Stop all emails")
    press(reviewer.page, "Stop all emails")
    reviewer.look("You have left")
    work()
    reviewer.page.goto(link_in(post.last_to("amara@example.org"), "/come-back/"))
    reviewer.look("Come back as you were")
    press(reviewer.page, "Come back as I was")
    reviewer.look("You are back")
    reviewer.page.goto(link_in(letter, "/preferences/open/"))
    reviewer.look("This link no longer works")
    assert reviewer.wrong == []


@pytest.fixture
def followed(app):
    """(a story that Amara follows, one that she followed to its end)."""
    told = services.story(), services.story("Shed break-ins")
    for story in told:
        stories.follow(cast.resident("Amara"), story, db.now())
    outcome = services.draft(title="Two arrests", story=stories.Chosen(told[1].id, is_outcome=True))
    services.begin_sending(outcome, cast.officer("Farah"), db.now())
    return told


def test_a_story_for_anybody_passes_review(reviewer, followed):
    page = reviewer.page
    page.goto("/alerts/1")
    reviewer.look("Mopeds stolen in Green Lane")
    page.get_by_role("link", name="Follow this story").click()
    reviewer.look("Moped thefts")
    press(page, "Open my page to follow it")
    reviewer.look("Your preferences")
    page.goto("/stories/2")
    reviewer.look("Shed break-ins")
    assert reviewer.wrong == []


def test_following_passes_review(reviewer, followed):
    page, amara = reviewer.page, cast.resident("Amara")
    page.goto(f"/preferences/open/{links.sign(links.PREFERENCES, amara)}")
    press(page, "Open my preferences")
    page.goto("/preferences/stories")
    reviewer.look("Stories you follow")
    press(page, "Unfollow Moped thefts")
    page.get_by_role("alert").get_by_text("You no longer follow").wait_for()
    reviewer.look("Stories you follow")
    page.goto("/stories/1")
    press(page, "Follow this story")
    page.get_by_role("alert").get_by_text("You follow").wait_for()
    reviewer.look("Moped thefts")
    page.goto("/alerts/1")
    reviewer.look("Mopeds stolen in Green Lane")
    assert reviewer.wrong == []


def test_the_link_to_follow_passes_review(reviewer, followed):
    page, bryn = reviewer.page, cast.resident("Bryn")
    page.goto(f"/follow/{links.sign(links.FOLLOW, bryn, 1)}")
    reviewer.look("Follow “Moped thefts”")
    press(page, "Follow this story")
    reviewer.look("You follow “Moped thefts”")
    page.goto(f"/follow/{links.sign(links.FOLLOW, bryn, 2)}")
    reviewer.look("This story has ended")
    page.goto(f"/follow/{links.sign(links.FOLLOW, cast.resident('Esme'), 1)}")
    reviewer.look("You cannot follow this story")
    assert reviewer.wrong == []


def test_rating_passes_review(reviewer, followed):
    page = reviewer.page
    page.goto(f"/rate/{links.sign(links.RATE, cast.resident('Bryn'), 1)}")
    reviewer.look("Was this useful?")
    press(page, "No")
    reviewer.look("Thank you")
    page.get_by_label("It came too late").check()
    press(page, "Send the reason")
    page.get_by_text("not useful: it came too late").wait_for()
    reviewer.look("Thank you")
    page.goto(f"/rate/{links.sign(links.RATE, cast.resident('Esme'), 1)}")
    reviewer.look("You have left")
    values = {"team": 1, "author": 1, "corrects": 1, "is_withdrawal": True, "state": Alert.SENT}
    Alert.create(**values, title="Withdrawn", sending_at=db.now())
    page.goto(f"/rate/{links.sign(links.RATE, cast.resident('Bryn'), 1)}")
    reviewer.look("This alert was withdrawn")
    assert reviewer.wrong == []


def test_a_genuine_code_passes_review(reviewer, post):
    services.send()
    addressing.to_resident(Delivery.SIGN_IN, cast.resident("Amara"), db.now())
    urgent.send()
    for code in (codes.code(codes.ALERT, 1), codes.code(codes.LETTER, Delivery.get(Delivery.kind == "sign-in").id)):
        reviewer.page.goto(f"/verify?code={code}")
        reviewer.look("We sent this email")
    assert reviewer.wrong == []


def test_a_form_without_its_cookie_passes_review(reviewer):
    reviewer.page.goto("/preferences")
    reviewer.page.context.clear_cookies()
    press(reviewer.page, "Send me the link")
    reviewer.look("Please send that again")
    assert reviewer.wrong == []


def test_a_page_without_a_database_passes_review(new_context, app, tmp_path):
    reviewer, ours = Reviewer(new_context(viewport=PHONE).new_page(), RESIDENTS), db.handle.obj
    db.use(f"sqlite:///{tmp_path}")
    reviewer.page.goto("/")
    db.handle.initialize(ours)
    reviewer.look("This service is not available")
    assert reviewer.wrong == []

"""The page for the door: what it asks, what it says of each field, and what the page that keeps it is told."""

import hashlib
import re
from datetime import UTC, timedelta

import pytest

from metengage import db, surveys
from metengage.choices import WORDING
from metengage.models import Answer, Consent, Delivery, Doorstep, Officer, TeamWard
from tests import cast, services
from tests.cast import KINGSTON, MERTON, RAVENSBURY, ST_HELIER, SURBITON_HILL
from tests.page import Page, Visitor

GIVEN = {
    "ward": ST_HELIER, "types": ["advice", "meetings"], "frequency": "weekly", "name": "Nina",
    "email": "Nina@Example.org ", "agree": "y",
}  # fmt: skip
AS_SCRIPT = {"HX-Request": "true", "HX-Request-Type": "partial"}
KEY = "0123456789abcdef0123456789abcdef"


@pytest.fixture
def farah(signed_in) -> Visitor:
    return signed_in("Farah")


def press(officer: Visitor, **instead) -> Page:
    return officer.visit("/officers/door").submit("Sign them up", **(GIVEN | instead))


def sent_by_script(officer: Visitor, **instead):
    """The answer to what the page sends by itself, and not by its button."""
    page = officer.visit("/officers/door")
    fields = page.fields(page.soup.find("form", id="door")) | GIVEN | {"key": KEY} | instead
    return officer.ask("POST", "/officers/door", data=fields, headers=AS_SCRIPT)


def newest() -> Consent:
    return Consent.select().order_by(Consent.id.desc()).first()


# --- What it asks ---


def test_nothing_is_ticked_and_the_wards_are_their_teams(farah):
    page = farah.visit("/officers/door")
    assert [each["value"] for each in page.soup.select("#ward option")] == ["", RAVENSBURY, ST_HELIER]
    assert page.soup.find_all(checked=True) == []


def test_it_is_one_press_from_every_page_and_said_on_the_first(farah):
    assert farah.visit("/officers/team").click("At the door").h1 == "At the door"
    assert farah.visit("/officers/alerts").click("Sign a resident up at their door").h1 == "At the door"


def test_who_has_no_ward_is_told_whom_to_ask(signed_in):
    TeamWard.delete().execute()
    page = signed_in("Gus").visit("/officers/door")
    assert "Ask an administrator" in page.text
    assert not page.has_button("Sign them up")


def test_the_words_to_read_out_are_those_that_are_kept(farah):
    page = farah.visit("/officers/door")
    assert "“I agree that my local police team may keep these answers" in page.text
    press(farah)
    assert newest().wording == page.soup.find("input", attrs={"name": "wording"})["value"] == WORDING


# --- What it takes ---


def test_it_is_kept_as_the_web_would_keep_it(farah):
    page = press(farah, concerns=["fraud", "burglary"])
    assert (page.status, page.url) == (200, "/officers/door")
    assert "its link works for 7 days" in page.soup.find(role="alert").get_text()
    assert newest().answers == {
        "borough": MERTON, "ward": ST_HELIER, "areas": [], "types": ["advice", "meetings"], "name": "Nina",
        "concerns": ["burglary", "fraud"], "frequency": "weekly", "email": "nina@example.org",
    }  # fmt: skip


def test_the_next_form_is_empty_and_in_the_same_ward(farah):
    page = press(farah)
    assert [each["value"] for each in page.soup.select("#ward option")] == [ST_HELIER, RAVENSBURY]
    assert not page.soup.find("input", id="email").get("value")


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"ward": SURBITON_HILL}, "Select the ward they live in"),
        ({"ward": ""}, "Select the ward they live in"),
        ({"ward": "\0"}, "Select the ward they live in"),
        ({"types": []}, "Select what they want to hear about"),
        ({"types": ["gossip"]}, "Select what they want to hear about"),
        ({"frequency": []}, "Select how often they want emails"),
        ({"frequency": "hourly"}, "Select how often they want emails"),
        ({"name": "N" * 101}, "Name must be 100 characters or fewer"),
        ({"email": " "}, "Enter their email address"),
        ({"email": "nina@"}, "Enter an email address in the correct format, like name@example.com"),
        ({"email": "nína@example.org"}, "We cannot write to addresses with letters like é"),
        ({"agree": []}, "Read the words out, and tick the box when they agree"),
        ({"wording": "2020-01"}, "The words have changed"),
    ],
)
def test_what_is_wrong_is_explained_and_nothing_is_kept(farah, wrong, sentence):
    page = press(farah, **wrong)
    (error,) = page.errors
    assert (page.status, error.startswith(sentence)) == (422, True)
    assert not Doorstep.select().exists()
    assert wrong.keys() & {"name"} or page.soup.find("input", id="name")["value"] == "Nina"


def test_what_is_wrong_everywhere_is_said_in_the_order_of_the_page(farah):
    page = farah.visit("/officers/door").submit("Sign them up", ward="", name="N" * 101)
    assert [error.split(" ")[0] for error in page.errors] == ["Select", "Select", "Select", "Name", "Enter", "Read"]


def test_an_unknown_theme_is_dropped(farah):
    press(farah, concerns=["fraud", "gossip"])
    assert newest().answers["concerns"] == ["fraud"]


def test_the_same_form_twice_is_one_sign_up(farah):
    page = farah.visit("/officers/door")
    assert [page.submit("Sign them up", **GIVEN).status for _ in range(2)] == [200, 200]
    assert Delivery.select().count() == 1


def test_what_was_taken_says_neither_key_nor_address(farah):
    sent_by_script(farah)
    assert re.fullmatch("[0-9a-f]{32}", Doorstep.get().key)
    assert Doorstep.get().key not in (KEY, hashlib.sha256(b"nina@example.org").hexdigest()[:32])


def test_who_goes_back_and_signs_up_somebody_else_loses_neither(farah):
    page = farah.visit("/officers/door")
    for email in ("nina@example.org", "olu@example.org"):
        page.submit("Sign them up", **(GIVEN | {"email": email}))
    assert [row.resident.email for row in Delivery.select()] == ["nina@example.org", "olu@example.org"]


def test_an_administrator_signs_up_in_any_teams_ward(signed_in):
    press(signed_in("Idris"), ward=SURBITON_HILL)
    assert newest().answers["borough"] == KINGSTON


def test_too_many_to_one_address_is_explained_with_all_that_was_typed(farah):
    for _ in range(4):
        press(farah)
    page = press(farah)
    assert (page.status, page.soup.find("input", id="email")["value"]) == (429, "nina@example.org")
    assert "Wait an hour, then send it again" in page.errors[0]


# --- When they agreed ---


@pytest.mark.parametrize(
    ("ago", "is_kept"),
    [
        (timedelta(hours=3), True),
        (timedelta(days=6), True),
        (timedelta(seconds=30), False),
        (timedelta(days=8), False),
        (-timedelta(hours=1), False),
    ],
)
def test_when_they_agreed_is_kept_if_it_waited_for_a_signal(farah, ago, is_kept):
    at = (db.now() - ago).replace(microsecond=0)
    press(farah, at=str(int(at.replace(tzinfo=UTC).timestamp())))
    assert newest().agreed_at == (at if is_kept else None)


@pytest.mark.parametrize("typed", ["", "x", "-1", "9" * 30, "99999999999", "1e9", "\0"])
def test_no_strange_moment_breaks_it(farah, typed):
    assert press(farah, at=typed).status == 200
    assert newest().agreed_at is None


@pytest.mark.parametrize("key", ["", "x", "K" * 4000, "\0", "<script>"])
def test_without_a_good_key_it_gets_one(farah, key):
    assert press(farah, key=key).status == 200
    assert re.fullmatch("[0-9a-f]{32}", Doorstep.get().key)


# --- What the page that keeps it is told ---


def test_it_is_told_by_its_key_that_it_was_taken_however_often(farah):
    replies = [sent_by_script(farah) for _ in range(2)]
    assert [(reply.status_code, f'data-taken="{KEY}"' in reply.text) for reply in replies] == [(200, True)] * 2
    assert Delivery.select().count() == 1


def test_it_is_told_what_is_wrong_in_the_pages_own_words(farah):
    reply = sent_by_script(farah, email="nína@example.org")
    assert reply.status_code == 422
    assert re.search(r'<a href="#email">We cannot write to addresses', reply.text)
    assert "<html" not in reply.text


def test_it_is_told_to_wait(farah):
    assert [sent_by_script(farah, key=f"{KEY}{number}").status_code for number in range(5)] == [200] * 4 + [429]


def test_it_is_told_that_nobody_is_signed_in(farah):
    page = farah.visit("/officers/door")
    fields = page.fields(page.soup.find("form", id="door")) | GIVEN
    Officer.update(session_key="another").execute()
    assert farah.ask("POST", "/officers/door", data=fields, headers=AS_SCRIPT).status_code == 401
    assert not Doorstep.select().exists()


@pytest.mark.parametrize(("name", "is_renewed"), [("Farah", True), ("Gus", False)])
def test_after_signing_in_again_it_gets_a_new_token_if_it_is_theirs(farah, name, is_renewed):
    page = farah.visit("/officers/door")
    fields = page.fields(page.soup.find("form", id="door")) | GIVEN
    farah.visit("/officers/alerts").submit("Sign out")
    farah.visit("/officers/sign-in").submit("Sign in", email=f"{name.lower()}@met.example.org", password=cast.PASSWORD)
    reply = farah.ask("POST", "/officers/door", data=fields, headers=AS_SCRIPT)
    assert (reply.status_code, "renewed" in reply.headers.get("HX-Trigger", "")) == (400, is_renewed)
    assert not Doorstep.select().exists()


@pytest.mark.parametrize(("more", "is_seen"), [({}, True), ({"by-itself": "1"}, False)])
def test_what_it_sends_by_itself_keeps_no_session(farah, more, is_seen):
    with farah.client.session_transaction() as session:
        session["seen"] -= 60 * 10
        before = session["seen"]
    page = farah.visit("/officers/door")
    fields = page.fields(page.soup.find("form", id="door")) | GIVEN | more
    with farah.client.session_transaction() as session:
        session["seen"] = before
    assert farah.ask("POST", "/officers/door", data=fields, headers=AS_SCRIPT).status_code == 200
    with farah.client.session_transaction() as session:
        assert (session["seen"] > before) == is_seen


def test_what_shows_it_without_a_signal_may_do_so_for_this_page_alone(farah):
    reply = farah.ask("GET", "/officers/door/worker.js")
    assert (reply.mimetype, reply.headers["Service-Worker-Allowed"]) == ("text/javascript", "/officers/door")
    assert "worker-src 'self'" in farah.ask("GET", "/officers/door").headers["Content-Security-Policy"]


# --- A survey's questions ---

SAFE, WALK = (each["words"] for each in services.QUESTIONS[:2])


def asks(officer: Visitor) -> Page:
    """The page with the questions of Your evenings."""
    services.survey()
    return officer.visit("/officers/door").click("Your evenings")


def test_an_open_survey_of_their_team_is_one_press_from_the_door(farah, signed_in):
    services.survey(is_open=False)
    assert "Your evenings" not in farah.visit("/officers/door").text
    assert asks(farah).h1 == "Your evenings"
    assert "Your evenings" not in signed_in("Gus").visit("/officers/door").text


def test_answers_are_kept_and_the_next_form_is_empty(farah):
    page = asks(farah).submit("Keep their answers", ward=ST_HELIER, q0_0="Yes", q1_0=["Park"])
    assert (page.h1, page.soup.find_all(checked=True)) == ("Your evenings", [])
    assert "Their answers are kept, without who they are." in page.text
    assert [(row.resident, row.ward_id, row.choices) for row in Answer.select()] == [
        (None, ST_HELIER, {SAFE: "Yes", WALK: ["Park"]})
    ]


def test_who_goes_back_and_keeps_somebody_elses_answers_loses_neither(farah):
    page = asks(farah)
    for said in ("Yes", "No", "No"):
        page.submit("Keep their answers", q0_0=said)
    assert [row.choices for row in Answer.select().order_by(Answer.id)] == [{SAFE: "Yes"}, {SAFE: "No"}]


def test_only_wards_that_it_asks_are_offered_the_last_one_first(farah):
    services.survey(area=MERTON, title="All Merton")
    page = farah.visit("/officers/door").click("All Merton")
    assert [each["value"] for each in page.soup.select("#ward option")] == ["", RAVENSBURY, ST_HELIER]
    assert [each["value"] for each in asks(farah).soup.select("#ward option")] == [ST_HELIER]


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({}, "Answer at least one question"),
        ({"ward": SURBITON_HILL, "q0_0": "Yes"}, "Select the ward they live in"),
        ({"q2_0": "Drugs", "q2_1": "Drugs"}, "You chose this already"),
        ({"q4_0": "x" * 1001}, "What you write must be 1,000 characters or fewer"),
    ],
)
def test_what_is_wrong_in_answers_is_explained_and_nothing_is_kept(farah, given, sentence):
    page = asks(farah).submit("Keep their answers", **given)
    assert (page.status, page.errors[0].startswith(sentence)) == (422, True)
    assert not Answer.select().exists()


def test_the_page_that_keeps_them_is_told_that_answers_were_taken(farah):
    page = asks(farah)
    fields = page.fields(page.soup.find("form", id="door")) | {"q0_0": "Yes", "key": KEY}
    for _ in range(2):
        reply = farah.ask("POST", page.url, data=fields, headers=AS_SCRIPT)
        assert (reply.status_code, f'data-taken="{KEY}"' in reply.text) == (200, True)
    assert Answer.select().count() == 1


def test_answers_to_a_survey_that_closed_meanwhile_are_refused_with_why(farah):
    page = asks(farah)
    (survey,) = surveys.visible_to(cast.officer("Farah"))
    surveys.close(survey, cast.officer("Farah"), db.now())
    refused = page.submit("Keep their answers", q0_0="Yes")
    assert (refused.status, refused.errors) == (422, ["This survey has closed, and takes no more answers"])
    again = farah.visit(page.url)
    assert (again.url, again.h1) == ("/officers/door", "At the door")
    assert "This survey has closed, and takes no more answers." in again.text

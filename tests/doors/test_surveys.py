"""Surveys at their doors: officers write and open them, residents answer by a link of their own, and never by GET."""

from datetime import datetime, timedelta

import pytest

from metengage import db, leaving, links, residents, surveys
from metengage.models import TABLES, Answer, Informed, Journal, Resident, Survey
from tests import cast, services
from tests.rules.test_residents import signed_up

SAFE, WALK, MOST, LIT, ELSE = (each["words"] for each in services.QUESTIONS)
WHOLE = {"q0_0": "Yes", "q1_0": ["Park", "Station"], "q2_0": "Drugs", "q2_1": "Litter", "q3_0": "4", "q4_0": "Light."}
TITLE = "St Helier team asks Your evenings"


@pytest.fixture
def survey(app) -> Survey:
    return services.survey()


def link_to(survey: Survey, name: str = "Amara") -> str:
    return f"/survey/{links.sign(links.SURVEY, cast.resident(name), survey.id)}"


def asked(name: str = "Amara") -> str:
    return f"/informed/{links.sign(links.INFORMED, cast.resident(name))}"


def said() -> list[tuple]:
    return [(each.resident.name, each.choices, each.texts) for each in Answer.select().order_by(Answer.id)]


# --- Residents ---


def test_a_scanner_that_follows_the_links_changes_nothing(survey, visitor):
    before = {table: sorted(table.select().tuples(), key=repr) for table in TABLES}
    for url in (link_to(survey), asked()):
        for more in ("", "/thanks", "/no-more"):
            visitor.ask("GET", url + more)
    assert {table: sorted(table.select().tuples(), key=repr) for table in TABLES} == before


def test_every_kind_of_question_is_answered(survey, visitor):
    page = visitor.visit(link_to(survey))
    assert page.h1 == TITLE
    page = page.submit("Send my answers", **WHOLE)
    assert page.h1 == "Your evenings Thank you"
    chosen = {SAFE: "Yes", WALK: ["Park", "Station"], MOST: ["Drugs", "Litter"], LIT: 4}
    assert said() == [("Amara", chosen, {ELSE: "Light."})]


def test_it_may_be_changed_and_stays_one(survey, visitor):
    page = visitor.visit(link_to(survey)).submit("Send my answers", **WHOLE).click("Change your answers")
    assert "You have answered. You can change your answers" in page.text
    page.submit("Change my answers", q0_0="No")
    chosen = {SAFE: "No", WALK: ["Park", "Station"], MOST: ["Drugs", "Litter"], LIT: 4}
    assert said() == [("Amara", chosen, {ELSE: "Light."})]


def test_any_question_may_be_left_out_but_not_all(survey, visitor):
    page = visitor.visit(link_to(survey))
    assert "Answer at least one question" in page.submit("Send my answers").text
    page.submit("Send my answers", q3_0="5")
    assert said() == [("Amara", {LIT: 5}, None)]


def test_a_text_of_20000_characters_is_refused_and_kept_in_the_form(survey, visitor):
    page = visitor.visit(link_to(survey)).submit("Send my answers", q4_0="x" * 20_000)
    assert page.status == 422
    assert "must be 1,000 characters or fewer; it has 20,000" in page.text
    assert "x" * 20_000 in page.html
    assert said() == []


def test_something_else_that_is_wrong_hides_no_danger(survey, visitor):
    page = visitor.visit(link_to(survey))
    page = page.submit("Send my answers", q2_0="Drugs", q2_1="Drugs", q4_0="He has a knife and he is here now.")
    assert page.h1 == "Is this for 999 or 101?"
    assert "You chose this already" in page.errors[0]
    assert said() == []


def test_one_thing_has_one_place_in_an_order(survey, visitor):
    page = visitor.visit(link_to(survey)).submit("Send my answers", q2_0="Drugs", q2_1="Drugs")
    assert (page.status, "You chose this already" in page.text, said()) == (422, True, [])


@pytest.mark.parametrize("odd", [{"q0_0": "Maybe"}, {"q3_0": "6"}, {"q3_0": "\0"}, {"q1_0": ["x"]}, {"q2_0": "x"}])
def test_what_is_not_offered_is_not_kept(survey, visitor, odd):
    page = visitor.visit(link_to(survey))
    assert page.submit("Send my answers", **odd).status == 422
    assert said() == []


def test_what_belongs_elsewhere_is_shown_the_right_way_first(survey, visitor):
    page = visitor.visit(link_to(survey)).submit("Send my answers", q0_0="No", q4_0="A man with a knife is here now")
    assert (page.status, "Is this for 999 or 101?" in page.h1, said()) == (422, True, [])
    page.submit("Send it to my team all the same")
    assert said() == [("Amara", {SAFE: "No"}, {ELSE: "A man with a knife is here now"})]


def test_a_closed_survey_is_refused_kindly(survey, visitor):
    page = visitor.visit(link_to(survey))
    surveys.close(survey, cast.officer("Farah"), db.now())
    assert page.submit("Send my answers", **WHOLE).h1 == "Your evenings This survey has closed"
    assert said() == []


@pytest.mark.parametrize(
    ("state", "heading"),
    [(Resident.LEFT, "You have left"), (Resident.ERASED, "This link no longer works")],
)
def test_who_left_is_refused_kindly(survey, visitor, state, heading):
    pages = [visitor.visit(link_to(survey)), visitor.visit(asked())]
    leaving.leave(cast.resident("Amara"), leaving.BY_LINK, db.now())
    Resident.update(state=state).where(Resident.email == "amara@example.org").execute()
    after = [pages[0].submit("Send my answers", **WHOLE), pages[1].submit("Send my answer", score="4")]
    assert [(page.status, heading in page.h1) for page in after] == [(410, True)] * 2
    assert (said(), Informed.select().count()) == ([], 0)


def test_a_forged_foreign_or_old_token_opens_nothing(survey, visitor, monkeypatch):
    amara, bryn = (link_to(survey, name).split(".") for name in ("Amara", "Bryn"))
    forged = [".".join([amara[0], *bryn[1:]]), ".".join(amara)[:-1], "/survey/x", asked().replace("informed", "survey")]
    forged += [f"/survey/{links.sign(links.SURVEY, cast.resident('Amara'), number)}" for number in (None, 99, 2**31)]
    assert {visitor.visit(each).h1 for each in forged} == {"This link no longer works"}
    monkeypatch.setitem(links.SIGNED_LIFETIME, links.SURVEY, timedelta(seconds=-1))
    assert visitor.visit(link_to(survey)).h1 == "This link no longer works"


def test_each_link_answers_for_its_own_resident(survey, visitor):
    for name in ("Amara", "Bryn"):
        visitor.visit(link_to(survey, name)).submit("Send my answers", q0_0="Yes")
    assert [who for who, *_ in said()] == ["Amara", "Bryn"]


def test_a_survey_that_is_not_open_yet_is_nobodys_to_see(app, visitor):
    assert visitor.visit(link_to(services.survey(is_open=False))).status == 410


def test_how_well_informed_is_said_changed_and_not_asked_again(app, visitor):
    page = visitor.visit(asked()).submit("Send my answer", score="3")
    assert "You said: fairly well informed." in page.text
    page = page.click("Change your answer").submit("Send my answer", score="0")
    assert [each.score for each in Informed.select()] == [0]
    Resident.update(ask_at=db.now()).execute()
    assert visitor.visit(asked()).submit("Do not ask me again").h1 == "We do not ask you again"
    assert cast.resident("Amara").ask_at is None


@pytest.mark.parametrize("score", ["", "5", "x", "-1"])
def test_how_well_informed_is_one_of_those_offered(app, visitor, score):
    page = visitor.visit(asked()).submit("Send my answer", score=score)
    assert (page.status, Informed.select().count()) == (422, 0)
    assert "Select how well informed you feel" in page.text


def test_who_confirms_may_say_it_there_and_change_it(app, visitor):
    link = signed_up("zoe@example.org", db.now())
    residents.confirm(link, db.now())
    url = f"/confirm/{links.issue('confirm', link.resident, db.now(), link.consent)}/done"
    page = visitor.visit(url)
    assert page.submit("Send my answer").status == 422
    page = page.submit("Send my answer", score="2").submit("Send my answer", score="4")
    assert "You said: very well informed." in page.text
    assert [(each.score, each.asked, each.ward_id) for each in Informed.select()] == [(4, "sign-up", cast.ST_HELIER)]


def test_the_web_copy_leads_who_is_here_to_a_link_of_their_own(survey, visitor):
    assert visitor.ask("GET", f"/surveys/{survey.id}").location == "/preferences"
    token = links.issue("sign-in", cast.resident("Amara"), db.now())
    visitor.visit(f"/preferences/open/{token}").submit("Open my preferences")
    assert visitor.visit(f"/surveys/{survey.id}").h1 == TITLE


def test_a_survey_of_another_ward_gives_no_link_and_says_whom_it_asks(app, visitor):
    survey = services.survey(area=cast.RAVENSBURY)
    token = links.issue("sign-in", cast.resident("Amara"), db.now())
    visitor.visit(f"/preferences/open/{token}").submit("Open my preferences")
    page = visitor.visit(f"/surveys/{survey.id}")
    assert (page.status, page.h1) == (403, "Your evenings This survey asks other people")
    assert "It asks who lives in Ravensbury, Merton, or gets alerts about priorities and surveys there." in page.text


# --- Officers ---

ASKED = {
    "title": "Parking", "area": cast.ST_HELIER, "alert_type": "priorities",
    "words_1": "Is it a problem?", "kind_1": "single", "choices_1": "Yes\nNo\n",
}  # fmt: skip


def write(farah, **typed):
    return farah.visit("/officers/surveys/new").submit("Keep this survey", **(ASKED | typed))


def test_a_survey_is_written_changed_opened_and_told_of(signed_in):
    farah = signed_in("Farah")
    page = write(farah).submit("Change it").submit("Keep this survey", title="Parking in Green Lane")
    page = page.submit("Open it")
    assert "0" not in page.h1
    assert Survey.get().questions == [{"kind": "single", "words": "Is it a problem?", "choices": ["Yes", "No"]}]
    page = page.submit("Write an alert about it")
    assert page.h1 == "St Helier team Write an alert"
    assert "Is it a problem?" in page.html


def test_an_alert_about_a_survey_that_closed_meanwhile_does_not_go(signed_in):
    survey, farah = services.survey(), signed_in("Farah")
    draft = farah.visit(f"/officers/surveys/{survey.id}").submit("Write an alert about it")
    surveys.close(survey, cast.officer("Farah"), db.now())
    page = draft.submit("Check and send")
    assert "Put this draft away: its survey has closed, and nobody could answer it" in page.text
    assert not page.has_button("Send to")


def test_what_concerns_people_is_asked_in_the_words_of_the_sign_up(signed_in, visitor):
    page = write(signed_in("Farah"), kind_1="themes", choices_1="")
    assert page.submit("Change it").soup.find(id="choices_1").get_text(strip=True) == ""
    page.submit("Open it")
    visitor.visit(link_to(Survey.get())).submit("Send my answers", q0_0=["Drugs", "Gossip"])
    assert said() == [("Amara", {"Is it a problem?": ["Drugs"]}, None)]


@pytest.mark.parametrize(
    ("typed", "error"),
    [
        ({"title": ""}, "Enter a title"),
        ({"title": "x" * 121}, "Title must be 120 characters or fewer"),
        ({"area": ""}, "Select a ward or a borough"),
        ({"area": "E05013944"}, "Select a ward or a borough"),
        ({"words_1": "", "choices_1": ""}, "Write at least one question"),
        ({"words_1": ""}, "Write the question"),
        ({"words_1": "x" * 201}, "A question must be 200 characters or fewer"),
        ({"choices_1": "Yes"}, "Write 2 to 10 answers to choose from"),
        ({"choices_1": "\n".join("abcdefghijk")}, "Write 2 to 10 answers to choose from"),
        ({"choices_1": "Yes\nYes"}, "Two of these answers are the same"),
        ({"choices_1": "Yes\n" + "x" * 101}, "Each answer must be 100 characters or fewer"),
        ({"words_2": "Is it a problem?", "kind_2": "text"}, "You ask this twice"),
    ],
)
def test_what_is_wrong_in_a_survey_is_explained(signed_in, typed, error):
    page = write(signed_in("Farah"), **typed)
    assert page.status == 422
    assert error in page.text
    assert Survey.select().count() == 0


def test_what_is_open_is_not_changed(signed_in):
    farah = signed_in("Farah")
    page = write(farah).submit("Change it")
    surveys.open_it(Survey.get(), cast.officer("Farah"), db.now())
    page = page.submit("Keep this survey", title="Other")
    assert "Nothing has changed" in page.text
    assert Survey.get().title == "Parking"


def test_a_survey_that_no_resident_saw_is_put_away_in_a_step_and_twice_is_once(signed_in):
    farah = signed_in("Farah")
    page = write(farah)
    (step,) = [each for each in page.soup.find_all("details") if "Put it away…" in each.get_text()]
    assert step.find("button").get_text() == "Put it away now"
    for _ in range(2):
        after = page.submit("Put it away now")
        assert (after.url, "The survey “Parking” is put away." in after.text) == ("/officers/surveys", True)
    assert "Your team has asked nothing yet." in after.text
    assert [row.action for row in Journal.select()].count("put away survey") == 1


def test_what_was_put_away_is_not_opened_changed_or_seen(signed_in, visitor):
    farah = signed_in("Farah")
    page = write(farah)
    form = page.submit("Change it")
    page.submit("Put it away now")
    for after in (page.submit("Open it"), form.submit("Keep this survey", title="Other")):
        assert "put away" in after.text
    assert not after.has_button("Open it")
    assert "What people answered" not in after.text
    survey = Survey.get()
    assert (survey.title, survey.opened_at) == ("Parking", None)


def test_what_was_opened_meanwhile_is_not_put_away(signed_in):
    page = write(signed_in("Farah"))
    surveys.open_it(Survey.get(), cast.officer("Farah"), db.now())
    page = page.submit("Put it away now")
    assert "Nothing has changed" in page.text
    assert not page.has_button("Put it away now")
    assert Survey.get().is_open


def test_answers_are_seen_by_their_number_when_it_is_closed(survey, signed_in):
    for number in range(12):
        person = Resident.create(email=f"p{number}@example.org", home=cast.ST_HELIER, state="confirmed", name="Priya")
        surveys.answer(person, survey, {SAFE: "Yes"}, {ELSE: f"Light {number}"}, db.now())
    page = signed_in("Farah").visit(f"/officers/surveys/{survey.id}")
    assert "10 or more people have answered by email" in page.text
    assert "Light 3" not in page.text
    page = page.submit("Close it")
    assert "St Helier, Merton: 12 people" in page.text
    assert "Light 3" in page.text
    assert "Priya" not in page.html


def test_how_answers_came_is_said_where_it_was_at_doors(survey, signed_in):
    Answer.insert_many([{"survey": survey, "ward": cast.ST_HELIER, "choices": {SAFE: "Yes"}}] * 12).execute()
    surveys.take(survey, cast.ST_HELIER, {SAFE: "Yes"}, {}, db.now())
    page = signed_in("Farah").visit(f"/officers/surveys/{survey.id}").submit("Close it")
    assert "St Helier, Merton: 12 people by email" in page.text
    assert "Fewer than 10 people have answered at doors, so nothing is shown." in page.text


def test_a_scale_shows_its_average_to_one_decimal(survey, signed_in):
    rows = [{"survey": survey, "ward": cast.ST_HELIER, "choices": {LIT: score}} for score in (2, 2, 2, *[4] * 7)]
    Answer.insert_many(rows).execute()
    page = signed_in("Farah").visit(f"/officers/surveys/{survey.id}").submit("Close it")
    assert "Not shown: 1; 2; 3; 4; 5 Average 3.4 of 5" in page.text


def test_closing_is_a_step_that_says_what_is_lost(survey, signed_in):
    page = signed_in("Farah").visit(f"/officers/surveys/{survey.id}")
    (step,) = [each for each in page.soup.find_all("details") if "Close it…" in each.get_text()]
    assert step.find("button").get_text() == "Close it now"
    assert "nobody will ever see what they said" in step.get_text()
    for number in range(10):
        person = Resident.create(email=f"p{number}@example.org", home=cast.ST_HELIER, state="confirmed")
        surveys.answer(person, survey, {SAFE: "Yes"}, {}, db.now())
    assert "nobody will ever see" not in page.visitor.visit(page.url).text


def test_its_alert_names_the_link_and_the_last_day(survey):
    Survey.update(opened_at=datetime(2026, 11, 22, 12)).execute()
    body = surveys.alert_words(Survey.get())["body"]
    assert "Use “Answer the survey” below, until 20 February 2027 at the latest." in body


def test_the_trend_is_on_the_page_of_surveys(app, signed_in):
    for score in [4] * 15 + [1] * 10:
        Informed.create(ward=cast.ST_HELIER, score=score, asked="yearly", at=db.now() - timedelta(days=92))
    page = signed_in("Farah").visit("/officers/surveys")
    assert "25 60%" in page.text
    assert "Fewer than 10" in page.text
    assert "Each quarter is shown when it is over." in page.text

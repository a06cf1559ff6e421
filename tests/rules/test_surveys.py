"""Surveys after sign-up: one answer for each resident until it closes; and how well informed everybody feels."""

from datetime import datetime, timedelta

import pytest

from metengage import jobs, keeping, leaving, notices, retention, surveys
from metengage.emails import NotNeeded
from metengage.models import Answer, Area, Delivery, Informed, Notice, Resident, Subscription, Survey
from tests import cast, services
from tests.conftest import NOW

DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)
SAID = {"Do you feel safe here?": "Yes"}


@pytest.fixture
def survey(app) -> Survey:
    return services.survey()


def answered() -> list[tuple]:
    return [(each.resident and each.resident.name, each.choices, each.texts) for each in Answer.select()]


# --- From state to state ---


def test_only_what_is_not_open_can_be_changed(app):
    survey = services.survey(is_open=False)
    assert surveys.rewrite(survey, title="Your mornings")
    surveys.open_it(survey, cast.officer("Farah"), NOW)
    assert not surveys.rewrite(survey, title="Your nights")
    assert Survey.get().title == "Your mornings"


def test_it_opens_once_and_closes_once(app):
    survey, farah = services.survey(is_open=False), cast.officer("Farah")
    assert not surveys.close(survey, farah, NOW)
    assert [surveys.open_it(survey, farah, NOW) for _ in range(2)] == [True, False]
    assert [surveys.close(survey, farah, NOW) for _ in range(2)] == [True, False]
    assert not surveys.open_it(survey, farah, NOW)


def test_it_closes_by_itself_after_90_days(app):
    survey = services.survey(is_open=False)
    surveys.open_it(survey, cast.officer("Farah"), NOW)
    days = [surveys.close_old(NOW + each) for each in (90 * DAY - MINUTE, 90 * DAY, 91 * DAY)]
    assert days == [0, 1, 0]


@pytest.mark.parametrize(("who", "sees"), [("Farah", True), ("Gus", False), ("Hana", True), ("Idris", True)])
def test_a_team_sees_its_own(survey, who, sees):
    officer = cast.officer(who)
    assert (surveys.survey_for(officer, survey.id) == survey) is sees
    assert (surveys.visible_to(officer) == [survey]) is sees


# --- Answers ---


def test_answering_twice_is_one_answer_the_last(survey):
    amara = cast.resident("Amara")
    assert surveys.answer(amara, survey, SAID, {"Anything else?": "Light"}, NOW)
    assert surveys.answer(amara, survey, {"Do you feel safe here?": "No"}, {}, NOW)
    assert answered() == [("Amara", {"Do you feel safe here?": "No"}, None)]
    assert Answer.get().ward_id == cast.ST_HELIER


def test_two_answers_at_one_moment_are_one(app, survey):
    amara = cast.resident("Amara")
    acts = [lambda text=text: surveys.answer(amara, survey, SAID, {"x": text}, NOW) for text in ("one", "two")]
    assert services.at_once(app, *acts) == [True, True]
    assert Answer.select().count() == 1


def test_nobody_answers_what_is_closed(survey):
    surveys.close(survey, cast.officer("Farah"), NOW)
    with pytest.raises(surveys.Closed):
        surveys.answer(cast.resident("Amara"), survey, SAID, {}, NOW)
    assert answered() == []


@pytest.mark.parametrize("who", ["Cleo", "Esme"])
def test_nobody_answers_who_is_not_here(survey, who):
    assert not surveys.answer(cast.resident(who), survey, SAID, {}, NOW)
    assert answered() == []


def test_results_are_seen_when_it_is_closed_and_not_before(survey):
    surveys.answer(cast.resident("Amara"), survey, SAID, {}, NOW)
    assert surveys.results(survey) is None
    assert surveys.how_many(survey) == "Fewer than 10 people have answered"
    surveys.close(survey, cast.officer("Farah"), NOW)
    found = surveys.results(Survey.get())
    assert (found.groups, found.has_fewer) == ([], True)


def crowd(how_many: int) -> list[Resident]:
    """People of St Helier."""
    return [
        Resident.create(email=f"p{number}@example.org", home=cast.ST_HELIER, state="confirmed", confirmed_at=NOW)
        for number in range(how_many)
    ]


def test_a_ward_of_ten_is_counted_by_its_whole_name(survey):
    for each in crowd(10):
        surveys.answer(each, survey, SAID, {}, NOW)
    assert surveys.how_many(survey) == "10 or more people have answered"
    surveys.close(survey, cast.officer("Farah"), NOW)
    (group,) = surveys.results(Survey.get()).groups
    assert (group.name, group.how_many) == ("St Helier, Merton", 10)


def test_answers_are_counted_only_90_days_after_it_closed(survey):
    surveys.answer(cast.resident("Amara"), survey, SAID, {"Anything else?": "Light"}, NOW)
    Survey.update(closed_at=NOW).execute()
    term = retention.SURVEYS.time
    assert [keeping.unlink_answers(NOW + each) for each in (term, term + MINUTE, term + MINUTE)] == [0, 1, 0]
    assert answered() == [(None, SAID, None)]


def test_an_open_survey_keeps_whose_answers_they_are(survey):
    surveys.answer(cast.resident("Amara"), survey, SAID, {}, NOW)
    assert keeping.unlink_answers(NOW + 999 * DAY) == 0


# --- How well informed ---


def asks(now: datetime) -> list[str]:
    """Whom the clock asks at this moment."""
    before = [each.id for each in Notice.select()]
    surveys.ask_due(now)
    return sorted(each.resident.name for each in Notice.select().where(Notice.id.not_in(before)))


@pytest.fixture
def due(app) -> None:
    Resident.update(ask_at=NOW).execute()


def test_it_asks_after_three_months_and_then_each_year(due):
    days = (-MINUTE, 0 * DAY, MINUTE, 365 * DAY - MINUTE, 365 * DAY)
    assert [asks(NOW + each) for each in days] == [[], ["Amara", "Bryn"], [], [], ["Amara", "Bryn"]]


def test_two_clocks_ask_once(app, due):
    services.at_once(app, *[lambda: surveys.ask_due(NOW)] * 2)
    assert Notice.select().where(Notice.kind == Notice.INFORMED).count() == 2


def test_it_asks_the_paused_when_they_are_back(due):
    Resident.update(paused_until=NOW + DAY).where(Resident.name == "Amara").execute()
    assert [asks(NOW), asks(NOW + DAY - MINUTE), asks(NOW + DAY)] == [["Bryn"], [], ["Amara"]]


def test_it_asks_nobody_who_left_or_hears_nothing(due):
    leaving.leave(cast.resident("Amara"), leaving.BY_LINK, NOW)
    Subscription.update(ended_at=NOW).execute()
    assert asks(NOW) == []


def test_it_waits_a_week_for_who_had_enough_emails(due):
    amara = cast.resident("Amara")
    Resident.update(weekly_cap=1).where(Resident.id == amara.id).execute()
    alert = services.draft()
    Delivery.create(kind="alert", resident=amara, alert=alert, state="sent", sent_at=NOW)
    assert [asks(NOW), asks(NOW + 7 * DAY)] == [["Bryn"], ["Amara"]]


def test_the_email_is_not_written_to_who_left_or_paused_meanwhile(due):
    surveys.ask_due(NOW)
    row = Delivery.select().where(Delivery.resident == cast.resident("Bryn"), Delivery.kind == "notice").get()
    Resident.update(paused_until=NOW + DAY).execute()
    with pytest.raises(NotNeeded):
        notices.written(row, NOW)


def test_what_is_said_again_replaces_it_and_a_year_later_does_not(app):
    Resident.update(confirmed_at=NOW - 90 * DAY).execute()
    amara = cast.resident("Amara")
    assert [surveys.say(amara, score, NOW) for score in (1, 4)] == [True, True]
    surveys.say(amara, 3, NOW + 365 * DAY)
    assert [(each.score, each.asked) for each in Informed.select()] == [(4, "three months"), (3, "yearly")]


def test_two_presses_at_one_moment_say_it_once(app):
    amara = cast.resident("Amara")
    services.at_once(app, *[lambda: surveys.say(amara, 4, NOW, Informed.SIGN_UP)] * 2)
    assert Informed.select().count() == 1


def test_it_keeps_nothing_of_who_has_left(app):
    assert not surveys.say(cast.resident("Esme"), 4, NOW)
    assert Informed.select().count() == 0


def test_who_does_not_want_it_is_not_asked_again(due):
    surveys.ask_no_more(cast.resident("Amara"))
    assert asks(NOW + 800 * DAY) == ["Bryn"]


def test_it_is_only_counted_after_a_year(app):
    surveys.say(cast.resident("Amara"), 4, NOW)
    year = retention.INFORMED.time
    assert [keeping.unlink_informed(NOW + each) for each in (year, year + MINUTE)] == [0, 1]
    assert Informed.get().resident is None


def said(at: datetime, *scores: int, ward: str = cast.ST_HELIER) -> None:
    for score in scores:
        Informed.create(ward=ward, score=score, asked="yearly", at=at)


def test_the_trend_is_by_quarter_and_hides_fewer_than_ten(app):
    said(datetime(2026, 10, 1), *[4] * 3, *[3] * 3, *[2, 1, 0, 0])
    said(datetime(2026, 9, 30, 22, 59), *[4] * 9)
    said(datetime(2024, 12, 1), *[4] * 20)
    found = surveys.informed(Area.get_by_id(cast.ST_HELIER), NOW)
    assert [each.name for each in found][-2:] == ["Jul to Sep 2026", "Oct to Dec 2026"]
    assert [(each.answered, each.share) for each in found] == [(None, None)] * 7 + [(10, 60.0)]


def test_a_borough_has_the_answers_of_its_wards(app):
    said(NOW, *[4] * 5)
    said(NOW, *[1] * 5, ward=cast.RAVENSBURY)
    said(NOW, *[1] * 5, ward=cast.SURBITON_HILL)
    (*_, last) = surveys.informed(Area.get_by_id(cast.MERTON), NOW)
    assert (last.answered, last.share) == (10, 50.0)


def test_the_clock_closes_and_asks(app, due):
    survey = services.survey()
    Survey.update(opened_at=NOW - 91 * DAY).execute()
    jobs.tick()
    assert Survey.get_by_id(survey.id).closed_at
    assert Notice.select().where(Notice.kind == Notice.INFORMED).count() == 2

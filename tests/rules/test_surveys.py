"""Surveys after sign-up: one answer for each resident until it closes; and how well informed everybody feels."""

from datetime import timedelta

import pytest

from metengage import keeping, retention, surveys
from metengage.models import Answer, Resident, Subscription, Survey
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


def moved_to_ravensbury(**heard) -> Resident:
    """Amara, who lives in Ravensbury now and hears only this."""
    amara = cast.resident("Amara")
    Resident.update(home=cast.RAVENSBURY).where(Resident.id == amara.id).execute()
    Subscription.update(heard).where(Subscription.resident == amara).execute()
    return cast.resident("Amara")


@pytest.mark.parametrize(("area", "is_asked"), [(cast.ST_HELIER, True), (cast.MERTON, True), (cast.RAVENSBURY, False)])
def test_it_asks_who_lives_in_its_area(app, area, is_asked):
    assert surveys.asks(cast.resident("Amara"), services.survey(area=area)) is is_asked


@pytest.mark.parametrize(
    ("heard", "is_asked"),
    [
        ({"area": cast.ST_HELIER, "alert_type": "priorities"}, True),
        ({"area": cast.MERTON, "alert_type": "priorities"}, True),
        ({"area": cast.ST_HELIER, "alert_type": "advice"}, False),
        ({"area": cast.RAVENSBURY, "alert_type": "priorities"}, False),
        ({"area": cast.ST_HELIER, "alert_type": "priorities", "ended_at": NOW}, False),
    ],
)
def test_it_asks_who_hears_about_its_type_there(survey, heard, is_asked):
    Subscription.delete().where(Subscription.alert_type == "advice").execute()
    assert surveys.asks(moved_to_ravensbury(**heard), survey) is is_asked


def test_it_asks_no_visitor(survey):
    visitor = Resident.create(email="v@example.org", home=cast.ST_HELIER, state="confirmed", confirmed_at=NOW)
    assert not surveys.asks(visitor, survey)


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
    assert surveys.results(survey) == {}
    assert surveys.how_many(survey) == "Fewer than 10 people have answered by email"
    surveys.close(survey, cast.officer("Farah"), NOW)
    found = surveys.results(Survey.get())[""]
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
    assert surveys.how_many(survey) == "10 or more people have answered by email"
    surveys.close(survey, cast.officer("Farah"), NOW)
    (group,) = surveys.results(Survey.get())[""].groups
    assert (group.name, group.how_many) == ("St Helier, Merton", 10)


def at_doors(survey: Survey, how_many: int, ward: str = cast.ST_HELIER) -> None:
    for _ in range(how_many):
        surveys.take(survey, ward, SAID, {"Anything else?": "Known"}, NOW)


def test_nine_known_answers_from_doors_do_not_show_what_one_resident_answered(survey):
    surveys.answer(cast.resident("Amara"), survey, {"Do you feel safe here?": "No"}, {"Anything else?": "Light"}, NOW)
    at_doors(survey, 9)
    assert surveys.how_many(survey) == "Fewer than 10 people have answered by email"
    surveys.close(survey, cast.officer("Farah"), NOW)
    found = surveys.results(Survey.get())
    assert {way: (each.groups, each.texts) for way, each in found.items()} == {
        "by email": ([], {}),
        "at doors": ([], {}),
    }


def test_what_came_by_email_and_from_doors_are_groups_of_their_own(survey):
    for each in crowd(11):
        surveys.answer(each, survey, SAID, {"Anything else?": "Light"}, NOW)
    at_doors(survey, 12)
    surveys.close(survey, cast.officer("Farah"), NOW)
    found = surveys.results(Survey.get())
    assert [(way, group.how_many) for way, each in found.items() for group in each.groups] == [
        ("by email", 11), ("at doors", 12),
    ]  # fmt: skip
    assert [each.texts["Anything else?"] for each in found.values()] == [["Light"] * 11, ["Known"] * 12]


def test_other_wards_together_are_not_filled_up_from_doors(survey):
    surveys.answer(cast.resident("Amara"), survey, SAID, {}, NOW)
    at_doors(survey, 5)
    at_doors(survey, 5, cast.RAVENSBURY)
    surveys.close(survey, cast.officer("Farah"), NOW)
    found = surveys.results(Survey.get())
    assert [[(group.name, group.how_many) for group in each.groups] for each in found.values()] == [
        [], [("Other wards together", 10)],
    ]  # fmt: skip


def test_answers_are_counted_only_90_days_after_it_closed(survey):
    surveys.answer(cast.resident("Amara"), survey, SAID, {"Anything else?": "Light"}, NOW)
    Survey.update(closed_at=NOW).execute()
    term = retention.SURVEYS.time
    assert [keeping.unlink_answers(NOW + each) for each in (term, term + MINUTE, term + MINUTE)] == [0, 1, 0]
    assert answered() == [(None, SAID, None)]


def test_an_open_survey_keeps_whose_answers_they_are(survey):
    surveys.answer(cast.resident("Amara"), survey, SAID, {}, NOW)
    assert keeping.unlink_answers(NOW + 999 * DAY) == 0

"""The survey's path is computed from the answers: what comes next, what may be visited, what a change makes stale."""

from itertools import pairwise

import pytest

from metengage import survey
from metengage.survey import CHECK, NONE_OF_THESE, QUESTIONS
from tests import cast

WHOLE = {
    "postcode": "SM45ZT",
    "ward": cast.ST_HELIER,
    "areas": [cast.RAVENSBURY],
    "types": ["advice"],
    "concerns": ["burglary", "fraud"],
    "rank": ["fraud"],
    "frequency": "daily",
    "name": "",
    "email": "cleo@example.org",
}
STEPS = [*WHOLE, CHECK]
FROM_THE_LIST = {"borough": cast.MERTON} | {name: value for name, value in WHOLE.items() if name != "postcode"}


def answered(how_many: int) -> dict:
    """The answers of somebody who has come so far."""
    return dict(list(WHOLE.items())[:how_many])


# --- The path ---


def test_the_path_is_the_order_in_which_everything_is_asked():
    assert survey.path(WHOLE) == list(WHOLE)
    assert survey.path(FROM_THE_LIST) == list(FROM_THE_LIST)


def test_every_question_is_on_some_path():
    assert {*survey.path(WHOLE), *survey.path(FROM_THE_LIST)} == set(QUESTIONS)


@pytest.mark.parametrize(
    ("concerns", "is_ranked"),
    [([], False), ([NONE_OF_THESE], False), (["fraud"], False), (["fraud", "drugs"], True),
     (["fraud", "drugs", "burglary", "violence"], True)],
)  # fmt: skip
def test_only_several_concerns_are_ranked(concerns, is_ranked):
    assert ("rank" in survey.path({"concerns": concerns})) == is_ranked


def test_none_of_these_is_no_concern():
    assert survey.real_concerns({"concerns": ["fraud", NONE_OF_THESE]}) == ["fraud"]


@pytest.mark.parametrize("how_many", range(len(STEPS)))
def test_the_first_unanswered_comes_next(how_many):
    assert survey.first_unanswered(answered(how_many)) == STEPS[how_many]


def test_an_empty_answer_is_an_answer():
    assert survey.first_unanswered(answered(7) | {"name": ""}) == "email"


# --- Jumping ahead ---


@pytest.mark.parametrize("question", STEPS)
@pytest.mark.parametrize("how_many", range(len(STEPS)))
def test_nobody_visits_a_question_before_those_on_the_way_to_it(how_many, question):
    assert survey.may_visit(question, answered(how_many)) == (STEPS.index(question) <= how_many)


@pytest.mark.parametrize("how_many", range(len(STEPS)))
def test_choosing_from_the_list_is_open_at_any_time(how_many):
    assert survey.may_visit("borough", answered(how_many))
    assert survey.may_visit("postcode", FROM_THE_LIST)


@pytest.mark.parametrize("question", ["rank", "nowhere", ""])
def test_what_is_not_on_the_path_may_not_be_visited(question):
    assert not survey.may_visit(question, WHOLE | {"concerns": ["fraud"]})


# --- Back and on ---


@pytest.mark.parametrize(("earlier", "later"), list(pairwise(STEPS)))
def test_each_question_leads_to_the_next_and_back(earlier, later):
    assert survey.after(earlier, WHOLE, changing=False) == later
    assert survey.before(later, WHOLE) == earlier


def test_the_list_leads_back_to_the_postcode_and_the_postcode_nowhere():
    assert survey.before("borough", FROM_THE_LIST) == "postcode"
    assert survey.before("borough", {}) == "postcode"
    assert survey.before("postcode", WHOLE) is None


def test_one_concern_leads_past_ranking():
    alone = WHOLE | {"concerns": ["fraud"]}
    assert survey.after("concerns", alone, changing=False) == "frequency"
    assert survey.before("frequency", alone) == "concerns"


@pytest.mark.parametrize("question", list(WHOLE))
def test_a_change_leads_back_to_the_check(question):
    answers = survey.with_answer(WHOLE, question, WHOLE[question])
    assert survey.after(question, answers, changing=True) == CHECK


@pytest.mark.parametrize(
    ("question", "value", "then"),
    [
        ("postcode", "SM46BE", "ward"),
        ("borough", cast.KINGSTON, "ward"),
        ("concerns", ["drugs", "violence"], "rank"),
        ("concerns", [NONE_OF_THESE], CHECK),
        ("areas", [], CHECK),
    ],
)
def test_a_change_asks_again_what_it_made_stale(question, value, then):
    answers = survey.with_answer(WHOLE, question, value)
    assert survey.after(question, answers, changing=True) == then


# --- What a new answer makes stale ---


@pytest.mark.parametrize(
    ("answers", "question", "value", "dropped"),
    [
        (WHOLE, "postcode", "SM45ZT", set()),
        (WHOLE, "postcode", "SM46BE", {"ward"}),
        (WHOLE, "borough", cast.MERTON, {"postcode", "ward"}),
        (FROM_THE_LIST, "borough", cast.MERTON, set()),
        (FROM_THE_LIST, "borough", cast.KINGSTON, {"ward"}),
        (FROM_THE_LIST, "postcode", "SM45ZT", {"borough", "ward"}),
        (WHOLE, "concerns", ["fraud"], set()),
        (WHOLE, "concerns", ["fraud", "drugs"], set()),
        (WHOLE, "concerns", ["burglary", "drugs"], {"rank"}),
        (WHOLE, "concerns", [NONE_OF_THESE], {"rank"}),
        (WHOLE, "types", ["appeals"], set()),
        (WHOLE, "frequency", "weekly", set()),
        (WHOLE, "name", "Cleo", set()),
        (WHOLE, "email", "esme@example.org", set()),
    ],
)
def test_a_new_answer_drops_what_it_makes_stale_and_nothing_else(answers, question, value, dropped):
    fresh = survey.with_answer(answers, question, value)
    assert set(answers) - set(fresh) == dropped
    assert {name: answer for name, answer in fresh.items() if name != question} == {
        name: answer for name, answer in answers.items() if name not in dropped | {question}
    }


def test_the_home_ward_is_no_other_area():
    fresh = survey.with_answer(WHOLE | {"areas": [cast.RAVENSBURY, cast.SURBITON_HILL]}, "ward", cast.RAVENSBURY)
    assert fresh["areas"] == [cast.SURBITON_HILL]


def test_the_answers_given_are_left_as_they_were():
    given = dict(WHOLE)
    survey.with_answer(given, "borough", cast.KINGSTON)
    assert given == WHOLE


@pytest.mark.parametrize("question", list(WHOLE))
def test_the_same_answer_again_changes_nothing(question):
    assert survey.with_answer(WHOLE, question, WHOLE[question]) == WHOLE

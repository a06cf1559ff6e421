"""Answers are counted so that they name nobody."""

import pytest

from metengage import tallies
from tests.services import QUESTIONS

SAFE, WALK, MOST, LIT, ELSE = (each["words"] for each in QUESTIONS)


def counts(answers: list[dict], place: int, ward: str = "St Helier") -> list:
    """What the group of this ward shows of a question."""
    (group,) = tallies.of(QUESTIONS, [(ward, each, None) for each in answers]).groups
    return group.tallies[place].counts


def test_ten_of_each_are_counted():
    assert counts([{SAFE: "Yes"}] * 12 + [{SAFE: "No"}] * 10, 0) == [("Yes", 12), ("No", 10)]


def test_nine_are_not_shown_nor_what_would_give_them_away():
    assert counts([{SAFE: "Yes"}] * 12 + [{SAFE: "No"}] * 9, 0) == [("Yes", None), ("No", None)]


def test_nine_are_hidden_among_those_who_said_nothing():
    assert counts([{SAFE: "Yes"}] * 12 + [{SAFE: "No"}] * 9 + [{}], 0) == [("Yes", 12), ("No", None)]


def test_the_next_smallest_is_hidden_with_a_few():
    said = ["1"] * 30 + ["2"] * 11 + ["3"] * 2
    assert counts([{LIT: int(each)} for each in said], 3) == [
        ("1", 30), ("2", None), ("3", None), ("4", None), ("5", None),
    ]  # fmt: skip


def average(scores: dict[int, int], silent: int = 0) -> float | None:
    """Of how well lit it is, where so many said each."""
    answers = [{LIT: score} for score, many in scores.items() for _ in range(many)] + [{}] * silent
    (group,) = tallies.of(QUESTIONS, [("St Helier", each, None) for each in answers]).groups
    return group.tallies[3].average


def test_a_scale_has_an_average_where_all_of_its_counts_are_shown():
    assert average({1: 10, 2: 10, 3: 10, 4: 20, 5: 10}) == pytest.approx(3.17, abs=0.01)


def test_a_scale_has_an_average_where_all_of_its_counts_are_hidden():
    assert average({2: 3, 3: 4, 4: 3}) == 3
    assert average({2: 3, 3: 3, 4: 3}, silent=1) is None


def test_no_average_stands_beside_a_few_that_it_would_give_away():
    assert average({1: 30, 2: 11, 3: 2}) is None


@pytest.mark.parametrize(
    ("scores", "shown"), [({5: 12}, None), ({1: 10, 2: 9}, None), ({5: 20, 4: 9}, None), ({5: 9, 3: 5}, 4.29)]
)
def test_no_average_tells_that_fewer_than_ten_said_anything_else(scores, shown):
    found = average(scores)
    assert (found and round(found, 2)) == shown


def test_only_a_scale_has_an_average():
    (group,) = tallies.of(QUESTIONS, [("St Helier", {SAFE: "Yes"}, None)] * 20).groups
    assert {each.average for each in group.tallies} == {None}


def test_several_choices_count_each():
    said = [{WALK: ["Park", "Station"]}] * 10 + [{WALK: ["Park"]}] * 5
    assert counts(said, 1) == [("Park", 15), ("High Street", None), ("Station", 10)]


def test_of_an_order_the_first_counts():
    said = [{MOST: ["Drugs", "Litter"]}] * 10 + [{MOST: ["Litter"]}] * 10
    assert counts(said, 2) == [("Speeding", None), ("Drugs", None), ("Litter", 10)]


def test_a_ward_of_nine_is_not_shown():
    found = tallies.of(QUESTIONS, [("St Helier", {SAFE: "Yes"}, None)] * 10 + [("Ravensbury", {SAFE: "Yes"}, None)] * 9)
    assert [(group.name, group.how_many) for group in found.groups] == [("St Helier", 10)]
    assert found.has_fewer


def test_small_wards_are_shown_together_when_they_are_ten():
    found = tallies.of(QUESTIONS, [(ward, {SAFE: "No"}, None) for ward in ("A", "B") for _ in range(5)])
    assert [(group.name, group.how_many) for group in found.groups] == [(tallies.OTHERS, 10)]
    assert not found.has_fewer


@pytest.mark.parametrize(("how_many", "shown"), [(9, {}), (10, {ELSE: ["b"] + ["x"] * 9})])
def test_texts_are_shown_when_they_are_ten_and_in_the_order_of_the_alphabet(how_many, shown):
    texts = [("St Helier", {}, {ELSE: "x"})] * (how_many - 1) + [("Ravensbury", {}, {ELSE: "b"})]
    assert tallies.of(QUESTIONS, texts).texts == shown


def test_nobody_is_nothing():
    assert tallies.of(QUESTIONS, []) == tallies.Results()

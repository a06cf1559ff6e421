"""What residents ask for: ranked by what they named and by what they raised; no small group is shown."""

from datetime import timedelta

import pytest

from metengage import areas, proposals
from metengage.choices import THEMES
from metengage.models import Answer, Concern, Resident, Survey, ThemeChoice
from metengage.proposals import Wish
from tests import services
from tests.cast import RAVENSBURY, ST_HELIER
from tests.conftest import NOW

DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def _stand(app):
    """Every test here touches rows."""


def wishes(code: str = ST_HELIER) -> dict[str, Wish]:
    return {wish.theme: wish for wish in proposals.of(areas.named([code])[0], NOW)}


def names(theme: str, how_many: int, rank: int | None = None) -> None:
    """So many residents of St Helier name it as what concerns them, in this place."""
    people = Resident.select(Resident.id).where(Resident.email.startswith("resident")).limit(how_many)
    ThemeChoice.insert_many([{"resident": id, "theme": theme, "rank": rank} for (id,) in people.tuples()]).execute()


def test_what_is_named_first_weighs_more():
    services.crowd(12)
    names("drugs", 12, rank=1)
    names("fraud", 12)
    assert (wishes()["drugs"].weight, wishes()["fraud"].weight) == (48, 12)
    assert list(wishes())[:2] == ["drugs", "fraud"]


def test_only_confirmed_residents_of_the_ward_are_counted():
    services.crowd(3)
    names("drugs", 3)
    Resident.update(state=Resident.LEFT).where(Resident.email == "resident0001@example.org").execute()
    assert wishes()["drugs"].residents == 2
    assert wishes(RAVENSBURY)["drugs"].residents == 0


def test_a_small_group_is_not_ranked():
    services.crowd(11)
    names("road-safety", 9, rank=1)
    names("violence", 10)
    assert next(iter(wishes())) == "violence"
    assert wishes()["road-safety"].weight == 0


def raises(name: str | None, **besides) -> Concern:
    return services.raised(name, received_at=NOW - DAY, **besides)


def test_somebody_who_raises_it_twice_is_one_and_each_who_gives_no_name_is_another():
    for name in ("Amara", "Amara", "Bryn", None, None):
        raises(name)
    assert wishes()["theft-of-vehicles"].concerns == 4


@pytest.mark.parametrize(
    "besides",
    [
        {"received_at": NOW - 92 * DAY},
        {"ward": RAVENSBURY},
        {"state": Concern.UNCONFIRMED},
        {"state": Concern.CLOSED, "closed_because": "spam"},
        {"state": Concern.CLOSED, "closed_because": "duplicate"},
        {"theme": None},
        {"held_at": NOW - DAY},
    ],
)
def test_what_is_old_elsewhere_or_not_meant_is_not_counted(besides):
    services.raised("Amara", **({"received_at": NOW - DAY} | besides))
    assert wishes()["theft-of-vehicles"].concerns == 0


def test_a_burst_of_anonymous_concerns_is_not_ranked_before_somebody_has_looked():
    for _ in range(13):
        services.concern("nobody", now=NOW - DAY)
    assert wishes()["anti-social-behaviour"] == Wish("anti-social-behaviour", concerns=4)


def test_enough_concerns_are_ranked():
    for _ in range(10):
        raises(None)
    assert proposals.of(areas.named([ST_HELIER])[0], NOW)[0] == Wish("theft-of-vehicles", concerns=10)


CONCERNS = {"kind": "themes", "words": "What concerns you?", "choices": list(THEMES.values())}


def answer(
    times: int, closed_at=NOW - DAY, ward: str = ST_HELIER, words: str = "What concerns you?", doors: int = 0
) -> None:
    """So many chose drugs in a survey, and so many more at their doors."""
    survey = services.survey(questions=[CONCERNS])
    Survey.update(closed_at=closed_at).where(Survey.id == survey.id).execute()
    row = {"survey": survey, "ward": ward, "choices": {words: ["Drugs"]}}
    Answer.insert_many([row | {"at_door": number >= times} for number in range(times + doors)]).execute()


def test_what_is_chosen_in_surveys_is_ranked():
    answer(10)
    assert proposals.of(areas.named([ST_HELIER])[0], NOW)[0] == Wish("drugs", chosen=10)
    assert wishes()["drugs"].weight == 10


@pytest.mark.parametrize(
    "besides",
    [{"closed_at": None}, {"closed_at": NOW - 92 * DAY}, {"ward": RAVENSBURY}, {"words": "Which sweets do you like?"}],
)
def test_what_is_open_old_elsewhere_or_another_question_is_not_counted(besides):
    answer(10, **besides)
    assert wishes()["drugs"].chosen == 0


@pytest.mark.parametrize(
    ("by_email", "doors", "counted"), [(9, 0, 0), (1, 9, 0), (9, 9, 0), (9, 10, 10), (10, 9, 10), (11, 12, 23)]
)
def test_few_who_chose_it_by_email_or_at_doors_are_not_ranked(by_email, doors, counted):
    answer(by_email, doors=doors)
    assert (wishes()["drugs"].chosen, wishes()["drugs"].weight) == (counted, counted)


def test_a_survey_is_not_filled_up_from_another():
    answer(11)
    answer(1)
    assert wishes()["drugs"].chosen == 11

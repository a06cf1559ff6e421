"""What teams of the demo ask, and what its residents answer; and how well informed they felt when they signed up."""

import json
import random
from datetime import datetime, timedelta

from peewee import chunked

from metengage import areas, officers
from metengage.choices import INFORMED, MULTIPLE, RANKING, SCALE, SINGLE, TEXT, THEMED, THEMES
from metengage.config import ROOT
from metengage.models import Answer, Informed, Resident, Survey

FILE = ROOT / "metengage" / "data" / "demo" / "surveys.json"
WEIGHTS = {4: 2, 3: 5, 2: 4, 1: 2, 0: 1}  # of how well informed they feel


def surveys(now: datetime, chance: random.Random) -> None:
    """Make all of them, in a demo that has its residents."""
    for facts in json.loads(FILE.read_text(encoding="utf-8")):
        _survey(facts, now, chance)


def _survey(facts: dict, now: datetime, chance: random.Random) -> None:
    (ward,) = areas.named([facts["ward"]])
    for question in facts["questions"]:
        question["choices"] = list(THEMES.values()) if question["kind"] == THEMED else question["choices"]
    opened_at = now - timedelta(days=facts["opened"])
    survey = Survey.create(
        team=officers.team_of(ward), area=ward, title=facts["title"], questions=facts["questions"],
        created_at=opened_at, opened_at=opened_at,
        closed_at=now - timedelta(days=facts["closed"]) if "closed" in facts else None,
    )  # fmt: skip
    people = Resident.select(Resident.id).where(Resident.home == ward).order_by(Resident.id).limit(facts["answered"])
    rows = [{"survey": survey, "resident": number, "ward": ward, "at": opened_at} for (number,) in people.tuples()]
    Answer.insert_many([row | {"choices": _answered(survey.questions, chance)} for row in rows]).execute()


def _answered(questions: list[dict], chance: random.Random) -> dict:
    """What one resident chose; nobody writes anything."""
    return {each["words"]: _chosen(each, chance) for each in questions if each["kind"] != TEXT}


def _chosen(question: dict, chance: random.Random) -> str | int | list[str]:
    kind, choices = question["kind"], question["choices"]
    if kind == SCALE:
        return chance.randint(1, 5)
    if kind == SINGLE:
        return chance.choices(choices, range(len(choices), 0, -1))[0]
    some = chance.sample(choices, {MULTIPLE: 2, RANKING: len(choices), THEMED: 4}[kind])
    return some if kind == RANKING else [each for each in choices if each in some]


def informed(chance: random.Random) -> None:
    """What each of two in three said when they signed up."""
    rows = [
        {"resident": number, "ward": home, "asked": Informed.SIGN_UP, "at": at,
         "score": chance.choices(list(INFORMED), [WEIGHTS[score] for score in INFORMED])[0]}
        for number, home, at in Resident.select(Resident.id, Resident.home, Resident.confirmed_at).tuples()
        if chance.random() < 0.67
    ]  # fmt: skip
    for some in chunked(rows, 500):
        Informed.insert_many(some).execute()

"""The diverter stops what belongs elsewhere, shows the right way, and lets ordinary neighbourhood talk pass."""

import json

import pytest

from metengage.diverter import look, ways
from tests.conftest import shared
from tests.texts import DIVERT, ORDINARY

NAUGHTY = json.loads(shared("blns.json").read_text(encoding="utf-8"))
WAYS = {"now", "life", "domestic", "sexual", "risk", "terror", "hate", "crime", "fraud", "known"}
LONGEST_LOOK = 0.05  # seconds of a processor, for 20,000 characters


def named(text: str) -> list[str]:
    return [way.name for way in look(text)]


# --- The texts ---


def test_there_are_many_of_each_and_all_ways_among_them():
    assert min(len(DIVERT), len(ORDINARY)) >= 80
    assert set().union(*(typed.ways for typed in DIVERT)) == WAYS == {way.name for way in ways()}


@pytest.mark.parametrize("typed", DIVERT, ids=str)
def test_what_belongs_elsewhere_is_stopped(typed):
    assert typed.ways & set(named(typed.words))


@pytest.mark.parametrize("typed", ORDINARY, ids=str)
def test_ordinary_talk_passes(typed):
    assert named(typed.words) == []

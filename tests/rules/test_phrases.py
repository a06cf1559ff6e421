"""Phrases are found whatever the spelling, the case and what stands between, and not where they are denied."""

import pytest

from metengage.phrases import Rulebook

WORDS = """# for these tests
negation: not, no, nobody, nothing
auxiliary: is, was, been, has, one
after-plain-no: he, my
weapon: knife, machete, big stick, 🔪
talk: what are you doing, on the news
"""
SPELLINGS = """# for these tests
he's, he is
nife, knife
isn't, is not
"""
RULES = """# for these tests
[armed]
he is? ~2 @weapon; not near @talk
[stolen]; not after if
my|our ~2 bike was? stolen; not in toy
[old]
some? # years_ago
[asked]
fire; only near ¿
"""


@pytest.fixture(scope="module")
def book(tmp_path_factory) -> Rulebook:
    folder = tmp_path_factory.mktemp("rules")
    for name, text in (("words.txt", WORDS), ("spellings.csv", SPELLINGS), ("rules.txt", RULES)):
        (folder / name).write_text(text, encoding="utf-8")
    return Rulebook(folder)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("he has a knife", "he has a knife"),
        ("HE HAS A KNIFE!!", "HE HAS A KNIFE"),
        ("look he's got a  nife now", "he's got a nife"),
        ("He’s a KNIIIIFE man", "He’s a KNIIIIFE"),
        ("he ｋｎｉｆｅ", "he ｋｎｉｆｅ"),
        ("he has🔪", "he has🔪"),
        ("he, with his big-stick", "he, with his big-stick"),
        ("No, he has a knife", "he has a knife"),
    ],
)
def test_a_phrase_is_found_as_it_was_typed(book, text, words):
    assert book.find(text) == {"armed": [words]}


@pytest.mark.parametrize(
    "text",
    [
        "he has no knife",
        "he isn't near a knife",
        "he once saw a very sharp knife",
        "he left. a knife",
        "he left\na knife",
        "What are you doing when he has a knife?",
        "he has a knife on the news",
        "she has a knife",
        "penknife",
    ],
)
def test_what_is_denied_far_apart_or_talk_is_not_found(book, text):
    assert book.find(text) == {}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("my bike stolen", True),
        ("our old bike was stolen", True),
        ("not my bike was stolen", False),
        ("nobody has been my bike stolen", False),
        ("if my bike was stolen", False),
        ("my toy bike was stolen", False),
        ("if it rains. my bike was stolen", True),
    ],
)
def test_limits_look_before_and_inside(book, text, found):
    assert ("stolen" in book.find(text)) is found


def test_a_number_is_any_number_and_a_question_ends_in_its_mark(book):
    assert book.find("3 years ago") == {"old": ["3 years ago"]}
    assert book.find("is there a fire?") == {"asked": ["is there a fire"]}
    assert book.find("there is a fire.") == {}


def test_a_phrase_is_found_at_the_end_of_a_very_long_sentence(book):
    assert book.find("and then " * 2_000 + "he has a knife") == {"armed": ["he has a knife"]}


def test_places_that_overlap_are_told_once(book):
    assert book.find("he is he with a knife, and he has a machete") == {
        "armed": ["he with a knife", "he has a machete"]
    }


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Quick. Please see where my house is on fire?", "house is on fire"),
        ("Fire at my house in Green Lane?", "Fire at my house"),
        ("Fire?", "Fire?"),
    ],
)
def test_a_word_or_two_are_shown_with_some_beside_them(book, text, words):
    assert book.find(text)["asked"] == [words]

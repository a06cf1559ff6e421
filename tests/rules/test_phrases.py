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


def found(book: Rulebook, text: str) -> dict[str, list[str]]:
    """Label → the words that are found for it."""
    return {label: [each.words for each in said] for label, said in book.find(text).items()}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("he has a knife", "he has a knife"),
        ("HE HAS A KNIFE!!", "HE HAS A KNIFE"),
        ("look he's got a  nife now", "he's got a nife now"),
        ("He’s a KNIIIIFE man", "He’s a KNIIIIFE man"),
        ("he ｋｎｉｆｅ", "he ｋｎｉｆｅ"),
        ("he has🔪", "he has🔪"),
        ("he, with his big-stick", "he, with his big-stick"),
        ("No, he has a knife", "he has a knife"),
    ],
)
def test_a_phrase_is_found_as_it_was_typed(book, text, words):
    assert found(book, text) == {"armed": [words]}


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
    ("text", "is_found"),
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
def test_limits_look_before_and_inside(book, text, is_found):
    assert ("stolen" in book.find(text)) is is_found


def test_a_number_is_any_number_and_a_question_ends_in_its_mark(book):
    assert found(book, "3 years ago") == {"old": ["3 years ago"]}
    assert found(book, "is there a fire?") == {"asked": ["is there a fire"]}
    assert book.find("there is a fire.") == {}


def test_a_phrase_is_found_at_the_end_of_a_very_long_sentence(book):
    assert found(book, "and then " * 2_000 + "he has a knife") == {"armed": ["he has a knife"]}


def test_places_that_overlap_are_told_once(book):
    assert found(book, "he is he with a knife, and he has a machete") == {
        "armed": ["he with a knife", "he has a machete"]
    }


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Quick. Please see where my house is on fire?", "house is on fire"),
        ("Fire at my house in Green Lane?", "Fire at my house in Green Lane"),
        ("Fire?", "Fire?"),
    ],
)
def test_words_are_shown_to_the_end_of_their_clause_and_a_word_or_two_with_some_before(book, text, words):
    assert found(book, text)["asked"] == [words]

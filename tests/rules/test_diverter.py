"""The diverter stops what belongs elsewhere, shows the right way, and lets ordinary neighbourhood talk pass."""

import json
import random
import re
import time

import pytest

from metengage import diverter
from metengage.diverter import LONGEST, LONGEST_QUOTE, look, ways
from metengage.phrases import Rulebook
from tests.conftest import shared
from tests.texts import DIVERT, ORDINARY

NAUGHTY = json.loads(shared("blns.json").read_text(encoding="utf-8"))
CONTACTS = {contact.key: contact for way in ways() for contact in way.contacts}
ANY_WORD = "unsure"  # the way of what no other rule knows
LONGEST_LOOK = 0.1  # seconds of a processor
ALL_OF_THEM = " ".join(typed.words for typed in DIVERT)


def named(text: str) -> list[str]:
    return [way.name for way in look(text)]


# --- The texts ---


def test_there_are_many_of_each_and_all_ways_among_them():
    assert min(len(DIVERT), len(ORDINARY)) >= 180
    assert set().union(*(typed.ways for typed in DIVERT)) == {way.name for way in ways()} - {ANY_WORD}


@pytest.mark.parametrize("typed", [each for each in DIVERT if not each.is_missed], ids=str)
def test_what_belongs_elsewhere_is_stopped(typed):
    assert typed.ways & set(named(typed.words))


@pytest.mark.parametrize("typed", ORDINARY, ids=str)
def test_ordinary_talk_passes(typed):
    assert named(typed.words) == []


def test_what_is_said_to_be_missed_is_missed():
    missed = [typed for typed in DIVERT if typed.is_missed]
    assert len(missed) <= 3
    assert [str(typed) for typed in missed if named(typed.words)] == []


@pytest.mark.parametrize(
    "typed_otherwise",
    [
        str.upper,
        lambda words: words.replace(" ", "  "),
        lambda words: words.replace("'", "’"),
        lambda words: words.replace("’", "'"),
        lambda words: f"Hello.\n{words}\r\n\nThanks",
    ],
    ids=["capitals", "spaces", "curly", "straight", "greeting"],
)
def test_how_it_is_typed_changes_nothing(typed_otherwise):
    changed = [typed.words for typed in DIVERT if named(typed_otherwise(typed.words)) != named(typed.words)]
    assert changed == []


# --- The same words, to be stopped and not ---


@pytest.mark.parametrize(
    ("text", "way"),
    [
        ("he has a knife", "now"),
        ("hes got a nife", "now"),
        ("a boy was stabed just now", "now"),
        ("someones stabing him 🔪", "now"),
        ("help help hes going to kill me", "now"),
        ("we were burgaled last night", "crime"),
        ("the theif took my bike", "crime"),
        ("my husband hits me", "domestic"),
        ("I was raped", "sexual"),
        ("i want to kill myself", "life"),
        ("my son has gone missing", "risk"),
        ("we have been scamed out of £900", "fraud"),
        ("they called me a p*** and spat at me", "hate"),
        ("he deals crack from number 12", "known"),
        ("he follows me home every day and I am scared", "stalking"),
    ],
)
def test_this_is_stopped(text, way):
    assert way in named(text)


@pytest.mark.parametrize(
    "text",
    [
        "he has no knife",
        "nobody was stabbed",
        "no one was hurt",
        "I have never been burgled",
        "my bike was not stolen",
        "he rapped at the window",
        "what are you doing about knife crime?",
        "what should I do if someone has a knife?",
        "he had a toy gun",
        "a van follows the bus",
        "I follow your page",
        "can you follow up on this",
        "",
        "?",
    ],
)
def test_this_is_not(text):
    assert named(text) == []


# --- What is found ---


def test_the_most_urgent_comes_first_and_a_contact_once():
    found = look("My car was broken into last week. I feel suicidal. The house is on fire.")
    contacts = [contact.key for way in found for contact in way.contacts]
    assert [way.name for way in found] == ["now", "life", "crime"]
    assert len(contacts) == len(set(contacts))


def test_their_own_words_are_shown():
    found = look("Please come, HE’S  GOT A\tNIFE 😭")
    assert found[0].words == ("HE’S GOT A NIFE",)


def test_words_are_few_and_short():
    quoted = [words for way in look(ALL_OF_THEM * 2) for words in way.words]
    (found,) = look(f"my {'x' * 500} bike was stolen")
    assert max(len(way.words) for way in look(ALL_OF_THEM)) <= diverter.MOST_QUOTES
    assert max(map(len, [*quoted, *found.words])) <= LONGEST_QUOTE + 1


def test_a_way_makes_a_less_urgent_one_needless():
    assert named("My husband punched me and stole my phone.") == ["domestic"]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("somebody is being attacked by the shops, he has a knife", ["now"]),
        ("He is attacking people at the station. He has a knife.", ["now"]),
        ("Someone is breaking into my house right now. My bike was stolen yesterday.", ["now", "crime"]),
        ("my brother has got a gun in his room", ["now", "known"]),
        ("My husband is hitting me right now", ["now", "domestic"]),
        ("he is raping me right now", ["now", "sexual"]),
        ("I am going to kill myself right now", ["now", "life"]),
    ],
)
def test_while_it_is_happening_nothing_less_urgent_stands_beside_it_but_help(text, found):
    assert named(text) == found


@pytest.mark.parametrize(
    ("text", "quoted"),
    [
        ("Someone is breaking into my house and I am hiding", "Someone is breaking into my house"),
        ("somebody is being attacked by the shops, he runs", "somebody is being attacked by the shops"),
        ("my bike was stolen by a boy! help", "my bike was stolen by a boy"),
        ("my bike was stolen from the shed behind the house that my uncle lives in", "my bike was stolen…"),
    ],
)
def test_a_quote_goes_to_the_end_of_a_clause_or_says_that_it_is_cut(text, quoted):
    assert look(text)[0].words[0] == quoted


def test_the_end_of_a_long_text_is_looked_at_too():
    fill = "The bins are full again. "
    end = " My house is on fire."
    assert named(fill * ((LONGEST - len(end)) // len(fill)) + end) == ["now"]
    assert named("x" * LONGEST + end) == []


# --- Whom to turn to ---


@pytest.mark.parametrize("contact", CONTACTS.values(), ids=lambda contact: contact.key)
def test_each_number_can_be_dialled_and_each_contact_reached(contact):
    assert contact.tel == re.sub(r"\D", "", contact.number)
    assert contact.relay_tel == re.sub(r"\D", "", contact.relay)
    assert contact.tel or contact.site
    assert re.fullmatch(r"(https://[a-z0-9.-]+/\S*)?", contact.site)
    assert contact.kind in ("call", "online", "help")
    assert contact.name
    assert contact.when


@pytest.mark.parametrize("way", ways(), ids=lambda way: way.name)
def test_each_way_leads_to_the_police(way):
    assert {contact.key for contact in way.contacts} & {"999", "101"}
    assert way.heading
    assert way.sentence.endswith(".")
    assert not {way.name} & set(way.covers)


def test_exit_this_page_is_for_what_somebody_near_must_not_see():
    assert {"domestic", "sexual", "stalking"} <= {way.name for way in ways() if way.wants_exit}


# --- Whatever is typed ---


def test_nothing_that_anybody_types_breaks_it():
    assert all(isinstance(look(text), list) for text in NAUGHTY)


@pytest.mark.parametrize("name", ["words.txt", "rules.txt", "spellings.csv", "ways.csv", "contacts.csv"])
def test_each_list_says_where_it_is_from(name):
    assert (diverter.DATA / name).read_text(encoding="utf-8").startswith("# ")


def _at_random() -> str:
    """All words of the lists, in an order that nobody would write."""
    listed = (diverter.DATA / "words.txt").read_text(encoding="utf-8")
    words = sorted(set(re.findall(r"[a-z]+", listed)))
    return " ".join(random.Random(1).choices(words, k=5_000))


@pytest.mark.parametrize(
    "text",
    [
        *(one * LONGEST for one in (" ", "a", "a ", "a.", "?", "\n", "'", "a'", "9 ", "🔪", "🔪🔫", "é", "*", "a*")),
        *(one * LONGEST for one in ("he ", "he has a knif ", "he has a toy knife ", "someone tried to ", "my bike ")),
        *(one * LONGEST for one in ("not ", "knife. ", "i was ", "my husband ", "gave money ", "a\u0301", "hit my ")),
        ALL_OF_THEM,
        ALL_OF_THEM.replace(".", ""),
        _at_random(),
    ],
    ids=lambda text: text[:12],
)
def test_twenty_thousand_characters_are_looked_at_in_no_time(text):
    look(text[:LONGEST])
    took = []
    for _ in range(3):
        began = time.process_time()
        look(text[:LONGEST])
        took.append(time.process_time() - began)
    assert min(took) < LONGEST_LOOK


def test_the_lists_are_read_quickly():
    began = time.process_time()
    Rulebook(diverter.DATA)
    assert time.process_time() - began < 2

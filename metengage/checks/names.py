"""Finds people's names in a sentence, by their shape and by lists; a street or a ward is no person."""

import csv
import re
from collections.abc import Iterator
from functools import lru_cache

from metengage.checks.lists import listed, one_of, phrases
from metengage.config import ROOT

CAPITAL = "A-Z" + "".join(chr(code) for code in range(0xC0, 0x250) if chr(code).isupper())
WORD = rf"[{CAPITAL}][\w'-]*"
PARTICLE = "(?:van|von|de|da|der|den|dos|la|le|bin|ibn|al|el)"
INITIALS = rf"(?:[{CAPITAL}]\.){{1,3}}(?= )"
RUN = re.compile(rf"(?<![\w'@/.-])(?:{INITIALS}|{WORD})(?: (?:{PARTICLE} ){{0,2}}(?:{INITIALS}|{WORD})){{0,5}}")
BEFORE = re.compile(r"([\w']+)[\s(]*$")
LIVES_IN = re.compile(r"(?:\d,?|,|\bman|\bwoman|\bboy|\bgirl) of $")  # “a man, 34, of Elmers End”
NAMED = r"(?:named|identified|known)(?: \w+){0,3} as|called|named"
LAST_OF_NAMED = ("as", "called", "named")
# “a man called Kieran”, “the suspect, named locally as Kieran”; in “a man called Crimestoppers” he rings somebody up.
INTRODUCES = re.compile(
    rf"\b(?:{phrases('person').piece}|{phrases('somebody').piece})\b[^.;:!?]{{0,20}}?\b(?:{NAMED}) $", re.IGNORECASE
)
GOES_ON = re.compile(r",|\.| \(| (?:is|was|were|has|had|who|from|of|aged|in)\b|$")
AFTER = re.compile(rf" {phrases('after a place').piece}\b")
TITLED = re.compile(rf"\b(?:Mr|Mrs|Ms|Miss|Dr|Master)\.? {WORD}(?: {WORD})?")

FIRST_NAMES = frozenset(listed("first_names.txt"))
NOT_NAMES = frozenset(word for line in listed("not_names.txt") for word in line.split())
STREETS = frozenset(listed("streets.txt"))
STREET = one_of(STREETS - {"Court", "House", "Park", "Hill", "View", "Row"})  # what numbered doors are in
RANKS = phrases("ranks").words
OF_PLACES = phrases("before a place").words  # hardly ever before a person
OF_THINGS = phrases("before a thing").words  # never before a person
SURNAMES = phrases("things and surnames").words
SAINTS = frozenset(("st", "st.", "saint"))
LONG = 4  # letters that a word in small letters may have in a headline


@lru_cache(maxsize=1)
def places() -> frozenset[str]:
    """The wards and boroughs of London, and the parts of those that are called after two."""
    with open(ROOT / "metengage" / "data" / "wards.csv", encoding="utf-8", newline="") as file:
        names = {row[column] for row in csv.DictReader(file) for column in ("ward_name", "borough_name")}
    parts = {part for name in names for part in re.split(r" & | and | upon |, ", name)}
    return frozenset(name.replace("’", "'") for name in names | parts)


def names_in(sentence: str) -> Iterator[tuple[str, int, int]]:
    """(name, where it begins, where it ends) of each person who seems to be named; not of officers."""
    yield from ((match[0], match.start(), match.end()) for match in TITLED.finditer(sentence))
    is_headline, officer_until, placed_until, placed = _is_headline(sentence), None, None, ""
    for run in RUN.finditer(sentence):
        words, start, end = run[0].split(" "), run.start(), run.end()
        if RANKS & set(words) or (officer_until and sentence[officer_until:start].strip(" ,") == "and"):
            officer_until = end  # “PCs Tom Reed and Ann Lowe”
            continue
        before = _word_before(sentence, start)
        if placed_until and sentence[placed_until:start].strip(" ,") in ("", "and", "or"):
            before = placed  # “between Elmers End and Clock House”
        if before in OF_PLACES:
            placed_until, placed = end, before
        is_named = before in LAST_OF_NAMED and _is_named(sentence, start, end)
        is_thing = is_headline or bool(AFTER.match(sentence, end))
        for name, at in _people(words, before, is_thing, is_named):
            yield name, start + at, start + at + len(name)


def _is_named(sentence: str, start: int, end: int) -> bool:
    """Whether what stands around says that it is somebody's name."""
    return bool(INTRODUCES.search(sentence[max(0, start - 80) : start]) and GOES_ON.match(sentence, end))


def _word_before(sentence: str, start: int) -> str:
    text = sentence[max(0, start - 30) : start]
    found = BEFORE.search(text)
    return "from" if LIVES_IN.search(text) else found[1].lower() if found else ""


def _is_headline(sentence: str) -> bool:
    """Whether All Words Begin With a Capital: then only a known given name tells a person from a thing."""
    words = sentence.split()
    return len(words) > 3 and not any(len(word) > LONG and word[0].islower() for word in words)


def _people(words: list[str], before: str, is_thing: bool, is_named: bool) -> Iterator[tuple[str, int]]:
    """(name, where in the run) of the people in a run of words with capitals; a thing may be called for one.

    `is_named`: what stands before says that it is a person's name.
    """
    at, part, start = 0, [], 0
    for word in [*words, ""]:
        if word and (_may_be_of_name(word) or (part and part[-1] in FIRST_NAMES and word in SURNAMES)):
            start = start if part else at
            part.append(word)
        else:
            # With more words after it, it may be “Violence Suppression Unit”.
            if part and _is_person(part, before, is_thing or bool(word), is_named):
                yield " ".join(part), start
            part, before, is_named = [], word.lower(), False
        at += len(word) + 1


def _may_be_of_name(word: str) -> bool:
    return word.removesuffix("'s") not in NOT_NAMES and "-year-" not in word


def _is_person(part: list[str], before: str, must_be_known: bool, is_named: bool) -> bool:
    first, last = part[0].removesuffix("'s"), part[-1].removesuffix("'s")
    is_known = first in FIRST_NAMES or (len(part) > 1 and first.isupper() and first.title() in FIRST_NAMES)
    if before in SAINTS or not places().isdisjoint((" ".join(part), " ".join((*part[:-1], last)))):
        return False
    if is_named:
        return True
    if len(part) == 1:
        return is_known and before not in OF_PLACES | OF_THINGS and not must_be_known
    if last in STREETS:
        return is_known and last in SURNAMES and before not in OF_PLACES
    if is_known:
        return True
    is_initial = len(first.replace(".", "")) < len(last) and (len(first) == 1 or first.endswith("."))
    is_thing = before in OF_THINGS or (first.isupper() and not is_initial) or any(map(str.isdigit, "".join(part)))
    is_elsewhere = before in OF_PLACES or any(word in places() for word in part)
    return not (must_be_known or is_thing or is_elsewhere)

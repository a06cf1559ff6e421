"""What a check is, what it looks at and what it finds; and the lists of words that ship beside the code."""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from hashlib import blake2s
from textwrap import shorten

from metengage import reading
from metengage.config import ROOT

DATA = ROOT / "metengage" / "data" / "checks"
REFUSES, WANTS_REASON, WARNS = "refuses", "wants a reason", "warns"
TITLE, BODY, PICTURE = "title", "body", "picture"
LONGEST_PLACE = 160  # characters
LONGEST_TITLE, LONGEST_BODY = 500, 20_000  # characters; more is not looked at, and is refused for it
LONGEST_PASSAGE = 4  # sentences
WORDS = re.compile(r"[^\W_]+")
WENT_ON = re.compile(r"(?:He|She|They|His|Her|Their|Both)\b")

APP = (
    "College of Policing, Authorised Professional Practice, Media and communications: arrests, charges and judicial "
    "outcomes, www.college.police.uk/app/media-and-communications/arrests-charges-judicial-outcomes"
)
NAMING = (
    "Has this person been charged? Before charge, who decided that they may be named, and for which policing purpose?",
    "Is a victim or witness named only with their consent, and not at all where the law gives them anonymity for life?",
    "Is everybody under 18 who is part of proceedings left out: name, home, school, picture?",
    "Could anything here prejudice a case that is, or may come, before a court?",
    "Could people tell who it is from the details together, though none of them says it?",
)


@dataclass(frozen=True)
class Words:
    """What is looked at."""

    title: str
    body: str  # Markdown
    alert_type: str  # a slug of choices.ALERT_TYPES, or ""
    has_picture: bool = False
    picture_alt: str = ""
    was_sent_before: bool = False  # the same title and text went out before; the caller knows

    @property
    def markdown(self) -> str:
        """The body, as far as it is looked at."""
        return self.body[:LONGEST_BODY]

    @cached_property
    def texts(self) -> tuple[str, str]:
        """The title and the body as they are shown, with straight apostrophes."""
        return _straight(" ".join(self.title[:LONGEST_TITLE].split())), _straight(reading.shown(self.markdown))

    @cached_property
    def passages(self) -> dict[str, frozenset[str]]:
        """Passage → its words in small letters.

        A passage is a sentence with those after it that begin with “He …” or “They …”: they are about the same people.
        """
        blocks = (self.texts[0], *(_straight(words) for _, words in reading.blocks(self.markdown)))
        found = (passage for block in blocks for passage in _together(reading.split(block)))
        return {passage: frozenset(WORDS.findall(passage.lower())) for passage in found}


def _straight(text: str) -> str:
    return text.replace("’", "'").replace("‘", "'")


def _together(sentences: Iterable[str]) -> Iterator[str]:
    passage: list[str] = []
    for sentence in sentences:
        if passage and (len(passage) == LONGEST_PASSAGE or not WENT_ON.match(sentence)):
            yield " ".join(passage)
            passage = []
        passage.append(sentence)
    if passage:
        yield " ".join(passage)


@dataclass(frozen=True)
class Check:
    """Something that must not be sent, or not without thought."""

    name: str  # a slug of at most 40 characters
    severity: str
    label: str
    why: str
    mend: str
    source: str
    look: Callable[[Words], list[str]]  # the places found, in the text's own words; none = fine
    checklist: tuple[str, ...] = ()  # questions to answer before giving a reason
    about: str = ""  # the field that it is about; else where it was found


@dataclass(frozen=True)
class Finding:
    """A check that found something, and where."""

    check: Check
    found: tuple[str, ...]
    field: str  # TITLE, BODY or PICTURE
    whole: tuple[str, ...] = ()  # the places at their full length

    @property
    def mark(self) -> str:
        """What a reason is given for: any other find, or the same in other words, has another."""
        places = self.whole or self.found
        return blake2s("\n".join((self.check.name, *places)).encode(errors="replace"), digest_size=8).hexdigest()


def finding(check: Check, words: Words) -> Finding | None:
    """What a check finds, each place once."""
    whole = tuple(dict.fromkeys(check.look(words)))
    if not whole:
        return None
    in_title = not check.about and check.look(replace(words, body=""))
    found = tuple(dict.fromkeys(map(_shortened, whole)))
    return Finding(check, found, check.about or (TITLE if in_title else BODY), whole)


def _shortened(place: str) -> str:
    """Cut at a word, or within one that is very long."""
    cut = shorten(place, LONGEST_PLACE, placeholder=" …")
    return cut if cut.strip(" …") else f"{place.strip()[:LONGEST_PLACE]}…"


# --- Ways to look ---


def anywhere(look: Callable[[str], Iterable[str]]) -> Callable[[Words], list[str]]:
    """Look at the title and at the body, as they are shown."""
    return lambda words: [found for text in words.texts for found in look(text)]


def matches(pattern: re.Pattern) -> Callable[[Words], list[str]]:
    """All that a pattern matches in the title and the body."""
    return anywhere(lambda text: [match[0] for match in pattern.finditer(text)])


def passages(gate: frozenset[str], look: Callable[[str], bool]) -> Callable[[Words], list[str]]:
    """The passages for which `look` is true; only those that have a word of `gate` are looked at."""
    return lambda words: [each for each, said in words.passages.items() if not gate.isdisjoint(said) and look(each)]


# --- Lists ---


def listed(name: str) -> list[str]:
    """The lines of a list; those that begin with # say where it is from."""
    lines = (DATA / name).read_text(encoding="utf-8").splitlines()
    return [line.strip() for line in lines if line.strip() and not line.startswith("#")]


def table(name: str) -> dict[str, str]:
    """A list of two columns: what stands before a comma, and what comes after."""
    return {key.strip(): rest.strip() for key, _, rest in (line.partition(",") for line in listed(name))}


def one_of(names: Iterable[str]) -> str:
    """A piece of a pattern that matches any of these words, the longest first."""
    return "(?:" + "|".join(re.escape(name) for name in sorted(names, key=lambda name: (-len(name), name))) + ")"


@dataclass(frozen=True)
class Phrases:
    """A group of words and phrases of `phrases.txt`."""

    words: frozenset[str]
    piece: str  # of a pattern

    @cached_property
    def pattern(self) -> re.Pattern:
        return re.compile(rf"(?<![\w-])(?:{self.piece})(?![\w-])", re.IGNORECASE)

    @cached_property
    def gate(self) -> frozenset[str]:
        """Small words of which a text must have one to have any of the phrases."""
        return frozenset(max(WORDS.findall(each.lower()), key=len) for each in self.words)

    def search(self, text: str) -> re.Match | None:
        return self.pattern.search(text)


@lru_cache(maxsize=1)
def _groups() -> dict[str, Phrases]:
    groups = {}
    for line in listed("phrases.txt"):
        name, _, rest = line.partition(": ")
        groups[name] = Phrases(frozenset(words := rest.split(", ")), one_of(words))
    return groups


def phrases(name: str) -> Phrases:
    """A group of words and phrases by its name."""
    return _groups()[name]

"""What a check is, what it looks at and what it finds."""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from hashlib import blake2s
from textwrap import shorten
from urllib.parse import unquote

from metengage import reading
from metengage.checks.lists import WORDS
from metengage.formats import listing

REFUSES, WANTS_REASON, WARNS = "refuses", "wants a reason", "warns"
TITLE, BODY, PICTURE, POSTER, STORY = "title", "body", "picture", "poster", "story_title"
# What residents read in each of these: the part of Words that holds it, and how it is called in a sentence.
PARTS = {
    TITLE: ("title", "in the title"),
    BODY: ("body", "in the text"),
    PICTURE: ("picture_alt", "in the picture’s description"),
    POSTER: ("poster_name", "in the poster’s name"),
    STORY: ("story_title", "in the story’s title"),
}
LONGEST_PLACE = 160  # characters
LONGEST_TITLE, LONGEST_BODY = 500, 20_000  # characters; more is not looked at, and is refused for it
LONGEST_PASSAGE = 4  # sentences
WENT_ON = re.compile(r"(?:He|She|They|His|Her|Their|Both)\b|(?:[\w'-]+ ){1,4}?(?:him|her|them)\b")

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
    poster_name: str = ""
    story_title: str = ""  # of a story that begins with it
    own: tuple[str, ...] = ()  # the team's own telephone number and address
    site: str = ""  # our own address, to whose pages any link may lead
    was_sent_before: bool = False  # the same title and text went out before; the caller knows

    @property
    def markdown(self) -> str:
        """The body, as far as it is looked at."""
        return self.body[:LONGEST_BODY]

    def alone(self, part: str) -> "Words":
        """Only this part of it."""
        return replace(self, **{name: "" for other, (name, _) in PARTS.items() if other != part})

    @cached_property
    def texts(self) -> dict[str, str]:
        """Part → its words as they are shown, with straight apostrophes."""
        return {part: _straight(self._shown(part)) for part in PARTS}

    def _shown(self, part: str) -> str:
        line = getattr(self, PARTS[part][0])
        return reading.shown(self.markdown) if part == BODY else " ".join(line[:LONGEST_TITLE].split())

    @cached_property
    def addresses(self) -> list[str]:
        """Where the links of the body lead: tel:07700900123."""
        return [unquote(address) for _, address in reading.links(self.markdown)]

    @cached_property
    def passages(self) -> dict[str, frozenset[str]]:
        """Passage → its words in small letters.

        A passage is a sentence with those after it that are about the same people: “He …”, “Officers arrested her …”.
        """
        of_body = [_straight(words) for _, words in reading.blocks(self.markdown)]
        blocks = (block for part, text in self.texts.items() for block in (of_body if part == BODY else [text]))
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
    advise: Callable[[tuple[str, ...]], str] | None = None  # how to mend just these places, where that can be said


@dataclass(frozen=True)
class Finding:
    """A check that found something, and where."""

    check: Check
    found: tuple[str, ...]
    parts: tuple[str, ...]  # of Words, in which it was found
    whole: tuple[str, ...] = ()  # the places at their full length

    @property
    def field(self) -> str:
        """The field of a form in which it can be mended, or the first of them."""
        return self.parts[0]

    @property
    def where(self) -> str:
        """“in the picture’s description”; nothing where everybody would look for it."""
        is_plain = self.check.about or {TITLE, BODY}.issuperset(self.parts)
        return "" if is_plain else listing([PARTS[part][1] for part in self.parts])

    @property
    def label(self) -> str:
        """The check's, and where it found something."""
        return f"{self.check.label}, {self.where}" if self.where else self.check.label

    @property
    def mend(self) -> str:
        return self.check.advise(self.found) if self.check.advise else self.check.mend

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
    found = tuple(dict.fromkeys(map(_shortened, whole)))
    parts = [check.about] if check.about else [part for part in PARTS if check.look(words.alone(part))]
    return Finding(check, found, tuple(parts) or (BODY,), whole)


def _shortened(place: str) -> str:
    """Cut at a word, or within one that is very long."""
    cut = shorten(place, LONGEST_PLACE, placeholder=" …")
    return cut if cut.strip(" …") else f"{place.strip()[:LONGEST_PLACE]}…"


# --- Ways to look ---


def anywhere(look: Callable[[str], Iterable[str]]) -> Callable[[Words], list[str]]:
    """Look at all that residents read, as it is shown."""
    return lambda words: [found for text in words.texts.values() for found in look(text)]


def matches(pattern: re.Pattern) -> Callable[[Words], list[str]]:
    """All that a pattern matches in what residents read."""
    return anywhere(lambda text: [match[0] for match in pattern.finditer(text)])


def passages(gate: frozenset[str], look: Callable[[str], bool]) -> Callable[[Words], list[str]]:
    """The passages for which `look` is true; only those that have a word of `gate` are looked at."""
    return lambda words: [each for each, said in words.passages.items() if not gate.isdisjoint(said) and look(each)]

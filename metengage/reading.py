"""How a text reads: what is shown of it, its sentences, its reading age, and how many phone screens it takes."""

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import groupby, islice
from math import ceil
from typing import NamedTuple

import pyphen

from metengage.formats import count

HEADING, ITEM, QUOTE, PARAGRAPH, GAP = "heading", "item", "quote", "paragraph", "gap"
SHORTEST = (3, 30)  # sentences and words: the age of less is chance
ENOUGH = 1_500  # words: more do not change the age, and a text may be pasted that has 20,000
NAME = 2  # syllables at most
WORDS_A_MINUTE = 238  # M. Brysbaert, “How many words do we read per minute?”, Journal of Memory and Language 109, 2019
SCREEN = 740  # pixels

LINE = re.compile(r"[ \t]*(?:(#{1,6}[ \t])|([-*+][ \t]|[0-9]{1,3}[.)][ \t])|((?:>[ \t]?){1,9}))?[ \t]*(.*)")
RULE = re.compile(r"[ \t]*(?:[-*_][ \t]*){3,}")
DEFINITION = re.compile(r"^ {0,3}\[([^\[\]\n]{1,100})\]:[ \t]*<?([^\s<>]{1,2000})>?[^\n]*$", re.MULTILINE)
LINK = re.compile(r"\[([^\[\]\n]{1,300})\]\([ \t]*<?([^()<>\s]{0,2000})>?(?:[ \t]+\"[^\"\n]{0,200}\")?[ \t]*\)")
REFERENCE = re.compile(r"\[([^\[\]\n]{1,300})\](?:\[([^\[\]\n]{0,100})\])?")
AUTOMATIC = re.compile(r"<((?:https?://|mailto:|tel:)[^<>\s]{1,2000})>")
EMPHASIS = re.compile(r"\*+|`+|(?<!\w)_{1,2}(?=[^\W_])|(?<=[^\W_])_{1,2}(?!\w)")
ESCAPED = re.compile(r"\\([!-/:-@\[-`{-~])")
SPACES = re.compile(r"[^\S\n]+|[\u00ad\u200b\ufeff]+")
GAPS = re.compile(r"\n(?: ?\n)+")

ENDS = re.compile(
    r"(?:(?<=[.!?…])|(?<=[.!?…][\"”’)]))(?<!\bSt\.)(?<!\bMr\.)(?<!\bMs\.)(?<!\bDr\.)(?<!\bNo\.)"
    r"(?<!\bMrs\.)(?<!\bSgt\.)(?<!\b[A-Z]\.)\s+(?=[\"“‘(]?[A-Z0-9À-ÞĀ-Ž])"
)
NO_WORD = re.compile(r"[@\d]|://|\w\.\w")  # times, telephone numbers and addresses are looked up, not read
WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
VOWELS = re.compile("[aeiouy]+")
SILENT = re.compile(
    "(?<=[^laeiouy])e$|(?<=[^laeiouytd])ed$|(?<=[^laeiouysxzcg])(?<!ch)(?<!sh)es$"  # gone, robbed, homes
)


class Line(NamedTuple):
    """A line as it is shown: a paragraph's may be several."""

    kind: str
    words: str


# --- What is shown ---


@lru_cache(maxsize=4)  # a text is looked at in many ways, one after another
def lines(text: str) -> tuple[Line, ...]:
    """Markdown as its readers see it, with no marks and no addresses behind links.

    A reading of its own and not `writing`'s, because it must be quick and never give up: a hundred thousand brackets
    take that a second. On what officers write both show the same words.
    """
    return tuple(map(_line, GAPS.sub("\n\n", without_links(SPACES.sub(" ", text))).split("\n")))


def _line(line: str) -> Line:
    if not line.strip() or RULE.fullmatch(line):
        return Line(GAP, "")
    heading, item, quote, words = LINE.fullmatch(line).groups()
    kind = HEADING if heading else ITEM if item else QUOTE if quote else PARAGRAPH
    return Line(kind, ESCAPED.sub(r"\1", EMPHASIS.sub("", words)).strip())


def without_links(text: str) -> str:
    """Markdown with each link as its words alone."""
    known = {name.lower() for name, _ in DEFINITION.findall(text)}
    text = LINK.sub(r"\1", AUTOMATIC.sub(r"\1", text))
    if not known:
        return text
    return REFERENCE.sub(lambda link: link[1] if (link[2] or link[1]).lower() in known else link[0], _undefined(text))


def _undefined(text: str) -> str:
    return DEFINITION.sub("", text)


def links(text: str) -> list[tuple[str, str]]:
    """(words, address) of each link in Markdown."""
    known = {name.lower(): address for name, address in DEFINITION.findall(text)}
    found = [*LINK.findall(text), *((address, address) for address in AUTOMATIC.findall(text))]
    if known:
        pairs = ((words, known.get((name or words).lower())) for words, name in REFERENCE.findall(_undefined(text)))
        found += [(words, address) for words, address in pairs if address]
    return [(EMPHASIS.sub("", words).strip(), address) for words, address in found]


def shown(text: str) -> str:
    """Markdown as its readers see it, a line for each of its lines."""
    return "\n".join(line.words for line in lines(text))


def blocks(text: str) -> Iterator[tuple[str, str]]:
    """(kind, words) of each heading, item, quotation and paragraph; the lines of one paragraph belong together."""
    for kind, together in groupby(lines(text), key=lambda line: line.kind):
        if kind in (PARAGRAPH, QUOTE):
            yield kind, " ".join(line.words for line in together)
        elif kind != GAP:
            yield from ((kind, line.words) for line in together)


def split(block: str) -> list[str]:
    """The sentences of a block."""
    return [sentence for sentence in ENDS.split(block) if sentence]


# --- How hard, how long ---


def age(text: str) -> float | None:
    """The reading age of Markdown in years, or None where too little is said to tell.

    The grade is Flesch-Kincaid's, 0.39 words a sentence + 11.8 syllables a word - 15.59: J. P. Kincaid and others,
    “Derivation of New Readability Formulas for Navy Enlisted Personnel”, Research Branch Report 8-75, 1975. A child in
    an American grade is five years older than its number. Each item of a list is a sentence, headings are none. A name
    in the middle of a sentence has two syllables at most: who lives in Roehampton reads it at a glance, and an alert
    must name its streets.
    """
    counted = list(islice(_counted(text), ENOUGH))
    sentences = sum(is_first for is_first, _ in counted)
    if sentences < SHORTEST[0] or len(counted) < SHORTEST[1]:
        return None
    grade = 0.39 * len(counted) / sentences + 11.8 * sum(spoken for _, spoken in counted) / len(counted) - 15.59
    return round(max(grade + 5, 5), 1)


def _counted(text: str) -> Iterator[tuple[bool, int]]:
    """(whether it begins a sentence, syllables) of each word."""
    for kind, block in blocks(text):
        for sentence in split(block) if kind != HEADING else ():
            read = WORD.findall(" ".join(each for each in sentence.split() if not NO_WORD.search(each)))
            for place, word in enumerate(read):
                spoken = syllables(word.lower())
                yield not place, min(spoken, NAME) if place and word[0].isupper() else spoken


@lru_cache(maxsize=1)
def _hyphens() -> pyphen.Pyphen:
    return pyphen.Pyphen(lang="en_US")  # American hyphens follow the sound, British ones the origin of a word


@lru_cache(maxsize=8192)
def syllables(word: str) -> int:
    """How many syllables a word in small letters has.

    The parts between possible hyphens are fewer than the syllables (“area” is never parted), so it is their number or
    that of the groups of vowels, whichever is more. Against the CMU Pronouncing Dictionary 1.1.3, on the 3,474 words of
    the demo's alerts: right for 97 %, and 0.2 % too few in all; by hyphens alone 93 %, and 5 % too few.
    """
    parts = len(_hyphens().positions(word)) + 1 if len(word) < 40 else len(word) // 3
    return max(parts, len(VOWELS.findall(SILENT.sub("", word))), 1)


def words(text: str) -> int:
    """How many words are shown."""
    return sum(any(map(str.isalnum, each)) for each in shown(text).split())


def minutes(text: str) -> int:
    """How long it takes to read, in whole minutes and at least one."""
    return max(1, ceil(words(text) / WORDS_A_MINUTE))


# (letters in a line, pixels a line, pixels around it), as the stylesheet of our emails has it and a phone shows it.
SIZES = {PARAGRAPH: (41, 25.5, 14), ITEM: (38, 25.5, 6), QUOTE: (39, 25.5, 14), HEADING: (33, 24.7, 32)}


def screens(text: str) -> float:
    """How many phone screens of 360 by 740 pixels the body takes, without the head and foot of its email.

    Measured in Chromium with the emails' own stylesheet, in an Arial of 17 pixels: the letters that fit a line are
    fitted to the heights of the demo's 16 alerts, and come within 8 % of each. Larger letters on a phone need more.
    """
    height, was = 0.0, GAP
    for line in lines(text):
        if line.kind != GAP:
            letters, pixels, around = SIZES[line.kind]
            height += ceil(max(len(line.words), 1) / letters) * pixels + (
                0 if line.kind == was == PARAGRAPH else around
            )
        height += 8 if was == ITEM and line.kind not in (ITEM, GAP) else 0
        was = line.kind
    return round(height / SCREEN, 2)


def told(body: str) -> str:
    """How long a text is and how hard to read, in words."""
    how_many, years = screens(body), age(body)
    on_phone = "less than a phone screen" if how_many < 1 else f"about {count(round(how_many), 'phone screen')}"
    return f"{count(words(body), 'word')}, {on_phone}{f', reading age {years:.0f}' if years else ''}"

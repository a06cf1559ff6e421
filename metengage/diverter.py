"""Whether what a resident has typed belongs elsewhere: danger now, a crime, abuse, somebody at risk. Pure.

It finds words, not meanings: it misses what is said in other ways, and stops some that needed no stopping. So what it
finds is shown before anything is kept, and they may send it to their team all the same. The ways, whom to turn to, and
the words and rules are the lists in metengage/data/diverter.
"""

import csv
from dataclasses import dataclass, replace
from functools import cache
from itertools import chain
from textwrap import shorten
from urllib.parse import urlsplit

from metengage.config import ROOT
from metengage.phrases import Rulebook, Said, lines

DATA = ROOT / "metengage" / "data" / "diverter"
LONGEST = 20_000  # characters; more is not looked at
HAPPENING = "happening"  # the label of rules that find no way, but that something goes on at this moment
MOST_WAYS, MOST_QUOTES = 3, 3  # the most urgent; of each
LONGEST_QUOTE = 100  # characters


@dataclass(frozen=True)
class Contact:
    """Whom to turn to, and when. Where there is no number there is a website."""

    key: str
    kind: str  # call: a button; online: a link; help: a helpline
    name: str
    when: str
    number: str  # as it is read
    tel: str  # as it is dialled
    relay: str  # the number by text relay
    relay_tel: str
    site: str
    otherwise: str  # what to do who cannot call

    @property
    def call(self) -> str:
        """What is on its button: Call 999; Call Report Fraud on 0300 123 2040."""
        return f"Call {self.name}" if self.name == self.number else f"Call {self.name} on {self.number}"

    @property
    def host(self) -> str:
        """How the website is called in a link: samaritans.org."""
        return urlsplit(self.site).netloc.removeprefix("www.")


@dataclass(frozen=True)
class Way:
    """Where something belongs that a resident has typed."""

    name: str
    heading: str
    sentence: str
    covers: tuple[str, ...]  # less urgent ways that it makes needless
    covers_there: tuple[str, ...]  # and those in its own sentences, while it is happening
    wants_exit: bool  # somebody beside the writer must not see it
    contacts: tuple[Contact, ...]
    words: tuple[str, ...] = ()  # theirs, that made us think so


@cache
def ways() -> tuple[Way, ...]:
    """All ways, the most urgent first."""
    contacts = {row["key"]: Contact(**row) for row in csv.DictReader(lines(DATA / "contacts.csv"))}
    return tuple(
        Way(
            name=row["name"],
            heading=row["heading"],
            sentence=row["sentence"],
            covers=tuple(row["covers"].split()),
            covers_there=tuple(row["covers_there"].split()),
            wants_exit=row["exit"] == "yes",
            contacts=tuple(contacts[key] for key in row["contacts"].split()),
        )
        for row in csv.DictReader(lines(DATA / "ways.csv"))
    )


@cache
def _rulebook() -> Rulebook:
    return Rulebook(DATA)


def look(text: str) -> list[Way]:
    """The ways that a text should go, a few, the most urgent first, each with the words that made us think so.

    A contact is named once, by the most urgent of them.
    """
    found = _rulebook().find(text[:LONGEST])
    covered = set(chain.from_iterable(way.covers for way in ways() if way.name in found))
    named: set[Contact] = set()
    shown = []
    for way in ways():
        said = [] if way.name in covered else _apart(way, found)
        if said:
            words = dict.fromkeys(_cut(each.words) for each in said)
            contacts = tuple(each for each in way.contacts if each not in named)
            shown.append(replace(way, words=tuple(words)[:MOST_QUOTES], contacts=contacts))
            named.update(contacts)
    return shown[:MOST_WAYS]


def _apart(way: Way, found: dict[str, list[Said]]) -> list[Said]:
    """What was found for a way, but in the sentences of those that make it needless there."""
    others = [found.get(each.name, []) for each in ways() if HAPPENING in found and way.name in each.covers_there]
    sentences = {each.sentence for each in chain.from_iterable(others)}
    return [each for each in found.get(way.name, []) if each.sentence not in sentences]


def danger_in(text: str) -> str | None:
    """What a team is told of a text before it is opened: “urgent” where 999 is whom to turn to first, or “some”."""
    found = look(text)
    if not found:
        return None
    return "urgent" if found[0].contacts[0].key == "999" else "some"


def _cut(words: str) -> str:
    """At a word, or within one that is very long."""
    cut = shorten(words, LONGEST_QUOTE, placeholder=" …")
    return cut if cut.strip(" …") else f"{words[:LONGEST_QUOTE]}…"

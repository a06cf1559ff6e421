"""The lists of words that ship beside the code, for an operator to lengthen."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property, lru_cache

from metengage.config import ROOT

DATA = ROOT / "metengage" / "data" / "checks"
WORDS = re.compile(r"[^\W_]+")


def listed(name: str) -> list[str]:
    """The lines of a list; those that begin with # say where it is from."""
    lines = (DATA / name).read_text(encoding="utf-8").splitlines()
    return [line.strip() for line in lines if line.strip() and not line.startswith("#")]


@lru_cache(maxsize=1)
def acronyms() -> frozenset[str]:
    """What is written in capitals and is no shouting."""
    return frozenset(listed("acronyms.txt"))


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

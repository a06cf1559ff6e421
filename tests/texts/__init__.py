"""Alerts as a team writes them, to be sent or caught; what residents type, that belongs elsewhere or to their team."""

import re
from dataclasses import dataclass
from pathlib import Path

from metengage.checks import Words

BETWEEN = "\n=====\n"


@dataclass(frozen=True)
class Text:
    """An alert, and the names of the checks that must find something in it."""

    words: Words
    catches: frozenset[str]

    def __str__(self) -> str:
        return self.words.title or "(no title)"


def _read(file: str) -> list[Text]:
    written = (Path(__file__).parent / file).read_text(encoding="utf-8")
    return [_text(*each.partition("\n\n")[::2]) for each in written.split(BETWEEN)]


def _text(head: str, body: str) -> Text:
    says = {key: value.strip() for key, _, value in (line.partition(":") for line in head.splitlines())}
    words = Words(
        says["title"], body, says["type"], "picture" in says, says.get("alt", ""), was_sent_before="sent_before" in says
    )
    return Text(words, frozenset(says.get("catches", "").replace(",", " ").split()))


GOOD, BAD = _read("good.md"), _read("bad.md")


@dataclass(frozen=True)
class Typed:
    """What a resident typed, and the ways of which the diverter finds one; none where it belongs to the team."""

    words: str
    ways: frozenset[str]
    is_missed: bool  # a known fault: it belongs elsewhere, and is not found

    def __str__(self) -> str:
        return self.words


def _typed(*names: str) -> list[Typed]:
    files = [(Path(__file__).parent / name).read_text(encoding="utf-8") for name in names]
    lines = [line for file in files for line in file.splitlines() if line and not line.startswith("#")]
    parts = [line.rpartition(" | ") for line in lines]
    return [
        Typed(words, frozenset(re.findall(r"\w+", ways.removeprefix("missed "))), ways.startswith("missed "))
        for ways, _, words in parts
    ]


DIVERT, ORDINARY = _typed("divert.txt", "blind_divert.txt"), _typed("ordinary.txt", "blind_ordinary.txt")

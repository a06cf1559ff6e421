"""Alerts as a team writes them, to be sent or to be caught; and what residents type, that belongs elsewhere or not."""

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
    """What a resident typed, and the ways of which the diverter must find one; none where it belongs to the team."""

    words: str
    ways: frozenset[str]

    def __str__(self) -> str:
        return self.words


def _typed(name: str) -> list[Typed]:
    lines = (Path(__file__).parent / name).read_text(encoding="utf-8").splitlines()
    parts = (line.rpartition(" | ") for line in lines if line and not line.startswith("#"))
    return [Typed(words, frozenset(ways.split(", ") if ways else ())) for ways, _, words in parts]


DIVERT = _typed("divert.txt")
ORDINARY = _typed("ordinary.txt")

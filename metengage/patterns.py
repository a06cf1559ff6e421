"""What an alert or an answer may begin with, and what may be put into one: texts with {blanks} to fill.

They are files below data/patterns. A check refuses an alert while it has a blank left.
"""

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from metengage.config import ROOT

DATA = ROOT / "metengage" / "data" / "patterns"


@dataclass(frozen=True)
class Template:
    """The beginning of an alert of a type."""

    slug: str
    name: str
    alert_type: str
    theme: str | None
    title: str
    body: str


@dataclass(frozen=True)
class Snippet:
    """A few sentences that belong into many alerts."""

    slug: str
    name: str
    text: str


@cache
def templates() -> dict[str, Template]:
    """The templates by slug, in the order of their files."""
    return {
        slug: Template(slug, facts["name"], facts["type"], facts["theme"] or None, facts["title"], body)
        for slug, facts, body in _read("templates")
    }


@cache
def snippets() -> dict[str, Snippet]:
    """The snippets by slug, in the order of their names."""
    found = [Snippet(slug, facts["name"], body) for slug, facts, body in _read("snippets")]
    return {each.slug: each for each in sorted(found, key=lambda each: each.name)}


@cache
def responses() -> dict[str, Snippet]:
    """What an officer may begin an answer to a resident with, by slug, in the order of their names."""
    found = [Snippet(slug, facts["name"], body) for slug, facts, body in _read("responses")]
    return {each.slug: each for each in sorted(found, key=lambda each: each.name)}


def response(slug: str, place: str, typed: str) -> str:
    """What was typed, and after it the text of this name about that place; it takes the place of an unchanged one."""
    filled = {each.slug: each.text.replace("{place}", place or "{place}") for each in responses().values()}
    typed = "\n".join(typed.split("\r\n")).strip()
    if slug not in filled:
        return typed
    return filled[slug] if typed in filled.values() else f"{typed}\n\n{filled[slug]}".strip()


def _read(folder: str) -> list[tuple[str, dict[str, str], str]]:
    """(file's name, what its head says, the text below) of each file."""
    return [_parsed(path) for path in sorted((DATA / folder).glob("*.md"))]


def _parsed(path: Path) -> tuple[str, dict[str, str], str]:
    head, _, body = path.read_text(encoding="utf-8").partition("\n\n")
    return path.stem, dict(re.findall(r"^(\w+): *(.*)$", head, re.MULTILINE)), body.strip()

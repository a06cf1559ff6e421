"""The README tells the truth about the house: its rooms, floors, settings and commands are those that are there."""

import ast
import re
from dataclasses import fields

import pytest

from metengage.config import ROOT, Settings
from tests.house.test_imports import FLOOR_OF

ROOMS = {path.stem: path for path in (ROOT / "metengage").glob("[!_]*.py")}
FOLDERS = ("views", "models", "commands", "forms", "checks", "notices", "demo")  # rooms of several files
VIEWS = {
    "views": ROOT / "metengage" / "views",
    "officers": ROOT / "metengage" / "views" / "officers",
    "commands": ROOT / "metengage" / "commands",
}


@pytest.fixture(scope="module")
def readme() -> str:
    return (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def tree(readme) -> str:
    """The README's picture of the folders: the fenced block with the rooms in it."""
    blocks = re.findall(r"^```\w*\n(.*?)^```", readme, re.MULTILINE | re.DOTALL)
    return next(block for block in blocks if re.search(r"^ +deliveries\.py ", block, re.MULTILINE))


def rooms_in(tree: str) -> dict[str, str]:
    """Room → what the README says of it."""
    return dict(re.findall(r"^ +(\w+)\.py +(\S.*)$", tree, re.MULTILINE))


def test_the_readme_lists_exactly_the_rooms_that_are_there(tree):
    assert sorted(rooms_in(tree)) == sorted(ROOMS)


def test_the_readme_says_of_each_room_what_it_is_for(tree):
    assert [room for room, words in rooms_in(tree).items() if not re.search(r"[a-z]+ [a-z]+", words)] == []


def test_the_readme_puts_each_room_on_its_floor(tree):
    folders = "|".join(rf"(?<={folder})/" for folder in FOLDERS)
    numbered = re.findall(rf"^ *(\w+)(?:\.py|{folders}) +(\d[\d.]*) ", tree, re.MULTILINE)
    assert {room: float(floor) for room, floor in numbered} == FLOOR_OF


@pytest.mark.parametrize("folder", VIEWS)
def test_the_readme_names_every_view(tree, folder):
    line = re.search(rf"^ +{folder}/ +(.*)$", tree, re.MULTILINE)[1]
    assert {path.stem for path in VIEWS[folder].glob("[!_]*.py")} <= set(re.findall(r"\w+", line))


def test_every_folder_the_readme_draws_is_there(tree):
    drawn = re.findall(r"^(\w+)/", tree, re.MULTILINE)
    assert [name for name in drawn if not (ROOT / name).is_dir()] == []


def test_every_room_begins_with_a_sentence_of_its_own():
    words = {name: ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) for name, path in ROOMS.items()}
    sentences = {text.partition("\n")[0] for text in words.values()}
    assert [sentence for sentence in sentences if not sentence.endswith(".") and not sentence.endswith("()")] == []
    assert len(sentences) == len(ROOMS)


def test_the_readme_lists_exactly_the_settings(readme):
    rows = re.findall(r"^\| (`[A-Z_]+`(?:, `[A-Z_]+`)*) \|", readme, re.MULTILINE)
    named = {name for row in rows for name in re.findall("[A-Z_]+", row)}
    assert named == {each.name.upper() for each in fields(Settings)}


def test_the_readme_lists_exactly_the_commands(readme, built):
    listed = set(re.findall(r"flask --app app ([a-z]+(?: [a-z]+)?)\b", readme))
    ours = {name: command for name, command in built.cli.commands.items() if name not in ("run", "shell", "routes")}
    groups = {f"{name} {each}" for name, command in ours.items() for each in getattr(command, "commands", ())}
    assert listed == groups | {name for name, command in ours.items() if not hasattr(command, "commands")}

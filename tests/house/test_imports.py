"""The floors of the house: who may import whom, who may touch what, and how large a room may grow."""

import ast
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from metengage import models
from metengage.config import ROOT
from metengage.models.people import Row

FLOORS = {
    0: (
        *("choices", "config", "diffs", "discretion", "formats", "geometry", "images", "outcomes", "phrases", "qr"),
        *("writing",),
    ),
    1: ("db", "keys", "logs", "names", "patterns", "posters", "reading", "relays", "retention", "schedule"),
    2: ("models", "origins", "purposes", "signing"),
    3: (
        *("areas", "audience", "bell", "checks", "codes", "diverter", "domains", "envelopes", "gazetteer", "journal"),
        *("limits", "links", "mail", "manners", "pictures", "postbox", "postcodes", "prints", "promises", "register"),
        *("sns", "stencils", "survey", "tallies", "ties", "verdicts", "wire"),
    ),
    4: (
        *("actions", "calendars", "circles", "floods", "forecast", "headcount", "letters", "passwords", "reports"),
        *("second_factor", "standing", "subscriptions", "suppressions"),
    ),
    5: (
        *("addressing", "alerts", "deliveries", "emails", "fatigue", "mailings", "maps", "officers", "police_uk"),
        *("priorities", "proposals", "providers", "stories", "visitors"),
    ),
    6: (
        *("bookings", "copies", "editions", "figures", "holdings", "memos", "notices", "personal"),
        *("readiness", "reminders", "restrictions", "rounds", "votes"),
    ),
    7: (
        *("account", "attendance", "bounces", "casework", "complaints", "concerns", "digests", "dispatch", "drafts"),
        *("events", "feeling", "fields", "halts", "handover", "keeping", "leaving", "moving", "preferences", "profile"),
        *("proofs", "ratings", "release", "residents", "responses", "rights", "staffing", "surveys", "teams"),
        *("urgent",),
    ),
    8: ("corrections", "demo", "desk", "doorstep", "forms", "insights", "jobs", "sequels", "telling", "watching"),
    9: ("commands", "views"),
    10: ("machine",),
    11: ("app",),
}
FLOOR_OF = {room: floor for floor, rooms in FLOORS.items() for room in rooms}

# Library → the rooms that may import it.
MAY_IMPORT = {
    "argon2": {"passwords"},
    "pyotp": {"second_factor"},
    "segno": {"qr"},
    "flask": {"mail", "letters", "emails", "mailings", "notices", "commands", "views", "app"},
    "flask_wtf": {"forms", "views", "app"},
    "flask_login": {"views"},
    "flask_mail": {"mail"},
    "smtplib": {"mail", "relays"},
    "imaplib": {"postbox"},
    "flufl": {"reports"},
    "PIL": {"images"},
    "pypdf": {"posters"},
    "typst": {"prints"},
    "font_source_sans_pro": {"prints"},
    "cryptography": {"domains", "keys", "sns"},
    "dns": {"names"},
    "spftrace": {"origins"},
    "pyphen": {"reading"},
    "icalendar": {"calendars"},
    "dkim": {"keys", "domains"},
    "rq": {"bell", "jobs", "commands"},
    "redis": {"bell", "jobs", "commands"},
    "prometheus_client": {"views"},
    "pythonjsonlogger": {"logs"},
}
LARGE_LIBRARIES = {"cryptography.hazmat", "dkim", "dns", "pypdf", "typst"}  # 7 to 12 MB each, and few workers need them
LARGE = {"cryptography", "keys", "names", "domains", "posters", "typst"}
OF_PEEWEE = {"update", "select", "delete", "create", "get", "save"}  # a field of that name replaces the method
LUMBER = {"utils", "helpers", "common", "core", "services", "manager"}
LONGEST_MODULE, LONGEST_LIST, LONGEST_FUNCTION = 250, 450, 30  # lines


def _name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


FILES = {_name(path): path for path in [*sorted((ROOT / "metengage").rglob("*.py")), ROOT / "app.py"]}
TREES = {name: ast.parse(path.read_text(encoding="utf-8")) for name, path in FILES.items()}
ROOMS = [name for name in FILES if name != "metengage"]
VIEWS = [name for name in FILES if name.startswith("metengage.views")]
TABLES_IN = [
    f"metengage.models.{name}"
    for name in ("people", "asking", "promising", "publishing", "editing", "listening", "gathering", "sending")
]  # in this order


def room_of(module: str) -> str:
    return module.split(".")[1] if module.startswith("metengage.") else module


def imports_of(module: str) -> Iterator[tuple[str, str]]:
    """(module, name) of each import; the name is empty where a whole module is imported."""
    for node in ast.walk(TREES[module]):
        if isinstance(node, ast.Import):
            yield from ((each.name, "") for each in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module} imports by dots"
            for each in node.names:
                inner = f"{node.module}.{each.name}"
                yield (inner, "") if inner in FILES else (node.module, each.name)


def functions_of(module: str) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    return (node for node in ast.walk(TREES[module]) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def wrong_in(modules: list[str], wrongs: Callable[[str], list]) -> dict[str, list]:
    """Module → what is wrong in it; those without fault are left out."""
    return {module: found for module in modules if (found := wrongs(module))}


# --- Which way imports run ---


def test_every_room_stands_on_a_floor_and_every_floor_is_inhabited():
    assert {room_of(module) for module in ROOMS} == set(FLOOR_OF)


def test_a_room_imports_only_from_floors_below():
    def sideways_or_up(module: str) -> list[str]:
        here = FLOOR_OF[room_of(module)]
        return [
            target
            for target, _ in imports_of(module)
            if target in FILES and FLOOR_OF[room_of(target)] >= here and (module, target) not in sisters()
        ]

    assert wrong_in(ROOMS, sideways_or_up) == {}


def sisters() -> set[tuple[str, str]]:
    return (
        within_views()
        | within_models()
        | within_commands()
        | within_forms()
        | within_checks()
        | within_notices()
        | within_demo()
    )


def within_notices() -> set[tuple[str, str]]:
    """It asks each of its files which emails that writes; they know nothing of each other."""
    return {("metengage.notices", each) for each in FILES if each.startswith("metengage.notices.")}


def within_demo() -> set[tuple[str, str]]:
    """It builds what each of its files invents; they know nothing of each other."""
    return {("metengage.demo", each) for each in FILES if each.startswith("metengage.demo.")}


def within_checks() -> set[tuple[str, str]]:
    """What checks may import of each other: all know what a check is, and some where names and arrests are found."""
    order = ("lists", "shape", "names", "people", "fairness", "finished", "particulars", "plainness")
    files = [f"metengage.checks.{name}" for name in order]
    return {("metengage.checks", each) for each in files} | {
        (later, earlier) for place, later in enumerate(files) for earlier in files[: min(place, 4)]
    }


def within_forms() -> set[tuple[str, str]]:
    """What forms may import of each other: the room shows all of them, and some ask what others ask."""
    asks = (
        *(("residents", "signing_up"), ("officers", "residents"), ("officers", "where"), ("correcting", "officers")),
        ("doorstep", "signing_up"),
        ("answering", "doorstep"),
        ("answering", "concerns"),  # what belongs elsewhere is shown the right way, wherever somebody writes
    )
    files = {each for each in FILES if each.startswith("metengage.forms.")}
    return {("metengage.forms", each) for each in files} | {
        (f"metengage.forms.{one}", f"metengage.forms.{other}") for one, other in asks
    }


def within_commands() -> set[tuple[str, str]]:
    """What commands may import of each other: the room shows all of them, and long ones share a progress bar."""
    files = {module for module in FILES if module.startswith("metengage.commands.")}
    places = ("metengage.commands.places", "metengage.commands.everyday")
    return {("metengage.commands", each) for each in files} | {places}


def within_views() -> set[tuple[str, str]]:
    """What views may import of each other: the package they are in, and no sister but few.

    The web copy, the pages of a story and of a priority and a complaint ask who is here, as a draft and its picture do;
    whoever confirms is let in; and the page that writes an alert has the forms of its pictures.
    """
    residents = [module for module in VIEWS if module.startswith("metengage.views.preferences.")]
    officers = [module for module in VIEWS if module.startswith("metengage.views.officers.")]
    return {
        *((module, "metengage.views") for module in VIEWS),
        *((module, "metengage.views.officers") for module in officers),
        *((module, "metengage.views.officers.errand") for module in ["metengage.views.officers", *officers]),
        *((module, "metengage.views.preferences") for module in residents),
        ("metengage.views.alerts", "metengage.views.preferences"),
        ("metengage.views.stories", "metengage.views.preferences"),
        ("metengage.views.priorities", "metengage.views.preferences"),
        ("metengage.views.preferences.link", "metengage.views.preferences.show"),
        ("metengage.views.officers.alerts", "metengage.views.mailbox"),
        ("metengage.views.officers.alerts", "metengage.views.officers.pictures"),
        *((f"metengage.views.{name}", "metengage.views.officers") for name in ("alerts", "pictures")),
        ("metengage.views.officers.where", "metengage.views.officers.alerts"),  # it keeps the draft, and goes on
        *((f"metengage.views.officers.{name}", "metengage.views.officers.reach") for name in ("alerts", "where")),
        ("metengage.views.complaints", "metengage.views.preferences"),
        ("metengage.views.concerns", "metengage.views.preferences"),
        ("metengage.views.surveys", "metengage.views.preferences"),
        # What belongs elsewhere is shown in the same words wherever somebody writes to a team.
        *((f"metengage.views.{name}", "metengage.views.concerns") for name in ("answers", "replies", "surveys")),
        ("metengage.views.officers.casework", "metengage.views.officers.concerns"),
        ("metengage.views.events", "metengage.views.preferences"),
        ("metengage.views.areas", "metengage.views.events"),  # both give files to calendars
        ("metengage.views.signup", "metengage.views.preferences"),
        *((f"metengage.views.{name}", "metengage.views.areas") for name in ("signup", "join")),  # they name its team
        # Another time that is wrong is asked for again where the alert is watched.
        ("metengage.views.officers.release", "metengage.views.officers.alerts"),
    }


def within_models() -> set[tuple[str, str]]:
    """What the tables may import of each other: those before them; the room itself shows all of them."""
    return {("metengage.models", each) for each in TABLES_IN} | {
        (later, earlier) for place, later in enumerate(TABLES_IN) for earlier in TABLES_IN[:place]
    }


def test_officers_borrow_nothing_from_the_mailbox_but_its_frame():
    borrowed = {name for target, name in imports_of("metengage.views.officers.alerts") if target.endswith(".mailbox")}
    assert borrowed == {"framed"}


def test_nothing_is_imported_inside_a_function_but_what_is_large():
    def late(module: str) -> list[str]:
        within = (node for each in functions_of(module) for node in ast.walk(each))
        found = [node for node in within if isinstance(node, ast.Import | ast.ImportFrom)]
        return [ast.unparse(node) for node in found if not LARGE & set(re.findall(r"\w+", ast.unparse(node)))]

    assert wrong_in(list(FILES), late) == {}


def test_what_is_large_is_not_there_until_somebody_needs_it():
    look = f"import app, sys; print({LARGE_LIBRARIES} & sys.modules.keys())"
    found = subprocess.run([sys.executable, "-c", look], cwd=ROOT, capture_output=True, text=True, check=True)
    assert found.stdout == "set()\n"


# --- Who may touch what ---


@pytest.mark.parametrize("library", MAY_IMPORT)
def test_only_its_rooms_import_a_library(library):
    users = {
        room_of(module) for module in ROOMS for target, _ in imports_of(module) if target.partition(".")[0] == library
    }
    assert users <= MAY_IMPORT[library]


@pytest.mark.parametrize(
    ("room", "needed"),
    [
        ("mail", {"current_app"}),
        ("letters", {"render_template", "url_for"}),
        ("emails", {"url_for"}),
        ("mailings", {"get_template_attribute", "render_template", "url_for"}),
    ],
)
def test_rooms_that_know_no_visitor_take_from_flask_only_what_they_need(room, needed):
    assert {name for target, name in imports_of(f"metengage.{room}") if target == "flask"} == needed


def test_only_config_reads_the_environment():
    def reads(module: str) -> list[int]:
        return [node.lineno for node in ast.walk(TREES[module]) if _is_environment(node)]

    assert wrong_in([name for name in ROOMS if name not in ("metengage.config", "app")], reads) == {}


def _is_environment(node: ast.AST) -> bool:
    names = {"environ", "environb", "getenv"}
    if isinstance(node, ast.ImportFrom):
        return node.module == "os" and bool(names & {each.name for each in node.names})
    return isinstance(node, ast.Attribute) and node.attr in names and ast.unparse(node.value) == "os"


def test_only_models_declares_tables():
    def tables(module: str) -> list[str]:
        classes = (node for node in ast.walk(TREES[module]) if isinstance(node, ast.ClassDef))
        return [node.name for node in classes if {"Row", "Model", "models.Row"} & set(map(ast.unparse, node.bases))]

    assert set(wrong_in(ROOMS, tables)) == set(TABLES_IN)


def test_the_list_of_tables_is_whole():
    assert set(models.TABLES) == set(Row.__subclasses__())


def test_no_field_takes_the_place_of_a_method_of_its_table():
    fields = {(table.__name__, name) for table in models.TABLES for name in table._meta.combined}
    assert [field for field in fields if field[1] in OF_PEEWEE] == []


def test_no_view_calls_anything_response():
    """What an officer answers to a concern is a response; what a view returns is not."""

    def called(module: str) -> list[int]:
        return [node.lineno for node in ast.walk(TREES[module]) if _name_given(node) == "response"]

    assert wrong_in(VIEWS, called) == {}


def _name_given(node: ast.AST) -> str | None:
    if isinstance(node, ast.arg):
        return node.arg
    return node.id if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store) else None


# --- Names and sizes ---


def test_no_room_is_a_lumber_room():
    assert [module for module in FILES if LUMBER & set(module.split("."))] == []


def test_every_room_says_what_it_is_for():
    assert [module for module in FILES if not ast.get_docstring(TREES[module])] == []


def test_no_room_grows_too_large():
    sizes = {module: len(path.read_text(encoding="utf-8").splitlines()) for module, path in FILES.items()}
    lists = ("metengage.models.people", "metengage.forms.signing_up", "metengage.register")
    too_large = {
        module: size for module, size in sizes.items() if size > (LONGEST_LIST if module in lists else LONGEST_MODULE)
    }
    assert too_large == {}


def test_no_function_grows_too_long():
    def too_long(module: str) -> list[tuple[str, int]]:
        sizes = [(each.name, each.end_lineno - each.lineno + 1) for each in functions_of(module)]
        return [(name, size) for name, size in sizes if size > LONGEST_FUNCTION]

    assert wrong_in(list(FILES), too_long) == {}

"""The tables that are printed, and the figures that are kept."""

import json
import os
import platform
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from metengage import demo
from metengage.formats import listing, number
from tests.benchmarks.audience import AT_MOST, LIVE_AT_MOST, million
from tests.benchmarks.load import CONNECTIONS, Timing
from tests.benchmarks.table import Spread, table
from tests.benchmarks.weight import NextPage

SUBJECTS = {"survey": "The survey", "public": "For anybody", "officers": "The composer"}


@dataclass
class Measured:
    """What was found on one database; names say the subject first."""

    database: str
    seconds_a_page: float
    start: dict[str, float]  # seconds
    audience: dict[str, tuple[Timing, int]] = field(default_factory=dict)
    million: dict[str, tuple[Spread, int]] = field(default_factory=dict)  # ms
    timings: dict[str, Timing] = field(default_factory=dict)
    first_pages: dict[str, dict[str, int]] = field(default_factory=dict)
    next_pages: dict[str, NextPage] = field(default_factory=dict)


def machine() -> dict[str, object]:
    """Where and when, as it is before anything runs."""
    return {
        "machine.taken_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine.cores": os.cpu_count(),
        "machine.load_average_1_min": round(os.getloadavg()[0], 2),
        "machine.python": platform.python_version(),
    }


def text(facts: dict[str, object], both: list[Measured], senders: str) -> str:
    """The whole report in Markdown, `senders` last. Bytes are the same on both databases: the first one's are shown."""
    tables = [
        _start_table(both),
        *(_timing_table(title, f"{subject}.", both) for subject, title in SUBJECTS.items()),
        _audience_table(both),
        _million_table(both),
        _typing_table(both),
        _first_page_table(both[0].first_pages),
        _next_page_table(both[0].next_pages),
        senders,
    ]
    return "\n\n".join([_head(facts, both), *tables])


def _head(facts: dict[str, object], both: list[Measured]) -> str:
    """What a reader must know before believing a figure."""
    load, cores = facts["machine.load_average_1_min"], facts["machine.cores"]
    busy = "\n**The machine was busy with other things: the times are worse than they need be.**"
    databases = listing([f"{each.database} ({each.seconds_a_page} s a page)" for each in both])
    return f"""# Benchmarks

{facts["machine.taken_at"]}, {cores} cores, load average {load} at the start.{busy if load > cores / 4 else ""}
Python {facts["machine.python"]}, {databases}.
{number(demo.RESIDENTS)} invented residents, all areas and postcodes. Gunicorn has 2 workers of 4 threads; beside it are
Redis, worker, clock and mailbox. {CONNECTIONS} connections, from this machine: load and server share it."""


# --- Tables ---


def _start_table(both: list[Measured]) -> str:
    rows = [[name, *(f"{each.start[name]:.2f}" for each in both)] for name in both[0].start]
    return table("From nothing to running", ["", *_heads(both, "seconds")], rows)


def _timing_table(title: str, prefix: str, both: list[Measured]) -> str:
    names = [name for name in both[0].timings if name.startswith(prefix)]
    rows = []
    for name in names:
        timings = [each.timings[name] for each in both]
        rows.append([name, *(cell for one in timings for cell in (f"{one.requests_per_s:.0f}", *_cells(one)))])
    return table(title, ["", *_heads(both, "requests/s", "p50 ms", "p95 ms")], rows)


def _audience_table(both: list[Measured]) -> str:
    rows = []
    for name, (_, reached) in both[0].audience.items():
        counted = [each.audience[name][0] for each in both]
        rows.append([name, number(reached), *(cell for one in counted for cell in _cells(one))])
    return table("Counting the audience, in one process", ["", "residents", *_heads(both, "p50 ms", "p95 ms")], rows)


def _million_table(both: list[Measured]) -> str:
    """Beside each time, what was asked for."""
    rows = []
    for wards, ms in AT_MOST.items():
        (first, reached), (second, _) = (each.million[million(wards)] for each in both)
        rows.append([million(wards), number(reached), f"{first:.1f}", f"{ms}", f"{second:.1f}", f"{2 * ms}"])
    title = "Counting the audience among a million, in one process"
    return table(title, ["", "residents", *_heads(both, "ms", "at most")], rows)


def _typing_table(both: list[Measured]) -> str:
    """A page shows the count and the look at fatigue together."""
    rows = []
    for name in [name for name in both[0].million if name.startswith("composer.")]:
        (first, reached), (second, _) = (each.million[name] for each in both)
        rows.append([name, number(reached), f"{first:.1f}", f"{second:.1f}"])
    title = f"Counting while an officer types, among a million: {LIVE_AT_MOST} ms asked for"
    return table(title, ["", "residents", *_heads(both, "ms")], rows)


def _heads(both: list[Measured], *what: str) -> list[str]:
    return [f"{each.database.split()[0]} {one}" for each in both for one in what]


def _cells(timing: Timing) -> tuple[str, str]:
    return f"{timing.p50_ms:.1f}", f"{timing.p95_ms:.1f}"


def _first_page_table(pages: dict[str, dict[str, int]]) -> str:
    files = [Path(path.partition("?")[0]).name for path in list(next(iter(pages.values())))[1:]]
    rows = [[name, *map(number, (sum(sizes.values()), *sizes.values()))] for name, sizes in pages.items()]
    return table("First pages into an empty cache, bytes on the wire", ["", "all", "the page", *files], rows)


def _next_page_table(pages: dict[str, NextPage]) -> str:
    heads = ["", "redirect and part", "redirect", "part", "whole page (no script)"]
    rows = [
        [name, *map(number, (each.redirect + each.part, each.redirect, each.part, each.whole))]
        for name, each in pages.items()
    ]
    return table("Each next page of the survey, bytes on the wire", heads, rows)


# --- Kept ---


def figures(facts: dict[str, object], both: list[Measured]) -> dict[str, object]:
    """Every figure under its name and unit; the second database's begin with "postgresql"."""
    first, second = both
    found = facts | _times(first) | {f"postgresql.{name}": figure for name, figure in _times(second).items()}
    found |= {f"{name}.bytes_on_the_wire": sum(sizes.values()) for name, sizes in first.first_pages.items()}
    for name, each in first.next_pages.items():
        found |= {f"{name}.{kind}.bytes_on_the_wire": size for kind, size in asdict(each).items()}
    return found


def _times(measured: Measured) -> dict[str, float]:
    found = {f"{name}_s": round(seconds, 3) for name, seconds in measured.start.items()}
    for name, timing in measured.timings.items():
        found |= {f"{name}.{unit}": round(value, 2) for unit, value in asdict(timing).items()}
    for name, (timing, reached) in measured.audience.items():
        found |= {f"{name}.{unit}": round(getattr(timing, unit), 2) for unit in ("p50_ms", "p95_ms")}
        found[f"{name}.residents"] = reached
    for name, (spread, reached) in measured.million.items():
        found |= spread.figures(f"{name}.ms") | {f"{name}.residents": reached}
    return found


def keep(found: dict[str, object], path: Path) -> None:
    """Write the figures as JSON."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")

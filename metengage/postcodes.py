"""The postcode table: the one that ships, and fresher ones from the files that ONS and Ordnance Survey publish."""

import csv
import gzip
import io
import re
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import BinaryIO, NamedTuple

from peewee import chunked

from metengage import db, geometry
from metengage.config import ROOT
from metengage.models import Area, Postcode

SHIPPED = ROOT / "metengage" / "data" / "postcodes.csv.gz"
LONDON = "E09"  # how the codes of London’s boroughs begin

# Column names carry the year and change: osward (to 2024), wd25cd, wd26cd …; ward in the NSPL.
POSTCODE_COLUMNS = ("pcds", "pcd8", "pcd7", "pcd2", "pcd")  # the same postcode, spaced in different ways
WARD_COLUMN = re.compile(r"osward|ward|wd\d\dcd")
BOROUGH_COLUMN = re.compile(r"oslaua|laua|lad\d\dcd")
# Code-Point Open has no header: postcode first, easting third, northing fourth, district ninth, ward tenth.
CODE_POINT_WIDTH = 10
A_POSTCODE = re.compile(r"[A-Z]{1,2}[0-9][0-9A-Z]? *[0-9][A-Z]{2}")
A_DIRECTORY = re.compile(r"(^|/)(ONSPD|NSPL)[^/]*\.csv$", re.IGNORECASE)
A_CODE_POINT = re.compile(r"(^|/)CSV/[a-z]{1,2}\.csv$", re.IGNORECASE)

Progress = Callable[[int, int], None]  # called now and then with (done, of how many)


class FileRefused(Exception):
    """The file is not what it should be, and nothing was changed. The message says what was expected."""


class Read(NamedTuple):
    """A row of a publisher's file, as text."""

    postcode: str
    borough: str  # its code, as the next
    ward: str
    ended: str = ""  # when, or empty
    where: tuple[str, str] = ("", "")  # degrees or metres, as `locate` takes them
    locate: Callable[[str, str], geometry.Point | None] = geometry.point


class Entry(NamedTuple):
    """A row of our table besides its postcode."""

    ward: str
    is_live: bool
    latitude: float | None = None
    longitude: float | None = None


@dataclass
class Report:
    """What an import took and what it did not."""

    before: int = 0  # rows in the table that was replaced
    read: int = 0
    taken: int = 0
    placed: int = 0  # taken, with a point
    ended: int = 0  # taken, but Royal Mail has ended them
    outside_london: int = 0
    unknown_wards: Counter = field(default_factory=Counter)  # ward code → rows not taken


def _quiet(done: int, total: int) -> None:
    """Nobody watches."""


def load_postcodes(progress: Progress = _quiet) -> int:
    """The 180,754 live London postcodes that ship; returns how many."""
    with gzip.open(SHIPPED, "rt", encoding="utf-8", newline="") as file:
        fresh = {row["postcode"]: Entry(row["ward_code"], True) for row in csv.DictReader(file)}
    _replace_postcodes(fresh, progress)
    return len(fresh)


def import_postcodes(path: Path, progress: Progress = _quiet) -> Report:
    """Replace the postcode table by a Code-Point Open zip or CSV, or an ONSPD or NSPL CSV or zip.

    The file is streamed and only London's rows are held. They replace the old table in one transaction.
    `progress` counts bytes. Raises FileRefused.
    """
    report = Report(before=Postcode.select().count())
    wards = {code for (code,) in Area.select(Area.code).where(Area.kind == Area.WARD).tuples()}
    fresh: dict[str, Entry] = {}
    for row in _postcode_rows(path, progress):
        report.read += 1
        if not row.borough.startswith(LONDON):
            report.outside_london += 1
        elif row.ward not in wards:
            report.unknown_wards[row.ward or "(none)"] += 1
        elif not A_POSTCODE.fullmatch(row.postcode.strip().upper()):
            raise FileRefused(f"{path.name} has “{row.postcode[:20]}” where a postcode should be. The old table stays.")
        else:
            at = row.locate(*row.where) or (None, None)
            fresh[row.postcode.replace(" ", "").upper()] = Entry(row.ward, not row.ended, *at)
    if not fresh:
        raise FileRefused(f"{path.name} has no London postcode in a ward that we know. The old table stays.")
    report.taken, report.ended = len(fresh), sum(not entry.is_live for entry in fresh.values())
    report.placed = sum(entry.latitude is not None for entry in fresh.values())
    _replace_postcodes(fresh, _quiet)
    return report


def _replace_postcodes(fresh: dict[str, Entry], progress: Progress) -> None:
    rows = [(postcode, *entry) for postcode, entry in sorted(fresh.items())]
    fields = [Postcode.postcode, Postcode.ward, Postcode.is_live, Postcode.latitude, Postcode.longitude]
    done = 0
    with db.handle.atomic():
        Postcode.delete().execute()
        for some in chunked(rows, 5000):
            Postcode.insert_many(some, fields=fields).execute()
            done += len(some)
            progress(done, len(rows))


def _postcode_rows(path: Path, progress: Progress) -> Iterator[Read]:
    try:
        for name, stream, size in _csv_files(path):
            yield from _rows_of(name, stream, size, progress)
    except (csv.Error, UnicodeDecodeError, EOFError, OSError, zipfile.BadZipFile, zlib.error) as error:
        raise FileRefused(f"{path.name} cannot be read to its end ({error}). The old table stays.") from error


def _rows_of(name: str, stream: BinaryIO, size: int, progress: Progress) -> Iterator[Read]:
    with io.TextIOWrapper(stream, encoding="utf-8-sig", newline="") as text:
        lines = csv.reader(text)
        first = next(lines, None)
        if first is None:
            raise FileRefused(f"{name} is empty. The old table stays.")
        pick, rows = _layout(name, first, lines)
        for number, row in enumerate(rows):
            if len(row) != len(first):
                raise FileRefused(
                    f"{name} is cut off or damaged at line {lines.line_num}: "
                    f"{len(row)} columns instead of {len(first)}. The old table stays."
                )
            if number % 20_000 == 0:
                progress(stream.tell(), size)
            yield pick(row)
    progress(size, size)


def _layout(name: str, first: list[str], lines: Iterator[list[str]]):
    """How to read a row, and the rows themselves."""
    if len(first) == CODE_POINT_WIDTH and A_POSTCODE.fullmatch(first[0]):
        grid = geometry.from_grid
        return (lambda row: Read(row[0], row[8], row[9], "", (row[2], row[3]), grid)), chain([first], lines)
    header = [column.strip().lower() for column in first]
    postcode = next((header.index(column) for column in POSTCODE_COLUMNS if column in header), None)
    borough, ward = _column(header, BOROUGH_COLUMN), _column(header, WARD_COLUMN)
    if None in (postcode, borough, ward):
        raise FileRefused(
            f"{name} is not a postcode directory. Expected a header with a postcode column (pcds), a ward column "
            "(osward, ward, or wd and a year, like wd25cd) and an authority column (oslaua, laua, or like lad25cd), "
            "or Code-Point Open’s ten columns without a header. The old table stays."
        )
    # Beyond the last column of each row there is one that is always empty.
    ended, *where = (header.index(name) if name in header else len(header) for name in ("doterm", "lat", "long"))

    def read(row: list[str]) -> Read:
        row.append("")
        return Read(row[postcode], row[borough], row[ward], row[ended], (row[where[0]], row[where[1]]))

    return read, lines


def _column(header: list[str], pattern: re.Pattern) -> int | None:
    return next((index for index, column in enumerate(header) if pattern.fullmatch(column)), None)


def _csv_files(path: Path) -> Iterator[tuple[str, BinaryIO, int]]:
    """(name, bytes, size) of each CSV to read: the file itself, or what a zip of the publishers holds."""
    if not zipfile.is_zipfile(path):
        with open(path, "rb") as file:
            yield path.name, file, path.stat().st_size
        return
    with zipfile.ZipFile(path) as archive:
        whole = [each for each in archive.infolist() if A_DIRECTORY.search(each.filename)]
        # The directories ship the same rows a second time, cut by postcode area: the largest file has all.
        parts = [max(whole, key=lambda each: each.file_size)] if whole else []
        parts = parts or [each for each in archive.infolist() if A_CODE_POINT.search(each.filename)]
        if not parts:
            raise FileRefused(
                f"{path.name} holds neither an ONSPD or NSPL file nor Code-Point Open’s CSV folder. "
                "The old table stays."
            )
        for part in parts:
            with archive.open(part) as file:
                yield part.filename, file, part.file_size

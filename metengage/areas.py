"""Wards, boroughs and postcodes: look them up."""

import csv
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from itertools import product

from peewee import fn

from metengage.config import ROOT
from metengage.geometry import Point
from metengage.models import Area, Postcode

DATA = ROOT / "metengage" / "data"
CITY = "E09000001"  # the City of London has a police force of its own
LONGEST = 200  # characters of a postcode that are looked at

# Royal Mail's grammar; it matches all 1.74 million live postcodes.
OUTWARD = r"[A-PR-UWYZ](?:[0-9]{1,2}|[A-HK-Y][0-9][0-9A-Z]?|[0-9][A-Z])"
INWARD = r"[0-9][ABD-HJLNP-UW-Z]{2}"
FULL = re.compile(f"({OUTWARD})({INWARD})")
OUTWARD_ALONE = re.compile(OUTWARD)
NO_PLACE = re.compile(r"GIR0AA|BFPO[0-9]*|BF1[0-9][A-Z]{2}")  # Girobank and forces' mail: not a street
LOOKALIKES = {"O": "O0", "0": "0O", "I": "I1", "1": "1I"}


@dataclass(frozen=True)
class Found:
    """What a typed postcode turned out to be."""

    WARD, WARDS, NOT_STARTED, CITY, OUTSIDE, NO_PLACE, UNKNOWN, TYPING = (
        "ward", "wards", "not-started", "city", "outside", "no-place", "unknown", "typing",
    )  # fmt: skip

    kind: str
    postcode: str = ""  # normalised, without the space
    wards: list[Area] = field(default_factory=list)
    forces: str = ""  # the police force outside London, or two when the postcode area straddles
    suggestion: str = ""  # “Did you mean …?”


def normalised(text: str) -> str:
    """A postcode as the table keys it: NFKC, upper case, A to Z and 0 to 9 only."""
    return re.sub("[^A-Z0-9]", "", unicodedata.normalize("NFKC", text[:LONGEST]).upper())


def find_postcode(text: str) -> Found:
    """Find out what a typed postcode, or the first half of one, means for somebody signing up."""
    typed = normalised(text)
    if NO_PLACE.fullmatch(typed):
        return Found(Found.NO_PLACE, typed)
    match = FULL.fullmatch(typed)
    if match:
        ward = _ward_of(typed)
        return _found_in(typed, [ward]) if ward else _not_in_london(typed)
    if OUTWARD_ALONE.fullmatch(typed):
        wards = _wards_of_outward(typed)
        return _found_in(typed, wards) if wards else _not_in_london(typed)
    return Found(Found.TYPING, typed, suggestion=_did_you_mean(typed))


def _ward_of(postcode: str) -> Area | None:
    row = Postcode.select(Postcode, Area).join(Area).where(Postcode.postcode == postcode).first()
    return row.ward if row else None


def _wards_of_outward(outward: str) -> list[Area]:
    # SM1 must not offer the wards of SM10: a full postcode adds exactly three characters.
    inside = Postcode.select(Postcode.ward).where(
        # A range, not LIKE: only the range is read from the index.
        Postcode.postcode.between(f"{outward}0AA", f"{outward}9ZZ"),
        fn.LENGTH(Postcode.postcode) == len(outward) + 3,
    )
    parent = Area.alias()
    return list(Area.select(Area, parent).join(parent, on=Area.parent).where(Area.code.in_(inside)).order_by(Area.name))


def _found_in(typed: str, wards: list[Area]) -> Found:
    started = [ward for ward in wards if ward.has_started]
    if started:
        return Found(Found.WARD if len(wards) == 1 else Found.WARDS, typed, started)
    if all(ward.borough.code == CITY for ward in wards):
        return Found(Found.CITY, typed, wards)
    return Found(Found.NOT_STARTED, typed, [ward for ward in wards if ward.borough.code != CITY])


def _not_in_london(typed: str) -> Found:
    letters = re.match("[A-Z]+", typed).group()
    forces = _forces().get(letters, "")
    suggestion = _did_you_mean(typed)
    if suggestion or not forces or forces == "Metropolitan Police":
        return Found(Found.UNKNOWN, typed, suggestion=suggestion)
    return Found(Found.OUTSIDE, typed, forces=forces)


def _did_you_mean(typed: str) -> str:
    """A London postcode that differs only by O for 0 or I for 1; empty if there is none."""
    if not 5 <= len(typed) <= 7:
        return ""
    for letters in product(*(LOOKALIKES.get(letter, letter) for letter in typed)):
        candidate = "".join(letters)
        if candidate != typed and FULL.fullmatch(candidate) and _ward_of(candidate):
            return candidate
    return ""


@cache
def _forces() -> dict[str, str]:
    """Postcode area → the territorial force that serves what of it lies outside London."""
    with open(DATA / "forces.csv", encoding="utf-8", newline="") as file:
        return {row["postcode_area"]: row["forces"] for row in csv.DictReader(file)}


def started_boroughs() -> list[Area]:
    return list(Area.select().where(Area.kind == Area.BOROUGH, Area.started_at.is_null(False)).order_by(Area.name))


def all_boroughs() -> list[Area]:
    return list(Area.select().where(Area.kind == Area.BOROUGH).order_by(Area.name))


def borough(code: str) -> Area | None:
    """The borough with this code, which somebody may have typed."""
    found = [area for area in named([code]) if not area.is_ward]
    return found[0] if found else None


def wards_of(boroughs: list[Area]) -> list[Area]:
    """The wards of some boroughs as they are drawn today, by name."""
    return _wards(Area.parent.in_(boroughs))


def wards_between(south_west: Point, north_east: Point) -> list[Area]:
    """The wards as they are drawn today whose points lie between these corners, by name."""
    is_there = Area.latitude.between(south_west.latitude, north_east.latitude)
    return _wards(is_there & Area.longitude.between(south_west.longitude, north_east.longitude))


def _wards(which) -> list[Area]:
    parent = Area.alias()
    rows = Area.select(Area, parent).join(parent, on=Area.parent).where(which, Area.retired_at.is_null())
    return list(rows.order_by(parent.name, Area.name))


def named(codes: list[str]) -> list[Area]:
    """The areas with these codes, in the order given; unknown codes are dropped."""
    codes = [code for code in codes if code.isprintable()]  # PostgreSQL takes no NUL, not even to look for
    parent = Area.alias()
    rows = Area.select(Area, parent).left_outer_join(parent, on=Area.parent).where(Area.code.in_(codes))
    by_code = {area.code: area for area in rows}
    return [by_code[code] for code in codes if code in by_code]


def neighbours(ward: Area, limit: int = 8) -> list[Area]:
    """The nearest wards in service, by the distance between ward points, nearest first.

    A degree of longitude in London is 0.62 of a degree of latitude.
    """
    if ward.latitude is None:
        return []
    parent = Area.alias()
    north = Area.latitude - ward.latitude
    east = (Area.longitude - ward.longitude) * 0.62
    return list(
        Area.select(Area, parent)
        .join(parent, on=Area.parent)
        .where(
            Area.kind == Area.WARD,
            Area.code != ward.code,
            Area.retired_at.is_null(),
            Area.latitude.is_null(False),
            parent.started_at.is_null(False),
        )
        .order_by(north * north + east * east, Area.code)
        .limit(limit)
    )


def start(borough: Area, now: datetime) -> bool:
    """Switch a borough on; False when it was on already."""
    changed = Area.update(started_at=now).where(Area.code == borough.code, Area.started_at.is_null()).execute()
    return changed == 1


def in_service(codes: list[str]) -> list[Area]:
    """Those of these areas that residents may choose: they exist today and their borough has started."""
    return [area for area in named(codes) if not area.retired_at and area.has_started]


def ward_choices(answers: Mapping) -> list[Area]:
    """The wards to choose from: of the borough, of half a postcode, or the postcode's own and its neighbours."""
    if "borough" in answers:
        return wards_of([borough(answers["borough"])])
    found = find_postcode(answers["postcode"]).wards
    return found + neighbours(found[0], limit=5) if len(found) == 1 else found

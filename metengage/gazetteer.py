"""Wards and boroughs: those that ship, and fresher ones from the shapes that ONS publishes."""

import csv
import json
import re
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from peewee import chunked

from metengage import db, geometry
from metengage.config import ROOT
from metengage.models import Area, Outline, Subscription

SHIPPED = ROOT / "metengage" / "data" / "wards.csv"
LONDON = "E09"  # how the codes of London’s boroughs begin
PILOT = ("E09000021", "E09000024", "E09000027", "E09000032")  # Kingston, Merton, Richmond, Wandsworth

# Property names carry the year: wd25cd, WD13CD …
WARD_CODE, WARD_NAME = re.compile(r"wd\d\dcd"), re.compile(r"wd\d\dnm")
BOROUGH_CODE = re.compile(r"lad\d\dcd")
CLOSE_ENOUGH = 10  # metres that a ward's outline is drawn from its true line, at most


class FileRefused(Exception):
    """The file is not what it should be, and nothing was changed. The message says what was expected."""


def load_areas(now: datetime) -> int:
    """The 704 wards and 33 boroughs that ship, the pilot's four switched on; returns how many areas."""
    with open(SHIPPED, encoding="utf-8", newline="") as file:
        wards = list(csv.DictReader(file))
    boroughs = {ward["borough_code"]: ward for ward in wards}
    rows = [_borough_row(code, facts, now) for code, facts in boroughs.items()] + [_ward_row(ward) for ward in wards]
    with db.handle.atomic():
        for some in chunked(rows, 500):
            Area.insert_many(some).on_conflict_ignore().execute()
    return len(rows)


def _borough_row(code: str, facts: dict[str, str], now: datetime) -> dict:
    return {
        "code": code,
        "name": facts["borough_name"],
        "kind": Area.BOROUGH,
        "parent": None,
        "force": facts["police_force"],
        "command_unit": facts["bcu"] or None,
        "latitude": None,
        "longitude": None,
        "started_at": now if code in PILOT else None,
    }


def _ward_row(facts: dict[str, str]) -> dict:
    return {
        "code": facts["ward_code"],
        "name": facts["ward_name"],
        "kind": Area.WARD,
        "parent": facts["borough_code"],
        "force": facts["police_force"],
        "command_unit": facts["bcu"] or None,
        "latitude": float(facts["latitude"]),
        "longitude": float(facts["longitude"]),
        "started_at": None,
    }


@dataclass
class AreaReport:
    """What an import of ward shapes changed."""

    added: list[str] = field(default_factory=list)  # “St Helier, Merton”
    changed: list[str] = field(default_factory=list)
    retired: list[str] = field(default_factory=list)
    unchanged: int = 0
    outside_london: int = 0
    subscriptions_in_retired: int = 0


def import_areas(path: Path, borough_code: str | None, now: datetime) -> AreaReport:
    """Bring wards up to date from ONS ward GeoJSON (WGS84): add, rename, and retire those no longer drawn.

    Only boroughs that the file names are touched. `borough_code` says which, for the older files that do not.
    Raises FileRefused.
    """
    report = AreaReport()
    fresh = _wards_in(path, borough_code, report)
    if not fresh:
        raise FileRefused(f"{path.name} has no ward in London. Nothing was changed.")
    boroughs = {area.code: area for area in Area.select().where(Area.kind == Area.BOROUGH)}
    unknown = sorted({facts["borough"] for facts in fresh.values()} - set(boroughs))
    if unknown:
        raise FileRefused(f"{path.name} names boroughs that we do not know: {', '.join(unknown)}. Nothing was changed.")
    with db.handle.atomic():
        for code, facts in fresh.items():
            _take_ward(code, facts, boroughs[facts["borough"]], report)
            kept = {"conflict_target": [Outline.area], "preserve": [Outline.rings]}
            Outline.insert(area=code, rings=facts["rings"]).on_conflict(**kept).execute()
        _retire_others(fresh, now, report)
    return report


def _take_ward(code: str, facts: dict, borough: Area, report: AreaReport) -> None:
    known = Area.get_or_none(Area.code == code)
    if known is None:
        Area.create(
            code=code, name=facts["name"], kind=Area.WARD, parent=borough, force=borough.force,
            command_unit=borough.command_unit, latitude=facts["latitude"], longitude=facts["longitude"],
        )  # fmt: skip
        report.added.append(f"{facts['name']}, {borough.name}")
    elif known.name != facts["name"] or known.parent_id != borough.code or known.retired_at:
        report.changed.append(f"{known.name} → {facts['name']}, {borough.name}")
        Area.update(name=facts["name"], parent=borough, retired_at=None).where(Area.code == code).execute()
    else:
        report.unchanged += 1


def _retire_others(fresh: dict[str, dict], now: datetime, report: AreaReport) -> None:
    """Wards of the same boroughs that are no longer drawn; what residents chose there stays as it is."""
    boroughs = {facts["borough"] for facts in fresh.values()}
    gone = list(
        Area.select().where(Area.parent.in_(boroughs), Area.retired_at.is_null(), Area.code.not_in(list(fresh)))
    )
    report.retired = [area.full_name for area in gone]
    report.subscriptions_in_retired = (
        Subscription.select().where(Subscription.area.in_(gone), Subscription.live()).count() if gone else 0
    )
    Area.update(retired_at=now).where(Area.code.in_([area.code for area in gone])).execute()


def _wards_in(path: Path, borough_code: str | None, report: AreaReport) -> dict[str, dict]:
    try:
        features = json.loads(path.read_bytes())["features"]
        rows = [
            ({key.lower(): value for key, value in each["properties"].items()}, each["geometry"]) for each in features
        ]
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise FileRefused(
            f"{path.name} is not ward GeoJSON, or it is cut off ({error}). Nothing was changed."
        ) from error
    fresh = {}
    for properties, shape in rows:
        code, name, borough = _ward_facts(path.name, properties, borough_code)
        if not borough.startswith(LONDON):
            report.outside_london += 1
            continue
        fresh[code] = {"name": name, "borough": borough} | _place(path.name, name, shape)
    return fresh


def _ward_facts(file: str, properties: dict, borough_code: str | None) -> tuple[str, str, str]:
    found = [
        next((value for key, value in properties.items() if pattern.fullmatch(key)), None)
        for pattern in (WARD_CODE, WARD_NAME, BOROUGH_CODE)
    ]
    code, name, borough = found[0], found[1], found[2] or borough_code
    if not code or not name:
        raise FileRefused(
            f"{file} has a feature without a ward code or name. Expected properties like wd25cd and wd25nm. "
            "Nothing was changed."
        )
    if not borough:
        raise FileRefused(
            f"{file} does not say which borough its wards are in (a property like lad25cd). "
            "If they are all in one, say which: --borough E09000021. Nothing was changed."
        )
    return code, name, borough


def _place(file: str, ward: str, shape: dict) -> dict:
    """A shape's rings, holes too, and the mean of its outer corners: near enough to say which wards are neighbours."""
    try:
        polygons = shape["coordinates"] if shape["type"] == "MultiPolygon" else [shape["coordinates"]]
        corners = [corner[:2] for polygon in polygons for corner in polygon[0]]
        longitude, latitude = (round(sum(axis) / len(corners), 5) for axis in zip(*corners, strict=True))
        rings = _simplified([ring for polygon in polygons for ring in polygon])
    except (KeyError, IndexError, TypeError, ValueError) as error:
        raise FileRefused(f"{file} has no shape (WGS84) for {ward}. Nothing was changed.") from error
    if not (abs(longitude) <= 180 and abs(latitude) <= 90):
        raise FileRefused(f"{file} is not in degrees. Download the file in WGS84. Nothing was changed.")
    return {"latitude": latitude, "longitude": longitude, "rings": rings}


def _simplified(rings: list) -> list[list[list[float]]]:
    drawn = [geometry.simplified(ring, CLOSE_ENOUGH) for ring in rings]
    # What is smaller than that is a line at the most; a ward that is all so small stays as it is.
    return [ring for ring in drawn if len(ring) > 3] or rings

"""A map without tiles: outlines of boroughs, wards as shapes or as points, and a circle, as facts to be drawn."""

import json
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from functools import cache

from metengage.circles import Circle
from metengage.config import ROOT
from metengage.geometry import Point, Ring, box, metres_per_degree
from metengage.models import Area, Outline

# vega-datasets, by way of package.json: Ordnance Survey’s boundaries of 2013, much simplified.
BOROUGHS = ROOT / "static" / "vendor" / "londonBoroughs.json"
SIDE = 288  # pixels of its square: it fits a phone without being made smaller, so that a tap says where
MARGIN = 1.15
SMALLEST = 700  # metres from the middle to the edge


@dataclass(frozen=True)
class Frame:
    """Which square of London a map shows."""

    middle: Point
    metres: float  # from the middle to each edge

    def pixel(self, latitude: float, longitude: float) -> tuple[float, float]:
        """Where a point is on the map; outside of it where it is not shown."""
        north, east = metres_per_degree(self.middle.latitude)
        scale = SIDE / 2 / self.metres
        across = (longitude - self.middle.longitude) * east * scale
        down = (self.middle.latitude - latitude) * north * scale
        return round(SIDE / 2 + across, 1), round(SIDE / 2 + down, 1)

    def point(self, x: float, y: float) -> Point:
        """What somebody meant who tapped there."""
        north, east = metres_per_degree(self.middle.latitude)
        size = 2 * self.metres / SIDE
        return Point(
            round(self.middle.latitude - (y - SIDE / 2) * size / north, 5),
            round(self.middle.longitude + (x - SIDE / 2) * size / east, 5),
        )


@dataclass(frozen=True)
class Shape:
    """A ward or a borough: its outline as the path of an SVG, and where its name stands."""

    name: str
    path: str = ""
    x: float = 0
    y: float = 0
    is_chosen: bool = False


@dataclass(frozen=True)
class Map:
    """What is drawn, and the same in words."""

    frame: Frame
    title: str
    boroughs: list[Shape]
    wards: list[Shape]  # those without an outline have no path: a point is drawn
    circle: tuple[float, float, float] | None = None  # x, y, radius
    side: int = field(default=SIDE)


def frame_of(places: Iterable[Area], circle: Circle | None = None) -> Frame:
    """The square that shows these wards and this circle; all of London for nothing."""
    points = [Point(each.latitude, each.longitude) for each in places if each.latitude is not None]
    corners = [*points, *(box(circle.at, circle.metres) if circle else ())]
    if not corners:
        return Frame(Point(51.49, -0.09), 31_000)
    low = Point(min(each.latitude for each in corners), min(each.longitude for each in corners))
    high = Point(max(each.latitude for each in corners), max(each.longitude for each in corners))
    middle = Point((low.latitude + high.latitude) / 2, (low.longitude + high.longitude) / 2)
    north, east = metres_per_degree(middle.latitude)
    half = max((high.latitude - low.latitude) * north, (high.longitude - low.longitude) * east) / 2
    around_wards = half + SMALLEST if points else half * MARGIN
    return Frame(middle, max(SMALLEST, around_wards))


def of(wards: Collection[Area], chosen: Collection[str], circle: Circle | None = None) -> Map:
    """These wards, those chosen by their codes among them marked, the boroughs around them, and the circle."""
    frame = frame_of(wards, circle)
    rings = {row.area_id: row.rings for row in Outline.select().where(Outline.area.in_([ward.code for ward in wards]))}
    names = ", ".join(ward.name for ward in wards)
    around = f", and a circle: {circle.sentence}" if circle else ""
    return Map(
        frame,
        f"Map of {names or 'London'}{around}",
        [Shape(name, _path(outline, frame)) for name, outline in _boroughs().items()],
        [_ward(ward, rings.get(ward.code, []), frame, ward.code in chosen) for ward in wards if ward.latitude],
        (*frame.pixel(*circle.at), round(circle.metres * SIDE / 2 / frame.metres, 1)) if circle else None,
    )


def _ward(ward: Area, rings: list[Ring], frame: Frame, is_chosen: bool) -> Shape:
    return Shape(ward.name, _path(rings, frame), *frame.pixel(ward.latitude, ward.longitude), is_chosen)


def _path(rings: Iterable[Ring], frame: Frame) -> str:
    parts = (" ".join("{:g},{:g}".format(*frame.pixel(y, x)) for x, y in ring) for ring in rings)
    return "".join(f"M{part}Z" for part in parts if part)


@cache
def _boroughs() -> dict[str, list[Ring]]:
    """Borough's name → its rings; none where the file was not built (make run does)."""
    if not BOROUGHS.exists():
        return {}
    topology = json.loads(BOROUGHS.read_text(encoding="utf-8"))
    arcs = [_arc(arc, topology["transform"]) for arc in topology["arcs"]]
    found = {}
    for each in topology["objects"]["boroughs"]["geometries"]:
        polygons = each["arcs"] if each["type"] == "MultiPolygon" else [each["arcs"]]
        found[each["id"]] = [_joined(ring, arcs) for polygon in polygons for ring in polygon]
    return found


def _arc(steps: list, transform: dict) -> list[list[float]]:
    """An arc of a TopoJSON file: each corner is a step from the one before, in units of the transform."""
    x = y = 0
    corners = []
    for across, up in steps:
        x, y = x + across, y + up
        (wide, high), (west, south) = transform["scale"], transform["translate"]
        corners.append([x * wide + west, y * high + south])
    return corners


def _joined(ring: list[int], arcs: list) -> Ring:
    """A ring of arcs; ~n is the nth one backwards."""
    return [corner for number in ring for corner in (arcs[number] if number >= 0 else arcs[~number][::-1])]

"""A circle around a place: which wards it touches, and which postcodes are inside."""

import re
from dataclasses import dataclass, field

from peewee import SQL, fn

from metengage import areas, db
from metengage.formats import count, listing, metres, postcode
from metengage.geometry import Point, box, distance, point, touches
from metengage.models import Alert, Area, Outline, Postcode

SIZES = (200, 500, 1000, 2000)  # metres, to choose from
LARGEST = 5000
LISTED = 36  # postcodes that are named, the nearest first
WIDEST_WARD = 6000  # metres from its point to its farthest corner: Darwin in Bromley has 5,100
TYPED = re.compile(r"\s*(-?\d{1,3}(?:\.\d+)?)\s*[,; ]\s*(-?\d{1,3}(?:\.\d+)?)\s*")
# A ward without an outline reaches half way to each ward beside it, by their points, and half as far again as the
# circle: of the wards that 300 metres around 136 real postcodes touch, that finds nine in ten, and one more in four.
SLACK = 1.5
ENOUGH = 20  # postcodes with a point by which we know where a ward is; it has some 260


class NowhereKnown(Exception):
    """We do not know where that is, or the circle is too large; the message says what to do."""


@dataclass(frozen=True)
class Circle:
    """A place, and what is within so many metres of it."""

    centre: str  # “SM4 5ZT”, or “51.4012, -0.1876”
    at: Point
    metres: int
    wards: list[Area]  # the nearest first
    postcodes: list[str] = field(default_factory=list)  # the nearest first, some of them
    how_many: int | None = None  # live postcodes; None where no import has said where they are
    is_approximate: bool = False

    @property
    def sentence(self) -> str:
        touched = by_borough(self.wards) or "no ward of London"
        inside = f" {count(self.how_many, 'postcode')} inside." if self.how_many is not None else ""
        return f"{metres(self.metres).capitalize()} around {self.centre}: {touched}.{inside}"

    @property
    def caution(self) -> str:
        """What an officer does where shapes or points are lacking, or nothing."""
        is_exact = not self.is_approximate and self.how_many is not None
        return "" if is_exact else "This is approximate: look at the wards that are ticked."


def by_borough(wards: list[Area]) -> str:
    """“St Helier and Ravensbury in Merton; Wandle in Wandsworth”."""
    names: dict[str, list[str]] = {}
    for ward in wards:
        names.setdefault(ward.parent.name, []).append(ward.name)
    return "; ".join(f"{listing(inside)} in {borough}" for borough, inside in names.items())


def told(circle: Circle | None, places: list[Area]) -> str:
    """What residents read of an alert's circle, if it has one; `places` are those that it is written to.

    Nothing where it touches none of these, as when others were chosen since; and never what leads to a home.
    """
    name = _without_home(circle.centre) if circle else ""
    if not name:
        return ""
    touched = {code for ward in circle.wards for code in (ward.code, ward.parent_id)}
    is_there = any(place.code in touched for place in places)
    return f"This is about the area within {metres(circle.metres)} of {name}." if is_there else ""


def _without_home(centre: str) -> str:
    """“a place in SM4 6” for SM4 6LJ, a name as it is; nothing for a bare point."""
    typed = areas.FULL.fullmatch(areas.normalised(centre))
    if typed:
        return f"a place in {typed[1]} {typed[2][0]}"
    return "" if TYPED.fullmatch(centre) else centre


def around(place: str, radius: int) -> Circle:
    """The circle of so many metres around a postcode, or around a point typed as degrees. Raises NowhereKnown."""
    typed = TYPED.fullmatch(place)
    if typed:
        found = point(*typed.groups())
        if found is None:
            raise NowhereKnown("That point is not in London. Write latitude first, such as 51.4012, -0.1876")
        return around_point(found, radius)
    centre, name = _postcode(place)
    return _circle(centre, name, radius)


def around_point(at: Point, radius: int, name: str = "") -> Circle:
    """The same around a point, which may have been tapped on a map. Raises NowhereKnown."""
    if not at.is_in_london:
        raise NowhereKnown("That point is not in London. Tap the map again, or enter a postcode")
    return _circle(at, name or f"{at.latitude:.5f}, {at.longitude:.5f}", radius)


def of(alert: Alert) -> Circle | None:
    """The circle that an alert keeps, if it does."""
    if alert.latitude is None or alert.longitude is None or not alert.radius:
        return None
    return around_point(Point(alert.latitude, alert.longitude), alert.radius, alert.centre)


def _postcode(place: str) -> tuple[Point, str]:
    """Where a postcode is, and how it is written. Without a point of its own it stands where its ward's is."""
    typed = areas.normalised(place)
    if not typed:
        raise NowhereKnown("Enter a postcode, or a point such as 51.4012, -0.1876")
    row = Postcode.get_or_none(Postcode.postcode == typed)
    if row is None:
        meant = areas.find_postcode(place).suggestion
        also = f"Did you mean {postcode(meant)}?" if meant else "Check it, or paste a point such as 51.4012, -0.1876"
        raise NowhereKnown(f"We know no postcode “{place.strip()[:20]}” in London. {also}")
    stands = row if row.latitude is not None else row.ward
    if stands.latitude is None:
        raise NowhereKnown(f"We do not know where {postcode(typed)} is. Paste a point such as 51.4012, -0.1876")
    return Point(stands.latitude, stands.longitude), postcode(typed)


def _circle(at: Point, name: str, radius: int) -> Circle:
    if not 0 < radius <= LARGEST:
        raise NowhereKnown(f"Choose a distance of up to {metres(LARGEST)}. For more, choose boroughs")
    wards = {ward.code: ward for ward in areas.wards_between(*box(at, radius + WIDEST_WARD))}
    away = {code: distance(at, Point(ward.latitude, ward.longitude)) for code, ward in wards.items()}
    near = {code for code, far in away.items() if far <= radius + WIDEST_WARD}
    inside, of_wards = _inside(at, radius, near)
    outlines = _outlines(near)
    sure = {code for code, rings in outlines.items() if touches(rings, at, radius)} | of_wards
    # Where wards have no shape, their postcodes say where they are; without these either, the wards' points.
    guessed = near - set(outlines) - _well_known(near - set(outlines))
    touched = sure | {code for code in guessed if _may_touch(wards, away, code, near, radius)}
    return Circle(
        name, at, radius, [wards[code] for code in sorted(touched & set(wards), key=away.get)],
        (inside or [])[:LISTED], None if inside is None else len(inside), bool(near - set(outlines)),
    )  # fmt: skip


def _outlines(codes: set[str]) -> dict[str, list]:
    return {row.area_id: row.rings for row in Outline.select().where(Outline.area.in_(list(codes)))}


def _well_known(codes: set[str]) -> set[str]:
    """Those of these wards that enough of their postcodes say where they are."""
    rows = Postcode.select(Postcode.ward).where(Postcode.ward.in_(list(codes)), Postcode.latitude.is_null(False))
    enough = rows.group_by(Postcode.ward).having(fn.COUNT(SQL("*")) >= ENOUGH)
    return {code for (code,) in enough.tuples()}


def _inside(at: Point, radius: int, near: set[str]) -> tuple[list[str] | None, set[str]]:
    """The live postcodes inside, the nearest first, and their wards; None where no import has said where they are."""
    low, high = box(at, radius)
    rows = Postcode.select(Postcode.postcode, Postcode.ward, Postcode.latitude, Postcode.longitude).where(
        db.one_of(Postcode.ward, sorted(near)),  # by index: there are 180,000
        Postcode.is_live,
        Postcode.latitude.between(low.latitude, high.latitude),
        Postcode.longitude.between(low.longitude, high.longitude),
    )
    found = sorted(
        (far, text, ward)
        for text, ward, latitude, longitude in rows.tuples()
        if (far := distance(at, Point(latitude, longitude))) <= radius
    )
    if not found and not Postcode.select().where(Postcode.latitude.is_null(False)).exists():
        return None, set()
    return [postcode(text) for _, text, _ in found], {ward for *_, ward in found}


def _may_touch(wards: dict[str, Area], away: dict[str, float], code: str, near: set[str], radius: int) -> bool:
    """Whether a circle comes near enough to the half of the way between this ward's point and each other one's."""
    mine = Point(wards[code].latitude, wards[code].longitude)
    for other in sorted(near - {code}, key=away.get):  # the nearest rules most wards out
        apart = distance(mine, Point(wards[other].latitude, wards[other].longitude))
        if away[code] ** 2 - away[other] ** 2 > 2 * apart * radius * SLACK:
            return False
    return True

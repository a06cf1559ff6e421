"""Where things are: degrees and metres, the National Grid, circles and shapes. Pure."""

from collections.abc import Iterable, Sequence
from math import atan2, cos, degrees, hypot, isfinite, radians, sin, sqrt, tan
from typing import NamedTuple

SOUTH, WEST, NORTH, EAST = 51.2, -0.6, 51.8, 0.4  # around all of London, in degrees

Ring = Sequence[Sequence[float]]  # corners as GeoJSON has them: [longitude, latitude]


class Point(NamedTuple):
    """In degrees, WGS84."""

    latitude: float
    longitude: float

    @property
    def is_in_london(self) -> bool:
        """Or near it; what is no number is nowhere."""
        return SOUTH <= self.latitude <= NORTH and WEST <= self.longitude <= EAST


def point(latitude: str, longitude: str) -> Point | None:
    """A point as a file has it; None where it has none, which ONS writes as 99.999999, or one far from London."""
    try:
        found = Point(float(latitude), float(longitude))
    except ValueError:
        return None
    return found if found.is_in_london else None


# --- Metres ---


def metres_per_degree(latitude: float) -> tuple[float, float]:
    """How long a degree of latitude and one of longitude are there, on the WGS84 ellipsoid, to within a centimetre.

    The series is that of https://en.wikipedia.org/wiki/Geographic_coordinate_system#Latitude_and_longitude_values
    """
    at = radians(latitude)
    north = 111_132.92 - 559.82 * cos(2 * at) + 1.175 * cos(4 * at)
    return north, 111_412.84 * cos(at) - 93.5 * cos(3 * at) + 0.118 * cos(5 * at)


def distance(one: Point, other: Point) -> float:
    """Metres between two points; good to a metre over the few kilometres that matter here."""
    north, east = metres_per_degree((one.latitude + other.latitude) / 2)
    return hypot((one.latitude - other.latitude) * north, (one.longitude - other.longitude) * east)


def box(centre: Point, metres: float) -> tuple[Point, Point]:
    """The south-west and the north-east corner of the square around a circle."""
    north, east = metres_per_degree(centre.latitude)
    up, across = metres / north, metres / east
    return (
        Point(centre.latitude - up, centre.longitude - across),
        Point(centre.latitude + up, centre.longitude + across),
    )


# --- Shapes ---


def touches(rings: Iterable[Ring], centre: Point, metres: float) -> bool:
    """Whether a circle touches a shape. Holes are rings too: what is inside an even number of rings is outside."""
    north, east = metres_per_degree(centre.latitude)
    is_inside = False
    for ring in rings:
        flat = [((x - centre.longitude) * east, (y - centre.latitude) * north) for x, y in ring]
        for before, after in zip(flat, [*flat[1:], flat[0]], strict=True):
            if _from_middle(before, after) <= metres:
                return True
            is_inside ^= _is_crossed(before, after)
    return is_inside


def _from_middle(a: tuple[float, float], b: tuple[float, float]) -> float:
    """How far a line from a to b passes from the point 0, 0."""
    across, up = b[0] - a[0], b[1] - a[1]
    length = across * across + up * up
    along = max(0.0, min(1.0, -(a[0] * across + a[1] * up) / length)) if length else 0.0
    return hypot(a[0] + along * across, a[1] + along * up)


def _is_crossed(a: tuple[float, float], b: tuple[float, float]) -> bool:
    """Whether a line from a to b crosses the one from 0, 0 to the east."""
    return (a[1] > 0) != (b[1] > 0) and a[0] - a[1] * (b[0] - a[0]) / (b[1] - a[1]) > 0


def simplified(ring: Ring, metres: float) -> list[list[float]]:
    """The same ring with fewer corners: none that is left out was further than this from the new line.

    By Douglas and Peucker, https://en.wikipedia.org/wiki/Ramer–Douglas–Peucker_algorithm, without recursion: a ward's
    ring may have ten thousand corners.
    """
    north, east = metres_per_degree(ring[0][1])
    flat = [(x * east, y * north) for x, y, *_ in ring]
    kept, open_ones = {0, len(flat) - 1}, [(0, len(flat) - 1)]
    while open_ones:
        first, last = open_ones.pop()
        far, where = max(((_beside(flat, first, last, at), at) for at in range(first + 1, last)), default=(0.0, 0))
        if far > metres:
            kept.add(where)
            open_ones += [(first, where), (where, last)]
    return [[round(ring[at][0], 5), round(ring[at][1], 5)] for at in sorted(kept)]


def _beside(flat: list[tuple[float, float]], first: int, last: int, at: int) -> float:
    x, y = flat[at]
    (ax, ay), (bx, by) = flat[first], flat[last]
    return _from_middle((ax - x, ay - y), (bx - x, by - y))


# --- The National Grid ---

# “A guide to coordinate systems in Great Britain” (Ordnance Survey, version 3.6), annexes A to C and section 6.6.
AIRY, WGS84 = (6_377_563.396, 6_356_256.909), (6_378_137.0, 6_356_752.3142)  # half axes, metres
SCALE, ORIGIN = 0.9996012717, (radians(49), radians(-2))
FALSE_EAST, FALSE_NORTH = 400_000, -100_000
SHIFT = (446.448, -125.157, 542.060)  # metres, from OSGB36 to WGS84
TURN = tuple(radians(seconds / 3600) for seconds in (0.1502, 0.2470, 0.8421))
GROWTH = -20.4894e-6


def from_grid(easting: str, northing: str) -> Point | None:
    """The point of a National Grid reference in metres, to about 5 m; None where the file has none, or outside London.

    That is as good as one Helmert transformation is for all of Britain; a postcode's point is one house of many.
    """
    try:
        east, north = float(easting), float(northing)
    except ValueError:
        return None
    if not (isfinite(east) and isfinite(north) and 480_000 < east < 580_000 and 130_000 < north < 230_000):
        return None
    found = _moved(*_from_projection(east, north))
    return found if found.is_in_london else None


def _from_projection(east: float, north: float) -> tuple[float, float]:
    """Latitude and longitude on Airy's ellipsoid, in radians: annex C.2."""
    a, b = (axis * SCALE for axis in AIRY)
    squared = 1 - (b / a) ** 2
    at = ORIGIN[0] + (north - FALSE_NORTH) / a
    while abs(rest := north - FALSE_NORTH - _arc(at, a, b)) >= 0.00001:
        at += rest / a
    nu = a / sqrt(1 - squared * sin(at) ** 2)
    rho = a * (1 - squared) * (1 - squared * sin(at) ** 2) ** -1.5
    eta, t, d = nu / rho - 1, tan(at) ** 2, east - FALSE_EAST
    sixth = (61 + 90 * t + 45 * t * t) / (720 * nu**5)
    latitude = at - tan(at) / rho * (
        d**2 / (2 * nu) - d**4 / (24 * nu**3) * (5 + 3 * t + eta - 9 * t * eta) + d**6 * sixth
    )
    longitude = ORIGIN[1] + (
        d / nu
        - d**3 / (6 * nu**3) * (nu / rho + 2 * t)
        + d**5 / (120 * nu**5) * (5 + 28 * t + 24 * t * t)
        - d**7 / (5040 * nu**7) * (61 + 662 * t + 1320 * t**2 + 720 * t**3)
    ) / cos(at)
    return latitude, longitude


def _arc(at: float, a: float, b: float) -> float:
    """The length of the meridian from the grid's origin."""
    n = (a - b) / (a + b)
    less, more = at - ORIGIN[0], at + ORIGIN[0]
    return b * (
        (1 + n + 5 / 4 * n**2 + 5 / 4 * n**3) * less
        - (3 * n + 3 * n**2 + 21 / 8 * n**3) * sin(less) * cos(more)
        + (15 / 8 * n**2 + 15 / 8 * n**3) * sin(2 * less) * cos(2 * more)
        - 35 / 24 * n**3 * sin(3 * less) * cos(3 * more)
    )


def _moved(latitude: float, longitude: float) -> Point:
    """From Airy's ellipsoid to WGS84 by way of x, y, z: annex B and section 6.2."""
    a, b = AIRY
    nu = a / sqrt(1 - (1 - (b / a) ** 2) * sin(latitude) ** 2)
    x, y = nu * cos(latitude) * cos(longitude), nu * cos(latitude) * sin(longitude)
    z = nu * (b / a) ** 2 * sin(latitude)
    (rx, ry, rz), grown = TURN, 1 + GROWTH
    x, y, z = (
        SHIFT[0] + x * grown - y * rz + z * ry,
        SHIFT[1] + x * rz + y * grown - z * rx,
        SHIFT[2] - x * ry + y * rx + z * grown,
    )
    a, b = WGS84
    squared, from_axis = 1 - (b / a) ** 2, hypot(x, y)
    at = atan2(z, from_axis * (1 - squared))
    for _ in range(4):  # it comes ten times nearer each time, and far more
        nu = a / sqrt(1 - squared * sin(at) ** 2)
        at = atan2(z + squared * nu * sin(at), from_axis)
    return Point(round(degrees(at), 6), round(degrees(atan2(y, x)), 6))

"""Degrees and metres, the National Grid, circles and shapes."""

import csv
import math

import pytest

from metengage.geometry import Point, _from_projection, distance, from_grid, point, simplified, touches
from tests.conftest import shared

SQUARE = [[-0.20, 51.40], [-0.18, 51.40], [-0.18, 51.42], [-0.20, 51.42], [-0.20, 51.40]]
HOLE = [[-0.194, 51.406], [-0.186, 51.406], [-0.186, 51.414], [-0.194, 51.414], [-0.194, 51.406]]
INSIDE, IN_HOLE, WEST = Point(51.402, -0.19), Point(51.41, -0.19), Point(51.41, -0.21)


def sample() -> list[dict[str, str]]:
    return list(csv.DictReader(shared("postcodes_sample.csv").read_text(encoding="utf-8").splitlines()))


def test_the_grid_s_points_are_those_that_ons_publishes_to_five_metres():
    rows = [row for row in sample() if row["lat"]]
    off = [distance(from_grid(r["oseast1m"], r["osnrth1m"]), point(r["lat"], r["long"])) for r in rows]
    assert (len(off) > 100, max(off) < 5) == (True, True)


def test_ordnance_survey_s_own_example_of_the_projection_comes_out_to_a_millimetre():
    """Annexe C of its guide: 52° 39' 27.2531" N, 1° 43' 4.5177" E on the old ellipsoid."""
    latitude, longitude = map(math.degrees, _from_projection(651409.903, 313177.270))
    assert latitude == pytest.approx(52 + 39 / 60 + 27.2531 / 3600, abs=1e-8)
    assert longitude == pytest.approx(1 + 43 / 60 + 4.5177 / 3600, abs=1e-8)


@pytest.mark.parametrize("word", ["", "0", "nan", "inf", "-1e400", "x", "999999999"])
def test_what_is_no_reference_is_no_point(word):
    assert (from_grid(word, "167000"), from_grid("527000", word)) == (None, None)
    assert (point(word, "-0.19"), point("51.4", "100" if word == "0" else word)) == (None, None)


def test_a_degree_is_as_long_as_it_is_in_london():
    north = distance(Point(51.5, 0), Point(51.51, 0))
    east = distance(Point(51.5, 0), Point(51.5, 0.01))
    assert (north, east) == (pytest.approx(1112.5, abs=0.5), pytest.approx(694.5, abs=0.5))


@pytest.mark.parametrize(
    ("at", "metres", "does"),
    [
        (INSIDE, 1, True),
        (IN_HOLE, 200, False),
        (IN_HOLE, 300, True),
        (WEST, 690, False),
        (WEST, 700, True),
        (Point(51.5, 0.1), 5000, False),
    ],
)
def test_a_circle_touches_a_shape_with_a_hole_or_not(at, metres, does):
    assert touches([SQUARE, HOLE], at, metres) == does


def test_a_circle_around_a_whole_shape_touches_it():
    assert touches([SQUARE], Point(51.43, -0.15), 5000)


def test_a_simplified_ring_stays_within_the_metres_asked():
    circle = [[-0.19 + 0.01 * math.cos(t / 50), 51.41 + 0.006 * math.sin(t / 50)] for t in range(315)]
    fewer = simplified([*circle, circle[0]], 10)
    assert (4 < len(fewer) < 60, fewer[0], fewer[-1]) == (True, fewer[-1], fewer[0])
    assert all(touches([fewer], Point(y, x), 12) for x, y in circle)

"""A circle around a place: the wards it touches, by their shapes, by their postcodes, or by their points alone."""

from itertools import pairwise

import pytest

from metengage import areas, circles, gazetteer, postcodes
from metengage.circles import NowhereKnown, around, around_point
from metengage.geometry import Point
from metengage.models import Alert, Outline, Postcode
from tests import cast
from tests.conftest import NOW, shared

LONDON = shared("london_wards_wd25_simplified20m.geojson")
AT = "SM4 6LJ"  # in St Helier, by the postcodes that every test has

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def drawn():
    gazetteer.import_areas(LONDON, None, NOW)


@pytest.fixture
def unplaced():
    Postcode.update(latitude=None, longitude=None).execute()


def names(circle: circles.Circle) -> list[str]:
    return [ward.full_name for ward in circle.wards]


def test_by_shapes_it_finds_the_wards_it_touches_and_is_exact(drawn):
    circle = around(AT, 200)
    assert "St Helier, Merton" in names(circle)
    assert not circle.is_approximate
    assert circle.caution == ""


def test_a_larger_circle_touches_all_that_a_smaller_one_does(drawn):
    sizes = [set(names(around(AT, size))) for size in (200, 500, 1000, 2000, 5000)]
    assert all(less <= more for less, more in pairwise(sizes))
    assert len(sizes[0]) < len(sizes[-1])


def test_it_crosses_into_another_borough(drawn):
    assert {"Merton", "Sutton"} <= {ward.parent.name for ward in around(AT, 2000).wards}


def test_the_postcodes_inside_are_counted_and_named_the_nearest_first():
    circle = around(AT, 1000)
    assert (circle.postcodes[0], circle.how_many) == (AT, len(circle.postcodes))
    assert f"{circle.how_many} postcodes inside." in circle.sentence or circle.how_many == 1


def test_ended_postcodes_are_not_counted():
    Postcode.update(is_live=False).where(Postcode.postcode != "SM46LJ").execute()
    assert around(AT, 5000).postcodes == [AT]


def test_without_points_a_postcode_stands_where_its_ward_does_and_that_is_said(unplaced):
    circle = around(AT, 500)
    ward = Postcode.get_by_id("SM46LJ").ward
    assert circle.at == (ward.latitude, ward.longitude)
    assert (circle.how_many, circle.wards[0]) == (None, ward)
    assert circle.caution == "This is approximate: look at the wards that are ticked."


def test_without_shapes_nine_wards_in_ten_are_found_all_the_same():
    places = [f"{row.latitude}, {row.longitude}" for row in Postcode.select().where(Postcode.is_live).limit(60)]
    Postcode.update(latitude=None, longitude=None).execute()
    guessed = [{ward.code for ward in around(place, 300).wards} for place in places]
    gazetteer.import_areas(LONDON, None, NOW)
    real = [{ward.code for ward in around(place, 300).wards} for place in places]
    found = sum(len(one & other) for one, other in zip(guessed, real, strict=True))
    assert found >= 0.85 * sum(map(len, real))


@pytest.mark.parametrize("text", ["51.4012, -0.1876", " 51.4012,-0.1876 ", "51.4012 -0.1876", "51.4012;-0.1876"])
def test_a_pasted_point_is_understood(text):
    circle = around(text, 500)
    assert (circle.at, circle.centre) == (Point(51.4012, -0.1876), "51.40120, -0.18760")


@pytest.mark.parametrize(
    "place",
    ["", "  ", "0,0", "0.0, 0.0", "nan, nan", "inf,-inf", "-0.1876, 51.4012", "91, 0", "Green Lane", "\0", "🏠" * 500],
)
def test_what_is_nowhere_in_london_is_refused_with_what_to_do(place):
    with pytest.raises(NowhereKnown, match=r"Enter|Check|Write|Did you mean"):
        around(place, 500)


def test_a_postcode_that_was_mistyped_is_asked_about():
    Postcode.create(postcode="SM41AA", ward=cast.ST_HELIER)
    with pytest.raises(NowhereKnown, match="Did you mean SM4 1AA"):
        around("SM4 IAA", 500)


@pytest.mark.parametrize("metres", [0, -1, 5001, 10**9, float("nan"), float("inf")])
def test_a_circle_over_half_of_london_is_refused(metres):
    with pytest.raises(NowhereKnown, match="up to 5 km"):
        around(AT, metres)


@pytest.mark.parametrize("at", [Point(0, 0), Point(float("nan"), -0.19), Point(51.4, float("inf"))])
def test_a_tap_beside_london_is_refused(at):
    with pytest.raises(NowhereKnown, match="not in London"):
        around_point(at, 500)


# --- What residents are told ---


def told(codes: list[str], **kept) -> str:
    at = around(AT, 300).at
    circle = {"centre": AT, "latitude": at.latitude, "longitude": at.longitude, "radius": 300} | kept
    return circles.told(circles.of(Alert(**circle)), areas.named(codes))


@pytest.mark.parametrize("codes", [[cast.ST_HELIER], [cast.MERTON], [cast.SURBITON_HILL, cast.ST_HELIER]])
def test_residents_are_told_in_words_what_it_is_about_but_nobody_s_postcode(codes):
    assert told(codes) == "This is about the area within 300 metres of a place in SM4 6."


def test_of_a_bare_point_they_are_told_nothing_and_a_name_stays_as_it_is():
    assert told([cast.ST_HELIER], centre="51.40120, -0.18760") == ""
    assert told([cast.ST_HELIER], centre="the tram stop").endswith("300 metres of the tram stop.")


def test_what_touches_none_of_the_places_is_not_told():
    assert told([cast.SURBITON_HILL]) == ""
    assert told([cast.KINGSTON]) == ""
    assert told([]) == ""


def test_without_a_circle_nothing_is_told():
    assert circles.told(None, areas.named([cast.ST_HELIER])) == ""


# --- What imports keep ---


def test_shapes_are_kept_in_degrees_and_come_anew(drawn):
    rings = Outline.get_by_id(cast.ST_HELIER).rings
    assert all(-0.25 < x < -0.15 and 51.35 < y < 51.45 for ring in rings for x, y in ring)
    gazetteer.import_areas(LONDON, None, NOW)
    assert Outline.select().count() == 704


def test_every_directory_s_postcodes_have_their_points():
    report = postcodes.import_postcodes(shared("onspd_format_sample_old_names.csv"))
    row = Postcode.get_by_id("KT59ED")
    assert (report.placed, row.latitude, row.longitude) == (report.taken, 51.392338, -0.28154)


def test_code_point_open_s_metres_become_degrees(tmp_path):
    file = tmp_path / "sm.csv"
    file.write_text(f"SM4 6LJ,10,526183,167366,E92000001,,,,{cast.MERTON},{cast.ST_HELIER}\n")
    postcodes.import_postcodes(file)
    row = Postcode.get_by_id("SM46LJ")
    assert Point(row.latitude, row.longitude).is_in_london

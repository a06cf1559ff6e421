"""Wards and boroughs: those that ship, and what is taken from the shapes that ONS publishes, whole and broken."""

import json
from datetime import datetime
from pathlib import Path

import pytest

from metengage import areas, gazetteer
from metengage.gazetteer import FileRefused, import_areas
from metengage.models import Area, Subscription
from tests import cast
from tests.conftest import shared

NOW = datetime(2026, 11, 22, 12, 0)
PILOT = shared("pilot_wards_wd25_simplified20m.geojson")
LONDON = shared("london_wards_wd25_simplified20m.geojson")
OLD_KINGSTON = shared("old_wards_pre2022_E09000021.geojson")  # 2013's codes, and no borough in it
SHAPE = {"type": "Polygon", "coordinates": [[[-0.2, 51.4], [-0.1, 51.4], [-0.1, 51.5], [-0.2, 51.4]]]}

pytestmark = pytest.mark.usefixtures("database")


def feature(
    code: str, name: str, borough: str | None = cast.MERTON, shape: dict | None = SHAPE, year: int = 25
) -> dict:
    properties = {f"wd{year}cd": code, f"wd{year}nm": name} | ({f"lad{year}cd": borough} if borough else {})
    return {"type": "Feature", "properties": properties, "geometry": shape}


@pytest.fixture
def file(tmp_path):
    """A GeoJSON file of these features, or of this text."""

    def file(content: list[dict] | str) -> Path:
        path = tmp_path / "wards.geojson"
        path.write_text(content if isinstance(content, str) else json.dumps({"features": content}), encoding="utf-8")
        return path

    return file


def merton(**renamed: str) -> list[dict]:
    """Merton's wards as they are, some under another name."""
    wards = areas.wards_of([areas.borough(cast.MERTON)])
    return [feature(ward.code, renamed.get(ward.code, ward.name)) for ward in wards]


def everything() -> list[tuple]:
    return list(Area.select().order_by(Area.code).tuples())


def in_service() -> list[str]:
    return [ward.code for ward in areas.wards_of(areas.all_boroughs())]


# --- Those that ship ---


def test_the_shipped_areas_are_704_wards_in_33_boroughs():
    assert Area.select().where(Area.kind == Area.WARD).count() == 704
    assert Area.select().where(Area.kind == Area.BOROUGH).count() == 33


def test_the_met_looks_after_679_wards_and_79_are_in_the_pilot():
    assert Area.select().where(Area.kind == Area.WARD, Area.force == "metropolitan").count() == 679
    assert len(areas.wards_of(areas.started_boroughs())) == 79


def test_loading_them_again_changes_nothing():
    before = everything()
    gazetteer.load_areas(NOW)
    assert everything() == before


def test_names_with_commas_and_apostrophes_are_whole():
    names = {ward.name for ward in areas.wards_of(areas.started_boroughs())}
    assert {"Ham, Petersham & Richmond Riverside", "St Mark's & Seething Wells", "Figge's Marsh"} <= names


# --- Fresher shapes ---


@pytest.mark.parametrize(
    ("path", "unchanged", "changed"),
    [(PILOT, 79, []), (LONDON, 703, ["St Helen's → St. Helen's, Kensington and Chelsea"])],
)
def test_this_year_s_shapes_are_what_ships(path, unchanged, changed):
    report = import_areas(path, None, NOW)
    assert (report.unchanged, report.added, report.retired) == (unchanged, [], [])
    assert report.changed == changed


def test_a_borough_that_the_file_does_not_draw_is_left_alone():
    import_areas(PILOT, None, NOW)
    assert len(in_service()) == 704


def test_old_wards_come_in_and_the_others_of_their_borough_retire():
    report = import_areas(OLD_KINGSTON, cast.KINGSTON, NOW)
    assert (len(report.added), len(report.retired), report.unchanged) == (16, 19, 0)
    assert "Surbiton Hill, Kingston upon Thames" in report.retired
    assert len(areas.wards_of([areas.borough(cast.KINGSTON)])) == 16


def test_what_residents_chose_in_a_retired_ward_stays_and_is_counted():
    Subscription.update(area=cast.SURBITON_HILL).where(
        Subscription.resident == cast.resident("Amara"), Subscription.alert_type == "advice"
    ).execute()
    assert import_areas(OLD_KINGSTON, cast.KINGSTON, NOW).subscriptions_in_retired == 1
    assert Subscription.select().where(Subscription.area == cast.SURBITON_HILL, Subscription.live()).count() == 1


def test_retired_wards_come_back_when_they_are_drawn_again():
    before = in_service()
    import_areas(OLD_KINGSTON, cast.KINGSTON, NOW)
    report = import_areas(PILOT, None, NOW)
    assert in_service() == before
    assert (len(report.changed), len(report.retired), report.unchanged) == (19, 16, 60)


def test_importing_twice_is_importing_once():
    import_areas(OLD_KINGSTON, cast.KINGSTON, NOW)
    before = everything()
    report = import_areas(OLD_KINGSTON, cast.KINGSTON, NOW)
    assert everything() == before
    assert (report.added, report.changed, report.retired, report.unchanged) == ([], [], [], 16)


def test_a_ward_that_is_renamed_keeps_its_residents(file):
    report = import_areas(file(merton(**{cast.ST_HELIER: "Saint Helier"})), None, NOW)
    assert report.changed == ["St Helier → Saint Helier, Merton"]
    assert cast.resident("Amara").home.name == "Saint Helier"


@pytest.mark.parametrize("shape", [SHAPE, {"type": "MultiPolygon", "coordinates": [SHAPE["coordinates"]]}])
def test_a_new_ward_belongs_to_its_borough_and_lies_where_it_is_drawn(file, shape):
    report = import_areas(file([*merton(), feature("E05999999", "New Morden", shape=shape)]), None, NOW)
    ward = areas.named(["E05999999"])[0]
    assert report.added == ["New Morden, Merton"]
    assert (ward.full_name, ward.has_started, ward.force) == ("New Morden, Merton", True, "metropolitan")
    assert (ward.latitude, ward.longitude) == (51.425, -0.15)


def test_next_year_s_names_of_columns_are_understood(file):
    features = [feature(code, "A ward", year=27) for code in (cast.ST_HELIER, cast.RAVENSBURY)]
    report = import_areas(file(features), None, NOW)
    assert (len(report.changed), len(report.retired)) == (2, 18)


def test_wards_outside_london_are_counted_and_not_taken(file):
    report = import_areas(file([*merton(), feature("E05012897", "Ottershaw", "E07000212")]), None, NOW)
    assert (report.outside_london, report.added) == (1, [])


# --- What is refused: nothing changes ---


@pytest.fixture
def refused():
    """That a file is refused and changes nothing; the sentence that says why."""

    def refused(path: Path, borough: str | None = None) -> str:
        before = everything()
        with pytest.raises(FileRefused) as refusal:
            import_areas(path, borough, NOW)
        assert everything() == before
        assert str(refusal.value).endswith("Nothing was changed.")
        return str(refusal.value)

    return refused


def test_old_wards_need_to_be_told_their_borough(refused):
    assert "--borough" in refused(OLD_KINGSTON)


@pytest.mark.parametrize("share", [0.1, 0.5, 0.99])
def test_geojson_cut_in_the_middle_is_refused(file, refused, share):
    text = PILOT.read_text(encoding="utf-8")
    assert "cut off" in refused(file(text[: int(len(text) * share)]))


@pytest.mark.parametrize(
    "text", ["", "Dear Bryn,", "[]", "{}", '{"features": null}', '{"features": [1]}', '{"features": [{}]}', "\ufeff{"]
)
def test_what_is_no_geojson_is_refused(file, refused, text):
    assert "is not ward GeoJSON" in refused(file(text))


def test_bytes_that_are_no_text_are_refused(tmp_path, refused):
    (tmp_path / "wards.geojson").write_bytes(b"\x89PNG\r\n\xff\xfe")
    assert "is not ward GeoJSON" in refused(tmp_path / "wards.geojson")


def test_a_feature_without_a_ward_is_refused_and_told_what_was_expected(file, refused):
    nameless = {"type": "Feature", "properties": {"name": "St Helier"}, "geometry": SHAPE}
    assert "Expected properties like wd25cd and wd25nm" in refused(file([*merton(), nameless]))


@pytest.mark.parametrize("borough", ["E09000099", "E09"])
def test_a_borough_that_nobody_knows_is_refused(file, refused, borough):
    assert f"boroughs that we do not know: {borough}" in refused(file([feature("E05999999", "New", borough)]))


def test_a_file_without_london_is_refused(file, refused):
    assert "no ward in London" in refused(file([feature("E05012897", "Ottershaw", "E07000212")]))


def test_a_file_without_features_is_refused(file, refused):
    assert "no ward in London" in refused(file([]))


@pytest.mark.parametrize(
    "shape",
    [
        None,
        {"type": "Polygon", "coordinates": []},
        {"type": "Polygon", "coordinates": [[]]},
        {"type": "Point"},
        {"type": "Polygon", "coordinates": [[[527000, 167000], [528000, 168000], [527000, 167000]]]},
    ],
    ids=["none", "empty", "no corner", "no coordinates", "in metres"],
)
def test_a_ward_without_a_shape_in_degrees_is_refused(file, refused, shape):
    assert "WGS84" in refused(file([*merton(), feature("E05999999", "New Morden", shape=shape)]))


# --- The command ---


def test_the_command_says_what_it_changed(app):
    done = app.test_cli_runner().invoke(args=["areas", "import", str(OLD_KINGSTON), "--borough", cast.KINGSTON])
    assert done.exit_code == 0
    assert "Added: 16 (Alexandra, Kingston upon Thames; " in done.output
    assert "Retired: 19 (" in done.output
    assert "Changed: 0\nRetired" in done.output
    assert "As before: 0. Not taken, outside London: 0." in done.output


def test_the_command_tells_of_subscriptions_in_retired_wards(app, file):
    others = [each for each in merton() if each["properties"]["wd25cd"] != cast.ST_HELIER]
    done = app.test_cli_runner().invoke(args=["areas", "import", str(file(others))])
    assert "Retired: 1 (St Helier, Merton)" in done.output
    assert "4 subscriptions in retired wards stay as they are." in done.output


def test_the_command_refuses_in_a_sentence(app):
    done = app.test_cli_runner().invoke(args=["areas", "import", str(OLD_KINGSTON)])
    assert done.exit_code == 1
    assert "Error: old_wards_pre2022_E09000021.geojson does not say which borough" in done.output

"""Where an alert goes, as an officer without script chooses it: ticks, a search, a circle, a tap on the map."""

import re

import pytest

from metengage import alerts, corrections, db
from metengage.models import Alert, Postcode
from tests import cast, services
from tests.cast import RAVENSBURY, ST_HELIER, SURBITON_HILL
from tests.doors.test_parts import PART
from tests.page import Page, write_alert


@pytest.fixture
def page(signed_in) -> Page:
    """Farah’s draft, with no area yet."""
    return signed_in("Farah").visit(f"/officers/alerts/{services.draft(codes=[]).id}/edit")


def ticked() -> set[str]:
    return {area.code for area in alerts.written_to(Alert.get())}


def pressed(page: Page, x: object, y: object, **instead) -> Page:
    """The map pressed there, as a browser without script sends it."""
    picture = page.soup.select_one("input[type=image]")
    data = page.fields(page.form("Find wards")[0]) | {"at.x": [x], "at.y": [y]}
    data.pop("at", None)
    return page.visitor.post(picture["formaction"], data | {name: [value] for name, value in instead.items()})


def test_one_press_ticks_all_of_the_team_s_wards_and_keeps_the_text(page):
    after = page.submit("All of St Helier team", title="Sheds", areas=[])
    assert ticked() == {ST_HELIER, RAVENSBURY}
    assert after.soup.find(id="title")["value"] == "Sheds"


def test_a_search_finds_only_what_they_may_write_to(signed_in):
    hana, farah = (write_alert(signed_in(name), areas=[]) for name in ("Hana", "Farah"))
    assert "Wandle, Merton" in hana.submit("Search", search="wandle").soup.find(id="matches").get_text()
    assert "No other place" in hana.submit("Search", search="hackney").soup.find(id="matches").get_text()
    assert farah.soup.find(id="matches") is None, "a search that can find nothing is not offered"
    fields = farah.fields(farah.form("Find wards")[0]) | {"search": ["wandle"]}
    found = farah.visitor.post(farah.url.replace("/edit", "/where/search"), fields)
    assert (found.status, "Wandle, Merton" in found.text) == (200, False)


def test_a_supervisor_ticks_the_command_unit_with_one_press(signed_in):
    page = write_alert(signed_in("Hana"), areas=[])
    assert page.submit("All 4 boroughs of South West", unit="South West").status == 200
    assert len(ticked()) == 4


def test_a_circle_ticks_the_wards_that_are_theirs_and_names_the_others(page):
    after = page.submit("Find wards", place="sm4 6lj", radius="1000")
    assert ST_HELIER in ticked() <= {ST_HELIER, RAVENSBURY}
    assert "1 km around SM4 6LJ" in after.text
    assert re.search(r"not yours to write to: [A-Z][^;.]+ in [A-Z]\w+(; [A-Z][^;.]+ in [A-Z]\w+)*\.", after.text)
    assert "Residents read: “This is about the area within 1 km of a place in SM4 6.”" in after.text
    assert (Alert.get().centre, Alert.get().radius) == ("SM4 6LJ", 1000)


def test_a_circle_far_from_what_is_ticked_is_not_told(page):
    far = Postcode.get(Postcode.ward == SURBITON_HILL).postcode
    after = page.submit("Find wards", place=far, areas=[ST_HELIER])
    assert ST_HELIER in ticked()
    assert "Residents read nothing of the circle." in after.text
    assert "This is about the area" not in after.text


def test_a_circle_can_be_taken_away_and_its_wards_stay(page):
    after = page.submit("Find wards", place="SM4 6LJ").submit("Take the circle away")
    assert (Alert.get().centre, Alert.get().latitude, ST_HELIER in ticked()) == ("", None, True)
    assert "Take the circle away" not in after.text


@pytest.mark.parametrize("place", ["", "Green Lane", "0,0", "nan,nan", "SM4 9ZZ", "<b>x</b>"])
def test_an_unknown_place_is_explained_and_nothing_typed_is_lost(page, place):
    after = page.submit("Find wards", place=place, body="Kept as it was")
    assert (after.status, len(after.errors)) == (422, 1)
    assert after.soup.find(id="place")["value"] == place
    assert "Kept as it was" in after.soup.find(id="body").get_text()


@pytest.mark.parametrize("radius", ["", "0", "-5", "999999999", "nan", "5e3", "\0"])
def test_a_distance_that_is_not_offered_becomes_the_usual_one(page, radius):
    assert page.submit("Find wards", place="SM4 6LJ", radius=radius).status == 200
    assert Alert.get().radius == 500


@pytest.mark.parametrize("way", ["team", "unit", "search", "circle", "map", "no-circle"])
@pytest.mark.parametrize("act", ["correct", "withdraw"])
def test_nobody_chooses_where_a_correction_or_a_withdrawal_goes(signed_in, way, act):
    first = services.begin_sending(services.draft(), cast.officer("Farah"), db.now())
    if act == "correct":
        later = corrections.begin(first, cast.officer("Farah"), db.now())
    else:
        later = corrections.withdraw(first, cast.officer("Farah"), "Another street", db.now())
    page = signed_in("Farah").visit("/officers/alerts")
    data = page.fields(page.form("Write an alert")[0]) | {"unit": ["South West"], "place": ["SM4 6LJ"]}
    for headers in ({}, PART):
        answer = page.visitor.ask("POST", f"/officers/alerts/{later.id}/where/{way}", data=data, headers=headers)
        assert answer.status_code == 404


def test_a_tap_on_the_map_finds_the_wards_there(page):
    after = pressed(page, 144, 144)
    alert = Alert.get()
    assert (after.status, alert.radius, bool(ticked())) == (200, 500, True)
    assert (51.3 < alert.latitude < 51.5, -0.3 < alert.longitude < -0.1) == (True, True)


@pytest.mark.parametrize(
    ("x", "y", "instead"),
    [
        (0, 0, {}),  # a keyboard pressed it
        ("nan", 9, {}),
        (9, "inf", {}),
        (500, 9, {}),
        ("x", "", {}),
        (9, 9, {"metres": "nan"}),
        (9, 9, {"metres": "1e300"}),
        (9, 9, {"latitude": "nan"}),
        (9, 9, {"longitude": "180"}),
    ],
)
def test_a_tap_that_is_nowhere_is_explained(page, x, y, instead):
    after = pressed(page, x, y, **instead)
    assert (after.status, len(after.errors), Alert.get().radius) == (422, 1, None)


def test_the_map_is_a_picture_that_says_what_it_shows(page):
    page.submit("Find wards", place="SM4 6LJ")
    reply = page.visitor.ask("GET", "/officers/alerts/1/map")
    assert reply.mimetype == "image/svg+xml"
    assert '<title id="title">Map of St Helier' in reply.text
    assert "style" not in reply.text


def test_only_those_who_named_it_needs_a_theme(page):
    page.submit("Save and preview", theme="", only_concerned="concerned")
    assert not Alert.get().only_concerned
    page = page.visitor.visit("/officers/alerts/1/edit")
    page.submit("Save and preview", theme="burglary", only_concerned="concerned")
    assert Alert.get().only_concerned


def test_enter_in_a_field_only_saves(page):
    first = page.soup.select_one("#draft button[type=submit]")
    assert first["formaction"] == "/officers/alerts/1/edit"


def test_it_says_that_it_is_approximate_and_what_to_import(page):
    Postcode.update(latitude=None, longitude=None).execute()
    assert "approximate" in page.submit("Find wards", place="SM4 6LJ").text


def test_the_page_says_whom_it_reaches(page):
    after = page.submit("Save and preview", areas=[ST_HELIER])
    assert "1 person gets this straight away" in after.text
    assert "had three emails or more in the last 7 days" in after.text


def test_the_page_says_that_they_are_too_few(page, settings, monkeypatch):
    monkeypatch.setattr(settings, "smallest_audience", 10)
    after = page.submit("Save and preview", areas=[ST_HELIER])
    assert "could point at one of them" in after.text
    assert "three emails" not in after.text


def test_too_few_is_said_once_in_the_summary_and_once_at_the_field(page, settings, monkeypatch):
    monkeypatch.setattr(settings, "smallest_audience", 10)
    after = page.submit("Save and preview", areas=[ST_HELIER])
    assert after.text.casefold().count("could point at one of them") == 1
    after = after.submit("Check and send")
    assert after.text.casefold().count("could point at one of them") == 2
    assert "could point at one of them" in after.errors[0]
    assert "could point at one of them" in after.soup.find(id="areas-error").get_text()

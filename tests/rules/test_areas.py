"""Postcodes of every kind, wards and their neighbours, and where residents may sign up."""

import csv
from datetime import datetime
from math import cos, hypot, radians

import pytest

from metengage import areas
from metengage.areas import Found, find_postcode
from metengage.gazetteer import PILOT
from metengage.models import Area, Postcode
from tests import cast
from tests.conftest import shared

NOW = datetime(2026, 11, 22, 12, 0)
SAMPLE = list(csv.DictReader(shared("postcodes_sample.csv").read_text(encoding="utf-8").splitlines()))

pytestmark = pytest.mark.usefixtures("database")


def kind_of(row: dict) -> str:
    """What a postcode of the sample is to somebody who signs up in the pilot."""
    if row["oslaua"] == areas.CITY:
        return Found.CITY
    if row["oslaua"] in PILOT:
        return Found.WARD
    return Found.NOT_STARTED if row["oslaua"].startswith("E09") else Found.OUTSIDE


# --- Postcodes as they are ---


def test_every_real_postcode_is_what_it_is():
    found = {row["pcds"]: find_postcode(row["pcds"]).kind for row in SAMPLE}
    assert found == {row["pcds"]: kind_of(row) for row in SAMPLE}


def test_every_london_postcode_leads_to_its_ward():
    in_london = [row for row in SAMPLE if kind_of(row) != Found.OUTSIDE]
    found = {row["pcds"]: [ward.code for ward in find_postcode(row["pcds"]).wards] for row in in_london}
    assert found == {row["pcds"]: [row["osward"]] for row in in_london}


def kinds(typed: list[str]) -> dict[str, str]:
    return {text: find_postcode(text).kind for text in typed}


def test_spacing_case_and_punctuation_do_not_matter():
    ways = [
        "SM4 5ZT", "sm45zt", "SM45ZT", "  sm4  5zt  ", "S M 4 5 Z T", "SM4-5ZT", "SM4 5ZT.", "“SM4 5ZT”", "(sm4,5zt)",
        "ＳＭ４　５ＺＴ", "ｓｍ４５ｚｔ", "SM4\u00a05ZT", "SM4\t5ZT\n", "\u200bSM4 5ZT\ufeff", "𝐒𝐌𝟒 𝟓𝐙𝐓",
    ]  # fmt: skip
    found = {typed: [ward.code for ward in find_postcode(typed).wards] for typed in ways}
    assert found == {typed: [cast.ST_HELIER] for typed in ways}


def test_what_is_no_postcode_is_still_being_typed():
    typed = [
        "", " ", "nonsense", "SM", "4", "SM4 5Z", "SM4 5ZTT", "5ZT SM4", "SM4 5CT", "<script>", "'; DROP TABLE area --",
        "%", "_______", "СМ4 5ZT", "９９９", "\x00", "🏠",
    ]  # fmt: skip
    assert kinds(typed) == dict.fromkeys(typed, Found.TYPING)


def test_ten_thousand_characters_are_no_trouble():
    endless = [(letters * 10_000)[:10_000] for letters in ("A", "4", "é", " ", "O1", "SM4 5ZT", "\ufdfa")]
    assert kinds(endless) == dict.fromkeys(endless, Found.TYPING)


def test_ten_thousand_spaces_after_a_postcode_are_spaces():
    assert find_postcode("SM4 5ZT" + " " * 10_000).kind == Found.WARD


def test_postcodes_that_are_no_place_lead_to_the_list():
    typed = ["GIR 0AA", "gir0aa", "BFPO 12", "BFPO", "bfpo 5600", "BF1 2AT"]
    assert kinds(typed) == dict.fromkeys(typed, Found.NO_PLACE)


# --- O for 0 and I for 1 ---


def test_a_mistaken_letter_is_a_suggestion_and_no_more():
    meant = {
        "SW20 OAW": "SW200AW", "SW2O 0AW": "SW200AW", "SW2O OAW": "SW200AW", "SWI9 ILP": "SW191LP",
        "swi9 1lp": "SW191LP", "SW19 ILP": "SW191LP", "KTI IBU": "KT11BU", "TW1O 5HE": "TW105HE",
        "TWIO 5HE": "TW105HE", "TW11 OHF": "TW110HF", "W1W 8NE": "", "WIW 8NE": "W1W8NE",
    }  # fmt: skip
    assert {typed: find_postcode(typed).suggestion for typed in meant} == meant
    assert {kind for typed, kind in kinds(list(meant)).items() if meant[typed]} == {Found.TYPING, Found.UNKNOWN}


def test_there_is_no_suggestion_without_such_a_postcode_in_london():
    typed = ["SW20 OZZ", "SM4 OOO", "KT16 OLG", "OX1 1AA", "SM4 9ZZ", "SW2O", "O" * 7, "1" * 7]
    assert {text: find_postcode(text).suggestion for text in typed} == dict.fromkeys(typed, "")


# --- The first half alone ---


@pytest.mark.parametrize(
    ("typed", "names"),
    [
        ("SM4", ["Cannon Hill", "Merton Park", "Ravensbury", "St Helier"]),
        ("sm 4", ["Cannon Hill", "Merton Park", "Ravensbury", "St Helier"]),
        ("TW10", ["Ham, Petersham & Richmond Riverside", "South Richmond", "Tudor"]),
        ("KT1", ["Kingston Gate", "Kingston Town", "Norbiton", "St Mark's & Seething Wells"]),
    ],
)
def test_the_first_half_offers_its_wards(typed, names):
    found = find_postcode(typed)
    assert found.kind == Found.WARDS
    assert [ward.name for ward in found.wards] == names


def test_the_first_half_with_one_ward_is_that_ward():
    found = find_postcode("TW4")
    assert (found.kind, [ward.name for ward in found.wards]) == (Found.WARD, ["Heathfield"])


def test_the_first_half_offers_no_ward_of_a_longer_one():
    assert "Tudor" not in [ward.name for ward in find_postcode("TW1").wards]


def test_the_first_half_offers_only_wards_that_have_started():
    Postcode.create(postcode="SM43EA", ward=areas.named(["E05013766"])[0])
    assert "Sutton North" not in [ward.name for ward in find_postcode("SM4").wards]


def test_the_first_half_is_told_like_a_whole_one():
    expected = {
        "EC1A": Found.CITY, "UB2": Found.NOT_STARTED, "KT16": Found.OUTSIDE, "M1": Found.OUTSIDE,
        "SW99": Found.UNKNOWN, "SW2O": Found.UNKNOWN,
    }  # fmt: skip
    assert kinds(list(expected)) == expected


# --- Elsewhere ---


def test_a_borough_that_has_not_started_is_named():
    found = find_postcode("SM1 3EA")
    assert found.kind == Found.NOT_STARTED
    assert [ward.borough.name for ward in found.wards] == ["Sutton"]


def test_outside_london_the_right_force_is_named():
    forces = {
        "KT16 0LG": "Surrey Police", "KT21 2BD": "Surrey Police", "M1 1AE": "Greater Manchester Police",
        "EH1 1AA": "Police Scotland", "BT1 1AA": "Police Service of Northern Ireland",
    }  # fmt: skip
    assert {typed: find_postcode(typed).forces for typed in forces} == forces
    assert set(kinds(list(forces)).values()) == {Found.OUTSIDE}


def test_a_postcode_that_nobody_knows_is_unknown():
    typed = ["SW1A 9ZZ", "SE1 9ZZ", "W1A 9ZZ", "EC9 9ZZ", "YY1 1AA"]
    assert kinds(typed) == dict.fromkeys(typed, Found.UNKNOWN)


def test_a_postcode_that_royal_mail_ended_still_leads_to_its_ward():
    Postcode.update(is_live=False).where(Postcode.postcode == "SM45ZT").execute()
    assert find_postcode("SM4 5ZT").wards[0].code == cast.ST_HELIER


# --- Wards ---


def test_wandle_is_a_ward_in_two_boroughs():
    merton, wandsworth = areas.named([cast.WANDLE_IN_MERTON, cast.WANDLE_IN_WANDSWORTH])
    assert (merton.full_name, wandsworth.full_name) == ("Wandle, Merton", "Wandle, Wandsworth")


@pytest.mark.parametrize(
    ("typed", "code"), [("SW19 1UZ", cast.WANDLE_IN_MERTON), ("SW18 2DT", cast.WANDLE_IN_WANDSWORTH)]
)
def test_each_wandle_has_its_own_postcodes(typed, code):
    assert [ward.code for ward in find_postcode(typed).wards] == [code]


def distance(one: Area, other: Area) -> float:
    """Kilometres, near enough."""
    north = (one.latitude - other.latitude) * 111.2
    return hypot(north, (one.longitude - other.longitude) * 111.2 * cos(radians(one.latitude)))


@pytest.mark.parametrize("code", [cast.ST_HELIER, cast.SURBITON_HILL, cast.WANDLE_IN_WANDSWORTH])
def test_neighbours_come_nearest_first(code):
    ward = areas.named([code])[0]
    near = areas.neighbours(ward, limit=8)
    others = [each for each in areas.wards_of(areas.started_boroughs()) if each.code != code]
    assert [each.code for each in near] == [
        each.code for each in sorted(others, key=lambda other: distance(ward, other))[:8]
    ]


def test_neighbours_are_of_any_borough_that_has_started():
    near = areas.neighbours(areas.named(["E05013823"])[0])
    assert {each.borough.name for each in near} == {"Merton", "Kingston upon Thames"}


def test_a_retired_ward_is_nobodys_neighbour():
    ward = areas.named([cast.ST_HELIER])[0]
    nearest = areas.neighbours(ward)[0]
    Area.update(retired_at=NOW).where(Area.code == nearest.code).execute()
    assert nearest.code not in [each.code for each in areas.neighbours(ward)]


def test_a_ward_without_a_point_has_no_neighbours_and_is_none():
    Area.update(latitude=None, longitude=None).where(Area.code == cast.ST_HELIER).execute()
    st_helier, ravensbury = areas.named([cast.ST_HELIER, cast.RAVENSBURY])
    assert areas.neighbours(st_helier) == []
    assert st_helier not in areas.neighbours(ravensbury)


def test_areas_come_in_the_order_they_were_named_and_the_unknown_are_dropped():
    codes = [cast.SURBITON_HILL, "E05999999", cast.MERTON, cast.ST_HELIER]
    assert [area.code for area in areas.named(codes)] == [cast.SURBITON_HILL, cast.MERTON, cast.ST_HELIER]


def test_wards_of_a_borough_are_listed_by_name_without_the_retired():
    Area.update(retired_at=NOW).where(Area.code == cast.ST_HELIER).execute()
    names = [ward.name for ward in areas.wards_of([areas.borough(cast.MERTON)])]
    assert names == sorted(names)
    assert (len(names), "St Helier" in names) == (19, False)


# --- Boroughs ---


def test_there_are_33_boroughs_and_the_pilot_has_started():
    assert len(areas.all_boroughs()) == 33
    assert [each.name for each in areas.started_boroughs()] == [
        "Kingston upon Thames", "Merton", "Richmond upon Thames", "Wandsworth",
    ]  # fmt: skip


@pytest.mark.parametrize("code", [cast.ST_HELIER, "E09999999", ""])
def test_what_is_no_borough_is_none(code):
    assert areas.borough(code) is None


def test_a_borough_starts_once():
    sutton = areas.borough(cast.SUTTON)
    assert [areas.start(sutton, NOW), areas.start(sutton, NOW)] == [True, False]
    assert find_postcode("SM1 3EA").kind == Found.WARD


@pytest.mark.parametrize(
    ("code", "is_there"),
    [(cast.ST_HELIER, True), (cast.MERTON, True), ("E05013766", False), (cast.SUTTON, False), (areas.CITY, False),
     ("E05999999", False), ("", False)],
)  # fmt: skip
def test_residents_may_choose_what_has_started(code, is_there):
    assert [area.code for area in areas.in_service([code])] == ([code] if is_there else [])


def test_residents_may_not_choose_a_retired_ward():
    Area.update(retired_at=NOW).where(Area.code == cast.ST_HELIER).execute()
    assert areas.in_service([cast.ST_HELIER]) == []

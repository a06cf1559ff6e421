"""Where an alert goes, in a browser: a tap on the map, with and without script, and a search while typing."""

import pytest
from playwright.sync_api import expect

from tests import cast
from tests.browser.hand import PHONE, TABLET, press, sign_in, write
from tests.browser.review import OFFICERS, Reviewer
from tests.cast import MERTON, ST_HELIER
from tests.conftest import NOW


@pytest.mark.parametrize("size", [PHONE, TABLET], ids=["phone", "tablet"])
def test_a_tap_on_the_map_finds_wards_and_loses_nothing(someone, script, size):
    page = someone(size, java_script_enabled=script)
    sign_in(page, "Farah")
    press(page, "Write an alert")
    page.get_by_label("Title").fill("Sheds broken into")
    page.get_by_text("Find wards by a circle").click()
    page.get_by_text("Choose on a map instead").click()
    page.locator("input[type=image]").click(position={"x": 144, "y": 144})
    expect(page.locator("#where")).to_contain_text("500 metres around 51.")
    expect(page.get_by_label("Title")).to_have_value("Sheds broken into")


def test_places_are_found_while_they_are_typed(someone):
    page = someone(TABLET)
    sign_in(page, "Hana")
    press(page, "Write an alert")
    page.get_by_label("Find other places").press_sequentially("pollards")
    page.get_by_label("Pollards Hill, Merton").check()
    expect(page.locator("#reach")).to_contain_text("0 people get this straight away")


def test_choosing_where_passes_review(someone):
    cast.change(cast.resident("Amara"), NOW, codes=[ST_HELIER, MERTON])
    reviewer = Reviewer(someone(PHONE), OFFICERS)
    page = reviewer.page
    sign_in(page, "Hana")
    press(page, "Write an alert")
    write(page)
    page.get_by_text("Find wards by a circle").click()
    page.get_by_label("Around a place").fill("nowhere")
    press(page, "Find wards")
    reviewer.look("Error: Write an alert")
    page.get_by_label("Around a place").fill("SM4 6LJ")
    press(page, "Find wards")
    page.get_by_text("Choose on a map instead").click()
    reviewer.look("Write an alert")
    page.get_by_label("Find other places").fill("kingston")
    press(page, "Search")
    page.get_by_text("By place").click()
    reviewer.look("Write an alert")
    assert reviewer.wrong == []

"""Priorities in the shape of data.police.uk: one entry for each action, dates of its form, no formula in a table."""

import csv
import json
from datetime import timedelta

import pytest

from metengage import actions, areas, police_uk, priorities
from metengage.models import Priority
from tests import cast, services
from tests.cast import RAVENSBURY, ST_HELIER, SURBITON_HILL
from tests.conftest import NOW

DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def _stand(app):
    """Every test here touches rows."""


def entries() -> list[dict]:
    return police_uk.entries(areas.named([ST_HELIER])[0])


def act(priority: Priority, text: str, now=NOW) -> None:
    actions.act(priority, cast.officer("Farah"), now.date(), text, now)


def test_an_issue_comes_once_for_each_action():
    mopeds = services.priority("Mopeds", now=NOW - 9 * DAY)
    act(mopeds, "We spoke to the school.", NOW - DAY)
    act(mopeds, "We stopped six riders.")
    same = {"issue": "Mopeds", "issue-date": "2026-11-13T00:00:00"}
    assert entries() == [
        same | {"action": "We stopped six riders.", "action-date": "2026-11-22T00:00:00"},
        same | {"action": "We spoke to the school.", "action-date": "2026-11-21T00:00:00"},
    ]


def test_what_nothing_was_done_about_yet_says_what_will_be():
    services.priority("Mopeds", now=NOW)
    assert [(each["action"], each["action-date"]) for each in entries()] == [("We patrol.", None)]


def test_what_was_only_proposed_is_left_out_and_what_was_closed_is_not():
    services.proposal("Bikes", now=NOW)
    mopeds = services.priority("Mopeds", now=NOW)
    priorities.close(mopeds, cast.officer("Farah"), Priority.ACHIEVED, "Done.", NOW)
    assert [each["issue"] for each in entries()] == ["Mopeds"]


def test_a_day_is_londons():
    services.priority("Mopeds", now=NOW.replace(month=7, hour=23, minute=30))
    assert entries()[0]["issue-date"] == "2026-07-23T00:00:00"


def test_texts_are_html_and_nothing_in_them_acts():
    services.priority("<script>alert(1)</script>", now=NOW)
    (entry,) = entries()
    assert police_uk.as_html(entry)["issue"] == "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>"
    assert police_uk.as_html(entry | {"action": "One.\n\nTwo."})["action"] == "<p>One.</p><p>Two.</p>"


@pytest.mark.parametrize("first", [*"=+-@", *"\uff1d\uff0b\uff0d\uff20", "\t", "\r", "\n"])
def test_a_spreadsheet_calculates_nothing(first):
    table = police_uk.as_csv([dict.fromkeys(police_uk.NAMES, f'{first}HYPERLINK("x","y")')])
    rows = list(csv.reader(table.splitlines(keepends=True)))
    assert rows[0] == ["issue", "issue-date", "action", "action-date"]
    assert {cell[0] for cell in rows[1]} == {"'"}


def test_all_wards_come_by_one_command(app):
    services.priority("Mopeds", now=NOW)
    services.priority("Bikes", ward=RAVENSBURY, now=NOW)
    services.proposal("Sheds", ward=SURBITON_HILL, now=NOW)
    found = json.loads(app.test_cli_runner().invoke(args=["export", "priorities"]).output)
    issues = {code: [each["issue"] for each in entries] for code, entries in found.items()}
    assert issues == {RAVENSBURY: ["<p>Bikes</p>"], ST_HELIER: ["<p>Mopeds</p>"]}

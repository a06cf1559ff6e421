"""Residents on a phone take a copy, complain and erase their record, with script and without."""

import json
import zipfile

import pytest
from playwright.sync_api import Page, expect

from metengage import db, links
from metengage.models import Complaint, Link, Resident
from tests import cast
from tests.browser.hand import PHONE, heading, press


@pytest.fixture
def amara(someone, script) -> Page:
    """Amara's page, on her phone."""
    page = someone(PHONE, java_script_enabled=script, accept_downloads=True)
    page.goto(f"/preferences/open/{links.issue(Link.SIGN_IN, cast.resident('Amara'), db.now())}")
    press(page, "Open my preferences")
    return page


def test_amara_takes_a_copy(amara, tmp_path):
    amara.goto("/preferences/everything")
    with amara.expect_download() as begun:
        press(amara, "Download a copy")
    begun.value.save_as(tmp_path / "copy.zip")
    with zipfile.ZipFile(tmp_path / "copy.zip") as package:
        assert json.loads(package.read("metengage.json"))["resident"][0]["email"] == "amara@example.org"


def test_amara_erases_her_record(amara):
    amara.goto("/preferences/erase")
    press(amara, "Erase my record")
    expect(heading(amara)).to_have_text("Your record is erased")
    assert not Resident.select().where(Resident.email == "amara@example.org").exists()


def test_amara_complains(amara):
    amara.goto("/complaints/new")
    amara.get_by_label("What went wrong?").fill("You kept my old address.")
    press(amara, "Send my complaint")
    expect(heading(amara)).to_have_text("We have your complaint")
    assert Complaint.get().resident == cast.resident("Amara")

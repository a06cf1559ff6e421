"""An officer's portrait: brought and taken away on their account, and shown where residents ask for them."""

from io import BytesIO

import pytest

from metengage import db, pictures, staffing, teams
from tests import cast
from tests.brought import photo
from tests.cast import ST_HELIER
from tests.page import Page


@pytest.fixture
def account(signed_in) -> Page:
    """Farah's account, whom residents of St Helier ask for."""
    teams.name_contact(cast.officer("Hana"), cast.team("St Helier"), cast.officer("Farah"))
    return signed_in("Farah").visit("/officers/account")


def bring(page: Page, content: bytes | None = None) -> Page:
    return page.submit("Save your picture", file=(BytesIO(content), "me.jpg") if content is not None else "")


def shown(page: Page) -> str | None:
    """The address of the portrait on a page."""
    found = page.soup.select_one(".site-portrait")
    return found["src"] if found else None


def test_residents_see_it_where_they_ask_for_the_officer(account, visitor):
    assert shown(visitor.visit(f"/areas/{ST_HELIER}")) is None
    after = bring(account, photo())
    assert "Your picture is saved." in after.text
    assert shown(after) == shown(visitor.visit(f"/areas/{ST_HELIER}"))
    reply = visitor.ask("GET", shown(after))
    assert (reply.status_code, reply.mimetype) == (200, "image/jpeg")


def test_nobody_s_is_shown_where_nobody_is_asked_for(account, visitor):
    bring(account, photo())
    teams.name_contact(cast.officer("Hana"), cast.team("St Helier"), None)
    assert shown(visitor.visit(f"/areas/{ST_HELIER}")) is None


def test_another_takes_its_place_and_it_can_be_removed(account, visitor):
    first = shown(bring(account, photo()))
    page = bring(account.visitor.visit("/officers/account"), photo())
    assert shown(page) != first
    assert visitor.ask("GET", first).status_code == 404
    page = page.submit("Remove your picture")
    assert ("Your picture is removed." in page.text, shown(page)) == (True, None)
    assert pictures.portrait_of(cast.officer("Farah")) is None


@pytest.mark.parametrize(
    ("content", "sentence"),
    [(None, "Choose a picture"), (b"<svg onload=alert(1)>", "not a picture"), (photo()[:900], "not whole")],
)
def test_what_is_wrong_is_said_and_the_one_before_stays(account, content, sentence):
    before = shown(bring(account, photo()))
    page = bring(account.visitor.visit("/officers/account"), content)
    assert page.status == 422
    assert sentence in page.errors[0]
    assert shown(page) == before


def test_it_goes_with_an_officer_who_is_suspended(account, visitor):
    address = shown(bring(account, photo()))
    staffing.suspend(cast.officer("Hana"), cast.officer("Farah"), db.now())
    assert visitor.ask("GET", address).status_code == 404
    assert shown(visitor.visit(f"/areas/{ST_HELIER}")) is None

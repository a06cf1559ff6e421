"""From a poster on a wall to a sign-up: an officer prints it, somebody scans it."""

import pypdfium2
import pytest
import zxingcpp

from tests.cast import RAVENSBURY, ST_HELIER, SUTTON
from tests.page import answer_survey
from tests.services import link_in

CLEO = "cleo@example.org"
BEDDINGTON = "E05013754"  # in Sutton


def scanned(officer, link: str) -> str:
    """Where the code of a print leads to that Farah finds on her team's page."""
    team = officer.visit("/officers/team").click("St Helier team")
    address = next(each["href"] for each in team.soup.find_all("a") if " ".join(each.get_text().split()) == link)
    pdf = officer.ask("GET", address).data
    return zxingcpp.read_barcodes(pypdfium2.PdfDocument(pdf)[0].render(scale=2).to_pil())[0].text


@pytest.mark.parametrize("link", ["Poster for St Helier", "10 cards to cut out for St Helier"])
def test_who_scans_a_print_signs_up_for_its_ward(signed_in, visitor, post, work, link):
    page = visitor.visit(scanned(signed_in("Farah"), link))
    assert page.h1 == "Alerts for St Helier, Merton"
    page = answer_survey(page.submit("I live in St Helier"))
    assert "Your ward St Helier, Merton" in page.text
    page.submit("Agree and sign up", agree="y")
    work()
    page = visitor.visit(link_in(post.last_to(CLEO), "/confirm/")).submit("Yes, send me these")
    assert (page.h1, "St Helier, Merton" in page.text) == ("You are signed up", True)


def test_they_may_still_say_another_ward(visitor):
    page = answer_survey(visitor.visit(f"/join/{ST_HELIER}").submit("I live in"))
    page = page.click("Change your ward").submit("Continue", ward=RAVENSBURY)
    assert "Your ward Ravensbury, Merton" in page.text


def test_or_enter_their_postcode(visitor):
    assert visitor.visit(f"/join/{ST_HELIER}").click("Enter your postcode").h1 == "What is your postcode?"


def test_what_was_answered_before_stays(visitor):
    answer_survey(visitor.visit("/sign-up/"), "frequency", ward={"ward": RAVENSBURY})
    page = visitor.visit(f"/join/{ST_HELIER}").submit("I live in")
    assert page.url == "/sign-up/frequency"


def test_a_code_that_is_typed_in_small_letters_is_understood(visitor):
    assert visitor.visit(f"/join/{ST_HELIER.lower()}").h1 == "Alerts for St Helier, Merton"


def test_looking_at_it_keeps_nothing(visitor):
    visitor.visit(f"/join/{ST_HELIER}")
    assert visitor.visit("/sign-up/check").h1 == "What is your postcode?"


@pytest.mark.parametrize("code", [SUTTON, "E05999999", "St Helier", "%00", "🏠"])
def test_there_is_nothing_behind_what_is_no_ward(visitor, code):
    assert visitor.visit(f"/join/{code}").status == 404


def test_where_it_has_not_started_it_says_so_and_begins_nothing(visitor):
    page = visitor.visit(f"/join/{BEDDINGTON}")
    assert "has not started in Sutton yet" in page.text
    token = visitor.visit("/preferences").soup.find("input", attrs={"name": "csrf_token"})["value"]
    visitor.post(f"/join/{BEDDINGTON}", {"csrf_token": token}, status=404)

"""Priorities in a browser: officers work on them on a tablet, residents vote on a phone; every page passes review."""

from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from metengage import actions, db, links, priorities
from metengage.formats import london
from metengage.models import Link, Priority, Vote
from tests import brought, cast, services
from tests.browser.hand import PHONE, TABLET, heading, press, sign_in
from tests.browser.review import OFFICERS, RESIDENTS, Reviewer

WARD = f"/officers/priorities/wards/{cast.ST_HELIER}"


def open_page(page: Page, name: str = "Amara") -> None:
    page.goto(f"/preferences/open/{links.issue(Link.SIGN_IN, cast.resident(name), db.now())}")
    press(page, "Open my preferences")
    expect(heading(page)).to_have_text("Your preferences")


def acted() -> Priority:
    """What the team works on, with what it did and a picture of it."""
    priority, farah = services.priority("Mopeds ridden on the pavements of Green Lane"), cast.officer("Farah")
    shown = (brought.photo(), "A van in Green Lane")
    actions.act(priority, farah, london(db.now()).date(), "We stopped six riders.", db.now(), shown)
    return priority


def close(priority: Priority) -> None:
    now = Priority.get_by_id(priority.id)
    priorities.close(now, cast.officer("Farah"), Priority.ACHIEVED, "Calls halved.\n\nWe go on.", db.now())


# --- Journeys ---


def test_an_officer_proposes_sets_and_acts(someone, script, app, tmp_path):
    page, van = someone(TABLET, java_script_enabled=script), tmp_path / "van.jpg"
    van.write_bytes(brought.photo())
    sign_in(page, "Farah")
    page.get_by_role("link", name="Priorities").click()
    page.get_by_role("link", name="St Helier, Merton").click()
    page.get_by_label("What do residents ask for?").fill("Mopeds in Green Lane")
    press(page, "Propose it")
    page.get_by_label("What will the team do?").fill("We patrol.")
    press(page, "Set as a priority")
    page.get_by_label("What did you do?").fill("We stopped six riders.")
    page.get_by_text("Add a picture").click()
    page.get_by_label("Picture", exact=True).set_input_files(van)
    page.get_by_label("Describe the picture").fill("A van in Green Lane")
    press(page, "Add it")
    page.get_by_role("link", name="What residents read").click()
    expect(page.get_by_role("img", name="A van in Green Lane")).to_be_visible()


def test_a_resident_votes_by_one_tap_and_takes_it_back(someone, script, app):
    services.proposal("Bikes")
    page = someone(PHONE, java_script_enabled=script)
    open_page(page)
    page.get_by_role("link", name="Change priorities").click()
    press(page, "Vote for this")
    expect(page.get_by_text("You voted for this.")).to_be_visible()
    press(page, "Take the vote back")
    expect(page.get_by_role("button", name="Vote for this")).to_be_visible()


def test_a_resident_stops_and_begins_these_emails(someone, script, app):
    Vote.create(priority=services.priority("Bikes"), resident=cast.resident("Amara"))
    page = someone(PHONE, java_script_enabled=script)
    open_page(page)
    page.goto("/preferences/priorities")
    press(page, "Stop these emails")
    press(page, "Email me about it")
    expect(page.get_by_role("button", name="Stop these emails")).to_be_visible()


# --- Review ---


@pytest.fixture
def officers_reviewer(someone) -> Reviewer:
    reviewer = Reviewer(someone(PHONE), OFFICERS)
    sign_in(reviewer.page, "Hana")
    return reviewer


def test_lists_of_priorities_pass_review(officers_reviewer, app):
    page, reviewer = officers_reviewer.page, officers_reviewer
    page.goto("/officers/priorities")
    reviewer.look("Priorities")
    services.priority("Sheds", now=db.now() - timedelta(days=40))
    services.proposal("Bikes")
    for _ in range(10):
        services.raised(None)
    for address, title in (("/officers/priorities", "Priorities"), (WARD, "Priorities of"), ("/officers/", "Alerts")):
        page.goto(address)
        reviewer.look(title)
    page.goto(WARD)
    press(page, "Propose it")
    reviewer.look("Error: Priorities of")
    assert reviewer.wrong == []


def test_a_proposal_passes_review(officers_reviewer, app):
    page, reviewer = officers_reviewer.page, officers_reviewer
    page.goto(f"/officers/priorities/{services.proposal('Bikes').id}")
    reviewer.look("Bikes")
    press(page, "Set as a priority")
    reviewer.look("Error: Bikes")
    press(page, "Note the votes")
    reviewer.look("Error: Bikes")
    page.get_by_label("How many voted for it?").fill("24")
    press(page, "Note the votes")
    page.get_by_text("It is not chosen").click()
    reviewer.look("Bikes")
    assert reviewer.wrong == []


def test_what_is_worked_on_passes_review(officers_reviewer, app):
    page, reviewer, priority = officers_reviewer.page, officers_reviewer, acted()
    page.goto(f"/officers/priorities/{priority.id}")
    for summary in ("Add a picture", "Change what it says", "Close it"):
        page.get_by_text(summary).first.click()
    reviewer.look("Mopeds ridden")
    press(page, "Add it")
    reviewer.look("Error: Mopeds ridden")
    close(priority)
    page.goto(f"/officers/priorities/{priority.id}")
    reviewer.look("Mopeds ridden")
    press(page, "Tell residents")
    reviewer.look("Write an alert")
    assert reviewer.wrong == []


def test_what_residents_read_passes_review(someone, app):
    reviewer, priority = Reviewer(someone(PHONE), RESIDENTS), acted()
    page, proposal = reviewer.page, services.proposal("Bikes")
    for address, title in (
        (f"/priorities/{priority.id}", "Mopeds ridden"),
        (f"/priorities/{proposal.id}", "Bikes"),
        (f"/areas/{cast.ST_HELIER}", "St Helier"),
    ):
        page.goto(address)
        reviewer.look(title)
    close(priority)
    page.goto(f"/priorities/{priority.id}")
    reviewer.look("Mopeds ridden")
    assert reviewer.wrong == []


def test_a_residents_own_priorities_pass_review(someone, app):
    reviewer = Reviewer(someone(PHONE), RESIDENTS)
    page = reviewer.page
    open_page(page)
    page.goto("/preferences/priorities")
    reviewer.look("Priorities")
    services.proposal("Bikes")
    Vote.create(priority=acted(), resident=cast.resident("Amara"))
    page.goto("/preferences/priorities")
    reviewer.look("Priorities")
    press(page, "Vote for this")
    reviewer.look("Priorities")
    press(page, "Stop these emails")
    reviewer.look("Priorities")
    assert reviewer.wrong == []

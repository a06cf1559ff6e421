"""Leaving always works, the way back is for the mailbox alone, and nothing of somebody stays in a browser."""

from datetime import timedelta

import pytest

from metengage import db, journal, leaving, links, residents, suppressions
from metengage.choices import WORDING
from metengage.models import Link, Resident, Suppression
from tests import cast


def opened(visitor, name="Amara"):
    """Their page, by a magic link."""
    token = links.issue(Link.SIGN_IN, cast.resident(name), db.now())
    return visitor.visit(f"/preferences/open/{token}").submit("Open my preferences")


def left(name="Amara") -> str:
    """They leave; the token of their goodbye."""
    return links.sign(links.RETURN, leaving.leave(cast.resident(name), leaving.BY_PAGE, db.now()))


def test_an_email_from_before_they_came_back_still_stops_everything(visitor):
    old = links.sign(links.UNSUBSCRIBE, cast.resident("Amara"), 7)
    left()
    leaving.come_back(cast.resident("Amara"), WORDING, db.now())
    assert visitor.ask("POST", f"/unsubscribe/{old}").status_code == 200
    assert cast.resident("Amara").state == Resident.LEFT


def test_an_email_to_an_address_that_is_theirs_no_longer_stops_nothing(visitor):
    amara = cast.resident("Amara")
    old = links.sign(links.UNSUBSCRIBE, amara, 7)
    Resident.update(link_version=2).where(Resident.id == amara.id).execute()
    journal.note(journal.MOVED, resident=amara)
    assert visitor.ask("POST", f"/unsubscribe/{old}").status_code == 410
    assert cast.resident("Amara").is_confirmed


def test_an_old_email_stops_everything_but_opens_no_page(visitor, monkeypatch):
    token = links.sign(links.UNSUBSCRIBE, cast.resident("Amara"), 7)
    monkeypatch.setitem(links.SIGNED_LIFETIME, links.PREFERENCES, timedelta(seconds=-1))
    page = visitor.visit(f"/unsubscribe/{token}")
    assert page.soup.find("a", href="/preferences", string=lambda words: "Choose what you get" in words)
    assert not page.soup.select("a[href*='/preferences/open/']")


def test_the_goodbye_erases_too(visitor):
    page = visitor.visit(f"/come-back/{left()}").submit("Erase my record now")
    assert page.h1 == "Your record is erased"
    assert not Resident.get_or_none(Resident.email == "amara@example.org")


def test_the_page_after_an_emails_link_cannot_erase(visitor):
    token = links.sign(links.UNSUBSCRIBE, cast.resident("Amara"), 7)
    page = visitor.visit(f"/unsubscribe/{token}").submit("Stop all emails")
    form, _ = page.form("Come back")
    assert visitor.post(form["action"] + "/erase", page.fields(form)).status == 410
    assert cast.resident("Amara").state == Resident.LEFT


@pytest.mark.parametrize("press", ["Close my page", "Stop all emails"])
def test_nothing_they_typed_stays_in_the_browser(visitor, press):
    opened(visitor)
    with visitor.client.session_transaction() as session:
        session.update({"asked_for": "amara@example.org", "moving": {"postcode": "SM46HH"}, "moving_to": "a@b.org"})
    visitor.visit("/preferences").submit(press)
    with visitor.client.session_transaction() as session:
        assert set(session) <= {"csrf_token", "_fresh", "left"}


def test_who_hears_nothing_is_told_what_to_do(visitor):
    page = opened(visitor)
    suppressions.add(cast.resident("Amara"), Suppression.COMPLAINED, db.now())
    page = page.visitor.visit("/preferences/alerts").submit("Save")
    assert page.status == 422
    assert page.errors == ["You get no alerts now. Choose for at least one kind below how often you want them"]


def test_whoever_confirms_need_not_ask_for_a_link_to_their_page(visitor):
    link = residents.sign_up(
        {"postcode": "SM46HH", "ward": cast.ST_HELIER, "areas": [], "types": ["advice"], "concerns": ["none"],
         "frequency": "daily", "name": "", "email": "nobody@example.org"}, db.now(),
    )  # fmt: skip
    token = links.issue(Link.CONFIRM, link.resident, db.now(), link.consent)
    visitor.visit(f"/confirm/{token}").submit("Yes, send me these")
    page = visitor.visit("/preferences")
    assert "Crime prevention advice: daily at 7:30am" in page.text
    assert "nobody@example.org" not in page.text


@pytest.mark.parametrize("often", ["daily", "weekly", "immediately"])
def test_one_press_changes_how_often_they_get_everything(visitor, often):
    page = opened(visitor).submit(f"Get all {often}")
    assert f"Crime prevention advice: {often}" in page.text
    assert f"Incidents and investigations: {often}" in page.text


def test_how_often_that_is_not_offered_changes_nothing(visitor):
    page = opened(visitor)
    form, _ = page.form("Get all daily")
    assert visitor.post(form["action"], page.fields(form) | {"every": ["hourly"]}).status == 422
    assert "Crime prevention advice: immediately" in visitor.visit("/preferences").text

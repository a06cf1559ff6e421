"""A session ends by itself, what was typed goes through signing in again, and only its writer's press sends it."""

import re
from datetime import datetime, timedelta

import pytest

from metengage import db, second_factor
from metengage.config import ROOT, settings
from metengage.models import TABLES, Alert, Attempt, Journal
from metengage.officers import WAS_IDLE, WAS_LONG, why_over
from metengage.views.officers import ELSEWHERE, LOOKS_AGAIN, NOT_YOURS
from tests import cast, services
from tests.cast import PASSWORD
from tests.page import Page, Visitor, write_alert

FARAH = {"email": "farah@met.example.org", "password": PASSWORD}
PART = {"HX-Request": "true", "HX-Request-Type": "partial"}
OURS, THEIRS = {"Sec-Fetch-Site": "same-origin"}, {"Sec-Fetch-Site": "cross-site"}
TYPED = "Two mopeds & a <bicycle>\r\nwere taken."


def turn_back(visitor: Visitor, **minutes: int) -> None:
    """Have the session begun, or last seen, so long ago."""
    with visitor.client.session_transaction() as session:
        for name, ago in minutes.items():
            session[name] -= 60 * ago


def sent_late(visitor: Visitor, edit: Page, **headers) -> Page:
    """What Farah sends from a page that is open since before her session ended."""
    form, _ = edit.form("Save and preview")
    data = edit.fields(form) | {"title": ["Mopeds"], "body": [TYPED], "areas": [cast.ST_HELIER, cast.RAVENSBURY]}
    return Page(visitor, visitor.ask("POST", f"{edit.url}", data=data, headers=headers))


@pytest.fixture
def farah(signed_in) -> Visitor:
    return signed_in("Farah")


@pytest.fixture
def edit(farah) -> Page:
    return write_alert(farah)


def rows() -> dict:
    passing = (Attempt, Journal)
    return {each.__name__: sorted(each.select().tuples(), key=repr) for each in TABLES if each not in passing}


# --- When a session ends ---


@pytest.mark.parametrize(
    ("began", "seen", "why"), [(719, 29, ""), (31, 30, WAS_IDLE), (720, 0, WAS_LONG), (721, 31, WAS_IDLE)]
)
def test_a_session_lasts_for_30_idle_minutes_and_12_hours(began, seen, why):
    now = datetime(2026, 11, 22, 12, 0)
    assert why_over(now - timedelta(minutes=began), now - timedelta(minutes=seen), now) == why


@pytest.mark.parametrize(("ago", "why"), [({"seen": 31}, WAS_IDLE), ({"began": 721}, WAS_LONG)])
def test_the_sign_in_page_says_why_it_ended(farah, ago, why):
    turn_back(farah, **ago)
    page = farah.visit("/officers/alerts")
    assert page.url == "/officers/sign-in"
    assert why in page.text


def test_who_was_signed_out_elsewhere_is_told_so(farah, signed_in):
    signed_in("Farah").visit("/officers/alerts").submit("Sign out")
    assert ELSEWHERE in farah.visit("/officers/alerts").text


def test_who_was_never_in_is_told_nothing(visitor):
    assert "You were signed out" not in visitor.visit("/officers/alerts").text


def test_each_request_of_the_person_keeps_it(farah):
    for _ in range(3):
        turn_back(farah, seen=20)
        assert farah.visit("/officers/alerts").url == "/officers/alerts"


def test_a_page_that_looks_again_by_itself_does_not_keep_it(farah):
    alert = services.story().alerts.get()
    turn_back(farah, seen=20)
    assert farah.ask("GET", f"/officers/alerts/{alert.id}", headers=PART).status_code == 200
    turn_back(farah, seen=11)
    assert farah.ask("GET", f"/officers/alerts/{alert.id}", headers=PART).status_code == 401
    assert farah.visit("/officers/alerts").url == "/officers/sign-in"


def test_every_page_that_looks_again_by_itself_is_known():
    sources = [path.read_text(encoding="utf-8") for path in (ROOT / "templates" / "officers").rglob("*.html")]
    found = {name for text in sources for name in re.findall(r"url_for\('([\w.]+)'[^>]*?hx-trigger=\"every", text)}
    assert found == set(LOOKS_AGAIN)


def test_no_row_is_written_to_keep_a_session(farah):
    before = rows()
    farah.visit("/officers/alerts")
    assert rows() == before


# --- Coming back to a page ---


def test_after_signing_in_the_page_that_was_asked_for_opens(visitor):
    draft = services.draft()
    page = visitor.visit(f"/officers/alerts/{draft.id}/edit").submit("Sign in", **FARAH)
    assert page.url == f"/officers/alerts/{draft.id}/edit"


@pytest.mark.parametrize(
    "address",
    [
        *("https://evil.example/officers/", "//evil.example/officers/alerts", "/\\evil.example", "javascript:alert(1)"),
        *("/preferences", "/officers/nowhere", "/officers/sign-out", "/officers/sign-in", "/officers/../preferences"),
        *(
            "/officers/alerts\r\nSet-Cookie: a=b",
            "/officers//evil.example",
            "http://[",
            "/officers/alerts/1/send",
            "\0",
        ),
    ],
)
def test_no_other_address_opens_after_signing_in(visitor, address):
    page = Page(visitor, visitor.ask("GET", "/officers/sign-in", query_string={"next": address}))
    reply = visitor.ask("POST", "/officers/sign-in", data=page.fields(page.form("Sign in")[0]) | FARAH)
    assert reply.location == "/officers/alerts"


# --- Nothing typed is lost ---


def test_what_is_sent_after_the_session_ended_waits_and_goes_by_one_press(farah, edit):
    turn_back(farah, seen=31)
    asked, before = sent_late(farah, edit), rows()
    assert (asked.status, asked.h1) == (403, "Sign in for officers")
    assert WAS_IDLE in asked.text
    again = asked.submit("Sign in", **FARAH)
    assert again.h1 == "You are signed in again"
    assert rows() == before
    again.submit("Carry on")
    alert = Alert.get()
    assert (alert.title, alert.body) == ("Mopeds", "Two mopeds & a <bicycle>\nwere taken.")
    assert alert.alert_areas.count() == 2


def test_a_wrong_password_and_the_code_on_the_way_lose_nothing(farah, edit):
    services.set_up_second_factor("Farah", db.now() - timedelta(minutes=5))
    turn_back(farah, seen=31)
    page = sent_late(farah, edit).submit("Sign in", **(FARAH | {"password": "wrong"}))
    page = page.submit("Sign in", **FARAH).submit("Sign in", code="1")
    assert page.errors == ["This code is wrong, or was used already. Enter the one that your device shows now"]
    page = page.submit("Sign in", code=services.code_of(cast.officer("Farah"), db.now()))
    page.submit("Carry on")
    assert Alert.get().title == "Mopeds"


def test_it_goes_also_from_a_tab_whose_browser_forgot_the_session(farah, edit):
    farah.client.delete_cookie("session")
    sent_late(farah, edit, **OURS).submit("Sign in", **FARAH).submit("Carry on")
    assert Alert.get().title == "Mopeds"


def test_it_goes_also_from_a_tab_that_was_open_while_another_signed_in_again(farah, edit):
    turn_back(farah, seen=31)
    farah.visit("/officers/alerts").submit("Sign in", **FARAH)
    again, before = sent_late(farah, edit, **OURS), rows()
    assert (again.status, again.h1) == (400, "Carry on where you were")
    assert rows() == before
    again.submit("Carry on")
    assert Alert.get().title == "Mopeds"


@pytest.mark.parametrize("headers", [THEIRS, {}])
def test_another_website_puts_nothing_before_an_officer(farah, edit, headers):
    farah.client.delete_cookie("session")
    reply = farah.ask("POST", edit.url, data={"title": "From elsewhere"}, headers=headers)
    assert reply.status_code == 400
    assert "From elsewhere" not in reply.text
    assert "Set-Cookie" not in reply.headers


@pytest.mark.parametrize("headers", [THEIRS, {}])
def test_another_website_puts_nothing_before_who_is_signed_in(farah, edit, headers):
    reply = farah.ask("POST", edit.url, data={"title": "From elsewhere"}, headers=headers)
    assert reply.status_code == 400
    assert "From elsewhere" not in reply.text


HANA = FARAH | {"email": "hana@met.example.org"}


def not_shown(page: Page) -> bool:
    return (page.url, NOT_YOURS in page.text, "bicycle" in page.html) == ("/officers/alerts", True, False)


def test_nobody_else_who_signs_in_sees_it_or_goes_on_with_it(farah, edit):
    turn_back(farah, seen=31)
    asked, before = sent_late(farah, edit), rows()
    assert not_shown(asked.submit("Sign in", **HANA))
    assert rows() == before


def test_nobody_else_sees_it_when_the_browser_forgot_the_session(farah, edit):
    farah.client.delete_cookie("session")
    assert not_shown(sent_late(farah, edit, **OURS).submit("Sign in", **HANA))


def test_nobody_else_who_is_signed_in_meanwhile_sees_it(farah, edit):
    turn_back(farah, seen=31)
    farah.visit("/officers/alerts").submit("Sign in", **HANA)
    before = rows()
    assert sent_late(farah, edit, **OURS).reply.location == "/officers/alerts"
    assert not_shown(farah.visit("/officers/alerts"))
    assert rows() == before


def test_nobody_else_saves_it_by_itself(farah, edit):
    turn_back(farah, seen=31)
    farah.visit("/officers/alerts").submit("Sign in", **HANA)
    reply = sent_late(farah, edit, **PART, **{"HX-Target": "div#outlook"})
    assert (reply.status, "HX-Trigger" in reply.reply.headers) == (400, False)
    assert "somebody else is signed in here now" in reply.html


@pytest.mark.parametrize(("button", "sends"), [("Check and send", False), ("Send to", True)])
def test_only_what_lets_something_go_to_residents_says_so(farah, button, sends):
    page = write_alert(farah, alert_type="advice")
    page = page.submit("Check and send") if sends else page
    turn_back(farah, seen=31)
    again = page.submit(button).submit("Sign in", **FARAH)
    assert ("Carry on only if it still should" in again.text) is sends
    assert ("nothing goes to residents yet" in again.text) is not sends


def test_neither_passwords_nor_tokens_are_carried(farah):
    form, _ = farah.visit("/officers/account/password").form("Change your password")
    token = form.find("input", attrs={"name": "csrf_token"})["value"]
    turn_back(farah, seen=31)
    data = {"csrf_token": token, "password": PASSWORD, "new_password": "three blue lamps", "kept": "words"}
    page = Page(farah, farah.ask("POST", "/officers/account/password", data=data))
    assert not {PASSWORD, "three blue lamps"} & {each.get("value") for each in page.soup.find_all("input")}
    assert page.soup.find("input", attrs={"name": "errand.field.kept"})["value"] == "words"


def test_what_saves_itself_is_told_to_sign_in_in_a_new_tab(farah, edit):
    turn_back(farah, seen=31)
    reply = sent_late(farah, edit, **PART, **{"HX-Target": "div#outlook"})
    assert reply.status == 401
    assert "What you typed is still here" in reply.html
    assert reply.soup.find("a", href="/officers/sign-in")["target"] == "_blank"


# --- In production, nothing opens before the second factor is set up ---


@pytest.fixture
def production(app, monkeypatch):
    monkeypatch.setattr(settings, "public_url", "https://engage.example.org")


def test_nothing_opens_before_the_second_factor_is_set_up(production, signed_in):
    page = signed_in("Farah").visit("/officers/alerts")
    assert page.h1 == "Set up your second factor"
    assert "Not now" not in page.text


def test_it_leads_on_afterwards(production, visitor):
    page = visitor.visit("/officers/team").submit("Sign in", **FARAH)
    with visitor.client.session_transaction() as session:
        nonce = session["nonce"]
    page = page.submit("Use this as my second factor", code=services.code_by(nonce, db.now()))
    assert page.h1 == "Your second factor is set up"
    assert page.click("I have them").url == "/officers/team"


def test_what_was_sent_is_carried_through_setting_it_up(farah, edit, production):
    turn_back(farah, seen=31)
    page = sent_late(farah, edit).submit("Sign in", **FARAH)
    assert page.h1 == "Set up your second factor"
    with farah.client.session_transaction() as session:
        nonce = session["nonce"]
    page = page.submit("Use this as my second factor", code=services.code_by(nonce, db.now()))
    page.submit("Carry on")
    assert Alert.get().title == "Mopeds"


def test_on_ones_own_machine_it_is_only_offered(farah):
    page = farah.visit("/officers/account").submit("Set up your second factor")
    assert page.click("Not now").h1 == "My account"
    assert not second_factor.is_set_up(cast.officer("Farah"))

"""The staff's door: anonymous, wrong team, right team, for every address behind it."""

import re

import pytest

from metengage import alerts, links, manners, readiness
from metengage.models import Alert, Officer
from metengage.views.officers import OPEN_TO_ALL
from tests import cast, services
from tests.cast import KINGSTON, MERTON, PASSWORD, RAVENSBURY, ST_HELIER, SURBITON_HILL, SUTTON, WANDLE_IN_MERTON
from tests.page import Visitor, write_alert

DOORS = [
    ("GET", "/officers/"),
    ("GET", "/officers/alerts"),
    ("POST", "/officers/alerts"),
    ("POST", "/officers/sign-out"),
    ("GET", "/officers/account"),
    ("POST", "/officers/account/name"),
    ("POST", "/officers/account/portrait"),
    ("POST", "/officers/account/portrait/remove"),
    ("GET", "/officers/account/password"),
    ("POST", "/officers/account/password"),
    ("GET", "/officers/account/second-factor"),
    ("POST", "/officers/account/second-factor"),
    ("GET", "/officers/account/recovery-codes"),
    ("POST", "/officers/account/recovery-codes"),
    ("GET", "/officers/account/cover"),
    ("POST", "/officers/account/cover"),
    ("POST", "/officers/account/cover/end"),
    ("GET", "/officers/concerns"),
    ("POST", "/officers/concerns/spam"),
    ("GET", "/officers/surveys"),
    ("GET", "/officers/surveys/new"),
    ("POST", "/officers/surveys"),
    ("GET", "/officers/team"),
    ("GET", "/officers/priorities"),
    ("GET", "/officers/team/1"),
    ("GET", "/officers/events"),
    ("GET", "/officers/events/new"),
    ("POST", "/officers/events"),
    ("GET", "/officers/door"),
    ("POST", "/officers/door"),
    ("GET", "/officers/door/worker.js"),
    ("GET", "/officers/wards/1/poster"),
    ("GET", "/officers/wards/1/cards"),
]
MANAGERS_DOORS = [
    ("POST", "/officers/team/1/contact"),
    ("POST", "/officers/team/1/members"),
    ("POST", "/officers/team/1/members/1/remove"),
    ("POST", "/officers/team/1/wards"),
    ("GET", "/officers/team/1/stories"),
    ("POST", "/officers/team/1/stories"),
    ("GET", "/officers/team/officers"),
    ("GET", "/officers/team/officers/1"),
    ("GET", "/officers/team/officers/1/suspend"),
    ("POST", "/officers/team/officers/1/suspend"),
    ("POST", "/officers/team/officers/1/let-back"),
    ("GET", "/officers/team/officers/1/reset"),
    ("POST", "/officers/team/officers/1/reset"),
    ("GET", "/officers/team/officers/1/drafts"),
    ("POST", "/officers/team/officers/1/drafts"),
]
TEAM_DOORS = [
    ("GET", "/officers/alerts/1"),
    ("GET", "/officers/alerts/1/edit"),
    ("POST", "/officers/alerts/1/edit"),
    ("GET", "/officers/alerts/1/review"),
    ("POST", "/officers/alerts/1/review"),
    ("GET", "/officers/alerts/1/email"),
    ("GET", "/officers/alerts/1/map"),
    *(
        ("POST", f"/officers/alerts/1/where/{what}")
        for what in ("team", "unit", "search", "circle", "map", "no-circle")
    ),
    ("POST", "/officers/alerts/1/discard"),
    ("POST", "/officers/alerts/1/snippet"),
    ("GET", "/officers/alerts/1/versions"),
    ("POST", "/officers/alerts/1/versions/1"),
    ("POST", "/officers/alerts/1/reason"),
    ("POST", "/officers/alerts/1/send"),
    ("POST", "/officers/alerts/1/ask"),
    ("POST", "/officers/alerts/1/send-first"),
    ("POST", "/officers/alerts/1/take-back"),
    ("POST", "/officers/alerts/1/time"),
    ("POST", "/officers/alerts/1/try"),
    ("GET", "/officers/alerts/1/decide"),
    ("POST", "/officers/alerts/1/approve"),
    ("POST", "/officers/alerts/1/return"),
    ("POST", "/officers/alerts/1/reviewed"),
    ("POST", "/officers/alerts/1/pause"),
    ("POST", "/officers/alerts/1/resume"),
    ("GET", "/officers/alerts/1/stop"),
    ("POST", "/officers/alerts/1/stop"),
    ("POST", "/officers/alerts/1/correct"),
    ("GET", "/officers/alerts/1/withdraw"),
    ("POST", "/officers/alerts/1/withdraw"),
    ("POST", "/officers/alerts/1/follow-up"),
    ("POST", "/officers/alerts/1/end-story"),
    ("GET", "/officers/alerts/1/picture"),
    ("POST", "/officers/alerts/1/picture"),
    ("POST", "/officers/alerts/1/picture/remove"),
    ("POST", "/officers/alerts/1/poster"),
    ("POST", "/officers/alerts/1/poster/remove"),
    ("GET", "/officers/priorities/wards/1"),
    ("POST", "/officers/priorities/wards/1"),
    ("POST", "/officers/priorities/wards/1/ask"),
    ("GET", "/officers/priorities/1"),
    ("POST", "/officers/priorities/1"),
    *(("POST", f"/officers/priorities/1/{what}") for what in ("set", "hands", "actions", "review", "close", "tell")),
    ("POST", "/officers/priorities/1/actions/1/remove"),
]
CONCERN_DOORS = [
    ("GET", "/officers/concerns/1"),
    ("GET", "/officers/concerns/1/photo"),
    *(
        ("POST", f"/officers/concerns/1/{what}")
        for what in (
            *("take", "give", "sort", "hand-over", "note", "begin", "respond", "ask", "close"),
            *("let-in", "spam", "limit", "limit/end"),
        )
    ),
]
EVENT_DOORS = [
    ("GET", "/officers/events/1"),
    ("GET", "/officers/events/1/edit"),
    ("POST", "/officers/events/1/edit"),
    ("POST", "/officers/events/1/announce"),
    ("POST", "/officers/events/1/alert"),
    ("GET", "/officers/events/1/cancel"),
    ("POST", "/officers/events/1/cancel"),
    ("GET", "/officers/events/1/who"),
    ("POST", "/officers/events/1/who"),
    ("GET", "/officers/events/1/said"),
    ("POST", "/officers/events/1/said"),
]
SURVEY_DOORS = [
    ("GET", "/officers/surveys/1"),
    ("GET", "/officers/surveys/1/edit"),
    ("GET", "/officers/door/surveys/1"),
    ("POST", "/officers/door/surveys/1"),
    *(("POST", f"/officers/surveys/1/{what}") for what in ("edit", "put-away", "open", "close", "alert")),
]
ADMINISTRATORS_DOORS = [
    ("GET", "/officers/sending"),
    ("POST", "/officers/sending/pause"),
    ("POST", "/officers/sending/resume"),
    ("GET", "/officers/sending/stop"),
    ("POST", "/officers/sending/stop"),
    ("GET", "/officers/complaints"),
    ("GET", "/officers/complaints/1"),
    ("POST", "/officers/complaints/1/answer"),
    ("GET", "/officers/team/new"),
    ("POST", "/officers/team"),
    ("GET", "/officers/team/1/edit"),
    ("POST", "/officers/team/1/edit"),
    ("GET", "/officers/team/officers/new"),
    ("POST", "/officers/team/officers"),
    ("GET", "/officers/team/officers/1/edit"),
    ("POST", "/officers/team/officers/1/edit"),
]
ALL_DOORS = DOORS + MANAGERS_DOORS + TEAM_DOORS + CONCERN_DOORS + EVENT_DOORS + SURVEY_DOORS + ADMINISTRATORS_DOORS


@pytest.fixture
def draft(app) -> Alert:
    """St Helier's draft, which has the id 1."""
    alert, priority = services.draft(title="Only for St Helier", alert_type="advice"), services.priority()
    assert alert.id == priority.id == 1
    return alert


def token(visitor: Visitor) -> str:
    """The token of this visitor's forms."""
    page = visitor.visit("/officers/sign-in")  # or the list of alerts, for who is in
    return page.soup.find("input", attrs={"name": "csrf_token"})["value"]


def knock(visitor: Visitor, method: str, url: str, **values):
    return visitor.ask(method, url, data={"csrf_token": token(visitor)} | values if method == "POST" else None)


def row(alert: Alert) -> tuple:
    return Alert.select().where(Alert.id == alert.id).tuples().get()


def test_the_lists_of_doors_are_whole(app):
    behind = {
        (method, re.sub("<[^>]+>", "1", rule.rule))
        for rule in app.url_map.iter_rules()
        if rule.endpoint.startswith("officers.") and rule.endpoint not in OPEN_TO_ALL
        for method in rule.methods & {"GET", "POST"}
    }
    assert behind == {*ALL_DOORS}


# --- Anonymous ---


def test_nobody_passes_unsigned(draft, visitor):
    before = row(draft)
    opened = {url: visitor.ask("GET", url).location for method, url in ALL_DOORS if method == "GET"}
    assert opened == {url: f"/officers/sign-in?next={url}" for url in opened}
    sent = {knock(visitor, method, url) for method, url in ALL_DOORS if method == "POST"}
    assert {reply.status_code for reply in sent} == {403}
    assert row(draft) == before


def test_a_resident_does_not_pass(draft, visitor):
    signed = links.sign(links.PREFERENCES, cast.resident("Amara"))
    visitor.visit(f"/preferences/open/{signed}").submit("Open my preferences")
    assert visitor.visit("/officers/alerts").url == "/officers/sign-in"


def test_nothing_happens_without_a_token(draft, signed_in):
    farah, before = signed_in("Farah"), row(draft)
    words = {"revision": draft.revision, "title": "Without a token"}
    replies = [farah.ask(method, url, data=words) for method, url in ALL_DOORS if method == "POST"]
    assert {reply.status_code for reply in replies} == {400}
    assert row(draft) == before


# --- Wrong team ---


def test_another_team_finds_nothing_there(draft, signed_in):
    gus, before = signed_in("Gus"), row(draft)
    replies = [knock(gus, *door, revision=draft.revision, title="Gus was here") for door in TEAM_DOORS]
    assert {reply.status_code for reply in replies} == {404}
    assert not any("Only for St Helier" in reply.text for reply in replies)
    assert row(draft) == before


def test_gus_never_sees_st_heliers_drafts(draft, signed_in):
    page = signed_in("Gus").visit("/officers/alerts")
    assert "No alerts yet" in page.text
    assert "St Helier" not in page.html


def test_an_officer_begins_alerts_for_their_own_team_only(signed_in):
    gus = signed_in("Gus")
    knock(gus, "POST", "/officers/alerts", team=str(cast.team("St Helier").id))
    assert Alert.get().team == cast.team("Surbiton Hill")


def test_an_administrator_chooses_a_team_that_there_is(signed_in):
    idris = signed_in("Idris")
    for team in ("", "0", "999999", "x", "\0", "9" * 10_000):
        reply = knock(idris, "POST", "/officers/alerts", team=team)
        assert reply.status_code == 422
        assert "Select a team" in reply.text
    assert not Alert.select().exists()


def test_there_is_nothing_behind_a_wrong_number(draft, signed_in):
    farah = signed_in("Farah")
    numbers = ["0", "2", "2147483647", "2147483648", "9" * 30, "-1", "x", "%00"]
    statuses = [farah.ask("GET", f"/officers/alerts/{number}").status_code for number in numbers]
    assert statuses == [404] * len(numbers)


# --- Right team ---


@pytest.mark.parametrize("name", ["Farah", "Hana", "Idris"])
def test_its_team_and_administrators_come_in(draft, signed_in, name):
    officer = signed_in(name)
    assert "Only for St Helier" in officer.visit("/officers/alerts").text
    for url in ("/officers/alerts/1/edit", "/officers/alerts/1/review", "/officers/alerts/1/email"):
        assert officer.ask("GET", url).status_code == 200


@pytest.mark.parametrize("name", ["Farah", "Hana", "Idris"])
def test_its_team_and_administrators_may_send(draft, signed_in, name):
    knock(signed_in(name), "POST", "/officers/alerts/1/send", revision=readiness.looked_at(draft), when="now")
    assert Alert.get().sender == cast.officer(name)


@pytest.mark.parametrize("name", ["Farah", "Hana", "Idris"])
def test_its_team_and_administrators_may_pause_resume_and_stop(draft, signed_in, name):
    officer = signed_in(name)
    services.begin_sending(draft, cast.officer("Farah"), cast.BEGAN)
    for door, paused, stopped in (("pause", True, False), ("resume", False, False), ("stop", False, True)):
        knock(officer, "POST", f"/officers/alerts/1/{door}")
        alert = Alert.get()
        assert (alert.is_paused, alert.is_stopped) == (paused, stopped), door


# --- The address that a test of it has ---


@pytest.mark.parametrize(("name", "leads"), [("Farah", True), ("Hana", True), ("Idris", True), ("Gus", False)])
def test_before_it_is_sent_its_web_address_leads_its_team_to_their_page(draft, signed_in, name, leads):
    officer = signed_in(name)
    page = officer.visit("/alerts/1")
    assert (page.status, page.url) == ((200, "/officers/alerts/1/edit") if leads else (404, "/alerts/1"))
    assert officer.visit("/alerts/999").status == 404


def test_nobody_else_finds_it_before_it_is_sent(draft, visitor, signed_in):
    assert visitor.visit("/alerts/1").status == 404
    officer = signed_in("Farah")
    Officer.update(suspended_at=cast.BEGAN).execute()
    assert officer.visit("/alerts/1").status == 404


def test_once_it_is_sent_its_team_reads_what_everybody_reads(draft, signed_in):
    services.begin_sending(draft, cast.officer("Farah"), cast.BEGAN)
    assert signed_in("Farah").visit("/alerts/1").url == "/alerts/1"


# --- Administrators ---


@pytest.mark.parametrize("name", ["Farah", "Gus", "Hana"])
def test_nobody_else_finds_the_page_of_sending(app, signed_in, name):
    officer = signed_in(name)
    statuses = {knock(officer, *door).status_code for door in ADMINISTRATORS_DOORS}
    assert statuses == {404}
    assert not manners.is_paused()
    assert "/officers/sending" not in officer.visit("/officers/alerts").html


def test_administrators_find_it_from_every_page(app, signed_in):
    page = signed_in("Idris").visit("/officers/alerts").click("Sending")
    assert (page.status, page.h1) == (200, "Sending")


# --- Where they may write to ---


def offered(page) -> list[str]:
    return [each["value"] for each in page.soup.find_all("input", attrs={"name": "areas"})]


@pytest.mark.parametrize(
    ("name", "codes"), [("Farah", [RAVENSBURY, ST_HELIER]), ("Hana", [RAVENSBURY, ST_HELIER, MERTON])]
)
def test_only_a_supervisor_is_offered_the_whole_borough(draft, signed_in, name, codes):
    assert offered(signed_in(name).visit("/officers/alerts/1/edit")) == codes


def test_what_an_officer_was_not_offered_is_not_taken(signed_in):
    page = write_alert(signed_in("Farah"), areas=[ST_HELIER, MERTON, SURBITON_HILL, KINGSTON, "E05999999", "\0"])
    assert page.status == 200
    assert [area.code for area in alerts.written_to(Alert.get())] == [ST_HELIER]


def test_a_supervisor_may_write_to_the_whole_borough(signed_in):
    write_alert(signed_in("Hana"), areas=[MERTON])
    assert [area.code for area in alerts.written_to(Alert.get())] == [MERTON]


def test_a_supervisor_may_write_to_the_command_unit_but_to_no_ward_of_another_borough(signed_in):
    write_alert(signed_in("Hana"), areas=[KINGSTON, SURBITON_HILL, SUTTON, WANDLE_IN_MERTON])
    assert {area.code for area in alerts.written_to(Alert.get())} == {KINGSTON, WANDLE_IN_MERTON}


def test_an_officer_cannot_send_what_a_supervisor_addressed_to_the_borough(signed_in):
    review = write_alert(signed_in("Hana"), areas=[MERTON]).submit("Check and send")
    form, _ = review.form("Ask a supervisor")
    reply = knock(signed_in("Farah"), "POST", form["action"], revision=review.fields(form)["revision"], when="now")
    assert reply.location.endswith("/review")
    assert Alert.get().is_draft


# --- Signing in and out ---


@pytest.mark.parametrize(
    ("email", "password"), [("farah@met.example.org", "wrong"), ("nobody@met.example.org", PASSWORD)]
)
def test_a_wrong_sign_in_is_told_the_same_whatever_was_wrong(visitor, email, password):
    page = visitor.visit("/officers/sign-in").submit("Sign in", email=email, password=password)
    assert (page.status, page.errors) == (
        422,
        ["The email address or the password is wrong. Check both and try again"],
    )
    assert page.soup.find("input", id="email")["value"] == email
    assert not page.soup.find("input", id="password").get("value")


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"email": "", "password": PASSWORD}, "Enter your email address"),
        ({"email": "farah@met.example.org", "password": ""}, "Enter your password"),
    ],
)
def test_an_empty_field_is_explained(visitor, values, sentence):
    page = visitor.visit("/officers/sign-in").submit("Sign in", **values)
    assert (page.status, page.errors) == (422, [sentence])


def test_too_many_tries_get_a_page_with_999(visitor):
    page = visitor.visit("/officers/sign-in")
    statuses = [page.submit("Sign in", email="farah@met.example.org", password="wrong").status for _ in range(5)]
    last = page.submit("Sign in", email="farah@met.example.org", password=PASSWORD)
    assert (statuses, last.status) == ([422] * 5, 429)
    assert "999" in last.text


def test_signing_out_ends_it(signed_in):
    farah = signed_in("Farah")
    farah.visit("/officers/alerts").submit("Sign out")
    assert farah.visit("/officers/alerts").url == "/officers/sign-in"


@pytest.mark.parametrize("change", [{"suspended_at": cast.BEGAN}, {"session_key": "another"}])
def test_a_leaver_is_out_at_once(signed_in, change):
    farah = signed_in("Farah")
    Officer.update(change).where(Officer.email == "farah@met.example.org").execute()
    assert farah.visit("/officers/alerts").url == "/officers/sign-in"


def test_signing_in_begins_a_session_of_its_own(visitor):
    with visitor.client.session_transaction() as session:
        session["answers"] = {"email": "cleo@example.org"}
    visitor.visit("/officers/sign-in").submit("Sign in", email="farah@met.example.org", password=PASSWORD)
    with visitor.client.session_transaction() as session:
        assert "answers" not in session


def test_the_sign_in_page_leads_who_is_in_to_the_alerts(signed_in):
    assert signed_in("Farah").visit("/officers/sign-in").url == "/officers/alerts"

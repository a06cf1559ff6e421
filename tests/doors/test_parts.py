"""Where htmx asks for a part, it gets what the whole page holds in that place, and nothing around it."""

import re

import pytest
from bs4 import BeautifulSoup

from metengage import db, links
from metengage.models import Alert, Link
from tests import cast, services
from tests.cast import KINGSTON, RAVENSBURY, ST_HELIER, SUTTON
from tests.page import Visitor, write_alert

PART = {"HX-Request": "true", "HX-Request-Type": "partial"}
WHOLE = [
    {},
    {"HX-Request": "true", "HX-Request-Type": "full"},
    {"HX-Request": "true"},
    {"HX-Request-Type": "partial"},
    {"HX-History-Restore-Request": "true"},
    {"HX-History-Restore-Request": "true", "HX-Request-Type": "full"},
]
IN_SESSION = {
    "answers": {
        "postcode": "SM46LJ",
        "ward": ST_HELIER,
        "areas": [RAVENSBURY],
        "types": ["advice"],
        "concerns": ["fraud", "drugs"],
        "rank": ["drugs"],
        "frequency": "daily",
        "name": "Cleo",
        "email": "cleo@example.org",
    },
    "signed_up": "cleo@example.org",
    "waiting_for": SUTTON,
    "moving": {"postcode": "SM46LJ"},
    "elsewhere": {"kind": "not-started", "postcode": "SM13EA", "boroughs": [SUTTON], "forces": ""},
}
STEPS = [
    *[f"/sign-up/{question}" for question in ("postcode", "ward", "areas", "types", "concerns", "rank")],
    *[f"/sign-up/{question}" for question in ("frequency", "name", "email", "check", "sent", "elsewhere", "waiting")],
    f"/sign-up/areas?borough={KINGSTON}",
    "/sign-up/name?change=1",
    "/preferences",
    "/preferences/alerts",
    "/preferences/areas",
    f"/preferences/areas?borough={KINGSTON}",
    *[f"/preferences/areas/home/{question}" for question in ("postcode", "borough", "ward")],
    "/preferences/stories",
]


def settled(html: str) -> str:
    """HTML without what differs from one request to the next."""
    return re.sub(r'(name="(?:csrf_token|editor)"[^>]*value=")[^"]*', r"\1", html)


def element(html: str, id: str) -> str:
    return str(BeautifulSoup(settled(html), "html.parser").find(id=id))


@pytest.fixture
def cleo(visitor) -> Visitor:
    """Somebody halfway through everything, with Amara's page open."""
    with visitor.client.session_transaction() as session:
        session.update(IN_SESSION)
    token = links.issue(Link.SIGN_IN, cast.resident("Amara"), db.now())
    visitor.visit(f"/preferences/open/{token}").submit("Open my preferences")
    return visitor


@pytest.fixture
def farah(signed_in) -> Visitor:
    return signed_in("Farah")


@pytest.fixture
def under_way(farah) -> str:
    """The address of an alert that is being sent."""
    alert = services.begin_sending(services.draft(), cast.officer("Farah"), db.now())
    return f"/officers/alerts/{alert.id}"


# --- Steps ---


def test_a_part_is_the_step_of_its_page_and_its_title(cleo):
    for url in STEPS:
        whole, part = cleo.ask("GET", url).text, cleo.ask("GET", url, headers=PART).text
        assert element(part, "step") == element(whole, "step") != "None", url
        soup = BeautifulSoup(part, "html.parser")
        assert [each.get("id") or each.name for each in soup.find_all(recursive=False)] == ["title", "step"], url
        assert soup.title == BeautifulSoup(whole, "html.parser").title, url


def test_a_step_with_an_error_is_contained_in_its_page(cleo):
    form, _ = (page := cleo.visit("/sign-up/email")).form("Continue")
    data = page.fields(form) | {"email": "x"}
    whole = cleo.ask("POST", form["action"], data=data)
    part = cleo.ask("POST", form["action"], data=data, headers=PART)
    assert whole.status_code == part.status_code == 422
    assert element(part.text, "step") == element(whole.text, "step")
    assert "<title>Error: " in part.text


def test_going_on_leads_htmx_to_the_next_part(cleo):
    form, _ = (page := cleo.visit("/sign-up/name")).form("Continue")
    reply = cleo.ask("POST", form["action"], data=page.fields(form), headers=PART)
    assert (reply.status_code, reply.location) == (303, "/sign-up/email")


# --- What changes as it is chosen ---


def test_what_is_ticked_is_counted_in_the_page_of_the_types(cleo):
    form, _ = (page := cleo.visit("/sign-up/types")).form("Continue")
    data = page.fields(form) | {"types": ["incidents"]}
    whole, part = [cleo.ask("POST", "/sign-up/types/volume", data=data, headers=each).text for each in ({}, PART)]
    assert element(part, "volume") == element(whole, "volume") != "None"
    assert "No alert of these kinds was sent" in part
    assert not BeautifulSoup(part, "html.parser").find("form")


def test_a_choice_that_was_kept_is_said_beside_it_and_counted_anew(cleo):
    form, _ = (page := cleo.visit("/preferences/alerts")).form("Save")
    data = page.fields(form) | {"incidents": "weekly"}
    part = cleo.ask("POST", "/preferences/alerts/incidents", data=data, headers=PART)
    said = BeautifulSoup(part.text, "html.parser").find(id="saidincidents")
    assert (part.status_code, said.input["value"]) == (200, "weekly")
    assert "You now get incidents and investigations weekly on Saturday at 8:30am for St Helier, Merton." in said.text
    assert element(part.text, "volume") == element(cleo.ask("GET", page.url).text, "volume") != "None"


def test_a_choice_that_is_refused_is_said_beside_it(cleo):
    form, _ = (page := cleo.visit("/preferences/alerts")).form("Save")
    for slug, status in (("incidents", 200), ("advice", 422)):
        part = cleo.ask("POST", f"/preferences/alerts/{slug}", data=page.fields(form) | {slug: "none"}, headers=PART)
        assert part.status_code == status
    said = BeautifulSoup(part.text, "html.parser").find(id="saidadvice")
    assert said.input["value"] == "immediately"
    assert "Keep at least one kind of alert" in said.text


# --- An officer's parts ---


def test_the_outlook_is_contained_in_the_page_of_the_draft(farah):
    form, _ = (page := write_alert(farah)).form("Save and preview")
    part = farah.ask("POST", form["hx-post"], data=page.fields(form), headers=PART)
    assert part.status_code == 200
    assert element(part.text, "outlook") == element(farah.ask("GET", page.url).text, "outlook") != "None"
    assert not BeautifulSoup(part.text, "html.parser").find("form")


@pytest.mark.parametrize("state", ["sending", "sent"])
def test_the_progress_is_contained_in_the_page_of_the_alert(farah, under_way, state):
    Alert.update(state=state).execute()
    whole, part = farah.ask("GET", under_way).text, farah.ask("GET", under_way, headers=PART).text
    assert element(part, "progress") == element(whole, "progress") != "None"
    assert ("hx-get" in part) is (state == "sending")


# --- Who gets which ---


@pytest.mark.parametrize("url", ["/sign-up/name", "/preferences"])
def test_everybody_else_gets_the_whole_page(cleo, url):
    for headers in WHOLE:
        html = cleo.ask("GET", url, headers=headers).text
        assert element(html, "step") != "None", headers
        assert BeautifulSoup(html, "html.parser").html["lang"] == "en-GB", headers


def test_going_back_to_an_alert_gets_the_whole_page(farah, under_way):
    reply = farah.ask("GET", under_way, headers={"HX-History-Restore-Request": "true", "HX-Request-Type": "full"})
    assert "<html" in reply.text


def test_the_answer_varies_by_who_asks(cleo):
    urls = ["/", "/sign-up/name", "/sign-up/check", "/preferences", f"/areas/{ST_HELIER}", "/nowhere"]
    replies = [cleo.ask("GET", url, headers=headers) for url in urls for headers in ({}, PART)]
    assert [reply.request.path for reply in replies if "HX-Request" not in reply.vary] == []


def test_an_alerts_answers_vary_too(farah, under_way):
    assert all("HX-Request" in farah.ask("GET", under_way, headers=headers).vary for headers in ({}, PART))

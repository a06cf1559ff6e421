"""Forged, old, used, cut-off and other people's links get a kind page, the status 410, and do nothing."""

from datetime import timedelta

import pytest

from metengage import db, leaving, links, moving, preferences, residents
from metengage.models import TABLES, Link, Resident
from tests import cast, services
from tests.cast import ST_HELIER
from tests.page import Visitor

ENDED = "This link no longer works"
SECOND = timedelta(seconds=1)
ANSWERS = {
    "postcode": "SM46LJ",
    "ward": ST_HELIER,
    "areas": [],
    "types": ["advice"],
    "concerns": ["none"],
    "frequency": "daily",
    "name": "",
    "email": "cleo@example.org",
}
ADDRESSES = {
    "confirm": "/confirm/{}",
    "done": "/confirm/{}/done",
    "magic": "/preferences/open/{}",
    "preferences": "/preferences/open/{}",
    "unsubscribe": "/unsubscribe/{}",
    "address": "/preferences/email/{}",
    "follow": "/follow/{}",
    "rate": "/rate/{}",
    "return": "/come-back/{}",
}
ACTING = ["confirm", "magic", "preferences", "unsubscribe", "address", "follow", "return"]
SIGNED = {
    "preferences": links.PREFERENCES,
    "unsubscribe": links.UNSUBSCRIBE,
    "follow": links.FOLLOW,
    "rate": links.RATE,
    "return": links.RETURN,
}
NONSENSE = ["x", "x" * 22, "x" * 5000, ".", "..", "a.b.c", "%00", "x%00", "%F0%9F%98%80", "%FF", "'--", "WzFd.x.y"]


@pytest.fixture(autouse=True)
def _stand(app):
    """Every test here touches rows."""


def issue(kind: str, now=None) -> str:
    """A good token of this kind, made then; a signed one, now."""
    now = now or db.now()
    amara = cast.resident("Amara")
    if kind in ("confirm", "done"):
        delivery = residents.sign_up(ANSWERS, now)
        return links.issue(Link.CONFIRM, delivery.resident, now, delivery.consent)
    if kind == "address":
        change = moving.ask(amara, "amara.new@example.org", now).address_change
        return links.issue(Link.ADDRESS, amara, now, address_change=change)
    if kind == "magic":
        return links.issue(Link.SIGN_IN, amara, now)
    if kind == "return":
        Resident.update(left_at=now).where(Resident.name == "Esme").execute()
        return links.sign(links.RETURN, cast.resident("Esme"))
    return links.sign(SIGNED[kind], amara, services.story().alerts.get().id if kind in ("follow", "rate") else 7)


def rows() -> dict[str, list]:
    return {table.__name__: sorted(table.select().tuples(), key=repr) for table in TABLES}


def outcomes(visitor: Visitor, kind: str, tokens: list[str]) -> set:
    """What opening and pressing gives for each of these: status and heading."""
    found, csrf = set(), visitor.visit("/preferences").soup.find("input", attrs={"name": "csrf_token"})["value"]
    for token in tokens:
        url = ADDRESSES[kind].format(token)
        pages = [visitor.visit(url)]
        if kind in ACTING:
            pages.append(visitor.post(url, {"csrf_token": csrf}))
        found |= {(page.status, page.h1) for page in pages}
    return found


# --- A good link, so that the bad ones differ in one thing ---


@pytest.mark.parametrize(
    ("kind", "heading"),
    [
        ("confirm", "You are signed up"),
        ("magic", "Your preferences"),
        ("preferences", "Your preferences"),
        ("unsubscribe", "You have left"),
        ("address", "Your email address is changed"),
        ("follow", "You follow “Moped thefts”"),
        ("return", "You are back"),
    ],
)
def test_a_good_link_acts_when_its_button_is_pressed(visitor, kind, heading):
    page = visitor.visit(ADDRESSES[kind].format(issue(kind)))
    button, *others = page.soup.main.find_all("button")
    assert [each.get_text().strip() for each in others] == (["Erase my record now"] if kind == "return" else [])
    assert page.submit(button.get_text().strip()).h1 == heading


# --- Forged and cut off ---


@pytest.mark.parametrize("kind", ADDRESSES)
def test_a_forged_link_does_nothing(visitor, kind):
    before = rows()
    assert outcomes(visitor, kind, NONSENSE) == {(410, ENDED)}
    assert rows() == before


@pytest.mark.parametrize("kind", ADDRESSES)
def test_a_link_that_was_cut_off_or_grew_does_nothing(visitor, kind):
    token = issue(kind)
    before = rows()
    changed = token[:5] + ("A" if token[5] != "A" else "B") + token[6:]
    assert outcomes(visitor, kind, [token[:-1], token[:-9], token[1:], token + "x", changed, token.swapcase()]) == {
        (410, ENDED)
    }
    assert rows() == before


@pytest.mark.parametrize("kind", SIGNED)
def test_a_signature_of_somebody_elses_link_does_nothing(visitor, kind):
    amaras, bryns = (links.sign(SIGNED[kind], cast.resident(name), 7).split(".") for name in ("Amara", "Bryn"))
    before = rows()
    assert outcomes(visitor, kind, [".".join([amaras[0], *bryns[1:]]), ".".join([bryns[0], *amaras[1:]])]) == {
        (410, ENDED)
    }
    assert rows() == before


def test_a_link_signed_with_another_key_does_nothing(visitor, monkeypatch):
    with monkeypatch.context() as elsewhere:
        elsewhere.setattr(links.settings, "secret_key", "another secret key, as long as the first one")
        token = issue("unsubscribe")
    assert outcomes(visitor, "unsubscribe", [token]) == {(410, ENDED)}
    assert cast.resident("Amara").is_confirmed


# --- For another purpose ---


@pytest.mark.parametrize("kind", ADDRESSES)
def test_a_link_for_another_purpose_does_nothing(visitor, kind):
    same = {"confirm": ["done"], "done": ["confirm"], "magic": ["preferences"], "preferences": ["magic"]}
    others = [issue(each) for each in ADDRESSES if each not in (kind, *same.get(kind, []))]
    before = rows()
    assert outcomes(visitor, kind, others) == {(410, ENDED)}
    assert rows() == before


# --- Old ---


@pytest.mark.parametrize(
    ("kind", "purpose"), [("confirm", Link.CONFIRM), ("magic", Link.SIGN_IN), ("address", Link.ADDRESS)]
)
def test_a_link_is_good_until_its_time_is_over(visitor, kind, purpose):
    made = db.now() - links.LIFETIME[purpose]
    young, old = issue(kind, made + 60 * SECOND), issue(kind, made - SECOND)
    before = rows()
    assert visitor.visit(ADDRESSES[kind].format(young)).status == 200
    assert outcomes(visitor, kind, [old]) == {(410, ENDED)}
    assert rows() == before


@pytest.mark.parametrize("kind", SIGNED)
def test_a_signed_link_is_good_until_its_time_is_over(visitor, monkeypatch, kind):
    token, before = issue(kind), rows()
    assert visitor.visit(ADDRESSES[kind].format(token)).status == 200
    monkeypatch.setitem(links.SIGNED_LIFETIME, SIGNED[kind], -SECOND)
    assert outcomes(visitor, kind, [token]) == {(410, ENDED)}
    assert rows() == before


def test_expired_links_are_deleted_and_stay_ended(visitor):
    old = issue("magic", db.now() - links.LIFETIME[Link.SIGN_IN] - timedelta(days=2))
    assert links.forget_expired(db.now()) == 1
    assert outcomes(visitor, "magic", [old]) == {(410, ENDED)}


# --- Used and ended ---


def test_a_used_magic_link_opens_nothing(visitor, newcomer):
    token = issue("magic")
    visitor.visit(f"/preferences/open/{token}").submit("Open my preferences")
    assert outcomes(newcomer, "magic", [token]) == {(410, ENDED)}
    assert newcomer.visit("/preferences").soup.find("input", id="email")


@pytest.mark.parametrize("kind", ["magic", "preferences", "address"])
def test_a_link_to_the_page_of_who_left_opens_nothing(visitor, kind):
    token = issue(kind)
    leaving.leave(cast.resident("Amara"), "unsubscribed", db.now())
    assert outcomes(visitor, kind, [token]) == {(410, ENDED)}


def test_who_left_is_told_so_by_any_of_their_unsubscribe_links(visitor):
    token = issue("unsubscribe")
    leaving.leave(cast.resident("Amara"), "unsubscribed", db.now())
    assert outcomes(visitor, "unsubscribe", [token, issue("unsubscribe")]) == {(200, "You have left")}


@pytest.mark.parametrize("kind", ["preferences", "follow", "rate"])  # stopping works from any email to their address
def test_a_link_from_before_its_resident_ended_them_does_nothing(visitor, kind):
    token = issue(kind)
    Resident.update(link_version=2).where(Resident.email == "amara@example.org").execute()
    assert outcomes(visitor, kind, [token]) == {(410, ENDED)}
    assert cast.resident("Amara").is_confirmed


@pytest.mark.parametrize("kind", SIGNED)
def test_a_link_of_somebody_who_is_gone_does_nothing(visitor, kind):
    cleo = cast.resident("Cleo")
    token = links.sign(SIGNED[kind], cleo, 7)
    Resident.delete().where(Resident.id == cleo.id).execute()
    assert outcomes(visitor, kind, [token]) == {(410, ENDED)}


# --- Back to who has left ---


@pytest.mark.parametrize("state", [Resident.PENDING, Resident.ERASED])
def test_a_link_back_of_who_is_gone_does_nothing(visitor, state):
    token = issue("return")
    Resident.update(state=state).where(Resident.name == "Esme").execute()
    assert outcomes(visitor, "return", [token]) == {(410, ENDED)}


def test_a_link_back_from_an_earlier_leaving_does_nothing(visitor):
    token = issue("return")
    Resident.update(link_version=2).where(Resident.name == "Esme").execute()
    assert outcomes(visitor, "return", [token]) == {(410, ENDED)}


def test_a_link_back_acts_only_when_its_button_is_pressed(visitor):
    url, before = ADDRESSES["return"].format(issue("return")), rows()
    for method in ("GET", "GET", "HEAD"):
        visitor.ask(method, url)
    assert rows() == before


def test_pressing_the_button_to_come_back_twice_is_success(visitor):
    page = visitor.visit(ADDRESSES["return"].format(issue("return")))
    assert page.submit("Come back as I was").h1 == page.submit("Come back as I was").h1 == "You are back"


def test_the_way_back_on_the_page_is_good_for_an_hour_only(visitor, monkeypatch):
    page = visitor.visit(ADDRESSES["unsubscribe"].format(issue("unsubscribe"))).submit("Stop all emails")
    monkeypatch.setitem(links.SIGNED_LIFETIME, links.RETURN_SOON, -SECOND)
    assert page.submit("Come back as I was").h1 == ENDED
    assert not cast.resident("Amara").is_confirmed


def offers_the_way_back(page) -> bool:
    return "Come back as I was" in page.html


def test_the_page_of_who_left_offers_nothing_to_anybody_else(visitor, newcomer):
    visitor.visit(ADDRESSES["magic"].format(issue("magic"))).submit("Open my preferences").submit("Stop all emails")
    assert offers_the_way_back(visitor.visit("/preferences/left"))
    assert not offers_the_way_back(newcomer.visit("/preferences/left"))


def test_who_is_back_is_offered_no_way_back(visitor):
    visitor.visit(ADDRESSES["magic"].format(issue("magic"))).submit("Open my preferences").submit("Stop all emails")
    visitor.visit("/preferences/left").submit("Come back as I was")
    assert not offers_the_way_back(visitor.visit("/preferences/left"))


def test_an_old_email_brings_nobody_back_who_has_left(visitor, newcomer):
    token = issue("unsubscribe")
    page = newcomer.visit(ADDRESSES["unsubscribe"].format(token))
    leaving.leave(cast.resident("Amara"), "preferences", db.now())
    found = [page.submit("Stop all emails"), newcomer.visit(page.url), visitor.visit(page.url)]
    assert [(each.h1, offers_the_way_back(each)) for each in found] == [("You have left", False)] * 3


def test_rather_fewer_emails_opens_preferences_but_not_name_and_address(newcomer):
    page = newcomer.visit(ADDRESSES["unsubscribe"].format(issue("unsubscribe")))
    page = page.click("Choose what you get").submit("Open my preferences")
    assert page.url == "/preferences"
    assert "amara" not in page.html.lower()


# --- Other people's ---


def test_a_link_touches_nobody_else(visitor):
    before = preferences.of(cast.resident("Amara"))
    visitor.visit(f"/unsubscribe/{links.sign(links.UNSUBSCRIBE, cast.resident('Bryn'), 7)}").submit("Stop all emails")
    assert preferences.of(cast.resident("Amara")) == before
    assert cast.resident("Bryn").state == Resident.LEFT


def test_another_residents_link_takes_the_place_of_an_open_page(visitor):
    visitor.visit(f"/preferences/open/{issue('magic')}").submit("Open my preferences")
    bryns = links.issue(Link.SIGN_IN, cast.resident("Bryn"), db.now())
    page = visitor.visit(f"/preferences/open/{bryns}").submit("Open my preferences")
    assert "bryn@example.org" in page.text
    assert "amara@example.org" not in page.html


# --- Kindness and care ---


def test_the_page_of_an_ended_link_leads_to_a_new_one(visitor):
    page = visitor.visit("/preferences/open/x")
    assert page.click("Ask for a new link").url == "/preferences"
    assert page.click("sign up again").url == "/sign-up/postcode"


@pytest.mark.parametrize("kind", ADDRESSES)
def test_the_pages_of_links_are_kept_by_nobody(visitor, kind):
    token = issue(kind)
    if kind == "done":
        residents.confirm(links.find(Link.CONFIRM, token, db.now()), db.now())
    for each in (token, "forged"):
        reply = visitor.ask("GET", ADDRESSES[kind].format(each))
        assert reply.headers["Cache-Control"] == "no-store"
        assert reply.headers["Referrer-Policy"] == "no-referrer"


def test_tokens_are_kept_nowhere():
    tokens = [issue(kind) for kind in ADDRESSES]
    kept = repr(rows())
    assert not any(token in kept for token in tokens)
    assert {len(row.token_hash) for row in Link.select()} == {64}

"""Pause, cap, discreet, name, concerns and address: who may reach them, and what bad input is answered with."""

from datetime import timedelta

import pytest

from metengage import db, forms, links, profile
from metengage.formats import london
from metengage.models import TABLES, AddressChange, Attempt, Link, ThemeChoice
from tests import cast
from tests.doors.test_forms import BAD_ADDRESSES, naughty
from tests.page import Page, Visitor

FOR_ALL = ["pause", "discreet"]
FULL_ONLY = ["name", "concerns", "concerns/rank", "email", "email/sent"]
LONG = "x" * 10_000


def opened(visitor: Visitor, token: str) -> Visitor:
    visitor.visit(f"/preferences/open/{token}").submit("Open my preferences")
    return visitor


@pytest.fixture
def amara(visitor) -> Visitor:
    """Amara, who came by a magic link."""
    return opened(visitor, links.issue(Link.SIGN_IN, cast.resident("Amara"), db.now()))


@pytest.fixture
def forwarded(newcomer) -> Visitor:
    """Somebody who came by the link in an alert to Amara."""
    return opened(newcomer, links.sign(links.PREFERENCES, cast.resident("Amara"), 7))


def rows() -> dict[str, list]:
    return {table.__name__: sorted(table.select().tuples(), key=repr) for table in TABLES if table is not Attempt}


def token_of(page: Page) -> str:
    return page.soup.find("input", attrs={"name": "csrf_token"})["value"]


# --- Who passes ---


@pytest.mark.parametrize("path", [*FOR_ALL, *FULL_ONLY, "fresh", "fresh/sent"])
def test_strangers_are_asked_for_their_address(newcomer, app, path):
    assert newcomer.ask("GET", f"/preferences/{path}").location == "/preferences"


@pytest.mark.parametrize("path", FOR_ALL)
def test_a_link_from_an_alert_opens(forwarded, path):
    assert forwarded.visit(f"/preferences/{path}").url == f"/preferences/{path}"


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("path", FULL_ONLY[:4])
def test_a_link_from_an_alert_does_not_open(forwarded, method, path):
    before, data = rows(), {"csrf_token": token_of(forwarded.visit("/preferences/pause")), "name": "Eve"}
    reply = forwarded.ask(method, f"/preferences/{path}", data=data if method == "POST" else None)
    assert (reply.status_code, reply.location) == (303, "/preferences/fresh")
    assert rows() == before


@pytest.mark.parametrize("path", [*FOR_ALL, "fresh", "fresh/sent"])
def test_who_came_by_an_alert_reads_no_name_or_address(forwarded, path):
    page = forwarded.visit(f"/preferences/{path}")
    assert "amara" not in page.html.lower()
    with forwarded.client.session_transaction() as session:
        assert "amara" not in repr(dict(session)).lower()


# --- A fresh link ---


@pytest.mark.parametrize("wanted", ["https://evil.example", "officers.alerts", "home.start", "", None])
def test_a_fresh_link_leads_nowhere_but_to_pages_of_ones_own(visitor, wanted):
    with visitor.client.session_transaction() as session:
        session["wanted"] = wanted
    page = visitor.visit(f"/preferences/open/{links.issue(Link.SIGN_IN, cast.resident('Amara'), db.now())}")
    form, _ = page.form("Open my preferences")
    assert visitor.ask("POST", form["action"], data=page.fields(form)).location == "/preferences"


def test_asking_for_an_ordinary_link_forgets_the_page_that_was_wanted(forwarded):
    forwarded.visit("/preferences/name")
    forwarded.visit("/preferences").submit("Close my page")
    forwarded.visit("/preferences").submit("Send me the link", email="amara@example.org")
    token = links.issue(Link.SIGN_IN, cast.resident("Amara"), db.now())
    assert forwarded.visit(f"/preferences/open/{token}").submit("Open my preferences").url == "/preferences"


def test_fresh_links_are_limited(forwarded, work, post):
    for _ in range(6):
        forwarded.visit("/preferences/fresh").submit("Send me a fresh link")
    work()
    assert len(post.letters) == 4


# --- Pause ---


def today():
    return london(db.now()).date()


def typed(day) -> list[str]:
    return [str(day.day), str(day.month), str(day.year)]


@pytest.mark.parametrize(
    ("until", "sentence"),
    [
        (["", "", ""], "Enter a date"),
        ([" ", "\t", ""], "Enter a date"),
        (["1", "", ""], "The date must include a month and a year"),
        (["", "12", "2026"], "The date must include a day"),
        (["31", "2", "2027"], "Enter a real date"),
        (["29", "2", "2027"], "Enter a real date"),
        (["0", "1", "2027"], "Enter a real date"),
        (["1", "13", "2027"], "Enter a real date"),
        (["1", "smarch", "2027"], "Enter a real date"),
        (["-1", "1", "2027"], "Enter a real date"),
        (["٣", "١", "2027"], "Enter a real date"),
        (["\0", "\0", "\0"], "The year must have 4 numbers"),
        (["1", "1", "27"], "The year must have 4 numbers"),
        (["1", "1", "02027"], "The year must have 4 numbers"),
        ([LONG, LONG, LONG], "The year must have 4 numbers"),
        (["1", "1", "2020"], "The date must be tomorrow or later"),
        (["1"], "The date must include a month and a year"),
    ],
)
def test_a_bad_date_is_explained_and_kept_as_it_was_typed(amara, until, sentence):
    page = amara.visit("/preferences/pause").submit("Pause until this date", until=until)
    assert (page.status, page.errors) == (422, [sentence])
    shown = [each.get("value", "") for each in page.soup.select("input[name=until][id]")]
    assert [each.strip() for each in shown] == [each.strip() for each in [*until, "", ""][:3]]
    assert cast.resident("Amara").paused_until is None


def test_a_pause_is_from_tomorrow_to_a_year(amara):
    page = amara.visit("/preferences/pause")
    ends = {
        days: page.submit("Pause until this date", until=typed(today() + timedelta(days=days))) for days in (0, 366)
    }
    assert ends[0].errors == ["The date must be tomorrow or later"]
    assert ends[366].errors[0].startswith("You can pause for up to a year: the date must be ")
    for days in (1, 365):
        page.submit("Pause until this date", until=typed(today() + timedelta(days=days)))
        assert cast.resident("Amara").paused_until == profile.begins(today() + timedelta(days=days))


@pytest.mark.parametrize("month", ["jan", "January", " JAN ", "01", "1"])
def test_a_month_may_be_a_word(amara, month):
    year = today().year + (today() >= today().replace(month=1, day=20))
    amara.visit("/preferences/pause").submit("Pause until this date", until=["20", month, str(year)])
    assert cast.resident("Amara").paused_until.strftime("%d %m") == "20 01"


# --- Cap ---


@pytest.mark.parametrize("most", ["", "0", "4", "-1", "1000000", "\0", LONG])
def test_a_cap_that_there_is_not_is_explained(amara, most):
    page = amara.visit("/preferences/pause").submit("Save the limit", most=most)
    assert (page.status, page.errors) == (422, ["Select how many emails a week you want at most, or “No limit”"])
    assert cast.resident("Amara").weekly_cap is None


@pytest.mark.parametrize("most", forms.CAPS)
def test_every_cap_that_is_offered_is_kept(amara, most):
    amara.visit("/preferences/pause").submit("Save the limit", most=most)
    assert cast.resident("Amara").weekly_cap == (None if most == "none" else int(most))


# --- Name and concerns ---


def test_a_long_name_is_explained(amara):
    page = amara.visit("/preferences/name").submit("Save", name=LONG)
    assert (page.status, page.errors) == (422, ["Name must be 100 characters or fewer"])
    assert page.soup.find("input", id="name")["value"] == LONG
    assert cast.resident("Amara").name == "Amara"


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_any_name_is_taken_or_explained(amara):
    form, _ = (page := amara.visit("/preferences/name")).form("Save")
    data = page.fields(form)
    statuses = {amara.ask("POST", form["action"], data=data | {"name": name}).status_code for name in naughty()}
    assert statuses == {303, 422}
    assert amara.visit("/preferences/name").status == 200


@pytest.mark.parametrize(
    ("chosen", "sentence"),
    [
        ([], "Select what concerns you, or select “None of these”"),
        (["boredom", "\0", LONG], "Select what concerns you, or select “None of these”"),
        (["fraud", "none"], "Select what concerns you, or select “None of these”, but not both"),
    ],
)
def test_bad_concerns_are_explained(amara, chosen, sentence):
    page = amara.visit("/preferences/concerns").submit("Save", concerns=chosen)
    assert (page.status, page.errors) == (422, [sentence])
    assert not ThemeChoice.select().exists()


@pytest.mark.parametrize("first", ["", "boredom", "burglary", "\0", LONG])
def test_a_bad_order_is_explained(amara, first):
    page = amara.visit("/preferences/concerns").submit("Save", concerns=["fraud", "drugs"])
    page = page.submit("Save", first=first)
    assert (page.status, page.errors) == (422, ["Choose what matters most to you"])


@pytest.mark.parametrize("chosen", [["none"], ["fraud"]])
def test_there_is_nothing_to_rank_in_fewer_than_two(amara, chosen):
    assert amara.visit("/preferences/concerns").submit("Save", concerns=chosen).url == "/preferences"
    assert amara.visit("/preferences/concerns/rank").url == "/preferences/concerns"


# --- Address ---


def test_a_bad_address_is_explained(amara):
    page, before, found = amara.visit("/preferences/email"), rows(), {}
    for address in BAD_ADDRESSES:
        answer = page.submit("Write to this address", email=address)
        found[address] = answer.errors[0] if answer.status == 422 else answer.status
    assert found == BAD_ADDRESSES
    assert rows() == before


def test_the_address_that_they_have_is_explained(amara):
    page = amara.visit("/preferences/email").submit("Write to this address", email=" AMARA@example.org")
    assert (page.status, page.errors) == (422, ["We write to this address already. Enter your new one"])
    assert not AddressChange.select().exists()


@pytest.mark.parametrize("name", ["nobody", "bryn", "cleo", "dov", "esme"])
def test_the_page_is_the_same_whoever_has_the_address(amara, name):
    page = amara.visit("/preferences/email").submit("Write to this address", email=f"{name}@example.org")
    assert (page.status, page.h1) == (200, "Check your email")
    assert page.text.replace(name, "") == amara.visit("/preferences/email/sent").text.replace(name, "")
    assert "An email to @example.org is on its way" in page.text.replace(name, "")


def test_too_many_are_told_to_wait(amara):
    page = amara.visit("/preferences/email")
    statuses = [page.submit("Write to this address", email=f"x{number}@example.org").status for number in range(21)]
    assert statuses == [200] * 20 + [429]


def test_a_likely_typo_is_let_through_and_said(amara):
    page = amara.visit("/preferences/email").submit("Write to this address", email="amara@gmial.com")
    assert "Did you mean amara@gmail.com ?" in page.text
    assert AddressChange.get().new_email == "amara@gmial.com"


def test_nobody_asked_for_is_nothing_to_check(amara):
    assert amara.visit("/preferences/email/sent").url == "/preferences/email"

"""Saying whether an alert was of use, at its door: by a link of one's own, without signing in, and never by GET."""

from datetime import timedelta

import pytest

from metengage import corrections, db, leaving, links, ratings
from metengage.choices import WHY_NOT_USEFUL
from metengage.models import TABLES, Alert, Rating, Resident
from tests import cast, services

FARAH_SENT = "Mopeds stolen in Green Lane"
VERBS = ("useful", "not-useful", "why")


@pytest.fixture
def alert(app) -> Alert:
    """Farah's alert, which Amara got."""
    return services.begin_sending(services.draft(), cast.officer("Farah"), db.now())


def link_to(alert: Alert, name: str = "Amara") -> str:
    return f"/rate/{links.sign(links.RATE, cast.resident(name), alert.id)}"


def said() -> list[tuple]:
    return [(each.resident.name, each.is_useful, each.why) for each in Rating.select().order_by(Rating.id)]


def pressed(visitor, url: str, verb: str, **data) -> str:
    """The heading after a press that brings its form's token."""
    token = visitor.visit("/preferences").soup.find("input", attrs={"name": "csrf_token"})["value"]
    return visitor.post(f"{url}/{verb}", {"csrf_token": token, **data}).h1


def test_a_scanner_that_follows_the_link_changes_nothing(alert, visitor):
    before = {table: sorted(table.select().tuples(), key=repr) for table in TABLES}
    pages = [visitor.visit(link_to(alert)), visitor.visit(f"{link_to(alert)}/thanks")]
    assert {page.h1 for page in pages} == {f"{FARAH_SENT} Was this useful?"}
    assert {table: sorted(table.select().tuples(), key=repr) for table in TABLES} == before


def test_it_needs_no_session_and_thanks(alert, visitor):
    page = visitor.visit(link_to(alert)).submit("Yes")
    assert page.h1 == f"{FARAH_SENT} Thank you"
    assert "only how many people say so, never who" in page.text
    assert not page.has_button("reason")
    assert said() == [("Amara", True, "")]
    with visitor.client.session_transaction() as session:
        assert "resident" not in session


def test_twice_is_success_and_it_may_be_changed(alert, visitor):
    page = visitor.visit(link_to(alert))
    assert {page.submit("Yes").h1 for _ in range(2)} == {f"{FARAH_SENT} Thank you"}
    page = page.submit("Yes").click("Change your answer")
    assert "You said that it was useful. You can change that." in page.text
    assert "You said that it was not useful." in page.submit("No").text
    assert said() == [("Amara", False, "")]


def test_why_not_may_be_told_changed_and_left_out(alert, visitor):
    page = visitor.visit(link_to(alert)).submit("No")
    assert page.submit("Send the reason").h1 == f"{FARAH_SENT} Thank you"
    page = page.submit("Send the reason", why="too-late")
    assert "You said that it was not useful: it came too late." in page.text
    page.submit("Change the reason", why="nothing-new")
    assert said() == [("Amara", False, "nothing-new")]
    assert "it told me nothing new" in visitor.visit(link_to(alert)).submit("No").text
    visitor.visit(link_to(alert)).submit("Yes")
    assert said() == [("Amara", True, "")]


@pytest.mark.parametrize("why", ["", "x", "x" * 5000, "\0", "Too-late", "not-near'--"])
def test_a_reason_that_is_not_offered_is_not_kept(alert, visitor, why):
    pressed(visitor, link_to(alert), "not-useful")
    assert pressed(visitor, link_to(alert), "why", why=why) == f"{FARAH_SENT} Thank you"
    assert said() == [("Amara", False, "")]


def test_no_reason_is_kept_of_who_found_it_useful_or_said_nothing(alert, visitor):
    assert pressed(visitor, link_to(alert), "why", why="other") == f"{FARAH_SENT} Was this useful?"
    pressed(visitor, link_to(alert), "useful")
    pressed(visitor, link_to(alert), "why", why="other")
    assert said() == [("Amara", True, "")]


def test_every_reason_is_offered_and_fits_its_field(alert, visitor):
    page = visitor.visit(link_to(alert)).submit("No")
    assert {each["value"] for each in page.soup.select("input[name=why]")} == set(WHY_NOT_USEFUL)
    assert max(map(len, WHY_NOT_USEFUL)) <= Rating.why.max_length


# --- Whose, and for how long ---


@pytest.mark.parametrize("verb", VERBS)
def test_a_forged_foreign_or_old_token_keeps_nothing(alert, visitor, monkeypatch, verb):
    amara, bryn = (links.sign(links.RATE, cast.resident(name), alert.id).split(".") for name in ("Amara", "Bryn"))
    forged = [
        ".".join([amara[0], *bryn[1:]]),
        ".".join(amara)[:-1],
        "x",
        links.sign(links.FOLLOW, cast.resident("Amara")),
    ]
    forged += [links.sign(links.RATE, cast.resident("Amara"), alert_id) for alert_id in (None, 99, 2147483647)]
    assert {pressed(visitor, f"/rate/{each}", verb) for each in forged} == {"This link no longer works"}
    monkeypatch.setitem(links.SIGNED_LIFETIME, links.RATE, timedelta(seconds=-1))
    assert pressed(visitor, link_to(alert), verb) == "This link no longer works"
    assert said() == []


def test_a_draft_cannot_be_rated(app, visitor):
    assert visitor.visit(link_to(services.draft())).status == 410


def test_it_is_good_for_30_days():
    assert links.SIGNED_LIFETIME[links.RATE] == timedelta(days=30)


@pytest.mark.parametrize(
    ("state", "heading"),
    [(Resident.LEFT, f"{FARAH_SENT} You have left"), (Resident.ERASED, "This link no longer works")],
)
def test_who_left_is_refused_kindly(alert, visitor, state, heading):
    url, page = link_to(alert), visitor.visit(link_to(alert))
    leaving.leave(cast.resident("Amara"), leaving.BY_LINK, db.now())
    Resident.update(state=state).where(Resident.email == "amara@example.org").execute()
    after = page.submit("Yes")
    assert (after.status, after.h1, visitor.visit(url).h1) == (410, heading, heading)
    assert said() == []


def test_a_withdrawn_alert_is_refused_kindly(alert, visitor):
    page = visitor.visit(link_to(alert))
    values = {"team": alert.team, "author": alert.author, "corrects": alert, "is_withdrawal": True}
    later = Alert.create(**values, title=FARAH_SENT, state=Alert.DRAFT)
    assert visitor.visit(link_to(alert)).h1 == f"{FARAH_SENT} Was this useful?"
    Alert.update(state=Alert.SENDING, sending_at=db.now()).where(Alert.id == later.id).execute()
    page = page.submit("No")
    assert (page.status, page.h1) == (200, f"{FARAH_SENT} This alert was withdrawn")
    assert said() == []


def test_a_title_that_had_to_go_is_on_none_of_its_pages(alert, visitor):
    hana, url = cast.officer("Hana"), link_to(alert)
    visitor.visit(url).submit("No")
    corrections.withdraw(alert, hana, "Another street", db.now(), hides_title=True)
    pages = [visitor.visit(url), visitor.visit(f"{url}/thanks")]
    leaving.leave(cast.resident("Amara"), leaving.BY_LINK, db.now())
    pages.append(visitor.visit(url))
    assert [page for page in pages if "Mopeds" in page.html] == []
    assert "An alert that we sent on" in pages[0].h1
    assert "An alert that we sent on" in pages[-1].h1


def test_a_corrected_alert_is_called_as_it_is_now(alert, visitor):
    values = {"team": alert.team, "author": alert.author, "corrects": alert, "state": Alert.SENDING}
    Alert.create(**values, title="Bicycles stolen in Green Lane", sending_at=db.now())
    assert visitor.visit(link_to(alert)).h1 == "Bicycles stolen in Green Lane Was this useful?"


# --- At one moment ---


def test_two_presses_at_once_are_one_answer(app, alert):
    amara = cast.resident("Amara")
    acts = [lambda useful=useful: ratings.rate(amara, alert, useful, db.now()) for useful in (True, False)]
    assert services.at_once(app, *acts) == [True, True]
    assert Rating.select().count() == 1


def test_who_leaves_at_that_moment_says_nothing_afterwards(app, alert):
    amara = cast.resident("Amara")
    leaving.leave(amara, leaving.BY_LINK, db.now())
    assert not ratings.rate(amara, alert, True, db.now())
    assert not ratings.explain(amara, alert, "other")
    assert said() == []

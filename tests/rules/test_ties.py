"""Who raised a priority or voted for it hears of its alerts straight away, each once, until they want no more of it."""

from datetime import timedelta

import pytest
from bs4 import BeautifulSoup

from metengage import (
    addressing,
    alerts,
    dispatch,
    editions,
    fatigue,
    headcount,
    leaving,
    profile,
    telling,
    ties,
    votes,
)
from metengage.choices import DAILY, IMMEDIATELY
from metengage.models import Alert, Concern, Delivery, Digest, DigestAlert, Held, Priority, Resident, Vote
from tests import cast, services
from tests.conftest import NOW

DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def _stand(app):
    """Every test here touches rows."""


@pytest.fixture
def mopeds() -> Priority:
    return services.priority("Mopeds", now=NOW)


def vote(name: str, priority: Priority) -> None:
    Vote.create(priority=priority, resident=cast.resident(name))


def draft(priority: Priority) -> Alert:
    return telling.begin(priority, cast.team("St Helier"), cast.officer("Farah"), NOW)


def send(priority: Priority, now=NOW) -> Alert:
    """You said, we did: to the last email."""
    alert = services.begin_sending(draft(priority), cast.officer("Farah"), now)
    services.send_all(alert, lambda: now)
    return Alert.get_by_id(alert.id)


def recipients(post) -> list[str]:
    return sorted(letter["To"].partition("@")[0] for letter in post.letters)


def reached(alert: Alert) -> set[str]:
    return {Resident.get_by_id(each).name for each in ties.ids(alert, NOW)}


# --- Who ---


def test_who_raised_it_or_voted_for_it_hears_of_it_whatever_they_chose(mopeds, post):
    services.raised("Amara", mopeds)
    vote("Bryn", mopeds)
    send(mopeds)
    assert recipients(post) == ["amara", "bryn"]


def test_somebody_who_subscribes_raises_and_votes_gets_one_email(mopeds, post):
    amara = cast.resident("Amara")
    cast.change(amara, NOW, types=["priorities"])
    for _ in range(2):
        services.raised("Amara", mopeds)
    vote("Amara", mopeds)
    alert = send(mopeds)
    assert (recipients(post), alert.audience_size) == (["amara"], 1)


def test_it_is_only_for_who_is_confirmed_not_paused_and_still_wants_it(mopeds):
    for name in ("Amara", "Bryn", "Cleo", "Esme"):
        services.raised(name, mopeds)
    services.raised(None, mopeds)
    assert reached(draft(mopeds)) == {"Amara", "Bryn"}
    votes.mute(cast.resident("Amara"), mopeds, NOW)
    profile.pause(cast.resident("Bryn"), NOW + DAY)
    assert reached(draft(mopeds)) == set()


@pytest.mark.parametrize("besides", [{"state": Concern.UNCONFIRMED}, {"closed_because": "spam"}])
def test_what_was_never_meant_raises_nothing(mopeds, besides):
    services.raised("Amara", mopeds, **besides)
    assert reached(draft(mopeds)) == set()


def test_who_raised_another_priority_hears_nothing_of_this(mopeds):
    services.raised("Amara", services.priority("Bikes", now=NOW))
    services.raised("Bryn")
    assert reached(draft(mopeds)) == set()


def test_who_leaves_or_mutes_while_it_is_sent_gets_nothing(mopeds, post):
    for name in ("Amara", "Bryn"):
        vote(name, mopeds)
    alert = services.begin_sending(draft(mopeds), cast.officer("Farah"), NOW)
    addressing.prepare_alert(alert, NOW)
    leaving.leave(cast.resident("Amara"), "preferences", NOW)
    votes.mute(cast.resident("Bryn"), mopeds, NOW)
    Delivery.delete().where(Delivery.kind == Delivery.GOODBYE).execute()
    services.send_all(alert, lambda: NOW)
    assert post.letters == []
    assert dispatch.tally(alert)[Delivery.SKIPPED] == 2


# --- How many ---


def test_the_composer_counts_them_once(mopeds, monkeypatch):
    services.crowd(40)
    cast.change(cast.resident("Amara"), NOW, types=["priorities"])
    for name in ("Amara", "Bryn"):
        vote(name, mopeds)
    services.raised("Bryn", mopeds)
    alert = draft(mopeds)
    assert alerts.reached(alert, NOW)[IMMEDIATELY] == headcount.of(alert, NOW).immediately == 2
    assert fatigue.of(alert, headcount.of(alert, NOW), NOW).had_many == 0
    monkeypatch.setattr(headcount, "PARTS", {0: 1, float("inf"): 4})
    assert headcount.of(alert, NOW).immediately >= 2


def test_what_is_counted_is_what_is_sent(mopeds):
    services.crowd(25)
    Resident.update(home=cast.ST_HELIER).execute()
    for (number,) in Resident.select(Resident.id).where(Resident.email.startswith("resident")).tuples():
        Vote.create(priority=mopeds, resident=number)
    counted = alerts.reached(draft(mopeds), NOW)[IMMEDIATELY]
    assert send(mopeds).audience_size == counted == 25


# --- Why ---


def why(letter) -> list[str]:
    """The reason, in both parts of an email."""
    html = letter.get_body(("html",)).get_content()
    text = letter.get_body(("plain",)).get_content()
    return [" ".join(each.split()) for each in (text, BeautifulSoup(html, "html.parser").get_text(" "))]


def test_each_is_told_why(mopeds, post):
    cast.change(cast.resident("Amara"), NOW, types=["priorities"])
    services.raised("Amara", mopeds)
    vote("Bryn", mopeds)
    send(mopeds)
    amara, bryn = (why(post.last_to(f"{name}@example.org")) for name in ("amara", "bryn"))
    raised = "you live in St Helier, Merton and asked for priorities and surveys there, and you raised “Mopeds”."
    assert all(f"You get this email because {raised}" in part for part in amara)
    assert all("You get this email because you voted for “Mopeds”." in part for part in bryn)


# --- Digests ---


def test_one_held_for_the_weekly_email_comes_in_it(mopeds):
    vote("Bryn", mopeds)
    alert = services.begin_sending(draft(mopeds), cast.officer("Farah"), NOW)
    run = Digest.create(frequency=DAILY, date="2026-11-23", since=NOW, until=NOW + DAY)
    Held.create(resident=cast.resident("Bryn"), alert=alert, frequency=DAILY, digest=run)
    found = editions.of(run, (alert.id,))._found({cast.resident("Bryn").id: cast.ST_HELIER})
    assert [(each.alert.id, each.area) for each in found[cast.resident("Bryn").id]] == [(alert.id, None)]


def test_who_got_it_straight_away_does_not_get_it_in_a_digest_too(mopeds):
    bryn = cast.resident("Bryn")
    cast.change(bryn, NOW - DAY, types=["priorities"], frequency=DAILY)
    vote("Bryn", mopeds)
    alert = send(mopeds)
    run = Digest.create(frequency=DAILY, date="2026-11-23", since=NOW - DAY, until=NOW + DAY)
    DigestAlert.create(digest=run, alert=alert)
    assert editions.of(run, (alert.id,))._found({bryn.id: cast.ST_HELIER}) == {}

"""Residents sign up, confirm, change what they get, and leave; each of it twice as well as once."""

from datetime import timedelta

import pytest

from metengage import addressing, areas, leaving, limits, links, residents, urgent
from metengage.choices import WORDING
from metengage.models import (
    Consent,
    Delivery,
    Journal,
    Link,
    Resident,
    Subscription,
    ThemeChoice,
    Waiting,
)
from tests import cast, services
from tests.cast import RAVENSBURY, ST_HELIER, SUTTON
from tests.conftest import NOW

DAY = timedelta(days=1)
ANSWERS = {
    "postcode": "SM46LJ",
    "ward": ST_HELIER,
    "areas": [RAVENSBURY],
    "types": ["advice", "meetings"],
    "concerns": ["fraud", "drugs", "burglary"],
    "rank": ["drugs", "fraud"],
    "frequency": "daily",
    "name": "Cleo",
    "email": "cleo@example.org",
}


@pytest.fixture(autouse=True)
def _stand(app):
    """Every test here touches rows."""


def signed_up(email="cleo@example.org", now=NOW, **instead) -> Link:
    """Sign up; the link of the confirmation."""
    delivery = residents.sign_up(ANSWERS | instead | {"email": email}, now)
    return links.find(Link.CONFIRM, links.issue(Link.CONFIRM, delivery.resident, now, delivery.consent), now)


def live(name: str) -> set[tuple[str, str, str]]:
    """What somebody of the cast is subscribed to: (area, type, frequency)."""
    rows = Subscription.select().where(Subscription.resident == cast.resident(name), Subscription.live())
    return {(row.area_id, row.alert_type, row.frequency) for row in rows}


# --- Sign up ---


def test_a_sign_up_stores_consent_and_one_email_and_no_subscription():
    residents.sign_up(ANSWERS, NOW)
    delivery = Delivery.get()
    assert (delivery.kind, delivery.state, delivery.resident.email) == ("confirm", "pending", "cleo@example.org")
    assert (delivery.consent.wording, delivery.consent.answers, delivery.consent.confirmed_at) == (
        WORDING,
        ANSWERS,
        None,
    )
    assert live("Cleo") == set()


def test_an_unknown_address_becomes_a_pending_resident():
    residents.sign_up(ANSWERS | {"email": "nobody@example.org"}, NOW)
    assert Resident.get(Resident.email == "nobody@example.org").state == Resident.PENDING


def test_signing_up_twice_keeps_one_resident_and_both_consents():
    first, second = signed_up(), signed_up(frequency="weekly")
    assert first.resident == second.resident
    assert {first.consent.answers["frequency"], second.consent.answers["frequency"]} == {"daily", "weekly"}


def test_a_confirmed_address_keeps_what_it_has():
    before = live("Amara")
    delivery = residents.sign_up(ANSWERS | {"email": "amara@example.org"}, NOW)
    assert delivery.kind == Delivery.KNOWN
    assert delivery.consent is None
    assert (live("Amara"), cast.resident("Amara").name) == (before, "Amara")


def test_two_sign_ups_at_one_moment_make_one_resident(app):
    def act():
        return residents.sign_up(ANSWERS | {"email": "nobody@example.org"}, NOW)

    first, second = services.at_once(app, act, act)
    assert first.resident_id == second.resident_id
    assert Delivery.select().count() == 2


def test_the_fifth_email_in_a_minute_waits():
    made = [residents.sign_up(ANSWERS, NOW) is not None for _ in range(5)]
    assert made == [True] * 4 + [False]
    assert residents.sign_up(ANSWERS, NOW + limits.MINUTE)


def test_sign_ups_and_links_share_one_limit():
    for _ in range(4):
        residents.ask_for_link("amara@example.org", NOW)
    assert residents.sign_up(ANSWERS | {"email": "amara@example.org"}, NOW) is None


# --- Confirm ---


def test_confirming_begins_what_was_agreed():
    residents.confirm(signed_up(), NOW)
    assert live("Cleo") == {
        (area, slug, "daily") for area in (ST_HELIER, RAVENSBURY) for slug in ("advice", "meetings")
    }
    cleo = cast.resident("Cleo")
    assert (cleo.state, cleo.home_id, cleo.name, cleo.confirmed_at) == ("confirmed", ST_HELIER, "Cleo", NOW)


def test_confirming_keeps_the_concerns_in_order():
    residents.confirm(signed_up(), NOW)
    chosen = ThemeChoice.select(ThemeChoice.theme, ThemeChoice.rank).order_by(ThemeChoice.theme).tuples()
    assert list(chosen) == [("burglary", None), ("drugs", 1), ("fraud", 2)]


def test_none_of_these_is_kept_as_no_theme():
    residents.confirm(signed_up(concerns=["none"], rank=[]), NOW)
    assert not ThemeChoice.select().exists()


def test_confirmed_answers_are_not_kept_a_second_time():
    link = signed_up()
    residents.confirm(link, NOW)
    consent = Consent.get_by_id(link.consent_id)
    assert (consent.answers, consent.confirmed_at) == (None, NOW)


def test_confirming_twice_is_confirming_once():
    link = signed_up()
    residents.confirm(link, NOW)
    residents.confirm(Link.get_by_id(link.id), NOW + DAY)
    assert cast.resident("Cleo").confirmed_at == NOW
    assert len(live("Cleo")) == Subscription.select().where(Subscription.resident == cast.resident("Cleo")).count()


def test_confirming_twice_at_one_moment_is_confirming_once(app):
    link = signed_up()
    results = services.at_once(
        app, lambda: residents.confirm(link, NOW), lambda: residents.confirm(Link.get_by_id(link.id), NOW)
    )
    assert all(each.is_confirmed for each in results)
    assert len(live("Cleo")) == 4


def test_a_confirmation_ends_the_other_sign_ups_of_an_address():
    _, second = signed_up(), signed_up(areas=[], types=["appeals"], frequency="weekly")
    residents.confirm(second, NOW)
    assert live("Cleo") == {(ST_HELIER, "appeals", "weekly")}
    assert not Consent.select().where(Consent.resident == second.resident, Consent.confirmed_at.is_null()).exists()


def test_who_left_may_come_back():
    residents.confirm(signed_up("esme@example.org"), NOW)
    esme = cast.resident("Esme")
    assert (esme.state, esme.left_at) == ("confirmed", None)


def welcomes() -> int:
    return Delivery.select().where(Delivery.kind == Delivery.WELCOME).count()


def test_whoever_confirms_is_welcomed_once():
    link = signed_up()
    assert welcomes() == 0
    for _ in range(2):
        residents.confirm(Link.get_by_id(link.id), NOW)
    assert welcomes() == 1


def test_confirming_twice_at_one_moment_welcomes_once(app):
    link = signed_up()
    services.at_once(app, *[lambda: residents.confirm(Link.get_by_id(link.id), NOW)] * 2)
    assert welcomes() == 1


# --- Remind ---


def reminded(when) -> int:
    """Remind whom it is time to remind then; how many emails that makes."""
    before = Delivery.select().where(Delivery.kind == Delivery.REMINDER).count()
    assert residents.remind_unconfirmed(when) == Delivery.select().where(Delivery.kind == "reminder").count() - before
    return Delivery.select().where(Delivery.kind == Delivery.REMINDER).count() - before


@pytest.mark.parametrize(
    ("days", "expected"), [(0, 0), (1.9, 0), (2, 1), (3, 1), (6.9, 1), (7, 0)], ids=lambda each: str(each)
)
def test_who_has_not_confirmed_is_reminded_after_two_days_and_before_seven(days, expected):
    signed_up()
    assert reminded(NOW + days * DAY) == expected


def test_nobody_is_reminded_twice():
    link = signed_up()
    assert [reminded(NOW + days * DAY) for days in (2, 2, 3, 6)] == [1, 0, 0, 0]
    assert Consent.get_by_id(link.consent_id).reminded_at == NOW + 2 * DAY


def test_two_clocks_remind_once(app):
    signed_up()
    assert sorted(services.at_once(app, *[lambda: residents.remind_unconfirmed(NOW + 2 * DAY)] * 2)) == [0, 1]
    assert Delivery.select().where(Delivery.kind == Delivery.REMINDER).count() == 1


def test_who_has_confirmed_is_not_reminded():
    residents.confirm(signed_up(), NOW)
    assert reminded(NOW + 2 * DAY) == 0


def test_only_the_newest_sign_up_is_reminded_of():
    signed_up()
    newest = signed_up(now=NOW + DAY)
    assert reminded(NOW + 2 * DAY) == 0
    assert reminded(NOW + 3 * DAY) == 1
    assert Delivery.get(Delivery.kind == Delivery.REMINDER).consent == newest.consent


def test_signing_up_again_after_a_reminder_brings_no_second_one():
    signed_up()
    assert reminded(NOW + 2 * DAY) == 1
    signed_up(now=NOW + 2 * DAY)
    assert reminded(NOW + 4 * DAY) == 0


def test_who_left_and_signed_up_again_is_reminded_too():
    signed_up("esme@example.org")
    assert reminded(NOW + 2 * DAY) == 1


def test_many_are_reminded_a_part_at_a_time(monkeypatch):
    monkeypatch.setattr(residents, "REMINDED_AT_ONCE", 2)
    for name in ("one", "two", "three"):
        signed_up(f"{name}@example.org")
    assert [reminded(NOW + 2 * DAY) for _ in range(3)] == [2, 1, 0]


# --- Sessions ---


def test_only_a_confirmed_residents_session_opens():
    people = [cast.resident(name) for name in ("Amara", "Cleo", "Esme")]
    opened = [residents.in_session(each.id, each.link_version) for each in people]
    assert opened == [cast.resident("Amara"), None, None]


def test_a_session_ends_with_its_links():
    amara = cast.resident("Amara")
    leaving.leave(amara, "preferences", NOW)
    residents.confirm(signed_up("amara@example.org"), NOW)
    assert residents.in_session(amara.id, amara.link_version) is None


# --- The magic link ---


def test_who_asks_for_the_link_gets_what_fits_them():
    kinds = {"amara": "sign-in", "dov": "sign-in", "cleo": "confirm", "esme": None, "nobody": None}
    made = {name: residents.ask_for_link(f"{name}@example.org", NOW) for name in kinds}
    assert {name: delivery and delivery.kind for name, delivery in made.items()} == kinds


def test_who_has_not_confirmed_is_sent_the_latest_confirmation_again():
    signed_up(now=NOW)
    latest = signed_up(now=NOW + limits.MINUTE, frequency="weekly")
    delivery = residents.ask_for_link("cleo@example.org", NOW + 2 * limits.MINUTE)
    assert (delivery.kind, delivery.consent) == (Delivery.CONFIRM, latest.consent)


# --- Waiting for a borough ---


def test_waiting_twice_is_waiting_once():
    sutton = areas.borough(SUTTON)
    residents.wait_for(sutton, "cleo@example.org", NOW)
    residents.wait_for(sutton, "cleo@example.org", NOW + DAY)
    assert Waiting.select().count() == 1


def test_the_address_is_deleted_once_it_was_written_to(post):
    residents.wait_for(areas.borough(SUTTON), "cleo@example.org", NOW)
    addressing.to_waiting(areas.borough(SUTTON), NOW)
    assert urgent.send(lambda: NOW) == 1
    assert len(post.to("cleo@example.org")) == 1
    assert not Waiting.select().exists()


def test_an_address_that_could_not_be_written_to_is_kept_for_another_try(post):
    post.refusals["*"] = "451 later"
    residents.wait_for(areas.borough(SUTTON), "cleo@example.org", NOW)
    addressing.to_waiting(areas.borough(SUTTON), NOW)
    urgent.send(lambda: NOW)
    assert Waiting.select().count() == 1


def test_everything_is_journalled():
    residents.confirm(signed_up(), NOW)
    cast.change(cast.resident("Cleo"), NOW, frequency="weekly")
    leaving.leave(cast.resident("Cleo"), "unsubscribed", NOW)
    lines = Journal.select(Journal.action).where(Journal.resident == cast.resident("Cleo")).order_by(Journal.id)
    assert [action for (action,) in lines.tuples()] == ["confirmed", "changed preferences", "left"]


def test_signing_up_anew_ends_an_old_pause_and_limit():
    Resident.update(paused_until=NOW + 300 * DAY, weekly_cap=1).where(Resident.name == "Esme").execute()
    esme = residents.confirm(signed_up("esme@example.org"), NOW)
    assert (esme.paused_until, esme.weekly_cap) == (None, None)


def test_who_confirms_is_asked_in_three_months_and_no_sooner_than_before():
    first = residents.confirm(signed_up("new@example.org"), NOW)
    assert first.ask_at == NOW + timedelta(days=90)
    Resident.update(ask_at=NOW + timedelta(days=300), state=Resident.LEFT).where(Resident.id == first.id).execute()
    assert residents.confirm(signed_up("new@example.org"), NOW).ask_at == NOW + timedelta(days=300)


def test_two_sign_ups_of_one_address_confirmed_at_once_confirm_one(app):
    first, second = signed_up("nobody@example.org"), signed_up("nobody@example.org")
    results = services.at_once(app, *[lambda link=link: residents.confirm(link, NOW) for link in (first, second)])
    wrong = [each for each in results if not isinstance(each, Resident)]
    assert [type(each) for each in wrong] in ([], [links.LinkEnded])
    assert welcomes() in (1, 2)

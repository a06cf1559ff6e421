"""Residents sign up, confirm, change what they get, and leave; each of it twice as well as once."""

from datetime import timedelta

import pytest

from metengage import addressing, areas, limits, links, residents, urgent
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
from tests.cast import BEGAN, MERTON, RAVENSBURY, ST_HELIER, SURBITON_HILL, SUTTON
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


# --- Change ---


def changed(name: str, **new) -> residents.Preferences:
    return cast.change(cast.resident(name), NOW, **new)


def test_preferences_name_the_home_ward_first():
    mine = changed("Amara", codes=[RAVENSBURY, ST_HELIER, SURBITON_HILL])
    assert [area.code for area in mine.areas] == [ST_HELIER, RAVENSBURY, SURBITON_HILL]
    assert (mine.types, mine.frequency) == (["advice", "incidents"], "immediately")


@pytest.mark.parametrize(
    ("new", "expected"),
    [
        ({"codes": [MERTON]}, {(MERTON, "advice", "weekly"), (MERTON, "incidents", "weekly")}),
        ({"types": ["results"]}, {(ST_HELIER, "results", "weekly")}),
        (
            {"frequency": "daily"},
            {(ST_HELIER, "advice", "daily"), (ST_HELIER, "incidents", "daily")},
        ),
    ],
)
def test_a_change_holds_from_now_on_and_twice_is_once(new, expected):
    for _ in range(2):
        changed("Bryn", **new)
        assert live("Bryn") == expected
    assert Subscription.select().where(Subscription.began_at == NOW).count() == len(expected)


def test_what_is_no_longer_wanted_ends_and_is_not_deleted():
    changed("Bryn", types=["advice"])
    ended = Subscription.get(Subscription.resident == cast.resident("Bryn"), Subscription.ended_at.is_null(False))
    assert (ended.alert_type, ended.ended_at, ended.ended_reason) == ("incidents", NOW, "changed")


def test_what_stays_is_left_alone():
    before = {row.id for row in cast.resident("Bryn").subscriptions}
    changed("Bryn", types=["advice", "incidents", "meetings"])
    assert {row.id for row in cast.resident("Bryn").subscriptions if row.began_at == BEGAN} == before


def test_two_changes_at_one_moment_leave_the_later(app):
    results = services.at_once(
        app,
        lambda: changed("Bryn", frequency="daily"),
        lambda: changed("Bryn", frequency="immediately"),
    )
    assert [each for each in results if isinstance(each, Exception)] == []
    assert len({frequency for _, _, frequency in live("Bryn")}) == 1


def test_pressing_save_twice_at_one_moment_is_success(app):
    first, second = services.at_once(app, *[lambda: changed("Bryn", types=["meetings"])] * 2)
    assert first == second
    assert live("Bryn") == {(ST_HELIER, "meetings", "weekly")}


# --- Leave ---


def test_leaving_ends_everything_and_every_link():
    amara = cast.resident("Amara")
    assert residents.leave(amara, "unsubscribed", NOW)
    assert live("Amara") == set()
    after = cast.resident("Amara")
    assert (after.state, after.left_at, after.link_version) == ("left", NOW, amara.link_version + 1)


def test_leaving_says_how():
    residents.leave(cast.resident("Amara"), "unsubscribed", NOW)
    reasons = {row.ended_reason for row in cast.resident("Amara").subscriptions}
    assert reasons == {"unsubscribed"}


def test_leaving_twice_is_leaving_once():
    residents.leave(cast.resident("Amara"), "unsubscribed", NOW)
    assert not residents.leave(cast.resident("Amara"), "preferences", NOW + DAY)
    assert cast.resident("Amara").left_at == NOW


@pytest.mark.parametrize("name", ["Cleo", "Esme"])
def test_who_has_nothing_to_leave_stays_as_they_are(name):
    before = cast.resident(name)
    assert not residents.leave(before, "unsubscribed", NOW)
    assert (cast.resident(name).state, cast.resident(name).link_version) == (before.state, before.link_version)


def test_only_a_confirmed_residents_session_opens():
    people = [cast.resident(name) for name in ("Amara", "Cleo", "Esme")]
    opened = [residents.in_session(each.id, each.link_version) for each in people]
    assert opened == [cast.resident("Amara"), None, None]


def test_a_session_ends_with_its_links():
    amara = cast.resident("Amara")
    residents.leave(amara, "preferences", NOW)
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
    changed("Cleo", frequency="weekly")
    residents.leave(cast.resident("Cleo"), "unsubscribed", NOW)
    lines = Journal.select(Journal.action).where(Journal.resident == cast.resident("Cleo")).order_by(Journal.id)
    assert [action for (action,) in lines.tuples()] == ["confirmed", "changed preferences", "left"]

"""Who an alert reaches: those subscribed to its type in one of its areas, less the suppressed."""

from collections.abc import Iterable
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from metengage import alerts, audience, db, leaving, suppressions
from metengage.choices import DAILY, FREQUENCIES, IMMEDIATELY, WEEKLY
from metengage.models import Resident, Subscription, Suppression
from tests import cast, services
from tests.cast import (
    KINGSTON,
    MERTON,
    RAVENSBURY,
    ST_HELIER,
    SURBITON_HILL,
    WANDLE_IN_MERTON,
    WANDLE_IN_WANDSWORTH,
)
from tests.conftest import NOW

DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def _stand(app):
    """Every test here touches rows."""


def reached(alert_type: str, codes: Iterable[str], frequency: str) -> list[str]:
    """The names of those whom it reaches."""
    people = Resident.select(Resident.name).where(Resident.id.in_(audience.of(alert_type, codes, frequency, NOW)))
    return [name for (name,) in people.order_by(Resident.name).tuples()]


def sent(title: str, when=NOW, **words):
    """An alert of the cast's that began to be sent then."""
    return services.begin_sending(services.draft(title=title, **words), cast.officer("Farah"), when)


# --- Who ---


def test_it_reaches_the_subscribed_and_nobody_else():
    table = {
        ("incidents", (ST_HELIER,), IMMEDIATELY): ["Amara"],
        ("incidents", (ST_HELIER,), WEEKLY): ["Bryn"],
        ("incidents", (ST_HELIER,), DAILY): [],
        ("advice", (ST_HELIER, RAVENSBURY), IMMEDIATELY): ["Amara"],
        ("advice", (MERTON,), IMMEDIATELY): ["Amara"],
        ("advice", (MERTON, ST_HELIER), IMMEDIATELY): ["Amara"],
        ("meetings", (ST_HELIER,), IMMEDIATELY): [],
        ("incidents", (RAVENSBURY,), IMMEDIATELY): [],
        ("incidents", (KINGSTON,), IMMEDIATELY): [],
        ("incidents", (), IMMEDIATELY): [],
        ("", (ST_HELIER,), IMMEDIATELY): [],
        ("incidents", ("E05999999",), IMMEDIATELY): [],
    }
    assert {asked: reached(*asked) for asked in table} == table


def test_a_borough_reaches_its_wards_and_a_ward_reaches_its_boroughs_subscribers():
    assert audience.reach([ST_HELIER]) == sorted([ST_HELIER, MERTON])
    assert {MERTON, ST_HELIER, RAVENSBURY, WANDLE_IN_MERTON} <= set(audience.reach([MERTON]))
    assert not {SURBITON_HILL, KINGSTON} & set(audience.reach([MERTON]))


def test_a_neighbouring_ward_is_not_reached_by_way_of_the_borough():
    assert RAVENSBURY not in audience.reach([ST_HELIER])


def test_wards_of_one_name_are_two_wards():
    assert WANDLE_IN_WANDSWORTH not in audience.reach([WANDLE_IN_MERTON])


def test_a_borough_subscriber_hears_of_its_wards():
    cast.change(cast.resident("Amara"), NOW, codes=[MERTON])
    assert reached("incidents", [RAVENSBURY], IMMEDIATELY) == ["Amara"]
    assert reached("incidents", [SURBITON_HILL], IMMEDIATELY) == []


def test_somebody_reached_in_three_ways_is_one_person():
    cast.change(cast.resident("Amara"), NOW, codes=[MERTON, ST_HELIER, RAVENSBURY])
    assert reached("incidents", [MERTON, ST_HELIER, RAVENSBURY], IMMEDIATELY) == ["Amara"]
    assert audience.size("incidents", [MERTON, RAVENSBURY], NOW)[IMMEDIATELY] == 1


def test_who_left_or_changed_is_no_longer_reached():
    leaving.leave(cast.resident("Amara"), "unsubscribed", NOW)
    cast.change(cast.resident("Bryn"), NOW, types=["advice"])
    assert audience.size("incidents", [ST_HELIER], NOW) == {IMMEDIATELY: 0, DAILY: 0, WEEKLY: 0}


@pytest.mark.parametrize("codes", [[ST_HELIER], [MERTON], [MERTON, ST_HELIER], [ST_HELIER, SURBITON_HILL]])
def test_many_alerts_reach_what_each_would(codes):
    alert, other = services.draft(codes=codes), services.draft(codes=[KINGSTON])
    assert audience.reaches([alert.id, other.id])[alert.id] == set(audience.reach(codes))


# --- How many, why, how often ---


def test_its_size_counts_each_frequency():
    assert audience.size("incidents", [ST_HELIER], NOW) == {IMMEDIATELY: 1, DAILY: 0, WEEKLY: 1}


def test_the_size_an_officer_sees_is_the_size_that_is_sent():
    services.crowd(12)
    alert = services.draft()
    assert (
        alerts.reached(alert, NOW)[IMMEDIATELY] == audience.of("incidents", [ST_HELIER], IMMEDIATELY, NOW).count() == 13
    )


BOROUGH_OF = {ST_HELIER: MERTON, RAVENSBURY: MERTON, SURBITON_HILL: KINGSTON}
PLACES = [*BOROUGH_OF, MERTON, KINGSTON]
PEOPLE, TYPES = ["Amara", "Bryn", "Cleo", "Dov", "Esme"], ["incidents", "advice"]
# (who, where, of what, how often, whether that has ended)
WISH = st.tuples(*map(st.sampled_from, (PEOPLE, PLACES, TYPES, sorted(FREQUENCIES), (False, True))))


def subscribe(wishes: list[tuple]) -> None:
    """These subscriptions instead of all others."""
    Subscription.delete().execute()
    for name, area, alert_type, frequency, ended in wishes:
        Subscription.create(
            resident=cast.resident(name), area=area, alert_type=alert_type, frequency=frequency, source="sign-up",
            began_at=cast.BEGAN, ended_at=NOW if ended else None,
        )  # fmt: skip


def listeners(wishes: list[tuple], asked: set[str], frequency: str) -> list[str]:
    """Who hears of incidents in the areas asked, one wish after the other."""
    boroughs = {BOROUGH_OF.get(area) for area in asked}
    return sorted(
        {
            name
            for name, area, *rest in wishes
            if rest == ["incidents", frequency, False] and ({area, BOROUGH_OF.get(area)} & asked or area in boroughs)
        }
    )


@given(st.lists(WISH, unique_by=lambda wish: wish[:3]), st.sets(st.sampled_from(PLACES)))
@settings(max_examples=40, deadline=None, database=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_they_chose_each_is_counted_and_reached_once(wishes, asked):
    with db.handle.atomic() as everything:
        subscribe(wishes)
        plain = {frequency: listeners(wishes, asked, frequency) for frequency in FREQUENCIES}
        assert {frequency: reached("incidents", asked, frequency) for frequency in FREQUENCIES} == plain
        assert audience.size("incidents", asked, NOW) == {frequency: len(names) for frequency, names in plain.items()}
        everything.rollback()


def test_reasons_name_the_areas_that_bring_it():
    amara = cast.resident("Amara")
    cast.change(amara, NOW, codes=[MERTON, ST_HELIER, SURBITON_HILL])
    reasons = audience.reasons("incidents", audience.reach([ST_HELIER, RAVENSBURY]), [amara.id])
    assert sorted(reasons[amara.id]) == sorted([MERTON, ST_HELIER])


def test_nobody_is_given_a_reason_who_has_none():
    ids = [cast.resident(name).id for name in ("Amara", "Cleo", "Dov", "Esme")]
    assert list(audience.reasons("incidents", [ST_HELIER], ids)) == [cast.resident("Amara").id]


# --- Suppression ---


def test_a_suppressed_address_is_found_whatever_its_case():
    assert suppressions.among(["DOV@example.org", "amara@example.org"]) == {"DOV@example.org"}


def test_nobody_asks_about_nobody():
    assert suppressions.among([]) == set()


def test_a_suppression_holds_nothing_readable():
    kept = Suppression.get().address_hash
    assert len(kept) == 64
    assert "dov" not in kept


def test_a_suppression_is_of_use_only_with_our_key(monkeypatch):
    before = suppressions.address_hash("dov@example.org")
    monkeypatch.setattr(suppressions.settings, "secret_key", "another secret key, as long as the first one")
    assert suppressions.address_hash("dov@example.org") != before

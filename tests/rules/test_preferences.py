"""What residents hear: each change touches only what it names, from then on; what held before can be told."""

from datetime import timedelta

import pytest

from metengage import areas, leaving, preferences
from metengage.choices import DAILY, IMMEDIATELY, WEEKLY
from metengage.models import Journal, Resident, Subscription
from tests import cast, services
from tests.cast import BEGAN, KINGSTON, MERTON, RAVENSBURY, ST_HELIER, SURBITON_HILL
from tests.conftest import NOW

DAY = timedelta(days=1)
AMARAS = {(ST_HELIER, "advice", IMMEDIATELY), (ST_HELIER, "incidents", IMMEDIATELY)}


@pytest.fixture(autouse=True)
def _stand(app):
    """Every test here touches rows."""


@pytest.fixture
def amara() -> Resident:
    return cast.resident("Amara")


def held(name: str, moment) -> set[tuple[str, str, str]]:
    """What somebody of the cast heard at a moment: (area, type, frequency)."""
    rows = Subscription.select().where(
        Subscription.resident == cast.resident(name),
        Subscription.began_at <= moment,
        Subscription.ended_at.is_null() | (Subscription.ended_at > moment),
    )
    return {(row.area_id, row.alert_type, row.frequency) for row in rows}


def ward(code: str):
    return areas.named([code])[0]


# --- What they hear ---


def test_they_name_the_home_ward_first(amara):
    mine = cast.change(amara, NOW, codes=[SURBITON_HILL, RAVENSBURY, ST_HELIER])
    assert mine.codes == [ST_HELIER, RAVENSBURY, SURBITON_HILL]
    assert mine.home.code == ST_HELIER


def test_each_type_has_its_own_frequency(amara):
    preferences.set_all(amara, {"meetings": WEEKLY, "incidents": DAILY}, NOW)
    mine = preferences.of(amara)
    assert mine.frequencies == {"advice": IMMEDIATELY, "incidents": DAILY, "meetings": WEEKLY}
    assert mine.how_often == [IMMEDIATELY, DAILY, WEEKLY]


@pytest.mark.parametrize(("name", "home"), [("Dov", ST_HELIER), ("Esme", ST_HELIER), ("Cleo", ST_HELIER)])
def test_who_hears_nothing_has_no_areas(name, home):
    mine = preferences.of(cast.resident(name))
    assert (mine.areas, mine.frequencies, mine.home.code) == ([], {}, home)


# --- Each change alone ---


CHANGES = {
    "a frequency": (
        lambda amara: preferences.set_frequency(amara, "incidents", WEEKLY, NOW),
        {(ST_HELIER, "advice", IMMEDIATELY), (ST_HELIER, "incidents", WEEKLY)},
    ),
    "another type": (
        lambda amara: preferences.set_frequency(amara, "appeals", DAILY, NOW),
        AMARAS | {(ST_HELIER, "appeals", DAILY)},
    ),
    "a type less": (
        lambda amara: preferences.set_frequency(amara, "incidents", None, NOW),
        {(ST_HELIER, "advice", IMMEDIATELY)},
    ),
    "all types": (
        lambda amara: preferences.set_all(amara, {}, NOW, every=WEEKLY),
        {(ST_HELIER, "advice", WEEKLY), (ST_HELIER, "incidents", WEEKLY)},
    ),
    "all types but one": (
        lambda amara: preferences.set_all(amara, {"advice": DAILY}, NOW, every=WEEKLY),
        {(ST_HELIER, "advice", DAILY), (ST_HELIER, "incidents", WEEKLY)},
    ),
    "another area": (
        lambda amara: preferences.add_areas(amara, [KINGSTON], NOW),
        AMARAS | {(KINGSTON, "advice", IMMEDIATELY), (KINGSTON, "incidents", IMMEDIATELY)},
    ),
    "a move": (
        lambda amara: preferences.move_home(amara, ward(RAVENSBURY), NOW),
        AMARAS | {(RAVENSBURY, "advice", IMMEDIATELY), (RAVENSBURY, "incidents", IMMEDIATELY)},
    ),
    "a move away": (
        lambda amara: preferences.move_home(amara, ward(RAVENSBURY), NOW, keep=False),
        {(RAVENSBURY, "advice", IMMEDIATELY), (RAVENSBURY, "incidents", IMMEDIATELY)},
    ),
    "no move": (lambda amara: preferences.move_home(amara, ward(ST_HELIER), NOW, keep=False), AMARAS),
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_touches_only_what_it_names_and_twice_is_once(amara, name):
    act, expected = CHANGES[name]
    for _ in range(2):
        act(amara)
        assert held("Amara", NOW) == expected
    assert Subscription.select().where(Subscription.began_at == NOW).count() == len(expected - AMARAS)


@pytest.mark.parametrize("name", CHANGES)
def test_what_held_before_can_be_told(amara, name):
    before = {row.id for row in amara.subscriptions}
    CHANGES[name][0](amara)
    assert held("Amara", NOW - DAY) == AMARAS
    assert before <= {row.id for row in amara.subscriptions}


def test_what_ended_says_when_and_why(amara):
    preferences.set_frequency(amara, "incidents", WEEKLY, NOW)
    ended = Subscription.get(Subscription.resident == amara, Subscription.ended_at.is_null(False))
    assert (ended.alert_type, ended.ended_at, ended.ended_reason) == ("incidents", NOW, "changed")


def test_an_area_removed_is_heard_of_no_more_and_the_others_are(amara):
    preferences.add_areas(amara, [RAVENSBURY, MERTON], NOW)
    for _ in range(2):
        mine = preferences.remove_area(amara, ST_HELIER, NOW + DAY)
    assert mine.codes == [MERTON, RAVENSBURY]
    assert mine.home.code == ST_HELIER


def test_a_new_area_brings_each_type_as_often_as_the_others(amara):
    preferences.set_frequency(amara, "incidents", WEEKLY, NOW)
    preferences.add_areas(amara, [RAVENSBURY], NOW + DAY)
    assert {(RAVENSBURY, "advice", IMMEDIATELY), (RAVENSBURY, "incidents", WEEKLY)} < held("Amara", NOW + DAY)


def test_any_number_of_areas_may_be_chosen(amara):
    wards = areas.wards_of(areas.started_boroughs())
    assert len(preferences.add_areas(amara, [each.code for each in wards], NOW).areas) == len(wards) > 70


def test_it_is_in_the_journal_once(amara):
    Journal.delete().execute()
    for _ in range(2):
        preferences.set_frequency(amara, "incidents", WEEKLY, NOW)
    preferences.move_home(amara, ward(RAVENSBURY), NOW)
    assert [row.action for row in Journal.select().order_by(Journal.id)] == ["changed preferences", "moved home"]


# --- Nothing is left to hear ---


@pytest.mark.parametrize(
    "act",
    [
        lambda amara: preferences.set_all(amara, {"advice": None, "incidents": None}, NOW),
        lambda amara: preferences.remove_area(amara, ST_HELIER, NOW),
    ],
)
def test_the_last_type_and_the_last_area_stay(amara, act):
    with pytest.raises(preferences.NothingLeft):
        act(amara)
    assert held("Amara", NOW) == AMARAS


def test_who_heard_nothing_begins_with_a_type_in_their_home_ward():
    dov = cast.resident("Dov")
    with pytest.raises(preferences.NothingLeft):
        preferences.add_areas(dov, [RAVENSBURY], NOW)
    assert preferences.set_frequency(dov, "advice", DAILY, NOW).codes == [ST_HELIER]


def test_who_left_hears_nothing_whatever_an_old_page_says(amara):
    leaving.leave(amara, "unsubscribed", NOW)
    for act, _ in CHANGES.values():
        act(amara)
    assert held("Amara", NOW + DAY) == set()


# --- Two at once ---


def test_two_different_changes_at_one_moment_both_hold(app, amara):
    results = services.at_once(
        app,
        lambda: preferences.set_frequency(amara, "incidents", WEEKLY, NOW),
        lambda: preferences.set_frequency(amara, "meetings", DAILY, NOW),
        lambda: preferences.add_areas(amara, [RAVENSBURY], NOW),
        lambda: preferences.move_home(amara, ward(SURBITON_HILL), NOW),
    )
    assert [each for each in results if isinstance(each, Exception)] == []
    mine = preferences.of(cast.resident("Amara"))
    assert mine.frequencies == {"advice": IMMEDIATELY, "incidents": WEEKLY, "meetings": DAILY}
    assert mine.codes == [SURBITON_HILL, RAVENSBURY, ST_HELIER]
    assert len(held("Amara", NOW)) == 9


def test_two_changes_of_one_thing_at_one_moment_leave_one(app, amara):
    services.at_once(
        app, *[lambda f=f: preferences.set_frequency(amara, "advice", f, NOW) for f in (DAILY, WEEKLY, IMMEDIATELY)]
    )
    assert len([each for each in held("Amara", NOW) if each[1] == "advice"]) == 1


def test_of_two_who_end_the_last_two_types_at_one_moment_one_is_refused(app, amara):
    results = services.at_once(
        app, *[lambda slug=slug: preferences.set_frequency(amara, slug, None, NOW) for slug in ("advice", "incidents")]
    )
    assert len([each for each in results if isinstance(each, preferences.NothingLeft)]) == 1
    assert len(held("Amara", NOW)) == 1


def test_pressing_twice_at_one_moment_is_success(app, amara):
    first, second = services.at_once(app, *[lambda: preferences.add_areas(amara, [RAVENSBURY], NOW)] * 2)
    assert first == second
    assert Subscription.select().where(Subscription.began_at != BEGAN).count() == 2

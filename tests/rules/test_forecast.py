"""How many emails a choice would have brought: by type, and under each frequency."""

from datetime import timedelta

import pytest

from metengage import forecast
from metengage.choices import DAILY, FREQUENCIES, IMMEDIATELY, WEEKLY
from metengage.forecast import Volume
from tests import cast, services
from tests.cast import MERTON, RAVENSBURY, ST_HELIER
from tests.conftest import NOW

DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def _stand(app):
    """Every test here touches rows."""


def sent(title: str, when=NOW, **words):
    """An alert of the cast's that began to be sent then."""
    return services.begin_sending(services.draft(title=title, **words), cast.officer("Farah"), when)


def brought(now=NOW, **chosen) -> Volume:
    return forecast.of(chosen or {"incidents": IMMEDIATELY}, [ST_HELIER], now)


def test_the_volume_counts_alerts_of_each_type_in_their_order():
    for title, alert_type in (("One", "incidents"), ("Two", "incidents"), ("Three", "advice")):
        sent(title, alert_type=alert_type, codes=[ST_HELIER, RAVENSBURY])
    wanted = dict.fromkeys(("results", "incidents", "advice"), WEEKLY)
    found = forecast.of(wanted, [ST_HELIER, RAVENSBURY, MERTON], NOW)
    assert list(found.alerts.items()) == [("advice", 1), ("incidents", 2)]


def test_the_volume_counts_emails_under_each_frequency():
    for days, hour in ((0, 0), (0, 3), (1, 0), (7, 0)):
        sent(f"{days} {hour}", NOW - days * DAY - timedelta(hours=hour))
    assert brought().under == {IMMEDIATELY: 4, DAILY: 3, WEEKLY: 2}
    assert [brought(incidents=each).emails for each in FREQUENCIES] == [4, 3, 2]


def test_the_volume_counts_a_mixture_as_it_is_chosen():
    for days in (1, 2, 3):
        sent("Incident", NOW - days * DAY)
        sent("Advice", NOW - days * DAY, alert_type="advice")
    assert brought(incidents=IMMEDIATELY, advice=DAILY).emails == 3 + 3
    assert brought(incidents=DAILY, advice=DAILY).emails == 3
    assert brought(incidents=IMMEDIATELY, advice=WEEKLY).emails == 3 + 2


def test_the_volume_counts_digests_as_they_go_out_in_london():
    for hour, minute in ((6, 29), (6, 31), (22, 59), (23, 1)):  # a digest goes out at 7:30 there, in summer
        sent(f"{hour}:{minute}", NOW.replace(month=6, day=5, hour=hour, minute=minute))
    assert brought(NOW.replace(month=6)).under[DAILY] == 2


def test_the_volume_leaves_out_other_types_areas_times_and_drafts():
    services.draft(title="A draft")
    sent("Too old", NOW - 31 * DAY)
    sent("Another type", alert_type="meetings")
    sent("Another ward", codes=[RAVENSBURY])
    assert brought() == Volume({}, 0, dict.fromkeys(FREQUENCIES, 0))


def test_nothing_chosen_brings_nothing():
    sent("An alert")
    assert forecast.of({}, [ST_HELIER], NOW).emails == 0

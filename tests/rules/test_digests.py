"""Digests: daily at 7:30, weekly on Saturday at 8:30, in London; each alert once, nobody an empty one."""

from datetime import datetime, time, timedelta

import pytest

from metengage import digests, dispatch, leaving, rounds, schedule, suppressions
from metengage.choices import DAILY, IMMEDIATELY, WEEKLY
from metengage.formats import london
from metengage.models import Alert, Delivery, Digest, Subscription, Suppression
from tests import cast, services
from tests.cast import BEGAN, MERTON, RAVENSBURY, ST_HELIER
from tests.conftest import NOW
from tests.services import text_of

BRYN = "bryn@example.org"
SECOND, HOUR, DAY = timedelta(seconds=1), timedelta(hours=1), timedelta(days=1)
SATURDAY = datetime(2026, 11, 28, 8, 30)  # UTC is London's time in winter


def sent(title="Mopeds stolen in Green Lane", when=NOW, **words) -> Alert:
    """An alert that an officer sent then."""
    return services.begin_sending(services.draft(title=title, **words), cast.officer("Farah"), when)


def run(now=SATURDAY, frequency=WEEKLY) -> Digest:
    """Begin what is due; the run of this frequency."""
    digests.begin_due(now)
    return Digest.select().where(Digest.frequency == frequency).order_by(Digest.until.desc()).get()


def deliver(digest: Digest, now=SATURDAY) -> int:
    return digests.send_some(Digest.get_by_id(digest.id), lambda: now)


# --- When, on London's clock ---


@pytest.mark.parametrize(
    ("frequency", "now", "moment"),
    [
        (DAILY, "2026-11-22 07:29:59", "2026-11-21 07:30"),
        (DAILY, "2026-11-22 07:30:00", "2026-11-22 07:30"),
        (DAILY, "2026-11-22 23:59:59", "2026-11-22 07:30"),
        (DAILY, "2026-03-28 07:30:00", "2026-03-28 07:30"),
        (DAILY, "2026-03-29 06:29:59", "2026-03-28 07:30"),
        (DAILY, "2026-03-29 06:30:00", "2026-03-29 06:30"),
        (DAILY, "2026-10-24 06:30:00", "2026-10-24 06:30"),
        (DAILY, "2026-10-25 07:29:59", "2026-10-24 06:30"),
        (DAILY, "2026-10-25 07:30:00", "2026-10-25 07:30"),
        (DAILY, "2026-06-30 23:30:00", "2026-06-30 06:30"),
        (WEEKLY, "2026-11-28 08:29:59", "2026-11-21 08:30"),
        (WEEKLY, "2026-11-28 08:30:00", "2026-11-28 08:30"),
        (WEEKLY, "2026-11-27 23:59:59", "2026-11-21 08:30"),
        (WEEKLY, "2026-03-28 08:30:00", "2026-03-28 08:30"),
        (WEEKLY, "2026-04-04 07:29:59", "2026-03-28 08:30"),
        (WEEKLY, "2026-04-04 07:30:00", "2026-04-04 07:30"),
        (WEEKLY, "2026-10-24 07:30:00", "2026-10-24 07:30"),
        (WEEKLY, "2026-10-31 08:29:59", "2026-10-24 07:30"),
        (WEEKLY, "2026-10-31 08:30:00", "2026-10-31 08:30"),
    ],
)
def test_the_latest_moment_at_which_it_was_to_go_out(frequency, now, moment):
    assert schedule.last_moment(frequency, datetime.fromisoformat(now)) == datetime.fromisoformat(moment)


@pytest.mark.parametrize(("frequency", "at", "count"), [(DAILY, time(7, 30), 365), (WEEKLY, time(8, 30), 52)])
def test_every_day_and_every_saturday_of_a_year_has_one(frequency, at, count):
    hours = (datetime(2026, 1, 3, 12) + n * HOUR for n in range(1, 365 * 24))
    moments = sorted({schedule.last_moment(frequency, hour) for hour in hours})
    assert {london(moment).time() for moment in moments} == {at}
    days = {london(moment).date() for moment in moments}
    assert len(days) == len(moments)
    assert len(days) in (count, count + 1)
    assert frequency == DAILY or {day.weekday() for day in days} == {schedule.SATURDAY}


def test_a_run_is_kept_under_londons_date():
    assert schedule.date_of(datetime(2026, 6, 30, 23, 30)) == "2026-07-01"


# --- Which runs ---


def test_the_first_runs_look_back_one_period(app):
    runs = {run.frequency: run for run in digests.begin_due(SATURDAY)}
    assert (runs[WEEKLY].since, runs[WEEKLY].until) == (SATURDAY - 7 * DAY, SATURDAY)
    assert (runs[DAILY].since, runs[DAILY].until) == (SATURDAY - DAY - HOUR, SATURDAY - HOUR)


def test_a_clock_that_fires_twice_makes_one_of_each(app):
    assert len(digests.begin_due(SATURDAY)) == 2
    assert digests.begin_due(SATURDAY) == []
    assert digests.begin_due(SATURDAY + HOUR) == []


def test_two_clocks_at_one_moment_make_one_of_each(app):
    results = services.at_once(app, *[lambda: digests.begin_due(SATURDAY)] * 3)
    assert sum(len(begun) for begun in results) == Digest.select().count() == 2


def test_each_run_begins_where_the_last_one_ended(app):
    first, second = run(SATURDAY), run(SATURDAY + 7 * DAY)
    assert (second.since, second.until) == (first.until, SATURDAY + 7 * DAY)


def test_a_clock_that_was_away_for_weeks_makes_one_that_misses_nothing(app, post):
    run(SATURDAY)
    for week in range(3):
        sent(f"Week {week}", SATURDAY + week * 7 * DAY + HOUR)
    late = SATURDAY + 23 * DAY
    assert [each.frequency for each in digests.begin_due(late)] == [DAILY, WEEKLY]
    deliver(run(late), late)
    assert post.last_to(BRYN)["Subject"] == "This week: 3 alerts from your local police"


def test_a_clock_that_stood_for_three_days_makes_one_daily_email_with_all_of_them(app, post):
    cast.change(cast.resident("Bryn"), BEGAN, frequency=DAILY)
    run(NOW, DAILY)
    for day in range(3):
        sent(f"Day {day}", NOW + day * DAY + HOUR)
    late = NOW + 3 * DAY + HOUR
    for _ in range(3):
        deliver(run(late, DAILY), late)
    assert [letter["Subject"] for letter in post.to(BRYN)] == ["Today: 3 alerts from your local police"]


# --- What is in it ---


def test_an_alert_is_in_exactly_one_run(app):
    begins = SATURDAY - 7 * DAY
    _, first, last, after = (sent(when=when) for when in (begins, begins + SECOND, SATURDAY, SATURDAY + SECOND))
    assert digests.gathered(run()) == (last.id, first.id)
    assert digests.gathered(run(SATURDAY + 7 * DAY)) == (after.id,)


def test_what_was_stopped_is_not_in_it_even_where_some_had_it(app):
    alert = sent()
    assert digests.gathered(run()) == (alert.id,)
    Alert.update(stopped_at=SATURDAY).execute()
    assert digests.gathered(run()) == ()


@pytest.mark.parametrize("state", ["draft", "cancelled"])
def test_what_is_not_for_residents_is_not_in_it(app, state):
    sent()
    Alert.update(state=state).execute()
    assert digests.gathered(run()) == ()


def test_it_brings_what_they_asked_for_and_nothing_else(app, post):
    sent("Wanted")
    sent("Another type", alert_type="meetings")
    sent("Another ward", codes=[RAVENSBURY])
    deliver(run())
    assert post.last_to(BRYN)["Subject"] == "This week: 1 alert from your local police"
    assert "Wanted" in text_of(post.last_to(BRYN))


def test_it_goes_to_those_who_asked_for_that_frequency(app, post):
    sent()
    deliver(run(frequency=DAILY, now=NOW + DAY), NOW + DAY)
    assert post.letters == []
    deliver(run())
    assert [letter["To"] for letter in post.letters] == [BRYN]


def test_each_gets_their_own(app, post):
    cast.change(cast.resident("Amara"), BEGAN, frequency=WEEKLY)
    cast.change(cast.resident("Amara"), BEGAN, types=["advice"])
    sent("Lock your shed", alert_type="advice")
    sent("Mopeds stolen")
    deliver(run())
    assert "Mopeds stolen" not in text_of(post.last_to("amara@example.org"))
    assert "Mopeds stolen" in text_of(post.last_to(BRYN))


def test_the_newest_comes_first(app, post):
    sent("Older", NOW)
    sent("Newer", NOW + HOUR)
    deliver(run())
    text = text_of(post.last_to(BRYN))
    assert text.index("Newer") < text.index("Older")


def test_the_newest_is_what_was_sent_last_whichever_was_drafted_first(app, post):
    early = services.draft(title="Drafted first")
    sent("Drafted second", NOW)
    services.begin_sending(early, cast.officer("Farah"), NOW + HOUR)
    deliver(run())
    text = text_of(post.last_to(BRYN))
    assert text.index("Drafted first") < text.index("Drafted second")


def test_what_ones_own_ward_brings_too_is_under_it(app, post):
    cast.change(cast.resident("Bryn"), BEGAN, codes=[MERTON, RAVENSBURY, ST_HELIER])
    sent("Everywhere", codes=[RAVENSBURY, ST_HELIER])
    deliver(run())
    headings = [line for line in text_of(post.last_to(BRYN)).splitlines() if line.isupper()]
    assert headings == ["ST HELIER, MERTON"]


def test_it_holds_nothing_from_before_they_asked(app, post):
    cast.change(cast.resident("Amara"), NOW, frequency=WEEKLY)
    sent("Before", NOW - HOUR)
    sent("After", NOW + HOUR)
    deliver(run())
    assert "Before" not in text_of(post.last_to("amara@example.org"))
    assert "After" in text_of(post.last_to("amara@example.org"))


# --- Nobody gets an empty one, or an alert twice ---


def test_without_alerts_nobody_gets_one(app):
    assert deliver(run()) == 0
    assert not Delivery.select().exists()


def test_who_changed_until_nothing_is_left_gets_none(app, post, monkeypatch):
    sent()
    digest = run()
    with monkeypatch.context() as hurried:
        hurried.setattr(rounds, "LONGEST", 0)
        deliver(digest)
    cast.change(cast.resident("Bryn"), SATURDAY, types=["meetings"])
    deliver(digest)
    assert (Delivery.get().state, Delivery.get().reason, post.letters) == ("skipped", "nothing new", [])


def also_weekly_by_borough(name: str) -> None:
    """Somebody who hears at once of their ward, and weekly of the whole borough."""
    Subscription.create(
        resident=cast.resident(name), area=MERTON, alert_type="incidents", frequency=WEEKLY, source="sign-up",
        began_at=BEGAN,
    )  # fmt: skip


def test_what_they_got_at_once_is_not_in_it(app, post):
    also_weekly_by_borough("Amara")
    alert = sent("In my ward")
    dispatch.send_some(alert, lambda: NOW)
    sent("In another ward", codes=[RAVENSBURY])
    deliver(run())
    at_once, digest = post.to("amara@example.org")
    assert at_once["Subject"] == "In my ward"
    assert "In my ward" not in text_of(digest)
    assert "In another ward" in text_of(digest)


def test_who_got_everything_at_once_gets_no_digest(app, post):
    also_weekly_by_borough("Amara")
    dispatch.send_some(sent(), lambda: NOW)
    deliver(run())
    assert len(post.to("amara@example.org")) == 1


def test_what_did_not_arrive_at_once_is_in_it(app, post):
    also_weekly_by_borough("Amara")
    post.refusals["*"] = "550 not today"
    dispatch.send_some(sent("Refused at first"), lambda: NOW)
    post.refusals.clear()
    deliver(run())
    assert "Refused at first" in text_of(post.last_to("amara@example.org"))


def test_one_alert_by_way_of_two_areas_is_there_once(app, post):
    also_weekly_by_borough("Bryn")
    sent("Only once", codes=[ST_HELIER, RAVENSBURY])
    deliver(run())
    assert text_of(post.last_to(BRYN)).count("Only once") == 1


def test_delivering_twice_sends_once(app, post):
    sent()
    digest = run()
    assert [deliver(digest), deliver(digest)] == [1, 0]
    assert len(post.to(BRYN)) == 1


def test_two_workers_at_once_send_one_each(app, post):
    sent()
    digest = run()
    services.at_once(app, *[lambda: deliver(digest)] * 3)
    assert len(post.to(BRYN)) == 1


@pytest.mark.parametrize("name", ["left", "suppressed"])
def test_who_left_or_is_suppressed_gets_none(app, post, name):
    sent()
    if name == "left":
        leaving.leave(cast.resident("Bryn"), "unsubscribed", NOW)
    else:
        Suppression.create(address_hash=suppressions.address_hash(BRYN), reason=Suppression.COMPLAINED)
    deliver(run())
    assert post.letters == []


# --- What the clock looks for ---


def test_a_run_that_nobody_touched_is_found_until_it_is_done(app):
    sent()
    digest = run()
    assert digest in digests.unfinished(SATURDAY)
    deliver(digest)
    assert digest not in digests.unfinished(SATURDAY + DAY)


def test_a_run_with_an_email_that_waits_is_found_when_it_is_due(app, post):
    post.refusals["*"] = "451 later"
    sent()
    digest = run()
    deliver(digest)
    assert digest not in digests.unfinished(SATURDAY)
    assert digest in digests.unfinished(SATURDAY + HOUR)


def test_what_they_hear_of_at_once_is_no_digest(app):
    assert IMMEDIATELY not in schedule.TIMES

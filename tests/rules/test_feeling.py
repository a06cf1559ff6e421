"""How well informed everybody feels: asked in time, kept once, and shown of no fewer than ten."""

from datetime import datetime, timedelta

import pytest

from metengage import feeling, jobs, keeping, leaving, notices, retention
from metengage.emails import NotNeeded
from metengage.models import Area, Delivery, Informed, Notice, Resident, Subscription, Survey
from tests import cast, services
from tests.conftest import NOW

DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)


def asks(now: datetime) -> list[str]:
    """Whom the clock asks at this moment."""
    before = [each.id for each in Notice.select()]
    feeling.ask_due(now)
    return sorted(each.resident.name for each in Notice.select().where(Notice.id.not_in(before)))


@pytest.fixture
def due(app) -> None:
    Resident.update(ask_at=NOW).execute()


def test_it_asks_after_three_months_and_then_each_year(due):
    days = (-MINUTE, 0 * DAY, MINUTE, 365 * DAY - MINUTE, 365 * DAY)
    assert [asks(NOW + each) for each in days] == [[], ["Amara", "Bryn"], [], [], ["Amara", "Bryn"]]


def test_two_clocks_ask_once(app, due):
    services.at_once(app, *[lambda: feeling.ask_due(NOW)] * 2)
    assert Notice.select().where(Notice.kind == Notice.INFORMED).count() == 2


def test_it_asks_the_paused_when_they_are_back(due):
    Resident.update(paused_until=NOW + DAY).where(Resident.name == "Amara").execute()
    assert [asks(NOW), asks(NOW + DAY - MINUTE), asks(NOW + DAY)] == [["Bryn"], [], ["Amara"]]


def test_it_asks_nobody_who_left_or_hears_nothing(due):
    leaving.leave(cast.resident("Amara"), leaving.BY_LINK, NOW)
    Subscription.update(ended_at=NOW).execute()
    assert asks(NOW) == []


def test_it_waits_a_week_for_who_had_enough_emails(due):
    amara = cast.resident("Amara")
    Resident.update(weekly_cap=1).where(Resident.id == amara.id).execute()
    alert = services.draft()
    Delivery.create(kind="alert", resident=amara, alert=alert, state="sent", sent_at=NOW)
    assert [asks(NOW), asks(NOW + 7 * DAY)] == [["Bryn"], ["Amara"]]


def test_the_email_is_not_written_to_who_left_or_paused_meanwhile(due):
    feeling.ask_due(NOW)
    row = Delivery.select().where(Delivery.resident == cast.resident("Bryn"), Delivery.kind == "notice").get()
    Resident.update(paused_until=NOW + DAY).execute()
    with pytest.raises(NotNeeded):
        notices.written(row, NOW)


def test_what_is_said_again_replaces_it_and_a_year_later_does_not(app):
    Resident.update(confirmed_at=NOW - 90 * DAY).execute()
    amara = cast.resident("Amara")
    assert [feeling.say(amara, score, NOW) for score in (1, 4)] == [True, True]
    feeling.say(amara, 3, NOW + 365 * DAY)
    assert [(each.score, each.asked) for each in Informed.select()] == [(4, "three months"), (3, "yearly")]


def test_two_presses_at_one_moment_say_it_once(app):
    amara = cast.resident("Amara")
    services.at_once(app, *[lambda: feeling.say(amara, 4, NOW, Informed.SIGN_UP)] * 2)
    assert Informed.select().count() == 1


def test_it_keeps_nothing_of_who_has_left(app):
    assert not feeling.say(cast.resident("Esme"), 4, NOW)
    assert Informed.select().count() == 0


def test_who_does_not_want_it_is_not_asked_again(due):
    feeling.ask_no_more(cast.resident("Amara"))
    assert asks(NOW + 800 * DAY) == ["Bryn"]


def test_it_is_only_counted_after_a_year(app):
    feeling.say(cast.resident("Amara"), 4, NOW)
    year = retention.INFORMED.time
    assert [keeping.unlink_informed(NOW + each) for each in (year, year + MINUTE)] == [0, 1]
    assert Informed.get().resident is None


def said(at: datetime, *scores: int, ward: str = cast.ST_HELIER) -> None:
    for score in scores:
        Informed.create(ward=ward, score=score, asked="yearly", at=at)


def test_the_trend_is_by_quarter_and_hides_fewer_than_ten(app):
    said(datetime(2026, 7, 1), *[4] * 8, *[3] * 7, *[2, 1, 0, 0, 0] * 2)
    said(datetime(2026, 6, 30, 22, 59), *[4] * 9)
    said(datetime(2024, 9, 1), *[4] * 20)
    found = feeling.trend(Area.get_by_id(cast.ST_HELIER), NOW)
    assert [each.name for each in found][-2:] == ["Apr to Jun 2026", "Jul to Sep 2026"]
    assert [(each.answered, each.share) for each in found] == [(None, None)] * 7 + [(25, 60.0)]


@pytest.mark.parametrize(("well", "not_well", "share"), [(10, 10, 50.0), (9, 30, None), (30, 9, None), (10, 0, None)])
def test_a_share_is_shown_where_ten_are_well_informed_and_ten_are_not(app, well, not_well, share):
    said(datetime(2026, 7, 1), *[4] * well, *[1] * not_well)
    (*_, last) = feeling.trend(Area.get_by_id(cast.ST_HELIER), NOW)
    assert (last.answered, last.share) == (well + not_well, share)


def test_a_quarter_is_shown_when_it_is_over(app):
    said(datetime(2026, 12, 31, 23, 59), *[4, 1] * 10)
    ward = Area.get_by_id(cast.ST_HELIER)
    over = datetime(2027, 1, 1)
    shown = [feeling.trend(ward, now)[-1] for now in (over - MINUTE, over)]
    assert [(each.name, each.answered) for each in shown] == [("Jul to Sep 2026", None), ("Oct to Dec 2026", 20)]


def test_what_is_said_anew_changes_no_quarter_that_is_over(app):
    amara, over = cast.resident("Amara"), datetime(2026, 12, 31, 23, 0)
    for now, score in ((over, 4), (over + DAY, 1), (over + 2 * DAY, 2)):
        feeling.say(amara, score, now, Informed.YEARLY)
    assert [each.score for each in Informed.select().order_by(Informed.id)] == [4, 2]
    assert feeling.said_lately(amara, over + 2 * DAY).score == 2


def test_a_borough_has_the_answers_of_its_wards(app):
    over = NOW - 90 * DAY
    said(over, *[4] * 10)
    said(over, *[1] * 10, ward=cast.RAVENSBURY)
    said(over, *[1] * 10, ward=cast.SURBITON_HILL)
    (*_, last) = feeling.trend(Area.get_by_id(cast.MERTON), NOW)
    assert (last.answered, last.share) == (20, 50.0)


def test_the_clock_closes_and_asks(app, due):
    survey = services.survey()
    Survey.update(opened_at=NOW - 91 * DAY).execute()
    jobs.tick()
    assert Survey.get_by_id(survey.id).closed_at
    assert Notice.select().where(Notice.kind == Notice.INFORMED).count() == 2

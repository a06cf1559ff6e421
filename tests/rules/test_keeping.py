"""Nothing is kept for longer than promised: each kind with a turned clock, just before its time and just after."""

from datetime import datetime, timedelta

import pytest

from metengage import (
    bookings,
    drafts,
    jobs,
    keeping,
    leaving,
    limits,
    links,
    moving,
    residents,
    retention,
    suppressions,
)
from metengage.models import (
    AddressChange,
    Attempt,
    Booking,
    Bounce,
    Complaint,
    Consent,
    Delivery,
    Follow,
    Held,
    Journal,
    Link,
    Memo,
    Muted,
    Priority,
    Rating,
    Resident,
    Story,
    Subscription,
    Suppression,
    ThemeChoice,
    Vote,
    Waiting,
)
from tests import cast, services
from tests.cast import BEGAN
from tests.conftest import NOW
from tests.rules.test_residents import signed_up

DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)


@pytest.fixture(autouse=True)
def _stand(app):
    """Every test here touches rows; the cast's own are all still within their time."""
    Subscription.update(ended_at=NOW).where(Subscription.ended_at.is_null(False)).execute()
    Resident.update(left_at=NOW).where(Resident.state == Resident.LEFT).execute()
    Resident.update(created_at=NOW).execute()
    Consent.update(created_at=NOW).execute()
    Journal.delete().execute()


def kept_until(errand, begun: datetime, term: retention.Term) -> tuple[int, int, int]:
    """How many an errand takes when the time is just not over, when it is, and once more."""
    return errand(begun + term.time), errand(begun + term.time + MINUTE), errand(begun + term.time + MINUTE)


# --- Sign-ups that nobody confirmed ---


def test_a_sign_up_is_forgotten_after_seven_days():
    signed_up("nobody@example.org", now=NOW + MINUTE)
    Resident.delete().where(Resident.state == Resident.PENDING, Resident.name == "Cleo").execute()
    assert kept_until(keeping.forget_unconfirmed, NOW + MINUTE, retention.UNCONFIRMED) == (0, 1, 0)
    assert not Resident.get_or_none(Resident.email == "nobody@example.org")
    assert not Consent.get_or_none(Consent.created_at == NOW + MINUTE)
    assert not Delivery.select().exists()


def test_a_second_sign_up_gives_a_pending_resident_seven_days_more():
    signed_up("nobody@example.org")
    second = signed_up("nobody@example.org", now=NOW + 6 * DAY)
    keeping.forget_unconfirmed(NOW + 8 * DAY)
    assert residents.confirm(Link.get_by_id(second.id), NOW + 8 * DAY).is_confirmed


def test_forgetting_leaves_everybody_else():
    keeping.forget_unconfirmed(NOW + 8 * DAY)
    assert {row.name for row in Resident.select()} == {"Amara", "Bryn", "Dov", "Esme"}


# --- Who left ---


def test_who_left_is_erased_after_28_days():
    esme = cast.resident("Esme")
    assert kept_until(keeping.forget_left, NOW, retention.LEFT) == (0, 1, 0)
    erased = Resident.get_by_id(esme.id)
    assert (erased.state, erased.email, erased.name, erased.home) == ("erased", None, "", None)


def test_the_28_days_are_erased_as_by_oneself():
    esme = cast.resident("Esme")
    ThemeChoice.create(resident=esme, theme="fraud")
    links.issue(Link.SIGN_IN, esme, NOW)
    keeping.forget_left(NOW + 29 * DAY)
    assert (ThemeChoice.select().count(), Link.select().count()) == (0, 0)
    assert Journal.get().detail == "28 days after leaving"


def test_who_signs_up_again_has_time_to_confirm_it():
    again = signed_up("esme@example.org", now=NOW + 27 * DAY)
    assert keeping.forget_left(NOW + 29 * DAY) == 0
    assert residents.confirm(again, NOW + 30 * DAY).is_confirmed
    assert keeping.forget_left(NOW + 99 * DAY) == 0


def test_who_signs_up_again_and_does_not_confirm_is_erased_then():
    signed_up("esme@example.org", now=NOW + 27 * DAY)
    keeping.forget(NOW + 35 * DAY)
    assert Resident.get_or_none(Resident.email == "esme@example.org") is None


def test_erasing_and_coming_back_at_one_moment_is_one_or_the_other(app):
    again = signed_up("esme@example.org", now=NOW + 27 * DAY)
    late = NOW + 27 * DAY + 8 * DAY
    came = services.at_once(app, lambda: residents.confirm(again, late), lambda: keeping.forget(late))[0]
    rows = Resident.select().where(Resident.id == again.resident_id, Resident.email == "esme@example.org")
    assert rows.exists() == (getattr(came, "state", "") == Resident.CONFIRMED)


def test_an_erased_address_may_sign_up_afresh():
    esme = cast.resident("Esme")
    keeping.forget_left(NOW + 29 * DAY)
    assert signed_up("esme@example.org").resident != esme


def test_a_suppression_outlives_the_resident():
    leaving.leave(cast.resident("Dov"), "unsubscribed", NOW)
    keeping.forget_left(NOW + 29 * DAY)
    assert suppressions.among(["dov@example.org"]) == {"dov@example.org"}
    assert Suppression.get().reason == "bounced"


# --- What has ended ---


def test_ended_subscriptions_and_follows_are_history_for_a_year():
    farah = cast.team("St Helier")
    follow = {"resident": cast.resident("Amara"), "story": Story.create(team=farah, title="Sheds")}
    Follow.create(**follow, ended_at=NOW)
    Follow.create(**follow)
    live = Subscription.select().where(Subscription.live()).count()
    assert kept_until(keeping.forget_history, NOW, retention.HISTORY) == (0, 3, 0)
    assert (Subscription.select().count(), Follow.select().count()) == (live, 1)


def test_what_is_known_of_an_email_is_kept_for_a_year():
    made = {"kind": Delivery.SIGN_IN, "resident": cast.resident("Amara"), "created_at": NOW}
    Bounce.create(delivery=Delivery.create(**made, state=Delivery.SENT), kind=Bounce.SOFT, at=NOW)
    Delivery.create(**made, state=Delivery.PENDING)
    Delivery.create(**made | {"created_at": NOW + DAY}, state=Delivery.SENT)
    assert kept_until(keeping.forget_deliveries, NOW, retention.DELIVERIES) == (0, 1, 0)
    assert (Bounce.select().count(), Delivery.select().count()) == (0, 2)


def test_the_journal_forgets_whose_record_it_was_after_a_year():
    Journal.create(action="left", resident=cast.resident("Esme"), at=NOW)
    assert kept_until(keeping.unlink_journal, NOW, retention.JOURNAL) == (0, 1, 0)
    assert (Journal.get().action, Journal.get().resident) == ("left", None)


def test_a_complaint_is_blank_three_years_after_the_answer():
    facts = {"email": "cleo@example.org", "text": "You kept it.", "created_at": BEGAN}
    Complaint.create(**facts, answered_at=NOW, answer="We mended it.", resident=cast.resident("Cleo"))
    Complaint.create(**facts)
    assert kept_until(keeping.blank_complaints, NOW, retention.COMPLAINTS) == (0, 1, 0)
    answered, waiting = Complaint.select().order_by(Complaint.id)
    assert (answered.email, answered.text, answered.answer, answered.resident) == (None, None, None, None)
    assert (answered.created_at, waiting.text) == (BEGAN, "You kept it.")


# --- What waits ---


def test_a_new_address_waits_for_seven_days():
    change = AddressChange.create(resident=cast.resident("Amara"), new_email="new@example.org", created_at=NOW)
    email = Delivery.create(kind=Delivery.NEW_ADDRESS, resident=cast.resident("Amara"), address_change=change)
    assert kept_until(moving.forget_changes, NOW, retention.MOVES) == (0, 1, 0)
    assert Delivery.get_by_id(email.id).address_change_id is None


def test_an_address_waits_for_its_borough_for_two_years():
    Waiting.create(email="cleo@example.org", borough=cast.SUTTON, created_at=NOW)
    Waiting.create(email="bryn@example.org", borough=cast.SUTTON, created_at=NOW + DAY)
    assert kept_until(keeping.forget_waiting, NOW, retention.WAITING) == (0, 1, 0)


def test_an_alert_does_not_wait_for_ever_for_the_next_email():
    Held.create(resident=cast.resident("Amara"), alert=services.draft(), frequency="weekly", held_at=NOW)
    assert kept_until(keeping.forget_held, NOW, retention.HELD) == (0, 1, 0)


def test_a_link_is_kept_for_a_day_after_it_ends():
    links.issue(Link.SIGN_IN, cast.resident("Amara"), NOW)
    ended = NOW + links.LIFETIME[Link.SIGN_IN]
    assert kept_until(links.forget_expired, ended, retention.LINKS) == (0, 1, 0)


def test_tries_are_counted_for_an_hour_and_no_limit_looks_further_back():
    limits.allows("sign-in mail address", "amara@example.org", NOW)
    assert max(window for rules in limits.LIMITS.values() for _, window in rules) == retention.TRIES.time
    assert kept_until(limits.forget_old, NOW, retention.TRIES) == (0, 1, 0)


# --- The clock ---


def test_the_clock_does_all_of_it(monkeypatch):
    links.issue(Link.SIGN_IN, cast.resident("Esme"), NOW)
    Attempt.create(limit="sign-up network", who_hash="x", at=NOW)
    monkeypatch.setattr(jobs.db, "now", lambda: NOW + 400 * DAY)
    jobs.tick()
    assert (Link.select().count(), Attempt.select().count()) == (0, 0)
    assert {row.state for row in Resident.select()} == {"confirmed", "erased"}


def test_a_minute_takes_no_more_than_its_slice(monkeypatch):
    monkeypatch.setattr(keeping, "PEOPLE", 2)
    monkeypatch.setattr(keeping, "SLICE", 2)
    for number in range(3):
        signed_up(f"resident{number}@example.org")
    Resident.update(state=Resident.LEFT, left_at=NOW).where(Resident.confirmed_at.is_null(False)).execute()
    late = NOW + 400 * DAY
    assert [keeping.forget_unconfirmed(late) for _ in range(3)] == [2, 2, 0]
    assert [keeping.forget_left(late) for _ in range(3)] == [2, 2, 0]


def test_signing_somebody_up_again_and_again_keeps_nobody_who_left():
    Resident.update(left_at=NOW - 36 * DAY).where(Resident.name == "Esme").execute()
    signed_up("esme@example.org", now=NOW - DAY)
    assert keeping.forget_left(NOW) == 1
    assert not Resident.get_or_none(Resident.email == "esme@example.org")


# --- What was said, and tried ---


def test_what_was_said_of_an_alert_is_only_counted_after_a_year():
    Rating.create(alert=services.draft(), resident=cast.resident("Amara"), is_useful=False, why="other", at=NOW)
    assert kept_until(keeping.unlink_ratings, NOW, retention.RATINGS) == (0, 1, 0)
    assert (Rating.get().resident, Rating.get().is_useful, Rating.get().why) == (None, False, "other")


def test_who_voted_is_forgotten_a_year_after_the_priority_is_closed():
    priority = Priority.create(ward=cast.ST_HELIER, issue="Mopeds", owner=cast.officer("Farah"))
    Vote.create(priority=priority, resident=cast.resident("Amara"))
    Muted.create(priority=priority, resident=cast.resident("Amara"))
    assert keeping.unlink_votes(NOW + 9 * retention.VOTES.time) == 0
    Priority.update(state=Priority.CLOSED, closed_at=NOW).execute()
    assert kept_until(keeping.unlink_votes, NOW, retention.VOTES) == (0, 2, 0)
    assert (Vote.get().resident, Vote.get().how_many, Muted.select().count()) == (None, 1, 0)


def test_a_trial_is_forgotten_after_a_week_and_its_email_leads_to_nobody():
    email = drafts.try_out(services.draft(), cast.officer("Farah"), NOW)
    late = NOW + keeping.MEMOS
    assert [keeping.forget_memos(each) for each in (late, late + MINUTE, late + MINUTE)] == [0, 1, 0]
    assert (Memo.select().count(), Delivery.get_by_id(email.id).address) == (0, None)


# --- Bookings ---


def test_who_came_to_an_event_is_forgotten_28_days_after_it_and_still_counted():
    event = services.event(NOW)
    bookings.book(cast.resident("Amara"), event, "Amara", NOW)
    assert kept_until(keeping.unlink_bookings, event.ends_at, retention.BOOKINGS) == (0, 1, 0)
    (left,) = event.bookings
    assert (left.resident, left.name, left.state) == (None, "", Booking.BOOKED)


def test_a_booking_that_nobody_confirmed_is_forgotten_after_seven_days_with_who_never_did():
    event = services.event(NOW)
    bookings.ask("zoe@example.org", event, NOW)
    Resident.update(created_at=NOW - 6 * DAY).where(Resident.email == "zoe@example.org").execute()
    keeping.forget_unconfirmed(NOW + 6 * DAY)
    assert kept_until(keeping.forget_asked, NOW, retention.UNCONFIRMED) == (0, 1, 0)
    keeping.forget_unconfirmed(NOW + 8 * DAY)
    assert not Resident.get_or_none(Resident.email == "zoe@example.org")

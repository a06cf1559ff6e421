"""What residents tell their teams: kept once, confirmed by their address, owed an answer within 72 hours."""

from datetime import timedelta

import pytest

from metengage import (
    areas,
    casework,
    concerns,
    floods,
    images,
    keeping,
    leaving,
    limits,
    links,
    residents,
    restrictions,
    rights,
    urgent,
)
from metengage.models import Concern, Consent, Delivery, Journal, Notice, Photo, Resident, Subscription
from tests import brought, cast, services
from tests.conftest import NOW
from tests.services import text_of

HOME = "198.51.100.7"
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
TEXT = "People drink in the park every evening."


@pytest.fixture(autouse=True)
def _stand(app):
    """Every test here touches rows."""


def ward(code: str = cast.ST_HELIER):
    return areas.named([code])[0]


def said(text: str = TEXT, **more) -> concerns.Said:
    return concerns.Said(more.pop("key", None) or services.key(), text, **more)


def by_email(email: str = "zoe@example.org", now=NOW, network: str = HOME, **more) -> Concern:
    return concerns.raise_unsigned(said(**more), ward(), email, network, now)


def notices() -> list[tuple[str, str]]:
    rows = Delivery.select().where(Delivery.kind == Delivery.NOTICE).order_by(Delivery.id)
    return [(row.notice.kind, row.address) for row in rows]


# --- Raise ---


def test_a_resident_who_is_signed_in_is_owed_an_answer_in_72_hours():
    concern = services.concern(now=NOW)
    assert (concern.state, concern.received_at, concern.due_at) == (Concern.NEW, NOW, NOW + 3 * DAY)
    assert (concern.team.name, concern.resident) == ("St Helier team", cast.resident("Amara"))
    assert notices() == [(Notice.RECEIVED, "amara@example.org")]


def test_nobody_is_owed_nothing_and_is_nobody():
    concern = services.concern("nobody", now=NOW)
    assert (concern.resident, concern.due_at, concern.wants_answer) == (None, None, False)
    assert notices() == []


def test_who_is_not_known_confirms_before_the_team_has_it():
    concern = by_email()
    assert (concern.state, concern.received_at, concern.resident.state) == ("unconfirmed", None, Resident.PENDING)
    assert notices() == [(Notice.CONFIRM, "zoe@example.org")]
    concern = concerns.confirm(concern, NOW + HOUR)
    assert (concern.state, concern.due_at) == (Concern.NEW, NOW + HOUR + 3 * DAY)


def test_a_known_address_has_to_be_confirmed_too():
    concern = by_email("amara@example.org")
    assert (concern.state, concern.resident) == (Concern.UNCONFIRMED, cast.resident("Amara"))


def test_confirming_makes_a_resident_who_hears_about_nothing():
    zoe = concerns.confirm(by_email(), NOW).resident
    consent = Consent.get(Consent.resident == zoe)
    assert (zoe.is_confirmed, consent.wording, consent.source) == (True, "say-2026-11", "concern")
    assert not Subscription.select().where(Subscription.resident == zoe).exists()


def test_confirming_twice_is_success_and_owes_no_later():
    concern = by_email()
    due = concerns.confirm(concern, NOW).due_at
    assert concerns.confirm(concern, NOW + HOUR).due_at == due
    assert [kind for kind, _ in notices()] == [Notice.CONFIRM, Notice.RECEIVED]


def test_confirming_twice_at_one_moment_is_once(app):
    concern = by_email()
    services.at_once(app, *[lambda: concerns.confirm(concern, NOW)] * 4)
    assert [kind for kind, _ in notices()].count(Notice.RECEIVED) == 1
    assert Consent.select().where(Consent.source == "concern").count() == 1


def test_what_is_not_confirmed_goes_and_its_unknown_writer_too():
    by_email()
    by_email("amara@example.org")
    keeping.forget(NOW + 8 * DAY)
    assert Concern.select().count() == 0
    assert {Resident.get_or_none(Resident.email == "zoe@example.org"), cast.resident("Amara").state} == {
        None,
        "confirmed",
    }


def test_who_signed_up_in_vain_a_week_ago_keeps_what_they_told_today():
    Resident.create(email="zoe@example.org", state=Resident.PENDING, created_at=NOW - 8 * DAY)
    concern = by_email()
    keeping.forget(NOW + HOUR)
    assert concerns.confirm(Concern.get_by_id(concern.id), NOW + HOUR).state == Concern.NEW


def test_the_same_form_twice_is_one_concern():
    key = services.key()
    assert by_email(key=key) == by_email(key=key)
    assert (Concern.select().count(), len(notices())) == (1, 1)


def test_the_same_form_at_one_moment_is_one_concern(app):
    key = services.key()
    found = services.at_once(app, *[lambda: concerns.raise_anonymously(said(key=key), ward(), HOME, NOW)] * 6)
    assert (len(set(found)), Concern.select().count()) == (1, 1)


def test_who_left_is_let_in_by_a_concern_and_hears_nothing_of_alerts():
    esme = concerns.confirm(by_email("esme@example.org"), NOW).resident
    assert esme.is_confirmed
    assert Subscription.select().where(Subscription.resident == esme, Subscription.live()).count() == 0


def test_who_is_being_erased_says_nothing_more():
    amara = cast.resident("Amara")
    rights.erase(amara, NOW)
    with pytest.raises(links.LinkEnded):
        concerns.raise_by(amara, said(), ward(), HOME, NOW)
    assert Concern.select().count() == 0


def test_a_ward_without_a_team_takes_none():
    with pytest.raises(concerns.NoTeam):
        concerns.raise_anonymously(said(), ward(cast.WANDLE_IN_MERTON), HOME, NOW)


def test_an_address_is_not_flooded():
    for _ in range(4):
        by_email()
    with pytest.raises(floods.TooMany, match="written to this address"):
        by_email()


def test_who_writes_in_somebody_elses_name_keeps_no_link_from_them():
    for _ in range(4):
        by_email("amara@example.org")
    with pytest.raises(floods.TooMany):
        by_email("amara@example.org")
    assert residents.ask_for_link("amara@example.org", NOW)


def test_strangers_are_not_written_to_by_the_dozen():
    for number in range(10):
        by_email(f"stranger{number}@example.org")
    with pytest.raises(floods.TooMany, match="from your connection"):
        by_email("another@example.org")


def test_what_others_write_in_ones_name_holds_back_nothing_of_ones_own():
    for _ in range(3):
        by_email("amara@example.org", network="127.0.9.9")
    assert concerns.raise_by(cast.resident("Amara"), said(), ward(), HOME, NOW).held_at is None


def test_much_that_one_person_confirms_is_held_back():
    written = [by_email("amara@example.org", now=NOW + n * HOUR, network=f"10.0.0.{n}") for n in range(6)]
    confirmed = [concerns.confirm(each, NOW + 7 * HOUR) for each in written]
    assert [each.held_at is None for each in confirmed].count(True) == 4


def test_photos_are_not_made_anew_by_the_dozen():
    for _ in range(10):
        concerns.raise_anonymously(said(photo=brought.photo(120, 120)), ward(), HOME, NOW)
    with pytest.raises(images.Unusable, match="Send it without one"):
        concerns.raise_anonymously(said(photo=brought.photo(120, 120)), ward(), HOME, NOW)


def test_a_burst_is_held_back_and_none_is_lost():
    found = [concerns.raise_anonymously(said(), ward(), HOME, NOW) for _ in range(12)]
    assert [each.held_at is None for each in found].count(True) == 4
    assert Concern.select().count() == 12


def test_a_photo_is_made_anew_and_a_broken_one_keeps_nothing():
    concern = concerns.raise_anonymously(said(photo=brought.photo(2000, 1500)), ward(), HOME, NOW)
    photo = Photo.get(Photo.concern == concern)
    assert (photo.width, photo.height, bytes(photo.content)[:2]) == (1200, 1600, b"\xff\xd8")
    with pytest.raises(images.Unusable):
        concerns.raise_anonymously(said(photo=b"<svg/>"), ward(), HOME, NOW)
    assert Concern.select().count() == 1


# --- Answer an alert ---


@pytest.fixture
def alert():
    return services.begin_sending(services.draft(), cast.officer("Farah"), NOW)


def test_an_answer_is_for_the_team_that_sent_the_alert(alert):
    concern = concerns.answer(cast.resident("Amara"), alert, said(), HOME, NOW)
    assert (concern.alert, concern.team, concern.ward_id) == (alert, alert.team, cast.ST_HELIER)
    assert concerns.answer_of(cast.resident("Amara"), alert) == concern


def test_each_alert_is_answered_once(alert):
    first = concerns.answer(cast.resident("Amara"), alert, said(), HOME, NOW)
    with pytest.raises(concerns.SaidAlready) as again:
        concerns.answer(cast.resident("Amara"), alert, said(), HOME, NOW)
    assert again.value.concern == first


def test_two_answers_at_one_moment_are_one(app, alert):
    def answer():
        try:
            return concerns.answer(cast.resident("Amara"), alert, said(), HOME, NOW)
        except concerns.SaidAlready as before:
            return before.concern

    assert len(set(services.at_once(app, answer, answer, answer))) == 1
    assert (Concern.select().count(), len(notices())) == (1, 1)


# --- Look back ---


def test_a_resident_sees_what_was_confirmed_and_nothing_of_others():
    first, second = services.concern(), services.concern()
    by_email("amara@example.org")
    services.concern("Bryn")
    assert concerns.of(cast.resident("Amara")) == [second, first]


def test_leaving_ends_what_waits_and_the_email_is_not_sent(post):
    services.concern(now=NOW)
    leaving.leave(cast.resident("Amara"), leaving.BY_PAGE, NOW)
    urgent.send(lambda: NOW)
    assert casework.close_left(NOW + HOUR) == 1
    assert [text for text in map(text_of, post.letters) if "has what you wrote" in text] == []
    assert Concern.get().closed_because == "left"


def test_erasing_leaves_when_and_where_but_no_word():
    concern = services.concern(now=NOW)
    rights.erase(cast.resident("Amara"), NOW)
    concern = Concern.get_by_id(concern.id)
    assert (concern.text, concern.place, concern.resident) == ("", "", None)
    assert (concern.ward_id, concern.received_at) == (cast.ST_HELIER, NOW)
    assert not Journal.select().where(Journal.resident.is_null(False)).exists()


# --- Limits on who abuses officers ---


def limit(concern: Concern, weeks: int = 4):
    return restrictions.restrict(cast.officer("Hana"), concern, "You insulted us.", weeks, NOW)


def test_a_supervisor_limits_a_resident_and_they_are_told():
    limit(services.concern(now=NOW))
    assert notices()[-1] == (Notice.LIMITED, "amara@example.org")
    assert restrictions.of(cast.resident("Amara"), NOW + 27 * DAY)
    assert restrictions.of(cast.resident("Amara"), NOW + 29 * DAY) is None


def test_an_officer_does_not(app):
    concern = services.concern(now=NOW)
    assert restrictions.restrict(cast.officer("Farah"), concern, "Rude.", 4, NOW) is None
    assert restrictions.restrict(cast.officer("Hana"), services.concern("nobody"), "Rude.", 4, NOW) is None


def test_who_is_limited_may_write_once_a_week():
    limit(services.concern(now=NOW))
    with pytest.raises(restrictions.Limited) as refused:
        services.concern(now=NOW + 6 * DAY)
    assert refused.value.again == NOW + 7 * DAY
    assert services.concern(now=NOW + 7 * DAY).due_at
    assert services.concern("Bryn", now=NOW).due_at


def test_a_limit_holds_for_what_is_confirmed_by_email_too():
    limit(services.concern(now=NOW))
    concern = by_email("amara@example.org")
    with pytest.raises(restrictions.Limited):
        concerns.confirm(concern, NOW + DAY)
    assert Concern.get_by_id(concern.id).state == Concern.UNCONFIRMED
    assert concerns.confirm(concern, NOW + 7 * DAY).state == Concern.NEW


def test_a_limit_can_be_ended():
    concern = services.concern(now=NOW)
    found = limit(concern)
    assert not restrictions.lift(cast.officer("Farah"), found, concern.team, NOW)
    assert restrictions.lift(cast.officer("Hana"), found, concern.team, NOW)
    assert not restrictions.lift(cast.officer("Hana"), found, concern.team, NOW)
    assert services.concern(now=NOW + DAY)


def test_the_limits_count_by_address_and_by_network():
    assert {"concern network", "concern address"} <= set(limits.LIMITS)

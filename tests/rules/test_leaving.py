"""Whoever leaves hears nothing more but a goodbye, and may come back as they were for 28 days."""

from datetime import timedelta

import pytest

from metengage import keeping, leaving, links, residents, retention, subscriptions, urgent, visitors
from metengage.choices import WORDING
from metengage.models import Consent, Delivery, Follow, Journal, Link, Resident, Story, Subscription, ThemeChoice
from metengage.subscriptions import Choice
from tests import cast, services
from tests.cast import RAVENSBURY, ST_HELIER
from tests.conftest import NOW
from tests.rules.test_residents import live, signed_up

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def _stand(app):
    """Every test here touches rows."""


def leave(name="Amara", how=leaving.BY_LINK, now=NOW) -> Resident | None:
    return leaving.leave(cast.resident(name), how, now)


def come_back(name="Amara", now=NOW + DAY) -> None:
    leaving.come_back(cast.resident(name), WORDING, now)


def goodbyes() -> list[Delivery]:
    return list(Delivery.select().where(Delivery.kind == Delivery.GOODBYE).order_by(Delivery.id))


def follow(title: str, ended_at=None) -> Story:
    """A story that Amara follows, and that may have ended since."""
    story = Story.create(team=cast.team("St Helier"), title=title)
    Follow.create(resident=cast.resident("Amara"), story=story)
    Story.update(ended_at=ended_at).where(Story.id == story.id).execute()
    return story


def followed() -> set[str]:
    return {row.story.title for row in cast.resident("Amara").follows.where(Follow.live())}


# --- Leave ---


def test_leaving_ends_everything_and_every_link():
    amara = cast.resident("Amara")
    left = leave()
    assert live("Amara") == set()
    assert (left.state, left.left_at, left.link_version) == ("left", NOW, amara.link_version + 1)


def test_leaving_says_how():
    leave()
    assert {row.ended_reason for row in cast.resident("Amara").subscriptions} == {"unsubscribed"}


def test_leaving_twice_is_leaving_once():
    assert leave()
    assert leave(how=leaving.BY_PAGE, now=NOW + DAY) is None
    assert cast.resident("Amara").left_at == NOW
    assert len(goodbyes()) == 1


def test_leaving_twice_at_one_moment_says_goodbye_once(app):
    results = services.at_once(app, leave, leave)
    assert [result for result in results if isinstance(result, Exception)] == []
    assert len(goodbyes()) == 1


@pytest.mark.parametrize("name", ["Cleo", "Esme"])
def test_who_has_nothing_to_leave_stays_as_they_are(name):
    before = cast.resident(name)
    assert leave(name) is None
    assert (cast.resident(name).state, cast.resident(name).link_version) == (before.state, before.link_version)
    assert goodbyes() == []


def test_leaving_ends_what_they_follow():
    story = follow("Mopeds")
    leave()
    row = Follow.get(Follow.story == story)
    assert (row.ended_at, row.ended_reason) == (NOW, "left")


# --- Goodbye ---


def test_the_goodbye_goes_to_who_left(post):
    leave()
    urgent.send(lambda: NOW)
    assert [letter["Subject"] for letter in post.to("amara@example.org")] == ["You have left: no more emails from us"]


def test_an_address_that_we_must_not_write_to_gets_no_goodbye():
    assert leave("Dov")
    assert goodbyes() == []


def test_who_came_back_before_it_was_sent_gets_none(post):
    leave()
    come_back(now=NOW + HOUR)
    urgent.send(lambda: NOW + HOUR)
    assert (goodbyes()[0].state, goodbyes()[0].reason) == ("skipped", "came back")


def test_who_left_twice_gets_the_goodbye_of_the_second_time_only(post):
    leave()
    come_back(now=NOW + HOUR)
    leave(now=NOW + 2 * HOUR)
    urgent.send(lambda: NOW + 2 * HOUR)
    assert [row.state for row in goodbyes()] == ["skipped", "sent"]


def test_who_was_erased_before_it_was_sent_gets_none(post):
    leave()
    keeping.forget_left(NOW + 29 * DAY)
    urgent.send(lambda: NOW + 29 * DAY)
    assert goodbyes()[0].state == "skipped"


# --- Come back ---


def test_coming_back_brings_everything_back_as_it_was():
    Resident.update(weekly_cap=3, discreet_since=NOW).where(Resident.email == "amara@example.org").execute()
    ThemeChoice.create(resident=cast.resident("Amara"), theme="fraud", rank=1)
    before, heard = cast.resident("Amara"), live("Amara")
    leave()
    come_back()
    after = cast.resident("Amara")
    assert live("Amara") == heard
    assert (after.state, after.left_at) == ("confirmed", None)
    for fact in ("name", "home_id", "weekly_cap", "discreet_since", "confirmed_at", "email"):
        assert getattr(after, fact) == getattr(before, fact)
    assert after.themes.get().rank == 1


def test_what_comes_back_begins_anew():
    leave()
    come_back()
    rows = Subscription.select().where(Subscription.resident == cast.resident("Amara"), Subscription.live())
    assert {(row.source, row.began_at) for row in rows} == {("returned", NOW + DAY)}


def test_what_had_ended_before_stays_ended():
    cast.change(cast.resident("Amara"), NOW, types=["advice"])
    leave(now=NOW)
    come_back()
    assert live("Amara") == {(ST_HELIER, "advice", "immediately")}


def test_stories_are_followed_again_unless_they_have_ended():
    follow("Mopeds")
    follow("Sheds", ended_at=NOW + HOUR)
    leave()
    come_back()
    assert followed() == {"Mopeds"}


def test_what_they_had_stopped_following_stays_stopped():
    follow("Mopeds")
    Follow.update(ended_at=NOW, ended_reason="stopped").execute()
    leave()
    come_back()
    assert followed() == set()


def test_who_told_their_team_something_since_still_comes_back_as_they_were():
    heard = live("Amara")
    follow("Mopeds")
    leave()
    visitors.let_in(cast.resident("Amara"), "concern", NOW + HOUR)
    subscriptions.begin(cast.resident("Amara"), {Choice(*min(heard))}, "page", NOW + HOUR)
    come_back()
    assert (live("Amara"), followed(), cast.resident("Amara").left_at) == (heard, {"Mopeds"}, None)


def test_coming_back_twice_is_coming_back_once():
    leave()
    for _ in range(2):
        come_back()
    assert len(live("Amara")) == Subscription.select().where(Subscription.source == "returned").count()


def test_coming_back_twice_at_one_moment_is_success(app):
    leave()
    amara = cast.resident("Amara")
    backs = [lambda: leaving.come_back(Resident.get_by_id(amara.id), WORDING, NOW + DAY)] * 2
    assert services.at_once(app, *backs) == [None, None]
    assert len(live("Amara")) == 2


def test_coming_back_is_agreeing_once_more():
    leave()
    come_back()
    newest = cast.resident("Amara").consents.order_by(Consent.id.desc()).get()
    assert (newest.wording, newest.source, newest.confirmed_at) == (WORDING, "returned", NOW + DAY)


def test_coming_back_ends_the_sign_ups_that_wait():
    leave()
    link = signed_up("amara@example.org")
    come_back()
    assert Link.get_or_none(Link.id == link.id) is None


def test_an_address_that_we_must_not_write_to_hears_nothing_after_coming_back():
    leave("Dov")
    come_back("Dov")
    assert cast.resident("Dov").is_confirmed
    assert live("Dov") == set()


def test_leaving_and_coming_back_works_again_and_again():
    heard = live("Amara")
    for days in (0, 2, 4):
        leave(now=NOW + days * DAY)
        come_back(now=NOW + (days + 1) * DAY)
    assert live("Amara") == heard


# --- Too late ---


def test_after_28_days_it_is_too_late():
    leave()
    with pytest.raises(leaving.TooLate):
        come_back(now=NOW + 28 * DAY)
    assert (cast.resident("Amara").state, live("Amara")) == ("left", set())


@pytest.mark.parametrize(("name", "expected"), [("Amara", True), ("Cleo", False), ("Esme", False)])
def test_only_who_is_kept_may_come_back(name, expected):
    assert leaving.may_come_back(cast.resident(name), NOW) is expected


def test_until_then_it_is_not():
    left = leave()
    assert leaving.may_come_back(left, NOW + 28 * DAY - HOUR)
    assert not leaving.may_come_back(left, NOW + 28 * DAY)
    come_back(now=NOW + 28 * DAY - HOUR)
    assert cast.resident("Amara").is_confirmed


def test_who_was_erased_cannot_come_back():
    amara = leave()
    keeping.forget_left(NOW + 29 * DAY)
    for known in (amara, Resident.get_by_id(amara.id)):
        with pytest.raises(leaving.TooLate):
            leaving.come_back(known, WORDING, NOW + DAY)


def test_who_left_once_more_does_not_come_back_by_the_first_leaving():
    first = leave()
    come_back()
    leave(now=NOW + 2 * DAY)
    with pytest.raises(leaving.TooLate):
        leaving.come_back(first, WORDING, NOW + 2 * DAY)


def test_the_link_back_lives_as_long_as_the_address():
    assert links.SIGNED_LIFETIME[links.RETURN] == retention.LEFT.time


def test_leaving_and_coming_back_are_in_the_journal():
    cast.change(cast.resident("Amara"), NOW, codes=[RAVENSBURY])
    leave()
    come_back()
    lines = Journal.select().where(Journal.resident == cast.resident("Amara")).order_by(Journal.id)
    assert [(line.action, line.detail) for line in lines][-2:] == [("left", "unsubscribed"), ("came back", "")]


def test_leaving_ends_every_link_that_is_used_once():
    amara = cast.resident("Amara")
    links.issue(Link.SIGN_IN, amara, NOW)
    leave()
    assert not Link.select().where(Link.resident == amara).exists()


def test_who_left_and_asks_for_a_link_gets_the_goodbye_once_more(post):
    leave()
    urgent.send(lambda: NOW)
    residents.ask_for_link("amara@example.org", NOW + HOUR)
    urgent.send(lambda: NOW + HOUR)
    assert len(post.to("amara@example.org")) == 2
    assert services.link_in(post.last_to("amara@example.org"), "/come-back/")

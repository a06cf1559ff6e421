"""Enough is enough: nothing while paused, no more than so many a week, the rest on Saturday; urgent ones excepted."""

import re
from datetime import datetime, timedelta

import pytest
from bs4 import BeautifulSoup

from metengage import addressing, alerts, audience, db, digests, discretion, dispatch, halts, keeping, rounds
from metengage.choices import DAILY, IMMEDIATELY, WEEKLY
from metengage.models import Alert, Delivery, Digest, Follow, Held, Resident, Story
from tests import cast, services
from tests.cast import BEGAN, RAVENSBURY
from tests.conftest import NOW
from tests.services import text_of

AMARA = "amara@example.org"
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
SATURDAY = datetime(2026, 11, 28, 8, 30)  # the one after NOW; UTC is London's time in winter


@pytest.fixture(autouse=True)
def _stand(app):
    """Every test here touches rows."""


def wish(name: str, **values) -> Resident:
    Resident.update(**values).where(Resident.id == cast.resident(name).id).execute()
    return cast.resident(name)


def send(title: str, when=NOW, **facts) -> Alert:
    """An alert that an officer sent then, and that a worker sent to all whom it reaches at once."""
    words = {name: facts.pop(name) for name in ("alert_type", "codes", "body") if name in facts}
    draft = services.draft(title=title, **words)
    if facts:
        Alert.update(**facts).where(Alert.id == draft.id).execute()
    alert = services.begin_sending(Alert.get_by_id(draft.id), cast.officer("Farah"), when)
    while dispatch.send_some(Alert.get_by_id(alert.id), lambda: when):
        pass
    return Alert.get_by_id(alert.id)


def saturday(now=SATURDAY, frequency=WEEKLY) -> Digest:
    """The run of that morning, sent to everybody."""
    digests.begin_due(now)
    digest = Digest.select().where(Digest.frequency == frequency).order_by(Digest.until.desc()).get()
    while digests.send_some(Digest.get_by_id(digest.id), lambda: now):
        pass
    return digest


def subjects(post, address=AMARA) -> list[str]:
    return [letter["Subject"] for letter in post.to(address)]


# --- Paused ---


def test_nothing_is_sent_while_paused(post):
    wish("Amara", paused_until=NOW + DAY)
    send("Not now")
    assert subjects(post) == []


def test_who_is_paused_is_not_counted_among_those_it_reaches():
    alert = services.draft()
    before = alerts.reached(alert, NOW)[IMMEDIATELY]
    wish("Amara", paused_until=NOW + DAY)
    assert (before, alerts.reached(alert, NOW)[IMMEDIATELY]) == (1, 0)


def test_it_goes_on_by_itself_and_the_first_email_says_so(post):
    wish("Amara", paused_until=NOW + DAY)
    send("Not now")
    send("Again", NOW + DAY)
    assert subjects(post) == ["Again"]
    assert "Your pause is over, and emails have begun again." in text_of(post.last_to(AMARA))


def test_who_was_never_paused_is_told_nothing_of_it(post):
    send("Mopeds stolen")
    assert "pause" not in text_of(post.last_to(AMARA))


def test_pausing_while_it_is_sending_skips_what_was_not_sent(post):
    alert = services.begin_sending(services.draft(), cast.officer("Farah"), NOW)
    while Alert.get_by_id(alert.id).prepared_at is None:
        addressing.prepare_alert(alert, NOW)
    wish("Amara", paused_until=NOW + DAY)
    dispatch.send_some(Alert.get_by_id(alert.id), lambda: NOW)
    assert (Delivery.get().state, Delivery.get().reason, post.letters) == ("skipped", "paused by the resident", [])


def test_a_digest_leaves_out_the_paused_and_the_next_one_says_that_it_goes_on(post):
    wish("Bryn", paused_until=SATURDAY + HOUR)
    send("In the pause")
    saturday()
    assert subjects(post, "bryn@example.org") == []
    send("After it", SATURDAY + DAY)
    saturday(SATURDAY + 7 * DAY)
    text = text_of(post.last_to("bryn@example.org"))
    assert "Your pause is over" in text
    assert "After it" in text
    assert "In the pause" not in text


# --- No more than so many a week ---


def test_what_is_more_than_they_want_waits_for_saturday(post):
    wish("Amara", weekly_cap=3)
    for n in range(5):
        send(f"Alert {n}", NOW + n * HOUR)
    assert subjects(post) == ["Alert 0", "Alert 1"]
    saturday()
    assert subjects(post)[2:] == ["This week: 3 alerts from your local police"]
    assert [f"Alert {n}" in text_of(post.last_to(AMARA)) for n in range(5)] == [False, False, True, True, True]


def test_who_wants_one_a_week_gets_saturdays_only(post):
    wish("Amara", weekly_cap=1)
    send("Kept")
    assert subjects(post) == []
    assert {row.reason for row in Delivery.select()} == {audience.KEPT}
    saturday()
    assert subjects(post) == ["This week: 1 alert from your local police"]


def test_a_new_week_begins_on_saturday(post):
    wish("Amara", weekly_cap=2)
    send("This week")
    send("Kept", NOW + HOUR)
    saturday()
    send("Next week", SATURDAY + HOUR)
    assert subjects(post) == ["This week", "This week: 1 alert from your local police", "Next week"]


def test_an_urgent_one_comes_all_the_same_and_says_so(post):
    wish("Amara", weekly_cap=1)
    send("Girl missing", is_urgent=True)
    letter = post.last_to(AMARA)
    assert letter["Subject"] == "Urgent: Girl missing"
    assert "it comes although you want no more than 1 email a week" in text_of(letter)


def test_an_urgent_one_counts_among_those_they_want(post):
    wish("Amara", weekly_cap=2)
    send("Girl missing", is_urgent=True)
    send("Mopeds", NOW + HOUR)
    assert subjects(post) == ["Urgent: Girl missing"]
    assert "although" not in text_of(post.last_to(AMARA))


def test_a_daily_digest_counts_and_waits_too(post):
    wish("Amara", weekly_cap=2)
    cast.change(cast.resident("Amara"), BEGAN, frequency=DAILY)
    for day in range(3):
        send(f"Day {day}", NOW + day * DAY)
        saturday(NOW + day * DAY + 20 * HOUR, DAILY)
    assert subjects(post) == ["Today: 1 alert from your local police"]
    saturday()
    text = text_of(post.last_to(AMARA))
    assert [f"Day {day}" in text for day in range(3)] == [False, True, True]


def test_without_a_limit_everything_comes(post):
    for n in range(12):
        send(f"Alert {n}", NOW + n * HOUR)
    assert len(subjects(post)) == 12


def test_what_waits_is_not_sent_to_who_no_longer_wants_it(post):
    wish("Amara", weekly_cap=1)
    send("Kept")
    cast.change(cast.resident("Amara"), NOW + HOUR, types=["meetings"])
    saturday()
    assert subjects(post) == []


def test_what_waits_is_taken_by_one_run_and_forgotten_after_it(post):
    wish("Amara", weekly_cap=1)
    send("Kept")
    saturday()
    saturday(SATURDAY + 7 * DAY)
    assert subjects(post) == ["This week: 1 alert from your local police"]
    assert keeping.forget_held(NOW + 27 * DAY) == 0
    assert keeping.forget_held(NOW + 29 * DAY) == 1
    assert not Held.select().exists()


def test_two_workers_at_one_moment_send_no_more_than_they_want(app, post):
    wish("Amara", weekly_cap=2)
    begun = [services.begin_sending(services.draft(title=f"Alert {n}"), cast.officer("Farah"), NOW) for n in range(4)]

    def work(alert):
        while dispatch.send_some(Alert.get_by_id(alert.id), lambda: NOW + HOUR):
            pass

    services.at_once(app, *[lambda alert=alert: work(alert) for alert in begun])
    assert len(subjects(post)) <= 1


# --- Followers ---


def story(ends: bool = False) -> Story:
    return Story.create(team=cast.team("St Helier"), title="Moped thefts", ended_at=NOW if ends else None)


def test_a_follower_hears_of_it_wherever_they_live_and_is_told_why(post):
    thefts = story()
    Follow.create(resident=cast.resident("Bryn"), story=thefts)
    send("Two arrests", alert_type="results", codes=[RAVENSBURY], story=thefts)
    letter = post.last_to("bryn@example.org")
    assert letter["Subject"] == "Two arrests"
    assert "You get this email because you follow “Moped thefts”." in " ".join(text_of(letter).split())


def test_who_lives_there_and_follows_gets_it_once_with_both_reasons(post):
    thefts = story()
    Follow.create(resident=cast.resident("Amara"), story=thefts)
    alert = send("Two arrests", story=thefts)
    assert alert.audience_size == len(subjects(post)) == 1
    why = "because you live in St Helier, Merton and asked for incidents and investigations there, and you follow"
    assert why in " ".join(text_of(post.last_to(AMARA)).split())


def test_followers_are_counted_once_and_not_with_those_who_wait_for_a_digest():
    thefts = story()
    for name in ("Amara", "Bryn"):
        Follow.create(resident=cast.resident(name), story=thefts)
    draft = services.draft()
    Alert.update(story=thefts).where(Alert.id == draft.id).execute()
    assert alerts.reached(Alert.get_by_id(draft.id), NOW) == {IMMEDIATELY: 2, DAILY: 0, WEEKLY: 0}


@pytest.mark.parametrize("wishes", [{"paused_until": NOW + DAY}, {"state": "left"}])
def test_a_follower_who_is_paused_or_has_left_gets_nothing(post, wishes):
    thefts = story()
    Follow.create(resident=wish("Bryn", **wishes), story=thefts)
    send("Two arrests", codes=[RAVENSBURY], story=thefts)
    assert subjects(post, "bryn@example.org") == []


def test_who_stopped_following_gets_nothing_more(post):
    thefts = story()
    Follow.create(resident=cast.resident("Bryn"), story=thefts, ended_at=NOW)
    send("Two arrests", codes=[RAVENSBURY], story=thefts)
    assert subjects(post, "bryn@example.org") == []


def test_a_follower_had_it_at_once_and_not_again_on_saturday(post):
    thefts = story()
    Follow.create(resident=cast.resident("Bryn"), story=thefts)
    send("Two arrests", story=thefts)
    saturday()
    assert subjects(post, "bryn@example.org") == ["Two arrests"]


@pytest.mark.parametrize(("facts", "offered"), [({}, True), ({"ends_story": True}, False)])
def test_it_can_be_followed_from_the_email_until_it_ends(post, facts, offered):
    send("Two arrests", story=story(), **facts)
    assert ("/follow/" in text_of(post.last_to(AMARA))) is offered


# --- Paused alerts ---


def test_an_alert_that_is_paused_is_in_the_next_digest_after_it_goes_on(post):
    alert = services.begin_sending(services.draft(title="Held back"), cast.officer("Farah"), NOW)
    halts.pause(alert, cast.officer("Farah"), NOW)
    saturday()
    assert subjects(post, "bryn@example.org") == []
    halts.resume(alert, cast.officer("Farah"))
    saturday(SATURDAY + 7 * DAY)
    saturday(SATURDAY + 14 * DAY)
    assert subjects(post, "bryn@example.org") == ["This week: 1 alert from your local police"]
    assert "Held back" in text_of(post.last_to("bryn@example.org"))


# --- What waits for a digest, when they change how often they hear ---


@pytest.mark.parametrize(("before", "after"), [(WEEKLY, DAILY), (WEEKLY, IMMEDIATELY), (DAILY, WEEKLY)])
def test_what_waited_still_comes_when_only_the_frequency_changes(post, before, after):
    cast.change(cast.resident("Amara"), BEGAN, frequency=before)
    saturday(NOW, before)
    send("Before the change", NOW + HOUR)
    cast.change(cast.resident("Amara"), NOW + 2 * HOUR, frequency=after)
    for day in range(7):
        saturday(NOW + day * DAY, DAILY)
    saturday()
    assert sum("Before the change" in text_of(letter) for letter in post.to(AMARA)) == 1


def test_what_waited_does_not_come_when_they_no_longer_want_it(post):
    cast.change(cast.resident("Amara"), BEGAN, frequency=WEEKLY)
    send("Mopeds", NOW)
    cast.change(cast.resident("Amara"), NOW + HOUR, types=["advice"], frequency=DAILY)
    saturday()
    assert subjects(post) == []


def test_changing_while_the_digest_is_on_its_way_loses_nothing(post):
    cast.change(cast.resident("Amara"), BEGAN, frequency=WEEKLY)
    send("Mopeds")
    digests.begin_due(SATURDAY)
    cast.change(cast.resident("Amara"), SATURDAY, frequency=DAILY)
    saturday()
    saturday(SATURDAY + 7 * DAY)
    assert subjects(post) == ["This week: 1 alert from your local police"]


def test_what_was_in_a_digest_comes_in_no_other_when_the_frequency_changes(post):
    cast.change(cast.resident("Amara"), BEGAN, frequency=DAILY)
    send("Mopeds", NOW)
    saturday(NOW + DAY, DAILY)
    cast.change(cast.resident("Amara"), NOW + DAY, frequency=WEEKLY)
    saturday()
    assert subjects(post) == ["Today: 1 alert from your local police"]


# --- Discreet ---


@pytest.mark.parametrize("name", ["Amara", "Bryn"])
def test_what_others_see_of_a_discreet_email_says_nothing(post, name):
    wish(name, discreet_since=NOW)
    send("Girl missing", is_urgent=True)
    saturday()
    letter = post.last_to(f"{name.lower()}@example.org")
    assert (letter["Subject"], letter["From"].partition(" <")[0]) == (discretion.UPDATE, discretion.SENDER)
    assert "St Helier" not in letter["List-Id"]
    for text in (text_of(letter), BeautifulSoup(services.html_of(letter), "html.parser").body.get_text(" ")):
        beginning = " ".join(text.split())[:255]
        assert beginning.startswith(discretion.FIRST)
        assert not re.search("police|missing|alert|Helier", beginning, re.IGNORECASE)
    assert "Girl missing" in text_of(letter)


def test_a_discreet_resident_changes_nothing_for_others(post):
    wish("Amara", discreet_since=NOW)
    services.crowd(2)
    send("Mopeds stolen")
    assert subjects(post) == [discretion.UPDATE]
    assert subjects(post, "resident0001@example.org") == ["Mopeds stolen"]


# --- Which control an email leads to ---


def test_an_email_leads_to_what_changes_why_it_came(visitor, post):
    send("Mopeds stolen")
    url = services.link_in(post.last_to(AMARA), "/preferences/open/")
    form, _ = visitor.visit(url).form("Open my preferences")
    reply = visitor.ask("POST", form["action"], data=visitor.visit(url).fields(form))
    assert reply.location == "/preferences/alerts#type-incidents"


def test_a_follower_is_led_to_the_stories_they_follow(visitor, post):
    thefts = story()
    Follow.create(resident=cast.resident("Bryn"), story=thefts)
    send("Two arrests", alert_type="results", codes=[RAVENSBURY], story=thefts)
    url = services.link_in(post.last_to("bryn@example.org"), "/preferences/open/")
    assert visitor.visit(url).submit("Open my preferences").url == "/preferences/stories"


# --- Held for one, and then for another ---


def test_what_was_held_for_a_daily_email_moves_to_saturday_when_they_have_had_enough(post):
    cast.change(cast.resident("Amara"), BEGAN, frequency=DAILY)
    saturday(NOW, DAILY)
    send("Before the change", NOW + HOUR)
    cast.change(cast.resident("Amara"), NOW + 2 * HOUR, frequency=IMMEDIATELY)
    wish("Amara", weekly_cap=1)
    saturday(NOW + DAY, DAILY)
    assert subjects(post) == []
    saturday()
    assert "Before the change" in text_of(post.last_to(AMARA))


def test_what_is_held_waits_until_a_pause_is_over(post):
    wish("Amara", weekly_cap=1)
    send("Held")
    wish("Amara", paused_until=SATURDAY + DAY)
    saturday()
    assert subjects(post) == []
    saturday(SATURDAY + 7 * DAY)
    assert "Held" in text_of(post.last_to(AMARA))


# --- In the middle of a batch ---


@pytest.mark.parametrize("away", [{"state": Resident.LEFT}, {"paused_until": NOW + DAY}], ids=["left", "paused"])
def test_who_leaves_or_pauses_while_their_email_is_claimed_does_not_get_it(post, away, monkeypatch):
    monkeypatch.setattr(rounds, "LONGEST", 60)
    monkeypatch.setattr(rounds._pace, "_best", 2000.0)  # all of them in one claim
    everybody = services.crowd(rounds.LOOKED_AGAIN * 2)
    last = Resident.get(Resident.email == everybody[-1])
    post.before_taking = lambda: post.taken or change_elsewhere(last, away)
    send("Mopeds stolen")
    assert subjects(post, everybody[0]) == ["Mopeds stolen"]
    assert subjects(post, last.email) == []
    assert Delivery.get(Delivery.resident == last).reason == "left or paused meanwhile"


def change_elsewhere(resident: Resident, values: dict) -> None:
    """As a web server does it: the mail server of the test is another thread."""
    with db.opened():
        Resident.update(values).where(Resident.id == resident.id).execute()

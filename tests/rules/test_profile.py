"""Residents pause, go on, cap, become discreet, change their name and concerns; on London's clock, and twice."""

from datetime import date, datetime, timedelta

import pytest

from metengage import leaving, profile
from metengage.choices import THEMES
from metengage.models import Delivery, Journal, Resident, ThemeChoice
from tests import cast, services
from tests.conftest import NOW

DAY, SECOND = timedelta(days=1), timedelta(seconds=1)
ACTS = {
    "paused": lambda amara: profile.pause(amara, date(2026, 12, 8)),
    "capped": lambda amara: profile.cap(amara, 3),
    "became discreet": lambda amara: profile.be_discreet(amara, True, NOW),
    "changed name": lambda amara: profile.rename(amara, "Ama"),
    "changed concerns": lambda amara: profile.choose_concerns(amara, ["drugs"]),
    "ranked concerns": lambda amara: profile.rank_concerns(amara, ["drugs"]),
}


@pytest.fixture(autouse=True)
def _stand(app):
    """Every test here touches rows."""


def amara() -> Resident:
    return cast.resident("Amara")


def concerned(*themes: str, rank: tuple = ()) -> None:
    profile.choose_concerns(amara(), themes)
    profile.rank_concerns(amara(), rank)


# --- Pause ---


@pytest.mark.parametrize(
    ("day", "moment"),
    [
        (date(2026, 12, 8), datetime(2026, 12, 8, 0, 0)),
        (date(2027, 6, 1), datetime(2027, 5, 31, 23, 0)),
        (date(2027, 3, 28), datetime(2027, 3, 28, 0, 0)),  # the clocks go forward at 1am of that day
        (date(2027, 3, 29), datetime(2027, 3, 28, 23, 0)),
        (date(2026, 10, 25), datetime(2026, 10, 24, 23, 0)),  # and back at 2am of that day
        (date(2026, 10, 26), datetime(2026, 10, 26, 0, 0)),
    ],
)
def test_a_pause_ends_at_midnight_in_london(day, moment):
    profile.pause(amara(), day)
    assert amara().paused_until == moment
    assert profile.is_paused(amara(), moment - SECOND)
    assert not profile.is_paused(amara(), moment)


def test_a_pause_says_until_when():
    assert profile.pause_in_words(amara(), NOW) == "Not paused"
    profile.pause(amara(), date(2026, 12, 8))
    assert profile.pause_in_words(amara(), NOW) == "Paused until Tuesday 8 December 2026"
    assert profile.pause_in_words(amara(), datetime(2026, 12, 8)) == "Not paused"


def test_pausing_again_pauses_until_the_new_day():
    profile.pause(amara(), date(2026, 12, 8))
    profile.pause(amara(), date(2026, 12, 1))
    assert amara().paused_until == datetime(2026, 12, 1)


def test_going_on_ends_the_pause_at_that_moment_and_twice_is_once():
    profile.pause(amara(), date(2026, 12, 8))
    assert [profile.go_on(amara(), NOW), profile.go_on(amara(), NOW + DAY)] == [True, False]
    assert amara().paused_until == NOW


def test_going_on_without_a_pause_is_nothing():
    assert not profile.go_on(amara(), NOW)
    assert amara().paused_until is None


# --- The end of a pause ---


def sent(kind: str, at: datetime, who: str = "Amara") -> None:
    about = {"alert": services.draft()} if kind == Delivery.ALERT else {"digest": 7} if kind == Delivery.DIGEST else {}
    Delivery.create(kind=kind, resident=cast.resident(who), state=Delivery.SENT, sent_at=at, **about)


@pytest.mark.parametrize("kind", [Delivery.ALERT, Delivery.DIGEST])
def test_a_pause_is_forgotten_once_an_email_has_said_that_it_is_over(kind):
    profile.pause(amara(), date(2026, 11, 22))
    sent(kind, NOW)
    assert profile.end_pauses(NOW + SECOND) == 1
    assert amara().paused_until is None
    assert profile.end_pauses(NOW + SECOND) == 0


@pytest.mark.parametrize(("kind", "at"), [("alert", NOW - DAY), ("digest", NOW - DAY), ("sign-in", NOW)])
def test_a_pause_is_kept_while_no_such_email_was_sent(kind, at):
    profile.pause(amara(), date(2026, 11, 22))
    sent(kind, at)
    sent(Delivery.ALERT, NOW, "Bryn")
    assert profile.end_pauses(NOW + SECOND) == 0
    assert amara().paused_until == datetime(2026, 11, 22)


def test_a_pause_that_goes_on_is_kept():
    profile.pause(amara(), date(2026, 12, 8))
    sent(Delivery.ALERT, NOW)
    assert profile.end_pauses(NOW) == 0


# --- Cap and discreet emails ---


@pytest.mark.parametrize(
    ("most", "words"), [(None, "No limit"), (1, "No more than 1 email a week"), (5, "No more than 5 emails a week")]
)
def test_a_cap_is_kept_and_said(most, words):
    assert profile.cap(amara(), most)
    assert (amara().weekly_cap, profile.cap_in_words(amara())) == (most, words)


def test_discreet_is_on_since_it_was_first_turned_on():
    profile.be_discreet(amara(), True, NOW)
    profile.be_discreet(amara(), True, NOW + DAY)
    assert profile.discreet_in_words(amara()) == "On since 22 November 2026"
    profile.be_discreet(amara(), False, NOW + DAY)
    assert profile.discreet_in_words(amara()) == "Off"


# --- Name and concerns ---


def test_a_name_may_be_emptied():
    profile.rename(amara(), "")
    assert (amara().name, profile.name_in_words(amara())) == ("", "Not given")


def test_concerns_are_kept_in_order_and_said():
    concerned("fraud", "drugs", "burglary", rank=("drugs", "fraud"))
    assert profile.concerns(amara()) == {"concerns": ["burglary", "fraud", "drugs"], "rank": ["drugs", "fraud"]}
    assert profile.concerns_in_words(amara()) == "Drugs (first); Fraud and scams (second); Burglary"


def test_no_concern_is_none():
    concerned("fraud")
    concerned()
    assert not ThemeChoice.select().exists()
    assert profile.concerns_in_words(amara()) == "None"


def test_what_is_still_a_concern_keeps_its_order():
    concerned("fraud", "drugs", "burglary", rank=("burglary", "drugs", "fraud"))
    profile.choose_concerns(amara(), ["fraud", "drugs", "violence"])
    assert profile.concerns(amara())["rank"] == ["drugs", "fraud"]


def test_what_is_no_concern_any_more_gets_no_place():
    """Another tab has taken it away since."""
    concerned("fraud", "drugs")
    profile.rank_concerns(amara(), ["burglary", "drugs"])
    assert profile.concerns(amara()) == {"concerns": ["fraud", "drugs"], "rank": ["drugs"]}


def test_of_two_choices_at_one_moment_one_is_kept_whole(app):
    them, every = amara(), list(THEMES)
    services.at_once(
        app,
        lambda: profile.choose_concerns(them, every[:6]),
        lambda: profile.choose_concerns(them, every[3:]),
    )
    assert profile.concerns(them)["concerns"] in (every[:6], every[3:])


# --- All of them ---


@pytest.mark.parametrize("action", ACTS)
def test_each_change_is_in_the_journal(action):
    ACTS[action](amara())
    note = Journal.select().order_by(Journal.id.desc()).get()
    assert (note.action, note.resident_id) == (action, amara().id)


@pytest.mark.parametrize("action", ACTS)
def test_who_has_left_changes_nothing(action):
    leaving.leave(amara(), "preferences", NOW)
    before = (amara().__data__, ThemeChoice.select().count(), Journal.select().count())
    ACTS[action](amara())
    assert (amara().__data__, ThemeChoice.select().count(), Journal.select().count()) == before

"""Residents vote, each once, where they live; officers count hands; nobody sees more than numbers."""

from datetime import timedelta

import pytest

from metengage import formats, leaving, preferences, priorities, votes
from metengage.areas import named
from metengage.models import Muted, Priority, Resident, Vote
from metengage.votes import Tally
from tests import cast, services
from tests.cast import RAVENSBURY
from tests.conftest import NOW

DAY = timedelta(days=1)
TODAY = NOW.date()


@pytest.fixture(autouse=True)
def _stand(app):
    """Every test here touches rows."""


@pytest.fixture
def mopeds() -> Priority:
    return services.proposal("Mopeds", now=NOW)


def amara() -> Resident:
    return cast.resident("Amara")


def tally(priority: Priority) -> Tally:
    return votes.tallies([priority])[priority.id]


def close(priority: Priority) -> None:
    priorities.close(Priority.get_by_id(priority.id), cast.officer("Farah"), Priority.ACHIEVED, "Done.", NOW)


# --- Residents ---


def test_a_resident_votes_once(mopeds):
    assert votes.cast(amara(), mopeds, NOW)
    assert votes.cast(amara(), mopeds, NOW)
    assert (tally(mopeds), votes.has_voted(amara(), mopeds)) == (Tally(web=1), True)


def test_two_presses_at_one_moment_are_one_vote(app, mopeds):
    def press() -> bool:
        return votes.cast(amara(), mopeds, NOW)

    assert services.at_once(app, press, press) == [True, True]
    assert Vote.select().count() == 1


def test_a_resident_may_vote_for_several_and_take_a_vote_back(mopeds):
    bikes = services.proposal("Bikes", now=NOW)
    for each in (mopeds, bikes):
        votes.cast(amara(), each, NOW)
    votes.withdraw(amara(), mopeds)
    votes.withdraw(amara(), mopeds)
    assert votes.ballot(amara()) == [(mopeds, False), (bikes, True)]
    assert Vote.select().count() == 1


def test_who_lives_elsewhere_or_has_left_does_not_vote(mopeds):
    bryn = cast.resident("Bryn")
    preferences.move_home(bryn, named([RAVENSBURY])[0], NOW)
    leaving.leave(amara(), "preferences", NOW)
    assert [votes.cast(each, mopeds, NOW) for each in (bryn, amara(), cast.resident("Cleo"))] == [False] * 3
    assert (Vote.select().count(), votes.ballot(cast.resident("Bryn"))) == (0, [])


def test_only_on_what_is_proposed_is_voted(mopeds):
    stale = Priority.get_by_id(mopeds.id)
    priorities.set_now(mopeds, cast.officer("Farah"), TODAY + DAY, NOW)
    assert not votes.cast(amara(), stale, NOW)


# --- Hear of it, or not ---


def test_what_somebody_raised_or_voted_for_is_listed_once_it_is_set(mopeds):
    votes.cast(amara(), mopeds, NOW)
    assert votes.heard(amara()) == []
    priorities.set_now(mopeds, cast.officer("Farah"), TODAY + DAY, NOW)
    bikes = services.priority("Bikes", now=NOW + DAY)
    services.raised("Amara", bikes)
    assert votes.heard(amara()) == [(bikes, True), (mopeds, True)]


def test_who_wants_to_hear_no_more_may_change_their_mind(mopeds):
    votes.cast(amara(), mopeds, NOW)
    priorities.set_now(mopeds, cast.officer("Farah"), TODAY + DAY, NOW)
    for _ in range(2):
        votes.mute(amara(), mopeds, NOW)
    assert (votes.heard(amara()), Muted.select().count()) == ([(mopeds, False)], 1)
    votes.unmute(amara(), mopeds)
    assert votes.heard(amara()) == [(mopeds, True)]


def test_who_votes_again_hears_of_it_again(mopeds):
    votes.mute(amara(), mopeds, NOW)
    votes.cast(amara(), mopeds, NOW)
    assert Muted.select().count() == 0


# --- Hands ---


def count(priority: Priority, how_many: int, source: str = Vote.MEETING, day=TODAY) -> bool:
    return votes.count_hands(priority, cast.officer("Farah"), source, how_many, day, NOW)


def test_hands_are_counted_by_day_and_place_and_a_new_number_replaces_the_old(mopeds):
    count(mopeds, 20)
    count(mopeds, 24)
    count(mopeds, 7, Vote.DOOR)
    count(mopeds, 5, day=TODAY - DAY)
    votes.cast(amara(), mopeds, NOW)
    assert tally(mopeds) == Tally(web=1, meeting=29, door=7)
    assert [(each.how_many, formats.day(each.at)) for each in votes.hands(mopeds)][-1] == (5, "21 November 2026")


def test_two_who_count_at_one_moment_leave_one_number(app, mopeds):
    services.at_once(app, lambda: count(mopeds, 20), lambda: count(mopeds, 24))
    assert tally(mopeds).meeting in (20, 24)


def test_nothing_is_counted_for_what_is_no_longer_proposed(mopeds):
    close(mopeds)
    assert not count(mopeds, 9)


# --- Only numbers, and no small ones ---


@pytest.mark.parametrize(("how_many", "shown"), [(0, "fewer than 10"), (9, "fewer than 10"), (10, "10")])
def test_a_small_group_is_not_shown(how_many, shown):
    assert formats.group(how_many) == shown


def test_what_few_voted_for_by_the_web_is_not_ranked_by_that(mopeds):
    bikes = services.proposal("Bikes", now=NOW)
    votes.cast(amara(), bikes, NOW)
    assert [each.issue for each, _ in votes.ranked([mopeds, bikes])] == ["Mopeds", "Bikes"]
    count(bikes, 12)
    assert [each.issue for each, _ in votes.ranked([mopeds, bikes])] == ["Bikes", "Mopeds"]


# --- Whose votes count ---


def test_who_moves_counts_where_they_live_now_and_again_when_they_are_back(mopeds):
    home, other = named([cast.ST_HELIER])[0], named([RAVENSBURY])[0]
    bikes = services.proposal("Bikes", ward=RAVENSBURY, now=NOW)
    votes.cast(amara(), mopeds, NOW)
    preferences.move_home(amara(), other, NOW)
    votes.cast(amara(), bikes, NOW)
    assert [tally(each).web for each in (mopeds, bikes)] == [0, 1]
    preferences.move_home(amara(), home, NOW)
    assert [tally(each).web for each in (mopeds, bikes)] == [1, 0]


def test_who_left_or_is_erased_does_not_count_and_nothing_is_deleted(mopeds):
    for name in ("Amara", "Bryn"):
        votes.cast(cast.resident(name), mopeds, NOW)
    leaving.leave(amara(), "preferences", NOW)
    assert tally(mopeds) == Tally(web=1)
    Vote.update(resident=None).where(Vote.resident == cast.resident("Bryn")).execute()
    assert (tally(mopeds), Vote.select().count()) == (Tally(), 2)


@pytest.mark.parametrize("is_closed", [False, True])
def test_what_was_chosen_stays_as_it_was(mopeds, is_closed):
    for name in ("Amara", "Bryn"):
        votes.cast(cast.resident(name), mopeds, NOW)
    priorities.set_now(mopeds, cast.officer("Farah"), TODAY + DAY, NOW)
    if is_closed:
        close(mopeds)
    leaving.leave(amara(), "preferences", NOW)
    preferences.move_home(cast.resident("Bryn"), named([RAVENSBURY])[0], NOW)
    assert tally(mopeds) == Tally(web=2)


def test_a_visitor_does_not_vote(mopeds):
    visitor = Resident.create(email="v@example.org", home=cast.ST_HELIER, state="confirmed", confirmed_at=NOW)
    assert not votes.cast(visitor, mopeds, NOW)
    Vote.create(priority=mopeds, resident=visitor)
    assert (tally(mopeds), votes.ballot(visitor), votes.in_words(visitor)) == (Tally(), [], ["None"])
    preferences.set_frequency(visitor, "advice", "weekly", NOW)
    assert (tally(mopeds), votes.may_vote(visitor, mopeds)) == (Tally(web=1), True)

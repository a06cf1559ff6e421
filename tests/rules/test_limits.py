"""How often is too often: how many in what time, for whom, and what is kept of it."""

from datetime import datetime, timedelta

import pytest

from metengage import limits
from metengage.limits import HOUR, LIMITS, MINUTE
from metengage.models import Attempt

NOW = datetime(2026, 11, 22, 12, 0)
SECOND = timedelta(seconds=1)
AMARA, BRYN = "amara@example.org", "bryn@example.org"
MAIL = "sign-in mail address"

pytestmark = pytest.mark.usefixtures("database")


def tries(name: str, how_many: int, when: datetime = NOW, who: str = AMARA) -> list[bool]:
    return [limits.allows(name, who, when) for _ in range(how_many)]


@pytest.mark.parametrize("name", LIMITS)
def test_so_many_are_allowed_and_not_one_more(name):
    allowed = min(LIMITS[name])[0]
    assert tries(name, allowed + 2) == [True] * allowed + [False, False]


@pytest.mark.parametrize("name", LIMITS)
def test_when_the_time_is_over_all_are_allowed_again(name):
    for allowed, window in LIMITS[name]:
        tries(name, allowed, NOW - window)
    assert limits.allows(name, AMARA, NOW)


def test_sign_in_mail_is_four_a_minute_and_eleven_an_hour():
    assert LIMITS[MAIL] == ((4, MINUTE), (11, HOUR))


def test_a_slow_asker_meets_the_longer_limit():
    each_minute = [limits.allows(MAIL, AMARA, NOW + minute * MINUTE) for minute in range(13)]
    assert each_minute == [True] * 11 + [False, False]


@pytest.mark.parametrize(("wait", "is_allowed"), [(MINUTE - SECOND, False), (MINUTE, True)])
def test_the_minute_ends_to_the_second(wait, is_allowed):
    tries(MAIL, 4)
    assert limits.allows(MAIL, AMARA, NOW + wait) == is_allowed


def test_those_refused_do_not_count():
    tries(MAIL, 50)
    assert Attempt.select().count() == 4
    assert limits.allows(MAIL, AMARA, NOW + MINUTE)


def test_one_person_s_tries_are_not_another_s():
    tries(MAIL, 5)
    assert limits.allows(MAIL, BRYN, NOW)


def test_one_limit_is_not_another():
    tries("officer address", 6)
    assert limits.allows(MAIL, AMARA, NOW)


def test_capital_letters_make_no_other_person():
    tries(MAIL, 4)
    assert not limits.allows(MAIL, AMARA.upper(), NOW)


# --- Forgiving and forgetting ---


def test_forgiving_begins_again_from_none():
    tries("officer address", 6)
    limits.forgive("officer address", AMARA.upper())
    assert tries("officer address", 6) == [True] * 5 + [False]


def test_forgiving_one_forgives_nobody_and_nothing_else():
    tries(MAIL, 4)
    tries("officer address", 5, who=BRYN)
    limits.forgive("officer address", AMARA)
    assert not limits.allows(MAIL, AMARA, NOW)
    assert not limits.allows("officer address", BRYN, NOW)


def test_what_no_limit_looks_at_any_more_is_forgotten():
    tries(MAIL, 3, NOW - HOUR - SECOND)
    tries("sign-up network", 2, NOW - HOUR)
    assert (limits.forget_old(NOW), Attempt.select().count()) == (3, 2)
    assert limits.forget_old(NOW) == 0


def test_the_address_itself_is_nowhere_kept():
    tries(MAIL, 1)
    kept = str(list(Attempt.select().tuples()))
    assert "amara" not in kept
    assert len(Attempt.get().who_hash) == 64

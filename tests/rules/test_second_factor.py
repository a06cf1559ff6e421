"""Codes are taken once and near their moment; recovery codes let in once; the secret is nowhere kept."""

from datetime import timedelta

import pytest

from metengage import officers, qr, second_factor
from metengage.models import Journal, Officer, RecoveryCode
from metengage.second_factor import TooManyTries, WrongCode
from tests import cast, services
from tests.cast import PASSWORD
from tests.conftest import NOW

STEP = timedelta(seconds=30)


@pytest.fixture
def farah(app) -> Officer:
    """With a second factor; the code of this moment is taken already."""
    services.set_up_second_factor("Farah", NOW - 10 * STEP)
    Journal.delete().execute()
    return cast.officer("Farah")


def code(officer: Officer, moment=NOW) -> str:
    return services.code_of(officer, moment)


def test_the_code_of_this_moment_signs_in(farah):
    second_factor.sign_in(farah, code(farah), NOW)
    assert (Journal.get().action, Journal.get().officer) == ("signed in", farah)


@pytest.mark.parametrize("typed", ["{0} {1}", " {0}{1} ", "{0}-{1}"])
def test_spaces_do_not_matter(farah, typed):
    now = code(farah)
    second_factor.sign_in(farah, typed.format(now[:3], now[3:]), NOW)


@pytest.mark.parametrize("steps", [-1, 1])
def test_a_clock_may_be_a_step_off(farah, steps):
    second_factor.sign_in(farah, code(farah, NOW + steps * STEP), NOW)


@pytest.mark.parametrize("steps", [-2, 2, -100])
def test_a_code_further_off_is_refused(farah, steps):
    with pytest.raises(WrongCode):
        second_factor.sign_in(farah, code(farah, NOW + steps * STEP), NOW)


def test_a_code_is_taken_once(farah):
    second_factor.sign_in(farah, code(farah), NOW)
    with pytest.raises(WrongCode):
        second_factor.sign_in(farah, code(farah), NOW)


def test_an_earlier_code_is_refused_after_a_later_one(farah):
    second_factor.sign_in(farah, code(farah, NOW + STEP), NOW)
    with pytest.raises(WrongCode):
        second_factor.sign_in(farah, code(farah), NOW)


def test_of_two_with_the_same_code_at_one_moment_one_is_let_in(app, farah):
    def act():
        return second_factor.sign_in(farah, code(farah), NOW)

    found = services.at_once(app, act, act)
    assert [type(each) for each in found if each].count(WrongCode) == 1


def test_five_wrong_codes_in_a_quarter_of_an_hour_are_enough(farah):
    for _ in range(5):
        with pytest.raises(WrongCode):
            second_factor.sign_in(farah, "000000x", NOW)
    with pytest.raises(TooManyTries):
        second_factor.sign_in(farah, code(farah), NOW)
    later = NOW + timedelta(minutes=15)
    second_factor.sign_in(farah, code(farah, later), later)


@pytest.mark.parametrize("typed", ["", "123", "\0", "x" * 10_000, "１２３４５６", "12345é"])
def test_what_is_no_code_is_refused(farah, typed):
    with pytest.raises(WrongCode):
        second_factor.sign_in(farah, typed, NOW)


def test_who_has_none_is_let_in_by_no_code(app):
    with pytest.raises(WrongCode):
        second_factor.sign_in(cast.officer("Gus"), "123456", NOW)


def test_the_database_does_not_hold_the_secret(farah):
    secret = second_factor.key_in_groups(farah.totp_nonce).replace(" ", "")
    assert secret not in str(Officer.select().where(Officer.id == farah.id).tuples().get())
    assert secret.lower() not in farah.totp_nonce


def test_a_wrong_code_sets_nothing_up(app):
    with pytest.raises(WrongCode):
        second_factor.begin(cast.officer("Gus"), second_factor.new_nonce(), "1", NOW)
    assert not second_factor.is_set_up(cast.officer("Gus"))


def test_the_password_alone_is_no_sign_in_any_more(farah):
    officers.sign_in(farah.email, PASSWORD, "192.0.2.1", NOW)
    assert not Journal.select().exists()


# --- Recovery codes ---


def test_a_recovery_code_works_once(farah):
    (one, *_) = second_factor.new_recovery_codes(farah)
    second_factor.sign_in(farah, one.upper().replace("-", " "), NOW)
    assert second_factor.recovery_codes_left(farah) == 9
    with pytest.raises(WrongCode):
        second_factor.sign_in(farah, one, NOW)


def test_new_ones_end_the_old(farah):
    old, new = second_factor.new_recovery_codes(farah), second_factor.new_recovery_codes(farah)
    assert len(set(old + new)) == 20
    with pytest.raises(WrongCode):
        second_factor.sign_in(farah, old[0], NOW)
    assert Journal.select().where(Journal.action == "made recovery codes").count() == 2


def test_nobody_gets_in_by_somebody_elses(farah):
    codes = second_factor.new_recovery_codes(farah)
    with pytest.raises(WrongCode):
        second_factor.sign_in(cast.officer("Gus"), codes[0], NOW)


def test_they_are_kept_only_as_hashes(farah):
    codes = second_factor.new_recovery_codes(farah)
    kept = str([row.code_hash for row in RecoveryCode.select()])
    assert not any(each in kept or each.replace("-", "") in kept for each in codes)


def test_a_qr_code_is_square_and_has_quiet_around_it():
    drawing = qr.drawing("otpauth://totp/a?secret=b")
    assert drawing.path.startswith("M4 4h1v1h-1z")
    assert drawing.size >= 21 + 8

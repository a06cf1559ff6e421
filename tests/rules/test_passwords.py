"""A password is long and not one of those that are guessed first; the link to choose one works once, for a day."""

from datetime import timedelta

import pytest

from metengage import account, passwords, staffing
from metengage.models import Officer
from metengage.passwords import LinkEnded
from tests import cast
from tests.conftest import NOW

DAY, SECOND = timedelta(days=1), timedelta(seconds=1)
NEW = "three blue lamps"


@pytest.mark.parametrize("password", [NEW, "walk the beat", "ünser Revier 7!", "x" * 300 + "yzw"])
def test_a_long_one_is_good(password):
    assert passwords.wrong_with(password) == ""


@pytest.mark.parametrize("password", ["", "too short", "x" * 1001, "password1234", "Pass Word 1234", "aaaaaaaaaaaaaa"])
def test_a_short_or_a_common_one_is_not(password):
    assert passwords.wrong_with(password)


def test_a_link_lets_choose_a_password_once(app):
    token = passwords.link_for(cast.officer("Farah"), NOW)
    account.choose_password(token, NEW, NOW)
    assert passwords.is_right(cast.officer("Farah").password_hash, NEW)
    with pytest.raises(LinkEnded):
        account.choose_password(token, "somebody elses words", NOW)


def test_a_link_works_for_a_day(app):
    token = passwords.link_for(cast.officer("Farah"), NOW)
    assert passwords.officer_of(token, NOW + DAY - SECOND) == cast.officer("Farah")
    with pytest.raises(LinkEnded):
        passwords.officer_of(token, NOW + DAY)


@pytest.mark.parametrize("change", [str.upper, lambda token: token[:-1], lambda token: "9" + token, lambda token: ""])
def test_a_forged_link_does_not(app, change):
    token = passwords.link_for(cast.officer("Farah"), NOW)
    with pytest.raises(LinkEnded):
        passwords.officer_of(change(token), NOW)


def test_a_newer_link_ends_the_older(app):
    older = staffing.reset(cast.officer("Idris"), cast.officer("Farah"), NOW)
    newer = staffing.reset(cast.officer("Idris"), cast.officer("Farah"), NOW)
    with pytest.raises(LinkEnded):
        passwords.officer_of(older, NOW)
    assert passwords.officer_of(newer, NOW)


def test_a_suspended_officer_chooses_none(app):
    token = passwords.link_for(cast.officer("Farah"), NOW)
    Officer.update(suspended_at=NOW).execute()
    with pytest.raises(LinkEnded):
        passwords.officer_of(token, NOW)

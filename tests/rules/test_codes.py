"""The code in each email: read back as it was made, however it is typed; never guessed, never another's."""

import pytest

from metengage import codes
from metengage.codes import ALERT, DIGEST, LETTER, Sent


@pytest.mark.parametrize("kind", [ALERT, DIGEST, LETTER])
@pytest.mark.parametrize("id", [1, 31, 32, 1234567, 2**31 - 1])
def test_a_code_says_what_it_was_made_for(settings, kind, id):
    assert codes.read(codes.code(kind, id)) == Sent(kind, id)


def test_it_is_short_and_has_no_letter_that_looks_like_another(settings):
    made = codes.code(ALERT, 1234)
    assert len(made) <= 11
    assert not set(made.replace("-", "")[1:]) & set("OILU")


@pytest.mark.parametrize("typed", [str.lower, lambda code: f"  {code} ", lambda code: code.replace("-", " ")])
def test_it_is_read_however_it_is_typed(settings, typed):
    assert codes.read(typed(codes.code(ALERT, 1234))) == Sent(ALERT, 1234)


def test_letters_that_look_like_numbers_are_read_as_those(settings):
    made = next(code for id in range(2000) if {"0", "1"} <= set(code := codes.code(ALERT, id)))
    assert codes.read(made[0] + made[1:].replace("0", "O").replace("1", "l")) == codes.read(made)


@pytest.mark.parametrize("text", ["", "A", "A-", "hello", "ZZZ-ABCDEF", "A" * 5000, "А1-2345678", "A0-000000", "\x00"])
def test_anything_else_is_no_code(settings, text):
    assert codes.read(text) is None


def test_each_letter_counts(settings):
    made = codes.code(ALERT, 1234)
    others = {made[:place] + ("2" if made[place] != "2" else "3") + made[place + 1 :] for place in range(1, len(made))}
    assert [other for other in others if codes.read(other) and other.count("-") == 1] == []


def test_a_code_is_of_its_kind_and_of_our_key(settings, monkeypatch):
    made = codes.code(ALERT, 1234)
    assert codes.read(DIGEST + made[1:]) is None
    monkeypatch.setattr(settings, "secret_key", "another key, which is just as long as the first")
    assert codes.read(made) is None

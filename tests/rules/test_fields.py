"""Typed text is tidied: what cannot be seen goes, what people write stays."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metengage.fields import tidy

FAMILY, ENGLAND = "👨‍👩‍👧‍👦", "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f"
PERSIAN, SINHALA = "می\u200cخواهم", "ක්\u200dෂ"


@pytest.mark.parametrize(
    "text",
    [
        *("", " \t\n", "\u200b\u2060\u200b", "\u202e", "\u00ad", "\ufeff", "\u200d", "\u200c \u200d\u200d", "\u3164"),
        *("\u0301", "\ufe0f", "\u2800", ENGLAND[1:]),
    ],
)
@pytest.mark.parametrize("keep", ["", "\n\t"])
def test_what_shows_nothing_is_empty(text, keep):
    assert tidy(text, keep) == ""


@pytest.mark.parametrize(
    ("typed", "tidied"),
    [
        ("Lock\u202e your\u200b sh\u00aded", "Lock your shed"),
        ("07700\u200b900\u200d123", "07700900123"),
        ("re\u200cply", "reply"),
        ("a \u200d b\u200c", "a b"),
        ("👩\u200d\u200d🚒", "👩🚒"),
        ("✓\U000e0061", "✓"),
    ],
)
def test_what_cannot_be_seen_goes(typed, tidied):
    assert tidy(typed) == tidied


@pytest.mark.parametrize("text", [FAMILY, ENGLAND, "❤️‍🔥", "🏳️‍🌈", "🇬🇧", PERSIAN, SINHALA, "Zoë", "שלום", "½ mile"])
def test_what_people_write_stays(text):
    assert tidy(f"Come, {text}!") == f"Come, {text}!"


@given(st.text())
def test_tidied_twice_it_is_the_same(text):
    assert tidy(tidy(text)) == tidy(text)
    assert tidy(tidy(text, "\n\t"), "\n\t") == tidy(text, "\n\t")

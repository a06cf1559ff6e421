"""What was changed in a text is told word by word, and both texts can be read from it."""

from hypothesis import given
from hypothesis import strategies as st

from metengage.diffs import GONE, NEW, SAME, between


def test_it_says_what_went_and_what_came():
    assert between("Two bikes on Friday.", "Two mopeds on Friday.") == [
        (SAME, "Two "),
        (GONE, "bikes"),
        (NEW, "mopeds"),
        (SAME, " on Friday."),
    ]


@given(st.text(), st.text())
def test_both_texts_can_be_read_from_it(before, after):
    pieces = between(before, after)
    assert "".join(text for kind, text in pieces if kind != NEW) == before
    assert "".join(text for kind, text in pieces if kind != GONE) == after


def test_what_is_very_long_is_shown_whole():
    long = "word " * 9_000
    assert between(long, long + "more") == [(GONE, long), (NEW, long + "more")]
    assert between(long, long) == [(SAME, long)]

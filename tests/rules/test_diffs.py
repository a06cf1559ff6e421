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


def test_a_sentence_written_anew_is_one_change_and_not_crumbs():
    assert between("The vans were seen in Green Lane.", "Both vans stood near Green Road.") == [
        (GONE, "The vans were seen in Green Lane"),
        (NEW, "Both vans stood near Green Road"),
        (SAME, "."),
    ]


def test_what_stays_in_another_line_stays():
    pieces = between("A dog.\n\nCall 101.\n\nA cat.", "A cow.\n\nCall 101.\n\nA pig.")
    assert (SAME, ".\n\nCall 101.\n\nA ") in pieces

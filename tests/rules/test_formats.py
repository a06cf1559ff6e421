"""Dates, numbers and lists as people read them, on London's clock."""

import time
from datetime import datetime

import pytest

from metengage import formats

# The clocks go forward at 01:00 UTC on 29 March 2026 and back at 01:00 UTC on 25 October 2026.


@pytest.mark.parametrize(
    ("utc", "read"),
    [
        (datetime(2026, 11, 3, 16, 5), "3 November 2026 at 4:05pm"),
        (datetime(2026, 7, 3, 16, 5), "3 July 2026 at 5:05pm"),
        (datetime(2026, 3, 29, 0, 59), "29 March 2026 at 12:59am"),
        (datetime(2026, 3, 29, 1, 0), "29 March 2026 at 2:00am"),
        (datetime(2026, 10, 25, 0, 59), "25 October 2026 at 1:59am"),
        (datetime(2026, 10, 25, 1, 0), "25 October 2026 at 1:00am"),
        (datetime(2026, 6, 30, 23, 30), "1 July 2026 at 12:30am"),
        (datetime(2026, 12, 31, 23, 59), "31 December 2026 at 11:59pm"),
        (datetime(2028, 2, 29, 9, 30), "29 February 2028 at 9:30am"),
    ],
)
def test_moments_are_on_london_s_clock(utc, read):
    assert formats.moment(utc) == read


def test_where_there_is_little_room_a_moment_is_short():
    assert formats.soon(datetime(2026, 12, 2, 13, 50)) == "Wed 2 Dec, 1:50pm"
    assert formats.soon(datetime(2026, 7, 1, 23, 30)) == "Thu 2 Jul, 12:30am"


@pytest.mark.parametrize(
    ("utc", "read"),
    [
        (datetime(2026, 1, 1, 0, 0), "midnight"),
        (datetime(2026, 1, 1, 12, 0), "midday"),
        (datetime(2026, 7, 1, 23, 0), "midnight"),
        (datetime(2026, 7, 1, 11, 0), "midday"),
        (datetime(2026, 1, 1, 0, 1), "12:01am"),
        (datetime(2026, 1, 1, 12, 1), "12:01pm"),
        (datetime(2026, 1, 1, 9, 0), "9:00am"),
        (datetime(2026, 1, 1, 23, 0), "11:00pm"),
    ],
)
def test_midnight_and_midday_are_words(utc, read):
    assert formats.clock(utc) == read


def test_a_day_is_london_s_day():
    assert formats.day(datetime(2026, 7, 1, 23, 0)) == "2 July 2026"


def test_the_hour_that_comes_twice_is_the_same_hour_on_the_page():
    first, second = (formats.clock(datetime(2026, 10, 25, hour, 30)) for hour in (0, 1))
    assert first == second == "1:30am"


@pytest.mark.parametrize(("value", "read"), [(0, "0"), (7, "7"), (999, "999"), (1204, "1,204"), (1000000, "1,000,000")])
def test_numbers_have_their_thousands_apart(value, read):
    assert formats.number(value) == read


@pytest.mark.parametrize(("value", "read"), [(0, "0 people"), (1, "1 person"), (2, "2 people"), (1204, "1,204 people")])
def test_one_person_is_not_people(value, read):
    assert formats.count(value, "person", "people") == read


def test_most_words_take_an_s():
    assert [formats.count(value, "email") for value in (0, 1, 2)] == ["0 emails", "1 email", "2 emails"]


@pytest.mark.parametrize(
    ("words", "read"), [([], ""), (["a"], "a"), (["a", "b"], "a and b"), (["a", "b", "c"], "a, b and c")]
)
def test_a_list_reads_as_a_sentence(words, read):
    assert formats.listing(words) == read


def test_a_list_may_be_of_choices_and_of_anything_in_turn():
    assert formats.listing((word for word in "abc"), "or") == "a, b or c"


@pytest.mark.parametrize(
    ("typed", "read"),
    [("SM46HH", "SM4 6HH"), ("W1A1AA", "W1A 1AA"), ("EC1A1BB", "EC1A 1BB"), ("M11AE", "M1 1AE"), ("SM4", "SM4"),
     ("SW19", "SW19"), ("", "")],
)  # fmt: skip
def test_a_postcode_has_its_space_and_half_of_one_has_none(typed, read):
    assert formats.postcode(typed) == read


@pytest.mark.parametrize(
    ("seconds", "read"),
    [
        (-3, "1 second"),
        (0.2, "1 second"),
        (59.9, "59 seconds"),
        (60, "1 minute"),
        (3_599, "59 minutes"),
        (7_200, "2 hours"),
        (86_400 * 5, "5 days"),
    ],
)
def test_how_long_something_lasts(seconds, read):
    assert formats.lasting(seconds) == read


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("550 <amara@example.org>: no such mailbox", "550 <(address)>: no such mailbox"),
        ("user amara.o'neill+news@mail.example.org, unknown", "user (address), unknown"),
        ('Key (email)=(amara@example.org) or "b@c"', 'Key (email)=((address)) or "(address)"'),
        ("mailto:amara@example.org", "mailto:(address)"),
        ("451 4.7.1 try again @ noon", "451 4.7.1 try again @ noon"),
    ],
)
def test_what_somebody_said_is_kept_without_addresses(said, kept):
    assert formats.without_addresses(said) == kept


def test_a_long_word_is_read_once():
    began = time.monotonic()
    assert formats.without_addresses("x" * 100_000) == "x" * 100_000
    assert time.monotonic() - began < 1


@pytest.mark.parametrize(
    ("emails", "words"),
    [
        (1, "Less than one email a week"),
        (2, "Less than one email a week"),
        (3, "About 1 email a week"),
        (6, "About 1 email a week"),
        (12, "About 3 emails a week"),
        (5000, "About 1,167 emails a week"),
    ],
)
def test_emails_in_a_month_are_told_by_the_week(emails, words):
    assert formats.a_week(emails, 30) == words


def test_a_span_names_its_day_once():
    begins, ends = datetime(2026, 7, 1, 18, 0), datetime(2026, 7, 1, 19, 30)
    assert formats.span(begins, ends) == "Wednesday 1 July 2026, 7:00pm to 8:30pm"

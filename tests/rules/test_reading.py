"""How a text reads: its age, its length, and that it is read as residents see it."""

import re

import pytest
from bs4 import BeautifulSoup
from hypothesis import given, settings
from hypothesis import strategies as st

from metengage import reading, writing
from tests.texts import BAD, GOOD

PLAIN = "We saw a man by the shop at ten. He had a red coat and a hat. He ran off to the park when we came. Call us."
HARD = (
    "Residents occupying communal accommodation are respectfully reminded that unattended possessions constitute an "
    "opportunity. Management companies are consequently encouraged to commission independent assessments. Individuals "
    "discovering suspicious circumstances should communicate particulars expeditiously to the relevant authorities."
)


# --- Reading age ---


@pytest.mark.parametrize(
    ("word", "syllables"),
    [("paper", 2), ("burglary", 3), ("stolen", 2), ("homes", 1), ("robbed", 1), ("wanted", 2), ("neighbourhood", 3)]
    + [("information", 4), ("police", 2), ("buses", 2), ("table", 2), ("queue", 1), ("x", 1), ("", 1)],
)
def test_syllables_are_those_that_are_heard(word, syllables):
    assert reading.syllables(word) == syllables


def test_the_age_is_flesch_and_kincaids_grade_and_five_years():
    """Twelve words of thirteen syllables in each sentence."""
    text = "We saw a man in a red coat walk by the window. " * 3
    assert reading.age(text) == round(0.39 * 12 + 11.8 * 13 / 12 - 15.59 + 5, 1)


def test_hard_words_and_long_sentences_read_older():
    assert reading.age(HARD) > 20
    assert reading.age(f"{PLAIN} {PLAIN}") < 7


@pytest.mark.parametrize("text", ["", "Call 101.", "One two. Three four. Five.", "word " * 100, "## " + PLAIN])
def test_too_little_has_no_age(text):
    assert reading.age(text) is None


def test_names_of_places_do_not_make_a_text_older():
    text = "They were seen in {0} at noon. They went by bus to {0} and then home. We will be in {0} all of next week."
    assert reading.age((text * 2).format("Roehampton")) == reading.age((text * 2).format("Tooting"))
    assert reading.age((text * 2).format("accommodation")) > reading.age((text * 2).format("Accommodation"))


def test_addresses_and_numbers_are_not_read():
    linked = "Tell us on [the Met website](https://www.met.police.uk/ro/report/ocr/af/how-to-report-a-crime/)."
    assert reading.age(f"{PLAIN} {PLAIN} {linked}") == reading.age(f"{PLAIN} {PLAIN} Tell us on the Met website.")
    assert reading.age(f"{PLAIN} {PLAIN} Call 0800 555 111.") == reading.age(f"{PLAIN} {PLAIN} Call.")


def test_each_item_of_a_list_is_a_sentence_and_a_heading_is_none():
    said = ["Lock the side gate in the evening", "Cover every window with a sheet"] * 4
    items = "\n".join(f"- {each}" for each in said)
    assert reading.age(items) == reading.age(". ".join(said))
    assert reading.age(f"## Accommodation\n\n{items}") == reading.age(items)


# --- Length ---


def test_words_are_counted_and_take_time_to_read():
    assert reading.words("Call **101**, or go to [the Met website](https://www.met.police.uk/).") == 8
    assert [reading.minutes("word " * count) for count in (0, 1, 238, 239)] == [1, 1, 1, 2]


def test_screens_are_those_that_were_measured():
    """Five paragraphs of ten lines of 41 letters: 25.5 pixels a line, and 14 between."""
    assert reading.screens("\n\n".join(["a" * 410] * 5)) == pytest.approx(5 * (10 * 25.5 + 14) / 740, abs=0.01)
    assert reading.screens("") == 0


def test_a_link_takes_the_room_of_its_words():
    assert reading.screens(f"[report it](https://www.met.police.uk/{'a' * 400})") == reading.screens("report it")


# --- As it is shown ---


@pytest.mark.parametrize("text", GOOD + BAD, ids=str)
def test_it_reads_what_residents_are_shown(text):
    html = BeautifulSoup(writing.html(text.words.body), "html.parser").get_text(" ")
    assert re.findall(r"\w+", reading.shown(text.words.body)) == re.findall(r"\w+", html)


@pytest.mark.parametrize(
    ("markdown", "shown"),
    [
        ("Go to [the site][1].\n\n[1]: https://www.met.police.uk/", "Go to the site."),
        ("[Crimestoppers]\n\n[crimestoppers]: https://crimestoppers-uk.org/ 'title'", "Crimestoppers"),
        ("<https://www.met.police.uk/>", "https://www.met.police.uk/"),
        ("a \\[b\\] **c** _d_ `e` f_g", "a [b] c d e f_g"),
        ("> Hello\n> you", "Hello\nyou"),
        ("- one\n2. two\n### three\n\n---\n\nfour", "one\ntwo\nthree\n\nfour"),
    ],
)
def test_marks_and_addresses_are_not_shown(markdown, shown):
    lines = [line for line in reading.shown(markdown).split("\n") if line]
    assert lines == [line for line in shown.split("\n") if line]


def test_links_are_found_however_they_are_written():
    text = "[**a**](https://a.example/) <https://b.example/> [c][1] [d]\n\n[1]: https://c.example/\n[d]: https://d.example/"
    assert reading.links(text) == [
        ("a", "https://a.example/"),
        ("https://b.example/", "https://b.example/"),
        ("c", "https://c.example/"),
        ("d", "https://d.example/"),
    ]


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet=st.characters() | st.sampled_from("[]()<>*_#`- \n\\!.:aA1"), max_size=300))
def test_nothing_that_anybody_types_stops_it(text):
    assert reading.age(text) is None or reading.age(text) >= 5
    assert reading.words(text) >= 0
    assert reading.screens(text) >= 0
    assert reading.minutes(text) >= 1

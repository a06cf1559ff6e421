"""The checks before sending: each catches what it is for, and none stands in the way of a good alert."""

import csv
import json
import time
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metengage.checks import CHECKS, REFUSES, SEVERITIES, WANTS_REASON, WARNS, Words, findings, shape
from metengage.choices import ALERT_TYPES
from metengage.config import ROOT
from tests.conftest import shared
from tests.texts import BAD, GOOD

NAUGHTY = json.loads(shared("blns.json").read_text(encoding="utf-8"))
LONG = 100_000  # characters
TOO_LONG = Words("Five mopeds stolen", "Lock your shed. " * 2_000, "advice")
TITLE = "A title for the test"


def names(words: Words) -> set[str]:
    return {found.check.name for found in findings(words)}


def in_body(text: str, alert_type: str = "incidents") -> set[str]:
    return names(Words(TITLE, text, alert_type))


# --- The list ---


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.name)
def test_a_check_says_what_it_is_and_catches_something(check):
    assert check.name == check.name.lower()
    assert 0 < len(check.name) <= 40
    assert check.severity in SEVERITIES
    assert all(
        sentence[0].isupper() and sentence[-1] in ".”?" for sentence in (check.why, check.mend, *check.checklist)
    )
    assert 0 < len(check.label) <= 70
    assert check.source
    assert any(check.look(words) for words in (TOO_LONG, *(text.words for text in BAD)))
    assert [str(text) for text in GOOD if check.look(text.words)] == []


def test_no_two_checks_have_a_name_or_a_sentence_in_common():
    for said in ("name", "label", "why"):
        assert len({getattr(check, said) for check in CHECKS}) == len(CHECKS)


def test_what_may_identify_somebody_asks_the_questions_on_naming_people():
    asked = {check.name for check in CHECKS if check.checklist}
    assert {"names-before-charge", "victim-named", "suspects-street", "school-of-a-child"} <= asked
    assert {check.severity for check in CHECKS if check.checklist} == {WANTS_REASON}


# --- The texts ---


def test_there_are_at_least_thirty_of_each_and_all_kinds_among_them():
    assert min(len(GOOD), len(BAD)) >= 30
    for texts in (GOOD, BAD):
        assert {text.words.alert_type for text in texts} == set(ALERT_TYPES)


@pytest.mark.parametrize("text", GOOD, ids=str)
def test_nothing_stands_in_the_way_of_a_good_alert(text):
    assert names(text.words) == set()


@pytest.mark.parametrize("text", BAD, ids=str)
def test_a_bad_alert_is_caught_for_what_is_wrong_with_it_and_nothing_else(text):
    assert names(text.words) == set(text.catches)


# --- Single sentences: the same words, fine and not ---


@pytest.mark.parametrize(
    ("check", "text"),
    [
        ("names-before-charge", "Officers detained Zbigniew Kozak outside the shop on Monday."),
        ("names-before-charge", "Adam Green, 22, was arrested on Friday."),
        ("names-before-charge", "We arrested a man on Monday. He is Mohammed Al-Rashid of Mitcham."),
        ("names-before-charge", "Mr Patel is a suspect in the theft."),
        ("names-before-charge", "Siobhán O’Neill was questioned about the fire and has not been charged."),
        ("names-before-charge", "Tyrone was taken into custody on Saturday."),
        ("names-before-charge", "Anne-Marie van den Berg remains in custody."),
        ("names-before-charge", "Ryan Doyle, 24, was held on suspicion of theft."),
        ("victim-named", "The victim, Joan Carter, told us that she never heard a thing."),
        ("victim-named", "Mrs Begum was scammed out of £9,000."),
        ("child-named", "Fourteen-year-old Kai Thomas was arrested on Sunday."),
        ("child-named", "Kai Thomas (14) pleaded guilty at Wimbledon Youth Court."),
        ("child-named", "Ryan Doyle, a schoolboy, was charged with theft."),
        ("child-named", "A girl, Ella Price, 12, gave evidence at the trial."),
        ("suspects-street", "A man, 45, from Haydons Road has been arrested."),
        ("school-of-a-child", "A 13-year-old from Ursuline High School was assaulted on her way home."),
        ("guilt-before-conviction", "Officers have arrested those responsible for the burglaries."),
        ("guilt-before-conviction", "Drug dealers arrested in dawn raid"),
        ("guilt-before-conviction", "The man who has been breaking into your cars is now in custody."),
        ("record-in-live-case", "The suspect has a criminal record going back to 2009."),
        ("origin-without-purpose", "The suspect is a black male."),
        ("origin-without-purpose", "Look out for a gang of eastern European men who steal tools."),
        ("origin-without-purpose", "The man arrested is an asylum seeker."),
        ("phone-number", "Call +44 7911 123456."),
        ("phone-number", "Call 020-8545-1234."),
        ("email-address", "Write to pc.jones@hotmail.co.uk please."),
        ("number-plate", "A silver VW Golf, AB12 CDE, was used."),
        ("number-plate", "The van (fg65hjk) drove off."),
        ("number-plate", "It has the registration number BOB 1."),
        ("postcode", "It was taken from a drive in KT6 7QX."),
        ("postcode", "It was near sw19 2hr at night."),
        ("house-number", "A garage behind 7a Clarence Avenue was forced."),
        ("house-number", "The occupier of Flat 2, 118 Haydons Road was out."),
        ("date-of-birth", "DOB 12/03/1988."),
        ("unfilled-gap", "Please contact [insert contact] for more."),
        ("unfilled-gap", "Dear ______, we write about your street."),
        ("unfilled-gap", "Meet us on DD/MM/YYYY at the library."),
        ("unfilled-gap", "Hello %%FIRST_NAME%%, here is the news."),
        ("assistants-words", "Would you like me to turn this into a poster?"),
        ("assistants-words", "As an AI language model, I cannot verify this."),
        ("report-by-reply", "If you saw anything, just reply to this email."),
        ("child-named", "The boy, named as Kieran Jones, has been charged with robbery."),
        ("child-named", "A 16-year-old, named locally as Kieran Jones, appeared in court."),
        ("child-named", "A 15 year old called Kieran was arrested."),
        ("child-named", "A 15-year-old boy called Kieran Jones was arrested"),
        ("child-named", "A boy aged 15, called Zbigniew, was arrested."),
        ("child-named", "A girl, 14, who was named as Ella Price, was charged."),
        ("child-named", "Kieran Jones is 15. Officers arrested him on Friday."),
        ("names-before-charge", "Zbigniew Kozak is 34. We have since arrested him."),
        ("names-before-charge", "Police arrested a man named locally as Zbigniew."),
        ("names-before-charge", "J Smith, 34, was arrested."),
        ("names-before-charge", "J.K. Smith, 34, was arrested."),
        ("names-before-charge", "JOHN SMITH: two more arrested"),
        ("names-before-charge", "John Smith was nicked."),
        ("names-before-charge", "John Smith has been lifted by officers."),
        ("victim-named", "The victim was a woman called Mary Jones who was raped in Morden."),
        ("victim-named", "The victim, known to friends as Zbigniew, was stabbed."),
        ("phone-number", "[Ring John](tel:07700900123)."),
        ("phone-number", "Ring 07700.900.123."),
        ("phone-number", "Ring 07700–900–123."),
        ("phone-number", "Ring 07700\u2011900\u2011123."),
        ("phone-number", "Ring 0044 7700 900123."),
        ("phone-number", "Ring 07700 / 900123."),
        ("phone-number", "Ring 020 8274 4945 for Merton Council."),
        ("email-address", "[Write to PC Malik](mailto:john.smith@gmail.com)."),
        ("email-address", "[Write to us](mailto:john.smith%40gmail.com)."),
        ("unfilled-gap", "Come to [venue] at [XX]."),
        ("unfilled-gap", "Ask for [NAME]."),
        ("report-by-reply", "Reply with any footage you have."),
        ("report-by-reply", "Please reply with any footage."),
        ("report-by-reply", "If you saw anything, reply."),
        ("report-by-reply", "Respond to us with what you know."),
        ("report-by-reply", "Tell us by answering this email."),
        ("short-link", "Look at [our survey](https://bit.ly/3xYzAbc)."),
        ("short-link", "Look at tinyurl.com/morden."),
        ("many-exclamation-marks", "Wow! Great turnout! Thank you! See you soon!"),
        ("vague-link", "To take part, [Click here](https://www.met.police.uk/)."),
        ("misleading-link", "Go to [met.police.uk](https://www.merton.gov.uk/)."),
        ("unknown-site", "See [our stall](https://notpolice.uk/)."),
        ("unknown-site", "See [the site](http://www.met.police.uk/)."),
    ],
)
def test_it_is_caught_in_other_words(check, text):
    assert in_body(text) == {check}


@pytest.mark.parametrize(
    ("address", "is_known"),
    [("http://localhost:5071/events/4", True), ("http://localhost:5071", True), ("http://localhost:50711/x", False)],
)
def test_our_own_pages_are_known(address, is_known):
    words = Words(TITLE, f"Book at [our page]({address}).", "meetings", site="http://localhost:5071")
    assert ("unknown-site" not in names(words)) is is_known


@pytest.mark.parametrize(
    "text",
    [
        "Two people were arrested after a Ford Transit was stopped on the A3.",
        "PC Daniel Osei arrested two people on suspicion of theft.",
        "PCs Tom Reed and Ann Lowe arrested a man.",
        "Inspector Hana Kobayashi, who led the arrests, said that people had helped.",
        "A man was arrested in Stoke Newington on suspicion of robbery.",
        "The Met’s Violence Suppression Unit arrested four people at the Notting Hill Carnival.",
        "A 15-year-old boy was arrested in Morden on suspicion of robbery.",
        "A 34-year-old man from Croydon was arrested.",
        "Lewis Carter, 41, was jailed for six years at Croydon Crown Court for robbing a 15-year-old boy.",
        "Kevin Marsh has been charged with burglary and will appear at Wimbledon Magistrates' Court on Friday.",
        "If you have been a victim of fraud, Victim Support can help.",
        "A burglar who was sentenced in May had taken 40 bikes.",
        "A black Audi was seen driving off after the theft.",
        "One suspect is Asian, in his forties, of large build and wore a blue coat.",
        "Our hate crime officers met Jewish families in Golders Green about security.",
        "Call 020 7230 1212, 0800 789 321 or +44 800 555 111.",
        "Write to sthelier.snt@met.police.uk or safer@merton.gov.uk.",
        "In 2026 Green Lane had few thefts, and on 12 May Central Road was closed.",
        "Take the 24 bus for 100 metres along the A24 to Central Road.",
        "We were at 20 St Helier homes, and at the 5 High Street shops.",
        "Crime reference 4107719/26, CAD 7214 of 6 November.",
        "Meet at 7pm in Christ Church Hall, 99 Christchurch Road, SW19 2NY.",
        "Never tell a caller your date of birth. He was born in Jamaica.",
        "Please reply to your invitation by 3 May.",
        "Please don’t reply to this email to report a crime.",
        "Let me know if you'd like to come along. Here is a draft of our plan for the park.",
        "Insert your card only after you have looked at the slot.",
        "Read about it on [met.police.uk](https://www.met.police.uk/cp/) or in [the minutes.pdf](https://www.gov.uk/a.pdf).",
        "A man called Crimestoppers and said where the suspect was.",
        "A neighbour called British Gas. Two people were arrested.",
        "A man from St Helier called Merton Council. Officers arrested him.",
        "Two people were arrested for dealing in class A drugs, and one on Vitamin D Lane.",
        "A man was seen with a bike. Officers arrested him near Morden Hall Park.",
        "Don't leave [valuables] in cars, or [sic] bikes by the [CCTV].",
        "Ring the Silver Line on 0800 4 70 80 90, or Childline on 0800 1111.",
        "Open 0930 - 1130 / 1400 - 1600, and from 05/06/2026.",
        "Never click, reply or ring back. If you reply, they know that your number works.",
        "Do not click on links, open files, reply, or ring them.",
        "Texts that ask you to reply with your bank details are scams.",
        "We will reply within a week, and the council’s reply was short.",
        "CCTV from the NHS and ANPR on the A3 helped the MPS, the BTP and TfL.",
    ],
)
def test_it_is_not_caught_in_innocent_words(text):
    assert in_body(text) == set()


@pytest.mark.parametrize(
    "way", ["Call 101.", "Call 999.", "Call 0800 555 111.", "Tell Crimestoppers.", "met.police.uk"]
)
def test_an_appeal_says_how_to_answer(way):
    assert in_body(f"Did you see it? {way}", "appeals") == set()
    assert in_body("Did you see it? Quote 01/7731101/26.", "appeals") == {"no-way-to-answer"}


@pytest.mark.parametrize(
    "title",
    [
        *("CCTV and ANPR on the A24", "PCSO and SNT: UK ASB week", "Free bike marking!"),
        *("SCAM ALERT: fake couriers", "POLICE APPEAL: can you help?"),
    ],
)
def test_acronyms_a_word_in_front_and_one_exclamation_mark_are_no_shouting(title):
    assert names(Words(title, "Come and see us.", "meetings")) == set()


@pytest.mark.parametrize("title", ["SCAM ALERT: FAKE COURIERS", "ALERT NOW", "SEE THIS NOW: fake couriers"])
def test_more_in_capitals_than_a_word_in_front_is_shouting(title):
    assert "capitals" in names(Words(title, "Come and see us.", "meetings"))


def test_what_was_called_out_is_quoted_from_the_beginning_of_a_word():
    [found] = findings(Words(TITLE, "Several people struggled in Central Road!!! Stay away.", "incidents"))
    assert found.found == ("struggled in Central Road!!!",)


def test_words_that_residents_do_not_know_are_named_with_what_to_write():
    [found] = findings(Words(TITLE, "The driver decamped after the RTC.", "incidents"))
    assert found.mend == "Write “ran off” for “decamped” and “crash” for “RTC”."


@pytest.mark.parametrize("number", ["020 8721 2718", "020 8721 2719"])
def test_the_team_s_own_number_and_address_need_no_reason(number):
    own = ("+44 20 8721 2718", "SNT@met.example.org")
    body = f"Ring {number}, or [write to us](mailto:snt@met.example.org)."
    found = names(Words(TITLE, body, "meetings", own=own))
    assert found == (set() if number.endswith("8") else {"phone-number"})


@pytest.mark.parametrize("alt", ["", " ", "image", "A photo", "IMG_2041.jpg", "Screenshot 2026-11-02", "DSC0001"])
def test_words_for_a_picture_say_what_it_shows(alt):
    assert names(Words(TITLE, "Is it yours?", "incidents", True, alt)) == {"picture-without-words"}
    assert names(Words(TITLE, "Is it yours?", "incidents", True, "A photo of a red bike")) == set()


# --- Names of people, and of places ---


@pytest.mark.parametrize("sentence", ["{} was arrested on Friday.", "On Friday we arrested {}, 27, of Mitcham."])
def test_nearly_every_name_beside_an_arrest_is_found(sentence):
    """Given names that the list knows, and such as it does not."""
    first, last = (lines(f"{kind}_names.txt") for kind in ("first", "last"))
    people = [f"{given} {name}" for given, name in zip(first, reversed(last), strict=False)]
    people += [f"{given} {name}" for name in last for given in ("Zbigniew", "Oyinkansola", "Thuy")]
    missed = [name for name in people if "names-before-charge" not in in_body(sentence.format(name))]
    assert len(missed) <= len(people) * 0.02, missed


def lines(file: str) -> list[str]:
    """The demo's names."""
    return (ROOT / "metengage" / "data" / "demo" / file).read_text(encoding="utf-8").strip().splitlines()


@pytest.mark.parametrize(
    "sentence",
    [
        "Two men were arrested in {0} on Friday.",
        "{0} officers arrested two people after burglaries in Morden, {0} and Mitcham.",
        "{0}: two people arrested",
    ],
)
def test_no_ward_is_taken_for_a_person(sentence):
    with open(ROOT / "metengage" / "data" / "wards.csv", encoding="utf-8", newline="") as file:
        wards = [row["ward_name"] for row in csv.DictReader(file)]
    assert [ward for ward in wards if in_body(sentence.format(ward))] == []


@pytest.mark.parametrize(
    "place",
    ["Elmers End", "Stoke Newington", "Carshalton Beeches", "Swiss Cottage", "Nine Elms", "Canary Wharf", "Honor Oak"],
)
def test_other_places_are_no_people_either(place):
    assert in_body(f"A man, 34, of {place}, was arrested between {place} and {place} station.") == set()


# --- What is found ---


def test_the_gravest_comes_first():
    bad = Words("WARNING BURGLARS ABOUT", "Maria Santos was robbed last night at 14 Green Lane.", "incidents")
    severities = [found.check.severity for found in findings(bad)]
    assert severities == [REFUSES, WANTS_REASON, WANTS_REASON, WARNS]


@pytest.mark.parametrize(
    ("words", "field", "found"),
    [
        (Words("Meet us in {WARD}", "Come along.", "meetings"), "title", ("{WARD}",)),
        (Words("Meet us in {WARD}", "At {TIME}.", "meetings"), "title", ("{WARD}", "{TIME}")),
        (Words("Meet us in Wandle", "**Where?** In sm4 6bt.", "meetings"), "body", ("sm4 6bt",)),
        (Words("Meet us in Wandle", "Come along.", "appeals"), "body", ("(no 101, police website or Crimestoppers)",)),
        (Words("Meet us in Wandle", "Come.", "meetings", has_picture=True), "picture", ("(no words)",)),
    ],
)
def test_a_finding_says_where_it_is_in_the_texts_own_words(words, field, found):
    [finding] = findings(words)
    assert (finding.field, finding.found) == (field, found)


@pytest.mark.parametrize(
    ("field", "part", "where"),
    [
        ("picture", "picture_alt", "in the picture’s description"),
        ("poster", "poster_name", "in the poster’s name"),
        ("story_title", "story_title", "in the story’s title"),
    ],
)
def test_all_that_residents_read_is_looked_at_and_it_says_where_it_was_found(field, part, where):
    words = "John Smith, 15, being arrested at 12 High Street: ring 07700 900123 {name}"
    found = findings(replace(Words(TITLE, "Come along.", "meetings", True, "A shop"), **{part: words}))
    assert {each.check.name for each in found} == {"child-named", "house-number", "phone-number", "unfilled-gap"}
    assert {(each.field, each.where) for each in found} == {(field, where)}


def test_what_is_found_in_two_places_names_both():
    [found] = findings(Words(TITLE, "It was in SM4 6BT.", "incidents", True, "A house in SM4 6BT"))
    assert (found.field, found.where) == ("body", "in the text and in the picture’s description")


def test_what_is_found_where_everybody_looks_needs_no_place():
    [found] = findings(Words("Theft in SM4 6BT", "It was in SM4 6BT.", "incidents"))
    assert (found.field, found.where) == ("title", "")


def test_a_reason_holds_only_while_what_was_found_is_the_same():
    was = findings(Words(TITLE, "Daniel Brown was arrested. Call 101.", "results"))[0]
    same = findings(Words("Another title", "Lock up. Daniel Brown was arrested.", "results"))[0]
    other = findings(Words(TITLE, "Daniel Brown was arrested for rape. Call 101.", "results"))[0]
    assert was.mark == same.mark
    assert was.mark != other.mark


def test_what_is_cut_short_still_counts_in_the_mark():
    sentence = f"Daniel Brown was arrested {'after a long day ' * 20}for "
    one, other = (findings(Words(TITLE, sentence + wrong, "results"))[0] for wrong in ("theft.", "rape."))
    assert one.found == other.found
    assert len(one.found[0]) <= shape.LONGEST_PLACE
    assert one.mark != other.mark


def test_the_same_place_is_named_once():
    assert findings(Words(TITLE, "SM4 6BT and SM4 6BT.", "incidents"))[0].found == ("SM4 6BT",)


# --- Whatever is typed ---


@pytest.mark.parametrize("text", NAUGHTY)
def test_nothing_that_anybody_pastes_stops_it(text):
    for words in (Words(text, text, "appeals"), Words(TITLE, f"Daniel {text} was arrested by {text}", "results")):
        assert all(found.found and found.mark for found in findings(replace(words, has_picture=True, picture_alt=text)))


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=200), st.text(max_size=200), st.sampled_from(["", *ALERT_TYPES]))
def test_nothing_that_anybody_types_stops_it(title, body, alert_type):
    assert all(found.field in ("title", "body", "picture") for found in findings(Words(title, body, alert_type)))


@pytest.mark.parametrize(
    "piece",
    [*"aA 0[]({<_*`!.\n'", "> ", "# ", "- ", "a@", "a.", "Ab ", "AB ", "0 7 ", "[a](", "[a][b] ", "+44 ", "Mr "]
    + ["He was arrested. ", "Daniel Brown was arrested. ", "thief a ", "man from Green ", "14 Green ", "15-year-old "]
    + ["insert the ", "by replying to this email ", "white man stole ", "a man who stole ", "library a "]
    + ["[name ", "0/", "00 4", "J. ", "named as ", "a man called Ab ", "not reply, ", "a! ", "AB: a\n", "boy aged 15, "]
    + ["Ab. him arrested ", "[a](tel:07700900123) ", "bit.ly/a "],
)
def test_a_hundred_thousand_characters_take_a_moment_and_are_refused(piece):
    words = Words(TITLE, (piece * LONG)[:LONG], "appeals")
    began = time.process_time()
    found = findings(words)
    assert time.process_time() - began < 0.4
    assert "too-long-to-look-at" in {each.check.name for each in found}

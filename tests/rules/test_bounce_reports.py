"""Messages that come back: what they report and whose they are; nothing that is in them can break the reading."""

import random
import time

import pytest
from hypothesis import given
from hypothesis import settings as given_settings
from hypothesis import strategies as st

from metengage import envelopes, reports
from metengage.models import Delivery
from metengage.reports import Report
from tests import returned
from tests.conftest import NOW

MINE = Delivery(id=7, kind="alert", created_at=NOW)
OTHERS = Delivery(id=8, kind="alert", created_at=NOW)
VERDICTS = {
    "exchange": ("hard", "5.1.10"),
    "exim": ("hard", "5.1.1"),
    "exim_plain": ("hard", ""),
    "gmail": ("hard", "5.1.1"),
    "holiday": (None, ""),
    "letter": (None, ""),
    "outlook_complaint": ("complaint", ""),
    "postfix": ("hard", "5.1.1"),
    "postfix_delayed": (None, ""),
    "qmail": ("hard", "5.1.1"),
    "receipt": (None, ""),
    "yahoo_complaint": ("complaint", ""),
}


@pytest.fixture(autouse=True)
def _key(settings):
    """Tags are made with the key of the settings."""


def read(raw: bytes, return_path: str = "") -> tuple:
    report = reports.read(raw, return_path)
    return report.delivery_id, report.kind, report.code


# --- What ---


@pytest.mark.parametrize("name", returned.NAMES)
def test_each_format_is_understood(name):
    assert read(returned.letter(name, MINE)) == (7, *VERDICTS[name])


@pytest.mark.parametrize("name", returned.NAMES)
def test_each_format_is_understood_with_the_line_ends_of_mail(name):
    assert read(returned.letter(name, MINE).replace(b"\n", b"\r\n")) == (7, *VERDICTS[name])


@pytest.mark.parametrize(
    ("status", "words", "kind"),
    [
        ("5.2.2", "552 5.2.2 The email account that you tried to reach is over quota", "soft"),
        ("5.7.1", "550 5.7.1 Unfortunately, messages from [192.0.2.1] weren't sent (S3140)", "soft"),
        ("4.4.7", "Message expired", "soft"),
        ("5.1.1 (bad destination mailbox address)", "", "hard"),
        ("", "550 No such user here", "hard"),
        ("", "", "soft"),
    ],
)
def test_a_delivery_report_is_judged_by_its_code_and_words(status, words, kind):
    assert reports.read(returned.dsn(MINE, status, words)).kind == kind


@pytest.mark.parametrize("action", ["delayed", "delivered", "relayed", "expanded", "DELAYED (4 hours)"])
def test_a_report_of_anything_but_failure_is_nothing(action):
    assert read(returned.dsn(MINE, "5.1.1", action=action)) == (7, None, "")


def test_an_old_server_may_call_a_failure_otherwise():
    assert reports.read(returned.dsn(MINE, "5.1.1", action="Failed (given up)")).kind == "hard"
    assert reports.read(returned.dsn(MINE, "5.1.1", action="error")).kind == "hard"
    assert reports.read(returned.dsn(MINE, "5.1.1").replace(b"Action: failed\n", b"")).kind == "hard"


@pytest.mark.parametrize(("action", "status", "kind"), [("relayed", "2.1.5", None), ("failed", "4.2.2", "soft")])
def test_of_several_recipients_the_mildest_counts(action, status, kind):
    second = f"\n\nFinal-Recipient: rfc822; bryn@example.org\nAction: {action}\nStatus: {status}\n\n--4XrB7"
    raw = returned.letter("postfix", MINE).replace(b"\n\n--4XrB7", second.encode(), 3)
    assert reports.read(raw).kind == kind


@pytest.mark.parametrize("feedback", ["not-spam", "auth-failure", "Not-Spam "])
def test_not_every_feedback_is_a_complaint(feedback):
    raw = returned.letter("yahoo_complaint", MINE).replace(b"Type: abuse", f"Type: {feedback}".encode())
    assert read(raw) == (7, None, "")


@pytest.mark.parametrize("feedback", ["fraud", "virus", "other", "opt-out", "something-new"])
def test_every_other_feedback_is(feedback):
    raw = returned.letter("yahoo_complaint", MINE).replace(b"Type: abuse", f"Type: {feedback}".encode())
    assert read(raw) == (7, "complaint", "")


def test_a_report_of_nothing_but_empty_lines_is_read_at_once():
    began = time.monotonic()
    read(b"From: mailer-daemon@example.com\nX-Failed-Recipients: a@example.org\n" + b"\n" * 60_000)
    assert time.monotonic() - began < 5


def test_a_full_mailbox_in_a_format_of_its_own_is_soft():
    raw = returned.letter("qmail", MINE)
    full = raw.replace(b"Sorry, no mailbox here by that name. (#5.1.1)", b"Mailbox is full. (#5.2.2)")
    assert read(full) == (7, "soft", "5.2.2")


def test_what_we_wrote_ourselves_decides_nothing():
    raw = returned.letter("exim_plain", MINE).replace(b"Unrouteable address", b"retry timeout exceeded")
    quoted = raw.replace(b"Two mopeds", b"User unknown 5.1.1. Two mopeds")
    assert read(quoted) == (7, "soft", "")


def test_somebody_who_quotes_a_bounce_to_us_bounces_nothing():
    raw = returned.letter("holiday", MINE) + returned.letter("qmail", MINE).partition(b"\n\n")[2]
    assert read(raw) == (7, None, "")


# --- Whose ---

FOREIGN = "<20261122120000.1.0123456789abcdef0123.alert@elsewhere.example>"
NOBODYS = "bounces@engage.example.org"


@pytest.mark.parametrize("name", returned.NAMES)
def test_it_is_known_by_its_message_id_alone(name):
    assert reports.read(returned.letter(name, MINE, return_path=NOBODYS)).delivery_id == 7


@pytest.mark.parametrize("name", ["postfix", "exim", "gmail", "qmail", "yahoo_complaint", "holiday"])
def test_it_is_known_by_its_return_path_alone(name):
    assert reports.read(returned.letter(name, MINE, message_id=FOREIGN)).delivery_id == 7


@pytest.mark.parametrize("name", returned.NAMES)
def test_it_is_known_by_the_address_that_the_mail_server_tells(name):
    raw = returned.letter(name, MINE, message_id=FOREIGN, return_path=NOBODYS)
    assert reports.read(raw).delivery_id is None
    assert reports.read(raw, envelopes.of(7, "alert").return_path).delivery_id == 7
    assert reports.read(raw, envelopes.of(7, "alert").return_path.upper()).delivery_id == 7


def test_the_return_path_counts_before_the_message_id():
    others = envelopes.of(8, "alert").message_id
    assert reports.read(returned.letter("postfix", MINE, message_id=others)).delivery_id == 7


def test_the_address_that_it_was_sent_to_counts_before_any_within():
    raw = returned.letter("exchange", OTHERS)
    assert reports.read(raw, envelopes.of(7, "alert").return_path).delivery_id == 7


@pytest.mark.parametrize("name", returned.NAMES)
def test_a_tag_that_is_made_up_is_nobodys(name):
    forged_path = envelopes.of(7, "alert").return_path.replace("+7-", "+8-")
    forged_id = envelopes.of(7, "alert").message_id.replace("<7.", "<8.")
    raw = returned.letter(name, MINE, message_id=forged_id, return_path=forged_path)
    assert reports.read(raw, forged_path) == Report(None)


def test_tags_in_words_that_are_encoded_are_found():
    raw = returned.letter("exim_plain", MINE)
    head, _, body = raw.partition(b"\n\n")
    encoded = body.replace(b".alert@", b".al=\nert@")
    assert read(head + b"\nContent-Transfer-Encoding: quoted-printable\n\n" + encoded) == (7, "hard", "")


# --- Hostile ---


def nested(line: str, times: int) -> bytes:
    return "".join(line.format(n=n) for n in range(times)).encode()


HOSTILE = {
    "nothing": b"",
    "garbage": random.Random(1).randbytes(100_000),
    "zeros": bytes(100_000),
    "huge": b"From: mailer-daemon@x\n\n" + b"x" * 10_000_000,
    "messages within messages": nested("Content-Type: message/rfc822\n\n", 8000),
    "parts within parts": nested("Content-Type: multipart/mixed; boundary={n}\n\n--{n}\n", 5000),
    "some parts and many lines": nested("Content-Type: multipart/mixed; boundary={n}\n\n--{n}\n", 49)
    + b"--x\n" * 60_000,
    "reports within reports": nested("Content-Type: multipart/report; boundary={n}\n\n--{n}\n", 20)
    + nested("Content-Type: message/delivery-status\n\nAction: failed\n\n", 4000),
    "no boundary": b"Content-Type: multipart/report; report-type=delivery-status\n\nAction: failed\n",
    "empty report": b"Content-Type: message/delivery-status\n\n",
    "empty complaint": b"Content-Type: message/feedback-report\n\n",
    "odd characters": b"Content-Type: text/plain; charset=klingon\nContent-Transfer-Encoding: base64\n\n\xff\xfe=*",
    "many headers": nested("X-{n}: a\n", 30_000),
    "many at signs": b"To: x\n\n" + b"@ " * 130_000,
    "long lines": b"Hi. This is the qmail\nThe following addresses had\n" + b"<" * 250_000,
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_nothing_hostile_breaks_it_or_holds_it_up(name):
    began = time.monotonic()
    alone, ours = reports.read(HOSTILE[name]), reports.read(HOSTILE[name], envelopes.of(7, "alert").return_path)
    assert alone == Report(None)
    assert ours.kind in (None, "soft")
    assert time.monotonic() - began < 20


def test_a_letter_about_boundaries_is_read_like_any_other():
    raw = returned.letter("exim", MINE).replace(b"Two mopeds", b"New boundary, old boundary. " * 100)
    assert read(raw) == (7, "hard", "5.1.1")


def test_a_report_with_a_huge_letter_in_it_is_read():
    raw = returned.letter("exim", MINE).replace(b"Two mopeds", b"x" * 5_000_000)
    assert read(raw) == (7, "hard", "5.1.1")


@given(st.binary(max_size=2000))
@given_settings(max_examples=200, deadline=None)
def test_no_bytes_break_it(raw):
    assert reports.read(raw) == Report(None)


@given(st.sampled_from(returned.NAMES), st.lists(st.tuples(st.floats(0, 1), st.binary(max_size=40)), max_size=6))
@given_settings(max_examples=400, deadline=None)
def test_no_damage_breaks_it_or_makes_it_somebody_elses(name, wounds):
    raw = returned.letter(name, MINE)
    for place, weapon in wounds:
        cut = int(place * len(raw))
        raw = raw[:cut] + weapon + raw[cut + len(weapon) :]
    report = reports.read(raw)
    assert report.delivery_id in (7, None)
    assert report.kind in ("hard", "soft", "complaint", None)

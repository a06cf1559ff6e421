"""An email compiled once and filled for each person: the same message as one built for that person alone."""

import json
import re
from binascii import a2b_qp
from email import message_from_bytes, policy
from email.headerregistry import Address
from email.message import EmailMessage

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from markupsafe import escape

from metengage import areas, envelopes, letters, mail, mailings
from metengage.letters import Letter, marks
from metengage.models import Alert, Delivery, Resident
from metengage.stencils import SOFT_BREAK, Stencil, link, ready
from tests import cast, services
from tests.conftest import NOW, shared

NAUGHTY = json.loads(shared("blns.json").read_text(encoding="utf-8"))
MARKS = marks("why", "preferences_url", "unsubscribe_url")
UNSUBSCRIBE = {"List-Unsubscribe": f"<{MARKS['unsubscribe_url']}>"}
LINKS = {"preferences_url": "https://example.org/preferences/a", "unsubscribe_url": "https://example.org/unsubscribe/b"}
BREAKS = "\r\n\v\f\x1c\x1d\x1e\x85\u2028\u2029"
AWKWARD = [
    ".", "..", ".\n", "\n.", "\n.\n", "\r", "\r\n", "\n\r", "\r.\r", "=", "=20", "=\n", " \n", "\t\n", "From me\n",
    "x" * 998, "x" * 76, "x" * 75, "é" * 2000, "." * 90, " " * 80, "😀" * 30, "👩‍👩‍👧", "שלום עליכם", "مرحبا\u202e",
    "\u2028", "\x85", "\x0b", "\x00", "&<>\"'", "{{ x }}", "=?utf-8?q?x?=", "--", "markwhy", "\ufeff", "e\u0301",
]  # fmt: skip
WORDS = st.text(st.characters(codec="utf-8"), max_size=120) | st.sampled_from(AWKWARD) | st.sampled_from(NAUGHTY)
BODIES = st.lists(st.one_of(WORDS, st.sampled_from(list(MARKS.values()))), max_size=12).map("".join)
LINE = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Zl", "Zp"]), max_size=150)
TOKENS = st.text("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.~", min_size=1, max_size=300)
ADDRESSES = st.one_of(st.emails(), st.sampled_from(["o'neil+police@example.org", f"{'a' * 64}@{'b' * 60}.example.org"]))


@pytest.fixture(autouse=True)
def _within(built):
    with built.app_context():
        yield


def letter(text: str = "", html: str = "", subject: str = "Mopeds stolen", **headers: str) -> Letter:
    sender = str(Address("St Helier team", addr_spec="alerts@example.org"))
    return Letter(subject, text, html, sender, UNSUBSCRIBE | headers, MARKS, 1_795_348_800.0)


def to(address: str = "amara@example.org", number: int = 7) -> Delivery:
    return Delivery(id=number, kind=Delivery.ALERT, resident=Resident(email=address))


def filled(letter: Letter, delivery: Delivery, values: dict[str, str]) -> bytes:
    """As it goes over the wire."""
    return fill(letter.cut(), delivery.address, envelopes.of(delivery.id, delivery.kind).message_id, values)


def fill(stencil: Stencil, address: str, message_id: str, values: dict[str, str]) -> bytes:
    return stencil.fill(address, message_id, {name: ready(text) for name, text in values.items()})


def received(data: bytes) -> bytes:
    """What a mail server has of it: without the dots that were added for the way."""
    return re.sub(rb"(?m)^\.", b"", data)


def parsed(data: bytes) -> EmailMessage:
    return message_from_bytes(data, policy=policy.strict)


def tree(message: EmailMessage) -> list:
    """All that a reader can tell of a message: each part's headers and words, without the boundaries."""
    headers = [(name, re.sub(r'boundary="[^"]*"', "", str(value))) for name, value in message.items()]
    if message.is_multipart():
        return [headers, [tree(part) for part in message.iter_parts()]]
    return [headers, re.sub("\r\n?", "\n", message.get_content())]


def are_the_same(letter: Letter, delivery: Delivery, values: dict[str, str]) -> None:
    data = filled(letter, delivery, values)
    assert tree(parsed(received(data))) == tree(parsed(mail.as_bytes(letter.to(delivery, values))))
    is_fit_for_the_wire(data)


def is_fit_for_the_wire(data: bytes) -> None:
    assert data.isascii()
    assert data.endswith(b"\r\n")
    assert not re.search(rb"(?<!\r)\n|\r(?!\n)", data)
    assert all(line.startswith(b"..") for line in data.split(b"\r\n") if line.startswith(b"."))
    message = parsed(received(data))
    bodies = [part.get_payload() for part in message.walk() if not part.is_multipart()]
    assert max(len(line) for body in bodies for line in body.splitlines() or [""]) <= 76
    assert max(len(line) for line in data.split(b"\r\n")) <= 998
    assert not any(mark.encode() in data for mark in MARKS.values())


# --- The same message ---

often = settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@often
@given(text=BODIES, html=BODIES, why=WORDS)
@example(text=f"{MARKS['why']}.\n", html=f".{MARKS['why']}", why=".")
@example(text="x", html="00=00=ࠀࠀ𐀀𐀀𐀀0000000000 \n", why="x")
@example(text="x", html="=00\x80\x80\x80\x80𐀀0000000000000000000000000000000000 \n", why="x")
@example(text=f"{'x' * 75}{MARKS['why']}", html=f"{'x' * 76}{MARKS['why']}{MARKS['why']}", why="x" * 76)
def test_whatever_stands_in_bodies_and_values_it_is_the_message_built_plainly(text, html, why):
    are_the_same(letter(text, html), to(), LINKS | {"why": why})


@often
@given(address=ADDRESSES, number=st.integers(1, 10**15), preferences=TOKENS, unsubscribe=TOKENS)
def test_whoever_it_is_to_it_is_the_message_built_plainly(address, number, preferences, unsubscribe):
    own = {"preferences_url": f"https://a.org/{preferences}", "unsubscribe_url": f"https://a.org/{unsubscribe}"}
    body = f"{MARKS['why']}\n\n{MARKS['preferences_url']}\n{MARKS['unsubscribe_url']}\n"
    are_the_same(letter(body, f'<a href="{MARKS["unsubscribe_url"]}">x</a>'), to(address, number), own | {"why": "x"})


@often
@given(begin=st.text("az:/.&'=?-", max_size=200), end=st.text("aZ09-_.", max_size=200))
def test_a_link_in_two_parts_is_the_link_in_one(begin, end):
    whole = link(begin)(end)
    assert whole.header == f"{begin}{end}".encode()
    for form, expected in ((whole.text, begin + end), (whole.html, str(escape(begin + end)))):
        lines = b"x" + SOFT_BREAK + form + SOFT_BREAK  # as a gap has it
        assert max(map(len, lines.splitlines())) <= 76
        assert a2b_qp(received(lines)).decode() == f"x{expected}"


@often
@given(subject=LINE, name=LINE, team=LINE)
def test_whatever_stands_in_the_headers_it_is_the_message_built_plainly(subject, name, team):
    written = letter("a\n", "<p>a</p>\n", subject, **{"List-Id": f'"{name}" <a.example.org>', "X-Team": f"x{team}"})
    are_the_same(written, to(), LINKS | {"why": "x"})


def test_strings_that_are_known_for_trouble():
    for start in range(0, len(NAUGHTY), 10):
        some = NAUGHTY[start : start + 10]
        words = f"\n{MARKS['why']}".join(some)
        for value in some[::3]:
            are_the_same(letter(f"{words}\n", f"<p>{words}</p>"), to(), LINKS | {"why": value})


def test_a_real_alert_to_random_residents(app):
    text = "Two **mopeds**.\n\n.dots\n\n" + "long " * 400
    alert = Alert.get_by_id(services.draft(title="Mopeds – “stolen” 😀", body=text).id)
    alert.sending_at = NOW
    written = mailings.alert(alert, [cast.resident("Amara").home])
    for name, number in (("Amara", 1), ("Bryn", 2), ("Dov", 3)):
        resident = cast.resident(name)
        values = mailings.sample_values(alert, [resident.home]) | letters.personal_links(resident, alert.id)
        delivery = Delivery(id=number, kind=Delivery.ALERT, resident=cast.resident(name))
        data = filled(written, delivery, values)
        assert tree(parsed(received(data))) == tree(parsed(mail.as_bytes(written.to(delivery, values))))


def test_a_team_may_have_a_name_that_is_not_ascii(app):
    alert = services.draft()
    alert.team.name = "Zoë’s team"
    written = mailings.alert(alert, areas.named([cast.ST_HELIER, cast.RAVENSBURY]))
    message = parsed(
        received(filled(written, to(), LINKS | {"why": "", "note": "", "rate_url": "x", "answer_url": "x"}))
    )
    assert "Zoë’s team" in message["List-Id"]


# --- Nobody else's, and nothing else ---


@given(values=st.lists(st.text("abcdef", min_size=12, max_size=12), min_size=2, max_size=5, unique=True))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_what_is_another_residents_never_appears(values):
    stencil = letter(f"{MARKS['why']} {MARKS['preferences_url']}", MARKS["why"]).cut()
    for own in values:
        links = dict.fromkeys(LINKS, f"https://example.org/{own}")
        data = received(fill(stencil, f"{own}@example.org", f"<{own}@example.org>", links | {"why": own}))
        words = data.decode() + "".join(str(tree(parsed(data))))
        assert own in words
        assert not any(other in words for other in values if other != own)


def test_the_marks_differ_from_letter_to_letter_and_nobody_can_write_one():
    assert not set(marks("why", "name").values()) & set(marks("why", "name").values())
    are_the_same(letter("markwhy mark {why}", "markwhy"), to(), LINKS | {"why": "markwhy"})


@pytest.mark.parametrize("line_break", BREAKS)
@pytest.mark.parametrize("where", ["to", "message_id", "unsubscribe_url"])
def test_a_value_with_a_line_break_does_not_get_into_a_header(where, line_break):
    values = LINKS | {"why": "", "to": "amara@example.org", "message_id": "<1@example.org>"}
    values[where] += f"{line_break}Bcc: everybody@example.org"
    with pytest.raises(ValueError, match="cannot stand in a header"):
        fill(letter().cut(), values.pop("to"), values.pop("message_id"), values)


@pytest.mark.parametrize("line_break", [*BREAKS, "\r\n"])
def test_what_is_written_with_a_line_break_makes_no_other_header(line_break):
    sneaky = f"a{line_break}Bcc: everybody@example.org"
    for written in (letter(subject=sneaky), letter(**{"X-Team": sneaky})):
        try:
            message = parsed(received(filled(written, to(), LINKS | {"why": "", "note": ""})))
        except ValueError:
            continue
        assert message["Bcc"] is None


def test_a_header_takes_what_is_not_ascii_from_nobody():
    with pytest.raises(ValueError, match="not ASCII"):
        fill(letter().cut(), "é@example.org", "<1@example.org>", LINKS | {"why": ""})


def test_the_link_to_unsubscribe_is_never_folded():
    link = "https://example.org/" + "a" * 700
    data = filled(letter("a", "a"), to(), LINKS | {"why": "", "unsubscribe_url": link})
    assert f"\r\nList-Unsubscribe: <{link}>\r\n".encode() in data


def test_a_dot_after_a_value_in_a_header_is_one_dot():
    written = letter("a", "a", **{"Feedback-ID": f"{MARKS['why']}.metengage"})
    assert parsed(received(filled(written, to(), LINKS | {"why": "x"})))["Feedback-ID"] == "x.metengage"


def test_values_are_escaped_in_html_and_only_there():
    written = letter(MARKS["why"], f"<p>{MARKS['why']}</p>")
    message = parsed(received(filled(written, to(), LINKS | {"why": "<b>&\"'"})))
    assert services.text_of(message) == "<b>&\"'"
    assert services.html_of(message) == "<p>&lt;b&gt;&amp;&#34;&#39;</p>"

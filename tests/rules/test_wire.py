"""The fast sender: one receipt for each email that was begun, whatever the server does, and each email whole."""

import smtplib
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from metengage import wire
from metengage.wire import REFUSED, TAKEN, UNSENT, UNSURE, Channel, Parcel
from tests.rogue import BYTES, CLOSE, GLUED, HANG_UP, NEVER, SLEEP, WHOLE, Ask, Rogue, Say

PATIENCE = 0.5  # seconds
SOON = 10.0  # seconds: long enough for any of these
LARGE = 8_000_000  # bytes: more than what lies in buffers between two sockets
REFUSALS = {"RCPT": "550 5.1.1 no such mailbox", "DATA": "451 4.3.0 not now", "BODY": "554 5.6.0 not this"}


@pytest.fixture(autouse=True)
def short_of_patience(monkeypatch):
    monkeypatch.setattr(wire, "PATIENCE", PATIENCE)
    monkeypatch.setattr(wire, "LOOK", 0.03)


@pytest.fixture(params=[True, False], ids=["pipelined", "in step"])
def rogue(request) -> Iterator[Rogue]:
    """A server that pipelines, and one that does not; nothing wrong may have been said to either."""
    with Rogue(pipelines=request.param) as server:
        yield server
    assert server.wrongs == []


@contextmanager
def lines_to(server: Rogue, how_many: int) -> Iterator[list[smtplib.SMTP]]:
    lines = [smtplib.SMTP("127.0.0.1", server.port, timeout=SOON) for _ in range(how_many)]
    try:
        for line in lines:
            line.ehlo()
        yield lines
    finally:
        for line in lines:
            line.close()


def channel_on(line: smtplib.SMTP) -> Channel:
    return Channel(line.sock, line.has_extn("pipelining"))


def parcel(number: int, size: int = 0) -> Parcel:
    body = f"Subject: number {number}\r\n\r\n..a dot\r\n..\r\n{'x' * size}\r\n"
    return Parcel(number, f"bounces+{number}@example.org", f"to{number}@example.org", body.encode())


def carried(server: Rogue, how_many: int, over: int = 1, size: int = 0) -> list[wire.Receipt]:
    """Receipts for so many emails, over so many connections."""
    with lines_to(server, over) as lines:
        channels = [channel_on(line) for line in lines]
        return list(wire.carry(channels, iter([parcel(n, size) for n in range(how_many)]), time.monotonic() + SOON))


def fates(receipts: list[wire.Receipt]) -> dict[int, str]:
    assert len({each.parcel.row for each in receipts}) == len(receipts)
    return {each.parcel.row: each.fate for each in receipts}


def at(verb: str, number: int, answer: Say | str) -> Callable:
    """Say this when it comes to that email."""
    return lambda ask: answer if ask.verb == verb and f"+{number}@" in ask.sender else None


def are_whole(server: Rogue, size: int = 0) -> None:
    """Each email in its books has the envelope and the bytes that belong together."""
    for email in server.books:
        number = int(email.to.removeprefix("to").partition("@")[0])
        assert email.sender == f"bounces+{number}@example.org"
        assert email.data == f"Subject: number {number}\r\n\r\n.a dot\r\n.\r\n{'x' * size}\r\n".encode()


# --- All is well ---


@pytest.mark.parametrize("over", [1, 3, 8])
def test_it_hands_over_each_email_once(rogue, over):
    receipts = carried(rogue, 50, over)
    assert Counter(fates(receipts).values()) == {TAKEN: 50}
    assert len(set(rogue.taken_by)) == len(rogue.books) == 50
    are_whole(rogue)


@pytest.mark.parametrize("manner", [WHOLE, GLUED, BYTES])
@pytest.mark.parametrize("line_end", ["\r\n", "\n"])
def test_answers_may_come_cut_or_glued_and_with_any_line_end(rogue, manner, line_end):
    rogue.manner, rogue.line_end = manner, line_end
    assert Counter(fates(carried(rogue, 9, 2)).values()) == {TAKEN: 9}


@pytest.mark.parametrize("words", ["250 ", "250", "250 2.0.0 one\ntwo\nthree", "250 2.1.5 and\n2.0.0 mixed"])
def test_any_answer_that_says_yes_will_do(rogue, words):
    rogue.says = lambda ask: words if ask.verb in ("MAIL", "RCPT", "BODY", "RSET") else None
    assert Counter(fates(carried(rogue, 5)).values()) == {TAKEN: 5}


def test_a_large_email_arrives_whole(rogue, monkeypatch):
    monkeypatch.setattr(wire, "PATIENCE", SOON)
    assert fates(carried(rogue, 3, 2, size=LARGE)) == {0: TAKEN, 1: TAKEN, 2: TAKEN}
    assert {len(email.data) for email in rogue.books} == {len(parcel(0, LARGE).data) - 2}
    rogue.wrongs = [wrong for wrong in rogue.wrongs if "998" not in wrong]


def test_nothing_is_begun_after_its_time(rogue):
    with lines_to(rogue, 2) as lines:
        parcels = iter([parcel(0), parcel(1)])
        assert list(wire.carry([channel_on(line) for line in lines], parcels, time.monotonic())) == []
        assert [each.row for each in parcels] == [0, 1]


def test_where_the_server_pipelines_body_and_next_envelope_leave_at_once(rogue):
    carried(rogue, 20)
    assert rogue.waits < 2 * 20 if rogue.pipelines else rogue.waits >= 4 * 20


# --- It refuses one ---


@pytest.mark.parametrize("verb", REFUSALS)
def test_it_refuses_one_and_the_others_go_on(rogue, verb):
    rogue.says = at(verb, 2, REFUSALS[verb])
    receipts = carried(rogue, 6)
    assert fates(receipts) == {0: TAKEN, 1: TAKEN, 2: REFUSED, 3: TAKEN, 4: TAKEN, 5: TAKEN}
    refusal = receipts[2]
    assert f"{refusal.code} {refusal.words}" == REFUSALS[verb]
    assert refusal.is_about_recipient == (verb == "RCPT")
    are_whole(rogue)


@pytest.mark.parametrize("to_nobody", ["503 5.5.1 no one", "554 5.5.1 no valid recipients", "354 go on all the same"])
def test_whatever_it_says_to_data_after_a_refusal_the_refusal_counts(rogue, to_nobody):
    rogue.to_nobody = to_nobody
    rogue.says = lambda ask: REFUSALS["RCPT"] if ask.verb == "RCPT" and ask.place % 3 == 1 else None
    receipts = carried(rogue, 7)
    assert Counter(fates(receipts).values()) == {TAKEN: 5, REFUSED: 2}
    assert {each.code for each in receipts if each.fate == REFUSED} == {550}
    are_whole(rogue)


def test_it_refuses_everybody(rogue):
    rogue.says = lambda ask: REFUSALS["RCPT"] if ask.verb == "RCPT" else None
    assert Counter(fates(carried(rogue, 20, 3)).values()) == {REFUSED: 20}
    assert rogue.books == []


def test_its_words_name_nobody(rogue):
    rogue.says = at("RCPT", 0, "550-5.1.1 <to0@example.org>: no\n5.1.1 such user To0@Example.org")
    assert carried(rogue, 1)[0].words == "5.1.1 <(address)>: no 5.1.1 such user (address)"


# --- It ends the connection ---


@pytest.mark.parametrize("verb", ["MAIL", "RCPT", "DATA"])
@pytest.mark.parametrize("answer", [HANG_UP, NEVER, Say("421 4.3.2 closing", then=CLOSE), "what?"])
def test_before_the_body_it_is_known_not_to_be_sent(rogue, verb, answer):
    rogue.says = at(verb, 2, answer)
    receipts = carried(rogue, 5)
    assert fates(receipts) == {0: TAKEN, 1: TAKEN, 2: UNSENT}
    assert rogue.taken_by == ["to0@example.org", "to1@example.org"]


@pytest.mark.parametrize("takes", [True, False])
@pytest.mark.parametrize("answer", [Say("", then=CLOSE), Say("", then=SLEEP), Say("421 4.3.2 closing"), Say("what?")])
def test_after_the_body_nobody_can_know(rogue, answer, takes):
    answer = Say(answer.words, then=answer.then, takes=takes)
    rogue.says = at("BODY", 2, answer)
    assert fates(carried(rogue, 3)) == {0: TAKEN, 1: TAKEN, 2: UNSURE}
    assert len(rogue.books) == 2 + takes


def test_in_the_middle_of_the_body_it_is_known_not_to_be_sent(rogue):
    rogue.says = at("HALF", 0, HANG_UP)
    assert fates(carried(rogue, 3, size=LARGE)) == {0: UNSENT, 1: UNSENT}


def test_it_stops_reading_in_the_middle_of_the_body(rogue):
    rogue.says = at("HALF", 0, Say("", after=2 * PATIENCE, then=CLOSE))
    assert fates(carried(rogue, 3, size=LARGE)) == {0: UNSENT, 1: UNSENT}


def test_after_its_answer_the_answer_counts(rogue):
    rogue.says = at("BODY", 1, Say(then=CLOSE))
    found = fates(carried(rogue, 4))
    assert (found[0], found.get(2, UNSENT)) == (TAKEN, UNSENT)
    assert found[1] in (TAKEN, UNSURE)  # a reset connection may lose what was said on it
    assert len(rogue.books) == 2


def test_one_connection_ends_and_the_others_go_on(rogue):
    rogue.says = lambda ask: HANG_UP if ask.connection == 1 and ask.verb == "RCPT" else None
    found = fates(carried(rogue, 30, 3))
    assert Counter(found.values()) == {TAKEN: 29, UNSENT: 1}


def test_so_many_emails_a_connection_and_no_more(rogue):
    rogue.says = lambda ask: "421 4.7.0 enough" if ask.verb == "MAIL" and ask.place == 5 else None
    found = fates(carried(rogue, 30, 2))
    assert Counter(found.values()) == {TAKEN: 10, UNSENT: 2}


@pytest.mark.parametrize("words", ["550 5.7.1 not from you", "451 4.7.1 not now", "503 5.5.1 nested", "354 go on"])
def test_not_to_take_mail_from_us_is_no_refusal_of_an_email(rogue, words):
    rogue.says = lambda ask: words if ask.verb == "MAIL" and ask.place == 1 else None
    assert fates(carried(rogue, 5)) == {0: TAKEN, 1: UNSENT}


def test_rset_refused_ends_the_connection_and_loses_nothing(rogue):
    refused = at("RCPT", 1, REFUSALS["RCPT"])
    rogue.says = lambda ask: "502 5.5.1 no" if ask.verb == "RSET" else refused(ask)
    found = fates(carried(rogue, 4))
    assert (found[0], found[1], found.get(2, UNSENT)) == (TAKEN, REFUSED, UNSENT)


def test_a_refusal_counts_though_the_connection_ends_with_it(rogue):
    rogue.says = lambda ask: {"RCPT": "550 5.1.1 gone", "DATA": "421 4.7.0 too many errors"}.get(ask.verb)
    assert fates(carried(rogue, 3)) == {0: REFUSED} if rogue.pipelines else {0: REFUSED, 1: REFUSED, 2: REFUSED}


@pytest.mark.parametrize("verb", ["MAIL", "RCPT", "DATA", "BODY"])
def test_it_says_something_twice_and_no_answer_goes_to_another_email(rogue, verb):
    rogue.says = at(verb, 1, Say(twice=True))
    receipts = carried(rogue, 4)
    taken = [each.parcel.recipient for each in receipts if each.fate == TAKEN]
    unsure = [each.parcel.recipient for each in receipts if each.fate == UNSURE]
    assert set(taken) <= set(rogue.taken_by) <= {*taken, *unsure}


def test_who_says_nothing_is_left_and_not_heard_again(rogue):
    rogue.says = lambda ask: Say(after=2 * PATIENCE) if ask.connection == 0 and ask.verb == "MAIL" else Say(after=0.02)
    rogue.manner = BYTES  # its late answer comes in pieces
    found = fates(carried(rogue, 20, 2))
    assert Counter(found.values()) == {TAKEN: 19, UNSENT: 1}
    assert len(rogue.books) == 19


@pytest.mark.parametrize("after", [0.02, 1.8 * PATIENCE], ids=["it answered", "it stood still with us"])
def test_while_we_are_held_up_nobody_is_taken_for_silent(rogue, after):
    """Whoever commits the receipts may wait for the database, or the whole machine may stand still for a while."""
    rogue.says = lambda ask: Say(after=after if ask.connection and ask.verb == "BODY" and ask.place == 0 else 0.01)
    receipts = held_up(rogue, 4, map(parcel, range(12)))
    assert Counter(fates(receipts).values()) == {TAKEN: 12}


def held_up(server: Rogue, over: int, parcels: Iterator[Parcel]) -> list[wire.Receipt]:
    """Receipts, while whoever takes them stands still at the first of them, for longer than our patience."""
    receipts = []
    with lines_to(server, over) as lines:
        for receipt in wire.carry([channel_on(each) for each in lines], parcels, time.monotonic() + SOON):
            time.sleep(0 if receipts else 1.5 * PATIENCE)
            receipts.append(receipt)
    return receipts


def test_who_talks_on_and_on_without_an_answer_is_left():
    ours, theirs = socket.socketpair()
    with ours, theirs:
        talk = threading.Thread(target=talk_on, args=(theirs,), daemon=True)
        talk.start()
        receipts = list(wire.carry([Channel(ours, pipelines=True)], iter([parcel(0)]), time.monotonic() + SOON))
        theirs.shutdown(socket.SHUT_RDWR)
        talk.join(SOON)
    assert fates(receipts) == {0: UNSENT}


def talk_on(sock: socket.socket) -> None:
    with suppress(OSError):
        while True:
            sock.sendall(b"250-and\r\n")
            time.sleep(PATIENCE / 100)


def test_an_ended_channel_begins_nothing_more(rogue):
    rogue.says = lambda ask: Say(after=1.5 * PATIENCE) if ask.verb == "BODY" else None
    with lines_to(rogue, 1) as lines:
        channel = channel_on(lines[0])
        first = list(wire.carry([channel], iter([parcel(0)]), time.monotonic() + SOON))
        time.sleep(PATIENCE)
        again = list(wire.carry([channel], iter([parcel(1)]), time.monotonic() + SOON))
    assert (fates(first), again) == ({0: UNSURE}, [])


@pytest.mark.parametrize("verb", ["MAIL", "RCPT", "DATA", "BODY"])
def test_only_the_first_email_on_a_connection_is_suspected_of_ending_it(rogue, verb):
    rogue.says = at(verb, 0, HANG_UP)
    assert [each.is_suspect for each in carried(rogue, 2)][:1] == [True]
    rogue.says = at(verb, 1, HANG_UP)
    assert not any(each.is_suspect for each in carried(rogue, 3))


def test_meanwhile_is_called_while_the_server_is_slow(rogue):
    rogue.says = lambda ask: Say(after=0.12) if ask.verb == "BODY" else None
    calls = []
    with lines_to(rogue, 1) as lines:
        list(wire.carry([channel_on(lines[0])], iter([parcel(0)]), time.monotonic() + SOON, lambda: calls.append(1)))
    assert len(calls) >= 2


# --- Anything at all ---

ENDS = [HANG_UP, NEVER, Say(after=0.01), Say("421 4.3.2 closing", then=CLOSE)]
ANSWERS = [
    "450 4.2.1 busy", "550 5.1.1 gone", "552 5.3.4\ntoo large", "421 4.3.2 closing", "354 go on", "999", "?",
    Say(twice=True), Say(then=CLOSE), Say("", takes=True, then=CLOSE), *ENDS,
]  # fmt: skip
TROUBLES = st.dictionaries(
    st.tuples(st.sampled_from(["MAIL", "RCPT", "DATA", "BODY", "RSET"]), st.integers(0, 24)),
    st.sampled_from(ANSWERS),
    max_size=6,
)
# In the middle of a body it may end the connection; to refuse the email and then take it would be two answers.
HALVES = st.dictionaries(st.tuples(st.just("HALF"), st.integers(0, 24)), st.sampled_from(ENDS), max_size=2)
SERVERS = st.builds(
    dict,
    pipelines=st.booleans(),
    manner=st.sampled_from([WHOLE, GLUED, BYTES]),
    line_end=st.sampled_from(["\r\n", "\n"]),
    to_nobody=st.sampled_from(["503 no", "554 no", "354 yes"]),
)


def once(troubles: dict) -> Callable[[Ask], Say | str | None]:
    """Each trouble comes once, at an email or, for RSET, at a connection."""

    def says(ask: Ask) -> Say | str | None:
        number = ask.connection if ask.verb == "RSET" else int(ask.sender.partition("+")[2].partition("@")[0] or -1)
        return troubles.pop((ask.verb, number), None)

    return says


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(server=SERVERS, troubles=TROUBLES, halves=HALVES, over=st.integers(1, 8), lots=st.integers(1, 3))
def test_whatever_happens_each_email_has_one_fate_and_the_books_agree(
    monkeypatch, server, troubles, halves, over, lots
):
    monkeypatch.setattr(wire, "PATIENCE", PATIENCE / 5)
    fate_of, taken = {}, Counter()
    with Rogue(**server, says=once(troubles | halves)) as rogue:
        waiting = [parcel(number) for number in range(25)]
        for _ in range(40):
            waiting, receipts = some_carried(rogue, waiting, over, lots)
            fate_of |= {each.parcel.row: each.fate for each in receipts if each.fate != UNSENT}
            taken.update(each.parcel.recipient for each in receipts if each.fate == TAKEN)
            if not waiting:
                break
    unsure = Counter(parcel(row).recipient for row, fate in fate_of.items() if fate == UNSURE)
    assert sorted(fate_of) == list(range(25))
    assert rogue.wrongs == []
    assert not taken - Counter(rogue.taken_by)
    assert not Counter(rogue.taken_by) - taken - unsure
    are_whole(rogue)


def some_carried(rogue: Rogue, waiting: list[Parcel], over: int, lots: int) -> tuple[list, list[wire.Receipt]]:
    """(what still waits, receipts) after as many lots over the same connections, as rounds do it."""
    all_receipts = []
    with lines_to(rogue, over) as lines:
        for _ in range(lots):
            lot, later = waiting[: len(waiting) // lots + 1], waiting[len(waiting) // lots + 1 :]
            parcels, channels = iter(lot), [channel_on(line) for line in lines]
            receipts = list(wire.carry(channels, parcels, time.monotonic() + SOON))
            assert len({each.parcel.row for each in receipts}) == len(receipts)
            lines = [line for line, channel in zip(lines, channels, strict=True) if not channel.trouble]
            waiting = [*parcels, *[each.parcel for each in receipts if each.fate == UNSENT], *later]
            all_receipts += receipts
    return waiting, all_receipts

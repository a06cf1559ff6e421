"""Several mail servers in order of preference, encrypted and signed in; connections that are kept and looked at."""

import ssl
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import trustme

from metengage import mail, relays, wire
from metengage.mail import Broke, Email, Refused
from metengage.relays import RoadClosed
from tests.rogue import BYTES, CLOSE, GLUED, HANG_UP, NEVER, WHOLE, Rogue, Say

AUTHORITY = trustme.CA()
PAST = datetime.now(UTC) - timedelta(days=1)
NAME, PASSWORD = "metengage", "only for tests"
ADDRESSES = {"to": "amara@example.org", "sender": "alerts@example.org", "return_path": "bounces@example.org"}
EMAIL = Email(subject="Hello", text="Hello.\n", html="<p>Hello.</p>\n", message_id="<1@example.org>", **ADDRESSES)


def certificate(host: str = "localhost", authority: trustme.CA = AUTHORITY, not_after=None) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(host, not_after=not_after).configure_cert(context)
    return context


CERTIFICATES = {
    "expired": certificate(not_after=PAST),
    "of another host": certificate("elsewhere.example.org"),
    "of an authority that we do not know": certificate(authority=trustme.CA()),
}


@pytest.fixture(autouse=True)
def fresh(built, monkeypatch, tmp_path):
    """A process that has just started, and trusts this authority."""
    AUTHORITY.cert_pem.write_to_path(str(tmp_path / "authority.pem"))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "authority.pem"))
    monkeypatch.setattr(relays, "_resting", {})
    relays.hang_up()
    with built.app_context():
        yield
    relays.hang_up()


@pytest.fixture
def pair(settings, monkeypatch) -> Iterator[tuple[Rogue, Rogue]]:
    """Two mail servers; the first is preferred."""
    with Rogue() as first, Rogue() as second:
        monkeypatch.setattr(settings, "mail_server", f"localhost:{first.port}, localhost:{second.port}")
        yield first, second


@pytest.fixture
def only(settings, monkeypatch) -> Iterator[Rogue]:
    with Rogue() as server:
        monkeypatch.setattr(settings, "mail_server", f"localhost:{server.port}")
        yield server
    assert server.wrongs == []


def encrypt(settings, monkeypatch, *servers: Rogue) -> None:
    monkeypatch.setattr(settings, "mail_use_tls", True)
    for server in servers:
        server.tls = certificate()


def sign_in(settings, monkeypatch, *servers: Rogue) -> None:
    monkeypatch.setattr(settings, "mail_username", NAME)
    monkeypatch.setattr(settings, "mail_password", PASSWORD)
    for server in servers:
        server.users = {NAME: PASSWORD}


def port_of_next() -> int:
    """Where the next connection leads, which is then kept."""
    line = relays.take()
    relays.give_back(line)
    return line.relay[1]


def commands(server: Rogue) -> list[tuple[bool, str]]:
    return [(is_encrypted, line.split()[0].upper()) for is_encrypted, line in server.heard]


# --- In order of preference ---


def test_the_first_is_preferred(pair):
    first, second = pair
    assert port_of_next() == first.port
    assert (first.connections, second.connections) == (1, 0)


@pytest.mark.parametrize("banner", ["554 5.3.2 not you", "421 4.3.2 busy", "hello?", HANG_UP, NEVER])
def test_the_second_is_taken_when_the_first_does_not_greet(pair, banner, monkeypatch):
    monkeypatch.setattr(relays, "PATIENCE", 0.3)
    pair[0].says = lambda ask: banner if ask.verb == "HELLO" else None
    assert port_of_next() == pair[1].port


def test_the_second_is_taken_when_nobody_listens_at_the_first(pair):
    with pair[0].away():
        assert port_of_next() == pair[1].port
    assert "ConnectionRefusedError" in relays.trouble()


@pytest.mark.parametrize("wrong", CERTIFICATES)
def test_the_second_is_taken_when_the_first_shows_a_certificate(pair, wrong, settings, monkeypatch):
    encrypt(settings, monkeypatch, *pair)
    pair[0].tls = CERTIFICATES[wrong]
    assert port_of_next() == pair[1].port


def test_the_second_is_taken_when_the_first_does_not_know_us(pair, settings, monkeypatch):
    sign_in(settings, monkeypatch, *pair)
    pair[0].users = {NAME: "another"}
    assert port_of_next() == pair[1].port
    assert relays.trouble() == "localhost: the mail server does not take our user name and password (535)"


def test_a_greeting_may_take_its_time(only):
    only.says = lambda ask: Say(after=0.3) if ask.verb == "HELLO" else None
    assert port_of_next() == only.port


def test_one_that_failed_is_left_in_peace(pair):
    with pair[0].away():
        port_of_next()
    relays.hang_up()
    assert port_of_next() == pair[1].port
    assert pair[0].connections == 0


def test_after_its_rest_the_first_is_preferred_again(pair, monkeypatch):
    monkeypatch.setattr(relays, "REST", 0.05)
    with pair[0].away():
        assert port_of_next() == pair[1].port
        assert port_of_next() == pair[1].port
    time.sleep(0.06)
    assert port_of_next() == pair[0].port
    assert relays.trouble() == ""


def test_a_connection_to_the_first_is_used_though_it_takes_no_more_of_them(pair):
    pair[0].says = lambda ask: "421 4.7.0 too many" if ask.verb == "HELLO" and ask.connection else None
    lines = [relays.take(), relays.take()]
    assert [line.relay[1] for line in lines] == [pair[0].port, pair[1].port]
    for line in reversed(lines):
        relays.give_back(line)
    assert port_of_next() == pair[0].port


def test_when_all_fail_it_says_why_and_asks_them_all_again(pair):
    with pair[0].away(), pair[1].away():
        for _ in range(2):
            with pytest.raises(RoadClosed, match="does not answer"):
                relays.take()
    assert relays.trouble().count("does not answer") == 2
    assert port_of_next() == pair[0].port


def test_who_turns_us_away_is_quoted(only):
    only.says = lambda ask: "554 5.3.2 not you" if ask.verb == "HELLO" else None
    with pytest.raises(RoadClosed, match=r"turned us away \(554\)"):
        relays.take()


# --- Encrypted and signed in ---


def test_all_is_encrypted_but_the_question_for_it(only, settings, monkeypatch):
    encrypt(settings, monkeypatch, only)
    sign_in(settings, monkeypatch, only)
    with mail.road() as road:
        road.send(EMAIL)
    in_clear = [command for is_encrypted, command in commands(only) if not is_encrypted]
    assert in_clear == ["EHLO", "STARTTLS"]
    assert only.taken_by == [EMAIL.to]


@pytest.mark.parametrize("wrong", CERTIFICATES)
def test_nothing_goes_to_a_server_that_shows_a_certificate(only, wrong, settings, monkeypatch):
    encrypt(settings, monkeypatch, only)
    sign_in(settings, monkeypatch, only)
    only.tls = CERTIFICATES[wrong]
    with pytest.raises(RoadClosed, match="certificate is not to be trusted"):
        relays.take()
    assert commands(only) == [(False, "EHLO"), (False, "STARTTLS")]


@pytest.mark.parametrize("answer", ["454 4.7.0 not now", "502 5.5.1 no", HANG_UP])
def test_nothing_goes_in_clear_when_encryption_is_refused(only, answer, settings, monkeypatch):
    encrypt(settings, monkeypatch, only)
    sign_in(settings, monkeypatch, only)
    only.says = lambda ask: answer if ask.verb == "STARTTLS" else None
    with pytest.raises(RoadClosed):
        relays.take()
    assert commands(only) == [(False, "EHLO"), (False, "STARTTLS")]


def test_nothing_goes_to_a_server_that_does_not_encrypt(only, settings, monkeypatch):
    monkeypatch.setattr(settings, "mail_use_tls", True)
    with pytest.raises(RoadClosed, match="lacks what we need"):
        relays.take()
    assert {command for _, command in commands(only)} == {"EHLO"}


@pytest.mark.parametrize("mechanisms", ["PLAIN", "LOGIN", "PLAIN LOGIN"])
def test_it_signs_in_by_what_the_server_offers(only, mechanisms, settings, monkeypatch):
    sign_in(settings, monkeypatch, only)
    only.mechanisms = mechanisms
    with mail.road() as road:
        road.send(EMAIL)
    assert only.taken_by == [EMAIL.to]


def test_a_server_that_lets_nobody_sign_in_gets_nothing(only, settings, monkeypatch):
    sign_in(settings, monkeypatch)
    with pytest.raises(RoadClosed, match="lacks what we need"):
        relays.take()


@pytest.mark.parametrize("manner", [WHOLE, GLUED, BYTES])
@pytest.mark.parametrize("pipelines", [True, False])
def test_the_fast_sender_is_encrypted_too(only, manner, pipelines, settings, monkeypatch):
    encrypt(settings, monkeypatch, only)
    only.pipelines, only.manner = pipelines, manner
    lines = [relays.take(), relays.take()]
    channels = [wire.Channel(line.smtp.sock, line.pipelines) for line in lines]
    parcels = [wire.Parcel(n, "b@example.org", f"{n}@example.org", b"A: b\r\n\r\n%d\r\n" % n * 999) for n in range(20)]
    receipts = list(wire.carry(channels, iter(parcels), time.monotonic() + 10))
    assert [receipt.fate for receipt in receipts] == [wire.TAKEN] * 20
    assert {email.data for email in only.books} == {parcel.data for parcel in parcels}
    for line in lines:
        relays.give_back(line)


# --- Connections that are kept ---


def test_a_connection_is_kept_for_the_next(only):
    for _ in range(3):
        with mail.road() as road:
            road.send(EMAIL)
    assert (only.connections, len(only.books)) == (1, 3)
    assert "NOOP" not in {command for _, command in commands(only)}


@pytest.mark.parametrize("parting", [Say(then=CLOSE), Say(twice=True)])
def test_one_on_which_the_server_hung_up_or_spoke_is_not_used_again(only, parting):
    only.says = lambda ask: parting if ask.verb == "BODY" and ask.connection == 0 else None
    for _ in range(2):
        with mail.road() as road:
            road.send(EMAIL)
        time.sleep(0.05)
    assert (only.connections, len(only.books)) == (2, 2)


def test_an_answer_too_many_costs_the_next_single_email_a_try_and_nothing_else(only):
    only.manner = GLUED  # both at once, so that the second lies where nobody looks
    only.says = lambda ask: Say(twice=True) if ask.verb == "BODY" and ask.connection == 0 else None
    with mail.road() as road:
        road.send(EMAIL)
    with pytest.raises(Refused) as refusal, mail.road() as road:
        road.send(EMAIL)
    assert not refusal.value.is_final
    with mail.road() as road:
        road.send(EMAIL)
    assert len(only.books) == 2


def test_one_that_nobody_used_for_a_while_is_not_used_again(only, monkeypatch):
    monkeypatch.setattr(relays, "IDLE", 0)
    port_of_next()
    port_of_next()
    assert only.connections == 2


def test_one_to_a_server_that_is_no_longer_ours_is_not_used_again(pair, settings, monkeypatch):
    assert port_of_next() == pair[0].port
    monkeypatch.setattr(settings, "mail_server", f"localhost:{pair[1].port}")
    assert port_of_next() == pair[1].port


def test_those_that_are_too_many_are_closed(only):
    lines = [relays.take() for _ in range(4)]
    for line in lines:
        relays.give_back(line)
    relays.hang_up(keep=1)
    assert [command for _, command in commands(only)].count("QUIT") == 3
    relays.take().close()
    assert only.connections == 4


# --- Single emails ---


@pytest.mark.parametrize("verb", ["MAIL", "RCPT", "DATA", "BODY"])
@pytest.mark.parametrize(("answer", "is_final"), [("550 5.7.1 no", True), ("451 4.3.0 later", False)])
def test_a_single_email_refused_is_quoted_and_the_next_goes(only, verb, answer, is_final):
    only.says = lambda ask: answer if ask.verb == verb and ask.connection == 0 else None
    with pytest.raises(Refused, match=answer) as refusal, mail.road() as road:
        road.send(EMAIL)
    assert refusal.value.is_final == is_final
    with mail.road() as road:
        road.send(EMAIL)
    assert only.taken_by == [EMAIL.to]


@pytest.mark.parametrize("verb", ["MAIL", "RCPT", "DATA", "BODY"])
@pytest.mark.parametrize("answer", ["421 4.3.2 closing amara@example.org", HANG_UP, NEVER])
def test_a_connection_that_ends_with_a_single_email_is_not_used_again(only, verb, answer, monkeypatch):
    monkeypatch.setattr(relays, "PATIENCE", 0.3)
    only.says = lambda ask: answer if ask.verb == verb and ask.connection == 0 else None
    with pytest.raises(Broke) as end, mail.road() as road:
        road.send(EMAIL)
    assert "amara" not in str(end.value)
    with mail.road() as road:
        road.send(EMAIL)
    assert (only.taken_by, only.connections) == ([EMAIL.to], 2)

"""Whole rounds against a mail server that misbehaves: nobody lost, nobody twice, and the books agree at every step."""

import time
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
import trustme

from metengage import addressing, db, dispatch, relays, residents, rounds, suppressions, urgent, wire
from metengage.models import Alert, Delivery, Resident, Sender, Subscription
from tests import cast, services
from tests.conftest import NOW
from tests.rogue import CLOSE, HANG_UP, NEVER, Ask, Rogue, Say
from tests.rules.test_relays import certificate

AMARA = "amara@example.org"
SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)
WAITS = [MINUTE, 5 * MINUTE, 15 * MINUTE, HOUR, 4 * HOUR, 4 * HOUR]


@pytest.fixture(autouse=True)
def short_of_patience(monkeypatch):
    for room in (wire, relays):
        monkeypatch.setattr(room, "PATIENCE", 1.0)
    monkeypatch.setattr(wire, "LOOK", 0.05)


@pytest.fixture
def everybody(rogue) -> list[str]:
    """Amara and forty others."""
    return sorted([AMARA, *services.crowd(40)])


@pytest.fixture
def alert(everybody) -> Alert:
    """Farah's alert to all of them, pressed Send at NOW, with its rows made."""
    alert = services.begin_sending(services.draft(), cast.officer("Farah"), NOW)
    addressing.prepare_alert(alert, NOW)
    return Alert.get_by_id(alert.id)


@pytest.fixture
def send(alert, rogue) -> Callable[..., dict[str, int]]:
    """send(at): send all that is due then, looking into the books after each round; the alert's tally."""

    def send_all(now: datetime = NOW, once: bool = False) -> dict[str, int]:
        for _ in range(60):
            try:
                is_over = not dispatch.send_some(Alert.get_by_id(alert.id), lambda: now)
            except rounds.NotNow:
                is_over = False
            tally = books_agree(alert, rogue)
            if is_over or once:
                return tally
        raise AssertionError("it comes to no end")

    return send_all


def books_agree(alert: Alert, rogue: Rogue) -> dict[str, int]:
    tally = dispatch.tally(alert)
    counted = Counter(state for (state,) in Delivery.select(Delivery.state).where(Delivery.alert == alert).tuples())
    assert tally == dict.fromkeys(Delivery.STATES, 0) | counted
    assert tally["sending"] == 0
    assert set(addresses(state=Delivery.SENT)) <= set(rogue.taken_by)
    return tally


def addresses(**which) -> list[str]:
    rows = Delivery.select(Resident.email).join(Resident).filter(**which).tuples()
    return sorted(email for (email,) in rows)


def row_of(address: str) -> Delivery:
    return Delivery.select().join(Resident).where(Resident.email == address).get()


def always(verb: str, answer: Say | str) -> Callable[[Ask], Say | str | None]:
    return lambda ask: answer if ask.verb == verb else None


def at(verb: str, address: str, answer: Say | str) -> Callable[[Ask], Say | str | None]:
    """Say this each time it comes to that person's email."""
    sender = f"+{row_of(address).id}-"
    return lambda ask: answer if ask.verb == verb and sender in ask.sender else None


def well(ask: Ask) -> None:
    """All is well again."""


# --- It refuses one ---


@pytest.mark.parametrize("verb", ["RCPT", "DATA", "BODY"])
def test_one_that_is_refused_for_now_waits_ever_longer_and_the_others_go_on(send, everybody, rogue, verb):
    rogue.says = at(verb, AMARA, "451 4.3.0 try later")
    assert send(NOW) == {"pending": 1, "sending": 0, "sent": 40, "failed": 0, "skipped": 0}
    now, waits = NOW, []
    for _ in WAITS:
        waits.append(row_of(AMARA).due_at - now)
        now = row_of(AMARA).due_at
        send(now)
    assert waits == WAITS
    assert row_of(AMARA).reason == "451 4.3.0 try later"
    rogue.says = well
    send(row_of(AMARA).due_at)
    assert rogue.taken_by == everybody


def test_after_a_day_it_is_given_up_and_the_alert_is_closed(send, alert, rogue):
    rogue.says = at("RCPT", AMARA, "451 4.3.0 try later")
    send()
    while row_of(AMARA).state == Delivery.PENDING:
        last = row_of(AMARA).due_at
        send(last)
    assert timedelta(hours=20) < last - NOW <= timedelta(hours=24)
    assert row_of(AMARA).reason == "given up after a day: 451 4.3.0 try later"
    assert Alert.get_by_id(alert.id).state == "sent"


@pytest.mark.parametrize("code", ["5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10", "5.2.1"])
def test_one_whose_mailbox_is_gone_has_failed_and_is_suppressed(send, rogue, code):
    rogue.says = at("RCPT", AMARA, f"550 {code} <{AMARA}>: no such mailbox")
    assert send()["failed"] == 1
    assert row_of(AMARA).reason == f"550 {code} <(address)>: no such mailbox"
    assert suppressions.among([AMARA]) == {AMARA}
    amara = cast.resident("Amara")
    assert not Subscription.select().where(Subscription.resident == amara, Subscription.live()).exists()


@pytest.mark.parametrize(
    ("verb", "words"),
    [
        ("RCPT", "550 5.7.1 not from you"),
        ("RCPT", "554 5.7.1 blocked: 195.1.1.2 is on a list, see 5.1.1"),
        ("RCPT", "552 5.2.2 mailbox full"),
        ("RCPT", "550 no"),
        ("RCPT", "550-5.7.26 several\n5.1.1 lines"),
        ("DATA", "554 5.1.1 no valid recipients"),
        ("BODY", "550 5.1.1 said too late to be about the mailbox"),
    ],
)
def test_one_that_is_refused_for_good_for_another_reason_has_failed_and_is_kept(send, rogue, verb, words):
    rogue.says = at(verb, AMARA, words)
    assert send() == {"pending": 0, "sending": 0, "sent": 40, "failed": 1, "skipped": 0}
    assert suppressions.among([AMARA]) == set()


def test_words_with_odd_signs_and_with_half_an_address_are_kept_without_both(send, rogue):
    rogue.says = at("RCPT", AMARA, "550 5.7.1 no\x00 mail \x1b[31mfor Amara here")
    assert send() == {"pending": 0, "sending": 0, "sent": 40, "failed": 1, "skipped": 0}
    assert row_of(AMARA).reason == "550 5.7.1 no mail [31mfor (address) here"


@pytest.mark.parametrize("to_nobody", ["503 5.5.1 nobody", "554 5.5.1 nobody", "354 go on"])
@pytest.mark.parametrize("pipelines", [True, False])
def test_many_refused_among_many_taken(send, everybody, rogue, to_nobody, pipelines):
    gone = set(everybody[::3])
    rogue.pipelines, rogue.to_nobody = pipelines, to_nobody
    rogue.says = lambda ask: "550 5.1.1 gone" if ask.verb == "RCPT" and ask.to in gone else None
    assert send()["failed"] == len(gone)
    assert rogue.taken_by == [each for each in everybody if each not in gone]


# --- It takes nothing for an hour ---

HOURS = {
    "it says 421 at the door": always("HELLO", "421 4.3.2 closing"),
    "it says 554 at the door": always("HELLO", "554 5.3.2 not you"),
    "it hangs up at the door": always("HELLO", HANG_UP),
    "it takes no mail from us": always("MAIL", "550 5.7.1 not from you"),
    "it takes no mail now": always("MAIL", "451 4.3.0 not now"),
    "it says 421 to the first word": always("MAIL", Say("421 4.3.2 closing", then=CLOSE)),
    "it hangs up": always("RCPT", HANG_UP),
    "it refuses everybody for now": always("RCPT", "451 4.7.1 not now"),
    "it refuses every email for now": always("BODY", "452 4.3.1 disk full"),
    "it speaks nonsense": always("DATA", "what?"),
}


@pytest.mark.parametrize("trouble", HOURS)
def test_when_it_takes_nothing_for_an_hour_all_wait_and_are_sent_once(send, everybody, rogue, trouble):
    rogue.says = HOURS[trouble]
    for minutes in range(0, 60, 6):
        assert send(NOW + minutes * MINUTE)["pending"] == len(everybody)
    rogue.says = well
    for minutes in range(60, 150, 15):
        send(NOW + minutes * MINUTE)
    assert rogue.taken_by == addresses(state=Delivery.SENT) == everybody


def test_when_nobody_listens_nothing_counts_as_tried(send, everybody, rogue):
    with rogue.away():
        for minutes in range(60):
            send(NOW + minutes * MINUTE)
    assert addresses(attempts=0, reason="the mail server does not answer (ConnectionRefusedError)") == everybody
    send(NOW + HOUR)
    assert rogue.taken_by == everybody


def test_when_its_certificate_has_run_out_all_wait_and_nothing_goes_in_clear(
    send, everybody, rogue, settings, monkeypatch, tmp_path
):
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(tmp_path / "authority.pem"))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "authority.pem"))
    monkeypatch.setattr(settings, "mail_use_tls", True)
    rogue.tls = certificate("127.0.0.1", authority, not_after=datetime(2020, 1, 1))
    send()
    reason = "the mail server's certificate is not to be trusted (certificate has expired)"
    assert dispatch.failures(Alert.get()) == [(reason, len(everybody))]
    assert {line.split()[0].upper() for _, line in rogue.heard} == {"EHLO", "STARTTLS"}
    rogue.tls = certificate("127.0.0.1", authority)
    send(NOW + MINUTE)
    assert rogue.taken_by == everybody


def test_another_mail_server_takes_over(send, everybody, rogue, settings, monkeypatch):
    with Rogue(says=always("MAIL", HANG_UP)) as first:
        monkeypatch.setattr(settings, "mail_server", f"127.0.0.1:{first.port}, 127.0.0.1:{rogue.port}")
        send()
        send(NOW + MINUTE)
    assert (first.books, rogue.taken_by) == ([], everybody)


# --- It is slow, or falls silent ---


@pytest.mark.parametrize("verb", ["HELLO", "MAIL", "RCPT", "DATA", "BODY"])
def test_it_falls_silent_on_one_connection_and_the_others_go_on(send, everybody, rogue, verb):
    rogue.says = lambda ask: NEVER if ask.verb == verb and ask.connection == 2 else None
    send()
    send(NOW + MINUTE)
    assert rogue.taken_by == addresses(state=Delivery.SENT) == everybody


@pytest.mark.parametrize("takes", [True, False])
def test_it_falls_silent_after_each_email(send, everybody, rogue, takes):
    """Whether it had taken them cannot be known, so that they are sent again, each with its own Message-ID."""
    rogue.says = lambda ask: Say("", then=NEVER.then, takes=takes) if ask.verb == "BODY" else None
    assert send() == {"pending": 41, "sending": 0, "sent": 0, "failed": 0, "skipped": 0}
    unsure = len(addresses(attempts=1))
    rogue.says = well
    send(NOW + MINUTE)
    assert sorted(set(rogue.taken_by)) == everybody
    assert len(rogue.books) == len(everybody) + takes * unsure


def test_it_needs_ten_milliseconds_for_each(send, everybody, rogue):
    rogue.says = always("BODY", Say(after=0.01))
    send()
    assert rogue.taken_by == everybody


def test_it_needs_longer_for_each_than_a_round_may_take(send, everybody, rogue, monkeypatch):
    monkeypatch.setattr(rounds, "LONGEST", 0.1)
    rogue.says = always("BODY", Say(after=0.2))
    tally = send(once=True)
    assert 1 <= tally["sent"] <= 2 * 8
    assert len(addresses(state=Delivery.PENDING, attempts=0)) == tally["pending"]
    send()
    assert rogue.taken_by == everybody


def test_what_it_took_is_marked_while_it_is_slow_with_another(send, rogue):
    marked = []

    def look_late(ask: Ask) -> None:
        if ask.verb == "BODY" and not ask.connection and not marked:
            time.sleep(0.4)
            with db.opened():
                marked.append(Delivery.select().where(Delivery.state == Delivery.SENT).count())

    rogue.says = look_late
    send()
    assert marked[0] > 0


def test_it_needs_longer_to_greet_than_a_round_may_take(send, everybody, rogue, monkeypatch):
    monkeypatch.setattr(rounds, "LONGEST", 0.1)
    rogue.says = always("HELLO", Say(after=0.2))
    assert send(once=True)["sent"]
    send()
    assert rogue.taken_by == everybody


# --- It ends connections ---


@pytest.mark.parametrize("verb", ["MAIL", "BODY"])
def test_it_takes_so_many_emails_a_connection(send, everybody, rogue, verb):
    """Nobody waits for that, whether it says so before the next email or with the last."""
    last = {"MAIL": Say("421 4.7.0 enough", then=CLOSE), "BODY": Say(then=CLOSE)}[verb]
    rogue.says = lambda ask: last if ask.verb == verb and ask.place == 3 else None
    send()
    send(NOW + MINUTE)
    assert sorted(set(rogue.taken_by)) == addresses(state=Delivery.SENT) == everybody
    assert verb == "BODY" or len(rogue.books) == len(everybody)


def test_a_connection_that_is_used_up_costs_nobody_a_wait(send, everybody, rogue, settings, monkeypatch):
    monkeypatch.setattr(settings, "send_connections", 1)
    monkeypatch.setattr(rounds, "MOST", 3)
    rogue.says = lambda ask: "421 4.7.0 enough" if ask.verb == "MAIL" and ask.place == 3 else None
    send()
    assert rogue.taken_by == addresses(state=Delivery.SENT, attempts=1) == everybody


@pytest.mark.parametrize("connections", [1, 8])
@pytest.mark.parametrize("verb", ["MAIL", "RCPT", "DATA", "HALF", "BODY"])
def test_an_email_that_ends_every_connection_does_not_stop_the_others(
    send, alert, everybody, rogue, settings, monkeypatch, connections, verb
):
    monkeypatch.setattr(settings, "send_connections", connections)
    rogue.says = at(verb, AMARA, HANG_UP)
    for minutes in range(4):
        send(NOW + minutes * MINUTE)
    assert rogue.taken_by == addresses(state=Delivery.SENT) == [each for each in everybody if each != AMARA]
    for _ in range(10):
        send(row_of(AMARA).due_at)
    assert row_of(AMARA).reason.startswith("given up after a day: ")
    assert Alert.get_by_id(alert.id).state == "sent"


def test_a_link_that_ends_every_connection_does_not_stop_the_others(rogue):
    for name in ("Amara", "Bryn"):
        residents.ask_for_link(f"{name.lower()}@example.org", NOW)
    rogue.says = lambda ask: HANG_UP if ask.verb == "RCPT" and ask.to == AMARA else None
    urgent.send(lambda: NOW)
    assert rogue.taken_by == ["bryn@example.org"]
    assert row_of(AMARA).due_at == NOW + MINUTE


def test_links_wait_when_the_mail_server_ends_every_connection(rogue):
    rogue.says = always("MAIL", HANG_UP)
    for name in ("Amara", "Bryn"):
        residents.ask_for_link(f"{name.lower()}@example.org", NOW)
    assert urgent.send(lambda: NOW) == 0
    rogue.says = well
    urgent.send(lambda: NOW + MINUTE)
    assert rogue.taken_by == [AMARA, "bryn@example.org"]


def test_links_go_by_another_mail_server_when_the_first_ends_every_connection(rogue, settings, monkeypatch):
    with Rogue(says=always("MAIL", HANG_UP)) as first:
        monkeypatch.setattr(settings, "mail_server", f"127.0.0.1:{first.port}, 127.0.0.1:{rogue.port}")
        for name in ("Amara", "Bryn"):
            residents.ask_for_link(f"{name.lower()}@example.org", NOW)
        urgent.send(lambda: NOW)
        urgent.send(lambda: NOW + MINUTE)
    assert rogue.taken_by == [AMARA, "bryn@example.org"]


def test_an_email_that_cannot_be_written_does_not_stop_the_others(send, everybody, rogue):
    Resident.update(email="amára@example.org").where(Resident.email == AMARA).execute()
    assert send() == {"pending": 1, "sending": 0, "sent": 40, "failed": 0, "skipped": 0}
    assert row_of("amára@example.org").reason == "the email could not be written (ValueError)"


# --- What it allows ---


def test_it_never_has_more_connections_than_it_allows(send, everybody, rogue, settings, monkeypatch):
    monkeypatch.setattr(settings, "send_connections", 3)
    send()
    assert (rogue.most_open, rogue.taken_by) == (3, everybody)


def test_connections_that_another_worker_is_to_have_are_given_up(send, rogue, monkeypatch):
    monkeypatch.setattr(rounds, "MOST", 20)
    send(once=True)
    Sender.create(name="another", seen_at=NOW, connections=0)
    send(once=True)
    assert (rogue.connections, sum(line.upper() == "QUIT" for _, line in rogue.heard)) == (8, 4)


def test_a_domain_has_its_turns_and_its_connections(send, everybody, rogue, settings, monkeypatch):
    monkeypatch.setattr(settings, "send_per_domain", "example.org=2/60")
    others = everybody[:20]
    for address in others:
        Resident.update(email=address.replace(".org", ".net")).where(Resident.email == address).execute()
    assert send()["sent"] == 20 + 1
    why = "example.org takes 60 emails a minute from us: it waits for its turn"
    assert dispatch.failures(Alert.get()) == [(why, 20)]
    for seconds in range(1, 30):
        send(NOW + seconds * SECOND)
        assert sum(email.to.endswith(".org") for email in rogue.books) <= 1 + seconds
    assert len(rogue.taken_by) == len(set(rogue.taken_by)) == len(everybody)
    assert len({email.connection for email in rogue.books if email.to.endswith(".org")}) <= 2


# --- The clock ---


def test_the_clock_is_put_back_in_the_middle(alert, everybody, rogue, monkeypatch):
    monkeypatch.setattr(rounds, "MOST", 10)
    calls = iter(range(10**6))
    services.send_all(alert, lambda: NOW if next(calls) < 30 else NOW - HOUR)
    assert 0 < len(rogue.books) < len(everybody)
    books_agree(alert, rogue)
    services.send_all(alert, lambda: NOW + SECOND)
    assert rogue.taken_by == addresses(state=Delivery.SENT) == everybody

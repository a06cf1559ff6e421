"""Mail servers, workers, Redis and people fail in the middle; nobody is left out and nobody is written to twice."""

import os
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest

from metengage import (
    addressing,
    bell,
    config,
    db,
    deliveries,
    digests,
    dispatch,
    jobs,
    machine,
    residents,
    rounds,
    schedule,
)
from metengage.choices import DAILY
from metengage.models import Alert, Delivery, Digest, Journal, Resident, Subscription
from tests import cast, services
from tests.conftest import NOW
from tests.page import write_alert

AMARA = "amara@example.org"
SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)
LATER = NOW + 10 * MINUTE
NOWHERE = "unix:///nowhere/redis.sock"


@pytest.fixture
def everybody(app, post) -> list[str]:
    """Amara and forty others."""
    return sorted([AMARA, *services.crowd(40)])


@pytest.fixture
def alert(everybody) -> Alert:
    """Farah's alert to all of them, pressed Send at NOW, with its rows made."""
    alert = services.begin_sending(services.draft(), cast.officer("Farah"), NOW)
    addressing.prepare_alert(alert, NOW)
    return Alert.get_by_id(alert.id)


def send(alert: Alert, now=NOW) -> None:
    """Send all that is due then."""
    services.send_all(alert, lambda: now)


def addressed(post) -> list[str]:
    return sorted(letter["To"] for letter in post.letters)


def state_of(alert: Alert) -> str:
    return Alert.get_by_id(alert.id).state


def lose_the_bell(alert: Alert) -> None:
    """Turn the alert's clock back, so that it has been quiet for longer than the clock waits."""
    quiet = db.now() - 2 * jobs.QUIET
    Alert.update(sending_at=quiet, worked_at=quiet).where(Alert.id == alert.id).execute()
    Delivery.update(due_at=quiet).where(Delivery.state == Delivery.PENDING).execute()


# --- The mail server ---


def test_it_refuses_one_address_and_the_others_still_go(alert, everybody, post):
    post.refusals[AMARA] = "550 5.1.1 no such mailbox"
    send(alert)
    assert addressed(post) == [each for each in everybody if each != AMARA]
    assert dispatch.failures(alert) == [("550 5.1.1 no such mailbox", 1)]
    assert state_of(alert) == "sent"


def test_it_refuses_everybody_for_a_while(alert, everybody, post):
    post.refusals["*"] = "451 4.7.1 try later"
    send(alert)
    send(alert, NOW + MINUTE)
    assert (post.letters, state_of(alert)) == ([], "sending")
    post.refusals.clear()
    send(alert, LATER)
    assert addressed(post) == everybody
    assert state_of(alert) == "sent"


def test_it_drops_the_connection_in_the_middle(alert, everybody, post):
    post.drop_after = 7
    send(alert)
    assert len(post.letters) == len(everybody) - 1
    send(alert, LATER)
    assert addressed(post) == everybody
    assert state_of(alert) == "sent"


def test_it_drops_every_connection_and_is_left_in_peace(alert, everybody, post):
    tries = []

    def drop():
        tries.append(1)
        post.drop_after = 0

    post.before_taking = drop
    send(alert)
    assert 1 <= len(tries) <= config.settings.send_connections
    assert post.letters == []
    post.forget()
    send(alert, LATER)
    assert addressed(post) == everybody


def test_nobody_listens(alert, everybody, post, settings, monkeypatch):
    with monkeypatch.context() as gone:
        gone.setattr(settings, "mail_port", machine.free_port(1))
        send(alert)
    assert dispatch.failures(alert) == [("the mail server does not answer (ConnectionRefusedError)", len(everybody))]
    send(alert, LATER)
    assert addressed(post) == everybody
    assert state_of(alert) == "sent"


def test_it_answers_that_it_is_closing(alert, everybody, post):
    post.refusals["*"] = "421 4.3.2 closing"
    send(alert)
    assert dispatch.tally(alert)["pending"] == len(everybody)
    post.refusals.clear()
    send(alert, LATER)
    assert addressed(post) == everybody


def test_it_closes_at_one_address_and_the_others_still_go(alert, everybody, post):
    post.refusals[everybody[20]] = "421 4.3.2 closing"
    send(alert)
    assert len(post.letters) == len(everybody) - 1
    post.refusals.clear()
    send(alert, LATER)
    assert addressed(post) == everybody


def test_it_takes_a_message_and_drops_before_it_says_so(alert, everybody, post):
    def take_and_hang_up():
        if post.taken == 3:
            post.before_taking = None
            post.letters.append(unsaid)
            post.drop_after = 3

    unsaid = {"To": "nobody"}
    post.before_taking = take_and_hang_up
    send(alert)
    send(alert, LATER)
    assert Counter(addressed(post)) == Counter([*everybody, "nobody"])


# --- The worker ---


@contextmanager
def worker(settings: config.Settings, database: str) -> Iterator[subprocess.Popen]:
    """A worker as it runs in production, on this test's database, Redis and mail server."""
    names = ("instance", "public_url", "secret_key", "redis_url", "mail_server", "mail_port", "mail_default_sender")
    environ = {name.upper(): str(getattr(settings, name)) for name in names}
    command = [sys.executable, "-m", "flask", "--app", "app", "worker"]
    process = subprocess.Popen(command, cwd=config.ROOT, env={**os.environ, **environ, "DATABASE_URL": database})
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def test_it_is_killed_in_the_middle_and_repeats_at_most_a_hundred(settings, database, app, post):
    everybody = sorted([AMARA, *services.crowd(400)])
    alert = services.begin_sending(services.draft(), cast.officer("Farah"), NOW)
    reached, go_on = threading.Event(), threading.Event()

    def pause():
        if post.taken == 250:
            reached.set()
            go_on.wait(30)

    post.before_taking = pause
    jobs.ring_alert(alert.id)
    with worker(settings, database):
        assert reached.wait(60)
    go_on.set()
    later = db.now() + Delivery.LEASE + MINUTE
    deliveries.recover(later)
    send(Alert.get_by_id(alert.id), later)
    assert sorted({letter["To"] for letter in post.letters}) == everybody
    assert len({letter["Message-ID"] for letter in post.letters}) == len(everybody)
    assert len(post.letters) <= len(everybody) + rounds.REPEATED_AT_MOST
    assert state_of(alert) == "sent"


def test_it_is_killed_in_the_middle_of_a_digest_and_nobody_is_missed(settings, database, app, post):
    everybody = sorted([AMARA, "bryn@example.org", *services.crowd(400)])
    Subscription.update(frequency=DAILY).execute()
    began = schedule.last_moment(DAILY, db.now())
    services.begin_sending(services.draft(), cast.officer("Farah"), began - MINUTE)
    digest = next(each for each in digests.begin_due(db.now()) if each.frequency == DAILY)
    reached, go_on = threading.Event(), threading.Event()
    post.before_taking = lambda: post.taken == 250 and (reached.set(), go_on.wait(30))
    jobs.ring_digest(digest.id)
    with worker(settings, database):
        assert reached.wait(60)
    go_on.set()
    later = db.now() + Delivery.LEASE + MINUTE
    deliveries.recover(later)
    while digests.send_some(Digest.get_by_id(digest.id), lambda: later):
        pass
    assert sorted({letter["To"] for letter in post.letters}) == everybody
    assert len({letter["Message-ID"] for letter in post.letters}) == len(everybody)
    assert len(post.letters) <= len(everybody) + rounds.REPEATED_AT_MOST


def test_it_is_told_to_stop_and_finishes_its_batch(settings, database, alert, everybody, post):
    jobs.ring_alert(alert.id)
    with worker(settings, database) as process:
        post.before_taking = lambda: post.taken == 5 and process.terminate()
        assert process.wait(60) == 0
    assert addressed(post) == everybody
    assert state_of(alert) == "sent"


# --- The web ---


def test_it_is_killed_between_commit_and_enqueue(alert, everybody, post):
    lose_the_bell(alert)
    jobs.tick()
    services.work_off()
    assert addressed(post) == everybody
    assert state_of(alert) == "sent"


def test_it_is_killed_before_a_confirmation_is_rung_for(app, post):
    residents.ask_for_link(AMARA, db.now() - MINUTE)
    jobs.tick()
    services.work_off()
    assert addressed(post) == [AMARA]


def test_it_is_killed_before_the_rows_are_made(everybody, post):
    alert = services.begin_sending(services.draft(), cast.officer("Farah"), db.now() - MINUTE)
    jobs.tick()
    services.work_off()
    assert addressed(post) == everybody
    assert state_of(alert) == "sent"


# --- Redis ---


def test_it_is_gone_when_an_officer_presses_send(signed_in, post, settings, monkeypatch):
    review = write_alert(signed_in("Farah"), alert_type="advice").submit("Check and send")
    with monkeypatch.context() as gone:
        gone.setattr(settings, "redis_url", NOWHERE)
        page = review.submit("Send to")
    assert "Getting ready: 1 person" in page.text
    lose_the_bell(Alert.get())
    jobs.tick()
    services.work_off()
    assert addressed(post) == [AMARA]


def test_it_dies_while_sending_and_comes_back_empty(alert, everybody, post, settings, monkeypatch):
    monkeypatch.setattr(rounds, "MOST", 10)
    monkeypatch.setattr(jobs, "SPELL", 0)
    process, url = services.start_redis()
    with monkeypatch.context() as dying:
        dying.setattr(settings, "redis_url", url)
        jobs.ring_alert(alert.id)
        process.kill()
        process.wait()
        jobs.send_alert(alert.id)
        assert not bell.works()
    assert len(post.letters) == 10
    lose_the_bell(alert)
    jobs.tick()
    services.work_off()
    assert addressed(post) == everybody
    assert state_of(alert) == "sent"


def test_it_forgets_everything_that_was_rung_for(alert, everybody, post):
    jobs.ring_alert(alert.id)
    jobs.redis().flushall()
    services.work_off()
    assert post.letters == []
    lose_the_bell(alert)
    jobs.tick()
    services.work_off()
    assert addressed(post) == everybody


def test_it_rings_too_often_and_each_is_sent_once(alert, everybody, post):
    for _ in range(4):
        jobs.ring_alert(alert.id)
    services.work_off()
    assert addressed(post) == everybody


def test_the_machines_page_says_that_it_is_gone(visitor, settings, monkeypatch):
    monkeypatch.setattr(settings, "redis_url", NOWHERE)
    reply = visitor.ask("GET", "/readyz")
    assert (reply.status_code, reply.json) == (503, {"database": True, "redis": False})


# --- Two at once ---


def test_two_officers_press_send_at_once(app, signed_in, post):
    farah, hana = signed_in("Farah"), signed_in("Hana")
    theirs = write_alert(farah, alert_type="advice").submit("Check and send")
    hers = hana.visit(theirs.url)
    pages = services.at_once(app, lambda: theirs.submit("Send to"), lambda: hers.submit("Send to"))
    assert [page.status for page in pages] == [200, 200]
    assert sum("It has gone once" in page.text for page in pages) == 1
    services.work_off()
    assert addressed(post) == [AMARA]
    assert Journal.select().where(Journal.action == "sent alert").count() == 1


def test_two_clocks_tick_at_once(app, alert, everybody, post):
    lose_the_bell(alert)
    residents.ask_for_link(AMARA, db.now() - MINUTE)
    assert services.at_once(app, jobs.tick, jobs.tick, jobs.tick) == [None] * 3
    services.work_off()
    assert addressed(post) == sorted([AMARA, *everybody])
    assert Digest.select().count() == 2


def test_a_clock_and_a_worker_at_once_do_not_undo_each_other(app, alert, everybody, post):
    lose_the_bell(alert)
    jobs.ring_alert(alert.id)
    services.at_once(app, lambda: jobs.send_alert(alert.id), jobs.tick)
    services.work_off()
    assert addressed(post) == everybody
    assert not Resident.select().where(Resident.state == Resident.PENDING).exists()

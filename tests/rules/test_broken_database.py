"""The database is full, locked, cut off or restarted in the middle of a sending: nobody is lost, few are repeated."""

import logging
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from datetime import datetime, timedelta

import psycopg
import pytest
from peewee import OperationalError

from metengage import addressing, db, deliveries, dispatch, rounds
from metengage.models import Alert, Delivery, Resident
from tests import cast, services
from tests.conftest import NOW
from tests.databases import CUT_OTHERS, on_server
from tests.rogue import Ask, Rogue

AMARA = "amara@example.org"
SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)
ENOUGH = 2**30  # pages
only_sqlite = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
only_postgresql = pytest.mark.parametrize("database", ["postgresql"], indirect=True)
HOLD = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], timeout=30, isolation_level=None)
connection.execute("BEGIN IMMEDIATE")
print("locked", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def everybody(rogue) -> list[str]:
    return sorted([AMARA, *services.crowd(299)])


@pytest.fixture
def alert(everybody) -> Alert:
    """Farah's alert to all of them, pressed Send at NOW, with its rows made."""
    alert = services.begin_sending(services.draft(), cast.officer("Farah"), NOW)
    addressing.prepare_alert(alert, NOW)
    return Alert.get_by_id(alert.id)


def spell(alert: Alert, clock: Callable = lambda: NOW) -> None:
    """What a worker does when it is rung for: it opens a connection, and leaves none behind."""
    with suppress(Exception):
        db.handle.close()
    with db.opened():
        services.send_all(alert, clock)


def later(alert: Alert) -> None:
    """The clock finds what was left lying, and a worker sends it."""
    now = NOW + Delivery.LEASE + MINUTE
    deliveries.recover(now)
    spell(alert, lambda: now)


def are_sent(alert: Alert, everybody: list[str], rogue: Rogue, repeated: int = 0) -> None:
    """All have it, the books say so, and no more than so many have it twice."""
    rows = Delivery.select(Resident.email).join(Resident).where(Delivery.state == Delivery.SENT).tuples()
    assert sorted(email for (email,) in rows) == sorted(set(rogue.taken_by)) == everybody
    assert len(rogue.books) - len(everybody) <= repeated
    assert dispatch.tally(alert)["sent"] == len(everybody)
    assert Alert.get_by_id(alert.id).state == "sent"


def when(taken: int, rogue: Rogue, act: Callable[[], None]) -> None:
    """Do this once, when the mail server has taken so many."""
    acts = [act]

    def says(ask: Ask) -> None:
        if ask.verb == "BODY" and len(rogue.books) >= taken and acts:
            acts.pop()()

    rogue.says = says


@contextmanager
def locked(database: str) -> Iterator[None]:
    """Another process writes, and nobody else can."""
    if database.startswith("sqlite"):
        command = [sys.executable, "-c", HOLD, database.removeprefix("sqlite:///")]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
            process.stdout.readline()
            yield
            process.communicate()
        return
    with psycopg.connect(database) as connection:
        connection.execute("LOCK TABLE delivery IN EXCLUSIVE MODE")
        yield


# --- It is locked ---


def test_another_process_has_it_locked_for_a_while(alert, everybody, rogue, database):
    lock = ExitStack()

    def hold() -> None:
        lock.enter_context(locked(database))
        threading.Timer(1, lock.close).start()

    when(100, rogue, hold)
    spell(alert)
    are_sent(alert, everybody, rogue)


@only_sqlite
def test_another_process_has_it_locked_for_longer_than_we_insist(alert, everybody, rogue, database, monkeypatch):
    monkeypatch.setattr(db, "SQLITE_WAIT", 0.05)
    monkeypatch.setattr(db.insist, "__defaults__", (0.3,))
    db.use(database)
    with ExitStack() as lock:
        when(100, rogue, lambda: lock.enter_context(locked(database)))
        with pytest.raises(OperationalError, match="locked"):
            spell(alert)
    assert dispatch.tally(alert)["sending"]
    later(alert)
    are_sent(alert, everybody, rogue, rounds.REPEATED_AT_MOST)


# --- It is full ---


def no_more_room() -> None:
    (pages,) = db.handle.execute_sql("PRAGMA page_count").fetchone()
    db.handle.execute_sql(f"PRAGMA max_page_count = {pages}")


def make_room() -> None:
    db.handle.execute_sql(f"PRAGMA max_page_count = {ENOUGH}")


class Operator(logging.Handler):
    """Makes room as soon as we complain."""

    def emit(self, _: logging.LogRecord) -> None:
        make_room()


@only_sqlite
def test_there_is_no_room_for_a_claim_and_nothing_is_lost(alert, everybody, rogue):
    no_more_room()
    with pytest.raises(OperationalError, match="full"):
        services.send_all(alert, lambda: NOW)
    assert len(rogue.books) == dispatch.tally(alert)["sent"] < len(everybody)
    make_room()
    spell(alert)
    are_sent(alert, everybody, rogue)


@only_sqlite
def test_there_is_no_room_to_mark_and_it_waits_until_there_is(alert, everybody, rogue, caplog):
    """Long refusals need room; an operator makes some as soon as the worker complains."""
    rogue.says = lambda ask: f"450 4.2.1 {'busy ' * 40}" if ask.verb == "RCPT" else None
    calls, operator = iter(range(10**6)), Operator()

    def clock() -> datetime:
        if next(calls) == 20:
            no_more_room()
        return NOW

    db.log.addHandler(operator)
    services.send_all(alert, clock)
    db.log.removeHandler(operator)
    assert "database or disk is full" in caplog.text
    assert dispatch.tally(alert)["pending"] == len(everybody)
    rogue.says = lambda ask: None
    spell(alert, lambda: NOW + MINUTE)
    are_sent(alert, everybody, rogue)


# --- Its connections are cut ---

CUT_WHO_WAITS = f"{CUT_OTHERS} AND wait_event_type = 'Lock'"


def cut_who_waits(database: str, lock: psycopg.Connection) -> None:
    """End the connection that waits for this lock, then let go."""
    with psycopg.connect(database, autocommit=True) as observer:
        while not observer.execute(CUT_WHO_WAITS).fetchall():
            time.sleep(0.01)
    lock.close()


def cut(database: str) -> None:
    """Whoever writes to the deliveries next is cut off while it does."""
    lock = psycopg.connect(database)
    lock.execute("LOCK TABLE delivery IN EXCLUSIVE MODE")
    threading.Thread(target=cut_who_waits, args=(database, lock), daemon=True).start()


@only_postgresql
def test_its_connection_is_cut_in_a_marking(alert, everybody, rogue, database):
    when(100, rogue, lambda: cut(database))
    spell(alert)
    are_sent(alert, everybody, rogue)


@only_postgresql
def test_its_connection_is_cut_in_a_claim(alert, everybody, rogue, database):
    cut(database)
    with pytest.raises(OperationalError):
        spell(alert)
    assert rogue.books == []
    spell(alert)
    are_sent(alert, everybody, rogue)


@only_postgresql
def test_all_its_connections_are_cut_in_the_middle(alert, everybody, rogue, database):
    when(100, rogue, lambda: on_server(database, CUT_OTHERS))
    spell(alert)
    are_sent(alert, everybody, rogue)


@only_postgresql
def test_connections_that_were_cut_while_nobody_used_them_trouble_nobody(app, database):
    db.handle.close()
    on_server(database, CUT_OTHERS)
    with db.opened():
        assert Alert.select().count() == 0
    on_server(database, CUT_OTHERS)
    assert app.test_client().get("/readyz").status_code == 200

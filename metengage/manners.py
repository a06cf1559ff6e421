"""How fast, and over how many connections, we may write: all workers together, whatever machine they run on.

Each limit is a row, so that it holds across workers and outlives Redis. A worker that wants to send says so each round
and is told how many connections are its share; emails a minute are taken from an allowance that refills with time.
"""

import os
import socket
from collections.abc import Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from metengage import db
from metengage.config import settings
from metengage.formats import anonymous
from metengage.models import Allowance, Pause, Sender

MOST_CONNECTIONS = 40  # of one worker: what is on its way over them when it is killed is sent again
EVERYBODY = ""  # the allowance of all emails together
LATE = timedelta(seconds=1)  # a worker that comes so late may still have what it missed
FORESIGHT = timedelta(seconds=1)  # nothing is promised for later than that
ODD = timedelta(minutes=2)  # what is noted so far ahead was noted by a clock that has been put back since
DOMAIN_BURST = timedelta(seconds=2)  # so many seconds' worth may go to one domain at once


@dataclass(frozen=True)
class Share:
    """What this worker may use for one round."""

    connections: int  # to the mail server; 0: all are taken, try again soon
    domains: Mapping[str, int]  # domain, or "*" for every other → connections that may carry emails to it


def me() -> str:
    """This worker's name: a process on a machine."""
    return f"{socket.gethostname()}.{os.getpid()}"[:80]


# --- Connections ---


def share(now: datetime, words: str = "") -> Share:
    """This worker's fair share of the connections now; `words` say what is wrong with the mail servers, if it is."""
    with _alone():
        others = [each for each in Sender.select().where(Sender.name != me()) if not _is_gone(each, now)]
        Sender.delete().where(Sender.name.not_in([me(), *(each.name for each in others)])).execute()
        rank, workers = sum(other.name < me() for other in others), len(others) + 1
        free = settings.send_connections - sum(other.connections for other in others)
        mine = max(0, min(free, _part(settings.send_connections, rank, workers), MOST_CONNECTIONS))
        row = {"name": me(), "seen_at": now, "connections": mine, "trouble": anonymous(words)}
        kept = {name: value for name, value in row.items() if name != "name"}
        Sender.insert(row).on_conflict(conflict_target=[Sender.name], update=kept).execute()
    domains = {name: _part(most, rank, workers) for name, (most, _) in settings.domain_limits.items()}
    return Share(mine, domains)


def _is_gone(sender: Sender, now: datetime) -> bool:
    """Whether a worker was not seen for a while, or was killed on this machine: then nobody need wait for it."""
    machine, _, process = sender.name.rpartition(".")
    if machine == socket.gethostname() and process.isdigit():
        try:
            os.kill(int(process), 0)
        except ProcessLookupError:
            return True
        except PermissionError:  # it lives, and belongs to somebody else
            pass
    # One from so far ahead was seen before a clock was put back.
    return not now - Sender.GONE <= sender.seen_at <= now + ODD


def _part(whole: int, rank: int, workers: int) -> int:
    """An even share in whole numbers: the first few get one more."""
    return whole // workers + (rank < whole % workers)


def still_here(now: datetime) -> None:
    """This worker waits for a slow server: its connections are still its own."""
    db.insist(Sender.update(seen_at=now).where(Sender.name == me()).execute)


def rest(now: datetime, words: str = "") -> None:
    """This worker sends nothing for now, and needs no connection.

    `words` say what is wrong with the mail servers, if it is: they can be read until somebody sends again.
    """
    mine = Sender.name == me()
    if words:
        gone = {"connections": 0, "seen_at": now - Sender.GONE, "trouble": anonymous(words)}
        Sender.update(gone).where(mine).execute()
    else:
        Sender.delete().where(mine).execute()


@contextmanager
def _alone():
    """A transaction in which no other worker looks at the shares."""
    with db.handle.atomic():  # on SQLite it takes the lock when it begins
        if db.is_postgresql():
            db.handle.execute_sql("LOCK TABLE sender IN SHARE ROW EXCLUSIVE MODE")
        yield


# --- Emails a minute ---


def allowed(wanted: int, now: datetime) -> tuple[int, float]:
    """(how many of the wanted emails may go in the next round, seconds to wait before they do).

    With SEND_RATE, a round is at most a quarter of a second's worth. None may go when others have taken all there is
    for the next second.
    """
    rate = settings.send_rate
    if not rate:
        return wanted, 0.0
    wanted = min(wanted, max(1, int(rate / 4)))
    with db.handle.atomic():
        start = max(_locked([EVERYBODY], now)[EVERYBODY].free_at, now - LATE)
        if start > now + FORESIGHT:
            return 0, 0.0
        _set(EVERYBODY, free_at=start + wanted * timedelta(seconds=1 / rate))
    return wanted, max(0.0, (start - now).total_seconds())


def allowed_to(domains: Mapping[str, int], now: datetime) -> dict[str, tuple[int, datetime, timedelta]]:
    """For domains with how many emails wait for each: (how many may go now, when the next may, time between).

    Those that may not go now are told to come back at that time, one after the other.
    """
    found = {}
    with db.handle.atomic():
        rows = _locked(sorted(domains), now)
        for domain in sorted(domains):
            per_minute, wanted, row = limit_of(domain)[1], domains[domain], rows[domain]
            between = timedelta(minutes=1) / per_minute
            start = max(row.free_at, now - max(DOMAIN_BURST, between))
            go = max(0, min(wanted, (now - start) // between + 1))
            tail = max(row.tail_at, now, start + go * between)
            _set(domain, free_at=start + go * between, tail_at=tail + (wanted - go) * between)
            found[domain] = (go, tail + between, between)
    return found


def limit_of(domain: str) -> tuple[int, int] | None:
    """(connections, emails a minute) that this domain takes at most, if there is a limit for it."""
    limits = settings.domain_limits
    return limits.get(domain) or limits.get("*")


def _locked(names: list[str], now: datetime) -> dict[str, Allowance]:
    """The rows of these allowances, locked until the transaction ends. Names in order, so that nobody waits forever."""
    fresh = [{"name": name, "free_at": now, "tail_at": now} for name in names]
    Allowance.insert_many(fresh).on_conflict_ignore().execute()
    rows = Allowance.select().where(Allowance.name.in_(names)).order_by(Allowance.name)
    rows = {row.name: row for row in (rows.for_update() if db.is_postgresql() else rows)}
    for row in rows.values():
        if row.free_at > now + ODD:
            row.free_at = row.tail_at = now
    return rows


def _set(name: str, **values: datetime) -> None:
    Allowance.update(values).where(Allowance.name == name).execute()


# --- Pause ---


def pause(now: datetime, officer=None) -> bool:
    """Send nothing at all from now on; False when it was so already."""
    with db.handle.atomic():
        if is_paused():
            return False
        Pause.create(officer=officer, began_at=now)
    return True


def resume(now: datetime) -> bool:
    """Go on sending; False when nothing was paused."""
    return Pause.update(ended_at=now).where(Pause.ended_at.is_null()).execute() > 0


def is_paused() -> bool:
    """Whether everything is."""
    return the_pause() is not None


def the_pause() -> Pause | None:
    """What keeps everything from being sent, if it is paused."""
    return Pause.select().where(Pause.ended_at.is_null()).order_by(Pause.began_at).first()

"""What one alert does at its largest, in company, and when its workers are killed: real worker processes."""

import asyncio
import random
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field

import psutil
from aiosmtpd.controller import Controller
from rq import Worker as RqWorker

from app import create_app
from metengage import addressing, areas, audience, config, db, deliveries, dispatch, envelopes, jobs, machine
from metengage.choices import IMMEDIATELY
from metengage.models import Alert, Delivery, Subscription
from tests.benchmarks import crowd, delivery, race
from tests.benchmarks.table import spread

KILLS = 20
WARD = "E05013824"  # St Helier
LOOK = 0.02  # seconds between looks at the rows
PATIENCE = 900  # seconds


@dataclass
class Worker:
    """One worker process, and the most memory that it was seen with."""

    process: subprocess.Popen
    peak_bytes: int = 0

    def look(self) -> None:
        process = psutil.Process(self.process.pid)
        if "worker" in process.cmdline():  # until then it is a copy of us
            self.peak_bytes = max(self.peak_bytes, process.memory_info().rss)

    @property
    def peak_mb(self) -> float:
        return self.peak_bytes / 1e6


@contextmanager
def worker(environ: dict[str, str]) -> Iterator[Worker]:
    """A worker as it runs in production."""
    command = [sys.executable, "-m", "flask", "--app", "app", "worker"]
    process = subprocess.Popen(command, cwd=config.ROOT, env=environ, stderr=subprocess.DEVNULL)
    try:
        yield Worker(process)
    finally:
        process.kill()
        process.wait()


@contextmanager
def at_work(database_url: str, redis_url: str, port: int) -> Iterator[dict[str, str]]:
    """This process is the web server: it presses Send, rings and looks. Gives what workers must be told."""
    environ = delivery.environ(database_url, redis_url, port)
    with create_app(config.load(environ)).app_context(), db.opened():
        jobs.redis().flushall()
        yield environ


def until_sent(alert: Alert, *workers: Worker) -> float:
    """The seconds until the rows say that it is sent."""
    began = time.perf_counter()
    while Alert.get_by_id(alert.id).state != Alert.SENT:
        if time.perf_counter() - began > PATIENCE:
            raise RuntimeError(f"It was not sent: {dispatch.tally(alert)}")
        for each in workers:
            each.look()
        time.sleep(LOOK * 10)
    return time.perf_counter() - began


# --- To a million ---


@dataclass
class Million:
    """An alert to everybody, and alerts to one ward meanwhile."""

    emails: int = 0
    seconds: float = 0
    rows_seconds: float = 0  # until every row was made
    memory_mb: float = 0
    few_memory_mb: float = 0  # of a worker that sent to some thousands only
    first_email_ms: list[float] = field(default_factory=list)  # of an alert to one ward, from Send to the row
    eighty_thousand_seconds: float = 0  # to make so many rows

    def figures(self, name: str) -> dict[str, float]:
        first = spread(self.first_email_ms)
        return {
            f"{name}.emails": self.emails, f"{name}.seconds": round(self.seconds, 1),
            f"{name}.emails_per_s": round(self.emails / self.seconds), f"{name}.rows_s": round(self.rows_seconds, 1),
            f"{name}.memory_mb": round(self.memory_mb, 1), f"{name}.memory_of_30000_mb": round(self.few_memory_mb, 1),
            f"{name}.eighty_thousand_rows_s": round(self.eighty_thousand_seconds, 2),
            **first.figures(f"{name}.first_email_meanwhile_ms"),
        }  # fmt: skip


def million(database_url: str, redis_url: str, port: int, meanwhile: int = 15) -> Million:
    """Everybody in the crowd hears at once."""
    found = Million()
    with at_work(database_url, redis_url, port) as environ:
        Subscription.update(frequency=IMMEDIATELY).where(Subscription.alert_type == crowd.EVERYBODY).execute()
        found.eighty_thousand_seconds = _rows_for(80_000)
        with worker(environ) as one:
            few = delivery.begin(_to_about(30_000))
            jobs.ring_alert(few.id)
            until_sent(few, one)
            found.few_memory_mb, one.peak_bytes = one.peak_mb, 0
            alert = delivery.begin(delivery.everywhere())
            began = time.perf_counter()
            jobs.ring_alert(alert.id)
            while Alert.get_by_id(alert.id).prepared_at is None:
                time.sleep(LOOK)
            found.rows_seconds = time.perf_counter() - began
            for _ in range(meanwhile):
                found.first_email_ms.append(first_email([WARD]) * 1000)
                time.sleep(1)
            until_sent(alert, one)
        sent = Alert.get_by_id(alert.id)
        found.seconds, found.memory_mb = (sent.sent_at - sent.sending_at).total_seconds(), one.peak_mb
        found.emails = dispatch.tally(alert)["sent"]
    return found


def _to_about(how_many: int) -> list[str]:
    """Wards that so many people hear of."""
    codes: list[str] = []
    for ward in areas.wards_of(areas.named(delivery.everywhere())):
        codes.append(ward.code)
        if len(codes) % 5 == 0 and audience.size(crowd.EVERYBODY, codes, db.now())[IMMEDIATELY] > how_many:
            break
    return codes


def _rows_for(how_many: int) -> float:
    """The seconds to make the rows of an alert to so many; then it is put away."""
    alert = delivery.begin(_to_about(how_many))
    began = time.perf_counter()
    while alert.prepared_at is None:
        addressing.prepare_alert(alert, db.now())
    seconds = (time.perf_counter() - began) / alert.audience_size * how_many
    Delivery.delete().where(Delivery.alert == alert).execute()
    Alert.update(state=Alert.CANCELLED).where(Alert.id == alert.id).execute()
    return seconds


def first_email(codes: list[str]) -> float:
    """The seconds from pressing Send until the row of the first email says sent."""
    began = time.perf_counter()
    alert = delivery.begin(codes)
    jobs.ring_alert(alert.id)
    while not dispatch.tally(Alert.get_by_id(alert.id))["sent"]:
        time.sleep(LOOK / 2)
    return time.perf_counter() - began


# --- Killed ---


class Counting:
    """A mail server that counts each Message-ID."""

    def __init__(self):
        self.taken: Counter[str] = Counter()

    async def handle_DATA(self, server, session, envelope) -> str:
        head = envelope.content.partition(b"\r\n\r\n")[0].decode()
        self.taken[head.partition("Message-ID: ")[2].partition("\r\n")[0]] += 1
        return "250 OK"


@dataclass
class Killed:
    """What became of an alert whose workers were killed."""

    emails: int
    kills: int
    lost: int
    repeated: list[int]  # by each kill

    def figures(self, name: str) -> dict[str, int]:
        return {
            f"{name}.kills": self.kills, f"{name}.emails": self.emails, f"{name}.lost": self.lost,
            f"{name}.repeated_most": max(self.repeated), f"{name}.repeated_in_all": sum(self.repeated),
        }  # fmt: skip


def killed(database_url: str, redis_url: str, at_once: int = 1) -> Killed:
    """SIGKILL at random moments while an alert is sent; `at_once` workers, all of which are killed each time."""
    counting, chance, repeated = Counting(), random.Random(20), []
    server = Controller(counting, hostname="127.0.0.1", port=machine.free_port(2700))
    server.start()
    with at_work(database_url, redis_url, server.port) as environ:
        alert = delivery.begin(delivery.everywhere())
        for _ in range(KILLS):
            repeated.append(_kill_once(alert, environ, counting, chance, at_once))
        _let_the_lease_end()
        jobs.ring_alert(alert.id)
        with worker(environ):
            until_sent(alert)
        ids = {envelopes.of(row, "alert").message_id for row in _ids(alert)}
        server.stop()
        return Killed(len(ids), KILLS, len(ids - set(counting.taken)), repeated)


def _kill_once(alert: Alert, environ: dict, counting: Counting, chance: random.Random, at_once: int) -> int:
    """Kill the workers in the middle, and give back what they held; how many of those had been sent."""
    before = counting.taken.total()
    with ExitStack() as workers:
        processes = [workers.enter_context(worker(environ)).process for _ in range(at_once)]
        for _ in range(at_once):
            jobs.ring_alert(alert.id)
        while counting.taken.total() == before and Alert.get_by_id(alert.id).state == Alert.SENDING:
            time.sleep(LOOK)
        time.sleep(chance.random())
        for each in processes:
            each.kill()
    time.sleep(0.2)  # until the server has read what was on its way
    held = [envelopes.of(row, "alert").message_id for row in _ids(alert, Delivery.SENDING)]
    _let_the_lease_end()
    jobs.redis().flushall()
    return sum(counting.taken[each] > 0 for each in held)


def _let_the_lease_end() -> None:
    """As the clock finds it five minutes later."""
    long_ago = db.now() - 2 * Delivery.LEASE
    Delivery.update(claimed_at=long_ago).where(Delivery.is_in(Delivery.SENDING)).execute()
    deliveries.recover(db.now())


def _ids(alert: Alert, *states: str) -> list[int]:
    rows = Delivery.select(Delivery.id).where(Delivery.alert == alert)
    return [id for (id,) in db.rows(rows.where(Delivery.state.in_(states)) if states else rows)]


# --- Several workers ---


def together(database_url: str, redis_url: str, port: int, how_many: int) -> race.Run:
    """One alert by so many workers, from the first bell to the last row."""
    with at_work(database_url, redis_url, port) as environ, ExitStack() as stack:
        workers = [stack.enter_context(worker(environ)) for _ in range(how_many)]
        while RqWorker.count(jobs.redis()) < how_many:
            time.sleep(LOOK)
        alert = delivery.begin(delivery.everywhere())
        began = time.perf_counter()
        jobs.ring_alert(alert.id)
        until_sent(alert, *workers)
        return race.Run(dispatch.tally(alert)["sent"], time.perf_counter() - began, 0, workers[0].peak_bytes)


class Slow:
    """A mail server that takes ten milliseconds for each message."""

    async def handle_DATA(self, server, session, envelope) -> str:
        await asyncio.sleep(0.01)
        return "250 OK"


def slow(database_url: str, redis_url: str) -> float:
    """Emails a second into such a server: over eight connections it would take 800 if it did nothing else."""
    server = Controller(Slow(), hostname="127.0.0.1", port=machine.free_port(2800))
    server.start()
    found = together(database_url, redis_url, server.port, 1)
    server.stop()
    return found.emails_per_s

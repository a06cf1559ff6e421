"""Redis, which is only the bell: what was rung for, who listens, and counters that may be lost."""

import time
from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from typing import NamedTuple

from redis import Redis
from redis.exceptions import RedisError
from rq import Queue, Worker
from rq.cron import CronScheduler

from metengage.config import settings

URGENT, CLOCK, QUICK, BULK = QUEUES = ("urgent", "clock", "quick", "bulk")  # a worker takes them in this order
MINUTE, SPAN = 60, 5  # seconds: what is sent is counted in spans, so that the last minute can be told

_TOTALS = "metengage:totals"
_IN_SPAN = "metengage:sent:{}"


class Listener(NamedTuple):
    """A worker or a clock that waits for the bell."""

    name: str  # as in manners: its machine and process
    state: str  # idle, busy …; empty where it has not said
    seen_at: datetime | None


class Heard(NamedTuple):
    """What Redis says at this moment."""

    queues: dict[str, int]  # jobs that wait
    broken: int  # jobs of the last hour that ended with a fault of ours
    workers: list[Listener]
    clocks: list[Listener]
    totals: dict[str, int]  # sent, postponed, failed and skipped since Redis was empty
    last_minute: dict[int, int]  # alert → how many of its emails were sent; 0: of everything


def redis() -> Redis:
    return _redis(settings.redis_url)


@cache
def _redis(url: str) -> Redis:
    return Redis.from_url(url, socket_connect_timeout=2, health_check_interval=30)


def works() -> bool:
    try:
        return redis().ping()
    except RedisError:
        return False


def hear() -> Heard | None:
    """All of it; None when Redis does not answer."""
    connection = redis()
    try:
        queues = [Queue(name, connection=connection) for name in QUEUES]
        clocks = CronScheduler.all(connection, cleanup=False)
        return Heard(
            queues={queue.name: queue.count for queue in queues},
            broken=sum(queue.failed_job_registry.get_job_count(cleanup=False) for queue in queues),
            workers=[_listener(each, each.get_state().strip("?")) for each in Worker.all(connection)],
            clocks=[_listener(each, "") for each in clocks],
            totals=_numbers(connection.hgetall(_TOTALS)),
            last_minute=_last_minute(connection),
        )
    except RedisError:
        return None


def _listener(each: Worker | CronScheduler, state: str) -> Listener:
    seen = each.last_heartbeat
    return Listener(f"{each.hostname}.{each.pid}", state, seen.replace(tzinfo=None) if seen else None)


# --- Counters ---


def count(came_of: Mapping[str, int], alert_id: int = 0) -> None:
    """Add what emails came to; `alert_id` if they were one alert's. Raises RedisError."""
    with redis().pipeline(transaction=False) as pipe:
        for outcome, how_many in came_of.items():
            pipe.hincrby(_TOTALS, outcome, how_many)
        span = _IN_SPAN.format(int(time.time() // SPAN))
        for each in {0, alert_id}:
            pipe.hincrby(span, str(each), came_of["sent"])
        pipe.expire(span, 2 * MINUTE)
        pipe.execute()


def _last_minute(connection: Redis) -> dict[int, int]:
    now = int(time.time() // SPAN)
    with connection.pipeline(transaction=False) as pipe:
        for span in range(now - MINUTE // SPAN + 1, now + 1):
            pipe.hgetall(_IN_SPAN.format(span))
        found: Counter[str] = Counter()
        for each in pipe.execute():
            found.update(_numbers(each))
    return {int(alert_id): how_many for alert_id, how_many in found.items()}


def _numbers(raw: Mapping[bytes, bytes]) -> dict[str, int]:
    return {name.decode(): int(value) for name, value in raw.items()}

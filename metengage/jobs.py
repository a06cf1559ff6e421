"""What the worker does: thin, takes ids, safe twice.

The row is the truth; Redis is only the bell. A job sends one batch and rings again while there is more, so that
urgent mail never waits behind more than a batch, and a worker that is told to stop stops soon.
"""

import logging
from datetime import timedelta

from redis import Redis
from redis.exceptions import RedisError
from rq import Queue, SimpleWorker
from rq.cron import CronScheduler

from metengage import alerts, db, deliveries, digests, limits, links, residents
from metengage.config import settings
from metengage.models import Alert, Digest

log = logging.getLogger(__name__)

URGENT, CLOCK, BULK = QUEUES = ("urgent", "clock", "bulk")  # a worker takes them in this order
TICK = 60  # seconds
QUIET = timedelta(seconds=30)  # work that nobody has touched for so long has lost its bell


# --- The bell ---


def redis() -> Redis:
    return Redis.from_url(settings.redis_url, socket_connect_timeout=2, health_check_interval=30)


def bell_works() -> bool:
    try:
        return redis().ping()
    except RedisError:
        return False


def ring_urgent() -> None:
    _ring(URGENT, send_urgent)


def ring_alert(alert_id: int) -> None:
    _ring(BULK, send_alert, alert_id)


def ring_digest(digest_id: int) -> None:
    _ring(BULK, send_digest, digest_id)


def _ring(queue: str, job, *ids: int) -> None:
    """Wake a worker. Without Redis nothing is lost: the clock finds the rows when it is back."""
    try:
        # Batches limit their own time; a signal in the middle could fall between sending and marking.
        Queue(queue, connection=redis()).enqueue(job, *ids, job_timeout=-1, result_ttl=0, failure_ttl=3600)
    except RedisError as error:
        log.warning("The bell is out (%s); the clock will find this work.", type(error).__name__)


# --- The jobs ---


def send_urgent() -> None:
    with db.opened():
        if deliveries.send_urgent():
            ring_urgent()


def send_alert(alert_id: int) -> None:
    with db.opened():
        if alerts.send_some(Alert.get_by_id(alert_id), db.now()):
            ring_alert(alert_id)


def send_digest(digest_id: int) -> None:
    with db.opened():
        if digests.send_some(Digest.get_by_id(digest_id)):
            ring_digest(digest_id)


def tick() -> None:
    """Once a minute: find what is due or was lost, and forget what may no longer be kept."""
    with db.opened():
        now = db.now()
        deliveries.recover(now)
        digests.begin_due(now)
        if deliveries.urgent_is_waiting(now - QUIET):
            ring_urgent()
        for alert in alerts.unfinished(now - QUIET):
            ring_alert(alert.id)
        for digest in digests.unfinished(now - QUIET):
            ring_digest(digest.id)
        residents.forget_unconfirmed(now)
        residents.forget_left(now)
        links.forget_expired(now)
        limits.forget_old(now)


# --- Who runs them ---


def worker() -> SimpleWorker:
    """A worker that stays warm: it runs jobs in its own process, the urgent ones first."""
    return SimpleWorker(QUEUES, connection=redis())


def clock() -> CronScheduler:
    """The clock; several may run."""
    scheduler = CronScheduler(connection=redis())
    scheduler.register(tick, CLOCK, interval=TICK, ttl=TICK, result_ttl=0, failure_ttl=3600)
    return scheduler

"""What the worker does: thin, takes ids, safe twice.

The row is the truth; Redis is only the bell. A job works for two seconds, or until something more urgent waits, and
rings again while there is more: confirmations and small audiences wait for a round at most.
"""

import logging
import time
from collections.abc import Callable, Sequence
from datetime import timedelta

from redis import Redis
from redis.exceptions import RedisError
from rq import Queue, SimpleWorker, Worker, get_current_job
from rq.cron import CronScheduler

from metengage import (
    bell,
    casework,
    db,
    deliveries,
    digests,
    dispatch,
    events,
    feeling,
    keeping,
    manners,
    moving,
    outcomes,
    profile,
    relays,
    release,
    reminders,
    residents,
    rounds,
    stories,
    surveys,
    urgent,
)
from metengage.bell import BULK, CLOCK, QUEUES, QUICK, URGENT, redis
from metengage.formats import count
from metengage.models import Alert, Digest

log = logging.getLogger(__name__)

SMALL = 5_000  # residents: an alert to so many is quick
SPELL = 2.0  # seconds that a job works before its equals have their turn; what is more urgent waits for a round only
MOMENT = 0.1  # seconds to wait when others have all that the mail server allows
TICK = 60  # seconds
SOON = 5  # seconds after its time at most, a scheduled alert begins
HEARTBEAT = 30  # seconds: a worker with nothing to do says within so many that it is there
QUIET = timedelta(seconds=30)  # work that nobody has touched for so long has lost its bell


# --- The bell ---


def ring_urgent() -> None:
    _ring(URGENT, send_urgent)


def ring_alert(alert_id: int) -> None:
    """To an audience of a few thousand it goes ahead of those to hundreds of thousands."""
    size = Alert.get_by_id(alert_id).audience_size or 0
    _ring(QUICK if size <= SMALL else BULK, send_alert, alert_id)


def begin_if_due(alert: Alert) -> None:
    """Begin a scheduled alert whose time has come: at once where nobody may undo it, else when the clock finds it."""
    now = db.now()
    if alert.state == Alert.SCHEDULED and alert.due_at <= now and release.begin(alert, now):
        ring_alert(alert.id)


def ring_digest(digest_id: int) -> None:
    _ring(BULK, send_digest, digest_id)


def ring_for_all_that_waits(since: timedelta = timedelta()) -> None:
    """Ring for whatever is due and has been let lie for so long."""
    quiet = db.now() - since
    if deliveries.urgent_is_waiting(quiet):
        ring_urgent()
    for alert in dispatch.unfinished(quiet):
        ring_alert(alert.id)
    for digest in digests.unfinished(quiet):
        ring_digest(digest.id)


def _ring(queue: str, job, *ids: int) -> None:
    """Wake a worker. Without Redis nothing is lost: the clock finds the rows when it is back."""
    try:
        _enqueue(redis(), queue, job, *ids)
    except RedisError as error:
        log.warning("The bell is out (%s); the clock will find this work.", type(error).__name__)


def _ring_again(job, *ids: int) -> None:
    """Go on after others had their turn; while another worker has nothing to do, it is woken to share the work."""
    try:
        connection, queue = redis(), get_current_job().origin if get_current_job() else BULK
        is_empty = Queue(queue, connection=connection).is_empty()
        _enqueue(connection, queue, job, *ids)
        if is_empty and any(each.get_state() == "idle" for each in Worker.all(connection)):
            _enqueue(connection, queue, job, *ids)
    except RedisError as error:
        log.warning("The bell is out (%s); the clock will find this work.", type(error).__name__)


def _enqueue(connection: Redis, queue: str, job, *ids: int) -> None:
    # Rounds limit their own time; a signal in the middle could fall between sending and marking.
    Queue(queue, connection=connection).enqueue(job, *ids, job_timeout=-1, result_ttl=0, failure_ttl=3600)


# --- The jobs ---


def send_urgent() -> None:
    if _spell(urgent.send, before=()):
        ring_urgent()


def send_alert(alert_id: int) -> None:
    job = get_current_job()
    before = QUEUES[: QUEUES.index(job.origin)] if job else ()
    if _spell(lambda: dispatch.send_some(Alert.get_by_id(alert_id)), before, alert=alert_id):
        _ring_again(send_alert, alert_id)


def send_digest(digest_id: int) -> None:
    if _spell(lambda: digests.send_some(Digest.get_by_id(digest_id)), before=QUEUES[:-1], digest=digest_id):
        _ring_again(send_digest, digest_id)


def _spell(work: Callable[[], int], before: Sequence[str], **about: int) -> bool:
    """Do this for a while, or until something waits that goes before; True when there may be more to do."""
    began = time.monotonic()
    with db.opened():
        try:
            while work():
                if time.monotonic() >= began + SPELL or _waits_in(before):
                    return True
        except rounds.NotNow:
            time.sleep(MOMENT)
            return True
        finally:
            _tell(about, time.monotonic() - began)
        _rest()
    return False


def _waits_in(queues: Sequence[str]) -> bool:
    """Whether a bell was rung there; without Redis nobody can know, and the clock goes on with this work."""
    try:
        return any(not Queue(name, connection=redis()).is_empty() for name in queues)
    except RedisError:
        return True


def _tell(about: dict[str, int], seconds: float) -> None:
    """Say what this spell came to: in the log, and in the counters that operators see."""
    came_of = outcomes.taken()
    if not any(came_of.values()):
        return
    facts = {"event": "sending", **about, **came_of, "seconds": round(seconds, 3), "connections": relays.kept()}
    what = " ".join(f"{name} {id}" for name, id in about.items()) or "urgent"
    words = ", ".join(f"{how_many} {outcome}" for outcome, how_many in came_of.items())
    log.info("%s: %s in %.2f s over %s", what, words, seconds, count(facts["connections"], "connection"), extra=facts)
    try:
        bell.count(came_of, about.get("alert", 0))
    except RedisError as error:
        log.warning("The bell is out (%s); these are not counted.", type(error).__name__)


def _rest() -> None:
    """When nothing else is to be done either, leave the connections to others."""
    if not _waits_in(QUEUES):
        relays.hang_up()
        manners.rest(db.now(), relays.trouble())


def begin_due() -> None:
    """Begin the scheduled alerts whose time has come."""
    with db.opened():
        for alert in release.due(db.now()):
            begin_if_due(alert)


def tick() -> None:
    """Once a minute: find what is due or was lost, and forget what may no longer be kept."""
    with db.opened():
        now = db.now()
        begin_due()
        deliveries.recover(now)
        digests.begin_due(now)
        if residents.remind_unconfirmed(now) + events.remind(now):
            ring_urgent()
        casework.close_left(now)
        if reminders.remind(now):
            ring_urgent()
        surveys.close_old(now)
        if feeling.ask_due(now):
            ring_urgent()
        ring_for_all_that_waits(QUIET)
        stories.end_follows(now)
        moving.forget_changes(now)
        profile.end_pauses(now)
        keeping.forget(now)


# --- Who runs them ---


def worker() -> SimpleWorker:
    """A worker that stays warm: it runs jobs in its own process, the urgent ones first."""
    return SimpleWorker(QUEUES, connection=redis(), worker_ttl=HEARTBEAT)


def clock() -> CronScheduler:
    """The clock; several may run."""
    scheduler = CronScheduler(connection=redis())
    scheduler.register(tick, CLOCK, interval=TICK, ttl=TICK, result_ttl=0, failure_ttl=3600)
    scheduler.register(begin_due, CLOCK, interval=SOON, ttl=SOON, result_ttl=0, failure_ttl=3600)
    return scheduler

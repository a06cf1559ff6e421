"""A daily digest of a hundred thousand residents with one to twenty alerts each, by one worker."""

import random
import time
from dataclasses import dataclass
from datetime import timedelta

from peewee import chunked, fn

from metengage import db, digests, jobs
from metengage.choices import ALERT_TYPES, DAILY
from metengage.models import Alert, AlertArea, Delivery, Digest, Officer, Subscription, Team
from tests.benchmarks import crowd, trials

RESIDENTS = 100_000
LOCAL, WIDE = (1, 6), (0, 2)  # alerts of a day: for each ward, and of each other type for each borough
BODY = "Three sheds were broken into overnight on Green Lane. Lock yours, light it, and call 101 if you saw it.\n\n" * 5


@dataclass
class Morning:
    """What one morning took."""

    emails: int
    alerts: int
    seconds: float
    rows_seconds: float  # until every row was made
    memory_mb: float
    few_memory_mb: float  # of a worker that had sent a twentieth of them

    def figures(self, name: str) -> dict[str, float]:
        return {
            f"{name}.emails": self.emails, f"{name}.alerts": self.alerts, f"{name}.seconds": round(self.seconds, 1),
            f"{name}.emails_per_s": round(self.emails / self.seconds), f"{name}.rows_s": round(self.rows_seconds, 1),
            f"{name}.memory_mb": round(self.memory_mb, 1),
            f"{name}.memory_of_a_twentieth_mb": round(self.few_memory_mb, 1),
        }  # fmt: skip


def digest(database_url: str, redis_url: str, port: int) -> Morning:
    """Everybody in the crowd hears daily."""
    with trials.at_work(database_url, redis_url, port) as environ:
        Subscription.update(frequency=DAILY).execute()
        now = db.now()
        digests.begin_due(now - timedelta(days=1))
        Digest.update(prepared_at=now).execute()
        how_many = _write(digests.schedule.last_moment(DAILY, now) - timedelta(hours=9))
        run = next(each for each in digests.begin_due(now) if each.frequency == DAILY)
        with trials.worker(environ) as one:
            began = time.perf_counter()
            jobs.ring_digest(run.id)
            while Digest.get_by_id(run.id).prepared_at is None:
                time.sleep(trials.LOOK)
            rows_seconds = time.perf_counter() - began
            few = _until_sent(run, one, 20)
            seconds = _until_sent(run, one) and time.perf_counter() - began
        sent = Delivery.select().where(Delivery.digest == run, Delivery.state == Delivery.SENT).count()
        return Morning(sent, how_many, seconds, rows_seconds, one.peak_mb, few)


def _until_sent(run: Digest, one: trials.Worker, part: int = 1) -> float:
    """Wait until a part of the rows is done; the most memory until then, in MB."""
    mine = Delivery.select(fn.COUNT(Delivery.id)).where(Delivery.digest == run)
    whole = mine.scalar()
    open_rows = mine.where(Delivery.alert.is_null(), Delivery.state.in_((Delivery.PENDING, Delivery.SENDING)))
    while open_rows.scalar() > whole - whole // part:
        one.look()
        time.sleep(trials.LOOK * 10)
    return one.peak_mb


def _write(when) -> int:
    """The alerts of a day, sent already; how many."""
    chance, officer, team = random.Random(7), Officer.get(), Team.get()
    wards = crowd.wards()
    boroughs = sorted({ward["borough_code"] for ward in wards})
    others = sorted(ALERT_TYPES.keys() - {crowd.EVERYBODY})
    places = [(ward["ward_code"], crowd.EVERYBODY) for ward in wards for _ in range(chance.randint(*LOCAL))]
    places += [(code, slug) for code in boroughs for slug in others for _ in range(chance.randint(*WIDE))]
    same = {"team": team, "author": officer, "sender": officer, "state": Alert.SENT, "body": BODY, "audience_size": 0}
    rows = [
        same | {"title": f"Sheds broken into, number {n}", "alert_type": slug, "sending_at": when, "sent_at": when}
        for n, (_, slug) in enumerate(places)
    ]
    with db.handle.atomic():
        for some in chunked(rows, 500):
            Alert.insert_many(some).execute()
        ids = [alert_id for (alert_id,) in Alert.select(Alert.id).order_by(Alert.id.desc()).limit(len(rows)).tuples()]
        areas = [{"alert": alert_id, "area": code} for alert_id, (code, _) in zip(reversed(ids), places, strict=True)]
        for some in chunked(areas, 500):
            AlertArea.insert_many(some).execute()
    return len(rows)

"""What is due, gather, deliver: one email with what came since last time."""

from collections import defaultdict
from collections.abc import Callable
from datetime import datetime, timedelta

from peewee import SQL, Case, IntegrityError, fn

from metengage import addressing, audience, db, editions, rounds, schedule, standing
from metengage.models import Alert, AlertArea, Delivery, Digest, DigestAlert, Held, Resident, Subscription

LATEST = timedelta(days=28)  # an alert that was paused for longer is in no run


def begin_due(now: datetime) -> list[Digest]:
    """Begin the runs that are due; a clock that fires twice, or was away for days, makes one of each."""
    begun = []
    for frequency in schedule.PERIODS:
        until = schedule.last_moment(frequency, now)
        date = schedule.date_of(until)
        if Digest.get_or_none(Digest.frequency == frequency, Digest.date == date):
            continue
        before = Digest.select().where(Digest.frequency == frequency).order_by(Digest.until.desc()).first()
        since = before.until if before else until - schedule.PERIODS[frequency]
        try:
            with db.handle.atomic():
                digest = Digest.create(frequency=frequency, date=date, since=since, until=until)
                _gather(digest)
        except IntegrityError:  # another clock was first
            continue
        begun.append(digest)
    return begun


def _gather(digest: Digest) -> None:
    """Fix what is in it: what was sent until then and is in no run before it, and what was held for it.

    An alert that is paused waits for the next run.
    """
    same = Digest.select(Digest.id).where(Digest.frequency == digest.frequency)
    first = Digest.select(fn.MIN(Digest.since)).where(Digest.frequency == digest.frequency)
    told = DigestAlert.select(DigestAlert.alert).where(DigestAlert.digest.in_(same))
    those = Alert.select(SQL(str(digest.id)), Alert.id).where(
        Alert.state.in_((Alert.SENDING, Alert.SENT)),
        Alert.paused_at.is_null() | (Alert.state == Alert.SENT),
        Alert.stopped_at.is_null(),
        Alert.sending_at > digest.until - max(LATEST, digest.until - digest.since),
        Alert.sending_at > first,
        Alert.sending_at <= digest.until,
        Alert.id.not_in(told),
        # Whoever has not got an alert yet gets its newest words, and is not told of a correction.
        Alert.corrects.is_null(),
        Alert.id.not_in(standing.withdrawn()),
    )
    DigestAlert.insert_from(those, [DigestAlert.digest, DigestAlert.alert]).execute()
    waiting = (Held.frequency == digest.frequency) & Held.digest.is_null() & (Held.held_at <= digest.until)
    Held.update(digest=digest).where(waiting, Held.resident.not_in(Resident.paused(digest.until))).execute()


def unfinished(quiet_since: datetime) -> list[Digest]:
    """Runs that are not prepared, or have emails due, and that no worker has touched since then."""
    waiting = Delivery.select(Delivery.digest).where(
        Delivery.digest.is_null(False), Delivery.is_in(Delivery.PENDING), Delivery.due_at <= quiet_since
    )
    return list(
        Digest.select().where(
            Digest.prepared_at.is_null() | Digest.id.in_(waiting),
            Digest.worked_at.is_null() | (Digest.worked_at <= quiet_since),
        )
    )


def gathered(digest: Digest) -> tuple[int, ...]:
    """The ids of this run's alerts, newest first; what was stopped or withdrawn since goes to nobody any more."""
    rows = Alert.select(Alert.id).join(DigestAlert)
    rows = rows.where(DigestAlert.digest == digest, Alert.stopped_at.is_null(), Alert.id.not_in(standing.withdrawn()))
    return tuple(alert_id for (alert_id,) in db.rows(rows.order_by(Alert.sending_at.desc(), Alert.id.desc())))


def _listeners(digest: Digest, now: datetime) -> list:
    """Queries for the residents whom it may bring something.

    There is one for each type, one for each theme that only those hear of who named it, and one for held alerts.
    """
    theme = Case(None, [(Alert.only_concerned, Alert.theme)])
    rows = Alert.select(Alert.alert_type, theme, AlertArea.area, fn.MAX(Alert.sending_at)).join(DigestAlert)
    rows = rows.switch(Alert).join(AlertArea).where(DigestAlert.digest == digest, Alert.stopped_at.is_null())
    areas_of, latest = defaultdict(list), {}
    for slug, theme, area, when in rows.group_by(Alert.alert_type, SQL("2"), AlertArea.area).tuples():
        areas_of[slug, theme or ""].append(area)
        latest[slug, theme or ""] = max(when, latest.get((slug, theme or ""), when))
    heard = [
        audience.of(about[0], codes, digest.frequency, now, about[1] or None).where(
            Subscription.began_at <= latest[about]
        )
        for about, codes in sorted(areas_of.items())
    ]
    held = Held.select(Held.resident).where(Held.digest == digest, Held.resident.not_in(Resident.paused(now)))
    return [*heard, held.distinct()]


def send_some(digest: Digest, clock: Callable[[], datetime] = db.now) -> int:
    """A slice of the rows if some are still to be made, else a round of emails; 0 when nothing is due.

    May raise rounds.NotNow.
    """
    Digest.update(worked_at=clock()).where(Digest.id == digest.id).execute()
    if digest.prepared_at is None:
        addressing.prepare_digest(digest, _listeners(digest, clock()), clock())
    if digest.prepared_at is None:
        return 1
    return rounds.to_many(digest, lambda rows: editions.of(digest, gathered(digest)).for_rows(rows, clock()), clock)

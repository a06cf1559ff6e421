"""Sending an alert, once it has begun: slices of rows, rounds of emails, and how far it is."""

from collections.abc import Callable
from datetime import datetime

from peewee import SQL, Select, fn

from metengage import addressing, copies, db, deliveries, rounds
from metengage.models import Alert, Delivery


def send_some(alert: Alert, clock: Callable[[], datetime] = db.now) -> int:
    """A slice of the rows if some are still to be made, else a round of emails; 0 when nothing is due.

    May raise rounds.NotNow.
    """
    if alert.state != Alert.SENDING or alert.paused_at:
        return 0
    if alert.stopped_at:
        return _skip_rest(alert, clock())
    if alert.prepared_at is None:
        addressing.prepare_alert(alert, clock())
    if alert.prepared_at is None:
        return 1
    Alert.update(worked_at=clock()).where(Alert.id == alert.id).execute()
    return rounds.to_many(alert, lambda rows: copies.of(alert).for_rows(rows, clock()), clock)


def _skip_rest(alert: Alert, now: datetime) -> int:
    skipped = deliveries.skip_rest(alert, "sending was stopped")
    if not skipped:
        rounds.close_if_done(alert, now)
    return skipped


def unfinished(quiet_since: datetime) -> list[Alert]:
    """Alerts that are being sent and that no worker has touched since then."""
    return list(
        Alert.select().where(
            Alert.state == Alert.SENDING,
            Alert.paused_at.is_null(),
            Alert.sending_at <= quiet_since,
            Alert.worked_at.is_null() | (Alert.worked_at <= quiet_since),
        )
    )


# --- Watch ---


def tally(alert: Alert) -> dict[str, int]:
    """How many of an alert's emails are in each state, all at one moment."""
    mine = Delivery.select(fn.COUNT(SQL("*"))).where(Delivery.alert == alert)
    # Sent is what remains of the rows made: nearly all of them are. The others are in indexes of their own, named in
    # those indexes' words, or SQLite would read every row.
    others = {
        Delivery.PENDING: Delivery.digest.is_null() & SQL("state = 'pending'"),
        Delivery.SENDING: SQL("state = 'sending'"),
        Delivery.FAILED: SQL("state IN ('failed', 'skipped') AND state = 'failed'"),
        Delivery.SKIPPED: SQL("state IN ('failed', 'skipped') AND state = 'skipped'"),
    }
    made = Alert.select(Alert.audience_size).where(Alert.id == alert.id, Alert.prepared_at.is_null(False))
    counts = [mine.where(each) for each in others.values()]
    total, *found = Select(columns=[made, *counts]).bind(db.handle).tuples().get()
    return {Delivery.SENT: max(0, (total or 0) - sum(found))} | dict(zip(others, found, strict=True))


def failures(alert: Alert, limit: int = 5) -> list[tuple[str, int]]:
    """Why emails of an alert failed, were skipped or wait, in words with how many, the most frequent first."""
    how_many = fn.COUNT(SQL("*"))
    rows = (
        Delivery.select(Delivery.reason, how_many)
        .where(Delivery.alert == alert, Delivery.reason.is_null(False))  # what was sent has none
        .group_by(Delivery.reason)
        .order_by(how_many.desc())
        .limit(limit)
    )
    return list(rows.tuples())

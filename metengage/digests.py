"""What is due, gather, deliver: one email with what came since last time."""

from collections.abc import Callable
from datetime import datetime
from functools import cache

from peewee import IntegrityError

from metengage import addressing, areas, audience, db, deliveries, emails, envelopes, letters, rounds, schedule
from metengage.formats import listing
from metengage.models import Alert, Delivery, Digest, Subscription


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
                begun.append(Digest.create(frequency=frequency, date=date, since=since, until=until))
        except IntegrityError:  # another clock was first
            continue
    return begun


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


def gathered(digest: Digest) -> list[Alert]:
    """The alerts since the last run, newest first; what was stopped goes to nobody any more."""
    return list(
        Alert.select()
        .where(
            Alert.state.in_((Alert.SENDING, Alert.SENT)),
            Alert.stopped_at.is_null(),
            Alert.sending_at > digest.since,
            Alert.sending_at <= digest.until,
        )
        .order_by(Alert.sending_at.desc())
    )


def _listeners(digest: Digest, alert: Alert):
    """A query for the subscriptions that bring this alert to somebody in this digest."""
    return Subscription.select(Subscription.resident).where(
        Subscription.alert_type == alert.alert_type,
        Subscription.area.in_(audience.reach(audience.area_codes(alert))),
        Subscription.frequency == digest.frequency,
        Subscription.began_at <= alert.sending_at,
        Subscription.live(),
    )


def send_some(digest: Digest, clock: Callable[[], datetime] = db.now) -> int:
    """A slice of the rows if some are still to be made, else a round of emails; 0 when nothing is due.

    May raise rounds.NotNow.
    """
    alerts = gathered(digest)
    Digest.update(worked_at=clock()).where(Digest.id == digest.id).execute()
    if digest.prepared_at is None:
        addressing.prepare_digest(digest, [_listeners(digest, alert) for alert in alerts], clock())
    if digest.prepared_at is None:
        return 1
    return rounds.to_many(digest, lambda rows: _writer(digest, alerts, rows), clock)


def _writer(digest: Digest, alerts: list[Alert], rows: list[deliveries.Row]):
    """Writes each resident's digest; those with the same alerts share one rendering."""
    contents = _contents(digest, alerts, [row.resident_id for row in rows])
    by_id = {alert.id: alert for alert in alerts}
    links = letters.PersonalLinks(None)

    @cache
    def stencil(ids: tuple[int, ...]):
        return emails.digest(digest.frequency, [(by_id[each], _where(by_id[each])) for each in ids], digest.until).cut()

    def write(row: deliveries.Row, envelope: envelopes.Envelope) -> bytes:
        ids = contents.get(row.resident_id)
        if not ids:
            raise emails.NotNeeded("nothing new")
        own = links.of(row.resident_id, row.link_version)
        return stencil(tuple(ids)).fill(row.email, envelope.message_id, own, envelope.mark)

    return write


def _contents(digest: Digest, alerts: list[Alert], residents: list[int]) -> dict[int, list[int]]:
    """Resident → the alerts to put in, newest first, without those that reached them by themselves."""
    had = set(
        Delivery.select(Delivery.resident, Delivery.alert)
        .where(db.one_of(Delivery.resident, residents), Delivery.alert.in_(alerts), Delivery.state == Delivery.SENT)
        .tuples()
    )
    found: dict[int, list[int]] = {}
    for alert in alerts:
        mine = _listeners(digest, alert).where(Subscription.resident.in_(residents)).distinct().tuples()
        for (resident,) in mine:
            if (resident, alert.id) not in had:
                found.setdefault(resident, []).append(alert.id)
    return found


def _where(alert: Alert) -> str:
    return listing([area.full_name for area in areas.named(audience.area_codes(alert))])

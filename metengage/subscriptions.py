"""What residents hear about: begun, ended, and begun anew. Never edited, so that what held at any date can be told."""

from datetime import datetime
from typing import NamedTuple

from metengage import audience, schedule
from metengage.models import Alert, AlertArea, Delivery, Digest, Resident, Subscription


class Choice(NamedTuple):
    """Hear about this type in this area, this often."""

    area: str  # its code
    alert_type: str
    frequency: str


def of(resident: Resident) -> dict[Choice, int]:
    """What this resident hears now: choice → the subscription's id, the oldest first."""
    live = Subscription.select().where(Subscription.resident == resident, Subscription.live())
    return {Choice(row.area_id, row.alert_type, row.frequency): row.id for row in live.order_by(Subscription.id)}


def ever(resident: Resident) -> bool:
    """Whether they ever heard about anything, as far as is still known."""
    return Subscription.select().where(Subscription.resident == resident).exists()


def change(resident: Resident, wanted: set[Choice], source: str, now: datetime) -> None:
    """End what is no longer wanted and begin what is new; what stays is left alone, and so is who has left.

    For a transaction. It takes the resident's row: of two changes at one moment, the second waits for the first.
    """
    if not take(resident):
        return
    live = of(resident)
    _keep_what_waits(resident, set(live) - wanted, wanted, now)
    end([row_id for choice, row_id in live.items() if choice not in wanted], "changed", now)
    begin(resident, wanted - set(live), source, now)


def take(resident: Resident) -> bool:
    """Take a confirmed resident's row until the transaction ends; False when they have left."""
    mine = (Resident.id == resident.id) & (Resident.state == Resident.CONFIRMED)
    return Resident.update(state=Resident.CONFIRMED).where(mine).execute() == 1


def take_whoever(resident_id: int) -> bool:
    """Take the row of anybody until the transaction ends; False when they are erased, or gone."""
    mine = (Resident.id == resident_id) & (Resident.state != Resident.ERASED)
    return Resident.update(state=Resident.state).where(mine).execute() == 1


def _keep_what_waits(resident: Resident, ending: set[Choice], wanted: set[Choice], now: datetime) -> None:
    """What was sent meanwhile for the next digest still comes in it, when somebody changes only how often they hear."""
    still = {(choice.area, choice.alert_type) for choice in wanted}
    for frequency in schedule.PERIODS:
        mine = [each for each in ending if each.frequency == frequency and (each.area, each.alert_type) in still]
        if mine:
            run, since = _reached(resident, frequency, now)
            waiting = {alert.id for choice in mine for alert in _sent(resident, choice, since)}
            audience.hold(resident.id, waiting, frequency, now, run)


def _reached(resident: Resident, frequency: str, now: datetime) -> tuple[Digest | None, datetime]:
    """(the run whose email to this resident is still on its way, since when alerts have not reached them)."""
    last = Digest.select().where(Digest.frequency == frequency).order_by(Digest.until.desc()).first()
    if last is None:
        return None, schedule.last_moment(frequency, now)
    on_its_way = (Delivery.PENDING, Delivery.SENDING)
    waits = Delivery.select().where(Delivery.resident == resident, Delivery.digest == last)
    if last.prepared_at is None or waits.where(Delivery.state.in_(on_its_way)).exists():
        return last, last.since
    return None, last.until


def _sent(resident: Resident, choice: Choice, since: datetime):
    """The alerts that this choice has brought since then."""
    began = Subscription.get_by_id(of(resident)[choice]).began_at
    return (
        Alert.select(Alert.id)
        .join(AlertArea)
        .where(
            Alert.alert_type == choice.alert_type,
            AlertArea.area.in_(audience.reach([choice.area])),
            Alert.state.in_((Alert.SENDING, Alert.SENT)),
            Alert.sending_at > since,
            Alert.sending_at >= began,
            Alert.corrects.is_null(),
        )
        .distinct()
    )


def begin(resident: Resident, choices: set[Choice], source: str, now: datetime) -> None:
    """Begin each of these."""
    for area, slug, frequency in sorted(choices):
        Subscription.create(
            resident=resident, area=area, alert_type=slug, frequency=frequency, source=source, began_at=now
        )


def end(ids: list[int], reason: str, now: datetime) -> None:
    """End these subscriptions, as far as they are live."""
    Subscription.update(ended_at=now, ended_reason=reason).where(
        Subscription.id.in_(ids), Subscription.live()
    ).execute()


def end_all(resident: Resident, reason: str, now: datetime) -> int:
    """End everything that a resident hears; returns how many subscriptions."""
    mine = Subscription.update(ended_at=now, ended_reason=reason).where(Subscription.resident == resident)
    return mine.where(Subscription.live()).execute()

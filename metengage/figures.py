"""What a ward's page tells in numbers, of the last three months. Few people are not counted out loud."""

from dataclasses import dataclass
from datetime import datetime

from peewee import fn

from metengage import audience, promises
from metengage.choices import ALERT_TYPES
from metengage.formats import SMALLEST_GROUP
from metengage.models import Alert, AlertArea, Area, Concern, Subscription
from metengage.promises import COUNTED, Kept


@dataclass(frozen=True)
class Figures:
    """Of a ward, up to now."""

    alerts: int  # that went to it, by itself or with its borough
    hearers: int | None  # residents who get alerts for it; None where they are fewer than may be told
    said: int  # what residents told the team, and answered to alerts
    kept: Kept  # how the team answered


def of(ward: Area, now: datetime) -> Figures:
    """What may be shown of a ward to anybody."""
    since = now - COUNTED
    places = [ward.code, ward.borough.code]
    sent = Alert.select(fn.COUNT(fn.DISTINCT(Alert.id))).join(AlertArea).where(AlertArea.area.in_(places))
    sent = sent.where(Alert.state.in_((Alert.SENDING, Alert.SENT)), Alert.sending_at > since, Alert.corrects.is_null())
    lately = (Concern.ward == ward) & (Concern.received_at > since)
    said = Concern.select().where(lately, Concern.closed_because != Concern.SPAM, Concern.held_at.is_null())
    return Figures(sent.scalar(), _hearers(ward), said.count(), promises.kept(ward, now))


def _hearers(ward: Area) -> int | None:
    reached = audience.reach([ward.code])
    live = Subscription.alert_type.in_(list(ALERT_TYPES)) & Subscription.area.in_(reached) & Subscription.live()
    people = Subscription.select(fn.COUNT(fn.DISTINCT(Subscription.resident))).where(live).scalar()
    return people if people >= SMALLEST_GROUP else None

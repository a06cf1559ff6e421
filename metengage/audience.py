"""Who an alert reaches: the subscribed, less the suppressed."""

from collections.abc import Collection, Iterable
from datetime import datetime

from peewee import SQL, NodeList

from metengage import db
from metengage.choices import DAILY, FREQUENCIES, IMMEDIATELY, WEEKLY
from metengage.formats import london
from metengage.models import Alert, AlertArea, Area, Subscription


def reach(codes: Iterable[str]) -> list[str]:
    """The areas whose subscribers hear of an alert to these: a ward's borough too, and all wards of a borough."""
    codes = list(codes)
    rows = Area.select(Area.code, Area.parent).where(Area.code.in_(codes) | Area.parent.in_(codes)).tuples()
    found = {code for code, _ in rows} | {parent for code, parent in rows if parent and code in codes}
    return sorted(found)


def area_codes(alert: Alert) -> list[str]:
    """The areas that an alert is written to, as the officer chose them."""
    rows = AlertArea.select(AlertArea.area).where(AlertArea.alert == alert).order_by(AlertArea.area).tuples()
    return [code for (code,) in rows]


def of(alert_type: str, codes: Iterable[str], frequency: str):
    """A query for the ids of the residents who hear of such an alert in this way, each once."""
    return _hearers(alert_type, reach(codes), frequency)


def size(alert_type: str, codes: Iterable[str]) -> dict[str, int]:
    """How many residents such an alert reaches, by frequency: immediately, daily, weekly."""
    reached = reach(codes)
    return {frequency: _hearers(alert_type, reached, frequency).count() for frequency in FREQUENCIES}


def _hearers(alert_type: str, reached: list[str], frequency: str):
    # The plus sign hides from SQLite that another index has residents in order: for many areas it would walk the whole
    # of that one, which takes six times as long as to sort what subscription_audience gives. GROUP BY does sort;
    # DISTINCT would fill a tree, which takes twice as long.
    resident = NodeList((SQL("+"), Subscription.resident), glue="")
    return (
        Subscription.select(resident.alias("resident_id"))
        .where(
            Subscription.alert_type == alert_type,
            Subscription.area.in_(reached),
            Subscription.frequency == frequency,
            Subscription.live(),
        )
        .group_by(resident)
    )


def reasons(alert_type: str, reached: Collection[str], residents: list[int]) -> dict[int, tuple[str, ...]]:
    """For each of these residents who is still subscribed: which of the areas `reached` bring them such an alert."""
    rows = Subscription.select(Subscription.resident, Subscription.area).where(
        db.one_of(Subscription.resident, residents), Subscription.alert_type == alert_type, Subscription.live()
    )
    # A resident has few areas, an alert may have hundreds: these are looked through here.
    found = {}
    for resident, area in db.rows(rows):
        if area in reached:
            found[resident] = (*found.get(resident, ()), area)
    return found


def alerts_between(alert_types: Iterable[str], codes: Iterable[str], since: datetime, until: datetime):
    """A query for the alerts of these types that reached these areas in a time (UTC), newest first."""
    return (
        Alert.select()
        .join(AlertArea)
        .where(
            Alert.alert_type.in_(list(alert_types)),
            AlertArea.area.in_(reach(codes)),
            Alert.state.in_((Alert.SENDING, Alert.SENT)),
            Alert.sending_at > since,
            Alert.sending_at <= until,
        )
        .distinct()
        .order_by(Alert.sending_at.desc())
    )


def volume(alert_types: Iterable[str], codes: Iterable[str], since: datetime, until: datetime) -> dict[str, int]:
    """How many emails this choice would have brought in a time, under each frequency."""
    alerts = alerts_between(alert_types, codes, since, until)
    days = [london(alert.sending_at).date() for alert in alerts]
    return {
        IMMEDIATELY: len(days),
        DAILY: len(set(days)),
        WEEKLY: len({day.isocalendar()[:2] for day in days}),
    }

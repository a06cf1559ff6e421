"""Who an alert reaches: the subscribed, less the suppressed."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from peewee import SQL, NodeList

from metengage import db, schedule
from metengage.choices import ALERT_TYPES, FREQUENCIES, IMMEDIATELY
from metengage.models import Alert, AlertArea, Area, Subscription

LATELY = timedelta(days=30)  # what was sent in this time says how many emails a choice would bring


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


@dataclass(frozen=True)
class Volume:
    """What a choice would have brought in LATELY."""

    alerts: dict[str, int]  # type → how many, in the order of the types; those of which there were none are left out
    emails: int  # with the frequency chosen for each type
    under: dict[str, int]  # how many emails, had all of them had this frequency


def volume(chosen: Mapping[str, str], codes: Iterable[str], now: datetime) -> Volume:
    """What this choice, type → frequency, would have brought to these areas until now."""
    sent = alerts_between(chosen, codes, now - LATELY, now) if chosen else []
    how_many = Counter(alert_type for alert_type, _ in sent)
    letters = [(chosen[alert_type], _letters(number, moment)) for number, (alert_type, moment) in enumerate(sent)]
    return Volume(
        alerts={slug: how_many[slug] for slug in ALERT_TYPES if slug in how_many},
        emails=len({(frequency, letter[frequency]) for frequency, letter in letters}),
        under={each: len({letter[each] for _, letter in letters}) for each in FREQUENCIES},
    )


def _letters(number: int, moment: datetime) -> dict[str, object]:
    """Which email an alert comes in under each frequency: its own, or that of all since the last digest went out."""
    return {IMMEDIATELY: number} | {each: schedule.last_moment(each, moment) for each in schedule.PERIODS}


def alerts_between(
    alert_types: Iterable[str], codes: Iterable[str], since: datetime, until: datetime
) -> list[tuple[str, datetime]]:
    """The type and the moment (UTC) of each alert of these types that went to these areas in a time."""
    rows = (
        Alert.select(Alert.id, Alert.alert_type, Alert.sending_at)
        .join(AlertArea)
        .where(
            Alert.alert_type.in_(list(alert_types)),
            AlertArea.area.in_(reach(codes)),
            Alert.state.in_((Alert.SENDING, Alert.SENT)),
            Alert.sending_at > since,
            Alert.sending_at <= until,
        )
        .distinct()
    )
    return [(alert_type, moment) for _, alert_type, moment in rows.tuples()]

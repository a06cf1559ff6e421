"""How many emails a choice would bring, by what was sent in the last 30 days."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from metengage import audience, schedule
from metengage.choices import ALERT_TYPES, FREQUENCIES, IMMEDIATELY
from metengage.models import Alert, AlertArea

LATELY = timedelta(days=30)


@dataclass(frozen=True)
class Volume:
    """What a choice would have brought in LATELY."""

    alerts: dict[str, int]  # type → how many, in the order of the types; those of which there were none are left out
    emails: int  # with the frequency chosen for each type
    under: dict[str, int]  # how many emails, had all of them had this frequency


def of(chosen: Mapping[str, str], codes: Iterable[str], now: datetime) -> Volume:
    """What this choice, type → frequency, would have brought to these areas until now."""
    sent = _sent(chosen, codes, now - LATELY, now) if chosen else []
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


def _sent(
    alert_types: Iterable[str], codes: Iterable[str], since: datetime, until: datetime
) -> list[tuple[str, datetime]]:
    """The type and the moment (UTC) of each alert of these types that went to these areas in a time."""
    rows = (
        Alert.select(Alert.id, Alert.alert_type, Alert.sending_at)
        .join(AlertArea)
        .where(
            Alert.alert_type.in_(list(alert_types)),
            AlertArea.area.in_(audience.reach(codes)),
            Alert.state.in_((Alert.SENDING, Alert.SENT)),
            Alert.sending_at > since,
            Alert.sending_at <= until,
            Alert.corrects.is_null(),
        )
        .distinct()
    )
    return [(alert_type, moment) for _, alert_type, moment in rows.tuples()]

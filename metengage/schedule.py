"""When digests go out, on London's clock."""

from datetime import UTC, datetime, time, timedelta

from metengage.choices import DAILY, WEEKLY
from metengage.formats import LONDON, london

# Weekly on Saturday, which is also when a resident's week begins.
TIMES = {DAILY: time(7, 30), WEEKLY: time(8, 30)}
PERIODS = {DAILY: timedelta(days=1), WEEKLY: timedelta(days=7)}
SATURDAY = 5


def last_moment(frequency: str, now: datetime) -> datetime:
    """The latest moment (UTC) at which this digest was to go out."""
    day = london(now).date()
    if frequency == WEEKLY:
        day -= timedelta(days=(day.weekday() - SATURDAY) % 7)
    while True:
        moment = datetime.combine(day, TIMES[frequency], tzinfo=LONDON).astimezone(UTC).replace(tzinfo=None)
        if moment <= now:
            return moment
        day -= PERIODS[frequency]


def date_of(moment: datetime) -> str:
    """London's date, under which a run is kept: 2026-11-22."""
    return london(moment).date().isoformat()

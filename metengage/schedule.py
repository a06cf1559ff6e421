"""When digests and alerts go out, on London's clock."""

from datetime import UTC, date, datetime, time, timedelta

from metengage.choices import DAILY, WEEKLY
from metengage.formats import LONDON, london

# Weekly on Saturday, which is also when a resident's week begins.
TIMES = {DAILY: time(7, 30), WEEKLY: time(8, 30)}
PERIODS = {DAILY: timedelta(days=1), WEEKLY: timedelta(days=7)}
SATURDAY = 5


class NoSuchTime(Exception):
    """The clocks go forward and leave this time out; the message says what to choose instead."""


def at(day: date, clock: time) -> datetime:
    """This time on London's clock, in UTC; of a time that comes twice, the first. Raises NoSuchTime."""
    local = datetime.combine(day, clock, tzinfo=LONDON)
    moment = local.astimezone(UTC)
    if moment.astimezone(LONDON).time() != clock:
        raise NoSuchTime("The clocks go forward that night: there is no such time. Choose 2am or later")
    return moment.replace(tzinfo=None)


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

"""Whether those whom an alert reaches had many emails lately: counts only, and none of a small audience."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from peewee import fn

from metengage import audience, db, headcount, ties
from metengage.choices import IMMEDIATELY
from metengage.config import settings
from metengage.models import Alert, Delivery, Resident

LATELY = timedelta(days=7)
MANY = 3  # emails in that time
LOOKED_AT = 750  # residents at most, or twice as many less one; a larger audience is judged by some of it


@dataclass(frozen=True)
class Fatigue:
    """How many of those who hear at once had MANY emails LATELY, and how many want no more this week."""

    had_many: int
    had_enough: int  # they get it in their digest instead
    in_digest: int  # so do these, by what they chose
    is_about: bool  # they were not all looked at


def of(alert: Alert, reach: headcount.Reach, now: datetime) -> Fatigue | None:
    """For an alert and whom it reaches; None where they are so few that a number could point at somebody."""
    if reach.everybody < settings.smallest_audience:
        return None
    part = 1
    while reach.immediately / part > LOOKED_AT:
        part *= 2
    residents = _some_who_hear(alert, part, now)
    enough = set() if alert.is_urgent else _had_enough(residents, now)
    counts = [headcount.rounded(how_many * part, part) for how_many in (_had_many(residents, now), len(enough))]
    return Fatigue(*counts, in_digest=reach.digest, is_about=part > 1 or reach.is_about)


def _some_who_hear(alert: Alert, part: int, now: datetime) -> list[int]:
    """One of so many of those who hear of it at once."""
    codes = audience.area_codes(alert)
    rows = audience.of(alert.alert_type, codes, IMMEDIATELY, now, audience.concern(alert))
    found = {resident for (resident,) in db.rows(rows.where(headcount.looked_at(part)))}
    return sorted(found | {resident for resident in ties.ids(alert, now) if resident % part == 0})


def _had_many(residents: list[int], now: datetime) -> int:
    had: dict[int, int] = dict.fromkeys(residents, 0)
    # One query for each of the two indexes that begin with the resident.
    for which in (Delivery.alert, Delivery.digest):
        rows = Delivery.select(Delivery.resident, fn.COUNT(Delivery.id)).where(
            db.one_of(Delivery.resident, residents),
            which.is_null(False),
            Delivery.is_in(Delivery.SENT),
            Delivery.sent_at > now - LATELY,
        )
        for resident, how_many in db.rows(rows.group_by(Delivery.resident)):
            had[resident] += how_many
    return sum(how_many >= MANY for how_many in had.values())


def _had_enough(residents: list[int], now: datetime) -> set[int]:
    rows = Resident.select(Resident.id, Resident.weekly_cap).where(
        db.one_of(Resident.id, residents), Resident.weekly_cap.is_null(False)
    )
    return audience.capped(dict(db.rows(rows)), now)

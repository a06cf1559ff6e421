"""How many an alert reaches, while an officer writes: each one where they are not too many, else by some of them."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from math import ceil, inf, sqrt

from peewee import SQL

from metengage import areas, audience, db, ties
from metengage.choices import DAILY, FREQUENCIES, IMMEDIATELY, WEEKLY
from metengage.config import settings
from metengage.formats import count
from metengage.models import Alert, Area, Resident, Subscription

# The index subscription_sample holds one resident in 16, by the last four bits of their number.
SAMPLE, IN_SAMPLE = SQL("(resident_id & 15) = 0"), 16
# Subscriptions in these places → of how many residents one is looked at: at a million residents that takes less than
# 100 ms on either database. A theme has to be looked up for each, so that fewer are looked at.
PARTS = {70_000: 1, 200_000: 16, 800_000: 64, inf: 256}
PARTS_WITH_THEME = {20_000: 1, 80_000: 4, 250_000: 16, 800_000: 64, inf: 256}
ENOUGH = 800_000 // IN_SAMPLE + 1  # more need not be counted to know that they are beyond
MOST_PLACES = 40  # that are counted one by one; more are counted by borough


@dataclass(frozen=True)
class Place:
    """How many hear of it through a ward, or through a borough."""

    name: str
    immediately: int
    digest: int


@dataclass(frozen=True)
class Reach:
    """How many residents an alert reaches. `within` says how many percent it may be off, 19 times in 20; 0: nobody."""

    immediately: int = 0
    daily: int = 0
    weekly: int = 0
    within: int = 0
    places: list[Place] = field(default_factory=list)  # who hears through two of them is in both

    @property
    def digest(self) -> int:
        return rounded(self.daily + self.weekly, 1 + self.within)

    @property
    def everybody(self) -> int:
        return self.immediately + self.digest

    @property
    def is_about(self) -> bool:
        return self.within > 0

    @property
    def too_few(self) -> str:
        """Why it must not go to so few, or nothing."""
        if self.everybody >= settings.smallest_audience:
            return ""
        reached = count(self.everybody, "person", "people")
        return (
            f"Choose a larger area, or everyone who hears about it: this reaches {reached}, and an alert to fewer than "
            f"{settings.smallest_audience} could point at one of them"
        )


def of(alert: Alert, now: datetime) -> Reach:
    """How many it reaches now, each once; and the same by place, where they are counted in each.

    What goes into the record when sending begins is audience.size, which counts everybody.
    """
    codes = audience.area_codes(alert)
    if not codes or not alert.alert_type:
        return Reach()
    reached = audience.reach(codes)
    part = _part(alert.alert_type, reached, audience.concern(alert))
    if part == 1 and not alert.only_concerned:
        return _by_all(alert, codes, now)
    return _by_some(alert, codes, reached, part, now)


def _part(alert_type: str, reached: list[str], theme: str | None) -> int:
    """Of how many residents one is to be looked at."""
    rows = Subscription.select(SQL("1")).where(
        Subscription.alert_type == alert_type, db.one_of(Subscription.area, reached), Subscription.live(), SAMPLE
    )
    about = IN_SAMPLE * rows.limit(ENOUGH).count()
    parts = PARTS if theme is None else PARTS_WITH_THEME
    return next(part for upto, part in parts.items() if about <= upto)


# --- Each one ---


def _by_all(alert: Alert, codes: Collection[str], now: datetime) -> Reach:
    found = audience.size(alert.alert_type, codes, now, beyond=ties.ids(alert, now))
    chosen = areas.named(codes)
    boroughs = [area for area in chosen if not area.is_ward]
    through = {area.full_name: _in_borough(alert, area, now) for area in boroughs}
    inside = {borough.code for borough in boroughs}
    wards = [area for area in chosen if area.is_ward and area.parent_id not in inside]
    names = {ward.code: ward.full_name for ward in wards} | {ward.parent_id: ward.parent.full_name for ward in wards}
    rows = _subscribed(alert.alert_type, list(names), now)
    counts = rows.select(Subscription.area, Subscription.frequency, SQL("COUNT(*)"))
    for code, frequency, how_many in db.rows(counts.group_by(Subscription.area, Subscription.frequency)):
        through.setdefault(names[code], dict.fromkeys(FREQUENCIES, 0))[frequency] += how_many
    return Reach(**found, places=_listed(through))


def _in_borough(alert: Alert, borough: Area, now: datetime) -> dict[str, int]:
    reached = audience.reach([borough.code])
    return {each: audience.hearers(alert.alert_type, reached, each, now).count() for each in FREQUENCIES}


def _subscribed(alert_type: str, reached: list[str], now: datetime):
    return Subscription.select().where(
        Subscription.alert_type == alert_type,
        db.one_of(Subscription.area, reached),
        Subscription.live(),
        Subscription.resident.not_in(Resident.paused(now)),
    )


# --- Some of them ---


def _by_some(alert: Alert, codes: Collection[str], reached: list[str], part: int, now: datetime) -> Reach:
    """Counted here and not by the database, because they are few; all of them are looked at where the part is 1."""
    rows = _subscribed(alert.alert_type, reached, now).where(looked_at(part))
    if theme := audience.concern(alert):
        rows = rows.where(audience.has_named(theme))
    tied = ties.ids(alert, now)
    people, through = defaultdict(set), defaultdict(lambda: defaultdict(set))
    place_of = _places(codes)
    columns = (Subscription.resident, Subscription.area, Subscription.frequency)
    for resident, area, frequency in db.rows(rows.select(*columns)):
        through[place_of[area]][frequency].add(resident)
        people[frequency].add(resident)
    counts = {frequency: len(people[frequency] - tied) for frequency in FREQUENCIES}
    found = {frequency: rounded(how_many * part, part) for frequency, how_many in counts.items()}
    found[IMMEDIATELY] = rounded(counts[IMMEDIATELY] * part + len(tied), part)
    several = {
        name: {frequency: rounded(len(ids) * part, part) for frequency, ids in frequencies.items()}
        for name, frequencies in through.items()
    }
    return Reach(**found, within=_error(sum(counts.values()), part), places=_listed(several))


def looked_at(part: int):
    """A condition on subscriptions: their resident is the one of so many who is looked at; a power of two."""
    mine = Subscription.resident.bin_and(part - 1) == 0
    return mine & SAMPLE if part >= IN_SAMPLE else mine


def _places(codes: Iterable[str]) -> dict[str, str]:
    """Area that brings it → the place it is counted in: what the officer chose, or its borough where that is much."""
    rows = Area.select(Area.code, Area.name, Area.parent).tuples()  # as rows: there are hundreds
    known = {code: (name, parent) for code, name, parent in rows}
    chosen, by_borough = set(codes), len(set(codes)) > MOST_PLACES
    found = {}
    for code, (name, parent) in known.items():
        is_counted_alone = parent and parent not in chosen and not by_borough
        borough = known[parent or code][0]
        found[code] = f"{name}, {borough}" if is_counted_alone else f"{borough} (whole borough)"
    return found


def _error(looked_at: int, part: int) -> int:
    """How many percent the whole may be off: twice the standard error of a sample without replacement."""
    return ceil(200 * sqrt((1 - 1 / part) / max(looked_at, 1)))


def rounded(how_many: int, part: int) -> int:
    """To two digits that count where not everybody was looked at: more would say more than we know."""
    digits = max(0, len(str(how_many)) - 2) if part > 1 else 0
    return round(how_many, -digits)


def _listed(through: dict[str, dict[str, int]]) -> list[Place]:
    places = (
        Place(name, found.get(IMMEDIATELY, 0), found.get(DAILY, 0) + found.get(WEEKLY, 0))
        for name, found in through.items()
    )
    return sorted(places, key=lambda place: place.name)

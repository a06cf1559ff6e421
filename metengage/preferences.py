"""What a resident hears: how often of each type, the same in any number of areas; and how they change it.

Each change touches only what it names, and is worked out from what holds when its turn comes: of two at one moment,
both hold.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from metengage import areas, db, journal, subscriptions
from metengage.choices import ALERT_TYPES, FREQUENCIES
from metengage.models import Alert, Area, Resident
from metengage.subscriptions import Choice


class NothingLeft(Exception):
    """After this change they would hear nothing, and nobody would know of which areas they once asked to hear."""


@dataclass(frozen=True)
class Preferences:
    """What a resident hears now."""

    home: Area | None
    areas: list[Area]  # the home ward first, if they hear of it, then by name
    frequencies: dict[str, str]  # type → how often, in the order of the types; the others bring no emails

    @property
    def codes(self) -> list[str]:
        return [area.code for area in self.areas]

    @property
    def how_often(self) -> list[str]:
        """The frequencies that something comes with, the most frequent first."""
        return [each for each in FREQUENCIES if each in self.frequencies.values()]


def of(resident: Resident) -> Preferences:
    """What this resident hears now."""
    live = list(subscriptions.of(resident))
    home = resident.home_id
    found = {area.code: area for area in areas.named([*([home] if home else []), *_places(live)])}
    heard = [found[code] for code in _places(live)]
    ordered = sorted(heard, key=lambda area: (area.code != home, area.full_name))
    return Preferences(found.get(home), ordered, _frequencies(live))


def set_frequency(resident: Resident, slug: str, frequency: str | None, now: datetime) -> Preferences:
    """Hear of this type this often from now on; None for no emails. May raise NothingLeft."""
    return set_all(resident, {slug: frequency}, now)


def set_all(
    resident: Resident,
    frequencies: Mapping[str, str | None],
    now: datetime,
    every: str | None = None,
    cause: Alert | None = None,
) -> Preferences:
    """Set these types, and with `every` all others that they hear of. May raise NothingLeft.

    `cause`: the alert that led to it, if one did; what is ended is counted there.
    """

    def rule(live: list[Choice]) -> set[Choice]:
        named = (dict.fromkeys(_frequencies(live), every) if every else {}) | dict(frequencies)
        places = _places(live) or [resident.home_id]
        begun = {Choice(place, slug, often) for slug, often in named.items() if often for place in places}
        return {choice for choice in live if choice.alert_type not in named} | begun

    return _change(resident, rule, now, cause)


def add_areas(resident: Resident, codes: Iterable[str], now: datetime) -> Preferences:
    """Hear of these areas too, all that they hear of the others. Raises NothingLeft if that is nothing."""
    return _change(resident, lambda live: set(live) | _in_places(live, codes), now)


def remove_area(resident: Resident, code: str, now: datetime, cause: Alert | None = None) -> Preferences:
    """Hear no more of this area. Raises NothingLeft when it is the last. `cause` is as in set_all."""
    return _change(resident, lambda live: {choice for choice in live if choice.area != code}, now, cause)


def move_home(resident: Resident, ward: Area, now: datetime, keep: bool = True) -> Preferences:
    """Live in this ward and hear of it; `keep` the ward before among the other areas, or hear no more of it."""
    with db.handle.atomic():
        if subscriptions.take(resident):
            former = Resident.get_by_id(resident.id).home_id
            Resident.update(home=ward).where(Resident.id == resident.id).execute()
            live = list(subscriptions.of(resident))
            ended = {choice for choice in live if choice.area == former and not keep and former != ward.code}
            wanted = (set(live) - ended) | _in_places(live, [ward.code])
            subscriptions.change(resident, wanted, "preferences", now)
            journal.note("moved home", resident=resident, detail=ward.code)
    return of(Resident.get_by_id(resident.id))


# --- One change ---


def _change(
    resident: Resident, rule: Callable[[list[Choice]], set[Choice]], now: datetime, cause: Alert | None = None
) -> Preferences:
    """End and begin what the rule makes of what is live; nothing for somebody who has left meanwhile."""
    with db.handle.atomic():
        if subscriptions.take(resident):
            live = list(subscriptions.of(resident))
            wanted = rule(live)
            if not wanted:
                raise NothingLeft
            if wanted != set(live):
                subscriptions.change(resident, wanted, "preferences", now)
                journal.note(journal.CHANGED, resident=resident, alert=cause if _ends_some(live, wanted) else None)
    return of(resident)


def _ends_some(live: Iterable[Choice], wanted: Iterable[Choice]) -> bool:
    """Whether a type or an area goes altogether; how often they hear of it is no matter."""
    return any({each[part] for each in live} - {each[part] for each in wanted} for part in (0, 1))


def _places(live: Iterable[Choice]) -> list[str]:
    """The areas of these, in the order in which they came."""
    return list(dict.fromkeys(choice.area for choice in live))


def _frequencies(live: Iterable[Choice]) -> dict[str, str]:
    """How often of each type, in the order of the types; the newest says it."""
    newest = {choice.alert_type: choice.frequency for choice in live}
    return {slug: newest[slug] for slug in ALERT_TYPES if slug in newest}


def _in_places(live: list[Choice], codes: Iterable[str]) -> set[Choice]:
    """What they hear, in those of these areas of which they hear nothing yet."""
    new = set(codes) - set(_places(live))
    return {Choice(code, slug, often) for code in new for slug, often in _frequencies(live).items()}

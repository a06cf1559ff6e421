"""Each resident's own edition of a digest: by area and type, the newest first."""

from collections.abc import Callable, Iterable
from datetime import datetime
from functools import cache, lru_cache
from typing import NamedTuple

from metengage import areas, audience, db, emails, envelopes, letters, mailings, standing, stencils, ties
from metengage.choices import ALERT_TYPES, WEEKLY
from metengage.config import settings
from metengage.formats import count
from metengage.models import Alert, Delivery, Digest, Held, Subscription

STORIES, PRIORITIES = "Stories you follow", "Priorities you raised or voted for"
CORRECTIONS = "What we wrote and got wrong"


class Found(NamedTuple):
    """An alert in somebody's edition, and the area that brings it; none: they are tied to it."""

    alert: Alert
    area: str | None


class Editions:
    """Writes a digest to one resident after the other."""

    def __init__(self, digest: Digest, ids: tuple[int, ...]):
        self._digest = digest
        self._alerts: dict[int, Alert] = {}
        self._reach: dict[int, set[str]] = {}
        self._know(ids)
        self._by_choice: dict[tuple[str, str], list[Alert]] = {}  # (area, type) → its alerts
        for alert in self._alerts.values():
            for area in self._reach[alert.id]:
                self._by_choice.setdefault((area, alert.alert_type), []).append(alert)
        self._first = min((alert.sending_at for alert in self._alerts.values()), default=digest.until)
        pieces = mailings.Pieces()
        self._area, self._type = cache(pieces.area), cache(pieces.type)
        self._item = cache(lambda alert_id: pieces.alert(self._alerts[alert_id]))
        self._ready, self._links = cache(stencils.ready), cache(letters.PersonalLinks)
        self._stencil = cache(lambda is_discreet: mailings.digest(digest, is_discreet).cut())
        self._names: dict[str, str] = {}

    def _know(self, ids: Iterable[int]) -> None:
        new = [alert_id for alert_id in ids if alert_id not in self._alerts]
        if new:
            rows = Alert.select().where(db.one_of(Alert.id, new))
            self._alerts |= {alert.id: alert for alert in standing.as_it_is(rows)}
            self._reach |= audience.reaches(new)

    def for_rows(self, rows: list, now: datetime) -> Callable:
        """A function (row, its envelope) → the message as bytes, for these rows. It may raise emails.NotNeeded."""
        found = self._found({row.resident_id: row.home_id for row in rows})
        caps = {} if self._digest.frequency == WEEKLY else {row.resident_id: row.weekly_cap for row in rows}
        capped = audience.capped({resident: cap for resident, cap in caps.items() if cap}, now)

        def write(row, envelope: envelopes.Envelope) -> bytes:
            mine = found.get(row.resident_id)
            if not mine:
                raise emails.NotNeeded("nothing new")
            if row.resident_id in capped and not any(each.alert.is_urgent for each in mine):
                audience.hold(row.resident_id, [each.alert.id for each in mine], WEEKLY, now)
                raise emails.NotNeeded(audience.KEPT)
            values = self._own(mine, row.home_id)
            # They lead to what changes why the first of these alerts came.
            values |= self._links(mine[0].alert.id).of(row.resident_id, row.link_version)
            values["note"] = self._ready(mailings.BACK if row.is_back else "")
            return self._stencil(bool(row.is_discreet)).fill(row.email, envelope.message_id, values, envelope.mark)

        return write

    # --- What is in it ---

    def _found(self, homes: dict[int, str | None]) -> dict[int, list[Found]]:
        """Resident → the alerts that are new to them; one that their home brings is there for their home."""
        residents = list(homes)
        brought = [*self._subscribed(residents), *self._held(residents)]
        had = _had(residents, min(self._alerts, default=0))
        themes = {theme for alert in self._alerts.values() if (theme := audience.concern(alert))}
        concerned = {theme: audience.concerned(theme, residents) for theme in themes}
        found: dict[int, dict[int, Found]] = {}
        for resident, area, alert in brought:
            theme = audience.concern(alert)
            concerns = theme is None or resident in concerned[theme] or area is None
            if concerns and alert.id not in had.get(resident, ()):
                mine = found.setdefault(resident, {})
                if alert.id not in mine or area == homes[resident]:
                    mine[alert.id] = Found(alert, area)
        return {resident: list(mine.values()) for resident, mine in found.items()}

    def _subscribed(self, residents: list[int]) -> Iterable[tuple[int, str, Alert]]:
        """(resident, area, alert) for what they asked for at this frequency before it was sent."""
        mine = _live(residents).where(Subscription.frequency == self._digest.frequency)
        for resident, area, slug in db.rows(mine.where(Subscription.began_at <= self._first)):
            for alert in self._by_choice.get((area, slug), ()):
                yield resident, area, alert
        late = mine.select_extend(Subscription.began_at).where(Subscription.began_at > self._first)
        for resident, area, slug, began in late.tuples():
            for alert in self._by_choice.get((area, slug), ()):
                if began <= alert.sending_at:
                    yield resident, area, alert

    def _held(self, residents: list[int]) -> Iterable[tuple[int, str | None, Alert]]:
        """The same for what was held for them, as far as they still want it."""
        rows = Held.select(Held.resident, Held.alert).where(
            Held.digest == self._digest, db.one_of(Held.resident, residents)
        )
        held = list(db.rows(rows))
        waiting = {resident for resident, _ in held}
        wanted = {(resident, slug): [] for resident in waiting for slug in ALERT_TYPES}
        for resident, area, slug in db.rows(_live(list(waiting))) if waiting else ():
            wanted[resident, slug].append(area)
        self._know({alert_id for _, alert_id in held})
        for resident, alert_id in held:
            alert = self._alerts[alert_id]
            area = next((area for area in wanted[resident, alert.alert_type] if area in self._reach[alert_id]), None)
            if alert.mark == standing.WITHDRAWN and not alert.is_withdrawal:
                continue
            if alert.corrects_id:
                yield resident, None, alert  # they were paused when it went to who got what it corrects
                continue
            is_tied = (not area or alert.only_concerned) and bool(ties.known(alert, [resident]))
            if alert.stopped_at is None and (area or is_tied):
                # Who is tied to it hears of it whatever they named.
                yield resident, None if is_tied else area, alert

    # --- How it reads ---

    def _own(self, mine: list[Found], home: str | None) -> dict[str, stencils.Value]:
        self._learn({each.area for each in mine if each.area})
        how_many = count(len(mine), "alert")
        places = {each.area for each in mine if each.area}
        others = sorted(self._names[area] for area in places if area != home)
        types = [kind.short for slug, kind in ALERT_TYPES.items() if any(e.alert.alert_type == slug for e in mine)]
        why = mailings.reason_for_digest(
            self._digest.frequency, self._names[home] if home in places else None, others, types
        )
        return {
            "how_many": self._ready(how_many),
            "contents": stencils.joined(self._grouped(mine, home)),
            "why": stencils.joined(map(self._ready, why)),
        }

    def _grouped(self, mine: list[Found], home: str | None) -> Iterable[stencils.Value]:
        """Corrections first, then by area, one's own first and stories last; in each by type, the newest first."""

        newest = sorted(mine, key=lambda each: (each.alert.sending_at, each.alert.id), reverse=True)

        def place(each: Found) -> tuple:
            is_right = not each.alert.corrects_id
            return (is_right, not each.area, each.area != home, self._place(each), _ORDER[each.alert.alert_type])

        heading = (None, None)
        for each in sorted(newest, key=place):
            here = (self._place(each), each.alert.alert_type)
            if here[0] != heading[0]:
                yield self._area(here[0])
            if here != heading:
                yield self._type(each.alert.type.name)
            yield self._item(each.alert.id)
            heading = here

    def _place(self, each: Found) -> str:
        if each.alert.corrects_id:
            return CORRECTIONS
        if each.area:
            return self._names[each.area]
        return STORIES if each.alert.story_id else PRIORITIES

    def _learn(self, codes: set[str]) -> None:
        new = [code for code in codes if code not in self._names]
        self._names |= {area.code: area.full_name for area in areas.named(new)} if new else {}


_ORDER = {slug: place for place, slug in enumerate(ALERT_TYPES)}


def _live(residents: list[int]):
    columns = (Subscription.resident, Subscription.area, Subscription.alert_type)
    return Subscription.select(*columns).where(db.one_of(Subscription.resident, residents), Subscription.live())


def _had(residents: list[int], since: int) -> dict[int, set[int]]:
    """Resident → the alerts from this id on that reached them by themselves."""
    rows = Delivery.select(Delivery.resident, Delivery.alert).where(
        db.one_of(Delivery.resident, residents), Delivery.alert >= since, Delivery.is_in(Delivery.SENT)
    )
    had: dict[int, set[int]] = {}
    for resident, alert in db.rows(rows):
        had.setdefault(resident, set()).add(alert)
    return had


def of(digest: Digest, ids: tuple[int, ...]) -> Editions:
    """Editions of this run with these alerts. Kept: to write their pieces anew for each round would cost too much."""
    told = (settings.public_url, settings.secret_key, settings.mail_default_sender, settings.dkim_key)
    told = (*told, *standing.changes())
    return kept(told, digest, ids)


@lru_cache(maxsize=4)
def kept(_as_it_is: tuple, digest: Digest, ids: tuple[int, ...]) -> Editions:
    """Those in use."""
    return Editions(digest, ids)

"""Each resident's own copy of an alert that goes to many."""

from collections.abc import Callable
from datetime import datetime
from functools import cache, lru_cache

from metengage import areas, audience, emails, envelopes, mailings, pictures, standing, stencils, ties
from metengage.choices import WEEKLY
from metengage.config import settings
from metengage.models import Alert


class Copies:
    """Writes an alert to one resident after the other."""

    def __init__(self, alert: Alert, codes: list[str]):
        self._alert, self._reach = alert, set(audience.reach(codes))
        places = areas.named(codes)
        self._stencil = cache(lambda is_discreet: mailings.alert(alert, places, is_discreet).cut())
        self._reason_for = mailings.reason_for(alert)
        self._links_of = mailings.links(alert).of
        self._names: dict[str, str] = {}  # area's code → its full name
        self._piece = cache(stencils.ready)  # of a reason: many have the same

    def for_rows(self, rows: list, now: datetime) -> Callable:
        """A function (row, its envelope) → the message as bytes, for these rows. It may raise emails.NotNeeded."""
        ids = [row.resident_id for row in rows]
        subscribed = audience.reasons(self._alert.alert_type, self._reach, ids)
        if theme := audience.concern(self._alert):
            concerned = audience.concerned(theme, ids)
            subscribed = {resident: codes for resident, codes in subscribed.items() if resident in concerned}
        tied = ties.known(self._alert, ids)
        # Who got the wrong words gets the right ones, whatever they hear now.
        expecting = {*subscribed, *tied} if self._alert.corrects_id is None else {*ids}
        capped = self._capped(rows, now)
        self._learn({code for codes in subscribed.values() for code in codes})

        def write(row, envelope: envelopes.Envelope) -> bytes:
            resident = row.resident_id
            if self._alert.mark == standing.WITHDRAWN and not self._alert.is_withdrawal:
                raise emails.NotNeeded("it was withdrawn")
            if resident not in expecting:
                raise emails.NotNeeded("no longer subscribed")
            if resident in capped and not self._alert.is_urgent:
                audience.hold(resident, [self._alert.id], WEEKLY, now)
                raise emails.NotNeeded(audience.KEPT)
            values = self._links_of(resident, row.link_version)
            values["why"] = self._reason(row.home_id, subscribed.get(resident, ()), tied.get(resident, ()))
            cap = row.weekly_cap if resident in capped else None
            values["note"] = self._piece(mailings.note(self._alert, row.is_back, cap))
            return self._stencil(bool(row.is_discreet)).fill(row.email, envelope.message_id, values, envelope.mark)

        return write

    def _capped(self, rows: list, now: datetime) -> set[int]:
        """Those who had as many as they want; a correction reaches them all the same."""
        if self._alert.corrects_id:
            return set()
        return audience.capped({row.resident_id: row.weekly_cap for row in rows if row.weekly_cap}, now)

    def _reason(self, home: str | None, codes: tuple[str, ...], tied: tuple[str, ...]) -> stencils.Value:
        others = [self._names[code] for code in codes if code != home]
        pieces = self._reason_for(self._names[home] if home in codes else None, others, tied)
        return stencils.joined(map(self._piece, pieces))

    def _learn(self, codes: set[str]) -> None:
        new = [code for code in codes if code not in self._names]
        self._names |= {area.code: area.full_name for area in areas.named(new)} if new else {}


def of(alert: Alert) -> Copies:
    """Copies of this alert. Kept while it is the same: to render it anew for each round would cost too much."""
    # What is still to go of an alert goes in the words of its newest correction.
    (alert,) = standing.as_it_is([alert])
    codes = audience.area_codes(alert)
    story = (alert.story.title, alert.story.ended_at, alert.ends_story) if alert.story_id else ()
    story += (alert.priority.issue,) if alert.priority_id else ()
    words = (alert.title, alert.body, alert.alert_type, alert.theme, alert.sending_at, alert.team.name, alert.is_urgent)
    words += (mailings.asks_for_votes(alert, codes),)
    words += (alert.only_concerned, alert.centre, alert.radius, alert.correction_reason, alert.mark)
    told = (settings.public_url, settings.secret_key, settings.mail_default_sender, settings.dkim_key)
    return _kept((*words, *story, *told, pictures.of(alert)), alert, tuple(codes))


@lru_cache(maxsize=8)
def _kept(_as_it_is: tuple, alert: Alert, codes: tuple[str, ...]) -> Copies:
    return Copies(alert, list(codes))

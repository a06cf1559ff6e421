"""Each resident's own copy of an alert that goes to many."""

from collections.abc import Callable
from functools import cache, lru_cache

from metengage import areas, audience, emails, envelopes, letters, stencils
from metengage.config import settings
from metengage.models import Alert


class Copies:
    """Writes an alert to one resident after the other."""

    def __init__(self, alert: Alert, codes: list[str]):
        self._alert, self._reach = alert, set(audience.reach(codes))
        self._stencil = emails.alert(alert, areas.named(codes)).cut()
        self._reason_for = emails.reason_for(alert)
        self._names: dict[str, str] = {}  # area's code → its full name
        self._piece = cache(stencils.ready)  # of a reason: many have the same

    def for_rows(self, rows: list) -> Callable:
        """A function (row, its envelope) → the message as bytes, for these rows. It may raise emails.NotNeeded."""
        subscribed = audience.reasons(self._alert.alert_type, self._reach, [row.resident_id for row in rows])
        links_of = letters.PersonalLinks(self._alert.id).of
        self._learn({code for codes in subscribed.values() for code in codes})

        def write(row, envelope: envelopes.Envelope) -> bytes:
            if row.resident_id not in subscribed:
                raise emails.NotNeeded("no longer subscribed")
            values = links_of(row.resident_id, row.link_version)
            values["why"] = self._reason(subscribed[row.resident_id])
            return self._stencil.fill(row.email, envelope.message_id, values, envelope.mark)

        return write

    def _reason(self, codes: tuple[str, ...]) -> stencils.Value:
        return stencils.joined(map(self._piece, self._reason_for([self._names[code] for code in codes])))

    def _learn(self, codes: set[str]) -> None:
        new = [code for code in codes if code not in self._names]
        self._names |= {area.code: area.full_name for area in areas.named(new)} if new else {}


def of(alert: Alert) -> Copies:
    """Copies of this alert. Kept while it is the same: to render it anew for each round would cost too much."""
    codes = audience.area_codes(alert)
    words = (alert.title, alert.body, alert.alert_type, alert.theme, alert.sending_at, alert.team.name)
    told = (settings.public_url, settings.secret_key, settings.mail_default_sender, settings.dkim_key)
    return _kept((*words, *told), alert, tuple(codes))


@lru_cache(maxsize=8)
def _kept(_as_it_is: tuple, alert: Alert, codes: tuple[str, ...]) -> Copies:
    return Copies(alert, list(codes))

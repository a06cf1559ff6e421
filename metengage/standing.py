"""What stands of an alert now: its words, those of its newest correction, or only that it was withdrawn.

Each correction points to the alert that was sent first, whatever was corrected before it; so does the withdrawal. A
correction holds once it is being sent; a withdrawal from the moment that somebody presses it.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from peewee import SQL, fn

from metengage import db
from metengage.formats import day
from metengage.models import Alert, Officer

CORRECTED, WITHDRAWN = "corrected", "withdrawn"
PUBLIC = (Alert.SENDING, Alert.SENT)
# A correction holds when residents may have it; a withdrawal also while the time to undo it runs.
HOLDS = Alert.corrects.is_null(False) & (
    Alert.state.in_(PUBLIC) | (Alert.is_withdrawal & (Alert.state == Alert.SCHEDULED))
)


@dataclass(frozen=True)
class Standing:
    """What became of an alert after it was sent."""

    first: Alert
    corrections: list[Alert] = field(default_factory=list)  # the oldest first
    withdrawal: Alert | None = None

    @property
    def newest(self) -> Alert:
        """The alert whose words hold, or held until it was withdrawn."""
        return self.corrections[-1] if self.corrections else self.first

    @property
    def before(self) -> list[Alert]:
        """The alerts whose words were corrected, the latest first."""
        return [self.first, *self.corrections][:-1][::-1]

    @property
    def all_sending(self) -> list[Alert]:
        """Those that are being sent, or just stopped."""
        return [each for each in (self.first, *self.corrections) if each.state == Alert.SENDING]

    @property
    def mark(self) -> str:
        return WITHDRAWN if self.withdrawal else CORRECTED if self.corrections else ""


def first_of(alert: Alert) -> Alert:
    """The alert that was sent first, of a correction or a withdrawal; otherwise the alert itself."""
    return alert.corrects if alert.corrects_id else alert


def of(alert: Alert) -> Standing:
    """What stands of an alert, or of the one that it corrects."""
    first = first_of(alert)
    return _standings([first])[first.id]


def _standings(firsts: Iterable[Alert]) -> dict[int, Standing]:
    found = {first.id: Standing(first) for first in firsts}
    rows = Alert.select(Alert, Officer).left_outer_join(Officer, on=Alert.sender)
    for row in rows.where(db.one_of(Alert.corrects, list(found)), HOLDS).order_by(Alert.sending_at, Alert.id):
        standing = found[row.corrects_id]
        if row.is_withdrawal:
            found[row.corrects_id] = Standing(standing.first, standing.corrections, row)
        else:
            standing.corrections.append(row)
    return found


def marked(alerts: Iterable[Alert]) -> list[Alert]:
    """The same rows, each with its mark, for officers: they see what was written."""
    alerts = list(alerts)
    standings = _standings(each for each in alerts if not each.corrects_id)
    for alert in alerts:
        alert.mark = standings[alert.id].mark if alert.id in standings else ""
    return alerts


def as_it_is(alerts: Iterable[Alert]) -> list[Alert]:
    """The same rows with the words that hold now and their mark, for residents. They are to be shown, never saved.

    Of a withdrawn alert there is a title that may be shown, and no text.
    """
    alerts = list(alerts)
    standings = _standings(first_of(each) for each in alerts)
    for alert in alerts:
        standing = standings[alert.corrects_id or alert.id]
        alert.mark = standing.mark
        if not alert.is_withdrawal:
            holds = standing.withdrawal or standing.newest
            alert.title, alert.body = holds.title, holds.body
    return alerts


def withdrawn():
    """A query for the ids of the alerts that were withdrawn."""
    return Alert.select(Alert.corrects).where(HOLDS, Alert.is_withdrawal)


def is_withdrawn(first_id: int) -> bool:
    return Alert.select().where(HOLDS, Alert.is_withdrawal, Alert.corrects == first_id).exists()


def changes() -> tuple:
    """What differs whenever any alert was corrected or withdrawn, for what is kept in memory meanwhile."""
    return Alert.select(fn.COUNT(SQL("*")), fn.MAX(Alert.sending_at)).where(HOLDS).tuples().get()


def without_title(first: Alert) -> str:
    """What a withdrawn alert is called where its title has to go too."""
    return f"An alert that we sent on {day(first.sending_at)}"


def give_way(correction: Alert, now: datetime) -> None:
    """Stop the earlier corrections that are still being sent: who waits for one of them gets this one.

    The alert itself goes on, with the words of this one. For the transaction that begins to send it.
    """
    earlier = (Alert.corrects == correction.corrects_id) & (Alert.id != correction.id)
    still = (Alert.state == Alert.SENDING) & Alert.stopped_at.is_null()
    Alert.update(stopped_at=now, paused_at=None).where(earlier, still).execute()

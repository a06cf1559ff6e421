"""What a team promises: an answer within 72 hours. When it is due, and how it was kept, ward by ward.

The time is the Neighbourhood Policing Guarantee's (Home Office, April 2025): a response to queries within 72 hours.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

from metengage.models import Area, Concern, Notice, Team

PROMISED = timedelta(hours=72)
# So long before it is due, who owes it is told, and then their supervisor: at 48 hours and at 66.
LEFT = {Notice.DUE: timedelta(hours=24), Notice.LATE: timedelta(hours=6)}
COUNTED = timedelta(days=91)  # what the figures of a ward look back on


def due_by(received_at: datetime) -> datetime:
    """When an answer is due (UTC) to what a team got then."""
    return received_at + PROMISED


def is_late(concern: Concern, now: datetime) -> bool:
    """Whether the promise was missed, and nobody has answered yet."""
    return concern.is_open and concern.due_at is not None and concern.due_at < now


def is_due_by(moment: datetime):
    """An expression: an answer is due by then, also to what was held back: it may be a real one."""
    return Concern.is_open_row() & (Concern.due_at <= moment)


def due(teams: list[Team], by: datetime) -> list[Concern]:
    """What these teams owe an answer to by then (UTC), the oldest due first."""
    rows = Concern.select().where(is_due_by(by), Concern.team.in_([team.id for team in teams]))
    return list(rows.order_by(Concern.due_at))


# --- How it was kept ---


@dataclass(frozen=True)
class Kept:
    """How a ward's team kept its promise to those who wait for an answer, in the last three months."""

    received: int
    in_time: int
    late: int  # answered after their time, or still not answered though it is over
    waiting: int  # not due yet
    typical: timedelta | None  # half of the answers came within this

    @property
    def share(self) -> int:
        """Of those whose time is over or who were answered, so many in a hundred were answered in time."""
        judged = self.in_time + self.late
        return round(100 * self.in_time / judged) if judged else 0


def kept(ward: Area, now: datetime) -> Kept:
    """The figures of a ward; anybody may see them. What is held back is in none of them until it is let in."""
    rows = Concern.select(Concern.received_at, Concern.answered_at).where(
        *(Concern.ward == ward, Concern.received_at > now - COUNTED, Concern.wants_answer),
        *(Concern.closed_because.not_in(Concern.SILENT), Concern.held_at.is_null()),
    )
    took = [(answered - received if answered else None, received) for received, answered in rows.tuples()]
    in_time = sum(1 for time, _ in took if time is not None and time <= PROMISED)
    waiting = sum(1 for time, received in took if time is None and due_by(received) > now)
    answers = [time.total_seconds() for time, _ in took if time is not None]
    typical = timedelta(seconds=median(answers)) if answers else None
    return Kept(len(took), in_time, len(took) - in_time - waiting, waiting, typical)

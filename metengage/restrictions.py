"""Residents who abuse officers may write only so often for a while: a supervisor decides, and they are told.

The College of Policing asks that contact is limited, never refused, and that whoever is limited knows why, until when
and how to complain of it.
"""

from datetime import datetime, timedelta

from metengage import addressing, db, journal, officers
from metengage.models import Concern, Message, Notice, Officer, Resident, Restriction, Team

WINDOW = timedelta(days=7)  # one message in so many days
LONGEST = timedelta(days=182)


class Limited(Exception):
    """They may not write now: `restriction` says why and until when, `again` from when (UTC) they may."""

    def __init__(self, restriction: Restriction, again: datetime):
        super().__init__()
        self.restriction, self.again = restriction, again


def of(resident: Resident, now: datetime) -> Restriction | None:
    """The limit that holds for this resident now, if there is one."""
    mine = (Restriction.resident == resident) & Restriction.ended_at.is_null() & (Restriction.until > now)
    return Restriction.select().where(mine).order_by(Restriction.until.desc()).first()


def check(resident: Resident, now: datetime) -> None:
    """Let them write, unless a limit holds and they have written within a week. Raises Limited."""
    limit = of(resident, now)
    last = _last_written(resident) if limit else None
    if limit and last and last > now - WINDOW:
        raise Limited(limit, min(last + WINDOW, limit.until))


def _last_written(resident: Resident) -> datetime | None:
    mine = Concern.select(Concern.id).where(Concern.resident == resident)
    raised = Concern.select(Concern.received_at).where(Concern.resident == resident, Concern.received_at.is_null(False))
    said = Message.select(Message.at).where(Message.concern.in_(mine), Message.kind.in_(Message.FROM_RESIDENT))
    moments = [raised.order_by(Concern.received_at.desc()).scalar(), said.order_by(Message.at.desc()).scalar()]
    return max((each for each in moments if each), default=None)


def restrict(officer: Officer, concern: Concern, reason: str, weeks: int, now: datetime) -> Restriction | None:
    """Limit whoever raised this for so many weeks, and tell them.

    None when this officer may not, there is nobody to limit, or a limit holds already.
    """
    if concern.resident is None or not officers.may_manage(officer, concern.team) or of(concern.resident, now):
        return None
    with db.handle.atomic():
        times = {"began_at": now, "until": now + min(timedelta(weeks=weeks), LONGEST)}
        limit = Restriction.create(resident=concern.resident, officer=officer, reason=reason, **times)
        about = {"resident": concern.resident, "concern": concern, "restriction": limit, "created_at": now}
        addressing.to_notice(Notice.create(kind=Notice.LIMITED, **about), now)
        journal.note("limited a resident", officer, concern.resident, detail=str(concern.id))
    return limit


def lift(officer: Officer, limit: Restriction, team: Team, now: datetime) -> bool:
    """End a limit before its time; False when this officer may not, or it has ended."""
    if not officers.may_manage(officer, team):
        return False
    live = (Restriction.id == limit.id) & Restriction.ended_at.is_null()
    with db.handle.atomic():
        ended = Restriction.update(ended_at=now).where(live).execute()
        if ended:
            journal.note("ended a limit", officer, limit.resident)
    return bool(ended)

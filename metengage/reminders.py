"""Who is told of what waits, once: its team if it may be urgent or is due in a day, its supervisor if in six hours."""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from metengage import addressing, db, officers, promises
from metengage.models import Concern, Membership, Notice, Officer
from metengage.promises import LEFT

QUIET = timedelta(minutes=15)  # after what may be urgent a team hears of more only then: many may come at a time


def remind(now: datetime) -> int:
    """Tell teams and supervisors what waits for them, of each concern once; returns how many emails."""
    due, late = (promises.is_due_by(now + LEFT[kind]) for kind in (Notice.DUE, Notice.LATE))
    return (
        _tell(Notice.URGENT, Concern.alarmed_at, _is_alarming(now), _who_is_there, now)
        + _tell(Notice.DUE, Concern.reminded_at, due, _who_looks_after, now)
        + _tell(Notice.LATE, Concern.escalated_at, late, _supervisors, now)
    )


def _is_alarming(now: datetime):
    """An expression: it may be urgent, nobody has taken it up, and its team has heard of none for a while."""
    other = Concern.alias()
    heard = other.select(other.team).where(other.alarmed_at > now - QUIET)
    return Concern.is_with_team_row() & Concern.is_urgent_row() & Concern.team.not_in(heard)


def _tell(kind: str, field, which, whom: Callable[[Concern, datetime], Iterable[Officer]], now: datetime) -> int:
    """One email to each of those whom it concerns that any of these is there; the clock that marks them tells."""
    with db.handle.atomic():  # whoever is interrupted has marked nothing either
        found = list(Concern.update({field: now}).where(which, field.is_null()).returning(Concern).execute())
        told = {officer.id: officer for concern in found for officer in whom(concern, now)}
        for _, officer in sorted(told.items()):
            addressing.to_notice(Notice.create(kind=kind, officer=officer, created_at=now), now)
    return len(told)


def _who_looks_after(concern: Concern, now: datetime) -> list[Officer]:
    """Who has it in hand, or who covers for them; where nobody does, all officers of the team."""
    officer = concern.officer
    if officer and officers.is_away(officer, now):
        officer = officer.cover
    return [officer] if officer and not officer.suspended_at else _who_is_there(concern, now)


def _who_is_there(concern: Concern, now: datetime) -> list[Officer]:
    """All officers of its team who are not away; without any, its supervisors."""
    team = officers.people_in(concern.team)
    return [each for each in team if not officers.is_away(each, now)] or _supervisors(concern, now)


def _supervisors(concern: Concern, now: datetime) -> list[Officer]:
    rows = Officer.select().where(Officer.suspended_at.is_null()).order_by(Officer.id)
    members = Membership.select(Membership.officer).where(Membership.team == concern.team)
    own = list(rows.where(Officer.role == Officer.SUPERVISOR, Officer.id.in_(members)))
    return [each for each in own if not officers.is_away(each, now)] or list(
        rows.where(Officer.role == Officer.ADMINISTRATOR)
    )

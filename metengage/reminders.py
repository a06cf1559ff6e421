"""Who is told that an answer is due: the team a day before, its supervisor six hours before, once each."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from metengage import addressing, db, officers, promises
from metengage.models import Concern, Membership, Notice, Officer, Team
from metengage.promises import LEFT


def remind(now: datetime) -> int:
    """Tell teams what is due in a day and supervisors what is due in six hours, once each; returns how many emails."""
    team = _mark(Concern.reminded_at, LEFT[Notice.DUE], now)
    boss = _mark(Concern.escalated_at, LEFT[Notice.LATE], now)
    told = {(Notice.DUE, each) for concern in team for each in _who_looks_after(concern, now)}
    told |= {(Notice.LATE, each) for concern in boss for each in _supervisors(concern.team, now)}
    for kind, officer in sorted(told, key=lambda each: (each[0], each[1].id)):
        addressing.to_notice(Notice.create(kind=kind, officer=officer, created_at=now), now)
    return len(told)


def _mark(field, left: timedelta, now: datetime) -> list[Concern]:
    """The concerns whose answer is due so soon, and of which nobody was told; the clock that marks them tells."""
    due = promises.is_due_by(now + left) & field.is_null()
    with db.handle.atomic():
        return list(Concern.update({field: now}).where(due).returning(Concern).execute())


def _who_looks_after(concern: Concern, now: datetime) -> Iterable[Officer]:
    """Who has it in hand, or who covers for them; where nobody does, all officers of the team."""
    officer = concern.officer
    if officer and officers.is_away(officer, now):
        officer = officer.cover
    if officer and not officer.suspended_at:
        return [officer]
    everybody = [each for each in officers.people_in(concern.team) if not officers.is_away(each, now)]
    return everybody or _supervisors(concern.team, now)


def _supervisors(team: Team, now: datetime) -> list[Officer]:
    rows = Officer.select().where(Officer.suspended_at.is_null()).order_by(Officer.id)
    members = Membership.select(Membership.officer).where(Membership.team == team)
    own = list(rows.where(Officer.role == Officer.SUPERVISOR, Officer.id.in_(members)))
    return [each for each in own if not officers.is_away(each, now)] or list(
        rows.where(Officer.role == Officer.ADMINISTRATOR)
    )

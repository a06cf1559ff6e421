"""Who is told of what waits, once: its team if it may be urgent or is due in a day, its supervisor if in six hours."""

from collections.abc import Iterable
from datetime import datetime

from metengage import addressing, db, officers, promises
from metengage.models import Concern, Membership, Notice, Officer, Team
from metengage.promises import LEFT


def remind(now: datetime) -> int:
    """Tell teams and supervisors what waits for them, of each concern once; returns how many emails."""
    with db.handle.atomic():  # whoever is interrupted has marked nothing either
        alarming = _mark(Concern.alarmed_at, _may_be_urgent(), now)
        team = _mark(Concern.reminded_at, promises.is_due_by(now + LEFT[Notice.DUE]), now)
        boss = _mark(Concern.escalated_at, promises.is_due_by(now + LEFT[Notice.LATE]), now)
        told = {(Notice.URGENT, each, concern) for concern in alarming for each in _who_is_there(concern.team, now)}
        told |= {(Notice.DUE, each, None) for concern in team for each in _who_looks_after(concern, now)}
        told |= {(Notice.LATE, each, None) for concern in boss for each in _supervisors(concern.team, now)}
        for kind, officer, concern in sorted(told, key=lambda each: (each[0], each[1].id, each[2] and each[2].id)):
            notice = Notice.create(kind=kind, officer=officer, concern=concern, created_at=now)
            addressing.to_notice(notice, now)
    return len(told)


def _may_be_urgent():
    """An expression: words in it may mean danger, and nobody has taken it up. What is held back tells nobody."""
    is_there = Concern.is_open_row() & (Concern.state != Concern.UNCONFIRMED) & Concern.held_at.is_null()
    return is_there & Concern.is_urgent_row()


def _mark(field, which, now: datetime) -> list[Concern]:
    """Those of these concerns of which nobody was told yet; the clock that marks them tells."""
    return list(Concern.update({field: now}).where(which, field.is_null()).returning(Concern).execute())


def _who_looks_after(concern: Concern, now: datetime) -> Iterable[Officer]:
    """Who has it in hand, or who covers for them; where nobody does, all officers of the team."""
    officer = concern.officer
    if officer and officers.is_away(officer, now):
        officer = officer.cover
    return [officer] if officer and not officer.suspended_at else _who_is_there(concern.team, now)


def _who_is_there(team: Team, now: datetime) -> list[Officer]:
    """All officers of a team who are not away; without any, its supervisors."""
    return [each for each in officers.people_in(team) if not officers.is_away(each, now)] or _supervisors(team, now)


def _supervisors(team: Team, now: datetime) -> list[Officer]:
    rows = Officer.select().where(Officer.suspended_at.is_null()).order_by(Officer.id)
    members = Membership.select(Membership.officer).where(Membership.team == team)
    own = list(rows.where(Officer.role == Officer.SUPERVISOR, Officer.id.in_(members)))
    return [each for each in own if not officers.is_away(each, now)] or list(
        rows.where(Officer.role == Officer.ADMINISTRATOR)
    )

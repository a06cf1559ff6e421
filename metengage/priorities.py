"""What a ward's team works on because residents asked for it: proposed, set, changed, reviewed, closed.

Whoever works in the team that looks after the ward may do all of it; anybody may read it.
"""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from metengage import areas, db, journal, schedule
from metengage.formats import count, london
from metengage.models import Area, Membership, Officer, Priority, TeamWard

AT_ONCE = 3  # set in a ward at a time, as ward panels of the Met choose
REVIEWED_WITHIN = timedelta(days=91)  # three months: Neighbourhood Policing Guarantee
CLOSED_SHOWN = timedelta(days=365)  # so long it is told on the ward's page what came of one


class NotPossible(Exception):
    """It cannot be so; the message says what to do."""


class ChangedMeanwhile(Exception):
    """Somebody changed it since this page was opened; nothing was overwritten."""


# --- Read ---


def set_in(ward: Area) -> list[Priority]:
    """What the team of a ward works on now, in the order in which it was set."""
    return list(_in(ward, Priority.SET).order_by(Priority.set_at, Priority.id))


def proposed_in(ward: Area) -> list[Priority]:
    """What residents of a ward may vote for now, the oldest first."""
    return list(_in(ward, Priority.PROPOSED).order_by(Priority.id))


def closed_in(ward: Area, now: datetime) -> list[Priority]:
    """What the team worked on until lately, the latest first; not what was never set."""
    lately = Priority.set_at.is_null(False) & (Priority.closed_at > now - CLOSED_SHOWN)
    return list(_in(ward, Priority.CLOSED).where(lately).order_by(Priority.closed_at.desc(), Priority.id.desc()))


def public(priority_id: int) -> Priority | None:
    """A priority, whatever became of it: anybody may read it."""
    return Priority.get_or_none(Priority.id == priority_id)


def _in(ward: Area, state: str):
    return Priority.select().where(Priority.ward == ward, Priority.state == state)


# --- Who may see which, and what waits ---


def wards_of(officer: Officer) -> list[Area]:
    """The wards of the teams that somebody works in; for an administrator all that have a team."""
    rows = TeamWard.select(TeamWard.ward)
    if not officer.is_administrator:
        rows = rows.where(TeamWard.team.in_(_teams_of(officer)))
    return sorted(areas.named([code for (code,) in rows.tuples()]), key=lambda ward: ward.full_name)


def priority_for(officer: Officer, priority_id: int) -> Priority | None:
    """A priority, if somebody works in the team that looks after its ward now."""
    rows = Priority.select().where(Priority.id == priority_id)
    if not officer.is_administrator:
        wards = TeamWard.select(TeamWard.ward).where(TeamWard.team.in_(_teams_of(officer)))
        rows = rows.where(Priority.ward.in_(wards))
    return rows.first()


def overdue(officer: Officer, now: datetime) -> list[Priority]:
    """What should have been reviewed by now in the wards of the teams that somebody works in, the oldest first."""
    wards = TeamWard.select(TeamWard.ward).where(TeamWard.team.in_(_teams_of(officer)))
    late = (Priority.state == Priority.SET) & (Priority.review_by < now)
    return list(Priority.select().where(late, Priority.ward.in_(wards)).order_by(Priority.review_by, Priority.id))


def _teams_of(officer: Officer):
    return Membership.select(Membership.team).where(Membership.officer == officer)


@dataclass(frozen=True)
class Line:
    """A ward on the list, with what is set and what is proposed there."""

    ward: Area
    set_now: list[Priority]
    proposed: list[Priority]
    moment: datetime

    @property
    def overdue(self) -> list[Priority]:
        return [each for each in self.set_now if each.review_by < self.moment]

    @property
    def is_stale(self) -> bool:
        """Whether the ward has no priority, or one that should have been reviewed."""
        return not self.set_now or bool(self.overdue)


def listed(officer: Officer, now: datetime) -> list[Line]:
    """The wards of an officer; those where most is to be done come first."""
    wards = [ward for ward in wards_of(officer) if not ward.retired_at]
    lines = {ward.code: Line(ward, [], [], now) for ward in wards}
    open_ones = Priority.select().where(db.one_of(Priority.ward, list(lines)), Priority.state != Priority.CLOSED)
    for each in open_ones.order_by(Priority.set_at, Priority.id):
        line = lines[each.ward_id]
        (line.set_now if each.is_set else line.proposed).append(each)
    return sorted(lines.values(), key=lambda line: (not line.overdue, not line.is_stale))


# --- Propose and set ---


def propose(officer: Officer, ward: Area, issue: str, theme: str | None, now: datetime) -> Priority:
    """Let residents of a ward vote for this. The same again, while it is open, is once."""
    with db.handle.atomic():
        _take(ward)
        open_ones = (Priority.ward == ward) & (Priority.state != Priority.CLOSED)
        before = Priority.get_or_none(open_ones, Priority.issue == issue)
        if before:
            return before
        priority = Priority.create(ward=ward, issue=issue, theme=theme, owner=officer, proposed_at=now)
        _note("proposed a priority", officer, priority)
    return priority


def set_now(priority: Priority, officer: Officer, review_on: date, now: datetime, **words) -> Priority:
    """Promise to work on what was proposed, in these words (issue, theme, plan, owner). Twice is success.

    Raises NotPossible.
    """
    _insist_on(review_on, now)
    with db.handle.atomic():
        _take(priority.ward)
        if Priority.get_by_id(priority.id).is_set:
            return Priority.get_by_id(priority.id)
        if len(set_in(priority.ward)) >= AT_ONCE:
            raise NotPossible(
                f"{priority.ward.name} has {count(AT_ONCE, 'priority', 'priorities')} already, and a team can do no "
                "more of them well. Close one first"
            )
        new = words | {"state": Priority.SET, "set_at": now, "review_by": _end_of(review_on)}
        _change(priority, priority.is_proposed, **new)
        _note("set a priority", officer, priority)
    return Priority.get_by_id(priority.id)


def _take(ward: Area) -> None:
    """Hold a ward's row: of two officers at one moment, the second sees what the first did."""
    Area.update(name=Area.name).where(Area.code == ward.code).execute()


# --- Change, review, close ---


def change(priority: Priority, officer: Officer, revision: int, now: datetime, **words) -> None:
    """Say otherwise what it is about, what will be done or who looks after it. Raises ChangedMeanwhile."""
    with db.handle.atomic():
        same = Priority.update(revision=Priority.revision + 1, **words)
        if not same.where(Priority.id == priority.id, Priority.revision == revision, _is_open()).execute():
            raise ChangedMeanwhile
        _note("changed a priority", officer, priority)


def review(priority: Priority, officer: Officer, review_on: date, now: datetime) -> None:
    """Go on with it, and look at it again by this day. Raises NotPossible."""
    _insist_on(review_on, now)
    with db.handle.atomic():
        _change(priority, priority.is_set, reviewed_at=now, review_by=_end_of(review_on))
        _note("reviewed a priority", officer, priority)


def close(priority: Priority, officer: Officer, result: str, outcome: str, now: datetime) -> None:
    """End it and say what came of it; what was only proposed was not chosen. Raises NotPossible."""
    result = Priority.NOT_CHOSEN if priority.is_proposed else result
    with db.handle.atomic():
        _change(priority, not priority.is_closed, state=Priority.CLOSED, closed_at=now, result=result, outcome=outcome)
        _note("closed a priority", officer, priority)


def _is_open():
    return Priority.state != Priority.CLOSED


def _change(priority: Priority, may: bool, **new) -> None:
    same = (Priority.id == priority.id) & (Priority.state == priority.state) & (Priority.revision == priority.revision)
    if not may or not Priority.update(revision=Priority.revision + 1, **new).where(same).execute():
        raise NotPossible("Somebody else was first. Look at what it says now, and try again")


def _note(action: str, officer: Officer, priority: Priority) -> None:
    journal.note(action, officer=officer, detail=f"priority {priority.id}")


# --- Review dates ---


def wrong_with(review_on: date, now: datetime) -> str:
    """Why this cannot be the day of a review, in a sentence; nothing where it can."""
    today = london(now).date()
    if review_on <= today:
        return "Choose a day after today"
    latest = today + REVIEWED_WITHIN
    return "" if review_on <= latest else f"Choose a day within three months: {latest.day} {latest:%B %Y} at the latest"


def latest_review(now: datetime) -> date:
    """The last day on which a review that is arranged now may be."""
    return london(now).date() + REVIEWED_WITHIN


def _insist_on(review_on: date, now: datetime) -> None:
    if wrong := wrong_with(review_on, now):
        raise NotPossible(wrong)


def _end_of(day: date) -> datetime:
    return schedule.at(day, time(23, 59))

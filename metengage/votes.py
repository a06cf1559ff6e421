"""Residents vote for what their team should work on, each once; officers count hands at meetings and at doors.

Nobody sees a vote of somebody else, only how many there are: of fewer than ten, not even that.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time

from peewee import SQL, fn

from metengage import db, journal, priorities, schedule, subscriptions
from metengage.formats import SMALLEST_GROUP, count
from metengage.models import Concern, Muted, Officer, Priority, Resident, Subscription, Vote


@dataclass(frozen=True)
class Tally:
    """How many voted for a priority."""

    web: int = 0
    meeting: int = 0
    door: int = 0

    @property
    def weight(self) -> int:
        """What proposals are ranked by: nothing of what is too few to be shown."""
        return self.meeting + self.door + (self.web if self.web >= SMALLEST_GROUP else 0)


def tallies(which: Iterable[Priority]) -> dict[int, Tally]:
    """Priority's id → its tally, of each of these."""
    ids = [each.id for each in which]
    counts: dict[int, dict[str, int]] = {each: {} for each in ids}
    rows = Vote.select(Vote.priority, Vote.source, fn.SUM(Vote.how_many)).join(Priority)
    rows = rows.where(db.one_of(Vote.priority, ids), _counts())
    for priority_id, source, how_many in rows.group_by(Vote.priority, Vote.source).tuples():
        counts[priority_id][source] = how_many
    return {each: Tally(**found) for each, found in counts.items()}


def _counts():
    """A condition on votes and their priorities: hands do, and residents' votes while they may vote there.

    Once it is set or closed, all do that were kept: who moves or leaves then takes nothing back from what was chosen.
    """
    lives = Resident.select(SQL("1")).where(
        Resident.id == Vote.resident, Resident.home == Priority.ward, Resident.state == Resident.CONFIRMED
    )
    signed_up = Subscription.select(SQL("1")).where(Subscription.resident == Vote.resident)
    is_chosen = Priority.state != Priority.PROPOSED
    return (Vote.source != Vote.WEB) | is_chosen | (fn.EXISTS(lives) & fn.EXISTS(signed_up))


def ranked(which: list[Priority]) -> list[tuple[Priority, Tally]]:
    """Proposals with their tallies, what most voted for first."""
    found = tallies(which)
    return sorted(((each, found[each.id]) for each in which), key=lambda pair: -pair[1].weight)


# --- Residents ---


def may_vote(resident: Resident, priority: Priority) -> bool:
    """Whether it is proposed in the ward where they live; that of a visitor is only where their concern was."""
    lives_there = resident.is_confirmed and resident.home_id == priority.ward_id
    return priority.is_proposed and lives_there and subscriptions.ever(resident)


def cast(resident: Resident, priority: Priority, now: datetime) -> bool:
    """Vote for a priority. Twice is once; False when it is not theirs to vote for, or no longer proposed."""
    with db.handle.atomic():
        # Their row is taken: they cannot leave or move meanwhile.
        if not subscriptions.take(resident) or not may_vote(Resident.get_by_id(resident.id), _as_it_is(priority)):
            return False
        once = Vote.insert(priority=priority, resident=resident, at=now)
        once.on_conflict("NOTHING", conflict_target=[Vote.priority, Vote.resident]).execute()
        Muted.delete().where(_theirs(Muted, resident, priority)).execute()
    return True


def _as_it_is(priority: Priority) -> Priority:
    return Priority.get_by_id(priority.id)


def withdraw(resident: Resident, priority: Priority) -> None:
    """Vote for it no longer: nothing is kept of it. Twice is success."""
    Vote.delete().where(_theirs(Vote, resident, priority)).execute()


def has_voted(resident: Resident, priority: Priority) -> bool:
    return Vote.select().where(_theirs(Vote, resident, priority)).exists()


def ballot(resident: Resident) -> list[tuple[Priority, bool]]:
    """What is proposed where somebody lives, and whether they voted for it; nothing for a visitor."""
    if resident.home_id is None or not subscriptions.ever(resident):
        return []
    mine = {priority for (priority,) in Vote.select(Vote.priority).where(Vote.resident == resident).tuples()}
    return [(each, each.id in mine) for each in priorities.proposed_in(resident.home)]


# --- Hear of it, or not ---


def heard(resident: Resident) -> list[tuple[Priority, bool]]:
    """What somebody raised or voted for and that is set or closed, the latest first; and whether they hear of it."""
    raised = Concern.select(Concern.priority).where(Concern.resident == resident, Concern.priority.is_null(False))
    voted = Vote.select(Vote.priority).where(Vote.resident == resident)
    muted = {each for (each,) in Muted.select(Muted.priority).where(Muted.resident == resident).tuples()}
    rows = Priority.select().where(Priority.id.in_(raised) | Priority.id.in_(voted), Priority.set_at.is_null(False))
    return [(each, each.id not in muted) for each in rows.order_by(Priority.set_at.desc(), Priority.id.desc())]


def in_words(resident: Resident) -> list[str]:
    """What somebody may vote on, and hears of because they raised it or voted for it: a line each."""
    waiting = sum(not is_mine for _, is_mine in ballot(resident))
    hears = sum(still for _, still in heard(resident))
    to_vote = [f"{count(waiting, 'proposal')} where you live to vote on"] if waiting else []
    return [*to_vote, f"We tell you of {count(hears, 'priority', 'priorities')}"] if hears else to_vote or ["None"]


def mute(resident: Resident, priority: Priority, now: datetime) -> None:
    """Send them nothing more because they raised it or voted for it. Twice is success."""
    with db.handle.atomic():
        if subscriptions.take(resident):
            once = Muted.insert(priority=priority, resident=resident, at=now)
            once.on_conflict("NOTHING", conflict_target=[Muted.priority, Muted.resident]).execute()


def unmute(resident: Resident, priority: Priority) -> None:
    """Let them hear of it again. Twice is success."""
    Muted.delete().where(_theirs(Muted, resident, priority)).execute()


def _theirs(table: type[Vote] | type[Muted], resident: Resident, priority: Priority):
    return (table.resident == resident) & (table.priority == priority)


# --- Officers count hands ---


def count_hands(priority: Priority, officer: Officer, source: str, how_many: int, day: date, now: datetime) -> bool:
    """Note how many voted for it at a meeting or at doors on a day; a number noted before for that day gives way.

    False when it is no longer proposed.
    """
    at = schedule.at(day, time(12))
    with db.handle.atomic():
        mine = (Priority.id == priority.id) & (Priority.state == Priority.PROPOSED)
        if not Priority.update(state=Priority.PROPOSED).where(mine).execute():
            return False
        once = {"conflict_target": [Vote.priority, Vote.source, Vote.at], "conflict_where": SQL("source <> 'web'")}
        new = Vote.insert(priority=priority, source=source, how_many=how_many, at=at)
        new.on_conflict(**once, update={Vote.how_many: how_many}).execute()
        journal.note("counted hands", officer=officer, detail=f"priority {priority.id}: {how_many}, {source}")
    return True


def hands(priority: Priority) -> list[Vote]:
    """What was counted at meetings and at doors, the latest first."""
    return list(Vote.select().where(Vote.priority == priority, Vote.source != Vote.WEB).order_by(Vote.at.desc()))

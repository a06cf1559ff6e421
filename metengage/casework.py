"""What a team does with what residents tell it: look, take, sort, hand over. What it writes back is in responses."""

from datetime import datetime
from typing import NamedTuple

from peewee import JOIN, SQL, Case

from metengage import db, journal, officers
from metengage.models import Alert, Area, Concern, Message, Officer, Photo, Priority, Resident, Story, Team

LOOKED = "looked at concern"
PAGE = 50  # concerns on a page of the queue

# Which part of the queue → what it is called.
TO_ANSWER, MINE, ANSWERED, HELD, CLOSED = "to answer", "mine", "answered", "held", "closed"
PARTS = {
    TO_ANSWER: "To answer",
    MINE: "Mine",
    ANSWERED: "Answered, not closed",
    HELD: "Held back",
    CLOSED: "Closed",
}


class NotPossible(Exception):
    """It cannot be so; the message says what to do."""


# --- Look ---


def concern_for(officer: Officer, concern_id: int) -> Concern | None:
    """A concern, if this officer's teams have it and its writer is known to have meant it."""
    teams = [team.id for team in officers.teams_of(officer)]
    known = (Concern.id == concern_id) & (Concern.state != Concern.UNCONFIRMED)
    return Concern.get_or_none(known, Concern.team.in_(teams))


def look_at(officer: Officer, concern: Concern, now: datetime) -> None:
    """Write down that an officer looked, for whoever raised it to see; once an hour."""
    if concern.resident_id:
        journal.looked(LOOKED, officer, concern.resident, str(concern.id), now)


def history(concern: Concern) -> list[Message]:
    """All that was written and done, the oldest first."""
    return list(concern.messages.order_by(Message.id))


def photo_of(concern: Concern) -> Photo | None:
    return Photo.get_or_none(Photo.concern == concern)


def earlier_by(concern: Concern, limit: int = 5) -> list[Concern]:
    """What the same resident told this team before, the newest first."""
    if concern.resident_id is None:
        return []
    same = (Concern.resident == concern.resident_id) & (Concern.team == concern.team) & (Concern.id != concern.id)
    rows = Concern.select().where(same, Concern.state != Concern.UNCONFIRMED)
    return list(rows.order_by(Concern.id.desc()).limit(limit))


# --- The queue ---


class Queue(NamedTuple):
    """A part of what a team has to do: a page of it, and how many each part has."""

    concerns: list[Concern]
    last: dict[int, str]  # concern's id → the kind of what was written last between a team and its resident
    counts: dict[str, int]
    has_more: bool


def queue(officer: Officer, part: str, after: int = 0) -> Queue:
    """What an officer's teams have: what may be urgent, then the oldest due; what nobody waits for comes last."""
    teams = [team.id for team in officers.teams_of(officer)]
    rows = _with_names().where(Concern.team.in_(teams), _PARTS[part](officer))
    if part == CLOSED:
        rows = rows.order_by(Concern.closed_at.desc(), Concern.id.desc())
    else:
        urgent = Case(None, [(Concern.is_urgent_row(), 0)], 1)
        rows = rows.order_by(urgent, Concern.due_at.is_null(), Concern.due_at, Concern.id)
    found = list(rows.offset(after).limit(PAGE + 1))
    return Queue(found[:PAGE], Message.latest_between(found), counts(officer), len(found) > PAGE)


def counts(officer: Officer) -> dict[str, int]:
    """How many each part of the queue has."""
    teams = [team.id for team in officers.teams_of(officer)]
    return {name: Concern.select().where(Concern.team.in_(teams), _PARTS[name](officer)).count() for name in PARTS}


def _with_names():
    """Each with its ward, alert and officer, in one query for a whole page."""
    borough = Area.alias()
    rows = Concern.select(Concern, Area, borough, Alert.id, Alert.title, Officer)
    rows = rows.join(Area, on=Concern.ward).join(
        borough, JOIN.LEFT_OUTER, on=Area.parent == borough.code, attr="parent"
    )
    rows = rows.join_from(Concern, Alert, JOIN.LEFT_OUTER, on=Concern.alert)
    return rows.join_from(Concern, Officer, JOIN.LEFT_OUTER, on=Concern.officer)


_OPEN = Concern.is_with_team_row()
_LET_IN = _OPEN & Concern.held_at.is_null()
_PARTS = {
    TO_ANSWER: lambda officer: _LET_IN & (Concern.state != Concern.ANSWERED),
    MINE: lambda officer: _LET_IN & (Concern.officer == officer),
    ANSWERED: lambda officer: _LET_IN & (Concern.state == Concern.ANSWERED),
    HELD: lambda officer: _OPEN & Concern.held_at.is_null(False),
    CLOSED: lambda officer: Concern.state == SQL("'closed'"),
}


def urgent(officer: Officer, limit: int = 5) -> tuple[list[Concern], int]:
    """What may be urgent and nobody has taken up, the latest first, those held back last; and how many more."""
    rows = Concern.urgent_of(officers.teams_of(officer))
    found = list(rows.limit(limit))
    return found, rows.count() - limit if len(found) == limit else 0


# --- Sort ---


def take(officer: Officer, concern: Concern, now: datetime) -> bool:
    """Look after it; False when somebody else does already."""
    free = Concern.is_open_row() & (Concern.officer.is_null() | (Concern.officer == officer))
    values = {"officer": officer, "danger": Concern.taken_up()}
    return _act(concern, free, values, officer, f"Taken by {officer.name}.", now)


def assign(officer: Officer, concern: Concern, to: Officer | None, now: datetime) -> bool:
    """Let somebody of its team look after it, or nobody. Raises NotPossible."""
    if to is not None and to not in colleagues(concern.team):
        raise NotPossible("Choose somebody who works in this team")
    words = f"Given to {to.name}." if to else "Put back for anybody in the team."
    values = {"officer": to} | ({"danger": Concern.taken_up()} if to else {})
    return _act(concern, Concern.is_open_row(), values, officer, words, now)


def colleagues(team: Team) -> list[Officer]:
    """Who works in a team, by name."""
    return sorted((each.officer for each in team.memberships if not each.officer.suspended_at), key=lambda o: o.name)


def hand_over(officer: Officer, concern: Concern, team: Team, why: str, now: datetime) -> bool:
    """Give it to another team, which reads why; what was promised to the resident stays promised.

    It leaves its story, and what it repeats. Its ward becomes the first of that team's, unless the team has that ward.
    Raises NotPossible.
    """
    wards = officers.wards_of(team)
    if team == concern.team or not wards:
        raise NotPossible("Choose another team that looks after a ward")
    ward = concern.ward if concern.ward in wards else wards[0]
    words = f"Handed from {concern.team.name} to {team.name}. {why}".strip()
    # What it belonged to is the former team's, and a priority its ward's.
    values = {"team": team, "officer": None, "ward": ward, "duplicate_of": None, "story": None, "alarmed_at": None}
    values |= {} if ward == concern.ward else {"priority": None}
    return _act(concern, Concern.is_open_row() & (Concern.team == concern.team), values, officer, words, now)


def sort(
    officer: Officer, concern: Concern, theme: str | None, ward: Area, story: Story | None, priority: Priority | None,
    same_as: int | None, now: datetime,
) -> bool:  # fmt: skip
    """Say what it is about, where, and what it belongs to. Raises NotPossible."""
    if ward not in officers.wards_of(concern.team):
        raise NotPossible("Choose one of the team’s wards, or hand it to another team")
    other = concern_for(officer, same_as) if same_as else None
    if same_as and (other is None or other == concern):
        raise NotPossible("Enter the number of another concern that your team has")
    sorted_to = {"theme": theme, "ward": ward, "story": story, "priority": priority, "duplicate_of": other}
    state = Concern.TRIAGED if concern.state == Concern.NEW else concern.state
    said = [concern.theme_name if not theme else Concern(theme=theme).theme_name, ward.name]
    said += [f"story “{story.title}”"] if story else []
    said += [f"priority “{priority.issue}”"] if priority else []
    said += [f"the same as {other.id}"] if other else []
    words = f"Sorted: {', '.join(each for each in said if each)}."
    with db.handle.atomic():
        if other and _first_of(other, concern) == concern:
            raise NotPossible(f"Concern {other.id} is said to be the same as this one already. Keep one of them")
        return _act(concern, Concern.is_open_row(), sorted_to | {"state": state}, officer, words, now)


def _first_of(other: Concern, concern: Concern) -> Concern:
    """Whether by one or by many between, what the other repeats: this concern, or the first that repeats none."""
    # Both are taken, the elder first, so that of two officers at one moment the second sees what the first did.
    for number in sorted((other.id, concern.id)):
        Concern.update(state=Concern.state).where(Concern.id == number).execute()
    found, seen = Concern.get_by_id(other.id), set()
    while found.duplicate_of and found != concern and found.id not in seen:
        seen.add(found.id)
        found = found.duplicate_of
    return found


def let_in(officer: Officer, concern: Concern, now: datetime) -> bool:
    """It was held back because many came at a time, and is none of those."""
    return _act(concern, Concern.held_at.is_null(False), {"held_at": None}, officer, "Let in.", now)


def drop(officer: Officer, concern: Concern, now: datetime) -> bool:
    """It was held back or waits for no answer, and is spam: closed without a word, and counted nowhere."""
    closed = {"state": Concern.CLOSED, "closed_at": now, "closed_because": Concern.SPAM, "due_at": None}
    closed |= {"danger": Concern.taken_up()}
    unasked = Concern.held_at.is_null(False) | ~Concern.wants_answer
    return _act(concern, unasked & Concern.is_open_row(), closed, officer, "Closed as spam.", now)


def drop_all(officer: Officer, ids: list[int], now: datetime) -> int:
    """Close those of them as spam that an officer's teams have and were held back; how many."""
    found = [each for each in (concern_for(officer, number) for number in ids[:PAGE]) if each and each.held_at]
    return sum(drop(officer, each, now) for each in found)


def _act(concern: Concern, still, values: dict, officer: Officer, words: str, now: datetime) -> bool:
    with db.handle.atomic():
        raised = values | {"revision": Concern.revision + 1}
        if not Concern.update(raised).where(Concern.id == concern.id, still).execute():
            return False
        Message.create(concern=concern, kind=Message.ACT, officer=officer, text=words, at=now)
    return True


# --- The clock ---


def close_left(now: datetime) -> int:
    """Close what was raised by people who have left or are erased: nothing that is written reaches them. How many."""
    gone = Resident.select(Resident.id).where(Resident.state == SQL("'left'"))
    nobody = Concern.wants_answer & (Concern.resident.is_null() | Concern.resident.in_(gone))
    closed = {"state": Concern.CLOSED, "closed_at": now, "closed_because": Concern.LEFT, "due_at": None}
    raised = closed | {"revision": Concern.revision + 1}
    return Concern.update(raised).where(_OPEN, nobody).execute()

"""Who is tied to an alert: follows its story, raised its priority or voted for it. They hear of it straight away."""

from datetime import datetime

from peewee import Field, ModelSelect

from metengage import db
from metengage.models import Alert, Concern, Follow, Muted, Resident, Vote

FOLLOWS, RAISED, VOTED = "follows", "raised", "voted"


def of(alert: Alert, now: datetime) -> list[ModelSelect]:
    """Queries for the ids of those who hear of it at once, whatever else they chose; not of the paused.

    Somebody may be in several.
    """
    return [rows.where(resident.not_in(Resident.paused(now))) for rows, resident in _ties(alert).values()]


def ids(alert: Alert, now: datetime) -> set[int]:
    """The residents themselves: to count with them is quicker than to ask for them with each count."""
    return {resident for rows in of(alert, now) for (resident,) in db.rows(rows)}


def known(alert: Alert, residents: list[int]) -> dict[int, tuple[str, ...]]:
    """For each of these residents who is tied to it, paused or not: FOLLOWS, RAISED, VOTED."""
    found: dict[int, tuple[str, ...]] = {}
    for tie, (rows, resident) in _ties(alert).items():
        for (each,) in db.rows(rows.where(db.one_of(resident, residents))):
            found[each] = (*found.get(each, ()), tie)
    return found


def _ties(alert: Alert) -> dict[str, tuple[ModelSelect, Field]]:
    """Tie → (a query for residents' ids, each once; the column that has them)."""
    found = {}
    if alert.story_id:
        mine = Follow.select(Follow.resident).where(Follow.story == alert.story_id, Follow.live())
        found[FOLLOWS] = mine, Follow.resident
    if alert.priority_id:
        raised = (Concern.state != Concern.UNCONFIRMED) & (Concern.closed_because != Concern.SPAM)
        found[RAISED] = _still_hearing(Concern, alert.priority_id).where(raised), Concern.resident
        found[VOTED] = _still_hearing(Vote, alert.priority_id), Vote.resident
    return found


def _still_hearing(table: type[Concern] | type[Vote], priority_id: int) -> ModelSelect:
    """Who is in a table with a priority: confirmed, and not of those who want to hear no more of it.

    By a join, not by IN: SQLite would first list all who are confirmed.
    """
    muted = Muted.select(Muted.resident).where(Muted.priority == priority_id)
    rows = table.select(table.resident).join(Resident).where(Resident.state == Resident.CONFIRMED)
    return rows.where(table.priority == priority_id, table.resident.not_in(muted)).distinct()

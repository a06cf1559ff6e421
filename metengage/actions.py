"""What was done about a priority: each with its date and a picture, for anybody to read."""

from dataclasses import dataclass
from datetime import date, datetime, time

from metengage import db, journal, pictures, schedule
from metengage.formats import london
from metengage.models import Action, Officer, Priority


class NotOpen(Exception):
    """It is no longer worked on, or not yet: nothing is done about it."""


@dataclass(frozen=True)
class Done:
    """An action, and its picture if it has one."""

    action: Action
    picture: pictures.Kept | None


def of(which: list[Priority]) -> dict[int, list[Done]]:
    """Priority's id → what was done about it, the latest first."""
    ids = [each.id for each in which]
    rows = list(Action.select().where(Action.priority.in_(ids)).order_by(Action.at.desc(), Action.id.desc()))
    shown = pictures.of_actions([each.id for each in rows])
    found: dict[int, list[Done]] = {each: [] for each in ids}
    for each in rows:
        found[each.priority_id].append(Done(each, shown.get(each.id)))
    return found


def since(priority: Priority, moment: datetime | None) -> list[Action]:
    """What was written down since then, or ever, the earliest first."""
    rows = Action.select().where(Action.priority == priority)
    rows = rows.where(Action.created_at > moment) if moment else rows
    return list(rows.order_by(Action.at, Action.id))


def wrong_with(day: date, priority: Priority, now: datetime) -> str:
    """Why nothing can have been done about it on this day, in a sentence; nothing where it can."""
    if day > london(now).date():
        return "Choose today or an earlier day"
    return "" if day >= london(priority.proposed_at).date() else "Choose a day since this was proposed"


def act(
    priority: Priority, officer: Officer, day: date, text: str, now: datetime, brought: tuple[bytes, str] | None = None
) -> Action:
    """Say what was done about a priority that is set, with (a picture, what is to be seen).

    Raises NotOpen or images.Unusable.
    """
    files = pictures.made(brought[0]) if brought else None
    with db.handle.atomic():
        # It takes the row: nobody closes it meanwhile.
        mine = (Priority.id == priority.id) & (Priority.state == Priority.SET)
        if not Priority.update(state=Priority.SET).where(mine).execute():
            raise NotOpen
        at = schedule.at(day, time(12))
        action = Action.create(priority=priority, officer=officer, at=at, text=text, created_at=now)
        if files:
            pictures.put_to_action(action, officer, files, brought[1], now)
        journal.note("acted on a priority", officer=officer, detail=f"priority {priority.id}")
    return action


def of_priority(priority: Priority, action_id: int) -> Action | None:
    """An action of this priority, by its number."""
    return Action.get_or_none(Action.id == action_id, Action.priority == priority)


def remove(action: Action, officer: Officer) -> None:
    """Take back what was written down, with its picture. Twice is success."""
    with db.handle.atomic():
        if Action.delete().where(Action.id == action.id).execute():
            journal.note("removed an action", officer=officer, detail=f"priority {action.priority_id}")

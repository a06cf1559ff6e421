"""“You said, we did”: an alert about a priority, begun with what residents said, what was done and what comes next."""

from datetime import datetime

from peewee import fn

from metengage import actions, db, drafts
from metengage.formats import day
from metengage.models import Action, Alert, Area, Officer, Priority, Team

OPEN = (Alert.DRAFT, Alert.AWAITING, Alert.SCHEDULED)  # one that is on its way
LONGEST_TITLE = 120


class NotYet(Exception):
    """There is nothing to tell; the message says why."""


def begin(priority: Priority, team: Team, officer: Officer, now: datetime) -> Alert:
    """A draft of a team's that tells what was done since the last time; the one that is on its way, if there is one.

    It goes to the subscribers of its kind in the ward, and straight away to whoever raised the priority or voted for
    it. Raises NotYet.
    """
    if priority.is_proposed:
        raise NotYet("It is only proposed. Set it first, then tell residents")
    with db.handle.atomic():
        # It takes the row: of two officers at one moment, both get the same draft.
        Priority.update(state=Priority.state).where(Priority.id == priority.id).execute()
        draft = open_one(priority)
        if draft is None:
            words = {"title": _title(priority), "body": _body(priority)}
            about = {"alert_type": "priorities", "theme": priority.theme, "priority": priority, "changed_by": officer}
            draft = drafts.begin(officer, team, now, places=[priority.ward], **words, **about)
    return draft


def open_one(priority: Priority) -> Alert | None:
    """The alert about a priority that is on its way, if there is one."""
    mine = (Alert.priority == priority) & Alert.corrects.is_null()
    return Alert.select().where(mine, Alert.state.in_(OPEN)).first()


def told_at(priority: Priority) -> datetime | None:
    """When (UTC) residents were told of it last, if they ever were."""
    sent = (Alert.priority == priority) & Alert.corrects.is_null() & Alert.state.in_((Alert.SENDING, Alert.SENT))
    return Alert.select(fn.MAX(Alert.sending_at)).where(sent).scalar()


def to_vote(ward: Area, proposed: list[Priority], team: Team, officer: Officer, now: datetime) -> Alert:
    """A draft that asks residents of a ward to vote on what is proposed. Raises NotYet."""
    if not proposed:
        raise NotYet("Nothing is proposed in this ward. Propose something first")
    lines = "\n".join(f"* {each.issue}" for each in proposed)
    words = {
        "title": f"What should we work on in {ward.name}?"[:LONGEST_TITLE],
        "body": f"Please tell us what matters most to you. These are proposed:\n\n{lines}\n\n"
        "You can vote for one or several of them. Nobody sees who voted for what: we only see how many did.",
    }
    about = {"alert_type": "priorities", "changed_by": officer}
    return drafts.begin(officer, team, now, places=[ward], **words, **about)


# --- What it begins with ---


def _title(priority: Priority) -> str:
    title = f"You said, we did: {priority.issue}"
    return title if len(title) <= LONGEST_TITLE else f"{title[: LONGEST_TITLE - 1]}…"


def _body(priority: Priority) -> str:
    done = actions.since(priority, told_at(priority))
    parts = [
        ("You said", f"You asked us to work on this: {_line(priority.issue)}"),
        ("We did", "\n".join(map(_item, done))),
        ("What came of it", priority.outcome),
        ("What comes next", "" if priority.is_closed else _next(priority)),
    ]
    return "\n\n".join(f"## {heading}\n\n{words}" for heading, words in parts if words)


def _item(action: Action) -> str:
    return f"* {day(action.at)}: {_line(action.text)}"


def _next(priority: Priority) -> str:
    review = f"We look at this again by {day(priority.review_by)}."
    return f"{priority.plan}\n\n{review}" if priority.plan else review


def _line(text: str) -> str:
    """A text in one line, as an item of a list needs it."""
    return " ".join(text.split())

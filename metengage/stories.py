"""Alerts that belong together: a story begins with one, ends with its outcome, and residents follow it meanwhile.

Until its first alert is sent, a new story is that draft's own: renamed with it, and gone when the draft chooses
otherwise. So a draft that saves itself as its writer types leaves nothing half made.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from peewee import SQL, fn

from metengage import db, journal, standing, subscriptions
from metengage.formats import count, listing
from metengage.models import Alert, Follow, Resident, Story, Team

ENDED_SHOWN = timedelta(days=90)  # so long a resident is shown that what they followed has ended
ENDED, UNFOLLOWED = "ended", "unfollowed"  # why a resident follows no longer
HAS_ENDED = "This story has ended. Choose another story, or none"
NAMED_AT_MOST = 3  # stories that are named one by one on a line


class NotOpen(Exception):
    """Nothing can be added to this story; the message says why, and what to do."""


@dataclass(frozen=True)
class Chosen:
    """What a draft says of its story: one that has begun, a new one by its title, or none."""

    story_id: int | None = None
    new_title: str | None = None
    is_outcome: bool = False  # the story ends with this alert


# --- Read ---


def _has_begun():
    """An expression: an alert of the story has been sent, whatever became of it since."""
    mine = Alert.select(SQL("1")).where(Alert.story == Story.id, Alert.sending_at.is_null(False))
    return fn.EXISTS(mine)


def public(story_id: int) -> Story | None:
    """A story that anybody may read: one with an alert that has been sent, or is being."""
    story = Story.get_or_none(Story.id == story_id)
    return story if story and line_of(story) else None


def of_alert(alert_id: int | None) -> Story | None:
    """The story of an alert that anybody may read, if it is part of one."""
    alert = Alert.get_or_none(Alert.id == alert_id)
    return alert.story if alert and alert.is_public else None


def line_of(story: Story) -> list[Alert]:
    """The alerts of a story that anybody may read, the oldest first, each once and in the words that hold now."""
    return _lines([story.id])[story.id]


def gathered(alerts: list[Alert]) -> list[tuple[Story | None, list[Alert]]]:
    """Alerts in the order they have, those of a story together where the first of them stands."""
    found: dict[int | None, list[Alert]] = {}
    for place, alert in enumerate(alerts):
        found.setdefault(alert.story_id or -place - 1, []).append(alert)
    return [(those[0].story if those[0].story_id else None, those) for those in found.values()]


def outcome_of(story: Story) -> Alert | None:
    """The alert that ended a story, or else its latest."""
    line = line_of(story)
    return next((alert for alert in reversed(line) if alert.ends_story), line[-1] if line else None)


def _lines(story_ids: Iterable[int]) -> dict[int, list[Alert]]:
    lines = defaultdict(list)
    mine = Alert.story.in_(list(story_ids)) & Alert.corrects.is_null()
    rows = Alert.select().where(mine, Alert.state.in_((Alert.SENDING, Alert.SENT)))
    for alert in standing.as_it_is(rows.order_by(Alert.sending_at, Alert.id)):
        lines[alert.story_id].append(alert)
    return lines


# --- Officers choose ---


def open_for(team: Team) -> list[Story]:
    """A team's stories that an alert may be added to, the newest first."""
    return list(
        Story.select()
        .where(Story.team == team, Story.ended_at.is_null(), _has_begun())
        .order_by(Story.created_at.desc(), Story.id.desc())
    )


def chosen_in(alert: Alert) -> Chosen:
    """What a draft says of its story now."""
    own = _own(alert)
    if own:
        return Chosen(new_title=own.title)
    return Chosen(story_id=alert.story_id, is_outcome=alert.ends_story)


def offered_to(alert: Alert) -> list[Story]:
    """The stories that a draft may choose; the one that it chose before stays on show, also when it has ended."""
    offered = open_for(alert.team)
    has = alert.story if alert.story_id and not _own(alert) else None
    return offered if has is None or has in offered else [has, *offered]


def lacking(alert: Alert) -> list[tuple[str, str]]:
    """What must be mended of its story before an alert may be sent: (the form's field, what to do)."""
    if not alert.story_id or alert.corrects_id:  # a correction adds nothing to a story
        return []
    if not alert.story.title:
        return [("story_title", "Enter what the new story is called")]
    return [("story", HAS_ENDED)] if alert.story.ended_at else []


def put(alert: Alert, chosen: Chosen, now: datetime) -> None:
    """Make this the story of a draft. For a transaction that has taken the draft's row. May raise NotOpen."""
    before = Alert.get_by_id(alert.id)
    own, story_id = _own(before), chosen.story_id
    if chosen.new_title is not None:
        story_id = own.id if own else Story.create(team=alert.team_id, title="", created_at=now).id
        Story.update(title=chosen.new_title).where(Story.id == story_id).execute()
    elif story_id and story_id != before.story_id and not _is_open(story_id, alert.team_id):
        raise NotOpen(HAS_ENDED)
    # A story does not end with the alert that it begins with.
    is_outcome = chosen.is_outcome and bool(chosen.story_id)
    Alert.update(story=story_id, ends_story=is_outcome).where(Alert.id == alert.id).execute()
    if own and own.id != story_id:
        own.delete_instance()


def go_on(alert: Alert, now: datetime) -> bool:
    """Let an alert's story, if it has one, go on or end with it; False when it ended before.

    For the transaction that begins to send the alert. It takes the story's row: of two alerts at one moment, the second
    finds whether the first ended it. A correction changes nothing in it.
    """
    if alert.corrects_id:
        return True
    mine = (Story.id == alert.story_id) & Story.ended_at.is_null()
    ended_at = now if alert.ends_story else None
    return not alert.story_id or Story.update(ended_at=ended_at).where(mine).execute() == 1


def _own(alert: Alert) -> Story | None:
    """The story that would begin with this draft."""
    return Story.get_or_none(Story.id == alert.story_id, ~_has_begun()) if alert.story_id else None


def _is_open(story_id: int, team_id: int) -> bool:
    mine = (Story.id == story_id) & (Story.team == team_id) & Story.ended_at.is_null()
    return Story.select().where(mine, _has_begun()).exists()


# --- Residents follow ---


def follow(resident: Resident, story: Story, now: datetime) -> bool:
    """Send them each new alert of this story, wherever they live, until it ends. Twice is success.

    False when it has ended, or when they have left.
    """
    with db.handle.atomic():
        # It takes the resident's row: of two taps at one moment, the second finds what the first did.
        if not subscriptions.take(resident) or Story.get_by_id(story.id).ended_at:
            return False
        if not follows(resident, story):
            Follow.create(resident=resident, story=story, began_at=now)
            journal.note("followed a story", resident=resident, detail=str(story.id))
    return True


def unfollow(resident: Resident, story: Story, now: datetime, cause: Alert | None = None) -> None:
    """Send them nothing more because of this story. Twice is success. `cause`: the alert that led to it, if one did."""
    mine = (Follow.resident == resident) & (Follow.story == story) & Follow.live()
    with db.handle.atomic():
        if Follow.update(ended_at=now, ended_reason=UNFOLLOWED).where(mine).execute():
            journal.note(journal.UNFOLLOWED, resident=resident, alert=cause, detail=str(story.id))


def follows(resident: Resident, story: Story) -> bool:
    """Whether this resident follows the story now."""
    return Follow.select().where(Follow.resident == resident, Follow.story == story, Follow.live()).exists()


@dataclass(frozen=True)
class Followed:
    """A story that somebody follows, or followed to its end."""

    story: Story
    latest: Alert | None


def of(resident: Resident, now: datetime) -> list[Followed]:
    """What a resident follows, the latest first, and then what has ended lately."""
    to_its_end = (Follow.ended_reason == ENDED) & (Follow.ended_at > now - ENDED_SHOWN)
    rows = (
        Story.select()
        .join(Follow)
        .where(Follow.resident == resident, Follow.live() | to_its_end)
        .order_by(Story.ended_at.is_null(False), Follow.began_at.desc(), Follow.id.desc())
    )
    lines = _lines(story.id for story in rows)
    return [Followed(story, lines[story.id][-1] if lines[story.id] else None) for story in rows]


def in_words(resident: Resident) -> str:
    """What a resident follows, for a line of a list: “Mopeds in St Helier” and “Shed break-ins”."""
    rows = Story.select(Story.title).join(Follow).where(Follow.resident == resident, Follow.live())
    titles = [title for (title,) in rows.where(Story.ended_at.is_null()).order_by(Follow.began_at.desc()).tuples()]
    if len(titles) > NAMED_AT_MOST:
        return count(len(titles), "story", "stories")
    return listing(f"“{title}”" for title in titles) if titles else "No stories"


def end_follows(now: datetime) -> int:
    """End what was followed to its end: stories that ended, once all their alerts are sent. For the clock."""
    under_way = Alert.select(Alert.story).where(Alert.state == Alert.SENDING, Alert.story.is_null(False))
    over = Story.select(Story.id).where(Story.ended_at.is_null(False), Story.id.not_in(under_way))
    ended = Follow.update(ended_at=now, ended_reason=ENDED).where(Follow.live(), Follow.story.in_(over))
    return ended.execute()

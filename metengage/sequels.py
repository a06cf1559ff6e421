"""What comes after an alert that was sent: the next line of its story, or the story's end without one."""

from datetime import datetime

from metengage import alerts, db, drafts, journal, standing, stories
from metengage.models import Alert, Officer, Story


def begin(alert: Alert, officer: Officer, now: datetime) -> Alert:
    """A draft without words in the same story, of the same kind and to the same areas.

    An alert that has no story becomes the first of one, by its title: that changes none of its words. Raises
    stories.NotOpen when the story has ended, or when the alert is not one that a story could go on from.
    """
    first = standing.first_of(alert)
    if not first.is_public or standing.is_withdrawn(first.id):
        raise stories.NotOpen("Only from an alert that was sent, and still stands, can a story go on.")
    with db.handle.atomic():
        story = _story_of(first, officer, now)
        same = {"alert_type": first.alert_type, "theme": first.theme, "story": story, "changed_by": officer}
        return drafts.begin(officer, first.team, now, places=alerts.written_to(first), **same)


def _story_of(first: Alert, officer: Officer, now: datetime) -> Story:
    """The alert's story, or a new one that begins with it; of two officers at one moment, both get the same."""
    # It takes the alert's row.
    Alert.update(story=Alert.story).where(Alert.id == first.id).execute()
    story = Alert.get_by_id(first.id).story
    if story is None:
        title = standing.of(first).newest.title
        story = Story.create(team=first.team_id, title=title, created_at=now)
        Alert.update(story=story).where((Alert.id == first.id) | (Alert.corrects == first)).execute()
        journal.note("began a story", officer=officer, alert=first)
    if story.ended_at:
        raise stories.NotOpen("Its story has ended. Write a new alert instead.")
    return story


def end(story: Story, officer: Officer, now: datetime) -> bool:
    """End a story without an outcome: there are no further lines. False when it has ended before."""
    with db.handle.atomic():
        ended = Story.update(ended_at=now).where(Story.id == story.id, Story.ended_at.is_null()).execute() == 1
        if ended:
            journal.note("ended a story", officer=officer, detail=str(story.id))
    return ended

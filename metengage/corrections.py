"""Correct or withdraw an alert that was sent: whoever got it is told once, with the reason."""

from datetime import datetime, timedelta

from metengage import alerts, checks, db, drafts, halts, journal, memos, pictures, release, standing
from metengage.config import settings
from metengage.models import Alert, AlertArea, Decision, Officer, Story, Version

OPEN = (Alert.DRAFT, Alert.AWAITING, Alert.SCHEDULED)  # a correction that is on its way


class NotNow(Exception):
    """It cannot be corrected or withdrawn now; the message says why."""


class BeingCorrected(Exception):
    """Somebody else is at it; `correction` is theirs."""

    def __init__(self, correction: Alert):
        super().__init__()
        self.correction = correction


# --- Correct ---


def begin(alert: Alert, officer: Officer, now: datetime) -> Alert:
    """A draft that corrects an alert: with the words that hold now, and written to the same areas.

    There is one at a time, which raises BeingCorrected. Raises NotNow where nothing is to be corrected.
    """
    first = standing.first_of(alert)
    with db.handle.atomic():
        _take(first)
        theirs = open_one(first)
        if theirs:
            raise BeingCorrected(theirs)
        newest = standing.of(first).newest
        draft = _like(first, officer, now, title=newest.title, body=newest.body, story=first.story_id)
        pictures.copy(newest, draft, officer, now)
    return draft


def open_one(alert: Alert) -> Alert | None:
    """The correction of an alert that is on its way, if there is one."""
    mine = (Alert.corrects == standing.first_of(alert)) & ~Alert.is_withdrawal
    return Alert.select().where(mine, Alert.state.in_(OPEN)).first()


def save(alert: Alert, revision: int, now: datetime, **kept) -> Alert:
    """Keep a correction's words and its reason; where it goes and what it belongs to stay. Raises as drafts.save."""
    return drafts.save(alert, revision, [area.code for area in alerts.written_to(alert)], now, **kept)


# --- Withdraw ---


def told(first: Alert, now: datetime) -> dict[str, int]:
    """How many residents would hear that an alert is corrected or withdrawn, by frequency as alerts.reached has it."""
    return alerts.reached(Alert(corrects=first, created_at=now, alert_type=first.alert_type), now)


def wrong_in(reason: str) -> list[str]:
    """What must be mended in the reason of a withdrawal before residents may read it, in sentences.

    It is public at once and nobody approves it: what may stand elsewhere for a reason may not stand here.
    """
    return checks.unfit(reason, "the reason for a withdrawal")


def withdraw(alert: Alert, officer: Officer, reason: str, now: datetime, hides_title: bool = False) -> Alert:
    """Take an alert's words off the web at once, and send none of it any more; the email that tells follows.

    It may be taken back while the time to undo runs. One by an officer is reviewed afterwards. Raises NotNow.
    """
    first = standing.first_of(alert)
    with db.handle.atomic():
        _take(first)
        shown = standing.of(first)
        title = standing.without_title(first) if hides_title else shown.newest.title
        withdrawal = _like(first, officer, now, title=title, correction_reason=reason, is_withdrawal=True)
        is_unreviewed = officer.role == Officer.OFFICER
        due_at = now + timedelta(seconds=settings.undo_seconds)
        same = Alert.update(state=Alert.SCHEDULED, sender=officer, due_at=due_at, is_unreviewed=is_unreviewed)
        same.where(Alert.id == withdrawal.id).execute()
        if is_unreviewed:
            why = {"verdict": Decision.WENT_FIRST, "comment": reason}
            memos.went_first(Decision.create(alert=withdrawal, officer=officer, at=now, **why), now)
        if hides_title:
            _rename_story(withdrawal, [first, *shown.corrections], officer, now)
        _stop_all(first, officer, now)
        journal.note("withdrew alert", officer=officer, alert=first)
    return Alert.get_by_id(withdrawal.id)


def undo(withdrawal: Alert, officer: Officer, now: datetime) -> bool:
    """Let a withdrawn alert stand again, before anybody was told; False when it is too late.

    What was stopped stays so.
    """
    with db.handle.atomic():
        done = release.take_back(withdrawal, officer, now)
        if done:
            drafts.discard(Alert.get_by_id(withdrawal.id), officer, now)
            _name_story_again(withdrawal)
    return done


def _rename_story(withdrawal: Alert, told: list[Alert], officer: Officer, now: datetime) -> None:
    """A story that is called as an alert whose title has to go is called something else; its title is kept."""
    story, titles = told[0].story, {each.title for each in told}
    if story and story.title in titles:
        alerts.keep_version(withdrawal, alerts.REPLACED, officer, now, story_title=story.title)
        Story.update(title=_without_title(story)).where(Story.id == story.id).execute()


def _without_title(story: Story) -> str:
    return f"A story of the {story.team.name}"


def _name_story_again(withdrawal: Alert) -> None:
    """Give back to a story the title that a withdrawal took from it."""
    story = withdrawal.corrects.story
    kept = (Version.alert == withdrawal) & (Version.why == alerts.REPLACED)
    for version in Version.select().where(kept):
        mine = (Story.id == story.id) & (Story.title == _without_title(story))
        Story.update(title=version.words["story_title"]).where(mine).execute()


def _stop_all(first: Alert, officer: Officer, now: datetime) -> None:
    """Whatever of it is on its way goes no further: a correction is put away, what is being sent is stopped."""
    mine = (Alert.corrects == first) & ~Alert.is_withdrawal
    # In one step for all states: what a supervisor approves at this moment is either still open or being sent.
    Alert.update(state=Alert.CANCELLED, changed_at=now).where(mine, Alert.state.in_(OPEN)).execute()
    for each in (first, *Alert.select().where(mine)):
        halts.stop(each, officer, now)


# --- Both ---


def _take(first: Alert) -> None:
    """Take the row of the alert that was sent: of two officers at one moment, the second finds what the first did."""
    mine = (Alert.id == first.id) & Alert.state.in_(standing.PUBLIC) & Alert.corrects.is_null()
    if not Alert.update(corrects=None).where(mine).execute():
        raise NotNow("Only an alert that was sent can be corrected or withdrawn.")
    if standing.is_withdrawn(first.id):
        raise NotNow("It is withdrawn already. Nothing was done twice.")


def _like(first: Alert, officer: Officer, now: datetime, **words) -> Alert:
    """A draft of the same kind, to the same areas, that corrects it."""
    words |= {name: getattr(first, name) for name in alerts.WORDS if name not in ("title", "body")}
    draft = drafts.begin(officer, first.team, now, places=(), corrects=first, changed_by=officer, **words)
    for area in alerts.written_to(first):  # those that are gone since too: it goes to who got it
        AlertArea.create(alert=draft, area=area)
    return draft

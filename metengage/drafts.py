"""Write: begin a draft, keep it as it is typed, look at it, put it away. What gives way to newer words is kept."""

from collections.abc import Iterable
from datetime import datetime

from metengage import addressing, alerts, db, journal, limits, officers, personal, stories
from metengage.mail import Email
from metengage.models import Alert, AlertArea, Area, Delivery, Memo, Officer, Resident, Team, Version, Writer


class TooManyTrials(Exception):
    """An officer has sent themselves as many drafts as they may for now."""


def begin(
    officer: Officer,
    team: Team,
    now: datetime,
    like: Alert | None = None,
    places: Iterable[Area] | None = None,
    **words,
) -> Alert:
    """A new draft for one of the officer's teams: empty, with these words, or with those of one like it.

    Without `places` it goes where the one like it went, or to the team's ward if it has only one.
    """
    if places is None:
        places = alerts.written_to(like) if like else _only_ward(team)
    with db.handle.atomic():
        words |= {name: getattr(like, name) for name in alerts.WORDS} if like else {}
        draft = Alert.create(team=team, author=officer, created_at=now, changed_at=now, **words)
        Writer.remember(draft, officer)
        for area in places:
            if not area.retired_at:
                AlertArea.create(alert=draft, area=area)
    return draft


def _only_ward(team: Team) -> list[Area]:
    wards = officers.wards_of(team)
    return wards if len(wards) == 1 else []


def save(
    alert: Alert, revision: int, codes: Iterable[str], now: datetime, editor="", is_last=False, story=None,
    officer: Officer | None = None, over: int = -1, **words,
) -> Alert:  # fmt: skip
    """Keep a draft's words (title, body, alert_type, theme …), areas, and what is Chosen of its story if given.

    `revision` is the one the writer began from, and `editor` names their open page: it may save again and again
    while no other page has, until a save that `is_last`. `over` is the revision that the writer has seen and wants to
    replace, which is kept as a version. Raises ChangedMeanwhile, AlreadySent, or stories.NotOpen.
    """
    page = {"editor": "" if is_last else editor, "changed_by": officer, "changed_at": now}
    with db.handle.atomic():
        _keep_theirs(alert, revision, over, now)
        mine = Alert.revision.in_([revision, over]) | ((Alert.editor == editor) & (Alert.editor != ""))
        same = (Alert.id == alert.id) & (Alert.state == Alert.DRAFT) & mine
        if not Alert.update(revision=Alert.revision + 1, **page, **words).where(same).execute():
            raise alerts.not_moved(alert)
        if officer:
            Writer.remember(alert, officer)
        AlertArea.delete().where(AlertArea.alert == alert).execute()
        for code in sorted(set(codes)):
            AlertArea.create(alert=alert, area=code)
        if story:
            stories.put(alert, story, now)
    return Alert.get_by_id(alert.id)


def _keep_theirs(alert: Alert, revision: int, over: int, now: datetime) -> None:
    """Keep the words that a writer has seen and replaces with their own."""
    before = Alert.get_by_id(alert.id)
    if before.revision == over != revision:
        alerts.keep_version(before, alerts.REPLACED, before.changed_by or before.author, now)


def bring_back(alert: Alert, version: Version, officer: Officer, now: datetime) -> Alert:
    """Make a draft's words those of an earlier version; what they replace is kept. Raises as save does."""
    words = {name: version.words[name] for name in alerts.WORDS if name in version.words}
    # A page that is open elsewhere notices: its own words are kept there until somebody decides.
    return save(alert, -1, version.words["codes"], now, over=alert.revision, officer=officer, is_last=True, **words)


def discard(alert: Alert, officer: Officer, now: datetime) -> bool:
    """Put a draft away for good; False when it is no longer one."""
    with db.handle.atomic():
        gone = alert.is_draft and alerts.move(alert, Alert.CANCELLED, changed_at=now)
        if gone:
            stories.put(alert, stories.Chosen(), now)
            journal.note("discarded alert", officer=officer, alert=alert)
    return gone


# --- Look at it ---


def preview(alert: Alert) -> Email:
    """The email as a resident would get it, addressed to nobody."""
    nobody = Delivery(
        id=0, kind=Delivery.ALERT, created_at=alert.changed_at, resident=Resident(email="resident@example.org")
    )
    return personal.specimen(alert, nobody)


def try_out(alert: Alert, officer: Officer, now: datetime) -> Delivery:
    """One email to this officer, as a resident would get it. Raises TooManyTrials."""
    if not limits.allows("officer trial", str(officer.id), now):
        raise TooManyTrials
    with db.handle.atomic():
        journal.note("sent themselves a draft", officer=officer, alert=alert)
        memo = Memo.create(alert=alert, officer=officer, created_at=now)
        return addressing.to_officer(Delivery.TRIAL, memo, now)

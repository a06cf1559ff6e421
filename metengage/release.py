"""How a draft goes out: asked for and approved where a supervisor must, scheduled, taken back, begun when it is due."""

from datetime import datetime, timedelta

from metengage import alerts, db, journal, memos, officers, readiness, standing, stories
from metengage.choices import IMMEDIATELY
from metengage.config import settings
from metengage.formats import moment
from metengage.models import Alert, Decision, Officer, Reason, Version


class NotReady(Exception):
    """Something must be mended before it can go; the message says what."""


class NeedsApproval(Exception):
    """A supervisor has to approve it first."""


class NotTheirs(Exception):
    """This officer may not decide on it: only supervisors and administrators may, and nobody who wrote in it."""


class TimeStays(Exception):
    """Its time is not this officer's to change; the message says whose."""


# --- An officer lets it go ---


def send(alert: Alert, officer: Officer, now: datetime, due_at: datetime | None = None) -> Alert:
    """Schedule a draft that needs nobody's approval: for then (UTC), or as soon as the time to undo is over.

    Raises NotReady, NeedsApproval, and AlreadySent or ChangedMeanwhile when somebody was first.
    """
    if _ready(alert, officer).why_approval:
        raise NeedsApproval
    with db.handle.atomic():
        _move(alert, Alert.DRAFT, Alert.SCHEDULED, sender=officer, due_at=_when(due_at, now))
        journal.note("pressed Send", officer=officer, alert=alert)
    return Alert.get_by_id(alert.id)


def ask(alert: Alert, officer: Officer, now: datetime, due_at: datetime | None = None) -> Alert:
    """Put a draft before a supervisor. It goes at `due_at` (UTC), or once it is approved. Raises as send."""
    state = _ready(alert, officer)
    with db.handle.atomic():
        _move(alert, Alert.DRAFT, Alert.AWAITING, sender=officer, due_at=due_at)
        goes = moment(due_at) if due_at else "As soon as it is approved"
        version = alerts.keep_version(alert, alerts.ASKED, officer, now, goes=goes)
        memos.asked(_decided(alert, officer, Decision.ASKED, now, version=version), state.why_approval, now)
        journal.note("asked for approval", officer=officer, alert=alert)
    return Alert.get_by_id(alert.id)


def go_first(alert: Alert, officer: Officer, why: str, now: datetime) -> Alert:
    """Let a draft go although nobody approved it, as nobody can be reached; it is reviewed after. Raises as send."""
    _ready(alert, officer)
    with db.handle.atomic():
        _move(alert, Alert.DRAFT, Alert.SCHEDULED, sender=officer, due_at=_when(None, now), is_unreviewed=True)
        memos.went_first(_decided(alert, officer, Decision.WENT_FIRST, now, why), now)
        journal.note("sent before approval", officer=officer, alert=alert)
    return Alert.get_by_id(alert.id)


def explain(alert: Alert, rule: str, mark: str, words: str, officer: Officer, now: datetime) -> None:
    """Record why a draft may go although a check found this; a reason for something else it found is replaced."""
    new = {Reason.mark: mark, Reason.words: words, Reason.officer: officer, Reason.at: now}
    once = {"conflict_target": [Reason.alert, Reason.rule], "update": new}
    with db.handle.atomic():
        Reason.insert({Reason.alert: alert, Reason.rule: rule} | new).on_conflict(**once).execute()
        journal.note("gave a reason", officer=officer, alert=alert, detail=rule)


def take_back(alert: Alert, officer: Officer, now: datetime) -> bool:
    """Make it a draft again, while it awaits approval or its time; False when that is over."""
    if alert.state not in (Alert.AWAITING, Alert.SCHEDULED):
        return False
    with db.handle.atomic():
        done = alerts.move(alert, Alert.DRAFT, **_UNDONE)
        if done:
            _decided(alert, officer, Decision.TAKEN_BACK, now)
            journal.note("took alert back", officer=officer, alert=alert)
    return done


def change_time(alert: Alert, officer: Officer, due_at: datetime | None, now: datetime) -> bool:
    """Let a scheduled alert go at another time (UTC), or as soon as may be; False when it has begun.

    Raises TimeStays.
    """
    if why := why_time_stays(alert, officer):
        raise TimeStays(why)
    if alert.state != Alert.SCHEDULED:
        return False
    same = (Alert.id == alert.id) & (Alert.state == Alert.SCHEDULED) & (Alert.due_at == alert.due_at)
    with db.handle.atomic():
        done = Alert.update(due_at=_when(due_at, now)).where(same).execute() == 1
        if done:
            journal.note("changed the time", officer=officer, alert=alert)
    return done


def why_time_stays(alert: Alert, officer: Officer) -> str:
    """Why an officer may not change when it goes, in a sentence; nothing where they may."""
    if alert.is_withdrawal:
        return "A withdrawal goes as soon as it may: its time cannot be changed."
    if alert.approver_id and not officers.may_decide(officer, alert):
        return "A supervisor approved this time. Take it back and ask again, or ask a supervisor to change it."
    return ""


# --- A supervisor decides ---


def approve(alert: Alert, officer: Officer, comment: str, now: datetime) -> Alert:
    """Let it go at the time that was asked for, or as soon as the time to undo is over.

    Raises NotTheirs, NotReady, AlreadySent.
    """
    _theirs(alert, officer)
    _ready(alert, officer)
    with db.handle.atomic():
        approval = {"approver": officer, "approved_at": now}
        _move(alert, Alert.AWAITING, Alert.SCHEDULED, due_at=_when(alert.due_at, now), **approval)
        memos.approved(_decided(alert, officer, Decision.APPROVED, now, comment, asked_for(alert)), now)
        journal.note("approved alert", officer=officer, alert=alert)
    return Alert.get_by_id(alert.id)


def give_back(alert: Alert, officer: Officer, comment: str, now: datetime) -> Alert:
    """Return it to its writers with a comment. Raises NotTheirs, AlreadySent."""
    _theirs(alert, officer)
    with db.handle.atomic():
        _move(alert, Alert.AWAITING, Alert.DRAFT, **_UNDONE)
        memos.returned(_decided(alert, officer, Decision.RETURNED, now, comment, asked_for(alert)), now)
        journal.note("returned alert", officer=officer, alert=alert)
    return Alert.get_by_id(alert.id)


def review(alert: Alert, officer: Officer, comment: str, now: datetime) -> bool:
    """Say of an alert that went first that a supervisor has looked at it; False when somebody has. Raises NotTheirs."""
    _theirs(alert, officer)
    with db.handle.atomic():
        same = (Alert.id == alert.id) & Alert.is_unreviewed
        done = Alert.update(is_unreviewed=False, approver=officer, approved_at=now).where(same).execute() == 1
        if done:
            _decided(alert, officer, Decision.REVIEWED, now, comment)
            journal.note("reviewed alert", officer=officer, alert=alert)
    return done


def decisions(alert: Alert) -> list[Decision]:
    """What was decided on an alert, the latest first."""
    rows = Decision.select(Decision, Officer).left_outer_join(Officer).where(Decision.alert == alert)
    return list(rows.order_by(Decision.id.desc()))


def returned(alert: Alert) -> Decision | None:
    """Why this draft came back, if that was the last that was decided on it."""
    return alerts.came_back([alert]).get(alert.id)


def asked_for(alert: Alert, before: Version | None = None) -> Version | None:
    """The words that approval was asked for last; `before` a version, for those the time before."""
    rows = Version.select().where(Version.alert == alert, Version.why == alerts.ASKED)
    rows = rows if before is None else rows.where(Version.id < before.id)
    return rows.order_by(Version.id.desc()).first()


# --- Its time has come ---


def due(now: datetime) -> list[Alert]:
    """The scheduled alerts whose time has come, the oldest first."""
    which = (Alert.state == Alert.SCHEDULED) & (Alert.due_at <= now)
    return list(Alert.select().where(which).order_by(Alert.due_at, Alert.id))


def begin(alert: Alert, now: datetime) -> bool:
    """Fix a scheduled alert as it is and let it go; False when it was taken back, or when it cannot go any more.

    In the second case it is a draft again, with the reason: a ward is gone, its story has ended.
    """
    state = readiness.of(alert, alert.approver or alert.sender)
    if state.missing:
        return _fall_back(alert, _first(state), now)
    size = alerts.reached(alert, now)[IMMEDIATELY]
    with db.handle.atomic():
        if not alerts.move(alert, Alert.SENDING, sending_at=now, audience_size=size):
            return False
        if stories.go_on(alert, now):
            if alert.corrects_id:
                standing.give_way(alert, now)
            alerts.keep_version(alert, alerts.SENT, alert.changed_by or alert.author, now)
            journal.note("sent alert", officer=alert.sender, alert=alert, detail=f"{size} at once")
            return True
        Alert.update(state=Alert.SCHEDULED, sending_at=None).where(Alert.id == alert.id).execute()
    return _fall_back(alert, stories.HAS_ENDED, now)


def _fall_back(alert: Alert, why: str, now: datetime) -> bool:
    with db.handle.atomic():
        if alerts.move(alert, Alert.DRAFT, **_UNDONE):
            _decided(alert, None, Decision.FELL_BACK, now, why)
            journal.note("could not send alert", alert=alert)
    return False


# --- What they share ---

_UNDONE = {"due_at": None, "approver": None, "approved_at": None, "is_unreviewed": False}


def _ready(alert: Alert, officer: Officer) -> readiness.Readiness:
    state = readiness.of(alert, officer)
    if not state.is_ready:
        raise NotReady(_first(state))
    return state


def _first(state: readiness.Readiness) -> str:
    sentences = [sentence for _, sentence in state.missing] + [each.check.label for each in state.unexplained]
    return sentences[0]


def _move(alert: Alert, was: str, to: str, **values) -> None:
    if alert.state != was:
        raise alerts.AlreadySent
    if not alerts.move(alert, to, **values):
        raise alerts.not_moved(alert)


def _when(wished: datetime | None, now: datetime) -> datetime:
    return max(wished or now, now + timedelta(seconds=settings.undo_seconds))


def _theirs(alert: Alert, officer: Officer) -> None:
    if not officers.may_decide(officer, alert):
        raise NotTheirs


def _decided(alert, officer, verdict: str, now: datetime, comment: str = "", version: Version | None = None):
    return Decision.create(alert=alert, officer=officer, verdict=verdict, comment=comment, version=version, at=now)

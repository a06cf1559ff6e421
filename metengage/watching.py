"""How sending goes: what waits, who works, what went wrong. Looked at often, so only by index; and it names nobody."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta

from peewee import SQL, fn

from metengage import dispatch
from metengage.bell import Heard
from metengage.models import Alert, Delivery, Sender, Suppression

KINDS = URGENT, ALERT, DIGEST = ("urgent", "alert", "digest")
TO_ONE = Delivery.alert.is_null() & Delivery.digest.is_null()
TO_DIGEST = Delivery.alert.is_null() & Delivery.digest.is_null(False)
LATEST = 1_000  # emails that went wrong, as far back as is looked
LONG_AGO = timedelta(minutes=5)  # what a worker said of the mail servers before is no news


# --- Alerts ---


@dataclass(frozen=True)
class Progress:
    """How far an alert is, in emails."""

    whole: int  # also those whose rows were still to be made
    sent: int
    waiting: int
    failed: int
    skipped: int

    @property
    def dealt_with(self) -> int:
        return self.sent + self.failed + self.skipped

    @property
    def not_sent(self) -> int:
        return self.whole - self.sent


def progress(alert: Alert) -> Progress:
    """How many of an alert's emails were sent, and what became of the others."""
    tally = dispatch.tally(alert)
    made = sum(tally.values())
    has_all = alert.prepared_at and not alert.is_stopped
    return Progress(
        whole=made if has_all else max(made, alert.audience_size or 0),
        sent=tally[Delivery.SENT],
        waiting=tally[Delivery.PENDING] + tally[Delivery.SENDING],
        failed=tally[Delivery.FAILED],
        skipped=tally[Delivery.SKIPPED],
    )


def under_way() -> list[Alert]:
    """The alerts that are being sent, or paused, or about to be stopped; the oldest first."""
    return list(Alert.select().where(Alert.state == Alert.SENDING).order_by(Alert.sending_at))


# --- What waits ---


@dataclass(frozen=True)
class Backlog:
    """Emails that wait."""

    how_many: int
    oldest: float  # seconds for which the one that waits longest has been due; 0 where none is


def backlog(kind: str, now: datetime) -> Backlog:
    """What waits of a kind: urgent (confirmations and sign-in links), alert or digest."""
    if kind != ALERT:
        return _backlog(TO_ONE if kind == URGENT else TO_DIGEST, now)
    each = [_backlog((Delivery.alert == alert) & Delivery.digest.is_null(), now) for alert in under_way()]
    return Backlog(sum(one.how_many for one in each), max((one.oldest for one in each), default=0.0))


def _backlog(which, now: datetime) -> Backlog:
    pending = Delivery.select().where(which, SQL("state = 'pending'"))  # in the words of the index
    due_at = pending.select(Delivery.due_at).order_by(Delivery.due_at).limit(1).scalar()
    oldest = max(0.0, (now - due_at).total_seconds()) if due_at else 0.0
    return Backlog(pending.select(fn.COUNT(SQL("*"))).scalar(), oldest)


# --- Who works ---


@dataclass(frozen=True)
class Worker:
    """A process that sends."""

    name: str  # its machine and process
    state: str  # idle, busy …; empty when Redis does not tell
    seen: float  # seconds since it was
    connections: int  # to the mail server, that it may use now


def workers(heard: Heard | None, now: datetime) -> list[Worker]:
    """Those that Redis knows, and those that send at the moment, by name."""
    senders = {row.name: row for row in Sender.select().where(Sender.seen_at > now - Sender.GONE)}
    listeners = {each.name: each for each in (heard.workers if heard else ())}
    found = []
    for name in sorted({*senders, *listeners}):
        sender, listener = senders.get(name), listeners.get(name)
        seen = max((each.seen_at for each in (sender, listener) if each and each.seen_at), default=now)
        state, connections = listener.state if listener else "", sender.connections if sender else 0
        found.append(Worker(name, state, max(0.0, (now - seen).total_seconds()), connections))
    return found


def troubled_relays(now: datetime) -> list[tuple[str, str]]:
    """(worker, what it says is wrong with which mail server) of those that sent lately."""
    rows = Sender.select(Sender.name, Sender.trouble).where(Sender.trouble != "", Sender.seen_at >= now - LONG_AGO)
    return list(rows.order_by(Sender.name).tuples())


# --- What went wrong ---


@dataclass(frozen=True)
class Trouble:
    """Why emails failed, or wait."""

    state: str  # failed or pending
    reason: str  # in words
    how_many: int
    last: datetime


def troubles(limit: int = 10) -> list[Trouble]:
    """What went wrong lately, the latest first; only the latest thousand emails are looked at."""
    rows = (
        Delivery.select(Delivery.state, Delivery.reason, Delivery.claimed_at)
        .where(SQL("reason IS NOT NULL AND state IN ('failed', 'pending')"))  # in the words of the index
        .order_by(Delivery.claimed_at.desc())
        .limit(LATEST)
    )
    how_many: Counter[tuple[str, str]] = Counter()
    last: dict[tuple[str, str], datetime] = {}
    for state, reason, at in rows.tuples():
        how_many[state, reason] += 1
        last.setdefault((state, reason), at)
    return [Trouble(*what, how_many[what], at) for what, at in list(last.items())[:limit]]


def suppressed() -> dict[str, int]:
    """Why we must not write to addresses → how many there are."""
    rows = Suppression.select(Suppression.reason, fn.COUNT(SQL("*"))).group_by(Suppression.reason)
    reasons = (Suppression.BOUNCED, Suppression.COMPLAINED, Suppression.ASKED)
    return dict.fromkeys(reasons, 0) | dict(rows.tuples())

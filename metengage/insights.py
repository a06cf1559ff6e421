"""What came of an alert, and how that compares with the team’s usual; it names nobody, and few answers are no share.

Looked at by index only. What somebody did is counted where the email's link led them to it, within seven days.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import reduce
from operator import or_
from statistics import median

from peewee import SQL, Select, fn

from metengage import db, dispatch, journal, retention
from metengage.choices import WHY_NOT_USEFUL
from metengage.models import Alert, Bounce, Concern, Delivery, Journal, Rating

FEWEST_EMAILS = 50  # or one who leaves would look like many
FEWEST = 10  # answers, or a share would say little, and of few people too much
LAST, ENOUGH = 20, 5  # alerts that the usual is taken from, at most and at least
LOOKED_AT = 200  # answers to each of those, at most: more would move their median little, and take long to find
YEAR = timedelta(days=365)
MINUTE = timedelta(minutes=1)  # clocks of several machines differ by less


@dataclass(frozen=True)
class Rates:
    """What can be compared; None where it cannot be told."""

    useful: float | None  # of 100 who answered
    left: float | None  # of 1,000 emails sent
    failed: float | None  # of 1,000 emails that we tried to send


@dataclass(frozen=True)
class After:
    """What came of an alert."""

    knows_emails: bool  # False: their rows are over a year old, and are being forgotten
    sent: int
    failed: int
    bounced: dict[str, int]  # hard, soft, complaint → how many
    answers: int | None  # whether it was useful; None: fewer than FEWEST
    why_not: list[tuple[str, int]]  # in words, the most frequent first; none where answers are few
    said: int  # what residents answered to it, for its team to read
    unfollowed: int
    left: int
    ended: int  # times that somebody stopped a kind of alert, or an area
    rates: Rates
    usual: Rates


def after(alert: Alert, now: datetime) -> After:
    """What came of an alert that was sent, up to now."""
    tally, acts, (useful, not_useful) = dispatch.tally(alert), _acts([alert])[alert.id], _answers(alert)
    is_enough = useful + not_useful >= FEWEST
    return After(
        knows_emails=alert.sending_at > now - retention.DELIVERIES.time,
        sent=tally[Delivery.SENT],
        failed=tally[Delivery.FAILED],
        bounced=_bounced(alert, now),
        answers=useful + not_useful if is_enough else None,
        why_not=_why_not(alert) if is_enough else [],
        said=Concern.select().where(Concern.alert == alert, Concern.held_at.is_null()).count(),
        unfollowed=acts[journal.UNFOLLOWED],
        left=acts[journal.LEFT],
        ended=acts[journal.CHANGED],
        rates=_rates_of([alert], {alert.id: (useful, not_useful)})[0],
        usual=usual(alert, now),
    )


# --- The usual ---


def usual(alert: Alert, now: datetime) -> Rates:
    """The team's median over its last twenty other alerts of a year, corrections left out; None where few can tell."""
    others = (
        Alert.select()
        .where(Alert.team == alert.team_id, Alert.state == Alert.SENT, Alert.sending_at > now - YEAR)
        .where(Alert.id != alert.id, Alert.corrects.is_null())
        .order_by(Alert.sending_at.desc())
        .limit(LAST)
    )
    others = list(others)
    rates = _rates_of(others, {each.id: _answers(each, LOOKED_AT) for each in others})
    useful, left, failed = (_median(getattr(each, name) for each in rates) for name in ("useful", "left", "failed"))
    return Rates(useful, left, failed)


def _median(found: Iterable[float | None]) -> float | None:
    told = [each for each in found if each is not None]
    return median(told) if len(told) >= ENOUGH else None


def _rates_of(alerts: list[Alert], answers: dict[int, tuple[int, int]]) -> list[Rates]:
    acts, unsent = _acts(alerts), _unsent(alerts)
    found = []
    for alert in alerts:
        useful, not_useful = answers[alert.id]
        failed, skipped = (unsent[alert.id][state] for state in (Delivery.FAILED, Delivery.SKIPPED))
        tried = max(0, (alert.audience_size or 0) - skipped)
        sent, told = tried - failed, useful + not_useful
        found.append(
            Rates(
                useful=100 * useful / told if told >= FEWEST else None,
                left=1000 * acts[alert.id][journal.LEFT] / sent if sent >= FEWEST_EMAILS else None,
                failed=1000 * failed / tried if tried >= FEWEST_EMAILS else None,
            )
        )
    return found


# --- What the rows say ---


def _answers(alert: Alert, most: int | None = None) -> tuple[int, int]:
    """How many said that it was useful, and how many that it was not; of the first `most` by index, if given."""
    mine = Rating.select(Rating.is_useful.alias("is_useful")).where(Rating.alert == alert).limit(most)
    rows = Select([mine.alias("mine")], [SQL("is_useful"), fn.COUNT(SQL("*"))]).group_by(SQL("is_useful"))
    found = {bool(is_useful): many for is_useful, many in db.rows(rows)}
    return found.get(True, 0), found.get(False, 0)


def _why_not(alert: Alert) -> list[tuple[str, int]]:
    rows = Rating.select(Rating.why, fn.COUNT(SQL("*"))).where(Rating.alert == alert, Rating.why != "")
    told = Counter(dict(rows.group_by(Rating.why).tuples()))
    return [(WHY_NOT_USEFUL.get(why, why), many) for why, many in told.most_common()]


def _acts(alerts: list[Alert]) -> dict[int, Counter[str]]:
    """Alert's id → what residents did by its email's links → how often."""
    theirs = Journal.action.in_((journal.LEFT, journal.UNFOLLOWED, journal.CHANGED))
    rows = Journal.select(Journal.alert, Journal.action, fn.COUNT(SQL("*"))).where(_of(Journal.alert, alerts), theirs)
    return _counted(rows.group_by(Journal.alert, Journal.action))


def _unsent(alerts: list[Alert]) -> dict[int, Counter[str]]:
    """Alert's id → failed, skipped → how many."""
    few = SQL("state IN ('failed', 'skipped')")  # in the words of the index
    rows = Delivery.select(Delivery.alert, Delivery.state, fn.COUNT(SQL("*"))).where(_of(Delivery.alert, alerts), few)
    return _counted(rows.group_by(Delivery.alert, Delivery.state))


def _of(column, alerts: list[Alert]):
    return reduce(or_, (column == each.id for each in alerts), SQL("1 = 0"))


def _counted(rows) -> dict[int, Counter[str]]:
    found: dict[int, Counter[str]] = defaultdict(Counter)
    for alert_id, what, many in db.rows(rows):
        found[alert_id][what] = many
    return found


# --- What came back ---


def _bounced(alert: Alert, now: datetime) -> dict[str, int]:
    """What came back of an alert's emails, by kind: looked for among the numbers that its emails may have."""
    first = _first_made(alert.sending_at - MINUTE)
    last = _first_made((alert.prepared_at or now) + MINUTE)
    rows = Bounce.select(Bounce.kind, fn.COUNT(SQL("*"))).join(Delivery)
    rows = rows.where(Bounce.delivery >= first, Bounce.delivery < last, Delivery.alert == alert)
    kinds = dict.fromkeys((Bounce.HARD, Bounce.SOFT, Bounce.COMPLAINT), 0)
    return kinds | dict(rows.group_by(Bounce.kind).tuples())


def _first_made(moment: datetime) -> int:
    """The least number that an email made at this moment can have: one made later has a higher number."""
    low, high = 0, (Delivery.select(fn.MAX(Delivery.id)).scalar() or 0) + 1
    while low < high:
        middle = (low + high) // 2
        rows = Delivery.select(Delivery.id, Delivery.created_at).where(Delivery.id >= middle).order_by(Delivery.id)
        found, made_at = rows.limit(1).tuples().first() or (high, moment)
        if made_at >= moment:
            high = middle
        else:
            low = found + 1
    return low

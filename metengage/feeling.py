"""How well informed residents feel about policing in their area: who is asked, what they say, and its trend."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from peewee import SQL, Case, fn

from metengage import addressing, audience, db, schedule, subscriptions
from metengage.choices import WELL_INFORMED
from metengage.formats import SMALLEST_GROUP, london
from metengage.models import Area, Informed, Notice, Resident, Subscription

QUARTERS = 8  # that the trend goes back
YEAR, WEEK = timedelta(days=365), timedelta(days=7)
SAME_ASKING = timedelta(days=60)  # what somebody says again within it replaces what they said
ASKED_AT_ONCE = 500  # people


def ask_due(now: datetime) -> int:
    """Ask whom it is time to ask: three months after they confirmed, then each year; returns how many emails.

    Who is paused is asked when that is over; who hears nothing, or has had as many emails as they want this week, is
    looked at again a week later. The email itself does not count against what they want.
    """
    is_due = (Resident.ask_at <= now) & (Resident.state == Resident.CONFIRMED)
    is_due &= Resident.paused_until.is_null() | (Resident.paused_until <= now)
    with db.handle.atomic():
        due = dict(Resident.select(Resident.id, Resident.weekly_cap).where(is_due).limit(ASKED_AT_ONCE).tuples())
        hears = Subscription.select(Subscription.resident).where(Subscription.live())
        hears = {id for (id,) in hears.where(db.one_of(Subscription.resident, list(due))).tuples()}
        enough = audience.capped({id: cap for id, cap in due.items() if cap}, now)
        asked = [id for id in due if id in hears and id not in enough]
        _put_off([id for id in due if id not in asked], is_due, now + WEEK)
        # Another clock may have asked them at this moment.
        rows = _put_off(asked, is_due, now + YEAR)
        for resident in rows:
            addressing.to_notice(Notice.create(kind=Notice.INFORMED, resident=resident, created_at=now), now)
    return len(rows)


def _put_off(ids: list[int], is_due, until: datetime) -> list[Resident]:
    rows = Resident.update(ask_at=until).where(db.one_of(Resident.id, ids), is_due)
    return list(rows.returning(Resident).execute())


def say(resident: Resident, score: int, now: datetime, asked: str = "") -> bool:
    """Keep how well informed somebody feels, one of choices.INFORMED; False when they have left.

    `asked` is when they were; without it, it is told by how long they have been here. What they said in a quarter that
    is over stays, and counts there: its numbers are shown, and would tell what changed in them.
    """
    first = now < resident.confirmed_at + YEAR if resident.confirmed_at else False
    asked = asked or (Informed.THREE_MONTHS if first else Informed.YEARLY)
    with db.handle.atomic():
        if not subscriptions.take(resident):
            return False
        same = (Informed.resident == resident) & (Informed.asked == asked) & (Informed.at > now - SAME_ASKING)
        same &= Informed.at >= schedule.at(_first_day(now, 0), time())
        if not Informed.update(score=score).where(same).execute():
            Informed.create(resident=resident, ward=resident.home_id, score=score, asked=asked, at=now)
    return True


def said_lately(resident: Resident, now: datetime) -> Informed | None:
    """How well informed they said that they feel, if they did lately."""
    mine = Informed.select().where(Informed.resident == resident, Informed.at > now - SAME_ASKING)
    return mine.order_by(Informed.id.desc()).first()


def ask_no_more(resident: Resident) -> None:
    """They do not want to be asked again. Twice is success."""
    Resident.update(ask_at=None).where(Resident.id == resident.id).execute()


@dataclass(frozen=True)
class Quarter:
    """How well informed people felt in three months; None where fewer than ten said so.

    No share either where fewer than ten are well informed, or fewer than ten are not: of a known number it tells both.
    """

    name: str  # Oct to Dec 2026
    answered: int | None
    share: float | None  # of 100 who answered, who feel very or fairly well informed


def trend(area: Area, now: datetime) -> list[Quarter]:
    """The trend in a ward, or in a borough's wards: quarters on London's clock that are over, the oldest first.

    The one that runs is left out: with each answer, who watches it would see what that was.
    """
    days = [_first_day(now, back) for back in range(QUARTERS, 0, -1)]
    ends = schedule.at(_first_day(now, 0), time())
    begins = [schedule.at(day, time()) for day in days]
    wards = [area.code] if area.is_ward else Area.select(Area.code).where(Area.parent == area)
    place = Case(None, [(Informed.at >= begin, number) for number, begin in reversed(list(enumerate(begins)))], -1)
    well = fn.SUM(Case(None, [(Informed.score >= WELL_INFORMED, 1)], 0))
    rows = Informed.select(place, fn.COUNT(Informed.id), well)
    rows = rows.where(Informed.ward.in_(wards), Informed.at >= begins[0], Informed.at < ends)
    found = {number: (many, good) for number, many, good in rows.group_by(SQL("1")).tuples()}
    return [_quarter(day, *found.get(number, (0, 0))) for number, day in enumerate(days)]


def _first_day(now: datetime, back: int) -> date:
    """Of a quarter, so many quarters ago."""
    local = london(now)
    months = local.year * 12 + (local.month - 1) // 3 * 3 - 3 * back
    return date(months // 12, months % 12 + 1, 1)


def _quarter(first: date, many: int, good: int) -> Quarter:
    name = f"{first:%b} to {first.replace(month=first.month + 2):%b} {first.year}"
    share = 100 * good / many if min(good, many - good) >= SMALLEST_GROUP else None
    return Quarter(name, many if many >= SMALLEST_GROUP else None, share)

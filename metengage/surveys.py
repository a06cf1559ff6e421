"""A team's surveys, which residents answer by a link in an alert; and how well informed they feel, which all are asked.

The questions of the sign-up are survey's. A survey is written, opened and closed; nobody sees results before that, so
that nobody can watch them change by one person's answer.
"""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from peewee import SQL, Case, fn

from metengage import addressing, areas, audience, db, journal, officers, schedule, subscriptions, tallies
from metengage.choices import WELL_INFORMED
from metengage.formats import SMALLEST_GROUP, london
from metengage.models import Answer, Area, Informed, Notice, Officer, Resident, Subscription, Survey, Team

MOST = 5  # questions
CHOICES = 10  # of a question, at most
RANKED = 3  # of them are put in order, at most
LONGEST_WORDS, LONGEST_CHOICE, LONGEST_TEXT = 200, 100, 1_000  # characters
OPEN_FOR = timedelta(days=90)  # then it closes by itself
QUARTERS = 8  # that the trend goes back
YEAR, WEEK = timedelta(days=365), timedelta(days=7)
SAME_ASKING = timedelta(days=60)  # what somebody says again within it replaces what they said
ASKED_AT_ONCE = 500  # people


class Closed(Exception):
    """The survey is not open, or not any more."""


# --- For officers ---


def visible_to(officer: Officer) -> list[Survey]:
    """The surveys of an officer's teams, the newest first."""
    mine = db.one_of(Survey.team, [team.id for team in officers.teams_of(officer)])
    return list(Survey.select().where(mine).order_by(Survey.id.desc()).limit(100))


def survey_for(officer: Officer, survey_id: int) -> Survey | None:
    """The survey, if this officer may see it."""
    found = Survey.get_or_none(Survey.id == survey_id)
    return found if found and found.team in officers.teams_of(officer) else None


def write(officer: Officer, team: Team, now: datetime, **words) -> Survey:
    """Keep a new survey, which is not open yet; words are area, alert_type, title and questions."""
    with db.handle.atomic():
        survey = Survey.create(team=team, created_at=now, **words)
        journal.note("wrote survey", officer, detail=str(survey.id))
    return survey


def rewrite(survey: Survey, **words) -> bool:
    """Change a survey; False once it was opened."""
    return Survey.update(words).where(Survey.id == survey.id, Survey.opened_at.is_null()).execute() == 1


def open_it(survey: Survey, officer: Officer, now: datetime) -> bool:
    """Let residents answer from now on; False when it was opened before."""
    return _move(survey, "opened survey", officer, Survey.opened_at.is_null(), opened_at=now)


def close(survey: Survey, officer: Officer, now: datetime) -> bool:
    """Take no answers any more, for good; False when it is not open."""
    return _move(survey, "closed survey", officer, _is_open(), closed_at=now)


def _move(survey: Survey, what: str, officer: Officer, state, **values) -> bool:
    with db.handle.atomic():
        moved = Survey.update(values).where(Survey.id == survey.id, state).execute() == 1
        if moved:
            journal.note(what, officer, detail=str(survey.id))
    return moved


def _is_open():
    return Survey.opened_at.is_null(False) & Survey.closed_at.is_null()


def close_old(now: datetime) -> int:
    """Close what has been open for OPEN_FOR; returns how many."""
    return Survey.update(closed_at=now).where(_is_open(), Survey.opened_at <= now - OPEN_FOR).execute()


def alert_words(survey: Survey) -> dict:
    """What an alert begins with that asks residents to answer; each reader's own link is added to its email."""
    asked = "\n".join(f"* {question['words']}" for question in survey.questions)
    return {
        "survey": survey,
        "alert_type": survey.alert_type,
        "title": survey.title,
        "body": f"We would like to know what you think. We ask:\n\n{asked}\n\n"
        "Use the link below. You need not sign in, you can leave out any question, and you can change your answers "
        "until the survey closes. We see how many people said what, never who.",
    }


def results(survey: Survey) -> tallies.Results | None:
    """What residents answered, by ward; None before it is closed."""
    if survey.closed_at is None:
        return None
    rows = list(Answer.select(Answer.ward, Answer.choices, Answer.texts).where(Answer.survey == survey).tuples())
    names = {ward.code: ward.full_name for ward in areas.named(sorted({code for code, *_ in rows if code}))}
    return tallies.of(survey.questions, ((names.get(ward, ""), *said) for ward, *said in rows))


def how_many(survey: Survey) -> str:
    """How many have answered, in tens: what one person does is not to be seen."""
    tens = Answer.select().where(Answer.survey == survey).count() // 10 * 10
    return f"{tens:,} or more people have answered" if tens else "Fewer than 10 people have answered"


# --- For residents ---


def public(survey_id: int) -> Survey | None:
    """A survey that residents may see: it is open, or was."""
    return Survey.get_or_none(Survey.id == survey_id, Survey.opened_at.is_null(False))


def answer_of(resident: Resident, survey: Survey) -> Answer | None:
    """What this resident answered."""
    return Answer.get_or_none(Answer.resident == resident, Answer.survey == survey)


def answer(resident: Resident, survey: Survey, choices: dict, texts: dict, now: datetime) -> bool:
    """Keep what they answer; what they answered before gives way. False when they have left. Raises Closed."""
    said = {"choices": choices, "texts": texts or None, "at": now}
    with db.handle.atomic():
        if not subscriptions.take(resident):
            return False
        # Its row is taken, so that none comes in after it has closed.
        if not Survey.update(title=Survey.title).where(Survey.id == survey.id, _is_open()).execute():
            raise Closed
        # Of two presses at one moment the second changes what the first said.
        Answer.insert(survey=survey, resident=resident, ward=resident.home_id, **said).on_conflict(
            conflict_target=[Answer.survey, Answer.resident], update=said
        ).execute()
    return True


# --- How well informed they feel ---


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

    `asked` is when they were; without it, it is told by how long they have been here.
    """
    first = now < resident.confirmed_at + YEAR if resident.confirmed_at else False
    asked = asked or (Informed.THREE_MONTHS if first else Informed.YEARLY)
    with db.handle.atomic():
        if not subscriptions.take(resident):
            return False
        same = (Informed.resident == resident) & (Informed.asked == asked) & (Informed.at > now - SAME_ASKING)
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
    """How well informed people felt in three months; None where fewer than ten said so."""

    name: str  # Oct to Dec 2026
    answered: int | None
    share: float | None  # of 100 who answered, who feel very or fairly well informed


def informed(area: Area, now: datetime) -> list[Quarter]:
    """The trend in a ward, or in a borough's wards: quarters on London's clock, the oldest first."""
    days = [_first_day(now, back) for back in range(QUARTERS - 1, -1, -1)]
    begins = [schedule.at(day, time()) for day in days]
    wards = [area.code] if area.is_ward else Area.select(Area.code).where(Area.parent == area)
    place = Case(None, [(Informed.at >= begin, number) for number, begin in reversed(list(enumerate(begins)))], -1)
    well = fn.SUM(Case(None, [(Informed.score >= WELL_INFORMED, 1)], 0))
    rows = Informed.select(place, fn.COUNT(Informed.id), well).where(Informed.ward.in_(wards), Informed.at >= begins[0])
    found = {number: (many, good) for number, many, good in rows.group_by(SQL("1")).tuples()}
    return [_quarter(day, *found.get(number, (0, 0))) for number, day in enumerate(days)]


def _first_day(now: datetime, back: int) -> date:
    """Of a quarter, so many quarters ago."""
    local = london(now)
    months = local.year * 12 + (local.month - 1) // 3 * 3 - 3 * back
    return date(months // 12, months % 12 + 1, 1)


def _quarter(first: date, many: int, good: int) -> Quarter:
    name = f"{first:%b} to {first.replace(month=first.month + 2):%b} {first.year}"
    is_enough = many >= SMALLEST_GROUP
    return Quarter(name, many if is_enough else None, 100 * good / many if is_enough else None)

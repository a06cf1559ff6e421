"""A team's surveys, which residents answer by a link in an alert, or an officer takes to their doors.

The questions of the sign-up are survey's. A survey is written, opened and closed; nobody sees results before that, so
that nobody can watch them change by one person's answer.
"""

from datetime import datetime, timedelta

from metengage import areas, audience, db, journal, officers, subscriptions, tallies
from metengage.formats import SMALLEST_GROUP, day
from metengage.models import Answer, Officer, Resident, Survey, Team

MOST = 5  # questions
CHOICES = 10  # of a question, at most
RANKED = 3  # of them are put in order, at most
LONGEST_WORDS, LONGEST_CHOICE, LONGEST_TEXT = 200, 100, 1_000  # characters
OPEN_FOR = timedelta(days=90)  # then it closes by itself
BY_EMAIL, AT_DOORS = "by email", "at doors"  # how an answer came


class Closed(Exception):
    """The survey is not open, or not any more."""


# --- For officers ---


def visible_to(officer: Officer) -> list[Survey]:
    """The surveys of an officer's teams, the newest first."""
    mine = db.one_of(Survey.team, [team.id for team in officers.teams_of(officer)]) & ~_is_put_away()
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
    return Survey.update(words).where(Survey.id == survey.id, _is_planned()).execute() == 1


def put_away(survey: Survey, officer: Officer, now: datetime) -> bool:
    """Close a survey that no resident has seen, for good; False once it was opened. Twice is success."""
    done = _move(survey, "put away survey", officer, _is_planned(), closed_at=now)
    return done or Survey.select().where(Survey.id == survey.id, _is_put_away()).exists()


def open_it(survey: Survey, officer: Officer, now: datetime) -> bool:
    """Let residents answer from now on; False when it was opened before."""
    return _move(survey, "opened survey", officer, _is_planned(), opened_at=now)


def close(survey: Survey, officer: Officer, now: datetime) -> bool:
    """Take no answers any more, for good; False when it is not open."""
    return _move(survey, "closed survey", officer, _is_open(), closed_at=now)


def _move(survey: Survey, what: str, officer: Officer, state, **values) -> bool:
    with db.handle.atomic():
        moved = Survey.update(values).where(Survey.id == survey.id, state).execute() == 1
        if moved:
            journal.note(what, officer, detail=str(survey.id))
    return moved


def _is_planned():
    return Survey.opened_at.is_null() & Survey.closed_at.is_null()


def _is_put_away():
    return Survey.opened_at.is_null() & Survey.closed_at.is_null(False)


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
        f"Use “Answer the survey” below, until {day(survey.opened_at + OPEN_FOR)} at the latest. You need not sign in, "
        "you can leave out any question, and you can change your answers until the survey closes. We see how many "
        "people said what, never who.",
    }


def results(survey: Survey) -> dict[str, tallies.Results]:
    """How it was answered, BY_EMAIL or AT_DOORS → what, by ward; nothing before it is closed.

    Each is counted by itself: an officer knows what they brought from doors, and could fill up a group with it until
    it shows what one resident answered by email. A survey that was never at doors has one, under no name.
    """
    if survey.closed_at is None or survey.opened_at is None:
        return {}
    rows = Answer.select(Answer.at_door, Answer.ward, Answer.choices, Answer.texts).where(Answer.survey == survey)
    rows = list(rows.tuples())
    names = {ward.code: ward.full_name for ward in areas.named(sorted({code for _, code, *_ in rows if code}))}
    apart: dict[bool, list[tuple]] = {False: [], True: []}
    for at_door, ward, *said in rows:
        apart[at_door].append((names.get(ward, ""), *said))
    counted = {at_door: tallies.of(survey.questions, answers) for at_door, answers in apart.items()}
    return {BY_EMAIL: counted[False], AT_DOORS: counted[True]} if apart[True] else {"": counted[False]}


def how_many(survey: Survey) -> str:
    """How many have answered by email, in tens: what one person does is not to be seen, whatever comes from doors."""
    tens = Answer.select().where(Answer.survey == survey, ~Answer.at_door).count() // 10 * 10
    return f"{tens:,} or more people have answered by email" if tens else "Fewer than 10 people have answered by email"


def are_few(survey: Survey) -> bool:
    """Whether so few have answered by email that nobody would ever see what, if it closed now."""
    return Answer.select().where(Answer.survey == survey, ~Answer.at_door).count() < SMALLEST_GROUP


# --- For residents ---


def public(survey_id: int) -> Survey | None:
    """A survey that residents may see: it is open, or was."""
    return Survey.get_or_none(Survey.id == survey_id, Survey.opened_at.is_null(False))


def asks(resident: Resident, survey: Survey) -> bool:
    """Whether it asks them: they live in its area, or hear about its type there.

    A visitor's ward is only where their concern was.
    """
    home = resident.home
    if home and survey.area_id in (home.code, home.parent_id) and subscriptions.ever(resident):
        return True
    heard = {choice.area for choice in subscriptions.of(resident) if choice.alert_type == survey.alert_type}
    return not heard.isdisjoint(audience.reach([survey.area_id]))


def answer_of(resident: Resident, survey: Survey) -> Answer | None:
    """What this resident answered."""
    return Answer.get_or_none(Answer.resident == resident, Answer.survey == survey)


def answer(resident: Resident, survey: Survey, choices: dict, texts: dict, now: datetime) -> bool:
    """Keep what they answer; what they answered before gives way. False when they have left. Raises Closed."""
    said = {"choices": choices, "texts": texts or None, "at": now}
    with db.handle.atomic():
        if not subscriptions.take(resident):
            return False
        _take_open(survey)
        # Of two presses at one moment the second changes what the first said.
        Answer.insert(survey=survey, resident=resident, ward=resident.home_id, **said).on_conflict(
            conflict_target=[Answer.survey, Answer.resident], update=said
        ).execute()
    return True


def _take_open(survey: Survey) -> None:
    """Its row is taken, so that no answer comes in after it has closed. Raises Closed."""
    if not Survey.update(title=Survey.title).where(Survey.id == survey.id, _is_open()).execute():
        raise Closed


# --- At doors ---


def to_ask(officer: Officer) -> list[Survey]:
    """The open surveys of an officer's teams, which they may take to doors, the newest first."""
    return [survey for survey in visible_to(officer) if survey.is_open]


def take(survey: Survey, ward: str, choices: dict, texts: dict, now: datetime) -> None:
    """Keep what somebody in a ward answered at their door; who they are is not kept. Raises Closed."""
    with db.handle.atomic():
        _take_open(survey)
        Answer.create(survey=survey, ward=ward, choices=choices, texts=texts or None, at_door=True, at=now)

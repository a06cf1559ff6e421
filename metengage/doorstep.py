"""At the door: an officer brings what a resident said there; each is taken once, however often it is sent."""

from collections.abc import Mapping
from datetime import datetime

from metengage import db, journal, limits, residents, surveys, teams
from metengage.choices import WORDING
from metengage.models import Area, Consent, Doorstep, Officer, Survey
from metengage.residents import Agreeing


class NotNow(Exception):
    """Nothing was taken, and the same may be sent again later; the message says so."""


TOO_MANY = "You have sent a lot from doors in a short time. Wait some minutes, then send it again"
TOO_OFTEN = "We have sent several emails to this address just now. Wait an hour, then send it again"


def wards_for(officer: Officer) -> list[Area]:
    """Where an officer may sign people up: in the wards of their teams, the one where they last did so first."""
    wards, last = [ward for ward, _ in teams.wards_for(officer) if ward.has_started], last_ward(officer)
    return sorted(wards, key=lambda ward: ward.code != last)


def last_ward(officer: Officer) -> str:
    """The code of the ward where they were lately, from which the next door is near; empty when they were nowhere."""
    last = Doorstep.select().where(Doorstep.officer == officer).order_by(Doorstep.id.desc()).first()
    return last.ward_id if last else ""


def sign_up(
    officer: Officer, once: str, answers: Mapping, now: datetime, wording: str = WORDING, at: datetime | None = None
) -> bool:
    """Take a sign-up from a door, pending until the resident confirms it; False when it was taken before.

    `once` names the form and what it says without telling either (fields.Key), `at` is when (UTC) they agreed, if not
    now. Raises NotNow.
    """
    if not _may_take(once, officer, now):
        return False
    with db.handle.atomic():
        if not _take(once, officer, answers["ward"], now):
            return False
        sent = residents.sign_up(answers, now, Agreeing(Consent.DOORSTEP, wording, officer, at))
        if sent is None:
            raise NotNow(TOO_OFTEN)  # which undoes what was taken
        journal.note("signed up at a door", officer, sent.resident, detail=answers["ward"])
    return True


def take_answers(
    officer: Officer, once: str, survey: Survey, ward: str, choices: dict, texts: dict, now: datetime
) -> bool:
    """Take what somebody answered to a survey at their door, without who they are; False when it was taken before.

    `once` is as for sign_up. Raises NotNow and surveys.Closed.
    """
    if not _may_take(once, officer, now):
        return False
    with db.handle.atomic():
        if not _take(once, officer, ward, now):
            return False
        surveys.take(survey, ward, choices, texts, now)
        journal.note("took answers at a door", officer, detail=f"survey {survey.id}")
    return True


def _may_take(once: str, officer: Officer, now: datetime) -> bool:
    """Whether it is new. Raises NotNow."""
    if Doorstep.select().where(Doorstep.key == once).exists():
        return False
    if not limits.allows("officer doorstep", str(officer.id), now):
        raise NotNow(TOO_MANY)
    return True


def _take(once: str, officer: Officer, ward: str, now: datetime) -> bool:
    """Whether this is the first to bring it; another at this very moment is waited for."""
    row = Doorstep.insert(key=once, officer=officer, ward=ward, at=now).on_conflict_ignore()
    return bool(row.as_rowcount().execute())

"""Who they are, what they may do, their teams."""

import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta

from metengage import areas, journal, limits, passwords, second_factor
from metengage.models import Alert, Area, Membership, Officer, Team, TeamWard, Writer

IDLE, LONGEST_SESSION = timedelta(minutes=30), timedelta(hours=12)
WAS_IDLE = "You were signed out because nothing was done here for 30 minutes."
WAS_LONG = "You were signed out because you signed in more than 12 hours ago."


class NotAllowed(Exception):
    """Wrong address or password, or no longer an officer here; which of them is not said."""


class TooManyTries(Exception):
    """Too many wrong passwords; the limit ends by itself."""


class NotAdded(Exception):
    """The officer cannot be added; the message says why."""


def sign_in(email: str, password: str, network: str, now: datetime) -> Officer:
    """The officer with this address and password. Raises NotAllowed or TooManyTries.

    Who has a second factor is not in before that is right too.
    """
    email = email.strip().lower()
    # Counted before the password is looked at: tries at the same moment are tries too.
    if not (limits.allows("officer network", network, now) and limits.allows("officer address", email, now)):
        raise TooManyTries
    # PostgreSQL takes no text with a NUL in it, not even to look for.
    officer = Officer.get_or_none(Officer.email == email) if email.isprintable() else None
    kept = officer.password_hash if officer else passwords.NOBODY
    if not passwords.is_right(kept, password) or not officer or officer.suspended_at:
        raise NotAllowed
    limits.forgive("officer address", email)
    if not second_factor.is_set_up(officer):
        journal.note("signed in", officer=officer)
    return officer


def prove(officer: Officer, password: str, now: datetime) -> None:
    """Ask who is signed in for their password once more. Raises NotAllowed or TooManyTries."""
    if not limits.allows("officer address", officer.email, now):
        raise TooManyTries
    if not passwords.is_right(officer.password_hash, password):
        raise NotAllowed
    limits.forgive("officer address", officer.email)


def sign_out(officer: Officer) -> None:
    """End all of this officer's sessions, on every device."""
    Officer.update(session_key=secrets.token_hex(16)).where(Officer.id == officer.id).execute()
    journal.note("signed out", officer=officer)


def add(
    email: str, name: str, password: str | None, role: str, teams: list[Team], now: datetime, by: Officer | None = None
) -> Officer:
    """Add an officer to teams; without a password nobody can sign in as them. Raises NotAdded."""
    email = email.strip().lower()
    if "@" not in email:
        raise NotAdded(f"“{email}” is not an email address.")
    if Officer.get_or_none(Officer.email == email):
        raise NotAdded(f"There is an officer with the address {email} already.")
    if password is not None and len(password) < passwords.SHORTEST:
        raise NotAdded(f"The password is too short. Use at least {passwords.SHORTEST} characters.")
    officer = Officer.create(
        email=email, name=name, role=role, created_at=now,
        password_hash=passwords.kept(password) if password else passwords.UNUSABLE, session_key=secrets.token_hex(16),
    )  # fmt: skip
    for team in teams:
        Membership.create(officer=officer, team=team)
    journal.note("added officer", officer=by or officer, detail=f"officer {officer.id}, {role}" if by else role)
    return officer


def by_session(officer_id: int, session_key: str) -> Officer | None:
    """The officer a session belongs to, while they may work here and have not signed out everywhere."""
    return Officer.get_or_none(
        Officer.id == officer_id, Officer.session_key == session_key, Officer.suspended_at.is_null()
    )


def why_over(began: datetime, seen: datetime, now: datetime) -> str:
    """Why a session is over that began then and was last used then, in a sentence; nothing while it goes on."""
    if now - seen >= IDLE:
        return WAS_IDLE
    return WAS_LONG if now - began >= LONGEST_SESSION else ""


# --- Teams ---


def teams_of(officer: Officer) -> list[Team]:
    """The teams an officer works in; an administrator, in all."""
    rows = Team.select().order_by(Team.name)
    if officer.role != Officer.ADMINISTRATOR:
        rows = rows.join(Membership).where(Membership.officer == officer)
    return list(rows)


def all_teams() -> list[Team]:
    """Every team, by name."""
    return list(Team.select().order_by(Team.name))


def may_manage(officer: Officer, team: Team) -> bool:
    """Whether somebody looks after a team: a supervisor their own, an administrator all."""
    if officer.role == Officer.SUPERVISOR:
        return Membership.select().where(Membership.officer == officer, Membership.team == team).exists()
    return officer.is_administrator


def wards_of(team: Team) -> list[Area]:
    """The wards a team looks after, by name."""
    codes = [code for (code,) in TeamWard.select(TeamWard.ward).where(TeamWard.team == team).tuples()]
    return [ward for ward in sorted(areas.named(codes), key=lambda ward: ward.name) if not ward.retired_at]


def areas_for(officer: Officer, team: Team) -> list[Area]:
    """Where an officer may write to for a team: the wards of the teams they work in, this team's first.

    For supervisors also all wards of these wards' boroughs, those boroughs, and the boroughs of their command units.
    """
    wards = wards_of(team)
    if officer.role != Officer.ADMINISTRATOR:  # who is in all teams: they write for the one at hand
        others = [ward for each in teams_of(officer) if each != team for ward in wards_of(each)]
        wards += [ward for ward in others if ward not in wards]
    if officer.role == Officer.OFFICER:
        return wards
    boroughs = sorted({ward.borough for ward in wards}, key=lambda borough: borough.name)
    further = [borough for borough in command_unit(boroughs) if borough not in boroughs]
    beside = [ward for ward in areas.wards_of(boroughs) if ward not in wards]
    return wards + boroughs + further + beside


def command_unit(boroughs: list[Area]) -> list[Area]:
    """All boroughs of the command units that these are in."""
    units = {borough.command_unit for borough in boroughs if borough.command_unit}
    return [borough for borough in areas.all_boroughs() if borough.command_unit in units]


def team_of(ward: Area) -> Team | None:
    """The team that looks after a ward."""
    row = TeamWard.get_or_none(TeamWard.ward == ward)
    return row.team if row else None


def people_in(team: Team) -> list[Officer]:
    """The officers of a team whom residents may know by name; first the one whom they ask for."""
    is_known = (Officer.role == Officer.OFFICER) | Membership.is_contact
    return list(
        Officer.select()
        .join(Membership)
        .where(Membership.team == team, Officer.suspended_at.is_null(), is_known)
        .order_by(Membership.is_contact.desc(), Officer.name)
    )


# --- Contact and cover ---


def named_contact(team: Team) -> Officer | None:
    """Whom a team has named for residents to ask for, here or away."""
    mine = Officer.select().join(Membership).where(Membership.team == team, Membership.is_contact)
    return mine.where(Officer.suspended_at.is_null()).first()


def contact_of(team: Team, now: datetime) -> Officer | None:
    """Whom residents ask for now: the team's contact, or who covers for them in the same team meanwhile."""
    contact = named_contact(team)
    if contact is None or not is_away(contact, now) or contact.cover_id is None:
        return contact
    colleagues = Officer.select().join(Membership).where(Membership.team == team, Officer.suspended_at.is_null())
    return colleagues.where(Officer.id == contact.cover_id).first() or contact


def is_away(officer: Officer, now: datetime) -> bool:
    return officer.away_until is not None and officer.away_until > now


def covered_by(officer: Officer, now: datetime) -> list[Officer]:
    """Whom an officer covers for now, by name."""
    return list(Officer.select().where(Officer.cover == officer, Officer.away_until > now).order_by(Officer.name))


def colleagues_of(officer: Officer) -> list[Officer]:
    """Who works in one of an officer's teams, by name: they can see each other's drafts."""
    mine = Membership.select(Membership.team).where(Membership.officer == officer)
    ids = Membership.select(Membership.officer).where(Membership.team.in_(mine))
    others = Officer.select().where(Officer.id.in_(ids), Officer.id != officer.id, Officer.suspended_at.is_null())
    return list(others.order_by(Officer.name))


# --- Who decides on an alert ---


def may_decide(officer: Officer, alert: Alert) -> bool:
    """Whether this officer may approve or return it: a supervisor of its team or an administrator.

    Nobody who ever wrote in it: the words, the words of a picture, or the picture itself.
    """
    own = {alert.author_id, alert.changed_by_id, alert.sender_id}
    wrote = Writer.select().where(Writer.alert == alert, Writer.officer == officer)
    if officer.role == Officer.OFFICER or officer.id in own or wrote.exists():
        return False
    return officer.role == Officer.ADMINISTRATOR or alert.team in teams_of(officer)


def deciders(alert: Alert, now: datetime) -> list[Officer]:
    """Who is told that an alert waits for them: supervisors of its team, or administrators where none of those is here.

    For who is away their cover stands in, who has to be one that may decide too.
    """
    rows = Officer.select().where(Officer.suspended_at.is_null()).order_by(Officer.id)
    team = Membership.select(Membership.officer).where(Membership.team == alert.team)
    supervisors = rows.where(Officer.role == Officer.SUPERVISOR, Officer.id.in_(team))
    return _here(supervisors, alert, now) or _here(rows.where(Officer.role == Officer.ADMINISTRATOR), alert, now)


def _here(people: Iterable[Officer], alert: Alert, now: datetime) -> list[Officer]:
    """Those of them who may decide, or who covers for them; each once."""
    here = [each.cover if is_away(each, now) else each for each in people if may_decide(each, alert)]
    able = [each for each in here if each and not each.suspended_at and not is_away(each, now)]
    return list({each.id: each for each in able if may_decide(each, alert)}.values())

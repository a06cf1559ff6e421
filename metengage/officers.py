"""Who they are, what they may do, their teams."""

import secrets
from datetime import datetime

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from metengage import areas, journal, limits
from metengage.models import Area, Membership, Officer, Team, TeamWard

SHORTEST_PASSWORD = 12
UNUSABLE = "!"  # no password has this hash
_hasher = PasswordHasher()
# Verified when nobody has the address, so that it takes as long.
_NOBODY = _hasher.hash(secrets.token_hex(16))


class NotAllowed(Exception):
    """Wrong address or password, or no longer an officer here; which of them is not said."""


class TooManyTries(Exception):
    """Too many wrong passwords; the limit ends by itself."""


class NotAdded(Exception):
    """The officer cannot be added; the message says why."""


def sign_in(email: str, password: str, network: str, now: datetime) -> Officer:
    """The officer with this address and password. Raises NotAllowed or TooManyTries."""
    email = email.strip().lower()
    # Counted before the password is looked at: tries at the same moment are tries too.
    if not (limits.allows("officer network", network, now) and limits.allows("officer address", email, now)):
        raise TooManyTries
    # PostgreSQL takes no text with a NUL in it, not even to look for.
    officer = Officer.get_or_none(Officer.email == email) if email.isprintable() else None
    if not _is_right(officer.password_hash if officer else _NOBODY, password) or not officer or officer.suspended_at:
        raise NotAllowed
    limits.forgive("officer address", email)
    journal.note("signed in", officer=officer)
    return officer


def sign_out(officer: Officer) -> None:
    """End all of this officer's sessions, on every device."""
    Officer.update(session_key=secrets.token_hex(16)).where(Officer.id == officer.id).execute()
    journal.note("signed out", officer=officer)


def _is_right(password_hash: str, password: str) -> bool:
    try:
        return _hasher.verify(password_hash, password)
    except (VerificationError, InvalidHashError):
        return False


def add(email: str, name: str, password: str | None, role: str, teams: list[Team], now: datetime) -> Officer:
    """Add an officer to teams; without a password nobody can sign in as them. Raises NotAdded."""
    email = email.strip().lower()
    if "@" not in email:
        raise NotAdded(f"“{email}” is not an email address.")
    if Officer.get_or_none(Officer.email == email):
        raise NotAdded(f"There is an officer with the address {email} already.")
    if password is not None and len(password) < SHORTEST_PASSWORD:
        raise NotAdded(f"The password is too short. Use at least {SHORTEST_PASSWORD} characters.")
    officer = Officer.create(
        email=email, name=name, role=role, created_at=now,
        password_hash=_hasher.hash(password) if password else UNUSABLE, session_key=secrets.token_hex(16),
    )  # fmt: skip
    for team in teams:
        Membership.create(officer=officer, team=team)
    journal.note("added officer", officer=officer, detail=role)
    return officer


def by_session(officer_id: int, session_key: str) -> Officer | None:
    """The officer a session belongs to, while they may work here and have not signed out everywhere."""
    return Officer.get_or_none(
        Officer.id == officer_id, Officer.session_key == session_key, Officer.suspended_at.is_null()
    )


def teams_of(officer: Officer) -> list[Team]:
    """The teams an officer works in; an administrator, in all."""
    rows = Team.select().order_by(Team.name)
    if officer.role != Officer.ADMINISTRATOR:
        rows = rows.join(Membership).where(Membership.officer == officer)
    return list(rows)


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
    """The officers of a team whom residents may know by name."""
    return list(
        Officer.select()
        .join(Membership)
        .where(Membership.team == team, Officer.suspended_at.is_null(), Officer.role == Officer.OFFICER)
        .order_by(Officer.name)
    )

"""Teams: their names, wards, members, and the one whom residents ask for."""

from dataclasses import dataclass
from datetime import datetime

from peewee import IntegrityError

from metengage import areas, db, journal, officers
from metengage.models import Area, Membership, Officer, Team, TeamWard


class NotPossible(Exception):
    """It cannot be so; the message says what to do."""


@dataclass(frozen=True)
class Member:
    """Somebody in a team, as it stands now."""

    officer: Officer
    is_contact: bool
    cover: Officer | None  # who covers for them now


# --- Read ---


def team_for(officer: Officer, team_id: int) -> Team | None:
    """The team, if somebody works in it, or is an administrator."""
    return next((team for team in officers.teams_of(officer) if team.id == team_id), None)


def managed_team(officer: Officer, team_id: int) -> Team | None:
    """The team, if somebody manages it."""
    team = team_for(officer, team_id)
    return team if team and officers.may_manage(officer, team) else None


def members_of(team: Team, now: datetime) -> list[Member]:
    """Who works in a team: the contact first, then by name; who is suspended comes last."""
    order = (Officer.suspended_at.is_null(False), Membership.is_contact.desc(), Officer.name)
    rows = Membership.select(Membership, Officer).join(Officer).where(Membership.team == team).order_by(*order)
    return [
        Member(row.officer, row.is_contact, row.officer.cover if officers.is_away(row.officer, now) else None)
        for row in rows
    ]


def wards_with_teams(officer: Officer) -> list[tuple[Area, Team | None]]:
    """The wards that somebody may give to a team, with the team they have.

    An administrator all where the service has begun, a supervisor those of the teams they manage.
    """
    has = {row.ward_id: row.team for row in TeamWard.select(TeamWard, Team).join(Team)}
    wards = areas.wards_of(areas.started_boroughs())
    if not officer.is_administrator:
        mine = {team.id for team in officers.teams_of(officer) if officers.may_manage(officer, team)}
        wards = [ward for ward in wards if ward.code in has and has[ward.code].id in mine]
    return [(ward, has.get(ward.code)) for ward in wards]


def wards_for(officer: Officer) -> list[tuple[Area, Team]]:
    """The wards that somebody's teams look after, by borough and name; for an administrator, of all teams."""
    mine = TeamWard.team.in_([team.id for team in officers.teams_of(officer)])
    has = {row.ward_id: row.team for row in TeamWard.select(TeamWard, Team).join(Team).where(mine)}
    wards = [ward for ward in areas.named(list(has)) if not ward.retired_at]
    return [(ward, has[ward.code]) for ward in sorted(wards, key=lambda ward: (ward.parent.name, ward.name))]


def ward_for(officer: Officer, code: str) -> tuple[Area, Team] | None:
    """The ward with this code and the team that looks after it, if somebody works in that, or is an administrator."""
    return next((each for each in wards_for(officer) if each[0].code == code), None)


def could_join(manager: Officer, team: Team) -> list[Officer]:
    """Whom somebody may put into a team: officers and supervisors, of their own teams unless an administrator asks."""
    here = Membership.select(Membership.officer).where(Membership.team == team)
    able = Officer.suspended_at.is_null() & (Officer.role != Officer.ADMINISTRATOR) & Officer.id.not_in(here)
    rows = Officer.select().where(able).order_by(Officer.name)
    if manager.is_administrator:
        return list(rows)
    return [each for each in officers.colleagues_of(manager) if each in set(rows) and each.role == Officer.OFFICER]


def with_wards(listed: list[Team]) -> list[tuple[Team, list[str], str]]:
    """Each team with the names of its wards and of its contact."""
    wards: dict[int, list[str]] = {}
    rows = TeamWard.select(TeamWard.team, Area.name).join(Area).where(Area.retired_at.is_null()).order_by(Area.name)
    for team_id, name in rows.tuples():
        wards.setdefault(team_id, []).append(name)
    named = Membership.select(Membership.team, Officer.name).join(Officer).where(Membership.is_contact)
    contacts = dict(named.where(Officer.suspended_at.is_null()).tuples())
    return [(team, wards.get(team.id, []), contacts.get(team.id, "")) for team in listed]


# --- Change ---


def add(officer: Officer, name: str, phone: str, email: str) -> Team:
    """A new team, without wards. Raises NotPossible when the name is taken."""
    try:
        with db.handle.atomic():
            team = Team.create(name=name, phone=phone, email=email)
            journal.note("added team", officer=officer, detail=f"team {team.id}")
    except IntegrityError:
        raise NotPossible("There is a team with this name already. Choose another name") from None
    return team


def change(officer: Officer, team: Team, name: str, phone: str, email: str) -> None:
    """What residents read of a team. Raises NotPossible when the name is taken."""
    try:
        with db.handle.atomic():
            Team.update(name=name, phone=phone, email=email).where(Team.id == team.id).execute()
            journal.note("changed team", officer=officer, detail=f"team {team.id}")
    except IntegrityError:
        raise NotPossible("There is a team with this name already. Choose another name") from None


def give_ward(officer: Officer, team: Team, ward: Area) -> Team | None:
    """Let a team look after a ward from now on; returns the team that did so until now, if another did."""
    with db.handle.atomic():
        row = TeamWard.get_or_none(TeamWard.ward == ward)
        if row and row.team_id == team.id:
            return None
        before = row.team if row else None
        TeamWard.delete().where(TeamWard.ward == ward).execute()
        TeamWard.create(ward=ward, team=team)
        said = f"{ward.code} from team {before.id} to team {team.id}" if before else f"{ward.code} to team {team.id}"
        journal.note("moved ward", officer=officer, detail=said)
    return before


def put_in(manager: Officer, team: Team, officer: Officer) -> None:
    """Let somebody work in a team. Twice is success."""
    with db.handle.atomic():
        _, is_new = Membership.get_or_create(officer=officer, team=team)
        if is_new:
            journal.note("put officer into team", officer=manager, detail=f"officer {officer.id}, team {team.id}")


def take_out(manager: Officer, team: Team, officer: Officer) -> None:
    """Somebody works in a team no longer, and is not its contact. Twice is success."""
    mine = (Membership.officer == officer) & (Membership.team == team)
    with db.handle.atomic():
        if Membership.delete().where(mine).execute():
            journal.note("took officer out of team", officer=manager, detail=f"officer {officer.id}, team {team.id}")


def name_contact(manager: Officer | None, team: Team, officer: Officer | None) -> None:
    """Whom residents ask for by name from now on: somebody of the team, or nobody. Raises NotPossible."""
    members = Membership.select(Membership.officer).join(Officer)
    able = members.where(Membership.team == team, Officer.suspended_at.is_null(), Membership.officer == officer)
    if officer and not able.exists():
        raise NotPossible("Choose somebody who works in this team")
    with db.handle.atomic():
        Membership.update(is_contact=False).where(Membership.team == team, Membership.is_contact).execute()
        mine = (Membership.team == team) & (Membership.officer == officer)
        if officer:
            Membership.update(is_contact=True).where(mine).execute()
        whom = f"officer {officer.id}" if officer else "nobody"
        journal.note("named contact", officer=manager, detail=f"team {team.id}: {whom}")

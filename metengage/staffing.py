"""Officers come, change and go: who may manage whom, roles and teams, suspend and reset."""

import secrets
from collections.abc import Iterable
from datetime import datetime

from metengage import db, journal, passwords, second_factor
from metengage.models import Membership, Officer, Team

LISTED = 50  # officers on a page; more are found by their name
LAST = "This is the last administrator. Make somebody else one first"


class NotPossible(Exception):
    """It cannot be so; the message says what to do."""


# --- Who may manage whom ---


def managed_by(manager: Officer):
    """A query for those whom somebody may manage: never themselves.

    An administrator manages all, a supervisor the officers of their own teams.
    """
    rows = Officer.select().where(Officer.id != manager.id)
    if manager.is_administrator:
        return rows
    if manager.role != Officer.SUPERVISOR:
        return rows.where(Officer.id.is_null())
    mine = Membership.select(Membership.team).where(Membership.officer == manager)
    ids = Membership.select(Membership.officer).where(Membership.team.in_(mine))
    return rows.where(Officer.role == Officer.OFFICER, Officer.id.in_(ids))


def officer_for(manager: Officer, officer_id: int) -> Officer | None:
    """The officer, if this person may manage them."""
    return managed_by(manager).where(Officer.id == officer_id).first()


def list_for(manager: Officer, sought: str = "") -> tuple[list[Officer], int]:
    """Those whom somebody may manage, by name, who is suspended last: the first LISTED, and how many more there are.

    `sought` is a part of their name or email address.
    """
    rows = managed_by(manager)
    if sought:
        rows = rows.where(Officer.name.contains(sought) | Officer.email.contains(sought))
    found = rows.order_by(Officer.suspended_at.is_null(False), Officer.name, Officer.id)
    return list(found.limit(LISTED)), max(0, rows.count() - LISTED)


# --- Role and teams ---


def change(manager: Officer, officer: Officer, name: str, role: str, teams: Iterable[Team]) -> None:
    """What an administrator sets of somebody. Raises NotPossible."""
    before, teams = officer.role, [] if role == Officer.ADMINISTRATOR else list(teams)
    with db.handle.atomic():
        if before == Officer.ADMINISTRATOR != role:
            _leave_an_administrator(officer)
        Officer.update(name=name, role=role).where(Officer.id == officer.id).execute()
        _put_into(officer, teams)
        moved = f" from {before} to {role}" if role != before else ""
        journal.note("changed officer", officer=manager, detail=f"officer {officer.id}{moved}")


def _put_into(officer: Officer, teams: list[Team]) -> None:
    """Exactly these teams; whose contact they are they stay in those that remain."""
    mine = Membership.officer == officer
    Membership.delete().where(mine, Membership.team.not_in(teams)).execute()
    for team in teams:
        Membership.get_or_create(officer=officer, team=team)


def _leave_an_administrator(officer: Officer) -> None:
    """Raises NotPossible when nobody else could manage the officers. For a transaction."""
    able = (Officer.role == Officer.ADMINISTRATOR) & Officer.suspended_at.is_null()
    # It takes their rows: of two who remove each other at one moment, the second finds that they would be the last.
    Officer.update(role=Officer.role).where(able).execute()
    if not Officer.select().where(able, Officer.id != officer.id).exists():
        raise NotPossible(LAST)


# --- Suspend and reset ---


def suspend(manager: Officer | None, officer: Officer, now: datetime) -> bool:
    """End all sessions of a leaver at once, and let them in no more; False when they were suspended already.

    Their drafts stay, and what they scheduled still goes. They are nobody's contact and cover any more. Raises
    NotPossible.
    """
    with db.handle.atomic():
        if officer.is_administrator:
            _leave_an_administrator(officer)
        new = {"suspended_at": now, "session_key": secrets.token_hex(16), "away_until": None, "cover": None}
        here = (Officer.id == officer.id) & Officer.suspended_at.is_null()
        if not Officer.update(new).where(here).execute():
            return False
        Officer.update(cover=None).where(Officer.cover == officer).execute()
        Membership.update(is_contact=False).where(Membership.officer == officer).execute()
        journal.note("suspended officer", officer=manager, detail=f"officer {officer.id}")
    return True


def let_back(manager: Officer, officer: Officer) -> bool:
    """End a suspension: they may sign in as before; False when there was none."""
    gone = (Officer.id == officer.id) & Officer.suspended_at.is_null(False)
    with db.handle.atomic():
        back = Officer.update(suspended_at=None).where(gone).execute()
        if back:
            journal.note("let officer back", officer=manager, detail=f"officer {officer.id}")
    return bool(back)


def reset(manager: Officer | None, officer: Officer, now: datetime) -> str:
    """Take password, second factor and sessions; return the token by which they choose anew. Raises NotPossible."""
    if officer.suspended_at:
        raise NotPossible("This officer is suspended. Let them back first")
    new = {"password_hash": passwords.UNUSABLE, "session_key": secrets.token_hex(16)}
    with db.handle.atomic():
        Officer.update(new).where(Officer.id == officer.id).execute()
        second_factor.forget(officer)
        journal.note("reset officer", officer=manager, detail=f"officer {officer.id}")
    return passwords.link_for(Officer.get_by_id(officer.id), now)

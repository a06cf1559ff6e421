"""What officers set for themselves: their name, their password, and who covers for them while they are away."""

import secrets
from datetime import datetime

from metengage import db, journal, officers, passwords
from metengage.models import Officer


class NotPossible(Exception):
    """It cannot be so; the message says what to do."""


def rename(officer: Officer, name: str) -> None:
    """What residents read."""
    with db.handle.atomic():
        if Officer.update(name=name).where(Officer.id == officer.id, Officer.name != name).execute():
            journal.note("changed name", officer=officer)


def change_password(officer: Officer, password: str) -> Officer:
    """Choose another password; every session ends but the one that is made with what this returns."""
    return _set_password(officer, password, "changed password")


def choose_password(token: str, password: str, now: datetime) -> Officer:
    """Choose the first password, or the first after a reset. Raises passwords.LinkEnded; the link works once."""
    return _set_password(passwords.officer_of(token, now), password, "chose password")


def _set_password(officer: Officer, password: str, action: str) -> Officer:
    new = {"password_hash": passwords.kept(password), "session_key": secrets.token_hex(16)}
    as_it_was = (Officer.id == officer.id) & (Officer.session_key == officer.session_key)
    with db.handle.atomic():
        # Of two who use a link at one moment, the second finds it used.
        if not Officer.update(new).where(as_it_was).execute():
            raise passwords.LinkEnded
        journal.note(action, officer=officer)
    return Officer.get_by_id(officer.id)


# --- Cover ---


def go_away(officer: Officer, until: datetime, cover: Officer) -> None:
    """Away until this moment (UTC), and who looks after their work meanwhile. Raises NotPossible."""
    if cover not in officers.colleagues_of(officer):
        raise NotPossible("Choose somebody who works in one of your teams")
    with db.handle.atomic():
        Officer.update(away_until=until, cover=cover).where(Officer.id == officer.id).execute()
        journal.note(
            "went away", officer=officer, detail=f"until {until.date().isoformat()}, cover: officer {cover.id}"
        )


def come_back(officer: Officer) -> None:
    """Nobody covers for them any more. Twice is success."""
    mine = (Officer.id == officer.id) & Officer.away_until.is_null(False)
    with db.handle.atomic():
        if Officer.update(away_until=None, cover=None).where(mine).execute():
            journal.note("came back", officer=officer)

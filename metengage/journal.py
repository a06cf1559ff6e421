"""Who did what, when. Append only."""

from datetime import datetime

from peewee import fn

from metengage.models import Alert, Journal, Officer, Resident

MOVED = "changed address"


def note(
    action: str,
    officer: Officer | None = None,
    resident: Resident | None = None,
    alert: Alert | None = None,
    detail: str = "",
) -> Journal:
    """Write one line. `detail` holds counts and codes, never an address or what somebody wrote."""
    return Journal.create(action=action, officer=officer, resident=resident, alert=alert, detail=detail[:200])


def last(action: str, resident: Resident) -> datetime | None:
    """When (UTC) this resident did so most lately, if they ever did."""
    mine = Journal.select(fn.MAX(Journal.at)).where(Journal.resident == resident, Journal.action == action)
    return mine.scalar()

"""Who did what, when. Append only."""

from metengage.models import Alert, Journal, Officer, Resident


def note(
    action: str,
    officer: Officer | None = None,
    resident: Resident | None = None,
    alert: Alert | None = None,
    detail: str = "",
) -> Journal:
    """Write one line. `detail` holds counts and codes, never an address or what somebody wrote."""
    return Journal.create(action=action, officer=officer, resident=resident, alert=alert, detail=detail[:200])

"""Who did what, when. Append only."""

from datetime import datetime, timedelta

from peewee import fn

from metengage.models import Alert, Delivery, Journal, Officer, Resident

MOVED = "changed address"
LEFT, UNFOLLOWED, CHANGED = "left", "unfollowed a story", "changed preferences"
ONE_LOOK = timedelta(hours=1)
CAUSES_FOR = timedelta(days=7)  # an older email is taken as the way somebody came, not as what moved them


def note(
    action: str,
    officer: Officer | None = None,
    resident: Resident | None = None,
    alert: Alert | None = None,
    detail: str = "",
) -> Journal:
    """Write one line. `detail` holds counts and codes, never an address or what somebody wrote."""
    return Journal.create(action=action, officer=officer, resident=resident, alert=alert, detail=detail[:200])


def looked(action: str, officer: Officer, resident: Resident, detail: str, now: datetime) -> None:
    """Write down that an officer looked at something of a resident's; to load the page again is no second look."""
    lately = Journal.select().where(Journal.resident == resident, Journal.at > now - ONE_LOOK)
    if not lately.where(Journal.officer == officer, Journal.action == action, Journal.detail == detail).exists():
        note(action, officer, resident, detail=detail)


def last(action: str, resident: Resident) -> datetime | None:
    """When (UTC) this resident did so most lately, if they ever did."""
    mine = Journal.select(fn.MAX(Journal.at)).where(Journal.resident == resident, Journal.action == action)
    return mine.scalar()


def cause(alert_id: int | None, resident: Resident, now: datetime) -> Alert | None:
    """The alert whose email led this resident to what they do now, while it is new enough to be why they do it.

    A digest's links name one of its alerts too; only an alert that was an email of its own is the cause.
    """
    if not alert_id:
        return None
    by_itself = Delivery.select().where(Delivery.resident == resident, Delivery.alert == alert_id)
    lately = (Alert.id == alert_id) & (Alert.sending_at > now - CAUSES_FOR)
    return Alert.get_or_none(lately) if by_itself.exists() else None

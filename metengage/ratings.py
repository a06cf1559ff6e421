"""Whether an alert was of use: who got it says so by the link in its email, once, and may change it."""

from datetime import datetime

from metengage import db, subscriptions
from metengage.choices import WHY_NOT_USEFUL
from metengage.models import Alert, Rating, Resident


def of(resident: Resident, alert: Alert) -> Rating | None:
    """What this resident said of an alert."""
    return Rating.get_or_none(_theirs(resident, alert))


def rate(resident: Resident, alert: Alert, is_useful: bool, now: datetime) -> bool:
    """Keep what they say; what they said before gives way. Twice is success; False when they have left."""
    said = {"is_useful": is_useful, "at": now}
    changes = said | ({"why": ""} if is_useful else {})
    with db.handle.atomic():
        if not subscriptions.take(resident):
            return False
        # Of two presses at one moment the second changes what the first said.
        Rating.insert(alert=alert, resident=resident, **said).on_conflict(
            conflict_target=[Rating.alert, Rating.resident], update=changes
        ).execute()
    return True


def explain(resident: Resident, alert: Alert, why: str | None) -> bool:
    """Keep why it was of no use, one of WHY_NOT_USEFUL; False when they do not say that it was, or not why."""
    with db.handle.atomic():
        if why not in WHY_NOT_USEFUL or not subscriptions.take(resident):
            return False
        no_use = _theirs(resident, alert) & ~Rating.is_useful
        return Rating.update(why=why).where(no_use).execute() == 1


def _theirs(resident: Resident, alert: Alert):
    return (Rating.resident == resident) & (Rating.alert == alert)

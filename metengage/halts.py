"""Pause, resume and stop: one alert, or everything. Workers look before each round, which takes a second at most."""

from datetime import datetime

from metengage import db, journal, manners
from metengage.models import Alert, Officer


class HasToBeTold(Exception):
    """Who got what is withdrawn would never be told; it can be paused."""

    def __str__(self) -> str:
        return "A withdrawal cannot be stopped: who got the alert has to be told. Pause it instead."


# --- One alert ---


def pause(alert: Alert, officer: Officer | None, now: datetime) -> bool:
    """Nothing more of it goes until it is resumed; False when it is paused, stopped or not being sent.

    No officer, here and below: from the command line.
    """
    return _changed(alert, "paused alert", officer, Alert.paused_at.is_null(), paused_at=now)


def resume(alert: Alert, officer: Officer | None) -> bool:
    """It goes on; False when it was not paused. Ring for it then."""
    return _changed(alert, "resumed alert", officer, Alert.paused_at.is_null(False), paused_at=None)


def stop(alert: Alert, officer: Officer | None, now: datetime) -> bool:
    """What was not sent by now never is; False when it is stopped or not being sent. Ring for it, to skip the rest.

    Raises HasToBeTold.
    """
    if alert.is_withdrawal:
        raise HasToBeTold
    return _changed(alert, "stopped alert", officer, stopped_at=now, paused_at=None)


def _changed(alert: Alert, action: str, officer: Officer | None, *expected, **values: datetime | None) -> bool:
    with db.handle.atomic():
        changed = (
            Alert.update(values)
            .where(Alert.id == alert.id, Alert.state == Alert.SENDING, Alert.stopped_at.is_null(), *expected)
            .execute()
        )
        if changed:
            journal.note(action, officer=officer, alert=alert)
    return bool(changed)


# --- Everything ---


def pause_everything(officer: Officer | None, now: datetime) -> bool:
    """Nothing at all is sent, not even sign-in links, until it is resumed; False when it was so already."""
    with db.handle.atomic():
        paused = manners.pause(now, officer)
        if paused:
            journal.note("paused everything", officer=officer)
    return paused


def resume_everything(officer: Officer | None, now: datetime) -> bool:
    """All goes on but what is paused or stopped by itself; False when nothing was paused. Ring for all that waits."""
    with db.handle.atomic():
        resumed = manners.resume(now)
        if resumed:
            journal.note("resumed everything", officer=officer)
    return resumed


def stop_everything(officer: Officer | None, now: datetime) -> int:
    """Pause everything, and stop each alert that is being sent; returns how many. Ring for all that waits.

    A withdrawal only waits for the pause to end.
    """
    pause_everything(officer, now)
    sending = Alert.select().where(Alert.state == Alert.SENDING, ~Alert.is_withdrawal)
    return sum(stop(alert, officer, now) for alert in sending)

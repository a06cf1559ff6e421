"""Which officers are told by email what was decided on an alert.

Rows only, for the transaction that decides; a door rings for them afterwards.
"""

from collections.abc import Iterable
from datetime import datetime

from metengage import addressing, limits, officers
from metengage.models import Alert, Decision, Delivery, Memo, Officer


def asked(decision: Decision, why: list[str], now: datetime) -> None:
    """To who may approve it; `why` it has to be approved, in sentences."""
    _to_deciders(Delivery.ASKED, decision, now, " ".join(why))


def went_first(decision: Decision, now: datetime) -> None:
    """To who may review it."""
    _to_deciders(Delivery.WENT_FIRST, decision, now)


def returned(decision: Decision, now: datetime) -> None:
    """To who asked for approval, and to its author."""
    alert = _alert(decision)
    _to(Delivery.RETURNED, decision, (alert.sender, alert.author), now)


def approved(decision: Decision, now: datetime) -> None:
    """To who asked for approval."""
    _to(Delivery.APPROVED, decision, (_alert(decision).sender,), now)


def _to_deciders(kind: str, decision: Decision, now: datetime, why: str = "") -> None:
    # Who asks and takes back again and again fills nobody's mailbox: their first page shows it all the same.
    if limits.allows("officer asked", f"alert {decision.alert_id}", now):
        _to(kind, decision, officers.deciders(_alert(decision), now), now, why)


def _to(kind: str, decision: Decision, people: Iterable[Officer], now: datetime, why: str = "") -> None:
    about = {"alert": decision.alert_id, "decision": decision, "why": why, "created_at": now}
    for officer in {each.id: each for each in people}.values():
        addressing.to_officer(kind, Memo.create(officer=officer, **about), now)


def _alert(decision: Decision) -> Alert:
    """As it is by now: who asked is written with the decision."""
    return Alert.get_by_id(decision.alert_id)

"""Confirmations, sign-in links and their kind: one after the other, ahead of everything else."""

import time
from collections.abc import Callable
from datetime import datetime

from metengage import db, deliveries, emails, mail, manners, notices, personal, relays, rounds, suppressions
from metengage.deliveries import Claim
from metengage.models import AddressChange, Complaint, Delivery, Resident, Waiting
from metengage.rounds import LEAST, LONGEST, SOON


def send(clock: Callable[[], datetime] = db.now) -> int:
    """Send a batch; how many rows were dealt with, 0 when none is due. May raise rounds.NotNow."""
    if manners.is_paused():
        return 0
    _, most = rounds.turn(LEAST, clock)
    if manners.is_paused():  # meanwhile
        return 0
    claim = _claim(most, clock)
    try:
        return _one_by_one(claim, claim.letters(), clock)
    finally:
        claim.give_back()


def _claim(most: int, clock: Callable[[], datetime]) -> Claim:
    """What somebody waits for with their phone in the hand first: of notices there may be hundreds at a time."""
    claim = deliveries.claim(deliveries.TO_ONE & (Delivery.kind != Delivery.NOTICE), most, clock, group=1)
    return claim if claim.how_many else deliveries.claim(deliveries.TO_ONE, most, clock, group=1)


def _one_by_one(claim: Claim, rows: list[Delivery], clock: Callable[[], datetime]) -> int:
    forbidden = suppressions.among([row.address for row in rows if row.address])
    began, has_broken = time.monotonic(), False
    for row in rows:
        if time.monotonic() > began + LONGEST or claim.is_late():
            break
        try:
            _send_one(claim, row, forbidden, clock())
        except relays.RoadClosed as trouble:
            # Once it may be this email that ends connections; twice, or at the door, it is no failure of the emails.
            if has_broken or not isinstance(trouble, mail.Broke):
                claim.wait(list(claim.ids), clock() + SOON, str(trouble))
                return 0
            claim.postponed(row, str(trouble))
            has_broken = True
    return claim.how_many - len(claim.ids)


def _send_one(claim: Claim, row: Delivery, forbidden: set[str], now: datetime) -> None:
    try:
        if row.address is None:
            raise emails.NotNeeded("the address is gone")
        if row.address in forbidden:
            raise emails.NotNeeded("the address is suppressed")
        writer = notices if row.kind == Delivery.NOTICE else personal
        email = writer.written(row, now)
        with mail.road() as road:
            road.send(email)
    except emails.NotNeeded as reason:
        claim.skipped(row, str(reason))
    except emails.Unwritable as fault:
        claim.postponed(row, str(fault))
    except mail.Refused as refusal:
        _refused(claim, row, refusal, now)
    else:
        if row.kind == Delivery.RECEIPT:
            Complaint.update(acknowledged_at=now).where(Complaint.id == row.complaint_id).execute()
        claim.sent(row)
        _forget_address(row)


def _refused(claim: Claim, row: Delivery, refusal: mail.Refused, now: datetime) -> None:
    if not refusal.is_final:
        claim.postponed(row, str(refusal))
        return
    claim.failed(row, str(refusal))
    if row.kind in Delivery.ELSEWHERE:
        _forget_address(row)
        return
    # Who never confirmed gets nothing more anyway, and may have mistyped.
    if refusal.is_about_recipient and row.resident and row.resident.state == Resident.CONFIRMED:
        suppressions.add_if_gone(row.resident, str(refusal), now)


def _forget_address(row: Delivery) -> None:
    """An address that was kept only for this email has done its work."""
    Waiting.delete().where(Waiting.id == row.waiting_id).execute()
    if row.kind == Delivery.OLD_ADDRESS:
        mine = (AddressChange.id == row.address_change_id) & (AddressChange.resident == row.resident_id)
        AddressChange.delete().where(mine).execute()

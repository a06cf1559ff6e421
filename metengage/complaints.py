"""Complaints about how we handle personal data: taken, acknowledged, answered; a register of them for administrators.

The Data Protection Act 2018, section 164A, asks for a form, for an acknowledgement within 30 days, and for an outcome.
"""

from datetime import datetime, timedelta

from metengage import addressing, db, journal, subscriptions
from metengage.models import Complaint, Delivery, Officer, Resident

ACKNOWLEDGED_WITHIN = timedelta(days=30)
ANSWERED_WITHIN = timedelta(days=30)  # what we promise; the law says: without undue delay
LOOKED = "looked at complaint"
SAME = timedelta(days=1)  # the same words from the same address within this are one complaint


def complain(email: str, text: str, resident: Resident | None, now: datetime) -> Complaint:
    """Keep a complaint, and the email that says we have it. The same again is once."""
    with db.handle.atomic():
        # Their row first: whoever is being erased at this moment complains as somebody we do not know.
        is_theirs = resident is not None and subscriptions.take(resident)
        _one_at_a_time()
        before = Complaint.get_or_none(
            Complaint.created_at > now - SAME, Complaint.email == email, Complaint.text == text
        )
        if before:
            return before
        complaint = Complaint.create(resident=resident if is_theirs else None, email=email, text=text, created_at=now)
        addressing.to_complaint(complaint, now)
        journal.note("complained", resident=complaint.resident, detail=str(complaint.id))
    return complaint


def _one_at_a_time() -> None:
    """Two presses at one moment would not see each other. SQLite lets only one write anyway."""
    if db.is_postgresql():
        db.handle.execute_sql("LOCK TABLE complaint IN SHARE ROW EXCLUSIVE MODE")


# --- For administrators ---


def all_of_them() -> list[Complaint]:
    """The register: what is unanswered first, then the newest first."""
    is_answered = Complaint.answered_at.is_null(False)
    return list(Complaint.select().order_by(is_answered, Complaint.created_at.desc(), Complaint.id.desc()))


def look_at(officer: Officer, complaint_id: int, now: datetime) -> Complaint | None:
    """A complaint, if this officer may see it; whose record it is about is told that they looked, once an hour."""
    complaint = Complaint.get_or_none(Complaint.id == complaint_id) if officer.is_administrator else None
    if complaint and complaint.resident_id:
        journal.looked(LOOKED, officer, complaint.resident, str(complaint.id), now)
    return complaint


def answer(officer: Officer, complaint_id: int, text: str, now: datetime) -> bool:
    """Record what somebody was answered; False when it was answered already, erased, or is not theirs to answer."""
    if not officer.is_administrator:
        return False
    open_one = (Complaint.id == complaint_id) & Complaint.answered_at.is_null() & Complaint.email.is_null(False)
    with db.handle.atomic():
        answered = Complaint.update(answered_at=now, answer=text, officer=officer).where(open_one).execute()
        if answered:
            about = Complaint.get_by_id(complaint_id).resident
            journal.note("answered complaint", officer, about, detail=str(complaint_id))
    return bool(answered)


def acknowledge_by(complaint: Complaint) -> datetime:
    return complaint.created_at + ACKNOWLEDGED_WITHIN


def answer_by(complaint: Complaint) -> datetime:
    return complaint.created_at + ANSWERED_WITHIN


def trouble(complaint: Complaint) -> str:
    """Why the email that acknowledges it was not sent, in words; empty when it was, or still may be."""
    lost = Delivery.state.in_((Delivery.FAILED, Delivery.SKIPPED))
    row = Delivery.get_or_none(Delivery.complaint == complaint, Delivery.kind == Delivery.RECEIPT, lost)
    return (row.reason or "it failed") if row else ""

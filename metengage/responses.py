"""What is written back and forth about a concern: notes, responses, questions, why it is closed; residents’ replies.

A concern's revision is raised by whatever changes it. An officer who writes back says which one they have read, so that
two never answer the same unknowingly.
"""

from collections.abc import Callable
from datetime import datetime

from peewee import Case, IntegrityError, fn

from metengage import addressing, db, diverter, journal, links, promises, restrictions, subscriptions
from metengage.models import Concern, Message, Notice, Officer

LONGEST = 5_000  # characters
# Why it is closed → the words an officer chooses by; a resident reads what is written to them.
BECAUSE = {
    Concern.DONE: "Done: it is solved, or what was promised was done",
    Concern.NO_ACTION: "Nothing that police can do",
    Concern.DUPLICATE: "The same as another concern",
    Concern.MOVED: "Moved to the crime recording system",
    Concern.NO_REPLY: "The resident did not answer our question",
}


class Changed(Exception):
    """Somebody else, or the resident, has changed it since this page was opened."""


class NotPossible(Exception):
    """It cannot be so; the message says what to do."""


# --- Officers ---


def can_write(concern: Concern) -> bool:
    """Whether whoever raised it wanted an answer, and still can be written to."""
    return concern.wants_answer and concern.resident_id is not None and concern.resident.is_confirmed


def note(officer: Officer, concern: Concern, text: str, key: str, now: datetime) -> None:
    """Write something down that its writer never sees. Twice is once."""
    line = {"concern": concern, "kind": Message.NOTE, "officer": officer, "text": text, "at": now}
    _once(key, lambda: Message.create(key=key, **line))


def respond(officer: Officer, concern: Concern, text: str, seen: int, key: str, now: datetime) -> None:
    """Answer whoever raised it, by email. Twice is once. Raises Changed, NotPossible."""
    _write(officer, concern, Message.RESPONSE, text, seen, key, _answered(now), now)


def ask(officer: Officer, concern: Concern, text: str, seen: int, key: str, now: datetime) -> None:
    """Ask whoever raised it something; the promise runs again when they reply. Raises Changed, NotPossible."""
    _write(officer, concern, Message.QUESTION, text, seen, key, _answered(now), now)


def close(officer: Officer, concern: Concern, because: str, text: str, seen: int, key: str, now: datetime) -> None:
    """Close it for a reason, one of BECAUSE; who waits for an answer reads the text. Raises Changed, NotPossible."""
    waits = can_write(concern)
    if not text and waits:
        raise NotPossible("Write what was done, or why it is closed: the resident gets it by email")
    closed = {"state": Concern.CLOSED, "closed_at": now, "closed_because": because, "due_at": None}
    values = (_answered(now) if waits else {}) | closed
    _write(officer, concern, Message.CLOSING, text, seen, key, values, now)


def _answered(now: datetime) -> dict:
    return {"state": Concern.ANSWERED, "due_at": None, "answered_at": fn.COALESCE(Concern.answered_at, now)}


def _write(
    officer: Officer, concern: Concern, kind: str, text: str, seen: int, key: str, values: dict, now: datetime
) -> None:
    waits = can_write(concern)
    if kind != Message.CLOSING and not waits:
        raise NotPossible("Nobody can be written to: they are anonymous, or have left")
    # Who writes back, or closes it for a reason, has looked at it: it is held back no more.
    taken = values | {"revision": Concern.revision + 1, "held_at": None, "danger": Concern.taken_up()}
    taken |= {"officer": fn.COALESCE(Concern.officer, officer.id)}
    unchanged = (Concern.id == concern.id) & Concern.is_open_row() & (Concern.revision == seen)

    def write() -> None:
        message = Message.create(concern=concern, kind=kind, officer=officer, text=text, key=key, at=now)
        if not Concern.update(taken).where(unchanged).execute():
            raise Changed
        if waits:
            about = {"resident": concern.resident, "concern": concern, "message": message, "created_at": now}
            addressing.to_notice(Notice.create(kind=Notice.WRITTEN, **about), now)
        journal.note(f"wrote a {kind}", officer, concern.resident, detail=str(concern.id))

    _once(key, write)


# --- Residents ---


def may_reopen(concern: Concern) -> bool:
    """Whether its writer may say that it is not solved: once, when it was closed with a word to them."""
    return not concern.is_open and concern.reopened_at is None and concern.closed_because not in Concern.SILENT


def reply(concern: Concern, text: str, key: str, now: datetime) -> bool:
    """Keep what its writer says to an open concern; a team that had answered owes an answer again. False when closed.

    Twice is success. Raises restrictions.Limited, or links.LinkEnded when they have left.
    """
    answered = Concern.state == Concern.ANSWERED
    return _say(concern, Message.REPLY, text, key, now, Concern.is_open_row(), answered, {"state": Concern.TRIAGED})


def not_solved(concern: Concern, text: str, key: str, now: datetime) -> bool:
    """Reopen a closed concern, with what is not solved; once. False when that cannot be.

    Twice is success. Raises restrictions.Limited, or links.LinkEnded when they have left.
    """
    closed = (Concern.state == Concern.CLOSED) & Concern.reopened_at.is_null()
    closed &= Concern.closed_because.not_in(Concern.SILENT)
    again = {"state": Concern.REOPENED, "reopened_at": now, "closed_at": None, "closed_because": ""}
    return _say(concern, Message.NOT_SOLVED, text, key, now, closed, closed, again)


def _say(concern: Concern, kind: str, text: str, key: str, now: datetime, still, when, then: dict) -> bool:
    """Keep it while the concern is `still` so; `when` it is so, a team owes an answer, and `then` changes too."""
    owed = then | {"due_at": promises.due_by(now), "reminded_at": None, "escalated_at": None}
    mine, danger = Concern.id == concern.id, diverter.danger_in(text)
    kept = False

    def say() -> None:
        nonlocal kept
        if not subscriptions.take(concern.resident):
            raise links.LinkEnded
        restrictions.check(concern.resident, now)
        # Nobody is told twice of what nobody has taken up since.
        told = Case(None, [(Concern.is_urgent_row(), Concern.alarmed_at)], None)
        marked = {"danger": danger, "alarmed_at": told} if danger == Concern.URGENT else {}
        if not Concern.update(marked | {"revision": Concern.revision + 1}).where(mine, still).execute():
            return
        Message.create(concern=concern, kind=kind, text=text, key=key, at=now)
        Concern.update(owed).where(mine, when).execute()
        journal.note(f"wrote a {kind}", resident=concern.resident, detail=str(concern.id))
        kept = True

    _once(key, say)
    return kept or _is_kept(key)


# --- Once ---


def _once(key: str, write: Callable[[], None]) -> None:
    """Do it in a transaction, unless a message came by the same form before, or comes at the same moment."""
    if _is_kept(key):
        return
    try:
        with db.handle.atomic():
            write()
    except IntegrityError:
        if not _is_kept(key):
            raise


def _is_kept(key: str) -> bool:
    return Message.select().where(Message.key == key).exists()

"""What is sent and what came of it, and the journal."""

from datetime import datetime, timedelta

from peewee import SQL, CharField, DateTimeField, ForeignKeyField, SmallIntegerField

from metengage import db
from metengage.models.editing import Memo
from metengage.models.gathering import Booking
from metengage.models.listening import Concern, Message, Restriction
from metengage.models.people import AddressChange, Complaint, Consent, Officer, Resident, Row, Waiting, one_of
from metengage.models.publishing import Alert, Digest


def _points_to(model, **options) -> ForeignKeyField:
    """A foreign key that the database does not keep: to look up and lock each of a million residents, and the same
    alert a million times, costs PostgreSQL more than all else about a row. INSERT … SELECT makes them from rows that
    are there, and deliveries.forget takes them away with their resident.
    """
    return ForeignKeyField(model, index=False, _deferred=True, **options)


class Notice(Row):
    """An email to one person about something of theirs: what it is about, and which email. Kept as long as that."""

    # About a concern: to its writer …
    CONFIRM, RECEIVED, WRITTEN, LIMITED = ("confirm", "received", "written", "limited")
    DUE, LATE, URGENT = ("due", "late", "urgent")  # … and to its team
    # About a booking: to who asked for a place, and then to who has one or waits for one.
    BOOK, BOOKED, WAITING, MOVED_UP = ("book", "booked", "waiting", "moved up")
    TOMORROW, CHANGED, CANCELLED = ("tomorrow", "changed", "cancelled")

    INFORMED = "informed"  # asks how well informed they feel

    kind = CharField(10)
    resident = ForeignKeyField(Resident, null=True, on_delete="CASCADE")  # to either of them …
    officer = ForeignKeyField(Officer, null=True, on_delete="CASCADE")
    concern = ForeignKeyField(Concern, null=True, on_delete="CASCADE")
    message = ForeignKeyField(Message, null=True, on_delete="CASCADE")  # which it carries
    restriction = ForeignKeyField(Restriction, null=True, on_delete="CASCADE")
    booking = ForeignKeyField(Booking, null=True, on_delete="CASCADE")
    created_at = DateTimeField(default=db.now, index=True)

    @property
    def email(self) -> str | None:
        return (self.officer or self.resident).email


class Delivery(Row):
    """One email to one resident. Sent means that our mail server took it."""

    PENDING, SENDING, SENT, FAILED, SKIPPED = STATES = ("pending", "sending", "sent", "failed", "skipped")
    ALERT, DIGEST = "alert", "digest"
    CONFIRM, KNOWN, SIGN_IN, STARTED = "confirm", "known", "sign-in", "started"
    REMINDER, WELCOME, GOODBYE = "reminder", "welcome", "goodbye"
    NEW_ADDRESS, OLD_ADDRESS = "new-addr", "old-addr"  # asks the new one to confirm, tells the old one
    RECEIPT = "receipt"  # says that we have a complaint
    NOTICE = "notice"  # about a concern or a booking of theirs, or to an officer about a concern
    TRIAL = "trial"  # a draft, to the officer who asks to see it
    ASKED, RETURNED, APPROVED, WENT_FIRST = "asked", "returned", "approved", "first"  # what was decided on an alert
    TO_OFFICERS = (TRIAL, ASKED, RETURNED, APPROVED, WENT_FIRST)
    ELSEWHERE = (NEW_ADDRESS, OLD_ADDRESS, RECEIPT, *TO_OFFICERS)  # not to the address that a resident has now
    LEASE = timedelta(minutes=5)  # a claim older than this belonged to a worker that is gone

    kind = CharField(8)
    resident = _points_to(Resident, null=True, backref="deliveries")
    alert = _points_to(Alert, null=True, backref="deliveries")
    digest = _points_to(Digest, null=True, backref="deliveries")
    # Instead of a resident: kind "started".
    waiting = ForeignKeyField(Waiting, null=True, on_delete="SET NULL", index=False)
    # What a confirmation confirms.
    consent = ForeignKeyField(Consent, null=True, on_delete="SET NULL", index=False)
    # Whose new or old address it goes to, which complaint it acknowledges, which officer it tells what of an alert:
    # instead of the resident's own address.
    address_change = _points_to(AddressChange, null=True)
    complaint = _points_to(Complaint, null=True)
    memo = _points_to(Memo, null=True)
    notice = ForeignKeyField(Notice, null=True, on_delete="SET NULL", index=False)  # it goes with what it is about
    state = CharField(7, default=PENDING)
    reason = CharField(200, null=True)  # why it failed, was skipped or waits, in words
    attempts = SmallIntegerField(default=0)
    created_at = DateTimeField(default=db.now)
    due_at = DateTimeField(default=db.now)
    claimed_at = DateTimeField(null=True)
    claim = CharField(32, null=True)  # which worker's batch has it
    sent_at = DateTimeField(null=True)

    class Meta:
        constraints = [
            one_of("state", ("pending", "sending", "sent", "failed", "skipped")),
            one_of(
                "kind",
                (
                    *("alert", "digest", "confirm", "known", "sign-in", "started", "reminder", "welcome", "goodbye"),
                    *("new-addr", "old-addr", "receipt"),
                    *("trial", "asked", "returned", "approved", "first"),
                    "notice",
                ),
            ),
        ]

    @property
    def address(self) -> str | None:
        """Where it goes; None when the person is gone, or the address that they moved to or from."""
        if self.kind in (self.NEW_ADDRESS, self.OLD_ADDRESS):
            # SQLite gives the number of a row that is gone to another, which may be somebody else's.
            mine = (AddressChange.id == self.address_change_id) & (AddressChange.resident == self.resident_id)
            change = AddressChange.get_or_none(mine)
            return change and (change.new_email if self.kind == self.NEW_ADDRESS else change.old_email)
        person = self.complaint or self.memo or self.notice or self.resident or self.waiting
        return person.email if person else None

    @classmethod
    def is_in(cls, state: str):
        """A query's condition with the state written out: with a parameter no index of some rows only would be used."""
        return cls.state == SQL(f"'{state}'")

    @classmethod
    def of(cls, resident):
        """A query's condition for all rows of a resident, in the terms of the three indexes that begin with one."""
        mine = cls.resident == resident
        neither = cls.alert.is_null() & cls.digest.is_null()
        return (mine & cls.alert.is_null(False)) | (mine & cls.digest.is_null(False)) | (mine & neither)

    @classmethod
    def is_lost(cls, now: datetime):
        return cls.is_in(cls.SENDING) & (cls.claimed_at < now - cls.LEASE)


def _delivery_index(name: str, *columns, where: str, unique: bool = False) -> None:
    Delivery.add_index(Delivery.index(*columns, where=SQL(where), name=f"delivery_{name}", unique=unique))


# A million rows change twice while they are sent, and each change pays for every index that it touches:
# so each index holds only the rows that somebody looks for.
_delivery_index("alert_once", Delivery.resident, Delivery.alert, where="alert_id IS NOT NULL", unique=True)
_delivery_index("digest_once", Delivery.resident, Delivery.digest, where="digest_id IS NOT NULL", unique=True)
_delivery_index("to_one", Delivery.resident, where="alert_id IS NULL AND digest_id IS NULL")
_delivery_index("of_waiting", Delivery.waiting, where="waiting_id IS NOT NULL")
_delivery_index("of_consent", Delivery.consent, where="consent_id IS NOT NULL")
_delivery_index("of_address_change", Delivery.address_change, where="address_change_id IS NOT NULL")
_delivery_index("of_complaint", Delivery.complaint, where="complaint_id IS NOT NULL")
_delivery_index("of_memo", Delivery.memo, where="memo_id IS NOT NULL")
_delivery_index("of_notice", Delivery.notice, where="notice_id IS NOT NULL")
_delivery_index("pending", Delivery.alert, Delivery.digest, Delivery.due_at, Delivery.id, where="state = 'pending'")
_delivery_index("sending", Delivery.alert, Delivery.claimed_at, where="state = 'sending'")
_delivery_index("unsent", Delivery.alert, Delivery.state, where="state IN ('failed', 'skipped')")
_delivery_index("reason", Delivery.alert, Delivery.reason, where="reason IS NOT NULL")
_delivery_index("trouble", Delivery.claimed_at, where="reason IS NOT NULL AND state IN ('failed', 'pending')")


class Bounce(Row):
    """What came back for a delivery after our mail server took it; the first word of it, but hard outweighs soft."""

    HARD, SOFT, COMPLAINT = "hard", "soft", "complaint"

    delivery = ForeignKeyField(Delivery, primary_key=True, on_delete="CASCADE")
    kind = CharField(9)
    code = CharField(11, default="")  # RFC 3463, such as 5.1.1
    words = CharField(200, default="")  # the other mail server's, without any address
    at = DateTimeField(default=db.now)

    class Meta:
        constraints = [one_of("kind", ("hard", "soft", "complaint"))]


class Pause(Row):
    """Nothing at all is sent while one of these has no end."""

    officer = ForeignKeyField(Officer, null=True)  # none: from the command line
    began_at = DateTimeField(default=db.now)
    ended_at = DateTimeField(null=True)


class Allowance(Row):
    """How many emails a minute there may be, to everybody or to one domain, over all workers."""

    name = CharField(255, primary_key=True)  # a domain, or "" for everybody
    free_at = DateTimeField()  # the next email may go then
    tail_at = DateTimeField()  # and the last of those that wait is told to come back then


class Sender(Row):
    """A worker that sends, and how many connections it has; one that was not seen for ten seconds is gone."""

    GONE = timedelta(seconds=10)

    name = CharField(80, primary_key=True)
    seen_at = DateTimeField()
    connections = SmallIntegerField(default=0)
    trouble = CharField(200, default="")  # what is wrong with the mail servers that it tried, in words


class Journal(Row):
    """Who did what, when. Append only."""

    at = DateTimeField(default=db.now, index=True)
    officer = ForeignKeyField(Officer, null=True)
    resident = ForeignKeyField(Resident, null=True, on_delete="SET NULL")
    action = CharField(40)
    alert = ForeignKeyField(Alert, null=True)
    detail = CharField(200, default="")


Journal.add_index(Journal.index(Journal.at, where=SQL("resident_id IS NOT NULL"), name="journal_of_residents"))

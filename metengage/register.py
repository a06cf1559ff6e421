"""The register of personal data: every field of every table, what it says of a resident, why, and for how long.

The privacy notice, “everything we hold”, the copy and erasure all walk it, so that no new field can be forgotten.
"""

from dataclasses import dataclass

from metengage import models
from metengage.models import (
    AddressChange,
    Answer,
    Attempt,
    Booking,
    Bounce,
    Complaint,
    Concern,
    Consent,
    Delivery,
    Follow,
    Held,
    Informed,
    Journal,
    Link,
    Message,
    Muted,
    Notice,
    Photo,
    Rating,
    Resident,
    Restriction,
    Subscription,
    Suppression,
    ThemeChoice,
    Vote,
    Waiting,
)
from metengage.purposes import (
    ADDRESS,
    AGREEING,
    ANSWERED,
    ANSWERING,
    APPENDED,
    BOOKING,
    CHOICES,
    COMPLAINING,
    CONCERNS,
    COUNTS,
    EMAILS,
    FEELING,
    HOLDING,
    MOVING,
    NAME,
    NEVER_AGAIN,
    OPENING,
    PLACES,
    RATING,
    RESTRICTING,
    SAID,
    SHOWS,
    STOPPING,
    TELLING,
    TRYING,
    VOTING,
    WAITS,
    WATCHING,
    Group,
)


@dataclass(frozen=True)
class Record:
    """A field that says something of a resident."""

    label: str  # what it is called in the copy
    group: Group
    erase: str  # BLANK, UNLINK or DELETE; or why erasing keeps it, in a sentence
    shown: str = ""  # how the copy puts it in words; see rights

    @property
    def stays(self) -> bool:
        return self.erase not in (BLANK, UNLINK, DELETE)


@dataclass(frozen=True)
class Entry:
    """A table: each of its fields is a Record, or says in a word why it holds nothing of a resident."""

    title: str
    fields: dict[str, Record | str]

    @property
    def records(self) -> dict[str, Record]:
        return {name: each for name, each in self.fields.items() if isinstance(each, Record)}

    @property
    def is_deleted(self) -> bool:
        """Whether erasing takes the whole row."""
        return any(each.erase == DELETE for each in self.records.values())


BLANK, UNLINK, DELETE = "blank", "unlink", "delete"
# How the copy puts a value in words: by what it stands for.
AREA, ALERT, STORY, DIGEST, OFFICER, TYPE = "area", "alert", "story", "digest", "officer", "type"
EVENT, PRIORITY = "event", "priority"
FREQUENCY, THEME, WORDING, ANSWERS, EMAIL = "frequency", "theme", "wording", "answers", "email"
SCRAMBLED, HIDDEN, YES_OR_NO, WHY, HOW_OFTEN, HOW = "scrambled", "hidden", "yes or no", "why", "how often", "how"
SHOWN = {AREA, ALERT, STORY, DIGEST, OFFICER, TYPE, FREQUENCY, THEME, WORDING, ANSWERS, EMAIL, SCRAMBLED, HIDDEN}
SURVEY, HOW_INFORMED = "survey", "how informed"
SHOWN |= {YES_OR_NO, WHY, HOW_OFTEN, HOW, EVENT, PRIORITY, SURVEY, HOW_INFORMED}

OWN_NUMBER, WHOSE = "a number of ours", "leads to a person's row, which erasing blanks"
_PLACES, _STAFF, _PUBLISHED, _SAME = "a place", "staff", "published to everybody", "the same for everybody"
MACHINES, ELSEWHERE = "how our machines work", "leads to another row of this register"


def _nothing(reason: str, names: str) -> dict[str, Record | str]:
    """The same reason for all of these fields."""
    return dict.fromkeys(names.split(), reason)


# What holds something of a resident, in the copy's order; what leads to another's rows comes after them.
ABOUT: dict[type[models.Resident], Entry] = {
    Resident: Entry("About you", {
        **_nothing(OWN_NUMBER, "id link_version"),
        "email": Record("Email address", ADDRESS, BLANK),
        "name": Record("Name", NAME, BLANK),
        "home": Record("Your ward", CHOICES, BLANK, AREA),
        "state": Record("Your sign-up is", ADDRESS, COUNTS),
        "created_at": Record("Signed up", ADDRESS, COUNTS),
        "confirmed_at": Record("Confirmed", ADDRESS, COUNTS),
        "left_at": Record("Left", ADDRESS, COUNTS),
        "paused_until": Record("Paused until", CHOICES, BLANK),
        "weekly_cap": Record("Emails a week, at most", CHOICES, BLANK),
        "discreet_since": Record("Discreet emails since", CHOICES, BLANK),
        "ask_at": Record("We ask how well informed you feel", FEELING, BLANK),
    }),
    Consent: Entry("What you agreed to", {
        **_nothing(OWN_NUMBER, "id") | _nothing(WHOSE, "resident"),
        "wording": Record("The words", AGREEING, COUNTS, WORDING),
        "source": Record("How", AGREEING, COUNTS, HOW),
        "officer": Record("With", AGREEING, COUNTS, OFFICER),
        "answers": Record("Your answers, until you confirm", CHOICES, BLANK, ANSWERS),
        "agreed_at": Record("Agreed there, before there was a signal", AGREEING, COUNTS),
        "created_at": Record("Agreed", AGREEING, COUNTS),
        "reminded_at": Record("Reminded", AGREEING, COUNTS),
        "confirmed_at": Record("Confirmed", AGREEING, COUNTS),
    }),
    ThemeChoice: Entry("What concerns you", {
        **_nothing(OWN_NUMBER, "id") | _nothing(WHOSE, "resident"),
        "theme": Record("Theme", CONCERNS, DELETE, THEME),
        "rank": Record("Your order", CONCERNS, DELETE),
    }),
    Subscription: Entry("What you hear about, and used to", {
        **_nothing(OWN_NUMBER, "id") | _nothing(WHOSE, "resident"),
        "alert_type": Record("Alerts", CHOICES, COUNTS, TYPE),
        "area": Record("Where", CHOICES, COUNTS, AREA),
        "frequency": Record("How often", CHOICES, COUNTS, FREQUENCY),
        "source": Record("Chosen at", CHOICES, COUNTS),
        "began_at": Record("Since", CHOICES, COUNTS),
        "ended_at": Record("Until", CHOICES, COUNTS),
        "ended_reason": Record("Ended because", CHOICES, COUNTS),
    }),
    Follow: Entry("Stories you follow, and used to", {
        **_nothing(OWN_NUMBER, "id") | _nothing(WHOSE, "resident"),
        "story": Record("Story", CHOICES, DELETE, STORY),
        "began_at": Record("Since", CHOICES, DELETE),
        "ended_at": Record("Until", CHOICES, DELETE),
        "ended_reason": Record("Ended because", CHOICES, DELETE),
    }),
    Held: Entry("Alerts that wait for your next email", {
        **_nothing(OWN_NUMBER, "id") | _nothing(WHOSE, "resident") | _nothing(ELSEWHERE, "digest"),
        "alert": Record("Alert", HOLDING, DELETE, ALERT),
        "frequency": Record("Comes", HOLDING, DELETE, FREQUENCY),
        "held_at": Record("Waits since", HOLDING, DELETE),
    }),
    AddressChange: Entry("Moving to another address", {
        **_nothing(OWN_NUMBER, "id") | _nothing(WHOSE, "resident"),
        "new_email": Record("New address", MOVING, DELETE),
        "old_email": Record("Old address", MOVING, DELETE),
        "created_at": Record("Asked", MOVING, DELETE),
    }),
    Complaint: Entry("Your complaints about how we handle your data", {
        "id": Record("Number", COMPLAINING, SHOWS),
        "resident": Record("Yours", COMPLAINING, UNLINK, HIDDEN),
        "email": Record("Answer to", COMPLAINING, BLANK),
        "text": Record("What you wrote", COMPLAINING, BLANK),
        "created_at": Record("Received", COMPLAINING, SHOWS),
        "acknowledged_at": Record("Acknowledged", COMPLAINING, SHOWS),
        "answered_at": Record("Answered", COMPLAINING, SHOWS),
        "answer": Record("Our answer", COMPLAINING, BLANK),
        "officer": Record("Answered by", COMPLAINING, SHOWS, OFFICER),
    }),
    Delivery: Entry("Emails to you", {
        **_nothing(OWN_NUMBER, "id") | _nothing(WHOSE, "resident"),
        **_nothing(ELSEWHERE, "waiting consent complaint memo notice"),
        **_nothing(MACHINES, "attempts due_at claimed_at claim"),
        "kind": Record("Email", EMAILS, COUNTS, EMAIL),
        "alert": Record("Alert", EMAILS, COUNTS, ALERT),
        "digest": Record("Digest", EMAILS, COUNTS, DIGEST),
        "address_change": Record("About your new address", EMAILS, BLANK, HIDDEN),
        "state": Record("It is", EMAILS, COUNTS),
        "reason": Record("Because", EMAILS, BLANK),
        "created_at": Record("Begun", EMAILS, COUNTS),
        "sent_at": Record("Our mail server took it", EMAILS, COUNTS),
    }),
    Bounce: Entry("What came back of these emails", {
        **_nothing(ELSEWHERE, "delivery"),
        "kind": Record("What came back", EMAILS, COUNTS),
        "code": Record("Code", EMAILS, COUNTS),
        "words": Record("In the mail server’s words", EMAILS, BLANK),
        "at": Record("When", EMAILS, COUNTS),
    }),
    Journal: Entry("What happened with your record", {
        **_nothing(OWN_NUMBER, "id"),
        "at": Record("When", WATCHING, APPENDED),
        "action": Record("What", WATCHING, APPENDED),
        "detail": Record("More exactly", WATCHING, APPENDED, AREA),
        "officer": Record("By", WATCHING, APPENDED, OFFICER),
        "alert": Record("Alert", WATCHING, APPENDED, ALERT),
        "resident": Record("With you", WATCHING, UNLINK, HIDDEN),
    }),
    Waiting: Entry("Boroughs you wait for", {
        **_nothing(OWN_NUMBER, "id"),
        "email": Record("Email address", WAITS, DELETE),
        "borough": Record("Borough", WAITS, DELETE, AREA),
        "created_at": Record("Since", WAITS, DELETE),
    }),
    Rating: Entry("Whether alerts were of use to you", {
        **_nothing(OWN_NUMBER, "id"),
        "alert": Record("Alert", RATING, COUNTS, ALERT),
        "is_useful": Record("Useful", RATING, COUNTS, YES_OR_NO),
        "why": Record("Because", RATING, COUNTS, WHY),
        "at": Record("When", RATING, COUNTS),
        "resident": Record("Yours", RATING, UNLINK, HIDDEN),
    }),
    Answer: Entry("Your answers to surveys", {
        **_nothing(OWN_NUMBER, "id") | _nothing("never so, where it is a resident's", "at_door"),
        "survey": Record("Survey", ANSWERING, ANSWERED, SURVEY),
        "choices": Record("What you chose", ANSWERING, ANSWERED, ANSWERS),
        "texts": Record("What you wrote", ANSWERING, BLANK, ANSWERS),
        "ward": Record("Ward", ANSWERING, ANSWERED, AREA),
        "at": Record("When", ANSWERING, ANSWERED),
        "resident": Record("Yours", ANSWERING, UNLINK, HIDDEN),
    }),
    Informed: Entry("How well informed you feel", {
        **_nothing(OWN_NUMBER, "id"),
        "score": Record("You said", FEELING, ANSWERED, HOW_INFORMED),
        "asked": Record("Asked at", FEELING, ANSWERED),
        "ward": Record("Ward", FEELING, ANSWERED, AREA),
        "at": Record("When", FEELING, ANSWERED),
        "resident": Record("Yours", FEELING, UNLINK, HIDDEN),
    }),
    Concern: Entry("What you told your team", {
        **_nothing(OWN_NUMBER, "id revision") | _nothing("random", "key"),
        **_nothing(ELSEWHERE, "team story duplicate_of"),
        **_nothing(_STAFF, "officer reminded_at escalated_at"),
        "alert": Record("In answer to", TELLING, SAID, ALERT),
        "theme": Record("Theme", TELLING, SAID, THEME),
        "priority": Record("Part of the priority", TELLING, SAID, PRIORITY),
        "text": Record("What you wrote", TELLING, BLANK),
        "ward": Record("Ward", TELLING, SAID, AREA),
        "place": Record("Where", TELLING, BLANK),
        "latitude": Record("Latitude", TELLING, BLANK),
        "longitude": Record("Longitude", TELLING, BLANK),
        "how_often": Record("How often", TELLING, BLANK, HOW_OFTEN),
        "wants_answer": Record("You want an answer", TELLING, SAID, YES_OR_NO),
        "state": Record("It is", TELLING, SAID),
        "created_at": Record("You wrote it", TELLING, SAID),
        "received_at": Record("The team got it", TELLING, SAID),
        "danger": Record("Words in it may mean danger or a crime", TELLING, BLANK),
        "alarmed_at": Record("Its team was told that it may be urgent", TELLING, BLANK),
        "held_at": Record("It waits to be looked at since", TELLING, SAID),
        "due_at": Record("An answer is due", TELLING, SAID),
        "answered_at": Record("Answered", TELLING, SAID),
        "closed_at": Record("Closed", TELLING, SAID),
        "closed_because": Record("Closed because", TELLING, SAID),
        "reopened_at": Record("Reopened", TELLING, SAID),
        "resident": Record("Yours", TELLING, UNLINK, HIDDEN),
    }),
    Message: Entry("What was written about it", {
        **_nothing(OWN_NUMBER, "id") | _nothing("random", "key") | _nothing(WHOSE, "concern"),
        "kind": Record("It is a", TELLING, SAID),
        "text": Record("Words", TELLING, BLANK),
        "officer": Record("By", TELLING, SAID, OFFICER),
        "at": Record("When", TELLING, SAID),
    }),
    Photo: Entry("Your photos", {
        **_nothing(WHOSE, "concern"),
        "width": Record("Width in pixels", TELLING, DELETE),
        "height": Record("Height in pixels", TELLING, DELETE),
        "content": Record("The photo", TELLING, DELETE, HIDDEN),
    }),
    Vote: Entry("Priorities you voted for", {
        **_nothing(OWN_NUMBER, "id") | _nothing("always one, where it is a resident's", "how_many"),
        "priority": Record("Priority", VOTING, COUNTS, PRIORITY),
        "source": Record("Where", VOTING, COUNTS),
        "at": Record("When", VOTING, COUNTS),
        "resident": Record("Yours", VOTING, UNLINK, HIDDEN),
    }),
    Muted: Entry("Priorities you want to hear no more of", {
        **_nothing(OWN_NUMBER, "id") | _nothing(WHOSE, "resident"),
        "priority": Record("Priority", VOTING, DELETE, PRIORITY),
        "at": Record("Since", VOTING, DELETE),
    }),
    Restriction: Entry("How often you may write to teams", {
        **_nothing(OWN_NUMBER, "id") | _nothing(WHOSE, "resident"),
        "reason": Record("Because", RESTRICTING, DELETE),
        "officer": Record("Decided by", RESTRICTING, DELETE, OFFICER),
        "began_at": Record("Since", RESTRICTING, DELETE),
        "until": Record("Until", RESTRICTING, DELETE),
        "ended_at": Record("Ended", RESTRICTING, DELETE),
    }),
    Booking: Entry("Events you booked", {
        "id": Record("Number", BOOKING, PLACES),
        "event": Record("Event", BOOKING, PLACES, EVENT),
        "name": Record("Your name at the door", BOOKING, BLANK),
        "state": Record("It is", BOOKING, PLACES),
        "at": Record("Since", BOOKING, PLACES),
        "moved_up_at": Record("You moved up", BOOKING, PLACES),
        "told_at": Record("We last wrote to you of it", BOOKING, PLACES),
        "ended_at": Record("Given up", BOOKING, PLACES),
        "attended": Record("You came", BOOKING, PLACES, YES_OR_NO),
        "resident": Record("Yours", BOOKING, UNLINK, HIDDEN),
    }),
    Notice: Entry("Which emails these were", {
        **_nothing(OWN_NUMBER, "id") | _nothing(WHOSE, "resident") | _nothing(_STAFF, "officer"),
        **_nothing(ELSEWHERE, "concern message restriction booking"),
        "kind": Record("It told of", EMAILS, DELETE),
        "created_at": Record("When", EMAILS, DELETE),
    }),
    Link: Entry("Links that open your page", {
        **_nothing(OWN_NUMBER, "id") | _nothing(WHOSE, "resident") | _nothing(ELSEWHERE, "consent address_change"),
        **_nothing("random, and scrambled", "token_hash"),
        "purpose": Record("For", OPENING, DELETE),
        "created_at": Record("Made", OPENING, DELETE),
        "expires_at": Record("Works until", OPENING, DELETE),
        "used_at": Record("Used", OPENING, DELETE),
    }),
    Suppression: Entry("We must not write to your address", {
        "address_hash": Record("Your address", STOPPING, NEVER_AGAIN, SCRAMBLED),
        "reason": Record("Because it", STOPPING, NEVER_AGAIN),
        "created_at": Record("Since", STOPPING, NEVER_AGAIN),
    }),
    Attempt: Entry("Counts of what you asked for lately", {
        **_nothing(OWN_NUMBER, "id"),
        "limit": Record("Counted for", TRYING, DELETE),
        "who_hash": Record("Your address", TRYING, DELETE, SCRAMBLED),
        "at": Record("When", TRYING, DELETE),
    }),
}  # fmt: skip

NOTHING = {
    models.Area: _nothing(_PLACES, "code name kind parent force command_unit latitude longitude started_at retired_at"),
    models.Postcode: _nothing(_PLACES, "postcode ward is_live latitude longitude"),
    models.Outline: _nothing(_PLACES, "area rings"),
    models.Team: _nothing(_STAFF, "id name phone email"),
    models.TeamWard: _nothing(_STAFF, "ward team"),
    models.Officer: _nothing(
        _STAFF,
        "id email name role password_hash session_key totp_nonce totp_step away_until cover created_at suspended_at",
    ),
    models.Membership: _nothing(_STAFF, "officer team is_contact"),
    models.RecoveryCode: _nothing(_STAFF, "id officer code_hash used_at"),
    models.Doorstep: _nothing(_STAFF, "id officer ward at") | _nothing("random, and scrambled", "key"),
    models.Priority: _nothing(
        _PUBLISHED,
        "id ward theme issue plan owner state proposed_at set_at review_by reviewed_at closed_at result outcome"
        " revision",
    ),
    models.Action: _nothing(_PUBLISHED, "id priority officer at text created_at"),
    models.Story: _nothing(_PUBLISHED, "id team title created_at ended_at"),
    models.Survey: _nothing(_PUBLISHED, "id team area alert_type title questions created_at opened_at closed_at"),
    models.Alert: _nothing(
        _PUBLISHED,
        "id team author sender alert_type theme story ends_story is_urgent title body state revision editor"
        " audience_size created_at changed_at sending_at prepared_upto prepared_at worked_at sent_at paused_at"
        " stopped_at changed_by approver approved_at is_unreviewed only_concerned centre latitude longitude radius"
        " due_at corrects is_withdrawal correction_reason survey priority",
    ),
    models.Version: _nothing(_PUBLISHED, "id alert officer at why words"),
    models.Writer: _nothing(_STAFF, "alert officer"),
    models.Decision: _nothing(_STAFF, "id alert officer verdict comment version at"),
    models.Reason: _nothing(_STAFF, "id alert rule mark words officer at"),
    models.Picture: _nothing(_PUBLISHED, "id key kind alert action officer words width height created_at"),
    models.PictureFile: _nothing(_PUBLISHED, "picture name content"),
    models.Event: _nothing(
        _PUBLISHED,
        "id key team officer kind title about venue access access_note begins_at ends_at places state revision former"
        " created_at changed_at published_at cancelled_at cancelled_because came said said_at",
    ),
    models.EventWard: _nothing(_PUBLISHED, "event ward"),
    models.Memo: _nothing(_STAFF, "id alert officer decision why created_at"),
    models.AlertArea: _nothing(_PUBLISHED, "alert area"),
    models.Digest: _nothing(_SAME, "id frequency date since until prepared_upto prepared_at worked_at"),
    models.DigestAlert: _nothing(_SAME, "digest alert"),
    models.Pause: _nothing(MACHINES, "id officer began_at ended_at"),
    models.Allowance: _nothing(MACHINES, "name free_at tail_at"),
    models.Sender: _nothing(MACHINES, "name seen_at connections trouble"),
}
FIELDS = {table: entry.fields for table, entry in ABOUT.items()} | NOTHING

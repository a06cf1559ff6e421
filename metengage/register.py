"""The register of personal data: every field of every table, what it says of a resident, why, and for how long.

The privacy notice, “everything we hold”, the copy and erasure all walk it, so that no new field can be forgotten.
"""

from dataclasses import dataclass

from metengage import models, retention
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
from metengage.retention import Term


@dataclass(frozen=True)
class Group:
    """What the privacy notice says of fields that belong together."""

    what: str
    purpose: str
    basis: str
    kept: tuple[Term, ...]


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

CONSENT = "Your consent, which you can take back at any time (UK GDPR, Article 6(1)(a))."
LAW = "A duty by law (UK GDPR, Article 6(1)(c))."
TASK = "Our public task, and keeping it safe (UK GDPR, Article 6(1)(e))."

ADDRESS = Group(
    "Your email address, and when you signed up, confirmed and left", "To send you what you chose.",
    CONSENT, (retention.LEFT, retention.UNCONFIRMED),
)  # fmt: skip
NAME = Group(
    "Your name, if you give it", "So that our emails can greet you.", CONSENT, (retention.LEFT, retention.UNCONFIRMED)
)
CHOICES = Group(
    "Your ward, the areas and alerts you chose, how often, and if you asked for a pause, a limit or discreet emails",
    "To send you only what fits.", CONSENT, (retention.LEFT, retention.HISTORY, retention.UNCONFIRMED),
)  # fmt: skip
CONCERNS = Group(
    "What concerns you, if you say so",
    "So that teams see how many people chose each theme in a ward. It never leaves you out of an alert.",
    CONSENT, (retention.LEFT, retention.UNCONFIRMED),
)  # fmt: skip
AGREEING = Group(
    "When and how you agreed, to which words, and with which officer if it was at your door",
    "To be able to show that you did.",
    "A duty by law (UK GDPR, Articles 6(1)(c) and 7(1)).", (retention.LEFT, retention.UNCONFIRMED),
)  # fmt: skip
EMAILS = Group(
    "Which emails we sent you and when, and what mail servers said of them",
    "So that none is sent twice and none is lost, and so that we stop where a mailbox is gone.",
    CONSENT, (retention.DELIVERIES,),
)  # fmt: skip
HOLDING = Group("Which alerts wait for your next email", "To send you all of them.", CONSENT, (retention.HELD,))
MOVING = Group(
    "A new address that you want us to write to, and the one before",
    "To make sure that the new one is yours, and to tell the old one.", CONSENT, (retention.MOVES,),
)  # fmt: skip
WAITS = Group(
    "An address left for a borough that has not started", "To write to you once, when it does.",
    CONSENT, (retention.WAITING,),
)  # fmt: skip
COMPLAINING = Group(
    "What you complain about, and our answer", "To answer you, and to show that we did.",
    "A duty by law (UK GDPR, Article 6(1)(c); Data Protection Act 2018, section 164A).", (retention.COMPLAINTS,),
)  # fmt: skip
RATING = Group(
    "Whether an alert was of use to you, if you say so",
    "So that teams write what helps. They see how many said so, never who.", CONSENT, (retention.RATINGS,),
)  # fmt: skip
ANSWERING = Group(
    "Your answers to your team’s surveys, if you give any",
    "So that teams know what people in each ward want. They see how many said what, never who; what you write in your "
    "own words they see without your name or ward.", CONSENT, (retention.SURVEYS,),
)  # fmt: skip
FEELING = Group(
    "How well informed you feel about policing in your area, if you say so, and when we ask you again",
    "So that we know whether all this works. Everybody sees how many said what, never who.",
    CONSENT, (retention.INFORMED, retention.LEFT),
)  # fmt: skip
TELLING = Group(
    "What you tell your team, where it is and how often, a photo of it, and what they answer",
    "So that they can answer you and act on it. Officers’ notes on it may be about others too: ask us for them.",
    TASK, (retention.CONCERNS, retention.UNCONFIRMED),
)  # fmt: skip
VOTING = Group(
    "Which priorities you voted for, and of which you want to hear no more",
    "So that teams work on what most people ask for, and tell you what they did. They see how many, never who.",
    CONSENT, (retention.VOTES,),
)  # fmt: skip
RESTRICTING = Group(
    "That you may write to teams only so often for a while, and why",
    "So that everybody gets an answer, and officers are not abused.", TASK, (retention.RESTRICTIONS,),
)  # fmt: skip
BOOKING = Group(
    "Which events you book or wait for, what the team calls you at the door, and whether you came",
    "To keep your place, to remind you, and to tell you of changes. The team sees that name, never your address.",
    CONSENT, (retention.BOOKINGS, retention.UNCONFIRMED),
)  # fmt: skip
WATCHING = Group(
    "What happened with your record, and who looked at it", "So that nobody can look or change it unseen.",
    TASK, (retention.JOURNAL,),
)  # fmt: skip
OPENING = Group(
    "When we sent you a link that opens your page, and when it was used. The link itself only in a scrambled form",
    "So that it opens once, and for you only.", TASK, (retention.LINKS,),
)  # fmt: skip
TRYING = Group(
    "A scrambled form of your address, or of your network’s, when you ask for an email from our pages",
    "So that nobody fills your mailbox, or guesses.", TASK, (retention.TRIES,),
)  # fmt: skip
STOPPING = Group(
    "A scrambled form of your address, if mail to it came back or you complained of it",
    "So that we never write there again. It cannot be turned back into the address.", LAW, (retention.SUPPRESSED,),
)  # fmt: skip
GROUPS = (
    *(ADDRESS, NAME, CHOICES, CONCERNS, AGREEING, EMAILS, HOLDING, MOVING, WAITS, COMPLAINING, RATING),
    *(ANSWERING, FEELING, TELLING, VOTING, RESTRICTING, BOOKING, WATCHING),
    *(OPENING, TRYING, STOPPING),
)  # fmt: skip

# What erasing leaves, and why; each says whose it was no longer.
COUNTS = (
    "When somebody signed up, agreed and left, what they heard about and which emails we sent, without who it was: "
    "so that what we did can still be counted."
)
SAID = (
    "When somebody told a team of a concern, its theme and ward, and when it was answered, without who it was or what "
    "was written: so that what teams promise can be counted."
)
PLACES = (
    "When somebody booked a place at an event, and whether they came, without who it was: so that teams can count who "
    "comes."
)
ANSWERED = (
    "What somebody chose in a survey and how well informed they felt, with the ward, without who it was or what was "
    "written: so that the answers can still be counted."
)
SHOWS = "When somebody complained and when we answered, without who it was: the law asks for a register of complaints."
APPENDED = "What was done with a record, when and by which officer, not with whose: so that nobody hides what they did."
NEVER_AGAIN = (
    "A scrambled form of your address, if mail to it came back or you complained of it: so that we never write there "
    "again. It cannot be turned back into the address."
)
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
        **_nothing(OWN_NUMBER, "id"),
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
        **_nothing(ELSEWHERE, "team story duplicate_of") | _nothing(_STAFF, "officer reminded_at escalated_at"),
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

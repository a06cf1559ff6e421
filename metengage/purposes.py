"""Why each thing about a resident is kept, on what basis and how long, and what erasing leaves: the privacy notice."""

from dataclasses import dataclass

from metengage import retention
from metengage.retention import Term


@dataclass(frozen=True)
class Group:
    """What the privacy notice says of fields that belong together."""

    what: str
    purpose: str
    basis: str
    kept: tuple[Term, ...]


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
    "A scrambled form of your address, or of your network’s, when you ask for an email from our pages or write to "
    "a team",
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

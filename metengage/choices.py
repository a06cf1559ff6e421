"""The fixed choices: alert types, themes, frequencies; and the words that people agree to."""

from dataclasses import dataclass


@dataclass(frozen=True)
class AlertType:
    """A kind of thing to hear about."""

    slug: str
    name: str
    short: str  # inside a sentence
    about: str


ALERT_TYPES = {
    each.slug: each
    for each in (
        AlertType(
            "advice",
            "Crime prevention advice",
            "crime prevention advice",
            "How to keep yourself, your home and your things safe",
        ),
        AlertType(
            "incidents",
            "Incidents and investigations",
            "incidents and investigations",
            "What has happened near you and what we are doing about it",
        ),
        AlertType("appeals", "Appeals", "appeals", "Missing and wanted people, and requests for witnesses"),
        AlertType(
            "results",
            "Results and operations",
            "results and operations",
            "Arrests, court results and what patrols have found",
        ),
        AlertType(
            "meetings",
            "Meetings and events",
            "meetings and events",
            "Ward panels, street surgeries and where to meet your team",
        ),
        AlertType(
            "priorities",
            "Priorities and surveys",
            "priorities and surveys",
            "What your team is working on, and your chance to choose",
        ),
    )
}

THEMES = {
    "burglary": "Burglary",
    "theft-from-vehicles": "Theft from vehicles",
    "theft-of-vehicles": "Theft of vehicles",
    "personal-theft": "Personal theft, such as phone snatching",
    "violence": "Violence",
    "knife-crime": "Knife crime",
    "anti-social-behaviour": "Anti-social behaviour",
    "fraud": "Fraud and scams",
    "drugs": "Drugs",
    "hate-crime": "Hate crime",
    "women-and-girls": "Violence against women and girls",
    "road-safety": "Road safety",
}

IMMEDIATELY, DAILY, WEEKLY = "immediately", "daily", "weekly"
FREQUENCIES = {
    IMMEDIATELY: "Immediately, as each alert is sent",
    DAILY: "Daily, in one email at 7:30am",
    WEEKLY: "Weekly, in one email on Saturday at 8:30am",
}
OFTEN = {IMMEDIATELY: "Immediately", DAILY: "Daily", WEEKLY: "Weekly"}  # beside a box
WHEN = {IMMEDIATELY: "immediately", DAILY: "daily at 7:30am", WEEKLY: "weekly on Saturday at 8:30am"}  # in a sentence

# How often something happens that concerns somebody.
HOW_OFTEN = {
    "once": "It happened once",
    "sometimes": "Now and then",
    "weekly": "Every week",
    "daily": "Most days",
    "always": "All the time",
}

# Why an alert was of no use, if somebody says so; the words stand beside a box.
WHY_NOT_USEFUL = {
    "not-near": "It was not about anywhere near me",
    "too-late": "It came too late",
    "too-many": "I get too many of these",
    "nothing-new": "It told me nothing new",
    "unclear": "It was not clear",
    "other": "Something else",
}

# What residents may come to.
EVENT_KINDS = {"meeting": "Meeting", "surgery": "Surgery", "stall": "Street stall"}
# What is there for who needs it; the words stand beside a box.
ACCESS = {
    "step-free": "Step-free from the street",
    "toilet": "Accessible toilet",
    "hearing-loop": "Hearing loop",
    "bsl": "British Sign Language interpreter",
    "quiet": "Quiet room",
    "parking": "Accessible parking",
}

# How well informed somebody feels about policing in their area. MOPAC's Public Attitude Survey asks London's people how
# well informed they feel about local police activities over the last 12 months: https://data.london.gov.uk/dataset/public-perception-
INFORMED_QUESTION = "How well informed do you feel about policing in your area?"
INFORMED = {
    4: "Very well informed",
    3: "Fairly well informed",
    2: "Not very well informed",
    1: "Not at all informed",
    0: "Don’t know",
}
WELL_INFORMED = 3  # and above

# What a question of a survey can be.
SINGLE, MULTIPLE, RANKING, THEMED, SCALE, TEXT = "single", "multiple", "ranking", "themes", "scale", "text"
QUESTION_KINDS = {
    SINGLE: "They choose one",
    MULTIPLE: "They choose as many as they like",
    RANKING: "They choose up to three, in order",
    THEMED: "They choose what concerns them, from the list of the sign-up",
    SCALE: "A scale from 1 to 5",
    TEXT: "They write in their own words",
}

# Every wording that anybody ever agreed to stays here under its name.
CONSENT_WORDINGS = {
    "2026-11": (
        "I agree that my local police team may keep these answers and email me the alerts I chose. "
        "I can change this or leave at any time."
    ),
    "say-2026-11": (
        "I agree that my local police team may keep what I wrote and write to me about it. "
        "I can read, copy and erase it at any time."
    ),
}
WORDING = "2026-11"  # the one in use
SIGN_UP_WORDINGS = (WORDING,)  # may come in: at a door without a signal, who agreed did so to the words of that day
SAY_WORDING = "say-2026-11"  # of who raises a concern or books a place, and subscribes to nothing

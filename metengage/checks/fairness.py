"""Whether it is fair: no guilt before a court has found it, nobody's origin without a purpose, no blame for victims."""

import re

from metengage.checks.lists import listed, one_of, phrases
from metengage.checks.people import ARREST, COURT
from metengage.checks.shape import NAMING, WANTS_REASON, WARNS, Check, matches, passages

PERSON, GROUP, LABEL, TAKEN, DID = map(phrases, ("person", "group", "label", "taken", "did"))
FEW = r"(?:[\w'-]+\s){0,5}?"  # words between
GUILT = re.compile(
    rf"""\b{LABEL.piece}\s{FEW}{TAKEN.piece}\b | \b{TAKEN.piece}\s{FEW}{LABEL.piece}\b
    | \b(?:arrested|caught|charged|detained)\s{FEW}(?:{PERSON.piece}|pair|ones?|those)\s(?:who|that)\s
      (?:[\w'-]+\s){{0,2}}?{DID.piece}\b
    | \b{PERSON.piece}\s(?:who|that)\s(?:[\w'-]+\s){{0,2}}?{DID.piece}\s(?:[\w'-]+\s){{0,8}}?{TAKEN.piece}\b
    | \b(?:arrested|caught|charged|detained|have)\s{FEW}responsible\b
    | \bgot\s(?:their|our)\s(?:man|woman)\b | \bcaught\sred-handed\b | \bbang\sto\srights\b""",
    re.IGNORECASE | re.VERBOSE,
)
GUILTY_WORDS = TAKEN.gate | frozenset(("responsible", "got", "bang"))
RECORD, FOUND_GUILTY = phrases("record"), phrases("found guilty")

ORIGIN = one_of(listed("backgrounds.txt"))
BACKGROUND = re.compile(
    rf"\b{ORIGIN}(?:[ -](?:{ORIGIN}|looking|speaking|origin|heritage|appearance|national))?,? "
    rf"(?:(?:young|old|older|elderly|teenage) )?(?:{PERSON.piece}|{GROUP.piece})\b(?!'s)"
    rf"|\b{phrases('origin alone').piece}\b"
)
WRONGED = phrases("wronged")
DESCRIBED = re.compile(
    rf"\b(?:{phrases('described').piece}|\d ?(?:ft|feet|foot)|\d{{1,2}}0s|(?:early|mid|late)[- ]\w+)\b", re.IGNORECASE
)
BLAME = re.compile(
    rf"\b(?:{phrases('blame').piece}|(?:women|girls|ladies|females) (?:should|must|need to|are (?:advised|urged|warned"
    r"|asked)) (?:not |to )*(?:avoid|stay|walk|go|wear|travel|be))\b",
    re.IGNORECASE,
)


def _is_guilt(passage: str) -> bool:
    return bool(GUILT.search(passage)) and not FOUND_GUILTY.search(passage)


def _is_record(passage: str) -> bool:
    is_live = ARREST.search(passage) or COURT.search(passage)
    return bool(is_live and RECORD.search(passage) and not FOUND_GUILTY.search(passage))


def _is_origin(passage: str) -> bool:
    """Somebody's origin beside a wrong, unless it is one part of a description."""
    found = BACKGROUND.search(passage) and WRONGED.search(passage)
    return bool(found) and len({each.lower() for each in DESCRIBED.findall(passage)}) < 2


CHECKS = (
    Check(
        "guilt-before-conviction",
        WANTS_REASON,
        "It calls somebody guilty whom no court has found guilty",
        "From an arrest on, proceedings are active: what says that the one arrested did it can make a fair trial "
        "impossible, and is contempt of court whether or not that was meant.",
        "Say what is known: “a man was arrested on suspicion of burglary”, not “the burglar was arrested”.",
        "Contempt of Court Act 1981, sections 1 and 2 and schedule 1",
        passages(GUILTY_WORDS, _is_guilt),
        NAMING,
    ),
    Check(
        "record-in-live-case",
        WANTS_REASON,
        "A record or a confession while a case is open",
        "Earlier convictions and what somebody admitted are for the court to hear, if at all. A juror who has read "
        "them here may have to be sent away, and the trial with them.",
        "Take it out until the case is over.",
        "Contempt of Court Act 1981, sections 1 and 2 and schedule 1",
        passages(ARREST.gate | COURT.gate, _is_record),
        NAMING,
    ),
    Check(
        "origin-without-purpose",
        WANTS_REASON,
        "Somebody’s ethnicity or nationality beside a crime",
        "Alone it describes thousands of neighbours and helps nobody to recognise one. It may be part of a "
        "description, or be said after charge for a policing purpose; whether somebody may be in the country is never "
        "ours to say.",
        "Add what was seen: age, build, hair, clothes; or take it out; or say which policing purpose it has.",
        "National Police Chiefs’ Council and College of Policing, New national guidance for disclosing suspects’ "
        "details, 13 August 2025; Equality Act 2010, section 149",
        passages(WRONGED.gate, _is_origin),
        NAMING,
    ),
    Check(
        "blames-victims",
        WARNS,
        "It may blame the people it happened to",
        "Who reads that they were careless does not report the next time, and the one who did it is out of sight.",
        "Say what the thief or the caller does, and what helps: “thieves look for bags on seats”.",
        "Independent Office for Police Conduct, Ending victim blaming, March 2024; Metropolitan Police, Why language "
        "matters",
        matches(BLAME),
    ),
)

"""Who could be told from it before a court has decided, or must never be: suspects, victims and children."""

import re
from collections.abc import Iterator

from metengage.checks.lists import phrases
from metengage.checks.names import NAMED, STREET, WORD, names_in
from metengage.checks.shape import APP, NAMING, REFUSES, WANTS_REASON, Check, Words, passages

ARREST, COURT, HARM = phrases("arrested"), phrases("court"), phrases("harmed")
DECIDED = re.compile(
    rf"(?:(?<!not )(?<!not been )(?<!nobody has been )(?<!no one has been )(?<!if )(?<!is )(?<!be )\bcharged"
    rf"|\b{phrases('decided').piece})\b",
    re.IGNORECASE,
)

UNDER_18 = "(?:1[0-7]|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen)"
AGED = rf"\b{UNDER_18}[- ]years?[- ]old"
AGE_AFTER = re.compile(
    r"[\s,(]{0,3}(?:who is |who's |is |was |a |an |aged |age |just |only ){0,3}"
    rf"(?:(?:school)?(?:boy|girl)|{UNDER_18})\b(?! ?(?:months|weeks|days|hours|minutes|times|years in|%|am|pm|people))",
    re.IGNORECASE,
)
AGE_BEFORE = re.compile(
    rf"(?:{AGED}(?: (?:boy|girl|pupil|student|teenager))?|\b(?:school)?(?:boy|girl)|\bchild|\bpupil)[ ,]{{0,2}}"
    rf"(?:(?:who |whose name )?(?:is |was |has been )?(?:(?:{NAMED}),? )?)$"
    rf"|(?:aged |, |\(){UNDER_18}[ ,)]{{1,2}}(?:who )?(?:is |was |has been )?(?:{NAMED}),? $",
    re.IGNORECASE,
)
AGE_THEN = re.compile(rf"\b(?:He|She|They|Both)(?: is| are| was| were|'s|'re)(?: only| just| aged)? {UNDER_18}\b")

LIVES = "(?:(?:who )?liv(?:e|es|ing) (?:in|on|at|off)|from|of|resident of|at (?:his|her|their) home (?:in|on))"
HOME = re.compile(
    rf"\b(?:(?i:{phrases('person').piece}|aged \d+)|\d+)\b[^.;:!?\n]{{0,30}}?\b{LIVES}\s+(?:\d+[a-z]? )?"
    rf"(?:the )?(?:{WORD} ){{1,3}}(?:{STREET}|[Ee]state)\b"
)
SCHOOL = re.compile(rf"(?:{WORD} ){{1,4}}(?:School|Academy|College|High|Primary|Infants|Grammar|Sixth Form)\b")
ONE_CHILD = re.compile(
    rf"\b(?:a|an|the|one|two|another|this)(?: young|{AGED})? (?:school)?(?:boy|girl|child|pupil|student|teenager)s?\b"
    rf"|{AGED}|\byear (?:[1-9]|1[0-3]) (?:pupil|student|boy|girl)",
    re.IGNORECASE,
)


def _named(passage: str) -> Iterator[tuple[str, str]]:
    """What comes before and after each name in a passage."""
    for _, start, end in names_in(passage):
        yield passage[max(0, start - 60) : start], passage[end : end + 60]


def _is_undecided(passage: str) -> bool:
    return bool(ARREST.search(passage)) and not DECIDED.search(passage)


def _names_suspect(passage: str) -> bool:
    return _is_undecided(passage) and any(_named(passage))


def _names_victim(passage: str) -> bool:
    """The one name beside a sentence is that of whom a court has sentenced: “Kyle Walsh was jailed for robbing …”."""
    if not HARM.search(passage.replace("Victim Support", "")):
        return False
    is_sentence = DECIDED.search(passage) and "victim" not in passage
    return len({name for name, _, _ in names_in(passage)}) > bool(is_sentence)


def _names_child(passage: str) -> bool:
    if not (ARREST.search(passage) or COURT.search(passage)):
        return False
    then = AGE_THEN.search(passage)
    return any(then or AGE_AFTER.match(after) or AGE_BEFORE.search(before) for before, after in _named(passage))


def _names_street(passage: str) -> bool:
    return _is_undecided(passage) and bool(HOME.search(passage))


def _names_school(passage: str) -> bool:
    is_about_somebody = ARREST.search(passage) or COURT.search(passage) or HARM.search(passage)
    return bool(is_about_somebody and SCHOOL.search(passage) and ONE_CHILD.search(passage))


_children = passages(ARREST.gate | COURT.gate, _names_child)
_suspects = passages(ARREST.gate, _names_suspect)
_victims = passages(HARM.gate, _names_victim)


def _suspects_but_children(words: Words) -> list[str]:
    """What is refused for a child needs no reason besides."""
    refused = _children(words)
    return [each for each in _suspects(words) if each not in refused]


def _victims_but_suspects(words: Words) -> list[str]:
    found = {*_children(words), *_suspects(words)}
    return [each for each in _victims(words) if each not in found]


CHECKS = (
    Check(
        "child-named",
        REFUSES,
        "A child named beside an arrest or a court",
        "Nobody under 18 who is part of proceedings, as suspect, victim or witness, may be named: from the youth court "
        "on it is an offence, and it follows a child for life.",
        "Take the name out. An age and the borough are enough: “a 15-year-old boy from Merton”.",
        "Children and Young Persons Act 1933, section 49; Youth Justice and Criminal Evidence Act 1999, sections 44 "
        "and 45; our standards 50: children in proceedings never",
        _children,
    ),
    Check(
        "names-before-charge",
        WANTS_REASON,
        "Somebody’s name beside an arrest",
        "Before charge a suspect’s name is given out only exceptionally, for a policing purpose that is recorded: many "
        "who are arrested are never charged.",
        "Take the name out, or say who decided that it may be given and for which policing purpose.",
        APP,
        _suspects_but_children,
        NAMING,
    ),
    Check(
        "victim-named",
        WANTS_REASON,
        "Somebody’s name beside a crime",
        "A victim or witness is named only with their consent, and never after a sexual offence, trafficking or forced "
        "marriage: the law keeps them anonymous for life.",
        "Take the name out, or say who agreed, when, and to what.",
        "Our standards 50: victims only with consent; Sexual Offences (Amendment) Act 1992, section 1; "
        "Policing and Crime Act 2017, section 173 (forced marriage)",
        _victims_but_suspects,
        NAMING,
    ),
    Check(
        "suspects-street",
        WANTS_REASON,
        "The street where somebody who was arrested lives",
        "On arrest an age and a town may be given. With the street, neighbours can tell who it is before anybody is "
        "charged.",
        "Name the town or borough in place of the street: “a 34-year-old man from Morden”.",
        APP,
        passages(ARREST.gate, _names_street),
        NAMING,
    ),
    Check(
        "school-of-a-child",
        WANTS_REASON,
        "A school’s name beside a child",
        "With the school and an age, others can tell which child it is, whether they were hurt or arrested.",
        "Leave the school out: “a pupil on the way home in Cheam”.",
        "Children and Young Persons Act 1933, section 49 (any school attended by the child); Youth Justice and "
        "Criminal Evidence Act 1999, section 44",
        passages(ARREST.gate | COURT.gate | HARM.gate, _names_school),
        NAMING,
    ),
)

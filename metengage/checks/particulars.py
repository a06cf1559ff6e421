"""What leads to one person or one door: telephones, addresses, number plates, dates of birth."""

import re
from collections.abc import Callable

from metengage.checks.names import STREET, WORD
from metengage.checks.shape import WANTS_REASON, Check, Words, anywhere, listed, matches, one_of, table

NO_MORE = "UK GDPR, article 5(1)(c): no more personal data than the purpose needs"
NUMBERS = frozenset(table("numbers.csv"))
PHONE = re.compile(r"(?<![\w/.+-])(?:\+\d{1,3}[ -]?(?:\(0\)[ -]?)?|\(?0)\d{2,4}\)?(?:[ -]?\d){5,9}(?![\w/])")
FEWEST, MOST = 10, 15  # digits
OWN = ("police.uk", "gov.uk")
EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@((?:[\w-]{1,63}\.){1,5}[A-Za-z]{2,24})")

# As they were made since 2001, 1983 and 1963; what has no date in it looks like many things, so it must be introduced.
PLATES = re.compile(
    r"""(?<![\w/.£-])(?:[A-HJ-PR-Y]{2}[0-9]{2}[ ]?[A-HJ-PR-Z]{3} | [a-hj-pr-y]{2}[0-9]{2}[ ]?[a-hj-pr-z]{3}
    | [A-HJ-NPR-TV-Y][0-9]{1,3}[ ]?(?!BUS|AND|THE|VIA)[A-HJ-PR-Y]{3} | [A-HJ-PR-Y]{3}[ ]?[0-9]{1,3}[A-HJ-NPR-TV-Y])
    (?<!\ the|\ and|\ for|\ may|\ bus|\ was|\ now)(?![\w/])""",
    re.VERBOSE,
)
INTRODUCED = re.compile(
    r"(?i:\b(?:registration|reg|(?:number )?plates?|VRM|index)\b(?: (?:number|mark|no))?\.?(?: (?:is|was|of|reads?))?)"
    r"[ :“\"]{1,3}([A-Z]{1,3} ?[0-9]{1,4}|[0-9]{1,4} ?[A-Z]{1,3})(?![\w/-])"
)
# The grammar of GOV.UK’s bulk data transfer format, which every live postcode fits.
OUTWARD = "[A-PR-UWYZ](?:[0-9]{1,2}|[A-HK-Y][0-9][0-9A-Z]?|[0-9][A-Z])"
INWARD = "[0-9][ABD-HJLNP-UW-Z]{2}"
POSTCODE = re.compile(
    rf"(?<![\w/]){OUTWARD} ?{INWARD}(?!\w)|(?<![\w/]){OUTWARD.lower()} ?(?!1st|2nd|3rd|[0-9]th){INWARD.lower()}(?!\w)"
)
MONTH = (
    "(?:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sept?(?:ember)?|Oct(?:ober)?"
    "|Nov(?:ember)?|Dec(?:ember)?)"
)
NUMBER = r"(?!(?:999|101|111)\b)\d{1,3}[a-zA-Z]?(?: ?(?:-|–|to|and) ?\d{1,3}[a-z]?)?"
NO_DOOR = "(?:shops?|business(?:es)?|residents|homes|flats|pubs|houses|people|traders|cars|bins|patrols|team)"
DOOR = re.compile(
    rf"(?<![\w£:/.,-])(?<!\d )(?:(?:[Ff]lat|[Nn]umbers?|[Uu]nit|[Rr]oom|No\.?) )?{NUMBER},? (?!{MONTH}\b)"
    rf"(?:{WORD} ){{1,3}}{STREET}\b(?! {NO_DOOR}\b)(?! [A-Z])"
)
PUBLIC = re.compile(
    rf"\b(?:{one_of(listed('public_places.txt'))}\b|(?:where|venue|place) ?:|(?:come to|meet (?:us )?at|find us at)\b)"
    r"[^.;!?\n]{0,70}$",
    re.IGNORECASE,
)
DATE = (
    rf"(?:\d{{1,2}}(?:st|nd|rd|th)? (?:of )?{MONTH}(?:,? \d{{2,4}})?|{MONTH} \d{{1,2}}(?:st|nd|rd|th)?(?:,? \d{{4}})?"
    r"|\d{1,2}[/.-]\d{1,2}[/.-]\d{2,4})"
)
BIRTH = re.compile(
    rf"\b(?:born(?: on)?|DOB|d\.o\.b\.?|date of birth)(?: (?:is|was|of))?[ :,(]{{1,3}}(?:the )?{DATE}", re.IGNORECASE
)


def _phones(text: str) -> list[str]:
    found = []
    for match in PHONE.finditer(text):
        digits = re.sub(r"\D", "", match[0].replace("(0)", ""))
        national = "0" + digits[2:] if match[0].startswith("+44") else digits
        if national not in NUMBERS and FEWEST <= len(national) <= MOST:
            found.append(match[0])
    return found


def _emails(text: str) -> list[str]:
    return [match[0] for match in EMAIL.finditer(text) if not _is_own(match[1].lower())]


def _is_own(domain: str) -> bool:
    return any(domain == own or domain.endswith(f".{own}") for own in OWN)


def _plates(text: str) -> list[str]:
    return [match[0] for match in PLATES.finditer(text)] + [match[1] for match in INTRODUCED.finditer(text)]


def _private(pattern: re.Pattern) -> Callable[[Words], list[str]]:
    """What a pattern matches, unless a place that is open to all stands before it in the same sentence."""

    def look(text: str) -> list[str]:
        found = pattern.finditer(text)
        return [match[0] for match in found if not PUBLIC.search(text[max(0, match.start() - 100) : match.start()])]

    return anywhere(look)


CHECKS = (
    Check(
        "phone-number",
        WANTS_REASON,
        "A telephone number",
        "A number that belongs to one person will be called for years by everybody whom this reaches.",
        "Give 101, or your team’s own number and say that it is yours.",
        NO_MORE,
        anywhere(_phones),
    ),
    Check(
        "email-address",
        WANTS_REASON,
        "An email address",
        "An address outside police and government may be one person’s, and nobody can tell who reads what is sent to "
        "it.",
        "Give an address that ends in police.uk or gov.uk, or a link to a page.",
        NO_MORE,
        anywhere(_emails),
    ),
    Check(
        "number-plate",
        WANTS_REASON,
        "A number plate",
        "It leads to the keeper, who may have sold or lost the vehicle; and people go looking for it themselves.",
        "Describe the vehicle: make, colour, what is unusual. Or say who decided that the number may be given.",
        NO_MORE + "; Driver and Vehicle Licensing Agency, FOIR1768: registration marks are regarded as personal data",
        anywhere(_plates),
    ),
    Check(
        "postcode",
        WANTS_REASON,
        "A full postcode",
        "A full postcode is about fifteen homes: together with what happened, it tells whose.",
        "Name the street, or only the first half of the postcode. After the name of a hall or station it may stay.",
        NO_MORE + "; Office for National Statistics, Postcode Directory user guide",
        _private(POSTCODE),
    ),
    Check(
        "house-number",
        WANTS_REASON,
        "A house number with its street",
        "It tells everybody whose home it was, and whom to ask, pity or rob again.",
        "Name the street alone. After the name of a hall or station the number may stay.",
        NO_MORE + "; police.uk: crimes are shown at a point near by, never at a home",
        _private(DOOR),
    ),
    Check(
        "date-of-birth",
        WANTS_REASON,
        "A date of birth",
        "It is what banks ask for, and nobody needs it to recognise anybody.",
        "Give the age.",
        NO_MORE,
        matches(BIRTH),
    ),
)

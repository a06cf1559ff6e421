"""What leads to one person or one door: telephones, addresses, number plates, dates of birth."""

import re
from collections.abc import Callable

from metengage.checks.lists import listed, one_of, table
from metengage.checks.names import STREET, WORD
from metengage.checks.shape import WANTS_REASON, Check, Words, anywhere, matches

NO_MORE = "UK GDPR, article 5(1)(c): no more personal data than the purpose needs"
NUMBERS = frozenset(table("numbers.csv"))
FREE = ("0800", "0808")  # helplines: no one person has such a number
APART = r"[ ./\u2010-\u2015-]{0,3}"  # what people put between digits: hyphens and dashes of all kinds
PHONE = re.compile(
    rf"(?<![\w/.+-])(?:(?:\+|00){APART}[1-9]\d{{0,2}}{APART}(?:\(0\){APART})?|\(?0)\d{{2,4}}\)?(?:{APART}\d){{5,9}}"
    r"(?![\w/])"
)
NATIONAL, ABROAD = (10, 11), range(8, 16)  # digits
PUBLIC_BODIES = ("police.uk", "gov.uk")
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


def _phones(words: Words) -> list[str]:
    ours = {_dialled(each) for each in words.own}
    dialled = [address for address in words.addresses if not address.lower().startswith("http")]
    found = [match[0] for text in (*words.texts.values(), *dialled) for match in PHONE.finditer(text)]
    return [each for each in found if _may_be_private(_dialled(each)) and _dialled(each) not in ours]


def _dialled(number: str) -> str:
    """“0044 (0)7700 900123” as it is dialled here: 07700900123; of a number abroad with its plus."""
    digits = re.sub(r"\D", "", number.replace("(0)", ""))
    is_abroad = number.strip().startswith(("+", "00"))
    return re.sub(r"^\+44", "0", f"+{digits.removeprefix('00')}") if is_abroad else digits


def _may_be_private(dialled: str) -> bool:
    if dialled.startswith("+"):
        return len(dialled) - 1 in ABROAD
    return len(dialled) in NATIONAL and not dialled.startswith(FREE) and dialled not in NUMBERS


def _emails(words: Words) -> list[str]:
    ours = {each.lower() for each in words.own}
    found = [match for text in (*words.texts.values(), *words.addresses) for match in EMAIL.finditer(text)]
    return [match[0] for match in found if not _is_public(match[1].lower()) and match[0].lower() not in ours]


def _is_public(domain: str) -> bool:
    return any(domain == each or domain.endswith(f".{each}") for each in PUBLIC_BODIES)


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
        "Give 101, or your team’s own number.",
        NO_MORE,
        _phones,
    ),
    Check(
        "email-address",
        WANTS_REASON,
        "An email address",
        "An address outside police and government may be one person’s, and nobody can tell who reads what is sent to "
        "it.",
        "Give an address that ends in police.uk or gov.uk, or a link to a page.",
        NO_MORE,
        _emails,
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

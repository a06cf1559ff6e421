"""The fields that forms are made of, and how typed text is tidied."""

import hashlib
import re
import secrets
import unicodedata
from datetime import date, time

from email_validator import EmailNotValidError, validate_email
from govuk_frontend_wtf.wtforms_widgets import GovCheckboxesInput, GovDateInput, GovRadioInput, GovTextInput
from wtforms import Field, HiddenField, RadioField, SelectMultipleField, StringField, ValidationError
from wtforms.validators import StopValidation

KEY = re.compile("[0-9a-f]{32}")
LONGEST_EMAIL = 254  # RFC 5321, less the angle brackets
JOINERS = "\u200c\u200d"  # they shape letters of some scripts, and make one emoji of several …
FORGED_JOINS = re.compile(  # … but never stand beside a space, a Latin letter or a digit
    rf"[{JOINERS}](?![^\s\x00-\x7f{JOINERS}])|(?<![^\s\x00-\x7f{JOINERS}])[{JOINERS}]"
)
FLAG = re.compile("\U0001f3f4[\U000e0030-\U000e007a]{1,6}\U000e007f")  # of England, Scotland, Wales
UNSEEN = {"Cc", "Cf", "Cs", "Mc", "Me", "Mn", "Zl", "Zp", "Zs"}  # where nothing stands before that they could mark
BLANKS = "\u115f\u1160\u2800\u3164\uffa0"  # letters and signs that show nothing
MONTHS = [date(2026, month, 1).strftime("%B").lower() for month in range(1, 13)]


def tidy(text: str | None, keep: str = "") -> str:
    """Typed text without control characters and with single spaces; `keep` names those that may stay.

    Nothing that cannot be seen stays, and of a text in which nothing can be seen, nothing at all.
    """
    text = FORGED_JOINS.sub("", _without_unseen((text or "").replace("\r\n", "\n").replace("\r", "\n")))
    kept = "".join(
        letter if letter in keep or unicodedata.category(letter) not in ("Cc", "Cs", "Zl", "Zp") else " "
        for letter in text
    )
    if all(unicodedata.category(letter) in UNSEEN for letter in kept):
        return ""
    return kept.strip() if keep else " ".join(kept.split())


def _without_unseen(text: str) -> str:
    """It without what has no width or turns the direction of writing, but for joiners, and tags that make a flag."""
    flags = {place for flag in FLAG.finditer(text) for place in range(*flag.span())}
    return "".join(
        letter
        for place, letter in enumerate(text)
        if letter in JOINERS or place in flags or not (unicodedata.category(letter) == "Cf" or letter in BLANKS)
    )


class Checkboxes(SelectMultipleField):
    """Any number of choices; what is not among them is dropped by the form, not refused."""

    widget = GovCheckboxesInput()

    def __init__(self, label: str, **kwargs):
        super().__init__(label, validate_choice=False, **kwargs)


class Radios(RadioField):
    """One of several; choosing none is explained by the form's own sentence."""

    widget = GovRadioInput()

    def __init__(self, label: str, **kwargs):
        super().__init__(label, validate_choice=False, **kwargs)

    def pre_validate(self, form) -> None:
        if not self.raw_data or self.data not in dict(self.choices):
            self.data = None


class Email(StringField):
    """An email address, in lower case with its domain in ASCII once it is valid."""

    widget = GovTextInput()
    missing = "Enter your email address"

    def pre_validate(self, form) -> None:
        typed = (self.data or "").strip()
        if not typed:
            raise ValidationError(self.missing)
        if len(typed) > LONGEST_EMAIL:
            raise ValidationError(f"Email address must be {LONGEST_EMAIL} characters or fewer")
        try:
            valid = validate_email(typed, check_deliverability=False, strict=True, allow_smtputf8=False)
        except EmailNotValidError as wrong:
            raise ValidationError(_about_address(typed, str(wrong))) from wrong
        if "=?" in valid.ascii_email:  # an encoded word: some mail servers would read another address in it
            raise ValidationError("Enter an email address in the correct format, like name@example.com")
        self.data = valid.ascii_email.lower()


def _about_address(typed: str, wrong: str) -> str:
    local, at, _ = typed.rpartition("@")
    if at and not local.isascii():
        return "We cannot write to addresses with letters like é or ü before the @. Enter a different email address"
    if at and len(local) > 64:
        return "The part before the @ is too long: it must be 64 characters or fewer. Check the email address"
    if "reserved" in wrong:
        return "That email address is only for examples. Enter an address that you can read"
    return "Enter an email address in the correct format, like name@example.com"


class Key(HiddenField):
    """What names a form, random and made with it: sent twice, what it asks for is done once."""

    def process(self, *args, **kwargs) -> None:
        super().process(*args, **kwargs)
        if not KEY.fullmatch(self.data or ""):
            self.data = secrets.token_hex(16)

    def once(self, *said: str | None) -> str:
        """The same only for the same form that says the same: opened again by going back, it has its old key."""
        return hashlib.sha256(repr((self.data, said)).encode()).hexdigest()[:32]


class Day(Field):
    """A date, typed as day, month and year; a month may be a word. Its data is a date once it is valid."""

    widget = GovDateInput()

    def process_data(self, value: date | None) -> None:
        self.data = value
        self.raw_data = [str(value.day), str(value.month), str(value.year)] if value else None

    def process_formdata(self, typed: list[str]) -> None:
        self.data = None
        self.raw_data = [*typed, "", "", ""][:3]  # the widget shows three, however many came

    def _value(self) -> str:
        return ""

    def pre_validate(self, form) -> None:
        day, month, year = (" ".join(each.split()) for each in self.raw_data or [""] * 3)
        lacking = [name for name, typed in (("day", day), ("month", month), ("year", year)) if not typed]
        if len(lacking) == 3:
            raise StopValidation("Enter a date")
        if lacking:
            raise StopValidation(f"The date must include a {' and a '.join(lacking)}")
        try:
            self.data = date(_number(year, "{4}"), _month(month), _number(day))
        except ValueError:
            words = "Enter a real date" if len(year) == 4 else "The year must have 4 numbers"
            raise StopValidation(words) from None


class Clock(StringField):
    """A time of day on London's clock, as 18:30, 6:30pm or 6pm. Its data is a time once it is valid."""

    widget = GovTextInput()

    def pre_validate(self, form) -> None:
        typed = re.sub(r"\s", "", (self.data or "").lower()).replace(".", ":")
        found = re.fullmatch(r"([0-9]{1,2})(?::?([0-9]{2}))?([ap]m?)?", typed)
        if not typed:
            raise StopValidation("Enter a time, such as 6:30pm")
        try:
            hour, minute, half = int(found[1]), int(found[2] or 0), (found[3] or "")[:1]
            if half and not 1 <= hour <= 12:
                raise ValueError(typed)
            self.at = time(hour % 12 + (12 if half == "p" else 0) if half else hour, minute)
        except (TypeError, ValueError):
            raise StopValidation("Enter a time like 6:30pm or 18:30") from None


def _month(typed: str) -> int:
    """The number of a month that is typed as a number, or as a word of three letters or more."""
    named = [number for number, name in enumerate(MONTHS, 1) if len(typed) > 2 and name.startswith(typed.lower())]
    return named[0] if named else _number(typed)


def _number(typed: str, digits: str = "{1,2}") -> int:
    if not re.fullmatch(f"[0-9]{digits}", typed):
        raise ValueError(typed)
    return int(typed)

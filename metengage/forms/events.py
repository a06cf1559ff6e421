"""Events: what officers plan and note, and what residents book by."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from flask_wtf import FlaskForm
from govuk_frontend_wtf.wtforms_widgets import GovSelect, GovTextArea, GovTextInput
from wtforms import HiddenField, SelectField, StringField, TextAreaField, ValidationError

from metengage import checks, schedule
from metengage.choices import ACCESS, EVENT_KINDS
from metengage.fields import Checkboxes, Clock, Day, Email, Key, Radios, tidy
from metengage.formats import london, moment
from metengage.models import Booking, Event, Team

AHEAD = timedelta(days=180)  # so far an event may be planned; links.BOOKING works for longer
LONGEST_TITLE, LONGEST_TEXT, LONGEST_VENUE, LONGEST_NOTE, LONGEST_NAME = 120, 10_000, 300, 500, 100
MOST_PLACES, MOST_CAME = 2_000, 10_000
LINES = "\n\t"  # what a text of several lines keeps


def _tidied(field, missing: str, longest: int, what: str, keep: str = "") -> None:
    field.data = tidy(field.data, keep)
    if missing and not field.data:
        raise ValidationError(missing)
    if len(field.data) > longest:
        raise ValidationError(f"{what} must be {longest:,} characters or fewer; it has {len(field.data):,}")


def _number(typed: str | None, most: int, what: str) -> int | None:
    """A whole number from 1; None when nothing was typed."""
    typed = tidy(typed).replace(",", "")
    if not typed:
        return None
    if not (typed.isascii() and typed.isdigit() and len(typed) < 7 and 1 <= int(typed) <= most):
        raise ValidationError(f"{what} must be a whole number from 1 to {most:,}")
    return int(typed)


# --- Residents ---


class BookForm(FlaskForm):
    email = Email("Your email address", description="We write to it, to ask whether it is yours")


class DoorNameForm(FlaskForm):
    """What the team calls somebody at the door."""

    name = StringField(
        "Your name, for the door (optional)",
        description="The team sees it, and never your email address. Without it, your booking has a number",
        widget=GovTextInput(),
    )

    def validate_name(self, field) -> None:
        _tidied(field, "", LONGEST_NAME, "Your name")


# --- Officers ---


class ForTeamForm(FlaskForm):
    """Which team an event is of, where an officer works in several. Sent by GET: it only leads on."""

    class Meta:
        csrf = False

    team = SelectField("Which team is it of?", widget=GovSelect(), validate_choice=False)

    def __init__(self, teams: Iterable, **kwargs):
        super().__init__(**kwargs)
        self.team.choices = [("", "Choose a team"), *((str(each.id), each.name) for each in teams)]


class EventForm(FlaskForm):
    kind = Radios("What is it?", choices=EVENT_KINDS)
    title = StringField("Title", description="For example: Meet your team at the library", widget=GovTextInput())
    wards = Checkboxes("For which wards?", description="It is on their pages and in their calendars")
    day = Day("On which day?", id="day-day")
    begins = Clock("When does it begin?", description="For example 6:30pm. London’s time")
    ends = Clock("When does it end?")
    venue = StringField(
        "Where is it?",
        description="So that people find it: the building, the street, the postcode",
        widget=GovTextInput(),
    )
    access = Checkboxes("What is there for who needs it? (optional)", choices=ACCESS)
    access_note = StringField(
        "Anything else about getting in and taking part (optional)",
        description="Languages, who can help, where to ask",
        widget=GovTextInput(),
    )
    places = StringField(
        "How many people can come? (optional)",
        description="Leave it empty if nobody needs to book. One place is for one person",
        widget=GovTextInput(),
    )
    about = TextAreaField(
        "What is it about? (optional)", widget=GovTextArea(), description="## for a heading, * for a list"
    )
    team, revision, key = HiddenField(), HiddenField(), Key()

    def __init__(self, now: datetime, wards: Iterable, **kwargs):
        super().__init__(**kwargs)
        self._now = now
        self.begins_at = self.ends_at = self.seats = None  # UTC, and a number, once they are valid
        self.wards.choices = list({ward.code: ward.full_name for ward in wards}.items())

    @classmethod
    def blank(cls, now: datetime, wards: list, team: Team) -> "EventForm":
        """For a new one: where there is only one ward, that is ticked."""
        ticked = [wards[0].code] if len(wards) == 1 else []
        return cls(now, wards, formdata=None, data={"team": team.id, "wards": ticked})

    @classmethod
    def of(cls, event: Event, now: datetime, wards: Iterable, chosen: Iterable) -> "EventForm":
        """With what an event has now."""
        begins, ends = london(event.begins_at), london(event.ends_at)
        facts = {name: getattr(event, name) for name in ("kind", "title", "venue", "access_note", "about", "revision")}
        facts |= {"day": begins.date(), "begins": f"{begins:%H:%M}", "ends": f"{ends:%H:%M}"}
        facts |= {"wards": [ward.code for ward in chosen], "access": event.access.split()}
        return cls(now, wards, formdata=None, data=facts | {"places": event.places or ""})

    def validate_kind(self, field) -> None:
        if not field.data:
            raise ValidationError("Select what it is")

    def validate_title(self, field) -> None:
        _tidied(field, "Enter a title", LONGEST_TITLE, "Title")

    def validate_wards(self, field) -> None:
        offered = dict(field.choices)
        field.data = [code for code in dict.fromkeys(field.data or []) if code in offered]
        if not field.data:
            raise ValidationError("Select at least one ward")

    def validate_venue(self, field) -> None:
        _tidied(field, "Enter where it is", LONGEST_VENUE, "Where it is")

    def validate_access(self, field) -> None:
        field.data = [slug for slug in ACCESS if slug in (field.data or [])]

    def validate_access_note(self, field) -> None:
        _tidied(field, "", LONGEST_NOTE, "This")

    def validate_places(self, field) -> None:
        self.seats = _number(field.data, MOST_PLACES, "How many people can come")

    def validate_about(self, field) -> None:
        _tidied(field, "", LONGEST_TEXT, "What it is about", LINES)

    def validate(self, **kwargs) -> bool:
        return super().validate(**kwargs) and self._has_times()

    def _has_times(self) -> bool:
        """Whether it begins and ends at times that there are, in this order and not too far ahead."""
        for field, name in ((self.begins, "begins_at"), (self.ends, "ends_at")):
            try:
                setattr(self, name, schedule.at(self.day.data, field.at))
            except (schedule.NoSuchTime, OverflowError) as reason:
                field.errors = [str(reason)]
                return False
        if self.begins_at <= self._now:
            self.begins.errors = [f"That is in the past: it is {moment(self._now)}. Choose a later time"]
        elif self.begins_at > self._now + AHEAD:
            self.day.errors = [f"Choose a day in the next {AHEAD.days} days"]
        elif self.ends_at <= self.begins_at:
            self.ends.errors = ["It must end after it begins, on the same day"]
        return not (self.begins.errors or self.day.errors or self.ends.errors)

    def facts(self) -> dict:
        """What the event keeps besides its wards."""
        same = {name: self[name].data for name in ("kind", "title", "venue", "access_note", "about")}
        when = {"begins_at": self.begins_at, "ends_at": self.ends_at}
        return same | when | {"access": " ".join(self.access.data), "places": self.seats}

    def based_on(self) -> int:
        """The revision that the writer began from; -1, which is none, when the form does not say."""
        typed = str(self.revision.data or "")
        return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 10 else -1


class CallOffForm(FlaskForm):
    """Why an event is cancelled; what nobody could read of yet needs no reason."""

    because = StringField(
        "Why is it cancelled?",
        description="Residents read this, on the web and in an email. For example: The hall is closed",
        widget=GovTextInput(),
    )

    def __init__(self, event: Event, **kwargs):
        super().__init__(**kwargs)
        self._missing = "Enter why it is cancelled" if event.is_public else ""

    def validate_because(self, field) -> None:
        _tidied(field, self._missing, LONGEST_VENUE, "Why it is cancelled")
        _nothing_wrong(field)


class WhoCameForm(FlaskForm):
    who = Checkboxes("Who came?")
    came = StringField(
        "How many people came in all? (optional)", description="Also those who had not booked", widget=GovTextInput()
    )

    def __init__(self, coming: Iterable[Booking], **kwargs):
        super().__init__(**kwargs)
        self.how_many: int | None = None
        self.who.choices = [(str(each.id), each.name or f"Booking {each.id}") for each in coming]

    def validate_who(self, field) -> None:
        offered = dict(field.choices)
        field.data = [id for id in dict.fromkeys(field.data or []) if id in offered]

    def validate_came(self, field) -> None:
        self.how_many = _number(field.data, MOST_CAME, "How many people came")


class WhatWasSaidForm(FlaskForm):
    said = TextAreaField(
        "What was said?",
        widget=GovTextArea(),
        description="What people asked, what you answered and what you will do. Say what was said, not by whom",
    )

    def validate_said(self, field) -> None:
        _tidied(field, "Enter what was said", LONGEST_TEXT, "What was said", LINES)
        _nothing_wrong(field)


def _nothing_wrong(field) -> None:
    if wrong := checks.unfit(field.data, "what everybody reads"):
        raise ValidationError(" ".join(wrong))

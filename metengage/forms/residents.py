"""What residents decide, and ask of us."""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta

from flask_wtf import FlaskForm
from govuk_frontend_wtf.wtforms_widgets import (
    GovTextArea,
    GovTextInput,
)
from wtforms import (
    HiddenField,
    StringField,
    TextAreaField,
    ValidationError,
)

from metengage import areas
from metengage.choices import ALERT_TYPES, OFTEN, WHY_NOT_USEFUL, AlertType
from metengage.fields import Checkboxes, Day, Email, Radios, tidy
from metengage.formats import count
from metengage.forms.signing_up import WardForm
from metengage.models import Area

LONGEST_PAUSE = timedelta(days=365)
CAPS = {"none": "No limit"} | {str(most): count(most, "email") for most in (1, 2, 3, 5, 10)}
LONGEST_COMPLAINT = 5_000
OFF = "none"  # no emails of a type


# --- Without signing in ---


class LinkForm(FlaskForm):
    email = Email("Your email address", description="The one you signed up with")


class WhyForm(FlaskForm):
    why = Radios("Why was it not useful?", description="You need not say", choices=WHY_NOT_USEFUL)


class CodeForm(FlaskForm):
    """Sent by GET, so that what was asked can be asked again by going back; it changes nothing and needs no token."""

    class Meta:
        csrf = False

    code = StringField("Code", description="At the end of the email, such as A1F-7KQ2M9", widget=GovTextInput())

    def validate_code(self, field) -> None:
        field.data = tidy(field.data)
        if not field.data:
            raise ValidationError("Enter the code from the end of the email")


class ComplaintForm(FlaskForm):
    text = TextAreaField(
        "What went wrong?",
        widget=GovTextArea(),
        description="What we did with your personal data, or did not do, and when. Not for reporting a crime",
    )
    email = Email("Your email address", description="We answer you there")

    def validate_text(self, field) -> None:
        field.data = tidy(field.data, keep="\n\t")
        if not field.data:
            raise ValidationError("Say what went wrong")
        not_too_long("What you write", field)


def not_too_long(what: str, field) -> None:
    if len(field.data) > LONGEST_COMPLAINT:
        raise ValidationError(f"{what} must be {LONGEST_COMPLAINT:,} characters or fewer; it has {len(field.data):,}")


# --- Preferences ---


class OftenForm(FlaskForm):
    """How often to hear of each type, and of all at once.

    It also carries what the page said when it was opened: only what differs from that is a change, so that an old
    page undoes nothing that was changed elsewhere.
    """

    every = Radios("All alerts that you get", description="Or choose for each kind below", choices=OFTEN)

    def __init__(self, frequencies: Mapping[str, str], **kwargs):
        now = {slug: frequencies.get(slug, OFF) for slug in ALERT_TYPES}
        super().__init__(data=now | {f"shown_{slug}": often for slug, often in now.items()}, **kwargs)

    def types(self) -> list[Radios]:
        return [self[slug] for slug in ALERT_TYPES]

    def changes(self) -> dict[str, str | None]:
        """Type → how often, None for no emails; only those that were changed."""
        changed = [field for field in self.types() if field.data != self[f"shown_{field.name}"].data]
        return {field.name: None if field.data == OFF else field.data for field in changed}


def _often(each: AlertType) -> Radios:
    def chosen(form: FlaskForm, field: Radios) -> None:
        if not field.data:
            raise ValidationError(f"Select how often you want {each.short}")

    return Radios(each.name, description=each.about, choices={OFF: "No emails"} | OFTEN, validators=[chosen])


for _each in ALERT_TYPES.values():
    setattr(OftenForm, _each.slug, _often(_each))
    setattr(OftenForm, f"shown_{_each.slug}", HiddenField())


class AddAreasForm(FlaskForm):
    areas = Checkboxes("Add areas", description="The nearest come first. A whole borough brings all its wards")

    def __init__(self, offered: Iterable, **kwargs):
        super().__init__(**kwargs)
        self.areas.choices = list({area.code: area.full_name for area in offered}.items())

    def validate_areas(self, field) -> None:
        field.data = [area.code for area in areas.in_service(list(dict.fromkeys(field.data or [])))]
        if not field.data:
            raise ValidationError("Select the areas that you want to add")


class MoveForm(WardForm):
    """The ward that somebody lives in now, and what becomes of the one before."""

    former = Radios("", choices={"keep": "Keep getting its alerts", "stop": "Stop its alerts"}, default="keep")

    def __init__(self, answers: dict, former: Area | None, **kwargs):
        super().__init__(answers, **kwargs)
        if former is None:
            del self.former
        else:
            self.former.label.text = f"If you have moved, what about {former.full_name}?"

    def keeps(self) -> bool:
        return self.former is None or self.former.data != "stop"


class PauseForm(FlaskForm):
    until = Day("Or until a date", id="until-day")

    def __init__(self, today: date, **kwargs):
        """`today` is London's."""
        super().__init__(**kwargs)
        self._today, self._last = today, today + LONGEST_PAUSE
        self.until.description = (
            f"For example, {(today + timedelta(weeks=6)):%-d %-m %Y}. Emails begin again on that day"
        )

    def validate_until(self, field) -> None:
        if field.data <= self._today:
            raise ValidationError("The date must be tomorrow or later")
        if field.data > self._last:
            raise ValidationError(f"You can pause for up to a year: the date must be {self._last:%-d %B %Y} or earlier")


class CapForm(FlaskForm):
    most = Radios("No more than this many emails a week", choices=CAPS)

    def validate_most(self, field) -> None:
        if not field.data:
            raise ValidationError("Select how many emails a week you want at most, or “No limit”")

    def answer(self) -> int | None:
        return int(self.most.data) if self.most.data.isdigit() else None


class NewAddressForm(FlaskForm):
    email = Email("What is your new email address?", description="We write to it once, to ask whether it is yours")

    def __init__(self, now: str, **kwargs):
        """`now` is the address that they have."""
        super().__init__(**kwargs)
        self._now = now

    def validate_email(self, field) -> None:
        if field.data == self._now:
            raise ValidationError("We write to this address already. Enter your new one")

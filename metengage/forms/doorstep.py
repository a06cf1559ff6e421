"""What an officer fills in at somebody's door."""

import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from flask_wtf import FlaskForm
from govuk_frontend_wtf.wtforms_widgets import GovCheckboxInput, GovSelect, GovTextInput
from wtforms import BooleanField, HiddenField, SelectField, StringField, ValidationError

from metengage.choices import ALERT_TYPES, CONSENT_WORDINGS, FREQUENCIES, SIGN_UP_WORDINGS, THEMES, WORDING
from metengage.fields import LONGEST_EMAIL, Checkboxes, Email, Key, Radios, tidy
from metengage.forms.signing_up import LONGEST_NAME
from metengage.models import Area

KEPT = timedelta(days=7)  # what waits on a tablet is older only where its clock is wrong
AT_ONCE = timedelta(minutes=2)  # what comes within this of being agreed to did not wait for a signal


def ward_choices(wards: Iterable[Area], last_ward: str) -> list[tuple[str, str]]:
    """Where there are several, and none is chosen by where they were last, none is chosen unnoticed."""
    offered = [(ward.code, ward.full_name) for ward in wards]
    return offered if len(offered) == 1 or last_ward in dict(offered) else [("", "Choose"), *offered]


class TheirEmail(Email):
    missing = "Enter their email address"


class DoorstepForm(FlaskForm):
    """`sentences` are what is said of each field that is wrong, for the page to say it without a signal."""

    sentences = {
        "ward": "Select the ward they live in",
        "types": "Select what they want to hear about",
        "frequency": "Select how often they want emails",
        "email": TheirEmail.missing,
        "email_format": "Enter an email address in the correct format, like name@example.com",
        "agree": "Read the words out, and tick the box when they agree",
    }
    longest = {"name": LONGEST_NAME, "email": LONGEST_EMAIL}

    ward = SelectField("Which ward do they live in?", widget=GovSelect(), validate_choice=False)
    types = Checkboxes(
        "What do they want to hear about?", choices={each.slug: each.name for each in ALERT_TYPES.values()}
    )
    frequency = Radios("How often do they want emails?", choices=FREQUENCIES)
    concerns = Checkboxes("What concerns them where they live?", choices=THEMES)
    name = StringField("Their name (optional)", widget=GovTextInput(), description="Only so that our emails greet them")
    email = TheirEmail("Their email address", description="Let them read it, or spell it back to them")
    agree = BooleanField("They agree to this", widget=GovCheckboxInput())
    wording = HiddenField(default=WORDING)
    key = Key()
    at = HiddenField()

    def __init__(self, wards: Iterable[Area], now: datetime, last_ward: str = "", **kwargs):
        """`wards` holds where this officer may sign people up; the one where they were last is chosen already."""
        super().__init__(**kwargs)
        self._now = now
        self.ward.choices = ward_choices(wards, last_ward)

    @property
    def words(self) -> str:
        """What is read out."""
        return CONSENT_WORDINGS[WORDING]

    def validate_ward(self, field) -> None:
        if not field.data or field.data not in dict(field.choices):
            raise ValidationError(self.sentences["ward"])

    def validate_types(self, field) -> None:
        field.data = [slug for slug in ALERT_TYPES if slug in (field.data or [])]
        if not field.data:
            raise ValidationError(self.sentences["types"])

    def validate_frequency(self, field) -> None:
        if not field.data:
            raise ValidationError(self.sentences["frequency"])

    def validate_concerns(self, field) -> None:
        field.data = [theme for theme in THEMES if theme in (field.data or [])]

    def validate_name(self, field) -> None:
        field.data = tidy(field.data)
        if len(field.data) > LONGEST_NAME:
            raise ValidationError(f"Name must be {LONGEST_NAME} characters or fewer")

    def validate_agree(self, field) -> None:
        if not field.data:
            raise ValidationError(self.sentences["agree"])
        if self.wording.data not in SIGN_UP_WORDINGS:
            raise ValidationError("The words have changed. Load this page again, and read them out once more")

    def answers(self) -> dict:
        """The same as the sign-up's questions would have got."""
        ward = next(code for code, _ in self.ward.choices if code == self.ward.data)
        kept = {"ward": ward, "areas": [], "types": self.types.data, "concerns": self.concerns.data}
        return kept | {"frequency": self.frequency.data, "name": self.name.data, "email": self.email.data}

    def agreed_at(self) -> datetime | None:
        """When (UTC) they agreed, by the tablet's clock, if it waited for a signal since."""
        typed = self.at.data or ""
        if not re.fullmatch("[0-9]{1,11}", typed):
            return None
        at = datetime.fromtimestamp(int(typed), UTC).replace(tzinfo=None)
        return at if self._now - KEPT <= at < self._now - AT_ONCE else None

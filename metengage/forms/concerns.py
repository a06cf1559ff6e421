"""What residents tell their teams, and what they say to what comes back."""

import hashlib

from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from govuk_frontend_wtf.wtforms_widgets import GovFileInput, GovSelect, GovTextArea, GovTextInput
from wtforms import HiddenField, SelectField, StringField, TextAreaField, ValidationError

from metengage import concerns, diverter
from metengage.choices import HOW_OFTEN, THEMES
from metengage.fields import Email, Key, Radios, tidy
from metengage.models import Priority

LONGEST_PLACE = 200
UNSURE = ""  # no theme
YES, NO = "yes", "no"


class LookedAtForm(FlaskForm):
    """What somebody types, to be looked at before it is sent: it may belong elsewhere."""

    insist = HiddenField()  # of which text they were shown the right way, and send it all the same

    def words(self) -> str:
        """All that is to be looked at before it is sent."""
        raise NotImplementedError

    def insists(self) -> bool:
        return self.insist.data == self.mark()

    def ways(self) -> list[diverter.Way]:
        """Where its words belong, whatever else is wrong with it; none once they were shown to its writer."""
        return [] if self.insists() else diverter.look(self.words())

    def mark(self) -> str:
        """Of these very words."""
        return hashlib.sha256(self.words().encode()).hexdigest()[:16]


class SaidForm(LookedAtForm):
    """A text, and the key by which a form that is sent twice is one message."""

    text = TextAreaField("What do you want to say?", widget=GovTextArea())
    key = Key()

    nothing = "Write what you want to say"

    def validate_text(self, field) -> None:
        field.data = tidy(field.data, keep="\n\t")
        if not field.data:
            raise ValidationError(self.nothing)
        if len(field.data) > concerns.LONGEST:
            said = f"it has {len(field.data):,}"
            raise ValidationError(f"What you write must be {concerns.LONGEST:,} characters or fewer; {said}")

    def words(self) -> str:
        return self.text.data or ""


class EmailIfWanted(Email):
    """An email address that is asked for only where an answer is wanted."""

    def pre_validate(self, form) -> None:
        if form.wants.data == YES:
            super().pre_validate(form)


class ConcernForm(SaidForm):
    """A concern; who is signed in is asked neither whether they want an answer nor for their address."""

    text = TextAreaField(
        "What do you want to tell your team?",
        widget=GovTextArea(),
        description="What worries you, or what you would like to see done. Name other people only where it matters",
    )
    theme = SelectField(
        "What is it about? (optional)",
        widget=GovSelect(),
        choices={UNSURE: "Something else, or I’m not sure"} | THEMES,
        validate_choice=False,
    )
    place = StringField(
        "Where is it? (optional)", widget=GovTextInput(), description="A street, a corner, a shop, a park or a postcode"
    )
    latitude = HiddenField()
    longitude = HiddenField()
    how_often = Radios("How often does it happen? (optional)", choices=HOW_OFTEN)
    photo = FileField(
        "A photo (optional)",
        widget=GovFileInput(),
        description="JPEG, PNG or WebP. Only your team sees it. We take out where and when it was taken",
    )
    wants = Radios(
        "Do you want an answer?",
        choices={YES: "Yes, by email", NO: "No. Nobody is told who I am, and nobody can answer me"},
    )
    email = EmailIfWanted("Your email address", description="If you want an answer. We ask you there to confirm it")

    nothing = "Write what you want to tell your team"

    def __init__(self, *args, is_known: bool, **kwargs):
        super().__init__(*args, **kwargs)
        if is_known:
            del self.wants, self.email

    def validate_place(self, field) -> None:
        field.data = tidy(field.data)
        if len(field.data) > LONGEST_PLACE:
            raise ValidationError(f"Where it is must be {LONGEST_PLACE} characters or fewer; it has {len(field.data)}")

    def validate_wants(self, field) -> None:
        if not field.data:
            raise ValidationError("Select whether you want an answer")

    def words(self) -> str:
        return f"{self.text.data or ''}\n{self.place.data or ''}"

    def is_anonymous(self) -> bool:
        return "wants" in self and self.wants.data == NO

    def said(self, photo: bytes, priority: Priority | None) -> concerns.Said:
        theme = self.theme.data if self.theme.data in THEMES else None
        often = self.how_often.data or ""
        whose = () if "wants" not in self else (self.wants.data, self.email.data)
        key = self.key.once(self.text.data, self.place.data, *whose)
        return concerns.Said(key, self.text.data, theme, self.place.data or "", self._point(), often, photo, priority)

    def _point(self) -> tuple[float, float] | None:
        """Where their phone said it was; anything else than a place in or near London is dropped."""
        try:
            latitude, longitude = float(self.latitude.data), float(self.longitude.data)
        except (TypeError, ValueError):
            return None
        return (latitude, longitude) if 51 < latitude < 52 and -1 < longitude < 0.6 else None


class AnswerAlertForm(SaidForm):
    text = TextAreaField("What do you want to tell the team?", widget=GovTextArea())
    nothing = "Write what you want to tell the team"


class ReplyForm(SaidForm):
    text = TextAreaField("Your reply", widget=GovTextArea())
    nothing = "Write your reply"


class NotSolvedForm(SaidForm):
    text = TextAreaField("What is not solved?", widget=GovTextArea())
    nothing = "Write what is not solved"

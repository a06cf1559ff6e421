"""How an alert that was sent is corrected or withdrawn: in words that residents read."""

from flask_wtf import FlaskForm
from govuk_frontend_wtf.wtforms_widgets import GovCheckboxInput, GovTextArea
from wtforms import BooleanField, TextAreaField, ValidationError

from metengage.fields import tidy
from metengage.forms.officers import AlertForm

LONGEST = 500
# Who got it and where it belongs stay as they were.
AS_SENT = ("alert_type", "theme", "areas", "story", "story_title", "ends_story", "is_urgent")


class CorrectionForm(AlertForm):
    """A draft that corrects an alert: the right words, and what was wrong."""

    correction_reason = TextAreaField(
        "What was wrong?",
        widget=GovTextArea(),
        description="Residents read this first. For example: It happened on Thursday, not on Friday",
    )

    def __init__(self, **kwargs):
        super().__init__((), (), **kwargs)
        for name in AS_SENT:
            del self[name]

    def validate_correction_reason(self, field) -> None:
        field.data = tidy(field.data, keep="\n\t")
        if len(field.data) > LONGEST:
            raise ValidationError(f"What was wrong must be {LONGEST} characters or fewer; it has {len(field.data)}")

    def words(self) -> dict[str, str]:
        names = ("title", "body", "correction_reason")
        return {name: self[name].data for name in names}


class WithdrawForm(FlaskForm):
    reason = TextAreaField(
        "Why do you withdraw it?",
        widget=GovTextArea(),
        description="Residents read this, on the web and in an email. For example: It was about another street",
    )
    hides_title = BooleanField("The title has to go too", widget=GovCheckboxInput())

    def validate_reason(self, field) -> None:
        field.data = tidy(field.data, keep="\n\t")
        if not field.data:
            raise ValidationError("Enter why you withdraw it")
        if len(field.data) > LONGEST:
            raise ValidationError(f"The reason must be {LONGEST} characters or fewer; it has {len(field.data)}")

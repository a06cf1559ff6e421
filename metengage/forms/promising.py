"""What a team promises, does and brings about; all of it is public at once, so it is checked as it is entered."""

from collections.abc import Iterable
from datetime import datetime

from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from govuk_frontend_wtf.wtforms_widgets import GovFileInput, GovSelect, GovTextArea, GovTextInput
from wtforms import HiddenField, SelectField, StringField, TextAreaField, ValidationError

from metengage import actions, checks, priorities
from metengage.choices import THEMES
from metengage.fields import Day, Radios, tidy
from metengage.formats import london
from metengage.models import Officer, Priority, Vote

LONGEST_ISSUE, LONGEST_WORDS, LONGEST_DEED, LONGEST_ALT = 120, 2_000, 1_000, 500  # characters
MOST_HANDS = 5_000
RESULTS = {
    Priority.ACHIEVED: "Achieved",
    Priority.NOT_ACHIEVED: "Not achieved",
    Priority.REPLACED: "Replaced by another",
}
COUNTED = {Vote.MEETING: "At a meeting", Vote.DOOR: "At doors"}


def _said(field, lacking: str, longest: int, keep: str = "\n") -> None:
    """Tidy it, and see that it is there if it must be, not too long, and fit to be public."""
    field.data = tidy(field.data, keep=keep)
    if lacking and not field.data:
        raise ValidationError(lacking)
    if len(field.data) > longest:
        raise ValidationError(f"Use {longest:,} characters or fewer; it has {len(field.data):,}")
    if wrong := checks.unfit(field.data, "a priority"):
        raise ValidationError(" ".join(wrong))


class ProposalForm(FlaskForm):
    """What residents ask for."""

    issue = StringField(
        "What do residents ask for?",
        widget=GovTextInput(),
        description="In a line, with the place. For example: Mopeds ridden on the pavements of Green Lane",
    )
    theme = SelectField(
        "Theme (optional)", widget=GovSelect(), choices={"": "No theme"} | THEMES, validate_choice=False
    )

    def validate_issue(self, field) -> None:
        _said(field, "Enter what residents ask for", LONGEST_ISSUE, keep="")

    def validate_theme(self, field) -> None:
        field.data = field.data if field.data in THEMES else None


class PriorityForm(ProposalForm):
    """All that is said of a priority before it is closed; whoever sets it also says by when it is reviewed."""

    plan = TextAreaField(
        "What will the team do?", widget=GovTextArea(), description="Residents read it. What, where and how often"
    )
    owner = SelectField("Who looks after it?", widget=GovSelect(), validate_choice=False)
    review_on = Day("Review it by", id="review_on-day", description="Within three months")
    revision = HiddenField()

    def __init__(self, owners: Iterable[Officer], now: datetime, is_setting: bool = False, **kwargs):
        super().__init__(**kwargs)
        self.owners = {str(each.id): each for each in owners}
        self.owner.choices = [(number, each.name) for number, each in self.owners.items()]
        self._now, self._is_setting = now, is_setting

    def validate(self, **kwargs) -> bool:
        if self._is_setting:
            return super().validate(**kwargs)
        # What is not asked for is not looked at, and stays on the page.
        review_on = self._fields.pop("review_on")
        is_right = super().validate(**kwargs)
        self._fields["review_on"] = review_on
        return is_right

    def validate_plan(self, field) -> None:
        _said(field, "Enter what the team will do" if self._is_setting else "", LONGEST_WORDS)

    def validate_owner(self, field) -> None:
        if field.data not in self.owners:
            raise ValidationError("Choose who looks after it")

    def validate_review_on(self, field) -> None:
        if wrong := priorities.wrong_with(field.data, self._now):
            raise ValidationError(wrong)

    def based_on(self) -> int:
        """The revision that the writer began from; -1, which is none, when the form does not say."""
        typed = self.revision.data or ""
        return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 10 else -1

    def words(self) -> dict:
        names = ("issue", "theme", "plan")
        return {name: self[name].data for name in names} | {"owner": self.owners[self.owner.data]}


class ReviewForm(FlaskForm):
    review_on = Day("Go on with it, and review it again by", id="review_on-day", description="Within three months")

    def __init__(self, now: datetime, **kwargs):
        super().__init__(**kwargs)
        self._now = now

    def validate_review_on(self, field) -> None:
        if wrong := priorities.wrong_with(field.data, self._now):
            raise ValidationError(wrong)


class OutcomeForm(FlaskForm):
    """What came of a priority, or why what was proposed was not chosen."""

    result = Radios("What came of it?", choices=RESULTS)
    outcome = TextAreaField("Say it to residents", widget=GovTextArea(), description="What changed, and how you know")

    def __init__(self, is_proposed: bool, **kwargs):
        super().__init__(**kwargs)
        if is_proposed:
            del self.result

    def validate_result(self, field) -> None:
        if not field.data:
            raise ValidationError("Select what came of it")

    def validate_outcome(self, field) -> None:
        _said(field, "Enter what residents should know", LONGEST_WORDS)


class HandsForm(FlaskForm):
    """How many voted for a proposal at a meeting, or as officers went from door to door."""

    source = Radios("Where was it?", choices=COUNTED)
    how_many = StringField("How many voted for it?", widget=GovTextInput())
    counted_on = Day("On which day?", id="counted_on-day")

    def __init__(self, now: datetime, **kwargs):
        super().__init__(**kwargs)
        self._now = now

    def validate_source(self, field) -> None:
        if not field.data:
            raise ValidationError("Select where it was")

    def validate_how_many(self, field) -> None:
        typed = (field.data or "").strip().replace(",", "")
        if not (typed.isascii() and typed.isdigit() and len(typed) < 6 and int(typed) <= MOST_HANDS):
            raise ValidationError(f"Enter a number from 0 to {MOST_HANDS:,}")
        self.number = int(typed)

    def validate_counted_on(self, field) -> None:
        if field.data > london(self._now).date():
            raise ValidationError("Choose today or an earlier day")


class ActionForm(FlaskForm):
    """What was done, with a picture if there is one."""

    text = TextAreaField(
        "What did you do?",
        widget=GovTextArea(),
        description="For example: We stopped eleven riders in Green Lane and took two mopeds",
    )
    done_on = Day("When?", id="done_on-day")
    file = FileField("Picture", widget=GovFileInput(), description="JPEG, PNG or WebP, nobody’s face in it")
    alt = TextAreaField(
        "Describe the picture for people who cannot see it",
        widget=GovTextArea(),
        description="Needed with a picture: what matters, and any words in it",
    )

    def __init__(self, priority: Priority, now: datetime, formdata=None, **kwargs):
        super().__init__(formdata, **kwargs)
        self._priority, self._now = priority, now

    def validate_text(self, field) -> None:
        _said(field, "Enter what you did", LONGEST_DEED)

    def validate_done_on(self, field) -> None:
        if wrong := actions.wrong_with(field.data, self._priority, self._now):
            raise ValidationError(wrong)

    def validate_alt(self, field) -> None:
        _said(field, "Describe the picture in a few words" if self.file.data else "", LONGEST_ALT, keep="")

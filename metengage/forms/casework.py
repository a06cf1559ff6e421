"""What officers do with what residents tell them."""

import re
from collections.abc import Iterable

from flask_wtf import FlaskForm
from govuk_frontend_wtf.wtforms_widgets import GovSelect, GovTextArea, GovTextInput
from wtforms import HiddenField, SelectField, StringField, TextAreaField, ValidationError

from metengage import patterns, responses
from metengage.choices import THEMES
from metengage.fields import Key, Radios, tidy
from metengage.formats import listing

BLANK = re.compile(r"\{[^{}\n]{1,80}\}")
LONGEST_REASON = 500
WEEKS = {"4": "4 weeks", "8": "8 weeks", "12": "12 weeks", "26": "26 weeks"}


class WriteForm(FlaskForm):
    """What an officer writes to a resident: an answer, a question, or why it is closed."""

    text = TextAreaField(
        "Write to the resident",
        widget=GovTextArea(),
        description="They get it by email, with your name. Say what was done, what comes next, and when",
    )
    begin = SelectField("Begin with", widget=GovSelect(), validate_choice=False)
    because = SelectField(
        "If you close it: why?", widget=GovSelect(), choices={"": "Choose a reason"} | responses.BECAUSE,
        validate_choice=False,
    )  # fmt: skip
    key = Key()
    seen = HiddenField()  # the revision that was read

    may_be_empty, closes = False, False

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.begin.choices = {"": "An empty page"} | {slug: each.name for slug, each in patterns.responses().items()}

    def validate_text(self, field) -> None:
        field.data = tidy(field.data, keep="\n\t")
        if not field.data and not self.may_be_empty:
            raise ValidationError("Write something to the resident")
        if len(field.data) > responses.LONGEST:
            said = f"it has {len(field.data):,}"
            raise ValidationError(f"What you write must be {responses.LONGEST:,} characters or fewer; {said}")
        if blanks := list(dict.fromkeys(BLANK.findall(field.data))):
            raise ValidationError(f"Fill in {listing(blanks)}, or take {'them' if blanks[1:] else 'it'} out")

    def validate_because(self, field) -> None:
        if self.closes and field.data not in responses.BECAUSE:
            raise ValidationError("Choose why it is closed")

    def revision(self) -> int:
        """Which one they have read; none that ever was, if it is no number."""
        return int(self.seen.data) if re.fullmatch("[0-9]{1,9}", self.seen.data or "") else -1


class CloseForm(WriteForm):
    may_be_empty, closes = True, True


class NoteForm(FlaskForm):
    key = Key()
    note = TextAreaField(
        "A note for your team", widget=GovTextArea(), description="The resident does not see it on their page"
    )

    def validate_note(self, field) -> None:
        field.data = tidy(field.data, keep="\n\t")
        if not field.data:
            raise ValidationError("Write a note")
        if len(field.data) > responses.LONGEST:
            raise ValidationError(f"A note must be {responses.LONGEST:,} characters or fewer")


class SortForm(FlaskForm):
    theme = SelectField(
        "What is it about?", widget=GovSelect(), choices={"": "Something else"} | THEMES, validate_choice=False
    )
    ward = SelectField("Where?", widget=GovSelect(), validate_choice=False)
    story = SelectField("It belongs to a story", widget=GovSelect(), validate_choice=False)
    priority = SelectField("It is about a priority", widget=GovSelect(), validate_choice=False)
    same_as = StringField("It is the same as number", widget=GovTextInput())

    def __init__(self, wards: Iterable, stories: Iterable, priorities: Iterable, **kwargs):
        super().__init__(**kwargs)
        self.wards = {ward.code: ward for ward in wards}
        self.stories = {str(each.id): each for each in stories}
        self.ward.choices = {code: ward.full_name for code, ward in self.wards.items()}
        self.priorities = {str(each.id): each for each in priorities}
        self.priority.choices = {"": "None"} | {number: each.issue for number, each in self.priorities.items()}
        self.story.choices = {"": "None"} | {number: each.title for number, each in self.stories.items()}

    def validate_ward(self, field) -> None:
        if field.data not in self.wards:
            raise ValidationError("Choose one of the team’s wards, or hand it to another team")

    def validate_same_as(self, field) -> None:
        field.data = (field.data or "").strip()
        if field.data and not re.fullmatch("[0-9]{1,9}", field.data):
            raise ValidationError("Enter the number of the other concern, such as 12")


class HandForm(FlaskForm):
    team = SelectField("Hand it to another team", widget=GovSelect(), validate_choice=False)
    why = StringField("Why? (optional)", widget=GovTextInput(), description="The other team reads it")

    def __init__(self, teams: Iterable, **kwargs):
        super().__init__(**kwargs)
        self.teams = {str(team.id): team for team in teams}
        self.team.choices = {"": "Choose a team"} | {number: team.name for number, team in self.teams.items()}

    def validate_team(self, field) -> None:
        if field.data not in self.teams:
            raise ValidationError("Choose a team")

    def validate_why(self, field) -> None:
        field.data = tidy(field.data)[:LONGEST_REASON]


class GiveForm(FlaskForm):
    officer = SelectField("Who looks after it?", widget=GovSelect(), validate_choice=False)

    def __init__(self, people: Iterable, **kwargs):
        super().__init__(**kwargs)
        self.people = {str(each.id): each for each in people}
        self.officer.choices = {"": "Anybody in the team"} | {number: each.name for number, each in self.people.items()}

    def chosen(self):
        return self.people.get(self.officer.data)


class RestrictForm(FlaskForm):
    weeks = Radios("For how long?", choices=WEEKS)
    reason = TextAreaField("Why?", widget=GovTextArea(), description="The resident gets this by email, with your name")

    def validate_weeks(self, field) -> None:
        if not field.data:
            raise ValidationError("Select for how long")

    def validate_reason(self, field) -> None:
        field.data = tidy(field.data)
        if not field.data:
            raise ValidationError("Write why: the resident reads it")
        if len(field.data) > LONGEST_REASON:
            raise ValidationError(f"The reason must be {LONGEST_REASON} characters or fewer; it has {len(field.data)}")

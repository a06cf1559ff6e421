"""What officers write."""

from collections.abc import Iterable

from flask_wtf import FlaskForm
from govuk_frontend_wtf.wtforms_widgets import (
    GovCheckboxInput,
    GovPasswordInput,
    GovSelect,
    GovTextArea,
    GovTextInput,
)
from wtforms import (
    BooleanField,
    HiddenField,
    PasswordField,
    SelectField,
    StringField,
    TextAreaField,
    ValidationError,
)
from wtforms.validators import InputRequired

from metengage import patterns, stories
from metengage.choices import ALERT_TYPES, THEMES
from metengage.fields import Radios, tidy
from metengage.forms.residents import not_too_long
from metengage.forms.where import WhereFields

LONGEST_TITLE = 120
LONGEST_BODY = 10_000
NEW_STORY = "new"  # chosen in place of one that there is


class SignInForm(FlaskForm):
    email = StringField("Email address", widget=GovTextInput(), validators=[InputRequired("Enter your email address")])
    password = PasswordField("Password", widget=GovPasswordInput(), validators=[InputRequired("Enter your password")])


class NewAlertForm(FlaskForm):
    """Which team an alert is from, and what it begins with: nothing, a template, or one that was sent."""

    team = Radios("Which team is it from?")
    start = SelectField("Start from", widget=GovSelect(), validate_choice=False)

    def __init__(self, teams: Iterable, sent: Iterable = (), **kwargs):
        super().__init__(**kwargs)
        self.team.choices = [(str(team.id), team.name) for team in teams]
        kinds = {each.slug: [] for each in ALERT_TYPES.values()}
        for each in patterns.templates().values():
            kinds[each.alert_type].append((f"template {each.slug}", each.name))
        begun = [(f"alert {alert.id}", alert.title) for alert in sent]
        groups = {ALERT_TYPES[slug].name: each for slug, each in kinds.items()} | (
            {"Sent before": begun} if begun else {}
        )
        self.start.choices = {"": [("", "An empty page")]} | groups

    def validate_team(self, field) -> None:
        if not field.data:
            raise ValidationError("Select a team")

    def begins_with(self) -> tuple[str, str]:
        """("template", its slug), ("alert", its id), or ("", "")."""
        kind, _, which = (self.start.data or "").partition(" ")
        return (kind, which) if kind in ("template", "alert") else ("", "")


class AlertForm(WhereFields, FlaskForm):
    """A draft: it may be saved unfinished, so only what cannot be kept is wrong here."""

    title = StringField(
        "Title", description="What happened or what to do, and where. It is the email’s subject", widget=GovTextInput()
    )
    alert_type = Radios("What kind of alert is it?", choices={each.slug: each.name for each in ALERT_TYPES.values()})
    theme = SelectField(
        "Theme (optional)", widget=GovSelect(), choices={"": "No theme"} | THEMES, validate_choice=False
    )
    body = TextAreaField(
        "Text", widget=GovTextArea(), description="## for a heading, * for a list, [words](https://…) for a link"
    )
    story = SelectField(
        "Part of a story (optional)",
        widget=GovSelect(),
        description="Alerts that belong together. Residents may follow a story to its end, wherever they live",
        validate_choice=False,
    )
    story_title = StringField(
        "What is the new story called?", description="For example: Moped thefts", widget=GovTextInput()
    )
    ends_story = BooleanField("This is the outcome: the story ends with this alert", widget=GovCheckboxInput())
    is_urgent = BooleanField(
        "Urgent: it also reaches those who want no more emails this week", widget=GovCheckboxInput()
    )
    revision = HiddenField()
    editor = HiddenField()
    over = HiddenField(id="unsaved")  # where the page says why it was not saved, and offers to save over it

    def __init__(self, offered: Iterable, told: Iterable, **kwargs):
        """`offered` holds areas, `told` stories."""
        super().__init__(**kwargs)
        self.beside: dict[str, str] = {}  # kind of what was brought → why its words must be mended first
        self.offer(offered)
        titles = [(str(each.id), f"{each.title} (ended)" if each.ended_at else each.title) for each in told]
        self.story.choices = [("", "No story"), *titles, (NEW_STORY, "A new story")]

    def validate_title(self, field) -> None:
        field.data = tidy(field.data)
        if len(field.data) > LONGEST_TITLE:
            raise ValidationError(f"Title must be {LONGEST_TITLE} characters or fewer; it has {len(field.data)}")

    def validate_body(self, field) -> None:
        field.data = tidy(field.data, keep="\n\t")
        if len(field.data) > LONGEST_BODY:
            raise ValidationError(f"Text must be {LONGEST_BODY:,} characters or fewer; it has {len(field.data):,}")

    def refuse(self, field: str, sentence: str) -> None:
        """Say what must be mended before it may go; the words of a picture or a poster have a form of their own."""
        if field in self:
            self[field].errors = [sentence]
        else:
            self.beside[field] = sentence

    @property
    def errors(self) -> dict[str, list[str]]:
        return super().errors | {f"{kind}-words": [sentence] for kind, sentence in self.beside.items()}

    def based_on(self) -> int:
        """The revision that the writer began from; -1, which is none, when the form does not say."""
        return _number(self.revision.data)

    def seen(self) -> int:
        """The newer revision that the writer has seen and wants to replace; -1 is none."""
        return _number(self.over.data)

    def validate_editor(self, field) -> None:
        field.data = tidy(field.data)[:16]

    def validate_story(self, field) -> None:
        if (field.data or "") not in dict(field.choices):
            raise ValidationError(stories.HAS_ENDED)

    def validate_story_title(self, field) -> None:
        field.data = tidy(field.data)
        if self.story.data == NEW_STORY and len(field.data) > LONGEST_TITLE:
            raise ValidationError(f"Title of the story must be {LONGEST_TITLE} characters or fewer")

    def chosen_story(self) -> stories.Chosen:
        if self.story.data == NEW_STORY:
            return stories.Chosen(new_title=self.story_title.data)
        return stories.Chosen(int(self.story.data) if self.story.data else None, is_outcome=self.ends_story.data)

    def words(self) -> dict[str, str | bool | None]:
        """What the draft keeps besides its areas and its story."""
        return {
            "title": self.title.data,
            "body": self.body.data,
            "alert_type": self.alert_type.data or "",
            "theme": self.theme.data if self.theme.data in THEMES else None,
            "is_urgent": self.is_urgent.data,
            **self.who_and_where(),
        }


def _number(typed: str | int | None) -> int:
    typed = "" if typed is None else str(typed)
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 10 else -1


class AnswerForm(FlaskForm):
    answer = TextAreaField(
        "What you answered",
        widget=GovTextArea(),
        description="Write to them by email or letter first. Keep here what you found and what you did about it",
    )

    def validate_answer(self, field) -> None:
        field.data = tidy(field.data, keep="\n\t")
        if not field.data:
            raise ValidationError("Enter what you answered")
        not_too_long("The answer", field)

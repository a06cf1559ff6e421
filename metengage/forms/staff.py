"""What officers enter about themselves, each other and their teams."""

import re
from collections.abc import Iterable
from datetime import date, timedelta

from flask_wtf import FlaskForm
from govuk_frontend_wtf.wtforms_widgets import GovPasswordInput, GovSelect, GovTextInput
from wtforms import PasswordField, SelectField, StringField, ValidationError
from wtforms.validators import InputRequired

from metengage import passwords
from metengage.fields import Checkboxes, Day, Email, Radios, tidy
from metengage.models import Officer

LONGEST_NAME, LONGEST_PHONE = 100, 30  # characters
LONGEST_LEAVE = timedelta(days=366)
NOBODY = "0"  # chosen in place of somebody
ROLES = {
    Officer.OFFICER: "Officer: writes and sends for their teams",
    Officer.SUPERVISOR: "Supervisor: also approves, and looks after their teams",
    Officer.ADMINISTRATOR: "Administrator: looks after all teams, officers and sending",
}


def _password(label: str, missing: str) -> PasswordField:
    return PasswordField(label, widget=GovPasswordInput(), validators=[InputRequired(missing)])


def _choice(label: str, **kwargs) -> SelectField:
    """One of many; what is not among them is explained by the form’s own sentence."""
    return SelectField(label, widget=GovSelect(), validate_choice=False, **kwargs)


def _chosen(field, sentence: str) -> None:
    if not field.data or field.data not in dict(field.choices):
        raise ValidationError(sentence)


# --- Sign in ---


class SecondFactorForm(FlaskForm):
    code = StringField("Code", widget=GovTextInput(), validators=[InputRequired("Enter the code")])


class ProvenSecondFactorForm(SecondFactorForm):
    """For who has a second factor already: an unlocked tablet alone must not replace it."""

    password = _password("Your password", "Enter your password")


class ConfirmPasswordForm(FlaskForm):
    password = _password("Your password", "Enter your password")


class ChoosePasswordForm(FlaskForm):
    new_password = _password("New password", "Enter a new password")

    def validate_new_password(self, field) -> None:
        wrong = passwords.wrong_with(field.data)
        if wrong:
            raise ValidationError(wrong)


class ChangePasswordForm(ChoosePasswordForm):
    password = _password("Your password until now", "Enter your password until now")


# --- My account ---


class OfficerNameForm(FlaskForm):
    name = StringField(
        "Your name, as residents read it", widget=GovTextInput(), description="With your rank: PC Farah Malik"
    )

    def validate_name(self, field) -> None:
        _check_name(field, "Enter your name")


def _check_name(field, missing: str) -> None:
    field.data = tidy(field.data)
    if not field.data:
        raise ValidationError(missing)
    if len(field.data) > LONGEST_NAME:
        raise ValidationError(f"Name must be {LONGEST_NAME} characters or fewer")


class CoverForm(FlaskForm):
    back = Day("The day you are back", id="back-day")
    cover = _choice("Who covers for you?")

    def __init__(self, colleagues: Iterable[Officer], today: date, **kwargs):
        """`today` is London's."""
        super().__init__(**kwargs)
        self._today, self._last = today, today + LONGEST_LEAVE
        self.back.description = f"For example, {(today + timedelta(weeks=2)):%-d %-m %Y}"
        self.cover.choices = [("", "Choose"), *((str(each.id), each.name) for each in colleagues)]

    def validate_back(self, field) -> None:
        if field.data <= self._today:
            raise ValidationError("The day must be tomorrow or later")
        if field.data > self._last:
            raise ValidationError(f"The day must be {self._last:%-d %B %Y} or earlier")

    def validate_cover(self, field) -> None:
        _chosen(field, "Choose who covers for you")


# --- Officers ---


class OfficerForm(FlaskForm):
    name = StringField("Name, as residents read it", widget=GovTextInput(), description="With the rank: PC Farah Malik")
    role = Radios("Role", choices=ROLES)
    teams = Checkboxes("Teams")

    def __init__(self, offered: Iterable, **kwargs):
        """`offered` holds teams."""
        super().__init__(**kwargs)
        self.teams.choices = [(str(team.id), team.name) for team in offered]

    def validate_name(self, field) -> None:
        _check_name(field, "Enter the name")

    def validate_role(self, field) -> None:
        if not field.data:
            raise ValidationError("Select a role")

    def validate_teams(self, field) -> None:
        allowed = dict(field.choices)
        field.data = [each for each in field.data or [] if each in allowed]
        if not field.data and self.role.data != Officer.ADMINISTRATOR:
            raise ValidationError("Select at least one team")


class NewOfficerForm(OfficerForm):
    email = Email("Email address", description="They sign in with it")


# --- Teams ---


class TeamForm(FlaskForm):
    name = StringField("Name of the team", widget=GovTextInput(), description="For example: St Helier team")
    phone = StringField("Phone (optional)", widget=GovTextInput())
    email = StringField("Email address (optional)", widget=GovTextInput(), description="Residents read both")

    def validate_name(self, field) -> None:
        _check_name(field, "Enter the name of the team")

    def validate_phone(self, field) -> None:
        field.data = tidy(field.data)
        if field.data and not re.fullmatch(r"\+?[0-9 ()-]{3,30}", field.data):
            raise ValidationError("Enter a phone number, like 101 or 020 7946 0101")

    def validate_email(self, field) -> None:
        field.data = tidy(field.data)
        if field.data:
            Email.pre_validate(field, self)


class WardForm(FlaskForm):
    ward = _choice("Which ward does this team look after too?")

    def __init__(self, wards: Iterable, **kwargs):
        """`wards` holds (ward, the team it has)."""
        super().__init__(**kwargs)
        named = [(ward.code, f"{ward.full_name} ({team.name if team else 'no team'})") for ward, team in wards]
        self.ward.choices = [("", "Choose a ward"), *named]

    def validate_ward(self, field) -> None:
        _chosen(field, "Choose a ward")


class ContactForm(FlaskForm):
    contact = _choice("Whom do residents ask for?")

    def __init__(self, members: Iterable[Officer], **kwargs):
        super().__init__(**kwargs)
        self.contact.choices = [(NOBODY, "Nobody by name"), *((str(each.id), each.name) for each in members)]

    def validate_contact(self, field) -> None:
        _chosen(field, "Choose whom residents ask for")


class OneOfficerForm(FlaskForm):
    """Somebody is chosen: to join a team, or to take over drafts."""

    officer = _choice("Officer")

    def __init__(self, officers: Iterable[Officer], **kwargs):
        super().__init__(**kwargs)
        self.officer.choices = [("", "Choose"), *((str(each.id), each.name) for each in officers)]

    def validate_officer(self, field) -> None:
        _chosen(field, "Choose an officer")


class StoryForm(FlaskForm):
    story = _choice("Which story?")
    team = _choice("Which team goes on with it?")

    def __init__(self, stories: Iterable, teams: Iterable, **kwargs):
        super().__init__(**kwargs)
        self.story.choices = [("", "Choose a story"), *((str(each.id), each.title) for each in stories)]
        self.team.choices = [("", "Choose a team"), *((str(each.id), each.name) for each in teams)]

    def validate_story(self, field) -> None:
        _chosen(field, "Choose a story")

    def validate_team(self, field) -> None:
        _chosen(field, "Choose the team that goes on with it")

"""Every form, and the sentence shown when it is wrong."""

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

from metengage import areas, stories, survey
from metengage.areas import Found
from metengage.choices import ALERT_TYPES, FREQUENCIES, THEMES
from metengage.fields import Checkboxes, Email, Radios, tidy
from metengage.formats import count
from metengage.formats import postcode as spaced

LONGEST_NAME = 100
LONGEST_TITLE = 120
LONGEST_BODY = 10_000
NEW_STORY = "new"  # chosen in place of one that there is


# --- The survey: one form for each question ---


class QuestionForm(FlaskForm):
    """What a question of the survey asks; `answer` is what is kept."""

    elsewhere: dict | None = None  # set when this is not a place where one can sign up yet

    def answer(self):
        raise NotImplementedError


class PostcodeForm(QuestionForm):
    postcode = StringField(
        survey.QUESTIONS["postcode"].title, description=survey.QUESTIONS["postcode"].hint, widget=GovTextInput()
    )

    def validate_postcode(self, field) -> None:
        if not (field.data or "").strip():
            raise ValidationError("Enter your postcode, or choose from the list of boroughs")
        found = areas.find_postcode(field.data)
        if found.kind == Found.TYPING and found.suggestion:
            raise ValidationError(f"Did you mean {spaced(found.suggestion)}?")
        if found.kind == Found.TYPING:
            raise ValidationError("Enter a full postcode, like SM4 6HH, or its first half, like SM4")
        if found.kind == Found.UNKNOWN:
            hint = f"Did you mean {spaced(found.suggestion)}? " if found.suggestion else ""
            raise ValidationError(
                f"{hint}We do not know the postcode {spaced(found.postcode)}. Check it, or choose from the list"
            )
        if found.kind == Found.NO_PLACE:
            raise ValidationError("That postcode is not a place in London. Choose from the list of boroughs instead")
        if found.kind in (Found.NOT_STARTED, Found.CITY, Found.OUTSIDE):
            self.elsewhere = elsewhere(found)

    def answer(self) -> str:
        return areas.normalised(self.postcode.data)


def elsewhere(found: Found) -> dict:
    """What the page for another place needs to know, small enough for the session."""
    boroughs = sorted({ward.borough.code for ward in found.wards})
    return {"kind": found.kind, "postcode": found.postcode, "boroughs": boroughs, "forces": found.forces}


class BoroughForm(QuestionForm):
    borough = Radios(survey.QUESTIONS["borough"].title)

    def __init__(self, answers: dict, **kwargs):
        super().__init__(**kwargs)
        self.borough.choices = [(each.code, each.name) for each in areas.all_boroughs()]

    def validate_borough(self, field) -> None:
        if not field.data:
            raise ValidationError("Select your borough")
        borough = areas.borough(field.data)
        if not borough.has_started:
            kind = Found.CITY if borough.code == areas.CITY else Found.NOT_STARTED
            self.elsewhere = elsewhere(Found(kind, wards=[borough]))

    def answer(self) -> str:
        return self.borough.data


class WardForm(QuestionForm):
    ward = Radios(survey.QUESTIONS["ward"].title, description=survey.QUESTIONS["ward"].hint)

    def __init__(self, answers: dict, **kwargs):
        super().__init__(**kwargs)
        self.ward.choices = [(ward.code, ward.full_name) for ward in areas.ward_choices(answers)]
        if (
            not self.is_submitted()
            and self.ward.data is None
            and "postcode" in answers
            and len(answers["postcode"]) > 4
        ):
            self.ward.data = self.ward.choices[0][0]
            self.ward.description = f"{spaced(answers['postcode'])} is in {self.ward.choices[0][1]}. Is that right?"

    def validate_ward(self, field) -> None:
        if not field.data:
            raise ValidationError("Select your ward")

    def answer(self) -> str:
        return self.ward.data


class AreasForm(QuestionForm):
    areas = Checkboxes(survey.QUESTIONS["areas"].title, description=survey.QUESTIONS["areas"].hint)

    def __init__(self, answers: dict, also: Iterable = (), ticked: list[str] | None = None, **kwargs):
        """`also` holds further areas to offer; `ticked`, what was ticked when they were asked for."""
        chosen = answers.get("areas", []) if ticked is None else ticked
        super().__init__(**(kwargs | {"data": {"areas": chosen}}))
        home = areas.named([answers["ward"]])[0]
        offered = [*areas.neighbours(home), home.borough, *areas.in_service(self.areas.data or []), *also]
        self.areas.choices = list({area.code: area.full_name for area in offered if area.code != home.code}.items())

    def validate_areas(self, field) -> None:
        field.data = [area.code for area in areas.in_service(list(dict.fromkeys(field.data or [])))]
        if len(field.data) > survey.MOST_AREAS:
            raise ValidationError(f"Select {survey.MOST_AREAS} areas or fewer. A whole borough counts as one")

    def answer(self) -> list[str]:
        return self.areas.data


class TypesForm(QuestionForm):
    types = Checkboxes(
        survey.QUESTIONS["types"].title,
        description=survey.QUESTIONS["types"].hint,
        choices={each.slug: each.name for each in ALERT_TYPES.values()},
    )

    def hints(self) -> list[dict]:
        """What each type is about, as the macros take it."""
        return [{"hint": {"text": each.about}} for each in ALERT_TYPES.values()]

    def validate_types(self, field) -> None:
        field.data = [slug for slug in ALERT_TYPES if slug in (field.data or [])]
        if not field.data:
            raise ValidationError("Select what you want to hear about")

    def answer(self) -> list[str]:
        return self.types.data


class ConcernsForm(QuestionForm):
    concerns = Checkboxes(
        survey.QUESTIONS["concerns"].title,
        description=survey.QUESTIONS["concerns"].hint,
        choices=THEMES | {survey.NONE_OF_THESE: "None of these"},
    )

    def last_is_exclusive(self) -> list[dict]:
        """“None of these” unticks the others, where there is script."""
        return [{} for _ in THEMES] + [{"behaviour": "exclusive"}]

    def validate_concerns(self, field) -> None:
        known = [slug for slug in [*THEMES, survey.NONE_OF_THESE] if slug in (field.data or [])]
        if not known:
            raise ValidationError("Select what concerns you, or select “None of these”")
        if survey.NONE_OF_THESE in known and len(known) > 1:
            raise ValidationError("Select what concerns you, or select “None of these”, but not both")
        field.data = known

    def answer(self) -> list[str]:
        return self.concerns.data


class RankForm(QuestionForm):
    first = SelectField("Matters most", widget=GovSelect(), validate_choice=False)
    second = SelectField("Second (optional)", widget=GovSelect(), validate_choice=False)
    third = SelectField("Third (optional)", widget=GovSelect(), validate_choice=False)

    def __init__(self, answers: dict, **kwargs):
        ranked = dict(zip(("first", "second", "third"), answers.get("rank", []), strict=False))
        super().__init__(**(kwargs | {"data": ranked}))
        themes = [(theme, THEMES[theme]) for theme in survey.real_concerns(answers)]
        for field in self.places():
            field.choices = [("", "Choose"), *themes]
        if len(themes) < survey.RANKED:
            del self.third

    def places(self) -> list[SelectField]:
        return [field for field in (self.first, self.second, self.third) if field is not None]

    def _known(self, place: SelectField) -> bool:
        return place.data in [value for value, _ in self.first.choices if value]

    def validate_first(self, field) -> None:
        if not self._known(field):
            raise ValidationError("Choose what matters most to you")

    def validate_second(self, field) -> None:
        if field.data and field.data == self.first.data:
            raise ValidationError("You chose this already. Choose something else, or leave it at “Choose”")

    def validate_third(self, field) -> None:
        if field.data and field.data in (self.first.data, self.second.data):
            raise ValidationError("You chose this already. Choose something else, or leave it at “Choose”")

    def answer(self) -> list[str]:
        return [field.data for field in self.places() if self._known(field)]


class FrequencyForm(QuestionForm):
    frequency = Radios(survey.QUESTIONS["frequency"].title, choices=FREQUENCIES)

    def hints(self, volume: dict[str, int]) -> list[dict]:
        """How many emails each frequency would have brought, as the macros take it."""
        return [
            {"hint": {"text": f"In the last 30 days this would have been {count(volume[each], 'email')}"}}
            for each in FREQUENCIES
        ]

    def validate_frequency(self, field) -> None:
        if not field.data:
            raise ValidationError("Select how often you want emails")

    def answer(self) -> str:
        return self.frequency.data


class NameForm(QuestionForm):
    name = StringField(survey.QUESTIONS["name"].title, description=survey.QUESTIONS["name"].hint, widget=GovTextInput())

    def validate_name(self, field) -> None:
        if len(tidy(field.data)) > LONGEST_NAME:
            raise ValidationError(f"Name must be {LONGEST_NAME} characters or fewer")

    def answer(self) -> str:
        return tidy(self.name.data)


class EmailForm(QuestionForm):
    email = Email(survey.QUESTIONS["email"].title, description=survey.QUESTIONS["email"].hint)

    def answer(self) -> str:
        return self.email.data


_SURVEY = {
    "postcode": PostcodeForm,
    "borough": BoroughForm,
    "ward": WardForm,
    "areas": AreasForm,
    "types": TypesForm,
    "concerns": ConcernsForm,
    "rank": RankForm,
    "frequency": FrequencyForm,
    "name": NameForm,
    "email": EmailForm,
}
_NEEDS_ANSWERS = (BoroughForm, WardForm, AreasForm, RankForm)


def survey_form(question: str, answers: dict, **also) -> QuestionForm:
    """The form of a question, with the answer given before."""
    form = _SURVEY[question]
    data = {question: answers[question]} if question in answers else {}
    if "postcode" in data:
        data = {"postcode": spaced(data["postcode"])}
    return form(answers=answers, data=data, **also) if form in _NEEDS_ANSWERS else form(data=data)


class ConsentForm(FlaskForm):
    agree = BooleanField("", widget=GovCheckboxInput())

    def __init__(self, wording: str, **kwargs):
        super().__init__(**kwargs)
        self.agree.label.text = wording

    def validate_agree(self, field) -> None:
        if not field.data:
            raise ValidationError("Tick the box to agree, so that we may keep your answers and write to you")


class WaitingForm(FlaskForm):
    borough = HiddenField()
    email = Email(
        "Your email address", description="We write to you once, when your borough starts, and then delete it"
    )


class LinkForm(FlaskForm):
    email = Email("Your email address", description="The one you signed up with")


# --- Preferences ---


class PreferencesForm(FlaskForm):
    """All that a resident hears, where and how often, saved together."""

    types = Checkboxes("What you hear about", choices={each.slug: each.name for each in ALERT_TYPES.values()})
    frequency = Radios("How often", choices=FREQUENCIES)
    areas = Checkboxes("Where", description="Your areas come first, then those nearby")

    validate_types = TypesForm.validate_types
    validate_frequency = FrequencyForm.validate_frequency

    def __init__(self, offered: Iterable, **kwargs):
        super().__init__(**kwargs)
        self.areas.choices = list({area.code: area.full_name for area in offered}.items())

    def validate_areas(self, field) -> None:
        AreasForm.validate_areas(self, field)
        if not field.data:
            raise ValidationError("Select at least one area, or stop all emails at the end of this page")


# --- Officers ---


class SignInForm(FlaskForm):
    email = StringField("Email address", widget=GovTextInput(), validators=[InputRequired("Enter your email address")])
    password = PasswordField("Password", widget=GovPasswordInput(), validators=[InputRequired("Enter your password")])


class NewAlertForm(FlaskForm):
    team = Radios("Which team is it from?")

    def __init__(self, teams: Iterable, **kwargs):
        super().__init__(**kwargs)
        self.team.choices = [(str(team.id), team.name) for team in teams]

    def validate_team(self, field) -> None:
        if not field.data:
            raise ValidationError("Select a team")


class AlertForm(FlaskForm):
    """A draft: it may be saved unfinished, so only what cannot be kept is wrong here."""

    title = StringField(
        "Title", description="What happened or what to do, and where. It is the email’s subject", widget=GovTextInput()
    )
    alert_type = Radios("What kind of alert is it?", choices={each.slug: each.name for each in ALERT_TYPES.values()})
    theme = SelectField(
        "Theme (optional)", widget=GovSelect(), choices={"": "No theme"} | THEMES, validate_choice=False
    )
    areas = Checkboxes("Where")
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

    def __init__(self, offered: Iterable, told: Iterable, **kwargs):
        """`offered` holds areas, `told` stories."""
        super().__init__(**kwargs)
        names = {area.code: area.name if area.is_ward else area.full_name for area in offered}
        self.areas.choices = list(names.items())
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

    def based_on(self) -> int:
        """The revision that the writer began from; -1, which is none, when the form does not say."""
        typed = str(self.revision.data or "")
        return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 10 else -1

    def validate_editor(self, field) -> None:
        field.data = tidy(field.data)[:16]

    def validate_areas(self, field) -> None:
        allowed = {value for value, _ in field.choices}
        field.data = [code for code in field.data or [] if code in allowed]

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
        }

"""The survey: one form for each question; and what else is asked before somebody is a resident."""

from collections.abc import Iterable

from flask_wtf import FlaskForm
from govuk_frontend_wtf.wtforms_widgets import (
    GovCheckboxInput,
    GovSelect,
    GovTextInput,
)
from wtforms import (
    BooleanField,
    HiddenField,
    SelectField,
    StringField,
    ValidationError,
)

from metengage import areas, survey
from metengage.areas import Found
from metengage.choices import ALERT_TYPES, FREQUENCIES, THEMES
from metengage.fields import Checkboxes, Email, Radios, tidy
from metengage.forecast import LATELY, Volume
from metengage.formats import a_week
from metengage.formats import postcode as spaced

LONGEST_NAME = 100


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


class FindForm(PostcodeForm):
    """Sent by GET, so that what was asked can be asked again by going back; it changes nothing and needs no token."""

    class Meta:
        csrf = False

    def found(self) -> Found:
        """Which wards it may be."""
        return areas.find_postcode(self.postcode.data)


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

    def hint(self) -> str:
        return survey.QUESTIONS["rank"].hint if self.third else "Put them in order"

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

    def hints(self, volume: Volume) -> list[dict]:
        """How many emails each frequency would bring, as the macros take it."""
        if not volume.alerts:
            return []
        return [{"hint": {"text": a_week(volume.under[each], LATELY.days)}} for each in FREQUENCIES]

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

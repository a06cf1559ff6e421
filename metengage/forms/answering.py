"""Surveys: what residents answer, by a link or at their door, and how well informed they feel."""

from collections.abc import Iterable

from flask_wtf import FlaskForm
from govuk_frontend_wtf.wtforms_widgets import GovSelect, GovTextArea
from wtforms import SelectField, TextAreaField, ValidationError

from metengage import surveys
from metengage.choices import INFORMED, INFORMED_QUESTION, MULTIPLE, RANKING, SCALE, SINGLE, TEXT, THEMED
from metengage.fields import Checkboxes, Key, Radios, tidy
from metengage.forms.concerns import LookedAtForm
from metengage.forms.doorstep import DoorstepForm, ward_choices
from metengage.models import Answer, Area, Survey

ORDER = ("First", "Second", "Third")
NOTHING = "Answer at least one question"
AGAIN = "You chose this already. Choose something else, or leave it at “Choose”"


class AnswerSurveyForm(LookedAtForm):
    """The base of a survey's own form: a field for each question, and for a ranking one for each place."""

    survey: Survey

    def words(self) -> str:
        return "\n".join(self.texts().values())

    def validate(self, extra_validators=None) -> bool:
        super().validate(extra_validators)
        for place, question in enumerate(self.survey.questions):
            if question["kind"] == RANKING:
                self._look_at_order(self.of(place))
            elif question["kind"] == TEXT:
                self._look_at_text(*self.of(place))
        if not self.errors and not self.chosen() and not self.texts():
            self.of(0)[0].errors = [NOTHING]
        return not self.errors

    def of(self, place: int) -> list:
        """The fields of a question, by its place from 0 on."""
        return [field for field in self if field.name.startswith(f"q{place}_")]

    def _look_at_order(self, fields: list) -> None:
        seen = set()
        for field in fields:
            if field.data and field.data in seen:
                field.errors = [AGAIN]
            seen.add(field.data)

    def _look_at_text(self, field) -> None:
        field.data = tidy(field.data, keep="\n\t")
        if len(field.data) > surveys.LONGEST_TEXT:
            said = f"it has {len(field.data):,}"
            field.errors = [f"What you write must be {surveys.LONGEST_TEXT:,} characters or fewer; {said}"]

    def chosen(self) -> dict:
        """What was chosen, by the words of its question; nothing that was not offered."""
        found = {}
        for place, question in enumerate(self.survey.questions):
            fields, offered = self.of(place), question["choices"]
            if question["kind"] == SCALE:
                said = int(fields[0].data) if fields[0].data else None
            elif question["kind"] == SINGLE:
                said = fields[0].data
            elif question["kind"] in (MULTIPLE, THEMED):
                said = [each for each in offered if each in (fields[0].data or [])]
            else:
                said = [field.data for field in fields if field.data in offered]
            found |= {question["words"]: said} if said and question["kind"] != TEXT else {}
        return found

    def texts(self) -> dict[str, str]:
        """What was written, by the words of its question."""
        asked = [(place, each) for place, each in enumerate(self.survey.questions) if each["kind"] == TEXT]
        return {each["words"]: text for place, each in asked if (text := self.of(place)[0].data)}


class AtDoorForm(AnswerSurveyForm):
    """The same at somebody's door. `sentences` are for the page to say without a signal."""

    sentences = {"ward": DoorstepForm.sentences["ward"], "nothing": NOTHING, "again": AGAIN}

    ward = SelectField("Which ward do they live in?", widget=GovSelect(), validate_choice=False)
    key = Key()

    def validate_ward(self, field) -> None:
        if not field.data or field.data not in dict(field.choices):
            raise ValidationError(self.sentences["ward"])


def at_door_form(survey: Survey, wards: Iterable[Area], last_ward: str, **kwargs) -> AtDoorForm:
    """The form of this survey for an officer: `wards` is where they may take it, `last_ward` where they were last."""
    form = _form_of(survey, AtDoorForm)(**kwargs)
    form.ward.choices = ward_choices(wards, last_ward)
    return form


def answer_survey_form(survey: Survey, said: Answer | None = None, **kwargs) -> AnswerSurveyForm:
    """The form of this survey, with what was answered before."""
    return _form_of(survey, AnswerSurveyForm)(data=_as_chosen(survey, said), **kwargs)


def _form_of(survey: Survey, base: type[AnswerSurveyForm]) -> type[AnswerSurveyForm]:
    fields = {"survey": survey}
    for place, question in enumerate(survey.questions):
        fields |= {f"q{place}_{number}": field for number, field in enumerate(_fields(question))}
    return type("SurveyAnswerForm", (base,), fields)


def _fields(question: dict) -> list:
    words, choices = question["words"], {each: each for each in question["choices"]}
    match question["kind"]:
        case "ranking":
            return [
                SelectField(each, widget=GovSelect(), choices={"": "Choose"} | choices, validate_choice=False)
                for each in ORDER[: len(choices)]
            ]
        case "single":
            return [Radios(words, choices=choices)]
        case "multiple" | "themes":
            return [Checkboxes(words, choices=choices, description="Choose as many as you like")]
        case "scale":
            return [Radios(words, choices={str(n): str(n) for n in range(1, 6)}, description="1 is least, 5 is most")]
        case _:
            limit = f"Up to {surveys.LONGEST_TEXT:,} characters. Do not name anybody"
            return [TextAreaField(words, widget=GovTextArea(), description=limit)]


def _as_chosen(survey: Survey, said: Answer | None) -> dict:
    found, data = (said.choices | (said.texts or {}) if said else {}), {}
    for place, question in enumerate(survey.questions):
        if question["words"] in found:
            value = found[question["words"]]
            several = value if question["kind"] == RANKING else [str(value) if isinstance(value, int) else value]
            data |= {f"q{place}_{number}": each for number, each in enumerate(several)}
    return data


class InformedForm(FlaskForm):
    score = Radios(INFORMED_QUESTION, choices={str(score): words for score, words in INFORMED.items()})

    def validate_score(self, field) -> None:
        if not field.data:
            raise ValidationError("Select how well informed you feel")

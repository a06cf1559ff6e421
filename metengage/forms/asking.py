"""Surveys: what officers ask, what residents answer, and how well informed these feel."""

from collections.abc import Iterable

from flask_wtf import FlaskForm
from govuk_frontend_wtf.wtforms_widgets import GovSelect, GovTextArea, GovTextInput
from wtforms import SelectField, StringField, TextAreaField, ValidationError

from metengage import surveys
from metengage.choices import (
    ALERT_TYPES,
    INFORMED,
    INFORMED_QUESTION,
    MULTIPLE,
    QUESTION_KINDS,
    RANKING,
    SCALE,
    SINGLE,
    TEXT,
)
from metengage.fields import Checkboxes, Radios, tidy
from metengage.forms.concerns import LookedAtForm
from metengage.models import Answer, Survey

ORDER = ("First", "Second", "Third")
LONGEST_TITLE = 120
AGAIN = "You chose this already. Choose something else, or leave it at “Choose”"


# --- What officers ask ---


class SurveyForm(FlaskForm):
    """A survey; it has place for surveys.MOST questions, and what is left empty is none."""

    title = StringField("Title", widget=GovTextInput(), description="What it is about, such as “Parking in Green Lane”")
    team = SelectField("Which team asks?", widget=GovSelect(), validate_choice=False)
    area = SelectField("Whom do you ask?", widget=GovSelect(), validate_choice=False)
    alert_type = SelectField(
        "Of them, those who hear about", widget=GovSelect(), choices={s: each.name for s, each in ALERT_TYPES.items()}
    )

    def __init__(self, teams: Iterable, areas: Iterable, survey: Survey | None = None, **kwargs):
        super().__init__(**(kwargs | {"data": _as_typed(survey) if survey else {"alert_type": "priorities"}}))
        self.teams, self.areas = {str(each.id): each for each in teams}, {each.code: each for each in areas}
        several = {"": "Choose"} if len(self.teams) > 1 else {}
        self.team.choices = several | {number: each.name for number, each in self.teams.items()}
        self.area.choices = {"": "Choose"} | {code: each.full_name for code, each in self.areas.items()}

    def validate_title(self, field) -> None:
        field.data = tidy(field.data)
        if not field.data:
            raise ValidationError("Enter a title")
        if len(field.data) > LONGEST_TITLE:
            raise ValidationError(f"Title must be {LONGEST_TITLE} characters or fewer; it has {len(field.data)}")

    def validate_team(self, field) -> None:
        if field.data not in self.teams:
            raise ValidationError("Select a team")

    def validate_area(self, field) -> None:
        if field.data not in self.areas:
            raise ValidationError("Select a ward or a borough")

    def validate(self, extra_validators=None) -> bool:
        is_valid = super().validate(extra_validators)
        self.questions = [each for place in self.places() if (each := self._question(*place))]
        if not self.questions and not self.errors:
            self.words_1.errors = ["Write at least one question"]
        return is_valid and not self.errors

    def places(self) -> list[tuple]:
        """The three fields of each question."""
        names = ("words", "kind", "choices")
        return [tuple(self[f"{name}_{place}"] for name in names) for place in range(1, surveys.MOST + 1)]

    def _question(self, words, kind, choices) -> dict | None:
        words.data = tidy(words.data)
        lines = [line for each in (choices.data or "").splitlines() if (line := tidy(each))]
        if not words.data and not lines:
            return None
        needs = kind.data in (SINGLE, MULTIPLE, RANKING)
        words.errors = self._wrong_words(words.data)
        choices.errors = _wrong_choices(lines) if needs else []
        return {"words": words.data, "kind": kind.data, "choices": lines if needs else []}

    def _wrong_words(self, words: str) -> list[str]:
        if not words:
            return ["Write the question"]
        if len(words) > surveys.LONGEST_WORDS:
            return [f"A question must be {surveys.LONGEST_WORDS} characters or fewer; it has {len(words)}"]
        same = [each for each, *_ in self.places() if tidy(each.data) == words]
        return ["You ask this twice"] if len(same) > 1 else []

    def written(self) -> dict:
        """What surveys.write takes besides the team."""
        words = {name: getattr(self, name).data for name in ("title", "area", "alert_type")}
        return words | {"questions": self.questions}


def _wrong_choices(lines: list[str]) -> list[str]:
    if not 2 <= len(lines) <= surveys.CHOICES:
        return [f"Write 2 to {surveys.CHOICES} answers to choose from, each on a line of its own"]
    if len(set(lines)) < len(lines):
        return ["Two of these answers are the same"]
    longest = max(map(len, lines))
    return [f"Each answer must be {surveys.LONGEST_CHOICE} characters or fewer; one has {longest}"] * (
        longest > surveys.LONGEST_CHOICE
    )


def _as_typed(survey: Survey) -> dict:
    typed = {"title": survey.title, "team": str(survey.team_id), "area": survey.area_id}
    typed["alert_type"] = survey.alert_type
    for place, question in enumerate(survey.questions, 1):
        typed |= {f"{name}_{place}": question[name] for name in ("words", "kind")}
        typed[f"choices_{place}"] = "\n".join(question["choices"])
    return typed


for _place in range(1, surveys.MOST + 1):
    _lines = "For the first three kinds: each answer on a line of its own"
    setattr(SurveyForm, f"words_{_place}", StringField(f"Question {_place}", widget=GovTextInput()))
    _kinds = SelectField(f"How is question {_place} answered?", widget=GovSelect(), choices=QUESTION_KINDS)
    setattr(SurveyForm, f"kind_{_place}", _kinds)
    _choices = TextAreaField(f"Answers to question {_place}", widget=GovTextArea(), description=_lines)
    setattr(SurveyForm, f"choices_{_place}", _choices)


# --- What residents answer ---


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
            self.of(0)[0].errors = ["Answer at least one question"]
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
            elif question["kind"] == MULTIPLE:
                said = [each for each in offered if each in (fields[0].data or [])]
            else:
                said = [field.data for field in fields if field.data in offered]
            found |= {question["words"]: said} if said and question["kind"] != TEXT else {}
        return found

    def texts(self) -> dict[str, str]:
        """What was written, by the words of its question."""
        asked = [(place, each) for place, each in enumerate(self.survey.questions) if each["kind"] == TEXT]
        return {each["words"]: text for place, each in asked if (text := self.of(place)[0].data)}


def answer_survey_form(survey: Survey, said: Answer | None = None, **kwargs) -> AnswerSurveyForm:
    """The form of this survey, with what was answered before."""
    fields = {"survey": survey}
    for place, question in enumerate(survey.questions):
        fields |= {f"q{place}_{number}": field for number, field in enumerate(_fields(question))}
    return type("SurveyAnswerForm", (AnswerSurveyForm,), fields)(data=_as_chosen(survey, said), **kwargs)


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
        case "multiple":
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

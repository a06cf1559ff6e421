"""Surveys that officers write."""

from collections.abc import Iterable

from flask_wtf import FlaskForm
from govuk_frontend_wtf.wtforms_widgets import GovSelect, GovTextArea, GovTextInput
from wtforms import SelectField, StringField, TextAreaField, ValidationError

from metengage import surveys
from metengage.choices import (
    ALERT_TYPES,
    MULTIPLE,
    QUESTION_KINDS,
    RANKING,
    SINGLE,
    THEMED,
    THEMES,
)
from metengage.fields import tidy
from metengage.models import Survey

LONGEST_TITLE = 120


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
        offered = list(THEMES.values()) if kind.data == THEMED else lines if needs else []
        return {"words": words.data, "kind": kind.data, "choices": offered}

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
        typed[f"choices_{place}"] = "" if question["kind"] == THEMED else "\n".join(question["choices"])
    return typed


for _place in range(1, surveys.MOST + 1):
    _lines = "For the first three kinds: each answer on a line of its own"
    setattr(SurveyForm, f"words_{_place}", StringField(f"Question {_place}", widget=GovTextInput()))
    _kinds = SelectField(f"How is question {_place} answered?", widget=GovSelect(), choices=QUESTION_KINDS)
    setattr(SurveyForm, f"kind_{_place}", _kinds)
    _choices = TextAreaField(f"Answers to question {_place}", widget=GovTextArea(), description=_lines)
    setattr(SurveyForm, f"choices_{_place}", _choices)

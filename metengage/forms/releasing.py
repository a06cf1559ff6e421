"""How a draft goes out: when, why although a check found something, and what a supervisor says to it."""

from datetime import datetime, timedelta

from flask_wtf import FlaskForm
from govuk_frontend_wtf.wtforms_widgets import GovTextArea
from wtforms import HiddenField, TextAreaField, ValidationError

from metengage import schedule
from metengage.fields import Clock, Day, Radios, tidy
from metengage.formats import london, moment

NOW, LATER = "now", "later"
AHEAD = timedelta(days=90)  # so far an alert may be scheduled
LONGEST_REASON = 1_000


class WhenForm(FlaskForm):
    """When an alert goes: at once, or at a time on London's clock."""

    when = Radios("When does it go?", choices={NOW: "Now", LATER: "At a time"})
    day = Day("On which day?", id="day-day")
    clock = Clock("At what time?", description="For example 6:30pm. London’s time")
    revision = HiddenField()

    def __init__(self, now: datetime, **kwargs):
        super().__init__(**kwargs)
        self._now, self.due_at = now, None  # UTC; none: at once

    @classmethod
    def first(cls, now: datetime, due_at: datetime | None = None, **data) -> "WhenForm":
        """As it is first shown: filled with the time that is set (UTC), or with today."""
        shown = london(due_at or now)
        facts = {"when": LATER, "clock": f"{shown:%H:%M}"} if due_at else {"when": NOW}
        return cls(now, formdata=None, data=facts | {"day": shown.date()} | data)

    def validate_when(self, field) -> None:
        if not field.data:
            raise ValidationError("Select when it goes")

    def validate(self, **kwargs) -> bool:
        if self.when.data != LATER:
            # What is not asked for is not looked at, and stays on the page.
            kept = {name: self._fields.pop(name) for name in ("day", "clock")}
            is_right = super().validate(**kwargs)
            self._fields |= kept
            return is_right
        if not super().validate(**kwargs):
            return False
        try:
            self.due_at = schedule.at(self.day.data, self.clock.at)
        except (schedule.NoSuchTime, OverflowError) as reason:
            self.clock.errors = [str(reason)]
        else:
            self._not_odd()
        return not (self.clock.errors or self.day.errors)

    def _not_odd(self) -> None:
        if self.due_at <= self._now:
            self.clock.errors = [f"That is in the past: it is {moment(self._now)}. Choose a later time"]
        elif self.due_at > self._now + AHEAD:
            self.day.errors = [f"Choose a day in the next {AHEAD.days} days"]


class ReasonForm(FlaskForm):
    rule, mark = HiddenField(), HiddenField()
    words = TextAreaField("Why may it go all the same?", widget=GovTextArea())

    def validate_words(self, field) -> None:
        _said(field, "Enter the reason")


class WhyFirstForm(FlaskForm):
    why = TextAreaField("Why can it not wait, and whom did you try to reach?", widget=GovTextArea())

    def validate_why(self, field) -> None:
        _said(field, "Enter why it cannot wait")


class CommentForm(FlaskForm):
    """What a supervisor says; who returns a draft has to say what to change."""

    comment = TextAreaField("Comment", widget=GovTextArea(), description="Needed when you return it")

    def __init__(self, is_needed: bool = False, **kwargs):
        super().__init__(**kwargs)
        self._is_needed = is_needed

    def validate_comment(self, field) -> None:
        _said(field, "Enter what should be changed" if self._is_needed else "")


def _said(field, lacking: str) -> None:
    field.data = tidy(field.data, keep="\n\t")
    if lacking and not field.data:
        raise ValidationError(lacking)
    if len(field.data) > LONGEST_REASON:
        raise ValidationError(f"Use {LONGEST_REASON:,} characters or fewer; it has {len(field.data):,}")

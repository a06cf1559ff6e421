"""What teams ask residents: surveys and their answers, and how well informed everybody feels."""

from peewee import (
    SQL,
    BooleanField,
    CharField,
    Check,
    DateTimeField,
    ForeignKeyField,
    JSONField,
    SmallIntegerField,
)

from metengage import db
from metengage.models.people import Area, Resident, Row, Team, one_of


class Survey(Row):
    """A team's few questions, as data. It is written, then put away or opened and closed; open, it is fixed."""

    team = ForeignKeyField(Team, backref="surveys")
    area = ForeignKeyField(Area)  # the ward or borough whose residents are asked
    alert_type = CharField(12, default="priorities")  # those who hear about this are asked
    title = CharField(120)
    questions = JSONField()  # [{"kind": a slug of choices.QUESTION_KINDS, "words": …, "choices": […]}]
    created_at = DateTimeField(default=db.now)
    opened_at = DateTimeField(null=True)
    closed_at = DateTimeField(null=True)

    @property
    def is_planned(self) -> bool:
        """Whether no resident has seen it, and it was not put away."""
        return self.opened_at is None and self.closed_at is None

    @property
    def is_open(self) -> bool:
        return self.opened_at is not None and self.closed_at is None

    @property
    def state(self) -> str:
        if self.closed_at:
            return "closed" if self.opened_at else "put away"
        return "open" if self.opened_at else "not open yet"


# The clock closes what has been open for long, and unlinks what was closed long ago.
Survey.add_index(Survey.index(Survey.opened_at, where=SQL("closed_at IS NULL"), name="survey_open"))


class Answer(Row):
    """What one resident answers to a survey; each answers once, and may change it until it closes."""

    survey = ForeignKeyField(Survey, on_delete="CASCADE", backref="answers")
    resident = ForeignKeyField(Resident, null=True, on_delete="SET NULL")
    ward = ForeignKeyField(Area, null=True)  # where they lived when they answered
    choices = JSONField()  # a question's words → what they chose, or several in order, or a number
    texts = JSONField(null=True)  # a question's words → what they wrote in their own
    # An officer brought it. They know what it says, so it does not hide anybody else's.
    at_door = BooleanField(default=False, constraints=[SQL("DEFAULT FALSE")])
    at = DateTimeField(default=db.now)

    class Meta:
        indexes = ((("survey", "resident"), True),)


class Informed(Row):
    """How well informed a resident feels about policing in their area, each time that they were asked and said so."""

    SIGN_UP, THREE_MONTHS, YEARLY = ("sign-up", "three months", "yearly")

    resident = ForeignKeyField(Resident, null=True, on_delete="SET NULL")
    ward = ForeignKeyField(Area, null=True, index=False)
    score = SmallIntegerField()  # of choices.INFORMED
    asked = CharField(12)
    at = DateTimeField(default=db.now)

    class Meta:
        indexes = ((("ward", "at"), False),)
        constraints = [one_of("asked", ("sign-up", "three months", "yearly")), Check("score BETWEEN 0 AND 4")]


Informed.add_index(Informed.index(Informed.at, where=SQL("resident_id IS NOT NULL"), name="informed_of_residents"))

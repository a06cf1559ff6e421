"""What a ward's team promises to work on, what it did, and what residents say of it."""

from peewee import SQL, CharField, DateTimeField, ForeignKeyField, IntegerField, TextField

from metengage import db
from metengage.choices import THEMES
from metengage.models.people import Area, Officer, Resident, Row, one_of


class Priority(Row):
    """What the team of a ward works on because residents asked for it: proposed, set, closed.

    It belongs to whichever team looks after the ward now.
    """

    PROPOSED, SET, CLOSED = STATES = ("proposed", "set", "closed")
    ACHIEVED, NOT_ACHIEVED, REPLACED, NOT_CHOSEN = ("achieved", "not achieved", "replaced", "not chosen")

    ward = ForeignKeyField(Area, backref="priorities")
    theme = CharField(30, null=True)
    issue = CharField(120)  # what residents asked for, in a line
    plan = TextField(default="")  # what will be done
    owner = ForeignKeyField(Officer)  # who looks after it
    state = CharField(8, default=PROPOSED)
    proposed_at = DateTimeField(default=db.now)
    set_at = DateTimeField(null=True)
    review_by = DateTimeField(null=True)  # the end of that day in London
    reviewed_at = DateTimeField(null=True)
    closed_at = DateTimeField(null=True)
    result = CharField(12, default="")
    outcome = TextField(default="")  # what came of it, in words
    revision = IntegerField(default=0)  # raised by whatever changes it, so that two officers notice each other

    class Meta:
        constraints = [
            one_of("state", ("proposed", "set", "closed")),
            one_of("theme", THEMES),
            one_of("result", ("", "achieved", "not achieved", "replaced", "not chosen")),
        ]

    @property
    def is_proposed(self) -> bool:
        return self.state == self.PROPOSED

    @property
    def is_set(self) -> bool:
        return self.state == self.SET

    @property
    def is_closed(self) -> bool:
        return self.state == self.CLOSED

    @property
    def theme_name(self) -> str:
        return THEMES.get(self.theme, "")


class Action(Row):
    """What was done about a priority, for anybody to read."""

    priority = ForeignKeyField(Priority, on_delete="CASCADE", backref="actions")
    officer = ForeignKeyField(Officer)  # who wrote it down
    at = DateTimeField()  # midday of that day in London
    text = CharField(1000)
    created_at = DateTimeField(default=db.now)


class Vote(Row):
    """For a priority: one resident's by the web, or hands that were counted at a meeting or at doors on a day.

    It is kept when its resident moves or leaves; whether it counts is votes' to say.
    """

    WEB, MEETING, DOOR = SOURCES = ("web", "meeting", "door")

    priority = ForeignKeyField(Priority, on_delete="CASCADE", backref="votes", index=False)
    resident = ForeignKeyField(Resident, null=True, on_delete="SET NULL", backref="votes")
    source = CharField(7, default=WEB)
    how_many = IntegerField(default=1)
    at = DateTimeField(default=db.now)  # of hands: midday of that day in London

    class Meta:
        indexes = ((("priority", "resident"), True),)
        constraints = [one_of("source", ("web", "meeting", "door"))]


Vote.add_index(
    Vote.index(Vote.priority, Vote.source, Vote.at, where=SQL("source <> 'web'"), unique=True, name="vote_of_hands")
)


class Muted(Row):
    """A resident wants to hear no more of a priority that they raised or voted for."""

    priority = ForeignKeyField(Priority, on_delete="CASCADE", index=False)
    resident = ForeignKeyField(Resident, on_delete="CASCADE")
    at = DateTimeField(default=db.now)

    class Meta:
        indexes = ((("priority", "resident"), True),)

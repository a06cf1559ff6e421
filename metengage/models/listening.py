"""What residents tell their teams, and what came of it."""

from collections.abc import Sequence

from peewee import (
    SQL,
    BlobField,
    BooleanField,
    Case,
    CharField,
    DateTimeField,
    FloatField,
    ForeignKeyField,
    IntegerField,
    SmallIntegerField,
    TextField,
    fn,
)

from metengage import db
from metengage.choices import HOW_OFTEN, THEMES
from metengage.models.people import Area, Officer, Resident, Row, Team, one_of
from metengage.models.promising import Priority
from metengage.models.publishing import Alert, Story


class Concern(Row):
    """What a resident tells their team, by itself or as an answer to an alert.

    Unconfirmed until its writer is known; new, triaged, answered, closed; reopened once, if they say it is not solved.
    """

    UNCONFIRMED, NEW, TRIAGED, ANSWERED, REOPENED, CLOSED = STATES = (
        *("unconfirmed", "new", "triaged"),
        *("answered", "reopened", "closed"),
    )

    URGENT, SOME = ("urgent", "some")
    DONE, NO_ACTION, DUPLICATE, MOVED, NO_REPLY = ("done", "no action", "duplicate", "moved", "no reply")
    SPAM, LEFT = SILENT = ("spam", "left")  # why it is closed without a word to anybody

    key = CharField(32, unique=True)  # of the form that it came by: pressing twice is once
    resident = ForeignKeyField(Resident, null=True, on_delete="CASCADE", backref="concerns")  # none: anonymous, erased
    wants_answer = BooleanField()
    alert = ForeignKeyField(Alert, null=True)  # which it answers
    ward = ForeignKeyField(Area)
    team = ForeignKeyField(Team, backref="concerns")  # whom it is with
    theme = CharField(30, null=True)
    text = TextField(default="")
    place = CharField(200, default="")  # in their words
    latitude = FloatField(null=True)  # WGS84 degrees
    longitude = FloatField(null=True)
    how_often = CharField(10, default="")
    state = CharField(11, default=NEW)
    created_at = DateTimeField(default=db.now)
    received_at = DateTimeField(null=True)  # the team can see it, and its promise begins
    due_at = DateTimeField(null=True)  # a reply is promised by then; none where nobody waits for one
    reminded_at = DateTimeField(null=True)  # the team, at 48 hours …
    escalated_at = DateTimeField(null=True)  # … and its supervisor, at 66
    answered_at = DateTimeField(null=True)  # the first response was written
    closed_at = DateTimeField(null=True)
    closed_because = CharField(10, default="")
    reopened_at = DateTimeField(null=True)
    # What its words may mean: urgent, until an officer takes it up; then some.
    danger = CharField(6, null=True, constraints=[one_of("danger", ("urgent", "some"))])
    alarmed_at = DateTimeField(null=True)  # its team was told that it may be urgent
    held_at = DateTimeField(null=True)  # too many came at a time: until an officer lets it in it waits apart, uncounted
    officer = ForeignKeyField(Officer, null=True)  # who looks after it
    story = ForeignKeyField(Story, null=True)
    priority = ForeignKeyField(Priority, null=True, backref="concerns", index=False)  # its writer hears of that then
    duplicate_of = ForeignKeyField("self", null=True, on_delete="SET NULL")
    revision = IntegerField(default=0)  # raised by whatever changes it, so that two officers notice each other

    class Meta:
        constraints = [
            one_of("state", ("unconfirmed", "new", "triaged", "answered", "reopened", "closed")),
            one_of("theme", THEMES),
            one_of("how_often", ("", *HOW_OFTEN)),
            one_of("closed_because", ("", "done", "no action", "duplicate", "moved", "spam", "left", "no reply")),
        ]

    @property
    def is_open(self) -> bool:
        return self.state != self.CLOSED

    @classmethod
    def is_open_row(cls):
        """The same in a query, in the terms of the index of what is open."""
        return cls.state != SQL("'closed'")

    @classmethod
    def is_with_team_row(cls):
        """It is open and its team may see it: its writer has confirmed it."""
        return cls.is_open_row() & (cls.state != cls.UNCONFIRMED)

    @classmethod
    def urgent_of(cls, teams: Sequence[Team]):
        """A query for what may be urgent in these teams, the latest first, those held back last."""
        mine = cls.team.in_([team.id for team in teams]), cls.is_with_team_row(), cls.is_urgent_row()
        return cls.select().where(*mine).order_by(cls.held_at.is_null(False), cls.id.desc())

    @classmethod
    def is_urgent_row(cls):
        """Words in it may mean that 999 is wanted, and no officer has taken it up since; in the terms of its index."""
        return cls.danger == SQL("'urgent'")

    @classmethod
    def taken_up(cls):
        """What `danger` becomes, in an update: an officer has seen to what may be urgent."""
        return Case(None, [(cls.is_urgent_row(), cls.SOME)], cls.danger)

    @property
    def is_answer(self) -> bool:
        """Whether it answers an alert."""
        return self.alert_id is not None

    @property
    def has_photo(self) -> bool:
        return Photo.select().where(Photo.concern == self).exists()

    @property
    def theme_name(self) -> str:
        return THEMES.get(self.theme, "")


# The team's queue, the oldest due first; what is closed is looked for by its date, and by the clock.
Concern.add_index(Concern.index(Concern.team, Concern.due_at, where=SQL("state <> 'closed'"), name="concern_open"))
Concern.add_index(
    Concern.index(Concern.team, where=SQL("danger = 'urgent' AND state <> 'closed'"), name="concern_urgent")
)
Concern.add_index(Concern.index(Concern.alarmed_at, where=SQL("alarmed_at IS NOT NULL"), name="concern_alarmed"))
Concern.add_index(Concern.index(Concern.closed_at, where=SQL("state = 'closed'"), name="concern_closed"))
Concern.add_index(Concern.index(Concern.created_at, where=SQL("state = 'unconfirmed'"), name="concern_unconfirmed"))
Concern.add_index(Concern.index(Concern.ward, Concern.received_at))
Concern.add_index(
    Concern.index(
        Concern.resident, Concern.alert, where=SQL("alert_id IS NOT NULL"), unique=True, name="concern_answers_once"
    )
)
# Who raised a priority is one scan of this index.
Concern.add_index(
    Concern.index(
        *(Concern.priority, Concern.resident, Concern.state, Concern.closed_because),
        where=SQL("priority_id IS NOT NULL"),
        name="concern_raised",
    )
)


class Message(Row):
    """A line in a concern's history."""

    RESPONSE, QUESTION, CLOSING = TO_RESIDENT = ("response", "question", "closing")
    REPLY, NOT_SOLVED = FROM_RESIDENT = ("reply", "not solved")
    NOTE, ACT = TO_TEAM = ("note", "act")  # residents never see them; an act is written by us

    concern = ForeignKeyField(Concern, on_delete="CASCADE", backref="messages")
    kind = CharField(10)
    officer = ForeignKeyField(Officer, null=True)  # none: the resident, or the clock
    text = TextField(default="")
    key = CharField(32, null=True, unique=True)  # of the form that it came by: pressing twice is once
    at = DateTimeField(default=db.now)

    class Meta:
        constraints = [
            one_of("kind", ("response", "question", "closing", "reply", "not solved", "note", "act")),
        ]

    @classmethod
    def latest_between(cls, concerns: list[Concern]) -> dict[int, str]:
        """Concern's id → the kind of what a team and its resident wrote to each other last, where they did."""
        mine = cls.concern.in_([each.id for each in concerns]) & cls.kind.in_((*cls.TO_RESIDENT, *cls.FROM_RESIDENT))
        latest = cls.select(fn.MAX(cls.id)).where(mine).group_by(cls.concern)
        return dict(cls.select(cls.concern, cls.kind).where(cls.id.in_(latest)).tuples())


class Photo(Row):
    """What a resident added to a concern, made anew by us; for the team alone."""

    concern = ForeignKeyField(Concern, primary_key=True, on_delete="CASCADE")
    width = SmallIntegerField()
    height = SmallIntegerField()
    content = BlobField()  # JPEG


class Restriction(Row):
    """A resident who abuses officers may write only so often for a while; a supervisor decides, and they are told."""

    resident = ForeignKeyField(Resident, on_delete="CASCADE", backref="restrictions")
    officer = ForeignKeyField(Officer)
    reason = CharField(500)  # the resident reads it
    began_at = DateTimeField(default=db.now)
    until = DateTimeField()
    ended_at = DateTimeField(null=True)

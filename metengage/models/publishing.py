"""What officers write, and where to."""

from peewee import (
    SQL,
    BooleanField,
    CharField,
    CompositeKey,
    DateTimeField,
    FloatField,
    ForeignKeyField,
    IntegerField,
    TextField,
    fn,
)

from metengage import db
from metengage.choices import ALERT_TYPES, THEMES, AlertType
from metengage.models.asking import Survey
from metengage.models.people import Area, Officer, Resident, Row, Team, one_of
from metengage.models.promising import Priority


class Story(Row):
    """Alerts that belong together: appeal, update, outcome. Residents may follow it until it ends."""

    team = ForeignKeyField(Team, backref="stories")
    title = CharField(120)
    created_at = DateTimeField(default=db.now)
    ended_at = DateTimeField(null=True)


class Alert(Row):
    """What an officer writes to residents. Fixed once sending."""

    DRAFT, AWAITING, SCHEDULED, SENDING, SENT, CANCELLED = STATES = (
        *("draft", "awaiting approval", "scheduled"),
        *("sending", "sent", "cancelled"),
    )

    team = ForeignKeyField(Team, backref="alerts")
    author = ForeignKeyField(Officer)
    changed_by = ForeignKeyField(Officer, null=True)  # who saved it last
    sender = ForeignKeyField(Officer, null=True)  # who pressed Send, or asked for approval
    approver = ForeignKeyField(Officer, null=True)
    approved_at = DateTimeField(null=True)
    is_unreviewed = BooleanField(default=False, constraints=[SQL("DEFAULT FALSE")])  # it goes first, approved after
    alert_type = CharField(12, default="")
    theme = CharField(30, null=True)
    only_concerned = BooleanField(default=False, constraints=[SQL("DEFAULT FALSE")])  # those who named its theme
    # The circle that its wards were found by, if they were: what is in it is told in words.
    centre = CharField(60, default="", constraints=[SQL("DEFAULT ''")])  # “SM4 5ZT”, or what the officer calls it
    latitude = FloatField(null=True)  # WGS84 degrees
    longitude = FloatField(null=True)
    radius = IntegerField(null=True)  # metres
    story = ForeignKeyField(Story, null=True, backref="alerts")
    priority = ForeignKeyField(Priority, null=True, backref="alerts")  # “You said, we did” about it
    ends_story = BooleanField(default=False, constraints=[SQL("DEFAULT FALSE")])  # it is the outcome
    is_urgent = BooleanField(default=False, constraints=[SQL("DEFAULT FALSE")])  # it passes over a resident's cap
    title = CharField(120, default="")
    body = TextField(default="")  # Markdown
    state = CharField(17, default=DRAFT)
    revision = IntegerField(default=0)  # raised by each save …
    editor = CharField(16, default="")  # … and which open page saved last, so that two pages notice each other
    audience_size = IntegerField(null=True)  # those written to at once; stored when sending begins
    created_at = DateTimeField(default=db.now)
    changed_at = DateTimeField(default=db.now)
    due_at = DateTimeField(null=True)  # when it goes, or should once it is approved; none: as soon as it may
    sending_at = DateTimeField(null=True)
    prepared_upto = IntegerField(null=True)  # residents up to this id have their rows
    prepared_at = DateTimeField(null=True)  # every delivery has its row
    worked_at = DateTimeField(null=True)  # the last batch was claimed then
    sent_at = DateTimeField(null=True)
    paused_at = DateTimeField(null=True)  # nothing is claimed until it goes on
    stopped_at = DateTimeField(null=True)  # what was not sent by then is skipped
    # An alert that corrects or withdraws another goes to those who got that, and says why.
    corrects = ForeignKeyField("self", null=True)
    is_withdrawal = BooleanField(default=False, constraints=[SQL("DEFAULT FALSE")])
    correction_reason = CharField(500, default="", constraints=[SQL("DEFAULT ''")])
    survey = ForeignKeyField(Survey, null=True)  # which its email asks each reader to answer

    mark = ""  # what became of it, in a list that somebody looked up: see standing

    class Meta:
        constraints = [one_of("state", ("draft", "awaiting approval", "scheduled", "sending", "sent", "cancelled"))]

    @property
    def is_draft(self) -> bool:
        return self.state == self.DRAFT

    @property
    def is_public(self) -> bool:
        return self.state in (self.SENDING, self.SENT)

    @property
    def is_paused(self) -> bool:
        return self.state == self.SENDING and self.paused_at is not None

    @property
    def is_stopped(self) -> bool:
        """Whether what was not sent by then is skipped."""
        return self.stopped_at is not None

    @classmethod
    def goes_on(cls, alert_id: int):
        """An expression: nobody has paused or stopped it."""
        mine = cls.select(SQL("1")).where(cls.id == alert_id, cls.paused_at.is_null(), cls.stopped_at.is_null())
        return fn.EXISTS(mine)

    def signature(self, places: list[Area]) -> str:
        """Who speaks, given where it is written to: the ward's team, or the borough's teams together."""
        boroughs = [place.name for place in places if not place.is_ward]
        return f"{boroughs[0]} Safer Neighbourhoods Teams" if boroughs else self.team.name

    @property
    def type(self) -> AlertType | None:
        return ALERT_TYPES.get(self.alert_type)

    @property
    def theme_name(self) -> str:
        return THEMES.get(self.theme, "")


# The ward's page and the clock both look for alerts by state and time.
Alert.add_index(Alert.index(Alert.state, Alert.sending_at))
Alert.add_index(Alert.index(Alert.due_at, where=SQL("state = 'scheduled'"), name="alert_scheduled"))


class AlertArea(Row):
    """An alert goes to a ward, or to a whole borough."""

    alert = ForeignKeyField(Alert, on_delete="CASCADE", backref="alert_areas")
    area = ForeignKeyField(Area)

    class Meta:
        primary_key = CompositeKey("alert", "area")


class Rating(Row):
    """Whether an alert was of use to a resident, and why; each says so once, and may change it."""

    alert = ForeignKeyField(Alert, on_delete="CASCADE", backref="ratings")
    resident = ForeignKeyField(Resident, null=True, on_delete="SET NULL")
    is_useful = BooleanField()
    why = CharField(20, default="")  # a slug of choices.WHY_NOT_USEFUL, or nothing
    at = DateTimeField(default=db.now)

    class Meta:
        indexes = ((("alert", "resident"), True),)


Rating.add_index(Rating.index(Rating.at, where=SQL("resident_id IS NOT NULL"), name="rating_of_residents"))


class Digest(Row):
    """What gathered since last time, in one email: one run for each frequency and date."""

    frequency = CharField(11)
    date = CharField(10)  # London's date, 2026-11-22
    since = DateTimeField()  # alerts from then …
    until = DateTimeField()  # … up to here
    prepared_upto = IntegerField(null=True)  # residents up to this id have their rows
    prepared_at = DateTimeField(null=True)
    worked_at = DateTimeField(null=True)

    class Meta:
        indexes = ((("frequency", "date"), True),)
        constraints = [one_of("frequency", ("daily", "weekly"))]


class DigestAlert(Row):
    """An alert that a run holds; fixed when the run begins, so that none is in two and none in none."""

    digest = ForeignKeyField(Digest, on_delete="CASCADE")
    alert = ForeignKeyField(Alert, on_delete="CASCADE")

    class Meta:
        primary_key = CompositeKey("digest", "alert")


class Held(Row):
    """An alert that waits for a resident's next email of this frequency, where it would not be by itself."""

    resident = ForeignKeyField(Resident, on_delete="CASCADE")
    alert = ForeignKeyField(Alert, on_delete="CASCADE")
    frequency = CharField(11)
    held_at = DateTimeField(default=db.now)
    digest = ForeignKeyField(Digest, null=True, on_delete="CASCADE")  # the run that took it

    class Meta:
        indexes = ((("resident", "alert"), True),)
        constraints = [one_of("frequency", ("daily", "weekly"))]


class Follow(Row):
    """A resident hears what comes of a story, wherever they live. Ended and begun anew, never edited."""

    resident = ForeignKeyField(Resident, on_delete="CASCADE", backref="follows")
    story = ForeignKeyField(Story, on_delete="CASCADE")
    began_at = DateTimeField(default=db.now)
    ended_at = DateTimeField(null=True)
    ended_reason = CharField(20, null=True)

    @classmethod
    def live(cls):
        return cls.ended_at.is_null()


Follow.add_index(
    Follow.index(Follow.story, Follow.resident, where=SQL("ended_at IS NULL"), unique=True, name="follow_once")
)
Follow.add_index(Follow.index(Follow.ended_at, where=SQL("ended_at IS NOT NULL"), name="follow_ended"))

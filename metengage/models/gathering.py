"""Where residents meet their team, and who has a place there."""

from datetime import datetime

from peewee import (
    SQL,
    BooleanField,
    CharField,
    CompositeKey,
    DateTimeField,
    ForeignKeyField,
    IntegerField,
    SmallIntegerField,
    TextField,
)

from metengage import db
from metengage.choices import ACCESS, EVENT_KINDS
from metengage.models.people import Area, Officer, Resident, Row, Team, one_of


class Event(Row):
    """A meeting, a surgery or a street stall: planned, published, cancelled. It is over when its time is."""

    PLANNED, PUBLISHED, CANCELLED = STATES = ("planned", "published", "cancelled")

    key = CharField(32, unique=True)  # of the form that it came by: pressing twice is once; and its name in calendars
    team = ForeignKeyField(Team, backref="events")
    officer = ForeignKeyField(Officer)  # who planned it
    kind = CharField(8)
    title = CharField(120)
    about = TextField(default="")  # Markdown
    venue = CharField(300)  # as people find it: “St Helier Library, Green Lane, SM4 6HS”
    access = CharField(100, default="")  # slugs of choices.ACCESS, with spaces between them
    access_note = CharField(500, default="")
    begins_at = DateTimeField()
    ends_at = DateTimeField()
    places = SmallIntegerField(null=True)  # none: everybody may come, and nobody books
    state = CharField(9, default=PLANNED)
    revision = IntegerField(default=0)  # raised by each change, for officers' pages and for calendars
    former = CharField(500, default="")  # when and where it was to be before the last change of that, in words
    created_at = DateTimeField(default=db.now)
    changed_at = DateTimeField(default=db.now)
    published_at = DateTimeField(null=True)
    cancelled_at = DateTimeField(null=True)
    cancelled_because = CharField(300, default="")  # residents read it
    came = IntegerField(null=True)  # how many people, booked or not, as an officer counted
    said = TextField(default="")  # what was said there, Markdown
    said_at = DateTimeField(null=True)  # published

    class Meta:
        constraints = [one_of("kind", EVENT_KINDS), one_of("state", ("planned", "published", "cancelled"))]

    @property
    def is_planned(self) -> bool:
        return self.state == self.PLANNED

    @property
    def is_published(self) -> bool:
        return self.state == self.PUBLISHED

    @property
    def is_cancelled(self) -> bool:
        return self.state == self.CANCELLED

    @property
    def is_public(self) -> bool:
        """Whether anybody may read of it, cancelled or not."""
        return self.published_at is not None

    @property
    def kind_name(self) -> str:
        return EVENT_KINDS[self.kind]

    @property
    def access_names(self) -> list[str]:
        return [ACCESS[slug] for slug in self.access.split() if slug in ACCESS]

    def has_begun(self, now: datetime) -> bool:
        return self.begins_at <= now

    def is_over(self, now: datetime) -> bool:
        return self.ends_at <= now


# The clock looks for those that begin tomorrow, and the ward's page for the next.
Event.add_index(Event.index(Event.state, Event.begins_at))


class EventWard(Row):
    """Whose event it is: a ward's page shows it."""

    event = ForeignKeyField(Event, on_delete="CASCADE", backref="event_wards")
    ward = ForeignKeyField(Area)

    class Meta:
        primary_key = CompositeKey("event", "ward")


class Booking(Row):
    """A place at an event, for one person: asked for until they confirm their address, booked or waiting, cancelled."""

    ASKED, BOOKED, WAITING, CANCELLED = STATES = ("asked", "booked", "waiting", "cancelled")

    event = ForeignKeyField(Event, index=False, on_delete="CASCADE", backref="bookings")
    resident = ForeignKeyField(Resident, null=True, on_delete="CASCADE", backref="bookings")  # none: erased, long ago
    name = CharField(100, default="")  # what the team calls them at the door, if they like
    state = CharField(9, default=ASKED)
    at = DateTimeField(default=db.now)  # asked; then, since when they have their turn
    moved_up_at = DateTimeField(null=True)
    told_at = DateTimeField(null=True)  # when we last wrote to them of when and where it is
    ended_at = DateTimeField(null=True)
    attended = BooleanField(null=True)  # none: nobody has noted it

    class Meta:
        constraints = [one_of("state", ("asked", "booked", "waiting", "cancelled"))]

    @property
    def is_booked(self) -> bool:
        return self.state == self.BOOKED

    @property
    def is_waiting(self) -> bool:
        return self.state == self.WAITING

    @classmethod
    def live(cls):
        """A query's condition: they come, or would."""
        return cls.state.in_((cls.BOOKED, cls.WAITING))

    @property
    def turn(self) -> int:
        """Of one that waits: its number in the line, from 1."""
        before = (Booking.at < self.at) | ((Booking.at == self.at) & (Booking.id <= self.id))
        line = Booking.select().where(Booking.event == self.event_id, Booking.state == self.WAITING)
        return line.where(before).count()


Booking.add_index(Booking.index(Booking.event, Booking.state, Booking.at, name="booking_line"))
# The clock looks each minute for what may no longer be kept.
Booking.add_index(Booking.index(Booking.at, where=SQL("state = 'asked'"), name="booking_asked"))
Booking.add_index(Booking.index(Booking.event, where=SQL("resident_id IS NOT NULL"), name="booking_of_residents"))
Booking.add_index(
    Booking.index(Booking.event, Booking.resident, where=SQL("state <> 'cancelled'"), unique=True, name="booking_once")
)

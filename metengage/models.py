"""Every table, and the facts true of a single row."""

from datetime import datetime, timedelta

from peewee import (
    SQL,
    BooleanField,
    CharField,
    Check,
    CompositeKey,
    DateTimeField,
    FloatField,
    ForeignKeyField,
    IntegerField,
    JSONField,
    Model,
    SmallIntegerField,
    TextField,
)

from metengage import db
from metengage.choices import ALERT_TYPES, FREQUENCIES, THEMES, AlertType


def one_of(column: str, values) -> Check:
    """The database itself keeps a state among its names."""
    return Check("{} IN ({})".format(column, ", ".join(f"'{value}'" for value in values)))


class Row(Model):
    class Meta:
        database = db.handle
        legacy_table_names = False


# --- Places ---


class Area(Row):
    """A ward or a borough, by its GSS code. Names repeat between boroughs: show the borough too."""

    WARD, BOROUGH = "ward", "borough"

    code = CharField(9, primary_key=True)
    name = CharField()
    kind = CharField(7)
    parent = ForeignKeyField("self", null=True, backref="wards")
    force = CharField(40)
    command_unit = CharField(40, null=True)
    latitude = FloatField(null=True)  # WGS84 degrees: the mean of the ward's live postcodes
    longitude = FloatField(null=True)
    started_at = DateTimeField(null=True)  # boroughs only: residents may sign up from then on
    retired_at = DateTimeField(null=True)  # the boundary commission drew new wards

    class Meta:
        constraints = [one_of("kind", ("ward", "borough"))]

    @property
    def is_ward(self) -> bool:
        return self.kind == self.WARD

    @property
    def borough(self) -> "Area":
        return self.parent if self.is_ward else self

    @property
    def has_started(self) -> bool:
        return self.borough.started_at is not None

    @property
    def full_name(self) -> str:
        """“St Helier, Merton” for a ward, “Merton (whole borough)” for a borough."""
        return f"{self.name}, {self.parent.name}" if self.is_ward else f"{self.name} (whole borough)"


class Postcode(Row):
    """A London postcode, without its space."""

    postcode = CharField(7, primary_key=True)
    ward = ForeignKeyField(Area)
    is_live = BooleanField(default=True)  # Royal Mail ends postcodes; people keep living there


# --- Residents ---


class Resident(Row):
    """A person who gave us an address: pending, confirmed, left, erased (address blanked, row kept)."""

    PENDING, CONFIRMED, LEFT, ERASED = "pending", "confirmed", "left", "erased"

    email = CharField(320, null=True, unique=True)  # lower case, the domain in ASCII
    name = CharField(100, default="")
    home = ForeignKeyField(Area, null=True)
    state = CharField(9, default=PENDING)
    link_version = IntegerField(default=1)  # raising it ends every signed link in old emails
    created_at = DateTimeField(default=db.now)
    confirmed_at = DateTimeField(null=True)
    left_at = DateTimeField(null=True)

    class Meta:
        constraints = [one_of("state", ("pending", "confirmed", "left", "erased"))]

    @property
    def is_confirmed(self) -> bool:
        return self.state == self.CONFIRMED


class Consent(Row):
    """Who agreed, when, how, and to which wording. Until confirmed it also holds what they chose."""

    resident = ForeignKeyField(Resident, on_delete="CASCADE", backref="consents")
    wording = CharField(20)  # a key of residents.CONSENT_WORDINGS
    source = CharField(20, default="web")
    answers = JSONField(null=True)  # the survey's answers as agreed; blanked when they are applied
    created_at = DateTimeField(default=db.now)
    confirmed_at = DateTimeField(null=True)


class ThemeChoice(Row):
    """A theme that concerns a resident; rank 1 to 3 for the three that matter most."""

    resident = ForeignKeyField(Resident, on_delete="CASCADE", backref="themes")
    theme = CharField(30)
    rank = SmallIntegerField(null=True)

    class Meta:
        indexes = ((("resident", "theme"), True),)
        constraints = [one_of("theme", THEMES)]


class Subscription(Row):
    """A resident hears about a type in an area, this often. Ended and begun anew, never edited."""

    resident = ForeignKeyField(Resident, on_delete="CASCADE", backref="subscriptions")
    area = ForeignKeyField(Area)
    alert_type = CharField(12)
    frequency = CharField(11)
    source = CharField(20)  # "sign-up", "preferences"
    began_at = DateTimeField(default=db.now)
    ended_at = DateTimeField(null=True)
    ended_reason = CharField(20, null=True)

    class Meta:
        constraints = [one_of("frequency", FREQUENCIES), one_of("alert_type", ALERT_TYPES)]

    @classmethod
    def live(cls):
        return cls.ended_at.is_null()


# The audience of an alert is one scan of this index.
Subscription.add_index(
    Subscription.index(
        Subscription.alert_type,
        Subscription.area,
        Subscription.frequency,
        Subscription.resident,
        where=SQL("ended_at IS NULL"),
        name="subscription_audience",
    )
)
Subscription.add_index(
    Subscription.index(
        Subscription.resident,
        Subscription.area,
        Subscription.alert_type,
        where=SQL("ended_at IS NULL"),
        unique=True,
        name="subscription_once",
    )
)


class Waiting(Row):
    """An address to write to once, when its borough starts; deleted when that email is sent."""

    email = CharField(320)
    borough = ForeignKeyField(Area, backref="waiting")
    created_at = DateTimeField(default=db.now)

    class Meta:
        indexes = ((("email", "borough"), True),)


class Link(Row):
    """A link from an email that is used once: 128 random bits, kept only as a hash."""

    CONFIRM, SIGN_IN = "confirm", "sign-in"

    resident = ForeignKeyField(Resident, on_delete="CASCADE")
    purpose = CharField(10)
    consent = ForeignKeyField(Consent, null=True, on_delete="CASCADE")  # what a confirm link confirms
    token_hash = CharField(64, unique=True)
    created_at = DateTimeField(default=db.now)
    expires_at = DateTimeField(index=True)
    used_at = DateTimeField(null=True)

    class Meta:
        constraints = [one_of("purpose", ("confirm", "sign-in"))]


class Suppression(Row):
    """An address that we must not write to, as a keyed hash; it outlives the resident."""

    BOUNCED, COMPLAINED, ASKED = "bounced", "complained", "asked"

    address_hash = CharField(64, primary_key=True)
    reason = CharField(10)
    created_at = DateTimeField(default=db.now)

    class Meta:
        constraints = [one_of("reason", ("bounced", "complained", "asked"))]


class Attempt(Row):
    """Somebody tried something that has a limit. Whom it concerns is a keyed hash."""

    limit = CharField(20, column_name="limit_name")
    who_hash = CharField(64)
    at = DateTimeField(default=db.now, index=True)

    class Meta:
        indexes = ((("limit", "who_hash", "at"), False),)


# --- Staff ---


class Team(Row):
    """A Safer Neighbourhoods Team; it looks after wards."""

    name = CharField(unique=True)
    phone = CharField(30, default="")
    email = CharField(320, default="")


class TeamWard(Row):
    """A ward has one team; a team may have several wards."""

    ward = ForeignKeyField(Area, primary_key=True, on_delete="CASCADE")
    team = ForeignKeyField(Team, backref="team_wards")


class Officer(Row):
    """Staff who sign in."""

    OFFICER, SUPERVISOR, ADMINISTRATOR = "officer", "supervisor", "administrator"

    email = CharField(320, unique=True)
    name = CharField()  # as residents read it: “PC Farah Malik”
    role = CharField(13, default=OFFICER)
    password_hash = CharField()
    session_key = CharField(32)  # changing it signs every device out
    created_at = DateTimeField(default=db.now)
    suspended_at = DateTimeField(null=True)

    class Meta:
        constraints = [one_of("role", ("officer", "supervisor", "administrator"))]


class Membership(Row):
    """An officer works in a team; sergeants work in several."""

    officer = ForeignKeyField(Officer, on_delete="CASCADE", backref="memberships")
    team = ForeignKeyField(Team, on_delete="CASCADE", backref="memberships")

    class Meta:
        primary_key = CompositeKey("officer", "team")


# --- Publishing ---


class Alert(Row):
    """What an officer writes to residents. Fixed once sending."""

    DRAFT, SENDING, SENT, CANCELLED = "draft", "sending", "sent", "cancelled"

    team = ForeignKeyField(Team, backref="alerts")
    author = ForeignKeyField(Officer)
    sender = ForeignKeyField(Officer, null=True)  # who pressed Send
    alert_type = CharField(12, default="")
    theme = CharField(30, null=True)
    title = CharField(120, default="")
    body = TextField(default="")  # Markdown
    state = CharField(17, default=DRAFT)
    revision = IntegerField(default=0)  # raised by each save …
    editor = CharField(16, default="")  # … and which open page saved last, so that two pages notice each other
    audience_size = IntegerField(null=True)  # those written to at once; stored when sending begins
    created_at = DateTimeField(default=db.now)
    changed_at = DateTimeField(default=db.now)
    sending_at = DateTimeField(null=True)
    prepared_at = DateTimeField(null=True)  # every delivery has its row
    worked_at = DateTimeField(null=True)  # the last batch was claimed then
    sent_at = DateTimeField(null=True)

    class Meta:
        constraints = [one_of("state", ("draft", "awaiting approval", "scheduled", "sending", "sent", "cancelled"))]

    @property
    def is_draft(self) -> bool:
        return self.state == self.DRAFT

    @property
    def is_public(self) -> bool:
        return self.state in (self.SENDING, self.SENT)

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


class AlertArea(Row):
    """An alert goes to a ward, or to a whole borough."""

    alert = ForeignKeyField(Alert, on_delete="CASCADE", backref="alert_areas")
    area = ForeignKeyField(Area)

    class Meta:
        primary_key = CompositeKey("alert", "area")


class Digest(Row):
    """What gathered since last time, in one email: one run for each frequency and date."""

    frequency = CharField(11)
    date = CharField(10)  # London's date, 2026-11-22
    since = DateTimeField()  # alerts from then …
    until = DateTimeField()  # … up to here
    prepared_at = DateTimeField(null=True)
    worked_at = DateTimeField(null=True)

    class Meta:
        indexes = ((("frequency", "date"), True),)
        constraints = [one_of("frequency", ("daily", "weekly"))]


class Delivery(Row):
    """One email to one resident. Sent means that our mail server took it."""

    PENDING, SENDING, SENT, FAILED, SKIPPED = STATES = ("pending", "sending", "sent", "failed", "skipped")
    ALERT, DIGEST = "alert", "digest"
    CONFIRM, KNOWN, SIGN_IN, STARTED = "confirm", "known", "sign-in", "started"
    LEASE = timedelta(minutes=5)  # a claim older than this belonged to a worker that is gone

    kind = CharField(8)
    resident = ForeignKeyField(Resident, null=True, on_delete="CASCADE", backref="deliveries")
    waiting = ForeignKeyField(Waiting, null=True, on_delete="SET NULL")  # instead of a resident: kind "started"
    alert = ForeignKeyField(Alert, null=True, backref="deliveries")
    digest = ForeignKeyField(Digest, null=True, backref="deliveries")
    consent = ForeignKeyField(Consent, null=True, on_delete="SET NULL")  # what a confirmation confirms
    state = CharField(7, default=PENDING)
    reason = CharField(200, null=True)  # why it failed, was skipped or waits, in words
    attempts = SmallIntegerField(default=0)
    created_at = DateTimeField(default=db.now)
    due_at = DateTimeField(default=db.now)
    claimed_at = DateTimeField(null=True)
    claim = CharField(32, null=True)  # which worker's batch has it
    sent_at = DateTimeField(null=True)

    class Meta:
        indexes = (
            (("alert", "resident"), True),
            (("digest", "resident"), True),
            (("alert", "state"), False),
        )
        constraints = [
            one_of("state", ("pending", "sending", "sent", "failed", "skipped")),
            one_of("kind", ("alert", "digest", "confirm", "known", "sign-in", "started")),
        ]

    @property
    def address(self) -> str | None:
        """Where it goes; None when the person is gone."""
        person = self.resident or self.waiting
        return person.email if person else None

    @classmethod
    def is_lost(cls, now: datetime):
        return (cls.state == cls.SENDING) & (cls.claimed_at < now - cls.LEASE)


Delivery.add_index(
    Delivery.index(
        Delivery.kind,
        Delivery.due_at,
        where=SQL("state = 'pending'"),
        name="delivery_waiting",
    )
)
Delivery.add_index(Delivery.index(Delivery.claim, where=SQL("state = 'sending'"), name="delivery_claimed"))


class Journal(Row):
    """Who did what, when. Append only."""

    at = DateTimeField(default=db.now, index=True)
    officer = ForeignKeyField(Officer, null=True)
    resident = ForeignKeyField(Resident, null=True, on_delete="SET NULL")
    action = CharField(40)
    alert = ForeignKeyField(Alert, null=True)
    detail = CharField(200, default="")


TABLES = (
    Area,
    Postcode,
    Resident,
    Consent,
    ThemeChoice,
    Subscription,
    Waiting,
    Link,
    Suppression,
    Attempt,
    Team,
    TeamWard,
    Officer,
    Membership,
    Alert,
    AlertArea,
    Digest,
    Delivery,
    Journal,
)

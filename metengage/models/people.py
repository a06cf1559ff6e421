"""Places, staff and residents."""

from datetime import datetime

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
from metengage.choices import ALERT_TYPES, FREQUENCIES, THEMES


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
    latitude = FloatField(null=True)  # WGS84 degrees, where an import had them
    longitude = FloatField(null=True)


class Outline(Row):
    """The shape of a ward as it was imported, for maps; in a table of its own, because few pages draw one."""

    area = ForeignKeyField(Area, primary_key=True, on_delete="CASCADE")
    rings = JSONField()  # [[[longitude, latitude], …], …] in WGS84 degrees; holes are rings too


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
    # The second factor’s secret is made of this and SECRET_KEY: the database alone does not hold it. None: not set up.
    totp_nonce = CharField(32, null=True)
    totp_step = IntegerField(null=True)  # the time step (30 s) of the last code that was taken: none is taken twice
    away_until = DateTimeField(null=True)
    cover = ForeignKeyField("self", null=True)  # who looks after their work meanwhile
    created_at = DateTimeField(default=db.now)
    suspended_at = DateTimeField(null=True)

    class Meta:
        constraints = [one_of("role", ("officer", "supervisor", "administrator"))]

    @property
    def is_administrator(self) -> bool:
        return self.role == self.ADMINISTRATOR


class Membership(Row):
    """An officer works in a team; sergeants work in several."""

    officer = ForeignKeyField(Officer, on_delete="CASCADE", backref="memberships")
    team = ForeignKeyField(Team, on_delete="CASCADE", backref="memberships")
    is_contact = BooleanField(default=False, constraints=[SQL("DEFAULT FALSE")])  # whom residents ask for by name

    class Meta:
        primary_key = CompositeKey("officer", "team")


Membership.add_index(Membership.index(Membership.team, where=SQL("is_contact"), unique=True, name="membership_contact"))


class RecoveryCode(Row):
    """Lets an officer in once without their second factor; kept only as a hash."""

    officer = ForeignKeyField(Officer, on_delete="CASCADE")
    code_hash = CharField(64, unique=True)
    used_at = DateTimeField(null=True)


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
    paused_until = DateTimeField(null=True)  # nothing is sent until then; kept until an email has said that it is over
    weekly_cap = SmallIntegerField(null=True)  # emails from Saturday to Saturday, at most; the rest waits in Held
    discreet_since = DateTimeField(null=True)  # others read their phone: sender, subject and preview say nothing
    ask_at = DateTimeField(null=True)  # how well informed they feel is asked again then; none: never

    class Meta:
        constraints = [one_of("state", ("pending", "confirmed", "left", "erased"))]

    @property
    def is_confirmed(self) -> bool:
        return self.state == self.CONFIRMED

    @property
    def is_discreet(self) -> bool:
        return self.discreet_since is not None

    @classmethod
    def is_paused(cls, now: datetime):
        return cls.paused_until > now

    @classmethod
    def paused(cls, now: datetime):
        """A query for the ids of those who want nothing at all now."""
        return cls.select(cls.id).where(cls.is_paused(now))


# Few are paused at a time, and everybody who counts or writes leaves them out.
Resident.add_index(Resident.index(Resident.paused_until, where=SQL("paused_until IS NOT NULL"), name="resident_paused"))
Resident.add_index(Resident.index(Resident.ask_at, where=SQL("ask_at IS NOT NULL"), name="resident_to_ask"))
# The clock looks each minute for what may no longer be kept, here and below.
Resident.add_index(Resident.index(Resident.created_at, where=SQL("state = 'pending'"), name="resident_pending"))
Resident.add_index(Resident.index(Resident.left_at, where=SQL("state = 'left'"), name="resident_left"))


class Consent(Row):
    """Who agreed, when, how, and to which wording. Until confirmed it also holds what they chose."""

    WEB, DOORSTEP = "web", "doorstep"

    resident = ForeignKeyField(Resident, on_delete="CASCADE", backref="consents")
    wording = CharField(20)  # a key of choices.CONSENT_WORDINGS
    source = CharField(20, default=WEB)
    officer = ForeignKeyField(Officer, null=True, index=False)  # who was at their door
    agreed_at = DateTimeField(null=True)  # at their door, where it came in later for want of a signal
    answers = JSONField(null=True)  # the survey's answers as agreed; blanked when they are applied
    created_at = DateTimeField(default=db.now)
    reminded_at = DateTimeField(null=True)  # once, when nobody confirmed it
    confirmed_at = DateTimeField(null=True)


Consent.add_index(Consent.index(Consent.created_at, where=SQL("confirmed_at IS NULL"), name="consent_unconfirmed"))


class AddressChange(Row):
    """A new address that waits until its owner confirms it; then the old one, until that was told. Deleted after."""

    resident = ForeignKeyField(Resident, on_delete="CASCADE")
    new_email = CharField(320, null=True)  # lower case, the domain in ASCII; blanked when it is the resident's
    old_email = CharField(320, null=True)  # set when it no longer is
    created_at = DateTimeField(default=db.now)


class ThemeChoice(Row):
    """A theme that concerns a resident; rank 1 to 3 for the three that matter most."""

    resident = ForeignKeyField(Resident, on_delete="CASCADE", backref="themes")
    theme = CharField(30)
    rank = SmallIntegerField(null=True)

    class Meta:
        indexes = ((("resident", "theme"), True),)
        constraints = [one_of("theme", THEMES)]


# Who named a theme is looked up for each of an audience.
ThemeChoice.add_index(ThemeChoice.index(ThemeChoice.theme, ThemeChoice.resident, name="theme_choice_named"))


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
# The same for one resident in 16, by whom a large audience is counted while an officer writes. Both databases know
# that & of a number for the same.
Subscription.add_index(
    Subscription.index(
        Subscription.alert_type,
        Subscription.area,
        Subscription.frequency,
        Subscription.resident,
        where=SQL("ended_at IS NULL AND (resident_id & 15) = 0"),
        name="subscription_sample",
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


Subscription.add_index(
    Subscription.index(Subscription.ended_at, where=SQL("ended_at IS NOT NULL"), name="subscription_ended")
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

    CONFIRM, SIGN_IN, ADDRESS = "confirm", "sign-in", "address"

    resident = ForeignKeyField(Resident, on_delete="CASCADE")
    purpose = CharField(10)
    consent = ForeignKeyField(Consent, null=True, on_delete="CASCADE")  # what a confirm link confirms
    address_change = ForeignKeyField(AddressChange, null=True, on_delete="CASCADE")  # what an address link confirms
    token_hash = CharField(64, unique=True)
    created_at = DateTimeField(default=db.now)
    expires_at = DateTimeField(index=True)
    used_at = DateTimeField(null=True)

    class Meta:
        constraints = [one_of("purpose", ("confirm", "sign-in", "address"))]


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


class Complaint(Row):
    """A complaint about how we handle personal data, and what became of it (Data Protection Act 2018, s. 164A)."""

    resident = ForeignKeyField(Resident, null=True, on_delete="SET NULL")
    email = CharField(320, null=True)  # where it is answered
    text = TextField(null=True)
    created_at = DateTimeField(default=db.now, index=True)
    acknowledged_at = DateTimeField(null=True)  # our mail server took the email that says we have it
    answered_at = DateTimeField(null=True)
    answer = TextField(null=True)
    officer = ForeignKeyField(Officer, null=True)  # who answered it


class Doorstep(Row):
    """Something that an officer brought from a door: taken once, however often it is sent."""

    key = CharField(64, unique=True)  # made of its form’s random key and what that says, so that it tells neither
    officer = ForeignKeyField(Officer)
    ward = ForeignKeyField(Area)
    at = DateTimeField(default=db.now)

"""The first tables: places, residents, staff, alerts and what is sent."""

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


def one_of(column, values):
    return Check("{} IN ({})".format(column, ", ".join(f"'{value}'" for value in values)))


class Row(Model):
    class Meta:
        legacy_table_names = False


class Area(Row):
    code = CharField(9, primary_key=True)
    name = CharField()
    kind = CharField(7)
    parent = ForeignKeyField("self", null=True, backref="wards")
    force = CharField(40)
    command_unit = CharField(40, null=True)
    latitude = FloatField(null=True)
    longitude = FloatField(null=True)
    started_at = DateTimeField(null=True)
    retired_at = DateTimeField(null=True)

    class Meta:
        constraints = [one_of("kind", ("ward", "borough"))]


class Postcode(Row):
    postcode = CharField(7, primary_key=True)
    ward = ForeignKeyField(Area)
    is_live = BooleanField(default=True)


class Resident(Row):
    email = CharField(320, null=True, unique=True)
    name = CharField(100, default="")
    home = ForeignKeyField(Area, null=True)
    state = CharField(9, default="pending")
    link_version = IntegerField(default=1)
    created_at = DateTimeField()
    confirmed_at = DateTimeField(null=True)
    left_at = DateTimeField(null=True)

    class Meta:
        constraints = [one_of("state", ("pending", "confirmed", "left", "erased"))]


class Consent(Row):
    resident = ForeignKeyField(Resident, on_delete="CASCADE", backref="consents")
    wording = CharField(20)
    source = CharField(20, default="web")
    answers = JSONField(null=True)
    created_at = DateTimeField()
    confirmed_at = DateTimeField(null=True)


class ThemeChoice(Row):
    resident = ForeignKeyField(Resident, on_delete="CASCADE", backref="themes")
    theme = CharField(30)
    rank = SmallIntegerField(null=True)

    class Meta:
        indexes = ((("resident", "theme"), True),)
        constraints = [
            one_of(
                "theme",
                (
                    "burglary",
                    "theft-from-vehicles",
                    "theft-of-vehicles",
                    "personal-theft",
                    "violence",
                    "knife-crime",
                    "anti-social-behaviour",
                    "fraud",
                    "drugs",
                    "hate-crime",
                    "women-and-girls",
                    "road-safety",
                ),
            )
        ]


class Subscription(Row):
    resident = ForeignKeyField(Resident, on_delete="CASCADE", backref="subscriptions")
    area = ForeignKeyField(Area)
    alert_type = CharField(12)
    frequency = CharField(11)
    source = CharField(20)
    began_at = DateTimeField()
    ended_at = DateTimeField(null=True)
    ended_reason = CharField(20, null=True)

    class Meta:
        constraints = [
            one_of("frequency", ("immediately", "daily", "weekly")),
            one_of("alert_type", ("advice", "incidents", "appeals", "results", "meetings", "priorities")),
        ]


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
    email = CharField(320)
    borough = ForeignKeyField(Area, backref="waiting")
    created_at = DateTimeField()

    class Meta:
        indexes = ((("email", "borough"), True),)


class Link(Row):
    resident = ForeignKeyField(Resident, on_delete="CASCADE")
    purpose = CharField(10)
    consent = ForeignKeyField(Consent, null=True, on_delete="CASCADE")
    token_hash = CharField(64, unique=True)
    created_at = DateTimeField()
    expires_at = DateTimeField(index=True)
    used_at = DateTimeField(null=True)

    class Meta:
        constraints = [one_of("purpose", ("confirm", "sign-in"))]


class Suppression(Row):
    address_hash = CharField(64, primary_key=True)
    reason = CharField(10)
    created_at = DateTimeField()

    class Meta:
        constraints = [one_of("reason", ("bounced", "complained", "asked"))]


class Attempt(Row):
    limit = CharField(20, column_name="limit_name")
    who_hash = CharField(64)
    at = DateTimeField(index=True)

    class Meta:
        indexes = ((("limit", "who_hash", "at"), False),)


class Team(Row):
    name = CharField(unique=True)
    phone = CharField(30, default="")
    email = CharField(320, default="")


class TeamWard(Row):
    ward = ForeignKeyField(Area, primary_key=True, on_delete="CASCADE")
    team = ForeignKeyField(Team, backref="team_wards")


class Officer(Row):
    email = CharField(320, unique=True)
    name = CharField()
    role = CharField(13, default="officer")
    password_hash = CharField()
    session_key = CharField(32)
    created_at = DateTimeField()
    suspended_at = DateTimeField(null=True)

    class Meta:
        constraints = [one_of("role", ("officer", "supervisor", "administrator"))]


class Membership(Row):
    officer = ForeignKeyField(Officer, on_delete="CASCADE", backref="memberships")
    team = ForeignKeyField(Team, on_delete="CASCADE", backref="memberships")

    class Meta:
        primary_key = CompositeKey("officer", "team")


class Alert(Row):
    team = ForeignKeyField(Team, backref="alerts")
    author = ForeignKeyField(Officer)
    sender = ForeignKeyField(Officer, null=True)
    alert_type = CharField(12, default="")
    theme = CharField(30, null=True)
    title = CharField(120, default="")
    body = TextField(default="")
    state = CharField(17, default="draft")
    revision = IntegerField(default=0)
    editor = CharField(16, default="")
    audience_size = IntegerField(null=True)
    created_at = DateTimeField()
    changed_at = DateTimeField()
    sending_at = DateTimeField(null=True)
    prepared_at = DateTimeField(null=True)
    worked_at = DateTimeField(null=True)
    sent_at = DateTimeField(null=True)

    class Meta:
        constraints = [one_of("state", ("draft", "awaiting approval", "scheduled", "sending", "sent", "cancelled"))]


Alert.add_index(Alert.index(Alert.state, Alert.sending_at))


class AlertArea(Row):
    alert = ForeignKeyField(Alert, on_delete="CASCADE", backref="alert_areas")
    area = ForeignKeyField(Area)

    class Meta:
        primary_key = CompositeKey("alert", "area")


class Digest(Row):
    frequency = CharField(11)
    date = CharField(10)
    since = DateTimeField()
    until = DateTimeField()
    prepared_at = DateTimeField(null=True)
    worked_at = DateTimeField(null=True)

    class Meta:
        indexes = ((("frequency", "date"), True),)
        constraints = [one_of("frequency", ("daily", "weekly"))]


class Delivery(Row):
    kind = CharField(8)
    resident = ForeignKeyField(Resident, null=True, on_delete="CASCADE", backref="deliveries")
    waiting = ForeignKeyField(Waiting, null=True, on_delete="SET NULL")
    alert = ForeignKeyField(Alert, null=True, backref="deliveries")
    digest = ForeignKeyField(Digest, null=True, backref="deliveries")
    consent = ForeignKeyField(Consent, null=True, on_delete="SET NULL")
    state = CharField(7, default="pending")
    reason = CharField(200, null=True)
    attempts = SmallIntegerField(default=0)
    created_at = DateTimeField()
    due_at = DateTimeField()
    claimed_at = DateTimeField(null=True)
    claim = CharField(32, null=True)
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
    at = DateTimeField(index=True)
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


def up(migrator, db):
    with db.bind_ctx(TABLES):
        db.create_tables(TABLES, safe=False)


def down(migrator, db):
    with db.bind_ctx(TABLES):
        db.drop_tables(TABLES)

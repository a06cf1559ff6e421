"""Teams announce events; residents book, wait and come."""

from peewee import (
    SQL,
    BooleanField,
    CharField,
    Check,
    CompositeKey,
    DateTimeField,
    ForeignKeyField,
    IntegerField,
    Model,
    SmallIntegerField,
    SqliteDatabase,
    TextField,
)


class Row(Model):
    class Meta:
        legacy_table_names = False


class Area(Row):
    code = CharField(9, primary_key=True)


class Resident(Row):
    pass


class Team(Row):
    pass


class Officer(Row):
    pass


class Event(Row):
    key = CharField(32, unique=True)
    team = ForeignKeyField(Team)
    officer = ForeignKeyField(Officer)
    kind = CharField(8)
    title = CharField(120)
    about = TextField()
    venue = CharField(300)
    access = CharField(100)
    access_note = CharField(500)
    begins_at = DateTimeField()
    ends_at = DateTimeField()
    places = SmallIntegerField(null=True)
    state = CharField(9)
    revision = IntegerField()
    former = CharField(500)
    created_at = DateTimeField()
    changed_at = DateTimeField()
    published_at = DateTimeField(null=True)
    cancelled_at = DateTimeField(null=True)
    cancelled_because = CharField(300)
    came = IntegerField(null=True)
    said = TextField()
    said_at = DateTimeField(null=True)

    class Meta:
        constraints = [
            Check("kind IN ('meeting', 'surgery', 'stall')"),
            Check("state IN ('planned', 'published', 'cancelled')"),
        ]


Event.add_index(Event.index(Event.state, Event.begins_at))


class EventWard(Row):
    event = ForeignKeyField(Event, on_delete="CASCADE")
    ward = ForeignKeyField(Area)

    class Meta:
        primary_key = CompositeKey("event", "ward")


class Booking(Row):
    event = ForeignKeyField(Event, index=False, on_delete="CASCADE")
    resident = ForeignKeyField(Resident, null=True, on_delete="CASCADE")
    name = CharField(100)
    state = CharField(9)
    at = DateTimeField()
    moved_up_at = DateTimeField(null=True)
    told_at = DateTimeField(null=True)
    ended_at = DateTimeField(null=True)
    attended = BooleanField(null=True)

    class Meta:
        constraints = [Check("state IN ('asked', 'booked', 'waiting', 'cancelled')")]


Booking.add_index(Booking.index(Booking.event, Booking.state, Booking.at, name="booking_line"))
Booking.add_index(Booking.index(Booking.at, where=SQL("state = 'asked'"), name="booking_asked"))
Booking.add_index(Booking.index(Booking.event, where=SQL("resident_id IS NOT NULL"), name="booking_of_residents"))
Booking.add_index(
    Booking.index(Booking.event, Booking.resident, where=SQL("state <> 'cancelled'"), unique=True, name="booking_once")
)

TABLES = (Event, EventWard, Booking)
THOSE_BEFORE = (Area, Resident, Team, Officer)
# (table, column, its foreign key): the database keeps what an email tells of, which goes with what that is about.
KEYS = (
    ("notice", "booking_id", 'FOREIGN KEY ("booking_id") REFERENCES "booking" ("id") ON DELETE CASCADE'),
    ("delivery", "notice_id", 'FOREIGN KEY ("notice_id") REFERENCES "notice" ("id") ON DELETE SET NULL'),
)


def up(migrator, db):
    with db.bind_ctx([*THOSE_BEFORE, *TABLES]):
        db.create_tables(TABLES, safe=False)
    db.execute_sql('ALTER TABLE "notice" ADD COLUMN "booking_id" INTEGER')
    gone = '"notice_id" IS NOT NULL AND "notice_id" NOT IN (SELECT "id" FROM "notice")'
    db.execute_sql(f'UPDATE "delivery" SET "notice_id" = NULL WHERE {gone}')  # noqa: S608  our own words
    for table, column, key in KEYS:
        if isinstance(db, SqliteDatabase):
            _rewrite(db, table, f'"{column}" INTEGER', f'"{column}" INTEGER, {key}')
        else:
            db.execute_sql(f'ALTER TABLE "{table}" ADD {key}')
    db.execute_sql('CREATE INDEX "notice_booking_id" ON "notice" ("booking_id")')


def down(migrator, db):
    of_bookings = 'SELECT "id" FROM "notice" WHERE "booking_id" IS NOT NULL'
    db.execute_sql(f'DELETE FROM "delivery" WHERE "notice_id" IN ({of_bookings})')  # noqa: S608  our own words
    db.execute_sql('DELETE FROM "notice" WHERE "booking_id" IS NOT NULL')
    db.execute_sql('DROP INDEX "notice_booking_id"')
    for table, column, key in KEYS:
        if isinstance(db, SqliteDatabase):
            _rewrite(db, table, f", {key}", "")
        else:
            db.execute_sql(f'ALTER TABLE "{table}" DROP CONSTRAINT "{table}_{column}_fkey"')
    db.execute_sql('ALTER TABLE "notice" DROP COLUMN "booking_id"')
    with db.bind_ctx([*THOSE_BEFORE, *TABLES]):
        db.drop_tables(TABLES)


def _rewrite(db, table, former, latter):
    """SQLite cannot alter what a table demands of its rows; it lets its description be changed instead.

    https://www.sqlite.org/lang_altertable.html#otheralter says so of constraints, which are in no row.
    """
    (text,) = db.execute_sql("SELECT sql FROM sqlite_master WHERE type = 'table' AND name = ?", (table,)).fetchone()
    (version,) = db.execute_sql("PRAGMA schema_version").fetchone()
    assert text.count(former) == 1, f"{table} has not been made by the migrations before"
    text = text.replace(former, latter)
    db.execute_sql("PRAGMA writable_schema = ON")
    db.execute_sql("UPDATE sqlite_master SET sql = ? WHERE type = 'table' AND name = ?", (text, table))
    db.execute_sql(f"PRAGMA schema_version = {version + 1}")
    db.execute_sql("PRAGMA writable_schema = OFF")

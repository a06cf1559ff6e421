"""Residents raise concerns and answer alerts; teams respond in time."""

from peewee import (
    SQL,
    BlobField,
    BooleanField,
    CharField,
    Check,
    DateTimeField,
    FloatField,
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


class Story(Row):
    pass


class Alert(Row):
    pass


THEMES = (
    "'burglary', 'theft-from-vehicles', 'theft-of-vehicles', 'personal-theft', 'violence', 'knife-crime',"
    " 'anti-social-behaviour', 'fraud', 'drugs', 'hate-crime', 'women-and-girls', 'road-safety'"
)


class Concern(Row):
    key = CharField(32, unique=True)
    resident = ForeignKeyField(Resident, null=True, on_delete="CASCADE")
    wants_answer = BooleanField()
    alert = ForeignKeyField(Alert, null=True)
    ward = ForeignKeyField(Area)
    team = ForeignKeyField(Team)
    theme = CharField(30, null=True)
    text = TextField()
    place = CharField(200)
    latitude = FloatField(null=True)
    longitude = FloatField(null=True)
    how_often = CharField(10)
    state = CharField(11)
    created_at = DateTimeField()
    received_at = DateTimeField(null=True)
    due_at = DateTimeField(null=True)
    reminded_at = DateTimeField(null=True)
    escalated_at = DateTimeField(null=True)
    answered_at = DateTimeField(null=True)
    closed_at = DateTimeField(null=True)
    closed_because = CharField(10)
    reopened_at = DateTimeField(null=True)
    held_at = DateTimeField(null=True)
    officer = ForeignKeyField(Officer, null=True)
    story = ForeignKeyField(Story, null=True)
    duplicate_of = ForeignKeyField("self", null=True, on_delete="SET NULL")
    revision = IntegerField()

    class Meta:
        constraints = [
            Check("state IN ('unconfirmed', 'new', 'triaged', 'answered', 'reopened', 'closed')"),
            Check(f"theme IN ({THEMES})"),
            Check("how_often IN ('', 'once', 'sometimes', 'weekly', 'daily', 'always')"),
            Check("closed_because IN ('', 'done', 'no action', 'duplicate', 'moved', 'spam', 'left', 'no reply')"),
        ]


Concern.add_index(Concern.index(Concern.team, Concern.due_at, where=SQL("state <> 'closed'"), name="concern_open"))
Concern.add_index(Concern.index(Concern.closed_at, where=SQL("state = 'closed'"), name="concern_closed"))
Concern.add_index(Concern.index(Concern.created_at, where=SQL("state = 'unconfirmed'"), name="concern_unconfirmed"))
Concern.add_index(Concern.index(Concern.ward, Concern.received_at))
Concern.add_index(
    Concern.index(
        Concern.resident, Concern.alert, where=SQL("alert_id IS NOT NULL"), unique=True, name="concern_answers_once"
    )
)


class Message(Row):
    concern = ForeignKeyField(Concern, on_delete="CASCADE")
    kind = CharField(10)
    officer = ForeignKeyField(Officer, null=True)
    text = TextField()
    key = CharField(32, null=True, unique=True)
    at = DateTimeField()

    class Meta:
        constraints = [
            Check("kind IN ('response', 'question', 'closing', 'reply', 'not solved', 'note', 'act')"),
        ]


class Photo(Row):
    concern = ForeignKeyField(Concern, primary_key=True, on_delete="CASCADE")
    width = SmallIntegerField()
    height = SmallIntegerField()
    content = BlobField()


class Restriction(Row):
    resident = ForeignKeyField(Resident, on_delete="CASCADE")
    officer = ForeignKeyField(Officer)
    reason = CharField(500)
    began_at = DateTimeField()
    until = DateTimeField()
    ended_at = DateTimeField(null=True)


class Notice(Row):
    kind = CharField(10)
    resident = ForeignKeyField(Resident, null=True, on_delete="CASCADE")
    officer = ForeignKeyField(Officer, null=True, on_delete="CASCADE")
    concern = ForeignKeyField(Concern, null=True, on_delete="CASCADE")
    message = ForeignKeyField(Message, null=True, on_delete="CASCADE")
    restriction = ForeignKeyField(Restriction, null=True, on_delete="CASCADE")
    created_at = DateTimeField(index=True)


TABLES = (Concern, Message, Photo, Restriction, Notice)
THOSE_BEFORE = (Area, Resident, Team, Officer, Story, Alert)
KINDS = (
    *("alert", "digest", "confirm", "known", "sign-in", "started", "reminder", "welcome", "goodbye"),
    *("new-addr", "old-addr", "receipt"),
    *("trial", "asked", "returned", "approved", "first"),
)
BESIDES = ("notice",)


def up(migrator, db):
    with db.bind_ctx([*THOSE_BEFORE, *TABLES]):
        db.create_tables(TABLES, safe=False)
    db.execute_sql('ALTER TABLE "delivery" ADD COLUMN "notice_id" INTEGER')
    db.execute_sql('CREATE INDEX "delivery_of_notice" ON "delivery" ("notice_id") WHERE notice_id IS NOT NULL')
    _choose_from(db, "delivery", "kind", KINDS, KINDS + BESIDES)


def down(migrator, db):
    db.execute_sql(f'DELETE FROM "delivery" WHERE {_check("kind", BESIDES)}')  # noqa: S608  our own words
    _choose_from(db, "delivery", "kind", KINDS + BESIDES, KINDS)
    db.execute_sql('DROP INDEX "delivery_of_notice"')
    db.execute_sql('ALTER TABLE "delivery" DROP COLUMN "notice_id"')
    with db.bind_ctx([*THOSE_BEFORE, *TABLES]):
        db.drop_tables(TABLES)


def _check(column, values):
    return "{} IN ({})".format(column, ", ".join(f"'{value}'" for value in values))


def _choose_from(db, table, column, former, latter):
    if isinstance(db, SqliteDatabase):
        _rewrite(db, table, _check(column, former), _check(column, latter))
        return
    names = db.execute_sql(
        "SELECT conname FROM pg_constraint WHERE conrelid = %s::regclass AND contype = 'c'"
        " AND pg_get_constraintdef(oid) LIKE %s",
        (table, f"%{former[0]}%{former[1]}%"),
    ).fetchall()
    for (name,) in names:
        db.execute_sql(f'ALTER TABLE "{table}" DROP CONSTRAINT "{name}"')
    db.execute_sql(f'ALTER TABLE "{table}" ADD CONSTRAINT "{names[0][0]}" CHECK ({_check(column, latter)})')


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

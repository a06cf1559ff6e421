"""Residents pause, cap, follow stories, move to another address, complain, and are told what each digest holds."""

from peewee import (
    SQL,
    CharField,
    Check,
    CompositeKey,
    DateTimeField,
    ForeignKeyField,
    Model,
    SqliteDatabase,
    TextField,
)


class Row(Model):
    class Meta:
        legacy_table_names = False


class Resident(Row):
    pass


class Team(Row):
    pass


class Officer(Row):
    pass


class Alert(Row):
    pass


class Digest(Row):
    pass


class AddressChange(Row):
    resident = ForeignKeyField(Resident, on_delete="CASCADE")
    new_email = CharField(320, null=True)
    old_email = CharField(320, null=True)
    created_at = DateTimeField()


class Complaint(Row):
    resident = ForeignKeyField(Resident, null=True, on_delete="SET NULL")
    email = CharField(320, null=True)
    text = TextField(null=True)
    created_at = DateTimeField(index=True)
    acknowledged_at = DateTimeField(null=True)
    answered_at = DateTimeField(null=True)
    answer = TextField(null=True)
    officer = ForeignKeyField(Officer, null=True)


class Story(Row):
    team = ForeignKeyField(Team)
    title = CharField(120)
    created_at = DateTimeField()
    ended_at = DateTimeField(null=True)


class DigestAlert(Row):
    digest = ForeignKeyField(Digest, on_delete="CASCADE")
    alert = ForeignKeyField(Alert, on_delete="CASCADE")

    class Meta:
        primary_key = CompositeKey("digest", "alert")


class Held(Row):
    resident = ForeignKeyField(Resident, on_delete="CASCADE")
    alert = ForeignKeyField(Alert, on_delete="CASCADE")
    frequency = CharField(11)
    held_at = DateTimeField()
    digest = ForeignKeyField(Digest, null=True, on_delete="CASCADE")

    class Meta:
        indexes = ((("resident", "alert"), True),)
        constraints = [Check("frequency IN ('daily', 'weekly')")]


class Follow(Row):
    resident = ForeignKeyField(Resident, on_delete="CASCADE")
    story = ForeignKeyField(Story, on_delete="CASCADE")
    began_at = DateTimeField()
    ended_at = DateTimeField(null=True)
    ended_reason = CharField(20, null=True)


Follow.add_index(
    Follow.index(Follow.story, Follow.resident, where=SQL("ended_at IS NULL"), unique=True, name="follow_once")
)

Follow.add_index(Follow.index(Follow.ended_at, where=SQL("ended_at IS NOT NULL"), name="follow_ended"))

TABLES = (AddressChange, Complaint, Story, DigestAlert, Held, Follow)
THOSE_BEFORE = (Resident, Team, Officer, Alert, Digest)

# (table, column, its type, on SQLite, its foreign key)
COLUMNS = (
    ("resident", "paused_until", "TIMESTAMP", "DATETIME", ""),
    ("resident", "weekly_cap", "SMALLINT", "INTEGER", ""),
    ("resident", "discreet_since", "TIMESTAMP", "DATETIME", ""),
    ("consent", "reminded_at", "TIMESTAMP", "DATETIME", ""),
    ("link", "address_change_id", "INTEGER", "INTEGER", '"address_change" ("id") ON DELETE CASCADE'),
    ("alert", "story_id", "INTEGER", "INTEGER", '"story" ("id")'),
    ("alert", "ends_story", "BOOLEAN NOT NULL DEFAULT FALSE", "INTEGER NOT NULL DEFAULT FALSE", ""),
    ("alert", "is_urgent", "BOOLEAN NOT NULL DEFAULT FALSE", "INTEGER NOT NULL DEFAULT FALSE", ""),
    ("delivery", "address_change_id", "INTEGER", "INTEGER", ""),
    ("delivery", "complaint_id", "INTEGER", "INTEGER", ""),
)
INDEXES = (
    ("resident_pending", "resident", "created_at", " WHERE state = 'pending'"),
    ("resident_left", "resident", "left_at", " WHERE state = 'left'"),
    ("consent_unconfirmed", "consent", "created_at", " WHERE confirmed_at IS NULL"),
    ("subscription_ended", "subscription", "ended_at", " WHERE ended_at IS NOT NULL"),
    ("journal_of_residents", "journal", "at", " WHERE resident_id IS NOT NULL"),
    ("resident_paused", "resident", "paused_until", " WHERE paused_until IS NOT NULL"),
    ("link_address_change_id", "link", "address_change_id", ""),
    ("alert_story_id", "alert", "story_id", ""),
    ("delivery_of_address_change", "delivery", "address_change_id", " WHERE address_change_id IS NOT NULL"),
    ("delivery_of_complaint", "delivery", "complaint_id", " WHERE complaint_id IS NOT NULL"),
)
# (table, column, what it may be until now, what it may be besides)
CHOICES = (
    ("link", "purpose", ("confirm", "sign-in"), ("address",)),
    (
        "delivery",
        "kind",
        ("alert", "digest", "confirm", "known", "sign-in", "started"),
        ("reminder", "welcome", "goodbye", "new-addr", "old-addr", "receipt"),
    ),
)
# Runs that began before this day hold what was sent in their time.
HELD_UNTIL_NOW = """
    INSERT INTO digest_alert (digest_id, alert_id)
    SELECT digest.id, alert.id FROM digest JOIN alert
        ON alert.sending_at > digest.since AND alert.sending_at <= digest.until
    WHERE alert.state IN ('sending', 'sent')
"""


def up(migrator, db):
    with db.bind_ctx([*THOSE_BEFORE, *TABLES]):
        db.create_tables(TABLES, safe=False)
    for table, column, kind, on_sqlite, key in COLUMNS:
        is_sqlite = isinstance(db, SqliteDatabase)
        db.execute_sql(f'ALTER TABLE "{table}" ADD COLUMN "{column}" {on_sqlite if is_sqlite else kind}')
        if key:
            _add_key(db, table, column, key)
    for name, table, column, some in INDEXES:
        db.execute_sql(f'CREATE INDEX "{name}" ON "{table}" ("{column}"){some}')
    for table, column, former, besides in CHOICES:
        _choose_from(db, table, column, former, former + besides)
    db.execute_sql(HELD_UNTIL_NOW)


def down(migrator, db):
    for table, column, former, besides in CHOICES:
        db.execute_sql(f'DELETE FROM "{table}" WHERE {_check(column, besides)}')  # noqa: S608  our own words
        _choose_from(db, table, column, former + besides, former)
    for name, *_ in INDEXES:
        db.execute_sql(f'DROP INDEX "{name}"')
    for table, column, *_, key in reversed(COLUMNS):
        if key and isinstance(db, SqliteDatabase):
            _rewrite(db, table, f", {_foreign(column)} {key}", "")
        db.execute_sql(f'ALTER TABLE "{table}" DROP COLUMN "{column}"')
    with db.bind_ctx([*THOSE_BEFORE, *TABLES]):
        db.drop_tables(TABLES)


def _foreign(column):
    return f'FOREIGN KEY ("{column}") REFERENCES'


def _add_key(db, table, column, key):
    key = f"{_foreign(column)} {key}"
    if isinstance(db, SqliteDatabase):
        _rewrite(db, table, f'"{column}" INTEGER', f'"{column}" INTEGER, {key}')
    else:
        db.execute_sql(f'ALTER TABLE "{table}" ADD {key}')


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

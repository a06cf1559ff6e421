"""Officers compose, check, approve, schedule, correct, and prove who they are by a second factor."""

from peewee import (
    SQL,
    BlobField,
    BooleanField,
    CharField,
    Check,
    CompositeKey,
    DateTimeField,
    ForeignKeyField,
    JSONField,
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


class Officer(Row):
    pass


class Alert(Row):
    pass


class Outline(Row):
    area = ForeignKeyField(Area, primary_key=True, on_delete="CASCADE")
    rings = JSONField()


class RecoveryCode(Row):
    officer = ForeignKeyField(Officer, on_delete="CASCADE")
    code_hash = CharField(64, unique=True)
    used_at = DateTimeField(null=True)


class Version(Row):
    alert = ForeignKeyField(Alert, on_delete="CASCADE")
    officer = ForeignKeyField(Officer)
    at = DateTimeField()
    why = CharField(10)
    words = JSONField()

    class Meta:
        constraints = [Check("why IN ('asked', 'sent', 'replaced')")]


class Writer(Row):
    alert = ForeignKeyField(Alert, on_delete="CASCADE")
    officer = ForeignKeyField(Officer)

    class Meta:
        primary_key = CompositeKey("alert", "officer")


VERDICTS = "'asked', 'approved', 'returned', 'went first', 'reviewed', 'taken back', 'fell back'"


class Decision(Row):
    alert = ForeignKeyField(Alert, on_delete="CASCADE")
    officer = ForeignKeyField(Officer, null=True)
    verdict = CharField(10)
    comment = CharField(1000)
    version = ForeignKeyField(Version, null=True, on_delete="SET NULL")
    at = DateTimeField()

    class Meta:
        constraints = [Check(f"verdict IN ({VERDICTS})")]


class Reason(Row):
    alert = ForeignKeyField(Alert, on_delete="CASCADE")
    rule = CharField(40)
    mark = CharField(64)
    words = CharField(1000)
    officer = ForeignKeyField(Officer)
    at = DateTimeField()

    class Meta:
        indexes = ((("alert", "rule"), True),)


class Picture(Row):
    key = CharField(32, unique=True)
    kind = CharField(8)
    alert = ForeignKeyField(Alert, null=True, on_delete="CASCADE")
    officer = ForeignKeyField(Officer)
    words = CharField(500)
    width = SmallIntegerField(null=True)
    height = SmallIntegerField(null=True)
    created_at = DateTimeField()

    class Meta:
        constraints = [Check("kind IN ('picture', 'poster', 'portrait')")]


Picture.add_index(
    Picture.index(Picture.alert, Picture.kind, where=SQL("alert_id IS NOT NULL"), unique=True, name="picture_of_alert")
)
Picture.add_index(
    Picture.index(Picture.officer, where=SQL("kind = 'portrait'"), unique=True, name="picture_of_officer")
)


class PictureFile(Row):
    picture = ForeignKeyField(Picture, on_delete="CASCADE")
    name = CharField(12)
    content = BlobField()

    class Meta:
        primary_key = CompositeKey("picture", "name")


class Rating(Row):
    alert = ForeignKeyField(Alert, on_delete="CASCADE")
    resident = ForeignKeyField(Resident, null=True, on_delete="SET NULL")
    is_useful = BooleanField()
    why = CharField(20)
    at = DateTimeField()

    class Meta:
        indexes = ((("alert", "resident"), True),)


Rating.add_index(Rating.index(Rating.at, where=SQL("resident_id IS NOT NULL"), name="rating_of_residents"))


class Memo(Row):
    alert = ForeignKeyField(Alert, on_delete="CASCADE")
    officer = ForeignKeyField(Officer)
    decision = ForeignKeyField(Decision, null=True, on_delete="CASCADE")
    why = TextField()
    created_at = DateTimeField(index=True)

    class Meta:
        indexes = ((("decision", "officer"), True),)


TABLES = (Outline, RecoveryCode, Version, Writer, Decision, Reason, Picture, PictureFile, Rating, Memo)
THOSE_BEFORE = (Area, Resident, Officer, Alert)

# (table, column, its type, on SQLite, its foreign key)
NO = "NOT NULL DEFAULT FALSE"
COLUMNS = (
    ("postcode", "latitude", "REAL", "REAL", ""),
    ("postcode", "longitude", "REAL", "REAL", ""),
    ("officer", "totp_nonce", "VARCHAR(32)", "VARCHAR(32)", ""),
    ("officer", "totp_step", "INTEGER", "INTEGER", ""),
    ("officer", "away_until", "TIMESTAMP", "DATETIME", ""),
    ("officer", "cover_id", "INTEGER", "INTEGER", '"officer" ("id")'),
    ("membership", "is_contact", f"BOOLEAN {NO}", f"INTEGER {NO}", ""),
    ("alert", "changed_by_id", "INTEGER", "INTEGER", '"officer" ("id")'),
    ("alert", "approver_id", "INTEGER", "INTEGER", '"officer" ("id")'),
    ("alert", "approved_at", "TIMESTAMP", "DATETIME", ""),
    ("alert", "is_unreviewed", f"BOOLEAN {NO}", f"INTEGER {NO}", ""),
    ("alert", "only_concerned", f"BOOLEAN {NO}", f"INTEGER {NO}", ""),
    ("alert", "centre", "VARCHAR(60) NOT NULL DEFAULT ''", "VARCHAR(60) NOT NULL DEFAULT ''", ""),
    ("alert", "latitude", "REAL", "REAL", ""),
    ("alert", "longitude", "REAL", "REAL", ""),
    ("alert", "radius", "INTEGER", "INTEGER", ""),
    ("alert", "due_at", "TIMESTAMP", "DATETIME", ""),
    ("alert", "corrects_id", "INTEGER", "INTEGER", '"alert" ("id")'),
    ("alert", "is_withdrawal", f"BOOLEAN {NO}", f"INTEGER {NO}", ""),
    ("alert", "correction_reason", "VARCHAR(500) NOT NULL DEFAULT ''", "VARCHAR(500) NOT NULL DEFAULT ''", ""),
    ("delivery", "memo_id", "INTEGER", "INTEGER", ""),
)
INDEXES = (
    ("", "officer_cover_id", "officer", "cover_id", ""),
    ("UNIQUE ", "membership_contact", "membership", "team_id", " WHERE is_contact"),
    ("", "alert_changed_by_id", "alert", "changed_by_id", ""),
    ("", "alert_approver_id", "alert", "approver_id", ""),
    ("", "alert_corrects_id", "alert", "corrects_id", ""),
    ("", "alert_scheduled", "alert", "due_at", " WHERE state = 'scheduled'"),
    ("", "delivery_of_memo", "delivery", "memo_id", " WHERE memo_id IS NOT NULL"),
    # Of one resident in 16, by whom a large audience is counted.
    (
        *("", "subscription_sample", "subscription", 'alert_type", "area_id", "frequency", "resident_id'),
        " WHERE ended_at IS NULL AND (resident_id & 15) = 0",
    ),
    ("", "theme_choice_named", "theme_choice", 'theme", "resident_id', ""),
)
# (table, column, what it may be until now, what it may be besides)
CHOICES = (
    (
        "delivery",
        "kind",
        (
            *("alert", "digest", "confirm", "known", "sign-in", "started", "reminder", "welcome", "goodbye"),
            *("new-addr", "old-addr", "receipt"),
        ),
        ("trial", "asked", "returned", "approved", "first"),
    ),
)


def up(migrator, db):
    with db.bind_ctx([*THOSE_BEFORE, *TABLES]):
        db.create_tables(TABLES, safe=False)
    for table, column, kind, on_sqlite, key in COLUMNS:
        is_sqlite = isinstance(db, SqliteDatabase)
        db.execute_sql(f'ALTER TABLE "{table}" ADD COLUMN "{column}" {on_sqlite if is_sqlite else kind}')
        if key:
            _add_key(db, table, column, key)
    for once, name, table, column, some in INDEXES:
        db.execute_sql(f'CREATE {once}INDEX "{name}" ON "{table}" ("{column}"){some}')
    for table, column, former, besides in CHOICES:
        _choose_from(db, table, column, former, former + besides)


def down(migrator, db):
    for table, column, former, besides in CHOICES:
        db.execute_sql(f'DELETE FROM "{table}" WHERE {_check(column, besides)}')  # noqa: S608  our own words
        _choose_from(db, table, column, former + besides, former)
    for _, name, *_ in INDEXES:
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

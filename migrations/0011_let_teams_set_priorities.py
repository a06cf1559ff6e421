"""Teams set priorities, say what they did, and residents vote on what comes next."""

from peewee import (
    SQL,
    CharField,
    Check,
    DateTimeField,
    ForeignKeyField,
    IntegerField,
    Model,
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


THEMES = (
    "'burglary', 'theft-from-vehicles', 'theft-of-vehicles', 'personal-theft', 'violence', 'knife-crime',"
    " 'anti-social-behaviour', 'fraud', 'drugs', 'hate-crime', 'women-and-girls', 'road-safety'"
)


class Priority(Row):
    ward = ForeignKeyField(Area)
    theme = CharField(30, null=True)
    issue = CharField(120)
    plan = TextField()
    owner = ForeignKeyField(Officer)
    state = CharField(8)
    proposed_at = DateTimeField()
    set_at = DateTimeField(null=True)
    review_by = DateTimeField(null=True)
    reviewed_at = DateTimeField(null=True)
    closed_at = DateTimeField(null=True)
    result = CharField(12)
    outcome = TextField()
    revision = IntegerField()

    class Meta:
        constraints = [
            Check("state IN ('proposed', 'set', 'closed')"),
            Check(f"theme IN ({THEMES})"),
            Check("result IN ('', 'achieved', 'not achieved', 'replaced', 'not chosen')"),
        ]


class Action(Row):
    priority = ForeignKeyField(Priority, on_delete="CASCADE")
    officer = ForeignKeyField(Officer)
    at = DateTimeField()
    text = CharField(1000)
    created_at = DateTimeField()


class Vote(Row):
    priority = ForeignKeyField(Priority, on_delete="CASCADE", index=False)
    resident = ForeignKeyField(Resident, null=True, on_delete="SET NULL")
    source = CharField(7)
    how_many = IntegerField()
    at = DateTimeField()

    class Meta:
        indexes = ((("priority", "resident"), True),)
        constraints = [Check("source IN ('web', 'meeting', 'door')")]


Vote.add_index(
    Vote.index(Vote.priority, Vote.source, Vote.at, where=SQL("source <> 'web'"), unique=True, name="vote_of_hands")
)


class Muted(Row):
    priority = ForeignKeyField(Priority, on_delete="CASCADE", index=False)
    resident = ForeignKeyField(Resident, on_delete="CASCADE")
    at = DateTimeField()

    class Meta:
        indexes = ((("priority", "resident"), True),)


TABLES = (Priority, Action, Vote, Muted)
THOSE_BEFORE = (Area, Resident, Officer)
# (table, column, its foreign key)
COLUMNS = (
    ("alert", "priority_id", '"priority" ("id")'),
    ("concern", "priority_id", '"priority" ("id")'),
    ("picture", "action_id", '"action" ("id") ON DELETE CASCADE'),
)
INDEXES = (
    ("", "alert_priority_id", '"alert" ("priority_id")'),
    (
        *("", "concern_raised"),
        '"concern" ("priority_id", "resident_id", "state", "closed_because") WHERE priority_id IS NOT NULL',
    ),
    ("UNIQUE ", "picture_action_id", '"picture" ("action_id")'),
)


def up(migrator, db):
    with db.bind_ctx([*THOSE_BEFORE, *TABLES]):
        db.create_tables(TABLES, safe=False)
    for table, column, key in COLUMNS:
        db.execute_sql(f'ALTER TABLE "{table}" ADD COLUMN "{column}" INTEGER')
        key = f"{_foreign(column)} {key}"
        if isinstance(db, SqliteDatabase):
            _rewrite(db, table, f'"{column}" INTEGER', f'"{column}" INTEGER, {key}')
        else:
            db.execute_sql(f'ALTER TABLE "{table}" ADD {key}')
    for once, name, where in INDEXES:
        db.execute_sql(f'CREATE {once}INDEX "{name}" ON {where}')


def down(migrator, db):
    for _, name, _ in INDEXES:
        db.execute_sql(f'DROP INDEX "{name}"')
    for table, column, key in reversed(COLUMNS):
        if isinstance(db, SqliteDatabase):
            _rewrite(db, table, f", {_foreign(column)} {key}", "")
        db.execute_sql(f'ALTER TABLE "{table}" DROP COLUMN "{column}"')
    with db.bind_ctx([*THOSE_BEFORE, *TABLES]):
        db.drop_tables(TABLES)


def _foreign(column):
    return f'FOREIGN KEY ("{column}") REFERENCES'


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

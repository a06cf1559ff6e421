"""Keep what the words of a concern may mean, so that what may be urgent comes first in its team's queue."""

from peewee import SqliteDatabase

KNOWN = "CHECK (danger IN ('urgent', 'some'))"


def up(migrator, db):
    db.execute_sql('ALTER TABLE "concern" ADD COLUMN "danger" VARCHAR(6)')
    if isinstance(db, SqliteDatabase):
        _rewrite(db, "concern", '"danger" VARCHAR(6)', f'"danger" VARCHAR(6), {KNOWN}')
    else:
        db.execute_sql(f'ALTER TABLE "concern" ADD {KNOWN}')
    db.execute_sql(
        """CREATE INDEX "concern_urgent" ON "concern" ("team_id") WHERE danger = 'urgent' AND state <> 'closed'"""
    )


def down(migrator, db):
    db.execute_sql('DROP INDEX "concern_urgent"')
    if isinstance(db, SqliteDatabase):
        _rewrite(db, "concern", f", {KNOWN}", "")
    db.execute_sql('ALTER TABLE "concern" DROP COLUMN "danger"')


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

"""Officers sign residents up at their doors: who was there, and what was taken already."""

from peewee import CharField, DateTimeField, ForeignKeyField, Model, SqliteDatabase


class Row(Model):
    class Meta:
        legacy_table_names = False


class Area(Row):
    code = CharField(9, primary_key=True)


class Officer(Row):
    pass


class Doorstep(Row):
    key = CharField(64, unique=True)
    officer = ForeignKeyField(Officer)
    ward = ForeignKeyField(Area)
    at = DateTimeField()


KEY = 'FOREIGN KEY ("officer_id") REFERENCES "officer" ("id")'


def up(migrator, db):
    with db.bind_ctx([Area, Officer, Doorstep]):
        db.create_tables([Doorstep], safe=False)
    is_sqlite = isinstance(db, SqliteDatabase)
    db.execute_sql(f'ALTER TABLE "consent" ADD COLUMN "agreed_at" {"DATETIME" if is_sqlite else "TIMESTAMP"}')
    db.execute_sql('ALTER TABLE "consent" ADD COLUMN "officer_id" INTEGER')
    if is_sqlite:
        _rewrite(db, "consent", '"officer_id" INTEGER', f'"officer_id" INTEGER, {KEY}')
    else:
        db.execute_sql(f'ALTER TABLE "consent" ADD {KEY}')


def down(migrator, db):
    if isinstance(db, SqliteDatabase):
        _rewrite(db, "consent", f", {KEY}", "")
    db.execute_sql('ALTER TABLE "consent" DROP COLUMN "officer_id"')
    db.execute_sql('ALTER TABLE "consent" DROP COLUMN "agreed_at"')
    with db.bind_ctx([Area, Officer, Doorstep]):
        db.drop_tables([Doorstep])


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

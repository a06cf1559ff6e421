"""Teams ask residents: surveys with answers, and how well informed everybody feels."""

from peewee import (
    SQL,
    CharField,
    Check,
    DateTimeField,
    ForeignKeyField,
    JSONField,
    Model,
    SmallIntegerField,
    SqliteDatabase,
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


class Survey(Row):
    team = ForeignKeyField(Team)
    area = ForeignKeyField(Area)
    alert_type = CharField(12)
    title = CharField(120)
    questions = JSONField()
    created_at = DateTimeField()
    opened_at = DateTimeField(null=True)
    closed_at = DateTimeField(null=True)


Survey.add_index(Survey.index(Survey.opened_at, where=SQL("closed_at IS NULL"), name="survey_open"))


class Answer(Row):
    survey = ForeignKeyField(Survey, on_delete="CASCADE")
    resident = ForeignKeyField(Resident, null=True, on_delete="SET NULL")
    ward = ForeignKeyField(Area, null=True)
    choices = JSONField()
    texts = JSONField(null=True)
    at = DateTimeField()

    class Meta:
        indexes = ((("survey", "resident"), True),)


class Informed(Row):
    resident = ForeignKeyField(Resident, null=True, on_delete="SET NULL")
    ward = ForeignKeyField(Area, null=True, index=False)
    score = SmallIntegerField()
    asked = CharField(12)
    at = DateTimeField()

    class Meta:
        indexes = ((("ward", "at"), False),)
        constraints = [
            Check("asked IN ('sign-up', 'three months', 'yearly')"),
            Check("score BETWEEN 0 AND 4"),
        ]


Informed.add_index(Informed.index(Informed.at, where=SQL("resident_id IS NOT NULL"), name="informed_of_residents"))

TABLES = (Survey, Answer, Informed)
THOSE_BEFORE = (Area, Resident, Team)
KEY = 'FOREIGN KEY ("survey_id") REFERENCES "survey" ("id")'


def up(migrator, db):
    is_sqlite = isinstance(db, SqliteDatabase)
    with db.bind_ctx([*THOSE_BEFORE, *TABLES]):
        db.create_tables(TABLES, safe=False)
    db.execute_sql('ALTER TABLE "alert" ADD COLUMN "survey_id" INTEGER')
    if is_sqlite:
        _rewrite(db, "alert", '"survey_id" INTEGER', f'"survey_id" INTEGER, {KEY}')
    else:
        db.execute_sql(f'ALTER TABLE "alert" ADD {KEY}')
    db.execute_sql('CREATE INDEX "alert_survey_id" ON "alert" ("survey_id")')
    db.execute_sql(f'ALTER TABLE "resident" ADD COLUMN "ask_at" {"DATETIME" if is_sqlite else "TIMESTAMP"}')
    db.execute_sql('CREATE INDEX "resident_to_ask" ON "resident" ("ask_at") WHERE ask_at IS NOT NULL')
    # Who is here already is asked three months after they confirmed, like everybody after them.
    later = "datetime(confirmed_at, '+90 days')" if is_sqlite else "confirmed_at + interval '90 days'"
    db.execute_sql(f"UPDATE resident SET ask_at = {later} WHERE state = 'confirmed'")  # noqa: S608  our own words


def down(migrator, db):
    db.execute_sql('DROP INDEX "resident_to_ask"')
    db.execute_sql('ALTER TABLE "resident" DROP COLUMN "ask_at"')
    db.execute_sql('DROP INDEX "alert_survey_id"')
    if isinstance(db, SqliteDatabase):
        _rewrite(db, "alert", f", {KEY}", "")
    db.execute_sql('ALTER TABLE "alert" DROP COLUMN "survey_id"')
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

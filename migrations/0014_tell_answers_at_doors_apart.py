"""Answers that officers took at doors are told from those that residents gave by a link of their own."""

from peewee import SqliteDatabase


def up(migrator, db):
    is_sqlite = isinstance(db, SqliteDatabase)
    db.execute_sql(
        f'ALTER TABLE "answer" ADD COLUMN "at_door" {"INTEGER" if is_sqlite else "BOOLEAN"} NOT NULL DEFAULT FALSE'
    )
    # What is nobody's came from a door, until 90 days after a survey closed: then all of it becomes nobody's.
    since = "datetime('now', '-90 days')" if is_sqlite else "now() AT TIME ZONE 'UTC' - interval '90 days'"
    lately = f"SELECT id FROM survey WHERE closed_at IS NULL OR closed_at > {since}"  # noqa: S608  our own words
    db.execute_sql(f"UPDATE answer SET at_door = TRUE WHERE resident_id IS NULL AND survey_id IN ({lately})")  # noqa: S608


def down(migrator, db):
    db.execute_sql('ALTER TABLE "answer" DROP COLUMN "at_door"')

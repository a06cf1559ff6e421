"""Answers that officers took at doors are told from those that residents gave by a link of their own."""

from peewee import SqliteDatabase


def up(migrator, db):
    is_sqlite = isinstance(db, SqliteDatabase)
    db.execute_sql(
        f'ALTER TABLE "answer" ADD COLUMN "at_door" {"INTEGER" if is_sqlite else "BOOLEAN"} NOT NULL DEFAULT FALSE'
    )


def down(migrator, db):
    db.execute_sql('ALTER TABLE "answer" DROP COLUMN "at_door"')

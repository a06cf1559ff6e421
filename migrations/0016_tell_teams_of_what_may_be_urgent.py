"""Note when a team was told that a concern may be urgent, so that it is told once."""

from peewee import SqliteDatabase


def up(migrator, db):
    is_sqlite = isinstance(db, SqliteDatabase)
    db.execute_sql(f'ALTER TABLE "concern" ADD COLUMN "alarmed_at" {"DATETIME" if is_sqlite else "TIMESTAMP"}')


def down(migrator, db):
    db.execute_sql('ALTER TABLE "concern" DROP COLUMN "alarmed_at"')

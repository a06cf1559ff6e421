"""Note when a team was told that a concern may be urgent, so that it is told once."""

from peewee import SqliteDatabase


def up(migrator, db):
    is_sqlite = isinstance(db, SqliteDatabase)
    db.execute_sql(f'ALTER TABLE "concern" ADD COLUMN "alarmed_at" {"DATETIME" if is_sqlite else "TIMESTAMP"}')
    db.execute_sql('CREATE INDEX "concern_alarmed" ON "concern" ("alarmed_at") WHERE alarmed_at IS NOT NULL')


def down(migrator, db):
    db.execute_sql('DROP INDEX "concern_alarmed"')
    db.execute_sql('ALTER TABLE "concern" DROP COLUMN "alarmed_at"')

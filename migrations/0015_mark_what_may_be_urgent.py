"""Keep what the words of a concern may mean, so that what may be urgent comes first in its team's queue."""


def up(migrator, db):
    db.execute_sql("""ALTER TABLE "concern" ADD COLUMN "danger" VARCHAR(6) CHECK (danger IN ('urgent', 'some'))""")
    db.execute_sql(
        """CREATE INDEX "concern_urgent" ON "concern" ("team_id") WHERE danger = 'urgent' AND state <> 'closed'"""
    )


def down(migrator, db):
    db.execute_sql('DROP INDEX "concern_urgent"')
    db.execute_sql('ALTER TABLE "concern" DROP COLUMN "danger"')

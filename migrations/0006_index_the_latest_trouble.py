"""What went wrong lately is found without looking at every delivery."""


def up(migrator, db):
    where = "reason IS NOT NULL AND state IN ('failed', 'pending')"
    db.execute_sql(f'CREATE INDEX "delivery_trouble" ON "delivery" ("claimed_at") WHERE {where}')


def down(migrator, db):
    db.execute_sql('DROP INDEX "delivery_trouble"')

"""What went wrong lately is found without looking at every delivery."""


def up(migrator, db):
    where = "reason IS NOT NULL AND claimed_at IS NOT NULL"
    db.execute_sql(f'CREATE INDEX "delivery_trouble" ON "delivery" ("claimed_at") WHERE {where}')


def down(migrator, db):
    db.execute_sql('DROP INDEX "delivery_trouble"')

"""Deliveries keep only what a sending pays for gladly: each row is made once and changes twice, a million times over.

Indexes hold only the rows that somebody looks for, and three foreign keys are no longer looked up for each row.
"""

from peewee import SqliteDatabase

FORMER = (
    ("delivery_resident_id", "resident_id", ""),
    ("delivery_alert_id", "alert_id", ""),
    ("delivery_digest_id", "digest_id", ""),
    ("delivery_waiting_id", "waiting_id", ""),
    ("delivery_consent_id", "consent_id", ""),
    ("delivery_alert_id_resident_id", "alert_id, resident_id", "UNIQUE"),
    ("delivery_digest_id_resident_id", "digest_id, resident_id", "UNIQUE"),
    ("delivery_alert_id_state", "alert_id, state", ""),
    ("delivery_waiting", "kind, due_at", "", "state = 'pending'"),
    ("delivery_claimed", "claim", "", "state = 'sending'"),
)
LATTER = (
    ("delivery_alert_once", "resident_id, alert_id", "UNIQUE", "alert_id IS NOT NULL"),
    ("delivery_digest_once", "resident_id, digest_id", "UNIQUE", "digest_id IS NOT NULL"),
    ("delivery_to_one", "resident_id", "", "alert_id IS NULL AND digest_id IS NULL"),
    ("delivery_of_waiting", "waiting_id", "", "waiting_id IS NOT NULL"),
    ("delivery_of_consent", "consent_id", "", "consent_id IS NOT NULL"),
    ("delivery_pending", "alert_id, digest_id, due_at, id", "", "state = 'pending'"),
    ("delivery_sending", "alert_id, claimed_at", "", "state = 'sending'"),
    ("delivery_unsent", "alert_id, state", "", "state IN ('failed', 'skipped')"),
    ("delivery_reason", "alert_id, reason", "", "reason IS NOT NULL"),
)
KEYS = (
    ("resident_id", 'FOREIGN KEY ("resident_id") REFERENCES "resident" ("id") ON DELETE CASCADE'),
    ("alert_id", 'FOREIGN KEY ("alert_id") REFERENCES "alert" ("id")'),
    ("digest_id", 'FOREIGN KEY ("digest_id") REFERENCES "digest" ("id")'),
)


def up(migrator, db):
    _drop_indexes(db, FORMER)
    if isinstance(db, SqliteDatabase):
        _rebuild(db, lambda table: _without_keys(table))
    else:
        for column, _ in KEYS:
            db.execute_sql(f'ALTER TABLE "delivery" DROP CONSTRAINT "delivery_{column}_fkey"')
    _create_indexes(db, LATTER)


def down(migrator, db):
    _drop_indexes(db, LATTER)
    if isinstance(db, SqliteDatabase):
        _rebuild(db, lambda table: ", ".join([table.removesuffix(")"), *(key for _, key in KEYS)]) + ")")
    else:
        for _, key in KEYS:
            db.execute_sql(f'ALTER TABLE "delivery" ADD {key}')
    _create_indexes(db, FORMER)


def _without_keys(table):
    for _, key in KEYS:
        table = table.replace(f", {key}", "")
    return table


def _rebuild(db, change):
    """SQLite cannot alter a table's keys: make it anew and copy the rows."""
    (table,) = db.execute_sql("SELECT sql FROM sqlite_master WHERE type = 'table' AND name = 'delivery'").fetchone()
    db.execute_sql('ALTER TABLE "delivery" RENAME TO "delivery_before"')
    db.execute_sql(change(table))
    db.execute_sql('INSERT INTO "delivery" SELECT * FROM "delivery_before"')
    db.execute_sql('DROP TABLE "delivery_before"')


def _drop_indexes(db, these):
    for name, *_ in these:
        db.execute_sql(f'DROP INDEX "{name}"')


def _create_indexes(db, these):
    for name, columns, unique, *where in these:
        quoted = ", ".join(f'"{column}"' for column in columns.split(", "))
        some = f" WHERE {where[0]}" if where else ""
        db.execute_sql(f'CREATE {unique}{" " if unique else ""}INDEX "{name}" ON "delivery" ({quoted}){some}')

"""Deliveries keep only the indexes that somebody looks into: each row changes twice while it is sent."""

FORMER = (
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
    ("delivery_alert_once", "alert_id, resident_id", "UNIQUE", "alert_id IS NOT NULL"),
    ("delivery_digest_once", "digest_id, resident_id", "UNIQUE", "digest_id IS NOT NULL"),
    ("delivery_of_waiting", "waiting_id", "", "waiting_id IS NOT NULL"),
    ("delivery_of_consent", "consent_id", "", "consent_id IS NOT NULL"),
    ("delivery_pending", "alert_id, digest_id, due_at", "", "state = 'pending'"),
    ("delivery_sending", "alert_id, claimed_at", "", "state = 'sending'"),
    ("delivery_unsent", "alert_id, state", "", "state IN ('failed', 'skipped')"),
    ("delivery_reason", "alert_id, reason", "", "reason IS NOT NULL"),
)


def up(migrator, db):
    _replace(db, FORMER, LATTER)


def down(migrator, db):
    _replace(db, LATTER, FORMER)


def _replace(db, these, by_those):
    for name, *_ in these:
        db.execute_sql(f'DROP INDEX "{name}"')
    for name, columns, unique, *where in by_those:
        quoted = ", ".join(f'"{column}"' for column in columns.split(", "))
        some = f" WHERE {where[0]}" if where else ""
        db.execute_sql(f'CREATE {unique}{" " if unique else ""}INDEX "{name}" ON "delivery" ({quoted}){some}')

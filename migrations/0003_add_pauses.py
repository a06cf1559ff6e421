"""Alerts and everything can be paused and stopped, and rows are made in slices."""

from peewee import DateTimeField, ForeignKeyField, IntegerField, Model


class Row(Model):
    class Meta:
        legacy_table_names = False


class Officer(Row):
    pass


class Pause(Row):
    officer = ForeignKeyField(Officer, null=True)
    began_at = DateTimeField()
    ended_at = DateTimeField(null=True)


ADDED = (
    ("alert", "prepared_upto", IntegerField),
    ("alert", "paused_at", DateTimeField),
    ("alert", "stopped_at", DateTimeField),
    ("digest", "prepared_upto", IntegerField),
)


def up(migrator, db):
    migrator.migrate(*(migrator.add_column(table, column, kind(null=True)) for table, column, kind in ADDED))
    with db.bind_ctx([Officer, Pause]):
        db.create_tables([Pause], safe=False)


def down(migrator, db):
    with db.bind_ctx([Officer, Pause]):
        db.drop_tables([Pause])
    migrator.migrate(*(migrator.drop_column(table, column) for table, column, _ in ADDED))

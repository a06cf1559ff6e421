"""All workers together keep to so many emails a minute and so many connections."""

from peewee import CharField, DateTimeField, Model, SmallIntegerField


class Row(Model):
    class Meta:
        legacy_table_names = False


class Allowance(Row):
    name = CharField(255, primary_key=True)
    free_at = DateTimeField()
    tail_at = DateTimeField()


class Sender(Row):
    name = CharField(80, primary_key=True)
    seen_at = DateTimeField()
    connections = SmallIntegerField()
    trouble = CharField(200)


TABLES = (Allowance, Sender)


def up(migrator, db):
    with db.bind_ctx(TABLES):
        db.create_tables(TABLES, safe=False)


def down(migrator, db):
    with db.bind_ctx(TABLES):
        db.drop_tables(TABLES)

"""What comes back for an email is kept: why, and whether it was for good."""

from peewee import CharField, Check, DateTimeField, ForeignKeyField, Model


class Row(Model):
    class Meta:
        legacy_table_names = False


class Delivery(Row):
    pass


class Bounce(Row):
    delivery = ForeignKeyField(Delivery, primary_key=True, on_delete="CASCADE")
    kind = CharField(9)
    code = CharField(11)
    words = CharField(200)
    at = DateTimeField()

    class Meta:
        constraints = [Check("kind IN ('hard', 'soft', 'complaint')")]


def up(migrator, db):
    with db.bind_ctx([Delivery, Bounce]):
        db.create_tables([Bounce], safe=False)


def down(migrator, db):
    with db.bind_ctx([Delivery, Bounce]):
        db.drop_tables([Bounce])

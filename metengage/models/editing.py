"""How an alert comes to be: who wrote in it, its earlier words, decisions, pictures, and what its officers are told."""

from peewee import (
    SQL,
    BlobField,
    CharField,
    CompositeKey,
    DateTimeField,
    ForeignKeyField,
    JSONField,
    SmallIntegerField,
    TextField,
)

from metengage import db
from metengage.models.people import Officer, Row, one_of
from metengage.models.promising import Action
from metengage.models.publishing import Alert


class Version(Row):
    """An alert's words as they once were: when approval was asked for, when it was sent, or when they gave way."""

    alert = ForeignKeyField(Alert, on_delete="CASCADE", backref="versions")
    officer = ForeignKeyField(Officer)  # whose words they are
    at = DateTimeField(default=db.now)
    why = CharField(10)
    words = JSONField()  # title, body, alert_type, theme, codes and what else the draft kept

    class Meta:
        constraints = [one_of("why", ("asked", "sent", "replaced"))]


class Writer(Row):
    """Somebody who wrote in an alert, however little is left of it: they decide on none of it."""

    alert = ForeignKeyField(Alert, on_delete="CASCADE", backref="writers")
    officer = ForeignKeyField(Officer)

    class Meta:
        primary_key = CompositeKey("alert", "officer")

    @classmethod
    def remember(cls, alert: Alert, officer: Officer) -> None:
        """Twice is once."""
        cls.insert(alert=alert, officer=officer).on_conflict_ignore().execute()


class Decision(Row):
    """What became of a draft on its way out: asked for, approved, returned, sent first, reviewed, taken back."""

    ASKED, APPROVED, RETURNED, WENT_FIRST, REVIEWED, TAKEN_BACK, FELL_BACK = VERDICTS = (
        *("asked", "approved", "returned", "went first"),
        *("reviewed", "taken back", "fell back"),
    )

    alert = ForeignKeyField(Alert, on_delete="CASCADE", backref="decisions")
    officer = ForeignKeyField(Officer, null=True)  # none: the clock
    verdict = CharField(10)
    comment = CharField(1000, default="")
    version = ForeignKeyField(Version, null=True, on_delete="SET NULL")  # the words that were decided on
    at = DateTimeField(default=db.now)

    class Meta:
        constraints = [
            one_of(
                "verdict",
                ("asked", "approved", "returned", "went first", "reviewed", "taken back", "fell back"),
            )
        ]


class Reason(Row):
    """Why an alert may go although a check found something; it holds while the check finds the same."""

    alert = ForeignKeyField(Alert, on_delete="CASCADE", backref="reasons")
    rule = CharField(40)  # the check's name
    mark = CharField(64)  # of what it found
    words = CharField(1000)
    officer = ForeignKeyField(Officer)
    at = DateTimeField(default=db.now)

    class Meta:
        indexes = ((("alert", "rule"), True),)


class Picture(Row):
    """A picture or a poster of an alert, a picture of an action, or an officer's portrait; made anew by us.

    Nothing in it says where it was taken.
    """

    PICTURE, POSTER, PORTRAIT = "picture", "poster", "portrait"

    key = CharField(32, unique=True)  # random: its public address
    kind = CharField(8)
    alert = ForeignKeyField(Alert, null=True, on_delete="CASCADE", backref="pictures")
    action = ForeignKeyField(Action, null=True, on_delete="CASCADE", backref="pictures", unique=True)
    officer = ForeignKeyField(Officer)  # who brought it, or whose portrait it is
    words = CharField(500, default="")  # what is to be seen, for who cannot; what a poster is called
    width = SmallIntegerField(null=True)  # of its largest file, in pixels
    height = SmallIntegerField(null=True)
    created_at = DateTimeField(default=db.now)

    class Meta:
        constraints = [one_of("kind", ("picture", "poster", "portrait"))]


# One of each kind, for an alert and for an officer.
Picture.add_index(
    Picture.index(Picture.alert, Picture.kind, where=SQL("alert_id IS NOT NULL"), unique=True, name="picture_of_alert")
)
Picture.add_index(
    Picture.index(Picture.officer, where=SQL("kind = 'portrait'"), unique=True, name="picture_of_officer")
)


class PictureFile(Row):
    """The bytes of a picture, apart from what is known of it, because few ask for them."""

    picture = ForeignKeyField(Picture, on_delete="CASCADE", backref="files")
    name = CharField(12)  # email.jpg, web.jpg, poster.pdf
    content = BlobField()

    class Meta:
        primary_key = CompositeKey("picture", "name")


class Memo(Row):
    """An email to an officer about an alert: a trial of it, as a resident would get it, or what was decided on it.

    Deleted after a week.
    """

    alert = ForeignKeyField(Alert, on_delete="CASCADE")
    officer = ForeignKeyField(Officer)
    decision = ForeignKeyField(Decision, null=True, on_delete="CASCADE")  # which it tells of; none: a trial
    why = TextField(default="")  # why approval is needed, in sentences, where it is asked for
    created_at = DateTimeField(default=db.now, index=True)

    class Meta:
        indexes = ((("decision", "officer"), True),)  # nobody is told of a decision twice

    @property
    def email(self) -> str:
        return self.officer.email

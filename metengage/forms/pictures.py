"""What officers bring as a file: to an alert, with words of its own, and of themselves."""

from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from govuk_frontend_wtf.wtforms_widgets import GovFileInput, GovTextArea, GovTextInput
from wtforms import StringField, TextAreaField, ValidationError

from metengage.fields import tidy


class BroughtForm(FlaskForm):
    """A file and its words. Where there is a file already, the words may change without a new one."""

    nothing, wordless, longest = "", "", 0

    def __init__(self, formdata, kept, kind: str):
        """`kept` is what there is already, if anything. A page has a form for each kind."""
        self.kept, self.kind = kept, kind
        super().__init__(formdata, prefix=kind, data={"words": kept.words if kept else ""})

    def validate_file(self, field) -> None:
        if not field.data and not self.kept:
            raise ValidationError(self.nothing)

    def validate_words(self, field) -> None:
        field.data = tidy(field.data)
        if not field.data:
            raise ValidationError(self.wordless)
        if len(field.data) > self.longest:
            raise ValidationError(f"Use {self.longest} characters or fewer; it has {len(field.data)}")


class PictureForm(BroughtForm):
    nothing, wordless, longest = "Choose a picture", "Describe the picture in a few words", 500

    file = FileField("Picture", widget=GovFileInput(), description="JPEG, PNG or WebP, from the camera or the gallery")
    words = TextAreaField(
        "Describe it for people who cannot see it",
        widget=GovTextArea(),
        description="Say what matters, and any words in it: “A blue Vespa with a torn black seat”, not “Photo”",
    )


class PosterForm(BroughtForm):
    nothing, wordless, longest = "Choose a PDF", "Enter what the poster is called", 120

    file = FileField("Poster", widget=GovFileInput(), description="A PDF of at most 10 MB and 20 pages")
    words = StringField(
        "What the poster is called",
        widget=GovTextInput(),
        description="Residents get a link to it. Write what it says into the alert too: not everybody can read a PDF",
    )


class PortraitForm(FlaskForm):
    file = FileField(
        "Your picture",
        widget=GovFileInput(),
        description="A photo of your face, JPEG, PNG or WebP. We cut it to a square from its middle",
    )

    def validate_file(self, field) -> None:
        if not field.data:
            raise ValidationError("Choose a picture")

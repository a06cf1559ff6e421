"""Where an alert goes, and to whom there: a part of the form of a draft."""

from collections.abc import Iterable

from govuk_frontend_wtf.wtforms_widgets import GovSelect, GovTextInput
from wtforms import Form, SelectField, StringField, ValidationError

from metengage import circles
from metengage.choices import THEMES
from metengage.fields import Checkboxes, Radios, tidy
from metengage.formats import metres
from metengage.models import Area

EVERYONE, CONCERNED = "everyone", "concerned"
LONGEST_PLACE = 60


class WhereFields(Form):
    """The areas that are ticked, how others are found, and whether only those get it who named the theme."""

    areas = Checkboxes("Where")
    search = StringField(
        "Find other places you may write to", description="A part of a ward’s or borough’s name", widget=GovTextInput()
    )
    place = StringField(
        "Around a place",
        description="A postcode, or a point such as 51.4012, -0.1876",
        widget=GovTextInput(),
    )
    radius = SelectField(
        "Within",
        widget=GovSelect(),
        choices={str(size): metres(size) for size in circles.SIZES},
        default=str(circles.SIZES[1]),
        validate_choice=False,
    )
    only_concerned = Radios(
        "Who gets it there",
        choices={
            EVERYONE: "Everyone who hears about this kind of alert",
            CONCERNED: "Only people who told us that this concerns them",
        },
    )

    found: circles.Circle | None = None  # what “Find wards” found, for the draft to keep
    removes_circle = False

    def offer(self, offered: Iterable[Area]) -> None:
        """Say which areas may be ticked; what else comes with the form is dropped."""
        self.offered = {area.code: area for area in offered}
        self.areas.choices = [(code, area.full_name) for code, area in self.offered.items()]
        # Errors are told in the order of the page, on which these fields stand behind the theme.
        names = list(self._fields)
        mine = ["areas", "search", "place", "radius", "only_concerned"]
        behind = [name for name in names[names.index("theme") + 1 :] if name not in mine]
        for name in mine + behind:
            self._fields.move_to_end(name)

    def validate_areas(self, field) -> None:
        field.data = [code for code in field.data or [] if code in self.offered]

    def validate_search(self, field) -> None:
        field.data = tidy(field.data)[:LONGEST_PLACE]

    def validate_place(self, field) -> None:
        # Whether there is such a place is asked when it is to be found: a draft is kept while it is being typed.
        field.data = tidy(field.data)
        if len(field.data) > LONGEST_PLACE:
            raise ValidationError(f"Place must be {LONGEST_PLACE} characters or fewer")

    def tick(self, codes: Iterable[str]) -> None:
        """Tick these besides what is ticked, as far as they are offered."""
        ticked = self.areas.data or []
        self.areas.data = ticked + [code for code in codes if code in self.offered and code not in ticked]

    def metres(self) -> int:
        return int(self.radius.data) if self.radius.data in dict(self.radius.choices) else circles.SIZES[1]

    def keep(self, circle: circles.Circle) -> None:
        """Tick its wards, and let the draft keep it."""
        self.found = circle
        self.place.data, self.radius.data = circle.centre, str(circle.metres)
        self.tick(ward.code for ward in circle.wards)

    def who_and_where(self) -> dict:
        """What the draft keeps of this besides its areas."""
        is_about_some = self.only_concerned.data == CONCERNED and self.theme.data in THEMES
        if self.found:
            at, name = self.found.at, self.found.centre
            circle = {"centre": name, "latitude": at.latitude, "longitude": at.longitude, "radius": self.found.metres}
        elif self.removes_circle:
            circle = {"centre": "", "latitude": None, "longitude": None, "radius": None}
        else:
            circle = {}
        return {"only_concerned": is_about_some} | circle

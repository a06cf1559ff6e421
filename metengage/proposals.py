"""What residents of a ward ask for: themes that they named, raised concerns about or chose in surveys, by counts.

No group of fewer than ten is shown, nor ranked among the others: it could point at somebody.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta

from peewee import SQL, Case, fn

from metengage.choices import THEMED, THEMES
from metengage.formats import SMALLEST_GROUP
from metengage.models import Answer, Area, Concern, Resident, Survey, ThemeChoice

LATELY = timedelta(days=91)  # so long a concern, or a survey since it closed, says what residents ask for
WEIGHTS = {1: 4, 2: 3, 3: 2, None: 1}  # rank among what concerns somebody → its weight; None: named without one
OF_CONCERN = 4  # who takes the trouble to write says as much as who ranks it first
NOT_MEANT = (Concern.SPAM, Concern.DUPLICATE)


@dataclass(frozen=True)
class Wish:
    """A theme, and how many ask for it."""

    theme: str
    residents: int = 0  # who live here and named it as what concerns them
    points: int = 0  # the same, weighted by their order
    concerns: int = 0  # people who raised one lately
    chosen: int = 0  # times that it was chosen in surveys that closed lately, where ten did by email or at doors

    @property
    def name(self) -> str:
        return THEMES[self.theme]

    @property
    def weight(self) -> int:
        """What it is ranked by: nothing of what is too few to be shown."""
        parts = ((self.residents, self.points), (self.concerns, OF_CONCERN * self.concerns), (self.chosen, self.chosen))
        return sum(weight for how_many, weight in parts if how_many >= SMALLEST_GROUP)

    @property
    def said_by(self) -> list[str]:
        """Who asks for it, as far as they are not too few."""
        told = (
            (self.residents, f"{self.residents:,} residents named it"),
            (self.concerns, f"{self.concerns:,} raised it in three months"),
            (self.chosen, f"{self.chosen:,} chose it in surveys"),
        )
        return [words for how_many, words in told if how_many >= SMALLEST_GROUP]


def of(ward: Area, now: datetime) -> list[Wish]:
    """Every theme, what most ask for first; those of which nothing may be shown come last, by name."""
    named, raised, chosen = _named(ward), _raised(ward, now), _chosen(ward, now)
    wishes = [
        Wish(theme, *named.get(theme, (0, 0)), raised.get(theme, 0), chosen[name]) for theme, name in THEMES.items()
    ]
    return sorted(wishes, key=lambda wish: (-wish.weight, wish.name))


def _named(ward: Area) -> dict[str, tuple[int, int]]:
    """Theme → (how many residents of the ward named it, their points)."""
    weight = Case(ThemeChoice.rank, [(rank, points) for rank, points in WEIGHTS.items() if rank], WEIGHTS[None])
    rows = ThemeChoice.select(ThemeChoice.theme, fn.COUNT(SQL("*")), fn.SUM(weight)).join(Resident)
    rows = rows.where(Resident.home == ward, Resident.state == Resident.CONFIRMED).group_by(ThemeChoice.theme)
    return {theme: (residents, points) for theme, residents, points in rows.tuples()}


def _raised(ward: Area, now: datetime) -> dict[str, int]:
    """Theme → how many people raised a concern about it lately; of who gave no name, each is taken for another.

    What is held back is not counted: many at a time may be one person's.
    """
    nameless = fn.SUM(Case(None, [(Concern.resident.is_null(), 1)], 0))
    rows = Concern.select(Concern.theme, fn.COUNT(Concern.resident.distinct()) + nameless).where(
        Concern.ward == ward,
        Concern.received_at > now - LATELY,
        Concern.theme.is_null(False),
        Concern.state != Concern.UNCONFIRMED,
        Concern.held_at.is_null(),
        Concern.closed_because.not_in(NOT_MEANT),
    )
    return dict(rows.group_by(Concern.theme).tuples())


def _chosen(ward: Area, now: datetime) -> Counter[str]:
    """A theme's name → how many chose it in the ward; of each survey the first such question counts.

    Of each survey, what came by email and what came from doors count where ten chose it, as its results show: from the
    sum, who knows a part of it could tell the rest.
    """
    rows = Answer.select(Survey.id, Answer.at_door, Survey.questions, Answer.choices).join(Survey)
    rows = rows.where(Answer.ward == ward, Survey.closed_at > now - LATELY).tuples()
    found: Counter[tuple] = Counter()
    for survey, at_door, questions, said in rows:
        words = next((each["words"] for each in questions if each["kind"] == THEMED), "")
        found.update((survey, at_door, name) for name in said.get(words, []))
    chosen: Counter[str] = Counter()
    for (*_, name), how_many in found.items():
        chosen[name] += how_many if how_many >= SMALLEST_GROUP else 0
    return chosen

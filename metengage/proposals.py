"""What residents of a ward ask for: the themes that they named and the concerns that they raised, ranked by counts.

No group of fewer than ten is shown, nor ranked among the others: it could point at somebody.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from peewee import SQL, Case, fn

from metengage.choices import THEMES
from metengage.formats import SMALLEST_GROUP
from metengage.models import Area, Concern, Resident, ThemeChoice

LATELY = timedelta(days=91)  # so long a concern says what residents ask for
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

    @property
    def name(self) -> str:
        return THEMES[self.theme]

    @property
    def weight(self) -> int:
        """What it is ranked by: nothing of what is too few to be shown."""
        named = self.points if self.residents >= SMALLEST_GROUP else 0
        return named + (OF_CONCERN * self.concerns if self.concerns >= SMALLEST_GROUP else 0)


def of(ward: Area, now: datetime) -> list[Wish]:
    """Every theme, what most ask for first; those of which nothing may be shown come last, by name."""
    named, raised = _named(ward), _raised(ward, now)
    wishes = [Wish(theme, *named.get(theme, (0, 0)), raised.get(theme, 0)) for theme in THEMES]
    return sorted(wishes, key=lambda wish: (-wish.weight, wish.name))


def _named(ward: Area) -> dict[str, tuple[int, int]]:
    """Theme → (how many residents of the ward named it, their points)."""
    weight = Case(ThemeChoice.rank, [(rank, points) for rank, points in WEIGHTS.items() if rank], WEIGHTS[None])
    rows = ThemeChoice.select(ThemeChoice.theme, fn.COUNT(SQL("*")), fn.SUM(weight)).join(Resident)
    rows = rows.where(Resident.home == ward, Resident.state == Resident.CONFIRMED).group_by(ThemeChoice.theme)
    return {theme: (residents, points) for theme, residents, points in rows.tuples()}


def _raised(ward: Area, now: datetime) -> dict[str, int]:
    """Theme → how many people raised a concern about it lately; of who gave no name, each is taken for another."""
    nameless = fn.SUM(Case(None, [(Concern.resident.is_null(), 1)], 0))
    rows = Concern.select(Concern.theme, fn.COUNT(Concern.resident.distinct()) + nameless).where(
        Concern.ward == ward,
        Concern.received_at > now - LATELY,
        Concern.theme.is_null(False),
        Concern.state != Concern.UNCONFIRMED,
        Concern.closed_because.not_in(NOT_MEANT),
    )
    return dict(rows.group_by(Concern.theme).tuples())

"""How long each thing about a resident is kept: what the clock counts by, and what the privacy notice says."""

from dataclasses import dataclass
from datetime import timedelta

from metengage.formats import count, lasting

DAY = timedelta(days=1)
YEAR = 365 * DAY


@dataclass(frozen=True)
class Term:
    """A time, and the sentence about it; {} in the sentence is where the time goes."""

    sentence: str
    time: timedelta | None = None  # none: no clock ends it, and the sentence says what does

    @property
    def words(self) -> str:
        if self.time is None:
            return self.sentence
        years, rest = divmod(self.time, YEAR)
        return self.sentence.format(lasting(self.time.total_seconds()) if rest else count(years, "year"))


UNCONFIRMED = Term("If you never confirm your sign-up, {}.", 7 * DAY)
LEFT = Term("Until {} after you leave.", 28 * DAY)
HISTORY = Term("What you ended, for {} after that.", YEAR)
DELIVERIES = Term("For {} after each email.", YEAR)
JOURNAL = Term("For {}.", YEAR)
# Half of the six years in which somebody may claim damages (Limitation Act 1980): long enough for the ICO to look at
# how we answered, and for us to see what comes up again.
COMPLAINTS = Term("Until {} after we answered.", 3 * YEAR)
MOVES = Term("Until you confirm the new address, and for {} at most.", 7 * DAY)
WAITING = Term("Until we have written to you once, and for {} at most.", 2 * YEAR)
RATINGS = Term("With you for {}; after that only counted.", YEAR)
SURVEYS = Term("With you until {} after the survey closes; after that only counted.", 90 * DAY)
INFORMED = Term("With you for {}; after that only counted.", YEAR)
CONCERNS = Term("Until {} after it is closed; after that only counted.", YEAR)
VOTES = Term("With you until {} after the priority is closed; after that only counted.", YEAR)
RESTRICTIONS = Term("Until {} after it ends.", YEAR)
BOOKINGS = Term("With you until {} after the event; after that only counted.", 28 * DAY)
LINKS = Term("Until {} after the link stops working.", DAY)
TRIES = Term("For {}.", timedelta(hours=1))
HELD = Term("Until that email is sent, and for {} at most.", 28 * DAY)
SUPPRESSED = Term("For as long as there is this service: otherwise we would write to you again.")

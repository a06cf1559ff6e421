"""What came of emails in this process, counted until somebody asks."""

from collections import Counter

NAMES = {"sent": "sent", "pending": "postponed", "failed": "failed", "skipped": "skipped"}  # a delivery's state → ours

_counted: Counter[str] = Counter()


def note(state: str, how_many: int) -> None:
    """So many emails came to this state."""
    _counted[NAMES[state]] += how_many


def taken() -> dict[str, int]:
    """How many were sent, postponed, failed and skipped since this was last asked; counting begins anew."""
    found = {name: _counted[name] for name in NAMES.values()}
    _counted.subtract(found)
    return found

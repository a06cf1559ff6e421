"""How figures are shown: several runs as one, and tables in Markdown."""

import statistics
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Spread:
    """What the same thing came to when it was measured several times."""

    median: float
    least: float
    most: float

    def __format__(self, each: str) -> str:
        """“2.7 (2.6 to 4.1)”, each number in this format."""
        median, least, most = (format(value, each) for value in (self.median, self.least, self.most))
        return f"{median} ({least} to {most})"

    def figures(self, name: str) -> dict[str, float]:
        """Under this name, and with _least and _most behind it."""
        found = {"": self.median, "_least": self.least, "_most": self.most}
        return {f"{name}{end}": round(value, 3) for end, value in found.items()}


def spread(values: Iterable[float]) -> Spread:
    """The middle and the ends of these."""
    values = list(values)
    return Spread(statistics.median(values), min(values), max(values))


def table(title: str, heads: list[str], rows: list[list[str]]) -> str:
    """Markdown whose columns also stand in line in a terminal."""
    widths = [max(map(len, column)) for column in zip(heads, *rows, strict=True)]
    rule = ["-" * widths[0], *("-" * (width - 1) + ":" for width in widths[1:])]
    lines = ([row[0].ljust(widths[0]), *map(str.rjust, row[1:], widths[1:])] for row in (heads, rule, *rows))
    return "\n".join([f"## {title}\n", *(f"| {' | '.join(line)} |" for line in lines)])

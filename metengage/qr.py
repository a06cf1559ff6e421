"""QR codes, to be drawn in a page."""

from dataclasses import dataclass

import segno

QUIET = 4  # modules that stay white around it (ISO/IEC 18004)


@dataclass(frozen=True)
class Drawing:
    """A QR code to draw: so many modules wide, and the path of the dark ones."""

    size: int
    path: str


def drawing(words: str) -> Drawing:
    """These words as a QR code."""
    rows = [bytes(row) for row in segno.make(words, error="m", micro=False).matrix]
    dark = [
        f"M{column + QUIET} {line + QUIET}h1v1h-1z"
        for line, row in enumerate(rows)
        for column, module in enumerate(row)
        if module
    ]
    return Drawing(len(rows) + 2 * QUIET, "".join(dark))

"""QR codes, to be drawn in a page or printed."""

from dataclasses import dataclass

import segno

QUIET = 4  # modules that stay white around it (ISO/IEC 18004)


@dataclass(frozen=True)
class Drawing:
    """A QR code to draw: so many modules wide, and the path of the dark ones."""

    size: int
    path: str

    @property
    def svg(self) -> str:
        """The whole drawing, quiet zone and all, as a file of its own."""
        box = f"0 0 {self.size} {self.size}"
        return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{box}"><path d="{self.path}"/></svg>'


def drawing(words: str, error: str = "m") -> Drawing:
    """These words as a QR code that can be read with so much of it lost: m is 15%, q 25%."""
    rows = [bytes(row) for row in segno.make(words, error=error, micro=False).matrix]
    dark = [
        f"M{column + QUIET} {line + QUIET}h1v1h-1z"
        for line, row in enumerate(rows)
        for column, module in enumerate(row)
        if module
    ]
    return Drawing(len(rows) + 2 * QUIET, "".join(dark))

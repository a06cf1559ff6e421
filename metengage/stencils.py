"""An email to many, built once: constant bytes, and gaps where one person's own values go.

Building a message costs two milliseconds, joining its pieces a few microseconds. Bodies are quoted-printable, which
any server takes; around each gap stands a soft line break, so that what fills it is encoded by itself.
"""

import re
from binascii import b2a_qp
from collections.abc import Iterator, Mapping
from functools import lru_cache

from markupsafe import escape

TO, MESSAGE_ID = "to", "message_id"  # gaps that every email has, in its headers
SPECIAL = re.compile("[&<>\"']")  # what HTML must have escaped
SOFT_BREAK = b"=\r\n"  # a line break that readers take out again


class Stencil:
    """A message with gaps.

    `message` is the whole of it as bytes with CRLF, in which the keys of `bodies` stand for its two bodies: first the
    text, then the HTML. `marks` says what each value is called and the mark that stands where it goes: in headers,
    where it goes in as it is, and in bodies. Marks are of letters and digits.
    """

    def __init__(self, message: bytes, bodies: Mapping[str, str], marks: Mapping[str, str]):
        self._names = [name for name in marks if name not in (TO, MESSAGE_ID)]
        self._pieces: list[bytes] = []
        self._gaps: list[tuple[int, str, int | None]] = []  # (place among the pieces, value's name, which body)
        names, in_order = {mark: name for name, mark in marks.items()}, list(bodies)
        for piece in _split(message.decode("ascii"), [*names, *bodies]):
            if piece in bodies:
                self._add_body(bodies[piece], in_order.index(piece), names)
            elif piece in names:
                self._add_gap(names[piece], None)
            else:
                # No line begins here: a header's name is before it, or a boundary after it.
                self._pieces.append(piece.encode("ascii").replace(b"\n.", b"\n.."))

    def _add_body(self, body: str, which: int, names: Mapping[str, str]) -> None:
        for piece in _split(_one_kind_of_break(body), names):
            if piece in names:
                self._pieces.append(SOFT_BREAK)
                self._add_gap(names[piece], which)
                self._pieces.append(SOFT_BREAK)
            else:
                self._pieces.append(_quoted(piece))

    def _add_gap(self, name: str, which: int | None) -> None:
        self._gaps.append((len(self._pieces), name, which))
        self._pieces.append(b"")

    def fill(self, to: str, message_id: str, values: Mapping[str, str]) -> bytes:
        """One person's message, dot-stuffed as SMTP's DATA wants it, and ending in CRLF.

        Values are plain text of one line. Raises ValueError for one that cannot stand in a header.
        """
        texts = {TO: to, MESSAGE_ID: message_id, **values}
        encoded = {name: _for_bodies(values[name]) for name in self._names}
        pieces = self._pieces.copy()
        for place, name, which in self._gaps:
            pieces[place] = _for_header(texts[name]) if which is None else encoded[name][which]
        return b"".join(pieces)


def _split(text: str, marks) -> Iterator[str]:
    """The text in pieces: marks by themselves, and what stands between them."""
    yield from (piece for piece in re.split(f"({'|'.join(map(re.escape, marks))})", text) if piece)


@lru_cache(maxsize=1024)
def _for_bodies(value: str) -> tuple[bytes, bytes]:
    """The value as it stands in the text and in the HTML. Many share the same reason, so a thousand are kept."""
    text = _one_kind_of_break(value)
    quoted = _quoted(text)
    return quoted, _quoted(str(escape(text))) if SPECIAL.search(text) else quoted


def _one_kind_of_break(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


def _for_header(value: str) -> bytes:
    if not value.isprintable():
        raise ValueError("a value with a line break cannot stand in a header")
    return value.encode("ascii")  # raises UnicodeEncodeError, which is a ValueError


def _quoted(text: str) -> bytes:
    """Quoted-printable (RFC 2045) with CRLF, dot-stuffed; the last line leaves room for a soft break."""
    # A letter that is taken off again keeps the room, and keeps a dot or a space at the end as it is.
    encoded = b2a_qp(text.encode() + b"x")[:-1].replace(b"\n", b"\r\n")
    return _stuffed(encoded)


def _stuffed(lines: bytes) -> bytes:
    """A dot more for each line that begins with one (RFC 5321, 4.5.2). What stands in bodies begins a line."""
    return (b"." if lines.startswith(b".") else b"") + lines.replace(b"\n.", b"\n..")

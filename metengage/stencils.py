"""An email to many, built once: constant bytes, and gaps where one person's own values go.

Building a message costs two milliseconds, joining its pieces a few microseconds. Bodies are quoted-printable, which
any server takes; around each gap stands a soft line break, so that what fills it is encoded by itself.
"""

import re
from binascii import b2a_qp
from collections.abc import Iterator, Mapping

from markupsafe import escape

from metengage import signing

TO, MESSAGE_ID, MARK = "to", "message_id", "mark"  # gaps in headers, which every email may have
SPECIAL = re.compile("[&<>\"']")  # what HTML must have escaped
SOFT_BREAK = b"=\r\n"  # a line break that readers take out again

Encoded = tuple[bytes, bytes]


class Stencil:
    """A message with gaps.

    `message` is the whole of it as bytes with CRLF, in which the keys of `bodies` stand for its two bodies: first the
    text, then the HTML. `marks` says what each value is called and the mark that stands where it goes: in headers,
    where it goes in as it is, and in bodies. Marks are of letters and digits.
    """

    def __init__(self, message: bytes, bodies: Mapping[str, str], marks: Mapping[str, str]):
        self._pieces: list[bytes] = []
        self._in_headers: list[tuple[int, str]] = []  # (place among the pieces, value's name)
        self._in_bodies: dict[str, list[tuple[int, int]]] = {}  # value's name → (place among the pieces, which body)
        names, in_order = {mark: name for name, mark in marks.items()}, list(bodies)
        for piece in _split(message.decode("ascii"), [*names, *bodies]):
            if piece in bodies:
                self._add_body(bodies[piece], in_order.index(piece), names)
            elif piece in names:
                self._in_headers.append((len(self._pieces), names[piece]))
                self._pieces.append(b"")
            else:
                # No line begins here: a header's name is before it, or a boundary after it.
                self._pieces.append(piece.encode("ascii").replace(b"\n.", b"\n.."))

    def _add_body(self, body: str, which: int, names: Mapping[str, str]) -> None:
        for piece in _split(_one_kind_of_break(body), names):
            if piece in names:
                self._in_bodies.setdefault(names[piece], []).append((len(self._pieces) + 1, which))
                self._pieces += [SOFT_BREAK, b"", SOFT_BREAK]
            else:
                self._pieces.append(_quoted(piece))

    def fill(self, to: str, message_id: str, values: Mapping[str, "str | Encoded"], mark: str = "") -> bytes:
        """One person's message, signed if a key is set, dot-stuffed as SMTP's DATA wants it, and ending in CRLF.

        Values are plain text, or what `encoded` made of it where many share one. Raises ValueError for one that cannot
        stand in a header.
        """
        pieces, in_headers = self._pieces.copy(), {TO: to, MESSAGE_ID: message_id, MARK: mark}
        for place, name in self._in_headers:
            pieces[place] = _for_header(in_headers.get(name) or values[name])
        for name, places in self._in_bodies.items():
            value = values[name]
            both = encoded(value) if isinstance(value, str) else value
            for place, which in places:
                pieces[place] = both[which]
        return signing.sign_stuffed(b"".join(pieces))


def _split(text: str, marks) -> Iterator[str]:
    """The text in pieces: marks by themselves, and what stands between them."""
    yield from (piece for piece in re.split(f"({'|'.join(map(re.escape, marks))})", text) if piece)


def encoded(value: str) -> Encoded:
    """The value as it stands in the text and in the HTML."""
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

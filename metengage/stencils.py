"""An email to many, built once: constant bytes, and gaps where one person's own values go.

Building a message costs two milliseconds, joining its pieces a few microseconds. Bodies are quoted-printable, which
any server takes; around each gap stands a soft line break, so that what fills it is encoded by itself.
"""

import re
from binascii import b2a_qp
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import NamedTuple

from markupsafe import escape

from metengage import signing

TO, MESSAGE_ID, MARK = "to", "message_id", "mark"  # gaps in headers, which every email may have
# A space at the end of a line is encoded where there may be no room left for it (b2a_qp, as of Python 3.12).
TOO_LONG = re.compile(rb"(?m)^(.{74,75})(=20|=09)$")
SPECIAL = re.compile("[&<>\"']")  # what HTML must have escaped
SOFT_BREAK = b"=\r\n"  # a line break that readers take out again
LINE = 75  # characters before one (RFC 2045)
HEADER, TEXT, HTML = 0, 1, 2  # the forms of a value
NOT_IN_HEADERS = "a value with a line break, or that is not ASCII, cannot stand in a header"


class Value(NamedTuple):
    """What fills a gap, in the form that it has in a header, in the text and in the HTML."""

    header: bytes | None  # None: it cannot stand there
    text: bytes
    html: bytes


class Stencil:
    """A message with gaps.

    `message` is the whole of it as bytes with CRLF, in which the keys of `bodies` stand for its two bodies: first the
    text, then the HTML. `marks` says what each value is called and the mark that stands where it goes: in headers,
    where it goes in as it is, and in bodies. Marks are of letters and digits.
    """

    def __init__(self, message: bytes, bodies: Mapping[str, str], marks: Mapping[str, str]):
        self._pieces: list[bytes] = []
        self._gaps: list[tuple[int, str, int]] = []  # (place among the pieces, value's name, which form of it)
        names, forms = {mark: name for name, mark in marks.items()}, dict(zip(bodies, (TEXT, HTML), strict=True))
        for piece in _split(message.decode("ascii"), [*names, *bodies]):
            if piece in bodies:
                self._add_body(bodies[piece], forms[piece], names)
            elif piece in names:
                self._gaps.append((len(self._pieces), names[piece], HEADER))
                self._pieces.append(b"")
            else:
                # No line begins here: a header's name is before it, or a boundary after it.
                self._pieces.append(piece.encode("ascii").replace(b"\n.", b"\n.."))

    def _add_body(self, body: str, form: int, names: Mapping[str, str]) -> None:
        for piece in _split(_one_kind_of_break(body), names):
            if piece in names:
                self._gaps.append((len(self._pieces) + 1, names[piece], form))
                self._pieces += [SOFT_BREAK, b"", SOFT_BREAK]
            else:
                self._pieces.append(_quoted(piece))

    def fill(self, to: str, message_id: str, values: Mapping[str, Value], mark: str = "") -> bytes:
        """One person's message, signed if a key is set, dot-stuffed as SMTP's DATA wants it, and ending in CRLF.

        Raises ValueError for what cannot stand in a header.
        """
        both = to + message_id
        if not (both.isascii() and both.isprintable()):
            raise ValueError(NOT_IN_HEADERS)
        own = {TO: (to.encode(),), MESSAGE_ID: (message_id.encode(),), MARK: (mark.encode(),)}
        pieces, values = self._pieces.copy(), own | values
        for place, name, form in self._gaps:
            pieces[place] = values[name][form]
        try:
            return signing.sign_stuffed(b"".join(pieces))
        except TypeError:
            raise ValueError(NOT_IN_HEADERS) from None


def _split(text: str, marks) -> Iterator[str]:
    """The text in pieces: marks by themselves, and what stands between them."""
    yield from (piece for piece in re.split(f"({'|'.join(map(re.escape, marks))})", text) if piece)


def ready(text: str) -> Value:
    """Plain text, ready to fill gaps."""
    header = text.encode() if text.isascii() and text.isprintable() else None
    text = _one_kind_of_break(text)
    quoted = _quoted(text)
    return Value(header, quoted, _quoted(str(escape(text))) if SPECIAL.search(text) else quoted)


def raw(text: str, html: str) -> Value:
    """Text, and HTML that is as it should be, ready to fill gaps in bodies."""
    return Value(None, _quoted(_one_kind_of_break(text)), _quoted(_one_kind_of_break(html)))


def link(begin: str) -> Callable[[str], Value]:
    """A function (end of a link) → the whole of it; ends are of letters, digits, “.”, “-” and “_”.

    A million have two each: they need not be encoded, only broken before a line is too long.
    """
    header, text, html = ready(begin)

    def whole(end: str) -> Value:
        if len(end) > LINE or end.startswith("."):
            return ready(begin + end)
        last = end.encode()
        return Value(header + last, text + SOFT_BREAK + last, html + SOFT_BREAK + last)

    return whole


def joined(values: Iterable[Value]) -> Value:
    """Several values as one; not for headers."""
    _, texts, htmls = zip(*values, strict=True)
    return Value(None, SOFT_BREAK.join(texts), SOFT_BREAK.join(htmls))


def _one_kind_of_break(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


def _quoted(text: str) -> bytes:
    """Quoted-printable (RFC 2045) with CRLF, dot-stuffed; the last line leaves room for a soft break."""
    # A letter that is taken off again keeps the room, and keeps a dot or a space at the end as it is.
    encoded = TOO_LONG.sub(rb"\1=\n\2", b2a_qp(text.encode() + b"x")[:-1])
    return _stuffed(encoded.replace(b"\n", b"\r\n"))


def _stuffed(lines: bytes) -> bytes:
    """A dot more for each line that begins with one (RFC 5321, 4.5.2). What stands in bodies begins a line."""
    return (b"." if lines.startswith(b".") else b"") + lines.replace(b"\n.", b"\n..")

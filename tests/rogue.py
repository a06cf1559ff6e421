"""An SMTP server on loopback that misbehaves on purpose, and notes each rule that is broken towards it.

It keeps to RFC 5321 and RFC 2920 unless `says` tells it otherwise. What it took is in `books`, what a client did wrong
in `wrongs`: tests that let it misbehave assert that nobody else did.
"""

import base64
import contextlib
import re
import select
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

GO_ON, CLOSE, SLEEP = "go on", "close", "sleep"  # what it does after it spoke; asleep, it never says anything again
WHOLE, GLUED, BYTES = "whole", "glued", "bytes"  # how replies leave: each by itself, as many as possible, cut to bytes
MUST_WAIT = {"HELLO", "EHLO", "STARTTLS", "AUTH", "DATA", "QUIT"}  # nothing may follow before the answer (RFC 2920)
LONGEST_LINE = 998  # RFC 5322


@dataclass(frozen=True)
class Ask:
    """What the server is about to answer.

    The verb is that of SMTP, or HELLO for the banner, HALF in the middle of a body and BODY after its last dot.
    """

    verb: str
    sender: str  # of this email; empty before MAIL
    to: str  # empty before RCPT
    place: int  # how many emails were begun on this connection before this one
    connection: int  # which connection, from 0 on


@dataclass(frozen=True)
class Say:
    """What it says instead. Words of several lines are one reply; without words it says what is right."""

    words: str | None = None
    after: float = 0.0  # seconds
    then: str = GO_ON
    twice: bool = False
    takes: bool | None = None  # after a body: whether it has it, whatever it says


HANG_UP = Say("", then=CLOSE)
NEVER = Say("", then=SLEEP)


class Taken(NamedTuple):
    """An email that it took: its envelope, and its bytes without the dots that were added for the way."""

    sender: str
    to: str
    data: bytes
    connection: int


@dataclass
class Rogue:
    """The server. It listens from `with` to the end of it."""

    pipelines: bool = True
    manner: str = WHOLE
    line_end: str = "\r\n"
    to_nobody: str = "503 5.5.1 no valid recipients"  # what it says to DATA when it refused the recipient
    tls: ssl.SSLContext | None = None
    users: dict[str, str] = field(default_factory=dict)  # name → password; somebody must sign in when there are any
    mechanisms: str = "PLAIN LOGIN"
    says: Callable[[Ask], Say | str | None] = lambda ask: None
    books: list[Taken] = field(default_factory=list)
    wrongs: list[str] = field(default_factory=list)
    heard: list[tuple[bool, str]] = field(default_factory=list)  # (whether it was encrypted, each command)
    connections: int = 0
    waits: int = 0  # how often it had to wait for the client
    open_now: int = 0
    most_open: int = 0

    def __enter__(self) -> "Rogue":
        self.port, self._lock, self._talks = 0, threading.Lock(), []
        self._listen()
        return self

    def __exit__(self, *_) -> None:
        self._fall_silent()

    @contextlib.contextmanager
    def away(self) -> Iterator[None]:
        """It is stopped meanwhile, and its port refuses."""
        self._fall_silent()
        yield
        self._listen()

    @property
    def taken_by(self) -> list[str]:
        """Whom it took emails to, in order."""
        return sorted(each.to for each in self.books)

    def _listen(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", self.port))
        # Small, so that a large body does not disappear into the machine's buffers.
        self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 64 * 1024)
        self.port = self._listener.getsockname()[1]
        self._thread = threading.Thread(target=self._welcome, args=(self._listener,), daemon=True)
        self._thread.start()

    def _welcome(self, listener: socket.socket) -> None:
        with contextlib.suppress(OSError):  # until the listener is closed
            while True:
                sock, _ = listener.accept()
                talk = _Talk(self, sock, self.connections)
                self.connections += 1
                self._talks.append(talk)
                talk.start()

    def _fall_silent(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)  # wakes who waits in accept
        self._listener.close()
        self._thread.join()
        for talk in self._talks:
            with contextlib.suppress(OSError):
                talk.sock.shutdown(socket.SHUT_RDWR)
            talk.join(10)
        self._talks.clear()

    def opened(self, change: int) -> None:
        with self._lock:
            self.open_now += change
            self.most_open = max(self.most_open, self.open_now)


class _Over(Exception):
    """This conversation is."""


class _Talk(threading.Thread):
    """One connection."""

    def __init__(self, rogue: Rogue, sock: socket.socket, number: int):
        super().__init__(daemon=True)
        self.rogue, self.sock, self.number = rogue, sock, number
        self._input, self._output = b"", b""
        self._place, self._is_signed_in = -1, False
        self._has_misled = False  # it contradicted itself: what follows is nobody else's fault
        self._forget()
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def run(self) -> None:
        self.rogue.opened(1)
        try:
            self._say("HELLO", "220 rogue.example.org ESMTP")
            while True:
                self._obey(self._line())
        except (_Over, OSError):
            pass
        except Exception as fault:
            self._wrong(f"the rogue itself failed: {fault!r}")
        finally:
            self.rogue.opened(-1)
            self.sock.close()

    def _wrong(self, what: str) -> None:
        self.rogue.wrongs.append(f"connection {self.number}: {what}")

    def _forget(self) -> None:
        """No email is under way."""
        self._sender, self._to, self._recipients = "", "", []

    # --- Commands ---

    def _obey(self, line: bytes) -> None:
        self.rogue.heard.append((isinstance(self.sock, ssl.SSLSocket), line.decode("latin-1")))
        verb, _, rest = line.decode("latin-1").partition(" ")
        act = getattr(self, f"_on_{verb.lower()}", None)
        if act:
            act(rest)
        else:
            self._wrong(f"an unknown command: {line[:60]}")
            self._say(verb, "500 5.5.2 unknown")

    def _on_ehlo(self, _: str) -> None:
        words = ["250 rogue.example.org", *["PIPELINING"] * self.rogue.pipelines, "ENHANCEDSTATUSCODES"]
        if self.rogue.tls and not isinstance(self.sock, ssl.SSLSocket):
            words.append("STARTTLS")
        if self.rogue.users:
            words.append(f"AUTH {self.rogue.mechanisms}")
        self._say("EHLO", "\n".join(words))

    def _on_helo(self, _: str) -> None:
        self._say("HELO", "250 rogue.example.org")

    def _on_starttls(self, _: str) -> None:
        if self._say("STARTTLS", "220 2.0.0 go on") == 220:
            self._flush()
            self.sock.settimeout(10)
            self.sock = self.rogue.tls.wrap_socket(self.sock, server_side=True)
            self._forget()

    def _on_auth(self, rest: str) -> None:
        mechanism, _, first = rest.partition(" ")
        words = base64.b64decode(first).decode()
        if mechanism == "PLAIN":
            name, password = words.split("\0")[1:]
        else:
            self._write("334 UGFzc3dvcmQ6")
            name, password = words, base64.b64decode(self._line()).decode()
        self._is_signed_in = self.rogue.users.get(name) == password
        self._say("AUTH", "235 2.7.0 welcome" if self._is_signed_in else "535 5.7.8 wrong name or password")

    def _on_mail(self, rest: str) -> None:
        self._place += 1
        if self._sender:
            self._has_misled or self._wrong("MAIL within an email that was not ended by RSET")
            self._say("MAIL", "503 5.5.1 nested MAIL")
            return
        sender = _address_in(rest, "FROM")
        right = "530 5.7.0 sign in first" if self.rogue.users and not self._is_signed_in else "250 2.1.0 ok"
        if self._say("MAIL", right, sender) < 300:
            self._sender = sender

    def _on_rcpt(self, rest: str) -> None:
        self._to = _address_in(rest, "TO")
        if self._say("RCPT", "250 2.1.5 ok" if self._sender else "503 5.5.1 MAIL first") < 300:
            self._recipients.append(self._to)
            if len(self._recipients) > 1:
                self._wrong(f"two recipients: {self._recipients}")

    def _on_data(self, _: str) -> None:
        if self._say("DATA", "354 go on" if self._recipients else self.rogue.to_nobody) == 354:
            self._take(self._body())
            self._forget()

    def _take(self, body: bytes) -> None:
        for wrong in _wrongs_of(body):
            self._wrong(f"{wrong} in the email to {self._to}")
        if body and not self._recipients:
            self._wrong("a body that nobody is to have")
        data = re.sub(rb"(?m)^\.", b"", body)
        self._email = Taken(self._sender, self._to, data, self.number)
        self._say("BODY", "250 2.0.0 taken" if self._recipients else "554 5.5.1 no valid recipients")

    def _on_rset(self, _: str) -> None:
        if self._say("RSET", "250 2.0.0 ok") < 300:
            self._forget()

    def _on_quit(self, _: str) -> None:
        self._say("QUIT", "221 2.0.0 bye")
        self._flush()
        raise _Over

    # --- Answers ---

    def _say(self, verb: str, right: str, sender: str = "") -> int:
        """Answer, as told or else as is right; the answer's code."""
        told = self.rogue.says(Ask(verb, sender or self._sender, self._to, max(self._place, 0), self.number))
        told = Say(told) if isinstance(told, str) else told or Say()
        if told.after:
            self._flush()
            time.sleep(told.after)
        must_wait = verb in MUST_WAIT or not (self.rogue.pipelines or verb == "HALF")
        if must_wait and not self._has_misled and self._has_more():
            self._wrong(f"it did not wait for the answer to {verb}: {self._input[:60]}")
        words = right if told.words is None else told.words
        if verb == "BODY" and (words.startswith("2") if told.takes is None else told.takes):
            self.rogue.books.append(self._email)
        self._has_misled = self._has_misled or told.twice or (verb == "RSET" and words != right)
        for _ in range(1 + told.twice if words else 0):
            self._write(words)
        self._then(told.then)
        return int(words[:3]) if words[:3].isdigit() else 999

    def _then(self, then: str) -> None:
        if then == GO_ON:
            return
        self._flush()
        while then == SLEEP and self.sock.recv(65536):
            pass
        raise _Over

    def _write(self, words: str) -> None:
        lines = words.split("\n")
        if len(lines) > 1:
            code, *rest = words[:3], lines[0][4:], *lines[1:]
            lines = [f"{code}-{each}" for each in rest[:-1]] + [f"{code} {rest[-1]}"]
        self._output += "".join(line + self.rogue.line_end for line in lines).encode()
        if self.rogue.manner != GLUED:
            self._flush()

    def _flush(self) -> None:
        size = 1 if self.rogue.manner == BYTES else len(self._output)
        for start in range(0, len(self._output), max(size, 1)):
            self.sock.sendall(self._output[start : start + size])
            time.sleep(0.0001 if size == 1 else 0)  # so that each byte arrives alone
        self._output = b""

    # --- What comes in ---

    def _line(self) -> bytes:
        while b"\r\n" not in self._input:
            self._read()
        line, _, self._input = self._input.partition(b"\r\n")
        return line

    def _body(self) -> bytes:
        """All up to the last dot, as it came."""
        self._flush()
        is_asked = False
        while not (self._input.startswith(b".\r\n") or b"\r\n.\r\n" in self._input):
            self._read()
            if not is_asked:
                is_asked = True
                self._say("HALF", "") if self._recipients else None
        body, _, self._input = (b"\r\n" + self._input).partition(b"\r\n.\r\n")
        return body[2:] + b"\r\n" if body else b""

    def _read(self) -> None:
        self._flush()
        self.rogue.waits += 1
        chunk = self.sock.recv(65536)
        if not chunk:
            raise _Over
        self._input += chunk

    def _has_more(self) -> bool:
        """Whether the client has said more already."""
        while self._is_readable():
            chunk = self.sock.recv(65536)
            if not chunk:
                break
            self._input += chunk
        return bool(self._input)

    def _is_readable(self) -> bool:
        is_encrypted = isinstance(self.sock, ssl.SSLSocket)
        return bool((is_encrypted and self.sock.pending()) or select.select([self.sock], [], [], 0)[0])


def _address_in(rest: str, what: str) -> str:
    found = re.fullmatch(rf"{what}:<([^<>\s]+)>", rest)
    return found[1] if found else f"(nobody: {rest})"


def _wrongs_of(body: bytes) -> Iterator[str]:
    """What RFC 5321 and 5322 do not allow, as it came over the wire."""
    if re.search(rb"(?<!\r)\n|\r(?!\n)", body):
        yield "a line that does not end in CRLF"
    if not body.isascii():
        yield "a byte above 127"
    for line in body.split(b"\r\n"):
        if len(line) > LONGEST_LINE + line.startswith(b"."):
            yield "a line of more than 998 bytes"
        if line.startswith(b".") and not line.startswith(b".."):
            yield "a line whose first dot was not doubled"

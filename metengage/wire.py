"""The fast sender: SMTP on a few connections at once, with as few waits as the server allows.

Each connection carries one email after the other. Where the server pipelines (RFC 2920), an email's body and the
envelope of the next leave in one write, and one wait is enough for both; where it does not, each command waits for its
answer. Every answer belongs to one email, and every email that was begun gets one receipt, whatever happens.
"""

import re
import select
import ssl
import time
from collections import deque
from collections.abc import Callable, Iterator
from typing import NamedTuple

PATIENCE = 60.0  # seconds that we wait for one answer
LOOK = 1.0  # seconds between looks at who did not answer
END = b".\r\n"

# What came of an email.
TAKEN = "taken"  # the server has it
REFUSED = "refused"  # the server said no to this email; its code says whether for good (5xx) or for now (4xx)
UNSENT = "unsent"  # the connection ended before the server could have taken it
UNSURE = "unsure"  # the connection ended after its last byte: the server may have it

MAIL, RCPT, DATA, BODY, RESET = "MAIL", "RCPT", "DATA", "BODY", "RSET"  # what an answer is the answer to

_NOT_YET = (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError)


class Parcel(NamedTuple):
    """One email to one recipient."""

    row: object  # what the caller knows it by
    sender: str  # the envelope's two addresses
    recipient: str
    data: bytes  # the message: CRLF, dot-stuffed, ending in CRLF


class Receipt(NamedTuple):
    """What came of one parcel; `code` and `words` are the server's, or say how the connection ended."""

    parcel: Parcel
    fate: str
    code: int = 0
    words: str = ""
    is_about_recipient: bool = False  # refused for whom it is to, rather than for what we wrote
    is_suspect: bool = False  # nothing had come of this connection before: it may have ended because of this email


class Ended(Exception):
    """The connection is of no more use; the message says why."""


def carry(
    channels: list["Channel"], parcels: Iterator[Parcel], until: float, meanwhile: Callable[[], None] = lambda: None
) -> Iterator[Receipt]:
    """Carry parcels, taking none after `until` (monotonic seconds); a receipt for each that was begun.

    What was not begun stays in `parcels`. A channel that ends says so in `trouble`. `meanwhile` is called each second.
    """
    supply = iter(lambda: next(parcels, None) if time.monotonic() < until else None, None)
    poll, alive = select.poll(), {channel.sock.fileno(): channel for channel in channels if not channel.trouble}
    for number, channel in alive.items():
        poll.register(number, select.POLLIN)
        yield from _attend(channel, 0, supply)
    looked_at = time.monotonic()
    while any(channel.is_busy for channel in alive.values()):
        for number, event in poll.poll(LOOK * 1000):
            channel = alive[number]
            yield from _attend(channel, event, supply)
            if channel.trouble:
                poll.unregister(number)
                del alive[number]
            elif channel.outgoing or event & select.POLLOUT:
                poll.modify(number, select.POLLIN | (select.POLLOUT if channel.outgoing else 0))
        if (passed := time.monotonic() - looked_at) >= LOOK:
            looked_at += passed
            for channel in alive.values():
                # Two looks at most: more we were held up, or stood still with the whole machine. That is no silence.
                yield from channel.wait(min(passed, 2 * LOOK))
            meanwhile()


def _attend(channel: "Channel", event: int, supply: Iterator[Parcel]) -> list[Receipt]:
    """Read and write what can be, and begin the next; a channel that ends takes nobody else with it."""
    receipts = []
    try:
        for answer in channel.answers() if event & ~select.POLLOUT else ():
            if receipt := channel.take(*answer):
                receipts.append(receipt)
        if not (channel.is_busy or channel.trouble):
            channel.begin(next(supply, None))
        elif event & select.POLLOUT:
            channel.write()
    except Ended as why:
        receipts += channel.end(str(why))
    return receipts


class Channel:
    """One connection: what was asked on it, and what is on its way.

    `sock` is a connected socket after EHLO (and TLS and AUTH); it is made non-blocking.
    """

    def __init__(self, sock, pipelines: bool, settled: int = 0):
        self.sock = sock
        self.settled = settled  # emails that the server has taken or refused since it was connected
        self.trouble = ""  # why it ended; empty while it is of use
        self._pipelines = pipelines
        self._begun: Parcel | None = None  # its envelope is on the way
        self._given: Parcel | None = None  # its body is
        self._refusal: Receipt | None = None
        self._asked: deque[str] = deque()  # what the next answers answer
        self._script: deque[tuple[str, bytes]] = deque()  # commands that wait for the answer to the one before
        self._due: list[tuple[str, bytes]] = []  # what goes out in one write with the next envelope
        self.outgoing, self._after_body = b"", 0  # not written yet, and how much at its end is no part of a body
        self._incoming, self._said = b"", b""
        self._waited = 0.0  # seconds, since it answered, was asked or took a part of an email last
        sock.setblocking(False)

    @property
    def is_busy(self) -> bool:
        return bool(self._asked)

    def begin(self, parcel: Parcel | None) -> None:
        """Say this email's envelope, after what is due; without one, only what is due. Raises Ended."""
        self._waited = 0.0
        self._asked.extend(what for what, _ in self._due)
        due, self._due = b"".join(data for _, data in self._due), []
        if parcel is None:
            self.write(due)
            return
        self._begun, self._refusal = parcel, None
        envelope = f"MAIL FROM:<{parcel.sender}>\r\nRCPT TO:<{parcel.recipient}>\r\nDATA\r\n".encode()
        if self._pipelines:
            self._asked.extend((MAIL, RCPT, DATA))
            self.write(due + envelope, after_body=len(envelope))
        else:
            self._script.extend(zip((MAIL, RCPT, DATA), envelope.splitlines(keepends=True), strict=True))
            self.write(due)
            self._go_on()

    def _go_on(self) -> None:
        if self._script and not self._asked:
            what, command = self._script.popleft()
            self._asked.append(what)
            self.write(command)

    def write(self, data: bytes = b"", after_body: int = 0) -> None:
        """Write as much as the socket takes now. Raises Ended."""
        if data:
            self.outgoing, self._after_body = self.outgoing + data, after_body
        try:
            while self.outgoing:
                self.outgoing = self.outgoing[self.sock.send(self.outgoing) :]
                self._waited = 0.0  # the time for its answer begins after the last (RFC 5321, 4.5.3.2)
        except _NOT_YET:
            return
        except OSError as error:
            raise Ended(f"the connection to the mail server broke ({type(error).__name__})") from error

    def answers(self) -> Iterator[tuple[str, int, bytes]]:
        """(what it answers, code, words) for each answer that has come. Raises Ended."""
        for line in self._lines():
            if line[3:4] == b"-":
                self._said += line[4:] + b" "
                continue
            said, self._said = self._said + line[4:], b""
            if not line[:3].isdigit():
                raise Ended("the mail server said something that is not SMTP")
            code = int(line[:3])
            if code == 421 or not self._asked:
                raise Ended(f"the mail server would not go on: {code} {_words(said)}")
            self._waited = 0.0
            what = self._asked.popleft()
            if not (200 <= code < 300 and what in (MAIL, RCPT)):  # to which a yes comes to nothing yet
                yield what, code, said
            self._go_on()

    def _lines(self) -> list[bytes]:
        try:
            chunk = self.sock.recv(65536)
            while isinstance(self.sock, ssl.SSLSocket) and self.sock.pending():
                chunk += self.sock.recv(65536)
        except _NOT_YET:
            return []
        except OSError as error:
            raise Ended(f"the connection to the mail server broke ({type(error).__name__})") from error
        if not chunk:
            raise Ended("the mail server hung up")
        *lines, self._incoming = (self._incoming + chunk).replace(b"\r\n", b"\n").split(b"\n")
        return lines

    def take(self, what: str, code: int, said: bytes) -> Receipt | None:
        """What this answer comes to: a receipt, or nothing yet. Raises Ended where it is about us, not about them."""
        is_yes = code == 354 if what == DATA else 200 <= code < 300
        if not is_yes and (what in (MAIL, RESET) or not 400 <= code < 600):
            raise Ended(f"the mail server answered {what} with {code} {_words(said)}")
        if what == BODY and self._given:
            parcel, self._given = self._given, None
            self.settled += 1
            return Receipt(parcel, TAKEN, code) if is_yes else Receipt(parcel, REFUSED, code, _words(said))
        if what == RCPT and not is_yes:
            self._refusal = Receipt(self._begun, REFUSED, code, _words(said), is_about_recipient=True)
            return None if self._pipelines else self._refused()
        if what == DATA and is_yes and not self._refusal:
            self._given, self._begun = self._begun, None
            self._due = [(BODY, self._given.data + END)]
        elif what == DATA:
            self._refusal = self._refusal or Receipt(self._begun, REFUSED, code, _words(said))
            return self._refused(with_dot=is_yes)
        return None

    def _refused(self, with_dot: bool = False) -> Receipt:
        """End a transaction that came to nothing: without RSET, some servers refuse the next.

        Where the server waits for a body after all, it gets a lone dot (RFC 2920, 3.1).
        """
        self._begun = None
        self.settled += 1
        self._script.clear()
        self._due = [(BODY, END)] * with_dot + [(RESET, b"RSET\r\n")]
        return self._refusal

    def wait(self, seconds: float) -> list[Receipt]:
        """So long it has not answered, besides before; end it when it owes us an answer for too long."""
        self._waited += seconds
        is_silent = self.is_busy and self._waited > PATIENCE
        return self.end(f"the mail server did not answer for {PATIENCE:.0f} seconds") if is_silent else []

    def end(self, why: str) -> list[Receipt]:
        """It is of no more use; what becomes of the emails on it."""
        self.trouble = self.trouble or why
        is_whole = not self._due and len(self.outgoing) <= self._after_body
        suspect = None if self.settled else self._given or self._begun
        fates = [(self._given, UNSURE if is_whole else UNSENT), (self._begun, UNSENT)]
        receipts = [Receipt(parcel, fate, 0, why, False, parcel is suspect) for parcel, fate in fates if parcel]
        if self._begun and self._refusal:
            receipts[-1] = self._refusal
        self._given = self._begun = None
        self._asked.clear()
        self._script.clear()
        return receipts


def _words(said: bytes) -> str:
    """What the server said, without whom it said it of: officers read these words, and they are kept."""
    return re.sub(r"[^\s<>]+@[^\s<>]+", "(address)", " ".join(said.decode("utf-8", "replace").split()))

"""What an email is, and how a single one is handed to the mail server over Flask-Mail."""

import re
import smtplib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.charset import QP, Charset
from email.mime.text import MIMEText
from email.policy import EmailPolicy

from flask import current_app
from flask_mail import Connection, Mail, Message

from metengage import relays, signing
from metengage.relays import Line, RoadClosed

QUOTED_PRINTABLE = Charset("utf-8")  # any server takes it, however long an officer's paragraph
QUOTED_PRINTABLE.body_encoding = QP

extension = Mail()


class Broke(RoadClosed):
    """The connection ended in the middle of this message: the server may have it."""


class Refused(Exception):
    """The server would not take this message; the road itself is open."""

    def __init__(self, words: str, is_final: bool, is_about_recipient: bool = False):
        super().__init__(words)
        self.is_final, self.is_about_recipient = is_final, is_about_recipient


# --- Messages ---


@dataclass(frozen=True)
class Email:
    """One message to one person."""

    to: str
    subject: str
    text: str
    html: str
    sender: str
    message_id: str
    return_path: str = ""  # the envelope's sender
    headers: dict[str, str] = field(default_factory=dict)
    date: float | None = None  # seconds since 1970; none: when it is sent


class _AsWritten(EmailPolicy):
    """RFC 5322 with CRLF, but what folding would spoil stays as it was written.

    A long link would be encoded until no reader knew it; a sender's name with a comma or quotes would fall apart.
    """

    def fold_binary(self, name: str, value: str) -> bytes:
        if any(not line.startswith((" ", "\t")) for line in str(value).splitlines()[1:]):
            raise ValueError(f"{name} has a line break in it: what follows would be another header")
        if (name in ("From", "List-Id") and value.isascii()) or str(value).startswith("<http"):
            return f"{name}: {self.linesep.join(str(value).splitlines())}{self.linesep}".encode("ascii")
        return super().fold_binary(name, value if value.isascii() else self.header_factory(name, value))


class _Message(Message):
    def _mimetext(self, text: str, subtype: str = "plain") -> MIMEText:
        return MIMEText(text, _subtype=subtype, _charset=QUOTED_PRINTABLE)

    def _message(self):
        message = super()._message()
        # Flask-Mail wraps the two parts once more, for attachments; we have none.
        (alternatives,) = message.get_payload()
        message.set_type("multipart/alternative")
        message.set_payload(alternatives.get_payload())
        message.policy = _AsWritten(linesep="\r\n", cte_type="7bit")
        return message

    def as_bytes(self) -> bytes:
        return signing.sign(self.unsigned())

    def unsigned(self) -> bytes:
        return self._message().as_bytes()


def _message(email: Email) -> _Message:
    message = _Message(
        subject=email.subject,
        recipients=[email.to],
        body=email.text,
        html=email.html,
        sender=email.sender,
        extra_headers=email.headers,
        date=email.date,
    )
    message.msgId = email.message_id
    return message


def as_bytes(email: Email) -> bytes:
    """The whole message in the form of RFC 5322, with CRLF, unsigned."""
    return _message(email).unsigned()


# --- Single emails ---


class Road:
    """An open connection for single emails."""

    def __init__(self, line: Line):
        self._connection = Connection(current_app.extensions["mail"])
        self._connection.host = line.smtp

    def send(self, email: Email) -> None:
        """Hand over one message to one recipient. Raises Refused or Broke."""
        try:
            self._connection.send(_message(email), envelope_from=email.return_path)
        except smtplib.SMTPRecipientsRefused as refusal:
            raise refused(email.to, *next(iter(refusal.recipients.values())), is_about_recipient=True) from refusal
        except smtplib.SMTPResponseException as refusal:
            raise refused(email.to, refusal.smtp_code, refusal.smtp_error) from refusal
        except (smtplib.SMTPException, OSError) as error:
            raise Broke(f"the connection to the mail server broke ({type(error).__name__})") from error


def without_address(words: str, address: str) -> str:
    """What a server said, without whom it said it of: officers read these words, and they are kept."""
    return re.sub(re.escape(address), "(address)", words, flags=re.IGNORECASE)[:200]


def refused(to: str, code: int, words: bytes | str, is_about_recipient: bool = False) -> Exception:
    """What this reply means: Refused, or Broke where the server says that it closes the connection."""
    if isinstance(words, bytes):
        words = words.decode("utf-8", "replace")
    words = without_address(f"{code} {words}", to)
    if code == 421:  # "closing"
        return Broke(f"the mail server closed the connection: {words}")
    return Refused(words, code >= 500, is_about_recipient)


@contextmanager
def road() -> Iterator[Road]:
    """The road to the mail server, for single emails. Raises RoadClosed."""
    line = relays.take()
    try:
        yield Road(line)
    except BaseException as error:
        line.close()
        if isinstance(error, Broke) and not line.settled:
            relays.failed(line.relay, str(error))
        raise
    line.settled += 1
    relays.give_back(line)

"""The only room that talks SMTP."""

import re
import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.charset import QP, Charset
from email.mime.text import MIMEText
from email.policy import EmailPolicy
from email.utils import parseaddr

from flask import current_app
from flask_mail import Connection, Mail, Message

PATIENCE = 30  # seconds that we wait for one answer of the mail server
QUOTED_PRINTABLE = Charset("utf-8")  # any server takes it, however long an officer's paragraph
QUOTED_PRINTABLE.body_encoding = QP

extension = Mail()


class Refused(Exception):
    """The server would not take this message; the road itself is open."""

    def __init__(self, words: str, is_final: bool):
        super().__init__(words)
        self.is_final = is_final


class RoadClosed(Exception):
    """No server, or it went away in the middle."""


@dataclass(frozen=True)
class Email:
    """One message to one person."""

    to: str
    subject: str
    text: str
    html: str
    sender: str
    message_id: str
    headers: dict[str, str] = field(default_factory=dict)


class _LinksUnfolded(EmailPolicy):
    """RFC 5322 with CRLF, but folding would encode a long link in a header until no reader knew it."""

    def fold_binary(self, name: str, value: str) -> bytes:
        if str(value).startswith("<http"):
            return f"{name}: {value}{self.linesep}".encode("ascii")
        return super().fold_binary(name, value)


class _Message(Message):
    def _mimetext(self, text: str, subtype: str = "plain") -> MIMEText:
        return MIMEText(text, _subtype=subtype, _charset=QUOTED_PRINTABLE)

    def _message(self):
        message = super()._message()
        message.policy = _LinksUnfolded(linesep="\r\n", cte_type="7bit")
        return message


class _Connection(Connection):
    """Flask-Mail's, but it waits no longer than it must and checks certificates."""

    def configure_host(self) -> smtplib.SMTP:
        host = smtplib.SMTP(self.mail.server, self.mail.port, timeout=PATIENCE)
        if self.mail.use_tls:
            host.starttls(context=ssl.create_default_context())
        if self.mail.username and self.mail.password:
            host.login(self.mail.username, self.mail.password)
        return host

    def __exit__(self, *_error) -> None:
        # A server that is gone need not be told goodbye.
        try:
            self.host.quit()
        except (smtplib.SMTPException, OSError):
            self.host.close()


class Road:
    """An open connection to the mail server."""

    def __init__(self, connection: _Connection):
        self._connection = connection

    def send(self, email: Email) -> None:
        """Hand over one message to one recipient. Raises Refused or RoadClosed."""
        message = _Message(
            subject=email.subject,
            recipients=[email.to],
            body=email.text,
            html=email.html,
            sender=email.sender,
            extra_headers=email.headers,
        )
        message.msgId = email.message_id
        try:
            self._connection.send(message, envelope_from=parseaddr(email.sender)[1])
        except smtplib.SMTPRecipientsRefused as refusal:
            raise _refused(email.to, *next(iter(refusal.recipients.values()))) from refusal
        except smtplib.SMTPResponseException as refusal:
            raise _refused(email.to, refusal.smtp_code, refusal.smtp_error) from refusal
        except (smtplib.SMTPException, OSError) as error:
            raise RoadClosed(f"the connection to the mail server broke ({type(error).__name__})") from error


def _refused(to: str, code: int, words: bytes | str) -> Exception:
    if isinstance(words, bytes):
        words = words.decode("utf-8", "replace")
    # Officers read these words, and they are kept: they must not say who it was.
    words = re.sub(re.escape(to), "(address)", words, flags=re.IGNORECASE)
    if code == 421:  # "closing": it is about the road, not about this message
        return RoadClosed(f"the mail server closed the connection: {code} {words}")
    return Refused(f"{code} {words}"[:200], is_final=code >= 500)


@contextmanager
def road() -> Iterator[Road]:
    """Open the road to the mail server. Raises RoadClosed."""
    try:
        connection = _Connection(current_app.extensions["mail"]).__enter__()
    except (smtplib.SMTPException, OSError) as error:
        raise RoadClosed(f"the mail server does not answer ({type(error).__name__})") from error
    try:
        yield Road(connection)
    finally:
        connection.__exit__(None, None, None)

"""The mail servers, the preferred one first: connections to them, kept open while there is work."""

import atexit
import select
import smtplib
import ssl
import time
from dataclasses import dataclass

from metengage.config import settings

PATIENCE = 30  # seconds that we wait for a mail server to greet us, and for one answer to a single email
REST = 30  # seconds that a mail server which failed is left in peace, while there are others
IDLE = 60  # seconds after which an unused connection is not trusted any more


class RoadClosed(Exception):
    """No server, or it went away in the middle."""


@dataclass
class Line:
    """An open connection to a mail server, after EHLO, STARTTLS and AUTH."""

    smtp: smtplib.SMTP
    relay: tuple[str, int]
    settled: int = 0  # emails that the server has taken or refused on it: it has been of use
    free_since: float = 0.0  # monotonic seconds

    @property
    def pipelines(self) -> bool:
        """Whether the server takes several commands at once (RFC 2920)."""
        return self.smtp.has_extn("pipelining")

    def is_fit(self) -> bool:
        """Whether it may still be used: a server that hung up, or said that it will, is readable."""
        if self.smtp.sock is None or time.monotonic() - self.free_since > IDLE:
            return False
        readable, _, _ = select.select([self.smtp.sock], [], [], 0)
        return not readable

    def close(self) -> None:
        # A server that is gone need not be told goodbye.
        try:
            self.smtp.sock.settimeout(1)
            self.smtp.quit()
        except (smtplib.SMTPException, OSError, AttributeError):
            self.smtp.close()


_free: list[Line] = []  # this process's connections that nobody uses at the moment
_resting: dict[tuple[str, int], float] = {}  # a mail server that failed → when it is tried again (monotonic)
_troubles: dict[tuple[str, int], str] = {}  # what was wrong with it, in words


def take() -> Line:
    """A connection that is open already, or a new one to the first mail server that answers. Raises RoadClosed."""
    while _free:
        line = _free.pop()
        if _is_best(line.relay) and line.is_fit():
            return line
        line.close()
    return _open_line()


def give_back(line: Line) -> None:
    """Keep it open for whoever is next."""
    line.free_since = time.monotonic()
    line.smtp.sock.settimeout(PATIENCE)
    _free.append(line)


def kept() -> int:
    """How many connections this process has open that nobody uses at the moment."""
    return len(_free)


def hang_up(keep: int = 0) -> None:
    """Close the connections that nobody uses, but so many."""
    while len(_free) > keep:
        _free.pop().close()


atexit.register(hang_up)


def failed(relay: tuple[str, int], words: str) -> None:
    """Leave this mail server in peace for a while; others are asked first."""
    _resting[relay] = time.monotonic() + REST
    _troubles[relay] = words


def trouble() -> str:
    """What is wrong with the mail servers that rest now, in words; empty when nothing is."""
    return "; ".join(f"{host}: {_troubles[host, port]}" for host, port in _resting if _rests((host, port)))


def _rests(relay: tuple[str, int]) -> bool:
    return _resting.get(relay, 0) > time.monotonic()


def _is_best(relay: tuple[str, int]) -> bool:
    """Whether all that are preferred to it rest: a connection to the second must not outlive the first's rest."""
    relays = settings.relays
    return relay in relays and all(_rests(better) for better in relays[: relays.index(relay)])


def _open_line() -> Line:
    # Those that rest come last, so that somebody is always asked.
    for relay in sorted(settings.relays, key=_rests):
        try:
            smtp = _connect(*relay)
        except (smtplib.SMTPException, OSError, UnicodeError) as error:  # the last for a name that cannot be one
            words = _in_words(error)
            failed(relay, words)
            continue
        _resting.pop(relay, None)
        return Line(smtp, relay)
    raise RoadClosed(words)


def _in_words(error: Exception) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"the mail server's certificate is not to be trusted ({error.verify_message})"
    if isinstance(error, smtplib.SMTPNotSupportedError):
        return f"the mail server lacks what we need ({error})"
    if isinstance(error, smtplib.SMTPAuthenticationError):
        return f"the mail server does not take our user name and password ({error.smtp_code})"
    if isinstance(error, smtplib.SMTPResponseException):
        return f"the mail server turned us away ({error.smtp_code})"
    return f"the mail server does not answer ({type(error).__name__})"


def _connect(host: str, port: int) -> smtplib.SMTP:
    """Greeted, encrypted with a certificate that was checked, and signed in."""
    smtp = smtplib.SMTP(host, port, timeout=PATIENCE)
    try:
        smtp.ehlo_or_helo_if_needed()
        if settings.mail_use_tls:
            smtp.starttls(context=ssl.create_default_context())
            smtp.ehlo_or_helo_if_needed()
        if settings.mail_username and settings.mail_password:
            smtp.login(settings.mail_username, settings.mail_password)
    except (smtplib.SMTPException, OSError):
        smtp.close()
        raise
    return smtp

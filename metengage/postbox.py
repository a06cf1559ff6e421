"""The only room that talks IMAP: the mailbox that bounces come back to, where no mail server pipes them to us."""

import imaplib
import re
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import unquote, urlsplit

PATIENCE = 60  # seconds that we wait for one answer of the server
LONGEST = 1024 * 1024  # bytes of a message that are fetched
BATCH = 100  # messages between two rounds of tidying up


class Closed(Exception):
    """The mailbox does not answer or does not let us in; the message says at what."""


def letters(address: str) -> Iterator[bytes]:
    """Each message in the mailbox, which is for bounces alone: imaps://user:password@host/FOLDER.

    A message is deleted when the next one is asked for. Who fails before that finds it again. Raises Closed.
    """
    try:
        with _opened(address) as box:
            while numbers := _some(box, _folder(address)):
                for number in numbers:
                    yield _content(_asked(box.uid("FETCH", number, f"(BODY.PEEK[]<0.{LONGEST}>)")))
                    _asked(box.uid("STORE", number, "+FLAGS.SILENT", r"(\Deleted)"))
                _asked(box.expunge())
    except (imaplib.IMAP4.error, OSError) as error:
        # What the server says may hold the user's name.
        raise Closed(f"The mailbox of bounces cannot be read ({type(error).__name__}).") from error


@contextmanager
def _opened(address: str) -> Iterator[imaplib.IMAP4]:
    where = urlsplit(address)
    if where.scheme == "imaps":
        box = imaplib.IMAP4_SSL(
            where.hostname, where.port or 993, timeout=PATIENCE, ssl_context=ssl.create_default_context()
        )
    else:
        box = imaplib.IMAP4(where.hostname, where.port or 143, timeout=PATIENCE)
    with box:  # it logs out
        box.login(unquote(where.username), unquote(where.password))
        yield box


def _folder(address: str) -> str:
    name = unquote(urlsplit(address).path.strip("/")) or "INBOX"
    return '"{}"'.format(name.replace("\\", r"\\").replace('"', r"\""))


def _some(box: imaplib.IMAP4, folder: str) -> list[str]:
    """The UIDs of the first messages that nobody has marked as deleted."""
    count = int(_asked(box.select(folder))[0])
    if not count:
        return []
    lines = _asked(box.fetch(f"1:{min(count, BATCH)}", "(UID FLAGS)"))
    found = [(re.search(rb"UID (\d+)", line), line) for line in lines if isinstance(line, bytes)]
    return [number[1].decode() for number, line in found if number and rb"\deleted" not in line.lower()]


def _asked(answer: tuple[str, list]) -> list:
    said, data = answer
    if said != "OK":
        raise imaplib.IMAP4.error("refused")
    return data


def _content(data: list) -> bytes:
    return next((part[1] for part in data if isinstance(part, tuple)), b"")

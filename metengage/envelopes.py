"""What tells one email from all others: its Message-ID and its return path; make and read.

Both carry the delivery's id and a keyed tag, so that nobody can make up a bounce for somebody else's email.
"""

import hashlib
import hmac
import re
from email.utils import parseaddr
from functools import cache
from typing import NamedTuple

from metengage.config import settings

TAG = 10  # bytes of the tag: 80 bits cannot be guessed by post


class Envelope(NamedTuple):
    """What goes on one delivery's envelope."""

    message_id: str  # the same for ever, so that a repeat is the same message
    return_path: str  # where a mail server sends word of what it could not deliver: the envelope's sender
    mark: str  # the same in few characters, for a provider that hands back what we attach to an email


def of(delivery_id: int, kind: str) -> Envelope:
    """The envelope of one delivery."""
    tag = _tag(delivery_id)
    local, _, where = settings.mail_bounce_address.partition("@")
    mark = f"{delivery_id}-{tag}"
    return Envelope(f"<{delivery_id}.{tag}.{kind}@{domain()}>", f"{local}+{mark}@{where}", mark)


def domain() -> str:
    """The domain that alerts come from."""
    return _domain_of(settings.mail_default_sender)


@cache
def _domain_of(sender: str) -> str:
    return parseaddr(sender)[1].partition("@")[2]


def read_message_id(text: str) -> int | None:
    """The delivery that this Message-ID of ours belongs to, if it is one."""
    return _checked(re.search(r"(?<![\w.-])(\d{1,18})\.([0-9a-f]{20})\.[a-z-]+@", text))


def read_return_path(address: str) -> int | None:
    """The delivery that this return path of ours belongs to, if it is one."""
    # Mail servers may change the case of what stands before the @.
    return _checked(re.search(r"\+(\d{1,18})-([0-9a-f]{20})@", address.lower()))


def read_mark(text: str) -> int | None:
    """The delivery that this mark of ours belongs to, if it is one."""
    return _checked(re.fullmatch(r"(\d{1,18})-([0-9a-f]{20})", text))


def _checked(found: re.Match | None) -> int | None:
    if found and hmac.compare_digest(_tag(int(found[1])), found[2]):
        return int(found[1])
    return None


def _tag(delivery_id: int) -> str:
    tag = _keyed(settings.secret_key).copy()
    tag.update(b"%d" % delivery_id)
    return tag.hexdigest()


@cache
def _keyed(secret_key: str):
    key = hashlib.sha256(f"metengage envelope {secret_key}".encode()).digest()
    return hashlib.blake2b(digest_size=TAG, key=key)

"""What tells one email from all others: its Message-ID and its return path; make and read.

Both carry the delivery's id and a keyed tag, so that nobody can make up a bounce for somebody else's email.
"""

import hashlib
import hmac
import re
from datetime import datetime
from email.utils import parseaddr

from metengage.config import settings

TAG = 10  # bytes of the tag: 80 bits cannot be guessed by post


def domain() -> str:
    """The domain that alerts come from."""
    return parseaddr(settings.mail_default_sender)[1].partition("@")[2]


def message_id(delivery_id: int, kind: str, created_at: datetime) -> str:
    """The same for ever for one delivery, so that a repeat is the same message."""
    return f"<{created_at:%Y%m%d%H%M%S}.{delivery_id}.{_tag(delivery_id)}.{kind}@{domain()}>"


def return_path(delivery_id: int) -> str:
    """Where a mail server sends word of what it could not deliver: the envelope's sender, one for each delivery."""
    local, _, where = settings.mail_bounce_address.partition("@")
    return f"{local}+{mark(delivery_id)}@{where}"


def mark(delivery_id: int) -> str:
    """The same in few characters, for a provider that hands back what we attach to an email."""
    return f"{delivery_id}-{_tag(delivery_id)}"


def read_message_id(text: str) -> int | None:
    """The delivery that this Message-ID of ours belongs to, if it is one."""
    return _checked(re.search(r"\d{14}\.(\d{1,18})\.([0-9a-f]{20})\.[a-z-]+@", text))


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
    key = b"metengage envelope " + settings.secret_key.encode()
    return hmac.digest(key, str(delivery_id).encode(), hashlib.sha256)[:TAG].hex()

"""Officers' passwords: kept by argon2, what makes one good, and the link by which one is chosen."""

import hashlib
import hmac
import secrets
from datetime import UTC, datetime, timedelta

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from itsdangerous import BadData, Signer

from metengage.config import ROOT, settings
from metengage.models import Officer

SHORTEST, LONGEST = 12, 1000  # characters
UNUSABLE = "!"  # no password has this hash
LIFETIME = timedelta(hours=24)  # of a link by which an officer chooses a password
# What people choose first where twelve characters are asked for, without spaces and in lower case.
COMMON = frozenset((ROOT / "metengage" / "data" / "common_passwords.txt").read_text(encoding="utf-8").split())
_hasher = PasswordHasher()
# Verified when nobody has the address, so that it takes as long.
NOBODY = _hasher.hash(secrets.token_hex(16))


class LinkEnded(Exception):
    """The link is forged, too old or used, or a newer one was made."""


def kept(password: str) -> str:
    """What is kept of a password."""
    return _hasher.hash(password)


def is_right(password_hash: str, password: str) -> bool:
    try:
        return _hasher.verify(password_hash, password)
    except (VerificationError, InvalidHashError):
        return False


def wrong_with(password: str) -> str:
    """What to do about a password that somebody would choose; nothing when it is good."""
    bare = "".join(password.lower().split())
    if len(password) < SHORTEST:
        return f"Password must be {SHORTEST} characters or more. Three or four words that only you put together do"
    if len(password) > LONGEST:
        return f"Password must be {LONGEST:,} characters or fewer"
    if bare in COMMON or len(set(bare)) < 4:
        return "This password is one of those that are guessed first. Choose another"
    return ""


# --- The link by which an officer chooses one ---


def link_for(officer: Officer, now: datetime) -> str:
    """A token for who was added or reset; it ends after a day, when used, and when a newer one is made."""
    said = f"{officer.id}-{_seconds(now + LIFETIME)}-{_mark(officer)}"
    return _signer().sign(said).decode()


def officer_of(token: str, now: datetime) -> Officer:
    """Whom a token lets choose a password. Raises LinkEnded."""
    try:
        officer_id, ends, mark = _signer().unsign(token).decode().split("-")
    except (BadData, ValueError):
        raise LinkEnded from None
    officer = Officer.get_or_none(Officer.id == int(officer_id), Officer.suspended_at.is_null())
    if officer is None or int(ends) <= _seconds(now) or not hmac.compare_digest(mark, _mark(officer)):
        raise LinkEnded
    return officer


def _mark(officer: Officer) -> str:
    """Changes with the password, and whenever all sessions are ended."""
    said = f"{officer.password_hash} {officer.session_key}"
    return hmac.new(settings.secret_key.encode(), said.encode(), hashlib.sha256).hexdigest()[:24]


def _signer() -> Signer:
    return Signer(settings.secret_key, salt="metengage officer chooses a password", digest_method=hashlib.sha256)


def _seconds(moment: datetime) -> int:
    return int(moment.replace(tzinfo=UTC).timestamp())

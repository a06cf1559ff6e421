"""The second factor: a code from the officer's own device, or one of their recovery codes.

The secret is made of the officer's nonce and SECRET_KEY: neither the database nor a session holds it.
"""

import base64
import hashlib
import hmac
import secrets
from datetime import UTC, datetime

from pyotp import TOTP

from metengage import db, journal, limits
from metengage.config import settings
from metengage.models import Officer, RecoveryCode

STEP = 30  # seconds that a code is shown for (RFC 6238)
WINDOW = 1  # steps before and after: clocks differ, and people type slowly
RECOVERY_CODES = 10
LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # none that is read as another


class WrongCode(Exception):
    """Not the code of this moment, or taken already; which of them is not said."""


class TooManyTries(Exception):
    """Too many wrong codes; the limit ends by itself."""


# --- Set up ---


def new_nonce() -> str:
    return secrets.token_hex(16)


def is_set_up(officer: Officer) -> bool:
    return officer.totp_nonce is not None


def key_in_groups(nonce: str) -> str:
    """The secret as somebody types it into their device: in groups of four."""
    secret = _secret(nonce)
    return " ".join(secret[place : place + 4] for place in range(0, len(secret), 4))


def address(officer: Officer, nonce: str) -> str:
    """The otpauth: address that a QR code holds, and that opens an authenticator on the same device."""
    return TOTP(_secret(nonce)).provisioning_uri(name=officer.email, issuer_name=settings.service_name)


def begin(officer: Officer, nonce: str, typed: str, now: datetime) -> list[str]:
    """Make this the officer's second factor, and return their recovery codes.

    Raises WrongCode or TooManyTries.
    """
    _count(officer, now)
    step = _step_of(nonce, _bare(typed), now)
    if step is None:
        raise WrongCode
    with db.handle.atomic():
        Officer.update(totp_nonce=nonce, totp_step=step).where(Officer.id == officer.id).execute()
        codes = _new_codes(officer)
        journal.note("set up second factor", officer=officer)
    limits.forgive("officer code", str(officer.id))
    return codes


def forget(officer: Officer) -> None:
    """Without a second factor until the officer sets one up."""
    Officer.update(totp_nonce=None, totp_step=None).where(Officer.id == officer.id).execute()
    RecoveryCode.delete().where(RecoveryCode.officer == officer).execute()


# --- Sign in ---


def sign_in(officer: Officer, typed: str, now: datetime) -> None:
    """Take the code of this moment, or a recovery code, once. Raises WrongCode or TooManyTries."""
    _count(officer, now)
    bare = _bare(typed)
    is_recovery = not (bare.isdigit() and len(bare) == 6)
    if not (_take_recovery(officer, bare, now) if is_recovery else _take(officer, bare, now)):
        raise WrongCode
    limits.forgive("officer code", str(officer.id))
    journal.note("signed in", officer=officer, detail="by a recovery code" if is_recovery else "")


def _count(officer: Officer, now: datetime) -> None:
    # Counted before the code is looked at: tries at the same moment are tries too.
    if not limits.allows("officer code", str(officer.id), now):
        raise TooManyTries


def _take(officer: Officer, code: str, now: datetime) -> bool:
    nonce = officer.totp_nonce
    step = _step_of(nonce, code, now) if nonce else None
    if step is None:
        return False
    is_new = Officer.totp_step.is_null() | (Officer.totp_step < step)
    mine = (Officer.id == officer.id) & (Officer.totp_nonce == nonce)
    return Officer.update(totp_step=step).where(mine, is_new).execute() == 1


def _take_recovery(officer: Officer, code: str, now: datetime) -> bool:
    mine = (RecoveryCode.officer == officer) & (RecoveryCode.code_hash == _hash(code))
    return RecoveryCode.update(used_at=now).where(mine, RecoveryCode.used_at.is_null()).execute() == 1


def _step_of(nonce: str, code: str, now: datetime) -> int | None:
    """The time step that this is the code of, if it is near."""
    here, codes = int(now.replace(tzinfo=UTC).timestamp()) // STEP, TOTP(_secret(nonce))
    near = range(here - WINDOW, here + WINDOW + 1)
    return next((step for step in near if hmac.compare_digest(codes.generate_otp(step), code)), None)


# --- Recovery codes ---


def new_recovery_codes(officer: Officer) -> list[str]:
    """Ten new ones; those of before end."""
    with db.handle.atomic():
        codes = _new_codes(officer)
        journal.note("made recovery codes", officer=officer)
    return codes


def recovery_codes_left(officer: Officer) -> int:
    return RecoveryCode.select().where(RecoveryCode.officer == officer, RecoveryCode.used_at.is_null()).count()


def _new_codes(officer: Officer) -> list[str]:
    codes = ["".join(secrets.choice(LETTERS) for _ in range(10)) for _ in range(RECOVERY_CODES)]  # 49 bits each
    RecoveryCode.delete().where(RecoveryCode.officer == officer).execute()
    for code in codes:
        RecoveryCode.create(officer=officer, code_hash=_hash(code))
    return [f"{code[:5]}-{code[5:]}" for code in codes]


# --- Secrets ---


def _bare(typed: str) -> str:
    """What was typed, without spaces and hyphens. Only ASCII: what else looks like a digit is none."""
    bare = "".join(each for each in typed.lower() if each.isalnum())
    return bare if bare.isascii() else ""


def _secret(nonce: str) -> str:
    keyed = hmac.new(settings.secret_key.encode(), f"metengage second factor {nonce}".encode(), hashlib.sha256)
    return base64.b32encode(keyed.digest()[:20]).decode()  # 160 bits, as RFC 4226 recommends


def _hash(code: str) -> str:
    return hmac.new(settings.secret_key.encode(), f"recovery {code}".encode(), hashlib.sha256).hexdigest()

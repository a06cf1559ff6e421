"""Messages from Amazon SNS: whether they are genuine, and the handshake that a subscription begins with."""

import binascii
import hashlib
import http.client
import os
import re
import secrets
import urllib.error
import urllib.request
from base64 import b64decode
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

from metengage.config import settings

HOST = re.compile(r"sns\.[a-z0-9-]+\.amazonaws\.com(\.cn)?")
CERTIFICATE = re.compile(r"/[A-Za-z0-9/_-]+\.pem")
PATIENCE = 10  # seconds
LONGEST = 64 * 1024  # bytes of an answer
HASHES = {"1": "SHA1", "2": "SHA256"}  # SignatureVersion; who owns the topic chooses
# What is signed, in this order: docs.aws.amazon.com/sns/latest/dg/sns-verify-signature-of-message.html
SIGNED = {
    "Notification": ("Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"),
    "SubscriptionConfirmation": ("Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"),
    "UnsubscribeConfirmation": ("Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"),
}


class Forged(Exception):
    """Not signed by Amazon, or not of our topic; the message says what is wrong and holds nothing of theirs."""


class Unreachable(Exception):
    """Amazon does not answer; to be asked again later."""


class _Straight(urllib.request.HTTPRedirectHandler):
    """Whoever redirects us could lead us to any host."""

    def redirect_request(self, *_args):
        return None


def check(message: dict[str, str], topic: str, now: datetime) -> None:
    """Let a message pass that Amazon signed and that is of this topic. Raises Forged or Unreachable."""
    # Imported here: only who uses SES carries OpenSSL around.
    from cryptography.exceptions import InvalidSignature  # noqa: PLC0415
    from cryptography.hazmat.primitives import hashes  # noqa: PLC0415
    from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15  # noqa: PLC0415

    if message.get("TopicArn") != topic:
        raise Forged("another topic")
    names, hash_used = SIGNED.get(message.get("Type", "")), HASHES.get(message.get("SignatureVersion", ""))
    if names is None or hash_used is None:
        raise Forged("a type or a version of signature that is not known")
    key = _key(message.get("SigningCertURL", ""), now)
    text = "".join(f"{name}\n{message[name]}\n" for name in names if name in message)
    try:
        signature = b64decode(message.get("Signature", ""), validate=True)
        key.verify(signature, text.encode("utf-8", "replace"), PKCS1v15(), getattr(hashes, hash_used)())
    except (InvalidSignature, binascii.Error, ValueError):
        raise Forged("a wrong signature") from None


def confirm(message: dict[str, str]) -> None:
    """Answer a SubscriptionConfirmation that was checked, so that Amazon begins to send.

    Raises Forged or Unreachable.
    """
    _get(message.get("SubscribeURL", ""))


def _key(url: str, now: datetime):
    from cryptography import x509  # noqa: PLC0415
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey  # noqa: PLC0415

    address = _of_amazon(url)
    if not CERTIFICATE.fullmatch(address.path) or address.query or address.fragment:
        raise Forged("a certificate from elsewhere")
    kept = settings.instance / "certificates" / f"{hashlib.sha256(url.encode()).hexdigest()}.pem"
    try:
        pem = kept.read_bytes() if kept.exists() else _get(url)
        certificate = x509.load_pem_x509_certificate(pem)
        key = certificate.public_key()
    except ValueError:
        raise Unreachable("its certificate cannot be read") from None
    moment = now.replace(tzinfo=UTC)
    if not certificate.not_valid_before_utc <= moment <= certificate.not_valid_after_utc:
        raise Forged("a certificate that is not valid now")
    if not isinstance(key, RSAPublicKey):
        raise Forged("a certificate of another kind")
    _keep(kept, pem)
    return key


def _keep(path: Path, pem: bytes) -> None:
    """So that not every message fetches it again. Where nothing may be written, they do."""
    if path.exists():
        return
    fresh = path.with_suffix(f".{secrets.token_hex(8)}")
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh.write_bytes(pem)
        os.replace(fresh, path)


def _of_amazon(url: str):
    try:
        address = urlsplit(url)
    except ValueError:
        raise Forged("no address") from None
    # The whole of it: no user, no port, nothing before or after.
    if address.scheme != "https" or not HOST.fullmatch(address.netloc):
        raise Forged("an address that is not Amazon's")
    return address


def _get(url: str) -> bytes:
    _of_amazon(url)
    try:
        with urllib.request.build_opener(_Straight).open(url, timeout=PATIENCE) as answer:
            return answer.read(LONGEST)
    except (urllib.error.URLError, http.client.HTTPException, OSError, ValueError) as error:
        raise Unreachable(f"Amazon does not answer ({type(error).__name__})") from error

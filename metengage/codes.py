"""The short code in each email, by which anybody can ask us whether it is genuine. It tells nothing of a resident."""

import hashlib
from functools import cache
from typing import NamedTuple

from metengage.config import settings

ALERT, DIGEST, LETTER = KINDS = "ADE"  # of an alert or a digest, the same for everybody; of an email to one person
LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's base 32: nothing that looks like something else
LOOKALIKES = str.maketrans("OIL", "011")
PROOF = 6  # letters that only we can know: one in a billion
LONGEST = 40  # characters that are looked at


class Sent(NamedTuple):
    """What a code stands for."""

    kind: str  # one of KINDS
    id: int  # of the alert, the digest or the delivery


def code(kind: str, id: int) -> str:
    """“A1F-7KQ2M9”: a kind, a number, and what proves both."""
    number = ""
    rest = id
    while rest or not number:
        rest, last = divmod(rest, len(LETTERS))
        number = LETTERS[last] + number
    return f"{kind}{number}-{_proof(kind, id)}"


def read(text: str) -> Sent | None:
    """What a code stands for, however it was typed; None when it is not one of ours."""
    typed = "".join(letter for letter in text[:LONGEST].upper() if letter.isascii() and letter.isalnum())
    kind, number, proof = typed[:1], typed[1:-PROOF].translate(LOOKALIKES), typed[-PROOF:].translate(LOOKALIKES)
    if kind not in tuple(KINDS) or not number or set(number) - set(LETTERS):
        return None
    id = 0
    for letter in number:
        id = id * len(LETTERS) + LETTERS.index(letter)
    return Sent(kind, id) if id < 2**31 and proof == _proof(kind, id) else None


def _proof(kind: str, id: int) -> str:
    keyed = _keyed(settings.secret_key).copy()
    keyed.update(f"{kind}{id}".encode())
    return "".join(LETTERS[byte % len(LETTERS)] for byte in keyed.digest()[:PROOF])


@cache
def _keyed(secret_key: str):
    key = hashlib.sha256(f"metengage code {secret_key}".encode()).digest()
    return hashlib.blake2b(digest_size=16, key=key)

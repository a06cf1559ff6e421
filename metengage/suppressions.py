"""The addresses that we must not write to, and why; kept as keyed hashes, so that the list names nobody."""

import hashlib
from collections.abc import Iterable
from datetime import datetime
from functools import cache

from metengage import db, journal, verdicts
from metengage.config import settings
from metengage.models import Bounce, Resident, Subscription, Suppression


def address_hash(address: str) -> str:
    """The keyed hash under which an address is suppressed: useless without our secret key."""
    hashed = _keyed(settings.secret_key).copy()
    hashed.update(address.lower().encode())
    return hashed.hexdigest()


@cache
def _keyed(secret_key: str):
    key = hashlib.sha256(f"metengage suppression {secret_key}".encode()).digest()
    return hashlib.blake2b(digest_size=32, key=key)


def among(addresses: Iterable[str]) -> set[str]:
    """Those of these addresses that we must not write to."""
    by_hash = {address_hash(address): address for address in addresses}
    found = Suppression.select(Suppression.address_hash).where(db.one_of(Suppression.address_hash, list(by_hash)))
    return {by_hash[hashed] for (hashed,) in db.rows(found)}


def add_if_gone(resident: Resident, words: str, now: datetime) -> None:
    """Suppress a resident whose mailbox is gone, if the words that refused it at the door say so."""
    if verdicts.judge("", words)[0] == Bounce.HARD:
        db.insist(lambda: add(resident, Suppression.BOUNCED, now))


def add(resident: Resident, reason: str, now: datetime) -> bool:
    """Never write to this resident's address again, and end what they hear about; False when it was so already.

    `reason` is one of Suppression's.
    """
    if not resident.email:
        return False
    hashed = address_hash(resident.email)
    with db.handle.atomic():
        is_new = Suppression.get_or_none(Suppression.address_hash == hashed) is None
        add_address(resident.email, reason, now)
        ended = (
            Subscription.update(ended_at=now, ended_reason=reason)
            .where(Subscription.resident == resident, Subscription.live())
            .execute()
        )
        if is_new or ended:
            journal.note("suppressed", resident=resident, detail=reason)
    return bool(is_new or ended)


def add_address(address: str, reason: str, now: datetime) -> None:
    """Never write to this address again, whoever has it."""
    row = {"address_hash": address_hash(address), "reason": reason, "created_at": now}
    Suppression.insert(**row).on_conflict_ignore().execute()

"""How often is too often."""

import hashlib
import hmac
from collections.abc import Iterable
from datetime import datetime, timedelta

from metengage import retention
from metengage.config import settings
from metengage.models import Attempt

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)

# Name → (how many, in what time), all of which must hold. An address here is an email address; a network, an IP
# address, which a whole school or a phone company may share.
LIMITS = {
    "sign-in mail address": ((4, MINUTE), (11, HOUR)),
    "sign-in mail network": ((20, MINUTE), (120, HOUR)),
    "sign-up network": ((20, MINUTE), (120, HOUR)),
    "waiting network": ((10, MINUTE), (60, HOUR)),
    "verify network": ((10, MINUTE), (100, HOUR)),
    # What a stranger may have us write to an address that is not proven theirs does not use up its owner's own links.
    "visitor mail address": ((4, MINUTE), (11, HOUR)),
    "visitor mail network": ((10, MINUTE), (60, HOUR)),
    "concern network": ((5, MINUTE), (20, HOUR)),
    "concern address": ((4, HOUR),),
    "photo network": ((10, MINUTE), (60, HOUR)),
    "reply concern": ((5, MINUTE), (20, HOUR)),
    "complaint address": ((3, HOUR),),
    "complaint network": ((5, MINUTE), (30, HOUR)),
    "booking network": ((30, MINUTE), (300, HOUR)),
    "officer doorstep": ((30, MINUTE), (200, HOUR)),
    "officer address": ((5, 15 * MINUTE),),
    "officer trial": ((5, MINUTE), (30, HOUR)),
    "officer asked": ((3, HOUR),),
    "officer code": ((5, 15 * MINUTE),),
    "officer network": ((50, 15 * MINUTE),),
}
LONGEST = retention.TRIES.time
OF_STAFF = "officer "


def allows(name: str, who: str, now: datetime) -> bool:
    """Count this attempt and say whether it is within the limit; one that is refused does not count."""
    who_hash = _hash(who)
    attempt = Attempt.create(limit=name, who_hash=who_hash, at=now)
    if all(_count(name, who_hash, now - window) <= allowed for allowed, window in LIMITS[name]):
        return True
    attempt.delete_instance()
    return False


def forgive(name: str, who: str) -> None:
    """Start again from none, as after a successful sign-in."""
    Attempt.delete().where(Attempt.limit == name, Attempt.who_hash == _hash(who)).execute()


def about(addresses: Iterable[str]):
    """A query's condition: a resident's or a newcomer's attempt with one of these addresses."""
    names = [name for name in LIMITS if not name.startswith(OF_STAFF)]
    return Attempt.limit.in_(names) & Attempt.who_hash.in_([_hash(each) for each in addresses])


def forget_old(now: datetime) -> int:
    """Delete attempts that no limit looks at any more; returns how many."""
    return Attempt.delete().where(Attempt.at < now - LONGEST).execute()


def _count(name: str, who_hash: str, since: datetime) -> int:
    return Attempt.select().where(Attempt.limit == name, Attempt.who_hash == who_hash, Attempt.at > since).count()


def _hash(who: str) -> str:
    return hmac.new(settings.secret_key.encode(), who.lower().encode(), hashlib.sha256).hexdigest()

"""How much may come at a time from one person or one connection: mailboxes are spared, and teams see the rest later."""

from datetime import datetime

from metengage import limits

TO_ONE = "We have just written to this address. Open that email, or try again in an hour"
FROM_HERE = "Many people have asked for an email from your connection. Wait an hour, or send it without an answer"


class TooMany(Exception):
    """No email may go to this address for now; the message says what to do instead."""


def spare(email: str, network: str, now: datetime) -> None:
    """Count an email that asks an address whether it is theirs who write from this network. Raises TooMany."""
    if not limits.allows("visitor mail network", network, now):
        raise TooMany(FROM_HERE)
    if not limits.allows("visitor mail address", email, now):
        raise TooMany(TO_ONE)


def holds(network: str, who: str, now: datetime) -> bool:
    """Whether what is told to a team is too much at a time, and waits apart until an officer has looked at it.

    `who` is an address, or what else names the writer. Either may be empty: nothing is counted of it.
    """
    tried = (("concern network", network), ("concern address", who))
    return not all(limits.allows(name, each, now) for name, each in tried if each)


def takes_reply(concern_id: int, now: datetime) -> bool:
    """Whether its writer may add another message to what they told their team."""
    return limits.allows("reply concern", str(concern_id), now)


def takes_photo(network: str, now: datetime) -> bool:
    """Whether another photo may be made anew, which takes a second of our time."""
    return limits.allows("photo network", network, now)

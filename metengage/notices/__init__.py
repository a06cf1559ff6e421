"""Emails to one person about something of theirs, or to an officer of what waits: what goes into each."""

from datetime import datetime

from peewee import PeeweeException

from metengage import emails
from metengage.emails import NotNeeded
from metengage.mail import Email
from metengage.models import Delivery
from metengage.notices import asking, concerns, events

_WRITERS = asking.WRITERS | concerns.WRITERS | events.WRITERS


def written(row: Delivery, now: datetime) -> Email:
    """The email that this row's notice asks for. May raise emails.NotNeeded or emails.Unwritable."""
    try:
        if row.notice is None:
            raise NotNeeded("what it was about is gone")
        return _WRITERS[row.notice.kind](row, now)
    except (NotNeeded, PeeweeException):
        raise
    except Exception as fault:
        raise emails.unwritable(row.id, fault) from fault

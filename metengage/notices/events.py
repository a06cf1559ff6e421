"""About a place at an event: to whoever asked for one, has one or waits for one."""

from collections.abc import Callable
from datetime import datetime

from flask import url_for

from metengage import emails, links
from metengage.config import settings
from metengage.emails import NotNeeded
from metengage.mail import Email
from metengage.models import Booking, Delivery, Event, Notice, Resident

LIVE = (Booking.BOOKED, Booking.WAITING)


def _book(row: Delivery, now: datetime) -> Email:
    """Asks whoever has the address whether they want the place; it may be a stranger's."""
    return _about(_still(row, now, Booking.ASKED), row, "event_book")


def _to_visitor(template: str, *states: str) -> Callable[[Delivery, datetime], Email]:
    """The writer of an email to somebody who confirmed their address, while their booking is in one of these states."""

    def write(row: Delivery, now: datetime) -> Email:
        booking = _still(row, now, *states)
        if row.resident.state != Resident.CONFIRMED:
            raise NotNeeded("they have left")
        return _about(booking, row, template)

    return write


def _cancelled(row: Delivery, now: datetime) -> Email:
    booking = _theirs(row, *LIVE)
    if not booking.event.is_cancelled:
        raise NotNeeded("it is not cancelled")
    return _about(booking, row, "event_cancelled")


def _still(row: Delivery, now: datetime, *states: str) -> Booking:
    """The booking, while what this email says of it holds and helps."""
    booking = _theirs(row, *states)
    later = Notice.select().where(Notice.booking == booking, Notice.id > row.notice_id)
    if not booking.event.is_published or booking.event.has_begun(now) or later.exists():
        raise NotNeeded("something else came of it since")
    return booking


def _theirs(row: Delivery, *states: str) -> Booking:
    booking = row.notice.booking
    if booking is None or row.resident is None or booking.resident_id != row.resident_id:
        raise NotNeeded("the booking is gone")
    if booking.state not in states:
        raise NotNeeded("something else came of it since")
    return booking


def _about(booking: Booking, row: Delivery, template: str) -> Email:
    event = booking.event
    token = links.sign(links.BOOKING, row.resident, booking.id)
    values = {
        "event": event,
        "booking": booking,
        "access": "; ".join(filter(None, (*event.access_names, event.access_note))),
        "turn": booking.turn if booking.is_waiting else 0,
        "booking_url": url_for("events.booking", token=token, _external=True),
        "event_url": url_for("events.show", event_id=event.id, _external=True),
        "file_url": url_for("events.file", event_id=event.id, _external=True),
    }
    return emails.to_one_person(template, row, _of_team(event), **values)


def _of_team(event: Event) -> tuple[str, str]:
    return settings.mail_account_sender, f"{event.team.name}, {settings.service_name}"


WRITERS = {
    Notice.BOOK: _book,
    Notice.BOOKED: _to_visitor("event_booked", Booking.BOOKED),
    Notice.WAITING: _to_visitor("event_waiting", Booking.WAITING),
    Notice.MOVED_UP: _to_visitor("event_moved_up", Booking.BOOKED),
    Notice.TOMORROW: _to_visitor("event_tomorrow", Booking.BOOKED),
    Notice.CHANGED: _to_visitor("event_changed", *LIVE),
    Notice.CANCELLED: _cancelled,
}

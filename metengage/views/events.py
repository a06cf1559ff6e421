"""Read of an event, book a place, and see or give up one’s booking by the link in an email."""

from flask import Blueprint, abort, make_response, redirect, session, url_for
from flask.wrappers import Response

from metengage import bookings, calendars, events, forms, jobs, limits, links, writing
from metengage.models import Booking, Event, Resident
from metengage.views import but, network, now, page, too_often
from metengage.views.preferences import is_full, resident_here

bp = Blueprint("events", __name__)
NUMBER = "int(max=2147483647)"


@bp.get(f"/events/<{NUMBER}:event_id>")
def show(event_id: int):
    return _show(_event(event_id), forms.BookForm(formdata=None))


@bp.get(f"/events/<{NUMBER}:event_id>/event.ics")
def file(event_id: int):
    event = _event(event_id)
    return calendar(calendars.of(event, page_of(event)), "event.ics")


def calendar(content: bytes, name: str) -> Response:
    """A file that a calendar takes in."""
    reply = make_response(content)
    reply.headers["Content-Type"] = "text/calendar; charset=utf-8"
    reply.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return reply


def page_of(event: Event) -> str:
    """The address of its page, from anywhere."""
    return url_for("events.show", event_id=event.id, _external=True)


def _event(event_id: int) -> Event:
    return events.public(event_id) or abort(404)


def _show(event: Event, form: forms.BookForm, status: int = 200, naming: forms.DoorNameForm | None = None):
    resident, moment = _resident(), now()
    name = {"name": resident.name} if resident else {}
    wrong = next((each for each in (form, naming) if each and each.errors), None)
    return page(
        "events/show.html",
        event.title,
        status=status,
        wrong=wrong,
        event=event,
        wards=events.wards_of(event),
        about=writing.html(event.about),
        said_there=writing.html(event.said) if event.said_at else "",
        stand=bookings.stand(event) if event.places else None,
        closed=bookings.why_no_more(event, moment),
        is_over=event.is_over(moment),
        mine=bookings.of(resident, event) if resident else None,
        resident=resident,
        form=form,
        naming=naming or forms.DoorNameForm(formdata=None, data=name),
        said=session.pop("said", ""),
    )


def _resident() -> Resident | None:
    """Who is here, if they opened their page by a magic link: a link from an alert may be in other hands."""
    resident = resident_here()
    return resident if resident and is_full() else None


# --- Book ---


@bp.post(f"/events/<{NUMBER}:event_id>/ask")
def ask(event_id: int):
    """Whoever has the address is written to, known or not; they book by that email."""
    event, form, moment = _event(event_id), forms.BookForm(), now()
    if bookings.why_no_more(event, moment):
        return redirect(url_for("events.show", event_id=event.id), 303)
    if not form.validate_on_submit():
        return _show(event, form, status=422)
    if not limits.allows("booking network", network(), moment):
        return too_often("Please wait a little before you book again")
    bookings.ask(form.email.data, event, moment)
    jobs.ring_urgent()
    session["booked_for"] = form.email.data
    return redirect(url_for("events.asked", event_id=event.id), 303)


@bp.get(f"/events/<{NUMBER}:event_id>/asked")
def asked(event_id: int):
    event = _event(event_id)
    if "booked_for" not in session:
        return redirect(url_for("events.show", event_id=event.id))
    return page("events/asked.html", "Check your email", event=event, email=session["booked_for"])


@bp.post(f"/events/<{NUMBER}:event_id>/book")
def book(event_id: int):
    """Whose page is open books by one press."""
    event, form, resident = _event(event_id), forms.DoorNameForm(), _resident()
    if resident is None:
        return redirect(url_for("events.show", event_id=event.id), 303)
    if not form.validate_on_submit():
        return _show(event, forms.BookForm(formdata=None), 422, form)
    try:
        mine = bookings.book(resident, event, form.name.data, now())
    except bookings.Closed as why:
        session["said"] = but(f"Nothing was booked. {why}")
        return redirect(url_for("events.show", event_id=event.id), 303)
    jobs.ring_urgent()
    session["said"] = "You have a place." if mine.is_booked else "You are on the waiting list."
    return redirect(url_for("preferences.my_events"), 303)


# --- By the link in an email ---


@bp.get("/events/booking/<token>")
def booking(token: str):
    return _booking(token, _named_in(token), forms.DoorNameForm(formdata=None))


def _booking(token: str, mine: Booking, form: forms.DoorNameForm, status: int = 200):
    event, moment = mine.event, now()
    closed = bookings.why_closed(event, moment)
    stand = bookings.stand(event)
    return page(
        "events/booking.html",
        _title(mine, closed, stand.is_full),
        status=status,
        wrong=form if form.errors else None,
        token=token,
        booking=mine,
        event=event,
        closed=closed,
        stand=stand,
        turn=mine.turn if mine.is_waiting else 0,
        has_left=mine.resident.state == Resident.LEFT,
        form=form,
        said=session.pop("said", ""),
    )


def _title(mine: Booking, closed: str, is_full: bool) -> str:
    if mine.event.is_cancelled:
        return "This event was cancelled"
    titles = {Booking.BOOKED: "You have a place", Booking.WAITING: "You are on the waiting list"}
    titles |= {Booking.CANCELLED: "You have no place", Booking.ASKED: "You cannot book this any more"}
    if mine.state == Booking.ASKED and not closed:
        return "Confirm that you want to wait for a place" if is_full else "Confirm that you want a place"
    return titles[mine.state]


@bp.post("/events/booking/<token>/confirm")
def confirm(token: str):
    mine, form = _named_in(token, may_act=True), forms.DoorNameForm()
    if not form.validate_on_submit():
        return _booking(token, mine, form, status=422)
    try:
        bookings.confirm(mine, form.name.data, now())
    except bookings.Closed as why:
        session["said"] = but(f"Nothing was booked. {why}")
    else:
        jobs.ring_urgent()
    return redirect(url_for("events.booking", token=token), 303)


@bp.post("/events/booking/<token>/cancel")
def cancel(token: str):
    mine = _named_in(token, may_act=True)
    try:
        bookings.give_up(mine, now())
    except bookings.Closed as why:
        session["said"] = but(f"Nothing was changed. {why}")
    else:
        jobs.ring_urgent()
    return redirect(url_for("events.booking", token=token), 303)


def _named_in(token: str, may_act: bool = False) -> Booking:
    """The booking that a token opens. Raises LinkEnded, also where it would act for somebody who has ended it."""
    signed = links.read(links.BOOKING, token)
    mine = Booking.get_or_none(Booking.id == (signed.about_id or 0), Booking.resident == signed.resident)
    # Who has left is told so, however old the link; a newer version means that this email's link was ended.
    is_shown = signed.resident.state == Resident.LEFT and not may_act
    if mine is None or (signed.has_ended and not is_shown):
        raise links.LinkEnded
    return mine

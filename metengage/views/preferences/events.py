"""See what one has booked, and give a place up."""

from flask import abort, g, redirect, session, url_for

from metengage import bookings, jobs
from metengage.models import Booking
from metengage.views import but, now, page
from metengage.views.preferences import bp, full_only


@bp.get("/preferences/events")
@full_only
def my_events():
    return page(
        "preferences/events.html",
        "Events you booked",
        part="preferences/_events.html",
        booked=bookings.of_resident(g.resident),
        moment=now(),
        said=session.pop("said", ""),
    )


@bp.post("/preferences/events/<int(max=2147483647):booking_id>/cancel")
@full_only
def give_up(booking_id: int):
    mine = Booking.get_or_none(Booking.id == booking_id, Booking.resident == g.resident) or abort(404)
    try:
        bookings.give_up(mine, now())
    except bookings.Closed as why:
        session["said"] = but(f"Nothing was changed. {why}")
    else:
        jobs.ring_urgent()
        session["said"] = f"You gave up your place at “{mine.event.title}”."
    return redirect(url_for("preferences.my_events"), 303)

"""Ask for a fresh link, where one from an alert does not do: emails get forwarded."""

from flask import g, redirect, url_for

from metengage import jobs, limits, residents
from metengage.views import network, now, page, too_often
from metengage.views.preferences import bp, is_full, residents_only


@bp.get("/preferences/fresh")
@residents_only
def fresh_link():
    if is_full():
        return redirect(url_for("preferences.show"))
    return page("preferences/fresh.html", "We send you a fresh link")


@bp.post("/preferences/fresh")
@residents_only
def send_fresh_link():
    if not limits.allows("sign-in mail network", network(), now()):
        return too_often("Please wait a little before you ask again")
    residents.ask_for_link(g.resident.email, now())
    jobs.ring_urgent()
    return redirect(url_for("preferences.sent_fresh_link"), 303)


@bp.get("/preferences/fresh/sent")
@residents_only
def sent_fresh_link():
    return page("preferences/fresh_sent.html", "Check your email")

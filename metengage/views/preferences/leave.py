"""Leave: from one's page, from an email's link, or by the button of a mail program."""

from flask import g, redirect, session, url_for

from metengage import links, residents
from metengage.models import Resident
from metengage.views import now, page
from metengage.views.preferences import bp, residents_only


@bp.post("/preferences/leave")
@residents_only
def leave():
    residents.leave(g.resident, "preferences", now())
    session.pop("resident", None)
    return redirect(url_for("preferences.left"), 303)


@bp.get("/preferences/left")
def left():
    return page("preferences/left.html", "You have left")


@bp.get("/unsubscribe/<token>")
def unsubscribe(token: str):
    signed = _unsubscribing(token)
    if signed.resident.state == Resident.ERASED:
        return redirect(url_for("preferences.erased"))
    if signed.resident.state != Resident.CONFIRMED:
        return redirect(url_for("preferences.left"))
    return page("preferences/unsubscribe.html", "Stop all emails", token=token)


@bp.post("/unsubscribe/<token>")
def unsubscribe_now(token: str):
    """The page's button and a mailbox provider's one-click (RFC 8058): no cookie, no sign-in, no redirect."""
    signed = _unsubscribing(token)
    if signed.resident.state == Resident.ERASED:
        return page("preferences/erased.html", "Your record is erased")
    residents.leave(signed.resident, "unsubscribed", now())
    return page("preferences/left.html", "You have left")


def _unsubscribing(token: str) -> links.SignedLink:
    signed = links.read(links.UNSUBSCRIBE, token)
    # Who has left already is told so, however often; a newer version means that this email's link was ended.
    if signed.has_ended and signed.resident.is_confirmed:
        raise links.LinkEnded
    return signed

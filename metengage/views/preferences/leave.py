"""Leave: from one's page, from an email's link, or by the button of a mail program; and come back."""

from flask import g, redirect, session, url_for

from metengage import jobs, journal, leaving, links, moving, rights
from metengage.choices import CONSENT_WORDINGS, WORDING
from metengage.models import Resident
from metengage.views import now, page
from metengage.views.preferences import bp, cause, forget_visitor, residents_only

LEFT = "You have left"


@bp.post("/preferences/leave")
@residents_only
def leave():
    gone = leaving.leave(g.resident, leaving.BY_PAGE, now(), cause(g.resident))
    forget_visitor()
    if gone:
        jobs.ring_urgent()
        session["left"] = links.sign(links.RETURN_SOON, gone)
    return redirect(url_for("preferences.left"), 303)


@bp.get("/preferences/left")
def left():
    return _left(_still_returning(session.get("left", "")))


def _left(way_back: str | None = None):
    """`way_back` is the token by which this very browser, which has just stopped everything, may undo it."""
    return page("preferences/left.html", LEFT, token=way_back, wording=_wording())


def _still_returning(token: str) -> str | None:
    try:
        return None if _returning(token).is_confirmed else token
    except links.LinkEnded:
        return None


@bp.get("/unsubscribe/<token>")
def unsubscribe(token: str):
    signed = _unsubscribing(token)
    if not signed.resident.is_confirmed:
        return _left()
    is_fresh = now() < signed.signed_at + links.SIGNED_LIFETIME[links.PREFERENCES] and not signed.has_ended
    token_of_page = links.sign(links.PREFERENCES, signed.resident) if is_fresh else ""
    fewer = url_for("preferences.open", token=token_of_page) if is_fresh else url_for("preferences.show")
    return page("preferences/unsubscribe.html", "Stop all emails", token=token, fewer_url=fewer)


@bp.post("/unsubscribe/<token>")
def unsubscribe_now(token: str):
    """The page's button and a mailbox provider's one-click (RFC 8058): no cookie, no sign-in, no redirect.

    Only the answer to the one that ended everything offers the way back, and for an hour: an old email may be with
    anybody. The goodbye email, which only the resident has, offers it for as long as there is one.
    """
    signed = _unsubscribing(token)
    led = journal.cause(signed.about_id, signed.resident, now())
    gone = leaving.leave(signed.resident, leaving.BY_LINK, now(), led)
    if not gone:
        return _left()
    jobs.ring_urgent()
    return _left(links.sign(links.RETURN_SOON, gone))


def _unsubscribing(token: str) -> links.SignedLink:
    signed = links.read(links.UNSUBSCRIBE, token)
    # Stopping works from any email, also from one before they left and came back; but not from one to an address that
    # is theirs no longer.
    if signed.has_ended and signed.resident.is_confirmed and moving.has_moved_since(signed.resident, signed.signed_at):
        raise links.LinkEnded
    return signed


# --- Come back ---


@bp.get("/come-back/<token>")
def come_back(token: str):
    resident = _returning(token)
    if resident.is_confirmed:
        return page("preferences/back.html", "You are back")
    may_erase = resident == _leaver(token)
    return page(
        "preferences/come_back.html", "Come back as you were", token=token, wording=_wording(), may_erase=may_erase
    )


@bp.post("/come-back/<token>")
def come_back_now(token: str):
    try:
        leaving.come_back(_returning(token), WORDING, now())
    except leaving.TooLate:
        raise links.LinkEnded from None
    return redirect(url_for("preferences.come_back", token=token), 303)


@bp.post("/come-back/<token>/erase")
def erase_instead(token: str):
    """Only by the goodbye email: the page after an old email's link may be before anybody."""
    resident = _leaver(token)
    if resident is None:
        raise links.LinkEnded
    rights.erase(resident, now())
    return redirect(url_for("preferences.erased"), 303)


def _leaver(token: str) -> Resident | None:
    """Who has left and not come back, and got this token by email."""
    try:
        signed = links.read(links.RETURN, token)
    except links.LinkEnded:
        return None
    return signed.resident if signed.resident.state == Resident.LEFT and not signed.has_ended else None


def _returning(token: str) -> Resident:
    """Whom this token brings back, or has brought back. Raises LinkEnded."""
    try:
        signed = links.read(links.RETURN, token)
    except links.LinkEnded:
        signed = links.read(links.RETURN_SOON, token)
    if signed.has_ended or not leaving.may_come_back(signed.resident, now()):
        raise links.LinkEnded
    return signed.resident


def _wording() -> str:
    return CONSENT_WORDINGS[WORDING]

"""Have emails say nothing before they are opened."""

from flask import g, redirect, session, url_for

from metengage import profile
from metengage.views import now, page
from metengage.views.preferences import bp, residents_only


@bp.get("/preferences/discreet")
@residents_only
def discreet():
    return page(
        "preferences/discreet.html",
        "Discreet emails",
        said=session.pop("said", ""),
        is_on=g.resident.is_discreet,
        state=profile.discreet_in_words(g.resident),
    )


@bp.post("/preferences/discreet/on")
@residents_only
def be_discreet():
    return _set(True, "Discreet emails are on.")


@bp.post("/preferences/discreet/off")
@residents_only
def end_discreet():
    return _set(False, "Discreet emails are off.")


def _set(wanted: bool, words: str):
    profile.be_discreet(g.resident, wanted, now())
    session["said"] = words
    return redirect(url_for("preferences.discreet"), 303)

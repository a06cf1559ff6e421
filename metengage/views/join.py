"""From a poster or a card: begin to sign up with the ward known."""

from flask import Blueprint, abort, redirect, session, url_for

from metengage import areas, survey
from metengage.models import Area
from metengage.views import page
from metengage.views.areas import of_team

bp = Blueprint("join", __name__)


@bp.get("/join/<code>")
def show(code: str):
    ward = _ward(code)
    return page("signup/join.html", f"Alerts for {ward.full_name}", ward=ward, is_open=_is_open(ward), **of_team(ward))


@bp.post("/join/<code>")
def begin(code: str):
    """Answer the first questions with this ward. What else is answered stays, and the ward may still be changed."""
    ward = _ward(code)
    if not _is_open(ward):
        abort(404)
    answers = survey.with_answer(session.get("answers", {}), "borough", ward.parent_id)
    session["answers"] = survey.with_answer(answers, "ward", ward.code)
    return redirect(url_for("signup.check"), 303)  # which leads to the first question that is open


def _ward(code: str) -> Area:
    """The ward with a code that somebody may have typed."""
    found = areas.named([code.upper()])
    if not found or not found[0].is_ward:
        abort(404)
    return found[0]


def _is_open(ward: Area) -> bool:
    return ward.has_started and not ward.retired_at

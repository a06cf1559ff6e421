"""A ward's priorities, for anybody: what was asked, what was done, what came of it; and the way to vote."""

from flask import Blueprint, abort, jsonify, make_response, redirect, session, url_for

from metengage import actions, areas, police_uk, priorities, subscriptions, votes
from metengage.models import Area, Priority
from metengage.views import but, now, page
from metengage.views.preferences import resident_here, say

bp = Blueprint("priorities", __name__)

NUMBER = "int(max=2147483647)"


@bp.get(f"/priorities/<{NUMBER}:priority_id>")
def show(priority_id: int):
    priority, resident = _priority(priority_id), resident_here()
    return page(
        "priorities/show.html",
        priority.issue,
        priority=priority,
        ward=areas.named([priority.ward_id])[0],
        done=actions.of([priority])[priority.id],
        tally=votes.tallies([priority])[priority.id],
        resident=resident,
        may_vote=bool(resident) and votes.may_vote(resident, priority),
        has_voted=bool(resident) and votes.has_voted(resident, priority),
        is_visitor=bool(resident) and not subscriptions.ever(resident),
    )


@bp.post(f"/priorities/<{NUMBER}:priority_id>/vote")
def vote(priority_id: int):
    """Vote, where one's page is open; otherwise go and open it, and come back to all that is proposed there."""
    priority, resident = _priority(priority_id), resident_here()
    if resident is None:
        session["voting"] = True
        return redirect(url_for("preferences.show"), 303)
    voted = votes.cast(resident, priority, now())
    say(
        f"You voted for “{priority.issue}”." if voted else but("You can only vote for what is proposed where you live.")
    )
    return redirect(url_for("preferences.priorities"), 303)


def _priority(priority_id: int) -> Priority:
    return priorities.public(priority_id) or abort(404)


# --- For machines ---


@bp.get("/areas/<code>/priorities.json")
def as_json(code: str):
    """As data.police.uk gives those of a neighbourhood."""
    return jsonify([police_uk.as_html(each) for each in police_uk.entries(_ward(code))])


@bp.get("/areas/<code>/priorities.csv")
def as_csv(code: str):
    ward = _ward(code)
    reply = make_response(police_uk.as_csv(police_uk.entries(ward)))
    reply.mimetype = "text/csv"
    reply.headers.set("Content-Disposition", "attachment", filename=f"priorities-{ward.code}.csv")
    return reply


def _ward(code: str) -> Area:
    found = areas.named([code])
    return found[0] if found and found[0].is_ward else abort(404)

"""Vote for what one's team should work on, and hear no more of what one raised or voted for."""

from flask import abort, g, redirect, url_for

from metengage import subscriptions, votes
from metengage.models import Priority
from metengage.priorities import public
from metengage.views import now, page
from metengage.views.preferences import bp, residents_only, said, say

NUMBER = "int(max=2147483647)"


@bp.get("/preferences/priorities")
@residents_only
def priorities():
    return page(
        "preferences/priorities.html",
        "Priorities",
        part="preferences/_priorities.html",
        resident=g.resident,
        ballot=votes.ballot(g.resident),
        is_visitor=not subscriptions.ever(g.resident),
        heard=votes.heard(g.resident),
        said=said(),
    )


@bp.post(f"/preferences/priorities/<{NUMBER}:priority_id>/withdraw")
@residents_only
def withdraw_vote(priority_id: int):
    priority = _priority(priority_id)
    votes.withdraw(g.resident, priority)
    return _back(f"You no longer vote for “{priority.issue}”.")


@bp.post(f"/preferences/priorities/<{NUMBER}:priority_id>/stop")
@residents_only
def mute(priority_id: int):
    priority = _priority(priority_id)
    votes.mute(g.resident, priority, now())
    return _back(f"We write to you about “{priority.issue}” no more because you raised it or voted for it.")


@bp.post(f"/preferences/priorities/<{NUMBER}:priority_id>/hear")
@residents_only
def unmute(priority_id: int):
    priority = _priority(priority_id)
    votes.unmute(g.resident, priority)
    return _back(f"We tell you what is done about “{priority.issue}”.")


def _priority(priority_id: int) -> Priority:
    return public(priority_id) or abort(404)


def _back(words: str):
    say(words)
    return redirect(url_for("preferences.priorities"), 303)

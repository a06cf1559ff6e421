"""Officers see what waits in their wards, what residents ask for there, and propose it."""

from flask import abort, redirect, session, url_for

from metengage import forms, officers, priorities, proposals, telling, votes
from metengage.formats import SMALLEST_GROUP
from metengage.models import Area, Officer, Team
from metengage.views import but, now, page
from metengage.views.officers import bp, me


@bp.get("/priorities")
def priorities_list():
    """The wards of an officer; a supervisor sees first which have no priority, or one that nobody has reviewed."""
    lines = priorities.listed(me(), now())
    return page(
        "officers/priorities/list.html",
        "Priorities",
        lines=lines,
        stale=[line for line in lines if line.is_stale] if me().role != Officer.OFFICER else [],
        said=session.pop("said", ""),
    )


@bp.get("/priorities/wards/<code>")
def ward_priorities(code: str):
    return _show(_ward(code), forms.ProposalForm(formdata=None))


@bp.post("/priorities/wards/<code>")
def propose(code: str):
    ward, form = _ward(code), forms.ProposalForm()
    if not form.validate_on_submit():
        return _show(ward, form, status=422)
    priority = priorities.propose(me(), ward, form.issue.data, form.theme.data, now())
    session["said"] = "It is proposed: residents can vote for it. Set it below when it is chosen."
    return redirect(url_for("officers.priority", priority_id=priority.id), 303)


@bp.post("/priorities/wards/<code>/ask")
def ask_to_vote(code: str):
    """A draft that asks residents to vote."""
    ward = _ward(code)
    try:
        draft = telling.to_vote(ward, priorities.proposed_in(ward), _team(ward), me(), now())
    except telling.NotYet as reason:
        session["said"] = but(f"{reason}.")
        return redirect(url_for("officers.ward_priorities", code=code), 303)
    return redirect(url_for("officers.edit", alert_id=draft.id), 303)


def _ward(code: str) -> Area:
    return next((ward for ward in priorities.wards_of(me()) if ward.code == code), None) or abort(404)


def _team(ward: Area) -> Team:
    return officers.team_of(ward) or abort(404)


def _show(ward: Area, form: forms.ProposalForm, status: int = 200):
    wishes = proposals.of(ward, now())
    return page(
        "officers/priorities/ward.html",
        f"Priorities of {ward.full_name}",
        status=status,
        wrong=form if form.errors else None,
        form=form,
        ward=ward,
        set_ones=priorities.set_in(ward),
        proposed=votes.ranked(priorities.proposed_in(ward)),
        closed=priorities.closed_in(ward, now()),
        wishes=[wish for wish in wishes if wish.weight],
        few=[wish.name for wish in wishes if not wish.weight],
        smallest=SMALLEST_GROUP,
        at_once=priorities.AT_ONCE,
        moment=now(),
        said=session.pop("said", ""),
    )

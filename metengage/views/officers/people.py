"""Supervisors and administrators add, change, suspend and reset officers."""

from flask import abort, redirect, request, session, url_for

from metengage import forms, handover, officers, passwords, qr, staffing
from metengage.fields import tidy
from metengage.models import Officer, Team
from metengage.views import now, page
from metengage.views.officers import bp, me

NUMBER = "int(max=2147483647)"
LONGEST_SOUGHT = 100


def _managed(officer_id: int) -> Officer:
    return staffing.officer_for(me(), officer_id) or abort(404)


def _administrators_only() -> None:
    if not me().is_administrator:
        abort(404)


def _back_to(officer: Officer, said: str):
    session["said"] = said
    return redirect(url_for("officers.officer", officer_id=officer.id), 303)


@bp.get("/team/officers")
def officer_list():
    if me().role == Officer.OFFICER:
        abort(404)
    sought = tidy(request.args.get("search"))[:LONGEST_SOUGHT]
    listed, more = staffing.list_for(me(), sought)
    said = session.pop("said", "")
    return page("officers/people/list.html", "Officers", listed=listed, more=more, sought=sought, said=said)


@bp.get(f"/team/officers/<{NUMBER}:officer_id>")
def officer(officer_id: int):
    found = _managed(officer_id)
    return page(
        "officers/people/show.html",
        found.name,
        officer=found,
        teams=[] if found.is_administrator else officers.teams_of(found),
        cover=found.cover if officers.is_away(found, now()) else None,
        drafts=len(handover.drafts_of(me(), found)),
        concerns=len(handover.concerns_of(me(), found)),
        said=session.pop("said", ""),
    )


# --- Add and change ---


@bp.get("/team/officers/new")
def new_officer():
    _administrators_only()
    return _ask(forms.NewOfficerForm(officers.teams_of(me()), role=Officer.OFFICER), "Add an officer")


@bp.post("/team/officers")
def add_officer():
    _administrators_only()
    form = forms.NewOfficerForm(officers.teams_of(me()))
    if not form.validate_on_submit():
        return _ask(form, "Add an officer", 422)
    try:
        added = officers.add(form.email.data, form.name.data, None, form.role.data, _chosen_teams(form), now(), by=me())
    except officers.NotAdded as reason:
        form.email.errors = [str(reason)]
        return _ask(form, "Add an officer", 422)
    return _hand_over_link(added, passwords.link_for(added, now()), f"{added.name} is added")


@bp.get(f"/team/officers/<{NUMBER}:officer_id>/edit")
def edit_officer(officer_id: int):
    _administrators_only()
    found = _managed(officer_id)
    has = [] if found.is_administrator else [str(team.id) for team in officers.teams_of(found)]
    form = forms.OfficerForm(officers.teams_of(me()), name=found.name, role=found.role, teams=has)
    return _ask(form, f"Change {found.name}", officer=found)


@bp.post(f"/team/officers/<{NUMBER}:officer_id>/edit")
def save_officer(officer_id: int):
    _administrators_only()
    found, form = _managed(officer_id), forms.OfficerForm(officers.teams_of(me()))
    if not form.validate_on_submit():
        return _ask(form, f"Change {found.name}", 422, found)
    try:
        staffing.change(me(), found, form.name.data, form.role.data, _chosen_teams(form))
    except staffing.NotPossible as reason:
        form.role.errors = [str(reason)]
        return _ask(form, f"Change {found.name}", 422, found)
    return _back_to(found, "Saved.")


def _chosen_teams(form: forms.OfficerForm) -> list[Team]:
    teams = {str(team.id): team for team in officers.teams_of(me())}
    return [] if form.role.data == Officer.ADMINISTRATOR else [teams[each] for each in form.teams.data]


def _ask(form: forms.OfficerForm, title: str, status: int = 200, officer: Officer | None = None):
    return page(
        "officers/people/edit.html",
        title,
        status=status,
        wrong=form if form.errors else None,
        form=form,
        officer=officer,
    )


def _hand_over_link(found: Officer, token: str, title: str):
    """The only page that ever holds it."""
    link = url_for("officers.choose_password", token=token, _external=True)
    return page("officers/people/link.html", title, officer=found, link=link, drawing=qr.drawing(link))


# --- Suspend and reset ---


@bp.get(f"/team/officers/<{NUMBER}:officer_id>/suspend")
def suspend(officer_id: int):
    """What suspending would mean, before it is done."""
    found = _managed(officer_id)
    drafts = len(handover.drafts_of(me(), found))
    return page("officers/people/suspend.html", f"Suspend {found.name}?", officer=found, drafts=drafts)


@bp.post(f"/team/officers/<{NUMBER}:officer_id>/suspend")
def suspend_now(officer_id: int):
    found = _managed(officer_id)
    try:
        staffing.suspend(me(), found, now())
    except staffing.NotPossible as reason:
        return _back_to(found, str(reason))
    return _back_to(found, f"{found.name} is suspended: all their sessions have ended.")


@bp.post(f"/team/officers/<{NUMBER}:officer_id>/let-back")
def let_back(officer_id: int):
    found = _managed(officer_id)
    staffing.let_back(me(), found)
    return _back_to(found, f"{found.name} may sign in again.")


@bp.get(f"/team/officers/<{NUMBER}:officer_id>/reset")
def reset(officer_id: int):
    """What resetting would mean, before it is done."""
    found = _managed(officer_id)
    return page("officers/people/reset.html", f"Reset {found.name}?", officer=found)


@bp.post(f"/team/officers/<{NUMBER}:officer_id>/reset")
def reset_now(officer_id: int):
    found = _managed(officer_id)
    try:
        token = staffing.reset(me(), found, now())
    except staffing.NotPossible as reason:
        return _back_to(found, str(reason))
    return _hand_over_link(found, token, f"{found.name} is reset")

"""Teams: who works in them, which wards they look after, and whom residents ask for."""

from flask import abort, redirect, session, url_for

from metengage import areas, forms, officers, staffing, teams
from metengage.models import Team
from metengage.views import now, page
from metengage.views.officers import bp, me

NUMBER = "int(max=2147483647)"


@bp.get("/team")
def team_list():
    """All that somebody works in; for an administrator, all."""
    return page(
        "officers/team/list.html",
        "Teams",
        listed=teams.with_wards(officers.teams_of(me())),
        said=session.pop("said", ""),
    )


@bp.get(f"/team/<{NUMBER}:team_id>")
def team(team_id: int):
    return _show(_mine(team_id))


def _mine(team_id: int) -> Team:
    return teams.team_for(me(), team_id) or abort(404)


def _managed(team_id: int) -> Team:
    return teams.managed_team(me(), team_id) or abort(404)


def _show(team: Team, status: int = 200, **asked):
    """The team, with what the officer may do about it; `asked` holds the forms that were wrong."""
    listed, wrong = teams.members_of(team, now()), next(iter(asked.values()), None)
    values = _forms(team, listed) | asked if officers.may_manage(me(), team) else {}
    return page(
        "officers/team/show.html",
        team.name,
        status=status,
        wrong=wrong,
        team=team,
        members=listed,
        wards=officers.wards_of(team),
        managed={each.id for each in staffing.managed_by(me())},
        is_managed=bool(values),
        said=session.pop("said", ""),
        **values,
    )


def _forms(team: Team, listed: list[teams.Member]) -> dict:
    here = [each.officer for each in listed if not each.officer.suspended_at]
    contact = next((str(each.officer.id) for each in listed if each.is_contact), forms.NOBODY)
    return {
        "contact_form": forms.ContactForm(here, formdata=None, contact=contact),
        "member_form": forms.OneOfficerForm(teams.could_join(me(), team), formdata=None),
        "ward_form": forms.WardForm(_other_wards(team), formdata=None),
    }


def _other_wards(team: Team) -> list:
    return [(ward, has) for ward, has in teams.wards_with_teams(me()) if has != team]


def _back_to(team: Team, said: str):
    session["said"] = said
    return redirect(url_for("officers.team", team_id=team.id), 303)


# --- Contact, members, wards ---


@bp.post(f"/team/<{NUMBER}:team_id>/contact")
def name_contact(team_id: int):
    team = _managed(team_id)
    here = {str(each.officer.id): each.officer for each in teams.members_of(team, now())}
    form = forms.ContactForm([each for each in here.values() if not each.suspended_at])
    if not form.validate_on_submit():
        return _show(team, 422, contact_form=form)
    chosen = here.get(form.contact.data)
    teams.name_contact(me(), team, chosen)
    return _back_to(team, f"Residents ask for {chosen.name if chosen else 'nobody by name'}.")


@bp.post(f"/team/<{NUMBER}:team_id>/members")
def put_in(team_id: int):
    team = _managed(team_id)
    able = teams.could_join(me(), team)
    form = forms.OneOfficerForm(able)
    if not form.validate_on_submit():
        return _show(team, 422, member_form=form)
    chosen = next(each for each in able if str(each.id) == form.officer.data)
    teams.put_in(me(), team, chosen)
    return _back_to(team, f"{chosen.name} works in this team now.")


@bp.post(f"/team/<{NUMBER}:team_id>/members/<{NUMBER}:officer_id>/remove")
def take_out(team_id: int, officer_id: int):
    team, officer = _managed(team_id), staffing.officer_for(me(), officer_id) or abort(404)
    teams.take_out(me(), team, officer)
    return _back_to(team, f"{officer.name} does not work in this team any more.")


@bp.post(f"/team/<{NUMBER}:team_id>/wards")
def give_ward(team_id: int):
    team = _managed(team_id)
    form = forms.WardForm(_other_wards(team))
    if not form.validate_on_submit():
        return _show(team, 422, ward_form=form)
    ward = areas.named([form.ward.data])[0]
    before = teams.give_ward(me(), team, ward)
    moved = f" {before.name} looks after it no longer." if before else ""
    return _back_to(team, f"This team looks after {ward.full_name} now.{moved}")


# --- Names ---


@bp.get("/team/new")
def new_team():
    _administrators_only()
    return _ask(forms.TeamForm())


@bp.post("/team")
def add_team():
    _administrators_only()
    form = forms.TeamForm()
    if not form.validate_on_submit():
        return _ask(form, 422)
    try:
        team = teams.add(me(), form.name.data, form.phone.data, form.email.data)
    except teams.NotPossible as reason:
        form.name.errors = [str(reason)]
        return _ask(form, 422)
    return _back_to(team, "The team is there. Give it its wards.")


@bp.get(f"/team/<{NUMBER}:team_id>/edit")
def edit_team(team_id: int):
    _administrators_only()
    team = _mine(team_id)
    return _ask(forms.TeamForm(obj=team), team=team)


@bp.post(f"/team/<{NUMBER}:team_id>/edit")
def save_team(team_id: int):
    _administrators_only()
    team, form = _mine(team_id), forms.TeamForm()
    if not form.validate_on_submit():
        return _ask(form, 422, team)
    try:
        teams.change(me(), team, form.name.data, form.phone.data, form.email.data)
    except teams.NotPossible as reason:
        form.name.errors = [str(reason)]
        return _ask(form, 422, team)
    return _back_to(team, "Saved.")


def _ask(form: forms.TeamForm, status: int = 200, team: Team | None = None):
    title = f"Change {team.name}" if team else "Add a team"
    return page(
        "officers/team/edit.html", title, status=status, wrong=form if form.errors else None, form=form, team=team
    )


def _administrators_only() -> None:
    if not me().is_administrator:
        abort(404)

"""Supervisors and administrators hand over drafts and concerns to another officer, and stories to another team."""

from flask import abort, redirect, session, url_for

from metengage import forms, handover, staffing, stories, teams
from metengage.formats import count
from metengage.models import Officer, Team
from metengage.views import page
from metengage.views.officers import bp, me

NUMBER = "int(max=2147483647)"


@bp.get(f"/team/officers/<{NUMBER}:officer_id>/drafts")
def hand_over_drafts(officer_id: int):
    found = _officer(officer_id)
    return _ask_for_heir(found, forms.OneOfficerForm(handover.heirs(me(), found)))


@bp.post(f"/team/officers/<{NUMBER}:officer_id>/drafts")
def hand_over_drafts_now(officer_id: int):
    found = _officer(officer_id)
    able = handover.heirs(me(), found)
    form = forms.OneOfficerForm(able)
    if not form.validate_on_submit():
        return _ask_for_heir(found, form, 422)
    heir = next(each for each in able if str(each.id) == form.officer.data)
    drafts, concerns = handover.give_work(me(), found, heir)
    what = f"{count(drafts, 'draft')} and {count(concerns, 'concern')}"
    session["said"] = f"{what} of {found.name} handed over to {heir.name}."
    return redirect(url_for("officers.officer", officer_id=found.id), 303)


def _officer(officer_id: int) -> Officer:
    return staffing.officer_for(me(), officer_id) or abort(404)


def _ask_for_heir(officer: Officer, form: forms.OneOfficerForm, status: int = 200):
    return page(
        "officers/people/drafts.html",
        f"Hand over the work of {officer.name}",
        status=status,
        wrong=form if form.errors else None,
        form=form,
        officer=officer,
        drafts=handover.drafts_of(me(), officer),
        concerns=handover.concerns_of(me(), officer),
    )


# --- Stories ---


@bp.get(f"/team/<{NUMBER}:team_id>/stories")
def hand_over_story(team_id: int):
    team = _team(team_id)
    return _ask_for_story(team, _story_form(team))


@bp.post(f"/team/<{NUMBER}:team_id>/stories")
def hand_over_story_now(team_id: int):
    team = _team(team_id)
    form = _story_form(team)
    if not form.validate_on_submit():
        return _ask_for_story(team, form, 422)
    story = next(each for each in stories.open_for(team) if str(each.id) == form.story.data)
    to = next(each for each in handover.other_teams(me(), team) if str(each.id) == form.team.data)
    moved = handover.give_story(me(), story, to)
    session["said"] = f"{to.name} goes on with “{story.title}”. {count(moved, 'draft')} went with it."
    return redirect(url_for("officers.team", team_id=team.id), 303)


def _team(team_id: int) -> Team:
    return teams.managed_team(me(), team_id) or abort(404)


def _story_form(team: Team) -> forms.StoryForm:
    return forms.StoryForm(stories.open_for(team), handover.other_teams(me(), team))


def _ask_for_story(team: Team, form: forms.StoryForm, status: int = 200):
    return page(
        "officers/team/stories.html",
        f"Hand over a story of {team.name}",
        status=status,
        wrong=form if form.errors else None,
        form=form,
        team=team,
    )

"""Officers work on one priority: set it, say what they did, review it, close it, and tell residents."""

from flask import abort, redirect, request, session, url_for
from flask_wtf import FlaskForm
from werkzeug.datastructures import CombinedMultiDict

from metengage import actions, forms, officers, pictures, priorities, teams, telling, votes
from metengage.formats import london
from metengage.images import Unusable
from metengage.models import Officer, Priority
from metengage.views import but, now, page, takes_files
from metengage.views.officers import bp, me

NUMBER = "int(max=2147483647)"
MEANWHILE = "Somebody changed it since you opened this page. Press once more to replace their words with yours"


def _mine(priority_id: int) -> Priority:
    return priorities.priority_for(me(), priority_id) or abort(404)


def _back_to(priority: Priority, said: str | dict):
    session["said"] = said
    return redirect(url_for("officers.priority", priority_id=priority.id), 303)


@bp.get(f"/priorities/<{NUMBER}:priority_id>")
def priority(priority_id: int):
    return _show(_mine(priority_id))


def _show(priority: Priority, status: int = 200, **asked: FlaskForm):
    """The priority, with what may be done about it; `asked` holds the form that was wrong."""
    wrong = next(iter(asked.values()), None)
    return page(
        "officers/priorities/show.html",
        priority.issue,
        status=status,
        wrong=wrong,
        priority=priority,
        done=actions.of([priority])[priority.id],
        tally=votes.tallies([priority])[priority.id],
        hands=votes.hands(priority),
        told_at=telling.told_at(priority),
        draft=telling.open_one(priority),
        moment=now(),
        said=session.pop("said", ""),
        **(_forms(priority) | asked),
    )


def _forms(priority: Priority) -> dict[str, FlaskForm]:
    today, owners = london(now()).date(), _owners(priority)
    review_on = priorities.latest_review(now())
    words = {name: getattr(priority, name) for name in ("issue", "theme", "plan", "revision")}
    words |= {"owner": str(priority.owner_id), "review_on": review_on}
    return {
        "form": forms.PriorityForm(owners, now(), formdata=None, data=words),
        "act_form": forms.ActionForm(priority, now(), formdata=None, data={"done_on": today}),
        "hands_form": forms.HandsForm(now(), formdata=None, data={"counted_on": today, "source": "meeting"}),
        "review_form": forms.ReviewForm(now(), formdata=None, data={"review_on": review_on}),
        "close_form": forms.OutcomeForm(priority.is_proposed, formdata=None),
    }


def _owners(priority: Priority) -> list[Officer]:
    """Who may look after it: who works in the ward's team, whoever does so now, and who is here."""
    team = officers.team_of(priority.ward)
    members = [each.officer for each in teams.members_of(team, now())] if team else []
    able = [each for each in members if not each.suspended_at]
    return list({each.id: each for each in (*able, priority.owner, me())}.values())


# --- Say what it is, set it ---


@bp.post(f"/priorities/<{NUMBER}:priority_id>")
def change_priority(priority_id: int):
    priority = _mine(priority_id)
    form = forms.PriorityForm(_owners(priority), now())
    if not form.validate_on_submit():
        return _show(priority, 422, form=form)
    try:
        priorities.change(priority, me(), form.based_on(), now(), **form.words())
    except priorities.ChangedMeanwhile:
        form.issue.errors, form.revision.data = [MEANWHILE], str(priority.revision)
        return _show(priority, 409, form=form)
    return _back_to(priority, "Saved. Residents read it now.")


@bp.post(f"/priorities/<{NUMBER}:priority_id>/set")
def set_priority(priority_id: int):
    priority = _mine(priority_id)
    form = forms.PriorityForm(_owners(priority), now(), is_setting=True)
    if not form.validate_on_submit():
        return _show(priority, 422, form=form)
    try:
        priorities.set_now(priority, me(), form.review_on.data, now(), **form.words())
    except priorities.NotPossible as reason:
        form.issue.errors = [str(reason)]
        return _show(priority, 422, form=form)
    return _back_to(priority, "It is set. Write down here what you do about it: residents read it straight away.")


@bp.post(f"/priorities/<{NUMBER}:priority_id>/hands")
def count_hands(priority_id: int):
    priority, form = _mine(priority_id), forms.HandsForm(now())
    if not form.validate_on_submit():
        return _show(priority, 422, hands_form=form)
    counted = votes.count_hands(priority, me(), form.source.data, form.number, form.counted_on.data, now())
    return _back_to(priority, "Counted." if counted else but("It is no longer proposed, so nothing was counted."))


# --- Work on it ---


@bp.post(f"/priorities/<{NUMBER}:priority_id>/actions")
@takes_files
def act(priority_id: int):
    priority = _mine(priority_id)
    form = forms.ActionForm(priority, now(), CombinedMultiDict((request.files, request.form)))
    if not form.validate():
        return _show(priority, 422, act_form=form)
    file = form.file.data
    brought = (file.read(pictures.LARGEST + 1), form.alt.data) if file else None
    try:
        actions.act(priority, me(), form.done_on.data, form.text.data, now(), brought)
    except Unusable as reason:
        form.file.errors = [str(reason)]
        return _show(priority, 422, act_form=form)
    except actions.NotOpen:
        return _back_to(priority, but("It is not set, so nothing can be added to it."))
    return _back_to(priority, "Residents read it now. Tell them by email below, when there is enough to tell.")


@bp.post(f"/priorities/<{NUMBER}:priority_id>/actions/<{NUMBER}:action_id>/remove")
def remove_action(priority_id: int, action_id: int):
    priority = _mine(priority_id)
    action = actions.of_priority(priority, action_id)
    if action:
        actions.remove(action, me())
    return _back_to(priority, "It is removed: nobody can read it any more.")


@bp.post(f"/priorities/<{NUMBER}:priority_id>/review")
def review_priority(priority_id: int):
    priority, form = _mine(priority_id), forms.ReviewForm(now())
    if not form.validate_on_submit():
        return _show(priority, 422, review_form=form)
    try:
        priorities.review(priority, me(), form.review_on.data, now())
    except priorities.NotPossible as reason:
        return _back_to(priority, but(f"{reason}."))
    return _back_to(priority, "It is reviewed, and goes on.")


@bp.post(f"/priorities/<{NUMBER}:priority_id>/close")
def close_priority(priority_id: int):
    priority = _mine(priority_id)
    form = forms.OutcomeForm(priority.is_proposed)
    if not form.validate_on_submit():
        return _show(priority, 422, close_form=form)
    result = "" if priority.is_proposed else form.result.data
    try:
        priorities.close(priority, me(), result, form.outcome.data, now())
    except priorities.NotPossible as reason:
        return _back_to(priority, but(f"{reason}."))
    return _back_to(priority, "It is closed, with what came of it.")


@bp.post(f"/priorities/<{NUMBER}:priority_id>/tell")
def tell(priority_id: int):
    """“You said, we did”: a draft, or the one that somebody has begun."""
    priority = _mine(priority_id)
    team = officers.team_of(priority.ward) or abort(404)
    try:
        draft = telling.begin(priority, team, me(), now())
    except telling.NotYet as reason:
        return _back_to(priority, but(f"{reason}."))
    return redirect(url_for("officers.watch", alert_id=draft.id), 303)

"""Take a concern, sort it, give it away, write back, close it."""

from collections.abc import Callable

from flask import abort, redirect, request, session, url_for

from metengage import casework, forms, jobs, officers, responses, restrictions
from metengage.formats import count
from metengage.views import but, now
from metengage.views.officers import bp, me
from metengage.views.officers.concerns import begin, done, my_concern, show, sort_form

CHANGED = "Not sent yet: somebody has changed this meanwhile. Read what is new, and send it again if it is still right"


@bp.post("/concerns/<int(max=2147483647):concern_id>/take")
def take_concern(concern_id: int):
    found = my_concern(concern_id)
    taken = casework.take(me(), found, now())
    return done(found, taken, "It is yours.")


@bp.post("/concerns/<int(max=2147483647):concern_id>/give")
def give_concern(concern_id: int):
    found = my_concern(concern_id)
    form = forms.GiveForm(casework.colleagues(found.team))
    if not form.validate_on_submit():
        return show(found, form, status=422, give=form)
    given = casework.assign(me(), found, form.chosen(), now())
    return done(found, given, f"{form.chosen().name} looks after it." if form.chosen() else "Anybody may take it.")


@bp.post("/concerns/<int(max=2147483647):concern_id>/sort")
def sort_concern(concern_id: int):
    found = my_concern(concern_id)
    form = sort_form(found)
    if not form.validate_on_submit():
        return show(found, form, status=422, sort=form)
    chosen = (form.theme.data or None, form.wards[form.ward.data], form.stories.get(form.story.data))
    chosen += (form.priorities.get(form.priority.data),)
    try:
        kept = casework.sort(me(), found, *chosen, int(form.same_as.data or 0), now())
    except casework.NotPossible as reason:
        form.same_as.errors = [str(reason)]
        return show(found, form, status=422, sort=form)
    return done(found, kept, "It is sorted.")


@bp.post("/concerns/<int(max=2147483647):concern_id>/hand-over")
def hand_over_concern(concern_id: int):
    found = my_concern(concern_id)
    form = forms.HandForm([each for each in officers.all_teams() if each != found.team])
    if not form.validate_on_submit():
        return show(found, form, status=422, hand=form)
    team = form.teams[form.team.data]
    try:
        handed = casework.hand_over(me(), found, team, form.why.data, now())
    except casework.NotPossible as reason:
        form.team.errors = [str(reason)]
        return show(found, form, status=422, hand=form)
    session["said"] = f"The {team.name} has it now." if handed else but("Nothing was done: it was handed over before.")
    return redirect(url_for("officers.concerns_list"), 303)


@bp.post("/concerns/<int(max=2147483647):concern_id>/note")
def note_concern(concern_id: int):
    found = my_concern(concern_id)
    form = forms.NoteForm()
    if not form.validate_on_submit():
        return show(found, form, status=422, note=form)
    responses.note(me(), found, form.note.data, form.key.once(form.note.data), now())
    return done(found, True, "Your note is kept.")


# --- Write back ---


@bp.post("/concerns/<int(max=2147483647):concern_id>/begin")
def begin_response(concern_id: int):
    return begin(my_concern(concern_id))


@bp.post("/concerns/<int(max=2147483647):concern_id>/respond")
def respond_to_concern(concern_id: int):
    return _write(concern_id, forms.WriteForm(), responses.respond, "Your answer is on its way.")


@bp.post("/concerns/<int(max=2147483647):concern_id>/ask")
def ask_about_concern(concern_id: int):
    return _write(concern_id, forms.WriteForm(), responses.ask, "Your question is on its way.")


@bp.post("/concerns/<int(max=2147483647):concern_id>/close")
def close_concern(concern_id: int):
    form = forms.CloseForm()

    def close(officer, found, *rest) -> None:
        responses.close(officer, found, form.because.data, *rest)

    return _write(concern_id, form, close, "It is closed.")


def _write(concern_id: int, form: forms.WriteForm, act: Callable, words: str):
    """Write to the resident, unless somebody has changed it since this officer read it: then they see that first."""
    found = my_concern(concern_id)
    if not form.validate_on_submit():
        return show(found, form, status=422, write=form)
    try:
        act(me(), found, form.text.data, form.revision(), form.key.once(form.text.data), now())
    except responses.NotPossible as reason:
        form.text.errors = [str(reason)]
        return show(found, form, status=422, write=form)
    except responses.Changed:
        found = my_concern(concern_id)
        form.seen.data = str(found.revision)
        form.text.errors = [CHANGED]
        return show(found, form, status=409, write=form)
    jobs.ring_urgent()
    return done(found, True, words)


# --- Held back, and limits ---


@bp.post("/concerns/<int(max=2147483647):concern_id>/let-in")
def let_in_concern(concern_id: int):
    found = my_concern(concern_id)
    let_in = casework.let_in(me(), found, now())
    return done(found, let_in, "It is among those to answer.")


@bp.post("/concerns/<int(max=2147483647):concern_id>/spam")
def drop_concern(concern_id: int):
    found = my_concern(concern_id)
    dropped = casework.drop(me(), found, now())
    return done(found, dropped, "It is closed as spam. Nobody was written to.")


@bp.post("/concerns/spam")
def drop_concerns():
    """Those that are ticked on a page of what was held back."""
    ticked = request.form.getlist("which", type=int)
    dropped = casework.drop_all(me(), [each for each in ticked if 0 < each < 2**31], now())
    words = f"{count(dropped, 'concern')} closed as spam. Nobody was written to."
    session["said"] = words if dropped else but("Nothing was done: tick what is spam.")
    return redirect(url_for("officers.concerns_list", part=casework.HELD), 303)


@bp.post("/concerns/<int(max=2147483647):concern_id>/limit")
def limit_resident(concern_id: int):
    found = my_concern(concern_id)
    if not officers.may_manage(me(), found.team):
        abort(404)
    form = forms.RestrictForm()
    if not form.validate_on_submit():
        return show(found, form, status=422, restrict=form)
    limit = restrictions.restrict(me(), found, form.reason.data, int(form.weeks.data), now())
    jobs.ring_urgent()
    return done(found, limit is not None, "They may write once a week now, and are told so by email.")


@bp.post("/concerns/<int(max=2147483647):concern_id>/limit/end")
def end_limit(concern_id: int):
    found = my_concern(concern_id)
    if not officers.may_manage(me(), found.team):
        abort(404)
    limit = restrictions.of(found.resident, now()) if found.resident else None
    ended = limit is not None and restrictions.lift(me(), limit, found.team, now())
    return done(found, ended, "They may write as everybody does.")

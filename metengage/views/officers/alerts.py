"""Officers write alerts, see whom they reach, send them, and watch them go."""

import secrets
from collections.abc import Callable

from flask import redirect, request, session, url_for

from metengage import alerts, circles, forms, jobs, manners, officers, stories, watching
from metengage.models import Alert
from metengage.views import now, page, wants_part
from metengage.views.mailbox import framed
from metengage.views.officers import bp, me, my_alert, reach


@bp.get("/")
@bp.get("/alerts")
def alerts_list():
    return _list(forms.NewAlertForm(officers.teams_of(me())))


def _list(form: forms.NewAlertForm, status: int = 200):
    return page(
        "officers/alerts/list.html",
        "Alerts",
        status=status,
        wrong=form if form.errors else None,
        form=form,
        alerts=alerts.list_for(me()),
        said=session.pop("said", ""),
    )


@bp.post("/alerts")
def begin():
    teams = officers.teams_of(me())
    form = forms.NewAlertForm(teams)
    if len(teams) != 1 and not form.validate_on_submit():
        return _list(form, status=422)
    team = teams[0] if len(teams) == 1 else next(each for each in teams if str(each.id) == form.team.data)
    return redirect(url_for("officers.edit", alert_id=alerts.begin(me(), team, now()).id), 303)


# --- Write ---


@bp.get("/alerts/<int(max=2147483647):alert_id>/edit")
def edit(alert_id: int):
    alert = my_alert(alert_id)
    if not alert.is_draft:
        return redirect(url_for("officers.watch", alert_id=alert.id))
    return _compose(alert, _form(alert))


def _form(alert: Alert) -> forms.AlertForm:
    story = stories.chosen_in(alert)
    chosen = {
        "title": alert.title,
        "alert_type": alert.alert_type,
        "theme": alert.theme or "",
        "areas": [area.code for area in alerts.written_to(alert)],
        "search": request.args.get("search", "")[:60],
        "place": alert.centre,
        "radius": str(alert.radius or 500),
        "only_concerned": "concerned" if alert.only_concerned else "everyone",
        "body": alert.body,
        "story": forms.NEW_STORY if story.new_title is not None else str(story.story_id or ""),
        "story_title": story.new_title or "",
        "ends_story": story.is_outcome,
        "is_urgent": alert.is_urgent,
        "revision": alert.revision,
        "editor": secrets.token_hex(8),
    }
    # What somebody else chose stays on show, also where this officer may not write to by themselves.
    offered = [*officers.areas_for(me(), alert.team), *alerts.written_to(alert)]
    return forms.AlertForm(offered, stories.offered_to(alert), data=chosen)


def _compose(alert: Alert, form: forms.AlertForm, status: int = 200, unsaved=False, changed_elsewhere=False):
    return page(
        "officers/alerts/edit.html",
        "Write an alert",
        part="officers/alerts/_outlook.html",
        status=status,
        wrong=form if form.errors else None,
        alert=alert,
        form=form,
        missing=alerts.missing(alert, me()),
        **reach.of(alert, form),
        unsaved=unsaved,
        changed_elsewhere=changed_elsewhere,
    )


@bp.post("/alerts/<int(max=2147483647):alert_id>/edit")
def save(alert_id: int):
    """Keep the draft: by itself while the officer types, or by the button."""
    alert, form, stop = kept(alert_id)
    return stop or _compose(alert, form)


@bp.post("/alerts/<int(max=2147483647):alert_id>/review")
def to_review(alert_id: int):
    """Keep the draft and look at it once more before it goes."""
    alert, form, stop = kept(alert_id)
    if stop:
        return stop
    for field, sentence in alerts.missing(alert, me()):
        form[field].errors = [sentence]
    if form.errors:
        return _compose(alert, form, status=422)
    return redirect(url_for("officers.review", alert_id=alert.id), 303)


def form_of(alert_id: int) -> tuple[Alert, forms.AlertForm]:
    """An alert and its form with what was typed, not kept."""
    alert = my_alert(alert_id)
    return alert, _form(alert)


def kept(alert_id: int, change: Callable[[Alert, forms.AlertForm], object] = lambda alert, form: None):
    """Keep what was typed: (the alert, its form, the answer to give instead of going on, if any).

    `change` does something to the form before it is kept; it may raise circles.NowhereKnown.
    """
    alert, form = form_of(alert_id)
    if not form.validate_on_submit():
        return alert, form, _compose(alert, form, status=422, unsaved=True)
    try:
        change(alert, form)
        # What a page saves by itself may still be on its way when its button is pressed, and is older.
        kept = form.words() | {"story": form.chosen_story(), "editor": form.editor.data, "is_last": not wants_part()}
        alert = alerts.save(alert, form.based_on(), form.areas.data, now(), **kept)
    except circles.NowhereKnown as reason:
        form.place.errors = [str(reason)]
        return alert, form, _compose(alert, form, status=422, unsaved=True)
    except stories.NotOpen as reason:
        form.story.errors = [str(reason)]
        return alert, form, _compose(alert, form, status=422, unsaved=True)
    except alerts.ChangedMeanwhile:
        return alert, form, _compose(alert, form, status=409, changed_elsewhere=True)
    except alerts.AlreadySent:
        return alert, form, redirect(url_for("officers.watch", alert_id=alert.id), 303)
    form.revision.data = alert.revision
    return alert, form, None


@bp.get("/alerts/<int(max=2147483647):alert_id>/email")
def preview(alert_id: int):
    """The email as residents will get it, for a frame."""
    return framed(alerts.preview(my_alert(alert_id)).html)


@bp.post("/alerts/<int(max=2147483647):alert_id>/discard")
def discard(alert_id: int):
    if alerts.discard(my_alert(alert_id), me(), now()):
        session["said"] = "The draft is gone."
    return redirect(url_for("officers.alerts_list"), 303)


# --- Send ---


@bp.get("/alerts/<int(max=2147483647):alert_id>/review")
def review(alert_id: int):
    alert = my_alert(alert_id)
    if not alert.is_draft:
        return redirect(url_for("officers.watch", alert_id=alert.id))
    if alerts.missing(alert, me()):
        return redirect(url_for("officers.edit", alert_id=alert.id))
    return page(
        "officers/alerts/review.html",
        "Check and send",
        alert=alert,
        areas=alerts.written_to(alert),
        reached=alerts.reached(alert, now()),
        text=alerts.preview(alert).text,
        pause=manners.the_pause(),
        said=session.pop("said", ""),
    )


@bp.post("/alerts/<int(max=2147483647):alert_id>/send")
def send(alert_id: int):
    alert = my_alert(alert_id)
    if request.form.get("revision", type=int) != alert.revision:
        session["said"] = "This draft was changed since you looked at it. Check it once more, then send."
        return redirect(url_for("officers.review", alert_id=alert.id), 303)
    try:
        jobs.ring_alert(alerts.begin_sending(alert, me(), now()).id)
    except alerts.NotReady:
        return redirect(url_for("officers.edit", alert_id=alert.id), 303)
    except alerts.ChangedMeanwhile:
        return redirect(url_for("officers.review", alert_id=alert.id), 303)
    except alerts.AlreadySent:
        session["said"] = "Somebody pressed Send just before you. It has gone once."
    return redirect(url_for("officers.watch", alert_id=alert.id), 303)


@bp.get("/alerts/<int(max=2147483647):alert_id>")
def watch(alert_id: int):
    alert = my_alert(alert_id)
    if alert.is_draft:
        return redirect(url_for("officers.edit", alert_id=alert.id))
    return page(
        "officers/alerts/watch.html",
        alert.title or "Discarded draft",
        part="officers/alerts/_progress.html",
        alert=alert,
        areas=alerts.written_to(alert),
        progress=watching.progress(alert),
        pause=manners.the_pause(),
        failures=alerts.failures(alert),
        said=session.pop("said", ""),
    )

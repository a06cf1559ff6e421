"""Officers write alerts, see whom they reach and what is wrong with them, and watch them go."""

import secrets

from flask import redirect, session, url_for

from metengage import (
    alerts,
    dispatch,
    drafts,
    forms,
    insights,
    manners,
    officers,
    patterns,
    readiness,
    release,
    stories,
    watching,
)
from metengage.models import Alert, Team
from metengage.views import now, page, wants_part
from metengage.views.mailbox import framed
from metengage.views.officers import bp, me, my_alert


@bp.get("/")
@bp.get("/alerts")
def alerts_list():
    return _list(_beginning())


def _beginning() -> forms.NewAlertForm:
    return forms.NewAlertForm(officers.teams_of(me()), alerts.sent_by_teams_of(me()))


def _list(form: forms.NewAlertForm, status: int = 200):
    return page(
        "officers/alerts/list.html",
        "Alerts",
        status=status,
        wrong=form if form.errors else None,
        form=form,
        alerts=alerts.list_for(me()),
        to_review=alerts.to_review(me()),
        said=session.pop("said", ""),
    )


@bp.post("/alerts")
def begin():
    teams, form = officers.teams_of(me()), _beginning()
    if len(teams) != 1 and not form.validate_on_submit():
        return _list(form, status=422)
    team = teams[0] if len(teams) == 1 else next(each for each in teams if str(each.id) == form.team.data)
    return redirect(url_for("officers.edit", alert_id=_begun(form, team).id), 303)


def _begun(form: forms.NewAlertForm, team: Team) -> Alert:
    kind, which = form.begins_with()
    template = patterns.templates().get(which) if kind == "template" else None
    if template:
        words = {name: getattr(template, name) for name in ("title", "body", "alert_type", "theme")}
        return drafts.begin(me(), team, now(), **words)
    like = alerts.alert_for(me(), int(which)) if kind == "alert" and which.isdigit() and len(which) < 10 else None
    return drafts.begin(me(), team, now(), like=like)


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
        reached=alerts.reached(alert, now()),
        readiness=readiness.of(alert, me()),
        text=drafts.preview(alert).text,
        returned=release.returned(alert),
        moment=now(),
        said=session.pop("said", ""),
        unsaved=unsaved,
        changed_elsewhere=changed_elsewhere,
    )


@bp.post("/alerts/<int(max=2147483647):alert_id>/edit")
def save(alert_id: int):
    """Keep the draft: by itself while the officer types, or by the button."""
    alert, form, stop = _kept(alert_id)
    return stop or _compose(alert, form)


@bp.post("/alerts/<int(max=2147483647):alert_id>/review")
def to_review(alert_id: int):
    """Keep the draft and look at it once more before it goes."""
    alert, form, stop = _kept(alert_id)
    if stop:
        return stop
    for field, sentence in readiness.of(alert, me()).missing:
        form[field].errors = [sentence]
    if form.errors:
        return _compose(alert, form, status=422)
    return redirect(url_for("officers.review", alert_id=alert.id), 303)


def _kept(alert_id: int):
    """Keep what was typed: (the alert, its form, the answer to give instead of going on, if any)."""
    alert = my_alert(alert_id)
    form = _form(alert)
    if not form.validate_on_submit():
        return alert, form, _compose(alert, form, status=422, unsaved=True)
    try:
        # What a page saves by itself may still be on its way when its button is pressed, and is older.
        kept = form.words() | {"story": form.chosen_story(), "editor": form.editor.data, "is_last": not wants_part()}
        kept |= {"officer": me(), "over": form.seen()}
        alert = drafts.save(alert, form.based_on(), form.areas.data, now(), **kept)
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
    return framed(drafts.preview(my_alert(alert_id)).html)


@bp.post("/alerts/<int(max=2147483647):alert_id>/discard")
def discard(alert_id: int):
    if drafts.discard(my_alert(alert_id), me(), now()):
        session["said"] = "The draft is gone."
    return redirect(url_for("officers.alerts_list"), 303)


# --- Watch ---


@bp.get("/alerts/<int(max=2147483647):alert_id>")
def watch(alert_id: int):
    """A draft is written, what awaits approval is decided on, and everything else is watched."""
    alert = my_alert(alert_id)
    if alert.is_draft:
        return redirect(url_for("officers.edit", alert_id=alert.id))
    if alert.state == Alert.AWAITING:
        return redirect(url_for("officers.decide", alert_id=alert.id))
    return page(
        "officers/alerts/watch.html",
        alert.title or "Discarded draft",
        part="officers/alerts/_progress.html",
        alert=alert,
        areas=alerts.written_to(alert),
        progress=watching.progress(alert),
        pause=manners.the_pause(),
        failures=dispatch.failures(alert),
        after=insights.after(alert, now()) if alert.state == Alert.SENT else None,
        decisions=release.decisions(alert),
        may_review=alert.is_unreviewed and readiness.may_decide(me(), alert),
        when=forms.WhenForm(now(), formdata=None, data={"when": forms.LATER}),
        comment=forms.CommentForm(formdata=None),
        moment=now(),
        said=session.pop("said", ""),
    )

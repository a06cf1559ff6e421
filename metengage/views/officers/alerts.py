"""Officers write alerts, see whom they reach and what is wrong with them, and watch them go."""

import secrets
from collections.abc import Callable

from flask import redirect, request, session, url_for

from metengage import (
    alerts,
    circles,
    corrections,
    dispatch,
    drafts,
    forms,
    headcount,
    insights,
    manners,
    officers,
    patterns,
    readiness,
    reading,
    release,
    standing,
    stories,
    watching,
)
from metengage.formats import lasting
from metengage.models import Alert
from metengage.views import now, page, wants_part
from metengage.views.mailbox import framed
from metengage.views.officers import bp, me, my_alert, reach
from metengage.views.officers.pictures import beside

DARK = "@media (prefers-color-scheme: dark)"  # what the email's styles say for dark phones


# --- Write ---


@bp.get("/alerts/<int(max=2147483647):alert_id>/edit")
def edit(alert_id: int):
    alert = my_alert(alert_id)
    if not alert.is_draft:
        return redirect(url_for("officers.watch", alert_id=alert.id))
    return _compose(alert, _form(alert))


def _form(alert: Alert) -> forms.AlertForm:
    if alert.corrects_id:
        words = {name: getattr(alert, name) for name in ("title", "body", "correction_reason", "revision")}
        return forms.CorrectionForm(data=words | {"editor": secrets.token_hex(8)})
    story, places = stories.chosen_in(alert), alerts.written_to(alert)
    chosen = {
        "title": alert.title,
        "alert_type": alert.alert_type,
        "theme": alert.theme or "",
        "areas": [area.code for area in places],
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
    offered = [*officers.areas_for(me(), alert.team), *places]
    return forms.AlertForm(offered, stories.offered_to(alert), data=chosen)


def _compose(alert: Alert, form: forms.AlertForm, status: int = 200, unsaved=False):
    state = readiness.of(alert, me())
    return page(
        "officers/alerts/edit.html",
        "Write the correction" if alert.corrects_id else "Write an alert",
        part="officers/alerts/_outlook.html",
        status=status,
        wrong=form if form.errors else None,
        alert=alert,
        form=form,
        readiness=state,
        text=drafts.preview(alert).text,
        length=reading.told(alert.body),
        found=[each for each in state.findings if each.field not in dict(state.lacking)],
        snippets=patterns.snippets().values(),
        returned=release.returned(alert),
        moment=now(),
        said=session.pop("said", ""),
        saved="" if wants_part() else session.pop("saved", ""),
        **reach.of(alert, form, state.reach),
        unsaved=unsaved,
        **beside(alert, refused=form.beside),
    )


@bp.post("/alerts/<int(max=2147483647):alert_id>/edit")
def save(alert_id: int):
    """Keep the draft: by itself while the officer types, or by the button."""
    alert, form, stop = kept(alert_id)
    if stop or wants_part():
        return stop or _compose(alert, form)
    return redirect(url_for("officers.edit", alert_id=alert.id, _anchor="outlook"), 303)


@bp.post("/alerts/<int(max=2147483647):alert_id>/review")
def to_review(alert_id: int):
    """Keep the draft and look at it once more before it goes."""
    alert, form, stop = kept(alert_id)
    if stop:
        return stop
    missing = readiness.of(alert, me()).missing
    for field, sentence in missing:
        form.refuse(field, sentence)
    if missing:
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
        alert = _saved(alert, form)
    except circles.NowhereKnown as reason:
        form.place.errors = [str(reason)]
        return alert, form, _compose(alert, form, status=422, unsaved=True)
    except stories.NotOpen as reason:
        form.story.errors = [str(reason)]
        return alert, form, _compose(alert, form, status=422, unsaved=True)
    except alerts.ChangedMeanwhile:
        form.over.errors = [_who_changed(alert)]
        return alert, form, _compose(alert, form, status=409)
    except alerts.AlreadySent:
        return alert, form, redirect(url_for("officers.watch", alert_id=alert.id), 303)
    form.revision.data = alert.revision
    if not wants_part():
        session["saved"] = form.editor.data or "-"  # the page that comes next forgets what that one kept for itself
    return alert, form, None


def _saved(alert: Alert, form: forms.AlertForm) -> Alert:
    # What a page saves by itself may still be on its way when its button is pressed, and is older.
    kept = form.words() | {"editor": form.editor.data, "is_last": not wants_part()}
    kept |= {"officer": me(), "over": form.seen()}
    if alert.corrects_id:
        return corrections.save(alert, form.based_on(), now(), **kept)
    return drafts.save(alert, form.based_on(), form.areas.data, now(), story=form.chosen_story(), **kept)


@bp.post("/alerts/<int(max=2147483647):alert_id>/snippet")
def add_snippet(alert_id: int):
    """Keep the draft with a few more words at its end."""
    snippet = patterns.snippets().get(request.form.get("snippet", ""))

    def add(_alert: Alert, form: forms.AlertForm) -> None:
        if snippet:
            form.body.data = f"{form.body.data.rstrip()}\n\n{snippet.text}".lstrip()

    alert, _, stop = kept(alert_id, add)
    return stop or redirect(url_for("officers.edit", alert_id=alert.id), 303)


@bp.get("/alerts/<int(max=2147483647):alert_id>/email")
def preview(alert_id: int):
    """The email as residents will get it, for a frame; `look` is dark for who has set their phone so."""
    html = drafts.preview(my_alert(alert_id)).html
    return framed(html.replace(DARK, "@media all") if request.args.get("look") == "dark" else html)


@bp.post("/alerts/<int(max=2147483647):alert_id>/discard")
def discard(alert_id: int):
    if drafts.discard(my_alert(alert_id), me(), now()):
        session["said"] = "The draft is gone."
    return redirect(url_for("officers.alerts_list"), 303)


def _who_changed(alert: Alert) -> str:
    """Who saved other words meanwhile, in a sentence."""
    ago = lasting((now() - alert.changed_at).total_seconds())
    if alert.changed_by == me():
        return f"You changed this draft on another device or page {ago} ago. What you typed here is not saved"
    name = alert.changed_by.name if alert.changed_by else "Somebody"
    return f"{name} changed this draft {ago} ago. What you typed is not saved"


# --- Watch ---


@bp.get("/alerts/<int(max=2147483647):alert_id>")
def watch(alert_id: int):
    """A draft is written, what awaits approval is decided on, and everything else is watched."""
    alert = my_alert(alert_id)
    if wants_part() and request.args.get("was", alert.state) != alert.state:
        return "", {"HX-Refresh": "true"}  # all of the page says something else now
    if alert.is_draft:
        return redirect(url_for("officers.edit", alert_id=alert.id))
    if alert.state == Alert.AWAITING:
        return redirect(url_for("officers.decide", alert_id=alert.id))
    return watched(alert)


def watched(alert: Alert, when: forms.WhenForm | None = None, comment: forms.CommentForm | None = None, said=""):
    """Where a scheduled alert and what came of it is watched.

    `when` is the form of its time with errors, `comment` what was typed by who has to look at it once more.
    """
    return page(
        "officers/alerts/watch.html",
        alert.title or "Discarded draft",
        status=422 if when else 409 if comment else 200,
        wrong=when,
        part="officers/alerts/_progress.html",
        alert=alert,
        areas=alerts.written_to(alert),
        progress=watching.progress(alert),
        pause=manners.the_pause(),
        failures=dispatch.failures(alert),
        reach=headcount.of(alert, now()) if alert.state in (Alert.SCHEDULED, Alert.SENDING) else None,
        after=insights.after(alert, now()) if alert.state == Alert.SENT else None,
        decisions=release.decisions(alert),
        may_review=alert.is_unreviewed and officers.may_decide(me(), alert),
        why_time_stays=release.why_time_stays(alert, me()) if alert.state == Alert.SCHEDULED else "",
        when=when or forms.WhenForm.first(now(), alert.due_at),
        looked_at=readiness.looked_at(alert) if alert.is_unreviewed else "",
        comment=comment or forms.CommentForm(formdata=None),
        stands=standing.of(alert) if alert.is_public or alert.corrects_id else None,
        open_correction=corrections.open_one(alert),
        moment=now(),
        said=said or session.pop("said", ""),
    )

"""Officers look at a draft once more and let it go; supervisors approve it, or return it with a comment."""

from functools import partial

from flask import redirect, request, session, url_for

from metengage import alerts, corrections, diffs, drafts, forms, jobs, manners, officers, readiness, release
from metengage.formats import moment
from metengage.models import Alert
from metengage.views import but, now, page
from metengage.views.officers import bp, me, my_alert
from metengage.views.officers.alerts import watched

FIRST = but("Somebody was just before you. It has gone once.")
CHANGED = but("This draft was changed since you looked at it. Check it once more, then send.")
TOO_LATE = but("It was too late to take it back.")
OTHER = but("It was changed since you looked at it. Look at it once more.")
DECIDED = but("Somebody decided just before you. Nothing was done twice.")


def _to(endpoint: str, alert: Alert, said: str | dict = ""):
    if said:
        session["said"] = said
    return redirect(url_for(f"officers.{endpoint}", alert_id=alert.id), 303)


# --- The officer who writes ---


@bp.get("/alerts/<int(max=2147483647):alert_id>/review")
def review(alert_id: int):
    alert = my_alert(alert_id)
    if not alert.is_draft:
        return redirect(url_for("officers.watch", alert_id=alert.id))
    state = readiness.of(alert, me())
    if state.missing:
        return redirect(url_for("officers.edit", alert_id=alert.id))
    return _review(alert, state)


def _review(alert: Alert, state: readiness.Readiness, when=None, why=None, reason=None):
    """The page with its forms; one that is given is wrong."""
    wrong, looked_at = when or why or reason, readiness.looked_at(alert)
    return page(
        "officers/alerts/review.html",
        "Check and send",
        status=422 if wrong else 200,
        wrong=wrong,
        alert=alert,
        facts=alerts.facts(alert),
        reached=alerts.reached(alert, now()),
        readiness=state,
        when=when or forms.WhenForm.first(now(), revision=looked_at),
        why=why or forms.WhyFirstForm(formdata=None),
        reason=reason or forms.ReasonForm(formdata=None),
        looked_at=looked_at,
        text=drafts.preview(alert).text,
        pause=manners.the_pause(),
        said=session.pop("said", ""),
        saved=session.pop("saved", ""),
    )


@bp.post("/alerts/<int(max=2147483647):alert_id>/reason")
def explain(alert_id: int):
    """Record why it may go although a check found something."""
    alert, form = my_alert(alert_id), forms.ReasonForm()
    if not alert.is_draft:
        return _to("watch", alert)
    found = {each.check.name: each for each in readiness.of(alert, me()).findings}.get(form.rule.data)
    if found is None or found.mark != form.mark.data:
        return _to("review", alert, but("The text has changed meanwhile. Look at it once more."))
    if not form.validate_on_submit():
        return _review(alert, readiness.of(alert, me()), reason=form)
    release.explain(alert, form.rule.data, form.mark.data, form.words.data, me(), now())
    return _to("review", alert, "The reason is kept with the alert.")


@bp.post("/alerts/<int(max=2147483647):alert_id>/send")
def send(alert_id: int):
    return _let_go(alert_id, release.send)


@bp.post("/alerts/<int(max=2147483647):alert_id>/ask")
def ask(alert_id: int):
    return _let_go(alert_id, release.ask)


def _let_go(alert_id: int, act):
    alert, form = my_alert(alert_id), forms.WhenForm(now())
    if not alert.is_draft:
        return _to("watch", alert, FIRST)
    if form.revision.data != readiness.looked_at(alert):
        return _to("review", alert, CHANGED)
    if not form.validate_on_submit():
        return _review(alert, readiness.of(alert, me()), when=form)
    return _gone(alert, lambda: act(alert, me(), now(), form.due_at))


@bp.post("/alerts/<int(max=2147483647):alert_id>/send-first")
def send_first(alert_id: int):
    """No supervisor can be reached: it goes, and is reviewed afterwards."""
    alert, form = my_alert(alert_id), forms.WhyFirstForm()
    if not alert.is_draft:
        return _to("watch", alert, FIRST)
    if request.form.get("revision") != readiness.looked_at(alert):
        return _to("review", alert, CHANGED)
    if not form.validate_on_submit():
        return _review(alert, readiness.of(alert, me()), why=form)
    return _gone(alert, lambda: release.go_first(alert, me(), form.why.data, now()))


def _gone(alert: Alert, act):
    """Do this with a draft, and lead to where it is then."""
    try:
        jobs.begin_if_due(act())
        jobs.ring_urgent()
    except (release.NotReady, release.NeedsApproval) as reason:
        return _to("review", alert, but(str(reason)))
    except alerts.ChangedMeanwhile:
        return _to("review", alert, CHANGED)
    except alerts.AlreadySent:
        return _to("watch", alert, FIRST)
    return _to("watch", alert)


@bp.post("/alerts/<int(max=2147483647):alert_id>/take-back")
def take_back(alert_id: int):
    alert = my_alert(alert_id)
    if alert.is_withdrawal:
        done = corrections.undo(alert, me(), now())
        return _to("watch", alert.corrects, "It stands again on the web." if done else TOO_LATE)
    if release.take_back(alert, me(), now()):
        return _to("edit", alert, "It is a draft again. Nobody has got it.")
    return _to("watch", alert, TOO_LATE)


@bp.post("/alerts/<int(max=2147483647):alert_id>/time")
def change_time(alert_id: int):
    """Another time for what is scheduled."""
    alert, form = my_alert(alert_id), forms.WhenForm(now())
    if why := release.why_time_stays(alert, me()):
        return _to("watch", alert, but(why))
    if alert.state == Alert.SCHEDULED and not form.validate_on_submit():
        return watched(alert, form)
    if alert.state != Alert.SCHEDULED or not release.change_time(alert, me(), form.due_at, now()):
        return _to("watch", alert, but("It was too late to change its time."))
    return _to("watch", alert, f"It goes on {moment(my_alert(alert_id).due_at)}.")


@bp.post("/alerts/<int(max=2147483647):alert_id>/try")
def try_out(alert_id: int):
    """One email to who is signed in, as a resident would get it."""
    alert = my_alert(alert_id)
    try:
        drafts.try_out(alert, me(), now())
        jobs.ring_urgent()
    except drafts.TooManyTrials:
        return _to("review", alert, but("You have sent yourself many tests. Wait a minute, then try again."))
    return _to("review", alert, f"A test is on its way to {me().email}.")


# --- The supervisor who decides ---


@bp.get("/alerts/<int(max=2147483647):alert_id>/decide")
def decide(alert_id: int):
    """What awaits approval, and what was changed since it was last asked for."""
    alert = my_alert(alert_id)
    return _decide(alert) if alert.state == Alert.AWAITING else redirect(url_for("officers.watch", alert_id=alert.id))


def _decide(alert: Alert, comment=None, said="", status: int = 200):
    """The page with what was typed into its form, which may be wrong."""
    asked = release.asked_for(alert)
    before = release.asked_for(alert, asked)
    return page(
        "officers/alerts/decide.html",
        alert.title,
        status=status,
        wrong=comment if comment and comment.errors else None,
        alert=alert,
        facts=alerts.facts(alert),
        reached=alerts.reached(alert, now()),
        readiness=readiness.of(alert, me()),
        looked_at=readiness.looked_at(alert),
        decisions=release.decisions(alert),
        before=before,
        changed=alerts.changed(before, asked) if before else [],
        diff=diffs.between(before.words["body"], asked.words["body"]) if before else [],
        title_diff=diffs.between(before.words["title"], asked.words["title"]) if before else [],
        comment=comment or forms.CommentForm(formdata=None),
        may_decide=officers.may_decide(me(), alert),
        said=said or session.pop("said", ""),
    )


@bp.post("/alerts/<int(max=2147483647):alert_id>/approve")
def approve(alert_id: int):
    done = partial(_to, "watch", said="It is approved.")
    return _decided(alert_id, forms.CommentForm(), release.approve, done)


@bp.post("/alerts/<int(max=2147483647):alert_id>/return")
def give_back(alert_id: int):
    return _decided(alert_id, forms.CommentForm(is_needed=True), release.give_back, _back_to_the_list)


def _back_to_the_list(alert: Alert):
    session["said"] = f"It is back with {alert.sender.name}, with your comment."
    return redirect(url_for("officers.alerts_list"), 303)


def _decided(alert_id: int, form: forms.CommentForm, act, done):
    """Decide as `act` does, unless somebody has; `done` is what answers then."""
    alert = my_alert(alert_id)
    if alert.state != Alert.AWAITING:
        return _to("watch", alert, DECIDED)
    if request.form.get("revision") != readiness.looked_at(alert):
        return _decide(alert, form, OTHER, status=409)
    if not form.validate_on_submit():
        return _decide(alert, form, status=422)
    try:
        jobs.begin_if_due(act(alert, me(), form.comment.data, now()))
        jobs.ring_urgent()
    except release.NotTheirs:
        return _to("decide", alert, but("Nobody decides on what they wrote in. Ask a supervisor who did not."))
    except release.NotReady as reason:
        return _to("decide", alert, but(f"It cannot go like this: {reason}"))
    except (alerts.AlreadySent, alerts.ChangedMeanwhile):
        return _to("watch", alert, DECIDED)
    return done(alert)


@bp.post("/alerts/<int(max=2147483647):alert_id>/reviewed")
def reviewed(alert_id: int):
    """A supervisor has looked at what went first."""
    alert, form = my_alert(alert_id), forms.CommentForm()
    if alert.is_unreviewed and request.form.get("revision") != readiness.looked_at(alert):
        return watched(alert, comment=form, said=OTHER)
    try:
        done = form.validate_on_submit() and release.review(alert, me(), form.comment.data, now())
    except release.NotTheirs:
        return _to("watch", alert, but("Nobody reviews what they wrote in. Ask a supervisor who did not."))
    return _to("watch", alert, "It is reviewed." if done else but("Nothing has changed: somebody reviewed it before."))

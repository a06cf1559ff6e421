"""Officers pause, resume and stop an alert; administrators do so with everything, and see how sending goes."""

from flask import abort, redirect, session, url_for

from metengage import bell, halts, jobs, manners, watching
from metengage.config import settings
from metengage.formats import count
from metengage.models import Alert
from metengage.views import but, now, page
from metengage.views.officers import bp, me, my_alert

TOO_LATE = but("Nothing has changed: somebody was just before you, or all of it has gone.")


def _back_to(alert: Alert, said: str | dict):
    session["said"] = said
    return redirect(url_for("officers.watch", alert_id=alert.id), 303)


# --- One alert ---


@bp.post("/alerts/<int(max=2147483647):alert_id>/pause")
def pause(alert_id: int):
    alert = my_alert(alert_id)
    done = halts.pause(alert, me(), now())
    return _back_to(alert, "It is paused. A few that are on their way still go." if done else TOO_LATE)


@bp.post("/alerts/<int(max=2147483647):alert_id>/resume")
def resume(alert_id: int):
    alert = my_alert(alert_id)
    done = halts.resume(alert, me())
    if done:
        jobs.ring_alert(alert.id)
    return _back_to(alert, "It goes on." if done else TOO_LATE)


@bp.get("/alerts/<int(max=2147483647):alert_id>/stop")
def stop(alert_id: int):
    """What stopping would mean, before it is done."""
    alert = my_alert(alert_id)
    if alert.state != Alert.SENDING or alert.is_stopped or alert.is_withdrawal:
        return redirect(url_for("officers.watch", alert_id=alert.id))
    return page("officers/alerts/stop.html", "Stop this alert?", alert=alert, progress=watching.progress(alert))


@bp.post("/alerts/<int(max=2147483647):alert_id>/stop")
def stop_now(alert_id: int):
    alert = my_alert(alert_id)
    try:
        done = halts.stop(alert, me(), now())
    except halts.HasToBeTold as reason:
        return _back_to(alert, but(str(reason)))
    if done:
        jobs.ring_alert(alert.id)
    return _back_to(alert, "It is stopped. A few that are on their way still go." if done else TOO_LATE)


# --- Everything ---


def _administrators_only() -> None:
    if not me().is_administrator:
        abort(404)


def _back(said: str):
    session["said"] = said
    return redirect(url_for("officers.sending"), 303)


@bp.get("/sending")
def sending():
    """Queues, workers, mail servers, suppression and what went wrong."""
    _administrators_only()
    heard, moment = bell.hear(), now()
    return page(
        "officers/sending/show.html",
        "Sending",
        part="officers/sending/_state.html",
        pause=manners.the_pause(),
        alerts=[(alert, watching.progress(alert)) for alert in watching.under_way()],
        backlog={kind: watching.backlog(kind, moment) for kind in (watching.URGENT, watching.DIGEST)},
        heard=heard,
        workers=watching.workers(heard, moment),
        troubled_relays=watching.troubled_relays(moment),
        suppressed=watching.suppressed(),
        troubles=watching.troubles(),
        limits=settings,
        moment=moment,
        said=session.pop("said", ""),
    )


@bp.post("/sending/pause")
def pause_everything():
    _administrators_only()
    halts.pause_everything(me(), now())
    return _back("Everything is paused. A few that are on their way still go.")


@bp.post("/sending/resume")
def resume_everything():
    _administrators_only()
    if halts.resume_everything(me(), now()):
        jobs.ring_for_all_that_waits()
    return _back("Sending goes on.")


@bp.get("/sending/stop")
def stop_everything():
    """What stopping everything would mean, before it is done."""
    _administrators_only()
    to_stop = [alert for alert in watching.under_way() if not (alert.is_stopped or alert.is_withdrawal)]
    alerts = [(alert, watching.progress(alert)) for alert in to_stop]
    return page("officers/sending/stop.html", "Stop everything?", alerts=alerts)


@bp.post("/sending/stop")
def stop_everything_now():
    _administrators_only()
    stopped = halts.stop_everything(me(), now())
    jobs.ring_for_all_that_waits()
    return _back(f"Everything is paused, and {count(stopped, 'alert')} stopped for good.")

"""Officers look at an alert's words as they once were, and bring a draft's back."""

from flask import abort, redirect, session, url_for

from metengage import alerts, drafts
from metengage.views import but, now, page
from metengage.views.officers import bp, me, my_alert


@bp.get("/alerts/<int(max=2147483647):alert_id>/versions")
def versions(alert_id: int):
    alert = my_alert(alert_id)
    return page("officers/alerts/versions.html", "Earlier versions", alert=alert, versions=alerts.versions(alert))


@bp.post("/alerts/<int(max=2147483647):alert_id>/versions/<int(max=2147483647):version_id>")
def bring_back(alert_id: int, version_id: int):
    """Make a draft's words those of an earlier version; what they replace becomes one."""
    alert = my_alert(alert_id)
    version = next((each for each in alerts.versions(alert) if each.id == version_id), None)
    if version is None:
        abort(404)
    try:
        drafts.bring_back(alert, version, me(), now())
        session["said"] = "These words are back. What was there before is among the earlier versions."
    except (alerts.ChangedMeanwhile, alerts.AlreadySent):
        session["said"] = but("Nothing has changed: somebody was just before you.")
    return redirect(url_for("officers.watch", alert_id=alert.id), 303)

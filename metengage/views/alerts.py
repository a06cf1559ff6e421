"""The web copy of an alert, for anybody; its team is led to its own page before it is sent."""

from flask import Blueprint, abort, redirect, url_for
from flask_login import current_user

from metengage import alerts, circles, pictures, standing, stories, writing
from metengage.models import Alert
from metengage.views import page
from metengage.views.officers import me
from metengage.views.preferences import resident_here

bp = Blueprint("alerts", __name__)


@bp.get("/alerts/<int(max=2147483647):alert_id>")
def show(alert_id: int):
    alert = alerts.public(alert_id)
    if alert is None:
        return _before_it_is_sent(alert_id)
    if alert.corrects_id:
        return redirect(url_for("alerts.show", alert_id=alert.corrects_id))
    stands = standing.of(alert)
    if stands.withdrawal:
        withdrawal, areas = stands.withdrawal, alerts.written_to(alert)
        return page("alerts/withdrawn.html", f"Withdrawn: {withdrawal.title}", withdrawal=withdrawal, areas=areas)
    return _shown(alert, stands)


def _before_it_is_sent(alert_id: int):
    """Its team comes here by the link in a test of it; for anybody else there is nothing here."""
    if not current_user.is_authenticated or alerts.alert_for(me(), alert_id) is None:
        abort(404)
    return redirect(url_for("officers.watch", alert_id=alert_id))


def _shown(first: Alert, stands: standing.Standing):
    alert, story, resident = stands.newest, first.story, resident_here()
    areas = alerts.written_to(first)
    return page(
        "alerts/show.html",
        alert.title,
        alert=first,
        stands=stands,
        before=[(each, writing.html(each.body)) for each in stands.before],
        areas=areas,
        body=writing.html(alert.body),
        pictures=pictures.of(alert),
        circle=circles.told(circles.of(alert), areas),
        story=story,
        line=stories.line_of(story) if story else [],
        resident=resident,
        follows=bool(story and resident) and stories.follows(resident, story),
    )

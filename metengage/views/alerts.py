"""The web copy of an alert, for anybody."""

from flask import Blueprint, abort

from metengage import alerts, pictures, stories, writing
from metengage.views import page
from metengage.views.preferences import resident_here

bp = Blueprint("alerts", __name__)


@bp.get("/alerts/<int(max=2147483647):alert_id>")
def show(alert_id: int):
    alert = alerts.public(alert_id)
    if alert is None:
        abort(404)
    story, resident = alert.story, resident_here()
    return page(
        "alerts/show.html",
        alert.title,
        alert=alert,
        areas=alerts.written_to(alert),
        body=writing.html(alert.body),
        pictures=pictures.of(alert),
        story=story,
        line=stories.line_of(story) if story else [],
        resident=resident,
        follows=bool(story and resident) and stories.follows(resident, story),
    )

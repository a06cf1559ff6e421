"""The web copy of an alert, for anybody."""

from flask import Blueprint, abort

from metengage import alerts, writing
from metengage.views import page

bp = Blueprint("alerts", __name__)


@bp.get("/alerts/<int(max=2147483647):alert_id>")
def show(alert_id: int):
    alert = alerts.public(alert_id)
    if alert is None:
        abort(404)
    return page(
        "alerts/show.html", alert.title, alert=alert, areas=alerts.written_to(alert), body=writing.html(alert.body)
    )

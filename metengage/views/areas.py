"""A ward's page: its team and its alerts, for anybody."""

from flask import Blueprint, abort

from metengage import alerts, areas, officers
from metengage.views import now, page

bp = Blueprint("areas", __name__)


@bp.get("/areas/<code>")
def show(code: str):
    found = areas.named([code])
    if not found:
        abort(404)
    area = found[0]
    if not area.is_ward:
        wards = areas.wards_of([area])
        return page("areas/borough.html", area.name, area=area, wards=wards, alerts=alerts.of_area(area))
    team = officers.team_of(area)
    return page(
        "areas/ward.html",
        area.full_name,
        area=area,
        team=team,
        people=officers.people_in(team) if team else [],
        contact=officers.contact_of(team, now()) if team else None,
        alerts=alerts.of_area(area),
        neighbours=areas.neighbours(area, limit=5) if area.has_started else [],
    )

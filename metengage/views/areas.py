"""A ward's page: its team and its alerts, for anybody."""

from flask import Blueprint, abort

from metengage import alerts, areas, officers, pictures, promises
from metengage.models import Area
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
    return page(
        "areas/ward.html",
        area.full_name,
        area=area,
        **of_team(area),
        alerts=alerts.of_area(area),
        kept=promises.kept(area, now()),
        neighbours=areas.neighbours(area, limit=5) if area.has_started else [],
    )


def of_team(ward: Area) -> dict:
    """What team_card needs to name a ward's team and whom residents ask for."""
    team = officers.team_of(ward)
    if team is None:
        return {"team": None}
    contact = officers.contact_of(team, now())
    portrait = pictures.portrait_of(contact) if contact else None
    return {"team": team, "people": officers.people_in(team), "contact": contact, "portrait": portrait}

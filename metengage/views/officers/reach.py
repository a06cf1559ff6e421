"""What the composer shows of where an alert goes, and whom it reaches there."""

from metengage import alerts, circles, fatigue, headcount, maps, officers
from metengage.forms import AlertForm
from metengage.models import Alert, Area
from metengage.views import now

MATCHES = 12  # places that a search shows


def of(alert: Alert, form: AlertForm, reach: headcount.Reach) -> dict:
    """All that _where.html and _reach.html need; of a correction, only how many it tells."""
    if alert.corrects_id:
        return {"reach": headcount.Reach(**alerts.reached(alert, now()))}
    team_wards = officers.wards_of(alert.team)
    circle = circles.of(alert)
    touched = circle.wards if circle else []
    drawn = circle.wards if circle else team_wards
    return {
        "reach": reach,
        "fatigue": fatigue.of(alert, reach, now()),
        "team_wards": team_wards,
        "units": _units(form),
        "others": _others(form, team_wards),
        "matches": matches(form),
        "circle": circle,
        "circle_told": circles.told(circle, alerts.written_to(alert)),
        "beyond": circles.by_borough([ward for ward in touched if ward.code not in form.offered]),
        "frame": maps.frame_of(drawn, circle),
        "side": maps.SIDE,
    }


def _units(form: AlertForm) -> dict[str, list[Area]]:
    """Command unit → its boroughs, for who may write to several of them."""
    units: dict[str, list[Area]] = {}
    for area in form.offered.values():
        if not area.is_ward and area.command_unit:
            units.setdefault(area.command_unit, []).append(area)
    return {unit: boroughs for unit, boroughs in units.items() if len(boroughs) > 1}


def _others(form: AlertForm, team_wards: list[Area]) -> list[Area]:
    """The places to tick besides the team’s wards: the boroughs of these, and what is ticked already."""
    shown = {ward.borough.code for ward in team_wards} | set(form.areas.data or ())
    return [area for code, area in form.offered.items() if code in shown and area not in team_wards]


def matches(form: AlertForm) -> list[Area]:
    """The places that a search finds among those that may be written to, but for those on show."""
    sought = (form.search.data or "").strip().casefold()
    ticked = form.areas.data or ()
    found = [area for area in form.offered.values() if sought and sought in area.full_name.casefold()]
    return [area for area in found if area.code not in ticked][:MATCHES]


def map_of(alert: Alert, chosen: list[str]) -> maps.Map:
    """The map of a draft, as it is kept: the wards of its team, or around a circle those that it touches."""
    circle = circles.of(alert)
    return maps.of(circle.wards if circle else officers.wards_of(alert.team), chosen, circle)

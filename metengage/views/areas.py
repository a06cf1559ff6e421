"""A ward's page: its team, what it promised and did, its events and alerts; as a calendar and a feed. For anybody."""

from flask import Blueprint, abort, make_response, render_template

from metengage import (
    actions,
    alerts,
    areas,
    calendars,
    events,
    feeling,
    figures,
    officers,
    pictures,
    priorities,
    stories,
)
from metengage.models import Area
from metengage.views import now, page
from metengage.views.events import calendar as as_file
from metengage.views.events import page_of

bp = Blueprint("areas", __name__)


@bp.get("/areas/<code>")
def show(code: str):
    area = _area(code)
    if not area.is_ward:
        wards = areas.wards_of([area])
        return page("areas/borough.html", area.name, area=area, wards=wards, alerts=alerts.of_area(area))
    return page(
        "areas/ward.html",
        area.full_name,
        area=area,
        **of_team(area),
        told=stories.gathered(alerts.of_area(area)),
        figures=figures.of(area, now()),
        quarters=feeling.trend(area, now()) if area.has_started else [],
        next_events=events.next_in(area, now()),
        promised=promised(area) if area.has_started else None,
        neighbours=areas.neighbours(area, limit=5) if area.has_started else [],
    )


def promised(ward: Area) -> dict:
    """What areas/_priorities.html needs."""
    set_now = priorities.set_in(ward)
    return {
        "set_now": set_now,
        "done": actions.of(set_now),
        "proposed": priorities.proposed_in(ward),
        "closed": priorities.closed_in(ward, now()),
    }


@bp.get("/areas/<code>/feed")
def feed(code: str):
    """The latest alerts as Atom (RFC 4287)."""
    area = _area(code)
    found = alerts.of_area(area)
    team = officers.team_of(area) if area.is_ward else None
    changed = max((alert.sending_at for alert in found), default=area.started_at or now())
    values = {"area": area, "alerts": found, "team": team, "changed": changed}
    reply = make_response(render_template("areas/feed.xml", **values))
    reply.mimetype = "application/atom+xml"
    return reply


@bp.get("/areas/<code>/calendar.ics")
def calendar(code: str):
    """A ward’s events, for calendars that ask again by themselves."""
    ward = _area(code)
    if not ward.is_ward:
        abort(404)
    name = f"{ward.full_name}: events of your police team"
    return as_file(calendars.of_many(name, events.in_calendar(ward, now()), page_of), f"{ward.code}.ics")


def _area(code: str) -> Area:
    found = areas.named([code])
    if not found:
        abort(404)
    return found[0]


def of_team(ward: Area) -> dict:
    """What team_card needs to name a ward's team and whom residents ask for."""
    team = officers.team_of(ward)
    if team is None:
        return {"team": None}
    contact = officers.contact_of(team, now())
    portrait = pictures.portrait_of(contact) if contact else None
    return {"team": team, "people": officers.people_in(team), "contact": contact, "portrait": portrait}

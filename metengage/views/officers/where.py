"""Officers choose where an alert goes: their team's wards, a unit, a search, a circle, a tap on the map."""

from collections.abc import Callable
from math import isfinite

from flask import abort, make_response, redirect, render_template, request, url_for

from metengage import audience, circles, forms, maps, officers
from metengage.geometry import Point
from metengage.models import Alert
from metengage.views import wants_part
from metengage.views.officers import alerts, bp, my_alert, reach

NOT_TAPPED = "Tap the map where the middle of the circle is, or enter a postcode"


def _must_choose_where(alert_id: int) -> None:
    """A correction and a withdrawal go to who got what they correct: nobody chooses where."""
    if my_alert(alert_id).corrects_id:
        abort(404)


def _kept_with(alert_id: int, change: Callable[[Alert, forms.AlertForm], object]):
    """Keep the draft with this change to where it goes, and show it again."""
    _must_choose_where(alert_id)
    alert, _form, stop = alerts.kept(alert_id, change)
    return stop or redirect(url_for("officers.edit", alert_id=alert.id, _anchor="where"), 303)


@bp.post("/alerts/<int(max=2147483647):alert_id>/where/team")
def tick_team(alert_id: int):
    """Tick all wards of the team."""
    return _kept_with(alert_id, lambda alert, form: form.tick(ward.code for ward in officers.wards_of(alert.team)))


@bp.post("/alerts/<int(max=2147483647):alert_id>/where/unit")
def tick_unit(alert_id: int):
    """Tick all boroughs of the command unit whose name is that of the button."""
    unit = request.form.get("unit", "")

    def tick(_alert: Alert, form: forms.AlertForm) -> None:
        boroughs = (area for area in form.offered.values() if not area.is_ward)
        form.tick(area.code for area in boroughs if area.command_unit == unit)

    return _kept_with(alert_id, tick)


@bp.post("/alerts/<int(max=2147483647):alert_id>/where/search")
def search(alert_id: int):
    """The places that match, as they are typed; by the button the draft is kept too."""
    _must_choose_where(alert_id)
    if wants_part():
        alert, form = alerts.form_of(alert_id)
        return render_template("officers/alerts/_matches.html", alert=alert, form=form, matches=reach.matches(form))
    alert, form, stop = alerts.kept(alert_id)
    sought = (form.search.data or "").strip()
    return stop or redirect(url_for("officers.edit", alert_id=alert.id, search=sought, _anchor="matches"), 303)


@bp.post("/alerts/<int(max=2147483647):alert_id>/where/circle")
def find_wards(alert_id: int):
    """Tick the wards around a place."""
    return _kept_with(alert_id, lambda _, form: form.keep(circles.around(form.place.data, form.metres())))


@bp.post("/alerts/<int(max=2147483647):alert_id>/where/map")
def tap(alert_id: int):
    """Tick the wards around a point of the map: a browser sends where its picture was pressed."""

    def keep(_alert: Alert, form: forms.AlertForm) -> None:
        form.keep(circles.around_point(_tapped(), form.metres()))

    return _kept_with(alert_id, keep)


def _tapped() -> Point:
    """Where on the map was pressed. Raises circles.NowhereKnown; a keyboard presses it nowhere."""
    names = ("at.x", "at.y", "latitude", "longitude", "metres")
    try:
        x, y, latitude, longitude, size = (float(request.form[name][:20]) for name in names)
    except (KeyError, ValueError):
        raise circles.NowhereKnown(NOT_TAPPED) from None
    frame = maps.Frame(Point(latitude, longitude), size)
    is_on_map = 0 < x <= maps.SIDE and 0 < y <= maps.SIDE
    if not (is_on_map and isfinite(size) and frame.middle.is_in_london):
        raise circles.NowhereKnown(NOT_TAPPED)
    return frame.point(x, y)


@bp.post("/alerts/<int(max=2147483647):alert_id>/where/no-circle")
def forget_circle(alert_id: int):
    """Keep the wards, but say nothing of a circle any more."""

    def forget(_alert: Alert, form: forms.AlertForm) -> None:
        form.removes_circle = True

    return _kept_with(alert_id, forget)


@bp.get("/alerts/<int(max=2147483647):alert_id>/map")
def draw(alert_id: int):
    """The map of a draft as a picture; the page says the same in words."""
    alert = my_alert(alert_id)
    drawn = reach.map_of(alert, audience.area_codes(alert))
    picture = make_response(render_template("officers/alerts/map.svg", map=drawn))
    picture.mimetype = "image/svg+xml"
    return picture

"""Choose where one hears of."""

from flask import g, redirect, request, session, url_for

from metengage import areas, forms, preferences
from metengage.models import Area
from metengage.views import now, page
from metengage.views.preferences import bp, cause, named, residents_only, said, say

NOTHING_CHOSEN = "You get no alerts now. Choose first what you want to hear about"
LAST_ONE = "This is the only area that you get alerts for. Add another before you remove it"


@bp.get("/preferences/areas", endpoint="areas")
@residents_only
def show_areas():
    return _areas(_form(ticked=session.pop("adding", [])))


@bp.post("/preferences/areas/add")
@residents_only
def add_areas():
    form = _form()
    if not form.validate_on_submit():
        return _areas(form, status=422)
    try:
        preferences.add_areas(g.resident, form.areas.data, now())
    except preferences.NothingLeft:
        form.areas.errors = [NOTHING_CHOSEN]
        return _areas(form, status=422)
    say(f"You now also get your alerts for {named(areas.named(form.areas.data))}.")
    return redirect(url_for("preferences.areas"), 303)


@bp.post("/preferences/areas/of-borough")
@residents_only
def offer_borough():
    """Offer the wards of another borough, and keep what is ticked so far."""
    session["adding"] = [area.code for area in areas.in_service(request.form.getlist("areas"))]
    return redirect(url_for("preferences.areas", borough=request.form.get("borough", "")), 303)


@bp.post("/preferences/areas/remove")
@residents_only
def remove_area():
    code = request.form.get("area", "")
    try:
        heard = preferences.remove_area(g.resident, code, now(), cause(g.resident))
    except preferences.NothingLeft:
        form = _form(formdata=None)
        form.areas.errors = [LAST_ONE]
        return _areas(form, status=422)
    for area in areas.named([code]):
        say(_removed(area, heard.areas))
    return redirect(url_for("preferences.areas"), 303)


def _removed(area: Area, rest: list[Area]) -> str:
    if area.borough in rest:
        return f"You still get alerts for {area.full_name}, because you get them for {area.borough.full_name}."
    return f"You no longer get alerts for {area.full_name}."


def _form(ticked: list[str] | None = None, **kwargs) -> forms.AddAreasForm:
    """The areas that they do not hear of yet: the nearest, and those of the borough they asked to see."""
    heard = preferences.of(g.resident)
    start = heard.home or (heard.areas[0] if heard.areas else None)
    near = [*areas.neighbours(start), start, start.borough] if start else []
    borough = areas.borough(request.args.get("borough", ""))
    more = [borough, *areas.wards_of([borough])] if borough and borough.has_started else []
    asked_for = areas.in_service(ticked or request.form.getlist("areas"))
    new = [area for area in [*near, *more, *asked_for] if not {area, area.borough} & set(heard.areas)]
    return forms.AddAreasForm(new, data={"areas": ticked or []}, **kwargs)


def _areas(form: forms.AddAreasForm, status: int = 200):
    return page(
        "preferences/areas.html",
        "Your areas",
        part="preferences/_areas.html",
        status=status,
        wrong=form if form.errors else None,
        form=form,
        heard=preferences.of(g.resident),
        said=said(),
        boroughs=areas.started_boroughs(),
        shown_borough=request.args.get("borough"),
    )

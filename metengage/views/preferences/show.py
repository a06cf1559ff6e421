"""See what one hears, and change it."""

from flask import g, redirect, request, session, url_for

from metengage import areas, forms, residents
from metengage.choices import ALERT_TYPES
from metengage.formats import listing
from metengage.views import now, page
from metengage.views.preferences import bp, is_full, residents_only


def mine(form: forms.PreferencesForm | None = None, status: int = 200):
    return page(
        "preferences/show.html",
        "Your preferences",
        part="preferences/_show.html",
        status=status,
        wrong=form if form and form.errors else None,
        said=session.pop("said", ""),
        resident=g.resident,
        is_full=is_full(),
        form=form or _form(),
        boroughs=areas.started_boroughs(),
        shown_borough=request.args.get("borough"),
    )


def _form() -> forms.PreferencesForm:
    """What this resident hears now, and what they could."""
    mine = residents.preferences(g.resident)
    near = [*areas.neighbours(mine.areas[0]), mine.areas[0].borough] if mine.areas else []
    borough = areas.borough(request.args.get("borough", ""))
    more = areas.wards_of([borough]) if borough and borough.has_started else []
    chosen = {"types": mine.types, "frequency": mine.frequency, "areas": [area.code for area in mine.areas]}
    return forms.PreferencesForm([*mine.areas, *near, *more], data=chosen)


@bp.post("/preferences/save")
@residents_only
def save():
    return _kept() or redirect(url_for("preferences.show"), 303)


@bp.post("/preferences/save/of-borough")
@residents_only
def save_and_show_borough():
    return _kept() or redirect(url_for("preferences.show", borough=request.form.get("borough", "")), 303)


def _kept():
    """Keep what was chosen and say it back; the page with what is wrong, if something is."""
    form = _form()
    if not form.validate_on_submit():
        return mine(form, status=422)
    kept = residents.change(g.resident, form.types.data, form.areas.data, form.frequency.data, now())
    session["said"] = (
        f"Saved. You now get {listing([ALERT_TYPES[slug].short for slug in kept.types])} "
        f"for {listing([area.full_name for area in kept.areas])}, {kept.frequency}."
    )
    return None

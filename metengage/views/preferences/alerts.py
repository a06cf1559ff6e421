"""Choose what one hears about, and how often."""

from flask import abort, g, redirect, request, url_for

from metengage import forecast, forms, preferences
from metengage.choices import ALERT_TYPES, FREQUENCIES, WHEN
from metengage.formats import listing
from metengage.views import now, page, wants_part
from metengage.views.preferences import bp, cause, named, residents_only, said, say

KEEP_ONE = "Keep at least one kind of alert. To get no emails, go back and pause, or stop all of them"
CHOOSE_ONE = "You get no alerts now. Choose for at least one kind below how often you want them"


@bp.get("/preferences/alerts")
@residents_only
def alerts():
    return _alerts(_form(formdata=None))


@bp.post("/preferences/alerts")
@residents_only
def save_alerts():
    form = _form()
    if form.validate_on_submit() and _keep(form, form.changes(), form.every.data):
        return redirect(url_for("preferences.show"), 303)
    return _alerts(form, status=422)


@bp.post("/preferences/alerts/all")
@residents_only
def set_every():
    form = _form()
    if form.validate_on_submit() and form.every.data:
        _keep(form, {}, form.every.data)
        return redirect(url_for("preferences.alerts"), 303)
    form.every.errors = [*form.every.errors, "Select how often you want emails"]
    return _alerts(form, status=422)


@bp.post("/preferences/often")
@residents_only
def set_often():
    """The same in one press, from the first page."""
    form, every = _form(formdata=None), request.form.get("every", "")
    if every in FREQUENCIES and _keep(form, {}, every):
        return redirect(url_for("preferences.show"), 303)
    return _alerts(form, status=422)


@bp.post("/preferences/alerts/<slug>")
@residents_only
def set_frequency(slug: str):
    """Where there is script, each choice is kept as it is made."""
    form = _form()
    if slug not in ALERT_TYPES:
        abort(404)
    form.validate()
    often = None if form[slug].data == forms.OFF else form[slug].data
    is_kept = not form[slug].errors and _keep(form, {slug: often})
    if is_kept and not wants_part():
        return redirect(url_for("preferences.alerts"), 303)
    return _alerts(form, status=200 if is_kept else 422, part="preferences/_kept.html", slug=slug)


def _form(**kwargs) -> forms.OftenForm:
    return forms.OftenForm(preferences.of(g.resident).frequencies, **kwargs)


def _alerts(form: forms.OftenForm, status: int = 200, part: str = "preferences/_alerts.html", **values):
    heard = preferences.of(g.resident)
    return page(
        "preferences/alerts.html",
        "What you hear about",
        part=part,
        status=status,
        wrong=form if form.errors else None,
        form=form,
        heard=heard,
        said=said(),
        volume=forecast.of(heard.frequencies, heard.codes, now()),
        **values,
    )


def _keep(form: forms.OftenForm, changes: dict[str, str | None], every: str | None = None) -> bool:
    """Keep what was changed and say it back; False, with the sentence beside its field, where it cannot be."""
    try:
        heard = preferences.set_all(g.resident, changes, now(), every, cause(g.resident))
    except preferences.NothingLeft:
        form[next(iter(changes), "every")].errors = [KEEP_ONE if changes else CHOOSE_ONE]
        return False
    say(_in_words((heard.frequencies if every else {}) | changes, heard))
    return True


def _in_words(changes: dict[str, str | None], heard: preferences.Preferences) -> str:
    by_frequency = {
        each: listing([ALERT_TYPES[slug].short for slug in ALERT_TYPES if slug in changes and changes[slug] == each])
        for each in (*FREQUENCIES, None)
    }
    ended = by_frequency.pop(None)
    begun = listing([f"{words} {WHEN[each]}" for each, words in by_frequency.items() if words])
    sentences = [f"You now get {begun} for {named(heard.areas)}."] if begun else []
    sentences += [f"You no longer get {ended}."] if ended else []
    return " ".join(sentences) or "Your preferences are saved."

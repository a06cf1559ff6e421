"""Say whether an alert was of use, by the link in its email: no sign-in, and opening it keeps nothing."""

from flask import Blueprint, redirect, url_for

from metengage import alerts, forms, links, ratings, standing
from metengage.choices import WHY_NOT_USEFUL
from metengage.models import Alert, Resident
from metengage.views import now, page

bp = Blueprint("ratings", __name__)


@bp.get("/rate/<token>")
def rate(token: str):
    resident, alert = _named_in(token)
    if not resident.is_confirmed:
        return page("ratings/left.html", "You have left", status=410, alert=alert)
    if standing.is_withdrawn(alert.corrects_id or alert.id):
        return page("ratings/withdrawn.html", "This alert was withdrawn", alert=alert)
    return page("ratings/rate.html", "Was this useful?", token=token, alert=alert, said=ratings.of(resident, alert))


@bp.post("/rate/<token>/useful")
def useful(token: str):
    return _keep(token, is_useful=True)


@bp.post("/rate/<token>/not-useful")
def not_useful(token: str):
    return _keep(token, is_useful=False)


def _keep(token: str, is_useful: bool):
    """Keep it and thank them; who may not say it any more is led to where it says why."""
    resident, alert = _named_in(token)
    kept = not standing.is_withdrawn(alert.corrects_id or alert.id) and ratings.rate(resident, alert, is_useful, now())
    return redirect(url_for("ratings.thanks" if kept else "ratings.rate", token=token), 303)


@bp.get("/rate/<token>/thanks")
def thanks(token: str):
    resident, alert = _named_in(token)
    said = ratings.of(resident, alert) if resident.is_confirmed else None
    if said is None:
        return redirect(url_for("ratings.rate", token=token))
    form = forms.WhyForm(formdata=None, data={"why": said.why})
    why = WHY_NOT_USEFUL.get(said.why, "")
    return page("ratings/thanks.html", "Thank you", token=token, alert=alert, said=said, why=why, form=form)


@bp.post("/rate/<token>/why")
def explain(token: str):
    """Why it was of no use, if they like; nothing chosen is no mistake."""
    resident, alert = _named_in(token)
    form = forms.WhyForm()
    if form.validate_on_submit():
        ratings.explain(resident, alert, form.why.data)
    return redirect(url_for("ratings.thanks", token=token), 303)


def _named_in(token: str) -> tuple[Resident, Alert]:
    """For whom a token is, and the alert that it came with, in the words that hold now. Raises LinkEnded."""
    signed = links.read(links.RATE, token)
    alert = alerts.public(signed.about_id or 0)
    if alert is None or signed.is_over:
        raise links.LinkEnded
    (shown,) = standing.as_it_is([alert])
    return signed.resident, shown

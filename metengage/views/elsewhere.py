"""Somebody who lives where one cannot sign up: a kind page, and an address left for the day it starts."""

from flask import Blueprint, abort, redirect, session, url_for

from metengage import areas, forms, limits, residents
from metengage.views import network, now, page, too_often

bp = Blueprint("elsewhere", __name__)


@bp.get("/sign-up/elsewhere")
def show():
    if "elsewhere" not in session:
        return redirect(url_for("signup.question", name="postcode"))
    return _elsewhere(forms.WaitingForm())


@bp.post("/sign-up/elsewhere")
def wait():
    if "elsewhere" not in session:
        return redirect(url_for("signup.question", name="postcode"), 303)
    form = forms.WaitingForm()
    borough = areas.borough(form.borough.data or "")
    if not form.validate_on_submit():
        return _elsewhere(form, status=422)
    if borough is None or borough.code not in session["elsewhere"]["boroughs"]:
        abort(400)
    if not limits.allows("waiting network", network(), now()):
        return too_often("Please wait a little")
    residents.wait_for(borough, form.email.data, now())
    session.pop("elsewhere")
    session["waiting_for"] = borough.code
    return redirect(url_for("elsewhere.waiting"), 303)


def _elsewhere(form: forms.WaitingForm, status: int = 200):
    place = session["elsewhere"]
    boroughs = areas.named(place["boroughs"])
    asked_by = "preferences.move" if place.get("moving") else "signup.question"
    titles = {
        areas.Found.NOT_STARTED: "We have not started in your area yet",
        areas.Found.CITY: "You are in the City of London",
        areas.Found.OUTSIDE: "You are outside London",
    }
    return page(
        "signup/elsewhere.html",
        titles[place["kind"]],
        part="signup/_elsewhere.html",
        status=status,
        wrong=form if form.errors else None,
        form=form,
        place=place,
        boroughs=boroughs,
        back_url=url_for(asked_by, name="postcode"),
        list_url=url_for(asked_by, name="borough"),
    )


@bp.get("/sign-up/waiting")
def waiting():
    borough = areas.borough(session.get("waiting_for", ""))
    if borough is None:
        return redirect(url_for("signup.question", name="postcode"))
    return page("signup/waiting.html", "We will write to you once", part="signup/_waiting.html", borough=borough)

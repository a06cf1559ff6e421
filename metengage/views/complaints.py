"""Complain about how we handle personal data; anybody may."""

from flask import Blueprint, redirect, session, url_for

from metengage import complaints, forms, jobs, limits
from metengage.models import Resident
from metengage.views import network, now, page, too_often
from metengage.views.preferences import is_full, resident_here

bp = Blueprint("complaints", __name__)


@bp.get("/complaints/new")
def new():
    resident = _resident()
    return _ask(forms.ComplaintForm(data={"email": resident.email if resident else ""}))


@bp.post("/complaints/new")
def complain():
    form = forms.ComplaintForm()
    if not form.validate_on_submit():
        return _ask(form, status=422)
    moment, email = now(), form.email.data
    if not (
        limits.allows("complaint network", network(), moment) and limits.allows("complaint address", email, moment)
    ):
        return too_often("Please wait a little before you complain again")
    complaint = complaints.complain(email, form.text.data, _resident(), moment)
    jobs.ring_urgent()
    session["complained"] = complaint.id
    return redirect(url_for("complaints.sent"), 303)


@bp.get("/complaints/sent")
def sent():
    if "complained" not in session:
        return redirect(url_for("complaints.new"))
    return page("complaints/sent.html", "We have your complaint", number=session["complained"])


def _ask(form: forms.ComplaintForm, status: int = 200):
    return page(
        "complaints/new.html",
        "Complain about how we handle your data",
        status=status,
        wrong=form if form.errors else None,
        form=form,
    )


def _resident() -> Resident | None:
    """Who complains, if they opened their page by a magic link: a link from an alert may be in other hands."""
    resident = resident_here()
    return resident if resident and is_full() else None

"""Administrators read complaints about how we handle data, and record what was answered."""

from flask import abort, redirect, session, url_for

from metengage import complaints, forms
from metengage.models import Complaint
from metengage.views import but, now, page
from metengage.views.officers import bp, me


@bp.get("/complaints")
def complaints_list():
    if not me().is_administrator:
        abort(404)
    return page(
        "officers/complaints/list.html",
        "Complaints about how we handle data",
        complaints=[_with_dates(each) for each in complaints.all_of_them()],
        moment=now(),
    )


@bp.get("/complaints/<int(max=2147483647):complaint_id>")
def complaint(complaint_id: int):
    """Looking at a resident's is written down, and they see it."""
    return _show(complaint_id, forms.AnswerForm())


@bp.post("/complaints/<int(max=2147483647):complaint_id>/answer")
def answer(complaint_id: int):
    form = forms.AnswerForm()
    if not form.validate_on_submit():
        return _show(complaint_id, form, status=422)
    answered = complaints.answer(me(), complaint_id, form.answer.data, now())
    nothing = but("Nothing has changed: it was answered or erased before.")
    session["said"] = "The answer is kept." if answered else nothing
    return redirect(url_for("officers.complaint", complaint_id=complaint_id), 303)


def _show(complaint_id: int, form: forms.AnswerForm, status: int = 200):
    found = complaints.look_at(me(), complaint_id, now())
    if found is None:
        abort(404)
    return page(
        "officers/complaints/show.html",
        f"Complaint {found.id}",
        status=status,
        wrong=form if form.errors else None,
        form=form,
        trouble=complaints.trouble(found),
        said=session.pop("said", ""),
        **_with_dates(found),
        moment=now(),
    )


def _with_dates(complaint: Complaint) -> dict:
    dates = {"acknowledge_by": complaints.acknowledge_by(complaint), "answer_by": complaints.answer_by(complaint)}
    return {"complaint": complaint} | dates

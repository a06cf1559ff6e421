"""Pause until a date, go on, and get no more than so many emails a week."""

from datetime import date, timedelta

from flask import g, redirect, session, url_for

from metengage import forms, profile
from metengage.formats import london, weekday
from metengage.views import now, page, wants_part
from metengage.views.preferences import beside, bp, residents_only

WEEKS = (1, 2, 4)


@bp.get("/preferences/pause")
@residents_only
def pause():
    return _show()


@bp.post("/preferences/pause")
@residents_only
def pause_now():
    form = forms.PauseForm(_today())
    if not form.validate_on_submit():
        return _show(pausing=form)
    profile.pause(g.resident, form.until.data)
    return _said(f"Paused. You get nothing from us until {weekday(profile.begins(form.until.data))}.")


@bp.post("/preferences/pause/end")
@residents_only
def go_on():
    profile.go_on(g.resident, now())
    return _said("Your pause is over. You get emails again from now on.")


@bp.post("/preferences/cap")
@residents_only
def cap():
    form = forms.CapForm()
    if not form.validate_on_submit():
        return _show(capping=form)
    most = form.answer()
    profile.cap(g.resident, most)
    words = "Saved. There is no limit to how many emails you get." if most is None else _capped(most)
    return beside(words) if wants_part() else _said(words)


def _capped(most: int) -> str:
    return f"Saved. You get no more than {forms.CAPS[str(most)]} a week."


def _said(words: str):
    session["said"] = words
    return redirect(url_for("preferences.pause"), 303)


def _today() -> date:
    return london(now()).date()


def _show(pausing: forms.PauseForm | None = None, capping: forms.CapForm | None = None):
    """The page with both forms; one that is given is wrong."""
    wrong, today = pausing or capping, _today()
    cap = g.resident.weekly_cap
    return page(
        "preferences/pause.html",
        "Pause, or get fewer emails",
        status=422 if wrong else 200,
        wrong=wrong,
        home=g.resident.home_id,
        said=session.pop("said", ""),
        state=profile.pause_in_words(g.resident, now()),
        is_paused=profile.is_paused(g.resident, now()),
        weeks=[(each, today + timedelta(weeks=each)) for each in WEEKS],
        pausing=pausing or forms.PauseForm(today, formdata=None),
        capping=capping or forms.CapForm(formdata=None, data={"most": "none" if cap is None else str(cap)}),
    )

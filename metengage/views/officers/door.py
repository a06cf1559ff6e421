"""At somebody's door, with or without a signal: an officer signs a resident up, who confirms on their own phone."""

from flask import make_response, redirect, session, url_for
from flask.wrappers import Response

from metengage import config, doorstep, forms, jobs, survey
from metengage.models import Area
from metengage.views import now, page, wants_part
from metengage.views.officers import bp, me

WORKER = config.ROOT / "static" / "js" / "door-worker.js"
TAKEN = (
    "They are signed up once they confirm. The email that asks them to is on its way: its link works for 7 days, "
    "and nothing else is sent before."
)


@bp.get("/door")
def door():
    wards = doorstep.wards_for(me())
    return _ask(forms.DoorstepForm(wards, now(), formdata=None), wards)


@bp.post("/door")
def sign_up():
    wards = doorstep.wards_for(me())
    form = forms.DoorstepForm(wards, now())
    if not form.validate_on_submit():
        return _ask(form, wards, 422)
    answers = form.answers() | {"borough": _borough(wards, form.ward.data)}
    try:
        doorstep.sign_up(me(), form.key.data, answers, now(), form.wording.data, form.agreed_at())
    except doorstep.NotNow as reason:
        form.email.errors = [str(reason)]
        return _ask(form, wards, 429)
    jobs.ring_urgent()
    if wants_part():
        return page("officers/door/show.html", "Taken", part="officers/door/_taken.html", key=form.key.data)
    session["said"] = TAKEN
    return redirect(url_for("officers.door"), 303)


def _borough(wards: list[Area], code: str) -> str:
    return next(ward.parent_id for ward in wards if ward.code == code)


def _ask(form: forms.DoorstepForm, wards: list[Area], status: int = 200) -> Response:
    return page(
        "officers/door/show.html",
        "At the door",
        part="officers/door/_form.html",
        status=status,
        wrong=form if form.errors else None,
        form=form,
        has_wards=bool(wards),
        typos=survey.TYPOS,
        taken=TAKEN,
        said=session.pop("said", "") if status == 200 else "",
    )


@bp.get("/door/worker.js")
def door_worker():
    """What shows the page without a signal; for this page alone, which is above where the file is."""
    reply = make_response(WORKER.read_text(encoding="utf-8"))
    reply.mimetype = "text/javascript"
    reply.headers["Service-Worker-Allowed"] = url_for("officers.door")
    return reply

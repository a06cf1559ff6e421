"""At somebody's door, with or without a signal: an officer signs a resident up, or asks them a survey's questions."""

from flask import abort, make_response, redirect, session, url_for
from flask.wrappers import Response

from metengage import config, doorstep, forms, jobs, survey, surveys
from metengage.models import Area, Survey
from metengage.views import but, now, page, wants_part
from metengage.views.officers import bp, me

WORKER = config.ROOT / "static" / "js" / "door-worker.js"
TAKEN = (
    "They are signed up once they confirm. The email that asks them to is on its way: its link works for 7 days, "
    "and nothing else is sent before."
)
ANSWERED = "Their answers are kept, without who they are."
CLOSED = "This survey has closed, and takes no more answers"


# --- Sign up ---


@bp.get("/door")
def door():
    wards = doorstep.wards_for(me())
    return _ask(forms.DoorstepForm(wards, now(), doorstep.last_ward(me()), formdata=None), wards)


@bp.post("/door")
def sign_up():
    wards = doorstep.wards_for(me())
    form = forms.DoorstepForm(wards, now(), doorstep.last_ward(me()))
    if not form.validate_on_submit():
        return _ask(form, wards, 422)
    answers = form.answers() | {"borough": _borough(wards, form.ward.data)}
    try:
        doorstep.sign_up(me(), form.key.once(form.email.data), answers, now(), form.wording.data, form.agreed_at())
    except doorstep.NotNow as reason:
        form.email.errors = [str(reason)]
        return _ask(form, wards, 429)
    jobs.ring_urgent()
    return _taken(form, TAKEN, url_for("officers.door"))


def _borough(wards: list[Area], code: str) -> str:
    return next(ward.parent_id for ward in wards if ward.code == code)


def _ask(form: forms.DoorstepForm, wards: list[Area], status: int = 200) -> Response:
    return _show("At the door", "officers/door/_form.html", form, wards, status, typos=survey.TYPOS)


# --- Ask a survey's questions ---


@bp.get("/door/surveys/<int(max=2147483647):survey_id>")
def door_survey(survey_id: int):
    survey = _survey(survey_id)
    if not survey.is_open:
        session["said"] = but(f"{CLOSED}.")
        return redirect(url_for("officers.door"))
    wards = _wards_of(survey)
    return _ask_survey(forms.at_door_form(survey, wards, doorstep.last_ward(me()), formdata=None), wards)


@bp.post("/door/surveys/<int(max=2147483647):survey_id>")
def take_answers(survey_id: int):
    survey = _survey(survey_id)
    wards = _wards_of(survey)
    form = forms.at_door_form(survey, wards, doorstep.last_ward(me()))
    if not form.validate_on_submit():
        return _ask_survey(form, wards, 422)
    said = form.ward.data, form.chosen(), form.texts()
    try:
        doorstep.take_answers(me(), form.key.once(*map(repr, said)), survey, *said, now())
    except surveys.Closed:
        form.ward.errors = [CLOSED]
        return _ask_survey(form, wards, 422)
    except doorstep.NotNow as reason:
        form.ward.errors = [str(reason)]
        return _ask_survey(form, wards, 429)
    return _taken(form, ANSWERED, url_for("officers.door_survey", survey_id=survey.id))


def _survey(survey_id: int) -> Survey:
    found = surveys.survey_for(me(), survey_id)
    if found is None or found.opened_at is None:
        abort(404)
    return found


def _wards_of(survey: Survey) -> list[Area]:
    return [ward for ward in doorstep.wards_for(me()) if survey.area_id in (ward.code, ward.parent_id)]


def _ask_survey(form: forms.AtDoorForm, wards: list[Area], status: int = 200) -> Response:
    return _show(form.survey.title, "officers/door/_survey.html", form, wards, status, survey=form.survey)


# --- Both ---


def _show(title: str, part: str, form, wards: list[Area], status: int, **values) -> Response:
    return page(
        "officers/door/show.html",
        title,
        part=part,
        status=status,
        wrong=form if form.errors else None,
        form=form,
        asks=part,
        to_ask=surveys.to_ask(me()),
        has_wards=bool(wards),
        said=session.pop("said", "") if status == 200 else "",
        **values,
    )


def _taken(form: forms.DoorstepForm | forms.AtDoorForm, words: str, url: str) -> Response:
    """The next empty form; or for the page that keeps it, the key of what was taken."""
    if wants_part():
        return page("officers/door/show.html", words, part="officers/door/_taken.html", key=form.key.data)
    session["said"] = words
    return redirect(url, 303)


@bp.get("/door/worker.js")
def door_worker():
    """What shows the pages for the door without a signal; for these alone, which are above where the file is."""
    reply = make_response(WORKER.read_text(encoding="utf-8"))
    reply.mimetype = "text/javascript"
    reply.headers["Service-Worker-Allowed"] = url_for("officers.door")
    return reply

"""A team asks its residents: write a survey, open it, tell of it in an alert, close it, see what they answered."""

from flask import abort, redirect, session, url_for

from metengage import areas, drafts, feeling, forms, officers, surveys
from metengage.models import Area, Survey
from metengage.views import but, now, page
from metengage.views.officers import bp, me


@bp.get("/surveys")
def surveys_list():
    return page(
        "officers/surveys/list.html",
        "Surveys",
        surveys=surveys.visible_to(me()),
        trends=[(area, feeling.trend(area, now())) for area in _looked_after()],
        said=session.pop("said", ""),
    )


def _looked_after() -> list[Area]:
    """The wards of an officer's teams; an administrator's are too many, and the boroughs stand for them."""
    if me().is_administrator:
        return areas.started_boroughs()
    return [ward for team in officers.teams_of(me()) for ward in officers.wards_of(team)]


# --- Write ---


@bp.get("/surveys/new")
def new_survey():
    return _write(_form())


@bp.post("/surveys")
def add_survey():
    form = _form()
    if not form.validate_on_submit():
        return _write(form, status=422)
    survey = surveys.write(me(), form.teams[form.team.data], now(), **form.written())
    return _back_to(survey, "It is kept. Look at it below, then open it.")


@bp.get("/surveys/<int(max=2147483647):survey_id>/edit")
def edit_survey(survey_id: int):
    survey = _survey(survey_id)
    return _write(_form(survey), survey) if survey.is_planned else _back_to(survey, but(OPENED))


@bp.post("/surveys/<int(max=2147483647):survey_id>/edit")
def save_survey(survey_id: int):
    survey = _survey(survey_id)
    form = _form(survey)
    if not form.validate_on_submit():
        return _write(form, survey, status=422)
    kept = surveys.rewrite(survey, team=form.teams[form.team.data], **form.written())
    return _back_to(survey, "It is kept. Look at it below, then open it." if kept else but(OPENED))


@bp.post("/surveys/<int(max=2147483647):survey_id>/put-away")
def put_survey_away(survey_id: int):
    survey = _survey(survey_id)
    if not surveys.put_away(survey, me(), now()):
        return _back_to(survey, but(OPENED))
    session["said"] = f"The survey “{survey.title}” is put away."
    return redirect(url_for("officers.surveys_list"), 303)


OPENED = "Nothing has changed: it was opened, and stays as residents know it, or was put away."


def _form(survey: Survey | None = None) -> forms.SurveyForm:
    teams = officers.teams_of(me())
    return forms.SurveyForm(teams, officers.areas_for(me(), teams[0]) if teams else [], survey)


def _write(form: forms.SurveyForm, survey: Survey | None = None, status: int = 200):
    wrong = form if form.errors else None
    title = "Change the survey" if survey else "New survey"
    return page("officers/surveys/write.html", title, status=status, wrong=wrong, form=form, survey=survey)


# --- Open, tell of it, close ---


@bp.get("/surveys/<int(max=2147483647):survey_id>")
def survey(survey_id: int):
    found = _survey(survey_id)
    return page(
        "officers/surveys/show.html",
        found.title,
        survey=found,
        results=surveys.results(found),
        how_many=surveys.how_many(found),
        few=surveys.are_few(found),
        said=session.pop("said", ""),
    )


@bp.post("/surveys/<int(max=2147483647):survey_id>/open")
def open_survey(survey_id: int):
    survey = _survey(survey_id)
    opened = surveys.open_it(survey, me(), now())
    return _back_to(
        survey, "It is open. Write an alert about it." if opened else but("It was opened before, or put away.")
    )


@bp.post("/surveys/<int(max=2147483647):survey_id>/close")
def close_survey(survey_id: int):
    survey = _survey(survey_id)
    closed = surveys.close(survey, me(), now())
    return _back_to(survey, "It is closed. These are the answers." if closed else but("It is not open."))


@bp.post("/surveys/<int(max=2147483647):survey_id>/alert")
def write_about_survey(survey_id: int):
    survey = _survey(survey_id)
    if not survey.is_open:
        return _back_to(survey, but("It is not open: nobody could answer it."))
    draft = drafts.begin(me(), survey.team, now(), places=[survey.area], **surveys.alert_words(survey))
    return redirect(url_for("officers.edit", alert_id=draft.id), 303)


def _survey(survey_id: int) -> Survey:
    found = surveys.survey_for(me(), survey_id)
    if found is None:
        abort(404)
    return found


def _back_to(survey: Survey, said: str | dict):
    session["said"] = said
    return redirect(url_for("officers.survey", survey_id=survey.id), 303)

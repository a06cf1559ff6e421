"""Answer a team's survey, and say how well informed one feels: by a link from an email, without signing in."""

from flask import Blueprint, redirect, url_for

from metengage import feeling, forms, links, surveys
from metengage.choices import ALERT_TYPES, INFORMED
from metengage.models import Resident, Survey
from metengage.views import now, page
from metengage.views.concerns import RIGHT_WAY
from metengage.views.preferences import resident_here

bp = Blueprint("surveys", __name__)


# --- A survey ---


@bp.get("/surveys/<int(max=2147483647):survey_id>")
def mine(survey_id: int):
    """From the web copy of an alert, as those have it who read it in a digest: whom it asks gets their own link."""
    resident, survey = resident_here(), surveys.public(survey_id)
    if resident is None or survey is None:
        return redirect(url_for("preferences.show"), 303)
    if not surveys.asks(resident, survey):
        about = ALERT_TYPES[survey.alert_type].short
        return page("surveys/others.html", "This survey asks other people", status=403, survey=survey, about=about)
    return redirect(url_for("surveys.answer", token=links.sign(links.SURVEY, resident, survey_id)), 303)


@bp.get("/survey/<token>")
def answer(token: str):
    resident, survey = _named_in(token)
    if not resident.is_confirmed or not survey.is_open:
        return _too_late(resident, survey)
    said = surveys.answer_of(resident, survey)
    return _ask(token, forms.answer_survey_form(survey, said, formdata=None), has_answered=said is not None)


@bp.post("/survey/<token>")
def send(token: str):
    resident, survey = _named_in(token)
    again = redirect(url_for("surveys.answer", token=token), 303)
    if not resident.is_confirmed or not survey.is_open:
        return again
    form = forms.answer_survey_form(survey)
    is_whole, ways = form.validate_on_submit(), form.ways()
    if ways or not is_whole:
        return _ask(token, form, status=422, ways=ways)
    try:
        kept = surveys.answer(resident, survey, form.chosen(), form.texts(), now())
    except surveys.Closed:
        kept = False
    return redirect(url_for("surveys.thanks", token=token), 303) if kept else again


@bp.get("/survey/<token>/thanks")
def thanks(token: str):
    resident, survey = _named_in(token)
    if not resident.is_confirmed or surveys.answer_of(resident, survey) is None:
        return redirect(url_for("surveys.answer", token=token))
    return page("surveys/thanks.html", "Thank you", survey=survey, token=token)


def _too_late(resident: Resident, survey: Survey):
    if not resident.is_confirmed:
        return page("surveys/left.html", "You have left", status=410, caption=survey.title)
    return page("surveys/closed.html", "This survey has closed", survey=survey)


def _ask(token: str, form: forms.AnswerSurveyForm, status: int = 200, ways: list | None = None, has_answered=False):
    return page(
        "surveys/answer.html",
        RIGHT_WAY if ways else form.survey.title,
        status=status,
        wrong=form if form.errors else None,
        token=token,
        survey=form.survey,
        form=form,
        ways=ways or [],
        has_answered=has_answered,
    )


def _named_in(token: str) -> tuple[Resident, Survey]:
    """For whom a token is, and the survey. Raises LinkEnded."""
    signed = links.read(links.SURVEY, token)
    survey = surveys.public(signed.about_id or 0)
    if survey is None or signed.is_over:
        raise links.LinkEnded
    return signed.resident, survey


# --- How well informed ---


@bp.get("/informed/<token>")
def informed(token: str):
    resident = _asked_in(token)
    if not resident.is_confirmed:
        return page("surveys/left.html", "You have left", status=410, caption="")
    return _ask_informed(token, resident, forms.InformedForm(formdata=None))


@bp.post("/informed/<token>")
def say(token: str):
    resident, form = _asked_in(token), forms.InformedForm()
    if not resident.is_confirmed:
        return redirect(url_for("surveys.informed", token=token), 303)
    if not form.validate_on_submit():
        return _ask_informed(token, resident, form, status=422)
    feeling.say(resident, int(form.score.data), now())
    return redirect(url_for("surveys.said", token=token), 303)


@bp.get("/informed/<token>/thanks")
def said(token: str):
    resident = _asked_in(token)
    words = feeling.said_lately(resident, now()) if resident.is_confirmed else None
    if words is None:
        return redirect(url_for("surveys.informed", token=token))
    return page("surveys/said.html", "Thank you", words=INFORMED[words.score], token=token, ward=resident.home)


@bp.post("/informed/<token>/no-more")
def no_more(token: str):
    """They do not want to be asked again."""
    resident = _asked_in(token)
    if not resident.is_confirmed:
        return redirect(url_for("surveys.informed", token=token), 303)
    feeling.ask_no_more(resident)
    return redirect(url_for("surveys.asked_no_more", token=token), 303)


@bp.get("/informed/<token>/no-more")
def asked_no_more(token: str):
    resident = _asked_in(token)
    if not resident.is_confirmed or resident.ask_at is not None:
        return redirect(url_for("surveys.informed", token=token))
    return page("surveys/no_more.html", "We do not ask you again", token=token)


def _ask_informed(token: str, resident: Resident, form: forms.InformedForm, status: int = 200):
    wrong = form if form.errors else None
    title = "How well informed do you feel?"
    return page("surveys/informed.html", title, status=status, wrong=wrong, form=form, token=token, ward=resident.home)


def _asked_in(token: str) -> Resident:
    """Whom a token asks. Raises LinkEnded."""
    signed = links.read(links.INFORMED, token)
    if signed.is_over:
        raise links.LinkEnded
    return signed.resident

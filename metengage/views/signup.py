"""Sign up: one route asks every question; confirm by the email's link."""

from flask import Blueprint, abort, redirect, request, session, url_for

from metengage import areas, feeling, forecast, forms, jobs, limits, links, preferences, residents, survey
from metengage.choices import ALERT_TYPES, CONSENT_WORDINGS, IMMEDIATELY, INFORMED, WORDING
from metengage.models import Informed, Link, Resident
from metengage.views import network, now, page, too_often
from metengage.views.areas import of_team
from metengage.views.preferences import LIMITED, begin_session

bp = Blueprint("signup", __name__)


def _answers() -> dict:
    return session.get("answers", {})


# --- The questions ---


@bp.get("/sign-up/")
def start():
    return redirect(url_for("signup.question", name=survey.first_unanswered({})))


@bp.get("/sign-up/<name>")
def question(name: str):
    answers = _answers()
    if name not in survey.QUESTIONS:
        abort(404)
    if not survey.may_visit(name, answers):
        return redirect(_url(survey.first_unanswered(answers)))
    return _ask(name, forms.survey_form(name, answers, **_also(name)), answers)


@bp.post("/sign-up/<name>")
def answer(name: str):
    answers = _answers()
    if name not in survey.QUESTIONS:
        abort(404)
    if not survey.may_visit(name, answers):
        return redirect(_url(survey.first_unanswered(answers)), 303)
    form = forms.survey_form(name, answers, **_also(name))
    if not form.validate_on_submit():
        return _ask(name, form, answers, status=422)
    if form.elsewhere:
        session["elsewhere"] = form.elsewhere
        return redirect(url_for("elsewhere.show"), 303)
    session["answers"] = survey.with_answer(answers, name, form.answer())
    return redirect(_url(survey.after(name, session["answers"], _is_changing()), _is_changing()), 303)


@bp.post("/sign-up/areas/of-borough")
def more_areas():
    """Keep what is ticked so far and offer the wards of another borough."""
    answers = _answers()
    if not survey.may_visit("areas", answers):
        return redirect(_url(survey.first_unanswered(answers)), 303)
    form = forms.survey_form("areas", answers)
    if not form.validate_on_submit():
        return _ask("areas", form, answers, status=422)
    # Kept beside the answers: the question is answered only by Continue.
    session["ticked"] = form.answer()
    return redirect(_url("areas", _is_changing(), borough=request.form.get("borough", "")), 303)


@bp.post("/sign-up/types/volume")
def volume():
    """How many emails the ticked types would bring. Nothing is kept."""
    answers = _answers()
    if not survey.may_visit("types", answers):
        return redirect(_url(survey.first_unanswered(answers)), 303)
    return _ask("types", forms.survey_form("types", answers), answers, part="signup/_volume.html")


def _also(name: str) -> dict:
    if name != "areas":
        return {}
    borough = areas.borough(request.args.get("borough", ""))
    return {
        "also": areas.wards_of([borough]) if borough and borough.has_started else [],
        "ticked": session.pop("ticked", None) if request.method == "GET" else None,
    }


def _ask(name: str, form: forms.QuestionForm, answers: dict, status: int = 200, part: str = "signup/_question.html"):
    asked = survey.QUESTIONS[name]
    before = survey.before(name, answers)
    if _is_changing():
        before = survey.CHECK
    return page(
        "signup/question.html",
        asked.title,
        part=part,
        status=status,
        wrong=form if form.errors else None,
        form=form,
        question=asked,
        back_url=_url(before) if before else url_for("home.start"),
        action=_url(name, _is_changing()),
        list_url=_url("borough"),
        button="Continue",
        changing=_is_changing(),
        **_facts(name, form, answers),
    )


def _facts(name: str, form: forms.QuestionForm, answers: dict) -> dict:
    """What some questions show besides their form."""
    if name == "areas":
        return {
            "boroughs": areas.started_boroughs(),
            "shown_borough": request.args.get("borough"),
        }
    if name in ("types", "frequency"):
        ticked = form.types.data or [] if name == "types" else answers["types"]
        types = [slug for slug in ALERT_TYPES if slug in ticked]
        codes = [answers["ward"], *answers["areas"]]
        return {"types": types, "volume": forecast.of(dict.fromkeys(types, IMMEDIATELY), codes, now())}
    return {}


def _is_changing() -> bool:
    return request.args.get("change") == "1"


def _url(name: str, changing: bool = False, **values) -> str:
    if name == survey.CHECK:
        return url_for("signup.check")
    return url_for("signup.question", name=name, change="1" if changing else None, **values)


# --- Check, submit, confirm ---


@bp.get("/sign-up/check")
def check():
    if survey.first_unanswered(_answers()) != survey.CHECK:
        return redirect(_url(survey.first_unanswered(_answers())))
    return _check(forms.ConsentForm(CONSENT_WORDINGS[WORDING]))


@bp.post("/sign-up/check")
def submit():
    answers = _answers()
    if survey.first_unanswered(answers) != survey.CHECK:
        # Pressed twice, or from a second tab: the first press has been taken.
        return redirect(
            url_for("signup.sent") if "signed_up" in session else _url(survey.first_unanswered(answers)), 303
        )
    form = forms.ConsentForm(CONSENT_WORDINGS[WORDING])
    if not form.validate_on_submit():
        return _check(form, status=422)
    if not limits.allows("sign-up network", network(), now()):
        return too_often("Please wait a little before you sign up")
    residents.sign_up(answers, now())
    jobs.ring_urgent()
    session["signed_up"] = answers["email"]
    session.pop("answers")
    return redirect(url_for("signup.sent"), 303)


def _check(form: forms.ConsentForm, status: int = 200):
    answers = _answers()
    return page(
        "signup/check.html",
        "Check your answers",
        part="signup/_check.html",
        status=status,
        wrong=form if form.errors else None,
        form=form,
        rows=residents.read_back(answers),
        typo=survey.likely_typo(answers["email"]),
        back_url=_url(survey.before(survey.CHECK, answers)),
    )


@bp.get("/sign-up/sent")
def sent():
    if "signed_up" not in session:
        return redirect(_url(survey.first_unanswered(_answers())))
    return page("signup/sent.html", "Check your email", part="signup/_sent.html", email=session["signed_up"])


@bp.get("/confirm/<token>")
def confirm(token: str):
    link = links.find(Link.CONFIRM, token, now())
    if link.consent.confirmed_at:
        return redirect(url_for("signup.confirmed", token=token))
    answers = link.consent.answers
    return page(
        "signup/confirm.html",
        "Confirm that you want these emails",
        rows=[row for row in residents.read_back(answers) if row[0].name in ("ward", "areas", "types", "frequency")],
        token=token,
    )


@bp.post("/confirm/<token>")
def confirm_now(token: str):
    resident = residents.confirm(links.find(Link.CONFIRM, token, now()), now())
    if resident.is_confirmed:
        begin_session(resident, LIMITED)  # whoever has just proved their address need not ask for another link
    jobs.ring_urgent()
    return redirect(url_for("signup.confirmed", token=token), 303)


@bp.get("/confirm/<token>/done")
def confirmed(token: str):
    link = links.find(Link.CONFIRM, token, now())
    if not link.consent.confirmed_at:
        return redirect(url_for("signup.confirm", token=token))
    return _confirmed(token, _signed_up(link), forms.InformedForm(formdata=None))


@bp.post("/confirm/<token>/informed")
def say_informed(token: str):
    """How well informed they feel, if they like to say so."""
    link, form = links.find(Link.CONFIRM, token, now()), forms.InformedForm()
    if not link.consent.confirmed_at:
        return redirect(url_for("signup.confirm", token=token), 303)
    resident = _signed_up(link)
    if not form.validate_on_submit():
        return _confirmed(token, resident, form, status=422)
    feeling.say(resident, int(form.score.data), now(), Informed.SIGN_UP)
    return redirect(url_for("signup.confirmed", token=token, _anchor="informed"), 303)


def _signed_up(link: Link) -> Resident:
    if not link.resident.is_confirmed:  # they have left since
        raise links.LinkEnded
    return link.resident


def _confirmed(token: str, resident: Resident, form: forms.InformedForm, status: int = 200):
    said = feeling.said_lately(resident, now())
    return page(
        "signup/confirmed.html",
        "You are signed up",
        status=status,
        wrong=form if form.errors else None,
        token=token,
        form=form,
        informed=INFORMED[said.score] if said else "",
        ward=resident.home,
        **of_team(resident.home),
        mine=preferences.of(resident),
    )

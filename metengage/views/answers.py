"""Answer an alert by the link in its email: no sign-in, one page, one POST; private to the team that sent it."""

from flask import Blueprint, redirect, url_for

from metengage import alerts, concerns, forms, jobs, links, restrictions, standing
from metengage.models import Alert, Resident
from metengage.views import network, now, page
from metengage.views.concerns import RIGHT_WAY, refusal

bp = Blueprint("answers", __name__)


@bp.get("/answer/<token>")
def answer(token: str):
    resident, alert = _named_in(token)
    if not resident.is_confirmed:
        return page("answers/left.html", "You have left", status=410, alert=alert)
    said = concerns.answer_of(resident, alert)
    if said:
        return page("answers/said.html", "The team has your answer", alert=alert, concern=said, token=_theirs(said))
    if standing.is_withdrawn(alert.corrects_id or alert.id):
        return page("answers/withdrawn.html", "This alert was withdrawn", alert=alert)
    return _ask(token, alert, forms.AnswerAlertForm(formdata=None))


@bp.post("/answer/<token>")
def send(token: str):
    resident, alert = _named_in(token)
    again = redirect(url_for("answers.answer", token=token), 303)
    if not resident.is_confirmed or standing.is_withdrawn(alert.corrects_id or alert.id):
        return again
    form = forms.AnswerAlertForm()
    is_whole, ways = form.validate_on_submit(), form.ways()
    if ways or not is_whole:
        return _ask(token, alert, form, status=422, ways=ways)
    try:
        concerns.answer(resident, alert, concerns.Said(form.key.once(form.text.data), form.text.data), network(), now())
    except concerns.SaidAlready:
        return again
    except restrictions.Limited as limit:
        form.text.errors = [refusal(limit)]
        return _ask(token, alert, form, status=422)
    jobs.ring_urgent()
    return again


def _ask(token: str, alert: Alert, form: forms.AnswerAlertForm, status: int = 200, ways: list | None = None):
    return page(
        "answers/answer.html",
        RIGHT_WAY if ways else "Answer your team",
        status=status,
        wrong=form if form.errors else None,
        token=token,
        alert=alert,
        form=form,
        ways=ways or [],
    )


def _theirs(concern) -> str:
    """The token of the page where they see what came of it."""
    return links.sign(links.CONCERN, concern.resident, concern.id)


def _named_in(token: str) -> tuple[Resident, Alert]:
    """For whom a token is, and the alert that it came with. Raises LinkEnded."""
    signed = links.read(links.ANSWER, token)
    alert = alerts.public(signed.about_id or 0)
    if alert is None or signed.is_over:
        raise links.LinkEnded
    return signed.resident, standing.first_of(alert)

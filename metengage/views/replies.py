"""See what came of what one told a team, by the link in an email: reply, or say that it is not solved."""

from flask import Blueprint, redirect, url_for

from metengage import concerns, floods, forms, links, promises, responses, restrictions
from metengage.models import Concern
from metengage.views import now, page
from metengage.views.concerns import RIGHT_WAY, refusal

bp = Blueprint("replies", __name__)


@bp.get("/concerns/<token>")
def show(token: str):
    concern = _named_in(token)
    if not concern.resident.is_confirmed:
        return page("concerns/left.html", "You have left", status=410)
    return _show(token, concern)


@bp.post("/concerns/<token>/reply")
def reply(token: str):
    return _say(token, forms.ReplyForm(), responses.reply)


@bp.post("/concerns/<token>/not-solved")
def not_solved(token: str):
    return _say(token, forms.NotSolvedForm(), responses.not_solved)


def _say(token: str, form: forms.SaidForm, act):
    concern = _named_in(token)
    is_whole, ways = form.validate_on_submit(), form.ways()
    if ways or not is_whole:
        return _show(token, concern, form, ways)
    if not floods.takes_reply(concern.id, now()):
        form.text.errors = ["You have written a lot in a short time. Wait an hour, then send this again"]
        return _show(token, concern, form)
    try:
        kept = act(concern, form.text.data, form.key.once(form.text.data), now())
    except restrictions.Limited as limit:
        form.text.errors = [refusal(limit)]
        return _show(token, concern, form)
    if not kept:
        form.text.errors = ["This was not sent: it has been closed or opened meanwhile. See what is new above"]
        return _show(token, Concern.get_by_id(concern.id), form)
    return redirect(url_for("replies.show", token=token, _anchor="history"), 303)


def _show(token: str, concern: Concern, form: forms.SaidForm | None = None, ways: list | None = None):
    reopening = responses.may_reopen(concern)
    kind = forms.NotSolvedForm if reopening else forms.ReplyForm
    shown = form if isinstance(form, kind) else kind(formdata=None, data={"text": form.text.data if form else ""})
    if form is not None and form is not shown:
        shown.text.errors = form.text.errors
    return page(
        "concerns/show.html",
        RIGHT_WAY if ways else "What you told your team",
        status=422 if form else 200,
        wrong=shown if form and shown.errors else None,
        token=token,
        concern=concern,
        messages=concerns.told(concern),
        form=shown if concern.is_open or reopening else None,
        reopening=reopening,
        is_late=promises.is_late(concern, now()),
        ways=ways or [],
    )


def _named_in(token: str) -> Concern:
    """The concern that a token is for, which its writer confirmed. Raises LinkEnded."""
    signed = links.read(links.CONCERN, token)
    concern = concerns.raised_by(signed.resident, signed.about_id or 0)
    if concern is None or concern.state == Concern.UNCONFIRMED or signed.is_over:
        raise links.LinkEnded
    return concern

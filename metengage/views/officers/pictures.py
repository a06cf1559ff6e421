"""Officers bring a picture and a poster to a draft, and take them away."""

from collections.abc import Callable

from flask import make_response, redirect, request, session, url_for
from flask.wrappers import Response
from werkzeug.datastructures import CombinedMultiDict

from metengage import forms, pictures
from metengage.images import Unusable
from metengage.models import Alert, Picture
from metengage.views import but, now, page, takes_files, wants_part
from metengage.views.officers import bp, me, my_alert

FORMS = {Picture.PICTURE: forms.PictureForm, Picture.POSTER: forms.PosterForm}
PUT = {Picture.PICTURE: pictures.put, Picture.POSTER: pictures.put_poster}


def beside(alert: Alert, wrong: forms.BroughtForm | None = None, refused: dict[str, str] | None = None) -> dict:
    """What templates/officers/alerts/_picture.html needs, on whichever page it is.

    `refused` says of a picture or a poster why its words must be mended before the alert may go.
    """
    of_alert = pictures.of(alert)
    brought = {kind: form(None, getattr(of_alert, kind), kind) for kind, form in FORMS.items()}
    for kind in FORMS.keys() & (refused or {}):
        brought[kind].words.errors = [refused[kind]]
    return {
        "pictures": of_alert,
        "brought": brought | ({wrong.kind: wrong} if wrong else {}),
        "said_of_pictures": session.pop("said_of_pictures", ""),
    }


@bp.get("/alerts/<int(max=2147483647):alert_id>/picture")
def pictures_of(alert_id: int):
    alert = my_alert(alert_id)
    return _show(alert) if alert.is_draft else redirect(url_for("officers.watch", alert_id=alert.id))


@bp.post("/alerts/<int(max=2147483647):alert_id>/picture")
@takes_files
def put_picture(alert_id: int):
    return _put(my_alert(alert_id), Picture.PICTURE)


@bp.post("/alerts/<int(max=2147483647):alert_id>/poster")
@takes_files
def put_poster(alert_id: int):
    return _put(my_alert(alert_id), Picture.POSTER)


@bp.post("/alerts/<int(max=2147483647):alert_id>/picture/remove")
def remove_picture(alert_id: int):
    return _remove(my_alert(alert_id), Picture.PICTURE)


@bp.post("/alerts/<int(max=2147483647):alert_id>/poster/remove")
def remove_poster(alert_id: int):
    return _remove(my_alert(alert_id), Picture.POSTER)


def _put(alert: Alert, kind: str) -> Response:
    form = FORMS[kind](CombinedMultiDict((request.files, request.form)), getattr(pictures.of(alert), kind), kind)
    if not form.validate():
        return _show(alert, form)
    try:
        return _done(alert, lambda: _keep(alert, form))
    except Unusable as reason:
        form.file.errors = [str(reason)]
        return _show(alert, form)


def _keep(alert: Alert, form: forms.BroughtForm) -> str:
    """What was done, in words."""
    if form.file.data:
        PUT[form.kind](alert, me(), form.file.data.read(pictures.LARGEST + 1), form.words.data, now())
        return f"The {form.kind} is in the alert."
    pictures.reword(alert, me(), form.kind, form.words.data, now())
    return f"The words of the {form.kind} are kept."


def _remove(alert: Alert, kind: str) -> Response:
    def remove() -> str:
        pictures.remove(alert, kind, now())
        return f"The {kind} is removed."

    return _done(alert, remove)


def _done(alert: Alert, act: Callable[[], str]) -> Response:
    """Do it and say so, where the officer writes; or where they watch, when the alert was sent meanwhile."""
    try:
        session["said_of_pictures"] = act()
    except pictures.NotADraft:
        session["said"] = but("The alert is on its way already: its picture and its poster stay as they are.")
        return _go(url_for("officers.watch", alert_id=alert.id))
    if not wants_part():
        return redirect(url_for("officers.edit", alert_id=alert.id, _anchor="pictures"), 303)
    reply = _show(alert)
    reply.headers["HX-Reswap"] = "outerHTML"  # no file stays chosen
    reply.headers["HX-Trigger"] = "pictured"  # how the email looks is drawn anew
    return reply


def _go(url: str) -> Response:
    """Leave the page for this one; a part of it cannot say what there is to say."""
    if not wants_part():
        return redirect(url, 303)
    reply = make_response("")
    reply.headers["HX-Redirect"] = url
    return reply


def _show(alert: Alert, wrong: forms.BroughtForm | None = None) -> Response:
    return page(
        "officers/alerts/picture.html",
        "Picture and poster",
        part="officers/alerts/_picture.html",
        status=422 if wrong else 200,
        wrong=wrong,
        alert=alert,
        **beside(alert, wrong),
    )

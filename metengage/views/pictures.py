"""Pictures and posters, for anybody who has their address once the alert is sent; for its team before."""

import re

from flask import Blueprint, abort, make_response
from flask_login import current_user

from metengage import alerts, pictures, standing
from metengage.models import Picture
from metengage.views.officers import me

bp = Blueprint("pictures", __name__)

KEPT = 3600  # seconds that a browser may show it without asking: it may be withdrawn


@bp.get("/pictures/<key>/<name>")
def show(key: str, name: str):
    found = pictures.file(key, name)
    if found is None or not (_is_public(found.picture) or _is_mine(found.picture)):
        abort(404)
    reply = make_response(bytes(found.content))
    if name == pictures.POSTER:
        reply.mimetype = "application/pdf"
        reply.headers.set("Content-Disposition", "inline", filename=f"{_slug(found.picture.words)}.pdf")
    else:
        reply.mimetype = "image/jpeg"
    reply.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    if _is_public(found.picture):
        reply.headers["Cache-Control"] = f"public, max-age={KEPT}"
    return reply


def _is_public(picture: Picture) -> bool:
    """What was sent and stands; what was done about a priority; the portrait of whoever works here."""
    alert = picture.alert
    if alert is None:
        return picture.action_id is not None or picture.officer.suspended_at is None
    return alert.is_public and not standing.is_withdrawn(alert.corrects_id or alert.id)


def _is_mine(picture: Picture) -> bool:
    return current_user.is_authenticated and alerts.alert_for(me(), picture.alert_id) is not None


def _slug(words: str) -> str:
    return "-".join(re.findall("[a-z0-9]+", words.lower()))[:60] or "poster"

"""Where mail providers report what came back."""

import logging

from flask import Blueprint, abort, jsonify, request

from metengage import bounces, providers, sns
from metengage.views import now

bp = Blueprint("bounces", __name__)

log = logging.getLogger(__name__)


@bp.post("/bounces/<provider>")
def receive(provider: str):
    """Anything but 2xx makes a provider try again, but for 403."""
    try:
        login = request.authorization or {}
    except ValueError:  # it is not even text
        abort(403)
    try:
        report = providers.read(
            provider, request.get_data(), (login.get("username") or "", login.get("password") or ""), now()
        )
    except providers.NotHere:
        abort(404)
    except providers.NotUnderstood:
        abort(400)
    except sns.Forged as wrong:
        log.warning("A report at /bounces/%s was refused: %s", provider, wrong)
        abort(403)
    except sns.Unreachable as trouble:
        log.warning("A report at /bounces/%s waits: %s", provider, trouble)
        return jsonify(outcome="try again later"), 503
    return jsonify(outcome=bounces.record(report, now()) if report else bounces.Outcome.NO_BOUNCE)

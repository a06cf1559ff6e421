"""What people see when something is wrong; never without 999 and 101."""

import logging

from flask import Flask, Response, render_template, request
from flask_wtf.csrf import CSRFError
from peewee import PeeweeException
from werkzeug.exceptions import HTTPException, MethodNotAllowed, SecurityError

from metengage.links import LinkEnded
from metengage.views import instead_of_part, page, wants_part

log = logging.getLogger(__name__)

TITLES = {
    400: "Something is wrong with this request",
    403: "You may not see this page",
    404: "Page not found",
    405: "That does not work this way",
    413: "That is too much at once",
    415: "We cannot read that",
    429: "Please wait a little",
}


def init_app(app: Flask) -> None:
    app.register_error_handler(LinkEnded, link_ended)
    app.register_error_handler(CSRFError, form_too_old)
    app.register_error_handler(SecurityError, misaddressed)
    app.register_error_handler(HTTPException, refused)
    app.register_error_handler(Exception, broken)


def link_ended(error: LinkEnded):
    return page("errors/link_ended.html", "This link no longer works", status=410)


def form_too_old(error: CSRFError):
    return page("errors/form_too_old.html", "Please send that again", status=400)


def misaddressed(error: SecurityError):
    """Asked for under a host name that is not ours: no address can be built here, so no page can be drawn."""
    return Response("This is not the address of this service.", 400, mimetype="text/plain")


def refused(error: HTTPException):
    if error.code is None or error.code < 400:
        return error
    if error.code >= 500:
        return broken(error)
    title = TITLES.get(error.code, error.name)
    reply = page("errors/refused.html", title, status=error.code, code=error.code)
    if isinstance(error, MethodNotAllowed) and error.valid_methods:
        reply.headers["Allow"] = ", ".join(error.valid_methods)
    return reply


def broken(error: Exception):
    """A fault of ours: a page that needs nothing else to work, so that it works when nothing does."""
    log.error("%s at %s", type(error).__name__, request.endpoint, exc_info=error)
    busy = isinstance(error, PeeweeException)
    status = 503 if busy else 500
    if wants_part():
        return instead_of_part("errors/broken.html", status, {"busy": busy, "title": "Something went wrong"})
    return render_template("errors/broken.html", busy=busy), status

"""What people see: a file for each thing that they come to do."""

from flask import make_response, render_template, request
from flask.wrappers import Response

from metengage import db
from metengage.config import settings


def page(template: str, title: str, part: str | None = None, status: int = 200, wrong=None, **values) -> Response:
    """A whole page, or only its part when htmx asks for one.

    `wrong` is the form with errors, if there is one: the title then begins with “Error: ”.
    """
    full_title = f"{'Error: ' if wrong else ''}{title} – {settings.service_name}"
    is_part = bool(part) and wants_part()
    html = render_template(
        part if is_part else template, title=title, full_title=full_title, wrong=wrong, is_part=is_part, **values
    )
    if is_part:
        html = render_template("layouts/_title.html", full_title=full_title) + html
    reply = make_response(html, status)
    reply.vary.add("HX-Request")
    return reply


def wants_part() -> bool:
    """Whether htmx will put the answer into a page; going back in history needs the whole page."""
    return bool(request.htmx) and request.headers.get("HX-Request-Type") == "partial"


def network() -> str:
    """The network address that limits count by."""
    return request.remote_addr or ""


def too_often(title: str) -> Response:
    """What somebody sees who does something too often; nothing they typed is lost."""
    return page("errors/too_often.html", title, status=429)


now = db.now

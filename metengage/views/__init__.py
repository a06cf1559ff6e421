"""What people see: a file for each thing that they come to do."""

import re
from ipaddress import ip_address, ip_network

from flask import make_response, render_template, request
from flask.wrappers import Response

from metengage import db
from metengage.config import settings


def page(template: str, title: str, part: str | None = None, status: int = 200, wrong=None, **values) -> Response:
    """A whole page, or only its part when htmx asks for one.

    `wrong` is the form with errors, if there is one: the title then begins with “Error: ”.
    """
    values |= {"title": title, "full_title": f"{'Error: ' if wrong else ''}{title} – {settings.service_name}"}
    values |= {"wrong": wrong}
    if not wants_part():
        html = render_template(template, **values)
    elif part:
        html = render_template("layouts/_title.html", **values) + render_template(part, **values)
    else:
        return instead_of_part(template, status, values)
    reply = make_response(html, status)
    reply.vary.add("HX-Request")
    return reply


def but(why: str) -> dict[str, str]:
    """What to say on the next page about something that was not done: it is not shown as a success."""
    return {"but": why}


def wants_part() -> bool:
    """Whether htmx will put the answer into a page; going back in history needs the whole page."""
    return bool(request.htmx) and request.headers.get("HX-Request-Type") == "partial"


def instead_of_part(template: str, status: int, values: dict) -> Response:
    """A page that came where a part was asked for, as an error does.

    A step of a flow gives way to it. Anything else, such as what an officer is typing beside, stays where it is,
    and says what happened.
    """
    target = re.sub(r"[^a-z0-9_-]", "", request.headers.get("HX-Target", "").partition("#")[2])
    if target in ("", "step"):
        reply = make_response(render_template(template, **values), status)
        reply.headers["HX-Retarget"], reply.headers["HX-Reswap"] = "body", "outerSync"
    else:
        reply = make_response(render_template("layouts/_not_saved.html", target=target, **values), status)
    reply.vary.add("HX-Request")
    return reply


def network() -> str:
    """What limits count by: an IPv4 address, or the /64 of an IPv6 one: a home has at least one (RFC 6177)."""
    try:
        address = ip_address(request.remote_addr or "")
    except ValueError:
        return ""
    address = getattr(address, "ipv4_mapped", None) or address
    return str(address) if address.version == 4 else str(ip_network((address, 64), strict=False))


def too_often(title: str) -> Response:
    """What somebody sees who does something too often; nothing they typed is lost."""
    return page("errors/too_often.html", title, status=429)


def takes_files(view):
    """Marks a view that officers bring files to."""
    view.takes_files = True
    return view


now = db.now

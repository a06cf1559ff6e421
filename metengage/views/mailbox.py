"""The demo mailbox: the messages that this machine's own mail server took. Never mounted in production."""

import email
import mailbox
from email import policy

from flask import Blueprint, abort, make_response, request

from metengage.config import settings
from metengage.views import page

bp = Blueprint("mailbox", __name__)

SHOWN = 50  # on a page


def _box() -> mailbox.Maildir:
    return mailbox.Maildir(settings.instance / "mailbox")


def _message(key: str) -> email.message.EmailMessage:
    box = _box()
    if key not in box:
        abort(404)
    return email.message_from_bytes(box.get_bytes(key), policy=policy.default)


def _part(message: email.message.EmailMessage, kind: str) -> str:
    body = message.get_body((kind,))
    return body.get_content() if body else ""


def _header(message: email.message.EmailMessage, name: str) -> str:
    # Anybody may write anything into a header; one bad letter must not hide the others.
    try:
        return str(message[name] or "")
    except (ValueError, IndexError, AttributeError):
        return "(cannot be read)"


@bp.get("/mailbox")
def inbox():
    newest = sorted(_box().keys(), reverse=True)
    number = max(request.args.get("page", 1, type=int), 1)
    keys = newest[(number - 1) * SHOWN : number * SHOWN]
    letters = [
        (key, {name: _header(_message(key), name) for name in ("Subject", "To", "From", "Date")}) for key in keys
    ]
    older = number + 1 if len(newest) > number * SHOWN else None
    return page("mailbox/inbox.html", "Demo mailbox", letters=letters, total=len(newest), older=older)


@bp.get("/mailbox/<key>")
def letter(key: str):
    message = _message(key)
    return page(
        "mailbox/letter.html",
        _header(message, "Subject") or "No subject",
        key=key,
        to=_header(message, "To"),
        sender=_header(message, "From"),
        text=_part(message, "plain"),
        headers=[(name, _header(message, name)) for name in message.keys() if name not in ("Subject", "MIME-Version")],  # noqa: SIM118
    )


@bp.get("/mailbox/<key>/html")
def as_html(key: str):
    """The message's HTML by itself, for a frame: its own styles, no scripts."""
    # Its links open in the whole window, as they would in a mail program.
    return framed(_part(_message(key), "html").replace("<head>", '<head><base target="_top">', 1))


def framed(html: str):
    """An email's HTML with a policy that lets its inline styles be, and nothing run.

    Its pictures come from where this page does, under whichever of our names that was opened.
    """
    reply = make_response(html.replace(f'src="{settings.public_url}/', 'src="/'))
    reply.headers["Content-Security-Policy"] = (
        "default-src 'none'; style-src 'unsafe-inline'; img-src 'self'; frame-ancestors 'self'; base-uri 'none'"
    )
    reply.headers["X-Frame-Options"] = "SAMEORIGIN"
    return reply

"""The demo mailbox: the messages that this machine's own mail server took. Never mounted in production."""

import email
import mailbox
from email import policy

from flask import Blueprint, abort, make_response

from metengage.config import settings
from metengage.views import page

bp = Blueprint("mailbox", __name__)

SHOWN = 50


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


@bp.get("/mailbox")
def inbox():
    box = _box()
    newest = sorted(box.keys(), reverse=True)
    letters = [(key, _message(key)) for key in newest[:SHOWN]]
    return page("mailbox/inbox.html", "Demo mailbox", letters=letters, total=len(newest))


@bp.get("/mailbox/<key>")
def letter(key: str):
    message = _message(key)
    return page(
        "mailbox/letter.html",
        message["Subject"] or "No subject",
        key=key,
        message=message,
        text=_part(message, "plain"),
        headers=[(name, value) for name, value in message.items() if name not in ("Subject", "MIME-Version")],
    )


@bp.get("/mailbox/<key>/html")
def as_html(key: str):
    """The message's HTML by itself, for a frame: its own styles, no scripts."""
    # Its links open in the whole window, as they would in a mail program.
    return framed(_part(_message(key), "html").replace("<head>", '<head><base target="_top">', 1))


def framed(html: str):
    """An email's HTML with a policy that lets its inline styles be, and nothing run."""
    reply = make_response(html)
    reply.headers["Content-Security-Policy"] = (
        "default-src 'none'; style-src 'unsafe-inline'; img-src 'self'; frame-ancestors 'self'; base-uri 'none'"
    )
    reply.headers["X-Frame-Options"] = "SAMEORIGIN"
    return reply

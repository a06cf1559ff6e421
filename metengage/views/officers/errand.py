"""What somebody came to do when they had to sign in first: kept through signing in, and never done by itself."""

import secrets
from dataclasses import dataclass
from urllib.parse import urlsplit

from flask import current_app, request, session
from itsdangerous import BadData, URLSafeTimedSerializer
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

SIGNING_IN = (
    *("officers.sign_in", "officers.sign_in_now", "officers.code", "officers.code_now"),
    *("officers.choose_password", "officers.choose_password_now"),
)
NO_ERRAND = (*SIGNING_IN, "officers.sign_out")
ADDRESS, FILES, FIELD, WHOSE = "errand.address", "errand.files", "errand.field.", "errand.whose"
LETS_GO = ("officers.send", "officers.send_first", "officers.approve", "officers.withdraw_now", "officers.resume")
SALT = "wtf-csrf-token"  # Flask-WTF's, of the tokens in its forms


@dataclass(frozen=True)
class Errand:
    """A page to open, or a form to send once more; nothing, when its address is empty."""

    address: str = ""
    fields: tuple[tuple[str, str], ...] = ()  # as they were sent: neither passwords nor files
    had_files: bool = False
    is_post: bool = False
    whose: int = 0  # the officer who came; 0 where nothing tells

    def is_for(self, officer_id: int) -> bool:
        """Whether this officer may see it and go on with it."""
        return self.whose in (0, officer_id)

    @property
    def lets_go(self) -> bool:
        """Whether something goes to residents by it."""
        return _endpoint(self.address, "POST") in LETS_GO

    @property
    def hidden(self) -> list[tuple[str, str]]:
        """What the forms of signing in carry: (name, value)."""
        if not self.address:
            return []
        kind = [(ADDRESS, self.address)] if self.is_post else [("next", self.address)]
        files = [(FILES, "1")] if self.had_files else []
        whose = [(WHOSE, str(self.whose))] if self.whose else []
        return kind + files + whose + [(FIELD + name, value) for name, value in self.fields]

    @property
    def words(self) -> list[str]:
        """What somebody wrote, as far as it can be told from what a form holds besides."""
        return [value for _, value in self.fields if len(value.split()) > 1]


def of_request() -> Errand:
    """What this very request came for."""
    address, is_post = request.full_path.rstrip("?"), request.method == "POST"
    if not _is_ours(address, request.method):
        return Errand()
    kept = tuple(each for each in request.form.items(multi=True) if _may_be_kept(each[0]))
    return Errand(address, kept if is_post else (), bool(request.files), is_post, _whose())


def carried() -> Errand:
    """What the form of a page for signing in carries, or its address names; only what is an address of ours."""
    posted, opened = request.form.get(ADDRESS, ""), request.form.get("next") or request.args.get("next", "")
    if _is_ours(posted, "POST"):
        whole = [(name, value) for name, value in request.form.items(multi=True) if name.startswith(FIELD)]
        fields = tuple((name.removeprefix(FIELD), value) for name, value in whole)
        kept, whose = tuple(each for each in fields if _may_be_kept(each[0])), _number(request.form.get(WHOSE, ""))
        return Errand(posted, kept, FILES in request.form, True, whose)
    return Errand(opened) if _is_ours(opened, "GET") else Errand()


def mark_of(officer_id: int) -> str:
    """What the forms of a session are known by: it says whose they are, also when the session has ended."""
    return f"{officer_id}.{secrets.token_hex(20)}"


def _whose() -> int:
    """Whose form was sent: its token is signed by us, whatever became of the session."""
    try:
        mark = URLSafeTimedSerializer(current_app.secret_key, salt=SALT).loads(request.form.get("csrf_token", ""))
    except BadData:
        mark = ""
    return _number((mark if "." in mark else session.get("_user_id", "")).partition(".")[0])


def _number(typed: str) -> int:
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 10 else 0


def _may_be_kept(name: str) -> bool:
    return name != "csrf_token" and "password" not in name


def _is_ours(address: str, method: str) -> bool:
    """Whether this is a path of an officers' page that there is. What it shows and does, it decides itself."""
    endpoint = _endpoint(address, method)
    return endpoint.startswith("officers.") and endpoint not in NO_ERRAND


def _endpoint(address: str, method: str) -> str:
    """What answers at a path of an officers' page; nothing for any other address."""
    try:
        parts = urlsplit(address)
        is_path = address.isprintable() and not (parts.scheme or parts.netloc) and parts.path.startswith("/officers/")
        found = is_path and current_app.create_url_adapter(request).match(parts.path, method=method)
    except (ValueError, HTTPException, RequestRedirect):
        return ""
    return found[0] if found else ""

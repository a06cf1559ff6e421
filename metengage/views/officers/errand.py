"""What somebody came to do when they had to sign in first: kept through signing in, and never done by itself."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from flask import current_app, request
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

SIGNING_IN = (
    *("officers.sign_in", "officers.sign_in_now", "officers.code", "officers.code_now"),
    *("officers.choose_password", "officers.choose_password_now"),
)
NO_ERRAND = (*SIGNING_IN, "officers.sign_out")
ADDRESS, FILES, FIELD = "errand.address", "errand.files", "errand.field."


@dataclass(frozen=True)
class Errand:
    """A page to open, or a form to send once more; nothing, when its address is empty."""

    address: str = ""
    fields: tuple[tuple[str, str], ...] = ()  # as they were sent: neither passwords nor files
    had_files: bool = False
    is_post: bool = False

    @property
    def hidden(self) -> list[tuple[str, str]]:
        """What the forms of signing in carry: (name, value)."""
        if not self.address:
            return []
        kind = [(ADDRESS, self.address)] if self.is_post else [("next", self.address)]
        files = [(FILES, "1")] if self.had_files else []
        return kind + files + [(FIELD + name, value) for name, value in self.fields]

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
    return Errand(address, kept if is_post else (), bool(request.files), is_post)


def carried() -> Errand:
    """What the form of a page for signing in carries, or its address names; only what is an address of ours."""
    posted, opened = request.form.get(ADDRESS, ""), request.form.get("next") or request.args.get("next", "")
    if _is_ours(posted, "POST"):
        whole = [(name, value) for name, value in request.form.items(multi=True) if name.startswith(FIELD)]
        fields = tuple((name.removeprefix(FIELD), value) for name, value in whole)
        return Errand(posted, tuple(each for each in fields if _may_be_kept(each[0])), FILES in request.form, True)
    return Errand(opened) if _is_ours(opened, "GET") else Errand()


def _may_be_kept(name: str) -> bool:
    return name != "csrf_token" and "password" not in name


def _is_ours(address: str, method: str) -> bool:
    """Whether this is a path of an officers' page that there is. What it shows and does, it decides itself."""
    try:
        parts = urlsplit(address)
        is_path = address.isprintable() and not (parts.scheme or parts.netloc) and parts.path.startswith("/officers/")
        found = is_path and current_app.create_url_adapter(request).match(parts.path, method=method)
    except (ValueError, HTTPException, RequestRedirect):
        return False
    return bool(found) and found[0].startswith("officers.") and found[0] not in NO_ERRAND

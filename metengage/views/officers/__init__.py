"""The staff's door: nobody passes unsigned."""

from flask import Blueprint, abort, current_app, redirect, request, url_for
from flask_login import LoginManager, UserMixin, current_user

from metengage import officers
from metengage.alerts import alert_for  # the name of its room is that of a view here
from metengage.models import Alert, Officer

bp = Blueprint("officers", __name__, url_prefix="/officers")
login = LoginManager()

FILES = 64 * 1024 * 1024  # bytes that a request with a file may have: more than we keep, so that we can say so
OPEN_TO_ALL = ("officers.sign_in", "officers.sign_in_now")


class SignedIn(UserMixin):
    """An officer in a session; the session key in it ends all sessions when it is changed."""

    def __init__(self, officer: Officer):
        self.officer = officer

    def get_id(self) -> str:
        return f"{self.officer.id}.{self.officer.session_key}"


@login.user_loader
def _load(session_id: str) -> SignedIn | None:
    officer_id, _, session_key = session_id.partition(".")
    officer = officers.by_session(int(officer_id), session_key) if officer_id.isdigit() else None
    return SignedIn(officer) if officer else None


@bp.before_request
def _signed_in_only():
    if request.endpoint not in OPEN_TO_ALL and not current_user.is_authenticated:
        return redirect(url_for("officers.sign_in"), 303)
    return None


def me() -> Officer:
    """The officer who is signed in."""
    return current_user.officer


def my_alert(alert_id: int) -> Alert:
    """The alert, if the officer who is signed in may see it; otherwise there is none."""
    alert = alert_for(me(), alert_id)
    if alert is None:
        abort(404)
    return alert


def takes_files(view):
    """Marks a view that officers bring files to."""
    view.takes_files = True
    return view


def make_room() -> None:
    """Let an officer's request be large where files are brought. What is large waits on the disk, not in memory."""
    view = current_app.view_functions.get(request.endpoint)
    if getattr(view, "takes_files", False) and current_user.is_authenticated:
        request.max_content_length = FILES

"""The staff's door: nobody passes unsigned, and nothing typed is lost on the way through it."""

import json
from datetime import UTC, datetime

from flask import Blueprint, abort, current_app, g, redirect, request, session, url_for
from flask_login import LoginManager, UserMixin, current_user, login_user
from flask_wtf.csrf import CSRFError, generate_csrf

from metengage import forms, officers, qr, second_factor
from metengage.alerts import alert_for  # the name of its room is that of a view here
from metengage.config import settings
from metengage.models import Alert, Officer
from metengage.views import but, now, page, wants_part
from metengage.views.officers.errand import SIGNING_IN, Errand, carried, mark_of, of_request

bp = Blueprint("officers", __name__, url_prefix="/officers")
login = LoginManager()

FILES = 64 * 1024 * 1024  # bytes that a request with a file may have: more than we keep, so that we can say so
OPEN_TO_ALL = SIGNING_IN
LOOKS_AGAIN = ("officers.watch", "officers.sending")  # pages that ask by themselves how it goes: nobody need be there
BY_ITSELF = "by-itself"  # in what a page sends by itself: nobody need be there then either
BEFORE_ALL_ELSE = ("officers.second_factor_page", "officers.second_factor_now", "officers.sign_out")
NOT_YOURS = "What somebody else had sent before you signed in was not done, and is not shown to you."
ELSEWHERE = "You were signed out: your sessions were ended, here or on another device."


class SignedIn(UserMixin):
    """An officer in a session; the session key in it ends all sessions when it is changed."""

    def __init__(self, officer: Officer):
        self.officer = officer

    def get_id(self) -> str:
        return f"{self.officer.id}.{self.officer.session_key}"


# --- Sessions ---


@login.user_loader
def _load(session_id: str) -> SignedIn | None:
    officer = None if _over_by_time() else officer_by(session_id)
    return SignedIn(officer) if officer else None


def officer_by(session_id: str) -> Officer | None:
    """Whom a session names, while they may work here and the session's key is theirs."""
    officer_id, _, session_key = session_id.partition(".")
    return officers.by_session(int(officer_id), session_key) if officer_id.isdigit() else None


def begin_anew() -> None:
    """Forget the session, and the token of its forms: the page that comes next gets one of the new session."""
    session.clear()
    g.pop("csrf_token", None)


def let_in(officer: Officer) -> None:
    """Begin a session of its own."""
    begin_anew()
    login_user(SignedIn(officer))
    session["csrf_token"] = mark_of(officer.id)
    session["began"] = session["seen"] = seconds(now())


def seconds(moment: datetime) -> int:
    """A moment as a session keeps it."""
    return int(moment.replace(tzinfo=UTC).timestamp())


def _over_by_time() -> str:
    began, seen = (datetime.fromtimestamp(session.get(name, 0), UTC).replace(tzinfo=None) for name in ("began", "seen"))
    return officers.why_over(began, seen, now())


def why_ended() -> str:
    """Why somebody who was signed in no longer is, in a sentence; nothing for who was not."""
    if current_user.is_authenticated or "_user_id" not in session:
        return ""
    return _over_by_time() or ELSEWHERE


# --- The door ---


@bp.before_request
def _signed_in_only():
    if request.endpoint in OPEN_TO_ALL:
        return None
    if not current_user.is_authenticated:
        return _sign_in_first()
    if not (wants_part() and (request.endpoint in LOOKS_AGAIN or BY_ITSELF in request.form)):
        session["seen"] = seconds(now())
    if lacks_second_factor(me()) and request.endpoint not in BEFORE_ALL_ELSE:
        return _set_up_first(of_request())
    return None


def lacks_second_factor(officer: Officer) -> bool:
    """Whether an officer must set up a second factor before anything else; nobody must on their own machine."""
    return not settings.is_local and not second_factor.is_set_up(officer)


def _set_up_first(errand: Errand):
    if errand.is_post:
        return ask_to_set_up(forms.SecondFactorForm(formdata=None), errand, 403)
    return redirect(url_for("officers.second_factor_page", next=errand.address or None), 303)


def _sign_in_first():
    """Where a page was asked for, sign in and come back to it; where something was sent, keep it until then."""
    errand = of_request()
    if request.method == "POST" or wants_part():
        return ask_to_sign_in(forms.SignInForm(formdata=None), errand, 401 if wants_part() else 403)
    return redirect(url_for("officers.sign_in", next=errand.address or None), 303)


def ask_to_sign_in(form: forms.SignInForm, errand: Errand, status: int = 200):
    """The page for the password, which carries what somebody came to do."""
    return page(
        "officers/sign_in/password.html",
        "Sign in for officers",
        status=status,
        wrong=form if form.errors else None,
        form=form,
        errand=errand,
        why=why_ended(),
        sign_in_url=url_for("officers.sign_in"),
    )


def ask_to_set_up(form: forms.SecondFactorForm, errand: Errand, status: int = 200):
    """The page that sets up a second factor. Its nonce waits in the session until a code has proved it."""
    nonce = session.setdefault("nonce", second_factor.new_nonce())
    address = second_factor.address(me(), nonce)
    return page(
        "officers/account/second_factor.html",
        "Set up your second factor",
        status=status,
        wrong=form if form.errors else None,
        form=form,
        errand=errand,
        address=address,
        drawing=qr.drawing(address),
        key=second_factor.key_in_groups(nonce),
        must=lacks_second_factor(me()),
    )


@bp.errorhandler(CSRFError)
def form_of_another_session(error: CSRFError):
    """A form from before signing in or out, in this tab or another. Nothing is done; our own pages lose nothing.

    A browser says by Sec-Fetch-Site which page a form came from, and no other website can have it say “same-origin”.
    """
    is_ours, is_inside = request.headers.get("Sec-Fetch-Site") == "same-origin", current_user.is_authenticated
    if not is_inside and request.endpoint not in SIGNING_IN and (is_ours or wants_part()):
        return _sign_in_first()
    if is_inside and wants_part():
        return _part_of_another_session(of_request())
    if not is_ours or wants_part():
        return page("errors/form_too_old.html", "Please send that again", status=400)
    if request.endpoint not in SIGNING_IN:
        errand = of_request()
        return send_again(errand, "Carry on where you were", 400) if errand.is_for(me().id) else go_on(errand)
    return go_on(carried()) if is_inside else ask_to_sign_in(forms.SignInForm(formdata=None), carried(), 400)


def _part_of_another_session(errand: Errand):
    """What a page sent by itself, which is open since before its officer signed in again: it gets the new token."""
    is_theirs = errand.whose == me().id
    title = "Please send that again" if is_theirs else "Somebody else is signed in here now"
    reply = page("errors/form_too_old.html", title, status=400, is_anothers=not is_theirs)
    if is_theirs:
        reply.headers["HX-Trigger"] = json.dumps({"renewed": {"token": generate_csrf()}})
    return reply


def go_on(errand: Errand):
    """Lead who is in to what they came for; what they sent is sent by their own press, and by nobody else's."""
    if not errand.is_for(me().id):
        session["said"], errand = but(NOT_YOURS), Errand()
    if lacks_second_factor(me()):
        return _set_up_first(errand)
    if errand.is_post:
        return send_again(errand, "You are signed in again")
    return redirect(errand.address or url_for("officers.alerts_list"), 303)


def send_again(errand: Errand, title: str, status: int = 200):
    return page("officers/sign_in/again.html", title, status=status, errand=errand)


@bp.context_processor
def _covering() -> dict:
    """Whom the officer covers for, which every page says; asked once for a page, and not for each field on it."""
    return {"covering": lambda: officers.covered_by(me(), now())}


# --- Who is here ---


def me() -> Officer:
    """The officer who is signed in."""
    return current_user.officer


def my_alert(alert_id: int) -> Alert:
    """The alert, if the officer who is signed in may see it; otherwise there is none."""
    alert = alert_for(me(), alert_id)
    if alert is None:
        abort(404)
    return alert


def make_room() -> None:
    """Let a request be large where files are brought, by officers once they have signed in.

    What is large waits on the disk, not in memory.
    """
    view = current_app.view_functions.get(request.endpoint)
    is_open = request.blueprint != bp.name or current_user.is_authenticated
    if getattr(view, "takes_files", False) and is_open:
        request.max_content_length = FILES

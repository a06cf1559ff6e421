"""A resident's own page, and what their session may reach."""

from functools import wraps

from flask import Blueprint, g, make_response, redirect, render_template, request, session, url_for
from flask_wtf import FlaskForm

from metengage import journal, residents
from metengage.formats import count, listing
from metengage.models import Alert, Area, Resident
from metengage.views import now

bp = Blueprint("preferences", __name__)

SESSION_SECONDS = 3600
STAYS = {"csrf_token", "_user_id", "_fresh", "_id"}  # our forms' token, and an officer's session
FULL, LIMITED = "full", "limited"  # a magic link opens everything; one from an alert, only what may be forwarded
FULL_PAGES: set[str] = set()  # endpoints of what only a magic link opens


def begin_session(resident: Resident, scope: str, alert_id: int | None = None) -> None:
    """Let this browser reach their page for an hour; it may have come by the email of an alert."""
    session["resident"] = {
        "id": resident.id,
        "version": resident.link_version,
        "scope": scope,
        "alert": alert_id,
        "until": int(now().timestamp()) + SESSION_SECONDS,
    }


def forget_visitor() -> None:
    """Leave nothing of a resident in this browser: not what they typed, and not that they were here."""
    for name in set(session) - STAYS:
        del session[name]


def resident_here() -> Resident | None:
    """The resident whose page this session may reach."""
    mine = session.get("resident")
    if not mine or mine["until"] < now().timestamp():
        session.pop("resident", None)
        return None
    return residents.in_session(mine["id"], mine["version"])


def cause(resident: Resident) -> Alert | None:
    """The alert whose email opened this page, if one did lately."""
    return journal.cause(session.get("resident", {}).get("alert"), resident, now())


def residents_only(view):
    @wraps(view)
    def guarded(*args, **kwargs):
        g.resident = resident_here()
        if g.resident is None:
            return redirect(url_for("preferences.show"), 303)
        return view(*args, **kwargs)

    return guarded


def is_full() -> bool:
    """Whether this session was opened by a magic link: name, address, copies and erasure are for nobody else."""
    return session["resident"]["scope"] == FULL


def full_only(view):
    """Only for who came by a magic link; others are offered one, and it leads them to the page that they wanted."""
    endpoint = f"{bp.name}.{view.__name__}"
    FULL_PAGES.add(endpoint)

    @wraps(view)
    def guarded(*args, **kwargs):
        if is_full():
            return view(*args, **kwargs)
        if request.method == "GET" and not kwargs:
            session["wanted"] = endpoint
        return redirect(url_for("preferences.fresh_link"), 303)

    return residents_only(guarded)


def say(words: str) -> None:
    """Say back on the next page what was done."""
    session["said"] = words


def said() -> str:
    return session.pop("said", "")


def named(places: list[Area]) -> str:
    """Areas inside a sentence: by their names, while they are few."""
    few = len(places) <= 4
    return listing([area.full_name for area in places]) if few else f"your {count(len(places), 'area')}"


def beside(words: str = "", wrong: FlaskForm | None = None):
    """What came of a choice that was kept as it was made, for the line beneath it."""
    refused = next((error for errors in wrong.errors.values() for error in errors), "") if wrong else ""
    reply = make_response(render_template("preferences/_beside.html", words=words, refused=refused))
    reply.status_code = 422 if refused else 200
    reply.vary.add("HX-Request")
    return reply


def wanted_page() -> str:
    """The address of the page that a fresh link was asked for; else that of the resident's own page."""
    wanted = session.pop("wanted", "")
    return url_for(wanted if wanted in FULL_PAGES else "preferences.show")

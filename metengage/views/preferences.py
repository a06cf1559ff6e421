"""A resident's own page: ask for the link, open it, see and change, leave."""

import hashlib
from functools import wraps

from flask import Blueprint, g, redirect, request, session, url_for

from metengage import areas, forms, jobs, limits, links, residents
from metengage.choices import ALERT_TYPES
from metengage.formats import listing
from metengage.models import Link, Resident
from metengage.views import network, now, page, too_often

bp = Blueprint("preferences", __name__)

SESSION_SECONDS = 3600
FULL, LIMITED = "full", "limited"  # a magic link opens everything; one from an alert, only what may be forwarded


# --- The session ---


def _begin_session(resident: Resident, scope: str) -> None:
    session["resident"] = {
        "id": resident.id,
        "version": resident.link_version,
        "scope": scope,
        "until": int(now().timestamp()) + SESSION_SECONDS,
    }


def _resident() -> Resident | None:
    """The resident whose page this session may reach."""
    mine = session.get("resident")
    if not mine or mine["until"] < now().timestamp():
        session.pop("resident", None)
        return None
    return residents.in_session(mine["id"], mine["version"])


def residents_only(view):
    @wraps(view)
    def guarded(*args, **kwargs):
        g.resident = _resident()
        if g.resident is None:
            return redirect(url_for("preferences.show"), 303)
        return view(*args, **kwargs)

    return guarded


# --- Ask for the link ---


@bp.get("/preferences")
def show():
    resident = _resident()
    if resident is None:
        return _ask(forms.LinkForm())
    g.resident = resident
    return _mine()


@bp.post("/preferences/link")
def ask():
    form = forms.LinkForm()
    if not form.validate_on_submit():
        return _ask(form, status=422)
    if not limits.allows("sign-in mail network", network(), now()):
        return too_often("Please wait a little before you ask again")
    residents.ask_for_link(form.email.data, now())
    jobs.ring_urgent()  # also where there is nobody: the answer takes as long
    session["asked_for"] = form.email.data
    return redirect(url_for("preferences.asked"), 303)


def _ask(form: forms.LinkForm, status: int = 200):
    return page(
        "preferences/ask.html", "Your preferences", status=status, wrong=form if form.errors else None, form=form
    )


@bp.get("/preferences/asked")
def asked():
    if "asked_for" not in session:
        return redirect(url_for("preferences.show"))
    return page("preferences/asked.html", "Check your email", email=session["asked_for"])


# --- Open it ---


@bp.get("/preferences/open/<token>")
def open(token: str):
    if _is_open_already(token):
        return redirect(url_for("preferences.show"))
    resident, _ = _opened_by(token)
    return page("preferences/open.html", "Open your preferences", token=token, name=resident.name)


@bp.post("/preferences/open/<token>")
def open_now(token: str):
    if _is_open_already(token):
        return redirect(url_for("preferences.show"), 303)
    resident, link = _opened_by(token)
    if link and not links.use_up(link, now()):
        raise links.LinkEnded
    _begin_session(resident, FULL if link else LIMITED)
    session["opened_by"] = hashlib.sha256(token.encode()).hexdigest()
    return redirect(url_for("preferences.show"), 303)


def _is_open_already(token: str) -> bool:
    """Whether this very browser opened its page by this link: pressing twice is success."""
    return session.get("opened_by") == hashlib.sha256(token.encode()).hexdigest() and _resident() is not None


def _opened_by(token: str) -> tuple[Resident, Link | None]:
    """Whom a token is for, and the magic link if it is one; a signed link from an alert has a dot in it."""
    if "." in token:
        signed = links.read(links.PREFERENCES, token)
        if signed.has_ended or not signed.resident.is_confirmed:
            raise links.LinkEnded
        return signed.resident, None
    link = links.find(Link.SIGN_IN, token, now())
    if link.used_at or not link.resident.is_confirmed:
        raise links.LinkEnded
    return link.resident, link


@bp.post("/preferences/close")
def close():
    session.pop("resident", None)
    return redirect(url_for("home.start"), 303)


# --- See and change ---


def _mine(form: forms.PreferencesForm | None = None, status: int = 200):
    return page(
        "preferences/show.html",
        "Your preferences",
        part="preferences/_show.html",
        status=status,
        wrong=form if form and form.errors else None,
        said=session.pop("said", ""),
        resident=g.resident,
        is_full=session["resident"]["scope"] == FULL,
        form=form or _form(),
        boroughs=areas.started_boroughs(),
        shown_borough=request.args.get("borough"),
    )


def _form() -> forms.PreferencesForm:
    """What this resident hears now, and what they could."""
    mine = residents.preferences(g.resident)
    near = [*areas.neighbours(mine.areas[0]), mine.areas[0].borough] if mine.areas else []
    borough = areas.borough(request.args.get("borough", ""))
    more = areas.wards_of([borough]) if borough and borough.has_started else []
    chosen = {"types": mine.types, "frequency": mine.frequency, "areas": [area.code for area in mine.areas]}
    return forms.PreferencesForm([*mine.areas, *near, *more], data=chosen)


@bp.post("/preferences/save")
@residents_only
def save():
    return _kept() or redirect(url_for("preferences.show"), 303)


@bp.post("/preferences/save/of-borough")
@residents_only
def save_and_show_borough():
    return _kept() or redirect(url_for("preferences.show", borough=request.form.get("borough", "")), 303)


def _kept():
    """Keep what was chosen and say it back; the page with what is wrong, if something is."""
    form = _form()
    if not form.validate_on_submit():
        return _mine(form, status=422)
    mine = residents.change(g.resident, form.types.data, form.areas.data, form.frequency.data, now())
    session["said"] = (
        f"Saved. You now get {listing([ALERT_TYPES[slug].short for slug in mine.types])} "
        f"for {listing([area.full_name for area in mine.areas])}, {mine.frequency}."
    )
    return None


# --- Leave ---


@bp.post("/preferences/leave")
@residents_only
def leave():
    residents.leave(g.resident, "preferences", now())
    session.pop("resident", None)
    return redirect(url_for("preferences.left"), 303)


@bp.get("/preferences/left")
def left():
    return page("preferences/left.html", "You have left")


@bp.get("/unsubscribe/<token>")
def unsubscribe(token: str):
    signed = _unsubscribing(token)
    if signed.resident.state != Resident.CONFIRMED:
        return redirect(url_for("preferences.left"))
    return page("preferences/unsubscribe.html", "Stop all emails", token=token)


@bp.post("/unsubscribe/<token>")
def unsubscribe_now(token: str):
    """The page's button and a mailbox provider's one-click (RFC 8058): no cookie, no sign-in, no redirect."""
    signed = _unsubscribing(token)
    residents.leave(signed.resident, "unsubscribed", now())
    return page("preferences/left.html", "You have left")


def _unsubscribing(token: str) -> links.SignedLink:
    signed = links.read(links.UNSUBSCRIBE, token)
    # Who has left already is told so, however often; a newer version means that this email's link was ended.
    if signed.has_ended and signed.resident.is_confirmed:
        raise links.LinkEnded
    return signed

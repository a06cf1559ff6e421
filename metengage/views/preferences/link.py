"""Ask for the link to one's page, open it, close it."""

import hashlib

from flask import g, redirect, request, session, url_for

from metengage import alerts, forms, jobs, limits, links, preferences, residents, stories
from metengage.models import Link, Resident
from metengage.views import network, now, page, too_often
from metengage.views.preferences import FULL, LIMITED, begin_session, bp, forget_visitor, resident_here, wanted_page
from metengage.views.preferences.show import mine

# --- Ask for the link ---


@bp.get("/preferences")
def show():
    resident = resident_here()
    if resident is None:
        return _ask(forms.LinkForm())
    g.resident = resident
    return mine()


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
    session.pop("wanted", None)
    return redirect(url_for("preferences.asked"), 303)


def _ask(form: forms.LinkForm, status: int = 200):
    wrong, story = form if form.errors else None, stories.public(session.get("after", 0))
    return page("preferences/ask.html", "Your preferences", status=status, wrong=wrong, form=form, story=story)


@bp.get("/preferences/asked")
def asked():
    if "asked_for" not in session:
        return redirect(url_for("preferences.show"))
    return page("preferences/asked.html", "Check your email", email=session["asked_for"])


# --- Open it ---


@bp.get("/preferences/open/<token>")
def open(token: str):
    if _is_open_already(token):
        return redirect(url_for(_meant()))
    resident, _ = _opened_by(token)
    to = request.args.get("to", "")[:20] or None
    return page("preferences/open.html", "Open your preferences", token=token, name=resident.name, to=to)


@bp.post("/preferences/open/<token>")
def open_now(token: str):
    if _is_open_already(token):
        return redirect(url_for(_meant()), 303)
    resident, link = _opened_by(token)
    if link and not links.use_up(link, now()):
        raise links.LinkEnded
    came_by = None if link else links.read(links.PREFERENCES, token).about_id
    begin_session(resident, FULL if link else LIMITED, came_by)
    session["opened_by"] = hashlib.sha256(token.encode()).hexdigest()
    return redirect(_wanted(resident, link, token), 303)


def _wanted(resident: Resident, link: Link | None, token: str) -> str:
    """Where they were going when they asked for the link; from an email, what changes why they get that."""
    story = stories.public(session.pop("after", 0))  # the one that they want to follow
    if story:
        return url_for("stories.show", story_id=story.id)
    if session.pop("voting", False) or _meant() != "preferences.show":
        return url_for("preferences.priorities")
    if link:
        return wanted_page()
    alert = alerts.public(links.read(links.PREFERENCES, token).about_id or 0)
    if alert is None:
        return url_for("preferences.show")
    if alert.alert_type in preferences.of(resident).frequencies:
        return url_for("preferences.alerts", _anchor=f"type-{alert.alert_type}")
    tied_by = "stories" if alert.story_id else "priorities" if alert.priority_id else "show"
    return url_for(f"preferences.{tied_by}")


def _meant() -> str:
    """The page that the address itself names, as an email that asks for votes does."""
    return "preferences.priorities" if request.args.get("to") == "priorities" else "preferences.show"


def _is_open_already(token: str) -> bool:
    """Whether this very browser opened its page by this link: pressing twice is success."""
    return session.get("opened_by") == hashlib.sha256(token.encode()).hexdigest() and resident_here() is not None


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
    forget_visitor()
    return redirect(url_for("home.start"), 303)

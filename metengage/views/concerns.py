"""Tell a team what concerns you: anybody may. What belongs elsewhere is shown the right way before it is sent."""

from flask import Blueprint, abort, redirect, request, session, url_for

from metengage import (
    areas,
    concerns,
    diverter,
    floods,
    forms,
    images,
    jobs,
    links,
    priorities,
    restrictions,
    subscriptions,
)
from metengage.choices import CONSENT_WORDINGS, SAY_WORDING
from metengage.formats import day
from metengage.models import Area, Concern, Priority, Resident
from metengage.views import network, now, page, takes_files
from metengage.views.preferences import is_full, resident_here

bp = Blueprint("concerns", __name__)

TITLE = "Tell your team"
RIGHT_WAY = "Is this for 999 or 101?"


# --- Write ---


@bp.get("/concerns/new")
def new():
    ward = _ward()
    if ward is None:
        return redirect(url_for("home.find"))
    return _ask(ward, forms.ConcernForm(formdata=None, is_known=_resident() is not None))


@bp.post("/concerns/new")
@takes_files
def raise_():
    ward, resident = _ward(), _resident()
    if ward is None:
        abort(404)
    form = forms.ConcernForm(is_known=resident is not None)
    is_whole, ways = form.validate_on_submit(), form.ways()
    if ways or not is_whole:
        return _ask(ward, form, status=422, ways=ways)
    concern = _raised(form, ward, resident)
    if concern is None:
        return _ask(ward, form, status=422)
    jobs.ring_urgent()
    session["raised"] = concern.id
    return redirect(url_for("concerns.sent"), 303)


def _raised(form: forms.ConcernForm, ward: Area, resident: Resident | None) -> Concern | None:
    """It, as it is kept; None where the form says why it is not."""
    moment, file = now(), form.photo.data
    said = form.said(file.read(images.LARGEST + 1) if file else b"", _priority(ward))
    try:
        if resident:
            return concerns.raise_by(resident, said, ward, network(), moment)
        if form.is_anonymous():
            return concerns.raise_anonymously(said, ward, network(), moment)
        return concerns.raise_unsigned(said, ward, form.email.data, network(), moment)
    except images.Unusable as reason:
        form.photo.errors = [str(reason)]
    except floods.TooMany as reason:
        form.email.errors = [str(reason)]
    except restrictions.Limited as limit:
        form.text.errors = [refusal(limit)]
    return None


@bp.post("/concerns/look")
def look():
    """What somebody is typing into a box, looked at while they do: nothing is kept."""
    box = request.form.get("box", "text")
    ways = diverter.look(request.form.get(box, "")[: concerns.LONGEST])
    return page("concerns/look.html", RIGHT_WAY, part="concerns/_looked.html", ways=ways, box=box)


@bp.get("/concerns/sent")
def sent():
    concern = Concern.get_or_none(Concern.id == session.get("raised", 0))
    if concern is None:
        return redirect(url_for("home.find"))
    title = "Check your email" if concern.state == Concern.UNCONFIRMED else "Your team has it"
    return page("concerns/sent.html", title, concern=concern)


def refusal(limit: restrictions.Limited) -> str:
    """Why somebody may not write now, in a sentence."""
    until, again = day(limit.restriction.until), day(limit.again)
    return f"You may write to teams once a week until {until}. Send this again on {again}"


def _ask(ward: Area, form: forms.ConcernForm, status: int = 200, ways: list | None = None):
    reply = page(
        "concerns/new.html",
        RIGHT_WAY if ways else f"{TITLE} in {ward.name}",
        status=status,
        wrong=form if form.errors else None,
        ward=ward,
        priority=_priority(ward),
        form=form,
        ways=ways or [],
    )
    # They may let the form know where they are; no other page may ask.
    reply.headers["Permissions-Policy"] = "camera=(), geolocation=(self), microphone=()"
    return reply


def _ward() -> Area | None:
    """The ward that the address names, if a team looks after it."""
    found = areas.named([request.args.get("ward", "")])
    return found[0] if found and found[0].is_ward and concerns.has_team(found[0]) else None


def _priority(ward: Area) -> Priority | None:
    """The priority of this ward whose page they came from, if the address names one."""
    found = priorities.public(request.args.get("priority", 0, type=lambda text: int(text[:9])))
    return found if found and found.ward == ward else None


def _resident() -> Resident | None:
    """Who writes, if they opened their page by a magic link: a link from an alert may be in other hands."""
    resident = resident_here()
    return resident if resident and is_full() else None


# --- Confirm ---


@bp.get("/concerns/confirm/<token>")
def confirm(token: str):
    concern = _named_in(token)
    if concern.state != Concern.UNCONFIRMED:
        seen_by = links.sign(links.CONCERN, concern.resident, concern.id)
        hears = bool(subscriptions.of(concern.resident))
        return page("concerns/confirmed.html", "Your team has it", concern=concern, seen_by=seen_by, hears=hears)
    wording = CONSENT_WORDINGS[SAY_WORDING]
    return page("concerns/confirm.html", "Send this to your team?", token=token, concern=concern, wording=wording)


@bp.post("/concerns/confirm/<token>")
def confirm_now(token: str):
    concern = _named_in(token)
    try:
        concerns.confirm(concern, now())
    except restrictions.Limited as limit:
        return page("concerns/limited.html", "Not now", status=409, refusal=refusal(limit), concern=concern)
    jobs.ring_urgent()
    return redirect(url_for("concerns.confirm", token=token), 303)


def _named_in(token: str) -> Concern:
    """The concern that a token from an email is for. Raises LinkEnded."""
    signed = links.read(links.RAISE, token)
    concern = concerns.raised_by(signed.resident, signed.about_id or 0)
    if concern is None or signed.has_ended:
        raise links.LinkEnded
    return concern

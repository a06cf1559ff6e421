"""Move to another email address: ask for it here, confirm it by the link in the email sent there."""

from flask import g, redirect, session, url_for

from metengage import forms, jobs, limits, links, moving, survey
from metengage.models import Link
from metengage.views import network, now, page, too_often
from metengage.views.preferences import bp, full_only

# --- Ask ---


@bp.get("/preferences/email")
@full_only
def email():
    return _ask(forms.NewAddressForm(g.resident.email))


@bp.post("/preferences/email")
@full_only
def ask_to_move():
    form = forms.NewAddressForm(g.resident.email)
    if not form.validate_on_submit():
        return _ask(form, status=422)
    if not limits.allows("sign-in mail network", network(), now()):
        return too_often("Please wait a little before you ask again")
    moving.ask(g.resident, form.email.data, now())
    jobs.ring_urgent()
    session["moving_to"] = form.email.data
    return redirect(url_for("preferences.asked_to_move"), 303)


def _ask(form: forms.NewAddressForm, status: int = 200):
    return page(
        "preferences/email.html",
        "Change your email address",
        status=status,
        wrong=form if form.errors else None,
        form=form,
        address=g.resident.email,
    )


@bp.get("/preferences/email/sent")
@full_only
def asked_to_move():
    address = session.get("moving_to")
    if not address:
        return redirect(url_for("preferences.email"))
    return page(
        "preferences/email_sent.html",
        "Check your email",
        address=address,
        typo=survey.likely_typo(address),
        present=g.resident.email,
    )


# --- Confirm ---


@bp.get("/preferences/email/<token>")
def confirm_address(token: str):
    link = _link(token)
    if link.used_at:
        return redirect(url_for("preferences.address_confirmed", token=token))
    return page(
        "preferences/confirm_address.html",
        "Confirm your new email address",
        token=token,
        address=link.address_change.new_email,
    )


@bp.post("/preferences/email/<token>")
def confirm_address_now(token: str):
    try:
        moving.confirm(_link(token), now())
    except moving.Taken:
        return page("preferences/taken.html", "This address is signed up already", status=409)
    jobs.ring_urgent()
    return redirect(url_for("preferences.address_confirmed", token=token), 303)


@bp.get("/preferences/email/<token>/done")
def address_confirmed(token: str):
    if not _link(token).used_at:
        return redirect(url_for("preferences.confirm_address", token=token))
    return page("preferences/address_confirmed.html", "Your email address is changed")


def _link(token: str) -> Link:
    link = links.find(Link.ADDRESS, token, now())
    if not link.resident.is_confirmed:  # they have left since
        raise links.LinkEnded
    return link

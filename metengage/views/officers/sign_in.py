"""Officers sign in by a password and a code, and out."""

from datetime import timedelta

from flask import redirect, session, url_for
from flask_login import current_user, logout_user

from metengage import forms, officers, second_factor
from metengage.models import Officer
from metengage.views import network, now, page, too_often
from metengage.views.officers import SignedIn, ask_to_sign_in, begin_anew, bp, go_on, let_in, me, officer_by, seconds
from metengage.views.officers.errand import Errand, carried

HALFWAY = timedelta(minutes=5)  # from the password to the code
TOO_OFTEN = "Too many tries. Wait 15 minutes"
TOO_LATE = "That took more than 5 minutes. Enter your password again"


@bp.get("/sign-in")
def sign_in():
    if current_user.is_authenticated:
        return go_on(carried())
    return ask_to_sign_in(forms.SignInForm(), carried())


@bp.post("/sign-in")
def sign_in_now():
    form, errand = forms.SignInForm(), carried()
    if not form.validate_on_submit():
        return ask_to_sign_in(form, errand, 422)
    try:
        officer = officers.sign_in(form.email.data, form.password.data, network(), now())
    except officers.TooManyTries:
        return too_often(TOO_OFTEN)
    except officers.NotAllowed:
        form.email.errors = ["The email address or the password is wrong. Check both and try again"]
        return ask_to_sign_in(form, errand, 422)
    if second_factor.is_set_up(officer):
        return _halfway(officer, errand)
    let_in(officer)
    return go_on(errand)


def _halfway(officer: Officer, errand: Errand):
    """The session says only whose password was right."""
    begin_anew()
    session["halfway"] = [SignedIn(officer).get_id(), seconds(now())]
    if errand.is_post:
        return _ask_for_code(forms.SecondFactorForm(formdata=None), errand)
    return redirect(url_for("officers.code", next=errand.address or None), 303)


# --- The code ---


@bp.get("/sign-in/code")
def code():
    if _whose_password_was_right() is None:
        return redirect(url_for("officers.sign_in", next=carried().address or None))
    return _ask_for_code(forms.SecondFactorForm(), carried())


@bp.post("/sign-in/code")
def code_now():
    form, errand, officer = forms.SecondFactorForm(), carried(), _whose_password_was_right()
    if officer is None:
        again = forms.SignInForm(formdata=None)
        again.email.errors = [TOO_LATE]
        return ask_to_sign_in(again, errand, 422)
    if not form.validate_on_submit():
        return _ask_for_code(form, errand, 422)
    try:
        second_factor.sign_in(officer, form.code.data, now())
    except second_factor.TooManyTries:
        return too_often(TOO_OFTEN)
    except second_factor.WrongCode:
        form.code.errors = ["This code is wrong, or was used already. Enter the one that your device shows now"]
        return _ask_for_code(form, errand, 422)
    let_in(officer)
    return go_on(errand)


def _whose_password_was_right() -> Officer | None:
    session_id, at = session.get("halfway", ("", 0))
    return officer_by(session_id) if seconds(now()) - at < HALFWAY.total_seconds() else None


def _ask_for_code(form: forms.SecondFactorForm, errand: Errand, status: int = 200):
    return page(
        "officers/sign_in/code.html",
        "Enter your code",
        status=status,
        wrong=form if form.errors else None,
        form=form,
        errand=errand,
    )


# --- Out ---


@bp.post("/sign-out")
def sign_out():
    officers.sign_out(me())
    logout_user()
    session.clear()
    return redirect(url_for("officers.sign_in"), 303)

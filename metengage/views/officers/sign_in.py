"""Officers sign in and out."""

from flask import redirect, session, url_for
from flask_login import current_user, login_user, logout_user

from metengage import forms, officers
from metengage.views import network, now, page
from metengage.views.officers import SignedIn, bp, me


@bp.get("/sign-in")
def sign_in():
    if current_user.is_authenticated:
        return redirect(url_for("officers.alerts_list"))
    return _ask(forms.SignInForm())


@bp.post("/sign-in")
def sign_in_now():
    form = forms.SignInForm()
    if not form.validate_on_submit():
        return _ask(form, status=422)
    try:
        officer = officers.sign_in(form.email.data, form.password.data, network(), now())
    except officers.TooManyTries:
        return page("errors/too_often.html", "Too many tries. Wait 15 minutes", status=429)
    except officers.NotAllowed:
        form.email.errors = ["The email address or the password is wrong. Check both and try again"]
        return _ask(form, status=422)
    session.clear()
    login_user(SignedIn(officer))
    return redirect(url_for("officers.alerts_list"), 303)


def _ask(form: forms.SignInForm, status: int = 200):
    return page(
        "officers/sign_in.html", "Sign in for officers", status=status, wrong=form if form.errors else None, form=form
    )


@bp.post("/sign-out")
def sign_out():
    officers.sign_out(me())
    logout_user()
    session.clear()
    return redirect(url_for("officers.sign_in"), 303)

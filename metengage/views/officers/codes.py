"""Officers set up their second factor, and make recovery codes."""

from flask import redirect, session, url_for

from metengage import forms, officers, second_factor
from metengage.views import now, page, too_often
from metengage.views.officers import ask_to_set_up, bp, me
from metengage.views.officers.errand import Errand, carried

TOO_OFTEN = "Too many tries. Wait 15 minutes"
WRONG_PASSWORD = "This is not your password. Check it and try again"  # noqa: S105  a sentence


@bp.get("/account/second-factor")
def second_factor_page():
    return ask_to_set_up(_form(), carried())


@bp.post("/account/second-factor")
def second_factor_now():
    form, errand, nonce = _form(), carried(), session.get("nonce")
    if not (form.validate_on_submit() and _is_proven(form)) or nonce is None:
        return ask_to_set_up(form, errand, 422)
    try:
        codes = second_factor.begin(me(), nonce, form.code.data, now())
    except (second_factor.TooManyTries, officers.TooManyTries):
        return too_often(TOO_OFTEN)
    except second_factor.WrongCode:
        form.code.errors = ["This code is wrong. Enter the one that your device shows now"]
        return ask_to_set_up(form, errand, 422)
    session.pop("nonce")
    return _show(codes, errand, "Your second factor is set up")


def _form() -> forms.SecondFactorForm:
    return forms.ProvenSecondFactorForm() if second_factor.is_set_up(me()) else forms.SecondFactorForm()


def _is_proven(form) -> bool:
    """Whether the password is right, where the form asks for it."""
    if "password" not in form:
        return True
    try:
        officers.prove(me(), form.password.data, now())
    except officers.NotAllowed:
        form.password.errors = [WRONG_PASSWORD]
    except officers.TooManyTries:
        form.password.errors = [TOO_OFTEN]
    return not form.password.errors


def _show(codes: list[str], errand: Errand, title: str):
    """The only page that ever holds them."""
    return page("officers/account/codes.html", title, codes=codes, errand=errand)


# --- Recovery codes ---


@bp.get("/account/recovery-codes")
def recovery_codes():
    if not second_factor.is_set_up(me()):
        return redirect(url_for("officers.second_factor_page"))
    return _ask(forms.ConfirmPasswordForm())


@bp.post("/account/recovery-codes")
def recovery_codes_now():
    form = forms.ConfirmPasswordForm()
    if not second_factor.is_set_up(me()):
        return redirect(url_for("officers.second_factor_page"), 303)
    if not (form.validate_on_submit() and _is_proven(form)):
        return _ask(form, 422)
    return _show(second_factor.new_recovery_codes(me()), Errand(), "Your new recovery codes")


def _ask(form: forms.ConfirmPasswordForm, status: int = 200):
    return page(
        "officers/account/recovery_codes.html",
        "Make new recovery codes",
        status=status,
        wrong=form if form.errors else None,
        form=form,
        left=second_factor.recovery_codes_left(me()),
    )

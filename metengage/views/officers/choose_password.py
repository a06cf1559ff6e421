"""An officer who was added or reset opens the link that was handed to them, and chooses a password."""

from metengage import account, forms, passwords
from metengage.views import now, page
from metengage.views.officers import bp, go_on, let_in
from metengage.views.officers.errand import Errand


@bp.get("/begin/<token>")
def choose_password(token: str):
    return _ask(token, forms.ChoosePasswordForm())


@bp.post("/begin/<token>")
def choose_password_now(token: str):
    form = forms.ChoosePasswordForm()
    if not form.validate_on_submit():
        return _ask(token, form, status=422)
    try:
        officer = account.choose_password(token, form.new_password.data, now())
    except passwords.LinkEnded:
        return _ended()
    let_in(officer)
    return go_on(Errand("/officers/account/second-factor"))


def _ask(token: str, form: forms.ChoosePasswordForm, status: int = 200):
    try:
        officer = passwords.officer_of(token, now())
    except passwords.LinkEnded:
        return _ended()
    return page(
        "officers/sign_in/choose_password.html",
        "Choose a password",
        status=status,
        wrong=form if form.errors else None,
        form=form,
        officer=officer,
        token=token,
    )


def _ended():
    return page("officers/sign_in/link_ended.html", "This link no longer works", status=410)

"""What officers set for themselves: name, picture, password, and who covers for them."""

from datetime import date

from flask import redirect, session, url_for

from metengage import account, forms, officers, pictures, profile, second_factor
from metengage.formats import london, weekday
from metengage.images import Unusable
from metengage.models import Officer
from metengage.views import now, page, takes_files
from metengage.views.officers import bp, let_in, me


@bp.get("/account")
def my_account():
    return _show()


def _show(form: forms.OfficerNameForm | None = None, portrait_form: forms.PortraitForm | None = None):
    """The page; a form that is given has errors."""
    officer, wrong = me(), form or portrait_form
    return page(
        "officers/account/show.html",
        "My account",
        status=422 if wrong else 200,
        wrong=wrong,
        form=form or forms.OfficerNameForm(formdata=None, name=officer.name),
        portrait_form=portrait_form or forms.PortraitForm(formdata=None),
        portrait=pictures.portrait_of(officer),
        officer=officer,
        teams=[] if officer.is_administrator else officers.teams_of(officer),
        has_second_factor=second_factor.is_set_up(officer),
        codes_left=second_factor.recovery_codes_left(officer),
        is_away=officers.is_away(officer, now()),
        colleagues=[] if officer.is_administrator else officers.colleagues_of(officer),
        said=session.pop("said", ""),
    )


def _back(said: str):
    session["said"] = said
    return redirect(url_for("officers.my_account"), 303)


@bp.post("/account/name")
def rename():
    form = forms.OfficerNameForm()
    if not form.validate_on_submit():
        return _show(form)
    account.rename(me(), form.name.data)
    return _back("Your name is saved.")


@bp.post("/account/portrait")
@takes_files
def put_portrait():
    form = forms.PortraitForm()
    if not form.validate_on_submit():
        return _show(portrait_form=form)
    try:
        pictures.put_portrait(me(), form.file.data.read(pictures.LARGEST + 1), now())
    except Unusable as reason:
        form.file.errors = [str(reason)]
        return _show(portrait_form=form)
    return _back("Your picture is saved.")


@bp.post("/account/portrait/remove")
def remove_portrait():
    pictures.remove_portrait(me())
    return _back("Your picture is removed.")


# --- Password ---


@bp.get("/account/password")
def password():
    return _ask(forms.ChangePasswordForm())


@bp.post("/account/password")
def password_now():
    form = forms.ChangePasswordForm()
    if not form.validate_on_submit():
        return _ask(form, 422)
    try:
        officers.prove(me(), form.password.data, now())
    except officers.NotAllowed:
        form.password.errors = ["This is not your password until now. Check it and try again"]
        return _ask(form, 422)
    except officers.TooManyTries:
        form.password.errors = ["Too many tries. Wait 15 minutes"]
        return _ask(form, 429)
    let_in(account.change_password(me(), form.new_password.data))
    return _back("Your password is changed. Everywhere else you are signed out.")


def _ask(form: forms.ChangePasswordForm, status: int = 200):
    return page(
        "officers/account/password.html",
        "Change your password",
        status=status,
        wrong=form if form.errors else None,
        form=form,
    )


# --- Cover ---


@bp.get("/account/cover")
def cover():
    return _ask_for_cover(_cover_form(me()))


@bp.post("/account/cover")
def cover_now():
    form = _cover_form(me())
    if not form.validate_on_submit():
        return _ask_for_cover(form, 422)
    stand_in = next(each for each in officers.colleagues_of(me()) if str(each.id) == form.cover.data)
    account.go_away(me(), profile.begins(form.back.data), stand_in)
    return _back(f"{stand_in.name} covers for you until {weekday(profile.begins(form.back.data))}.")


@bp.post("/account/cover/end")
def come_back():
    account.come_back(me())
    return _back("Welcome back. Nobody covers for you any more.")


def _cover_form(officer: Officer) -> forms.CoverForm:
    today: date = london(now()).date()
    return forms.CoverForm([] if officer.is_administrator else officers.colleagues_of(officer), today)


def _ask_for_cover(form: forms.CoverForm, status: int = 200):
    wrong = form if form.errors else None
    return page("officers/account/cover.html", "Who covers for you", status=status, wrong=wrong, form=form)

"""Move: say where one lives now, by postcode or from the list, as in the survey."""

from flask import abort, g, redirect, request, session, url_for

from metengage import areas, forms, preferences, survey
from metengage.models import Area
from metengage.views import now, page
from metengage.views.preferences import bp, residents_only, say

WHERE = ("postcode", "borough")


@bp.get("/preferences/areas/home/<name>")
@residents_only
def move(name: str):
    if name not in WHERE:
        abort(404)
    return _ask(name, forms.survey_form(name, {}))


@bp.post("/preferences/areas/home/<name>")
@residents_only
def find(name: str):
    if name not in WHERE:
        abort(404)
    form = forms.survey_form(name, {})
    if not form.validate_on_submit():
        return _ask(name, form, status=422)
    if form.elsewhere:
        session["elsewhere"] = form.elsewhere | {"moving": True}
        return redirect(url_for("elsewhere.show"), 303)
    session["moving"] = {name: form.answer()}
    return redirect(url_for("preferences.new_home"), 303)


@bp.get("/preferences/areas/home/ward")
@residents_only
def new_home():
    if "moving" not in session:
        return redirect(url_for("preferences.move", name="postcode"))
    return _ask("ward", _ward_form())


@bp.post("/preferences/areas/home/ward")
@residents_only
def move_home():
    if "moving" not in session:
        return redirect(url_for("preferences.move", name="postcode"), 303)
    form = _ward_form()
    if not form.validate_on_submit():
        return _ask("ward", form, status=422)
    before = preferences.of(g.resident).home
    (ward,) = areas.named([form.answer()])
    say(_in_words(ward, before, preferences.move_home(g.resident, ward, now(), form.keeps())))
    session.pop("moving")
    return redirect(url_for("preferences.areas"), 303)


def _in_words(ward: Area, before: Area | None, heard: preferences.Preferences) -> str:
    if ward == before:
        return f"Your home ward is {ward.full_name}, as before."
    moved = f"Your home ward is now {ward.full_name}."
    if before is None:
        return moved
    still = "You still get" if {before, before.borough} & set(heard.areas) else "You get no"
    return f"{moved} {still} alerts for {before.full_name}."


def _ward_form() -> forms.MoveForm:
    heard = preferences.of(g.resident)
    return forms.MoveForm(session["moving"], heard.home if heard.home in heard.areas else None)


def _ask(name: str, form: forms.QuestionForm, status: int = 200):
    asked = survey.QUESTIONS[name]
    return page(
        "signup/question.html",
        asked.title,
        part="signup/_question.html",
        status=status,
        wrong=form if form.errors else None,
        form=form,
        question=asked,
        back_url=url_for("preferences.areas") if name == "postcode" else url_for("preferences.move", name="postcode"),
        action=request.path,
        list_url=url_for("preferences.move", name="borough"),
        button="This is my ward" if name == "ward" else "Continue",
    )

"""One's name, what concerns one, and what of it matters most."""

from flask import g, redirect, session, url_for

from metengage import forms, profile, survey
from metengage.views import page, wants_part
from metengage.views.preferences import beside, bp, full_only


def _ask(question: str, form: forms.QuestionForm, action: str, back: str = "preferences.show", status: int = 200):
    if form.errors and wants_part():
        return beside(wrong=form)
    asked = survey.QUESTIONS[question]
    return page(
        "preferences/about.html",
        asked.title,
        status=status,
        wrong=form if form.errors else None,
        form=form,
        question=asked,
        action=url_for(action),
        back_url=url_for(back),
    )


def _saved(words: str):
    if wants_part():
        return beside(words)
    session["said"] = words
    return redirect(url_for("preferences.show"), 303)


# --- Name ---


@bp.get("/preferences/name")
@full_only
def name():
    return _ask("name", forms.NameForm(data={"name": g.resident.name}), "preferences.rename")


@bp.post("/preferences/name")
@full_only
def rename():
    form = forms.NameForm()
    if not form.validate_on_submit():
        return _ask("name", form, "preferences.rename", status=422)
    new = form.answer()
    profile.rename(g.resident, new)
    return _saved(f"Saved. Our emails greet you as {new}." if new else "Saved. Our emails greet you by no name.")


# --- What concerns you ---


@bp.get("/preferences/concerns")
@full_only
def concerns():
    chosen = profile.concerns(g.resident)["concerns"] or [survey.NONE_OF_THESE]
    return _ask("concerns", forms.ConcernsForm(data={"concerns": chosen}), "preferences.choose_concerns")


@bp.post("/preferences/concerns")
@full_only
def choose_concerns():
    form = forms.ConcernsForm()
    if not form.validate_on_submit():
        return _ask("concerns", form, "preferences.choose_concerns", status=422)
    themes = survey.real_concerns({"concerns": form.answer()})
    profile.choose_concerns(g.resident, themes)
    if len(themes) > 1 and not wants_part():
        return redirect(url_for("preferences.rank"), 303)
    return _saved_concerns()


@bp.get("/preferences/concerns/rank")
@full_only
def rank():
    answers = profile.concerns(g.resident)
    if len(answers["concerns"]) < 2:
        return redirect(url_for("preferences.concerns"))
    return _ask("rank", forms.RankForm(answers), "preferences.rank_concerns", "preferences.concerns")


@bp.post("/preferences/concerns/rank")
@full_only
def rank_concerns():
    form = forms.RankForm(profile.concerns(g.resident))
    if not form.validate_on_submit():
        return _ask("rank", form, "preferences.rank_concerns", "preferences.concerns", status=422)
    profile.rank_concerns(g.resident, form.answer())
    return _saved_concerns()


def _saved_concerns():
    return _saved(f"Saved. What concerns you: {profile.concerns_in_words(g.resident)}.")

"""A team’s queue of what residents told it, the oldest due first; and one of them, with all that was written to it."""

from flask import abort, make_response, redirect, request, session, url_for

from metengage import (
    casework,
    diverter,
    forms,
    officers,
    patterns,
    priorities,
    promises,
    responses,
    restrictions,
    stories,
)
from metengage.models import Concern, Message
from metengage.views import but, now, page
from metengage.views.officers import bp, me


@bp.get("/concerns")
def concerns_list():
    part = request.args.get("part", casework.TO_ANSWER)
    after = request.args.get("after", 0, type=int)
    if part not in casework.PARTS or not 0 <= after < 100_000:
        abort(404)
    found = casework.queue(me(), part, after)
    return page(
        "officers/concerns/list.html",
        "Concerns",
        shown=part,
        parts=casework.PARTS,
        queue=found,
        ticked=part == casework.HELD and request.args.get("ticked") == "all",
        after=after,
        following=after + casework.PAGE if found.has_more else 0,
        moment=now(),
        said=session.pop("said", ""),
    )


@bp.get("/concerns/<int(max=2147483647):concern_id>")
def concern(concern_id: int):
    """Looking is written down, and whoever raised it sees that."""
    found = my_concern(concern_id)
    casework.look_at(me(), found, now())
    return show(found)


@bp.get("/concerns/<int(max=2147483647):concern_id>/photo")
def photo(concern_id: int):
    found = casework.photo_of(my_concern(concern_id))
    if found is None:
        abort(404)
    reply = make_response(bytes(found.content))
    reply.mimetype = "image/jpeg"
    return reply


def my_concern(concern_id: int) -> Concern:
    """The concern, if a team of the officer who is signed in has it; otherwise there is none."""
    found = casework.concern_for(me(), concern_id)
    if found is None:
        abort(404)
    return found


def show(found: Concern, wrong=None, status: int = 200, **given):
    """The page of a concern; `given` are the forms that were sent."""
    team, moment, history = found.team, now(), casework.history(found)
    said = session.pop("said", "")
    return page(
        "officers/concerns/show.html",
        f"Concern {found.id}",
        status=status,
        wrong=wrong,
        said=said,
        concern=found,
        history=history,
        last=Message.latest_between([found]).get(found.id),
        photo=casework.photo_of(found),
        earlier=casework.earlier_by(found),
        danger=_danger(found, history),
        can_write=responses.can_write(found),
        is_late=promises.is_late(found, moment),
        because=responses.BECAUSE,
        limit=restrictions.of(found.resident, moment) if found.resident else None,
        moment=moment,
        may_limit=found.resident is not None and officers.may_manage(me(), team),
        **forms_of(found) | given,
    )


def _danger(found: Concern, history: list[Message]) -> list[str]:
    """The words of a resident's, also of what they wrote later, that may mean danger or a crime."""
    texts = [found.text, *(each.text for each in history if each.kind in Message.FROM_RESIDENT)]
    return [words for text in texts for way in diverter.look(text) for words in way.words]


def forms_of(found: Concern) -> dict:
    team = found.team
    sorted_to = {"theme": found.theme or "", "ward": found.ward_id, "story": str(found.story_id or "")}
    sorted_to["priority"] = str(found.priority_id or "")
    sorted_to["same_as"] = str(found.duplicate_of_id or "")
    elsewhere = [each for each in officers.all_teams() if each != team]
    return {
        "write": forms.WriteForm(formdata=None, data={"seen": str(found.revision)}),
        "note": forms.NoteForm(formdata=None),
        "sort": sort_form(found, formdata=None, data=sorted_to),
        "hand": forms.HandForm(elsewhere, formdata=None),
        "give": forms.GiveForm(casework.colleagues(team), formdata=None, data={"officer": str(found.officer_id or "")}),
        "restrict": forms.RestrictForm(formdata=None),
    }


def sort_form(found: Concern, **kwargs) -> forms.SortForm:
    """What it may belong to; a priority that it is part of stays on show when that is closed."""
    wards = officers.wards_of(found.team)
    promised = [each for ward in wards for each in (*priorities.set_in(ward), *priorities.proposed_in(ward))]
    promised += [found.priority] if found.priority_id and found.priority not in promised else []
    return forms.SortForm(wards, stories.open_for(found.team), promised, **kwargs)


def done(found: Concern, changed: bool, words: str):
    """Back to the concern, saying what was done, or that somebody else was first."""
    nothing = but("Nothing was done: somebody else has changed it meanwhile. See what is new below.")
    session["said"] = words if changed else nothing
    return redirect(url_for("officers.concern", concern_id=found.id), 303)


def begin(found: Concern):
    """What they have typed, and after it the text that they chose to begin with."""
    form = forms.WriteForm()
    form.text.data = patterns.response(form.begin.data or "", found.place, form.text.data or "")
    return show(found, write=form)

"""See which stories one follows, and follow one no longer."""

from flask import g, session

from metengage import stories
from metengage.views import now, page
from metengage.views.preferences import bp, residents_only


@bp.get("/preferences/stories", endpoint="stories")  # the name of its room is that of a view here
@residents_only
def followed():
    return page(
        "preferences/stories.html",
        "Stories you follow",
        part="preferences/_stories.html",
        followed=stories.of(g.resident, now()),
        said=session.pop("said", ""),
    )

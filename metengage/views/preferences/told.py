"""What one told one’s team, and what came of it."""

from flask import g

from metengage import concerns, links
from metengage.models import Message
from metengage.views import page
from metengage.views.preferences import bp, full_only


@bp.get("/preferences/told")
@full_only
def told():
    mine = concerns.of(g.resident)
    return page(
        "preferences/told.html",
        "What you told your team",
        concerns=[(each, links.sign(links.CONCERN, g.resident, each.id)) for each in mine],
        last=Message.latest_between(mine),
        home=g.resident.home,
    )

"""Officers download posters and cards of the wards they look after, to put up and hand out."""

import re

from flask import abort, make_response, url_for
from flask.wrappers import Response

from metengage import prints, teams
from metengage.views.officers import bp, me


@bp.get("/wards/<code>/poster")
def poster_of_ward(code: str):
    return _download(prints.POSTER, code)


@bp.get("/wards/<code>/cards")
def cards_of_ward(code: str):
    return _download(prints.CARDS, code)


def _download(kind: str, code: str) -> Response:
    found = teams.ward_for(me(), code)
    if found is None:
        abort(404)
    ward, team = found
    reply = make_response(prints.of_ward(kind, ward, team, url_for("join.show", code=code, _external=True)))
    reply.mimetype = "application/pdf"
    words = f"{kind} {ward.full_name}".lower()
    reply.headers.set("Content-Disposition", "attachment", filename=f"{'-'.join(re.findall('[a-z0-9]+', words))}.pdf")
    return reply

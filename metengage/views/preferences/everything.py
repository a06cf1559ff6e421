"""Everything we hold: read it, take a copy, erase it."""

from flask import g, redirect, render_template, send_file, url_for

from metengage import links, rights
from metengage.formats import london
from metengage.views import now, page
from metengage.views.preferences import bp, forget_visitor, full_only

MOST = 20  # rows of a kind on the page; the copy has all


@bp.get("/preferences/everything")
@full_only
def everything():
    return page(
        "preferences/everything.html",
        "Everything we hold about you",
        sections=[each for each in rights.everything(g.resident, MOST) if each.rows],
        looked=rights.who_looked(g.resident),
        most=MOST,
    )


@bp.post("/preferences/download")
@full_only
def download():
    moment = now()
    try:
        sections = rights.copy(g.resident, moment)
    except rights.Gone:
        raise links.LinkEnded
    readable = render_template("preferences/copy.html", sections=sections, made_at=moment)
    reply = send_file(
        rights.zipped(sections, [readable], moment),
        mimetype="application/zip",
        as_attachment=True,
        download_name=f"my-data-{london(moment):%Y-%m-%d}.zip",
    )
    reply.headers["Cache-Control"] = "no-store"
    return reply


@bp.get("/preferences/erase")
@full_only
def erase():
    """What erasing would take and leave, before it is done."""
    return page("preferences/erase.html", "Erase your record", goes=rights.what_goes(), stays=rights.what_stays())


@bp.post("/preferences/erase")
@full_only
def erase_now():
    rights.erase(g.resident, now())
    forget_visitor()
    return redirect(url_for("preferences.erased"), 303)


@bp.get("/preferences/erased")
def erased():
    return page("preferences/erased.html", "Your record is erased")

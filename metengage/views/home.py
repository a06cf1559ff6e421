"""The front page and the pages about the service itself."""

from flask import Blueprint

from metengage import areas, register
from metengage.views import page

bp = Blueprint("home", __name__)

COOKIES = (
    (
        "session",
        "Remembers your answers while you sign up, that you opened your preferences, and that you have just left",
        "When you close your browser",
    ),
)


@bp.get("/")
def start():
    return page("home/start.html", "Hear from your local police team", boroughs=areas.started_boroughs())


@bp.get("/areas/")
def find():
    boroughs = areas.started_boroughs()
    return page("home/areas.html", "Find your ward", boroughs=[(each, areas.wards_of([each])) for each in boroughs])


@bp.get("/privacy")
def privacy():
    return page("home/privacy.html", "Privacy", groups=register.GROUPS)


@bp.get("/cookies")
def cookies():
    return page("home/cookies.html", "Cookies", cookies=COOKIES)


@bp.get("/accessibility")
def accessibility():
    return page("home/accessibility.html", "Accessibility statement")

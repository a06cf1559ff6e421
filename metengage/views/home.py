"""The front page and the pages about the service itself."""

from flask import Blueprint, redirect, request, url_for

from metengage import areas, forms, purposes
from metengage.areas import Found
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
    form = forms.FindForm(formdata=None)
    return page("home/start.html", "Hear from your local police team", boroughs=areas.started_boroughs(), form=form)


@bp.get("/areas/")
def find():
    """By postcode, or from the list; a postcode that leads to one ward opens its page."""
    form, found = forms.FindForm(request.args), None
    if "postcode" in request.args and form.validate():
        found = form.found()
        if len(found.wards) == 1:
            return redirect(url_for("areas.show", code=found.wards[0].code))
    wrong = form if form.errors else None
    return page(
        "home/areas.html",
        "Find your ward",
        status=422 if wrong else 200,
        wrong=wrong,
        form=form,
        found=found,
        is_outside=found is not None and found.kind == Found.OUTSIDE,
        boroughs=[(each, areas.wards_of([each])) for each in areas.started_boroughs()],
    )


@bp.get("/privacy")
def privacy():
    return page("home/privacy.html", "Privacy", groups=purposes.GROUPS)


@bp.get("/cookies")
def cookies():
    return page("home/cookies.html", "Cookies", cookies=COOKIES)


@bp.get("/accessibility")
def accessibility():
    return page("home/accessibility.html", "Accessibility statement")

"""Is an email from us genuine? For anybody who has one, by the code at its end."""

from flask import Blueprint, request

from metengage import forms, limits, proofs
from metengage.views import network, now, page, too_often

bp = Blueprint("verify", __name__)


@bp.get("/verify")
def show():
    form = forms.CodeForm(request.args)
    if "code" not in request.args:
        return _answered("Is an email from us genuine?", form)
    if not form.validate():
        return _answered("Is an email from us genuine?", form, status=422, wrong=form)
    if not limits.allows("verify network", network(), now()):
        return too_often("Please wait a little before you check another code")
    proof = proofs.of(form.code.data)
    return _answered("We sent this email" if proof else "We did not send an email with this code", form, proof=proof)


def _answered(title: str, form: forms.CodeForm, status: int = 200, wrong=None, proof: proofs.Proof | None = None):
    is_asked = "code" in request.args and wrong is None
    return page(
        "verify/show.html", title, status=status, wrong=wrong, form=form, proof=proof, is_unknown=is_asked and not proof
    )

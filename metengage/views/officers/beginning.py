"""Officers see their alerts, and begin another."""

from flask import redirect, session, url_for

from metengage import alerts, desk, drafts, forms, officers, patterns
from metengage.models import Alert, Team
from metengage.views import now, page
from metengage.views.officers import bp, me


@bp.get("/")
@bp.get("/alerts")
def alerts_list():
    return _list(_beginning())


def _beginning() -> forms.NewAlertForm:
    return forms.NewAlertForm(officers.teams_of(me()), alerts.sent_by_teams_of(me()))


def _list(form: forms.NewAlertForm, status: int = 200):
    shown = alerts.list_for(me())
    return page(
        "officers/alerts/list.html",
        "Alerts",
        status=status,
        wrong=form if form.errors else None,
        form=form,
        alerts=shown,
        came_back=alerts.came_back(each for each in shown if each.is_draft),
        desk=desk.of(me(), now()),
        said=session.pop("said", ""),
    )


@bp.post("/alerts")
def begin():
    teams, form = officers.teams_of(me()), _beginning()
    if len(teams) != 1 and not form.validate_on_submit():
        return _list(form, status=422)
    team = teams[0] if len(teams) == 1 else next(each for each in teams if str(each.id) == form.team.data)
    return redirect(url_for("officers.edit", alert_id=_begun(form, team).id), 303)


def _begun(form: forms.NewAlertForm, team: Team) -> Alert:
    kind, which = form.begins_with()
    template = patterns.templates().get(which) if kind == "template" else None
    if template:
        words = {name: getattr(template, name) for name in ("title", "body", "alert_type", "theme")}
        return drafts.begin(me(), team, now(), **words)
    like = alerts.alert_for(me(), int(which)) if kind == "alert" and which.isdigit() and len(which) < 10 else None
    return drafts.begin(me(), team, now(), like=like)

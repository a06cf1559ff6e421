"""Officers correct or withdraw what was sent, write an update to it, and end its story."""

from flask import redirect, session, url_for

from metengage import corrections, forms, jobs, sequels, standing, stories
from metengage.formats import count
from metengage.models import Alert
from metengage.views import but, now, page
from metengage.views.officers import bp, me, my_alert


def _to(endpoint: str, alert: Alert, said: str | dict = ""):
    if said:
        session["said"] = said
    return redirect(url_for(f"officers.{endpoint}", alert_id=alert.id), 303)


@bp.post("/alerts/<int(max=2147483647):alert_id>/correct")
def correct(alert_id: int):
    alert = my_alert(alert_id)
    try:
        return _to("edit", corrections.begin(alert, me(), now()))
    except corrections.NotNow as reason:
        return _to("watch", alert, but(str(reason)))
    except corrections.BeingCorrected as found:
        name = found.correction.author.name
        said = "You have begun this correction already." if found.correction.author == me() else (
            f"{name} has begun a correction already. This is it: there is one at a time."
        )  # fmt: skip
        return _to("watch", found.correction, but(said))


@bp.get("/alerts/<int(max=2147483647):alert_id>/withdraw")
def withdraw(alert_id: int):
    """What withdrawing would mean, before it is done."""
    alert = my_alert(alert_id)
    if not alert.is_public or standing.of(alert).withdrawal:
        return redirect(url_for("officers.watch", alert_id=alert.id))
    return _withdraw(alert, forms.WithdrawForm(formdata=None))


def _withdraw(alert: Alert, form: forms.WithdrawForm, status: int = 200):
    stands = standing.of(alert)
    return page(
        "officers/alerts/withdraw.html",
        "Withdraw this alert?",
        status=status,
        wrong=form if form.errors else None,
        alert=stands.first,
        shown=stands.newest,
        hidden_title=standing.without_title(stands.first),
        told=count(sum(corrections.told(stands.first, now()).values()), "person", "people"),
        form=form,
    )


@bp.post("/alerts/<int(max=2147483647):alert_id>/withdraw")
def withdraw_now(alert_id: int):
    alert, form = my_alert(alert_id), forms.WithdrawForm()
    if not alert.is_public:
        return _to("watch", alert)
    if form.validate_on_submit():
        form.reason.errors = corrections.wrong_in(form.reason.data)
    if form.errors:
        return _withdraw(alert, form, status=422)
    try:
        withdrawal = corrections.withdraw(alert, me(), form.reason.data, now(), form.hides_title.data)
    except corrections.NotNow as reason:
        return _to("watch", alert, but(str(reason)))
    for each in standing.of(withdrawal).all_sending:
        jobs.ring_alert(each.id)
    jobs.begin_if_due(withdrawal)
    jobs.ring_urgent()
    return _to("watch", withdrawal, "It is withdrawn: nobody can read it on the web any more.")


# --- Its story ---


@bp.post("/alerts/<int(max=2147483647):alert_id>/follow-up")
def follow_up(alert_id: int):
    """A draft in the same story; an alert without one begins one."""
    alert = my_alert(alert_id)
    try:
        draft = sequels.begin(alert, me(), now())
    except stories.NotOpen as reason:
        return _to("watch", alert, but(str(reason)))
    return _to("edit", draft, f"This draft is the next update in the story “{draft.story.title}”.")


@bp.post("/alerts/<int(max=2147483647):alert_id>/end-story")
def end_story(alert_id: int):
    alert = my_alert(alert_id)
    done = alert.is_public and alert.story and sequels.end(alert.story, me(), now())
    return _to(
        "watch", alert, "The story has ended. Followers hear no more of it." if done else but("Nothing has changed.")
    )

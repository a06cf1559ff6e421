"""Officers plan events, announce, change and cancel them, and note what came of them."""

from flask import abort, redirect, request, session, url_for

from metengage import attendance, bookings, drafts, events, forms, jobs, officers, teams
from metengage.formats import count
from metengage.models import Area, Event, Team
from metengage.views import but, now, page
from metengage.views.officers import bp, me

NUMBER = "int(max=2147483647)"
CHANGED = but("Somebody changed this event since you opened the form. Look at it as it is now, then change it.")


@bp.get("/events")
def events_list():
    listed = events.list_for(me(), now())
    return page(
        "officers/events/list.html",
        "Events",
        listed=listed,
        stands={each.id: bookings.stand(each) for each in listed.coming if each.places},
        form=forms.ForTeamForm(officers.teams_of(me()), formdata=None),
        teams=officers.teams_of(me()),
        said=session.pop("said", ""),
    )


def _mine(event_id: int) -> Event:
    return events.event_for(me(), event_id) or abort(404)


def _to(event: Event, said: str | dict = "", endpoint: str = "event"):
    if said:
        session["said"] = said
    return redirect(url_for(f"officers.{endpoint}", event_id=event.id), 303)


# --- Plan and change ---


@bp.get("/events/new")
def new_event():
    team = _team(request.args.get("team", ""))
    if team is None:
        session["said"] = but("Choose first which team it is of.")
        return redirect(url_for("officers.events_list"), 303)
    return _ask(forms.EventForm.blank(now(), _wards(team), team))


def _team(typed: str) -> Team | None:
    """The team that was chosen; of an officer who works in one only, that."""
    mine = officers.teams_of(me())
    if len(mine) == 1:
        return mine[0]
    return teams.team_for(me(), int(typed)) if typed.isascii() and typed.isdigit() and len(typed) < 10 else None


def _wards(team: Team, has: list[Area] = ()) -> list[Area]:
    """The wards that an officer may announce something in; what an event has already stays on offer."""
    mine = [area for area in officers.areas_for(me(), team) if area.is_ward]
    return mine + [ward for ward in has if ward not in mine]


@bp.post("/events")
def add_event():
    team = _team(request.form.get("team", "")) or abort(404)
    form = forms.EventForm(now(), _wards(team))
    if not form.validate_on_submit():
        return _ask(form, 422)
    facts = form.facts()
    key = form.key.once(*form.wards.data, *map(str, facts.values()))
    return _to(events.plan(me(), team, key, form.wards.data, now(), **facts))


@bp.get(f"/events/<{NUMBER}:event_id>/edit")
def edit_event(event_id: int):
    event = _mine(event_id)
    wards = events.wards_of(event)
    return _ask(forms.EventForm.of(event, now(), _wards(event.team, wards), wards), event=event)


@bp.post(f"/events/<{NUMBER}:event_id>/edit")
def save_event(event_id: int):
    event = _mine(event_id)
    form = forms.EventForm(now(), _wards(event.team, events.wards_of(event)))
    if not form.validate_on_submit():
        return _ask(form, 422, event)
    try:
        events.change(event, me(), form.based_on(), form.wards.data, now(), **form.facts())
    except events.ChangedMeanwhile:
        return _to(event, CHANGED)
    except events.NotPossible as reason:
        if not reason.field:
            return _to(event, but(str(reason)))
        form[reason.field].errors = [str(reason)]
        return _ask(form, 422, event)
    jobs.ring_urgent()
    return _to(event, "Saved.")


def _ask(form: forms.EventForm, status: int = 200, event: Event | None = None):
    title = "Change this event" if event else "Plan an event"
    wrong = form if form.errors else None
    return page("officers/events/edit.html", title, status=status, wrong=wrong, form=form, event=event)


# --- Announce, tell, call off ---


@bp.get(f"/events/<{NUMBER}:event_id>")
def event(event_id: int):
    found = _mine(event_id)
    return page(
        "officers/events/show.html",
        found.title,
        event=found,
        wards=events.wards_of(found),
        stand=bookings.stand(found) if found.places else None,
        moment=now(),
        said=session.pop("said", ""),
    )


@bp.post(f"/events/<{NUMBER}:event_id>/announce")
def announce(event_id: int):
    event = _mine(event_id)
    try:
        done = events.announce(event, me(), now())
    except events.NotPossible as reason:
        return _to(event, but(str(reason)))
    return _to(
        event, "It is on the wards’ pages now." if done else but("Nothing has changed: it was announced before.")
    )


@bp.post(f"/events/<{NUMBER}:event_id>/alert")
def write_about(event_id: int):
    """Begin an alert about it, which goes the way of all alerts."""
    event = _mine(event_id)
    if not event.is_published:
        return _to(event, but("Announce it first: the alert leads to its page."))
    words = events.alert_words(event, url_for("events.show", event_id=event.id, _external=True))
    draft = drafts.begin(me(), event.team, now(), places=events.wards_of(event), **words)
    return redirect(url_for("officers.edit", alert_id=draft.id), 303)


@bp.get(f"/events/<{NUMBER}:event_id>/cancel")
def call_off(event_id: int):
    event = _mine(event_id)
    return _call_off(event, forms.CallOffForm(event, formdata=None))


def _call_off(event: Event, form: forms.CallOffForm, status: int = 200):
    stand = bookings.stand(event)
    return page(
        "officers/events/cancel.html",
        "Cancel this event?" if event.is_public else "Put this plan away?",
        status=status,
        wrong=form if form.errors else None,
        event=event,
        told=count(stand.booked + stand.waiting, "person", "people"),
        form=form,
    )


@bp.post(f"/events/<{NUMBER}:event_id>/cancel")
def call_off_now(event_id: int):
    event = _mine(event_id)
    form = forms.CallOffForm(event)
    if not form.validate_on_submit():
        return _call_off(event, form, 422)
    done = events.cancel(event, me(), form.because.data, now())
    jobs.ring_urgent()
    words = "It is cancelled." if event.is_public else "It is put away."
    return _to(event, words if done else but("Nothing has changed: it is over, or was cancelled before."))


# --- Who comes, and what was said ---


@bp.get(f"/events/<{NUMBER}:event_id>/who")
def who_comes(event_id: int):
    """Looking is written down, and each of them sees it."""
    event = _mine(event_id)
    coming = attendance.who_comes(event, me(), now())
    ticked = {"who": [str(each.id) for each in coming if each.attended], "came": event.came or ""}
    return _who(event, coming, forms.WhoCameForm(coming, formdata=None, data=ticked))


def _who(event: Event, coming: list, form: forms.WhoCameForm, status: int = 200):
    return page(
        "officers/events/who.html",
        "Who comes" if not event.has_begun(now()) else "Who came",
        status=status,
        wrong=form if form.errors else None,
        event=event,
        coming=coming,
        stand=bookings.stand(event),
        has_begun=event.has_begun(now()),
        form=form,
        said=session.pop("said", ""),
    )


@bp.post(f"/events/<{NUMBER}:event_id>/who")
def note_who_came(event_id: int):
    event = _mine(event_id)
    coming = attendance.who_comes(event, me(), now())
    form = forms.WhoCameForm(coming)
    if not form.validate_on_submit():
        return _who(event, coming, form, 422)
    done = attendance.note_who_came(event, me(), form.how_many, map(int, form.who.data), now())
    return _to(event, "Saved." if done else but("Nothing was kept: it has not begun yet, or was cancelled."))


@bp.get(f"/events/<{NUMBER}:event_id>/said")
def what_was_said(event_id: int):
    event = _mine(event_id)
    return _say(event, forms.WhatWasSaidForm(formdata=None, data={"said": event.said}))


def _say(event: Event, form: forms.WhatWasSaidForm, status: int = 200):
    wrong = form if form.errors else None
    return page("officers/events/said.html", "What was said", status=status, wrong=wrong, event=event, form=form)


@bp.post(f"/events/<{NUMBER}:event_id>/said")
def say_what_was_said(event_id: int):
    event, form = _mine(event_id), forms.WhatWasSaidForm()
    if not form.validate_on_submit():
        return _say(event, form, 422)
    done = attendance.say(event, me(), form.said.data, now())
    return _to(event, "It is on the event’s page." if done else but("Nothing was published: it has not begun yet."))

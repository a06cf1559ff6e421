"""Alerts are written, kept, checked, sent or thrown away: every pair of states, everything twice, two at once."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from metengage import alerts, audience, dispatch, drafts, leaving, readiness, release, rounds
from metengage.alerts import AlreadySent, ChangedMeanwhile
from metengage.models import Alert, Area, Delivery, Journal
from metengage.release import NotReady
from tests import cast, services
from tests.cast import MERTON, RAVENSBURY, ST_HELIER, SURBITON_HILL
from tests.conftest import NOW

MINUTE = timedelta(minutes=1)
STATES = ("draft", "awaiting approval", "scheduled", "sending", "sent", "cancelled")


@pytest.fixture(autouse=True)
def _stand(app):
    """Every test here touches rows."""


def in_state(state: str) -> Alert:
    alert = services.draft()
    sending_at = None if state == "draft" else NOW
    Alert.update(state=state, sending_at=sending_at, prepared_at=None).where(Alert.id == alert.id).execute()
    return Alert.get_by_id(alert.id)


def begin(alert: Alert) -> Alert:
    return services.begin_sending(alert, cast.officer("Farah"), NOW)


def state_of(alert: Alert) -> str:
    return Alert.get_by_id(alert.id).state


# --- Every pair of states ---


def tried(act: Callable) -> dict[str, str]:
    """What this comes to for an alert in each state: the state it is in then, or the refusal that changed nothing."""
    found = {}
    for state in STATES:
        alert = in_state(state)
        try:
            act(alert)
            found[state] = state_of(alert)
        except AlreadySent:
            kept = Alert.get_by_id(alert.id)
            assert (kept.state, kept.title, audience.area_codes(kept)) == (state, alert.title, [ST_HELIER])
            found[state] = "refused"
    return found


UNCHANGED = {state: state for state in STATES}
REFUSED = dict.fromkeys(STATES, "refused")


def test_only_a_draft_begins_to_be_sent():
    assert tried(begin) == REFUSED | {"draft": "sending"}


def test_only_a_draft_is_saved():
    assert tried(lambda each: drafts.save(each, each.revision, [], NOW, title="New")) == REFUSED | {"draft": "draft"}
    assert Alert.select().where(Alert.title == "New").count() == 1


def test_only_a_draft_is_thrown_away():
    assert tried(lambda each: drafts.discard(each, cast.officer("Farah"), NOW)) == UNCHANGED | {"draft": "cancelled"}


def test_only_an_alert_being_sent_is_closed():
    def close(alert: Alert) -> None:
        Alert.update(prepared_at=NOW).where(Alert.id == alert.id).execute()
        rounds.close_if_done(alert, NOW)

    assert tried(close) == UNCHANGED | {"sending": "sent"}


def test_an_alert_is_not_closed_before_its_rows_are_made():
    assert tried(lambda each: rounds.close_if_done(each, NOW)) == UNCHANGED


def test_only_an_alert_being_sent_is_worked_on():
    assert tried(lambda each: dispatch.send_some(each, lambda: NOW)) == UNCHANGED | {"sending": "sent"}
    assert Delivery.select().count() == 1


def test_only_what_was_sent_may_be_read_by_anybody():
    public = {state: bool(alerts.public(in_state(state).id)) for state in STATES}
    assert public == dict.fromkeys(STATES, False) | {"sending": True, "sent": True}
    ward = Area.get_by_id(ST_HELIER)
    assert {alert.state for alert in alerts.of_area(ward)} == {"sending", "sent"}


def test_the_database_keeps_states_to_their_names():
    alert = services.draft()
    with pytest.raises(Exception, match=r"(?i)check"):
        Alert.update(state="delivered").where(Alert.id == alert.id).execute()


# --- Write ---


def test_a_draft_keeps_its_words_and_areas():
    alert = services.draft(codes=[ST_HELIER, RAVENSBURY, ST_HELIER])
    assert (alert.title, alert.theme, alert.revision) == ("Mopeds stolen in Green Lane", "theft-of-vehicles", 1)
    assert audience.area_codes(alert) == sorted([ST_HELIER, RAVENSBURY])


def test_saving_replaces_the_areas():
    alert = services.draft()
    drafts.save(alert, alert.revision, [RAVENSBURY], NOW)
    assert audience.area_codes(alert) == [RAVENSBURY]


def test_a_save_from_an_older_page_loses_nothing():
    alert = services.draft()
    drafts.save(alert, alert.revision, [RAVENSBURY], NOW, title="Newer", editor="one")
    with pytest.raises(ChangedMeanwhile):
        drafts.save(alert, alert.revision, [ST_HELIER], NOW, title="Older", editor="two")
    kept = Alert.get_by_id(alert.id)
    assert (kept.title, audience.area_codes(kept)) == ("Newer", [RAVENSBURY])


def test_one_open_page_may_save_again_without_waiting_for_the_answer():
    alert = services.draft()
    for title in ("First", "Second"):
        drafts.save(alert, alert.revision, [ST_HELIER], NOW, title=title, editor="one")
    assert Alert.get_by_id(alert.id).title == "Second"


def test_an_open_page_that_was_overtaken_may_not():
    alert = services.draft()
    saved = drafts.save(alert, alert.revision, [ST_HELIER], NOW, title="First", editor="one")
    drafts.save(saved, saved.revision, [ST_HELIER], NOW, title="Hana's", editor="two")
    with pytest.raises(ChangedMeanwhile):
        drafts.save(alert, saved.revision, [ST_HELIER], NOW, title="Third", editor="one")


def test_two_saves_at_once_keep_one_and_refuse_the_other(app):
    alert = services.draft()
    results = services.at_once(
        app,
        lambda: drafts.save(alert, alert.revision, [ST_HELIER], NOW, title="One", editor="one"),
        lambda: drafts.save(alert, alert.revision, [RAVENSBURY], NOW, title="Two", editor="two"),
    )
    (refused,) = [each for each in results if isinstance(each, Exception)]
    (saved,) = [each for each in results if isinstance(each, Alert)]
    assert isinstance(refused, ChangedMeanwhile)
    assert Alert.get_by_id(alert.id).title == saved.title
    assert audience.area_codes(alert) == [{"One": ST_HELIER, "Two": RAVENSBURY}[saved.title]]


@pytest.mark.parametrize(
    ("without", "field", "sentence"),
    [
        ({"title": " "}, "title", "Enter a title"),
        ({"alert_type": ""}, "alert_type", "Choose what kind of alert this is"),
        ({"codes": []}, "areas", "Choose at least one area"),
        ({"body": "\n"}, "body", "Write the alert"),
    ],
)
def test_what_is_missing_is_said_and_stops_the_sending(without, field, sentence):
    alert = services.draft(**without)
    assert readiness.of(alert, cast.officer("Farah")).missing == [(field, sentence)]
    with pytest.raises(NotReady, match=sentence):
        begin(alert)
    assert state_of(alert) == "draft"


def test_a_theme_is_not_needed():
    assert readiness.of(services.draft(theme=None), cast.officer("Farah")).missing == []


def test_an_empty_draft_can_be_looked_at():
    alert = drafts.begin(cast.officer("Farah"), cast.team("St Helier"), NOW)
    assert "Your title" in drafts.preview(alert).html
    assert len(readiness.of(alert, cast.officer("Farah")).missing) == 4


# --- Send ---


def test_beginning_to_send_fixes_who_when_and_how_many():
    alert = begin(services.draft())
    assert (alert.state, alert.sending_at, alert.sender.name, alert.audience_size) == ("sending", NOW, "PC Farah", 1)


def test_beginning_twice_is_refused_and_changes_nothing():
    alert = services.draft()
    begun = begin(alert)
    with pytest.raises(AlreadySent):
        services.begin_sending(alert, cast.officer("Hana"), NOW + MINUTE)
    assert Alert.get_by_id(alert.id).sending_at == begun.sending_at
    assert Alert.get_by_id(alert.id).sender == cast.officer("Farah")


def test_of_two_who_press_send_at_once_one_wins(app):
    alert = services.draft()
    results = services.at_once(
        app,
        lambda: services.begin_sending(alert, cast.officer("Farah"), NOW),
        lambda: services.begin_sending(alert, cast.officer("Hana"), NOW),
    )
    assert sorted(type(each).__name__ for each in results) == ["Alert", "AlreadySent"]
    assert Journal.select().where(Journal.action == "sent alert").count() == 1


def test_of_send_and_throw_away_at_once_one_wins(app):
    alert = services.draft()
    sent, gone = services.at_once(app, lambda: begin(alert), lambda: drafts.discard(alert, cast.officer("Hana"), NOW))
    assert isinstance(sent, Alert) is not gone
    assert state_of(alert) == ("cancelled" if gone else "sending")


def test_what_was_changed_since_it_was_looked_at_is_not_sent():
    looked_at = services.draft()
    drafts.save(looked_at, looked_at.revision, [ST_HELIER], NOW, title="Changed")
    with pytest.raises(ChangedMeanwhile):
        begin(looked_at)
    assert state_of(looked_at) == "draft"


def test_throwing_away_twice_is_once():
    alert = services.draft()
    assert drafts.discard(alert, cast.officer("Farah"), NOW)
    assert not drafts.discard(alert, cast.officer("Farah"), NOW)


def test_an_alert_that_reaches_nobody_any_more_is_sent_all_the_same():
    alert = begin(services.draft())
    leaving.leave(cast.resident("Amara"), "unsubscribed", NOW)
    assert dispatch.send_some(alert, lambda: NOW) == 0
    assert state_of(alert) == "sent"


def test_work_on_an_alert_twice_sends_once(post):
    alert = begin(services.draft())
    dispatch.send_some(alert, lambda: NOW)
    dispatch.send_some(alert, lambda: NOW)
    dispatch.send_some(Alert.get_by_id(alert.id), lambda: NOW)
    assert len(post.letters) == 1


# --- What the clock looks for ---


@pytest.mark.parametrize(("since", "found"), [(NOW - MINUTE, False), (NOW, True), (NOW + MINUTE, True)])
def test_an_alert_whose_bell_was_lost_is_found(since, found):
    begin(services.draft())
    assert bool(dispatch.unfinished(since)) is found


def test_an_alert_that_somebody_works_on_is_left_alone():
    alert = begin(services.draft())
    Alert.update(worked_at=NOW + MINUTE).execute()
    assert dispatch.unfinished(NOW) == []
    assert dispatch.unfinished(NOW + MINUTE) == [alert]


def test_other_alerts_are_not_looked_for():
    alerts_of = {state: in_state(state) for state in STATES}
    assert dispatch.unfinished(NOW + MINUTE) == [alerts_of["sending"]]


# --- Who may see which ---


@pytest.mark.parametrize(("name", "sees"), [("Farah", True), ("Hana", True), ("Idris", True), ("Gus", False)])
def test_an_alert_is_seen_by_its_team_and_administrators(name, sees):
    alert = services.draft()
    officer = cast.officer(name)
    assert bool(alerts.alert_for(officer, alert.id)) is sees
    assert (alert in alerts.list_for(officer)) is sees


def test_a_list_shows_drafts_first_and_what_was_thrown_away_not_at_all():
    sent, draft, gone = begin(services.draft()), services.draft(title="Draft"), services.draft(title="Gone")
    drafts.discard(gone, cast.officer("Farah"), NOW)
    assert alerts.list_for(cast.officer("Farah")) == [draft, sent]


def test_a_wards_page_shows_alerts_to_its_borough_too():
    services.begin_sending(services.draft(codes=[MERTON]), cast.officer("Hana"), NOW)
    wards = {code: cast.TeamWard.get(cast.TeamWard.ward == code).ward for code in (ST_HELIER, SURBITON_HILL)}
    assert len(alerts.of_area(wards[ST_HELIER])) == 1
    assert alerts.of_area(wards[SURBITON_HILL]) == []


def test_an_officer_may_not_send_what_a_supervisor_addressed_to_the_borough():
    with pytest.raises(release.NotReady, match="Ask a supervisor"):
        services.begin_sending(services.draft(codes=[MERTON]), cast.officer("Farah"), NOW)

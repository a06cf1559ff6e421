"""One alert, or everything, is paused, resumed and stopped: at once, by whoever may, and without a loss."""

import itertools
import re
import time
from collections.abc import Callable
from datetime import timedelta

import pytest

from metengage import addressing, db, deliveries, digests, dispatch, halts, jobs, manners, residents, urgent, watching
from metengage.models import Alert, Delivery, Journal
from tests import cast, services
from tests.conftest import NOW
from tests.rules.test_faults import worker

AMARA = "amara@example.org"
MINUTE, WEEK = timedelta(minutes=1), timedelta(days=7)
STANDINGS = {
    "draft": {"state": "draft"},
    "sending": {"state": "sending"},
    "paused": {"state": "sending", "paused_at": NOW},
    "stopping": {"state": "sending", "stopped_at": NOW},
    "stopped": {"state": "sent", "stopped_at": NOW},
    "sent": {"state": "sent"},
    "cancelled": {"state": "cancelled"},
}


@pytest.fixture
def everybody(app, post) -> list[str]:
    """Amara and forty others."""
    return sorted([AMARA, *services.crowd(40)])


@pytest.fixture
def alert(everybody) -> Alert:
    """Farah's alert to all of them, pressed Send at NOW."""
    return services.begin_sending(services.draft(), farah(), NOW)


def farah():
    return cast.officer("Farah")


def again(alert: Alert) -> Alert:
    return Alert.get_by_id(alert.id)


def send(alert: Alert, now=NOW) -> int:
    """Send all that is due then; how many rows were dealt with."""
    done = 0
    while some := dispatch.send_some(again(alert), lambda: now):
        done += some
    return done


def addressed(post) -> list[str]:
    return sorted(letter["To"] for letter in post.letters)


# --- Every standing ---


def standing_of(alert: Alert) -> str:
    values = ("state", "paused_at", "stopped_at")
    facts = {name: getattr(alert, name) for name in values if getattr(alert, name)}
    return next(name for name, held in STANDINGS.items() if held == facts)


def tried(act: Callable[[Alert], bool]) -> dict[str, str]:
    """What this comes to for an alert of each standing; those that it says False of are unchanged and left out."""
    found = {}
    for standing, facts in STANDINGS.items():
        alert = services.draft()
        Alert.update(facts).where(Alert.id == alert.id).execute()
        done = act(again(alert))
        assert done or standing_of(again(alert)) == standing
        found |= {standing: standing_of(again(alert))} if done else {}
    return found


def test_only_what_is_being_sent_is_paused(app):
    assert tried(lambda each: halts.pause(each, farah(), NOW)) == {"sending": "paused"}


def test_only_what_is_paused_is_resumed(app):
    assert tried(lambda each: halts.resume(each, farah())) == {"paused": "sending"}


def test_only_what_is_being_sent_or_paused_is_stopped(app):
    assert tried(lambda each: halts.stop(each, farah(), NOW)) == {"sending": "stopping", "paused": "stopping"}


def test_the_journal_says_who_did_it(alert):
    hana = cast.officer("Hana")
    halts.pause(alert, farah(), NOW)
    halts.resume(alert, hana)
    halts.stop(alert, None, NOW)
    rows = Journal.select().where(Journal.alert == alert).order_by(Journal.id)
    found = [(row.action, row.officer) for row in rows if re.match("paused|resumed|stopped", row.action)]
    assert found == [("paused alert", farah()), ("resumed alert", hana), ("stopped alert", None)]


def test_of_two_who_stop_it_at_once_one_does(app, alert):
    assert sorted(services.at_once(app, *[lambda: halts.stop(alert, farah(), NOW)] * 2)) == [False, True]
    assert Journal.select().where(Journal.action == "stopped alert").count() == 1


# --- One alert ---


def test_a_paused_alert_is_not_sent_and_goes_on_where_it_was(alert, everybody, post):
    addressing.prepare_alert(alert, NOW)
    halts.pause(alert, farah(), NOW)
    assert (send(alert), post.letters, dispatch.unfinished(NOW + MINUTE)) == (0, [], [])
    halts.resume(alert, farah())
    send(alert)
    assert addressed(post) == everybody


def test_a_paused_alert_holds_up_no_other(alert, everybody, post):
    halts.pause(alert, farah(), NOW)
    other = services.begin_sending(services.draft(title="Another"), farah(), NOW)
    jobs.ring_alert(alert.id)
    jobs.ring_alert(other.id)
    services.work_off()
    assert {letter["Subject"] for letter in post.letters} == {"Another"}
    assert addressed(post) == everybody


def test_a_stopped_alert_skips_the_rest_and_is_closed(alert, everybody, post, monkeypatch):
    monkeypatch.setattr("metengage.rounds.MOST", 10)
    addressing.prepare_alert(alert, NOW)
    dispatch.send_some(again(alert), lambda: NOW)
    halts.stop(alert, farah(), NOW)
    send(alert)
    assert (again(alert).state, len(post.letters)) == ("sent", 10)
    assert watching.progress(again(alert)) == watching.Progress(whole=41, sent=10, waiting=0, failed=0, skipped=31)
    assert dispatch.failures(alert) == [("sending was stopped", 31)]


def test_an_alert_stopped_before_its_rows_are_made_says_how_many_were_not_sent(alert, everybody, post):
    halts.stop(alert, farah(), NOW)
    assert send(alert) == 0
    assert (again(alert).state, post.letters, Delivery.select().count()) == ("sent", [], 0)
    assert watching.progress(again(alert)).not_sent == len(everybody)


def test_what_another_worker_holds_is_finished_before_a_stopped_alert_is_closed(alert, post):
    addressing.prepare_alert(alert, NOW)
    held = deliveries.claim(Delivery.alert == alert, 5, lambda: NOW)
    halts.stop(alert, farah(), NOW)
    send(alert)
    assert again(alert).state == "sending"
    held.give_back()
    send(alert)
    assert again(alert).state == "sent"
    assert post.letters == []


def test_a_stopped_alert_that_lost_its_bell_is_found(alert):
    halts.stop(alert, farah(), NOW)
    assert dispatch.unfinished(NOW) == [alert]


@pytest.mark.parametrize("halt", [halts.pause, halts.stop])
def test_nothing_is_claimed_for_what_is_halted_while_a_worker_waits_for_its_turn(alert, post, halt):
    addressing.prepare_alert(alert, NOW)
    loaded = again(alert)
    halt(alert, farah(), NOW)
    assert dispatch.send_some(loaded, lambda: NOW) == 0
    assert post.letters == []


# --- Everything ---


def begin_all_kinds() -> list[Callable]:
    """An alert, a digest and a link that are due; how each is sent."""
    alert = services.begin_sending(services.draft(), farah(), NOW)
    addressing.prepare_alert(alert, NOW)
    later = NOW + WEEK
    runs = digests.begin_due(later)
    residents.ask_for_link(AMARA, NOW)
    sends = [lambda run=run: digests.send_some(run, lambda: later) for run in runs]
    return [lambda: urgent.send(lambda: NOW), lambda: dispatch.send_some(again(alert), lambda: NOW), *sends, *sends]


def test_nothing_goes_while_everything_is_paused_and_all_of_it_afterwards(app, post):
    sends, idris = begin_all_kinds(), cast.officer("Idris")
    assert halts.pause_everything(idris, NOW)
    assert (sum(each() for each in sends[:2]), post.letters) == (0, [])
    assert halts.resume_everything(idris, NOW)
    for each in sends:
        each()
    assert addressed(post) == [AMARA, AMARA, "bryn@example.org"]


def test_pausing_and_resuming_everything_twice_is_once(app):
    idris = cast.officer("Idris")
    assert [halts.pause_everything(idris, NOW), halts.pause_everything(idris, NOW)] == [True, False]
    assert manners.the_pause().officer == idris
    assert [halts.resume_everything(idris, NOW), halts.resume_everything(idris, NOW)] == [True, False]
    actions = [row.action for row in Journal.select().order_by(Journal.id).where(Journal.action.endswith("everything"))]
    assert actions == ["paused everything", "resumed everything"]


@pytest.mark.parametrize("kind", ["urgent", "alert"])
def test_a_pause_is_seen_by_a_worker_that_waits_for_its_turn(app, post, kind):
    begin_all_kinds()
    calls = itertools.count()

    def clock():
        if next(calls) == 1:  # when it asks how many may go
            halts.pause_everything(None, NOW)
        return NOW

    work = {"urgent": lambda: urgent.send(clock), "alert": lambda: dispatch.send_some(Alert.get(), clock)}[kind]
    Alert.update(prepared_at=NOW).execute()
    assert (work(), post.letters) == (0, [])


def test_stopping_everything_pauses_it_and_stops_what_is_being_sent(alert, everybody, post):
    draft = services.draft()
    assert halts.stop_everything(cast.officer("Idris"), NOW) == 1
    assert (manners.is_paused(), again(alert).is_stopped, again(draft).is_draft) == (True, True, True)
    send(alert)
    assert (again(alert).state, post.letters) == ("sent", [])
    assert halts.stop_everything(cast.officer("Idris"), NOW) == 0


# --- Within two seconds ---

PROMISED = 2  # seconds


@pytest.fixture
def busy(settings, database, app, post):
    """A worker in the middle of an alert to 401 people, at 40 emails a second: (the alert, when each was taken)."""
    services.crowd(400)
    alert = services.begin_sending(services.draft(), farah(), db.now())
    moments = []

    def slowly():
        time.sleep(1 / 40)
        moments.append(time.monotonic())

    post.before_taking = slowly
    jobs.ring_alert(alert.id)
    with worker(settings, database):
        wait_until(lambda: len(moments) > 20)
        yield alert, moments
        post.before_taking = None


def wait_until(is_so: Callable[[], bool], seconds: float = 60) -> None:
    until = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < until
        time.sleep(0.05)


def is_quiet_in_time(halt: Callable[[], object], moments: list[float]) -> bool:
    """Halt, and look for a while whether the mail server takes anything later than promised."""
    pressed = time.monotonic()
    assert halt()
    time.sleep(PROMISED + 1)
    assert len(moments) < 401
    return moments[-1] < pressed + PROMISED


def test_a_pause_takes_effect_in_time_and_resuming_leaves_nobody_out(busy, post):
    alert, moments = busy
    assert is_quiet_in_time(lambda: halts.pause(alert, farah(), db.now()), moments)
    post.before_taking = None
    resumed = time.monotonic()
    halts.resume(alert, farah())
    jobs.ring_alert(alert.id)
    wait_until(lambda: len(post.letters) == 401)
    assert time.monotonic() - resumed < 15
    assert len(set(addressed(post))) == 401


def test_a_stop_takes_effect_in_time_and_closes_the_alert(busy, post):
    alert, moments = busy
    assert is_quiet_in_time(lambda: halts.stop(alert, farah(), db.now()), moments)
    wait_until(lambda: again(alert).state == "sent")
    progress = watching.progress(again(alert))
    assert (progress.sent, progress.skipped) == (len(post.letters), 401 - len(post.letters))


def test_pausing_everything_takes_effect_in_time(busy):
    alert, moments = busy
    assert is_quiet_in_time(lambda: halts.pause_everything(None, db.now()), moments)
    assert again(alert).state == "sending"

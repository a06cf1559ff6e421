"""How sending goes is told truly, by index, and names nobody."""

import logging
from datetime import timedelta

import pytest

from metengage import addressing, db, dispatch, leaving, manners, residents, suppressions, watching
from metengage.bell import Heard, Listener
from metengage.models import Alert, Delivery, Resident, Sender, Suppression
from metengage.watching import Backlog, Progress, Trouble, Worker
from tests import cast, services
from tests.conftest import NOW

AMARA = "amara@example.org"
SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)


@pytest.fixture
def alert(app, post) -> Alert:
    """Farah's alert to Amara and three others, pressed Send at NOW, with its rows made."""
    services.crowd(3)
    alert = services.begin_sending(services.draft(), cast.officer("Farah"), NOW)
    addressing.prepare_alert(alert, NOW)
    return Alert.get_by_id(alert.id)


def send(alert: Alert) -> None:
    while dispatch.send_some(Alert.get_by_id(alert.id), lambda: NOW):
        pass


def heard(*workers: Listener) -> Heard:
    return Heard(queues={}, broken=0, workers=list(workers), clocks=[], totals={}, last_minute={})


# --- Alerts ---


def test_progress_counts_what_was_sent_and_what_became_of_the_others(alert, post):
    post.refusals[AMARA] = "550 5.7.1 no"
    post.refusals["resident0001@example.org"] = "451 later"
    send(alert)
    found = watching.progress(Alert.get_by_id(alert.id))
    assert found == Progress(whole=4, sent=2, waiting=1, failed=1, skipped=0)
    assert (found.dealt_with, found.not_sent) == (3, 2)


def test_progress_of_an_alert_whose_rows_are_not_made_yet_counts_whom_it_reaches(app):
    alert = services.begin_sending(services.draft(), cast.officer("Farah"), NOW)
    assert watching.progress(alert) == Progress(whole=1, sent=0, waiting=0, failed=0, skipped=0)


def test_what_is_under_way_is_neither_draft_nor_done(alert):
    services.draft()
    assert watching.under_way() == [alert]
    send(alert)
    assert watching.under_way() == []


# --- What waits ---


def test_each_kind_has_its_backlog(alert):
    residents.ask_for_link(AMARA, NOW)
    later = NOW + MINUTE
    found = {kind: watching.backlog(kind, later) for kind in watching.KINDS}
    assert found == {"urgent": Backlog(1, 60), "alert": Backlog(4, 60), "digest": Backlog(0, 0)}


def test_what_is_not_due_yet_waits_but_is_not_late(alert, post):
    post.refusals["*"] = "451 later"
    send(alert)
    assert watching.backlog("alert", NOW) == Backlog(4, 0)


# --- Who works ---


def test_workers_are_those_that_redis_knows_and_those_that_send(app):
    manners.share(NOW)
    found = watching.workers(heard(Listener("a.1", "idle", NOW - 9 * SECOND)), NOW + SECOND)
    assert found == [Worker("a.1", "idle", 10, 0), Worker(manners.me(), "", 1, 8)]


def test_a_worker_is_one_by_whatever_it_is_known(app):
    manners.share(NOW)
    found = watching.workers(heard(Listener(manners.me(), "busy", NOW - 9 * SECOND)), NOW)
    assert found == [Worker(manners.me(), "busy", 0, 8)]


def test_without_redis_those_that_send_are_still_seen(app):
    manners.share(NOW)
    assert [worker.seen for worker in watching.workers(None, NOW + SECOND)] == [1]
    assert watching.workers(None, NOW + Sender.GONE) == []


def test_what_is_wrong_with_a_mail_server_can_be_read_while_its_worker_rests(app):
    manners.share(NOW)
    manners.rest(NOW, "smtp1: 421 amara@example.org closing")
    assert watching.troubled_relays(NOW + MINUTE) == [(manners.me(), "smtp1: 421 (address) closing")]
    assert watching.troubled_relays(NOW + 10 * MINUTE) == []
    assert watching.workers(None, NOW) == []


def test_a_worker_that_rests_leaves_its_connections_to_others(app):
    manners.share(NOW)
    manners.rest(NOW, "smtp1: does not answer")
    Sender.update(name="another").execute()
    assert manners.share(NOW + SECOND).connections == 8
    assert watching.troubled_relays(NOW + SECOND) == []


# --- What went wrong ---


def test_the_latest_trouble_comes_first_in_words_and_with_how_many(alert, post):
    post.refusals[AMARA] = f"550 5.1.1 <{AMARA}>: no such mailbox"
    send(alert)
    Delivery.update(state=Delivery.PENDING).where(Delivery.state == Delivery.SENT).execute()
    post.refusals["*"] = "451 greylisted"
    dispatch.send_some(alert, lambda: NOW + MINUTE)
    assert watching.troubles() == [
        Trouble("pending", "451 greylisted", 3, NOW + MINUTE),
        Trouble("failed", "550 5.1.1 <(address)>: no such mailbox", 1, NOW),
    ]
    assert len(watching.troubles(limit=1)) == 1


def test_what_was_sent_in_the_end_is_no_trouble(alert, post):
    post.refusals["*"] = "451 greylisted"
    send(alert)
    post.refusals.clear()
    dispatch.send_some(alert, lambda: NOW + MINUTE)
    assert watching.troubles() == []


def test_what_need_not_be_sent_is_no_trouble(alert):
    leaving.leave(cast.resident("Amara"), "unsubscribed", NOW)
    send(alert)
    assert (dispatch.tally(alert)["skipped"], watching.troubles()) == (1, [])


@pytest.mark.parametrize("answer", ["550 5.1.1 {} unknown", "451 {} later", "421 {} closing", "554 {} is rated badly"])
@pytest.mark.parametrize("who", [AMARA, AMARA.upper(), "somebody.else+tag@elsewhere.example"])
def test_no_reason_names_an_address_whoevers_it_is(alert, post, answer, who):
    post.refusals["*"] = answer.format(f"<{who}>")
    send(alert)
    assert {"@" in reason for (reason,) in Delivery.select(Delivery.reason).tuples()} == {False}


def test_suppressed_addresses_are_counted_by_reason(app):
    suppressions.add(cast.resident("Amara"), Suppression.ASKED, NOW)
    assert watching.suppressed() == {"bounced": 1, "complained": 0, "asked": 1}


# --- By index ---


@pytest.fixture
def asked(alert):
    """What the database is asked meanwhile: asked(act) → (statement, values)."""
    log, found = logging.getLogger("peewee"), []
    handler = logging.Handler()
    handler.emit = lambda record: found.append(record.msg)

    def ask(act) -> list[tuple]:
        level = log.level
        found.clear()
        log.setLevel(logging.DEBUG)
        log.addHandler(handler)
        act()
        log.removeHandler(handler)
        log.setLevel(level)
        assert found
        return [each for each in found if '"delivery"' in each[0]]

    return ask


def plan(statement: str, values: list) -> list[str]:
    """How the database goes about it, where every table is large."""
    if db.is_postgresql():
        db.handle.execute_sql("SET enable_seqscan = off")
    rows = db.handle.execute_sql(f"EXPLAIN {'' if db.is_postgresql() else 'QUERY PLAN '}{statement}", values).fetchall()
    return [str(row[-1]) for row in rows]


def test_no_question_reads_every_delivery(alert, asked):
    questions = [
        lambda: watching.progress(alert),
        lambda: dispatch.failures(alert),
        *(lambda kind=kind: watching.backlog(kind, NOW) for kind in watching.KINDS),
        watching.troubles,
    ]
    for question in questions:
        for statement, values in asked(question):
            steps = [step for step in plan(statement, values) if "delivery" in step or '"t1"' in step or " t1" in step]
            assert [step for step in steps if "Seq Scan" in step or ("SCAN" in step and "INDEX" not in step)] == []


@pytest.fixture
def another(alert) -> Alert:
    """An alert with hundreds of emails in every state, and a database that knows of them."""
    other = services.begin_sending(services.draft(), cast.officer("Farah"), NOW)
    Delivery.insert_many([{"kind": "alert", "alert": other, "state": each} for each in Delivery.STATES * 400]).execute()
    if db.is_postgresql():
        db.handle.execute_sql("ANALYZE delivery")
    return other


def test_counting_what_is_left_of_an_alert_reads_none_of_what_was_sent(alert, another, asked):
    """SQLite would otherwise look through all rows for each of the counts."""
    (tally, values) = asked(lambda: dispatch.tally(alert))[0]
    steps = " ".join(plan(tally, values))
    assert [name for name in ("pending", "sending", "unsent") if f"delivery_{name}" not in steps] == []
    assert "delivery_alert_once" not in steps


def test_nobody_is_named(alert, post):
    post.refusals[AMARA] = f"550 5.1.1 <{AMARA}>: no such mailbox"
    send(alert)
    told = repr([watching.troubles(), watching.workers(None, NOW), watching.suppressed(), watching.under_way()])
    assert not [row.email for row in Resident.select() if row.email and row.email in told]

"""Redis tells what was rung for, who listens and what was counted; without it nothing else suffers."""

import os
import time

import pytest

from metengage import addressing, bell, db, halts, jobs, manners, residents
from metengage.models import Alert
from tests import cast, services

AMARA = "amara@example.org"
NOTHING = {"sent": 0, "postponed": 0, "failed": 0, "skipped": 0}


@pytest.fixture
def alert(app, post) -> Alert:
    """Farah's alert to Amara and three others, of which one has no mailbox."""
    services.crowd(3)
    post.refusals[AMARA] = "550 5.1.1 no such mailbox"
    return services.begin_sending(services.draft(), cast.officer("Farah"), db.now())


def test_it_tells_how_many_jobs_wait_in_each_queue(alert):
    jobs.ring_alert(alert.id)
    jobs.ring_urgent()
    jobs.ring_urgent()
    assert bell.hear().queues == {"urgent": 2, "clock": 0, "quick": 1, "bulk": 0}


def test_it_counts_what_emails_came_to(alert):
    jobs.ring_alert(alert.id)
    services.work_off()
    heard = bell.hear()
    assert heard.totals == NOTHING | {"sent": 3, "failed": 1}
    assert heard.last_minute == {0: 3, alert.id: 3}


def test_urgent_emails_count_for_no_alert(app, post):
    residents.ask_for_link(AMARA, db.now())
    jobs.send_urgent()
    assert bell.hear().last_minute == {0: 1}


def test_what_was_sent_longer_ago_is_not_of_the_last_minute(app, monkeypatch):
    before = time.time()
    bell.count(NOTHING | {"sent": 5}, 7)
    monkeypatch.setattr(time, "time", lambda: before + bell.MINUTE + bell.SPAN)
    bell.count(NOTHING | {"sent": 2}, 7)
    heard = bell.hear()
    assert (heard.last_minute[7], heard.totals["sent"]) == (2, 7)


def test_it_knows_the_worker_that_listens(app):
    worker = jobs.worker()
    worker.register_birth()
    (listener,) = bell.hear().workers
    assert listener.name == manners.me() == f"{os.uname().nodename}.{os.getpid()}"
    assert abs((db.now() - listener.seen_at).total_seconds()) < 5
    worker.register_death()
    assert bell.hear().workers == []


def test_an_idle_worker_says_often_that_it_is_there(app):
    assert jobs.worker().dequeue_timeout < jobs.HEARTBEAT


def test_it_knows_the_clock(app):
    clock = jobs.clock()
    clock.register_birth()
    (listener,) = bell.hear().clocks
    assert listener.name == manners.me()
    clock.register_death()


def test_it_counts_jobs_that_ended_with_a_fault_of_ours(app):
    jobs.ring_digest(999)  # there is none
    services.work_off()
    assert bell.hear().broken == 1


def test_without_redis_it_tells_nothing_and_sending_goes_on(alert, post, settings, monkeypatch):
    monkeypatch.setattr(settings, "redis_url", "unix:///nowhere/redis.sock")
    jobs.send_alert(alert.id)
    assert (bell.hear(), bell.works(), len(post.letters)) == (None, False, 3)


def test_counting_begins_anew_for_each_spell(alert, caplog):
    caplog.set_level("INFO", "metengage.jobs")
    jobs.send_alert(alert.id)
    jobs.send_alert(alert.id)
    assert [record.sent for record in caplog.records if hasattr(record, "sent")] == [3]


def test_a_spell_says_what_came_of_it(alert, caplog):
    caplog.set_level("INFO", "metengage.jobs")
    jobs.send_alert(alert.id)
    record = next(each for each in caplog.records if each.name == "metengage.jobs")
    said = {name: getattr(record, name) for name in ("event", "alert", "sent", "postponed", "failed", "skipped")}
    assert said == {"event": "sending", "alert": alert.id, "sent": 3, "postponed": 0, "failed": 1, "skipped": 0}
    assert record.seconds > 0
    assert 1 <= record.connections <= 8


def test_a_spell_of_a_stopped_alert_says_how_many_were_skipped(alert, caplog):
    addressing.prepare_alert(alert, db.now())
    halts.stop(alert, None, db.now())
    caplog.set_level("INFO", "metengage.jobs")
    jobs.send_alert(alert.id)
    assert [(record.sent, record.skipped) for record in caplog.records if hasattr(record, "sent")] == [(0, 4)]

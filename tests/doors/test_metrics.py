"""What Prometheus gathers: for who brings the token, without a name in it, and true."""

import pytest
from prometheus_client.parser import text_string_to_metric_families

from metengage import addressing, db, halts, jobs, manners, residents
from tests import cast, services
from tests.page import Visitor

AMARA = "amara@example.org"
TOKEN = "only for those who watch"


@pytest.fixture
def alert(app, post):
    """Farah's alert to Amara and three others, with its rows made."""
    services.crowd(3)
    alert = services.begin_sending(services.draft(), cast.officer("Farah"), db.now())
    addressing.prepare_alert(alert, db.now())
    return alert


def gathered(visitor: Visitor) -> dict[str, float]:
    """Name{label} → value, as Prometheus reads it."""
    reply = visitor.ask("GET", "/metrics")
    assert reply.status_code == 200
    families = text_string_to_metric_families(reply.text)
    samples = [sample for family in families for sample in family.samples]
    return {"".join([each.name, *(f"{{{value}}}" for value in each.labels.values())]): each.value for each in samples}


# --- Who may ---


@pytest.fixture
def production(settings, monkeypatch):
    monkeypatch.setattr(type(settings), "is_local", False)


def test_on_ones_own_machine_it_is_open(visitor):
    assert visitor.ask("GET", "/metrics").status_code == 200


def test_in_production_without_a_token_there_is_nothing(visitor, production):
    assert visitor.ask("GET", "/metrics").status_code == 404


@pytest.mark.parametrize("brought", [None, "", "Bearer", "Bearer ", f"Basic {TOKEN}", f"Bearer {TOKEN}s", "é"])
def test_who_does_not_bring_the_token_gets_nothing(visitor, settings, monkeypatch, brought):
    monkeypatch.setattr(settings, "metrics_token", TOKEN)
    reply = visitor.ask("GET", "/metrics", headers={"Authorization": brought} if brought is not None else {})
    assert (reply.status_code, reply.headers["WWW-Authenticate"]) == (401, "Bearer")
    assert "metengage_" not in reply.text


def test_who_brings_the_token_gets_it(visitor, production, settings, monkeypatch):
    monkeypatch.setattr(settings, "metrics_token", TOKEN)
    reply = visitor.ask("GET", "/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
    assert (reply.status_code, reply.mimetype) == (200, "text/plain")


# --- What it says ---


def test_it_says_what_waits_and_for_how_long(visitor, alert):
    residents.ask_for_link(AMARA, db.now())
    found = gathered(visitor)
    assert [found[f"metengage_waiting{{{kind}}}"] for kind in ("urgent", "alert", "digest")] == [1, 4, 0]
    assert 0 < found["metengage_oldest_waiting_seconds"] < 60


def test_it_says_what_was_sent_failed_and_skipped_and_how_fast(visitor, alert, post):
    post.refusals[AMARA] = "550 5.7.1 no"
    jobs.send_alert(alert.id)
    found = gathered(visitor)
    totals = [found[f"metengage_{name}_total"] for name in ("sent", "failed", "skipped", "postponed")]
    assert totals == [3, 1, 0, 0]
    assert found["metengage_sent_per_second"] == 3 / 60


def test_it_says_which_workers_are_there_and_what_they_use(visitor, app):
    manners.share(db.now())
    found = gathered(visitor)
    assert (found["metengage_workers"], found["metengage_connections"]) == (1, 8)
    assert found[f"metengage_worker_seen_seconds{{{manners.me()}}}"] < 5


def test_it_says_what_was_rung_for_and_that_redis_is_there(visitor, alert):
    jobs.ring_alert(alert.id)
    found = gathered(visitor)
    queues = [found[f"metengage_queue_jobs{{{queue}}}"] for queue in ("urgent", "clock", "quick", "bulk")]
    assert (queues, found["metengage_redis_up"]) == ([0, 0, 1, 0], 1)


def test_it_says_whether_everything_is_paused(visitor):
    assert gathered(visitor)["metengage_paused"] == 0
    halts.pause_everything(None, db.now())
    assert gathered(visitor)["metengage_paused"] == 1


def test_it_says_how_many_addresses_are_suppressed_and_why(visitor):
    found = gathered(visitor)
    assert [found[f"metengage_suppressed{{{why}}}"] for why in ("bounced", "complained", "asked")] == [1, 0, 0]


def test_without_redis_it_says_so_and_the_rest(visitor, alert, settings, monkeypatch):
    monkeypatch.setattr(settings, "redis_url", "unix:///nowhere/redis.sock")
    found = gathered(visitor)
    assert (found["metengage_redis_up"], found["metengage_waiting{alert}"]) == (0, 4)
    assert "metengage_sent_total" not in found


def test_it_names_nobody(visitor, alert, post):
    post.refusals["*"] = f"421 <{AMARA}> closing"
    jobs.send_alert(alert.id)
    text = visitor.ask("GET", "/metrics").text
    assert not [word for word in ("@", "example.org", "Mopeds", "Farah", "amara") if word in text]

"""What an operator types to pause, resume, stop and watch sending."""

import pytest

from metengage import addressing, corrections, db, halts, manners, release
from metengage.models import Alert, Journal
from tests import cast, services


@pytest.fixture
def say(app):
    """Type a command below `sending`; what it answered."""

    def say(*words: str) -> str:
        reply = app.test_cli_runner().invoke(args=["sending", *words])
        assert reply.exit_code in (0, 1), reply.output
        return reply.output.strip()

    return say


@pytest.fixture
def alert(app, post) -> Alert:
    services.crowd(3)
    alert = services.begin_sending(services.draft(), cast.officer("Farah"), db.now())
    addressing.prepare_alert(alert, db.now())
    return alert


def test_everything_is_paused_and_resumed(say, alert, post):
    assert [say("pause"), say("pause")] == ["Everything is paused.", "Everything is paused already."]
    assert manners.is_paused()
    assert [say("resume"), say("resume")] == ["Sending goes on.", "Nothing was paused."]
    services.work_off()
    assert len(post.letters) == 4


def test_one_alert_is_stopped(say, alert, post):
    assert say("stop", str(alert.id)) == "Stopped: 0 of 4 emails sent."
    services.work_off()
    assert (Alert.get().state, post.letters) == ("sent", [])
    assert Journal.get(Journal.action == "stopped alert").officer is None


def test_what_is_not_being_sent_cannot_be_stopped(say, app):
    services.draft()
    assert [say("stop", "1"), say("stop", "99")] == [f"Error: Alert {id} is not being sent." for id in (1, 99)]


def test_a_withdrawal_is_not_stopped(say, alert):
    withdrawal = corrections.withdraw(alert, cast.officer("Hana"), "Another street", db.now())
    release.begin(withdrawal, db.now())
    assert "Pause it instead" in say("stop", str(withdrawal.id))


def test_status_says_what_waits_who_works_and_what_is_wrong(say, alert):
    manners.share(db.now(), "smtp1: the mail server does not answer")
    said = say("status")
    for line in (
        "Sending goes on.",
        "alert: 4 waiting",
        f"alert {alert.id}: 0 of 4 emails sent",
        f"worker {manners.me()}: seen 1 second ago, 8 connections",
        f"worker {manners.me()} says: smtp1: the mail server does not answer",
    ):
        assert line in said


@pytest.mark.parametrize(("halt", "words"), [(halts.pause, "paused"), (halts.stop, "being stopped")])
def test_status_says_what_is_halted(say, alert, halt, words):
    halt(alert, None, db.now())
    assert f"alert {alert.id}, {words}: 0 of 4 emails sent" in say("status")


def test_status_says_that_everything_is_paused_and_redis_is_gone(say, settings, monkeypatch):
    say("pause")
    monkeypatch.setattr(settings, "redis_url", "unix:///nowhere/redis.sock")
    assert "Everything is paused since" in say("status")
    assert "Redis does not answer" in say("status")

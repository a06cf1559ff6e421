"""The pages on which sending is watched, paused, resumed and stopped, as officers and administrators see them."""

import pytest
from bs4 import BeautifulSoup

from metengage import addressing, corrections, db, deliveries, halts, jobs, manners, release
from metengage.models import Alert, Delivery, Sender
from tests import cast, services
from tests.doors.test_parts import PART, element
from tests.page import Page, send_alert, write_alert

AMARA = "amara@example.org"


@pytest.fixture
def alert(app, post) -> Alert:
    """Farah's alert to Amara and eleven others, with its rows made and two of them sent."""
    services.crowd(11)
    alert = services.begin_sending(services.draft(), cast.officer("Farah"), db.now())
    addressing.prepare_alert(alert, db.now())
    claim = deliveries.claim(Delivery.alert == alert, 2, db.now)
    for row in claim.rows():
        claim.sent(row)
    claim.write_down()
    return Alert.get_by_id(alert.id)


@pytest.fixture
def watch(alert, signed_in) -> Page:
    """Farah's page of it."""
    return signed_in("Farah").visit(f"/officers/alerts/{alert.id}")


def again(page: Page) -> Page:
    return page.visitor.visit(page.url)


# --- One alert ---


def test_it_is_paused_and_resumed_where_it_is_watched(watch, post):
    page = watch.submit("Pause")
    assert page.url == watch.url
    assert "2 of 12 emails sent, 10 waiting. Paused since" in page.text
    services.work_off()
    assert post.letters == []
    page = page.submit("Resume")
    services.work_off()
    assert "12 of 12 emails sent" in again(page).text
    assert len(post.letters) == 10


def test_stopping_asks_once_more_and_says_what_it_means(watch, post):
    page = watch.submit("Stop")
    assert "2 of 12 emails have gone and cannot be called back. 10 will not be sent." in page.text
    assert not Alert.get().is_stopped
    page = page.submit("Stop it for good")
    services.work_off()
    assert "Stopped 2 of 12 emails sent; 10 were not." in again(page).text
    assert post.letters == []


def test_instead_of_stopping_it_can_be_paused(watch):
    assert "Paused since" in watch.submit("Stop").submit("Pause it instead").text


def test_what_is_done_cannot_be_paused_or_stopped(watch):
    stop = watch.submit("Stop")
    jobs.send_alert(1)
    for page in (watch.submit("Pause"), stop.submit("Stop it for good")):
        assert "Nothing has changed" in page.text
        assert "12 of 12 emails sent" in page.text
    buttons = {each.get_text().strip() for each in page.soup.main.find_all("button")}
    assert not buttons & {"Pause", "Resume", "Stop"}


def test_pressing_twice_says_that_somebody_was_before(watch):
    watch.submit("Pause")
    assert "Nothing has changed: somebody was just before you" in watch.submit("Pause").text


def test_the_page_before_stopping_leads_on_where_there_is_nothing_to_stop(watch, alert):
    halts.stop(alert, None, db.now())
    assert watch.visitor.visit(f"{watch.url}/stop").url == watch.url


def test_the_list_says_that_it_is_paused_or_stopped(watch, alert):
    watch.submit("Pause")
    assert "Paused" in watch.visitor.visit("/officers/alerts").text
    halts.stop(alert, None, db.now())
    assert "Stopping" in watch.visitor.visit("/officers/alerts").text


def test_while_everything_is_paused_the_alert_says_so(watch):
    halts.pause_everything(None, db.now())
    assert "All sending is paused since" in again(watch).text


def test_while_everything_is_paused_it_is_said_before_send_is_pressed(app, signed_in):
    page = write_alert(signed_in("Farah")).submit("Check and send")
    assert "All sending is paused" not in page.text
    halts.pause_everything(None, db.now())
    assert "What you send now waits until an administrator resumes it." in again(page).text


def test_what_is_stopped_does_not_say_that_it_waits(watch, alert):
    halts.pause_everything(None, db.now())
    halts.stop(alert, None, db.now())
    assert "resumes it" not in again(watch).text


@pytest.mark.parametrize("halt", [halts.pause, halts.stop])
def test_the_part_of_a_halted_alert_is_contained_in_its_page(watch, alert, halt):
    halt(alert, None, db.now())
    whole, part = (watch.visitor.ask("GET", watch.url, headers=headers).text for headers in ({}, PART))
    assert element(part, "progress") == element(whole, "progress") != "None"


def test_a_withdrawal_offers_no_stop_and_a_forged_one_is_refused(watch, alert):
    withdrawal = corrections.withdraw(alert, cast.officer("Hana"), "Another street", db.now())
    release.begin(withdrawal, db.now())
    page = watch.visitor.visit(f"/officers/alerts/{withdrawal.id}")
    assert (page.has_button("Pause"), page.has_button("Stop")) == (True, False)
    assert page.visitor.visit(f"{page.url}/stop").url == page.url
    token = page.soup.find("input", attrs={"name": "csrf_token"})["value"]
    after = page.visitor.post(f"{page.url}/stop", {"csrf_token": token})
    assert "A withdrawal cannot be stopped: who got the alert has to be told. Pause it instead." in after.text
    assert not Alert.get_by_id(withdrawal.id).is_stopped


# --- Everything ---


@pytest.fixture
def sending(app, signed_in) -> Page:
    """Idris's page of it."""
    return signed_in("Idris").visit("/officers/sending")


def test_everything_is_paused_and_resumed_there(alert, sending, post):
    page = sending.submit("Pause everything")
    assert "Everything is paused since" in page.text
    assert "by PC Idris" in page.text
    jobs.send_alert(alert.id)
    assert post.letters == []
    page.submit("Resume everything")
    services.work_off()
    assert len(post.letters) == 10


def test_stopping_everything_asks_once_more(alert, sending, post):
    page = sending.submit("Stop everything")
    assert "2 of 12 emails have gone, 10 will not be sent" in page.text
    assert not manners.is_paused()
    page = page.submit("Stop everything now")
    assert "Everything is paused, and 1 alert stopped for good." in page.text
    services.work_off()
    assert (post.letters, Alert.get().state) == ([], "sent")


def test_stopping_everything_says_when_there_is_nothing(sending):
    assert "No alert is being sent." in sending.submit("Stop everything").text


# --- What it shows ---


def test_it_shows_each_alert_that_is_being_sent(alert, sending):
    page = again(sending)
    assert "2 of 12 emails sent, 10 waiting, 0 failed; 0 in the last minute" in page.text
    assert page.click("Mopeds stolen in Green Lane").url == f"/officers/alerts/{alert.id}"


def test_it_shows_queues_workers_mail_servers_and_limits(app, sending, settings, monkeypatch):
    monkeypatch.setattr(settings, "mail_server", "smtp1.example.org, smtp2.example.org:587")
    monkeypatch.setattr(settings, "send_per_domain", "gmail.com=4/600, *=8/1200")
    monkeypatch.setattr(settings, "send_rate", 50.0)
    manners.share(db.now())
    jobs.ring_urgent()
    text = again(sending).text
    assert "Urgent 1 job" in text
    assert f"{manners.me()} seen 1 second ago, 8 connections" in text
    assert "Otherwise smtp2.example.org, port 587" in text
    assert "Emails a second, at most 50 gmail.com 4 connections, 600 emails a minute Every other domain" in text


def test_it_shows_what_went_wrong_without_whose_it_was(alert, sending, post):
    post.refusals[AMARA] = f"550 5.1.1 <{AMARA}>: no such mailbox"
    post.refusals["*"] = f"421 4.3.2 <{AMARA}> closing"
    Delivery.update(state=Delivery.PENDING).execute()
    jobs.send_alert(alert.id)
    page = again(sending)
    assert "550 5.1.1 <(address)>: no such mailbox" in page.text
    assert "says: 127.0.0.1: the mail server would not go on: 421 4.3.2 <(address)> closing" in page.text
    assert "@" not in page.text


def test_it_counts_suppressed_addresses(sending):
    assert "1 bounced, 0 complained, 0 asked us to stop." in sending.text


def test_it_says_who_is_missing(sending):
    assert "No worker is there." in sending.text
    assert "No clock is there" in sending.text


def test_without_redis_it_says_that_nothing_is_lost(sending, settings, monkeypatch):
    monkeypatch.setattr(settings, "redis_url", "unix:///nowhere/redis.sock")
    page = again(sending)
    assert "Redis does not answer. Nothing is lost" in page.text
    assert "No worker is there." not in page.text


def test_a_worker_that_is_gone_is_not_shown_as_sending(sending):
    manners.share(db.now() - 2 * Sender.GONE)
    assert "No worker is there." in again(sending).text


def test_its_part_is_contained_in_it_and_asks_for_itself(alert, sending):
    whole, part = (sending.visitor.ask("GET", sending.url, headers=headers).text for headers in ({}, PART))
    assert element(part, "state") == element(whole, "state") != "None"
    root = BeautifulSoup(part, "html.parser").find(id="state")
    assert (root["hx-get"], root["hx-trigger"]) == ("/officers/sending", "every 5s")
    assert root.find("a", href="/officers/sending")


# --- What is sent while nobody looks ---


def test_an_alert_sent_while_everything_is_paused_waits_and_says_so(sending, signed_in, post):
    sending.submit("Pause everything")
    page = send_alert(signed_in("Farah"))
    services.work_off()
    assert "All sending is paused since" in again(page).text
    assert post.letters == []

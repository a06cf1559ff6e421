"""One row per email: made once, claimed by one worker, sent, tried again, given up or skipped."""

import time
from datetime import timedelta

import pytest

from metengage import addressing, db, deliveries, dispatch, jobs, leaving, residents, rounds, suppressions, urgent
from metengage.deliveries import GIVE_UP
from metengage.models import Alert, Consent, Delivery, Notice, Resident, Suppression
from tests import cast, services
from tests.cast import RAVENSBURY
from tests.conftest import NOW

AMARA = "amara@example.org"
SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)
ANSWERS = {
    "ward": cast.ST_HELIER,
    "areas": [],
    "types": ["advice"],
    "concerns": ["none"],
    "frequency": "daily",
    "name": "",
    "email": "cleo@example.org",
}


@pytest.fixture
def alert(app, post) -> Alert:
    """Farah's alert, pressed Send at NOW."""
    return services.begin_sending(services.draft(), cast.officer("Farah"), NOW)


def prepared(alert: Alert) -> Alert:
    addressing.prepare_alert(alert, NOW)
    return Alert.get_by_id(alert.id)


def sent_at(alert: Alert, now) -> int:
    """Send a batch at that time."""
    return dispatch.send_some(Alert.get_by_id(alert.id), lambda: now)


def only() -> Delivery:
    return Delivery.get()


# --- Make rows ---


def test_each_resident_reached_at_once_gets_one_row(alert):
    services.crowd(3)
    prepared(alert)
    rows = Delivery.select(Resident.email).join(Resident).order_by(Resident.email).tuples()
    assert [email for (email,) in rows] == [AMARA, *[f"resident000{n}@example.org" for n in (1, 2, 3)]]


def test_preparing_twice_makes_no_more_rows(alert):
    prepared(prepared(alert))
    assert Delivery.select().count() == 1


def test_preparing_twice_at_once_makes_no_more_rows(app, alert):
    services.crowd(30)
    results = services.at_once(app, *[lambda: addressing.prepare_alert(alert, NOW)] * 2)
    assert results == [None, None]
    assert Delivery.select().count() == Alert.get_by_id(alert.id).audience_size == 31


def test_the_database_keeps_it_to_one_row_for_each_resident_and_alert(alert):
    row = prepared(alert).deliveries.get()
    with pytest.raises(Exception, match=r"(?i)unique"):
        Delivery.create(kind="alert", alert=alert, resident=row.resident)


# --- Claim and send ---


def test_it_sends_each_email_once(alert, post):
    services.crowd(5)
    prepared(alert)
    assert [sent_at(alert, NOW), sent_at(alert, NOW)] == [6, 0]
    assert len({letter["To"] for letter in post.letters}) == len(post.letters) == 6


def test_a_sent_row_says_when(alert):
    sent_at(prepared(alert), NOW)
    row = only()
    assert (row.state, row.sent_at, row.attempts, row.claim, row.reason) == ("sent", NOW, 1, None, None)


def test_two_workers_at_once_share_the_rows_without_overlap(app, alert, post, monkeypatch):
    monkeypatch.setattr(rounds, "MOST", 4)
    everybody = {AMARA, *services.crowd(30)}
    prepared(alert)

    def work() -> int:
        done = 0
        while batch := dispatch.send_some(Alert.get_by_id(alert.id), lambda: NOW):
            done += batch
        return done

    assert sum(services.at_once(app, work, work, work)) == 31
    assert sorted(letter["To"] for letter in post.letters) == sorted(everybody)


def test_a_batch_has_its_size(alert, monkeypatch):
    monkeypatch.setattr(rounds, "MOST", 4)
    services.crowd(6)
    prepared(alert)
    assert [sent_at(alert, NOW) for _ in range(3)] == [4, 3, 0]


def test_a_batch_has_its_time_and_gives_back_what_it_did_not_get_to(alert, post, monkeypatch):
    with monkeypatch.context() as hurried:
        hurried.setattr(rounds, "LONGEST", 0)
        sent_at(prepared(alert), NOW)
    assert (only().state, only().attempts, post.letters) == ("pending", 0, [])
    sent_at(alert, NOW)
    assert len(post.letters) == 1


def test_a_worker_that_wakes_up_too_late_sends_nothing(alert, post):
    hours = iter([NOW] * 4 + [NOW + HOUR] * 10)
    dispatch.send_some(prepared(alert), lambda: next(hours))
    assert (only().state, post.letters) == ("pending", [])


def test_a_row_that_was_taken_over_is_left_to_its_new_worker(alert, post):
    def take_over():
        with db.opened():
            Delivery.update(claim="another worker").execute()

    post.before_taking = take_over
    sent_at(prepared(alert), NOW)
    assert (only().state, only().claim) == ("sending", "another worker")


def test_the_send_rate_is_kept_roughly(alert, post, monkeypatch):
    monkeypatch.setattr(rounds.settings, "send_rate", 50.0)
    services.crowd(14)
    prepared(alert)
    started = time.monotonic()
    while dispatch.send_some(Alert.get_by_id(alert.id)):
        pass
    assert len(post.letters) == 15
    assert time.monotonic() - started > 12 / 50


def test_a_repeat_is_the_same_message(alert, post):
    sent_at(prepared(alert), NOW)
    Delivery.update(state=Delivery.PENDING).execute()
    Alert.update(state=Alert.SENDING).execute()
    sent_at(alert, NOW + HOUR)
    first, again = post.letters
    assert first["Message-ID"] == again["Message-ID"]


def test_no_two_emails_share_a_message_id(alert, post):
    services.crowd(5)
    sent_at(prepared(alert), NOW)
    residents.ask_for_link(AMARA, NOW)
    urgent.send(lambda: NOW)
    assert len({letter["Message-ID"] for letter in post.letters}) == len(post.letters) == 7


def test_confirmations_and_sign_in_links_go_ahead_of_bulk(app, alert, post):
    residents.ask_for_link(AMARA, db.now())
    jobs.ring_alert(alert.id)
    jobs.ring_urgent()
    services.work_off()
    assert [letter["Subject"] for letter in post.letters] == [
        "Your link to your preferences",
        "Mopeds stolen in Green Lane",
    ]


# --- Skip ---


def test_it_skips_suppressed_residents(alert, post):
    prepared(alert)
    Suppression.create(address_hash=suppressions.address_hash(AMARA), reason=Suppression.COMPLAINED)
    sent_at(alert, NOW)
    assert (only().state, only().reason, post.letters) == ("skipped", "the address is suppressed", [])


def test_it_skips_who_left_before_the_batch_was_claimed(alert, post):
    prepared(alert)
    leaving.leave(cast.resident("Amara"), "unsubscribed", NOW)
    sent_at(alert, NOW)
    assert (Delivery.get(Delivery.alert == alert).state, post.letters) == ("skipped", [])


def test_it_skips_who_left_since_the_last_round(alert, post, monkeypatch):
    monkeypatch.setattr(rounds, "MOST", 1)
    services.crowd(3)
    prepared(alert)

    def all_leave():
        with db.opened():
            for resident in Resident.select():
                leaving.leave(resident, "unsubscribed", NOW)

    post.before_taking = all_leave
    while sent_at(alert, NOW):
        pass
    tally = dispatch.tally(alert)
    assert (tally["sent"], tally["skipped"], len(post.letters)) == (1, 3, 1)


@pytest.mark.parametrize(
    "change",
    [
        lambda amara: cast.change(amara, NOW, types=["meetings"]),
        lambda amara: cast.change(amara, NOW, codes=[RAVENSBURY]),
    ],
)
def test_it_skips_who_no_longer_wants_it(alert, post, change):
    prepared(alert)
    change(cast.resident("Amara"))
    sent_at(alert, NOW)
    assert (only().state, only().reason, post.letters) == ("skipped", "no longer subscribed", [])


def test_it_skips_who_was_erased(alert, post):
    prepared(alert)
    Resident.update(state=Resident.ERASED, email=None).where(Resident.email == AMARA).execute()
    sent_at(alert, NOW)
    assert (only().state, only().reason) == ("skipped", "the address is gone")


def test_it_skips_a_link_for_who_has_left_since(app, post):
    link = residents.ask_for_link(AMARA, NOW)
    leaving.leave(cast.resident("Amara"), "unsubscribed", NOW)
    urgent.send(lambda: NOW)
    assert Delivery.get_by_id(link.id).state == "skipped"
    assert [letter["Subject"] for letter in post.letters] == ["You have left: no more emails from us"]


def test_it_skips_a_confirmation_of_what_is_confirmed(app, post):
    delivery = residents.sign_up(ANSWERS, NOW)
    Consent.update(confirmed_at=NOW).where(Consent.id == delivery.consent_id).execute()
    urgent.send(lambda: NOW)
    assert (only().state, only().reason) == ("skipped", "confirmed already")


def test_a_link_that_somebody_waits_for_goes_before_hundreds_of_notices(app, post):
    services.crowd(150)
    people = [id for (id,) in Resident.select(Resident.id).where(Resident.email.startswith("resident")).tuples()]
    notices = [(Notice.create(kind=Notice.INFORMED, resident=id, created_at=NOW).id, id) for id in people]
    addressing.to_notices(notices, NOW)
    residents.ask_for_link(AMARA, NOW)
    urgent.send(lambda: NOW)
    assert [letter["To"] for letter in post.letters] == [AMARA]
    urgent.send(lambda: NOW)
    assert len(post.letters) > 1


@pytest.mark.parametrize("since", [None, (1, NOW)])
def test_a_claim_finds_its_rows_in_order_and_sorts_nothing(alert, since):
    prepared(alert)
    statement, values = deliveries._due(deliveries.of_letter(alert), 10, NOW, since).sql()
    for way in ("seqscan", "bitmapscan", "sort") if db.is_postgresql() else ():  # where every table is large
        db.handle.execute_sql(f"SET enable_{way} = off")
    how = "EXPLAIN" if db.is_postgresql() else "EXPLAIN QUERY PLAN"
    plan = " ".join(str(row[-1]) for row in db.handle.execute_sql(f"{how} {statement}", values).fetchall())
    assert "delivery_pending" in plan
    assert "Sort" not in plan
    assert "TEMP B-TREE" not in plan


# --- Try again, give up ---


def test_a_final_refusal_is_kept_in_the_servers_words(alert, post):
    post.refusals[AMARA] = "550 5.1.1 no such mailbox"
    sent_at(prepared(alert), NOW)
    assert (only().state, only().reason) == ("failed", "550 5.1.1 no such mailbox")
    assert dispatch.failures(alert) == [("550 5.1.1 no such mailbox", 1)]


@pytest.mark.parametrize(
    ("words", "suppressed"), [("550 5.1.1 no such mailbox", {AMARA}), ("550 5.7.1 not you", set())]
)
def test_a_sign_in_link_for_a_mailbox_that_is_gone_suppresses_it(app, post, words, suppressed):
    post.refusals[AMARA] = words
    residents.ask_for_link(AMARA, NOW)
    urgent.send(lambda: NOW)
    assert (only().state, only().reason) == ("failed", words)
    assert suppressions.among([AMARA]) == suppressed


def test_a_confirmation_for_an_address_that_was_mistyped_suppresses_nothing(app, post):
    post.refusals["*"] = "550 5.1.1 no such mailbox"
    delivery = residents.sign_up(ANSWERS, NOW)
    urgent.send(lambda: NOW)
    assert Delivery.get_by_id(delivery.id).state == "failed"
    assert suppressions.among([ANSWERS["email"]]) == set()


def test_a_temporary_refusal_waits_and_is_then_sent(alert, post):
    post.refusals[AMARA] = "451 4.7.1 try later"
    sent_at(prepared(alert), NOW)
    assert (only().state, only().reason, only().due_at) == ("pending", "451 4.7.1 try later", NOW + MINUTE)
    post.refusals.clear()
    assert sent_at(alert, NOW + MINUTE - SECOND) == 0
    assert sent_at(alert, NOW + MINUTE) == 1
    assert (only().state, only().attempts, only().reason) == ("sent", 2, None)


def test_each_wait_is_longer_than_the_last_up_to_four_hours(alert, post):
    post.refusals["*"] = "451 later"
    now, waits = NOW, []
    prepared(alert)
    for _ in range(6):
        sent_at(alert, now)
        waits.append(only().due_at - now)
        now = only().due_at
    assert waits == [MINUTE, 5 * MINUTE, 15 * MINUTE, HOUR, 4 * HOUR, 4 * HOUR]


def test_it_gives_up_after_a_day(alert, post):
    post.refusals["*"] = "451 later"
    prepared(alert)
    now = NOW
    while sent_at(alert, now):
        now = only().due_at
    assert (only().state, only().reason) == ("failed", "given up after a day: 451 later")
    assert GIVE_UP - 4 * HOUR < now - NOW <= GIVE_UP


def test_a_fault_of_ours_in_one_email_does_not_hold_up_the_others(app, post):
    broken = residents.sign_up(ANSWERS, NOW)
    Consent.update(answers={}).where(Consent.id == broken.consent_id).execute()
    residents.ask_for_link(AMARA, NOW)
    urgent.send(lambda: NOW)
    assert [letter["To"] for letter in post.letters] == [AMARA]
    assert Delivery.get_by_id(broken.id).state == "pending"


# --- What was lost ---


@pytest.mark.parametrize(("after", "state"), [(Delivery.LEASE, "sending"), (Delivery.LEASE + SECOND, "pending")])
def test_what_a_killed_worker_held_goes_back_after_its_lease(alert, after, state):
    prepared(alert)
    Delivery.update(state=Delivery.SENDING, claim="gone", claimed_at=NOW).execute()
    deliveries.recover(NOW + after)
    assert only().state == state


def test_nothing_else_goes_back(alert):
    prepared(alert)
    for state in ("pending", "sent", "failed", "skipped"):
        Delivery.update(state=state, claimed_at=NOW).execute()
        assert deliveries.recover(NOW + HOUR) == 0
        assert only().state == state


def test_recovering_twice_is_once(alert):
    prepared(alert)
    Delivery.update(state=Delivery.SENDING, claim="gone", claimed_at=NOW).execute()
    assert [deliveries.recover(NOW + HOUR), deliveries.recover(NOW + HOUR)] == [1, 0]


def test_urgent_email_without_a_bell_is_noticed(app, post):
    residents.ask_for_link(AMARA, NOW)
    assert not deliveries.urgent_is_waiting(NOW - SECOND)
    assert deliveries.urgent_is_waiting(NOW)
    urgent.send(lambda: NOW)
    assert not deliveries.urgent_is_waiting(NOW)


# --- Closing ---


def test_the_last_email_closes_the_alert(alert, monkeypatch):
    monkeypatch.setattr(rounds, "MOST", 1)
    services.crowd(1)
    prepared(alert)
    states = []
    for minutes in range(3):
        sent_at(alert, NOW + minutes * MINUTE)
        states.append(Alert.get_by_id(alert.id).state)
    assert states == ["sending", "sending", "sent"]
    assert Alert.get_by_id(alert.id).sent_at == NOW + 2 * MINUTE


@pytest.mark.parametrize(("answer", "state"), [("550 no", "sent"), ("451 later", "sending")])
def test_a_failed_email_closes_it_and_a_waiting_one_does_not(alert, post, answer, state):
    post.refusals[AMARA] = answer
    sent_at(prepared(alert), NOW)
    assert Alert.get_by_id(alert.id).state == state


def test_the_tally_counts_every_state(alert, post):
    for address, answer in zip(services.crowd(2), ("550 no", "451 later"), strict=True):
        post.refusals[address] = answer
    sent_at(prepared(alert), NOW)
    assert dispatch.tally(alert) == {"pending": 1, "sending": 0, "sent": 1, "failed": 1, "skipped": 0}
    assert sorted(dispatch.failures(alert)) == [("451 later", 1), ("550 no", 1)]

"""What follows from a bounce: hard and complaint at once, soft at three in a row; and nothing from a forged one."""

from datetime import timedelta

import pytest
from peewee import PeeweeException

from metengage import audience, bounces, db, envelopes, keeping, retention, suppressions, urgent
from metengage.bounces import Outcome
from metengage.choices import IMMEDIATELY
from metengage.models import TABLES, Bounce, Delivery, Journal, Resident, Subscription, Suppression, Waiting
from metengage.reports import Report
from tests import cast, returned, services
from tests.conftest import NOW

KINDS = ["hard", "soft", "complaint"]


@pytest.fixture(autouse=True)
def _stand(app):
    """Every test here touches rows."""


def sent(name: str = "Amara", **instead) -> Delivery:
    """One more email that our mail server took."""
    facts = {"kind": Delivery.ALERT, "state": Delivery.SENT, "created_at": NOW, "sent_at": NOW}
    return Delivery.create(resident=cast.resident(name), **(facts | instead))


def came_back(delivery: Delivery, kind: str, words: str = "", now=NOW) -> Outcome:
    return bounces.record(Report(delivery.id, kind, "5.1.1", words), now)


def is_suppressed(name: str) -> bool:
    return suppressions.among([f"{name.lower()}@example.org"]) != set()


def rows() -> dict[str, list]:
    return {table.__name__: sorted(table.select().tuples(), key=repr) for table in TABLES}


# --- At once ---


@pytest.mark.parametrize(("kind", "reason"), [("hard", "bounced"), ("complaint", "complained")])
def test_hard_and_complaint_suppress_at_once(kind, reason):
    assert came_back(sent(), kind) == kind
    assert Suppression.get_by_id(suppressions.address_hash("amara@example.org")).reason == reason
    assert {s.ended_reason for s in cast.resident("Amara").subscriptions} == {reason}


def test_it_is_kept_with_its_code_and_words():
    delivery = sent()
    bounces.receive(returned.letter("postfix", delivery), NOW)
    kept = Bounce.get_by_id(delivery.id)
    words = "550 5.1.1 <(address)>: Recipient address rejected: User unknown in virtual mailbox table"
    assert (kept.kind, kept.code, kept.words, kept.at) == ("hard", "5.1.1", words, NOW)


def test_a_suppression_is_in_the_journal():
    came_back(sent(), "hard")
    line = Journal.get(Journal.action == "suppressed")
    assert (line.resident, line.detail) == (cast.resident("Amara"), "bounced")


def test_who_bounced_is_in_no_audience():
    before = audience.of("incidents", [cast.ST_HELIER], IMMEDIATELY, NOW).count()
    came_back(sent(), "hard")
    assert (before, audience.of("incidents", [cast.ST_HELIER], IMMEDIATELY, NOW).count()) == (1, 0)


def test_who_bounced_gets_nothing_that_waits_already(post):
    waiting = sent(state=Delivery.PENDING, sent_at=None, kind=Delivery.SIGN_IN, due_at=NOW)
    came_back(sent(), "hard")
    urgent.send(lambda: NOW)
    assert Delivery.get_by_id(waiting.id).reason == "the address is suppressed"
    assert post.letters == []


def test_others_hear_on():
    before = Subscription.select().where(Subscription.live(), Subscription.resident == cast.resident("Bryn")).count()
    came_back(sent(), "hard")
    after = Subscription.select().where(Subscription.live(), Subscription.resident == cast.resident("Bryn")).count()
    assert before == after > 0


def test_one_who_has_not_confirmed_is_suppressed_too():
    came_back(sent("Cleo", kind=Delivery.CONFIRM), "hard")
    assert is_suppressed("Cleo")


# --- Three in a row ---


def test_soft_is_nothing_until_it_is_three_in_a_row():
    for expected in (False, False, True):
        assert came_back(sent(), "soft") == "soft"
        assert is_suppressed("Amara") == expected
    assert {s.ended_reason for s in cast.resident("Amara").subscriptions} == {"bounced"}


def test_one_that_arrived_between_begins_the_count_anew():
    for arrived in (False, False, True, False, False):
        delivery = sent()
        if not arrived:
            came_back(delivery, "soft")
    assert not is_suppressed("Amara")


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0)])
def test_reports_may_come_in_any_order(order):
    three = [sent() for _ in order]
    suppressed = [came_back(three[place], "soft") and is_suppressed("Amara") for place in order]
    assert suppressed == [False, False, True]


def test_reports_may_come_when_later_emails_are_on_their_way():
    """A mail server tries for days, and alerts go on."""
    five = [sent() for _ in range(5)]
    suppressed = [came_back(delivery, "soft") and is_suppressed("Amara") for delivery in five[:3]]
    assert suppressed == [False, False, True]


def test_a_report_may_come_before_we_have_marked_the_email_as_sent():
    for _ in range(3):
        came_back(sent(state=Delivery.SENDING, sent_at=None), "soft")
    assert is_suppressed("Amara")


def test_emails_that_were_never_sent_do_not_count_between():
    for state in (Delivery.SKIPPED, Delivery.FAILED, Delivery.PENDING):
        came_back(sent(), "soft")
        sent(state=state, sent_at=None)
    assert is_suppressed("Amara")


def test_three_soft_bounces_of_three_people_are_none_in_a_row():
    for name in ("Amara", "Bryn", "Cleo"):
        came_back(sent(name), "soft")
    assert not any(is_suppressed(name) for name in ("Amara", "Bryn", "Cleo"))


def test_the_same_soft_bounce_three_times_is_one():
    delivery = sent()
    assert [came_back(delivery, "soft") for _ in range(3)] == ["soft", Outcome.KNOWN, Outcome.KNOWN]
    assert not is_suppressed("Amara")


# --- Twice, and one after another ---


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_report_twice_changes_nothing(kind):
    delivery = sent()
    came_back(delivery, kind)
    before = rows()
    assert came_back(delivery, kind, now=NOW + timedelta(days=1)) == Outcome.KNOWN
    assert rows() == before


@pytest.mark.parametrize("first", KINDS)
@pytest.mark.parametrize("second", KINDS)
def test_only_a_soft_bounce_gives_way(first, second):
    delivery = sent()
    came_back(delivery, first)
    came_back(delivery, second)
    gives_way = first == "soft" and second != "soft"
    assert Bounce.get_by_id(delivery.id).kind == (second if gives_way else first)
    assert is_suppressed("Amara") == (first != "soft" or second != "soft")


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_report_at_once_is_kept_once(app, kind):
    delivery = sent()
    outcomes = services.at_once(app, *[lambda: came_back(delivery, kind)] * 4)
    assert sorted(outcomes) == sorted([kind] + [Outcome.KNOWN] * 3)
    assert Journal.select().where(Journal.action == "suppressed").count() == (kind != "soft")


def test_three_soft_bounces_at_once_see_each_other(app):
    three = [sent() for _ in range(3)]
    acts = [lambda each=each: came_back(each, "soft") for each in three]
    assert services.at_once(app, *acts) == ["soft"] * 3
    assert is_suppressed("Amara")


# --- Nobody's ---


@pytest.mark.parametrize("name", returned.NAMES)
def test_a_forged_bounce_for_somebody_else_changes_nothing(name):
    """Bryn knows the tag of his own email, and that Amara's must be near; and her address is in the report."""
    hers, his = sent("Amara"), sent("Bryn")
    before = rows()
    path = envelopes.of(his.id, "alert").return_path.replace(f"+{his.id}-", f"+{hers.id}-")
    number = envelopes.of(his.id, "alert").message_id.replace(f"<{his.id}.", f"<{hers.id}.")
    assert bounces.receive(returned.letter(name, hers, number, path), NOW, path) == Outcome.NOT_OURS
    assert rows() == before


def test_with_ones_own_tag_one_ends_only_ones_own(app):
    his = sent("Bryn")
    bounces.receive(returned.letter("postfix", his), NOW)  # it is full of Amara's address
    assert (is_suppressed("Bryn"), is_suppressed("Amara")) == (True, False)


@pytest.mark.parametrize("name", ["holiday", "letter", "postfix_delayed", "receipt"])
def test_what_is_no_bounce_changes_nothing_and_says_so(name):
    delivery = sent()
    before = rows()
    assert bounces.receive(returned.letter(name, delivery), NOW) == Outcome.NO_BOUNCE
    assert rows() == before


def test_a_delivery_that_is_gone_is_nobodys():
    raw = returned.letter("postfix", sent("Cleo", created_at=NOW))
    keeping.forget_unconfirmed(NOW + retention.UNCONFIRMED.time + timedelta(days=1))
    assert bounces.receive(raw, NOW) == Outcome.NOT_OURS


@pytest.mark.parametrize("kind", KINDS)
def test_an_erased_resident_has_nothing_left_to_suppress(kind):
    delivery = sent("Esme")
    Resident.update(email=None, state=Resident.ERASED).where(Resident.id == delivery.resident_id).execute()
    assert came_back(delivery, kind) == kind
    assert Suppression.select().count() == 1  # Dov's


def test_who_waited_for_their_borough_has_nothing_left_to_suppress():
    waiting = Waiting.create(email="fay@example.org", borough=cast.SUTTON)
    delivery = Delivery.create(kind=Delivery.STARTED, waiting=waiting, state=Delivery.SENT, sent_at=NOW)
    assert came_back(delivery, "hard") == "hard"
    assert Bounce.select().count() == 1


def test_a_bounce_goes_with_its_resident():
    came_back(sent("Cleo", kind=Delivery.CONFIRM), "soft")
    keeping.forget_unconfirmed(db.now() + timedelta(days=3650))
    assert Bounce.select().count() == 0


# --- Words ---


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("550 <amara@example.org>: unknown", "550 <(address)>: unknown"),
        ("550 AMARA@EXAMPLE.ORG and bryn@example.com", "550 (address) and (address)"),
        ("User Amara is unknown", "User (address) is unknown"),
        ("rfc822;amara=40example.org amara%40example.org", "rfc822;(address) (address)"),
        ("amara+news@mail.example.org bounced", "(address) bounced"),
        ("one\r\ntwo\x00\x1b[31m\ttwo \ud800three", "one two [31m two three"),
        ("x" * 5000, "x" * 200),
        (" ".join(["amara@example.org"] * 100), " ".join(["(address)"] * 100)[:200]),
    ],
)
def test_words_are_kept_without_addresses(said, kept):
    delivery = sent()
    came_back(delivery, "soft", words=said)
    assert Bounce.get_by_id(delivery.id).words == kept


@pytest.mark.parametrize("name", returned.NAMES)
def test_no_address_of_any_report_is_kept(name):
    delivery = sent()
    bounces.receive(returned.letter(name, delivery), NOW)
    kept = [each.words for each in Bounce.select()]
    assert [words for words in kept if "@" in words or "amara" in words.lower()] == []


# --- Faults ---


def test_a_fault_in_the_middle_leaves_nothing_half_done():
    delivery = sent()
    raw = returned.letter("postfix", delivery)
    db.handle.execute_sql("DROP TABLE suppression")
    before = [table.select().count() for table in (Bounce, Journal)]
    with pytest.raises(PeeweeException):
        bounces.receive(raw, NOW)
    assert [table.select().count() for table in (Bounce, Journal)] == before
    db.handle.create_tables([Suppression])
    assert bounces.receive(raw, NOW) == "hard"

"""Complaints about how we handle data: kept, acknowledged by email, answered; who looks at one is written down."""

from datetime import timedelta

import pytest

from metengage import complaints, leaving, urgent
from metengage.models import Complaint, Delivery, Journal, Resident, Suppression
from tests import cast, services
from tests.conftest import NOW
from tests.services import text_of

TEXT = "You wrote to my old address."
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def _stand(app):
    """Every test here touches rows, and begins with an empty journal."""
    Journal.delete().execute()


def complain(who: str = "amara", name: str | None = "Amara", text: str = TEXT, now=NOW) -> Complaint:
    return complaints.complain(f"{who}@example.org", text, cast.resident(name) if name else None, now)


# --- Taken ---


def test_a_complaint_is_kept_with_whose_it_is():
    kept = Complaint.get_by_id(complain().id)
    assert (kept.email, kept.text, kept.created_at) == ("amara@example.org", TEXT, NOW)
    assert kept.resident == cast.resident("Amara")
    assert Complaint.get_by_id(complain("nobody", None).id).resident is None


def test_the_same_again_within_a_day_is_once():
    first = complain()
    assert complain(now=NOW + DAY / 2) == first
    assert Delivery.select().count() == Journal.select().count() == 1
    assert complain(text="And again.") != first != complain(now=NOW + 2 * DAY)


def test_pressing_twice_at_one_moment_is_once(app):
    first, second = services.at_once(app, complain, complain)
    assert (first, Complaint.select().count()) == (second, 1)


def test_who_has_left_or_is_erased_complains_as_anybody():
    amara = cast.resident("Amara")
    leaving.leave(amara, "preferences", NOW)
    assert complaints.complain("amara@example.org", TEXT, amara, NOW).resident is None


# --- Acknowledged ---


def test_our_mail_server_taking_the_email_is_what_acknowledges_it(post):
    number = complain("nobody", None).id
    post.refusals["*"] = "451 later"
    urgent.send(lambda: NOW)
    assert Complaint.get().acknowledged_at is None
    post.refusals.clear()
    urgent.send(lambda: NOW + DAY)
    assert Complaint.get().acknowledged_at == NOW + DAY
    assert f"Its number is {number}." in text_of(post.last_to("nobody@example.org"))


def test_a_receipt_that_cannot_be_sent_says_why():
    Suppression.delete().execute()
    assert complaints.trouble(complain()) == ""
    dovs = complain("dov", None)
    Delivery.update(state=Delivery.SKIPPED, reason="the address is suppressed").where(
        Delivery.complaint == dovs
    ).execute()
    assert complaints.trouble(dovs) == "the address is suppressed"


def test_a_receipt_that_comes_back_ends_nobodys_alerts(post):
    complain("elsewhere", "Amara")
    post.refusals["*"] = "550 5.1.1 no such mailbox"
    urgent.send(lambda: NOW)
    assert Suppression.select().count() == 1  # Dov's
    assert cast.resident("Amara").is_confirmed


# --- Looked at and answered ---


@pytest.mark.parametrize("name", ["Farah", "Gus", "Hana"])
def test_only_administrators_see_or_answer_one(name):
    number = complain().id
    assert complaints.look_at(cast.officer(name), number, NOW) is None
    assert not complaints.answer(cast.officer(name), number, "No.", NOW)
    assert [row.action for row in Journal.select()] == ["complained"]


def test_looking_at_a_residents_is_written_down():
    idris = cast.officer("Idris")
    for _ in range(2):  # to load the page again is no second look
        complaints.look_at(idris, complain().id, NOW)
    complaints.look_at(idris, complain("nobody", None).id, NOW)
    looked = Journal.select().where(Journal.action == "looked at complaint")
    assert [(row.officer, row.resident) for row in looked] == [(idris, cast.resident("Amara"))]


def test_an_answer_is_kept_once():
    number, idris = complain().id, cast.officer("Idris")
    assert complaints.answer(idris, number, "We mended it.", NOW + DAY)
    assert not complaints.answer(idris, number, "Again.", NOW + 2 * DAY)
    kept = Complaint.get()
    assert (kept.answer, kept.answered_at, kept.officer) == ("We mended it.", NOW + DAY, idris)


def test_what_is_erased_cannot_be_answered():
    Complaint.update(email=None, text=None).where(Complaint.id == complain().id).execute()
    assert not complaints.answer(cast.officer("Idris"), Complaint.get().id, "Hello", NOW)


def test_the_unanswered_come_first_and_then_the_newest():
    old, answered, new = (complain(f"n{place}", None, now=NOW + place * DAY) for place in range(3))
    complaints.answer(cast.officer("Idris"), answered.id, "Yes.", NOW)
    assert complaints.all_of_them() == [new, old, answered]


def test_it_is_acknowledged_and_answered_within_30_days():
    mine = complain()
    assert complaints.acknowledge_by(mine) == complaints.answer_by(mine) == NOW + 30 * DAY


def test_no_line_of_the_journal_holds_what_was_written():
    complaints.answer(cast.officer("Idris"), complain().id, "We mended it.", NOW)
    said = " ".join(f"{row.action} {row.detail}" for row in Journal.select())
    assert not any(word in said for word in ("@", "address", "mended"))
    assert Resident.select().where(Resident.email == "amara@example.org").exists()

"""A resident moves to another address: asked, confirmed, told; refused, raced for, and forgotten."""

from datetime import timedelta

import pytest

from metengage import (
    bounces,
    db,
    deliveries,
    leaving,
    limits,
    links,
    moving,
    preferences,
    residents,
    retention,
    suppressions,
    urgent,
)
from metengage.models import (
    AddressChange,
    Bounce,
    Complaint,
    Consent,
    Delivery,
    Journal,
    Link,
    Resident,
    Subscription,
    Suppression,
    ThemeChoice,
    Waiting,
)
from metengage.reports import Report
from tests import cast, services
from tests.conftest import NOW
from tests.services import text_of

DAY = timedelta(days=1)
NEW, OTHER, AMARA = "amara.new@example.org", "amara.other@example.org", "amara@example.org"


@pytest.fixture(autouse=True)
def _stand(app):
    """Every test here touches rows."""


def link_to(email: str, who: str = "Amara") -> Link:
    """Ask to move there; the link of the email."""
    change = moving.ask(cast.resident(who), email, NOW).address_change
    return links.find(Link.ADDRESS, links.issue(Link.ADDRESS, cast.resident(who), NOW, address_change=change), NOW)


def by_id(resident: Resident) -> Resident:
    return Resident.get_by_id(resident.id)


def send_urgent() -> None:
    while urgent.send(lambda: NOW):
        pass


# --- Ask ---


def test_asking_writes_to_the_new_address_and_changes_nothing(post):
    moving.ask(cast.resident("Amara"), NEW, NOW)
    send_urgent()
    assert [letter["To"] for letter in post.letters] == [NEW]
    assert cast.resident("Amara").link_version == 1


def test_the_email_to_a_new_address_names_nobody(post):
    moving.ask(cast.resident("Amara"), NEW, NOW)
    send_urgent()
    assert not {"Amara", AMARA} & set(text_of(post.last_to(NEW)).replace(",", " ").split())


def test_the_fifth_email_in_a_minute_waits():
    made = [moving.ask(cast.resident("Amara"), NEW, NOW) is not None for _ in range(5)]
    assert made == [True] * 4 + [False]
    assert moving.ask(cast.resident("Amara"), NEW, NOW + limits.MINUTE)


def test_a_suppressed_address_gets_nothing(post):
    moving.ask(cast.resident("Amara"), "dov@example.org", NOW)
    send_urgent()
    assert not post.letters
    assert Delivery.get().reason == "the address is suppressed"


def test_another_residents_address_is_told_so_without_a_link(post):
    moving.ask(cast.resident("Amara"), "bryn@example.org", NOW)
    send_urgent()
    assert post.last_to("bryn@example.org")["Subject"] == "This address is signed up already"
    assert not Link.select().exists()


def test_a_new_address_that_is_refused_suppresses_nobody(post):
    post.refusals[NEW] = "550 5.1.1 no such mailbox"
    moving.ask(cast.resident("Amara"), NEW, NOW)
    send_urgent()
    assert Delivery.get().state == Delivery.FAILED
    assert Suppression.select().count() == 1  # Dov's


def test_who_left_meanwhile_is_not_written_to(post):
    moving.ask(cast.resident("Amara"), NEW, NOW)
    leaving.leave(cast.resident("Amara"), "preferences", NOW)
    send_urgent()
    assert not post.to(NEW)


# --- Confirm ---


def test_confirming_moves_the_resident_and_ends_every_older_link():
    amara = cast.resident("Amara")
    links.issue(Link.SIGN_IN, amara, NOW)
    moving.confirm(link_to(NEW), NOW)
    assert (by_id(amara).email, by_id(amara).link_version) == (NEW, 2)
    assert [link.purpose for link in Link.select()] == [Link.ADDRESS]


def test_what_they_hear_stays_as_it_was():
    amara, before = cast.resident("Amara"), preferences.of(cast.resident("Amara"))
    moving.confirm(link_to(NEW), NOW)
    assert preferences.of(by_id(amara)) == before


def test_confirming_twice_is_confirming_once():
    link = link_to(NEW)
    moving.confirm(link, NOW)
    moving.confirm(Link.get_by_id(link.id), NOW)
    assert Delivery.select().where(Delivery.kind == Delivery.OLD_ADDRESS).count() == 1
    assert Journal.select().where(Journal.action == "changed address").count() == 1


def test_pressing_at_one_moment_twice_is_pressing_once(app):
    link = link_to(NEW)
    assert services.at_once(app, *[lambda: moving.confirm(link, NOW)] * 2) == [None, None]
    assert Delivery.select().where(Delivery.kind == Delivery.OLD_ADDRESS).count() == 1


def test_the_old_address_is_told_and_then_forgotten(post):
    moving.confirm(link_to(NEW), NOW)
    send_urgent()
    assert post.last_to(AMARA)["Subject"] == "Our emails go to another address now"
    assert NEW not in text_of(post.last_to(AMARA))
    assert not AddressChange.select().exists()


def test_an_old_address_that_refuses_is_forgotten_too(post):
    post.refusals[AMARA] = "550 5.1.1 no such mailbox"
    moving.confirm(link_to(NEW), NOW)
    send_urgent()
    assert not AddressChange.select().exists()
    assert suppressions.among([NEW, AMARA]) == set()


def test_confirming_one_of_two_requests_ends_the_other():
    first, second = link_to(NEW), link_to(OTHER)
    moving.confirm(second, NOW)
    with pytest.raises(links.LinkEnded):
        moving.confirm(first, NOW)
    assert Resident.get(Resident.email == OTHER).name == "Amara"


def test_of_two_requests_confirmed_at_one_moment_one_wins(app):
    amara, first, second = cast.resident("Amara"), link_to(NEW), link_to(OTHER)
    came = services.at_once(app, lambda: moving.confirm(first, NOW), lambda: moving.confirm(second, NOW))
    assert sorted(map(type, came), key=str) == sorted([type(None), links.LinkEnded], key=str)
    assert by_id(amara).email == (NEW if came[0] is None else OTHER)


def test_who_has_left_moves_nowhere():
    link = link_to(NEW)
    leaving.leave(cast.resident("Amara"), "preferences", NOW)
    with pytest.raises(links.LinkEnded):
        moving.confirm(link, NOW)
    assert cast.resident("Amara").state == Resident.LEFT


# --- Whose the address is meanwhile ---


def test_an_address_that_became_another_residents_is_taken_and_nothing_is_lost():
    link = link_to("bryn@example.org")
    with pytest.raises(moving.Taken):
        moving.confirm(link, NOW)
    assert (cast.resident("Amara").link_version, cast.resident("Bryn").name) == (1, "Bryn")
    assert Link.get_by_id(link.id).used_at is None


def test_of_two_residents_who_confirm_one_address_at_one_moment_one_wins(app):
    amaras, bryns = link_to(NEW), link_to(NEW, "Bryn")
    came = services.at_once(app, lambda: moving.confirm(amaras, NOW), lambda: moving.confirm(bryns, NOW))
    assert sorted(map(type, came), key=str) == sorted([type(None), moving.Taken], key=str)
    assert Resident.get(Resident.email == NEW).name == ("Amara" if came[0] is None else "Bryn")


def test_a_sign_up_that_nobody_confirmed_gives_way():
    answers = {"ward": cast.ST_HELIER, "email": "cleo@example.org"}
    residents.sign_up(answers, NOW)
    moving.confirm(link_to("cleo@example.org"), NOW)
    assert cast.resident("Cleo").name == "Amara"
    assert {row.kind for row in Delivery.select()} == {Delivery.NEW_ADDRESS, Delivery.OLD_ADDRESS}
    assert not Consent.select().where(Consent.answers.is_null(False)).exists()


def test_who_left_with_that_address_is_erased():
    esme = cast.resident("Esme")
    ThemeChoice.create(resident=esme, theme="fraud")
    Consent.create(resident=esme, wording="2026-11", answers={"ward": cast.ST_HELIER})
    moving.confirm(link_to("esme@example.org"), NOW)
    assert (by_id(esme).state, by_id(esme).email, by_id(esme).name) == (Resident.ERASED, None, "")
    assert cast.resident("Esme").name == "Amara"
    assert not ThemeChoice.select().exists()
    assert not Consent.select().where(Consent.confirmed_at.is_null(), Consent.resident == esme).exists()


def test_a_sign_up_at_the_same_moment_does_not_stop_it(app):
    amara, link = cast.resident("Amara"), link_to(NEW)
    answers = {"ward": cast.ST_HELIER, "email": NEW}
    services.at_once(app, lambda: residents.sign_up(answers, NOW), lambda: moving.confirm(link, NOW))
    assert by_id(amara).email == NEW


# --- What comes back ---


def reported(delivery: Delivery, kind: str) -> bounces.Outcome:
    return bounces.record(Report(delivery.id, kind, "5.1.1", "no such mailbox"), db.now())


@pytest.mark.parametrize("kind", [Delivery.NEW_ADDRESS, Delivery.OLD_ADDRESS])
def test_what_comes_back_from_another_address_ends_nothing(kind):
    moving.confirm(link_to(NEW), NOW)
    assert reported(Delivery.get(Delivery.kind == kind), Bounce.HARD) == Bounce.HARD
    assert suppressions.among([NEW, AMARA]) == set()
    assert Subscription.select().where(Subscription.resident == Resident.get(email=NEW), Subscription.live()).exists()


def test_what_comes_back_from_before_they_moved_ends_nothing():
    alert = Delivery.create(kind=Delivery.ALERT, resident=cast.resident("Amara"), alert=services.draft())
    moving.confirm(link_to(NEW), db.now())
    assert reported(alert, Bounce.HARD) == Bounce.HARD
    assert suppressions.among([NEW]) == set()


def test_what_comes_back_from_the_new_address_does():
    moving.confirm(link_to(NEW), db.now())
    alert = Delivery.create(kind=Delivery.ALERT, resident=Resident.get(email=NEW), alert=services.draft())
    reported(alert, Bounce.HARD)
    assert suppressions.among([NEW]) == {NEW}


def test_who_complains_of_being_asked_is_not_asked_again():
    delivery = moving.ask(cast.resident("Amara"), NEW, NOW)
    reported(delivery, Bounce.COMPLAINT)
    assert suppressions.among([NEW, AMARA]) == {NEW}


# --- Forget ---


def test_requests_are_forgotten_after_seven_days():
    link = link_to(NEW)
    assert moving.forget_changes(NOW + retention.MOVES.time) == 0
    assert moving.forget_changes(NOW + retention.MOVES.time + DAY) == 1
    with pytest.raises(links.LinkEnded):
        moving.confirm(link, NOW)


def test_an_old_address_that_cannot_be_told_is_forgotten(post):
    suppressions.add_address(AMARA, Suppression.ASKED, NOW)
    moving.confirm(link_to(NEW), NOW)
    assert moving.forget_changes(NOW) == 0
    send_urgent()
    assert moving.forget_changes(NOW) == 1


def test_an_email_about_a_forgotten_request_goes_nowhere(post):
    moving.ask(cast.resident("Amara"), NEW, NOW)
    AddressChange.delete().execute()
    AddressChange.create(resident=cast.resident("Bryn"), new_email=OTHER)  # SQLite gives it the same number
    send_urgent()
    assert not post.letters
    assert Delivery.get().reason == "the address is gone"


def test_a_confirmed_request_keeps_the_new_address_nowhere_twice():
    moving.confirm(link_to(NEW), NOW)
    change = AddressChange.get()
    assert (change.new_email, change.old_email) == (None, AMARA)
    assert deliveries.urgent_is_waiting(NOW)


def test_what_was_left_under_the_old_address_comes_along():
    amara = cast.resident("Amara")
    Complaint.create(email="amara@example.org", text="You kept it.")
    Waiting.create(email="amara@example.org", borough=cast.SUTTON)
    moving.confirm(link_to(NEW), NOW)
    assert Complaint.get().resident == amara
    assert [each.email for each in Waiting.select()] == [NEW]

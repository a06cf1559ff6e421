"""Places at events: who gets one, who waits, who moves up, and what everybody is told."""

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from metengage import bookings, codes, db, keeping, leaving, links, proofs, rights, suppressions, urgent
from metengage.models import Booking, Consent, Delivery, Event, Notice, Resident, Suppression
from tests import cast, services
from tests.conftest import NOW

HOUR, DAY, MINUTE = timedelta(hours=1), timedelta(days=1), timedelta(minutes=1)
NEW = "zoe@example.org"


@pytest.fixture(autouse=True)
def _stand(app):
    """Every test here touches rows."""


def crowd(how_many: int) -> list[Resident]:
    addresses = services.crowd(how_many)
    return list(Resident.select().where(Resident.email.in_(addresses)).order_by(Resident.id))


def told() -> list[str]:
    """What people were written, in its order: “booked amara”."""
    rows = Notice.select().where(Notice.booking.is_null(False)).order_by(Notice.id)
    return [f"{row.kind} {row.resident.email.partition('@')[0]}" for row in rows]


def states(event: Event) -> dict[str, str]:
    rows = event.bookings.order_by(Booking.id)
    return {row.resident.email.partition("@")[0]: row.state for row in rows if row.resident}


def full(places: int = 1, waiting: int = 2, **instead) -> tuple[Event, list[Booking]]:
    """An event of which so many places are taken, with so many who wait; and all of their bookings."""
    event = services.event(NOW, places=places, **instead)
    people = crowd(places + waiting)
    return event, [bookings.book(each, event, "", NOW + number * MINUTE) for number, each in enumerate(people)]


# --- Book ---


def test_a_place_is_theirs_and_they_are_told():
    event = services.event(NOW, places=2)
    mine = bookings.book(cast.resident("Amara"), event, "Amara", NOW)
    assert (mine.state, mine.name, mine.told_at) == (Booking.BOOKED, "Amara", NOW)
    assert (bookings.stand(event).in_words, told()) == ("1 of 2 left", ["booked amara"])


def test_twice_is_success_and_takes_one_place():
    event = services.event(NOW)
    first, second = (bookings.book(cast.resident("Amara"), event, "", NOW) for _ in range(2))
    assert first == second
    assert (bookings.stand(event).booked, told()) == (1, ["booked amara"])


def test_who_comes_when_it_is_full_waits_in_line():
    event, (_, second, third) = full()
    assert [second.state, second.turn, third.state, third.turn] == [Booking.WAITING, 1, Booking.WAITING, 2]
    assert bookings.stand(event).in_words == "Full: 2 people wait"
    assert told() == ["booked resident0001", "waiting resident0002", "waiting resident0003"]


def test_who_has_left_books_nothing():
    event = services.event(NOW)
    with pytest.raises(links.LinkEnded):
        bookings.book(cast.resident("Esme"), event, "", NOW)
    assert told() == []


@pytest.mark.parametrize(
    ("facts", "why"),
    [
        ({"state": Event.CANCELLED}, "It was cancelled."),
        ({"state": Event.PLANNED}, "It is not announced yet."),
        ({"begins_at": NOW}, "It has begun."),
        ({"begins_at": NOW - DAY, "ends_at": NOW}, "It is over."),
        ({"places": None}, "Nobody needs to book: just come."),
    ],
)
def test_what_is_closed_is_not_booked_and_says_why(facts, why):
    event = services.event(NOW)
    Event.update(facts).where(Event.id == event.id).execute()
    with pytest.raises(bookings.Closed, match=f"^{why}$"):
        bookings.book(cast.resident("Amara"), event, "", NOW)
    assert told() == []


# --- By an address ---


def asked(event: Event, email: str = NEW, now=NOW) -> Booking:
    bookings.ask(email, event, now)
    return Booking.get(Booking.resident == Resident.get(Resident.email == email), Booking.state != Booking.CANCELLED)


def test_an_address_alone_takes_no_place():
    event = services.event(NOW, places=1)
    assert asked(event).state == Booking.ASKED
    assert (bookings.stand(event).free, told()) == (1, ["book zoe"])
    assert bookings.book(cast.resident("Amara"), event, "", NOW).is_booked


def test_who_confirms_has_a_place_and_is_somebody_we_may_write_to():
    event = services.event(NOW)
    mine = bookings.confirm(asked(event), "Zoe", NOW + HOUR)
    assert (mine.state, mine.name, mine.at, mine.resident.state) == ("booked", "Zoe", NOW + HOUR, Resident.CONFIRMED)
    agreed = Consent.get(Consent.resident == mine.resident)
    assert (agreed.source, agreed.wording, agreed.confirmed_at) == ("event", "say-2026-11", NOW + HOUR)
    assert not mine.resident.subscriptions.exists()


def test_confirming_twice_is_success():
    event = services.event(NOW, places=1)
    mine = asked(event)
    assert bookings.confirm(mine, "", NOW) == bookings.confirm(mine, "", NOW)
    assert told() == ["book zoe", "booked zoe"]


def test_whose_turn_it_is_counts_from_when_they_confirm():
    event = services.event(NOW, places=1)
    early = asked(event)
    bookings.book(cast.resident("Amara"), event, "", NOW + MINUTE)
    bookings.book(cast.resident("Bryn"), event, "", NOW + 2 * MINUTE)
    assert bookings.confirm(early, "", NOW + 3 * MINUTE).turn == 2


def test_who_asks_again_is_sent_what_they_have():
    event = services.event(NOW, places=1)
    bookings.confirm(asked(event), "", NOW)
    for _ in range(2):
        bookings.ask(NEW, event, NOW + HOUR)
    assert told() == ["book zoe", "booked zoe", "booked zoe", "booked zoe"]
    assert event.bookings.count() == 1


def test_who_has_left_may_book_and_hears_nothing_else_again():
    event, esme = services.event(NOW), cast.resident("Esme")
    mine = bookings.confirm(asked(event, esme.email), "", NOW)
    assert mine.is_booked
    assert cast.resident("Esme").is_confirmed
    assert not [each for each in esme.subscriptions if each.ended_at is None]


def test_a_known_address_is_asked_all_the_same():
    event = services.event(NOW)
    assert asked(event, "amara@example.org").state == Booking.ASKED
    assert told() == ["book amara"]


def test_an_address_gets_only_so_many_emails():
    event = services.event(NOW)
    sent = [bookings.ask(NEW, event, NOW + second * timedelta(seconds=1)) for second in range(6)]
    assert [bool(each) for each in sent] == [True] * 4 + [False] * 2


def test_a_suppressed_address_is_not_written_to(post):
    event = services.event()
    bookings.ask("dov@example.org", event, db.now())
    urgent.send()
    assert post.letters == []
    assert Delivery.get().reason == "the address is suppressed"


def test_who_cannot_confirm_any_more_is_told_why():
    event = services.event(NOW, places=1)
    mine = asked(event)
    with pytest.raises(bookings.Closed, match="It has begun"):
        bookings.confirm(mine, "", event.begins_at)
    assert Resident.get(Resident.email == NEW).state == Resident.PENDING


def test_what_is_known_of_an_email_outlives_the_booking_that_it_was_about(post):
    event = services.event()
    bookings.ask(NEW, event, db.now())
    urgent.send()
    row = Delivery.get(Delivery.kind == Delivery.NOTICE)
    keeping.forget_asked(db.now() + 8 * DAY)
    assert not Notice.select().exists()
    assert proofs.of(codes.code(codes.LETTER, row.id)).what == proofs.LETTERS[Delivery.NOTICE]


def test_an_email_of_a_booking_that_is_gone_is_not_sent(post):
    event = services.event()
    bookings.ask(NEW, event, db.now())
    Booking.delete().execute()
    urgent.send()
    assert post.letters == []
    assert Delivery.get().reason == "what it was about is gone"


# --- Give up and move up ---


def test_who_waited_longest_moves_up_and_is_told():
    event, (first, second, third) = full()
    assert bookings.give_up(first, NOW + HOUR)
    assert states(event) == {"resident0001": "cancelled", "resident0002": "booked", "resident0003": "waiting"}
    assert told()[-1] == "moved up resident0002"
    assert Booking.get_by_id(second.id).moved_up_at == NOW + HOUR
    assert Booking.get_by_id(third.id).turn == 1


def test_giving_up_twice_moves_one_up():
    event, (first, *_) = full()
    assert [bookings.give_up(first, NOW), bookings.give_up(first, NOW)] == [True, False]
    assert bookings.stand(event) == bookings.Stand(1, 1, 1)


def test_who_leaves_the_line_moves_nobody_up():
    event, (_, second, third) = full()
    bookings.give_up(second, NOW)
    assert (bookings.stand(event), Booking.get_by_id(third.id).turn) == (bookings.Stand(1, 1, 1), 1)


def test_a_place_given_up_may_be_booked_again_behind_the_others():
    event, (first, *_) = full()
    bookings.give_up(first, NOW)
    again = bookings.book(first.resident, event, "", NOW + HOUR)
    assert (again.id != first.id, again.state, again.turn) == (True, Booking.WAITING, 2)


def test_nobody_moves_up_in_the_last_hour_or_books_past_those_who_wait():
    event, (first, *_) = full()
    late = event.begins_at - HOUR + MINUTE
    assert bookings.give_up(first, late)
    assert bookings.stand(event) == bookings.Stand(1, 0, 2)
    with pytest.raises(bookings.Closed, match="nobody moves up in the last hour"):
        bookings.book(cast.resident("Amara"), event, "", late)


def test_up_to_an_hour_before_it_begins_they_do():
    event, (first, second, _) = full()
    bookings.give_up(first, event.begins_at - HOUR)
    assert Booking.get_by_id(second.id).is_booked


def test_in_the_last_hour_a_free_place_may_be_booked_where_nobody_waits():
    event = services.event(NOW, places=1)
    assert bookings.book(cast.resident("Amara"), event, "", event.begins_at - MINUTE).is_booked


def test_nothing_is_given_up_once_it_has_begun():
    event, (first, *_) = full()
    with pytest.raises(bookings.Closed, match="It has begun"):
        bookings.give_up(first, event.begins_at)
    assert bookings.stand(event) == bookings.Stand(1, 1, 2)


def test_who_cannot_be_told_is_passed_over_and_keeps_their_turn():
    event, (first, second, third) = full()
    suppressions.add(second.resident, Suppression.BOUNCED, NOW)
    bookings.give_up(first, NOW)
    assert states(event) == {"resident0001": "cancelled", "resident0002": "waiting", "resident0003": "booked"}
    bookings.give_up(third, NOW)
    assert bookings.book(cast.resident("Amara"), event, "", NOW).is_booked


# --- Leave and erase ---


def test_who_leaves_gives_up_all_places_and_others_move_up():
    _, (first, second, _) = full()
    other = services.event(NOW, places=5)
    bookings.book(first.resident, other, "", NOW)
    leaving.leave(first.resident, leaving.BY_PAGE, NOW)
    assert Booking.get_by_id(second.id).is_booked
    assert bookings.stand(other).booked == 0


def test_the_goodbye_says_so(post):
    event = services.event()
    bookings.book(cast.resident("Amara"), event, "", db.now())
    for name in ("Amara", "Bryn"):
        leaving.leave(cast.resident(name), leaving.BY_LINK, db.now())
    urgent.send()
    said = {name: services.text_of(post.last_to(f"{name}@example.org")) for name in ("amara", "bryn")}
    assert ["places that you had booked" in said[name] for name in ("amara", "bryn")] == [True, False]


def test_who_is_erased_gives_up_all_places_and_others_move_up():
    _, (first, second, _) = full()
    rights.erase(first.resident, NOW)
    assert Booking.get_by_id(second.id).is_booked
    ended = Booking.get_by_id(first.id)
    assert (ended.resident_id, ended.name, ended.state) == (None, "", Booking.CANCELLED)


def test_what_has_begun_stays_when_somebody_leaves():
    event, (first, *_) = full()
    leaving.leave(first.resident, leaving.BY_PAGE, event.begins_at)
    assert Booking.get_by_id(first.id).is_booked


# --- At one moment ---


def test_of_two_hundred_at_once_thirty_are_in_170_wait_and_none_is_lost(app):
    """As many at one moment as a server has connections to its database, until all have had their turn."""
    event, people = services.event(NOW, places=30), crowd(200)
    began = time.monotonic()
    with ThreadPoolExecutor(30) as pool:
        made = list(pool.map(lambda each: _booked(app, each, event), people))
    stand = bookings.stand(event)
    assert (stand.booked, stand.waiting, len({each.id for each in made})) == (30, 170, 200)
    turns = sorted(each.turn for each in event.bookings.where(Booking.state == Booking.WAITING))
    assert turns == list(range(1, 171))
    kinds = [row.kind for row in Notice.select()]
    assert (kinds.count("booked"), kinds.count("waiting"), Delivery.select().count()) == (30, 170, 200)
    assert time.monotonic() - began < 60


def _booked(app, resident: Resident, event: Event) -> Booking:
    with app.app_context(), db.opened():
        return bookings.book(resident, event, "", NOW)


def test_of_two_who_give_up_at_once_two_move_up(app):
    _, (first, second, third, fourth) = full(places=2)
    acts = [lambda each=each: bookings.give_up(each, NOW + HOUR) for each in (first, second)]
    assert services.at_once(app, *acts) == [True, True]
    assert {Booking.get_by_id(each.id).state for each in (third, fourth)} == {Booking.BOOKED}
    assert [line for line in told() if line.startswith("moved")] == ["moved up resident0003", "moved up resident0004"]


def test_pressing_twice_at_once_takes_one_place(app):
    event, amara = services.event(NOW), cast.resident("Amara")
    first, second = services.at_once(app, *[lambda: bookings.book(amara, event, "", NOW)] * 2)
    assert first == second
    assert (bookings.stand(event).booked, told()) == (1, ["booked amara"])


def test_who_is_erased_while_somebody_gives_up_keeps_no_place(app):
    _, (first, second, third) = full()
    acts = [lambda: bookings.give_up(first, NOW), lambda: rights.erase(second.resident, NOW)]
    assert services.at_once(app, *acts) == [True, True]
    assert Booking.get_by_id(third.id).is_booked
    assert not Booking.select().where(Booking.resident == second.resident_id).exists()


def test_asking_twice_at_once_is_one_booking(app):
    event = services.event(NOW)
    assert all(services.at_once(app, *[lambda: bookings.ask(NEW, event, NOW)] * 2))
    assert event.bookings.count() == 1

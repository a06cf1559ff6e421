"""Events: planned, announced, changed and cancelled; who is told of it, reminded, and seen."""

from datetime import timedelta

import pytest

from metengage import attendance, bookings, db, events, jobs, rights, urgent
from metengage.models import Booking, Delivery, Event, Journal, Notice, Resident
from tests import cast, services
from tests.conftest import NOW
from tests.rules.test_bookings import full, told

HOUR, DAY, MINUTE = timedelta(hours=1), timedelta(days=1), timedelta(minutes=1)
FACTS = ("kind", "title", "about", "venue", "access", "access_note", "begins_at", "ends_at", "places")


@pytest.fixture(autouse=True)
def _stand(app):
    """Every test here touches rows."""


def plan(key: str = "k" * 32, **instead) -> Event:
    facts = {"kind": "stall", "title": "Street stall", "venue": "Green Lane", "begins_at": NOW + DAY}
    facts |= {"ends_at": NOW + DAY + HOUR} | instead
    return events.plan(cast.officer("Farah"), cast.team("St Helier"), key, [cast.ST_HELIER], NOW, **facts)


def change(event: Event, now=NOW, revision: int | None = None, **instead) -> Event:
    facts = {name: getattr(event, name) for name in FACTS} | instead
    codes = [ward.code for ward in events.wards_of(event)]
    revision = event.revision if revision is None else revision
    return events.change(event, cast.officer("Farah"), revision, codes, now, **facts)


# --- Plan and announce ---


def test_what_is_planned_is_for_its_team_only():
    event = plan()
    assert events.public(event.id) is None
    assert events.next_in(events.wards_of(event)[0], NOW) == []
    seen = {name: events.event_for(cast.officer(name), event.id) for name in ("Farah", "Gus", "Hana", "Idris")}
    assert {name for name, found in seen.items() if found} == {"Farah", "Hana", "Idris"}


def test_a_form_that_is_sent_twice_plans_one_event():
    assert plan(title="Once") == plan(title="Twice")
    assert [each.title for each in Event.select()] == ["Once"]


def test_announcing_twice_is_once():
    event, farah = plan(), cast.officer("Farah")
    assert [events.announce(event, farah, NOW), events.announce(event, farah, NOW)] == [True, False]
    assert events.public(event.id).published_at == NOW


def test_what_would_have_begun_is_not_announced():
    with pytest.raises(events.NotPossible, match="Change its time first"):
        events.announce(plan(), cast.officer("Farah"), NOW + DAY)


def test_words_that_are_not_finished_are_not_announced():
    with pytest.raises(events.NotPossible, match="Fill it in"):
        events.announce(plan(about="Meet {NAME} there."), cast.officer("Farah"), NOW)
    with pytest.raises(events.NotPossible, match="Fill it in"):
        change(services.event(NOW), about="Meet {NAME} there.")


def test_the_wards_page_has_the_next_events_the_soonest_first():
    ward = events.wards_of(services.event(NOW, title="Later"))[0]
    services.event(NOW, title="Sooner", begins_at=NOW + DAY)
    off = services.event(NOW, title="Off", begins_at=NOW + HOUR)
    events.cancel(off, cast.officer("Farah"), "Rain", NOW)
    services.event(NOW, title="Elsewhere", codes=[cast.RAVENSBURY])
    assert [each.title for each in events.next_in(ward, NOW)] == ["Sooner", "Later"]
    assert [each.title for each in events.next_in(ward, NOW + DAY + 2 * HOUR)] == ["Later"]


def test_officers_list_what_is_coming_and_what_is_over():
    services.event(NOW, title="Coming")
    services.event(NOW - 30 * DAY, title="Over")
    away = plan()
    events.cancel(away, cast.officer("Farah"), "", NOW)
    listed = events.list_for(cast.officer("Farah"), NOW)
    assert [[each.title for each in some] for some in (listed.coming, listed.over)] == [["Coming"], ["Over"]]
    assert events.list_for(cast.officer("Gus"), NOW) == events.Listed([], [])


# --- Change ---


def test_who_comes_is_told_of_another_time_or_place_once_for_each_change():
    event, _ = full()
    before = len(told())
    event = change(event, venue="The church hall")
    event = change(event, begins_at=event.begins_at + HOUR)
    new = told()[before:]
    assert new == [f"changed resident000{number}" for number in (1, 2, 3)] * 2
    assert event.former.endswith(", The church hall")
    assert event.revision == 2


def test_nobody_is_told_of_other_changes():
    event, _ = full()
    before = told()
    assert change(event, title="Ward meeting", access="toilet").former == ""
    assert told() == before


def test_of_two_changes_before_an_email_went_they_read_the_last_once(post):
    event = services.event()
    bookings.book(cast.resident("Amara"), event, "", db.now())
    urgent.send()
    event = change(event, db.now(), venue="The church hall")
    change(event, db.now(), venue="The fire station")
    urgent.send()
    changed = [letter for letter in post.to("amara@example.org") if letter["Subject"].startswith("Another")]
    assert len(changed) == 1
    assert "Where: The fire station" in services.text_of(changed[0])


def test_of_two_officers_who_change_it_the_second_is_told():
    event = services.event(NOW)
    change(event, title="First", revision=0)
    with pytest.raises(events.ChangedMeanwhile):
        change(event, title="Second", revision=0)
    assert Event.get_by_id(event.id).title == "First"


def test_more_places_let_who_waits_move_up():
    event, _ = full(waiting=3)
    assert bookings.stand(change(event, places=3)) == bookings.Stand(3, 3, 1)
    assert told()[-2:] == ["moved up resident0002", "moved up resident0003"]


def test_nobody_moves_up_by_more_places_in_the_last_hour():
    event, _ = full()
    event = change(event, event.begins_at - MINUTE, places=3)
    assert bookings.stand(event) == bookings.Stand(3, 1, 2)


def test_there_are_never_fewer_places_than_people_who_have_one():
    event, _ = full(places=3)
    with pytest.raises(events.NotPossible, match="3 people have a place already: enter 3 or more"):
        change(event, places=2)
    with pytest.raises(events.NotPossible, match="People have booked"):
        change(event, places=None)
    assert change(event, places=None if not bookings.stand(event).booked else 3).places == 3


@pytest.mark.parametrize("end", ["begun", "cancelled"])
def test_what_has_begun_or_was_cancelled_is_not_changed(end):
    event = services.event(NOW)
    if end == "cancelled":
        events.cancel(event, cast.officer("Farah"), "Rain", NOW)
    event = Event.get_by_id(event.id)
    with pytest.raises(events.NotPossible, match="Nothing was changed"):
        change(event, event.begins_at if end == "begun" else NOW, title="Other")


# --- Cancel ---


def test_everybody_is_told_once_that_it_is_cancelled():
    event, _ = full()
    farah, before = cast.officer("Farah"), len(told())
    assert [events.cancel(event, farah, "Rain", NOW), events.cancel(event, farah, "Rain", NOW)] == [True, False]
    assert told()[before:] == [f"cancelled resident000{number}" for number in (1, 2, 3)]


def test_who_asked_and_never_confirmed_is_told_nothing():
    event = services.event(NOW)
    bookings.ask("zoe@example.org", event, NOW)
    events.cancel(event, cast.officer("Farah"), "Rain", NOW)
    assert told() == ["book zoe"]


def test_what_waits_to_be_sent_of_a_cancelled_event_is_not_sent(post):
    event = services.event()
    bookings.book(cast.resident("Amara"), event, "", db.now())
    events.cancel(event, cast.officer("Farah"), "The hall is closed", db.now())
    urgent.send()
    (letter,) = post.letters
    assert letter["Subject"] == "Cancelled: Ward panel"
    assert "Why: The hall is closed" in services.text_of(letter)


def test_what_is_over_is_not_cancelled():
    event = services.event(NOW)
    assert not events.cancel(event, cast.officer("Farah"), "Rain", event.ends_at)


# --- Remind ---


def reminded(event: Event, now) -> list[str]:
    before = len(told())
    events.remind(now)
    return told()[before:]


def test_who_has_a_place_is_reminded_the_day_before_and_once():
    event, _ = full()
    tomorrow = event.begins_at - DAY
    found = [reminded(event, now) for now in (tomorrow - MINUTE, tomorrow, tomorrow + MINUTE)]
    assert found == [[], ["tomorrow resident0001"], []]


def test_who_booked_or_moved_up_since_is_not_reminded():
    event, (first, *_) = full(waiting=1)
    late = event.begins_at - DAY + HOUR
    bookings.give_up(first, late)
    assert reminded(event, late + MINUTE) == []


def test_who_was_reminded_is_reminded_again_of_another_day():
    event, _ = full()
    events.remind(event.begins_at - DAY)
    later = event.begins_at + 7 * DAY
    event = change(event, event.begins_at - HOUR, begins_at=later, ends_at=later + HOUR)
    assert reminded(event, later - DAY) == ["tomorrow resident0001"]


def test_nobody_is_reminded_of_what_was_cancelled_or_has_begun():
    event, _ = full()
    assert reminded(event, event.begins_at) == []
    events.cancel(event, cast.officer("Farah"), "Rain", NOW)
    assert reminded(event, event.begins_at - HOUR) == []


def test_two_clocks_remind_once(app):
    event, _ = full()
    found = services.at_once(app, *[lambda: events.remind(event.begins_at - HOUR)] * 2)
    assert sorted(found) == [0, 1]


def test_the_clock_reminds(post, work):
    event = services.event(db.now() - 6 * DAY - HOUR)
    bookings.book(cast.resident("Amara"), event, "", db.now() - 2 * DAY)
    jobs.tick()
    work()
    assert post.last_to("amara@example.org")["Subject"].startswith("Reminder: Ward panel, ")


# --- Who comes, and what was said ---


def test_officers_see_names_and_each_of_them_sees_who_looked():
    event, farah = services.event(), cast.officer("Farah")
    bookings.book(cast.resident("Amara"), event, "Amara", db.now())
    nameless = bookings.book(cast.resident("Bryn"), event, "", db.now())
    for _ in range(2):
        coming = attendance.who_comes(event, farah, db.now())
    assert [each.name for each in coming] == ["Amara", ""]
    assert coming[1] == nameless
    looks = rights.who_looked(cast.resident("Amara"))
    assert [words[1:] for words in looks] == [("PC Farah, officer", "saw your name among those who come to an event")]


def test_another_officer_or_a_later_look_is_another_look():
    event = services.event(NOW)
    bookings.book(cast.resident("Amara"), event, "", NOW)
    Journal.delete().execute()
    attendance.who_comes(event, cast.officer("Farah"), db.now())
    attendance.who_comes(event, cast.officer("Hana"), db.now())
    attendance.who_comes(event, cast.officer("Farah"), db.now() + HOUR + MINUTE)
    assert Journal.select().count() == 3


def test_who_came_may_be_noted_once_it_has_begun_and_noted_again():
    event, (first, *_) = full(places=2, waiting=1)
    farah, ids = cast.officer("Farah"), [first.id]
    assert not attendance.note_who_came(event, farah, 9, ids, event.begins_at - MINUTE)
    assert attendance.note_who_came(event, farah, 9, ids, event.begins_at)
    assert [each.attended for each in event.bookings.order_by(Booking.id)] == [True, False, None]
    attendance.note_who_came(event, farah, None, [], event.begins_at)
    assert [each.attended for each in event.bookings.order_by(Booking.id)] == [False, False, None]
    assert Event.get_by_id(event.id).came is None


def test_a_booking_of_another_event_is_not_ticked():
    event, other = services.event(NOW), services.event(NOW)
    theirs = bookings.book(cast.resident("Amara"), other, "", NOW)
    attendance.note_who_came(event, cast.officer("Farah"), 1, [theirs.id], event.begins_at)
    assert Booking.get_by_id(theirs.id).attended is None


def test_what_was_said_is_published_after_it_began_and_keeps_its_first_date():
    event, farah = services.event(NOW), cast.officer("Farah")
    assert not attendance.say(event, farah, "Mopeds.", NOW)
    attendance.say(event, farah, "Mopeds.", event.ends_at)
    event = Event.get_by_id(event.id)
    attendance.say(event, farah, "Mopeds and bikes.", event.ends_at + DAY)
    event = Event.get_by_id(event.id)
    assert (event.said, event.said_at) == ("Mopeds and bikes.", event.ends_at)


def test_what_officers_do_is_in_the_journal():
    Journal.delete().execute()
    event, farah = services.event(NOW), cast.officer("Farah")
    change(event, title="Other")
    attendance.note_who_came(event, farah, 3, [], event.begins_at)
    attendance.say(event, farah, "Mopeds.", event.begins_at)
    events.cancel(event, farah, "Rain", event.begins_at)
    actions = [line.action for line in Journal.select().where(Journal.officer == farah).order_by(Journal.id)]
    assert actions == [
        *("planned event", "announced event", "changed event"),
        *("noted who came to event", "published what was said", "cancelled event"),
    ]


def test_an_email_for_somebody_who_left_is_not_sent(post):
    event, amara = services.event(), cast.resident("Amara")
    bookings.book(amara, event, "", db.now())
    Resident.update(state=Resident.LEFT).where(Resident.id == amara.id).execute()
    urgent.send()
    assert post.letters == []
    assert Delivery.get(Delivery.notice.is_null(False)).reason == "they have left"
    assert Notice.select().count() == 1


def test_who_is_discreet_gets_emails_that_say_nothing(post):
    event, amara = services.event(), cast.resident("Amara")
    Resident.update(discreet_since=NOW).where(Resident.id == amara.id).execute()
    bookings.ask(amara.email, event, db.now())
    urgent.send()
    bookings.book(amara, event, "", db.now())
    urgent.send()
    assert [letter["Subject"] for letter in post.letters] == ["Your link", "Your local update"]
    assert {letter["From"].partition(" <")[0] for letter in post.letters} == {"Local updates"}

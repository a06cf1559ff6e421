"""Residents read, copy and erase all that we hold; erasing leaves nothing of them in any table."""

import json
import zipfile
from dataclasses import dataclass

import pytest

from metengage import (
    addressing,
    bounces,
    complaints,
    db,
    deliveries,
    holdings,
    journal,
    limits,
    links,
    register,
    residents,
    rights,
    subscriptions,
    suppressions,
    urgent,
)
from metengage.models import (
    TABLES,
    AddressChange,
    Answer,
    Attempt,
    Booking,
    Bounce,
    Complaint,
    Concern,
    Consent,
    Delivery,
    Follow,
    Held,
    Informed,
    Journal,
    Link,
    Message,
    Muted,
    Notice,
    Photo,
    Priority,
    Rating,
    Resident,
    Restriction,
    Story,
    Subscription,
    Suppression,
    ThemeChoice,
    Vote,
    Waiting,
)
from metengage.reports import Report
from tests import cast, services
from tests.conftest import NOW
from tests.rules.test_residents import ANSWERS

# What could only come from Zelda. Her number among the residents is in none of these.
ADDRESS, OLD_ADDRESS, NEW_ADDRESS = "zelda.q@example.org", "zelda.before@example.org", "zelda.after@example.org"
NAME, TYPED, ANSWERED = "Zelda Quux", "You told my neighbour about the xyzzy.", "We told nobody about plugh."
TRACES = ["zelda", "quux", "xyzzy", "plugh"]


@pytest.fixture(autouse=True)
def _stand(app):
    """Every test here touches rows."""


def zelda(state: str = Resident.CONFIRMED) -> Resident:
    """Somebody of whom every table in the register holds every kind of row."""
    alert = services.begin_sending(services.draft(), cast.officer("Farah"), NOW)
    me = Resident.create(
        email=ADDRESS, name=NAME, home=cast.ST_HELIER, state=state, created_at=NOW, confirmed_at=NOW,
        left_at=NOW if state == Resident.LEFT else None, paused_until=NOW, weekly_cap=3, discreet_since=NOW,
        ask_at=NOW,
    )  # fmt: skip
    for ended in (None, NOW):
        subscription = {"area": cast.ST_HELIER, "alert_type": "incidents", "frequency": "daily", "source": "sign-up"}
        Subscription.create(resident=me, **subscription, ended_at=ended, ended_reason=ended and "changed")
    ThemeChoice.create(resident=me, theme="hate-crime", rank=1)
    story = Story.create(team=cast.team("St Helier"), title="Sheds in Green Lane")
    Follow.create(resident=me, story=story)
    Held.create(resident=me, alert=alert, frequency="daily")
    Rating.create(alert=alert, resident=me, is_useful=True)
    _account_rows(me)
    _said(me, alert)
    Booking.create(event=services.event(NOW), resident=me, name=NAME, state=Booking.BOOKED, attended=True)
    _emails(me, alert)
    journal.note("looked at complaint", cast.officer("Idris"), me)
    journal.note("changed preferences", resident=me)
    return Resident.get_by_id(me.id)


def _account_rows(me: Resident) -> None:
    answers = ANSWERS | {"email": ADDRESS, "name": NAME, "typed": TYPED}
    Consent.create(resident=me, wording="2026-11", confirmed_at=NOW)
    pending = Consent.create(resident=me, wording="2026-11", answers=answers)
    AddressChange.create(resident=me, old_email=OLD_ADDRESS)
    change = AddressChange.create(resident=me, new_email=NEW_ADDRESS)
    for purpose, what in ((Link.SIGN_IN, {}), (Link.CONFIRM, {"consent": pending}), (Link.ADDRESS, {})):
        token = links.issue(purpose, me, NOW, **what)
        Link.update(address_change=change if purpose == Link.ADDRESS else None).where(
            Link.token_hash == links._hash(token)
        ).execute()
    for address in (ADDRESS, OLD_ADDRESS):
        Waiting.create(email=address, borough=cast.SUTTON)
        for limit in ("sign-in mail address", "complaint address"):
            limits.allows(limit, address, NOW)
        Complaint.create(email=address, text=TYPED, answer=ANSWERED, answered_at=NOW, officer=cast.officer("Idris"))
    complaints.complain(ADDRESS, f"Again: {TYPED}", me, NOW)
    Suppression.create(address_hash=suppressions.address_hash(ADDRESS), reason=Suppression.COMPLAINED)


def _voted(me: Resident) -> Priority:
    priority = Priority.create(ward=cast.ST_HELIER, issue="Mopeds", owner=cast.officer("Farah"))
    Vote.create(priority=priority, resident=me)
    Muted.create(priority=priority, resident=me)
    return priority


def _said(me: Resident, alert) -> None:
    """A concern with a line of every kind in its history, a limit, answers to a survey and how well informed."""
    survey, chosen = services.survey(), {"Do you feel safe here?": "No"}
    Answer.create(survey=survey, resident=me, ward=cast.ST_HELIER, choices=chosen, texts={"Anything else?": TYPED})
    Informed.create(resident=me, ward=cast.ST_HELIER, score=4, asked=Informed.YEARLY)
    about = {"ward": cast.ST_HELIER, "team": cast.team("St Helier"), "theme": "drugs", "wants_answer": True}
    where = {"place": f"Opposite {NAME}'s", "latitude": 51.4, "longitude": -0.2}
    about |= {"priority": _voted(me), "how_often": "daily"}
    concern = Concern.create(key="1", resident=me, alert=alert, text=TYPED, **about, **where)
    for kind in (*Message.TO_RESIDENT, *Message.FROM_RESIDENT, *Message.TO_TEAM):
        message = Message.create(concern=concern, kind=kind, officer=cast.officer("Farah"), text=ANSWERED)
    Photo.create(concern=concern, width=800, height=600, content=b"a picture")
    limit = {"reason": ANSWERED, "until": NOW, "ended_at": NOW}
    Restriction.create(resident=me, officer=cast.officer("Hana"), **limit)
    Notice.create(kind=Notice.WRITTEN, resident=me, concern=concern, message=message)


def _emails(me: Resident, alert) -> None:
    """An email of every kind in every state, and what came back of one."""
    for kind in rights.KINDS:
        for state in Delivery.STATES:
            about = {"alert": alert} if kind == Delivery.ALERT and state == Delivery.SENT else {}
            Delivery.create(kind=kind, resident=me, state=state, reason=f"no mailbox for {NAME}", **about)
    change = AddressChange.get(AddressChange.resident == me, AddressChange.new_email.is_null(False))
    Delivery.create(kind=Delivery.NEW_ADDRESS, resident=me, address_change=change)
    sent = Delivery.get(Delivery.resident == me, Delivery.state == Delivery.SENT)
    Bounce.create(delivery=sent, kind=Bounce.SOFT, words=f"{NAME} has a full mailbox")


# --- Erased: nothing is found ---


@dataclass
class Walk:
    """What a search of the whole database came to."""

    tables: list[str]
    columns: int
    found: list[str]


def search(*traces: str) -> Walk:
    """Every column of every row of every table of this database, as text, as the database itself has them."""
    columns, found = 0, []
    for table in sorted(db.handle.get_tables()):
        names = [column.name for column in db.handle.get_columns(table)]
        columns += len(names)
        for name in names:
            cursor = db.handle.execute_sql(f'SELECT CAST("{name}" AS TEXT) FROM "{table}"')
            found += [f"{table}.{name}: {value}" for (value,) in cursor.fetchall() if _has(value, traces)]
    return Walk(sorted(db.handle.get_tables()), columns, found)


def _has(value: str | None, traces: tuple[str, ...]) -> bool:
    return any(trace.lower() in (value or "").lower() for trace in traces)


def hashes() -> list[str]:
    """The keyed forms of her addresses that are allowed nowhere but on the suppression list."""
    return [make(each) for each in (ADDRESS, OLD_ADDRESS) for make in (suppressions.address_hash, limits._hash)]


def test_the_search_finds_her_while_she_is_there():
    zelda()
    found = {line.partition(".")[0] for line in search(*TRACES, *hashes()).found}
    assert found == {
        *("resident", "consent", "address_change", "waiting", "complaint", "delivery", "bounce"),
        *("attempt", "suppression", "concern", "message", "restriction", "booking", "answer"),
    }
    assert {table for table in TABLES if table._meta.table_name in found} <= set(register.ABOUT)


@pytest.mark.parametrize("state", [Resident.PENDING, Resident.CONFIRMED, Resident.LEFT])
def test_after_erasing_no_column_of_any_table_holds_a_trace_of_her(state):
    me = zelda(state)
    assert rights.erase(me, NOW)
    walk = search(*TRACES)
    assert walk.found == []
    assert {table._meta.table_name for table in TABLES} < set(walk.tables)
    assert walk.columns > 150


def test_of_her_keyed_hashes_only_that_on_the_suppression_list_stays():
    rights.erase(zelda(), NOW)
    assert [line.partition(":")[0] for line in search(*hashes()).found] == ["suppression.address_hash"]


def test_no_row_but_counts_leads_to_her_and_her_own_row_is_blank():
    me = zelda()
    rights.erase(me, NOW)
    leading = {table for table in register.ABOUT if table.select().where(holdings.of(table, me)).exists()}
    mine = Resident.get_by_id(me.id)
    assert (mine.state, mine.email, mine.name, mine.home, mine.paused_until) == ("erased", None, "", None, None)
    assert (mine.weekly_cap, mine.discreet_since, mine.link_version) == (None, None, me.link_version + 1)
    assert leading - {Suppression} == {Resident, Consent, Subscription, Delivery, Bounce}


def test_everybody_else_keeps_everything():
    me = zelda()
    before = {name: rights.everything(cast.resident(name)) for name in ("Amara", "Bryn", "Dov", "Esme")}
    rights.erase(me, NOW)
    after = {name: rights.everything(cast.resident(name)) for name in before}
    assert {name: [s.rows for s in each] for name, each in after.items()} == {
        name: [s.rows for s in each] for name, each in before.items()
    }


def test_complaints_keep_their_dates_and_numbers():
    rights.erase(zelda(), NOW)
    assert Complaint.select().where(Complaint.text.is_null(), Complaint.resident.is_null()).count() == 3
    assert {row.answered_at for row in Complaint.select()} == {NOW, None}


def test_what_they_hear_ends_and_nothing_of_theirs_is_pending():
    me = zelda()
    rights.erase(me, NOW)
    assert not Subscription.select().where(Subscription.resident == me, Subscription.live()).exists()
    assert not Delivery.select().where(Delivery.resident == me, Delivery.state == Delivery.PENDING).exists()
    assert {row.reason for row in Delivery.select().where(Delivery.resident == me)} == {None, "the person is erased"}


# --- Erased twice, or in the middle of something ---


def test_erasing_twice_is_erasing_once():
    me = zelda()
    assert [rights.erase(me, NOW), rights.erase(me, NOW)] == [True, False]
    assert Journal.select().where(Journal.action == "erased").count() == 1


def test_erasing_twice_at_one_moment_is_erasing_once(app):
    me = zelda()
    assert sorted(services.at_once(app, *[lambda: rights.erase(me, NOW)] * 2)) == [False, True]


def test_who_is_erased_while_an_alert_is_sent_gets_nothing_that_is_not_on_its_way(post):
    services.crowd(20)
    alert = services.begin_sending(services.draft(), cast.officer("Farah"), NOW)
    addressing.prepare_alert(alert, NOW)
    claim = deliveries.claim(Delivery.alert == alert, 100, lambda: NOW)
    someone = Resident.get(Resident.email == "resident0007@example.org")
    rights.erase(someone, NOW)
    claim.give_back()
    services.send_all(alert, lambda: NOW)
    assert len(post.letters) == 20  # nineteen of the crowd, and Amara
    assert post.to("resident0007@example.org") == []
    assert Delivery.get(Delivery.resident == someone).state == Delivery.SKIPPED


def test_erasing_and_sending_at_one_moment_both_come_to_an_end(app, post):
    services.crowd(20)
    alert = services.begin_sending(services.draft(), cast.officer("Farah"), NOW)
    addressing.prepare_alert(alert, NOW)
    someone = Resident.get(Resident.email == "resident0007@example.org")
    results = services.at_once(app, lambda: services.send_all(alert, lambda: NOW), lambda: rights.erase(someone, NOW))
    services.send_all(alert, lambda: NOW)
    assert results == [None, True]
    assert Delivery.get(Delivery.resident == someone).state in (Delivery.SENT, Delivery.SKIPPED)
    assert search("resident0007").found == []


def test_a_confirmation_that_waits_goes_to_nobody(post):
    residents.sign_up(ANSWERS | {"email": "esme@example.org"}, NOW)
    rights.erase(cast.resident("Esme"), NOW)
    urgent.send(lambda: NOW)
    assert post.letters == []


def test_an_erased_person_cannot_be_confirmed_or_changed_into_being_again():
    delivery = residents.sign_up(ANSWERS | {"email": "esme@example.org"}, NOW)
    link = links.find(Link.CONFIRM, links.issue(Link.CONFIRM, delivery.resident, NOW, delivery.consent), NOW)
    rights.erase(cast.resident("Esme"), NOW)
    with pytest.raises(links.LinkEnded):
        residents.confirm(link, NOW)
    assert residents.in_session(link.resident_id, 2) is None


def test_changing_and_erasing_at_one_moment_leave_nothing_live(app):
    amara = cast.resident("Amara")
    wanted = {subscriptions.Choice(cast.MERTON, "results", "daily")}

    def change():
        with db.handle.atomic():
            subscriptions.change(amara, wanted, "preferences", NOW)

    services.at_once(app, change, lambda: rights.erase(amara, NOW))
    assert not Subscription.select().where(Subscription.resident == amara, Subscription.live()).exists()


def test_a_bounce_that_comes_after_erasing_suppresses_nobody():
    me = zelda()
    row = Delivery.get(Delivery.resident == me, Delivery.state == Delivery.SENT, Delivery.kind == Delivery.WELCOME)
    rights.erase(me, NOW)
    before = Suppression.select().count()
    bounces.record(Report(row.id, Bounce.HARD, "5.1.1", f"<{ADDRESS}>: no such mailbox"), NOW)
    assert (Suppression.select().count(), search(*TRACES).found) == (before, [])


def test_an_officer_of_the_same_address_is_still_counted():
    limits.allows("officer address", "amara@example.org", NOW)
    rights.erase(cast.resident("Amara"), NOW)
    assert Attempt.get().limit == "officer address"


# --- Read ---


def words_of(sections: list[rights.Section], title: str) -> list[dict[str, str]]:
    (section,) = [each for each in sections if each.title == title]
    return [dict(row) for row in section.in_words()]


def test_everything_is_in_words():
    sections = rights.everything(zelda())
    assert all(section.rows for section in sections)
    (me,) = words_of(sections, "About you")
    assert (me["Email address"], me["Your ward"]) == (ADDRESS, "St Helier, Merton")
    assert "I agree that my local police team" in words_of(sections, "What you agreed to")[0]["The words"]
    assert words_of(sections, "What you hear about, and used to")[0]["Alerts"] == "Incidents and investigations"
    assert words_of(sections, "Stories you follow, and used to")[0]["Story"] == "Sheds in Green Lane"
    emails = words_of(sections, "Emails to you")
    assert {"Alert", "Email", "It is", "Because", "Begun"} <= {name for row in emails for name in row}
    assert "Mopeds stolen in Green Lane" in {row.get("Alert") for row in emails}


def test_it_says_who_looked_and_when():
    me = zelda()
    ((_, who, what),) = rights.who_looked(me)
    assert (who, what) == ("PC Idris, administrator", "looked at your complaint")
    assert rights.who_looked(cast.resident("Amara")) == []


def test_of_many_rows_the_newest_are_shown_and_all_are_counted():
    amara = cast.resident("Amara")
    rows = [{"kind": Delivery.SIGN_IN, "resident": amara, "attempts": number} for number in range(30)]
    Delivery.insert_many(rows).execute()
    (emails,) = [each for each in rights.everything(amara, 20) if each.title == "Emails to you"]
    assert (len(emails.rows), emails.how_many) == (20, 30)


def test_nobody_elses_rows_are_in_it():
    zelda()
    said = json.dumps([list(each.as_data()) for each in rights.everything(cast.resident("Bryn"))], default=str)
    assert not any(trace in said.lower() for trace in TRACES)


# --- Copy ---


def test_a_copy_holds_both_forms_and_is_journalled():
    me = zelda()
    with rights.zipped(rights.copy(me, NOW), ["<html>", "</html>"], NOW) as file, zipfile.ZipFile(file) as package:
        assert package.namelist() == ["metengage.json", "metengage.html"]
        data = json.loads(package.read("metengage.json"))
    assert set(data) == {"made_at"} | {table._meta.table_name for table in register.ABOUT}
    assert (data["resident"][0]["email"], data["resident"][0]["home_in_words"]) == (ADDRESS, "St Helier, Merton")
    assert data["consent"][1]["wording_in_words"].startswith("I agree")
    assert Journal.get(Journal.action == "downloaded a copy").resident == me


def test_a_copy_of_who_has_gone_is_none():
    amara = cast.resident("Amara")
    rights.erase(amara, NOW)
    with pytest.raises(rights.Gone):
        rights.copy(amara, NOW)


def test_a_copy_while_erasing_is_whole_or_none(app):
    me = zelda()
    made, erased = services.at_once(app, lambda: rights.copy(me, NOW), lambda: rights.erase(me, NOW))
    assert erased is True
    if not isinstance(made, rights.Gone):
        assert [section.title for section in made if not section.rows] == []
        assert words_of(made, "About you")[0]["Email address"] == ADDRESS

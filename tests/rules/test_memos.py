"""Who is told by email what was decided on an alert: each who has to know, once, and only while it holds."""

from datetime import timedelta

import pytest
from peewee import IntegrityError

from metengage import account, db, drafts, jobs, memos, personal, release, staffing, urgent
from metengage.alerts import AlreadySent
from metengage.emails import NotNeeded
from metengage.mail import Email
from metengage.models import Alert, Decision, Delivery, Memo, Officer
from tests import cast, services
from tests.conftest import NOW

FARAH, HANA, IDRIS, RANI = (f"{name}@met.example.org" for name in ("farah", "hana", "idris", "rani"))
LATER, SOON = NOW + timedelta(days=2), NOW + timedelta(seconds=60)
DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)


@pytest.fixture(autouse=True)
def _undo(app, settings, monkeypatch):
    monkeypatch.setattr(settings, "undo_seconds", 60)


def farah() -> Officer:
    return cast.officer("Farah")


def hana() -> Officer:
    return cast.officer("Hana")


def asked(by: str = "Farah", due_at=None, **words) -> Alert:
    return release.ask(services.draft(**words), cast.officer(by), NOW, due_at)


def told(kind: str) -> list[str]:
    """Whom there is an email of this kind for."""
    return [row.address for row in rows(kind)]


def rows(kind: str) -> list[Delivery]:
    return list(Delivery.select().where(Delivery.kind == kind).order_by(Delivery.id))


def written(kind: str) -> Email:
    """The latest email of this kind."""
    return personal.written(rows(kind)[-1], NOW)


def words_of(email: Email) -> str:
    return " ".join(email.text.split())


# --- Who is told that approval is asked for ---


def test_the_teams_supervisor_is_asked_and_nobody_else():
    asked()
    assert told(Delivery.ASKED) == [HANA]


def test_every_supervisor_of_the_team_is_asked():
    services.rani(Officer.SUPERVISOR)
    asked()
    assert told(Delivery.ASKED) == [HANA, RANI]


@pytest.mark.parametrize("whose", ["author", "changed_by"])
def test_a_supervisor_is_not_asked_about_their_own(whose):
    services.rani(Officer.SUPERVISOR)
    draft = services.draft()
    Alert.update({whose: hana()}).where(Alert.id == draft.id).execute()
    release.ask(Alert.get_by_id(draft.id), farah(), NOW)
    assert told(Delivery.ASKED) == [RANI]


def test_where_the_only_supervisor_asks_administrators_are_asked():
    asked(by="Hana")
    assert told(Delivery.ASKED) == [IDRIS]


def test_where_there_is_no_supervisor_administrators_are_asked():
    staffing.suspend(cast.officer("Idris"), hana(), NOW)
    asked()
    assert told(Delivery.ASKED) == [IDRIS]


def test_an_administrator_who_asks_themselves_is_told_nothing():
    staffing.suspend(cast.officer("Idris"), hana(), NOW)
    asked(by="Idris")
    assert told(Delivery.ASKED) == []


# --- While somebody is away ---


@pytest.mark.parametrize(
    ("role", "who"), [(Officer.SUPERVISOR, [RANI]), (Officer.OFFICER, [IDRIS])], ids=["may decide", "may not"]
)
def test_who_covers_is_asked_instead_if_they_may_decide(role, who):
    rani = services.rani(role)
    account.go_away(hana(), NOW + DAY, rani)
    asked()
    assert told(Delivery.ASKED) == who


def test_who_covers_for_a_colleague_is_asked_once():
    account.go_away(services.rani(Officer.SUPERVISOR), NOW + DAY, hana())
    asked()
    assert told(Delivery.ASKED) == [HANA]


def test_who_covers_is_not_asked_about_their_own():
    rani = services.rani(Officer.SUPERVISOR)
    account.go_away(hana(), NOW + DAY, rani)
    release.ask(services.draft(), rani, NOW)
    assert told(Delivery.ASKED) == [IDRIS]


def test_a_supervisor_of_another_team_who_covers_is_not_asked():
    """They cover in a team that both are in, and are not in the alert's."""
    both, idris = [cast.team("St Helier"), cast.team("Surbiton Hill")], cast.officer("Idris")
    staffing.change(idris, cast.officer("Gus"), "PC Gus", Officer.SUPERVISOR, both[1:])
    staffing.change(idris, hana(), "PC Hana", Officer.SUPERVISOR, both)
    account.go_away(hana(), NOW + DAY, cast.officer("Gus"))
    asked()
    assert told(Delivery.ASKED) == [IDRIS]


def test_who_is_back_is_asked_again():
    account.go_away(hana(), NOW - MINUTE, services.rani(Officer.SUPERVISOR))
    asked()
    assert told(Delivery.ASKED) == [HANA, RANI]


# --- What it says ---


def test_asking_says_who_when_why_and_where_but_no_word_of_the_alert():
    asked(due_at=LATER, title="Mopeds & vans")
    email, (row,) = written(Delivery.ASKED), rows(Delivery.ASKED)
    said = words_of(email)
    assert email.subject == "Approve: Mopeds & vans"
    assert "PC Farah asks you to approve this alert. It goes on 24 November 2026 at midday." in said
    assert "Alerts about incidents and investigations may name people or disturb an investigation." in said
    assert f"http://localhost:5000/officers/alerts/{row.memo.alert_id}/decide" in email.text
    assert "Nobody approves their own" in said
    assert not [part for part in (email.text, email.html) if "taken" in part or "Friday" in part]


def test_without_a_time_it_goes_once_it_is_approved():
    asked()
    assert "It goes as soon as it is approved." in words_of(written(Delivery.ASKED))


@pytest.mark.parametrize("kind", [Delivery.ASKED, Delivery.RETURNED, Delivery.APPROVED, Delivery.WENT_FIRST])
def test_nothing_that_is_for_residents_is_in_it(kind):
    {
        Delivery.ASKED: asked,
        Delivery.RETURNED: lambda: release.give_back(asked(), hana(), "Say when", NOW),
        Delivery.APPROVED: lambda: release.approve(asked(), hana(), "", NOW),
        Delivery.WENT_FIRST: lambda: release.go_first(services.draft(), farah(), "Nobody answers", NOW),
    }[kind]()
    email = written(kind)
    assert "List-Unsubscribe" not in email.headers
    assert not [each for each in ("unsubscribe", "preferences", "You get this") if each in email.text + email.html]
    assert "account@engage.example.org" in email.sender


# --- What became of it ---


def test_who_asked_and_the_author_are_told_that_it_was_returned_and_why():
    services.rani()
    draft = services.draft()
    alert = release.ask(draft, Officer.get(Officer.email == RANI), NOW)
    release.give_back(alert, hana(), "Say when it was.\nAnd <where>", NOW)
    email = written(Delivery.RETURNED)
    assert told(Delivery.RETURNED) == [RANI, FARAH]
    assert email.subject == "Returned: Mopeds stolen in Green Lane"
    assert "PC Hana returned this alert. It is a draft again" in words_of(email)
    assert "Say when it was.\nAnd <where>" in email.text
    assert "And &lt;where&gt;" in email.html
    assert f"http://localhost:5000/officers/alerts/{alert.id}/edit" in email.text


def test_who_asked_for_their_own_is_told_once():
    release.give_back(asked(), hana(), "Say when", NOW)
    assert told(Delivery.RETURNED) == [FARAH]


def test_only_who_asked_is_told_that_it_was_approved_and_when_it_goes():
    services.rani()
    alert = release.ask(services.draft(), Officer.get(Officer.email == RANI), NOW, LATER)
    release.approve(alert, hana(), "", NOW)
    said = words_of(written(Delivery.APPROVED))
    assert told(Delivery.APPROVED) == [RANI]
    assert "PC Hana approved this alert. It goes on 24 November 2026 at midday; until then you can take it back" in said
    assert f"http://localhost:5000/officers/alerts/{alert.id} " in said


def test_what_has_gone_by_then_is_told_as_gone():
    release.begin(release.approve(asked(), hana(), "", NOW), SOON)
    assert "Its sending began on 22 November 2026 at 12:01pm." in words_of(written(Delivery.APPROVED))


def test_what_goes_first_is_told_to_who_may_review_it():
    release.go_first(services.draft(), farah(), "A child is missing", NOW)
    email = written(Delivery.WENT_FIRST)
    assert (told(Delivery.WENT_FIRST), email.subject) == ([HANA], "Review: Mopeds stolen in Green Lane")
    assert "PC Farah sent this alert before anybody approved it." in words_of(email)
    assert "child" not in email.text + email.html


def test_what_needs_nobody_is_told_to_nobody():
    release.send(services.draft(alert_type="advice"), farah(), NOW)
    assert not Memo.select().exists()


# --- Not needed any more ---


def test_what_was_taken_back_is_not_asked_for_any_more():
    release.take_back(asked(), farah(), NOW)
    with pytest.raises(NotNeeded):
        written(Delivery.ASKED)


def test_what_was_decided_before_it_was_written_is_not_asked_for():
    release.approve(asked(), hana(), "", NOW)
    with pytest.raises(NotNeeded):
        written(Delivery.ASKED)


def test_of_two_askings_only_the_latest_is_told():
    alert = asked()
    release.take_back(alert, farah(), NOW)
    release.ask(Alert.get_by_id(alert.id), farah(), NOW)
    first, second = rows(Delivery.ASKED)
    with pytest.raises(NotNeeded):
        personal.written(first, NOW)
    assert personal.written(second, NOW).to == HANA


def test_what_was_asked_for_again_is_not_told_as_returned():
    release.ask(release.give_back(asked(), hana(), "Say when", NOW), farah(), NOW)
    with pytest.raises(NotNeeded):
        written(Delivery.RETURNED)


def test_what_was_taken_back_is_not_told_as_approved():
    release.take_back(release.approve(asked(), hana(), "", NOW), farah(), NOW)
    with pytest.raises(NotNeeded):
        written(Delivery.APPROVED)


def test_what_was_reviewed_need_not_be_reviewed():
    alert = release.go_first(services.draft(), farah(), "Nobody answers", NOW)
    release.review(alert, hana(), "", NOW)
    with pytest.raises(NotNeeded):
        written(Delivery.WENT_FIRST)


@pytest.mark.parametrize("leaves", ["the service", "the team"])
def test_who_has_gone_meanwhile_gets_nothing(leaves):
    asked()
    idris = cast.officer("Idris")
    if leaves == "the service":
        staffing.suspend(idris, hana(), NOW)
    else:
        staffing.change(idris, hana(), "PC Hana", Officer.SUPERVISOR, [cast.team("Surbiton Hill")])
    with pytest.raises(NotNeeded):
        written(Delivery.ASKED)


# --- Never twice, and never lost ---


def test_of_two_who_ask_at_once_one_is_told(app):
    services.rani()
    draft = services.draft()
    both = (farah(), Officer.get(Officer.email == RANI))
    results = services.at_once(app, *(lambda who=who: release.ask(draft, who, NOW) for who in both))
    assert sorted(type(each).__name__ for each in results) == ["Alert", "AlreadySent"]
    assert told(Delivery.ASKED) == [HANA]


def test_of_two_who_decide_at_once_one_is_told(app):
    alert = asked()
    services.at_once(
        app,
        lambda: release.approve(alert, hana(), "", NOW),
        lambda: release.give_back(alert, cast.officer("Idris"), "Say when", NOW),
    )
    assert sorted(told(Delivery.APPROVED) + told(Delivery.RETURNED)) == [FARAH]


def test_nobody_is_told_of_a_decision_twice():
    asked()
    decision = Decision.get()
    with pytest.raises(IntegrityError), db.handle.atomic():
        memos.asked(decision, [], NOW)
    assert told(Delivery.ASKED) == [HANA]


def test_what_was_not_decided_is_told_to_nobody():
    alert = asked()
    release.take_back(alert, farah(), NOW)
    before = Memo.select().count()
    with pytest.raises(AlreadySent):
        release.approve(alert, hana(), "", NOW)
    assert Memo.select().count() == before


def test_it_goes_once_however_often_it_is_rung_for(post):
    release.ask(services.draft(), farah(), db.now())
    for _ in range(3):
        jobs.ring_urgent()
    services.work_off()
    assert [letter["Subject"] for letter in post.letters] == ["Approve: Mopeds stolen in Green Lane"]


def test_without_redis_the_clock_finds_it(post):
    release.ask(services.draft(), farah(), db.now() - MINUTE)
    jobs.redis().flushall()
    jobs.tick()
    services.work_off()
    assert [letter["To"] for letter in post.letters] == [HANA]


def test_what_is_not_needed_is_skipped_and_says_so(post):
    alert = release.ask(services.draft(), farah(), db.now() - MINUTE)
    release.take_back(alert, farah(), db.now())
    urgent.send()
    (row,) = rows(Delivery.ASKED)
    assert (row.state, row.reason, post.letters) == ("skipped", "something else was decided since", [])


# --- Not too many ---


def test_who_asks_again_and_again_fills_nobodys_mailbox():
    alert = services.draft()
    for number in range(10):
        release.ask(Alert.get_by_id(alert.id), farah(), NOW + number * MINUTE)
        release.take_back(Alert.get_by_id(alert.id), farah(), NOW + number * MINUTE)
    assert told(Delivery.ASKED) == [HANA] * 3


def test_going_first_counts_with_it():
    alert = services.draft()
    for _ in range(3):
        release.take_back(release.ask(Alert.get_by_id(alert.id), farah(), NOW), farah(), NOW)
    release.go_first(Alert.get_by_id(alert.id), farah(), "Nobody answers", NOW)
    assert told(Delivery.WENT_FIRST) == []


def test_another_alert_and_another_hour_are_asked_for():
    alert = services.draft()
    for _ in range(4):
        release.take_back(release.ask(Alert.get_by_id(alert.id), farah(), NOW), farah(), NOW)
    asked()
    release.ask(Alert.get_by_id(alert.id), farah(), NOW + timedelta(hours=2))
    assert told(Delivery.ASKED) == [HANA] * 5


# --- A test to oneself ---


def test_who_has_gone_meanwhile_gets_no_test():
    row = drafts.try_out(services.draft(), farah(), NOW)
    staffing.suspend(cast.officer("Idris"), farah(), NOW)
    with pytest.raises(NotNeeded):
        personal.written(Delivery.get_by_id(row.id), NOW)


def test_odd_words_stay_one_line_of_subject():
    asked(title='=?x?= "Mopeds" & <b>vans</b> 🛵')
    email = written(Delivery.ASKED)
    assert email.subject == 'Approve: = ?x?= "Mopeds" & <b>vans</b> 🛵'
    assert "<b>vans</b>" not in email.html

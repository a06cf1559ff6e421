"""What a ward's team works on: every pair of states, everything twice, two at once; three at most, three months."""

from datetime import date, timedelta

import pytest

from metengage import areas, priorities, teams
from metengage.models import Area, Journal, Priority
from metengage.priorities import ChangedMeanwhile, NotPossible
from tests import cast, services
from tests.cast import RAVENSBURY, ST_HELIER, SURBITON_HILL
from tests.conftest import NOW

DAY = timedelta(days=1)
TODAY = NOW.date()


@pytest.fixture(autouse=True)
def _stand(app):
    """Every test here touches rows."""


def ward(code: str = ST_HELIER) -> Area:
    return areas.named([code])[0]


def farah():
    return cast.officer("Farah")


def proposal(issue: str = "Mopeds") -> Priority:
    return services.proposal(issue, now=NOW)


def priority(issue: str = "Mopeds", now=NOW) -> Priority:
    return services.priority(issue, now=now)


def put(issue: str = "Mopeds", review_on: date = TODAY + 30 * DAY, now=NOW) -> Priority:
    return priorities.set_now(proposal(issue), farah(), review_on, now, plan="We patrol.")


def as_it_is(one: Priority) -> Priority:
    return Priority.get_by_id(one.id)


# --- Proposed, set ---


def test_what_is_proposed_twice_is_one():
    assert proposal() == proposal()
    assert priorities.proposed_in(ward()) == [proposal()]


def test_what_was_closed_may_be_proposed_anew():
    first = proposal()
    priorities.close(first, farah(), "", "Few asked for it.", NOW)
    assert proposal() != first


def test_of_two_who_propose_the_same_at_one_moment_one_does(app):
    first, second = services.at_once(app, proposal, proposal)
    assert first == second


def test_what_is_set_says_what_will_be_done_and_when_it_is_reviewed():
    one = put()
    assert (one.state, one.plan, one.set_at, one.owner) == (Priority.SET, "We patrol.", NOW, farah())
    assert one.review_by.date() == TODAY + 30 * DAY
    assert priorities.set_in(ward()) == [one]


def test_setting_twice_is_once():
    assert put() == put(now=NOW + DAY)
    assert as_it_is(put()).set_at == NOW


def test_three_are_set_at_a_time():
    for issue in ("One", "Two", "Three"):
        put(issue)
    with pytest.raises(NotPossible, match=r"St Helier has 3 priorities already"):
        put("Four")
    priorities.close(priorities.set_in(ward())[0], farah(), Priority.ACHIEVED, "Done.", NOW)
    assert put("Four").is_set


def test_of_two_who_set_the_third_at_one_moment_one_does(app):
    for issue in ("One", "Two"):
        put(issue)
    for issue in ("Three", "Four"):
        proposal(issue)
    outcomes = services.at_once(app, lambda: put("Three"), lambda: put("Four"))
    assert [type(each) for each in outcomes].count(NotPossible) == 1
    assert len(priorities.set_in(ward())) == 3


@pytest.mark.parametrize(("days", "may"), [(-1, False), (0, False), (1, True), (91, True), (92, False)])
def test_a_review_is_within_three_months(days, may):
    day = TODAY + days * DAY
    assert (priorities.wrong_with(day, NOW) == "") is may
    if not may:
        with pytest.raises(NotPossible):
            put(review_on=day)


# --- Changed, reviewed, closed ---


def test_a_change_that_began_from_older_words_overwrites_nothing():
    one = put()
    priorities.change(one, farah(), one.revision, NOW, issue="Mopeds and bikes")
    with pytest.raises(ChangedMeanwhile):
        priorities.change(one, farah(), one.revision, NOW, issue="Bikes")
    assert as_it_is(one).issue == "Mopeds and bikes"


def test_a_review_renews_the_date_and_is_no_new_priority():
    one = put()
    priorities.review(one, farah(), (NOW + 80 * DAY).date(), NOW + 20 * DAY)
    now = as_it_is(one)
    assert (now.set_at, now.reviewed_at, now.review_by.date()) == (NOW, NOW + 20 * DAY, TODAY + 80 * DAY)


@pytest.mark.parametrize("result", [Priority.ACHIEVED, Priority.NOT_ACHIEVED, Priority.REPLACED])
def test_what_is_closed_says_what_came_of_it(result):
    one = put()
    priorities.close(one, farah(), result, "Thefts halved.", NOW + DAY)
    now = as_it_is(one)
    assert (now.state, now.result, now.outcome, now.closed_at) == ("closed", result, "Thefts halved.", NOW + DAY)


def test_what_was_only_proposed_was_not_chosen_and_is_not_told_on_the_wards_page():
    one = proposal()
    priorities.close(one, farah(), Priority.ACHIEVED, "Few asked for it.", NOW)
    assert as_it_is(one).result == Priority.NOT_CHOSEN
    assert priorities.closed_in(ward(), NOW) == []


def test_what_was_closed_is_told_for_a_year():
    one = put()
    priorities.close(one, farah(), Priority.ACHIEVED, "Thefts halved.", NOW)
    assert priorities.closed_in(ward(), NOW + 364 * DAY) == [one]
    assert priorities.closed_in(ward(), NOW + 365 * DAY) == []


def test_nothing_follows_what_is_closed():
    one = put()
    priorities.close(one, farah(), Priority.ACHIEVED, "Thefts halved.", NOW)
    closed = as_it_is(one)
    acts = (
        lambda: priorities.set_now(closed, farah(), TODAY + DAY, NOW),
        lambda: priorities.review(closed, farah(), TODAY + DAY, NOW),
        lambda: priorities.close(closed, farah(), Priority.REPLACED, "Again.", NOW),
        lambda: priorities.change(closed, farah(), closed.revision, NOW, issue="Another"),
    )
    for act in acts:
        with pytest.raises((NotPossible, ChangedMeanwhile)):
            act()
    assert as_it_is(one) == closed


def test_what_is_proposed_is_not_reviewed():
    with pytest.raises(NotPossible):
        priorities.review(proposal(), farah(), TODAY + DAY, NOW)


def test_of_two_who_close_it_at_one_moment_one_does(app):
    one = put()
    acts = [lambda word=word: priorities.close(one, farah(), Priority.ACHIEVED, word, NOW) for word in "ab"]
    assert [type(each) for each in services.at_once(app, *acts)].count(NotPossible) == 1
    assert as_it_is(one).outcome in ("a", "b")


def test_every_act_is_in_the_journal():
    Journal.delete().execute()
    one = put()
    priorities.change(one, farah(), one.revision, NOW, plan="We stop them.")
    priorities.review(as_it_is(one), farah(), TODAY + 60 * DAY, NOW)
    priorities.close(as_it_is(one), farah(), Priority.ACHIEVED, "Done.", NOW)
    assert [line.action.partition(" ")[0] for line in Journal.select().order_by(Journal.id)] == [
        *("proposed", "set", "changed", "reviewed", "closed"),
    ]
    assert {(line.officer.name, line.detail) for line in Journal.select()} == {("PC Farah", f"priority {one.id}")}


# --- Whose, and what waits ---


@pytest.mark.parametrize(("name", "may"), [("Farah", True), ("Hana", True), ("Idris", True), ("Gus", False)])
def test_it_is_for_the_team_of_the_ward(name, may):
    one = put()
    assert (priorities.priority_for(cast.officer(name), one.id) == one) is may


def test_it_goes_with_its_ward_to_another_team():
    one = put()
    teams.give_ward(cast.officer("Idris"), cast.team("Surbiton Hill"), ward())
    assert priorities.priority_for(cast.officer("Gus"), one.id) == one
    assert priorities.priority_for(farah(), one.id) is None


def test_the_list_has_the_wards_of_an_officer_and_begins_with_what_waits():
    priority(now=NOW - 31 * DAY)
    services.priority("Bikes", ward=RAVENSBURY, now=NOW)
    lines = priorities.listed(cast.officer("Idris"), NOW)
    assert [(line.ward.code, line.is_stale) for line in lines] == [
        (ST_HELIER, True),
        (SURBITON_HILL, True),
        (RAVENSBURY, False),
    ]
    assert [line.ward.code for line in priorities.listed(cast.officer("Gus"), NOW)] == [SURBITON_HILL]


@pytest.mark.parametrize(("days", "late"), [(29, False), (30, False), (31, True)])
def test_a_review_is_overdue_when_its_day_has_passed(days, late):
    one = put()
    found = priorities.overdue(farah(), NOW + days * DAY)
    assert found == ([one] if late else [])
    assert priorities.overdue(cast.officer("Gus"), NOW + 99 * DAY) == []

"""“You said, we did” begins with what was done since the last time, and there is one at a time."""

from datetime import timedelta

import pytest

from metengage import actions, areas, corrections, drafts, priorities, telling
from metengage.models import Alert, Priority
from tests import cast, services
from tests.cast import ST_HELIER
from tests.conftest import NOW

DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def _stand(app):
    """Every test here touches rows."""


@pytest.fixture
def mopeds() -> Priority:
    return services.priority("Mopeds", now=NOW - 9 * DAY)


def act(priority: Priority, text: str, now=NOW) -> None:
    actions.act(priority, cast.officer("Farah"), now.date(), text, now)


def begin(priority: Priority, now=NOW, name: str = "Farah") -> Alert:
    return telling.begin(Priority.get_by_id(priority.id), cast.team("St Helier"), cast.officer(name), now)


def test_it_begins_with_what_was_said_and_done_and_comes_next(mopeds):
    act(mopeds, "We stopped six riders.")
    act(mopeds, "We spoke\nto the school.", NOW - DAY)
    draft = begin(mopeds)
    assert draft.title == "You said, we did: Mopeds"
    assert draft.body == (
        "## You said\n\nYou asked us to work on this: Mopeds\n\n"
        "## We did\n\n* 21 November 2026: We spoke to the school.\n* 22 November 2026: We stopped six riders.\n\n"
        "## What comes next\n\nWe patrol.\n\nWe look at this again by 13 December 2026."
    )
    assert (draft.alert_type, draft.theme, draft.priority) == ("priorities", "theft-of-vehicles", mopeds)
    assert [row.area_id for row in draft.alert_areas] == [ST_HELIER]


def test_there_is_one_at_a_time(app, mopeds):
    first, second = services.at_once(app, lambda: begin(mopeds), lambda: begin(mopeds, name="Hana"))
    assert first == second == begin(mopeds)
    drafts.discard(first, cast.officer("Farah"), NOW)
    assert begin(mopeds) != first


def test_the_next_tells_only_what_was_done_since(mopeds):
    act(mopeds, "Six riders stopped.")
    first = services.begin_sending(begin(mopeds), cast.officer("Farah"), NOW)
    Alert.update(state=Alert.SENT).execute()
    corrections.begin(first, cast.officer("Farah"), NOW)
    act(mopeds, "Two bikes taken.", NOW + DAY)
    second = begin(mopeds, NOW + DAY)
    assert "Two bikes taken." in second.body
    assert "Six riders" not in second.body


def test_what_is_closed_tells_its_outcome_and_nothing_to_come(mopeds):
    priorities.close(mopeds, cast.officer("Farah"), Priority.ACHIEVED, "Thefts halved.", NOW)
    draft = begin(mopeds)
    assert draft.body.endswith("## What came of it\n\nThefts halved.")


def test_of_what_is_only_proposed_there_is_nothing_to_tell():
    with pytest.raises(telling.NotYet):
        begin(services.proposal("Bikes", now=NOW))


def test_a_long_issue_leaves_a_title_that_fits():
    assert len(begin(services.priority("x" * 120, now=NOW)).title) == 120


def ask(*proposed: Priority) -> Alert:
    (ward,) = areas.named([ST_HELIER])
    return telling.to_vote(ward, list(proposed), cast.team("St Helier"), cast.officer("Farah"), NOW)


def test_residents_are_asked_to_vote_on_what_is_proposed():
    draft = ask(services.proposal("Bikes", now=NOW), services.proposal("Sheds", now=NOW))
    assert "* Bikes\n* Sheds\n" in draft.body
    assert (draft.alert_type, draft.priority) == ("priorities", None)


def test_nobody_is_asked_where_nothing_is_proposed():
    with pytest.raises(telling.NotYet):
        ask()

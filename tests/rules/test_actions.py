"""What was done about a priority: with a day that may be, with a picture made anew, while it is worked on."""

from datetime import timedelta

import pytest

from metengage import actions, images, pictures, priorities
from metengage.models import Action, Picture, PictureFile, Priority
from tests import brought, cast, services
from tests.conftest import NOW

DAY = timedelta(days=1)
TODAY = NOW.date()


@pytest.fixture(autouse=True)
def _stand(app):
    """Every test here touches rows."""


@pytest.fixture
def mopeds() -> Priority:
    return services.priority("Mopeds", now=NOW - 9 * DAY)


def act(priority: Priority, text: str = "We stopped six riders.", day=TODAY, brought=None) -> Action:
    return actions.act(priority, cast.officer("Farah"), day, text, NOW, brought)


def test_actions_are_shown_the_latest_first(mopeds):
    act(mopeds, "First", TODAY - 2 * DAY)
    act(mopeds, "Third")
    act(mopeds, "Second", TODAY - DAY)
    assert [each.action.text for each in actions.of([mopeds])[mopeds.id]] == ["Third", "Second", "First"]


@pytest.mark.parametrize(("days", "may"), [(1, False), (0, True), (-9, True), (-10, False)])
def test_what_was_done_was_done_between_the_proposal_and_today(mopeds, days, may):
    assert (actions.wrong_with(TODAY + days * DAY, mopeds, NOW) == "") is may


def test_a_picture_comes_with_what_is_to_be_seen(mopeds):
    act(mopeds, brought=(brought.photo(), "A van in Green Lane"))
    (shown,) = actions.of([mopeds])[mopeds.id]
    assert shown.picture.words == "A van in Green Lane"
    assert {row.name for row in PictureFile.select()} == {pictures.EMAIL, pictures.WEB}


def test_a_picture_that_is_none_leaves_no_action(mopeds):
    with pytest.raises(images.Unusable):
        act(mopeds, brought=(b"no picture", "Nothing"))
    assert Action.select().count() == 0


def test_what_is_removed_is_gone_with_its_picture(mopeds):
    action = act(mopeds, brought=(brought.photo(), "A van"))
    for _ in range(2):
        actions.remove(action, cast.officer("Farah"))
    assert (Action.select().count(), Picture.select().count(), PictureFile.select().count()) == (0, 0, 0)


def test_nothing_is_done_about_what_is_only_proposed_or_closed(mopeds):
    priorities.close(mopeds, cast.officer("Farah"), Priority.ACHIEVED, "Done.", NOW)
    for each in (mopeds, services.proposal("Bikes", now=NOW)):
        with pytest.raises(actions.NotOpen):
            act(each)

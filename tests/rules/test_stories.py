"""Stories begin with a draft, go on, and end; residents follow them: every pair of states, twice, two at once."""

from datetime import timedelta

import pytest

from metengage import alerts, drafts, leaving, readiness, release, stories
from metengage.models import Alert, Decision, Follow, Journal, Resident, Story
from metengage.stories import HAS_ENDED, Chosen
from tests import cast, services
from tests.cast import ST_HELIER
from tests.conftest import NOW

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
NEW = Chosen(new_title="Moped thefts")
UNSENT = (Alert.DRAFT, Alert.AWAITING)  # of two at once, the slower may have been asked for just before a story ended


@pytest.fixture(autouse=True)
def _stand(app):
    """Every test here touches rows."""


@pytest.fixture
def story() -> Story:
    """A story with one alert."""
    return services.story()


def amara() -> Resident:
    return cast.resident("Amara")


def save(alert: Alert, chosen: Chosen | None) -> Alert:
    return drafts.save(alert, alert.revision, [ST_HELIER], NOW, story=chosen)


def send(alert: Alert, now=NOW) -> Alert:
    return services.begin_sending(alert, cast.officer("Farah"), now)


def outcome(story: Story) -> Alert:
    """A draft that ends the story."""
    return services.draft(title="Two arrests", story=Chosen(story.id, is_outcome=True))


def close(story: Story, now=NOW) -> None:
    """Send its outcome, to the last email of all that is under way."""
    send(outcome(story), now)
    Alert.update(state=Alert.SENT).where(Alert.story == story, Alert.state == Alert.SENDING).execute()


def follows(name: str, story: Story) -> list[tuple]:
    """(end, why) of each time that they began to follow it."""
    rows = Follow.select(Follow.ended_at, Follow.ended_reason).where(Follow.resident == cast.resident(name))
    return list(rows.where(Follow.story == story).order_by(Follow.id).tuples())


def titles() -> list[str]:
    return [title for (title,) in Story.select(Story.title).order_by(Story.id).tuples()]


# --- A new story is its draft's own until that is sent ---


def test_a_draft_that_saves_itself_makes_one_story_and_renames_it():
    alert = services.draft()
    for typed in ("", "Mo", "Moped thefts"):
        alert = save(alert, Chosen(new_title=typed))
    assert titles() == ["Moped thefts"]
    assert stories.chosen_in(alert) == NEW


@pytest.mark.parametrize("instead", [None, "another"])
def test_a_draft_that_chooses_otherwise_leaves_nothing_behind(instead):
    kept = services.story("Shed break-ins").id if instead else None
    alert = save(services.draft(story=NEW), Chosen(kept))
    assert titles() == (["Shed break-ins"] if instead else [])
    assert stories.chosen_in(alert).story_id == kept


def test_a_draft_that_is_thrown_away_takes_its_new_story_along():
    alert = services.draft(story=NEW)
    drafts.discard(alert, cast.officer("Farah"), NOW)
    assert titles() == []


def test_a_draft_that_is_thrown_away_leaves_other_stories_alone(story):
    drafts.discard(services.draft(story=Chosen(story.id)), cast.officer("Farah"), NOW)
    assert titles() == [story.title]


def test_a_save_that_says_nothing_of_a_story_keeps_it():
    alert = save(services.draft(story=NEW), None)
    assert stories.chosen_in(alert) == NEW


def test_of_two_pages_that_begin_a_story_at_once_one_does(app):
    alert = services.draft()
    acts = [
        lambda title=title: drafts.save(
            alert, alert.revision, [ST_HELIER], NOW, editor=title, story=Chosen(new_title=title)
        )
        for title in ("One", "Two")
    ]
    refused = [each for each in services.at_once(app, *acts) if isinstance(each, Exception)]
    assert [type(each) for each in refused] == [alerts.ChangedMeanwhile]
    assert titles() == [Alert.get_by_id(alert.id).story.title]


def test_a_story_that_has_not_begun_is_nobodys_to_read_or_to_choose():
    own = services.draft(story=NEW).story
    assert stories.public(own.id) is None
    assert stories.open_for(cast.team("St Helier")) == []
    with pytest.raises(stories.NotOpen):
        services.draft(story=Chosen(own.id))


def test_a_new_story_needs_a_title():
    alert = services.draft(story=Chosen(new_title=""))
    assert readiness.of(alert, cast.officer("Farah")).missing == [("story_title", "Enter what the new story is called")]
    with pytest.raises(release.NotReady):
        send(alert)


def test_a_story_does_not_end_with_the_alert_that_it_begins_with():
    alert = send(services.draft(story=Chosen(new_title="Moped thefts", is_outcome=True)))
    assert (alert.ends_story, alert.story.ended_at) == (False, None)


def test_without_a_story_there_is_nothing_to_end():
    assert not services.draft(story=Chosen(is_outcome=True)).ends_story


# --- It goes on, and ends ---


def test_a_story_begins_with_its_first_alert(story):
    assert stories.public(story.id) == story
    assert stories.open_for(cast.team("St Helier")) == [story]


def test_its_alerts_stand_in_a_line_the_oldest_first(story):
    second = send(services.draft(title="Second", story=Chosen(story.id)), NOW + MINUTE)
    services.draft(title="Not sent yet", story=Chosen(story.id))
    assert [alert.title for alert in stories.line_of(story)][1:] == ["Second"]
    assert stories.outcome_of(story) == second


def test_another_teams_story_is_not_to_be_chosen(story):
    Story.update(team=cast.team("Surbiton Hill")).execute()
    with pytest.raises(stories.NotOpen, match=HAS_ENDED):
        services.draft(story=Chosen(story.id))
    assert stories.open_for(cast.team("St Helier")) == []


def test_sending_the_outcome_ends_the_story(story):
    ended = send(outcome(story), NOW + MINUTE)
    assert ended.story.ended_at == NOW + MINUTE
    assert stories.open_for(cast.team("St Helier")) == []
    assert stories.outcome_of(story) == ended


def test_nothing_is_added_to_an_ended_story(story):
    before = services.draft(story=Chosen(story.id))
    close(story)
    assert readiness.of(before, cast.officer("Farah")).missing == [("story", HAS_ENDED)]
    with pytest.raises(release.NotReady, match=HAS_ENDED):
        send(before)
    with pytest.raises(stories.NotOpen, match=HAS_ENDED):
        services.draft(story=Chosen(story.id))


def test_a_draft_of_a_story_that_ended_meanwhile_keeps_its_words_and_shows_it(story):
    alert = services.draft(story=Chosen(story.id))
    close(story)
    alert = save(alert, Chosen(story.id))
    assert stories.offered_to(alert) == [story]
    assert readiness.of(save(alert, Chosen()), cast.officer("Farah")).missing == []


def test_of_two_outcomes_sent_at_once_one_ends_it_and_one_is_not_sent(app, story):
    drafts = [outcome(story), outcome(story)]
    results = services.at_once(app, *[lambda each=each: send(each) for each in drafts])
    assert {type(each) for each in results} <= {Alert, release.NotReady}  # the slower one may find it ended already
    sent, other = sorted((Alert.get_by_id(each.id).state for each in drafts), key=UNSENT.__contains__)
    assert (sent, other in UNSENT) == (Alert.SENDING, True)


def test_an_update_sent_as_the_story_ends_is_in_it_or_is_not_sent(app, story):
    update = services.draft(title="Update", story=Chosen(story.id))
    sent, _ = services.at_once(app, lambda: send(update), lambda: send(outcome(story)))
    came_back = Decision.select().where(Decision.alert == update, Decision.verdict == Decision.FELL_BACK).exists()
    stays = isinstance(sent, release.NotReady) or came_back
    assert Alert.get_by_id(update.id).state in (UNSENT if stays else (Alert.SENDING,))
    assert Story.get().ended_at


# --- Follow: every pair of states ---


@pytest.mark.parametrize(
    ("state", "may"), [("pending", False), ("confirmed", True), ("left", False), ("erased", False)]
)
def test_only_who_gets_emails_from_us_follows(story, state, may):
    Resident.update(state=state).where(Resident.id == amara().id).execute()
    assert stories.follow(amara(), story, NOW) is may
    assert follows("Amara", story) == ([(None, None)] if may else [])


def test_an_ended_story_is_not_followed_any_more(story):
    close(story)
    assert not stories.follow(amara(), story, NOW)
    assert follows("Amara", story) == []


def test_following_twice_is_once(story):
    assert stories.follow(amara(), story, NOW)
    assert stories.follow(amara(), story, NOW + MINUTE)
    assert follows("Amara", story) == [(None, None)]


def test_unfollowing_twice_is_once(story):
    stories.follow(amara(), story, NOW)
    for later in (MINUTE, DAY):
        stories.unfollow(amara(), story, NOW + later)
    assert follows("Amara", story) == [(NOW + MINUTE, "unfollowed")]


def test_who_never_followed_may_unfollow(story):
    stories.unfollow(amara(), story, NOW)
    assert follows("Amara", story) == []


def test_a_story_is_followed_anew(story):
    stories.follow(amara(), story, NOW)
    stories.unfollow(amara(), story, NOW + MINUTE)
    stories.follow(amara(), story, NOW + DAY)
    assert follows("Amara", story) == [(NOW + MINUTE, "unfollowed"), (None, None)]
    assert stories.follows(amara(), story)


def test_following_twice_at_once_is_once(app, story):
    results = services.at_once(app, *[lambda: stories.follow(amara(), story, NOW)] * 2)
    assert results == [True, True]
    assert follows("Amara", story) == [(None, None)]
    assert Journal.select().where(Journal.action == "followed a story").count() == 1


def test_the_database_keeps_one_live_follow(story):
    stories.follow(amara(), story, NOW)
    with pytest.raises(Exception, match=r"(?i)unique"):
        Follow.create(resident=amara(), story=story)


def test_of_following_and_leaving_at_once_nothing_breaks(app, story):
    results = services.at_once(
        app, lambda: stories.follow(amara(), story, NOW), lambda: leaving.leave(amara(), "unsubscribed", NOW)
    )
    assert [each for each in results if isinstance(each, Exception)] == []
    assert [ended for ended, _ in follows("Amara", story)] in ([], [NOW])


# --- Their end ---


@pytest.mark.parametrize("state", [Alert.SENDING, Alert.SENT])
def test_follows_end_once_the_outcome_is_sent(story, state):
    stories.follow(amara(), story, NOW)
    close(story)
    Alert.update(state=state).where(Alert.ends_story).execute()
    assert stories.end_follows(NOW + DAY) == (state == Alert.SENT)
    assert follows("Amara", story) == [(NOW + DAY, "ended") if state == Alert.SENT else (None, None)]


def test_follows_end_once(story):
    stories.follow(amara(), story, NOW)
    close(story)
    assert [stories.end_follows(NOW), stories.end_follows(NOW + DAY)] == [1, 0]


def test_follows_of_an_open_story_go_on(story):
    stories.follow(amara(), story, NOW)
    assert stories.end_follows(NOW) == 0


def test_an_alert_under_way_elsewhere_keeps_no_follow_alive(story):
    stories.follow(amara(), story, NOW)
    close(story)
    send(services.draft())
    services.story("Shed break-ins")
    assert stories.end_follows(NOW) == 1


# --- What I follow ---


def test_it_shows_what_somebody_follows_with_the_latest_alert(story):
    other = services.story("Shed break-ins")
    update = send(services.draft(title="Update", story=Chosen(story.id)), NOW + MINUTE)
    for number, each in enumerate((story, other)):
        stories.follow(amara(), each, NOW + number * MINUTE)
    found = stories.of(amara(), NOW)
    assert [each.story for each in found] == [other, story]
    assert found[1].latest == update
    assert stories.of(cast.resident("Bryn"), NOW) == []


@pytest.mark.parametrize(("days", "shown"), [(0, True), (89, True), (90, False)])
def test_what_has_ended_is_shown_for_three_months(story, days, shown):
    stories.follow(amara(), story, NOW)
    close(story)
    stories.end_follows(NOW)
    assert bool(stories.of(amara(), NOW + days * DAY)) is shown


def test_what_somebody_unfollowed_is_shown_no_more(story):
    stories.follow(amara(), story, NOW)
    stories.unfollow(amara(), story, NOW)
    assert stories.of(amara(), NOW) == []


@pytest.mark.parametrize(
    ("how_many", "words"), [(0, "No stories"), (1, "“Story 1”"), (2, "“Story 2” and “Story 1”"), (4, "4 stories")]
)
def test_what_somebody_follows_in_words(how_many, words):
    for number in range(1, how_many + 1):
        stories.follow(amara(), services.story(f"Story {number}"), NOW + number * MINUTE)
    assert stories.in_words(amara()) == words


def test_the_words_leave_out_what_has_ended(story):
    stories.follow(amara(), story, NOW)
    close(story)
    assert stories.in_words(amara()) == "No stories"


# --- Urgency ---


def test_a_draft_keeps_that_it_is_urgent():
    assert not services.draft().is_urgent
    assert send(services.draft(is_urgent=True)).is_urgent

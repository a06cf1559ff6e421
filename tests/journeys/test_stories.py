"""A story from its first alert to its outcome: officers tell it, residents follow it."""

import pytest

from tests.page import Page, send_alert
from tests.services import link_in

AMARA = "amara@example.org"


@pytest.fixture
def farah(signed_in):
    return signed_in("Farah")


@pytest.fixture
def begun(farah) -> Page:
    """The first alert of a story."""
    return send_alert(farah, story="new", story_title="Moped thefts")


def tell(farah, title: str, **besides) -> Page:
    """The next alert of the only story."""
    return send_alert(farah, title=title, story="1", **besides)


def my_page(visitor, post, work) -> Page:
    """Amara's page, by the link that she asked for."""
    visitor.visit("/preferences").submit("Send me the link", email=AMARA)
    work()
    return visitor.visit(link_in(post.last_to(AMARA), "/preferences/open/")).submit("Open my preferences")


def web_copy(visitor, title: str) -> Page:
    return visitor.visit("/areas/E05013824").click(title)


def test_an_officer_sees_the_story_and_the_urgency_wherever_the_alert_is(farah, begun):
    assert "Story: Moped thefts" in begun.text
    review = tell(farah, "Two arrests", ends_story="y", is_urgent="y")
    assert "Story: Moped thefts (this is its outcome)" in review.text
    assert "Urgent It also reaches those who want no more emails this week" in review.text
    assert "Urgent St Helier team" in farah.visit("/officers/alerts").text


def test_what_is_checked_before_sending_says_the_story_and_the_urgency(farah, begun):
    page = farah.visit("/officers/alerts").submit("Write an alert")
    page = page.submit(
        "Check and send", title="Two arrests", alert_type="results", areas=["E05013824"], body="Two.",
        story="1", ends_story="y", is_urgent="y",
    )  # fmt: skip
    assert "Story Moped thefts (this is its outcome)" in page.text
    assert "Urgent Yes: it also reaches those who want no more emails this week" in page.text


def test_the_web_copy_shows_the_line_and_marks_this_one(farah, begun, visitor):
    tell(farah, "An appeal")
    page = web_copy(visitor, "An appeal")
    items = [" ".join(item.get_text().split()) for item in page.soup.select("#story li")]
    assert [item.rpartition(",")[0] for item in items] == ["Mopeds stolen in Green Lane", "An appeal (this alert)"]
    assert page.click("Mopeds stolen in Green Lane").h1.endswith("Mopeds stolen in Green Lane")


def test_an_alert_without_a_story_shows_none(farah, visitor):
    send_alert(farah)
    assert not web_copy(visitor, "Mopeds stolen").soup.find(id="story")


def test_somebody_follows_from_the_web_copy_by_way_of_their_page(begun, visitor, post, work):
    page = web_copy(visitor, "Mopeds stolen").click("Follow this story").submit("Open my page to follow it")
    assert "you are back at the story “Moped thefts”" in page.text
    page = my_page(visitor, post, work).submit("Follow this story")
    assert "You follow “Moped thefts”. We email you each new alert of it until it ends." in page.text
    page = page.click("All stories that you follow")
    assert "Latest: Mopeds stolen in Green Lane" in page.text


def test_somebody_who_is_here_follows_and_unfollows_by_one_tap(begun, visitor, post, work):
    my_page(visitor, post, work)
    web_copy(visitor, "Mopeds stolen").submit("Follow this story")
    page = web_copy(visitor, "Mopeds stolen").submit("Unfollow")
    assert page.url == "/preferences/stories"
    assert "You no longer follow “Moped thefts”" in page.text
    assert "You follow no story now" in page.text


def test_the_outcome_ends_it_for_who_follows_and_for_who_comes_too_late(farah, begun, visitor, newcomer, post, work):
    my_page(visitor, post, work)
    visitor.visit("/stories/1").submit("Follow this story")
    tell(farah, "Two arrests", ends_story="y")
    page = visitor.visit("/preferences/stories")
    assert "How it ended: Two arrests" in page.text
    assert "This story has ended" in page.text
    late = web_copy(newcomer, "Two arrests")
    assert "This story has ended" in late.text
    assert not late.soup.select("#story a[href='/stories/1']")


def test_an_ended_story_is_offered_to_no_further_alert(farah, begun):
    tell(farah, "Two arrests", ends_story="y")
    page = farah.visit("/officers/alerts").submit("Write an alert")
    assert [option.get_text() for option in page.soup.select("#story option")] == ["No story", "A new story"]

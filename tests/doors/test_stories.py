"""Stories at their doors: what an officer may choose, and who may follow by which door."""

import pytest

from metengage import db, leaving, links, stories
from metengage.models import Alert, Follow, Link, Resident, Story
from metengage.stories import HAS_ENDED, Chosen
from tests import cast, services
from tests.page import Page, Visitor, send_alert, write_alert

LONG = "x" * 10_000
NOBODYS = [0, 2, 2147483647, "2147483648", "9" * 30, "-1", "x", "%00"]


@pytest.fixture
def story(app) -> Story:
    """St Helier's story, which has the id 1."""
    return services.story()


def end(story: Story) -> Alert:
    """Send its outcome."""
    outcome = services.draft(title="Two arrests", story=Chosen(story.id, is_outcome=True))
    return services.begin_sending(outcome, cast.officer("Farah"), db.now())


def link_to(story: Story, name: str = "Amara") -> str:
    return f"/follow/{links.sign(links.FOLLOW, cast.resident(name), story.alerts.order_by(Alert.id).get().id)}"


def open_page(visitor: Visitor, weak: bool = False) -> Page:
    """Amara's page, by a magic link or by that of an alert."""
    amara = cast.resident("Amara")
    token = links.sign(links.PREFERENCES, amara) if weak else links.issue(Link.SIGN_IN, amara, db.now())
    return visitor.visit(f"/preferences/open/{token}").submit("Open my preferences")


def token(visitor: Visitor) -> str:
    return visitor.visit("/preferences").soup.find("input", attrs={"name": "csrf_token"})["value"]


def live() -> int:
    return Follow.select().where(Follow.live()).count()


# --- What an officer may choose ---


def offered(page: Page) -> list[str]:
    return [option.get_text() for option in page.soup.find(id="story").find_all("option")]


def test_an_officer_is_offered_their_teams_stories(story, signed_in):
    assert offered(write_alert(signed_in("Farah"))) == ["No story", "Moped thefts", "A new story"]
    assert offered(write_alert(signed_in("Gus"))) == ["No story", "A new story"]


@pytest.mark.parametrize("value", ["1", "2", "9" * 30, "-1", "x", "\0", LONG])
def test_a_story_that_was_not_offered_is_explained_and_nothing_typed_is_lost(story, signed_in, value):
    page = write_alert(signed_in("Gus"), story=value, is_urgent="y", body="Kept on the page")
    assert (page.status, page.errors) == (422, [HAS_ENDED])
    assert "Kept on the page" in page.soup.find(id="body").get_text()
    assert page.soup.find(id="is_urgent").has_attr("checked")
    assert Alert.get(Alert.author == cast.officer("Gus")).story is None


def test_a_story_that_ended_since_the_page_was_opened_is_explained(story, signed_in):
    page = write_alert(signed_in("Farah"))
    end(story)
    page = page.submit("Save and preview", story=str(story.id))
    assert (page.status, page.errors) == (422, [HAS_ENDED])


def test_a_draft_of_a_story_that_ended_cannot_be_sent_and_says_why(story, signed_in):
    page = write_alert(signed_in("Farah"), story=str(story.id))
    end(story)
    page = page.submit("Check and send")
    assert (page.status, page.errors) == (422, [HAS_ENDED])
    assert "Moped thefts (ended)" in offered(page)
    assert page.submit("Check and send", story="").h1.endswith("Check and send")


def test_a_story_that_ends_while_it_is_checked_stops_the_sending(story, signed_in):
    page = write_alert(signed_in("Farah"), alert_type="advice", story=str(story.id)).submit("Check and send")
    end(story)
    page = page.submit("Send to")
    assert page.url.endswith("/edit")
    assert "this story has ended" in page.text


def test_a_new_story_without_a_title_is_saved_and_asked_for(signed_in):
    page = write_alert(signed_in("Farah"), story="new")
    assert "enter what the new story is called" in page.text
    page = page.submit("Check and send")
    assert (page.status, page.errors) == (422, ["Enter what the new story is called"])
    assert page.submit("Check and send", story_title="Moped thefts").h1.endswith("Check and send")


@pytest.mark.parametrize("typed", ["x" * 121, LONG])
def test_a_title_that_is_too_long_is_explained_and_kept(signed_in, typed):
    page = write_alert(signed_in("Farah"), story="new", story_title=typed)
    assert (page.status, page.errors) == (422, ["Title of the story must be 120 characters or fewer"])
    assert page.soup.find(id="story_title")["value"] == typed
    assert not Story.select().exists()


@pytest.mark.parametrize("typed", ["One\r\nline", "\0Moped\u2028thefts", "<b>Mopeds</b>", "$(Mopeds)", "e" * 120])
def test_a_title_is_one_line_of_plain_words(signed_in, typed):
    page = send_alert(signed_in("Farah"), story="new", story_title=typed)
    title = Story.get().title
    assert (title.isprintable(), title in page.visitor.visit("/stories/1").text) == (True, True)


def test_what_was_chosen_is_there_when_the_draft_is_opened_again(story, signed_in):
    page = write_alert(signed_in("Farah"), story=str(story.id), ends_story="y", is_urgent="y")
    page = page.visitor.visit(page.url)
    form, _ = page.form("Check and send")
    chosen = page.fields(form)
    assert (chosen["story"], chosen["ends_story"], chosen["is_urgent"]) == ([str(story.id)], ["y"], ["y"])


# --- By the link in an email ---


def test_opening_the_link_changes_nothing(story, visitor):
    page = visitor.visit(link_to(story))
    assert (page.status, live()) == (200, 0)
    assert [each.get_text().strip() for each in page.soup.main.find_all("button")] == ["Follow this story"]


def test_the_link_needs_no_session_and_twice_is_success(story, visitor):
    page = visitor.visit(link_to(story))
    pages = [page.submit("Follow this story"), page.submit("Follow this story")]
    assert [each.h1 for each in pages] == ["You follow “Moped thefts”"] * 2
    assert live() == 1


def test_unfollowing_by_the_link_is_one_tap_and_twice_is_success(story, visitor):
    page = visitor.visit(link_to(story)).submit("Follow this story")
    pages = [page.submit("Unfollow"), page.submit("Unfollow")]
    assert [each.h1 for each in pages] == ["Follow “Moped thefts”"] * 2
    assert "You no longer follow “Moped thefts”" in pages[0].text
    assert live() == 0


@pytest.mark.parametrize("act", ["visit", "press"])
def test_an_ended_story_says_so_and_how_it_ended(story, visitor, act):
    page = visitor.visit(link_to(story))
    end(story)
    page = page.submit("Follow this story") if act == "press" else visitor.visit(link_to(story))
    assert (page.status, page.h1) == (200, "Moped thefts This story has ended")
    assert page.click("Two arrests").h1.endswith("Two arrests")
    assert live() == 0


@pytest.mark.parametrize("state", [Resident.LEFT, Resident.ERASED])
def test_who_left_is_told_so_kindly(story, visitor, state):
    page = visitor.visit(link_to(story))
    leaving.leave(cast.resident("Amara"), "unsubscribed", db.now())
    Resident.update(state=state).where(Resident.id == cast.resident("Amara").id).execute()
    page = page.submit("Follow this story")
    kindly = "Moped thefts You cannot follow this story" if state == Resident.LEFT else "This link no longer works"
    assert (page.status, page.h1) == (410, kindly)
    assert live() == 0


def test_a_link_from_before_somebody_came_back_has_ended(story, visitor):
    url = link_to(story)
    Resident.update(link_version=2).execute()
    assert visitor.visit(url).h1 == "This link no longer works"


@pytest.mark.parametrize("alert_id", [None, 7, 2147483647])
def test_a_link_of_an_alert_without_a_story_has_ended(story, visitor, alert_id):
    signed = links.sign(links.FOLLOW, cast.resident("Amara"), alert_id)
    assert visitor.visit(f"/follow/{signed}").status == 410


def test_a_link_of_an_alert_that_is_not_sent_has_ended(story, visitor):
    draft = services.draft(story=Chosen(story.id))
    signed = links.sign(links.FOLLOW, cast.resident("Amara"), draft.id)
    assert visitor.visit(f"/follow/{signed}").status == 410


# --- On the web ---


def test_there_is_no_story_behind_a_wrong_number(story, visitor):
    assert [visitor.visit(f"/stories/{number}").status for number in NOBODYS] == [404] * len(NOBODYS)
    open_page(visitor)
    data = {"csrf_token": token(visitor)}
    doors = [f"/stories/{number}/{act}" for number in NOBODYS for act in ("follow", "unfollow")]
    assert {visitor.post(door, data).status for door in doors} == {404}


def test_a_story_that_has_not_begun_is_not_there(app, visitor):
    services.draft(story=Chosen(new_title="Secret until it is sent"))
    assert visitor.visit("/stories/1").status == 404


@pytest.mark.parametrize("weak", [True, False])
def test_either_link_to_ones_page_lets_one_follow(story, visitor, weak):
    open_page(visitor, weak)
    page = visitor.visit("/stories/1").submit("Follow this story")
    assert "You follow “Moped thefts”" in page.text
    assert live() == 1


def test_a_resident_touches_nobody_elses_follow(story, visitor):
    stories.follow(cast.resident("Bryn"), story, db.now())
    open_page(visitor)
    visitor.post("/stories/1/unfollow", {"csrf_token": token(visitor)})
    assert stories.follows(cast.resident("Bryn"), story)


def test_nobody_follows_or_unfollows_without_a_page_open(story, visitor):
    stories.follow(cast.resident("Amara"), story, db.now())
    data = {"csrf_token": token(visitor)}
    assert visitor.post("/stories/1/unfollow", data).url == "/preferences"
    assert visitor.post("/stories/1/follow", data).url == "/preferences"
    assert live() == 1


def test_the_list_of_stories_is_for_residents_only(story, visitor, signed_in):
    assert visitor.visit("/preferences/stories").url == "/preferences"
    assert signed_in("Farah").visit("/preferences/stories").url == "/preferences"


def test_coming_back_leads_to_the_story_once(story, visitor):
    visitor.visit("/stories/1").submit("Open my page to follow it")
    assert open_page(visitor).url == "/stories/1"
    assert open_page(visitor).url == "/preferences"


def test_a_story_that_is_gone_when_one_comes_back_leads_to_ones_page(story, visitor):
    visitor.visit("/stories/1").submit("Open my page to follow it")
    Alert.update(story=None).execute()
    assert "back at the story" not in visitor.visit("/preferences").text
    assert open_page(visitor).url == "/preferences"

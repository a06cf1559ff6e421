"""A priority from the proposal to its outcome: residents vote, officers act and tell, whoever voted hears of it."""

import pytest

from metengage.models import Concern, Resident
from tests import brought, cast, services
from tests.cast import ST_HELIER
from tests.page import Page, let_go
from tests.services import link_in, text_of

AMARA = "amara@example.org"
WARD = f"/officers/priorities/wards/{ST_HELIER}"
PLAN = "We patrol Green Lane on Sunday afternoons."


@pytest.fixture
def farah(signed_in):
    return signed_in("Farah")


@pytest.fixture
def proposed(farah) -> Page:
    """The officers' page of what Farah has just proposed."""
    return farah.visit(WARD).submit("Propose it", issue="Mopeds in Green Lane", theme="anti-social-behaviour")


def put(proposed: Page) -> Page:
    return proposed.submit("Set as a priority", plan=PLAN)


def my_page(visitor, post, work) -> Page:
    """Amara's page, by the link that she asked for."""
    visitor.visit("/preferences").submit("Send me the link", email=AMARA)
    work()
    letter = next(each for each in post.to(AMARA) if each["Subject"].startswith("Your link"))
    return visitor.visit(link_in(letter, "/preferences/open/")).submit("Open my preferences")


def test_what_is_proposed_set_and_done_is_on_the_wards_page(proposed, visitor):
    assert "Mopeds in Green Lane" in visitor.visit(f"/areas/{ST_HELIER}").text
    page = put(proposed).submit("Add it", text="We stopped six riders.")
    assert "Residents read it now" in page.text
    ward = visitor.visit(f"/areas/{ST_HELIER}")
    assert "We stopped six riders." in ward.text
    public = ward.click("Mopeds in Green Lane")
    assert PLAN in public.text
    assert "PC Farah looks after it" in public.text


def test_a_resident_votes_and_takes_it_back(proposed, visitor, post, work):
    my_page(visitor, post, work)
    public = visitor.visit(f"/areas/{ST_HELIER}").click("Mopeds in Green Lane")
    page = public.submit("Vote for this")
    assert (page.url, "You voted for this." in page.text) == ("/preferences/priorities", True)
    assert "fewer than 10 online" in proposed.visitor.visit(proposed.url).text
    assert "You no longer vote for “Mopeds in Green Lane”" in page.submit("Take the vote back").text


def test_who_wants_to_vote_gets_a_link_and_lands_where_they_can(proposed, visitor, post, work):
    public = visitor.visit(f"/areas/{ST_HELIER}").click("Mopeds in Green Lane")
    asked = public.submit("Open my page to vote").submit("Send me the link", email=AMARA)
    assert asked.h1 == "Check your email"
    work()
    page = visitor.visit(link_in(post.last_to(AMARA), "/preferences/open/")).submit("Open my preferences")
    assert (page.url, page.has_button("Vote for this")) == ("/preferences/priorities", True)


def test_an_email_asks_residents_to_vote_and_leads_there(farah, proposed, visitor, post, work):
    Resident.update(home=ST_HELIER).execute()
    cast.change(cast.resident("Amara"), cast.BEGAN, types=["priorities"])
    let_go(farah.visit(WARD).submit("Ask residents to vote by email").submit("Check and send"))
    work()
    letter = post.last_to(AMARA)
    assert "* Mopeds in Green Lane" in text_of(letter)
    page = visitor.visit(link_in(letter, "/preferences/open/")).submit("Open my preferences")
    assert page.url == "/preferences/priorities"
    assert "You voted for “Mopeds in Green Lane”." in page.submit("Vote for this").text


def test_who_voted_is_told_what_was_done_and_may_stop_that(proposed, visitor, post, work):
    my_page(visitor, post, work)
    visitor.visit("/preferences/priorities").submit("Vote for this")
    page = put(proposed).submit("Add it", text="We stopped six riders.").submit("Tell residents")
    assert "Among them is everyone who raised “Mopeds in Green Lane” or voted for it" in page.text
    let_go(page.submit("Check and send"))
    work()
    letter = post.last_to(AMARA)
    assert letter["Subject"] == "You said, we did: Mopeds in Green Lane"
    assert "because you voted for “Mopeds in Green Lane”" in " ".join(text_of(letter).split())
    visitor.post("/preferences/close", data={"csrf_token": token(visitor)})
    mine = visitor.visit(link_in(letter, "/preferences/open/")).submit("Open my preferences")
    assert mine.url == "/preferences/priorities"
    assert mine.submit("Stop these emails").has_button("Email me about it")


def token(visitor) -> str:
    return visitor.visit("/preferences").soup.find("input", attrs={"name": "csrf_token"})["value"]


def test_it_is_told_once_and_then_what_came_of_it(proposed, visitor):
    page = put(proposed).submit("Add it", text="We stopped six riders.")
    assert "You said, we did" in page.submit("Tell residents").html
    assert "An email about it is on its way" in page.visitor.visit(page.url).text
    closed = page.visitor.visit(page.url).submit("Close it", result="achieved", outcome="Calls halved.")
    assert "Achieved" in closed.text
    public = visitor.visit(f"/areas/{ST_HELIER}").click("Mopeds in Green Lane")
    assert "What came of it" in public.text
    assert "Calls halved." in public.text


def test_a_picture_of_what_was_done_is_shown_to_anybody(proposed, visitor, tmp_path):
    page = put(proposed)
    form, _ = page.form("Add it")
    fields = page.fields(form) | {"text": "We stopped six riders.", "alt": "A van in Green Lane"}
    fields["file"] = (tmp_path / "van.jpg", "van.jpg")
    (tmp_path / "van.jpg").write_bytes(brought.photo())
    page.visitor.post(form["action"], fields)
    picture = visitor.visit(f"/areas/{ST_HELIER}").click("Mopeds in Green Lane").soup.find("img")
    assert picture["alt"] == "A van in Green Lane"
    assert visitor.ask("GET", picture["src"]).mimetype == "image/jpeg"


def tell_the_team(visitor, priority: int = 1) -> Page:
    """Amara tells the team about a priority, from its page."""
    page = visitor.visit(f"/priorities/{priority}").click("Tell the team about it")
    return page.submit("Send it to my team", text="They ride there every Sunday.")


def test_who_raises_it_on_its_page_hears_what_is_done(proposed, visitor, post, work):
    put(proposed)
    my_page(visitor, post, work)
    assert tell_the_team(visitor).h1 == "Your team has it"
    let_go(proposed.visitor.visit(proposed.url).submit("Tell residents").submit("Check and send"))
    work()
    letter = post.last_to(AMARA)
    assert letter["Subject"] == "You said, we did: Mopeds in Green Lane"
    assert "because you raised “Mopeds in Green Lane”" in " ".join(text_of(letter).split())


def test_an_officer_makes_what_somebody_raised_part_of_a_priority(farah, proposed, visitor, post, work):
    put(proposed)
    concern = services.concern("Amara")
    page = farah.visit(f"/officers/concerns/{concern.id}").submit("Sort it", priority="1")
    assert "Mopeds in Green Lane" in page.text
    my_page(visitor, post, work)
    assert "We email you what is done about it" in visitor.visit("/preferences/priorities").text


def test_what_is_part_of_a_priority_stays_so_when_that_is_closed(farah, proposed):
    page, concern = put(proposed), services.concern("Amara")
    farah.visit(f"/officers/concerns/{concern.id}").submit("Sort it", priority="1")
    page.submit("Close it", result="achieved", outcome="Calls halved.")
    farah.visit(f"/officers/concerns/{concern.id}").submit("Sort it", theme="drugs")
    assert (Concern.get().theme, Concern.get().priority_id) == ("drugs", 1)


@pytest.mark.parametrize("odd", ["2", "x", "9" * 30, "-1", "%00"])
def test_a_priority_that_there_is_not_is_left_out_of_what_is_told(proposed, visitor, odd):
    page = visitor.visit(f"/concerns/new?ward={ST_HELIER}&priority={odd}")
    assert "It is about what your team works on" not in page.text
    page.submit("Send it to my team", text="They ride there every Sunday.", wants="no")
    assert Concern.get().priority is None

"""From the ward’s page to the team and back: raise, confirm, answer, reply, close, not solved; and answer an alert."""

from tests import cast
from tests.page import send_alert
from tests.services import html_of, link_in, text_of

AMARA, ZOE = "amara@example.org", "zoe@example.org"
TEXT = "People drink in the park every evening, and leave their cans."


def told(visitor, text: str = TEXT, **more):
    """The page after a concern was sent from the ward's page."""
    page = visitor.visit(f"/areas/{cast.ST_HELIER}").click("Tell your team what concerns you")
    return page.submit("Send it to my team", text=text, **({"wants": "yes", "email": ZOE} | more))


def test_a_concern_goes_to_the_team_and_back_until_it_is_solved(signed_in, visitor, newcomer, post, work):
    farah = signed_in("Farah")
    page = told(visitor, theme="anti-social-behaviour", place="By the bandstand", how_often="daily")
    assert "does not have it yet" in page.text
    assert "Nothing here." in farah.visit("/officers/concerns").text
    work()
    page = newcomer.visit(link_in(post.last_to(ZOE), "/concerns/confirm/"))
    assert TEXT in page.text
    assert "You get an answer by" in page.submit("Yes, send it").text
    work()
    seen = link_in(post.last_to(ZOE), "/concerns/")
    page = farah.visit("/officers/concerns").click("People drink in the park")
    assert "By the bandstand" in page.text
    assert "Most days" in page.text
    assert ZOE not in page.html
    assert "on its way" in page.submit("Send the answer", text="We patrol on Friday.").text
    work()
    letter = post.last_to(ZOE)
    assert "We patrol on Friday." in text_of(letter)
    assert "We patrol on Friday." in html_of(letter)
    page = visitor.visit(link_in(letter, "/concerns/")).submit("Send my reply", text="They come at nine.")
    assert "They come at nine." in page.text
    page = farah.visit("/officers/concerns").click("People drink in the park")
    page.submit("Send it and close", text="The council locks the park at eight.", because="done")
    work()
    page = visitor.visit(seen).submit("This is not solved", text="The gate is broken.")
    assert "Open again" in page.text
    assert "Not solved" in farah.visit("/officers/concerns").text


def test_an_alert_is_answered_from_its_email_without_signing_in(signed_in, visitor, post, work):
    farah = signed_in("Farah")
    send_alert(farah)
    work()
    page = visitor.visit(link_in(post.last_to(AMARA), "/answer/")).submit("Send my answer", text="I saw two of them.")
    assert "You get an answer by" in page.text
    assert "The team has your answer" in visitor.visit(link_in(post.last_to(AMARA), "/answer/")).text
    assert "An answer to the alert" in farah.visit("/officers/concerns").click("I saw two of them").text


def test_nobody_tells_something_and_is_asked_for_no_address(signed_in, visitor, post, work):
    page = told(visitor, wants="no", email="")
    assert "nobody can answer you" in page.text
    work()
    assert post.letters == []
    page = signed_in("Farah").visit("/officers/concerns").click("People drink in the park")
    assert "Somebody who gives no name" in page.text
    assert not page.has_button("Send the answer")
    assert "It is closed." in page.submit("Close", because="no action").text


def test_who_starts_to_report_a_crime_is_shown_the_right_way_and_may_send_it_all_the_same(signed_in, visitor):
    page = told(visitor, "My bike was stolen last night from the shed.", wants="no", email="")
    assert page.status == 422
    assert "This may need a faster way" in page.text
    assert page.soup.find("a", href="tel:101")
    assert "Nothing here." in signed_in("Farah").visit("/officers/concerns").text
    assert "My bike was stolen" in page.soup.find("textarea").get_text()
    assert "Your team has it" in page.submit("Send it to my team all the same").text

"""From the email to the officer’s page: a resident says what an alert was worth, and its team sees the number."""

from tests.page import send_alert
from tests.services import html_of, link_in

AMARA = "amara@example.org"


def test_a_resident_says_that_it_was_useful_and_the_team_sees_no_name(signed_in, visitor, post, work):
    farah = signed_in("Farah")
    send_alert(farah)
    work()
    letter = post.last_to(AMARA)
    assert "Say yes or no" in html_of(letter)
    page = visitor.visit(link_in(letter, "/rate/")).submit("No")
    page.submit("Send the reason", why="too-late")
    visitor.visit(link_in(letter, "/unsubscribe/")).submit("Stop all emails")
    seen = farah.visit("/officers/alerts/1")
    assert "Useful, of those who answered This alert Fewer than 10 answers" in seen.text
    assert "Left 1" in seen.text
    assert "too late" not in seen.text
    assert "Amara" not in seen.html


def test_an_alert_under_way_shows_no_picture_yet(signed_in):
    page = send_alert(signed_in("Farah"))
    assert "Afterwards" not in page.text

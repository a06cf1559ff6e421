"""From somebody's door to their own phone: an officer signs them up, and they confirm."""

import pytest

from tests import cast
from tests.services import html_of, link_in, text_of

NINA = "nina@example.org"
GIVEN = {"ward": cast.ST_HELIER, "types": ["advice"], "frequency": "weekly", "agree": "y"}


@pytest.fixture
def at_the_door(signed_in, work):
    """Farah signs somebody up, and a worker sends what is to go."""

    def sign_up(email: str, **more) -> None:
        page = signed_in("Farah").visit("/officers/door")
        page.submit("Sign them up", **(GIVEN | more), email=email)
        work()

    return sign_up


def test_they_confirm_on_their_own_phone_and_begin_then(at_the_door, visitor, post, work):
    at_the_door(NINA, name="Nina")
    assert [letter["To"] for letter in post.letters] == [NINA]
    page = visitor.visit(link_in(post.last_to(NINA), "/confirm/"))
    assert "St Helier, Merton" in page.text
    assert "Crime prevention advice" in page.text
    assert page.submit("Yes, send me these").h1 == "You are signed up"
    work()
    assert "You are signed up for St Helier" in post.last_to(NINA)["Subject"]


def test_the_email_says_with_whom(at_the_door, post):
    at_the_door(NINA)
    letter = post.last_to(NINA)
    for words in (text_of(letter), html_of(letter)):
        assert "with PC Farah" in " ".join(words.split())


def test_they_read_how_and_with_whom_they_agreed_and_who_did_it(at_the_door, visitor, post, work):
    at_the_door(NINA)
    visitor.visit(link_in(post.last_to(NINA), "/confirm/")).submit("Yes, send me these")
    visitor.visit("/preferences/everything").submit("Send me a fresh link")
    work()
    visitor.visit(link_in(post.last_to(NINA), "/preferences/open/")).submit("Open my preferences")
    text = visitor.visit("/preferences/everything").text
    assert "How: at the door With: PC Farah, officer" in text
    assert "PC Farah, officer, signed you up at the door" in text


def test_who_is_signed_up_already_gets_their_link_and_keeps_what_they_have(at_the_door, visitor, post):
    at_the_door("amara@example.org", types=["meetings"])
    assert "signed up with this address once more" in " ".join(text_of(post.last_to("amara@example.org")).split())

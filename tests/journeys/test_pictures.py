"""An officer adds a picture and a poster; residents see both in the email and on the web, and nobody is followed."""

import re
from io import BytesIO

import pytest
from bs4 import BeautifulSoup

from tests import cast, services
from tests.brought import opened, photo, poster
from tests.page import Page, let_go, send_alert, write_alert
from tests.services import html_of, link_in, text_of, url_in

AMARA = "amara@example.org"
WORDS = "A blue moped, <50cc, with a torn seat & “no” mirror"


def bring(page: Page) -> Page:
    page = page.submit("Add the picture", **{"picture-file": (BytesIO(photo(3000, 2000)), "a"), "picture-words": WORDS})
    return page.submit("Add the poster", **{"poster-file": (BytesIO(poster()), "b"), "poster-words": "Moped locks"})


@pytest.fixture
def page(signed_in) -> Page:
    """Farah's draft, with both."""
    return bring(write_alert(signed_in("Farah")))


@pytest.fixture
def letter(page, post, work):
    """It as Amara got it."""
    let_go(page.submit("Check and send"))
    work()
    return post.last_to(AMARA)


def pictures_in(html: str) -> list:
    return BeautifulSoup(html, "html.parser").find_all("img")


def test_the_picture_is_in_the_email_with_words_for_who_cannot_see_it(letter, newcomer):
    (picture,) = pictures_in(html_of(letter))
    assert picture["alt"] == WORDS
    assert (picture["width"], picture["height"]) == ("373", "560")
    assert "max-width: 100%" in picture["style"]
    assert re.fullmatch(r"http://localhost:5000/pictures/[0-9a-f]{32}/email\.jpg", picture["src"])
    assert opened(newcomer.ask("GET", picture["src"]).data).size == (747, 1120)
    assert f"[Picture: {WORDS}]" in text_of(letter)


def test_the_poster_is_a_link_in_both_parts_and_not_attached(letter, newcomer):
    link = BeautifulSoup(html_of(letter), "html.parser").find("a", string=re.compile("^Poster: Moped locks"))
    assert re.fullmatch(r"Poster: Moped locks \(PDF, \d+ KB\)", link.get_text())
    assert link["href"] == url_in(letter, "/pictures/")
    assert newcomer.ask("GET", link["href"]).data.startswith(b"%PDF-")
    assert [part.get_content_type() for part in letter.walk() if not part.is_multipart()] == ["text/plain", "text/html"]


def test_everybody_gets_the_same_address(page, post, work):
    services.crowd(2)
    let_go(page.submit("Check and send"))
    work()
    sources = [{each["src"] for each in pictures_in(html_of(letter))} for letter in post.to_residents]
    assert len(sources) == 3
    assert len(set.union(*sources)) == 1


def test_the_web_copy_has_both(letter, newcomer):
    page = newcomer.visit(link_in(letter, "/alerts/"))
    picture = page.soup.main.find("img")
    assert (picture["alt"], picture["width"], picture["height"]) == (WORDS, "1067", "1600")
    assert opened(newcomer.ask("GET", picture["src"]).data).size == (1067, 1600)
    assert "Poster: Moped locks (PDF" in page.text


def test_the_officer_sees_the_email_with_its_picture_before_it_goes(page):
    frame = page.visitor.ask("GET", page.soup.iframe["src"]).text
    (picture,) = pictures_in(frame)
    assert page.visitor.ask("GET", picture["src"]).status_code == 200
    assert f"[Picture: {WORDS}]" in page.submit("Check and send").soup.pre.get_text()


def test_an_alert_without_them_names_none(signed_in, post, work):
    send_alert(signed_in("Farah"))
    work()
    assert pictures_in(html_of(post.last_to(AMARA))) == []
    assert "Picture" not in text_of(post.last_to(AMARA))
    assert "Poster" not in text_of(post.last_to(AMARA))


def test_another_alert_does_not_have_them(letter, signed_in, post, work):
    send_alert(signed_in("Farah"), areas=[cast.ST_HELIER])
    work()
    assert pictures_in(html_of(post.last_to(AMARA))) == []

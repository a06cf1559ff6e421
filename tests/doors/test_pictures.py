"""Pictures and posters: who may bring them, who may see them, and what is said when one is not right."""

import re
import time
from io import BytesIO

import pytest
from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart

from metengage import corrections, db, pictures
from metengage.models import Alert
from tests import brought, cast, services
from tests.brought import photo, poster
from tests.doors.test_parts import element
from tests.page import Page, Visitor

WORDS = "A blue moped with a torn seat"
NOT_WHOLE = "The picture is not whole: part of the file is missing. Choose it again"
MB = 1024 * 1024
PART = {"HX-Request": "true", "HX-Request-Type": "partial", "HX-Target": "div#pictures"}


@pytest.fixture
def page(signed_in) -> Page:
    """Farah's draft."""
    return signed_in("Farah").visit(f"/officers/alerts/{services.draft().id}/edit")


def bring(page: Page, content: bytes | None = None, words: str = WORDS, kind: str = "picture") -> Page:
    """Choose a file, describe it and press the form's button."""
    button = f"Keep the {kind}" if f"Keep the {kind}" in page.html else f"Add the {kind}"
    file = (BytesIO(content), "file") if content is not None else ""
    return page.submit(button, **{f"{kind}-file": file, f"{kind}-words": words})


def token(page: Page) -> str:
    return page.soup.find("input", attrs={"name": "csrf_token"})["value"]


def of_draft() -> pictures.OfAlert:
    return pictures.of(Alert.get())


def address(name: str = "web.jpg") -> str:
    key = (of_draft().poster if name == "poster.pdf" else of_draft().picture).key
    return f"/pictures/{key}/{name}"


# --- Its words are looked at ---


@pytest.mark.parametrize(("kind", "content"), [("picture", photo()), ("poster", poster())])
def test_what_a_check_refuses_in_its_words_is_said_beside_them(page, kind, content):
    page = bring(page, content, "Come to {place}", kind)
    assert f"in the {kind}’s" in page.text
    page = page.submit("Check and send", title="Ward panel in December", body="Come along to the library.")
    assert (page.status, len(page.errors)) == (422, 1)
    assert page.errors[0].startswith(f"Something still to be filled in, in the {kind}’s")
    link = page.soup.select_one(".govuk-error-summary__list a")["href"]
    assert page.errors[0] in page.soup.select_one(link).find_parent(class_="govuk-form-group").get_text()


def test_a_picture_s_words_that_say_nothing_are_refused(page):
    page = bring(page, photo(), "IMG_2041.jpg").submit("Check and send")
    assert (page.status, page.errors[0].partition(".")[0]) == (422, "A picture without words")


# --- Bring ---


def test_it_is_in_the_alert_and_the_officer_writes_on(page):
    page = bring(page, photo())
    assert (page.status, page.h1) == (200, "St Helier team Write an alert")
    assert "The picture is in the alert." in page.text
    assert page.soup.select_one("#pictures img")["alt"] == WORDS
    assert "The picture is in the alert." not in page.visitor.visit(page.url).text


def test_a_poster_is_shown_by_its_name_and_size(page):
    page = bring(page, poster(), "Moped locks", "poster")
    assert re.search(r"Moped locks \(PDF, \d+ KB\)", page.text)


def test_its_words_may_change_without_another_file(page):
    before = bring(page, photo())
    key = of_draft().picture.key
    page = bring(before, words="A green moped")
    assert "The words of the picture are kept." in page.text
    assert of_draft().picture[:2] == (key, "A green moped")


@pytest.mark.parametrize("kind", ["picture", "poster"])
def test_it_is_removed_by_its_button(page, kind):
    page = bring(page, photo() if kind == "picture" else poster(), kind=kind)
    page = page.submit(f"Remove the {kind}")
    assert f"The {kind} is removed." in page.text
    assert getattr(of_draft(), kind) is None


def test_its_page_of_its_own_does_the_same(page):
    farah = page.visitor
    page = farah.visit(page.url.replace("/edit", "/picture"), status=200)
    assert page.h1 == "Mopeds stolen in Green Lane Picture and poster"
    assert "The picture is in the alert." in bring(page, photo()).text


def test_they_come_before_the_buttons_that_end_writing_which_send_the_draft(page):
    names = [each.get_text().strip() for each in page.soup.select("main button")]
    assert names.index("Add the picture") < names.index("Add the poster") < names.index("Check and send")
    assert page.form("Check and send")[0]["id"] == page.form("Save and preview")[0]["id"] == "draft"


def test_no_heading_says_what_the_field_below_it_says(page):
    headings = {each.get_text().strip() for each in page.soup.select("main h2")}
    assert not headings & {each.get_text().strip() for each in page.soup.find_all("label")}


# --- What is wrong ---


@pytest.mark.parametrize(
    ("content", "words", "error"),
    [
        (None, WORDS, "Choose a picture"),
        (photo(), "", "Describe the picture in a few words"),
        (photo(), " \n ", "Describe the picture in a few words"),
        (photo(), "x" * 501, "Use 500 characters or fewer; it has 501"),
        (b"", WORDS, "The file is empty. Choose another picture"),
        (brought.SVG, WORDS, "This is not a picture that we can read. Choose a JPEG, PNG or WebP picture"),
        (brought.noise(800, 600)[:9000], WORDS, NOT_WHOLE),
    ],
)
def test_it_says_beside_the_field_what_is_wrong_and_keeps_the_words(page, content, words, error):
    page = bring(page, content, words)
    assert (page.status, page.errors) == (422, [error])
    assert page.soup.find(id="picture-words").get_text().strip() == words.strip()
    assert of_draft().picture is None


@pytest.mark.parametrize(
    ("content", "words", "error"),
    [
        (None, "Moped locks", "Choose a PDF"),
        (poster(), "", "Enter what the poster is called"),
        (poster(), "x" * 121, "Use 120 characters or fewer; it has 121"),
        (photo(), "Moped locks", "This is not a PDF. Save the poster as a PDF, then choose it again"),
    ],
)
def test_it_says_what_is_wrong_with_a_poster(page, content, words, error):
    page = bring(page, content, words, "poster")
    assert (page.status, page.errors) == (422, [error])


def encoded(page: Page, content: bytes) -> dict:
    """The request that brings this picture, all in one piece."""
    fields = {"csrf_token": token(page), "picture-words": WORDS, "picture-file": FileStorage(BytesIO(content), "file")}
    boundary, data = encode_multipart(fields)
    return {"data": data, "content_type": f"multipart/form-data; boundary={boundary}"}


def test_fifty_megabytes_are_refused_quickly_and_with_a_sentence(page):
    sent, began = encoded(page, photo() + 50 * MB * b"\0"), time.monotonic()
    page = Page(page.visitor, page.visitor.ask("POST", "/officers/alerts/1/picture", **sent))
    assert (page.status, page.errors) == (422, ["The picture is larger than 25 MB. Choose a smaller one"])
    assert page.soup.find(id="picture-words").get_text().strip() == WORDS
    assert time.monotonic() - began < 10  # on a busy machine


def test_what_is_larger_still_is_not_even_read(page):
    said = {"CONTENT_LENGTH": str(100 * MB), "CONTENT_TYPE": "multipart/form-data; boundary=x"}
    reply = page.visitor.ask("POST", "/officers/alerts/1/picture", environ_overrides=said)
    assert reply.status_code == 413
    assert "choose a smaller file" in reply.text


def test_what_is_large_waits_on_the_disk(built, page):
    """The form is read before the view; a file in it never is all in memory."""
    sent = encoded(page, 3 * MB * b"x")
    with built.test_request_context("/officers/alerts/1/picture", method="POST", **sent) as context:
        context.request.max_content_length = 4 * MB
        assert context.request.files["picture-file"].stream.fileno() > 0


@pytest.mark.parametrize("path", ["/officers/alerts/1/edit", "/officers/alerts/1/picture/remove", "/preferences/link"])
def test_only_where_files_are_brought_may_a_request_be_large(page, path):
    assert page.visitor.ask("POST", path, **encoded(page, MB * b"x")).status_code == 413


def test_only_officers_may_send_what_is_large(page, visitor: Visitor):
    sent = encoded(visitor.visit("/preferences"), MB * b"x")
    assert visitor.ask("POST", "/officers/alerts/1/picture", **sent).status_code == 413


def test_what_comes_too_late_is_said_where_the_alert_is_watched(page):
    bring(page, photo())
    services.begin_sending(Alert.get(), cast.officer("Farah"), db.now())
    before, late = of_draft(), bring(page, photo())
    assert "its picture and its poster stay as they are" in late.text
    assert late.h1 == "St Helier team Mopeds stolen in Green Lane"
    assert of_draft() == before


# --- Where there is script ---


def as_part(page: Page, content: bytes, words: str = WORDS):
    data = {"csrf_token": token(page), "picture-file": (BytesIO(content), "file"), "picture-words": words}
    return page.visitor.ask("POST", "/officers/alerts/1/picture", data=data, headers=PART)


def test_only_the_pictures_are_drawn_anew(page):
    reply = as_part(page, photo())
    assert (reply.status_code, reply.headers["HX-Trigger"]) == (200, "pictured")
    assert reply.text.count('type="file"') == 2
    assert "The picture is in the alert." in reply.text
    assert "What kind of alert is it?" not in reply.text


def test_the_part_is_what_its_page_holds_there(page):
    bring(page, photo())
    part, whole = (page.visitor.ask("GET", "/officers/alerts/1/picture", headers=sent).text for sent in (PART, {}))
    assert element(part, "pictures") == element(whole, "pictures")
    assert "<html" not in part


def test_what_is_wrong_is_said_there(page):
    reply = as_part(page, photo(), words="")
    assert reply.status_code == 422
    assert "HX-Trigger" not in reply.headers
    assert reply.text.count("Describe the picture in a few words") == 1


def test_what_comes_too_late_leads_away(page):
    services.begin_sending(Alert.get(), cast.officer("Farah"), db.now())
    assert as_part(page, photo()).headers["HX-Redirect"] == "/officers/alerts/1"


# --- Who may bring ---

PATHS = ("picture", "picture/remove", "poster", "poster/remove")


@pytest.mark.parametrize("path", PATHS)
def test_another_team_finds_no_such_alert(page, signed_in, path):
    bring(page, photo())
    gus = signed_in("Gus")
    data = {
        "csrf_token": token(gus.visit("/officers/")),
        "picture-file": (BytesIO(photo()), "file"),
        "picture-words": "x",
    }
    assert gus.ask("POST", f"/officers/alerts/1/{path}", data=data).status_code == 404
    assert of_draft().picture.words == WORDS


@pytest.mark.parametrize("path", PATHS)
def test_without_its_token_it_is_refused(page, path):
    bring(page, photo())
    data = {"picture-file": (BytesIO(photo()), "file"), "picture-words": "x"}
    assert page.visitor.ask("POST", f"/officers/alerts/1/{path}", data=data).status_code == 400
    assert of_draft().picture.words == WORDS


# --- Who may see ---


def test_a_drafts_picture_is_for_its_team_alone(page, visitor, signed_in):
    bring(page, photo())
    seen = {name: signed_in(name).ask("GET", address()) for name in ("Farah", "Gus", "Hana", "Idris")}
    assert {name: reply.status_code for name, reply in seen.items()} == {
        "Farah": 200, "Gus": 404, "Hana": 200, "Idris": 200,
    }  # fmt: skip
    assert visitor.ask("GET", address()).status_code == 404
    assert seen["Farah"].headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("state", Alert.STATES)
def test_it_is_anybodys_once_the_alert_is(page, visitor, state):
    bring(page, photo())
    Alert.update(state=state).execute()
    assert visitor.ask("GET", address()).status_code == (200 if state in ("sending", "sent") else 404)


def test_it_is_nobodys_but_its_teams_once_the_alert_is_withdrawn(page, visitor, signed_in):
    bring(page, photo())
    picture = address()
    alert = services.begin_sending(Alert.get(), cast.officer("Farah"), db.now())
    assert visitor.ask("GET", picture).status_code == 200
    corrections.withdraw(alert, cast.officer("Hana"), "It names somebody", db.now())
    assert visitor.ask("GET", picture).status_code == 404
    assert signed_in("Farah").ask("GET", picture).status_code == 200


def test_a_correction_begins_with_the_picture_under_an_address_of_its_own(page):
    bring(page, photo())
    alert = services.begin_sending(Alert.get(), cast.officer("Farah"), db.now())
    draft = corrections.begin(alert, cast.officer("Farah"), db.now())
    before, after = pictures.of(alert).picture, pictures.of(draft).picture
    assert (after.words, after.key == before.key) == (before.words, False)
    assert bytes(pictures.file(after.key, "web.jpg").content) == bytes(pictures.file(before.key, "web.jpg").content)


def test_what_anybody_may_see_is_kept_for_an_hour_and_does_nothing(page, visitor):
    bring(page, photo())
    Alert.update(state=Alert.SENT).execute()
    reply = visitor.ask("GET", address())
    assert reply.headers["Cache-Control"] == "public, max-age=3600"
    assert reply.headers["Content-Type"] == "image/jpeg"
    assert reply.headers["X-Content-Type-Options"] == "nosniff"
    assert reply.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert "Set-Cookie" not in reply.headers


@pytest.mark.parametrize(
    ("words", "name"),
    [("Moped locks, 2026", "moped-locks-2026.pdf"), ('"; x=\r\n/..', "x.pdf"), ("سرقة", "poster.pdf")],
)
def test_a_poster_opens_in_the_browser_and_is_saved_under_its_name(page, visitor, words, name):
    bring(page, poster(), words, "poster")
    Alert.update(state=Alert.SENT).execute()
    reply = visitor.ask("GET", address("poster.pdf"))
    assert reply.headers["Content-Type"] == "application/pdf"
    assert reply.headers["Content-Disposition"] == f"inline; filename={name}"
    assert reply.data.startswith(b"%PDF-")


def test_a_portrait_is_anybodys(visitor, app):
    key = pictures.put_portrait(cast.officer("Farah"), photo(), db.now()).key
    reply = visitor.ask("GET", f"/pictures/{key}/portrait.jpg")
    assert (reply.status_code, reply.headers["Content-Type"]) == (200, "image/jpeg")


def test_what_was_replaced_is_gone(app, visitor):
    alert = services.draft()
    old = pictures.put(alert, cast.officer("Farah"), photo(), WORDS, db.now()).key
    pictures.put(alert, cast.officer("Farah"), photo(), WORDS, db.now())
    Alert.update(state=Alert.SENT).execute()
    assert visitor.ask("GET", f"/pictures/{old}/web.jpg").status_code == 404

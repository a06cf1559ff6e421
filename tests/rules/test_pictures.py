"""A picture and a poster belong to a draft: put, replaced, worded, removed; portraits to an officer."""

from collections.abc import Callable

import pytest

from metengage import alerts, copies, drafts, images, mailings, pictures
from metengage.models import Alert, Officer, Picture, PictureFile
from metengage.pictures import NotADraft
from tests import brought, cast, services
from tests.brought import opened, photo, poster
from tests.conftest import NOW

WORDS = "A blue moped with a torn seat"
KINDS = (Picture.PICTURE, Picture.POSTER)


@pytest.fixture(autouse=True)
def _stand(app):
    """Every test here touches rows."""


def put(alert: Alert, content: bytes | None = None, words: str = WORDS) -> Picture:
    return pictures.put(alert, cast.officer("Farah"), content or photo(), words, NOW)


def put_poster(alert: Alert, words: str = "Moped locks") -> Picture:
    return pictures.put_poster(alert, cast.officer("Farah"), poster(), words, NOW)


def files() -> list[str]:
    return sorted(each.name for each in PictureFile.select())


# --- Put ---


def test_it_is_kept_for_emails_and_for_the_web():
    picture = put(services.draft(), photo(3000, 2000))
    web, email = (opened(pictures.file(picture.key, name).content) for name in ("web.jpg", "email.jpg"))
    assert (web.size, email.size) == ((1067, 1600), (747, 1120))
    assert (picture.width, picture.height) == web.size


def test_what_is_known_of_them_comes_without_their_bytes():
    alert = services.draft()
    picture, poster = put(alert), put_poster(alert)
    found = pictures.of(alert)
    assert found.picture[:4] == (picture.key, WORDS, 600, 800)
    assert found.picture.octets == len(pictures.file(picture.key, "web.jpg").content)
    assert found.poster[:4] == (poster.key, "Moped locks", None, None)


def test_an_alert_has_none_at_first():
    assert pictures.of(services.draft()) == (None, None)


def test_one_more_replaces_the_one_before_under_another_address():
    alert = services.draft()
    before, after = put(alert), put(alert, words="Another")
    assert pictures.file(before.key, "web.jpg") is None
    assert pictures.of(alert).picture.key == after.key != before.key
    assert files() == ["email.jpg", "web.jpg"]


def test_what_cannot_be_used_replaces_nothing():
    alert = services.draft()
    key = put(alert).key
    with pytest.raises(images.Unusable):
        put(alert, brought.SVG)
    assert pictures.of(alert).picture.key == key


def test_a_picture_and_a_poster_do_not_disturb_each_other():
    alert = services.draft()
    put(alert), put_poster(alert)
    assert pictures.remove(alert, Picture.PICTURE, NOW)
    assert files() == ["poster.pdf"]


def test_two_at_once_leave_one(app):
    alert = services.draft()
    found = services.at_once(app, lambda: put(alert, words="One"), lambda: put(alert, words="Other"))
    assert {type(each) for each in found} == {Picture}
    assert files() == ["email.jpg", "web.jpg"]
    assert pictures.of(alert).picture.words in ("One", "Other")


def test_sending_and_putting_at_once_come_one_after_the_other(app):
    """What is sent has what its page shows: the picture is there before, or refused."""
    alert = services.draft()
    sent, picture = services.at_once(
        app, lambda: services.begin_sending(alert, cast.officer("Farah"), NOW), lambda: put(alert)
    )
    assert sent.state == Alert.SENDING
    assert isinstance(picture, NotADraft) == (pictures.of(alert).picture is None)


def test_who_writes_meanwhile_is_not_disturbed():
    alert = services.draft()
    put(alert), put_poster(alert)
    assert drafts.save(alert, alert.revision, [], NOW, title="New").title == "New"


def test_the_words_may_change_without_the_picture():
    alert = services.draft()
    key = put(alert).key
    pictures.reword(alert, cast.officer("Farah"), Picture.PICTURE, "A green moped", NOW)
    assert pictures.of(alert).picture[:2] == (key, "A green moped")


def test_removing_twice_is_no_matter():
    alert = services.draft()
    put(alert)
    assert [pictures.remove(alert, Picture.PICTURE, NOW) for _ in range(2)] == [True, False]
    assert files() == []


# --- Only while it is a draft ---

ACTS = {
    "put": put,
    "poster": put_poster,
    "reword": lambda alert: pictures.reword(alert, cast.officer("Farah"), Picture.PICTURE, "Other", NOW),
    "remove": lambda alert: pictures.remove(alert, Picture.PICTURE, NOW),
    "remove poster": lambda alert: pictures.remove(alert, Picture.POSTER, NOW),
}


@pytest.mark.parametrize("act", ACTS.values(), ids=ACTS.keys())
@pytest.mark.parametrize("state", [each for each in Alert.STATES if each != Alert.DRAFT])
def test_nothing_changes_once_it_is_no_draft(act: Callable, state):
    alert = services.draft()
    put(alert), put_poster(alert)
    before = pictures.of(alert)
    Alert.update(state=state).where(Alert.id == alert.id).execute()
    with pytest.raises(NotADraft):
        act(alert)
    assert pictures.of(alert) == before


# --- Addresses ---


@pytest.mark.parametrize("key", ["", "x", "\0", "0" * 32, "../..", "é" * 32, "%", "9" * 4000])
@pytest.mark.parametrize("name", ["web.jpg", "poster.pdf", "\0", "../app.py"])
def test_a_made_up_address_leads_to_nothing(key, name):
    put(services.draft())
    assert pictures.file(key, name) is None


def test_an_address_cannot_be_guessed():
    keys = {put(services.draft()).key for _ in range(5)}
    assert len(keys) == 5
    assert {len(key) for key in keys} == {32}


def test_a_file_of_another_name_is_not_there():
    assert pictures.file(put(services.draft()).key, "poster.pdf") is None


# --- In the email ---


def test_the_copies_are_written_anew_for_another_picture():
    alert = services.draft()
    put(alert)
    before = copies.of(alert)
    assert copies.of(alert) is before
    pictures.reword(alert, cast.officer("Farah"), Picture.PICTURE, "A green moped", NOW)
    assert copies.of(alert) is not before


@pytest.mark.parametrize(
    ("size", "shown"), [((1600, 1200), (560, 420)), ((1200, 1600), (420, 560)), ((300, 200), (300, 200))]
)
def test_it_is_shown_no_larger_than_an_email_is_wide(size, shown):
    assert pictures.Kept("key", WORDS, *size, 1).shown == shown


def test_a_discreet_email_has_it_too():
    alert = services.draft()
    key = put(alert).key
    letter = mailings.alert(alert, alerts.written_to(alert), is_discreet=True)
    assert key in letter.html
    assert WORDS in letter.text


# --- Portraits ---


def test_a_portrait_is_square_and_replaces_the_one_before():
    farah = cast.officer("Farah")
    before, after = (pictures.put_portrait(farah, photo(), NOW) for _ in range(2))
    assert pictures.file(before.key, "portrait.jpg") is None
    assert opened(pictures.file(after.key, "portrait.jpg").content).size == (400, 400)
    assert pictures.portrait_of(farah) == after


def test_two_portraits_at_once_leave_one(app):
    farah = cast.officer("Farah")
    found = services.at_once(app, *[lambda: pictures.put_portrait(farah, photo(), NOW)] * 2)
    assert {type(each) for each in found} == {Picture}
    assert files() == ["portrait.jpg"]


def test_a_portrait_stays_where_an_alert_gets_a_picture():
    farah = cast.officer("Farah")
    portrait = pictures.put_portrait(farah, photo(), NOW)
    put(services.draft())
    assert pictures.portrait_of(farah) == portrait
    assert pictures.portrait_of(Officer(id=0)) is None


def test_a_portrait_is_taken_away():
    farah = cast.officer("Farah")
    pictures.put_portrait(farah, photo(), NOW)
    assert [pictures.remove_portrait(farah) for _ in range(2)] == [True, False]
    assert files() == []

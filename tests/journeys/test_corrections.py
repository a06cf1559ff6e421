"""An alert was wrong: it is corrected or withdrawn, who got it is told once, and the web says so."""

import pytest

from metengage import codes
from tests.cast import ST_HELIER
from tests.page import Page, let_go, send_alert
from tests.services import html_of, text_of

AMARA = "amara@example.org"
TITLE = "Mopeds stolen in Green Lane"


@pytest.fixture
def farah(signed_in):
    return signed_in("Farah")


@pytest.fixture
def sent(farah, work) -> Page:
    """The page of an alert that Amara got."""
    page = send_alert(farah)
    work()
    return farah.visit(page.url)


def correct(page: Page, reason="It was Thursday.", body="Two mopeds were taken on Thursday.") -> Page:
    """Correct it, by way of a supervisor."""
    draft = page.submit("Correct it")
    return let_go(draft.submit("Check and send", correction_reason=reason, body=body))


def withdraw(page: Page, **values) -> Page:
    return page.submit("Withdraw it").submit("Withdraw it now", reason="It was about another street.", **values)


def test_a_resident_is_told_once_what_was_wrong_and_what_is_right(sent, post, work):
    correct(sent)
    work()
    work()
    _, letter = post.to(AMARA)
    assert letter["Subject"] == f"Correction: {TITLE}"
    for part in (" ".join(text_of(letter).split()), html_of(letter)):
        assert part.index("It was Thursday.") < part.index("Two mopeds were taken on Thursday.")
        assert "You get this email because we sent you the alert that it corrects." in part
        assert "/alerts/1" in part


def test_the_web_copy_shows_both_and_the_reason(sent, visitor, work):
    correct(sent)
    page = visitor.visit("/alerts/1")
    assert "Corrected" in page.text
    assert "It was Thursday." in page.text
    assert page.soup.select_one(".site-prose").get_text().strip() == "Two mopeds were taken on Thursday."
    assert "on Friday" in page.soup.details.get_text()
    assert visitor.visit("/alerts/2").url == "/alerts/1"


def test_all_earlier_words_stay_in_sight(sent, farah, visitor, work):
    correct(sent)
    correct(farah.visit(sent.url), "It was Sunday.", "Two mopeds were taken on Sunday.")
    page = visitor.visit("/alerts/1")
    before = [each.get_text() for each in page.soup.find_all("details")]
    assert ["Thursday" in before[0], "Friday" in before[1], len(before)] == [True, True, 2]


def test_a_wards_page_lists_it_once(sent, visitor):
    correct(sent)
    page = visitor.visit(f"/areas/{ST_HELIER}")
    assert page.text.count(TITLE) == 1
    assert "Corrected" in page.text


def test_a_correction_without_a_reason_loses_nothing(sent):
    page = sent.submit("Correct it").submit("Check and send", correction_reason="", body="On Thursday.")
    assert (page.status, page.errors) == (422, ["Enter what was wrong"])
    assert page.soup.find("textarea", id="body").get_text().strip() == "On Thursday."


def test_a_second_officer_is_led_to_the_correction_that_there_is(sent, signed_in):
    sent.submit("Correct it")
    page = signed_in("Hana").visit(sent.url)
    assert "PC Farah has begun a correction" in page.text
    again = sent.submit("Correct it")
    assert again.url == "/officers/alerts/2/edit"
    assert "You have begun this correction already" in again.text


def test_withdrawn_words_are_nowhere(sent, visitor, post, work):
    page = withdraw(sent, hides_title="y")
    assert "nobody can read it on the web any more" in page.text
    work()
    copy = visitor.visit("/alerts/1")
    assert "It was about another street." in copy.text
    assert copy.soup.find("meta", attrs={"name": "robots"})["content"] == "noindex"
    code = codes.code(codes.ALERT, 1)
    for each in (copy, visitor.visit(f"/areas/{ST_HELIER}"), visitor.visit(f"/verify?code={code}")):
        assert "Mopeds" not in each.html
        assert "Friday" not in each.html


def test_who_got_it_is_told_that_it_is_withdrawn(sent, post, work):
    withdraw(sent)
    work()
    work()
    _, letter = post.to(AMARA)
    assert letter["Subject"] == f"Withdrawn: {TITLE}"
    assert "It was about another street." in text_of(letter)
    assert "because we sent you the alert that it withdraws" in text_of(letter)
    assert "Friday" not in text_of(letter)


def test_only_a_withdrawal_does_not_ask_whether_it_was_useful(sent, farah, post, work):
    correct(sent)
    work()
    withdraw(farah.visit(sent.url))
    work()
    asked = [("Was this useful?" in text_of(each), "/rate/" in html_of(each)) for each in post.to(AMARA)]
    assert asked == [(True, True), (True, True), (False, False)]


def test_officers_read_what_anybody_finds_on_the_web(sent, farah):
    assert "The web copy that anybody can read" in sent.text
    withdraw(sent)
    for page in (farah.visit(sent.url), farah.visit("/officers/alerts/2")):
        assert "The web copy that anybody can read" not in page.text
        assert "Withdrawn" in page.click("What anybody finds on the web: that it was withdrawn").h1


def test_what_waits_for_its_minute_has_not_gone_yet(sent, farah, settings, monkeypatch, work):
    monkeypatch.setattr(settings, "undo_seconds", 60)
    assert "It goes before a supervisor approved it." in withdraw(sent).text
    monkeypatch.setattr(settings, "undo_seconds", 0)
    withdraw(send_alert(farah, title="Sheds broken into"))
    assert "It went before a supervisor approved it." in farah.visit("/officers/alerts/4").text


def test_a_withdrawal_can_be_undone(sent, visitor, settings, monkeypatch, post, work):
    monkeypatch.setattr(settings, "undo_seconds", 60)
    page = withdraw(sent)
    assert "Withdrawn" in visitor.visit("/alerts/1").h1
    page = page.submit("Undo")
    assert "It stands again on the web." in page.text
    work()
    assert visitor.visit("/alerts/1").h1.endswith(TITLE)
    assert len(post.to(AMARA)) == 1


@pytest.mark.parametrize(
    ("reason", "error"),
    [
        ("", "Enter why you withdraw it"),
        ("x" * 501, "The reason must be 500 characters or fewer; it has 501"),
        ("It was not [NAME].", "Something still to be filled in"),
        ("John Smith was arrested at 12 High Street.", "Somebody’s name beside an arrest: “John Smith was arrested"),
    ],
)
def test_a_reason_that_residents_cannot_read_is_explained(sent, visitor, reason, error):
    page = sent.submit("Withdraw it").submit("Withdraw it now", reason=reason)
    assert page.status == 422
    assert page.errors[0].startswith(error)
    assert page.soup.find("textarea", id="reason").get_text().strip() == reason
    assert "Withdrawn" not in visitor.visit("/alerts/1").text


# --- The story that goes on from it ---


def test_an_update_begins_the_story_of_what_was_sent(sent, visitor, post, work):
    draft = sent.submit("Write an update to this")
    assert f"the next update in the story “{TITLE}”" in draft.text
    page = visitor.visit("/alerts/1").click("Follow this story")
    assert "Follow it and we email you" in page.text
    let_go(draft.submit("Check and send", title="Two arrested for moped thefts", body="Two people were arrested."))
    assert "Two arrested for moped thefts" in visitor.visit("/alerts/1").text


def test_two_updates_are_in_one_story(sent):
    first, second = (sent.submit("Write an update to this") for _ in range(2))
    stories = [page.soup.select_one("#story option[selected]")["value"] for page in (first, second)]
    assert stories == ["1", "1"]


def test_a_story_ends_without_an_outcome(sent, farah, visitor):
    sent.submit("Write an update to this")
    page = farah.visit(sent.url).submit("End the story")
    assert "The story has ended" in page.text
    assert not page.has_button("Write an update to this")
    assert "ended without an outcome: we have nothing more to tell" in visitor.visit("/stories/1").text
    assert "Its story has ended" in sent.submit("Write an update to this").text

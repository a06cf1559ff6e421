"""Is an email from us genuine? For anybody, by the code at its end; never whose it is."""

import re

import pytest

from metengage import addressing, codes, db, drafts, leaving, urgent
from metengage.choices import WEEKLY
from metengage.models import Alert, Delivery, Digest, DigestAlert, Memo
from tests import cast, services
from tests.page import Page
from tests.services import text_of

UNKNOWN = "We did not send an email with this code"
OURS = "We sent this email"


def check(visitor, code: str) -> Page:
    return visitor.visit("/verify").submit("Check the code", code=code)


@pytest.fixture
def letter(app, post):
    """The sign-in link that Amara got."""
    addressing.to_resident(Delivery.SIGN_IN, cast.resident("Amara"), db.now())
    urgent.send()
    return text_of(post.last_to("amara@example.org"))


def code_in(text: str) -> str:
    return re.search(r"Enter the code (\S+) at", text)[1]


def test_the_code_in_an_email_is_known(visitor, letter):
    page = check(visitor, code_in(letter))
    assert page.h1 == OURS
    assert re.search(r"A link to open preferences , sent \d+ \w+ \d{4} at .* by Met Engage", page.text)
    assert "amara" not in page.html.lower()


def test_the_email_leads_to_the_page(visitor, letter):
    page = visitor.visit(next(url for url in letter.split() if url.endswith("/verify")))
    assert page.h1 == "Is an email from us genuine?"


def test_it_is_asked_from_the_foot_of_every_page(visitor):
    assert visitor.visit("/").click("Is an email from us genuine?").url == "/verify"


def test_an_alerts_code_leads_to_its_words(visitor):
    services.send()
    page = check(visitor, codes.code(codes.ALERT, 1))
    assert "The alert “Mopeds stolen in Green Lane” , sent" in page.text
    assert "by the St Helier team" in page.text
    assert page.click("Read it on this website").url == "/alerts/1"


def test_a_digests_code_leads_to_what_it_may_hold(visitor):
    services.send()
    now = db.now()
    run = Digest.create(frequency=WEEKLY, date="2026-11-21", since=now, until=now, prepared_at=now)
    DigestAlert.create(digest=run, alert=1)
    page = check(visitor, codes.code(codes.DIGEST, run.id))
    assert page.click("Mopeds stolen in Green Lane").url == "/alerts/1"


@pytest.mark.parametrize("code", ["A1F-7KQ2M9", "hello", "é", "x" * 3000, "<b>", "E1-" + "0" * 6, "🏠"])
def test_any_other_code_is_unknown_and_says_what_to_do(visitor, code):
    page = check(visitor, code)
    assert (page.status, page.h1) == (200, UNKNOWN)
    assert "report@phishing.gov.uk" in page.text
    assert "7726" in page.text
    assert page.soup.find("input", id="code")["value"] == code


@pytest.mark.parametrize("code", ["", "  ", "\x00"])
def test_no_code_is_explained(visitor, code):
    page = check(visitor, code)
    assert (page.status, page.errors) == (422, ["Enter the code from the end of the email"])


@pytest.mark.parametrize("code", ["", "?code=A1F-7KQ2M9"])
def test_it_says_what_we_never_ask_or_how_to_be_safe(visitor, code):
    page = visitor.visit(f"/verify{code}")
    assert "do not follow its links" in page.text.lower()


def test_a_code_that_was_never_sent_looks_like_one_that_is_not_ours(visitor):
    row = addressing.to_resident(Delivery.SIGN_IN, cast.resident("Amara"), db.now())
    pages = [check(visitor, code) for code in (codes.code(codes.LETTER, row.id), "A1F-7KQ2M9")]
    first, second = (re.sub(r"\w+-\w{6}", "…", page.text) for page in pages)
    assert first == second


def test_the_answer_is_the_same_after_they_left(visitor, letter):
    before = check(visitor, code_in(letter)).text
    leaving.leave(cast.resident("Amara"), leaving.BY_LINK, db.now())
    assert check(visitor, code_in(letter)).text == before


def trial(app, post) -> str:
    """The text of a test that Farah sent to herself."""
    drafts.try_out(services.draft(), cast.officer("Farah"), db.now())
    urgent.send()
    return text_of(post.last_to("farah@met.example.org"))


def test_a_test_to_oneself_is_told_as_one_and_names_nobody(app, post, visitor):
    page = check(visitor, code_in(trial(app, post)))
    assert page.h1 == OURS
    assert "A test of an alert, which an officer sent to themselves , sent" in page.text
    assert "It was a draft: do not act on it" in page.text
    assert not [word for word in ("Farah", "Mopeds", "St Helier") if word in page.text]


def test_a_test_is_no_proof_of_the_alert_nor_the_alert_of_a_test(app, post, visitor):
    text = trial(app, post)
    assert check(visitor, codes.code(codes.ALERT, 1)).h1 == UNKNOWN
    services.begin_sending(Alert.get(), cast.officer("Farah"), db.now())
    assert "The alert “Mopeds" in check(visitor, codes.code(codes.ALERT, 1)).text
    assert "It was a draft" in check(visitor, code_in(text)).text


@pytest.mark.parametrize("kind", [Delivery.ASKED, Delivery.RETURNED, Delivery.APPROVED, Delivery.WENT_FIRST])
def test_a_note_to_an_officer_is_told_and_names_nobody(visitor, kind):
    memo = Memo.create(alert=services.draft(), officer=cast.officer("Hana"))
    row = addressing.to_officer(kind, memo, db.now())
    Delivery.update(state=Delivery.SENT, sent_at=db.now()).where(Delivery.id == row.id).execute()
    page = check(visitor, codes.code(codes.LETTER, row.id))
    assert "A note to an officer that an alert" in page.text
    assert not [word for word in ("Hana", "Farah", "Mopeds") if word in page.text]


def test_nobody_may_guess_many(visitor):
    statuses = [check(visitor, f"A1F-{number:06}").status for number in range(11)]
    assert statuses == [200] * 10 + [429]


def test_empty_ones_do_not_count(visitor):
    for _ in range(12):
        check(visitor, "")
    assert check(visitor, "A1F-7KQ2M9").status == 200

"""An officer writes an alert and sends it; it arrives once, with those who asked for it."""

import re
from datetime import timedelta

import pytest
from bs4 import BeautifulSoup

from metengage import db, digests
from tests.cast import MERTON, RAVENSBURY, ST_HELIER
from tests.page import Visitor, send_alert, write_alert
from tests.services import html_of, link_in, text_of

AMARA, BRYN = "amara@example.org", "bryn@example.org"
WEEK = timedelta(days=7)
LONG = """## What happened

Two **mopeds** were taken on [Green Lane](https://example.org/map) between 2am and 4am.

* Lock yours to something
* Use two locks

1. Call 101
2. Or go to met.police.uk

> Seen something? Say so & “be heard”.
"""


def said(html: str) -> str:
    """The words of an email's HTML, one space between each two."""
    return " ".join(BeautifulSoup(html, "html.parser").body.get_text(" ").split())


def addresses(letter) -> tuple[set[str], set[str]]:
    """The web addresses in an email's text, and those behind the links of its HTML."""
    behind = {link["href"] for link in BeautifulSoup(html_of(letter), "html.parser").find_all("a", href=True)}
    return (
        {url.rstrip(",)") for url in re.findall(r"https?://[^\s)]+", text_of(letter))},
        {url for url in behind if url.startswith("http")},
    )


@pytest.fixture
def letter(signed_in, work, post):
    """Farah's alert as Amara got it."""
    send_alert(signed_in("Farah"), body=LONG)
    work()
    return post.last_to(AMARA)


# --- Write, preview, send, watch ---


def test_an_officer_writes_previews_sends_and_watches(signed_in, work, post):
    page = write_alert(signed_in("Farah"), alert_type="advice")
    assert "1 person gets this straight away" in page.text
    assert "1 more will find it in their digest" in page.text
    page = page.submit("Check and send")
    assert "Two mopeds were taken on Friday." in page.text
    page = page.submit("Send to 1 person")
    assert "Getting ready: 1 person" in page.text
    work()
    page = page.visitor.visit(page.url)
    assert "Sent 1 of 1 emails sent" in page.text
    assert not page.soup.find(attrs={"hx-get": True})


def test_the_preview_is_the_email_without_anybodys_links(signed_in):
    farah = signed_in("Farah")
    frame = write_alert(farah).soup.iframe["src"]
    html = farah.ask("GET", frame).text
    assert "because you asked for incidents and investigations in St Helier, Merton" in said(html)
    assert "/unsubscribe/" not in html


def test_a_draft_is_kept_unfinished_and_found_again(signed_in):
    farah = signed_in("Farah")
    write_alert(farah, title="Only a title", body="", areas=[], alert_type="")
    page = farah.visit("/officers/").click("Only a title")
    assert page.soup.find("input", id="title")["value"] == "Only a title"


def test_an_unfinished_draft_says_what_is_missing(signed_in, post, work):
    page = write_alert(signed_in("Farah"), title="", body="", areas=[], alert_type="").submit("Check and send")
    assert page.status == 422
    assert page.errors == [
        "Enter a title",
        "Choose what kind of alert this is",
        "Choose at least one area",
        "Write the alert",
    ]


def test_a_draft_thrown_away_is_gone(signed_in):
    farah = signed_in("Farah")
    page = write_alert(farah).submit("Throw it away")
    assert "The draft is gone." in page.text
    assert "Mopeds" not in page.text


def test_two_open_pages_lose_nothing(signed_in):
    farah, hana = signed_in("Farah"), signed_in("Hana")
    theirs = write_alert(farah)
    hers = hana.visit(theirs.url)
    hers.submit("Save and preview", title="Hana was here")
    page = theirs.submit("Save and preview", title="Farah too")
    assert page.status == 409
    assert "PC Hana changed this draft" in page.errors[0]
    assert page.soup.find("input", id="title")["value"] == "Farah too"
    assert farah.visit(theirs.url).soup.find("input", id="title")["value"] == "Hana was here"


def test_who_changed_a_draft_on_another_device_is_told_that_it_was_they(signed_in):
    phone, tablet = signed_in("Farah"), signed_in("Farah")
    edit = write_alert(phone)
    tablet.visit(edit.url).submit("Save and preview", title="On the tablet")
    page = edit.submit("Save and preview", title="On the phone")
    assert "You changed this draft on another device or page" in page.errors[0]
    _, button = page.form(words := "Save this, and keep the other as a version")
    page = page.submit(words, over=button["value"])
    assert page.soup.find("input", id="title")["value"] == "On the phone"
    assert "On the tablet" in page.click("Earlier versions").text


def test_an_old_check_page_does_not_send_what_it_did_not_show(signed_in, post, work):
    farah = signed_in("Farah")
    draft = write_alert(farah, alert_type="advice")
    old = draft.submit("Check and send")
    farah.visit(draft.url).submit("Save and preview", title="Another title")
    page = old.submit("Send to")
    assert "This draft was changed since you looked at it" in page.text
    work()
    assert not post.letters


def test_pressing_send_twice_sends_once(signed_in, post, work):
    page = write_alert(signed_in("Farah"), alert_type="advice").submit("Check and send")
    page.submit("Send to")
    again = page.submit("Send to")
    assert "It has gone once" in again.text
    work()
    assert len(post.to(AMARA)) == 1


def test_a_sent_alert_cannot_be_changed(signed_in, post, work):
    farah = signed_in("Farah")
    draft = write_alert(farah, alert_type="advice")
    draft.submit("Check and send").submit("Send to")
    page = draft.submit("Save and preview", title="Too late")
    assert page.h1 == "St Helier team Mopeds stolen in Green Lane"


# --- Whom it reaches ---


def test_it_arrives_once_with_those_who_asked_for_it_at_once(signed_in, post, work):
    send_alert(signed_in("Farah"))
    work()
    work()
    assert [each["To"] for each in post.to_residents] == [AMARA]


@pytest.mark.parametrize("words", [{"alert_type": "meetings"}, {"areas": [RAVENSBURY]}])
def test_it_does_not_arrive_with_those_who_did_not(signed_in, post, work, words, settings, monkeypatch):
    monkeypatch.setattr(settings, "smallest_audience", 0)
    send_alert(signed_in("Farah"), **words)
    work()
    assert not post.to_residents


def test_an_alert_to_the_whole_borough_reaches_its_wards(signed_in, post, work):
    send_alert(signed_in("Hana"), areas=[MERTON])
    work()
    assert [each["To"] for each in post.to_residents] == [AMARA]


def test_several_wards_make_one_email(signed_in, post, work):
    send_alert(signed_in("Farah"), areas=[ST_HELIER, RAVENSBURY])
    work()
    assert [each["To"] for each in post.to_residents] == [AMARA]


def test_each_message_has_one_recipient(signed_in, post, work):
    send_alert(signed_in("Farah"))
    work()
    assert [len(recipients) for _, recipients in post.envelopes] == [1] * len(post.envelopes)
    (return_path,) = [path for path, recipients in post.envelopes if recipients == [AMARA]]
    assert re.fullmatch(r"bounces\+\d+-[0-9a-f]{20}@engage\.example\.org", return_path)


# --- What arrives ---


def test_its_headers_are_what_mailbox_providers_ask(letter):
    assert letter["From"] == '"St Helier team, Met Engage" <alerts@engage.example.org>'
    assert letter["Subject"] == "Mopeds stolen in Green Lane"
    assert letter["List-Id"] == f'"St Helier" <{ST_HELIER.lower()}.alerts.engage.example.org>'
    assert re.fullmatch(r"<http://localhost:5000/unsubscribe/[\w.-]+>", letter["List-Unsubscribe"])
    assert letter["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert re.fullmatch(r"<\d+\.[0-9a-f]{20}\.alert@engage\.example\.org>", letter["Message-ID"])
    assert letter["Auto-Submitted"] == "auto-generated"


def test_its_two_parts_say_the_same(letter):
    text, html = " ".join(text_of(letter).split()), said(html_of(letter))
    for words in (
        "Mopeds stolen in Green Lane",
        "Incidents and investigations",
        "Theft of vehicles",
        "What happened",
        "between 2am and 4am",
        "Lock yours to something",
        "Or go to met.police.uk",
        "Seen something? Say so & “be heard”.",
        "From the St Helier team, to St Helier, Merton.",
        "because you live in St Helier, Merton and asked for incidents and investigations there.",
        "999",
        "101",
        "0800 555 111",
        "We never ask for a password, a PIN or money by email.",
    ):
        assert words in text, "text"
        assert words in html, "html"


def test_its_two_parts_lead_to_the_same_places(letter):
    in_text, in_html = addresses(letter)
    assert in_text == in_html
    assert "https://example.org/map" in in_text


def test_its_html_is_readable_by_machines_and_people(letter):
    page = BeautifulSoup(html_of(letter), "html.parser")
    assert page.html["lang"] == "en-GB"
    assert [each.name for each in page.find_all(["h1", "h2", "h3"])] == ["h1", "h2"]
    assert {table.get("role") for table in page.find_all("table")} == {"presentation"}
    assert not page.find_all(["img", "script"])


def test_its_links_lead_to_the_web_copy_preferences_and_leaving(letter, newcomer):
    assert newcomer.visit(link_in(letter, "/alerts/")).h1.endswith("Mopeds stolen in Green Lane")
    assert newcomer.visit(link_in(letter, "/preferences/open/")).h1 == "Open your preferences"
    assert newcomer.visit(link_in(letter, "/unsubscribe/")).h1 == "Stop all emails"


def test_the_unsubscribe_header_is_the_link_in_the_text(letter):
    assert letter["List-Unsubscribe"].strip("<>").endswith(link_in(letter, "/unsubscribe/"))


def test_the_web_copy_and_the_wards_page_are_for_anybody(letter, newcomer):
    page = newcomer.visit(f"/areas/{ST_HELIER}").click("Mopeds stolen in Green Lane")
    assert "Lock yours to something" in page.text
    assert "999" in page.text
    assert "amara" not in page.html.lower()


def test_a_draft_has_no_web_copy(signed_in, newcomer):
    url = write_alert(signed_in("Farah")).url
    assert newcomer.visit(re.sub("/officers(.*)/edit", r"\1", url)).status == 404


def test_scripts_in_an_alert_stay_words(signed_in, newcomer, post, work):
    send_alert(signed_in("Farah"), body="<script src=x></script> <javascript:alert(1)> <img src=x onerror=y>")
    work()
    html = html_of(post.last_to(AMARA))
    copy = newcomer.visit(link_in(post.last_to(AMARA), "/alerts/"))
    for each in (html, str(copy.soup.select_one(".site-prose"))):
        assert not BeautifulSoup(each, "html.parser").find_all(["script", "img"])
        assert 'href="javascript' not in each
    assert "<script src=x>" in text_of(post.last_to(AMARA))


# --- The digest ---


@pytest.fixture
def digest(signed_in, work, post):
    """Two alerts, gathered for Bryn."""
    send_alert(signed_in("Farah"), title="Mopeds stolen & found")
    send_alert(signed_in("Farah"), title="Lock your shed", alert_type="advice")
    work()
    gather()
    return post.last_to(BRYN)


def gather(weeks: int = 1) -> None:
    """Let so many weeks go by."""
    later = db.now() + weeks * WEEK
    for run in digests.begin_due(later):
        while digests.send_some(run, lambda: later):
            pass


def test_bryn_gets_both_in_one_email(digest, post):
    assert len(post.to(BRYN)) == 1
    assert digest["Subject"] == "This week: 2 alerts from your local police"
    for part in (text_of(digest), said(html_of(digest))):
        assert "Mopeds stolen & found" in part
        assert "Lock your shed" in part


def test_nobody_else_gets_the_digest(digest, post):
    assert [each["To"] for each in post.to_residents] == [AMARA, AMARA, BRYN]


def test_a_week_without_alerts_brings_no_digest(digest, post):
    gather(weeks=2)
    assert len(post.to(BRYN)) == 1


def test_the_digest_has_the_headers_and_links_of_a_list(digest, visitor: Visitor):
    assert digest["From"] == "Met Engage <alerts@engage.example.org>"
    assert digest["List-Id"] == '"weekly digest" <weekly.digest.engage.example.org>'
    assert digest["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert "You get this weekly email because you live in St Helier, Merton" in text_of(digest)
    assert visitor.visit(link_in(digest, "/alerts/")).h1.endswith("Lock your shed")
    assert visitor.visit(link_in(digest, "/unsubscribe/")).h1 == "Stop all emails"


def test_the_digests_two_parts_lead_to_the_same_places(digest):
    in_text, in_html = addresses(digest)
    assert in_text == in_html

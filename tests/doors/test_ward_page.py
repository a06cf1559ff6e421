"""A ward's page, its feed, and finding it by postcode: for anybody, and true."""

from datetime import timedelta

import feedparser
import pytest

from metengage import corrections, db, figures, responses
from metengage.models import Alert, Area, Concern
from tests import cast, services
from tests.page import send_alert

PAGE = f"/areas/{cast.ST_HELIER}"


def ward() -> Area:
    return Area.get_by_id(cast.ST_HELIER)


# --- Find it ---


@pytest.mark.parametrize(
    ("postcode", "led"),
    [
        ("SM4 5ZT", "St Helier"),
        ("sm45zt", "St Helier"),
        ("SM1 3EA", "has not started in Sutton"),
    ],
)
def test_a_postcode_opens_its_wards_page(visitor, postcode, led):
    page = visitor.visit("/").submit("Find my ward", postcode=postcode)
    assert page.url.startswith("/areas/E0")
    assert led in page.text


def test_half_a_postcode_offers_its_wards(visitor):
    page = visitor.visit("/areas/").submit("Find my ward", postcode="SM4")
    assert "It may be one of these" in page.text
    assert page.click("St Helier, Merton").url == PAGE


@pytest.mark.parametrize(
    ("postcode", "sentence"),
    [
        ("", "Enter your postcode"),
        ("SW19 1AAA", "Enter a full postcode"),
        ("x" * 5000, "Enter a full postcode"),
        ("SW19 1XX", "We do not know the postcode SW19 1XX"),
    ],
)
def test_a_postcode_that_leads_nowhere_says_what_to_do(visitor, postcode, sentence):
    page = visitor.visit("/areas/").submit("Find my ward", postcode=postcode)
    assert page.status == 422
    assert sentence in page.errors[0]


def test_a_postcode_outside_london_names_who_looks_after_it(visitor):
    page = visitor.visit("/areas/").submit("Find my ward", postcode="M1 1AE")
    assert "looked after by Greater Manchester Police" in page.text


# --- The page ---


def test_the_alerts_of_a_story_stand_together(visitor, signed_in):
    story = services.story("Moped thefts")
    other = services.begin_sending(services.draft(title="Lock your shed"), cast.officer("Farah"), db.now())
    late = services.begin_sending(services.draft(title="Two arrested"), cast.officer("Farah"), db.now())
    Alert.update(story=story).where(Alert.id == late.id).execute()
    Alert.update(state=Alert.SENT, sending_at=db.now() - timedelta(days=1)).where(Alert.story == story).execute()
    soup = visitor.visit(PAGE).soup
    (together,) = soup.select(".site-story")
    assert "Two arrested" in together.get_text()
    assert other.title not in together.get_text()
    assert soup.find("a", string="Moped thefts")["href"] == f"/stories/{story.id}"


def test_a_ward_of_which_there_is_nothing_says_so(visitor):
    page = visitor.visit(f"/areas/{cast.RAVENSBURY}")
    assert "No alerts have been sent here yet." in page.text
    assert "Nobody waits for an answer" in page.text
    assert "Too few to say" in page.text


def test_the_figures_are_those_of_the_ward_and_of_three_months(app):
    farah, now = cast.officer("Farah"), db.now()
    services.begin_sending(services.draft(), farah, now)
    first, _ = services.concern(now=now), services.concern("nobody", now=now)
    services.concern(now=now - timedelta(days=92))
    Concern.create(key="x", ward=cast.RAVENSBURY, team=first.team, wants_answer=True, received_at=now, text="x")
    responses.respond(farah, first, "We patrol.", 0, services.key(), now + timedelta(hours=5))
    found = figures.of(ward(), now + timedelta(hours=6))
    assert (found.alerts, found.said, found.kept.in_time, found.kept.typical) == (1, 2, 1, timedelta(hours=5))


def test_few_residents_are_not_counted_out_loud(app):
    assert figures.of(ward(), db.now()).hearers is None
    services.crowd(12)
    assert figures.of(ward(), db.now()).hearers == 14


# --- The feed ---


def feed(visitor, code: str = cast.ST_HELIER):
    reply = visitor.ask("GET", f"/areas/{code}/feed")
    assert reply.mimetype == "application/atom+xml"
    return feedparser.parse(reply.data)


def test_the_feed_is_atom_and_holds_the_alerts(visitor, signed_in):
    send_alert(signed_in("Farah"), title="Lock <b>& load</b>", body="## Do\n\n* [Read](https://www.met.police.uk/)")
    found = feed(visitor)
    (entry,) = found.entries
    assert (found.bozo, found.version, found.feed.author) == (False, "atom10", "St Helier team")
    assert (entry.title, entry.link) == ("Lock <b>& load</b>", "http://localhost:5000/alerts/1")
    assert "<h2>Do</h2>" in entry.content[0].value
    assert (bool(entry.updated_parsed), entry.id) == (True, entry.link)


def test_the_feed_says_of_what_was_withdrawn_only_that(visitor, app):
    alert = services.begin_sending(services.draft(), cast.officer("Farah"), db.now())
    corrections.withdraw(alert, cast.officer("Farah"), "It was another street.", db.now())
    (entry,) = feed(visitor).entries
    assert entry.title.endswith("(withdrawn)")
    assert "content" not in entry


@pytest.mark.parametrize("code", [cast.RAVENSBURY, cast.MERTON, cast.WANDLE_IN_WANDSWORTH])
def test_a_feed_with_nothing_in_it_is_one_too(visitor, code):
    found = feed(visitor, code)
    assert (found.bozo, found.entries) == (False, [])


def test_the_page_names_its_feed(visitor):
    link = visitor.visit(PAGE).soup.find("link", type="application/atom+xml")
    assert link["href"] == f"{PAGE}/feed"

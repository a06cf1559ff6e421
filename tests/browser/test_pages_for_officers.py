"""Every page and state that officers see: by axe at both sizes, at 320 pixels, and for gloves."""

import pytest
from playwright.sync_api import expect

from metengage import addressing, complaints, db, deliveries, halts, manners
from metengage.models import Alert, Delivery, Rating
from tests import brought, cast, services
from tests.browser.hand import PHONE, press, sign_in, tick, write
from tests.browser.review import OFFICERS, WCAG, Reviewer
from tests.page import send_alert, write_alert


@pytest.fixture
def reviewer(someone):
    """Looks at every page that it is told to."""
    return Reviewer(someone(PHONE), OFFICERS)


def test_signing_in_passes_review(reviewer):
    page = reviewer.page
    page.goto("/officers/")
    reviewer.look("Sign in for officers")
    press(page, "Sign in")
    reviewer.look("Error: Sign in for officers")
    for _ in range(6):
        page.get_by_label("Email address").fill("farah@met.example.org")
        page.get_by_label("Password", exact=True).fill("guess")
        with page.expect_navigation():
            press(page, "Sign in")
    reviewer.look("Too many tries")
    assert reviewer.wrong == []


def test_writing_passes_review(reviewer):
    page = reviewer.page
    sign_in(page, "Farah")
    reviewer.look("Alerts")
    press(page, "Write an alert")
    reviewer.look("Write an alert")
    press(page, "Check and send")
    reviewer.look("Error: Write an alert")
    write(page)
    press(page, "Save and preview")
    reviewer.look("Write an alert")
    page.get_by_text("Throw this draft away").click()
    reviewer.look("Write an alert")
    press(page, "Throw it away")
    reviewer.look("Alerts")
    assert reviewer.wrong == []


def test_a_tag_stands_on_one_line_and_touches_none(someone, signed_in):
    write_alert(signed_in("Farah")).submit("Check and send").submit("Ask a supervisor")
    page = someone(PHONE)
    sign_in(page, "Farah")
    tag, words = page.locator(".site-item .govuk-tag"), page.locator(".site-item p")
    expect(tag).to_have_text("Awaiting approval")
    assert tag.bounding_box()["height"] < 40
    ends = tag.bounding_box()["y"] + tag.bounding_box()["height"]
    assert words.evaluate(
        """(p, ends) => {
      const range = document.createRange();
      range.selectNodeContents(p);
      return [...range.getClientRects()].filter((each) => each.top > ends - 20).every((each) => each.top >= ends);
    }""",
        ends,
    )


def test_bringing_pictures_passes_review(reviewer, signed_in, tmp_path):
    page, files = reviewer.page, {"Picture": brought.photo(), "Poster": brought.poster()}
    write_alert(signed_in("Farah"))
    sign_in(page, "Farah")
    page.goto("/officers/alerts/1/picture")
    press(page, "Add the picture")
    reviewer.look("Error: Picture and poster")
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
        page.get_by_label(name, exact=True).set_input_files(tmp_path / name)
        page.get_by_label("Describe it for people" if name == "Picture" else "What the poster is called").fill("Sheds")
        press(page, f"Add the {name.lower()}")
        page.get_by_text(f"The {name.lower()} is in the alert.").wait_for()
    reviewer.look("Picture and poster")
    page.goto("/officers/alerts/1/edit")
    reviewer.look("Write an alert")
    assert reviewer.wrong == []


def test_choosing_a_story_passes_review(reviewer, app):
    page, story = reviewer.page, services.story()
    sign_in(page, "Farah")
    press(page, "Write an alert")
    write(page)
    page.get_by_label("Part of a story").select_option("A new story")
    reviewer.look("Write an alert")
    press(page, "Check and send")
    reviewer.look("Error: Write an alert")
    page.get_by_label("Part of a story").select_option(story.title)
    tick(page, "This is the outcome", "Urgent")
    reviewer.look("Write an alert")
    press(page, "Check and send")
    reviewer.look("Check and send")
    press(page, "Send to 1 person")
    reviewer.look("Mopeds stolen in Green Lane")
    page.goto("/officers/alerts")
    reviewer.look("Alerts")
    assert reviewer.wrong == []


def test_sending_passes_review(reviewer, signed_in, work):
    page = reviewer.page
    write_alert(signed_in("Farah"), alert_type="advice")
    sign_in(page, "Idris")
    reviewer.look("Alerts")
    page.goto("/officers/alerts/1/review")
    reviewer.look("Check and send")
    page.get_by_label("Text only").check(force=True)
    reviewer.look("Check and send")
    page.goto("/officers/alerts/1/review")
    press(page, "Send to 1 person")
    reviewer.look("Mopeds stolen in Green Lane")
    work()
    page.get_by_text("1 of 1 emails sent").wait_for()
    reviewer.look("Mopeds stolen in Green Lane")
    assert reviewer.wrong == []


def test_pausing_and_stopping_pass_review(reviewer, signed_in, work):
    page, title = reviewer.page, "Mopeds stolen in Green Lane"
    send_alert(signed_in("Farah"))
    sign_in(page, "Farah")
    page.goto("/officers/alerts/1")
    press(page, "Pause")
    page.get_by_text("Paused since").wait_for()
    reviewer.look(title)
    halts.pause_everything(None, db.now())
    page.get_by_text("All sending is paused since").wait_for()
    reviewer.look(title)
    press(page, "Stop")
    reviewer.look("Stop this alert?")
    press(page, "Stop it for good")
    page.get_by_text("0 of 1 emails sent; 1 was not.").wait_for()
    reviewer.look(title)
    work()
    page.get_by_text("Stopped", exact=True).wait_for()
    reviewer.look(title)
    page.goto("/officers/alerts")
    reviewer.look("Alerts")
    assert reviewer.wrong == []


@pytest.fixture
def busy(post, settings, monkeypatch):
    """Sending with a bit of everything to show."""
    monkeypatch.setattr(settings, "mail_server", "smtp1.a-long-name.engage.example.org, smtp2.example.org:587")
    monkeypatch.setattr(settings, "send_per_domain", "gmail.com=4/600, *=8/1200")
    services.crowd(3)
    alert = services.begin_sending(services.draft(), cast.officer("Farah"), db.now())
    addressing.prepare_alert(alert, db.now())
    claim = deliveries.claim(Delivery.alert == alert, 2, db.now)
    for row in claim.rows():
        claim.postponed(row, "451 4.7.1 <(address)>: greylisted, see https://example.org/a-long-address")
    manners.share(db.now(), "smtp1.a-long-name.engage.example.org: the mail server does not answer (TimeoutError)")


def test_the_page_of_sending_passes_review(reviewer, busy, settings, monkeypatch):
    page = reviewer.page
    sign_in(page, "Idris")
    page.goto("/officers/sending")
    reviewer.look("Sending")
    press(page, "Pause everything")
    reviewer.look("Sending")
    press(page, "Stop everything")
    reviewer.look("Stop everything?")
    press(page, "Stop everything now")
    reviewer.look("Sending")
    monkeypatch.setattr(settings, "redis_url", "unix:///nowhere/redis.sock")
    page.get_by_text("Redis does not answer").wait_for()
    reviewer.look("Sending")
    assert reviewer.wrong == []


@pytest.mark.parametrize("answers", [3, 12])
def test_what_came_of_an_alert_passes_review(reviewer, app, answers):
    for _ in range(6):
        alert = services.draft()
        about = {"state": Alert.SENT, "sending_at": db.now(), "prepared_at": db.now(), "audience_size": 400}
        Alert.update(sender=alert.author, **about).where(Alert.id == alert.id).execute()
        Rating.insert_many([{"alert": alert, "is_useful": False, "why": "too-late"}] * answers).execute()
    sign_in(reviewer.page, "Farah")
    reviewer.page.goto(f"/officers/alerts/{alert.id}")
    reviewer.page.get_by_role("heading", name="Afterwards").wait_for()
    reviewer.look("Mopeds stolen in Green Lane")
    assert reviewer.wrong == []


def test_the_email_passes_review(reviewer, signed_in):
    """By the guidelines alone: landmarks belong to the mail program around it."""
    send_alert(signed_in("Farah"))
    sign_in(reviewer.page, "Farah")
    reviewer.page.goto("/officers/alerts/1/email")
    reviewer.look("Mopeds stolen in Green Lane", rules=WCAG)
    assert reviewer.wrong == []


def test_a_draft_changed_elsewhere_passes_review(reviewer, signed_in):
    page, farah = reviewer.page, signed_in("Farah")
    edit = write_alert(farah)
    sign_in(page, "Hana")
    page.goto(edit.url)
    edit.submit("Save and preview")
    press(page, "Save and preview")
    reviewer.look("Error: Write an alert")
    assert reviewer.wrong == []


def test_complaints_pass_review(reviewer):
    page = reviewer.page
    sign_in(page, "Idris")
    page.goto("/officers/complaints")
    reviewer.look("Complaints about how we handle data")
    number = complaints.complain("amara@example.org", "You kept it. " * 60, cast.resident("Amara"), db.now()).id
    page.reload()
    reviewer.look("Complaints about how we handle data")
    page.get_by_role("link", name=f"Complaint {number}").click()
    reviewer.look(f"Complaint {number}")
    press(page, "Keep this answer")
    reviewer.look(f"Error: Complaint {number}")
    page.get_by_label("What you answered").fill("We deleted it.")
    press(page, "Keep this answer")
    reviewer.look(f"Complaint {number}")
    assert reviewer.wrong == []


def test_the_second_factor_passes_review(reviewer):
    page = reviewer.page
    sign_in(page, "Farah")
    page.goto("/officers/account")
    reviewer.look("My account")
    press(page, "Set up your second factor")
    reviewer.look("Set up your second factor")
    press(page, "Use this as my second factor")
    reviewer.look("Error: Set up your second factor")
    page.get_by_label("Code", exact=True).fill(
        services.code_by_key("".join(page.locator(".site-key").inner_text().split()), db.now())
    )
    press(page, "Use this as my second factor")
    reviewer.look("Your second factor is set up")
    recovery = page.locator(".site-codes code").first.inner_text()
    page.goto("/officers/account/recovery-codes")
    reviewer.look("Make new recovery codes")
    page.goto("/officers/account/password")
    reviewer.look("Change your password")
    press(page, "Sign out")
    page.get_by_label("Email address").fill("farah@met.example.org")
    page.get_by_label("Password", exact=True).fill(cast.PASSWORD)
    press(page, "Sign in")
    reviewer.look("Enter your code")
    page.get_by_label("Code", exact=True).fill(recovery)
    press(page, "Sign in")
    reviewer.look("Alerts")
    assert reviewer.wrong == []


def test_signing_in_again_passes_review_and_loses_nothing(reviewer, signed_in):
    page = reviewer.page
    sign_in(page, "Farah")
    page.goto("/officers/account")
    signed_in("Farah").visit("/officers/alerts").submit("Sign out")
    page.get_by_label("Your name").fill("Sergeant Farah")
    press(page, "Save your name")
    page.get_by_text("nothing you typed is lost").wait_for()
    reviewer.look("Sign in for officers")
    page.get_by_label("Email address").fill("farah@met.example.org")
    page.get_by_label("Password", exact=True).fill(cast.PASSWORD)
    press(page, "Sign in")
    page.get_by_text("What you typed").click()
    reviewer.look("You are signed in again")
    press(page, "Carry on")
    page.get_by_text("Your name is saved.").wait_for()
    assert cast.officer("Farah").name == "Sergeant Farah"
    assert reviewer.wrong == []


def test_the_pages_of_teams_pass_review(reviewer):
    page = reviewer.page
    rani, team = services.rani(), cast.team("St Helier").id
    services.story()
    services.draft()
    sign_in(page, "Idris")
    pages = {
        "/officers/team": "Teams",
        f"/officers/team/{team}": "St Helier team",
        f"/officers/team/{team}/edit": "Change St Helier team",
        f"/officers/team/{team}/stories": "Hand over a story of St Helier team",
        "/officers/team/new": "Add a team",
        "/officers/team/officers": "Officers",
        "/officers/team/officers/new": "Add an officer",
        f"/officers/team/officers/{rani.id}": "PC Rani",
        f"/officers/team/officers/{rani.id}/edit": "Change PC Rani",
        f"/officers/team/officers/{rani.id}/suspend": "Suspend PC Rani?",
        f"/officers/team/officers/{rani.id}/reset": "Reset PC Rani?",
        f"/officers/team/officers/{cast.officer('Farah').id}/drafts": "Hand over the work of PC Farah",
    }
    for address, title in pages.items():
        page.goto(address)
        reviewer.look(title)
    page.goto(f"/officers/team/officers/{rani.id}/reset")
    press(page, "Reset PC Rani")
    reviewer.look("PC Rani is reset")
    link = page.locator(".site-text").inner_text()
    page.goto("/officers/team/officers/999")
    reviewer.look("Page not found")
    page.goto(link[link.index("/officers") :])
    reviewer.look("Choose a password")
    press(page, "Choose this password")
    reviewer.look("Error: Choose a password")
    assert reviewer.wrong == []


def test_cover_passes_review(reviewer):
    page = reviewer.page
    services.rani()
    sign_in(page, "Farah")
    page.goto("/officers/account/cover")
    reviewer.look("Who covers for you")
    press(page, "Save")
    reviewer.look("Error: Who covers for you")
    assert reviewer.wrong == []

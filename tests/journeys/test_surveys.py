"""From a survey to its answers: an officer asks, a resident answers by the email's link, the officer sees a number."""

from metengage import db, jobs
from metengage.models import Resident
from tests import cast
from tests.page import send_alert
from tests.services import html_of, link_in, text_of

AMARA = "amara@example.org"


def test_a_team_asks_and_a_resident_answers(signed_in, visitor, post, work):
    farah = signed_in("Farah")
    page = farah.visit("/officers/surveys/new").submit(
        "Keep this survey", title="Parking in Green Lane", area=cast.ST_HELIER, alert_type="advice",
        words_1="Is it a problem?", kind_1="single", choices_1="Yes\nNo",
    )  # fmt: skip
    page = page.submit("Open it").submit("Write an alert about it")
    page.submit("Check and send").submit("Send")
    work()
    letter = post.last_to(AMARA)
    assert "Answer the survey" in html_of(letter)
    for words in (html_of(letter), text_of(letter)):
        assert 0 < words.index("/survey") < words.index("/answer/")
    page = visitor.visit(link_in(letter, "/survey/")).submit("Send my answers", q0_0="Yes")
    assert page.h1 == "Parking in Green Lane Thank you"
    visitor.visit(link_in(letter, "/unsubscribe/")).submit("Stop all emails")
    assert "You have left" in visitor.visit(link_in(letter, "/survey/")).h1
    seen = farah.visit("/officers/surveys/1").submit("Close it")
    assert "Fewer than 10 people have answered, so nothing is shown" in seen.text


def test_an_alert_without_a_survey_has_no_link_to_one(signed_in, post, work):
    send_alert(signed_in("Farah"))
    work()
    assert "/survey/" not in html_of(post.last_to(AMARA))


def test_a_resident_is_asked_by_email_how_well_informed_they_feel(visitor, post, work):
    # Nobody waits three months for a test.
    Resident.update(ask_at=db.now()).where(Resident.name == "Amara").execute()
    jobs.tick()
    work()
    (letter,) = post.to_residents
    assert letter["Subject"] == "How well informed do you feel about policing in your area?"
    assert letter["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    page = visitor.visit(link_in(letter, "/informed/")).submit("Send my answer", score="4")
    assert "You said: very well informed." in page.text

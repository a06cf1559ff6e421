"""When an alert goes, why it may, and what is said to it: what is typed wrong is explained, and stays."""

from datetime import date, datetime, time, timedelta

import pytest
from werkzeug.datastructures import MultiDict

from metengage import corrections, db, forms, pictures, schedule, staffing
from metengage.formats import london
from metengage.models import Alert, Decision
from tests import brought, cast, services
from tests.page import write_alert

CLOCKS_GO_FORWARD, CLOCKS_GO_BACK = date(2027, 3, 28), date(2027, 10, 31)


def on(day: date, clock: str) -> dict:
    return {"when": "later", "day": [str(day.day), str(day.month), str(day.year)], "clock": clock}


@pytest.fixture
def review(signed_in):
    """Farah's page of checks, of an alert that needs nobody's approval."""
    return write_alert(signed_in("Farah"), alert_type="advice").submit("Check and send")


def filled(app, typed: dict, now: datetime) -> forms.WhenForm:
    with app.test_request_context():
        return forms.WhenForm(now, formdata=MultiDict(typed), meta={"csrf": False})


# --- London's clock ---


def test_a_time_is_londons():
    assert schedule.at(date(2026, 7, 1), time(18, 30)) == datetime(2026, 7, 1, 17, 30)
    assert schedule.at(date(2026, 12, 1), time(18, 30)) == datetime(2026, 12, 1, 18, 30)


@pytest.mark.parametrize("clock", ["1am", "1:30am", "01:59"])
def test_an_hour_that_is_left_out_is_explained(app, clock):
    form = filled(app, on(CLOCKS_GO_FORWARD, clock), datetime(2027, 3, 20))
    assert not form.validate()
    assert form.clock.errors == ["The clocks go forward that night: there is no such time. Choose 2am or later"]


def test_of_an_hour_that_comes_twice_it_is_the_first(app):
    form = filled(app, on(CLOCKS_GO_BACK, "1:30am"), datetime(2027, 10, 20))
    assert form.validate()
    assert form.due_at == datetime(2027, 10, 31, 0, 30)


@pytest.mark.parametrize(
    ("typed", "at"), [("18:30", time(18, 30)), ("6.30 pm", time(18, 30)), ("6pm", time(18)), ("12am", time(0))]
)
def test_a_time_may_be_typed_in_any_usual_way(app, typed, at):
    form = filled(app, on(date(2026, 12, 1), typed), datetime(2026, 11, 22))
    assert form.validate()
    assert form.clock.at == at


@pytest.mark.parametrize("typed", ["25:00", "6:75", "13pm", "0am", "noon", "18:3", "-1", "\0", "9" * 300, "🕕"])
def test_what_is_no_time_is_explained_and_stays(review, typed):
    page = review.submit("Send to", **on(date(2026, 12, 1), typed))
    assert (page.status, page.errors) == (422, ["Enter a time like 6:30pm or 18:30"])
    assert Alert.get().is_draft


def test_a_time_in_the_past_is_explained(review):
    page = review.submit("Send to", **on(london(db.now()).date() - timedelta(days=1), "6pm"))
    assert page.status == 422
    assert "That is in the past" in page.errors[0]
    assert page.soup.find(id="clock")["value"] == "6pm"


def test_a_time_that_is_far_away_is_explained(review):
    page = review.submit("Send to", **on(london(db.now()).date() + timedelta(days=200), "6pm"))
    assert page.errors == ["Choose a day in the next 90 days"]


def test_a_time_to_come_is_kept_and_can_be_changed(review):
    day = london(db.now()).date() + timedelta(days=3)
    page = review.submit("Send to", **on(day, "6:30pm"))
    assert "at 6:30pm" in page.text
    assert "at 7:00pm" in page.submit("Change the time", **on(day, "7pm")).text
    assert Alert.get().due_at == schedule.at(day, time(19))


def test_another_time_begins_with_the_one_that_is_set_and_keeps_what_is_wrong(review):
    day = london(db.now()).date() + timedelta(days=3)
    page = review.submit("Send to", **on(day, "6:30pm"))
    form, _ = page.form("Change the time")
    fields = page.fields(form)
    assert (fields["day"], fields["clock"]) == ([str(day.day), str(day.month), str(day.year)], ["18:30"])
    wrong = page.submit("Change the time", clock="teatime")
    assert (wrong.status, wrong.errors) == (422, ["Enter a time like 6:30pm or 18:30"])
    assert wrong.soup.find(id="clock")["value"] == "teatime"
    assert Alert.get().due_at == schedule.at(day, time(18, 30))


def test_when_it_goes_begins_with_today(review):
    fields, today = review.fields(review.form("Send to")[0]), london(db.now()).date()
    assert fields["day"] == [str(today.day), str(today.month), str(today.year)]


def test_what_was_not_done_is_not_told_as_a_success(review):
    day = london(db.now()).date() + timedelta(days=3)
    page = review.submit("Send to", **on(day, "6:30pm"))
    review.visitor.visit(page.url).submit("Undo")
    banner = page.submit("Undo").soup.select_one(".govuk-notification-banner")
    assert "It was too late to take it back." in banner.get_text()
    assert "govuk-notification-banner--success" not in banner["class"]


def test_an_officer_is_not_offered_to_change_a_time_that_was_approved(signed_in):
    day = london(db.now()).date() + timedelta(days=3)
    review = write_alert(signed_in("Farah")).submit("Check and send")
    asked = review.submit("Ask a supervisor", **on(day, "6pm"))
    hana = signed_in("Hana").visit(asked.url).submit("Approve and send")
    farah = asked.visitor.visit(hana.url)
    stays = "A supervisor approved this time. Take it back and ask again, or ask a supervisor to change it."
    assert (stays in farah.text, farah.has_button("Change the time")) == (True, False)
    token = farah.soup.find("input", attrs={"name": "csrf_token"})["value"]
    forged = farah.visitor.post("/officers/alerts/1/time", {"csrf_token": token, "when": "now"})
    assert (stays in forged.text, Alert.get().due_at) == (True, schedule.at(day, time(18)))
    assert "at 7:00pm" in hana.submit("Change the time", **on(day, "7pm")).text


def test_a_forged_time_of_a_withdrawal_is_refused(signed_in, settings, monkeypatch):
    first = services.begin_sending(services.draft(), cast.officer("Farah"), db.now())
    monkeypatch.setattr(settings, "undo_seconds", 60)
    withdrawal = corrections.withdraw(first, cast.officer("Hana"), "Another street", db.now())
    page = signed_in("Farah").visit(f"/officers/alerts/{withdrawal.id}")
    assert not page.has_button("Change the time")
    token = page.soup.find("input", attrs={"name": "csrf_token"})["value"]
    for typed in ({"when": "now"}, {}, on(london(db.now()).date() + timedelta(days=3), "6pm")):
        forged = page.visitor.post(f"{page.url}/time", {"csrf_token": token, **typed})
        assert "A withdrawal goes as soon as it may: its time cannot be changed." in forged.text
    assert Alert.get_by_id(withdrawal.id).due_at == withdrawal.due_at


# --- What was looked at ---


def test_another_picture_has_to_be_looked_at_before_it_goes(review):
    pictures.put(Alert.get(), cast.officer("Farah"), brought.photo(), "A moped", db.now())
    page = review.submit("Send to")
    assert "This draft was changed since you looked at it" in page.text
    assert page.submit("Send to").h1.endswith("Mopeds stolen in Green Lane")


def test_other_words_of_a_picture_have_to_be_looked_at_before_it_goes(review):
    farah = cast.officer("Farah")
    pictures.put(Alert.get(), farah, brought.photo(), "A moped", db.now())
    page = review.visitor.visit(review.url)
    pictures.reword(Alert.get(), farah, "picture", "Ann Lowe’s moped", db.now())
    page = page.submit("Send to")
    assert "This draft was changed since you looked at it" in page.text
    assert Alert.get().is_draft


def reword_picture(farah) -> None:
    pictures.reword(Alert.get(), cast.officer("Farah"), "picture", "Ann Lowe’s moped", db.now())


CHANGES = {
    "words": lambda page: page.submit("Check and send", body="Ann Lowe took two mopeds."),
    "only where it goes": lambda page: page.submit("Check and send", areas=[cast.RAVENSBURY]),
    "words of its picture": lambda page: (reword_picture(page), page.submit("Check and send"))[1],
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
@pytest.mark.parametrize("button", ["Approve and send", "Return with the comment"])
def test_a_supervisor_decides_only_on_what_they_looked_at(signed_in, button, change):
    """The page stays open while its writer takes it back, changes it and asks once more."""
    draft = write_alert(signed_in("Farah"))
    pictures.put(Alert.get(), cast.officer("Farah"), brought.photo(), "A moped", db.now())
    asked = draft.visitor.visit("/officers/alerts/1/review").submit("Ask a supervisor")
    page = signed_in("Hana").visit(asked.url)
    change(asked.submit("Take it back")).submit("Ask a supervisor")
    again = page.submit(button, comment="Not on my watch")
    assert (again.status, Alert.get().state) == (409, "awaiting approval")
    assert "It was changed since you looked at it. Look at it once more." in again.text
    assert again.soup.find(id="comment").get_text().strip() == "Not on my watch"
    again.submit(button)
    assert Alert.get().state != "awaiting approval"


def test_a_time_that_is_asked_for_is_looked_at_too(signed_in):
    review = write_alert(signed_in("Farah")).submit("Check and send")
    asked = review.submit("Ask a supervisor", **on(london(db.now()).date() + timedelta(days=3), "6pm"))
    page = signed_in("Hana").visit(asked.url)
    asked.submit("Take it back").submit("Check and send").submit("Ask a supervisor")
    assert page.submit("Approve and send").status == 409


def test_a_decision_without_what_was_looked_at_is_none(signed_in):
    asked = write_alert(signed_in("Farah")).submit("Check and send").submit("Ask a supervisor")
    page = signed_in("Hana").visit(asked.url)
    for forged in ("", "1", "x" * 5000, "\0"):
        assert page.submit("Approve and send", revision=forged).status == 409


def test_what_went_first_is_reviewed_as_it_was_looked_at(signed_in, settings, monkeypatch):
    monkeypatch.setattr(settings, "undo_seconds", 60)
    review = write_alert(signed_in("Farah")).submit("Check and send")
    first = review.submit("Send it before approval", why="Nobody answers")
    page = signed_in("Hana").visit(first.url)
    draft = first.submit("Undo: do not send it").submit("Check and send", body="Ann Lowe took two mopeds.")
    draft.submit("Send it before approval", why="Nobody answers")
    again = page.submit("I have reviewed it", comment="Right")
    assert (again.status, Alert.get().is_unreviewed) == (409, True)
    assert again.soup.find(id="comment").get_text().strip() == "Right"
    assert "It is reviewed." in again.submit("I have reviewed it").text


# --- A supervisor's comment ---


def test_who_returns_a_draft_says_what_to_change(signed_in):
    asked = write_alert(signed_in("Farah")).submit("Check and send").submit("Ask a supervisor")
    page = signed_in("Hana").visit(asked.url)
    wrong = page.submit("Return with the comment")
    assert wrong.errors == ["Enter what should be changed"]
    page.submit("Return with the comment", comment="Say when it was")
    assert "PC Hana returned it" in asked.visitor.visit("/officers/alerts/1/edit").text


def test_the_supervisor_sees_what_was_changed_since_last_time(signed_in):
    farah, hana = signed_in("Farah"), signed_in("Hana")
    asked = write_alert(farah).submit("Check and send").submit("Ask a supervisor")
    hana.visit(asked.url).submit("Return with the comment", comment="Say when it was")
    edit = farah.visit("/officers/alerts/1/edit")
    edit.submit("Check and send", body="Three mopeds were taken on **Friday**.").submit("Ask a supervisor")
    page = hana.visit(asked.url)
    assert page.soup.select_one(".site-diff del").get_text().startswith("Taken out: Two")
    assert page.soup.select_one(".site-diff ins").get_text().startswith("Put in: Three")


WHERE = {
    "Kind": ({"alert_type": "results"}, "Incidents and investigations", "Results and operations"),
    "Theme": ({"theme": "drugs"}, "Theft of vehicles", "Drugs"),
    "Urgent": ({"is_urgent": "y"}, "No", "Yes: it also reaches those who want no more emails this week"),
    "Who": (
        {"only_concerned": "concerned"},
        *("Everyone who hears about this kind of alert", "Only people who told us that this concerns them"),
    ),
    "Where": ({"areas": [cast.RAVENSBURY]}, "St Helier, Merton", "Ravensbury, Merton"),
    "Story": ({"story": "new", "story_title": "Moped thefts"}, "No story", "Moped thefts"),
}


@pytest.mark.parametrize("name", WHERE)
def test_the_supervisor_sees_what_was_changed_besides_the_words(signed_in, name):
    typed, was, is_now = WHERE[name]
    asked = write_alert(signed_in("Farah")).submit("Check and send").submit("Ask a supervisor")
    review = asked.submit("Take it back").submit("Check and send", **typed)
    page = signed_in("Hana").visit(review.submit("Ask a supervisor").url)
    (line,) = page.soup.select(".govuk-list--bullet li")
    assert line.get_text() == f"{name}: it was {was}, and is now {is_now}"


def test_the_circle_is_in_the_summary_and_among_what_was_changed(signed_in):
    told = "500 metres around SM4 6LJ"
    asked = write_alert(signed_in("Farah")).submit("Check and send").submit("Ask a supervisor")
    draft = asked.submit("Take it back").submit("Find wards", place="SM4 6LJ", radius="500")
    review = draft.submit("Check and send", areas=[cast.ST_HELIER])
    assert told in review.soup.select_one(".govuk-summary-list").get_text()
    page = signed_in("Hana").visit(review.submit("Ask a supervisor").url)
    assert told in page.soup.select_one(".govuk-summary-list").get_text()
    assert f"Circle: it was none , and is now {told}" in page.text


def test_another_picture_with_the_same_words_is_told_too(signed_in):
    farah = cast.officer("Farah")
    draft = write_alert(signed_in("Farah"))
    pictures.put(Alert.get(), farah, brought.photo(), "A moped", db.now())
    asked = draft.visitor.visit("/officers/alerts/1/review").submit("Ask a supervisor")
    draft = asked.submit("Take it back")
    pictures.put(Alert.get(), farah, brought.photo(300, 200), "A moped", db.now())
    asked = draft.submit("Check and send").submit("Ask a supervisor")
    page = signed_in("Hana").visit(asked.url)
    assert "another with the same words" in page.soup.select_one(".govuk-list--bullet").get_text()


def test_what_is_asked_for_again_as_it_was_says_so(signed_in):
    asked = write_alert(signed_in("Farah")).submit("Check and send").submit("Ask a supervisor")
    again = asked.submit("Take it back").submit("Check and send").submit("Ask a supervisor")
    assert "Nothing: it is as it was." in signed_in("Hana").visit(again.url).text


def test_another_time_is_told_too(signed_in):
    review = write_alert(signed_in("Farah")).submit("Check and send")
    asked = review.submit("Ask a supervisor", **on(london(db.now()).date() + timedelta(days=3), "6pm"))
    asked = asked.submit("Take it back").submit("Check and send").submit("Ask a supervisor")
    page = signed_in("Hana").visit(asked.url)
    assert "at 6:00pm, and is now As soon as it is approved" in page.soup.select_one(".govuk-list--bullet").get_text()


def test_an_officer_who_is_suspended_while_the_form_is_open_sends_nothing(review):
    staffing.suspend(cast.officer("Idris"), cast.officer("Farah"), db.now())
    page = review.submit("Send to")
    assert page.h1 == "Sign in for officers"
    assert Alert.get().is_draft


# --- A hundred thousand characters ---


def test_a_hundred_thousand_characters_from_word_are_explained_and_stay(signed_in):
    text = '<p class="MsoNormal"><o:p>Two mopeds &nbsp;</o:p></p>\n' * 2_000
    page = write_alert(signed_in("Farah"), body=text)
    assert (page.status, len(text) > 100_000) == (422, True)
    assert "Text must be 10,000 characters or fewer" in page.errors[0]
    assert page.soup.find(id="body").get_text().count("MsoNormal") == 2_000
    assert not Decision.select().exists()

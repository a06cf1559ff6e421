"""Bad input on every form: the sentence is shown, what was typed is kept, the answer is 422, nothing is stored."""

import json

import pytest
from icalendar import Calendar

from metengage import alerts, bookings, calendars, db, dispatch, links, preferences, residents, urgent
from metengage.models import TABLES, Alert, Attempt, Delivery, Event, Link, Waiting
from tests import cast, services
from tests.cast import ST_HELIER, SUTTON
from tests.conftest import shared
from tests.page import Page, Visitor, send_alert, write_alert

LONG = "x" * 10_000
ANSWERS = {
    "postcode": "SM46LJ",
    "ward": ST_HELIER,
    "areas": [],
    "types": ["advice"],
    "concerns": ["fraud", "drugs"],
    "rank": ["drugs"],
    "frequency": "daily",
    "name": "Cleo",
    "email": "cleo@example.org",
}
FORMAT = "Enter an email address in the correct format, like name@example.com"
BAD_ADDRESSES = {
    "": "Enter your email address",
    "   ": "Enter your email address",
    "cleo": FORMAT,
    "cleo@": FORMAT,
    "@example.org": FORMAT,
    "cleo@example": FORMAT,
    "cleo@example..org": FORMAT,
    "cleo@exa mple.org": FORMAT,
    "cleo@[127.0.0.1]": FORMAT,
    "Cleo <cleo@example.org>": FORMAT,
    "cleo@example.org, amara@example.org": FORMAT,
    "cleo@example.org\r\nBcc: amara@example.org": FORMAT,
    "cleo\0@example.org": FORMAT,
    "=?utf-8?q?cleo?=@example.org": FORMAT,
    "cleo@localhost": FORMAT,
    "cleo@example.test": "That email address is only for examples. Enter an address that you can read",
    f"{'x' * 65}@example.org": "The part before the @ is too long: it must be 64 characters or fewer. "
    "Check the email address",
    f"cleo@{'x.' * 125}org": "Email address must be 254 characters or fewer",
    LONG: "Email address must be 254 characters or fewer",
    "zoë@example.org": "We cannot write to addresses with letters like é or ü before the @. "
    "Enter a different email address",
}
GOOD_ADDRESSES = {
    "cleo@example.org": "cleo@example.org",
    "cleo@example.org ": "cleo@example.org",
    "  cleo@example.org": "cleo@example.org",
    "CLEO@Example.ORG": "cleo@example.org",
    "cleo+police@example.org": "cleo+police@example.org",
    "o'cleo@example.org": "o'cleo@example.org",
    "cleo@bücher.de": "cleo@xn--bcher-kva.de",
    f"{'x' * 64}@example.org": f"{'x' * 64}@example.org",
}


def rows() -> dict[str, int]:
    """How many rows each table has, but for the counts of tries."""
    return {table.__name__: table.select().count() for table in TABLES if table is not Attempt}


@pytest.fixture
def cleo(visitor) -> Visitor:
    """Cleo, who has answered everything and not submitted it."""
    with visitor.client.session_transaction() as session:
        session["answers"] = dict(ANSWERS)
    return visitor


def answers_of(visitor: Visitor) -> dict:
    with visitor.client.session_transaction() as session:
        return session["answers"]


@pytest.fixture
def elsewhere(visitor) -> Page:
    """The page of a borough that has not started."""
    return visitor.visit("/sign-up/").submit("Continue", postcode="SM1 3EA")


@pytest.fixture
def mine(visitor) -> Page:
    """Amara's own page."""
    token = links.issue(Link.SIGN_IN, cast.resident("Amara"), db.now())
    return visitor.visit(f"/preferences/open/{token}").submit("Open my preferences")


def refusals(page: Page, button: str, field: str, typed: list) -> dict:
    """What each of these is answered with: the first sentence, or the status if it is not 422."""
    found = {}
    for each in typed:
        answer = page.submit(button, **{field: each})
        found[each if isinstance(each, str) else tuple(each)] = (
            answer.errors[0] if answer.status == 422 and answer.errors else answer.status
        )
    return found


# --- Email addresses ---


def test_a_bad_address_at_sign_up_is_explained(cleo):
    page, before = cleo.visit("/sign-up/email"), rows()
    assert refusals(page, "Continue", "email", BAD_ADDRESSES) == BAD_ADDRESSES
    assert answers_of(cleo) == ANSWERS
    assert rows() == before


def test_a_bad_address_to_wait_is_explained(elsewhere):
    before = rows()
    assert refusals(elsewhere, "Write to me once", "email", BAD_ADDRESSES) == BAD_ADDRESSES
    assert rows() == before


def test_a_bad_address_for_the_link_is_explained(visitor):
    page, before = visitor.visit("/preferences"), rows()
    assert refusals(page, "Send me the link", "email", BAD_ADDRESSES) == BAD_ADDRESSES
    assert rows() == before


@pytest.mark.parametrize("typed", ["cleo@", "zoë@example.org", '"><script>alert(1)</script>', LONG])
def test_a_bad_address_is_kept_as_it_was_typed(cleo, typed):
    page = cleo.visit("/sign-up/email").submit("Continue", email=typed)
    assert page.soup.find("input", id="email")["value"] == typed


def test_a_good_address_is_taken_in_one_form(cleo):
    page, taken = cleo.visit("/sign-up/email"), {}
    for typed in GOOD_ADDRESSES:
        assert page.submit("Continue", email=typed).url == "/sign-up/check"
        taken[typed] = answers_of(cleo)["email"]
    assert taken == GOOD_ADDRESSES


def test_an_address_in_an_international_domain_is_written_to(app, post, work):
    residents.sign_up(ANSWERS | {"email": "cleo@xn--bcher-kva.de"}, db.now())
    services.jobs.ring_urgent()
    services.work_off()
    assert [recipients for _, recipients in post.envelopes] == [["cleo@xn--bcher-kva.de"]]


# --- The other questions ---


QUESTIONS = {
    "postcode": {
        "": "Enter your postcode, or choose from the list of boroughs",
        " ": "Enter your postcode, or choose from the list of boroughs",
        "x": "Enter a full postcode, like SM4 6HH, or its first half, like SM4",
        "\0": "Enter a full postcode, like SM4 6HH, or its first half, like SM4",
        "SM4 6L": "Enter a full postcode, like SM4 6HH, or its first half, like SM4",
        LONG: "Enter a full postcode, like SM4 6HH, or its first half, like SM4",
        "😀": "Enter a full postcode, like SM4 6HH, or its first half, like SM4",
        "SM4 6IJ": "Enter a full postcode, like SM4 6HH, or its first half, like SM4",
        "SW19 1XX": "We do not know the postcode SW19 1XX. Check it, or choose from the list",
        "SMA 6LJ": "Enter a full postcode, like SM4 6HH, or its first half, like SM4",
        "SW19 IUZ": "Did you mean SW19 1UZ?",
        "GIR 0AA": "That postcode is not a place in London. Choose from the list of boroughs instead",
    },
    "borough": dict.fromkeys(["", "E09000099", ST_HELIER, "\0", LONG], "Select your borough"),
    "ward": dict.fromkeys(["", "E05999999", cast.WANDLE_IN_WANDSWORTH, "\0", LONG], "Select your ward"),
    "types": dict.fromkeys(["", "homicides", "\0", LONG], "Select what you want to hear about"),
    "concerns": dict.fromkeys(["", "boredom", "\0", LONG], "Select what concerns you, or select “None of these”"),
    "frequency": dict.fromkeys(["", "hourly", "\0", LONG], "Select how often you want emails"),
    "name": {LONG: "Name must be 100 characters or fewer", "x" * 101: "Name must be 100 characters or fewer"},
}


@pytest.mark.parametrize("question", QUESTIONS)
def test_a_bad_answer_is_explained(cleo, question):
    page = cleo.visit(f"/sign-up/{question}")
    assert refusals(page, "Continue", question, QUESTIONS[question]) == QUESTIONS[question]
    assert answers_of(cleo) == ANSWERS


@pytest.mark.parametrize(("question", "typed"), [("postcode", "sm4 6l"), ("postcode", LONG), ("name", LONG)])
def test_a_bad_answer_is_kept_as_it_was_typed(cleo, question, typed):
    page = cleo.visit(f"/sign-up/{question}").submit("Continue", **{question: typed})
    assert page.soup.find("input", id=question)["value"] == typed


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"first": ""}, "Choose what matters most to you"),
        ({"first": "boredom"}, "Choose what matters most to you"),
        ({"first": LONG}, "Choose what matters most to you"),
        ({"first": "burglary"}, "Choose what matters most to you"),
        (
            {"first": "drugs", "second": "drugs"},
            "You chose this already. Choose something else, or leave it at “Choose”",
        ),
    ],
)
def test_a_bad_order_is_explained(cleo, values, sentence):
    page = cleo.visit("/sign-up/rank").submit("Continue", **values)
    assert (page.status, page.errors) == (422, [sentence])


def test_none_and_some_at_once_is_explained(cleo):
    page = cleo.visit("/sign-up/concerns").submit("Continue", concerns=["fraud", "none"])
    assert page.errors == ["Select what concerns you, or select “None of these”, but not both"]
    assert len(page.soup.find_all("input", checked=True)) == 2


def test_areas_that_nobody_offered_are_dropped(cleo):
    page = cleo.visit("/sign-up/areas")
    page = page.submit("Continue", areas=["E05999999", cast.RAVENSBURY, SUTTON, "E05013766", "\0", LONG])
    assert page.status == 200
    assert answers_of(cleo)["areas"] == [cast.RAVENSBURY]


def test_more_than_thirty_areas_are_too_many(cleo):
    page = cleo.visit("/sign-up/areas?borough=E09000032")
    wards = [each["value"] for each in page.soup.find_all("input", attrs={"name": "areas"})][:31]
    page = page.submit("Continue", areas=wards)
    assert (page.status, page.errors) == (422, ["Select 30 areas or fewer. A whole borough counts as one"])
    assert len(page.soup.find_all("input", attrs={"name": "areas", "checked": True})) == 31


@pytest.mark.parametrize("code", ["E09999999", "", "%00", LONG[:2000], "%F0%9F%98%80", "E05013824"])
def test_an_unknown_borough_in_the_address_offers_nothing_more(cleo, code):
    assert cleo.visit(f"/sign-up/areas?borough={code}").status == 200


def test_no_consent_is_explained_and_stores_nothing(cleo):
    before = rows()
    page = cleo.visit("/sign-up/check").submit("Agree and sign up", agree="")
    assert (page.status, len(page.errors)) == (422, 1)
    assert rows() == before


@pytest.mark.parametrize("code", ["E09000024", "E09999999", "", "\0", LONG])
def test_nobody_waits_for_a_borough_that_was_not_asked_about(elsewhere, code):
    assert elsewhere.submit("Write to me once", borough=code, email="cleo@example.org").status == 400
    assert not Waiting.select().exists()


# --- Wards in addresses ---


@pytest.mark.parametrize("code", ["E05999999", "x", "%00", "%F0%9F%98%80", "'--", LONG[:2000], "../etc"])
def test_an_unknown_ward_is_a_page_that_is_not_found(visitor, code):
    page = visitor.visit(f"/areas/{code}")
    assert (page.status, page.h1) == (404, "Page not found")
    assert "999" in page.text


# --- Preferences ---


@pytest.mark.parametrize("typed", ["hourly", "\0", "", LONG])
def test_a_frequency_that_there_is_not_is_explained_and_changes_nothing(mine, typed):
    before = preferences.of(cast.resident("Amara"))
    page = mine.click("Change alerts").submit("Save", incidents=typed)
    assert (page.status, page.errors) == (422, ["Select how often you want incidents and investigations"])
    page = mine.visitor.post("/preferences/alerts/all", page.fields(page.form("Save")[0]) | {"every": typed})
    assert (page.status, page.errors[0]) == (422, "Select how often you want emails")
    assert preferences.of(cast.resident("Amara")) == before


@pytest.mark.parametrize("slug", ["homicides", "%00", LONG[:2000], "shown_advice", "csrf_token"])
def test_a_type_that_there_is_not_is_not_found(mine, slug):
    page = mine.click("Change alerts")
    assert mine.visitor.post(f"/preferences/alerts/{slug}", page.fields(page.form("Save")[0])).status == 404


def test_areas_that_nobody_offered_are_not_added(mine):
    page = mine.click("Change other areas").submit("Add these areas", areas=["E05999999", SUTTON, "\0", LONG])
    assert (page.status, page.errors) == (422, ["Select the areas that you want to add"])
    assert [area.code for area in preferences.of(cast.resident("Amara")).areas] == [ST_HELIER]


@pytest.mark.parametrize("code", ["", "E05999999", "\0", LONG, cast.RAVENSBURY])
def test_what_is_not_heard_of_is_not_removed(mine, code):
    page = mine.click("Change other areas")
    data = page.fields(page.form("Add these areas")[0]) | {"area": code}
    assert mine.visitor.post("/preferences/areas/remove", data).status == 200
    assert [area.code for area in preferences.of(cast.resident("Amara")).areas] == [ST_HELIER]


@pytest.mark.parametrize("code", ["E09999999", "%00", LONG[:2000]])
def test_an_unknown_borough_on_the_page_offers_nothing_more(mine, code):
    assert mine.visitor.visit(f"/preferences/areas?borough={code}").status == 200


@pytest.mark.parametrize(("question", "field"), [("postcode", "postcode"), ("borough", "borough")])
def test_moving_asks_with_the_sentences_of_the_survey(mine, question, field):
    page = mine.visitor.visit(f"/preferences/areas/home/{question}")
    sentences = QUESTIONS[question]
    assert refusals(page, "Continue", field, sentences) == sentences


@pytest.mark.parametrize("ward", ["", "E05999999", cast.WANDLE_IN_WANDSWORTH, "\0", LONG])
def test_a_ward_that_was_not_offered_is_no_home(mine, ward):
    page = mine.click("Change home ward").submit("Continue", postcode="SM4 6LJ")
    page = page.submit("This is my ward", ward=ward)
    assert (page.status, page.errors) == (422, ["Select your ward"])
    assert cast.resident("Amara").home_id == ST_HELIER


# --- Alerts ---


@pytest.mark.parametrize(
    ("field", "typed", "sentence"),
    [
        ("title", LONG, "Title must be 120 characters or fewer; it has 10000"),
        ("title", "x" * 121, "Title must be 120 characters or fewer; it has 121"),
        ("body", "x" * 10_001, "Text must be 10,000 characters or fewer; it has 10,001"),
    ],
)
def test_what_cannot_be_kept_of_an_alert_is_explained(signed_in, field, typed, sentence):
    page = write_alert(signed_in("Farah"), **{field: typed})
    assert (page.status, page.errors) == (422, [sentence])
    box = page.soup.find(id=field)
    assert typed in (box.get("value"), box.get_text().lstrip())
    assert Alert.get().title == ""


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("alert_type", "homicides"),
        ("alert_type", "\0"),
        ("theme", "boredom"),
        ("theme", "\0"),
        ("theme", LONG),
        ("areas", ["E05999999", "\0"]),
    ],
)
def test_a_choice_that_there_is_not_is_no_choice(signed_in, field, typed):
    assert write_alert(signed_in("Farah"), **{field: typed}).status == 200
    alert = Alert.get()
    kept = {"alert_type": alert.alert_type, "theme": alert.theme, "areas": alerts.written_to(alert)}
    assert not kept[field]


@pytest.mark.parametrize("revision", ["", "x", "-1", "9" * 30, "\0"])
def test_a_revision_that_there_is_not_overwrites_nothing(signed_in, revision):
    page = write_alert(signed_in("Farah"), title="Kept")
    assert page.submit("Save and preview", title="Lost", revision=revision, editor="").status == 409
    assert Alert.get().title == "Kept"


@pytest.mark.parametrize(
    "title", ["One\r\nBcc: x@met.police.uk", "One\nBcc: x@met.police.uk", "One\0\u2028Bcc:\tx@met.police.uk\x07"]
)
def test_a_title_with_a_line_break_is_one_line(signed_in, post, title):
    send_alert(signed_in("Farah"), title=title)
    services.work_off()
    (letter,) = post.to_residents
    assert letter["Subject"] == "One Bcc: x@met.police.uk"
    assert (letter["To"], letter["Bcc"]) == ("amara@example.org", None)
    assert post.envelopes[post.letters.index(letter)][1] == ["amara@example.org"]


def test_the_longest_text_is_kept_whole(signed_in, post):
    text = "\n".join(["ü" * 99] * 100)
    send_alert(signed_in("Farah"), title="two " * 29 + "four", body=text)
    assert (Alert.get().title, Alert.get().body) == ("two " * 29 + "four", text)
    services.work_off()
    assert services.text_of(post.to_residents[0]).count("ü") == 9900


# --- Naughty strings ---


def naughty() -> list[str]:
    return json.loads(shared("blns.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_any_name_is_taken_or_explained(cleo):
    form, _ = (page := cleo.visit("/sign-up/name")).form("Continue")
    statuses = {
        cleo.ask("POST", form["action"], data=page.fields(form) | {"name": name}).status_code for name in naughty()
    }
    assert statuses == {303, 422}


def test_naughty_names_are_words_on_the_page_and_in_emails(cleo, post):
    names = ["<script>alert(1)</script>", "{{ 7*7 }}", "%s%n", "'; DROP TABLE resident; --", "Ω≈ç√∫˜µ≤≥÷", "田中さん"]
    for number, name in enumerate(names):
        cleo.visit("/sign-up/name").submit("Continue", name=name)
        assert name in cleo.visit("/sign-up/check").text
        address = f"cleo{number}@example.org"
        delivery = residents.sign_up(ANSWERS | {"name": name, "email": address}, db.now())
        token = links.issue(Link.CONFIRM, delivery.resident, db.now(), delivery.consent)
        residents.confirm(links.find(Link.CONFIRM, token, db.now()), db.now())
        residents.ask_for_link(address, db.now())
        services.jobs.ring_urgent()
        services.work_off()
        assert f"Hello {name}," in services.text_of(post.last_to(address))


def test_any_title_and_text_can_be_kept_and_sent(app, post):
    strings = [" ".join(each.replace("\0", " ").split())[:110] or "empty" for each in naughty()]
    body = "\n\n".join(naughty())[:10_000]
    for title in strings[:: len(strings) // 60]:
        # The checks would refuse many of them; what was written before there were checks still has to go.
        alert = services.draft(title=title, body=body if title == strings[0] else title)
        Alert.update(state=Alert.SENDING, sending_at=db.now(), audience_size=1).where(Alert.id == alert.id).execute()
        dispatch.send_some(Alert.get_by_id(alert.id))
    assert {row.state for row in Alert.select()} == {"sent"}
    assert len(post.letters) == Alert.select().count() > 50


def test_naughty_titles_and_texts_come_through_the_form(signed_in):
    page = write_alert(signed_in("Farah"))
    strings = naughty()
    for title, body in zip(strings[::12], strings[5::12], strict=False):
        page = page.submit("Save and preview", title=title[:110], body=body)
        assert page.status == 200
    assert Alert.get().revision > 40


def test_any_event_can_be_kept_booked_and_told_of(app, post):
    strings = [" ".join(each.replace("\0", " ").split())[:110] or "empty" for each in naughty()]
    for title, venue in zip(strings[::16], strings[7::16], strict=False):
        # As above: what is not finished would not be announced.
        event = services.event(title="x", about="")
        Event.update(title=title, venue=venue, access_note=venue, about=title).where(Event.id == event.id).execute()
        bookings.book(cast.resident("Amara"), event, venue[:100], db.now())
        assert Calendar.from_ical(calendars.of(Event.get_by_id(event.id), "https://x.example/")).walk("VEVENT")
    while urgent.send():
        pass
    assert {row.state for row in Delivery.select()} == {"sent"}
    assert len(post.letters) == Event.select().count() > 30


# --- What is no form ---


@pytest.mark.parametrize(
    ("url", "sent"),
    [
        ("/officers/sign-in", {"email": 1}),
        ("/preferences/link", {"email": 1}),
        ("/complaints/new", {"email": 1}),
        ("/officers/alerts/1/edit", {"title": 1}),
        ("/officers/alerts/1/picture", ["words"]),
    ],
)
@pytest.mark.parametrize("kind", ["application/json", "application/json; charset=utf-8", "application/ld+json"])
def test_what_only_machines_send_is_refused(signed_in, url, sent, kind):
    page = write_alert(signed_in("Farah"))
    token = page.soup.find("input", attrs={"name": "csrf_token"})["value"]
    reply = page.visitor.ask("POST", url, data=json.dumps(sent), content_type=kind, headers={"X-CSRFToken": token})
    assert reply.status_code == 415
    assert "999" in reply.text
    assert Alert.get().title == "Mopeds stolen in Green Lane"


@pytest.mark.parametrize("url", ["/healthz", "/readyz"])
def test_machines_may_say_that_they_speak_json(visitor, url):
    assert visitor.ask("GET", url, content_type="application/json").status_code == 200


@pytest.mark.parametrize("title", ["\u200b\u2060\u200b", "\u202e"])
def test_a_title_that_shows_nothing_is_none(signed_in, title):
    page = write_alert(signed_in("Farah"), title=title).submit("Check and send")
    assert (page.status, page.errors[0]) == (422, "Enter a title")
    assert Alert.get().title == ""


def test_an_officer_cannot_have_a_name_that_shows_nothing(signed_in):
    page = signed_in("Farah").visit("/officers/account").submit("Save your name", name="\u202e")
    assert (page.status, page.errors) == (422, ["Enter your name"])

"""Telling a team something, at its doors: bad input loses nothing, links open one thing each, and no GET acts."""

import json
from datetime import timedelta
from io import BytesIO

import pytest

from metengage import areas, concerns, corrections, db, leaving, links, restrictions
from metengage.fields import tidy
from metengage.models import TABLES, Alert, Concern, Link, Message
from metengage.views import network
from tests import brought, cast, services
from tests.conftest import shared

TEXT = "People drink in the park every evening."
NEW = f"/concerns/new?ward={cast.ST_HELIER}"
NAUGHTY = json.loads(shared("blns.json").read_text(encoding="utf-8"))


def told(visitor, text: str = TEXT, **more):
    page = visitor.visit(NEW)
    return page.submit("Send it to my team", text=text, **({"wants": "no"} | more))


@pytest.fixture
def at_home(visitor, app):
    """Amara on her own page, by a magic link."""
    token = links.issue(Link.SIGN_IN, cast.resident("Amara"), db.now())
    visitor.visit(f"/preferences/open/{token}").submit("Open my preferences")
    return visitor


def link(purpose: str, about: int, who: str = "Amara") -> str:
    return links.sign(purpose, cast.resident(who), about)


# --- Bad input ---


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"text": ""}, "Write what you want to tell your team"),
        ({"text": "\u200b \u2800"}, "Write what you want to tell your team"),
        ({"text": "x" * 20_000}, "What you write must be 5,000 characters or fewer; it has 20,000"),
        ({"place": "x" * 201}, "Where it is must be 200 characters or fewer; it has 201"),
        ({"wants": "perhaps"}, "Select whether you want an answer"),
        ({"wants": "yes"}, "Enter your email address"),
        ({"wants": "yes", "email": "zoe"}, "Enter an email address in the correct format, like name@example.com"),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_is_kept(visitor, values, sentence):
    page = told(visitor, **values)
    assert (page.status, page.errors) == (422, [sentence])
    assert page.title.startswith("Error: ")
    assert tidy(page.soup.find("textarea").get_text(), "\n") == tidy(values.get("text", TEXT), "\n")
    assert Concern.select().count() == 0


def test_naughty_strings_are_kept_or_refused_and_break_nothing(visitor, signed_in):
    farah, kept = signed_in("Farah"), 0
    for text in NAUGHTY[::17]:
        page = told(visitor, text=text, place=text[:200])
        page = page.submit("all the same") if page.has_button("all the same") else page
        assert page.status in (200, 422)
        kept += page.status == 200
    assert kept == Concern.select().count() > 10
    assert {farah.visit(f"/officers/concerns/{each.id}").status for each in list(Concern.select())} == {200}


@pytest.mark.parametrize("theme", ["x", "burglary'--"])
def test_a_theme_that_is_not_offered_is_dropped(visitor, theme):
    told(visitor, theme=theme)
    assert Concern.get().theme is None


@pytest.mark.parametrize("point", [("51.4", "-0.2"), ("x", "y"), ("91", "0"), ("nan", "inf"), ("", "")])
def test_a_place_on_the_map_is_kept_where_it_is_in_london(visitor, point):
    told(visitor, latitude=point[0], longitude=point[1])
    assert (Concern.get().latitude == 51.4) == (point[0] == "51.4")


@pytest.mark.parametrize("code", ["", "E05999999", cast.MERTON, cast.WANDLE_IN_MERTON])
def test_without_a_ward_that_has_a_team_one_is_found_first(visitor, code):
    assert "Find your ward" in visitor.visit(f"/concerns/new?ward={code}").text


def test_a_photo_that_is_none_is_refused_and_the_text_kept(visitor):
    page = visitor.visit(NEW)
    form, _ = page.form("Send it to my team")
    data = page.fields(form) | {"text": TEXT, "wants": "no", "photo": (BytesIO(b"<svg/>"), "x.svg")}
    reply = visitor.ask("POST", form["action"], data=data, content_type="multipart/form-data")
    assert (reply.status_code, TEXT in reply.text, Concern.select().count()) == (422, True, 0)


@pytest.mark.parametrize(("email", "is_asked"), [("zoe@example.org", True), ("amara@example.org", False)])
def test_who_confirms_sees_their_photo_named_and_is_asked_to_sign_up_if_they_hear_nothing(visitor, email, is_asked):
    said = concerns.Said(services.key(), TEXT, photo=brought.photo(200, 200))
    concern = concerns.raise_unsigned(said, areas.named([cast.ST_HELIER])[0], email, "198.51.100.7", db.now())
    page = visitor.visit(f"/concerns/confirm/{links.sign(links.RAISE, concern.resident, concern.id)}")
    assert "with your photo" in page.text
    assert ("Sign up for alerts" in page.submit("Yes, send it").text) is is_asked


def test_who_goes_back_and_writes_something_else_loses_neither(visitor):
    page = visitor.visit(NEW)
    for text in (TEXT, "The lights are out."):
        page.submit("Send it to my team", text=text, wants="no")
    assert [each.text for each in Concern.select().order_by(Concern.id)] == [TEXT, "The lights are out."]


CHOOSE_AGAIN = "Choose your photo again: nothing of it was kept."


def with_photo(visitor, name: str, **values):
    """The page after a concern was sent with a photo of this name; without a name there is none."""
    page = visitor.visit(NEW)
    form, _ = page.form("Send it to my team")
    return visitor.post(form["action"], page.fields(form) | values | {"photo": (BytesIO(b"..."), name)})


@pytest.mark.parametrize(
    ("values", "said"),
    [({"text": "", "wants": "no"}, 1), ({"text": "My bike was stolen last night.", "wants": "no"}, 2)],
    ids=["wrong", "right way"],
)
def test_a_photo_that_has_to_be_chosen_again_is_said_to_be(visitor, values, said):
    page = with_photo(visitor, "bench.jpg", **values)
    assert CHOOSE_AGAIN in page.soup.find(id="photo-hint").get_text()
    assert page.text.count(CHOOSE_AGAIN) == said
    assert CHOOSE_AGAIN not in with_photo(visitor, "", **values).text


def test_pressing_twice_is_one_concern(visitor):
    page = visitor.visit(NEW)
    assert {page.submit("Send it to my team", text=TEXT, wants="no").h1 for _ in range(3)} == {"Your team has it"}
    assert Concern.select().count() == 1


def test_a_flood_to_one_address_is_refused_in_words(visitor):
    pages = [told(visitor, wants="yes", email="zoe@example.org") for _ in range(5)]
    assert [page.status for page in pages] == [200, 200, 200, 200, 422]
    assert "We have just written to this address" in pages[-1].errors[0]
    assert TEXT in pages[-1].soup.find("textarea").get_text()


def test_it_may_not_be_known_whether_an_address_is(visitor):
    pages = [told(visitor, wants="yes", email=f"{who}@example.org") for who in ("amara", "dov", "esme", "nobody")]
    assert len({page.text for page in pages}) == 1


def test_a_ready_page_says_what_it_may_ask_the_phone_for(visitor):
    policies = [visitor.ask("GET", url).headers["Permissions-Policy"] for url in (NEW, "/")]
    assert ["geolocation=(self)" in each for each in policies] == [True, False]


def test_what_is_being_typed_is_looked_at_and_nothing_is_kept(visitor):
    token = visitor.visit(NEW).soup.find("input", attrs={"name": "csrf_token"})["value"]
    headers = {"HX-Request": "true", "HX-Request-Type": "partial", "HX-Target": "div#looked-text"}
    before = {table: table.select().count() for table in TABLES}
    replies = [
        visitor.ask("POST", "/concerns/look", data={"csrf_token": token, "text": text}, headers=headers)
        for text in ("He has a knife and he is here now", TEXT)
    ]
    assert ["tel:999" in reply.text for reply in replies] == [True, False]
    assert {table: table.select().count() for table in TABLES} == before


# --- Danger first ---

DANGER = "He has a knife and he is here now."


def comes_first(page, error: str) -> bool:
    """Whether the right way stands above what else is wrong, which is said beside its field too."""
    return page.html.index("tel:999", page.html.index("<h1")) < page.html.index("There is a problem") and (
        page.errors == [error] and error in page.soup.form.get_text()
    )


def test_a_forgotten_choice_hides_no_danger(visitor):
    page = told(visitor, DANGER, wants="")
    assert comes_first(page, "Select whether you want an answer")
    assert page.soup.select_one(".govuk-error-summary")["data-disable-auto-focus"] == "true"
    assert "Your team has it" in page.submit("all the same", wants="no").text


def test_who_was_shown_the_right_way_is_shown_only_what_else_is_wrong(visitor):
    page = told(visitor, DANGER, wants="").submit("all the same")
    assert "Is this for 999" not in page.h1
    assert "Your team has it" in page.submit("Send it to my team", wants="no").text


def test_too_long_an_answer_or_reply_hides_no_danger(visitor, alert, hers):
    long = f"{DANGER} {'x' * 5000}"
    urls = (f"/answer/{link(links.ANSWER, alert.id)}", f"/concerns/{link(links.CONCERN, hers.id)}")
    pages = [visitor.visit(url).submit("Send my", text=long) for url in urls]
    assert all(comes_first(page, "What you write must be 5,000 characters or fewer; it has 5,035") for page in pages)


def test_too_long_a_word_on_what_is_not_solved_hides_no_danger(visitor, hers):
    Concern.update(state=Concern.CLOSED, closed_at=db.now(), closed_because="done").execute()
    page = visitor.visit(f"/concerns/{link(links.CONCERN, hers.id)}")
    page = page.submit("This is not solved", text=f"{DANGER} {'x' * 5000}")
    assert comes_first(page, "What you write must be 5,000 characters or fewer; it has 5,035")


# --- Insisting ---


def test_insisting_holds_for_those_words_only(visitor):
    page = told(visitor, "My bike was stolen last night.")
    page = page.submit("all the same", text="He has a knife and he is here now.")
    assert page.status == 422
    assert Concern.select().count() == 0


def test_what_stands_in_another_field_is_looked_at_too(visitor):
    assert told(visitor, place="He is stabbing somebody now at the bandstand").status == 422


# --- Links ---


@pytest.fixture
def hers(app) -> Concern:
    return services.concern()


@pytest.fixture
def alert(app) -> Alert:
    return services.begin_sending(services.draft(), cast.officer("Farah"), db.now())


def test_a_scanner_that_follows_the_links_changes_nothing(visitor, hers, alert):
    Concern.update(state=Concern.UNCONFIRMED).execute()
    before = {table: sorted(table.select().tuples(), key=repr) for table in TABLES}
    for url in (f"/concerns/confirm/{link(links.RAISE, hers.id)}", f"/answer/{link(links.ANSWER, alert.id)}"):
        assert visitor.visit(url).status == 200
    assert {table: sorted(table.select().tuples(), key=repr) for table in TABLES} == before


def test_a_link_opens_what_its_resident_raised_and_nothing_else(visitor, hers):
    theirs = services.concern("Bryn")
    for token in (link(links.CONCERN, theirs.id), link(links.RATE, hers.id), link(links.CONCERN, 999), "cut-off"):
        assert visitor.visit(f"/concerns/{token}").status == 410
        assert visitor.visit(f"/concerns/confirm/{token}").status == 410


def test_who_left_is_kindly_refused(visitor, hers, alert):
    urls = [f"/concerns/{link(links.CONCERN, hers.id)}", f"/answer/{link(links.ANSWER, alert.id)}"]
    leaving.leave(cast.resident("Amara"), leaving.BY_PAGE, db.now())
    pages = [visitor.visit(url) for url in urls]
    assert {(page.status, page.h1.endswith("You have left")) for page in pages} == {(410, True)}
    assert TEXT not in pages[0].text


def test_an_alert_that_was_withdrawn_takes_no_answer(visitor, alert):
    url, now = f"/answer/{link(links.ANSWER, alert.id)}", db.now()
    page = visitor.visit(url)
    corrections.withdraw(alert, cast.officer("Farah"), "It was another street.", now)
    assert "was withdrawn" in page.submit("Send my answer", text="I saw them.").text
    assert Concern.select().count() == 0


def test_the_answer_form_keeps_what_was_typed(visitor, alert):
    page = visitor.visit(f"/answer/{link(links.ANSWER, alert.id)}").submit("Send my answer", text="x" * 5001)
    assert "5,001" in page.errors[0]
    page = page.submit("Send my answer", text="He has a knife and he is here now.")
    assert (page.status, Concern.select().count()) == (422, 0)
    assert "The team has your answer" in page.submit("all the same").text


def test_an_old_link_has_ended(visitor, hers, monkeypatch):
    monkeypatch.setitem(links.SIGNED_LIFETIME, links.CONCERN, timedelta(seconds=-1))
    assert visitor.visit(f"/concerns/{link(links.CONCERN, hers.id)}").status == 410


def test_a_reply_is_kept_once_however_often_it_is_sent(visitor, hers):
    page = visitor.visit(f"/concerns/{link(links.CONCERN, hers.id)}")
    for _ in range(3):
        assert "They come at nine." in page.submit("Send my reply", text="They come at nine.").text
    assert Message.select().count() == 1


def test_a_reply_to_what_was_closed_meanwhile_is_not_lost(visitor, hers):
    page = visitor.visit(f"/concerns/{link(links.CONCERN, hers.id)}")
    Concern.update(state=Concern.CLOSED, closed_at=db.now(), closed_because="done").execute()
    page = page.submit("Send my reply", text="They come at nine.")
    assert "closed or opened meanwhile" in page.errors[0]
    assert page.submit("This is not solved").status == 200
    assert Message.get().text == "They come at nine."


def test_who_is_limited_reads_until_when(visitor, hers):
    restrictions.restrict(cast.officer("Hana"), hers, "You insulted us.", 4, db.now())
    page = visitor.visit(f"/concerns/{link(links.CONCERN, hers.id)}").submit("Send my reply", text="Hello?")
    assert "once a week until" in page.errors[0]
    assert "Hello?" in page.soup.find("textarea").get_text()


def test_what_is_late_says_how_to_take_it_further(visitor, hers):
    Concern.update(due_at=db.now() - timedelta(hours=1)).execute()
    text = visitor.visit(f"/concerns/{link(links.CONCERN, hers.id)}").text
    assert "We are late, and we are sorry." in text
    assert "complain to the Metropolitan Police" in text


# --- On one's own page ---


def test_what_one_told_is_on_ones_page(hers, at_home):
    page = at_home.visit("/preferences").click("what you told your team")
    assert "an answer is due by" in page.text
    assert TEXT in page.click("People drink").text


def test_who_came_by_an_alerts_link_sees_none_of_it_and_is_asked_for_an_address(visitor, hers):
    form = visitor.visit(f"/preferences/open/{link(links.PREFERENCES, 0)}")
    form.submit("Open my preferences")
    assert "fresh" in visitor.visit("/preferences/told").url
    assert visitor.visit(NEW).soup.find("input", attrs={"name": "email"})


def test_who_is_signed_in_is_asked_for_no_address(at_home):
    page = at_home.visit(NEW)
    assert page.soup.find("input", attrs={"name": "email"}) is None
    page = page.submit("Send it to my team", text=TEXT)
    assert "You get an answer by" in page.text
    assert concerns.of(cast.resident("Amara"))


@pytest.mark.parametrize(
    ("address", "counted"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:aaaa::1", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::9", "2001:db8:1:2::/64"),
        ("2001:db8:1:3::1", "2001:db8:1:3::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("", ""),
        ("nonsense", ""),
    ],
)
def test_limits_count_a_home_as_one_whatever_its_addresses(app, address, counted):
    with app.test_request_context(environ_base={"REMOTE_ADDR": address}):
        assert network() == counted

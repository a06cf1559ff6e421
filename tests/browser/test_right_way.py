"""What belongs elsewhere is shown the right way before it is sent: with one tap, and a way off the page."""

import pytest
from playwright.sync_api import Page, expect

from metengage import db, links
from metengage.models import Concern
from tests import cast, services
from tests.browser.hand import PHONE, press, tick
from tests.browser.review import RESIDENTS, Reviewer

WEATHER = "https://www.bbc.co.uk/weather"
AT_HOME = "My husband hit me last night and he has a knife"
TEXTS = (AT_HOME, "My bike was stolen yesterday", "my mum was scammed out of £900", "there is a bomb at the station")


def write(page: Page, text: str) -> None:
    page.goto(f"/concerns/new?ward={cast.ST_HELIER}")
    page.get_by_label("What do you want to tell your team?").press_sequentially(text)


def send(page: Page) -> None:
    tick(page, "No. Nobody is told who I am")
    press(page, "Send it to my team")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Is this for 999 or 101?")


def right_way(page: Page):
    return page.get_by_role("region", name="This may need a faster way")


def test_the_right_way_passes_review(someone):
    reviewer = Reviewer(someone(PHONE), RESIDENTS)
    for text in TEXTS:
        write(reviewer.page, text)
        send(reviewer.page)
        reviewer.look("Is this for 999 or 101?")
    assert reviewer.wrong == []


def test_numbers_are_called_by_large_buttons(someone, script):
    page = someone(PHONE, java_script_enabled=script)
    write(page, AT_HOME)
    send(page)
    calls = right_way(page).get_by_role("button", name="Call").or_(right_way(page).get_by_role("button", name="relay"))
    assert {call.get_attribute("href") for call in calls.all()} >= {"tel:999", "tel:18000", "tel:101", "tel:18001101"}
    assert min(call.bounding_box()["height"] for call in calls.all()) >= 44


def whom_to_call(page: Page):
    """The first of the large buttons, wholly in sight."""
    call = right_way(page).get_by_role("button").first
    expect(call).to_be_in_viewport(ratio=1)
    return call


def test_999_is_in_sight_under_the_box_while_they_type(someone):
    page = someone(PHONE)
    write(page, AT_HOME[:-2])
    box = page.get_by_label("What do you want to tell your team?")
    page.mouse.wheel(0, box.bounding_box()["y"] + box.bounding_box()["height"] - PHONE["height"])
    box.press_sequentially("fe")
    expect(whom_to_call(page)).to_have_text("Call 999")
    below = box.bounding_box()
    assert 0 <= whom_to_call(page).bounding_box()["y"] - below["y"] - below["height"] < 40


@pytest.mark.parametrize("text", [AT_HOME, "there is a bomb at the station"])
def test_999_is_in_sight_after_send(someone, script, text):
    page = someone(PHONE, java_script_enabled=script)
    write(page, text)
    press(page, "Send it to my team")
    expect(whom_to_call(page)).to_have_text("Call 999")
    expect(page.get_by_text("Select whether you want an answer").last).to_be_visible()
    assert page.evaluate("scrollY") == 0


def test_it_is_shown_while_they_type(someone):
    page = someone(PHONE)
    write(page, AT_HOME)
    expect(right_way(page)).to_contain_text("Nothing you wrote has been stored or sent")
    expect(right_way(page)).to_contain_text("he has a knife")


def signed(purpose: str, about: int) -> str:
    return links.sign(purpose, cast.resident("Amara"), about)


def to_reply() -> str:
    return f"/concerns/{signed(links.CONCERN, services.concern().id)}"


def to_say_it_is_not_solved() -> str:
    hers = services.concern()
    Concern.update(state=Concern.CLOSED, closed_at=db.now(), closed_because="done").execute()
    return f"/concerns/{signed(links.CONCERN, hers.id)}"


def to_answer_an_alert() -> str:
    alert = services.begin_sending(services.draft(), cast.officer("Farah"), db.now())
    return f"/answer/{signed(links.ANSWER, alert.id)}"


def to_answer_a_survey() -> str:
    return f"/survey/{signed(links.SURVEY, services.survey().id)}"


@pytest.mark.parametrize("at", [to_reply, to_say_it_is_not_solved, to_answer_an_alert, to_answer_a_survey])
def test_every_other_box_is_looked_at_while_they_type(someone, at):
    page = someone(PHONE)
    page.goto(at())
    page.locator("textarea").press_sequentially(AT_HOME)
    expect(whom_to_call(page)).to_have_text("Call 999")


def test_only_the_box_is_sent_to_be_looked_at(someone):
    page = someone(PHONE)
    page.goto(f"/concerns/new?ward={cast.ST_HELIER}")
    page.get_by_label("Your email address").fill("zoe@example.org")
    page.get_by_label("A photo").set_input_files({"name": "x.png", "mimeType": "image/png", "buffer": b"x" * 9000})
    with page.expect_request("**/concerns/look") as looked:
        page.get_by_label("What do you want to tell your team?").press_sequentially(AT_HOME)
    sent = looked.value.post_data_buffer
    assert AT_HOME.encode() in sent
    assert b"zoe@" not in sent
    assert len(sent) < 1000


@pytest.mark.parametrize("is_sent", [False, True], ids=["typed", "sent"])
def test_three_presses_of_shift_lead_off_the_page(someone, is_sent):
    page = someone(PHONE)
    page.route(f"{WEATHER}**", lambda route: route.fulfill(body="Rain later"))
    write(page, AT_HOME)
    if is_sent:
        send(page)
    expect(page.locator("[data-govuk-exit-this-page-init]")).to_have_count(1)
    for _ in range(3):
        page.keyboard.press("Shift")
    expect(page).to_have_url(WEATHER)


def leave(page: Page, by: str) -> None:
    expect(page.locator("[data-govuk-exit-this-page-init]")).to_have_count(1)
    if by == "button":
        page.get_by_role("button", name="Exit this page").click()
    else:
        for _ in range(3):
            page.keyboard.press("Shift")
    expect(page).to_have_url(WEATHER)


@pytest.mark.parametrize("by", ["button", "Shift"])
@pytest.mark.parametrize("sent", [0, 1, 2], ids=["typed", "sent", "sent twice"])
def test_who_left_leaves_no_words_behind(someone, sent, by):
    page = someone(PHONE)
    page.route(f"{WEATHER}**", lambda route: route.fulfill(body="Rain later"))
    page.goto(f"/areas/{cast.ST_HELIER}")
    write(page, AT_HOME)
    for _ in range(sent):
        press(page, "Send it to my team" + " all the same" * page.get_by_role("button", name="all the same").count())
        page.get_by_label("What do you want to tell your team?").fill(f"{AT_HOME} {sent}")
    leave(page, by)
    for _ in range(sent + 1):
        page.go_back()
        page.wait_for_url(lambda url: "/concerns" not in url)
        assert "husband" not in page.content() + page.evaluate("[...document.forms].map((f) => f.innerText).join()")
    # Where the script of GOV.UK went on before ours, their page is one more, and leads home.
    assert page.url.endswith(("/", f"/areas/{cast.ST_HELIER}"))


def test_a_browser_keeps_nothing_that_was_typed(someone, script):
    page = someone(PHONE, java_script_enabled=script)
    page.route(f"{WEATHER}**", lambda route: route.fulfill(body="Rain later"))
    write(page, "We had a talk about the park")
    page.goto(WEATHER)
    page.go_back()
    expect(page.get_by_label("What do you want to tell your team?")).to_have_value("")


def test_a_button_leads_off_the_page_and_stays_in_sight(someone, script):
    page = someone(PHONE, java_script_enabled=script)
    page.route(f"{WEATHER}**", lambda route: route.fulfill(body="Rain later"))
    write(page, AT_HOME)
    send(page)
    page.get_by_role("button", name="all the same").scroll_into_view_if_needed()
    page.get_by_role("button", name="Exit this page").click()
    expect(page).to_have_url(WEATHER)

"""A resident's preferences: asked for by email, seen, changed; and leaving, however they like."""

import pytest

from tests import services
from tests.cast import KINGSTON, MERTON, RAVENSBURY, ST_HELIER, SURBITON_HILL
from tests.page import Page, sign_up
from tests.services import link_in, text_of

AMARA, BRYN = "amara@example.org", "bryn@example.org"
OPEN, LEAVE = "Open my preferences", "Stop all emails"
ENDED = "This link no longer works"
GOODBYE = "You have left: no more emails from us"


def ask_for_link(visitor, address=AMARA) -> Page:
    return visitor.visit("/preferences").submit("Send me the link", email=address)


@pytest.fixture
def magic(visitor, post, work):
    """The magic link that Amara asked for."""
    ask_for_link(visitor)
    work()
    return link_in(post.last_to(AMARA), "/preferences/open/")


@pytest.fixture
def mine(visitor, magic):
    """Amara's page, opened by her magic link."""
    return visitor.visit(magic).submit(OPEN)


@pytest.fixture
def letter(post, work):
    """An alert as Amara got it."""
    services.send()
    work()
    return post.last_to(AMARA)


def subjects(post) -> list[str]:
    """Of all that Amara got."""
    return [letter["Subject"] for letter in post.to(AMARA)]


def come_back(visitor, post, work) -> str:
    """Sign up once more and confirm; the link that confirmed it."""
    sign_up(visitor, email={"email": AMARA})
    work()
    link = link_in(post.last_to(AMARA), "/confirm/")
    visitor.visit(link).submit("Yes, send me these")
    return link


def changed(page: Page, words: str, **values) -> Page:
    """Change this on the page that the Change link of these words leads to, and save."""
    return page.click(f"Change {words}").submit("Save", **values)


def often(page: Page) -> dict[str, str]:
    """Type → how often, as it is chosen on the page; the others bring no emails."""
    chosen = [each for each in page.soup.find_all("input", type="radio", checked=True) if each["value"] != "none"]
    return {each["name"]: each["value"] for each in chosen}


def places(page: Page) -> list[str]:
    """The areas that the page of areas says one hears of."""
    return [each.get_text() for each in page.soup.select(".site-rows li > span")]


# --- The magic link ---


def test_asking_sends_one_email_that_says_why(visitor, post, work):
    page = ask_for_link(visitor)
    assert page.h1 == "Check your email"
    work()
    (letter,) = post.letters
    assert letter["Subject"] == "Your link to your preferences"
    assert "Hello Amara," in text_of(letter)
    assert "If you did not ask for it, do nothing" in text_of(letter)


def test_the_link_opens_a_page_with_one_button(visitor, magic):
    page = visitor.visit(magic)
    assert [each.get_text().strip() for each in page.soup.main.find_all("button")] == [OPEN]


def test_the_button_opens_the_preferences_as_they_are(mine):
    assert mine.url == "/preferences"
    assert "Name Amara Change name Email address amara@example.org" in mine.text
    assert "Alerts Crime prevention advice: immediately Incidents and investigations: immediately" in mine.text
    assert "Home ward St Helier, Merton Change home ward Other areas None" in mine.text
    assert often(mine.click("Change alerts")) == {"advice": "immediately", "incidents": "immediately"}


def test_opening_the_link_uses_nothing_up(visitor, newcomer, magic):
    assert visitor.visit(magic).h1 == newcomer.visit(magic).h1 == "Open your preferences"
    assert newcomer.visit("/preferences").h1 == "Your preferences"
    assert newcomer.visit("/preferences").soup.find("input", id="email")
    assert visitor.visit(magic).submit(OPEN).url == "/preferences"


def test_the_link_opens_once(visitor, newcomer, magic):
    elsewhere = newcomer.visit(magic)
    visitor.visit(magic).submit(OPEN)
    assert elsewhere.submit(OPEN).h1 == ENDED
    assert newcomer.visit(magic).h1 == ENDED


def test_pressing_twice_in_one_browser_is_success(visitor, magic):
    page = visitor.visit(magic)
    page.submit(OPEN)
    assert "Name Amara Change name Email address amara@example.org" in page.submit(OPEN).text
    assert visitor.visit(magic).url == "/preferences"


def test_a_closed_page_is_closed(visitor, mine):
    mine.submit("Close my page")
    assert "amara@example.org" not in visitor.visit("/preferences").html


def test_somebody_who_left_gets_no_link(visitor, post, work):
    ask_for_link(visitor, "esme@example.org")
    work()
    assert not post.letters


# --- What they hear about, and how often ---


def test_changed_types_are_what_arrives_from_then_on(mine, post, work):
    page = changed(mine, "alerts", advice="none", incidents="none", meetings="immediately")
    assert "You now get meetings and events immediately for St Helier, Merton." in page.text
    assert "You no longer get crime prevention advice and incidents and investigations." in page.text
    services.send()
    services.send(alert_type="meetings", title="Come to our surgery")
    work()
    assert [each["Subject"] for each in post.to(AMARA)][1:] == ["Come to our surgery"]


def test_a_type_that_comes_weekly_does_not_come_at_once_and_the_others_do(mine, post, work):
    page = changed(mine, "alerts", incidents="weekly")
    assert "You now get incidents and investigations weekly on Saturday at 8:30am for St Helier, Merton." in page.text
    services.send()
    services.send(alert_type="advice", title="Lock your shed")
    work()
    assert [each["Subject"] for each in post.to(AMARA)][1:] == ["Lock your shed"]


def test_all_that_one_gets_is_set_at_once(mine):
    page = changed(mine, "alerts", every="daily")
    words = "crime prevention advice and incidents and investigations daily at 7:30am for St Helier, Merton"
    assert f"You now get {words}." in page.text
    assert often(page.click("Change alerts")) == {"advice": "daily", "incidents": "daily"}


def test_what_is_chosen_besides_counts_more_than_all(mine):
    page = changed(mine, "alerts", every="weekly", advice="daily", appeals="immediately")
    assert often(page.click("Change alerts")) == {
        "advice": "daily", "incidents": "weekly", "appeals": "immediately",
    }  # fmt: skip


def test_no_kind_of_alert_at_all_is_explained_and_not_saved(visitor, mine):
    page = changed(mine, "alerts", advice="none", incidents="none")
    sentence = "Keep at least one kind of alert. To get no emails, go back and pause, or stop all of them"
    assert (page.status, page.errors) == (422, [sentence])
    assert often(page) == {}
    assert often(visitor.visit("/preferences/alerts")) == {"advice": "immediately", "incidents": "immediately"}


def test_saving_twice_is_saving_once(mine):
    page = mine.click("Change alerts")
    first, second = page.submit("Save", meetings="weekly"), page.submit("Save", meetings="weekly")
    assert first.text == second.text


def test_of_two_open_pages_each_change_holds(visitor, mine):
    page, other = mine.click("Change alerts"), visitor.visit("/preferences/alerts")
    page.submit("Save", advice="daily")
    other.submit("Save", appeals="weekly")
    assert often(visitor.visit("/preferences/alerts")) == {
        "advice": "daily", "incidents": "immediately", "appeals": "weekly",
    }  # fmt: skip


def test_it_says_how_many_emails_that_is(mine, visitor):
    assert "No alert of these kinds was sent for your areas in the last 30 days." in mine.text
    for title in ("One", "Two", "Three"):
        services.send(title=title)
    services.send(title="Four", alert_type="advice")
    words = "In the last 30 days this was 4 alerts: 1 on crime prevention advice, 3 on incidents and investigations."
    assert f"About 1 email a week. {words}" in visitor.visit("/preferences").text
    assert words in changed(visitor.visit("/preferences"), "alerts", every="daily").text


# --- Where ---


def test_an_added_area_brings_its_alerts_and_a_removed_one_no_more(mine, post, work):
    page = mine.click("Change other areas").submit("Add these areas", areas=[RAVENSBURY])
    assert "You now also get your alerts for Ravensbury, Merton." in page.text
    page = page.submit("Remove St Helier, Merton", area=ST_HELIER)
    assert "You no longer get alerts for St Helier, Merton." in page.text
    assert places(page) == ["Ravensbury, Merton"]
    services.send()
    services.send(codes=[RAVENSBURY], title="In Ravensbury")
    work()
    assert [each["Subject"] for each in post.to(AMARA)][1:] == ["In Ravensbury"]


def test_a_home_ward_that_one_hears_nothing_of_says_so(mine):
    page = mine.click("Change other areas").submit("Add these areas", areas=[RAVENSBURY])
    page = page.submit("Remove St Helier, Merton", area=ST_HELIER).click("Back")
    assert "Home ward St Helier, Merton You get no alerts for it" in page.text


def test_wards_of_another_borough_can_be_added_and_what_is_ticked_stays(mine):
    page = mine.click("Change other areas").submit("Show its wards", borough=KINGSTON, areas=[RAVENSBURY])
    assert [each["value"] for each in page.soup.find_all("input", checked=True)] == [RAVENSBURY]
    page = page.submit("Add these areas", areas=[RAVENSBURY, SURBITON_HILL])
    assert "Ravensbury, Merton and Surbiton Hill, Kingston upon Thames" in page.text
    assert places(page) == ["St Helier, Merton", "Ravensbury, Merton", "Surbiton Hill, Kingston upon Thames"]


def test_a_whole_borough_brings_the_alerts_of_its_wards(mine, post, work):
    page = mine.click("Change other areas").submit("Add these areas", areas=[MERTON])
    page = page.submit("Remove St Helier, Merton", area=ST_HELIER)
    assert "You still get alerts for St Helier, Merton, because you get them for Merton (whole borough)." in page.text
    services.send(codes=[RAVENSBURY])
    work()
    assert "in Merton (whole borough)" in text_of(post.last_to(AMARA))


def test_the_last_area_cannot_be_removed(visitor, mine):
    page = mine.click("Change other areas")
    assert "Remove" not in page.text
    page = visitor.post("/preferences/areas/remove", page.fields(page.form("Add")[0]) | {"area": ST_HELIER})
    sentence = "This is the only area that you get alerts for. Add another before you remove it"
    assert (page.status, page.errors) == (422, [sentence])


# --- Moving ---


def move(page: Page, postcode: str) -> Page:
    return page.click("Change home ward").submit("Continue", postcode=postcode)


def test_who_moves_hears_of_the_new_ward_and_still_of_the_old(mine, post, work):
    page = move(mine, "SM4 6LJ").submit("This is my ward", ward=RAVENSBURY)
    moved = "Your home ward is now Ravensbury, Merton. You still get alerts for St Helier, Merton."
    assert (moved in page.text, places(page)) == (True, ["Ravensbury, Merton", "St Helier, Merton"])
    for ward in (RAVENSBURY, ST_HELIER):
        services.send(codes=[ward])
    work()
    assert len(post.to(AMARA)) == 3


def test_who_moves_may_leave_the_old_ward_behind(mine):
    page = move(mine, "SM4 6LJ").submit("This is my ward", ward=RAVENSBURY, former="stop")
    assert "Your home ward is now Ravensbury, Merton. You get no alerts for St Helier, Merton." in page.text
    assert places(page) == ["Ravensbury, Merton"]


def test_who_finds_the_same_ward_has_changed_nothing(mine):
    page = move(mine, "SM4 6LJ").submit("This is my ward", former="stop")
    assert "Your home ward is St Helier, Merton, as before." in page.text
    assert places(page) == ["St Helier, Merton"]


def test_the_new_ward_can_be_chosen_from_the_list(mine):
    page = mine.click("Change home ward").click("Choose from a list").submit("Continue", borough=KINGSTON)
    page = page.submit("This is my ward", ward=SURBITON_HILL)
    assert "Your home ward is now Surbiton Hill, Kingston upon Thames." in page.text


@pytest.mark.parametrize(
    ("postcode", "h1"),
    [
        ("SM1 3EA", "We have not started in your area yet"),
        ("EC1A 2FG", "You are in the City of London"),
        ("KT16 0LG", "You are outside London"),
    ],
)
def test_who_moves_elsewhere_gets_kind_words_and_keeps_what_they_have(mine, postcode, h1):
    page = move(mine, postcode)
    assert page.h1 == h1
    assert "Nothing has changed: you get your alerts for the same areas as before." in page.text
    assert "Home ward St Helier, Merton" in page.click("Go back to your preferences").text


# --- The link inside an alert ---


def test_an_alerts_link_opens_preferences_without_name_or_address(letter, newcomer):
    newcomer.visit(link_in(letter, "/preferences/open/")).submit(OPEN)
    page = newcomer.visit("/preferences")
    assert "Crime prevention advice: immediately" in page.text
    assert "amara" not in page.html.lower()


def test_an_alerts_link_opens_again_and_again(letter, visitor, newcomer):
    link = link_in(letter, "/preferences/open/")
    assert visitor.visit(link).submit(OPEN).url == "/preferences/alerts"
    assert newcomer.visit(link).submit(OPEN).url == "/preferences/alerts"


def test_changes_by_an_alerts_link_count(letter, newcomer, post, work):
    newcomer.visit(link_in(letter, "/preferences/open/")).submit(OPEN)
    changed(newcomer.visit("/preferences"), "alerts", incidents="none")
    services.send()
    work()
    assert len(post.to(AMARA)) == 1


# --- Leaving ---


def test_leaving_from_the_page_stops_everything(mine, visitor, post, work):
    page = mine.submit(LEAVE)
    assert page.h1 == "You have left"
    services.send()
    ask_for_link(visitor)
    work()
    assert subjects(post)[1:] == [GOODBYE] * 2  # to whoever asks for a link, once more


def test_leaving_while_an_alert_is_on_its_way_stops_it(mine, post, work):
    services.send()
    mine.submit(LEAVE)
    work()
    assert subjects(post)[1:] == [GOODBYE]


def test_the_unsubscribe_link_needs_no_sign_in(letter, newcomer, post, work):
    page = newcomer.visit(link_in(letter, "/unsubscribe/"))
    assert [each.get_text().strip() for each in page.soup.main.find_all("button")] == [LEAVE]
    assert page.submit(LEAVE).h1 == "You have left"
    services.send()
    work()
    assert subjects(post)[1:] == [GOODBYE]


def test_opening_the_unsubscribe_link_stops_nothing(letter, newcomer, post, work):
    newcomer.visit(link_in(letter, "/unsubscribe/"))
    newcomer.ask("HEAD", link_in(letter, "/unsubscribe/"))
    services.send()
    work()
    assert len(post.to(AMARA)) == 2


def test_pressing_stop_twice_is_success(letter, newcomer):
    page = newcomer.visit(link_in(letter, "/unsubscribe/"))
    assert page.submit(LEAVE).h1 == page.submit(LEAVE).h1 == "You have left"
    assert newcomer.visit(link_in(letter, "/unsubscribe/")).h1 == "You have left"


def test_one_click_stops_everything_without_cookie_or_token(letter, newcomer, post, work):
    url = letter["List-Unsubscribe"].strip("<>")
    once, twice = [newcomer.ask("POST", url, data={"List-Unsubscribe": "One-Click"}) for _ in range(2)]
    assert (once.status_code, twice.status_code) == (200, 200)
    services.send()
    work()
    assert subjects(post)[1:] == [GOODBYE]


def test_one_click_needs_no_form_either(letter, newcomer, post, work):
    url = letter["List-Unsubscribe"].strip("<>")
    assert newcomer.ask("POST", url, data=b"", content_type="text/plain").status_code == 200
    services.send()
    work()
    assert subjects(post)[1:] == [GOODBYE]


def test_after_leaving_the_links_of_old_emails_open_nothing(letter, magic, newcomer):
    newcomer.visit(link_in(letter, "/unsubscribe/")).submit(LEAVE)
    assert newcomer.visit(link_in(letter, "/preferences/open/")).h1 == ENDED
    assert newcomer.visit(magic).h1 == ENDED


def test_after_leaving_an_open_page_is_closed(letter, mine, newcomer):
    opened = mine.click("Change alerts")
    newcomer.visit(link_in(letter, "/unsubscribe/")).submit(LEAVE)
    page = opened.submit("Save", advice="daily")
    assert page.soup.find("input", id="email")
    assert "advice" not in page.html


def test_after_coming_back_old_emails_open_nothing_but_stop_everything(letter, visitor, newcomer, post, work):
    newcomer.visit(link_in(letter, "/unsubscribe/")).submit(LEAVE)
    come_back(visitor, post, work)
    assert newcomer.visit(link_in(letter, "/preferences/open/")).h1 == ENDED
    assert newcomer.visit(link_in(letter, "/unsubscribe/")).submit(LEAVE).h1 == "You have left"


def test_a_used_confirmation_does_not_say_signed_up_to_who_left(letter, visitor, newcomer, post, work):
    newcomer.visit(link_in(letter, "/unsubscribe/")).submit(LEAVE)
    confirmation = come_back(visitor, post, work)
    visitor.visit("/preferences").submit(LEAVE)
    assert newcomer.visit(confirmation).h1 == ENDED

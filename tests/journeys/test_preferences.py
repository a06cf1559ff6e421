"""A resident's preferences: asked for by email, seen, changed; and leaving, however they like."""

import pytest

from tests.cast import KINGSTON, MERTON, RAVENSBURY, ST_HELIER, SURBITON_HILL
from tests.page import Page, send_alert, sign_up
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
def letter(signed_in, post, work):
    """An alert as Amara got it."""
    send_alert(signed_in("Farah"))
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


def ticked(page: Page, name: str) -> list[str]:
    return [each["value"] for each in page.soup.find_all("input", attrs={"name": name, "checked": True})]


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
    assert "Amara, amara@example.org" in mine.text
    assert ticked(mine, "types") == ["advice", "incidents"]
    assert ticked(mine, "frequency") == ["immediately"]
    assert ticked(mine, "areas") == [ST_HELIER]


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
    assert "Amara, amara@example.org" in page.submit(OPEN).text
    assert visitor.visit(magic).url == "/preferences"


def test_a_closed_page_is_closed(visitor, mine):
    mine.submit("Close my page")
    assert "amara@example.org" not in visitor.visit("/preferences").html


def test_somebody_who_left_gets_no_link(visitor, post, work):
    ask_for_link(visitor, "esme@example.org")
    work()
    assert not post.letters


# --- See and change ---


def test_changed_types_are_what_arrives_from_then_on(mine, signed_in, post, work):
    page = mine.submit("Save my preferences", types=["meetings"])
    assert "Saved. You now get meetings and events for St Helier, Merton, immediately." in page.text
    send_alert(signed_in("Farah"))
    send_alert(signed_in("Farah"), alert_type="meetings", title="Come to our surgery")
    work()
    assert [each["Subject"] for each in post.to(AMARA)][1:] == ["Come to our surgery"]


def test_changed_areas_are_what_arrives_from_then_on(mine, signed_in, post, work):
    page = mine.submit("Save my preferences", areas=[RAVENSBURY])
    assert ticked(page, "areas") == [RAVENSBURY]
    send_alert(signed_in("Farah"))
    send_alert(signed_in("Farah"), areas=[RAVENSBURY], title="In Ravensbury")
    work()
    assert [each["Subject"] for each in post.to(AMARA)][1:] == ["In Ravensbury"]


def test_a_weekly_digest_does_not_come_at_once(mine, signed_in, post, work):
    page = mine.submit("Save my preferences", frequency="weekly")
    assert ticked(page, "frequency") == ["weekly"]
    send_alert(signed_in("Farah"))
    work()
    assert len(post.to(AMARA)) == 1


def test_wards_of_another_borough_can_be_added(mine):
    page = mine.submit("Save, and show its wards", borough=KINGSTON)
    page = page.submit("Save my preferences", areas=[ST_HELIER, SURBITON_HILL])
    assert "St Helier, Merton and Surbiton Hill, Kingston upon Thames" in page.text
    assert ticked(page, "areas") == [ST_HELIER, SURBITON_HILL]


def test_a_whole_borough_brings_the_alerts_of_its_wards(mine, signed_in, post, work):
    mine.submit("Save my preferences", areas=[MERTON])
    send_alert(signed_in("Farah"), areas=[RAVENSBURY])
    work()
    assert "in Merton (whole borough)" in text_of(post.last_to(AMARA))


@pytest.mark.parametrize(
    ("button", "nothing", "sentence"),
    [
        ("Save my preferences", {"types": []}, "Select what you want to hear about"),
        ("Save my preferences", {"areas": []}, "Select at least one area, or stop all emails at the end of this page"),
        ("Save my preferences", {"frequency": []}, "Select how often you want emails"),
    ],
)
def test_nothing_at_all_is_explained_and_not_saved(visitor, mine, button, nothing, sentence):
    page = mine.submit(button, **nothing)
    assert (page.status, page.errors) == (422, [sentence])
    assert ticked(visitor.visit("/preferences"), "types") == ["advice", "incidents"]


def test_saving_twice_is_saving_once(mine):
    first = mine.submit("Save my preferences", types=["meetings"])
    assert mine.submit("Save my preferences", types=["meetings"]).text == first.text


def test_of_two_open_pages_the_one_saved_last_counts(visitor, mine):
    other = visitor.visit("/preferences")
    mine.submit("Save my preferences", frequency="daily")
    page = other.submit("Save my preferences", types=["appeals"])
    assert ticked(page, "frequency") == ["immediately"]
    assert ticked(page, "types") == ["appeals"]


# --- The link inside an alert ---


def test_an_alerts_link_opens_preferences_without_name_or_address(letter, newcomer):
    page = newcomer.visit(link_in(letter, "/preferences/open/")).submit(OPEN)
    assert ticked(page, "types") == ["advice", "incidents"]
    assert "amara" not in page.html.lower()


def test_an_alerts_link_opens_again_and_again(letter, visitor, newcomer):
    link = link_in(letter, "/preferences/open/")
    assert visitor.visit(link).submit(OPEN).url == "/preferences"
    assert newcomer.visit(link).submit(OPEN).url == "/preferences"


def test_changes_by_an_alerts_link_count(letter, newcomer, signed_in, post, work):
    page = newcomer.visit(link_in(letter, "/preferences/open/")).submit(OPEN)
    page.submit("Save my preferences", types=["results"])
    send_alert(signed_in("Farah"))
    work()
    assert len(post.to(AMARA)) == 1


# --- Leaving ---


def test_leaving_from_the_page_stops_everything(mine, visitor, signed_in, post, work):
    page = mine.submit(LEAVE)
    assert page.h1 == "You have left"
    send_alert(signed_in("Farah"))
    ask_for_link(visitor)
    work()
    assert subjects(post)[1:] == [GOODBYE]


def test_leaving_while_an_alert_is_on_its_way_stops_it(mine, signed_in, post, work):
    send_alert(signed_in("Farah"))
    mine.submit(LEAVE)
    work()
    assert subjects(post)[1:] == [GOODBYE]


def test_the_unsubscribe_link_needs_no_sign_in(letter, newcomer, signed_in, post, work):
    page = newcomer.visit(link_in(letter, "/unsubscribe/"))
    assert [each.get_text().strip() for each in page.soup.main.find_all("button")] == [LEAVE]
    assert page.submit(LEAVE).h1 == "You have left"
    send_alert(signed_in("Farah"))
    work()
    assert subjects(post)[1:] == [GOODBYE]


def test_opening_the_unsubscribe_link_stops_nothing(letter, newcomer, signed_in, post, work):
    newcomer.visit(link_in(letter, "/unsubscribe/"))
    newcomer.ask("HEAD", link_in(letter, "/unsubscribe/"))
    send_alert(signed_in("Farah"))
    work()
    assert len(post.to(AMARA)) == 2


def test_pressing_stop_twice_is_success(letter, newcomer):
    page = newcomer.visit(link_in(letter, "/unsubscribe/"))
    assert page.submit(LEAVE).h1 == page.submit(LEAVE).h1 == "You have left"
    assert newcomer.visit(link_in(letter, "/unsubscribe/")).h1 == "You have left"


def test_one_click_stops_everything_without_cookie_or_token(letter, newcomer, signed_in, post, work):
    url = letter["List-Unsubscribe"].strip("<>")
    once, twice = [newcomer.ask("POST", url, data={"List-Unsubscribe": "One-Click"}) for _ in range(2)]
    assert (once.status_code, twice.status_code) == (200, 200)
    send_alert(signed_in("Farah"))
    work()
    assert subjects(post)[1:] == [GOODBYE]


def test_one_click_needs_no_form_either(letter, newcomer, signed_in, post, work):
    url = letter["List-Unsubscribe"].strip("<>")
    assert newcomer.ask("POST", url, data=b"", content_type="text/plain").status_code == 200
    send_alert(signed_in("Farah"))
    work()
    assert subjects(post)[1:] == [GOODBYE]


def test_after_leaving_the_links_of_old_emails_open_nothing(letter, magic, newcomer):
    newcomer.visit(link_in(letter, "/unsubscribe/")).submit(LEAVE)
    assert newcomer.visit(link_in(letter, "/preferences/open/")).h1 == ENDED
    assert newcomer.visit(magic).h1 == ENDED


def test_after_leaving_an_open_page_is_closed(letter, mine, newcomer):
    newcomer.visit(link_in(letter, "/unsubscribe/")).submit(LEAVE)
    page = mine.submit("Save my preferences", frequency="daily")
    assert page.soup.find("input", id="email")
    assert "frequency" not in page.html


def test_after_coming_back_the_links_of_old_emails_stay_ended(letter, visitor, newcomer, post, work):
    newcomer.visit(link_in(letter, "/unsubscribe/")).submit(LEAVE)
    come_back(visitor, post, work)
    assert newcomer.visit(link_in(letter, "/preferences/open/")).h1 == ENDED
    assert newcomer.visit(link_in(letter, "/unsubscribe/")).h1 == ENDED


def test_a_used_confirmation_does_not_say_signed_up_to_who_left(letter, visitor, newcomer, post, work):
    newcomer.visit(link_in(letter, "/unsubscribe/")).submit(LEAVE)
    confirmation = come_back(visitor, post, work)
    ask_for_link(visitor)
    work()
    visitor.visit(link_in(post.last_to(AMARA), "/preferences/open/")).submit(OPEN).submit(LEAVE)
    assert newcomer.visit(confirmation).h1 == ENDED

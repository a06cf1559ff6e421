"""Signing up, as residents do it: HTTP in, emails out."""

import pytest

from tests import services
from tests.cast import KINGSTON, MERTON, RAVENSBURY, ST_HELIER, SUTTON, WANDLE_IN_MERTON
from tests.page import ANSWERS, answer_survey, sign_up
from tests.services import link_in, text_of

CLEO, AMARA, NOBODY = "cleo@example.org", "amara@example.org", "nobody@example.org"
WELCOME = "You are signed up for St Helier, Merton: this is your team"


def confirm(visitor, letter):
    """Follow the link in the email and press its button."""
    return visitor.visit(link_in(letter, "/confirm/")).submit("Yes, send me these")


def confirmed_choice(visitor, letter) -> str:
    """What the page behind an email's link reads back."""
    return visitor.visit(link_in(letter, "/confirm/")).text


# --- From the postcode to the confirmed page ---


def test_somebody_signs_up_by_postcode(visitor, post, work):
    page = sign_up(visitor)
    assert page.h1 == "Check your email"
    assert CLEO in page.text
    work()
    page = confirm(visitor, post.last_to(CLEO))
    assert page.h1 == "You are signed up"
    assert "St Helier, Merton" in page.text


def test_somebody_signs_up_from_the_list_of_boroughs(visitor, post, work):
    page = visitor.visit("/sign-up/").click("Choose from a list of boroughs")
    page = answer_survey(page).submit("Agree and sign up", agree="y")
    work()
    assert "St Helier, Merton" in confirm(visitor, post.last_to(CLEO)).text


def test_half_a_postcode_offers_its_wards(visitor):
    page = visitor.visit("/sign-up/").submit("Continue", postcode="sm4")
    offered = [each["value"] for each in page.soup.find_all("input", type="radio")]
    assert {ST_HELIER, RAVENSBURY} <= set(offered)
    assert WANDLE_IN_MERTON not in offered


def test_somebody_signs_up_by_half_a_postcode(visitor, post, work):
    sign_up(visitor, postcode={"postcode": "SM4"})
    work()
    assert "St Helier, Merton" in confirm(visitor, post.last_to(CLEO)).text


def test_the_postcodes_own_ward_is_chosen_already_and_may_be_changed(visitor):
    page = visitor.visit("/sign-up/").submit("Continue", postcode="SM4 6LJ")
    assert page.soup.find("input", checked=True)["value"] == ST_HELIER
    page = answer_survey(page, ward={"ward": RAVENSBURY})
    assert "Ravensbury, Merton" in page.text


def test_the_last_page_names_the_team_and_what_comes_next(visitor, post, work):
    sign_up(visitor, frequency={"frequency": "weekly"})
    work()
    page = confirm(visitor, post.last_to(CLEO))
    assert "St Helier team : PC Farah" in page.text
    assert "on Saturday at 8:30am" in page.text
    assert "999" in page.text


def test_alerts_come_only_after_confirming(visitor, post, work):
    sign_up(visitor)
    work()
    letter = post.last_to(CLEO)
    services.send(title="Before")
    work()
    confirm(visitor, letter)
    services.send(title="After")
    work()
    assert [each["Subject"] for each in post.to(CLEO)][1:] == [WELCOME, "After"]


def test_another_ward_brings_its_alerts_too(visitor, post, work):
    sign_up(visitor, areas={"areas": [RAVENSBURY]})
    work()
    confirm(visitor, post.last_to(CLEO))
    services.send(codes=[RAVENSBURY])
    work()
    assert "in Ravensbury, Merton" in text_of(post.last_to(CLEO))


def test_wards_of_another_borough_can_be_ticked(visitor):
    page = answer_survey(visitor.visit("/sign-up/"), until="areas")
    page = page.submit("Show its wards", areas=[RAVENSBURY], borough=KINGSTON)
    assert page.soup.find("input", value=RAVENSBURY, checked=True)
    page = answer_survey(page, areas={"areas": [RAVENSBURY, "E05013944"]})
    assert "Ravensbury, Merton" in page.text
    assert "Surbiton Hill, Kingston upon Thames" in page.text


def test_the_confirmation_says_why_it_came_and_how_to_stop_it(visitor, post, work):
    sign_up(visitor)
    work()
    text = text_of(post.last_to(CLEO))
    assert "signed up" in text
    assert "If it was not you, do nothing" in text
    assert "999" in text


# --- Answers ---


def test_the_check_page_reads_every_answer_back(visitor):
    page = answer_survey(visitor.visit("/sign-up/"), areas={"areas": [RAVENSBURY, MERTON]})
    said = [each.get_text(" ", strip=True) for each in page.soup.select(".govuk-summary-list__value")]
    assert said == [
        "SM4 6LJ",
        "St Helier, Merton",
        "Ravensbury, Merton Merton (whole borough)",
        "Crime prevention advice Incidents and investigations",
        "Burglary Fraud and scams",
        "1. Fraud and scams",
        "Immediately, as each alert is sent",
        "Cleo",
        CLEO,
    ]


def test_none_of_these_concerns_is_an_answer_without_an_order(visitor):
    page = answer_survey(visitor.visit("/sign-up/"), concerns={"concerns": ["none"]}, name={"name": ""})
    assert "What concerns you None of these" in page.text
    assert "What matters most" not in page.text
    assert "Name Not provided" in page.text


def test_one_concern_needs_no_order(visitor):
    page = answer_survey(visitor.visit("/sign-up/"), until="concerns")
    assert page.submit("Continue", concerns=["drugs"]).url == "/sign-up/frequency"


def test_a_likely_typo_is_pointed_out_and_let_through(visitor, post, work):
    page = answer_survey(visitor.visit("/sign-up/"), email={"email": "cleo@homtail.com"})
    assert "Perhaps you meant cleo@hotmail.com" in page.text
    page.submit("Agree and sign up", agree="y")
    work()
    assert post.to("cleo@homtail.com")


def test_it_says_how_many_emails_each_frequency_would_bring(visitor):
    for number in range(4):
        services.send(title=f"Number {number}")
    page = answer_survey(visitor.visit("/sign-up/"), until="frequency")
    assert "In the last 30 days this was 4 alerts: 4 on incidents and investigations." in page.text
    assert "as each alert is sent About 1 email a week Daily" in page.text
    assert page.text.count("Less than one email a week") == 2


def test_it_says_once_that_nothing_was_sent(visitor):
    page = answer_survey(visitor.visit("/sign-up/"), until="frequency")
    assert page.text.count("No alert of these kinds was sent for your areas in the last 30 days.") == 1
    assert "emails a week" not in page.text


def test_it_counts_the_emails_of_what_is_ticked_and_keeps_nothing(visitor):
    services.send()
    page = answer_survey(visitor.visit("/sign-up/"), until="types")
    page = page.submit("How many emails is that?", types=["incidents", "appeals", "homicides"])
    assert "In the last 30 days this was 1 alert, on incidents and investigations." in page.text
    assert [each["value"] for each in page.soup.find_all("input", checked=True)] == ["incidents", "appeals"]
    assert visitor.visit("/sign-up/frequency").url == "/sign-up/types"


def test_changing_the_types_goes_back_to_the_answers_after_counting(visitor):
    page = answer_survey(visitor.visit("/sign-up/")).click("Change alerts")
    page = page.submit("How many emails is that?", types=["appeals"])
    assert page.submit("Continue").url == "/sign-up/check"


def test_two_concerns_are_put_in_order(visitor):
    page = answer_survey(visitor.visit("/sign-up/"), until="rank")
    assert "Put them in order" in page.text
    assert len(page.soup.find_all("select")) == 2


def test_it_does_not_go_on_without_consent(visitor, post, work):
    page = answer_survey(visitor.visit("/sign-up/")).submit("Agree and sign up")
    assert page.status == 422
    assert page.errors == ["Tick the box to agree, so that we may keep your answers and write to you"]
    work()
    assert not post.letters


# --- Back, Change, reload, two tabs, jumping ahead ---


def test_back_leads_through_every_question_with_its_answer(visitor):
    page, seen = answer_survey(visitor.visit("/sign-up/")), []
    while page.url != "/":
        page = page.click("Back")
        seen.append(page.url.removeprefix("/sign-up/"))
    assert seen == ["email", "name", "frequency", "rank", "concerns", "types", "areas", "ward", "postcode", "/"]
    assert answer_survey(visitor.visit("/sign-up/email"), email={}).url == "/sign-up/check"


def test_change_returns_to_the_check_page(visitor):
    page = answer_survey(visitor.visit("/sign-up/"))
    for link in page.soup.select(".govuk-summary-list__actions a"):
        question = visitor.visit(link["href"])
        assert question.click("Back").url == "/sign-up/check"
        assert question.submit("Continue").url == "/sign-up/check", question.url


def test_a_changed_answer_is_the_one_that_counts(visitor, post, work):
    page = answer_survey(visitor.visit("/sign-up/")).click("Change how often").submit("Continue", frequency="daily")
    page.submit("Agree and sign up", agree="y")
    work()
    assert "Daily" in confirmed_choice(visitor, post.last_to(CLEO))


def test_another_postcode_asks_for_the_ward_again_and_nothing_else(visitor):
    page = answer_survey(visitor.visit("/sign-up/")).click("Change postcode").submit("Continue", postcode="KT6 7UQ")
    assert page.url == "/sign-up/ward"
    page = page.submit("Continue")
    assert page.url == "/sign-up/check"
    assert "Surbiton Hill, Kingston upon Thames" in page.text


def test_another_concern_asks_for_their_order_again(visitor):
    page = answer_survey(visitor.visit("/sign-up/"), concerns={"concerns": ["drugs"]})
    page = page.click("Change what concerns you").submit("Continue", concerns=["drugs", "fraud"])
    assert page.url == "/sign-up/rank"
    assert page.submit("Continue", first="drugs").url == "/sign-up/check"


def test_the_list_of_boroughs_takes_the_place_of_the_postcode(visitor):
    page = answer_survey(visitor.visit("/sign-up/"))
    page = page.click("Change your ward").click("Choose from a list of boroughs")
    page = answer_survey(page.submit("Continue", borough=KINGSTON), ward={"ward": "E05013944"})
    assert "Borough Kingston upon Thames" in page.text
    assert "SM4 6LJ" not in page.text


def test_reloading_shows_the_same_page(visitor):
    page, last = visitor.visit("/sign-up/"), ""
    while page.url != last:
        assert visitor.visit(page.url).text == page.text
        last = page.url
        page = page.submit("Continue", **ANSWERS[last.rsplit("/")[-1]]) if last != "/sign-up/check" else page


def test_a_form_sent_again_by_reload_goes_on_as_before(visitor):
    page = answer_survey(visitor.visit("/sign-up/"), until="types")
    first = page.submit("Continue", types=["advice"])
    again = page.submit("Continue", types=["advice"])
    assert (again.url, again.text) == (first.url, first.text)


def test_two_tabs_share_one_set_of_answers(visitor):
    left = answer_survey(visitor.visit("/sign-up/"), until="types")
    right = answer_survey(visitor.visit(left.url))
    left = left.submit("Continue", types=["meetings"])
    assert left.url == "/sign-up/concerns"
    assert "Meetings and events" in visitor.visit(right.url).text


def test_a_tab_left_at_a_ward_that_is_no_longer_offered_asks_again(visitor):
    left = visitor.visit("/sign-up/").submit("Continue", postcode="SM4 6LJ")
    visitor.visit("/sign-up/borough").submit("Continue", borough=KINGSTON)
    page = left.submit("Continue", ward=ST_HELIER)
    assert page.status == 422
    assert page.errors == ["Select your ward"]


def test_jumping_ahead_leads_to_the_first_unanswered_question(visitor):
    ahead = [f"/sign-up/{name}" for name in [*list(ANSWERS)[2:], "check", "sent"]]
    assert {visitor.visit(url).url for url in ahead} == {"/sign-up/postcode"}
    visitor.visit("/sign-up/").submit("Continue", postcode="SM4 6LJ")
    assert {visitor.visit(url).url for url in ahead} == {"/sign-up/ward"}


def test_posting_ahead_leads_to_the_first_unanswered_question(visitor):
    page = visitor.visit("/sign-up/")
    token = page.soup.find("input", attrs={"name": "csrf_token"})["value"]
    page = visitor.post("/sign-up/email", {"email": CLEO, "csrf_token": token})
    assert page.url == "/sign-up/postcode"
    assert visitor.post("/sign-up/check", {"agree": "y", "csrf_token": token}).url == "/sign-up/postcode"


def test_no_question_has_a_name_that_was_not_asked(visitor):
    assert visitor.visit("/sign-up/shoe-size").status == 404


# --- Twice ---


def test_pressing_submit_twice_sends_one_email(visitor, post, work):
    page = answer_survey(visitor.visit("/sign-up/"))
    first = page.submit("Agree and sign up", agree="y")
    again = page.submit("Agree and sign up", agree="y")
    assert again.text == first.text
    work()
    assert len(post.to(CLEO)) == 1


def test_opening_the_link_confirms_nothing(visitor, newcomer, post, work):
    sign_up(visitor)
    work()
    link = link_in(post.last_to(CLEO), "/confirm/")
    assert visitor.visit(link).h1 == newcomer.visit(link).h1 == "Confirm that you want these emails"
    assert visitor.visit(f"{link}/done").h1 == "Confirm that you want these emails"


def test_pressing_the_button_twice_is_success(visitor, newcomer, post, work):
    sign_up(visitor)
    work()
    link = link_in(post.last_to(CLEO), "/confirm/")
    left, right = visitor.visit(link), newcomer.visit(link)
    assert left.submit("Yes, send me these").h1 == "You are signed up"
    assert right.submit("Yes, send me these").h1 == "You are signed up"
    assert newcomer.visit(link).h1 == "You are signed up"


def test_a_known_address_gets_the_same_page(visitor):
    pages = {
        sign_up(visitor, email={"email": address}).text.replace(address, "")
        for address in (NOBODY, AMARA, CLEO, "dov@example.org", "esme@example.org")
    }
    assert len(pages) == 1


def test_a_confirmed_resident_who_signs_up_again_gets_their_preferences_link(visitor, post, work):
    sign_up(visitor, email={"email": AMARA}, types={"types": ["meetings"]}, name={"name": "Esme"})
    work()
    letter = post.last_to(AMARA)
    assert letter["Subject"] == "You are signed up already"
    page = visitor.visit(link_in(letter, "/preferences/open/")).submit("Open my preferences")
    assert "Name Amara Change name Email address amara@example.org" in page.text
    assert "Crime prevention advice: immediately Incidents and investigations: immediately No emails:" in page.text


def test_a_second_sign_up_does_not_wipe_the_first(visitor, newcomer, post, work):
    sign_up(visitor)
    sign_up(newcomer, types={"types": ["meetings"]}, frequency={"frequency": "daily"})
    work()
    first, second = post.to(CLEO)
    assert "incidents and investigations" in confirmed_choice(visitor, first).lower()
    assert "Meetings and events" in confirmed_choice(visitor, second)
    assert "each alert as your team sends it" in confirm(visitor, first).text


def test_somebody_who_left_may_sign_up_again(visitor, post, work):
    sign_up(visitor, email={"email": "esme@example.org"})
    work()
    assert confirm(visitor, post.last_to("esme@example.org")).h1 == "You are signed up"


def test_a_bounced_address_gets_no_email(visitor, post, work):
    sign_up(visitor, email={"email": "dov@example.org"})
    work()
    assert not post.letters


def test_a_lost_confirmation_can_be_asked_for_again(visitor, post, work):
    page = sign_up(visitor).click("ask us to send the email again")
    page.submit("Send me the link", email=CLEO)
    work()
    assert len(post.to(CLEO)) == 2
    assert confirm(visitor, post.last_to(CLEO)).h1 == "You are signed up"


# --- Other places ---


def test_the_city_has_its_own_force(visitor):
    page = visitor.visit("/sign-up/").submit("Continue", postcode="EC1A 2FG")
    assert page.h1 == "You are in the City of London"
    assert "City of London Police" in page.text


def test_surrey_has_its_own_force(visitor):
    page = visitor.visit("/sign-up/").submit("Continue", postcode="KT16 0LG")
    assert page.h1 == "You are outside London"
    assert "Surrey" in page.text


def test_the_city_in_the_list_has_its_own_force(visitor):
    page = visitor.visit("/sign-up/borough").submit("Continue", borough="E09000001")
    assert page.h1 == "You are in the City of London"


@pytest.mark.parametrize(("where", "value"), [("postcode", "SM1 3EA"), ("borough", SUTTON)])
def test_a_borough_that_has_not_started_takes_an_address(visitor, where, value):
    page = visitor.visit(f"/sign-up/{where}").submit("Continue", **{where: value})
    assert page.h1 == "We have not started in your area yet"
    page = page.submit("Write to me once", email=CLEO)
    assert page.h1 == "We will write to you once"
    assert "Sutton" in page.text


def test_another_place_leaves_the_survey_as_it_was(visitor):
    page = visitor.visit("/sign-up/").submit("Continue", postcode="SM1 3EA").click("Back")
    assert page.url == "/sign-up/postcode"
    assert answer_survey(page).url == "/sign-up/check"


def wait_for_sutton(visitor):
    page = visitor.visit("/sign-up/").submit("Continue", postcode="SM1 3EA")
    return page.submit("Write to me once", email=CLEO)


def test_starting_a_borough_writes_to_those_who_wait_once(app, visitor, newcomer, post, work):
    wait_for_sutton(visitor)
    wait_for_sutton(newcomer)
    runner = app.test_cli_runner()
    assert "1 person" in runner.invoke(args=["areas", "start", SUTTON]).output
    work()
    assert runner.invoke(args=["areas", "start", SUTTON]).exit_code == 1
    work()
    (letter,) = post.to(CLEO)
    assert letter["Subject"] == "Met Engage has started in Sutton"
    assert "we have deleted your address" in text_of(letter)


def test_a_started_borough_can_be_signed_up_for(app, visitor, post, work):
    wait_for_sutton(visitor)
    app.test_cli_runner().invoke(args=["areas", "start", SUTTON])
    work()
    page = visitor.visit(link_in(post.last_to(CLEO), "/sign-up/")).submit("Continue", postcode="SM1 3EA")
    assert page.url == "/sign-up/ward"
    assert "Sutton North, Sutton" in page.text

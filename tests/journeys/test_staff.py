"""Officers come, are away, hand over and go, as they and residents see it."""

import re
from datetime import timedelta

from metengage import db
from tests import cast, services
from tests.page import Page, Visitor, write_alert

WORDS = "three blue lamps"


def added(idris: Visitor) -> str:
    """The link that is handed to Rani."""
    page = idris.visit("/officers/team").submit("Add an officer")
    team = str(cast.team("St Helier").id)
    page = page.submit("Add the officer", name="PC Rani", email="Rani@example.org", role="officer", teams=[team])
    assert page.h1 == "PC Rani is added"
    return re.search(r"/officers/begin/\S+", page.text)[0]


def enter_code(page: Page) -> Page:
    """Set up the second factor that this page offers."""
    key = "".join(page.soup.select_one(".site-key").get_text().split())
    return page.submit("Use this as my second factor", code=services.code_by_key(key, db.now() - timedelta(seconds=30)))


def test_a_new_officer_chooses_a_password_sets_up_a_second_factor_and_signs_in_by_both(signed_in, newcomer, visitor):
    page = newcomer.visit(added(signed_in("Idris")))
    assert "PC Rani" in page.text
    page = enter_code(page.submit("Choose this password", new_password=WORDS))
    assert len(page.soup.select(".site-codes li")) == 10
    recovery = page.soup.select_one(".site-codes code").get_text()
    page = visitor.visit("/officers/").submit("Sign in", email="rani@example.org", password=WORDS)
    assert page.h1 == "Enter your code"
    assert visitor.visit("/officers/alerts").url == "/officers/sign-in"
    page = visitor.visit("/officers/sign-in").submit("Sign in", email="rani@example.org", password=WORDS)
    assert page.submit("Sign in", code=recovery).h1 == "Alerts"
    assert "9 recovery codes are left" in visitor.visit("/officers/account").text


def test_the_link_works_once_and_opening_it_does_nothing(signed_in, newcomer):
    link = added(signed_in("Idris"))
    assert [newcomer.visit(link).status for _ in range(2)] == [200, 200]
    newcomer.visit(link).submit("Choose this password", new_password=WORDS)
    page = newcomer.visit(link)
    assert (page.status, page.h1) == (410, "This link no longer works")


def test_a_bad_password_is_explained(signed_in, newcomer):
    page = newcomer.visit(added(signed_in("Idris")))
    for bad in ("", "short", "password1234"):
        answer = page.submit("Choose this password", new_password=bad)
        assert (answer.status, len(answer.errors)) == (422, 1)


def test_who_is_reset_chooses_anew(signed_in, newcomer):
    services.rani()
    page = signed_in("Hana").visit("/officers/team").click("St Helier team").click("PC Rani")
    page = page.submit("Reset password").submit("Reset PC Rani")
    link = re.search(r"/officers/begin/\S+", page.text)[0]
    page = newcomer.visit(link).submit("Choose this password", new_password=WORDS)
    assert page.h1 == "Set up your second factor"


def test_an_officer_is_found_by_name(signed_in):
    idris = signed_in("Idris")
    page = idris.visit("/officers/team/officers?search=gus")
    assert [link.get_text() for link in page.soup.select(".site-item a")] == ["PC Gus"]
    page = page.submit("Search", search="nobody at all")
    assert "Nobody has “nobody at all” in their name or email address." in page.text
    assert len(page.click("Show everybody").soup.select(".site-item")) == 3


def test_a_leaver_is_out_and_a_colleague_goes_on_with_the_drafts(signed_in):
    rani, farah, hana = services.rani(), signed_in("Farah"), signed_in("Hana")
    write_alert(farah)
    page = hana.visit("/officers/team").submit("Your officers").click("PC Farah")
    page = page.submit("Suspend").submit("Suspend PC Farah")
    assert farah.visit("/officers/alerts").url == "/officers/sign-in"
    page = page.submit("Hand over their work")
    page = page.submit("Hand over", officer=str(rani.id))
    assert "1 draft and 0 concerns of PC Farah handed over to PC Rani." in page.text
    assert page.submit("Let them back").status == 200


def test_residents_ask_for_the_contact_or_who_covers(signed_in, visitor):
    rani, hana, farah = services.rani(), signed_in("Hana"), signed_in("Farah")
    page = hana.visit("/officers/team").click("St Helier team")
    page.submit("Save the contact", contact=str(cast.officer("Farah").id))
    assert "Ask for PC Farah" in visitor.visit(f"/areas/{cast.ST_HELIER}").text
    page = farah.visit("/officers/account").submit("Say who covers for you")
    back = db.now() + timedelta(days=9)
    page.submit("Save", back=[str(back.day), str(back.month), str(back.year)], cover=str(rani.id))
    shown = visitor.visit(f"/areas/{cast.ST_HELIER}").text
    assert "Ask for PC Rani" in shown
    assert "away" not in shown
    farah.visit("/officers/account").submit("I am back")
    assert "Ask for PC Farah" in visitor.visit(f"/areas/{cast.ST_HELIER}").text


def test_who_covers_reads_so_on_the_list_of_alerts(signed_in):
    farah, hana = signed_in("Farah"), signed_in("Hana")
    back = db.now() + timedelta(days=9)
    page = farah.visit("/officers/account/cover")
    page.submit("Save", back=[str(back.day), str(back.month), str(back.year)], cover=str(cast.officer("Hana").id))
    assert "You cover for PC Farah until" in hana.visit("/officers/alerts").soup.get_text()


def test_a_ward_moves_and_it_is_said_from_where(signed_in):
    page = signed_in("Idris").visit("/officers/team").click("Surbiton Hill team")
    page = page.submit("Give the ward", ward=cast.RAVENSBURY)
    assert "This team looks after Ravensbury, Merton now. St Helier team looks after it no longer." in page.text


def test_an_administrator_adds_and_renames_a_team(signed_in):
    page = signed_in("Idris").visit("/officers/team").submit("Add a team")
    page = page.submit("Add the team", name="Abbey team", phone="101", email="abbey@example.org")
    page = page.submit("Change name").submit("Save", name="St Helier team")
    assert (page.status, page.errors) == (422, ["There is a team with this name already. Choose another name"])


def test_a_story_goes_to_another_team(signed_in):
    story = services.story()
    page = signed_in("Idris").visit("/officers/team").click("St Helier team").submit("Hand a story over")
    page = page.submit("Hand the story over", story=str(story.id), team=str(cast.team("Surbiton Hill").id))
    assert "Surbiton Hill team goes on with “Moped thefts”. 0 drafts went with it." in page.text


def test_a_changed_password_signs_out_everywhere_else(signed_in):
    here, there = signed_in("Farah"), signed_in("Farah")
    page = here.visit("/officers/account").submit("Change your password")
    wrong = page.submit("Change your password", password="wrong", new_password=WORDS)
    assert (wrong.status, wrong.errors) == (422, ["This is not your password until now. Check it and try again"])
    page = page.submit("Change your password", password=cast.PASSWORD, new_password=WORDS)
    assert page.h1 == "My account"
    assert there.visit("/officers/alerts").url == "/officers/sign-in"


def test_new_recovery_codes_need_the_password(signed_in):
    services.set_up_second_factor("Farah", db.now() - timedelta(minutes=5))
    farah = Visitor(signed_in("Gus").client.application.test_client())
    page = farah.visit("/officers/").submit("Sign in", email="farah@met.example.org", password=cast.PASSWORD)
    page.submit("Sign in", code=services.code_of(cast.officer("Farah"), db.now()))
    page = farah.visit("/officers/account").submit("Make new recovery codes")
    assert page.submit("Make new recovery codes", password="wrong").status == 422
    assert len(page.submit("Make new recovery codes", password=cast.PASSWORD).soup.select(".site-codes li")) == 10

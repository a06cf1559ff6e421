"""Priorities at their doors: what is wrong in a form, what is public, what machines read, what is overdue."""

import csv
import json
from datetime import timedelta

import pytest

from metengage import db, links, priorities, votes
from metengage.models import Action, Link, Priority, Subscription, Vote
from tests import brought, cast, services
from tests.cast import MERTON, RAVENSBURY, ST_HELIER
from tests.page import Page, Visitor

DAY = timedelta(days=1)
LONG = "x" * 10_000
NOBODYS = [0, 2, 2147483647, "2147483648", "9" * 30, "-1", "x", "%00"]
WARD = f"/officers/priorities/wards/{ST_HELIER}"


@pytest.fixture
def mopeds(app) -> Priority:
    """What St Helier's team works on, which has the id 1."""
    return services.priority("Mopeds")


@pytest.fixture
def farah(signed_in) -> Visitor:
    return signed_in("Farah")


def open_page(visitor: Visitor, name: str = "Amara", weak: bool = False) -> None:
    resident = cast.resident(name)
    token = links.sign(links.PREFERENCES, resident) if weak else links.issue(Link.SIGN_IN, resident, db.now())
    visitor.visit(f"/preferences/open/{token}").submit("Open my preferences")


# --- What is wrong in a form ---


@pytest.mark.parametrize(
    ("issue", "sentence"),
    [
        ("", "Enter what residents ask for"),
        (LONG, "Use 120 characters or fewer; it has 10,000"),
        ("Kyle Walsh, 14, was arrested for mopeds", "A child named beside an arrest or a court"),
        ("Officers arrested Kyle Walsh for the mopeds", "Take it out: a priority never needs a name"),
    ],
)
def test_what_cannot_be_proposed_is_explained_and_kept(farah, issue, sentence):
    page = farah.visit(WARD).submit("Propose it", issue=issue, theme="drugs")
    assert (page.status, len(page.errors)) == (422, 1)
    assert sentence in page.errors[0]
    assert page.soup.find(id="issue")["value"] == issue if issue else True
    assert Priority.select().count() == 0


@pytest.mark.parametrize("theme", ["nothing", "\0", LONG])
def test_a_theme_that_there_is_not_is_none(farah, theme):
    farah.visit(WARD).submit("Propose it", issue="Mopeds", theme=theme)
    assert Priority.get().theme is None


def test_setting_needs_a_plan_and_a_day_within_three_months(farah, app):
    proposal = services.proposal("Bikes")
    page = farah.visit(f"/officers/priorities/{proposal.id}")
    far = (db.now() + 100 * DAY).date()
    day = [str(far.day), str(far.month), str(far.year)]
    page = page.submit("Set as a priority", plan="", review_on=day)
    assert page.errors[0] == "Enter what the team will do"
    assert page.errors[1].startswith("Choose a day within three months")
    assert page.fields(page.form("Set as a priority")[0])["review_on"] == day


def test_what_is_only_saved_needs_neither(farah, app):
    proposal = services.proposal("Bikes")
    page = farah.visit(f"/officers/priorities/{proposal.id}").submit(
        "Save, and leave it proposed", issue="Bikes stolen"
    )
    assert (page.h1, Priority.get().is_proposed) == ("Bikes stolen", True)


def test_a_fourth_is_refused_and_says_what_to_do(farah, app):
    for issue in ("One", "Two", "Three"):
        services.priority(issue)
    page = farah.visit(f"/officers/priorities/{services.proposal('Four').id}").submit("Set as a priority", plan="All.")
    assert "has 3 priorities already" in page.errors[0]


def test_an_owner_who_is_not_of_the_team_is_refused(farah, mopeds):
    page = farah.visit("/officers/priorities/1").submit("Save", owner=str(cast.officer("Gus").id))
    assert page.errors == ["Choose who looks after it"]
    assert Priority.get().owner == cast.officer("Farah")


def test_words_that_were_changed_meanwhile_are_not_overwritten_unseen(farah, mopeds):
    page = farah.visit("/officers/priorities/1")
    priorities.change(mopeds, cast.officer("Hana"), mopeds.revision, db.now(), issue="Hana’s words")
    page = page.submit("Save", issue="Farah’s words")
    assert (page.status, Priority.get().issue) == (409, "Hana’s words")
    page.submit("Save")
    assert Priority.get().issue == "Farah’s words"


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"text": ""}, "Enter what you did"),
        ({"text": "We arrested Kyle Walsh on suspicion of theft."}, "Take it out"),
        ({"text": "Done.", "done_on": ["1", "1", "2099"]}, "Choose today or an earlier day"),
        ({"text": "Done.", "done_on": ["x", "1", "2026"]}, "Enter a real date"),
        ({"text": LONG}, "Use 1,000 characters or fewer"),
    ],
)
def test_what_cannot_be_added_is_explained_and_not_added(farah, mopeds, fields, sentence):
    page = farah.visit("/officers/priorities/1").submit("Add it", **fields)
    assert (page.status, Action.select().count()) == (422, 0)
    assert sentence in page.errors[0]


@pytest.mark.parametrize(
    ("content", "alt", "sentence"),
    [
        (brought.photo(), "", "Describe the picture in a few words"),
        (b"no picture", "A van", "This is not a picture that we can read"),
    ],
)
def test_a_picture_needs_a_description_and_to_be_one(farah, mopeds, tmp_path, content, alt, sentence):
    page, file = farah.visit("/officers/priorities/1"), tmp_path / "van.jpg"
    file.write_bytes(content)
    form, _ = page.form("Add it")
    fields = page.fields(form) | {"text": "Done.", "alt": alt, "file": (file, "van.jpg")}
    page = farah.post(form["action"], fields)
    assert sentence in page.errors[0]
    assert (page.soup.find("details").has_attr("open"), Action.select().count()) == (True, 0)


@pytest.mark.parametrize("how_many", ["", "-1", "5001", "1e3", "٣", LONG])
def test_hands_are_a_number(farah, app, how_many):
    proposal = services.proposal("Bikes")
    page = farah.visit(f"/officers/priorities/{proposal.id}").submit("Note the votes", how_many=how_many)
    assert page.errors == ["Enter a number from 0 to 5,000"]
    assert Vote.select().count() == 0


def test_closing_needs_a_result_and_words(farah, mopeds):
    page = farah.visit("/officers/priorities/1").submit("Close it")
    assert page.errors == ["Select what came of it", "Enter what residents should know"]
    assert Priority.get().is_set


# --- Who finds what ---


@pytest.mark.parametrize("number", NOBODYS)
def test_a_priority_that_there_is_not_is_not_found(farah, visitor, mopeds, number):
    for person, address in ((visitor, "/priorities/{}"), (farah, "/officers/priorities/{}")):
        assert person.ask("GET", address.format(number)).status_code == 404


@pytest.mark.parametrize("code", [MERTON, "E05999999", "x", "%00"])
def test_only_a_ward_has_priorities(visitor, code):
    for kind in ("json", "csv"):
        assert visitor.ask("GET", f"/areas/{code}/priorities.{kind}").status_code == 404


def test_another_priorities_action_is_not_removed(farah, mopeds):
    services.priority("Bikes", ward=RAVENSBURY)
    farah.visit("/officers/priorities/1").submit("Add it", text="Done.")
    page = farah.visit("/officers/priorities/2")
    token = page.soup.find("input", attrs={"name": "csrf_token"})["value"]
    farah.post("/officers/priorities/2/actions/1/remove", data={"csrf_token": token})
    assert Action.select().count() == 1
    farah.visit("/officers/priorities/1").submit("Remove")
    assert Action.select().count() == 0


def test_removing_what_was_done_is_a_step_that_says_what_is_lost(farah, mopeds):
    page = farah.visit("/officers/priorities/1").submit("Add it", text="Done.")
    (step,) = [each for each in page.soup.find_all("details") if "Remove it…" in each.get_text()]
    assert step.find("button").get_text().startswith("Remove it now")
    assert "It cannot be brought back." in step.get_text()


def test_odd_words_stay_words(visitor, farah, app):
    odd = "Under <3 hours & “&amp;” ’ OR 1=1 --"
    services.priority(odd)
    farah.visit("/officers/priorities/1").submit("Add it", text=odd)
    assert visitor.visit("/priorities/1").text.count(odd) == 2


# --- Residents ---


@pytest.mark.parametrize("weak", [False, True])
def test_either_link_lets_a_resident_vote_where_they_live(visitor, app, weak):
    services.proposal("Bikes")
    services.proposal("Elsewhere", ward=RAVENSBURY)
    open_page(visitor, weak=weak)
    page = visitor.visit("/preferences/priorities")
    assert ("Bikes" in page.text, "Elsewhere" in page.text) == (True, False)
    assert "You voted for “Bikes”." in page.submit("Vote for this").text


def test_who_lives_elsewhere_is_told_so(visitor, app):
    services.proposal("Elsewhere", ward=RAVENSBURY)
    open_page(visitor)
    page = visitor.visit("/priorities/1")
    assert not page.has_button("Vote")
    form, _ = visitor.visit("/preferences").form("Close my page")
    page = visitor.post("/priorities/1/vote", data=page.fields(form))
    assert "You can only vote for what is proposed where you live." in page.text
    assert Vote.select().count() == 0


def test_a_visitor_is_told_to_sign_up_for_alerts_first(visitor, app):
    services.proposal("Bikes")
    Subscription.delete().where(Subscription.resident == cast.resident("Amara")).execute()
    open_page(visitor)
    for address in ("/preferences/priorities", "/priorities/1"):
        page = visitor.visit(address)
        assert (page.has_button("Vote"), "Sign up for alerts in St Helier, Merton" in page.text) == (False, True)
    page = page.click("Sign up for alerts in St Helier, Merton")
    assert page.status == 200


def test_nobody_sees_who_voted(visitor, farah, app):
    proposal = services.proposal("Bikes")
    for name in ("Amara", "Bryn"):
        Vote.create(priority=proposal, resident=cast.resident(name))
    pages = (visitor.visit("/priorities/1"), farah.visit("/officers/priorities/1"), farah.visit(WARD))
    assert all("fewer than 10 online" in page.text for page in pages)
    assert not any(name in page.html.lower() for page in pages for name in ("amara", "bryn"))


def test_few_hands_are_no_number_but_for_those_who_counted_them(visitor, farah, app):
    proposal, day = services.proposal("Bikes"), db.now().date()
    for source, hands in ((Vote.DOOR, 1), (Vote.MEETING, 12)):
        votes.count_hands(proposal, cast.officer("Farah"), source, hands, day, db.now())
    assert "fewer than 10 online, 12 at meetings, fewer than 10 at doors" in visitor.visit("/priorities/1").text
    for address in ("/officers/priorities/1", WARD):
        assert "fewer than 10 online, 12 at meetings, 1 at doors" in farah.visit(address).text


def test_small_groups_are_named_in_no_order(farah, app):
    page = farah.visit(WARD)
    assert "Fewer than 10 people each, so in no order: Anti-social behaviour, Burglary, Drugs" in page.text
    for _ in range(10):
        services.raised(None)
    assert "Theft of vehicles : 10 raised it in three months" in farah.visit(WARD).text


# --- For machines ---


def test_machines_read_it_in_the_shape_of_data_police_uk(visitor, farah, mopeds):
    farah.visit("/officers/priorities/1").submit("Add it", text="=cmd|'/C calc'!A0")
    (entry,) = json.loads(visitor.ask("GET", f"/areas/{ST_HELIER}/priorities.json").text)
    assert sorted(entry) == ["action", "action-date", "issue", "issue-date"]
    assert entry["issue"] == "<p>Mopeds</p>"
    reply = visitor.ask("GET", f"/areas/{ST_HELIER}/priorities.csv")
    (row,) = csv.DictReader(reply.text.splitlines())
    assert (reply.mimetype, row["action"]) == ("text/csv", "'=cmd|'/C calc'!A0")


# --- Overdue ---


def overdue(ward: str = ST_HELIER) -> None:
    services.priority("Mopeds", ward=ward, now=db.now() - 40 * DAY)


@pytest.mark.parametrize(("name", "waits"), [("Farah", True), ("Hana", True), ("Gus", False), ("Idris", False)])
def test_an_overdue_review_waits_on_the_first_page_of_the_wards_team(signed_in, app, name, waits):
    overdue()
    page = signed_in(name).visit("/officers/alerts")
    assert ("a priority of St Helier, Merton: its review is overdue since" in page.text) is waits
    if waits:
        assert page.click("Mopeds").url == "/officers/priorities/1"


def board(page: Page) -> list[str]:
    return [" ".join(each.get_text().split()) for each in page.soup.select("main section li")]


def test_supervisors_see_the_wards_that_nobody_looked_at(signed_in, app):
    overdue()
    page = signed_in("Idris").visit("/officers/priorities")
    assert board(page) == [
        "St Helier, Merton: 1 review overdue",
        "Ravensbury, Merton: no priority",
        "Surbiton Hill, Kingston upon Thames: no priority",
    ]
    assert len(board(signed_in("Hana").visit("/officers/priorities"))) == 2
    assert board(signed_in("Farah").visit("/officers/priorities")) == []


def test_a_review_takes_it_off(farah, app):
    overdue()
    farah.visit("/officers/priorities/1").submit("Go on with it")
    assert "review is overdue" not in farah.visit("/officers/alerts").text

"""A team’s queue at its door: what is wrong is said, nothing typed is lost, and who was second is told."""

from datetime import timedelta

import pytest

from metengage import casework, db, diverter, links, responses
from metengage.models import Concern, Message, Photo, Restriction
from tests import brought, cast, services


@pytest.fixture
def concern(app) -> Concern:
    return services.concern()


@pytest.fixture
def case(signed_in, concern):
    return signed_in("Farah").visit(f"/officers/concerns/{concern.id}")


@pytest.mark.parametrize(
    ("button", "values", "sentence"),
    [
        ("Send the answer", {"text": ""}, "Write something to the resident"),
        ("Send the answer", {"text": "x" * 5001}, "must be 5,000 characters or fewer; it has 5,001"),
        ("Send the answer", {"text": "We patrol on {day}."}, "Fill in {day}, or take it out"),
        ("Send it as a question", {"text": " "}, "Write something to the resident"),
        ("Send it and close", {"text": "Done.", "because": "x"}, "Choose why it is closed"),
        ("Send it and close", {"text": "", "because": "done"}, "Write what was done, or why it is closed"),
        ("Keep the note", {"note": ""}, "Write a note"),
        ("Sort it", {"same_as": "twelve"}, "Enter the number of the other concern"),
        ("Sort it", {"same_as": "999"}, "Enter the number of another concern"),
        ("Sort it", {"ward": cast.SURBITON_HILL}, "Choose one of the team’s wards"),
        ("Hand it over", {}, "Choose a team"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_done(case, button, values, sentence):
    found = case.submit(button, **values)
    assert found.status == 422
    assert sentence in found.errors[0]
    assert Message.select().count() == 0


def test_a_template_is_put_after_what_was_typed(case):
    found = case.submit("Put it in", text="Dear Amara", begin="patrol")
    assert typed(found).startswith("Dear Amara")
    assert "{days and times}" in typed(found)


def typed(page) -> str:
    return page.soup.find("textarea", attrs={"name": "text"}).get_text().strip()


def test_a_second_template_takes_the_place_of_one_that_is_unchanged(case):
    found = case.submit("Put it in", begin="patrol").submit("Put it in", begin="more")
    assert (typed(found).count("Thank you for telling us"), "patrols" in typed(found)) == (1, False)
    changed = found.submit("Put it in", text=typed(found) + " Amara", begin="done")
    assert "Amara\n\nYou told us about" in typed(changed).replace("\r", "")


def test_a_template_has_the_place_that_the_resident_named(case):
    assert "patrols in By the bandstand on" in typed(case.submit("Put it in", begin="patrol"))


def test_all_gaps_that_are_left_are_named(case):
    found = case.submit("Put it in", begin="patrol").submit("Send the answer")
    assert found.errors == ["Fill in {days and times} and {day}, or take them out"]


def test_the_second_officer_sees_what_the_first_wrote_before_theirs_goes(signed_in, case, concern):
    hana = signed_in("Hana").visit(f"/officers/concerns/{concern.id}")
    case.submit("Send the answer", text="We patrol on Friday.")
    second = hana.submit("Send the answer", text="We do nothing.")
    assert (second.status, Message.select().count()) == (409, 1)
    assert "We patrol on Friday." in second.text
    assert "We do nothing." in second.soup.find("textarea", attrs={"name": "text"}).get_text()
    assert second.submit("Send the answer").status == 200
    assert Message.select().count() == 2


def test_sending_twice_is_one_answer(case):
    for _ in range(2):
        case.submit("Send the answer", text="We patrol on Friday.")
    assert Message.select().count() == 1


def test_it_is_taken_given_sorted_and_handed_over(case):
    page = case.submit("I look after it")
    assert "PC Farah looks after it" in page.text
    page = page.submit("Give it", officer=str(cast.officer("Hana").id))
    assert "PC Hana looks after it" in page.text
    page = page.submit("Sort it", theme="drugs", ward=cast.RAVENSBURY)
    assert "Sorted: Drugs, Ravensbury." in page.text
    page = page.submit("Hand it over", team=str(cast.team("Surbiton Hill").id), why="It is in your ward.")
    assert "The Surbiton Hill team has it now." in page.text


def test_words_of_danger_are_marked_and_the_officer_is_told(signed_in):
    concern = services.concern(text="It is loud.\n\nLast week he had  a knife & <b>threatened</b> me.")
    page = signed_in("Farah").visit(f"/officers/concerns/{concern.id}")
    assert diverter.look(concern.text)
    assert page.soup.find("mark")
    assert "may mean danger or a crime" in page.text
    assert "<b>threatened" not in page.html


def test_what_may_be_urgent_says_so_in_the_queue_and_before_all_else_on_the_first_page(signed_in, concern):
    urgent, farah = services.concern("nobody", "Someone is breaking into a car outside now"), signed_in("Farah")
    first = farah.visit("/officers/concerns").soup.select_one(".site-item").get_text()
    assert "May be urgent" in first
    assert "breaking into a car" in first
    Concern.update(due_at=db.now()).where(Concern.id == concern.id).execute()
    page = farah.visit("/officers/alerts")
    assert "May be urgent" in page.soup.select_one("#desk li").get_text()
    assert "nobody looks after it yet" in page.click("breaking into a car").submit("Keep the note", note="Known.").text
    page.click("breaking into a car").submit("I look after it")
    assert f"concerns/{urgent.id}" not in str(farah.visit("/officers/alerts").soup.select_one("#desk"))


def test_many_that_may_be_urgent_are_named_by_five_and_counted(signed_in):
    for _ in range(7):
        services.concern("nobody", "Someone is breaking into a car outside now")
    page = signed_in("Farah").visit("/officers/alerts")
    assert "2 more that may be urgent" in page.soup.select("#desk li")[5].get_text()


def test_words_of_danger_in_a_reply_are_marked_too(signed_in, concern):
    responses.reply(concern, "He has a knife here now.", services.key(), db.now())
    page = signed_in("Farah").visit(f"/officers/concerns/{concern.id}")
    assert "may mean danger" in page.text
    assert page.soup.select_one("#history mark")


def tags(page) -> str:
    return " ".join(each.get_text().strip() for each in page.soup.select(".govuk-tag"))


def test_a_question_is_marked_as_one_and_the_reply_to_it(signed_in, case, concern):
    case.submit("Send it as a question", text="Which evening?")
    farah = signed_in("Farah")
    assert [tags(farah.visit(url)) for url in ("/officers/concerns?part=answered", case.url)] == ["Asked back"] * 2
    responses.reply(Concern.get_by_id(concern.id), "Friday.", services.key(), db.now())
    assert "Replied" in tags(farah.visit("/officers/concerns"))


def test_who_was_asked_back_reads_so(visitor, case, concern):
    case.submit("Send it as a question", text="Which evening?")
    amara = cast.resident("Amara")
    assert "Asked back" in visitor.visit(f"/concerns/{links.sign(links.CONCERN, amara, concern.id)}").h1


def test_the_email_that_closes_it_says_so(case, post, work):
    case.submit("Send it and close", text="It is fixed.", because="done")
    work()
    assert post.last_to("amara@example.org")["Subject"] == "Closed: what you told the St Helier team"


def test_what_was_held_back_is_let_in_or_dropped(signed_in):
    concern = services.concern("nobody")
    Concern.update(held_at=db.now()).execute()
    page = signed_in("Farah").visit("/officers/concerns").click("Held back (1)").click("People drink")
    assert not page.has_button("Close")
    assert "among those to answer" in page.submit("Let it in").text
    assert Concern.get_by_id(concern.id).held_at is None


def test_several_are_dropped_together_and_all_can_be_ticked(signed_in):
    real, *spam = [services.concern("nobody") for _ in range(3)]
    elsewhere = services.concern("nobody")
    Concern.update(held_at=db.now()).execute()
    Concern.update(team=cast.team("Surbiton Hill")).where(Concern.id == elsewhere.id).execute()
    page = signed_in("Farah").visit("/officers/concerns?part=held")
    assert "tick what is spam" in page.submit("Close what is ticked", which=["x", "9" * 12]).text
    ids = [str(each.id) for each in (*spam, elsewhere)]
    assert "2 concerns closed as spam" in page.submit("Close what is ticked", which=ids).text
    page = page.visitor.visit("/officers/concerns?part=held").click("Tick all on this page")
    assert page.fields(page.form("Close what is ticked")[0])["which"] == [str(real.id)]
    assert [Concern.get_by_id(each.id).is_open for each in (*spam, real, elsewhere)] == [False, False, True, True]


def test_only_what_waits_for_no_answer_is_closed_as_spam(signed_in, case, concern):
    assert not case.has_button("Close it as spam")
    assert not casework.drop(cast.officer("Farah"), concern, db.now())
    unknown = services.concern("nobody")
    page = signed_in("Farah").visit(f"/officers/concerns/{unknown.id}").submit("Close it as spam")
    assert "Nobody was written to" in page.text
    assert Concern.get_by_id(unknown.id).closed_because == Concern.SPAM


def test_a_photo_is_shown_to_the_team_alone(signed_in, concern):
    Photo.create(concern=concern, width=100, height=100, content=brought.photo())
    url = f"/officers/concerns/{concern.id}/photo"
    replies = [signed_in(who).ask("GET", url) for who in ("Farah", "Gus")]
    assert [(reply.status_code, reply.mimetype) for reply in replies] == [(200, "image/jpeg"), (404, "text/html")]


def test_a_supervisor_limits_a_resident_and_ends_it(signed_in, case, concern):
    assert not case.has_button("Limit them")
    page = signed_in("Hana").visit(f"/officers/concerns/{concern.id}")
    assert "Select for how long" in page.submit("Limit them", reason="Rude.").errors[0]
    page = page.submit("Limit them", weeks="4", reason="You insulted PC Farah.")
    assert "they may write once a week" in page.text
    assert "as everybody does" in page.submit("End this limit").text
    assert Restriction.get().ended_at


def test_what_is_due_stands_on_the_first_page(signed_in, concern):
    farah = signed_in("Farah")
    assert "Waiting for you" not in farah.visit("/officers/alerts").text
    Concern.update(due_at=db.now() + timedelta(hours=5)).execute()
    services.concern("Bryn")
    line = "1 answer to a resident is due within 24 hours, the first by"
    text = farah.visit("/officers/alerts").text
    assert line in " ".join(text.replace(" ,", ",").split())
    assert "Your team has 2 to answer." in text


def test_the_part_that_is_shown_is_marked_also_where_htmx_asks(signed_in, concern):
    farah = signed_in("Farah")
    page = farah.visit("/officers/concerns?part=mine")
    assert [each.get_text() for each in page.soup.select(".site-parts [aria-current]")] == ["Mine (0)"]
    headers = {"HX-Request": "true", "HX-Request-Type": "partial"}
    assert farah.ask("GET", "/officers/concerns", headers=headers).status_code == 200


@pytest.mark.parametrize("query", ["part=x", "after=-1", "after=9999999", "after=x"])
def test_a_strange_part_of_the_queue_breaks_nothing(signed_in, query):
    assert signed_in("Farah").visit(f"/officers/concerns?{query}").status in (200, 404)


def test_the_wards_page_says_how_the_promise_was_kept(visitor, case):
    case.submit("Send the answer", text="We patrol on Friday.")
    text = visitor.visit(f"/areas/{cast.ST_HELIER}").text
    assert "Answered within 72 hours 1 of 1" in text


def test_what_is_told_of_a_priority_says_so_and_may_be_sorted_to_another(visitor, signed_in):
    priority = services.priority()
    page = visitor.visit(f"/concerns/new?ward={cast.ST_HELIER}&priority={priority.id}")
    assert priority.issue in page.text
    page.submit("Send it to my team", text="It goes on.", wants="no")
    assert Concern.get().priority == priority
    page = signed_in("Farah").visit(f"/officers/concerns/{Concern.get().id}")
    assert "priority" not in page.submit("Sort it", priority="").text.partition("Sorted:")[2][:30]
    assert Concern.get().priority is None
    assert f"priority “{priority.issue}”" in page.submit("Sort it", priority=str(priority.id)).text


def test_it_may_be_part_of_what_is_set_or_proposed_and_of_nothing_that_is_closed(signed_in, concern):
    priority = services.priority()
    page = signed_in("Farah").visit(f"/officers/concerns/{concern.id}")
    assert priority.issue in page.soup.find("select", attrs={"name": "priority"}).get_text()
    type(priority).update(state="closed", closed_at=db.now()).execute()
    page = page.submit("Sort it", priority=str(priority.id))
    assert Concern.get_by_id(concern.id).priority is None

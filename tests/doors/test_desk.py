"""What waits for an officer: it comes first on their page, to each what is theirs, and nothing where nothing does."""

import pytest

from metengage import corrections, db, release
from metengage.models import Alert
from tests import cast, services
from tests.page import Page, write_alert

WAITING = "Waiting for you"
COMMENT = "Say when it was.\nAnd leave out his age."


def asked(**words) -> Alert:
    return release.ask(services.draft(**words), cast.officer("Farah"), db.now())


def returned() -> Alert:
    return release.give_back(asked(), cast.officer("Hana"), COMMENT, db.now())


def went_first() -> Alert:
    alert = release.go_first(services.draft(), cast.officer("Farah"), "Nobody answers", db.now())
    release.begin(alert, db.now())
    return alert


def desk(page: Page) -> list[str]:
    """What waits, in words."""
    return [" ".join(each.get_text().split()) for each in page.soup.select("#desk li")]


@pytest.fixture(params=["Farah", "Gus", "Hana", "Idris"])
def somebody(request, signed_in):
    return request.param, signed_in(request.param)


def waits_for(somebody, *who: str) -> None:
    """Something waits for each of these, and for nobody else."""
    name, visitor = somebody
    page = visitor.visit("/officers/alerts")
    assert (len(desk(page)), WAITING in page.text) == ((1, True) if name in who else (0, False))


def test_nothing_is_shown_where_nothing_waits(somebody):
    services.draft()
    waits_for(somebody)


def test_what_awaits_approval_waits_for_who_may_decide(somebody):
    asked()
    waits_for(somebody, "Hana", "Idris")


def test_what_went_first_waits_for_who_may_review_it(somebody):
    went_first()
    waits_for(somebody, "Hana", "Idris")


def test_what_was_returned_waits_for_who_wrote_it(somebody):
    returned()
    waits_for(somebody, "Farah")


def test_a_supervisors_own_waits_for_another(signed_in):
    release.ask(services.draft(), cast.officer("Hana"), db.now())
    assert desk(signed_in("Hana").visit("/officers/alerts")) == []
    assert len(desk(signed_in("Idris").visit("/officers/alerts"))) == 1


def test_what_a_colleague_asked_for_waits_for_them_too_when_it_is_returned(signed_in):
    rani = services.rani()
    release.give_back(release.ask(services.draft(), rani, db.now()), cast.officer("Hana"), COMMENT, db.now())
    assert len(desk(signed_in("Farah").visit("/officers/alerts"))) == 1
    assert len(desk(signed_in("Rani").visit("/officers/alerts"))) == 1


def test_it_comes_first_and_leads_there(signed_in):
    asked(title="To decide")
    page = signed_in("Hana").visit("/officers/alerts")
    assert page.soup.main.find("h2").get_text() == WAITING
    assert "To decide, St Helier team: PC Farah asks for approval. It goes as soon as it is approved." in desk(page)
    assert page.visitor.visit(page.soup.select_one("#desk a")["href"]).url == "/officers/alerts/1/decide"


def test_writing_an_alert_has_a_heading_of_its_own(signed_in):
    asked()
    form, _ = signed_in("Hana").visit("/officers/alerts").form("Write an alert")
    assert form.find_previous("h2").get_text() == "Write an alert"


def test_a_withdrawal_is_told_as_one(signed_in):
    first = services.begin_sending(services.draft(), cast.officer("Farah"), db.now())
    release.begin(corrections.withdraw(first, cast.officer("Farah"), "It names somebody", db.now()), db.now())
    (line,) = desk(signed_in("Hana").visit("/officers/alerts"))
    assert "PC Farah withdrew it" in line


def test_what_was_returned_says_by_whom_and_begins_to_say_why(signed_in):
    returned()
    page = signed_in("Farah").visit("/officers/alerts")
    (line,) = desk(page)
    assert line.endswith("PC Hana returned it: Say when it was.")
    assert page.visitor.visit(page.soup.select_one("#desk a")["href"]).url == "/officers/alerts/1/edit"


def test_what_could_not_go_says_why(signed_in):
    alert = release.send(services.draft(alert_type="advice"), cast.officer("Farah"), db.now())
    Alert.update(body="").where(Alert.id == alert.id).execute()
    release.begin(Alert.get_by_id(alert.id), db.now())
    (line,) = desk(signed_in("Farah").visit("/officers/alerts"))
    assert line.endswith("it could not go: Write the alert")


def tags(page: Page) -> list[str]:
    return [each.get_text().strip() for each in page.soup.select(".site-item .govuk-tag")]


def test_a_returned_draft_is_tagged_so_until_it_is_asked_for_again(signed_in):
    alert, farah = returned(), signed_in("Farah")
    services.draft()
    assert sorted(tags(farah.visit("/officers/alerts"))) == ["Draft", "Returned"]
    release.ask(alert, cast.officer("Farah"), db.now())
    page = farah.visit("/officers/alerts")
    assert (sorted(tags(page)), desk(page)) == (["Awaiting approval", "Draft"], [])


def test_who_returns_a_draft_lands_on_the_list(signed_in):
    asking = write_alert(signed_in("Farah")).submit("Check and send").submit("Ask a supervisor")
    page = signed_in("Hana").visit(asking.url).submit("Return with the comment", comment=COMMENT)
    assert page.url == "/officers/alerts"
    assert "It is back with PC Farah, with your comment." in page.text
    assert WAITING not in page.text


def test_it_is_told_by_email_at_once(signed_in, post, work):
    asking = write_alert(signed_in("Farah")).submit("Check and send").submit("Ask a supervisor")
    work()
    hana = signed_in("Hana")
    page = hana.visit(services.link_in(post.last_to("hana@met.example.org"), "/officers/"))
    assert page.url == asking.url
    page.submit("Return with the comment", comment=COMMENT)
    work()
    edit = services.link_in(post.last_to("farah@met.example.org"), "/officers/")
    assert "PC Hana returned it" in asking.visitor.visit(edit).text

"""Who may read, copy and erase a record, and what they see; who may read complaints."""

import io
import json
import zipfile

import pytest
from bs4 import BeautifulSoup

from metengage import complaints, db, links, register, rights
from metengage.models import Alert, Complaint, Delivery, Journal, Link, Resident
from tests import cast, services
from tests.page import Page, Visitor

EVERYTHING, DOWNLOAD, ERASE = "/preferences/everything", "/preferences/download", "/preferences/erase"
LONG = "What you write must be 5,000 characters or fewer"
ODD = '=1+1 </script><script>alert(1)</script> {{ 7 * 7 }} "@SUM'


def opened(visitor: Visitor, name: str = "Amara", magic: bool = True) -> Page:
    """Somebody's page, by a magic link or by one from an alert."""
    who = cast.resident(name)
    token = links.issue(Link.SIGN_IN, who, db.now()) if magic else links.sign(links.PREFERENCES, who)
    return visitor.visit(f"/preferences/open/{token}").submit("Open my preferences")


@pytest.fixture
def amara(visitor) -> Visitor:
    opened(visitor)
    return visitor


def downloaded(visitor: Visitor):
    """The reply, the data and the page of a copy."""
    form, _ = (page := visitor.visit(EVERYTHING)).form("Download a copy")
    reply = visitor.ask("POST", form["action"], data=page.fields(form), buffered=True)
    with zipfile.ZipFile(io.BytesIO(reply.data)) as package:
        return reply, json.loads(package.read("metengage.json")), package.read("metengage.html").decode()


# --- Who passes ---


@pytest.mark.parametrize(("method", "url"), [("GET", EVERYTHING), ("POST", DOWNLOAD), ("GET", ERASE), ("POST", ERASE)])
def test_nobody_passes_without_a_session(visitor, method, url):
    token = visitor.visit("/preferences").soup.find("input", attrs={"name": "csrf_token"})["value"]
    reply = visitor.ask(method, url, data={"csrf_token": token})
    assert (reply.status_code, reply.location) == (303, "/preferences")


@pytest.mark.parametrize(("method", "url"), [("GET", EVERYTHING), ("POST", DOWNLOAD), ("GET", ERASE), ("POST", ERASE)])
def test_a_link_from_an_alert_opens_none_of_it(visitor, method, url):
    page = opened(visitor, magic=False)
    token = page.soup.find("input", attrs={"name": "csrf_token"})["value"]
    reply = visitor.ask(method, url, data={"csrf_token": token})
    assert reply.status_code != 200
    assert b"amara@example.org" not in reply.data
    assert cast.resident("Amara").is_confirmed


# --- Everything ---


def test_everything_is_on_the_page(amara):
    page = amara.visit(EVERYTHING)
    for words in ("amara@example.org", "St Helier, Merton", "I agree that my local police team", "Incidents and"):
        assert words in page.text
    assert "Nobody has looked at your record." in page.text


def test_it_says_which_officer_looked(amara):
    complaint = complaints.complain("amara@example.org", "You kept it.", cast.resident("Amara"), db.now())
    complaints.look_at(cast.officer("Idris"), complaint.id, db.now())
    assert "PC Idris, administrator, looked at your complaint" in amara.visit(EVERYTHING).text


def test_of_ten_thousand_emails_twenty_are_shown(amara):
    rows = [{"kind": "sign-in", "resident": cast.resident("Amara"), "state": "sent"}] * 10_000
    for start in range(0, len(rows), 500):
        Delivery.insert_many(rows[start : start + 500]).execute()
    page = amara.visit(EVERYTHING)
    assert "The newest 20 of 10,000. The copy has all of them." in page.text
    _, data, _ = downloaded(amara)
    assert len(data["delivery"]) == 10_000


def test_odd_words_stay_words(amara):
    Resident.update(name=ODD).where(Resident.email == "amara@example.org").execute()
    Alert.create(team=1, author=1, title=ODD)
    page, (_, data, html) = amara.visit(EVERYTHING), downloaded(amara)
    assert ODD in page.text
    assert data["resident"][0]["name"] == ODD
    assert not BeautifulSoup(html, "html.parser").find("script")
    assert ODD in BeautifulSoup(html, "html.parser").get_text()


# --- Copy ---


def test_a_copy_is_one_file_that_nobody_keeps(amara):
    reply, data, html = downloaded(amara)
    assert (reply.mimetype, reply.headers["Cache-Control"]) == ("application/zip", "no-store")
    assert reply.headers["Content-Disposition"].startswith("attachment; filename=my-data-2")
    assert set(data) == {"made_at"} | {table._meta.table_name for table in register.ABOUT}
    assert data["resident"][0]["email"] == "amara@example.org"
    assert "amara@example.org" in html


def test_its_page_is_readable_by_itself(amara):
    soup = BeautifulSoup(downloaded(amara)[2], "html.parser")
    assert (soup.html["lang"], len(soup.find_all("h1"))) == ("en-GB", 1)
    assert [each.get_text() for each in soup.find_all("h2")] == [entry.title for entry in register.ABOUT.values()]
    assert soup.find_all(["script", "img", "link", "iframe", "style"]) == []


def test_a_copy_asked_for_while_erasing_is_the_page_of_an_ended_link(amara, monkeypatch):
    form, _ = (page := amara.visit(EVERYTHING)).form("Download a copy")
    whole = rights.copy

    def erased_just_before(resident, now):
        rights.erase(resident, now)
        return whole(resident, now)

    monkeypatch.setattr(rights, "copy", erased_just_before)
    reply = amara.ask("POST", form["action"], data=page.fields(form))
    assert reply.status_code == 410
    assert b"amara@example.org" not in reply.data


# --- Erase ---


def test_erasing_says_first_what_goes_and_what_stays_and_why(amara):
    text = amara.visit(ERASE).text
    assert [each for each in [*rights.what_goes(), *rights.what_stays()] if each not in text] == []
    assert "What concerns you: Theme and Your order" in text


def test_erasing_is_done_at_once_and_shows_nothing_personal(amara):
    opened(amara)
    page = amara.visit(ERASE).submit("Erase my record")
    assert (page.h1, page.url) == ("Your record is erased", "/preferences/erased")
    assert "amara" not in page.html.lower()
    assert amara.visit("/preferences").soup.find("input", id="email")
    with amara.client.session_transaction() as session:
        assert "amara" not in str(dict(session)).lower()


def test_pressing_erase_twice_is_success(amara, newcomer):
    opened(newcomer)
    first, second = amara.visit(ERASE), newcomer.visit(ERASE)
    assert first.submit("Erase my record").h1 == "Your record is erased"
    assert second.submit("Erase my record").status == 200


def test_links_from_before_open_a_kind_page(visitor):
    who = cast.resident("Amara")
    old = {purpose: links.sign(purpose, who, 7) for purpose in (links.UNSUBSCRIBE, links.PREFERENCES)}
    magic = links.issue(Link.SIGN_IN, who, db.now())
    rights.erase(who, db.now())
    token = visitor.visit("/preferences").soup.find("input", attrs={"name": "csrf_token"})["value"]
    for url in (f"/preferences/open/{old[links.PREFERENCES]}", f"/preferences/open/{magic}", f"/confirm/{magic}"):
        assert visitor.visit(url).status == visitor.post(url, {"csrf_token": token}).status == 410
    unsubscribe = f"/unsubscribe/{old[links.UNSUBSCRIBE]}"
    assert visitor.visit(unsubscribe).h1 == "You have left"
    assert visitor.ask("POST", unsubscribe, data={"List-Unsubscribe": "One-Click"}).status_code == 200


# --- Complaints ---


def complain(visitor: Visitor, **values) -> Page:
    return visitor.visit("/complaints/new").submit("Send my complaint", **values)


def test_anybody_may_complain_and_is_told_the_number(visitor, post):
    page = complain(visitor, text="You kept my address.", email="nobody@example.org")
    services.work_off()
    assert (page.h1, f"Its number is {Complaint.get().id} ." in page.text) == ("We have your complaint", True)
    assert len(post.to("nobody@example.org")) == 1
    assert Complaint.get().acknowledged_at


def test_the_form_knows_whose_page_is_open_only_by_a_magic_link(visitor, newcomer):
    opened(visitor)
    opened(newcomer, magic=False)
    emails = [each.visit("/complaints/new").soup.find(id="email").get("value", "") for each in (visitor, newcomer)]
    assert emails == ["amara@example.org", ""]
    complain(visitor, text="You kept it.")
    complain(newcomer, text="You kept it too.", email="amara@example.org")
    assert [row.resident for row in Complaint.select().order_by(Complaint.id)] == [cast.resident("Amara"), None]


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"text": " ", "email": "a@example.org"}, "Say what went wrong"),
        ({"text": "\0", "email": "a@example.org"}, "Say what went wrong"),
        ({"text": "x" * 5001, "email": "a@example.org"}, f"{LONG}; it has 5,001"),
        ({"text": "You kept it.", "email": ""}, "Enter your email address"),
    ],
)  # fmt: skip
def test_what_is_lacking_is_explained_and_nothing_typed_is_lost(visitor, values, sentence):
    page = complain(visitor, **values)
    assert (page.status, page.errors) == (422, [sentence])
    assert page.soup.find(id="text").get_text().strip() == values["text"].replace("\0", " ").strip()
    assert not Complaint.select().exists()


def test_pressing_send_twice_is_one_complaint(visitor):
    page = visitor.visit("/complaints/new")
    for _ in range(2):
        sent = page.submit("Send my complaint", text="You kept it.", email="nobody@example.org")
        assert sent.h1 == "We have your complaint"
    assert Complaint.select().count() == 1


def test_too_many_complaints_wait(visitor):
    statuses = [complain(visitor, text=f"No. {n}", email="a@example.org").status for n in range(4)]
    assert statuses == [200] * 3 + [429]
    statuses = [complain(visitor, text="Hm", email=f"a{n}@example.org").status for n in range(4)]
    assert statuses[-1] == 429


def test_999_and_101_are_in_sight(visitor):
    assert {"tel:999", "tel:101"} <= {a.get("href") for a in visitor.visit("/complaints/new").soup.main.find_all("a")}


# --- The register of complaints ---


@pytest.mark.parametrize("name", ["Farah", "Hana"])
def test_nobody_but_administrators_finds_it(signed_in, name):
    officer, number = signed_in(name), complaints.complain("a@example.org", "Hm.", None, db.now()).id
    page = officer.visit("/officers/alerts")
    token = page.soup.find("input", attrs={"name": "csrf_token"})["value"]
    assert "Complaints" not in page.soup.header.get_text()
    urls = ["/officers/complaints", f"/officers/complaints/{number}"]
    assert [officer.visit(url).status for url in urls] == [404, 404]
    reply = officer.ask("POST", f"{urls[1]}/answer", data={"csrf_token": token, "answer": "Yes."})
    assert officer.ask("GET", urls[1]).status_code == 404
    assert (reply.status_code in (303, 404), Complaint.get().answered_at) == (True, None)


def test_an_administrator_reads_and_answers(signed_in, post):
    amara = cast.resident("Amara")
    number = complaints.complain("amara@example.org", "You kept <b>it</b>.", amara, db.now()).id
    page = signed_in("Idris").visit("/officers/alerts").click("Complaints")
    assert "To be acknowledged by" in page.text
    page = page.click(f"Complaint {number}")
    assert "You kept <b>it</b>." in page.text
    assert page.submit("Keep this answer").errors == ["Enter what you answered"]
    page = page.submit("Keep this answer", answer="We deleted it.")
    assert "The answer is kept." in page.text
    assert "We deleted it." in page.text
    assert Journal.select().where(Journal.resident == amara, Journal.action == "looked at complaint").exists()


def test_it_says_what_is_overdue_and_what_is_erased(signed_in):
    Complaint.create(email="a@example.org", text="Hm.", created_at=cast.BEGAN)
    Complaint.create(created_at=cast.BEGAN, acknowledged_at=cast.BEGAN)
    text = signed_in("Idris").visit("/officers/complaints").text
    assert "Overdue: it should have been acknowledged by 4 February 2026." in text
    assert "Erased, at the person’s own request." in text

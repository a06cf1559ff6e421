"""Every template parses, holds nothing inline and no address of our own; every email says what it must."""

import re
from datetime import timedelta

import pytest
from bs4 import BeautifulSoup
from flask import url_for

from metengage import areas, db, drafts, emails, events, letters, links, mailings, notices, officers, pictures
from metengage.choices import WEEKLY
from metengage.config import ROOT
from metengage.mail import Email
from metengage.models import (
    AddressChange,
    Alert,
    Area,
    Booking,
    Complaint,
    Concern,
    Decision,
    Delivery,
    Digest,
    Link,
    Memo,
    Message,
    Notice,
    Priority,
    Restriction,
    Waiting,
)
from tests import brought, cast, services

FOLDER = ROOT / "templates"
SOURCES = {path.relative_to(FOLDER).as_posix(): path.read_text(encoding="utf-8") for path in FOLDER.rglob("*.*")}
EMAIL_LAYOUT = "layouts/email.html"  # its styles are put inline when the email is written, as mail programs need
ADDRESSED = r"""\b(?:href|src|action|formaction|hx-(?:get|post|put|patch|delete))(?:=|"\s*:\s*)"([^"]*)"""
OUTSIDE = re.compile(r"#|tel:|mailto:|https://|\{\{")
VAGUE = {"", "here", "click here", "this", "link", "more", "read more", "this page", "open", "go"}
RUNS = ("script", "iframe", "object")
SUBSCRIBED = ("alert", "digest", "welcome", "informed")

# Email → why the person gets it, as the text and the page both say it, in a pattern.
REASONS = {
    "confirm": "signed up|entered on our sign-up page",
    "known": "signed up with this address",
    "sign_in": "asked for it|ask for it",
    "new_address": "was entered as somebody’s new one",
    "taken_address": "was entered as somebody’s new one",
    "old_address": "came to this address until today",
    "started": "You asked us to tell you",
    "reminder": "signed up for emails",
    "welcome": "You get this email because you signed up for St Helier, Merton",
    "goodbye": "stopped all emails",
    "receipt": "gave this address with a complaint",
    "asked": "PC Farah asks you to approve this alert",
    "returned": "PC Hana returned this alert",
    "approved": "PC Hana approved this alert",
    "went_first": "PC Farah sent this alert before anybody approved it",
    "concern_confirm": "gave this address|was entered on our website",
    "concern_received": "You get this email because you wrote to your local police team",
    "concern_written": "You get this email because you wrote to your local police team",
    "concern_limited": "You get this email because you wrote to your local police team",
    "concern_due": "Residents were promised an answer",
    "concern_urgent": "Each officer of the team who is not away gets this email",
    "event_book": "was entered on the page of this event",
    **dict.fromkeys(
        (f"event_{name}" for name in ("booked", "waiting", "moved_up", "tomorrow", "changed", "cancelled")),
        "because you asked for a place at this event",
    ),
    "informed": "You get this email because you signed up for St Helier, Merton",
    "alert": "You get this email because you asked for crime prevention advice in St Helier, Merton",
    "digest": "You get this weekly email because you live in St Helier, Merton and asked for crime prevention",
}


def found_in(pattern: str, but: tuple[str, ...] = ()) -> dict[str, list[str]]:
    """Template → what of this is in its source."""
    finds = {name: re.findall(pattern, source, re.IGNORECASE) for name, source in SOURCES.items() if name not in but}
    return {name: found for name, found in finds.items() if found}


# --- Their sources ---


def test_every_template_parses(built):
    assert len(SOURCES) > 50
    assert all(built.jinja_env.get_template(name) for name in SOURCES)


def test_no_template_holds_a_style():
    assert found_in(r"<style|\sstyle\s*=", but=(EMAIL_LAYOUT,)) == {}


def test_no_template_holds_a_script():
    assert found_in(r"<script(?![^>]*\ssrc=)[^>]*>|\son[a-z]+\s*=|javascript:|hx-on") == {}


def test_every_address_of_our_own_is_asked_for_by_name():
    assert found_in(r"https?://(?:localhost|127\.)") == {}
    addresses = found_in(ADDRESSED)
    assert {name: wrong for name in addresses if (wrong := [a for a in addresses[name] if not OUTSIDE.match(a)])} == {}


def test_nothing_is_shown_unescaped():
    assert found_in(r"\|\s*safe\b|Markup\(") == {}
    assert all(name.endswith(".txt") for name in found_in("autoescape false"))


def test_no_template_says_delivered():
    """Sent means that our mail server took it; more we cannot know."""
    assert found_in("delivered") == {}


def test_every_post_form_carries_a_token():
    forms = found_in(r"<form[^>]*method=.post.*?</form>".replace(".*?", "(?:.|\n)*?"))
    tokens = {name: [form for form in found if "csrf_token" not in form] for name, found in forms.items()}
    assert len(tokens) > 5
    assert {name: bare for name, bare in tokens.items() if bare} == {}


# --- Emails ---


def test_each_email_is_three_files():
    names = {name.removeprefix("emails/") for name in SOURCES if name.startswith("emails/")}
    assert names == {f"{name}.{kind}" for name in REASONS for kind in ("subject.txt", "txt", "html")}


@pytest.fixture
def written(app) -> dict[str, Email]:
    """Each email that we can send, as its person gets it."""
    amara, now, ward = cast.resident("Amara"), db.now(), areas.named([cast.ST_HELIER])[0]
    delivery = Delivery(id=1, kind=Delivery.ALERT, resident=amara, created_at=now)
    waiting = Waiting(email="cleo@example.org", borough=ward.borough)
    change = AddressChange.create(resident=amara, new_email="amara.new@example.org", old_email="amara@example.org")
    moves = Delivery(id=3, kind=Delivery.NEW_ADDRESS, resident=amara, address_change=change, created_at=now)
    moved = Delivery(id=4, kind=Delivery.OLD_ADDRESS, resident=amara, address_change=change, created_at=now)
    complaint = Complaint(id=1, email="cleo@example.org", created_at=now)
    alert, mine = _sent_alert(), letters.personal_links(amara, None)
    why = "".join(mailings.reason_for_digest(WEEKLY, ward.full_name, [], ["crime prevention advice"]))
    gathered = {"note": "", "why": why, "how_many": "1 alert", "contents": alert.title}
    return {
        "confirm": emails.confirm(delivery, links.issue(Link.CONFIRM, amara, now), ward),
        "known": emails.known(delivery, links.issue(Link.SIGN_IN, amara, now)),
        "sign_in": emails.sign_in(delivery, links.issue(Link.SIGN_IN, amara, now)),
        "reminder": emails.reminder(delivery, links.issue(Link.CONFIRM, amara, now), ward, now),
        "welcome": _welcome(delivery, ward, alert),
        "goodbye": emails.goodbye(delivery, links.sign(links.RETURN, amara), now),
        "new_address": emails.new_address(moves, links.issue(Link.ADDRESS, amara, now)),
        "taken_address": emails.taken_address(moves),
        "old_address": emails.old_address(moved),
        "started": emails.started(Delivery(id=2, kind=Delivery.STARTED, waiting=waiting, created_at=now), waiting),
        "receipt": emails.receipt(Delivery(id=5, kind=Delivery.RECEIPT, complaint=complaint), complaint),
        "alert": mailings.alert(alert, [ward]).to(delivery, mailings.sample_values(alert, [ward]) | mine),
        "digest": mailings.digest(Digest(frequency=WEEKLY, until=now)).to(delivery, mine | gathered),
        **_to_officers(alert),
        **_about_a_concern(amara),
        **_of_events(amara),
    }


def _of_events(amara) -> dict[str, Email]:
    """What somebody is told of a place at an event."""
    event = services.event(access_note="Ask for PC Farah", former="Tuesday 3 November 2026, at the church hall")
    said = {}
    for kind, state in (
        *((Notice.BOOK, Booking.ASKED), (Notice.BOOKED, Booking.BOOKED), (Notice.WAITING, Booking.WAITING)),
        *((Notice.MOVED_UP, Booking.BOOKED), (Notice.TOMORROW, Booking.BOOKED), (Notice.CHANGED, Booking.WAITING)),
        (Notice.CANCELLED, Booking.BOOKED),
    ):
        if kind == Notice.CANCELLED:
            events.cancel(event, cast.officer("Farah"), "The hall is closed", db.now())
        Booking.delete().execute()
        booking = Booking.create(event=event.id, resident=amara, state=state)
        notice = Notice.create(kind=kind, booking=booking, resident=amara)
        row = Delivery(id=7, kind=Delivery.NOTICE, resident=amara, notice=notice)
        said[f"event_{kind.replace(' ', '_')}"] = notices.written(row, db.now())
    return said


def _to_officers(alert: Alert) -> dict[str, Email]:
    """What officers are told of an alert. What was decided is made up; when it was, does not matter here."""
    farah, hana, said = cast.officer("Farah"), cast.officer("Hana"), {}
    for kind, verdict, by in (
        ("asked", Decision.ASKED, farah),
        ("returned", Decision.RETURNED, hana),
        ("approved", Decision.APPROVED, hana),
        ("went_first", Decision.WENT_FIRST, farah),
    ):
        decision = Decision(alert=alert, officer=by, verdict=verdict, comment="Say when it was.")
        memo = Memo(alert=alert, officer=farah, decision=decision, why="It goes to all of Merton.")
        said[kind] = getattr(emails, kind)(Delivery(id=6, kind=Delivery.ASKED, memo=memo))
    return said


def _about_a_concern(amara) -> dict[str, Email]:
    """What its writer and its team are told of a concern."""
    now, farah, concern = db.now(), cast.officer("Farah"), services.concern()
    message = Message.create(concern=concern, kind=Message.RESPONSE, officer=farah, text="We patrol.\n\nOn Friday.")
    limit = Restriction.create(resident=amara, officer=farah, reason="You insulted us.", until=now + timedelta(days=9))
    about = {"concern": concern, "message": message, "restriction": limit, "created_at": now}
    row = Delivery(id=7, kind=Delivery.NOTICE, resident=amara)
    written = {}
    for template, kind in (
        ("concern_received", Notice.RECEIVED),
        ("concern_written", Notice.WRITTEN),
        ("concern_limited", Notice.LIMITED),
    ):
        row.notice = Notice.create(kind=kind, resident=amara, **about)
        written[template] = notices.written(row, now)
    Concern.update(state=Concern.UNCONFIRMED).where(Concern.id == concern.id).execute()
    row.notice = Notice.create(kind=Notice.CONFIRM, resident=amara, concern=Concern.get_by_id(concern.id))
    written["concern_confirm"] = notices.written(row, now)
    Concern.update(state=Concern.NEW, due_at=now).where(Concern.id == concern.id).execute()
    to_farah = Delivery(id=8, kind=Delivery.NOTICE, notice=Notice.create(kind=Notice.DUE, officer=farah))
    Concern.update(danger=Concern.URGENT).where(Concern.id == concern.id).execute()
    alarm = Notice.create(kind=Notice.URGENT, officer=farah)
    row.notice = Notice.create(kind=Notice.INFORMED, resident=amara)
    written["informed"] = notices.written(row, now)
    return written | {
        "concern_due": notices.written(to_farah, now),
        "concern_urgent": notices.written(Delivery(id=9, kind=Delivery.NOTICE, notice=alarm), now),
    }


def _welcome(delivery: Delivery, ward: Area, alert: Alert) -> Email:
    team = officers.team_of(ward)
    about = {"people": ["PC Farah"], "chosen": "advice", "priorities": [Priority(id=2, issue="Bikes", set_at=db.now())]}
    return emails.welcome(delivery, ward, team, latest=[alert], **about)


def _sent_alert() -> Alert:
    farah, now = cast.officer("Farah"), db.now()
    draft = drafts.begin(farah, cast.team("St Helier"), now)
    words = {
        "title": "Shed break-ins",
        "alert_type": "advice",
        "body": "## Lock it\n\n![x](https://x.org/x.png)\n\n* twice",
    }
    pictures.put(draft, farah, brought.photo(), "A shed", now)
    pictures.put_poster(draft, farah, brought.poster(), "Shed locks", now)
    return services.begin_sending(drafts.save(draft, 0, [cast.ST_HELIER], now, **words), farah, now)


def soups(written: dict[str, Email]) -> dict[str, BeautifulSoup]:
    return {name: BeautifulSoup(email.html, "html.parser") for name, email in written.items()}


def lacking(written: dict[str, Email], pattern: dict[str, str] | str) -> list[str]:
    """The parts of emails, text and HTML, whose words do not have this."""
    return [
        f"{name}, {part}"
        for name, email in written.items()
        for part, words in (("text", email.text), ("html", BeautifulSoup(email.html, "html.parser").body.get_text(" ")))
        if not re.search(pattern[name] if isinstance(pattern, dict) else pattern, " ".join(words.split()))
    ]


def test_every_email_we_can_send_is_looked_at_here(written):
    assert written.keys() == REASONS.keys()


@pytest.mark.parametrize("words", [r"\b999\b", r"\b101\b", "Crimestoppers", "never ask"])
def test_every_email_says(written, words):
    assert lacking(written, words) == []


def test_every_email_says_why_they_got_it(written):
    assert lacking(written, REASONS) == []


def test_every_email_leads_to_the_privacy_notice(written):
    privacy = url_for("home.privacy", _external=True)
    assert [name for name, email in written.items() if privacy not in email.text or privacy not in email.html] == []


@pytest.mark.parametrize("name", SUBSCRIBED)
def test_an_email_to_subscribers_leads_to_leaving_and_to_preferences(written, name):
    email = written[name]
    wanted = {f"http://localhost:5000/{path}/" for path in ("unsubscribe", "preferences/open")}
    in_html = {link["href"] for link in soups(written)[name].find_all("a")}
    assert {url for url in wanted if url in email.text} == wanted
    assert {url for url in wanted if any(link.startswith(url) for link in in_html)} == wanted


def test_no_text_has_holes(written):
    assert [name for name, email in written.items() if "\n\n\n" in email.text] == []


def test_both_parts_of_an_email_hold_the_same_links(written):
    for name, email in written.items():
        in_html = {
            a["href"] for a in soups(written)[name].find_all("a") if not a["href"].startswith(("tel:", "mailto:"))
        }
        assert in_html == set(re.findall(r"https?://[^\s),]+", email.text)), name


def test_every_link_in_an_email_makes_sense_alone(written):
    for name, soup in soups(written).items():
        words = [" ".join(link.get_text(" ").split()).lower() for link in soup.find_all("a")]
        assert not VAGUE & set(words), name
        assert len(words) == len(set(words)), f"{name}: the same words lead to two places"


def test_no_email_holds_a_script_or_a_picture_but_an_alerts_own(written):
    held = [(name, each.name) for name, soup in soups(written).items() for each in soup(["img", *RUNS])]
    assert held == [("alert", "img")]


def test_nothing_in_an_email_is_fetched_from_elsewhere(written):
    fetched = {name: re.findall(r"url\(|@import|<link|\ssrc=\S+", email.html) for name, email in written.items()}
    key = pictures.of(Alert.get()).picture.key
    ours = [f' src="{url_for("pictures.show", key=key, name="email.jpg", _external=True)}"']
    assert {name: found for name, found in fetched.items() if found} == {"alert": ours}


def test_a_picture_in_an_email_can_be_seen_and_has_words(written):
    """None that counts who opens it: it is the same for everybody, and large."""
    picture = soups(written)["alert"].find("img")
    assert picture["alt"] == "A shed"
    assert min(int(picture["width"]), int(picture["height"])) >= 100


def test_every_email_names_its_language_and_one_heading(written):
    for name, soup in soups(written).items():
        assert soup.html["lang"] == "en-GB", name
        assert len(soup.find_all("h1")) == 1, name


def test_tables_in_emails_are_only_for_looks(written):
    tables = [table.get("role") for soup in soups(written).values() for table in soup.find_all("table")]
    assert set(tables) == {"presentation"}


def test_styles_of_emails_are_inline(written):
    for name, soup in soups(written).items():
        assert soup.find("h1").get("style"), name
        rules = "".join(style.get_text() for style in soup.find_all("style"))
        assert re.fullmatch(r"\s*@media \(prefers-color-scheme: dark\) \{.*\}\s*", rules, re.DOTALL), name


def test_subjects_are_one_line_and_plain(written):
    subjects = [email.subject for email in written.values()]
    assert [subject for subject in subjects if not subject or "\n" in subject or "&amp;" in subject] == []

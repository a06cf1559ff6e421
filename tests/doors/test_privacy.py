"""Nobody learns who is signed up: not from a page, a cookie, a log, an officer's screen or another's email."""

import logging
import random
from datetime import timedelta

import pytest

from metengage import areas, db, digests, dispatch, jobs, links, residents
from metengage.choices import ALERT_TYPES, THEMES
from metengage.models import Alert, Delivery, Link
from tests import cast, services
from tests.cast import PASSWORD, SUTTON
from tests.page import Page, answer_survey, send_alert, sign_up
from tests.services import html_of, link_in, text_of

AMARA = "amara@example.org"
KNOWN = [f"{name}@example.org" for name in ("amara", "bryn", "cleo", "dov", "esme")]
NOBODY = "nobody@example.org"
LARGEST_COOKIE = 4093  # bytes that every browser takes: name, value and attributes


# --- The same page for all ---


def settled(page: Page, address: str) -> tuple:
    return page.status, page.url, page.title, page.text.replace(address, "…")


def ask_for_link(visitor, address: str) -> Page:
    return visitor.visit("/preferences").submit("Send me the link", email=address)


def test_asking_for_the_link_shows_the_same_page_to_all(visitor):
    pages = {settled(ask_for_link(visitor, address), address) for address in [*KNOWN, NOBODY]}
    assert len(pages) == 1


def test_signing_up_shows_the_same_page_to_all(visitor):
    addresses = [AMARA, "esme@example.org", NOBODY]
    pages = {settled(sign_up(visitor, email={"email": address}), address) for address in addresses}
    assert len(pages) == 1


@pytest.mark.parametrize("address", [AMARA, NOBODY])
def test_asking_too_often_shows_the_same_page_and_sends_no_more(visitor, post, address):
    first = ask_for_link(visitor, address)
    for _ in range(6):
        assert ask_for_link(visitor, address).text == first.text
    services.work_off()
    assert len(post.to(address)) == (4 if address == AMARA else 0)


def test_one_network_may_not_ask_for_everybody(visitor):
    statuses = [ask_for_link(visitor, f"resident{n:04}@example.org").status for n in range(21)]
    assert statuses == [200] * 20 + [429]


def test_the_unsubscribe_page_does_not_say_whose_it_is(visitor):
    token = links.sign(links.UNSUBSCRIBE, cast.resident("Amara"), None)
    assert "amara" not in visitor.visit(f"/unsubscribe/{token}").html.replace(token, "").lower()


# --- The cookie ---


def longest_address(seed: int) -> str:
    """254 characters that no compression makes much shorter."""
    pick = random.Random(seed).choices("abcdefghijklmnopqrstuvwxyz0123456789", k=300)
    letters = "".join(pick)
    return f"{letters[:64]}@{letters[64:126]}.{letters[126:188]}.{letters[188:248]}.uk"


def test_the_session_fits_into_a_cookie_with_the_longest_answers(signed_in):
    somebody = signed_in("Farah")
    ask_for_link(somebody, longest_address(1))
    signed = links.sign(links.PREFERENCES, cast.resident("Amara"))
    somebody.visit(f"/preferences/open/{signed}").submit("Open my preferences")
    sign_up(somebody, email={"email": longest_address(2)})
    somebody.visit("/sign-up/borough").submit("Continue", borough=SUTTON).submit("Write to me once", email=AMARA)
    somebody.visit("/sign-up/").submit("Continue", postcode="UB2 5UQ")
    others = random.Random(3).sample([ward.code for ward in areas.wards_of(areas.started_boroughs())], 30)
    page = answer_survey(
        somebody.visit("/sign-up/"),
        areas={"areas": others},
        types={"types": list(ALERT_TYPES)},
        concerns={"concerns": list(THEMES)},
        rank={"first": "women-and-girls", "second": "anti-social-behaviour", "third": "theft-from-vehicles"},
        name={"name": "".join(chr(0x1F300 + n) for n in random.Random(4).sample(range(0x300), 100))},
        email={"email": longest_address(5)},
    )
    assert page.url == "/sign-up/check"
    form, button = (page := somebody.visit("/sign-up/areas")).form("Show its wards")
    somebody.ask("POST", button["formaction"], data=page.fields(form) | {"areas": others})
    cookie = somebody.client.get_cookie("session")
    assert len(f"session={cookie.value}; Secure; HttpOnly; Path=/; SameSite=Lax") < LARGEST_COOKIE


# --- Logs ---


@pytest.fixture
def said(caplog):
    """Everything that the product logs, as an operator reads it."""
    caplog.set_level(logging.INFO)

    def so_far() -> str:
        return "\n".join(f"{caplog.handler.format(record)} {vars(record)}" for record in caplog.records)

    return so_far


def words_of(letter) -> list[str]:
    """The tokens in an email's links."""
    return [word.rsplit("/", 1)[-1] for word in text_of(letter).split() if "/confirm/" in word or "/open/" in word]


def test_signing_up_logs_no_address_and_no_token(visitor, post, said):
    sign_up(visitor)
    services.work_off()
    letter = post.last_to("cleo@example.org")
    visitor.visit(link_in(letter, "/confirm/")).submit("Yes, send me these")
    assert words_of(letter)
    assert not [word for word in ["cleo@example.org", "Cleo", *words_of(letter)] if word in said()]


def test_asking_for_the_link_logs_no_address_and_no_token(visitor, post, said):
    ask_for_link(visitor, AMARA)
    services.work_off()
    letter = post.last_to(AMARA)
    visitor.visit(link_in(letter, "/preferences/open/")).submit("Open my preferences")
    assert not [word for word in [AMARA, "Amara", *words_of(letter)] if word in said()]


def test_officers_signing_in_logs_no_address_and_no_password(visitor, said):
    page = visitor.visit("/officers/sign-in")
    page.submit("Sign in", email="farah@met.example.org", password="wrong horse battery")
    page.submit("Sign in", email="farah@met.example.org", password=PASSWORD)
    assert not [word for word in ["farah@met.example.org", "horse battery"] if word in said()]


@pytest.mark.parametrize(
    "answer", ["250 OK", f"550 5.1.1 <{AMARA}>: no such mailbox", f"451 4.7.1 <{AMARA}> later", f"421 {AMARA} closing"]
)
def test_sending_logs_no_address_and_no_token(post, said, answer):
    if not answer.startswith("250"):
        post.refusals[AMARA] = answer
    services.send()
    services.work_off()
    tokens = [token for letter in post.letters for token in words_of(letter)]
    assert not [word for word in [AMARA, "Amara", *tokens] if word in said()]


def test_a_whole_journey_logs_no_address_no_token_no_name_and_no_subject(visitor, post, said):
    sign_up(visitor, name={"name": "Cleopatra"})
    services.work_off()
    tokens = words_of(post.last_to("cleo@example.org"))
    visitor.visit(link_in(post.last_to("cleo@example.org"), "/confirm/")).submit("Yes, send me these")
    everybody = ["cleo@example.org", AMARA, *services.crowd(5)]
    refusals = ("550 5.1.1 <{}>: no such mailbox", "451 4.7.1 <{}> later", "421 {} closing", "552 {} is full")
    post.refusals |= {who: words.format(who) for who, words in zip(everybody[1:], refusals, strict=False)}
    services.send(title="Kestrel")
    visitor.visit("/preferences").submit("Close my page")
    ask_for_link(visitor, "bryn@example.org")
    services.work_off()
    digests.begin_due(db.now() + timedelta(weeks=1))
    jobs.ring_for_all_that_waits()
    services.work_off()
    tokens += [token for letter in post.letters for token in words_of(letter)]
    assert len(tokens) > 5
    assert "'event': 'sending'" in said()
    names = ["@", "Cleopatra", "Amara", "Bryn", "Farah", "Kestrel"]
    assert not [word for word in [*names, *tokens] if word in said()]


def test_a_fault_of_ours_logs_no_address(app, post, said):
    Delivery.create(kind=Delivery.CONFIRM, resident=cast.resident("Cleo"), consent=cast.resident("Cleo").consents.get())
    jobs.send_urgent()
    assert "cannot be written" in said()
    assert "cleo" not in said().lower()


def test_work_without_redis_logs_no_address(visitor, settings, monkeypatch, said):
    monkeypatch.setattr(settings, "redis_url", "unix:///nowhere/redis.sock")
    ask_for_link(visitor, AMARA)
    assert "The bell is out" in said()
    assert AMARA not in said()


# --- Officers ---


def test_officers_see_how_many_and_never_who(signed_in, post):
    post.refusals[AMARA] = f"550 5.1.1 <{AMARA}>: no such mailbox"
    page = send_alert(signed_in("Farah"))
    services.work_off()
    html = page.visitor.visit(page.url).html + page.visitor.visit("/officers/alerts").html
    assert "no such mailbox" in html
    assert not [each for each in (AMARA, "Amara", "bryn") if each in html]


def test_why_an_email_failed_is_kept_without_its_address(app, post):
    post.refusals["*"] = f"451 4.1.1 <Amara@Example.org> greylisted; {AMARA} may try again"
    alert = services.begin_sending(services.draft(), cast.officer("Farah"), db.now())
    dispatch.send_some(alert)
    assert "greylisted" in Delivery.get().reason
    assert "amara" not in Delivery.get().reason.lower()


# --- Emails ---


def test_no_email_names_another_resident(app, post):
    everybody = [AMARA, *services.crowd(3)]
    alert = services.begin_sending(services.draft(), cast.officer("Farah"), db.now())
    dispatch.send_some(alert)
    assert len(post.letters) == 4
    for letter in post.letters:
        assert [address for address in everybody if address in letter.as_string()] == [letter["To"]]


def test_each_envelope_has_one_recipient_who_is_the_one_in_the_header(app, post):
    services.crowd(3)
    alert = services.begin_sending(services.draft(), cast.officer("Farah"), db.now())
    dispatch.send_some(alert)
    assert [recipients for _, recipients in post.envelopes] == [[letter["To"]] for letter in post.letters]


def test_no_email_tells_us_that_it_was_opened_or_clicked(app, post):
    body = "[Report it](https://www.met.police.uk/ro/report/) ![pixel](https://example.org/1.gif)"
    alert = services.begin_sending(services.draft(body=body), cast.officer("Farah"), db.now())
    dispatch.send_some(alert)
    html = html_of(post.letters[0])
    assert 'href="https://www.met.police.uk/ro/report/"' in html
    assert not [word for word in ("<img", "url(", "<script", "<link") if word in html]


# --- Pages for anybody ---


def test_no_public_page_names_a_resident(visitor):
    services.send()
    services.work_off()
    alert = Alert.get()
    for url in ("/", "/areas/", f"/areas/{cast.ST_HELIER}", f"/alerts/{alert.id}"):
        html = visitor.visit(url).html.lower()
        assert not [address for address in KNOWN if address in html or address.split("@")[0] in html]


def test_a_magic_link_is_for_the_one_who_asked(app, post):
    residents.ask_for_link(AMARA, db.now())
    jobs.send_urgent()
    token = link_in(post.last_to(AMARA), "/preferences/open/").rsplit("/", 1)[-1]
    assert links.find(Link.SIGN_IN, token, db.now()).resident == cast.resident("Amara")
    assert [letter["To"] for letter in post.letters] == [AMARA]

"""Every email that we can send, byte for byte as it arrives: strict parsers and mailbox providers take it."""

import re
import shutil
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.utils import getaddresses

import dkim
import fast_mail_parser
import pytest
from bs4 import BeautifulSoup
from email_validator import validate_email

from metengage import db, digests, jobs, links, residents, schedule, signing
from metengage.choices import WEEKLY
from metengage.config import settings
from metengage.models import Consent, Delivery, Link, Resident, Team
from metengage.names import Names
from tests import cast, services
from tests.page import Visitor, approve, send_alert, sign_up, write_alert
from tests.services import html_of, text_of

AMARA, BRYN, CLEO, ESME, WAITING = (f"{name}@example.org" for name in ("amara", "bryn", "cleo", "esme", "waiting"))
NEW = "bryn.new@example.org"
FARAH, HANA = "farah@met.example.org", "hana@met.example.org"
PEOPLE = {
    **{"alert": AMARA, "digest": BRYN, "confirm": CLEO, "welcome": CLEO, "reminder": ESME, "known": AMARA},
    **{"sign in": AMARA, "started": WAITING, "taken address": AMARA, "new address": NEW, "old address": BRYN},
    **{"receipt": CLEO, "goodbye": NEW, "asked": HANA, "returned": FARAH, "approved": FARAH, "went first": HANA},
    "notice": "zoe@example.org",
}
SUBSCRIBED = ["alert", "digest", "welcome"]
ONCE = {"From", "To", "Subject", "Date", "Message-ID", "MIME-Version", "Content-Type"}
LONG = "Zwei Möpeds wurden gestohlen; " * 100  # a paragraph without a line break

# What officers and teams could be called, and write.
ODD = {
    "accents": "Café “Zoë” – Señor Łukasz, £5",
    "emoji": "🚓 Mopeds stolen 👩‍👩‍👧‍👦 🏴󠁧󠁢󠁥󠁮󠁧󠁿",
    "right to left": "سرقة دراجات – מסורק",
    "quotes": 'Say "stop", \\ then (don’t); <b>@home</b>: 100% =20',
    "long": ("Mopeds stolen in Green Lane, Ravensbury, St Helier and Surbiton Hill; " * 2)[:120].strip(),
    "one long word": "é" * 120,
    "full stops": ".\r\n.. .",
}


@dataclass
class Received:
    """An email as the mail server got it."""

    raw: bytes
    return_path: str
    recipients: list[str]

    @property
    def letter(self) -> EmailMessage:
        """As the standard library reads it; raises at the first defect."""
        return message_from_bytes(self.raw, policy=policy.SMTP.clone(raise_on_defect=True))

    @property
    def sender(self) -> tuple[str, str]:
        """(name, address) of the one mailbox in From. The library's newer parser leaves spaces in encoded names."""
        ((name, address),) = getaddresses([" ".join(message_from_bytes(self.raw)["From"].split())])
        return str(make_header(decode_header(name))), address

    @property
    def head(self) -> str:
        return self.raw.partition(b"\r\n\r\n")[0].decode("ascii")


class Walk:
    """Somebody who does all that makes us send an email."""

    def __init__(self, app, post):
        self.app, self.post = app, post

    def visitor(self) -> Visitor:
        return Visitor(self.app.test_client())

    def received(self, to: str) -> Received:
        """Let the worker work, and take the one email that this person got."""
        services.work_off()
        places = [place for place, letter in enumerate(self.post.letters) if letter["To"] == to]
        got = [Received(self.post.raw[place], *self.post.envelopes[place]) for place in places]
        self.post.forget()
        assert len(got) == 1, got
        return got[0]

    def signed_in(self, email: str) -> Visitor:
        officer = self.visitor()
        officer.visit("/officers/sign-in").submit("Sign in", email=email, password=cast.PASSWORD)
        return officer

    def alert(self) -> Received:
        send_alert(self.signed_in(FARAH), body=LONG)
        return self.received(AMARA)

    def digest(self) -> Received:
        """What was sent before the last Saturday at 8:30."""
        when = schedule.last_moment(WEEKLY, db.now()) - timedelta(hours=1)
        services.begin_sending(services.draft(), cast.officer("Farah"), when)
        for digest in digests.begin_due(db.now()):
            jobs.ring_digest(digest.id)
        return self.received(BRYN)

    def confirm(self) -> Received:
        sign_up(self.visitor())
        received = self.received(CLEO)
        self.confirmation = services.link_in(message_from_bytes(received.raw, policy=policy.default), "/confirm/")
        return received

    def welcome(self) -> Received:
        self.visitor().visit(self.confirmation).submit("Yes, send me these")
        return self.received(CLEO)

    def reminder(self) -> Received:
        """Two days after she signed up."""
        sign_up(self.visitor(), email={"email": ESME})
        self.received(ESME)
        then = db.now() - residents.REMINDED_AFTER
        Consent.update(created_at=then).where(Consent.confirmed_at.is_null(), Consent.answers.is_null(False)).execute()
        assert residents.remind_unconfirmed(db.now()) == 1
        jobs.ring_urgent()
        return self.received(ESME)

    def goodbye(self) -> Received:
        token = links.sign(links.UNSUBSCRIBE, Resident.get(Resident.email == NEW))
        self.visitor().visit(f"/unsubscribe/{token}").submit("Stop all emails")
        return self.received(NEW)

    def known(self) -> Received:
        sign_up(self.visitor(), email={"email": AMARA})
        return self.received(AMARA)

    def sign_in(self) -> Received:
        self.visitor().visit("/preferences").submit("Send me the link", email=AMARA)
        return self.received(AMARA)

    def started(self) -> Received:
        page = self.visitor().visit("/sign-up/").submit("Continue", postcode="SM1 3EA")
        page.submit("Write to me once", email=WAITING)
        self.app.test_cli_runner().invoke(args=["areas", "start", cast.SUTTON])
        return self.received(WAITING)

    def taken_address(self) -> Received:
        return self._move_bryn(to=AMARA)

    def new_address(self) -> Received:
        return self._move_bryn(to=NEW)

    def old_address(self) -> Received:
        self.visitor().visit(services.link_in(self._move_bryn(to=NEW).letter, "/email/")).submit("Use this address")
        return self.received(BRYN)

    def _move_bryn(self, to: str) -> Received:
        token = links.issue(Link.SIGN_IN, cast.resident("Bryn"), db.now())
        bryn = self.visitor()
        bryn.visit(f"/preferences/open/{token}").submit("Open my preferences")
        bryn.visit("/preferences/email").submit("Write to this address", email=to)
        return self.received(to)

    def receipt(self) -> Received:
        page = self.visitor().visit("/complaints/new")
        page.submit("Send my complaint", text="You wrote to amara@example.org about me.", email=CLEO)
        return self.received(CLEO)

    def notice(self) -> Received:
        page = self.visitor().visit(f"/concerns/new?ward={cast.ST_HELIER}")
        page.submit("Send it to my team", text="It is loud in the park.", wants="yes", email=PEOPLE["notice"])
        return self.received(PEOPLE["notice"])

    def asked(self) -> Received:
        self.farah = self.signed_in(FARAH)
        self.asking = write_alert(self.farah).submit("Check and send").submit("Ask a supervisor")
        return self.received(HANA)

    def returned(self) -> Received:
        page = self.signed_in(HANA).visit(self.asking.url)
        page.submit("Return with the comment", comment=f"{ODD['emoji']}\n\n{ODD['quotes']} {LONG}"[:1000])
        return self.received(FARAH)

    def approved(self) -> Received:
        edit = self.asking.url.replace("/decide", "/edit")
        asking = self.farah.visit(edit).submit("Check and send").submit("Ask a supervisor")
        approve(self.farah, asking.url)
        return self.received(FARAH)

    def went_first(self) -> Received:
        review = write_alert(self.farah).submit("Check and send")
        review.submit("Send it before approval", why="A child is missing and nobody answers.")
        return self.received(HANA)

    def odd(self, words: str) -> Received:
        """An alert to two wards that has these words as its title, as its team's name and in its body."""
        codes = [cast.RAVENSBURY, cast.ST_HELIER]
        alert = services.draft(title=words, body=f"{words}\n\n{LONG}", codes=codes)
        Team.update(name=" ".join(words.split())).where(Team.id == alert.team).execute()
        jobs.ring_alert(services.begin_sending(alert, cast.officer("Farah"), db.now()).id)
        received = self.received(AMARA)
        Team.update(name="St Helier team").where(Team.id == alert.team).execute()
        return received


@pytest.fixture(scope="module")
def all_received(built, sqlite_template, post_server, tmp_path_factory) -> dict[str, Received]:
    """Each email that we can send, and alerts of odd words; walked once, because none of it depends on the database."""
    path = shutil.copy(sqlite_template, tmp_path_factory.mktemp("walk") / "walk.db")
    db.use(f"sqlite:///{path}")
    post_server[1].forget()
    jobs.redis().flushall()
    with built.app_context():
        walk = Walk(built, post_server[1])
        got = {kind: getattr(walk, kind.replace(" ", "_"))() for kind in PEOPLE}
        got |= {kind: walk.odd(words) for kind, words in ODD.items()}
    db.handle.close()
    return got


@pytest.fixture(params=[*PEOPLE, *ODD])
def received(request, all_received) -> Received:
    return all_received[request.param]


@pytest.fixture(params=SUBSCRIBED)
def subscribed(request, all_received) -> Received:
    return all_received[request.param]


@pytest.fixture(params=ODD)
def odd(request, all_received) -> tuple[str, Received]:
    """(the words as a reader should see them, the email)."""
    return " ".join(ODD[request.param].split()), all_received[request.param]


def test_every_kind_of_email_is_looked_at(all_received):
    """A Message-ID says which kind it is."""
    (allowed,) = [each.sql for each in Delivery._meta.constraints if "kind IN" in each.sql]
    got = {each.letter["Message-ID"].partition("@")[0].rpartition(".")[2] for each in all_received.values()}
    assert set(re.findall("'([a-z-]+)'", allowed)) - {Delivery.TRIAL} == got  # that one is an alert


# --- Bytes ---


def test_lines_end_as_they_must_and_are_not_too_long(received):
    assert received.raw.endswith(b"\r\n")
    assert b"\n" not in received.raw.replace(b"\r\n", b"")
    assert b"\r" not in received.raw.replace(b"\r\n", b"")
    assert max(map(len, received.raw.split(b"\r\n"))) <= 998


def test_every_server_takes_its_bytes(received):
    assert received.raw.isascii()
    assert b"\0" not in received.raw


def test_what_was_encoded_has_short_lines(received):
    for part in received.letter.iter_parts():
        assert part["Content-Transfer-Encoding"] == "quoted-printable"
        assert max(map(len, part.get_payload().splitlines())) <= 76


# --- Header fields ---


def test_every_line_of_the_head_is_a_field_or_goes_on_with_one(received):
    for line in received.head.split("\r\n"):
        assert re.fullmatch(r"[!-9;-~]+: \S.*|[ \t]+\S.*", line), line
    fields = re.findall(r"(?m)^([!-9;-~]+):", received.head)
    assert [name for name in set(fields) if fields.count(name) > 1] == []
    assert set(fields) >= ONCE


def test_no_parser_finds_a_defect(received):
    """The standard library raises at a defect; fast-mail-parser, another by other people, notes each of its repairs."""
    letter = received.letter
    assert [each for part in letter.walk() for name in set(part) for each in part[name].defects] == []
    assert fast_mail_parser.parse_email(received.raw).warnings == []


def test_two_parsers_read_the_same(received):
    letter, other = received.letter, fast_mail_parser.parse_email(received.raw)
    assert (other.subject, other.to[0].address) == (letter["Subject"], letter["To"])
    assert (other.from_.display_name, other.from_.address) == received.sender
    assert [lines(text) for text in (*other.text_plain, *other.text_html)] == [
        lines(text_of(letter)),
        lines(html_of(letter)),
    ]


def lines(text: str) -> list[str]:
    return text.strip().splitlines()


def test_the_date_is_now_or_that_of_the_digest(received):
    age = datetime.now(UTC) - received.letter["Date"].datetime
    assert -timedelta(minutes=1) < age < timedelta(days=8)
    assert re.fullmatch(r"\w{3}, \d{1,2} \w{3} \d{4} \d\d:\d\d:\d\d [+-]\d{4}", str(received.letter["Date"]))


def test_the_message_id_is_one_and_of_our_domain(received):
    atom = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
    assert re.fullmatch(rf"<{atom}(\.{atom})*@engage\.example\.org>", received.letter["Message-ID"])


def test_no_two_emails_have_the_same_message_id(all_received):
    assert len({each.letter["Message-ID"] for each in all_received.values()}) == len(all_received)


def test_a_repeat_has_the_same_message_id(app, post):
    post.hang_up = True
    alert = services.begin_sending(services.draft(), cast.officer("Farah"), db.now())
    for _ in range(2):
        jobs.ring_alert(alert.id)
        services.work_off()
        Delivery.update(due_at=db.now()).execute()
    first, second = post.to(AMARA)
    assert first["Message-ID"] == second["Message-ID"]


def test_there_is_one_sender_and_the_address_is_a_good_one(received):
    _, address = received.sender
    assert address in (settings.mail_default_sender, settings.mail_account_sender)
    validate_email(address, check_deliverability=False, strict=True, test_environment=True)


def test_mail_about_an_account_comes_from_another_address_than_alerts(all_received):
    from_alerts = {kind for kind in PEOPLE if all_received[kind].sender[1] == settings.mail_default_sender}
    assert from_alerts == set(SUBSCRIBED)


def test_there_is_one_recipient_and_it_is_who_it_says(received):
    assert received.recipients == [received.letter["To"]]
    assert [name for name in ("Cc", "Bcc", "Sender", "Resent-To") if name in received.letter] == []


def test_nobody_elses_address_is_in_it(received):
    others = [f"{name}@example.org".encode() for name in ("amara", "bryn", "cleo", "dov", "esme", "waiting")]
    assert [each for each in others if each in received.raw and each.decode() != received.letter["To"]] == []


def test_returned_mail_has_somewhere_to_go(received):
    assert received.return_path.rpartition("@")[2] == "engage.example.org"


def test_it_says_that_a_machine_sent_it(received):
    assert received.letter["Auto-Submitted"] == "auto-generated"


# --- What mailbox providers ask of mail to subscribers ---


def test_one_click_unsubscribes(subscribed):
    assert re.fullmatch(r"<http://localhost:5000/unsubscribe/[\w.~-]+>", subscribed.letter["List-Unsubscribe"])
    assert subscribed.letter["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert re.search(r"(?m)^List-Unsubscribe: <\S+>\r$", subscribed.head), (
        "unfolded and unencoded, as all readers need it"
    )


def test_the_one_click_address_is_in_the_text_too(subscribed):
    assert subscribed.letter["List-Unsubscribe"].strip("<>") in text_of(subscribed.letter)


def test_mail_about_an_account_is_no_list(all_received):
    lists = {kind for kind in PEOPLE if "\r\nList-" in all_received[kind].head}
    assert lists == set(SUBSCRIBED)


def test_each_ward_is_a_list(all_received):
    list_id = all_received["alert"].letter["List-Id"]
    assert list_id == f'"St Helier" <{cast.ST_HELIER.lower()}.alerts.engage.example.org>'
    assert all_received["welcome"].letter["List-Id"] == list_id
    assert all_received["digest"].letter["List-Id"].endswith("<weekly.digest.engage.example.org>")


def test_complaints_can_be_told_apart_but_not_people(subscribed):
    """Gmail reads up to four fields from the right; the last is us, in 5 to 15 characters, and none is there twice."""
    parts = subscribed.letter["Feedback-ID"].split(":")
    assert parts[-1] == "metengage"
    assert len(parts) == len(set(parts)) <= 4
    assert all(re.fullmatch(r"[a-z0-9-]+", part) for part in parts)


def test_everybody_s_complaints_come_under_one_name(app, post):
    services.crowd(2)
    alert = services.begin_sending(services.draft(), cast.officer("Farah"), db.now())
    jobs.ring_alert(alert.id)
    services.work_off()
    assert len(post.letters) == 3
    assert {letter["Feedback-ID"] for letter in post.letters} == {f"{alert.id}:incidents:metengage"}


# --- Parts ---


def test_the_text_comes_first_and_the_page_last(received):
    letter = received.letter
    assert letter.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in letter.iter_parts()] == ["text/plain", "text/html"]
    assert {part.get_content_charset() for part in letter.iter_parts()} == {"utf-8"}


def test_the_text_has_something_to_say_and_the_page_is_not_cut_off(received):
    assert len(text_of(received.letter)) > 200
    assert html_of(received.letter).rstrip().endswith("</html>")
    assert len(received.raw) < 100_000, "Gmail cuts off what is longer"


# --- Odd words ---


def test_odd_words_come_out_of_the_subject_as_they_went_in(odd):
    words, received = odd
    assert received.letter["Subject"] == words


def test_odd_words_come_out_of_the_senders_name(odd):
    words, received = odd
    assert received.sender[0] == f"{words}, Met Engage"


def test_odd_words_leave_the_lists_name_as_it_is(odd):
    _, received = odd
    unfolded = received.head.replace("\r\n ", " ")
    assert re.search(r"(?m)^List-Id: .* <e0501382[24]\.alerts\.engage\.example\.org>\r$", unfolded)


def test_odd_words_come_out_of_the_text_and_the_page(odd):
    words, received = odd
    assert words in " ".join(text_of(received.letter).split())
    assert words in " ".join(BeautifulSoup(html_of(received.letter), "html.parser").h1.get_text().split())


@pytest.mark.parametrize("kind", ["accents", "long"])
def test_a_long_paragraph_comes_out_whole(all_received, kind):
    assert " ".join(LONG.split()) in " ".join(text_of(all_received[kind].letter).split())


# --- Signed ---


def verifies(message: bytes, zone) -> bool:
    """Whether a message verifies with dkimpy and what our name server says."""
    names = Names(zone.address)
    return dkim.verify(message, dnsfunc=lambda name, timeout: names.ask(name.decode(), "TXT")[0].encode())


def test_what_we_send_is_signed_once_a_key_is_set(app, post, zone, monkeypatch):
    monkeypatch.setattr(settings, "mail_server", "127.0.0.1")
    walk = Walk(app, post)
    sent = [walk.alert(), walk.digest(), walk.sign_in(), walk.odd(ODD["full stops"])]
    assert [each.head.count("DKIM-Signature: ") for each in sent] == [1] * 4
    assert [verifies(each.raw, zone) for each in sent] == [True] * 4


def test_every_email_verifies_when_it_is_signed(received, zone):
    signed = signing.sign(received.raw)
    assert verifies(signed, zone)
    assert fast_mail_parser.parse_email(signed).warnings == []
    assert len(signed) - len(received.raw) < 1000

"""What mail servers and cron run: a message by standard input, and a mailbox by IMAP."""

import imaplib
import os
import subprocess
import sys

import pytest

from metengage import bounces, config, db, envelopes, machine, postbox, suppressions
from metengage.models import TABLES, Bounce, Delivery
from tests import cast, outside, returned, services

AMARA, BRYN = "amara@example.org", "bryn@example.org"


@pytest.fixture
def delivery(app) -> Delivery:
    """An email to Amara."""
    return sent("Amara")


def sent(name: str) -> Delivery:
    facts = {"kind": Delivery.ALERT, "state": Delivery.SENT, "sent_at": db.now()}
    return Delivery.create(resident=cast.resident(name), **facts)


def run(app, *command: str, given: bytes = b""):
    db.handle.close()
    return app.test_cli_runner().invoke(args=["bounces", *command], input=given)


def rows() -> dict[str, list]:
    return {table.__name__: sorted(table.select().tuples(), key=repr) for table in TABLES}


# --- By standard input ---


def test_a_message_is_received(app, delivery):
    result = run(app, "receive", given=returned.letter("postfix", delivery))
    assert (result.exit_code, result.output) == (0, "hard\n")
    assert suppressions.among([AMARA]) == {AMARA}


def test_the_mail_server_may_tell_the_address_that_it_was_sent_to(app, delivery):
    raw = returned.letter("qmail", delivery, "<x@y.example>", "bounces@engage.example.org")
    assert run(app, "receive", given=raw).output == "of no email of ours\n"
    assert (
        run(app, "receive", "--return-path", envelopes.of(delivery.id, "alert").return_path, given=raw).output
        == "hard\n"
    )


@pytest.mark.parametrize("name", ["holiday", "letter", "postfix_delayed"])
def test_what_is_no_bounce_ends_well_too(app, delivery, name):
    """Or the mail server would bounce the bounce."""
    before = rows()
    result = run(app, "receive", given=returned.letter(name, delivery))
    assert (result.exit_code, result.output) == (0, "no bounce\n")
    assert rows() == before


@pytest.mark.parametrize("raw", [b"", b"\xff\x00" * 1000, b"x" * 3_000_000])
def test_whatever_comes_ends_well(app, raw):
    before = rows()
    assert run(app, "receive", given=raw).exit_code == 0
    assert rows() == before


def test_what_it_says_names_nobody(app, delivery):
    for name in returned.NAMES:
        assert "@" not in run(app, "receive", given=returned.letter(name, delivery)).output


def program(settings, database: str, *command: str, given: bytes) -> subprocess.CompletedProcess:
    """The command as a mail server runs it."""
    names = ("instance", "public_url", "secret_key", "mail_server", "mail_port", "mail_default_sender")
    environ = {name.upper(): str(getattr(settings, name)) for name in names}
    return subprocess.run(
        [sys.executable, "-m", "flask", "--app", "app", "bounces", *command],
        cwd=config.ROOT, env={**os.environ, **environ, "DATABASE_URL": database}, input=given, capture_output=True,
    )  # fmt: skip


def test_it_runs_in_a_pipe(settings, database, delivery):
    done = program(settings, database, "receive", given=returned.letter("postfix", delivery))
    assert (done.returncode, done.stdout) == (0, b"hard\n")
    assert Bounce.get().delivery == delivery


def test_it_asks_for_another_try_while_the_database_is_away(settings, database, delivery, tmp_path):
    away = "postgresql://nobody@127.0.0.1:1/none" if db.is_postgresql() else f"sqlite:///{tmp_path / 'empty.db'}"
    raw = returned.letter("postfix", delivery)
    done = program(settings, away, "receive", given=raw)
    assert done.returncode == os.EX_TEMPFAIL
    assert b"amara" not in done.stdout + done.stderr
    assert program(settings, database, "receive", given=raw).stdout == b"hard\n"


# --- By IMAP ---


@pytest.fixture(scope="module")
def imap():
    process, port = outside.start_imap()
    yield port
    process.kill()
    process.wait()


class Mailbox:
    """The mailbox of bounces, as another mail program sees it."""

    def __init__(self, port: int):
        self.port = port

    def _opened(self) -> imaplib.IMAP4:
        box = imaplib.IMAP4("127.0.0.1", self.port)
        box.login("bounces", "p@ss")
        box.select()
        return box

    def put(self, *letters: bytes) -> None:
        with self._opened() as box:
            for letter in letters:
                box.append("INBOX", None, None, letter.replace(b"\n", b"\r\n"))

    def count(self) -> int:
        with self._opened() as box:
            return int(box.select()[1][0])

    def empty(self) -> None:
        with self._opened() as box:
            box.store("1:*", "+FLAGS", r"(\Deleted)")
            box.expunge()


@pytest.fixture
def mailbox(app, imap, settings, monkeypatch):
    monkeypatch.setattr(settings, "bounce_mailbox", f"imap://bounces:p%40ss@127.0.0.1:{imap}/INBOX")
    mailbox = Mailbox(imap)
    yield mailbox
    mailbox.empty()


def test_a_mailbox_is_emptied(app, delivery, mailbox):
    mailbox.put(*(returned.letter(name, delivery) for name in ("holiday", "postfix", "qmail", "letter")), b"x: y\n\nz")
    result = run(app, "fetch")
    assert (result.exit_code, mailbox.count()) == (0, 0)
    words = "Read 5 messages, 2 no bounce, 1 hard, 1 known already, 1 of no email of ours.\n"
    assert result.output == words
    assert suppressions.among([AMARA]) == {AMARA}


def test_an_empty_mailbox_is_fine(app, mailbox):
    assert run(app, "fetch").output == "Read 0 messages.\n"


def test_many_are_taken_in_batches(app, delivery, mailbox, monkeypatch):
    monkeypatch.setattr(postbox, "BATCH", 3)
    mailbox.put(*[returned.letter("letter", delivery)] * 8)
    assert run(app, "fetch").output == "Read 8 messages, 8 no bounce.\n"
    assert mailbox.count() == 0


def test_a_huge_message_is_read_in_part(app, delivery, mailbox):
    mailbox.put(returned.letter("exim", delivery).replace(b"Two mopeds", b"x" * 3_000_000))
    assert run(app, "fetch").output == "Read 1 message, 1 hard.\n"
    assert mailbox.count() == 0


def test_what_was_not_recorded_stays(app, delivery, mailbox):
    """The second message fails in the database: the first is done, the others wait for the next time."""
    mailbox.put(returned.letter("letter", delivery), *[returned.letter("postfix", delivery)] * 2)
    db.handle.execute_sql("ALTER TABLE bounce RENAME TO bounce_away")
    result = run(app, "fetch")
    assert (result.exit_code, result.stdout) == (os.EX_TEMPFAIL, "Read 1 message, 1 no bounce.\n")
    with db.opened():
        db.handle.execute_sql("ALTER TABLE bounce_away RENAME TO bounce")
    assert run(app, "fetch").output == "Read 2 messages, 1 hard, 1 known already.\n"
    assert mailbox.count() == 0


def test_two_may_fetch_at_once(app, mailbox, settings):
    deliveries = [sent(name) for name in ("Amara", "Bryn") * 10]
    mailbox.put(*(returned.letter("postfix", each) for each in deliveries))

    def fetch():
        for letter in postbox.letters(settings.bounce_mailbox):
            bounces.receive(letter, db.now())

    assert services.at_once(app, fetch, fetch) == [None, None]
    assert (Bounce.select().count(), mailbox.count()) == (20, 0)
    assert suppressions.among([AMARA, BRYN]) == {AMARA, BRYN}


@pytest.mark.parametrize("url", ["imap://bounces:wrong@127.0.0.1:{port}", "imap://bounces:x@127.0.0.1:{nobody}",
                                 "imap://bounces:p%40ss@127.0.0.1:{port}/Elsewhere"])  # fmt: skip
def test_a_mailbox_that_does_not_open_is_told_in_a_sentence(app, imap, settings, monkeypatch, url):
    monkeypatch.setattr(settings, "bounce_mailbox", url.format(port=imap, nobody=machine.free_port(1)))
    result = run(app, "fetch")
    assert (result.exit_code, result.stderr.count("The mailbox of bounces cannot be read")) == (1, 1)
    assert "wrong" not in result.output


def test_without_a_mailbox_there_is_nothing_to_fetch(app):
    assert run(app, "fetch").stderr == "Error: BOUNCE_MAILBOX is not set.\n"


@pytest.fixture
def imaps(imap, settings, monkeypatch):
    front = outside.Imaps(imap)
    monkeypatch.setattr(settings, "bounce_mailbox", f"imaps://bounces:p%40ss@localhost:{front.port}/INBOX")
    yield front
    front.stop()


def test_a_mailbox_is_read_through_tls(app, delivery, mailbox, imaps, monkeypatch, tmp_path):
    mailbox.put(returned.letter("postfix", delivery))
    imaps.trusted(monkeypatch, tmp_path)
    assert run(app, "fetch").output == "Read 1 message, 1 hard.\n"


def test_no_password_is_told_to_a_server_that_nobody_vouches_for(app, delivery, mailbox, imaps):
    mailbox.put(returned.letter("postfix", delivery))
    result = run(app, "fetch")
    assert (result.exit_code, mailbox.count()) == (1, 1)
    assert "SSLCertVerificationError" in result.stderr


# --- From an officer's alert to its end ---


def test_who_bounced_gets_no_other_alert(app, post, work):
    services.send()
    work()
    letter = post.last_to(AMARA)
    raw = returned.letter("gmail", Delivery(id=0), letter["Message-ID"], "bounces@engage.example.org")
    assert run(app, "receive", given=raw).output == "hard\n"
    services.send(title="Another")
    work()
    assert [each["Subject"] for each in post.to(AMARA)] == [letter["Subject"]]

"""DKIM: what we sign verifies with the key in the DNS, and no longer once anything that counts was changed."""

import re
from email.message import EmailMessage
from email.policy import SMTP

import dkim
import pytest
from dkim.canonicalization import Relaxed
from hypothesis import given
from hypothesis import strategies as st

from metengage import keys, signing
from metengage.names import Names
from tests.nameserver import DOMAIN

FIELDS = {
    "From": "St Helier team <alerts@engage.example.org>", "Reply-To": "sthelier@met.example.org",
    "To": "amara@example.org", "Subject": "Mopeds stolen in Green Lane – café",
    "Date": "Sun, 22 Nov 2026 12:00:00 +0000", "Message-ID": "<20261122120000.1.alert@engage.example.org>",
    "List-Id": "St Helier <e05013824.alerts.engage.example.org>",
    "List-Unsubscribe": "<https://engage.example.org/unsubscribe/token>",
    "List-Unsubscribe-Post": "List-Unsubscribe=One-Click", "Feedback-ID": "1:incidents:metengage",
}  # fmt: skip


def message(body: str = "Two mopeds were taken.\n", **fields) -> bytes:
    """An email as it goes to the mail server."""
    written = EmailMessage(policy=SMTP)
    for name, value in (FIELDS | fields).items():
        written[name] = value
    written.set_content(body, cte="quoted-printable")
    return written.as_bytes()


@pytest.fixture
def verifies(zone):
    """Whether a message verifies with dkimpy and what our name server says."""
    names = Names(zone.address)

    def txt(name: bytes, timeout: int) -> bytes:
        return "".join(names.ask(name.decode(), "TXT")).encode()

    return lambda signed: dkim.verify(signed, dnsfunc=txt)


def test_what_we_sign_verifies(verifies):
    assert verifies(signing.sign(message()))


def test_the_signature_stands_before_the_message_and_leaves_it_as_it_was(zone):
    before = message()
    signed = signing.sign(before)
    assert signed.endswith(before)
    assert signed.startswith(b"DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; ")


def test_the_signature_is_of_the_domain_that_alerts_come_from(zone):
    assert f"d={DOMAIN}; s=metengage;".encode() in signing.sign(message())


def test_its_lines_are_short(zone):
    added = signing.sign(message()).removesuffix(message())
    assert max(map(len, added.split(b"\r\n"))) <= 78
    assert b"\n" not in added.replace(b"\r\n", b"")


@pytest.mark.parametrize("name", [*FIELDS, "Content-Type", "MIME-Version"])
def test_no_field_that_counts_can_be_changed(verifies, name):
    signed = signing.sign(message())
    changed = re.sub(rb"(?m)^(%s: )" % name.encode(), rb"\1x", signed)
    assert changed != signed
    assert not verifies(changed)


@pytest.mark.parametrize("name", [*FIELDS, "Content-Type", "MIME-Version"])
def test_no_field_that_counts_can_be_taken_out(verifies, name):
    signed = signing.sign(message())
    changed = re.sub(rb"(?m)^%s: .*\r\n( .*\r\n)*" % name.encode(), b"", signed)
    assert changed != signed
    assert not verifies(changed)


def test_nobody_can_add_a_second_sender(verifies):
    assert re.search(rb"h=from : .* : from;", signing.sign(message()).replace(b"\r\n", b""))
    first, _, rest = signing.sign(message()).partition(b"\r\nFrom: ")
    assert not verifies(first + b"\r\nFrom: forged@example.net\r\nFrom: " + rest)
    assert not verifies(first + b"\r\nFrom: " + rest.replace(b"\r\nTo: ", b"\r\nFrom: forged@example.net\r\nTo: "))


def test_nobody_can_change_the_body(verifies):
    signed = signing.sign(message())
    assert not verifies(signed.replace(b"Two mopeds", b"Ten mopeds"))
    assert not verifies(signed + b"And more.\r\n")


def test_relays_may_change_white_space_and_fold(verifies):
    signed = signing.sign(message("Two  mopeds \n were taken.\n"))
    relayed = signed.replace(b"Subject: ", b"SUBJECT:\r\n  ").replace(b"mopeds", b" mopeds") + b"\r\n\r\n"
    assert verifies(relayed)


def test_a_message_with_doubled_dots_verifies_once_the_server_has_taken_them_out(verifies):
    plain = message(".\n..\nTwo mopeds.\n. .\n")
    stuffed = re.sub(rb"(?m)^\.", b"..", plain)
    assert stuffed.count(b"\r\n..") == 3
    signed = signing.sign_stuffed(stuffed)
    assert signed.endswith(stuffed)
    assert verifies(re.sub(rb"(?m)^\.\.", b".", signed))


def test_an_empty_message_verifies(verifies):
    assert verifies(signing.sign(message("")))


def test_with_another_key_in_the_dns_it_does_not_verify(verifies, zone, tmp_path):
    zone.says(f"metengage._domainkey.{DOMAIN}", "TXT", keys.record(keys.make_key(tmp_path / "other.pem")))
    assert not verifies(signing.sign(message()))


def test_a_selector_of_one_s_own(verifies, zone, settings, monkeypatch):
    monkeypatch.setattr(settings, "dkim_selector", "nov2026")
    zone.says(f"nov2026._domainkey.{DOMAIN}", "TXT", keys.record(keys.private_key(settings.dkim_key)))
    assert verifies(signing.sign(message()))


def test_without_a_key_the_message_stays_as_it_was(settings):
    assert settings.dkim_key == ""
    assert signing.sign(message()) == signing.sign_stuffed(message()) == message()


@given(st.lists(st.sampled_from([b"a", b"=20", b" ", b"  ", b"\t", b"\r\n", b"."]), max_size=40).map(b"".join))
def test_the_body_is_made_ready_as_dkimpy_does(body):
    ready = keys.relaxed(body + b"\r\n")
    assert ready == Relaxed.canonicalize_body(body + b"\r\n")


# --- The key ---


def test_only_its_owner_may_read_the_key(dkim_key):
    assert dkim_key.stat().st_mode & 0o777 == 0o600
    assert keys.private_key(str(dkim_key)).key_size == 2048


def test_a_key_is_never_written_over(built, dkim_key):
    before = dkim_key.read_bytes()
    done = built.test_cli_runner().invoke(args=["mail", "key", str(dkim_key)])
    assert (done.exit_code, dkim_key.read_bytes()) == (1, before)
    assert "File exists" in done.output


def test_the_command_says_what_to_publish_in_strings_that_the_dns_takes(built, tmp_path):
    done = built.test_cli_runner().invoke(args=["mail", "key", str(tmp_path / "new.pem")])
    assert f"metengage._domainkey.{DOMAIN}. TXT " in done.output
    strings = re.findall('"([^"]*)"', done.output)
    assert "".join(strings) == keys.record(keys.private_key(str(tmp_path / "new.pem")))
    assert max(map(len, strings)) <= 255

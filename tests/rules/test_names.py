"""The DNS does not answer, or answers nonsense: it is said in words, and spoils nothing else."""

import pytest

from metengage import domains, names
from metengage.names import Names
from metengage.origins import GOOD, LACKING
from tests.nameserver import ADDRESS, DOMAIN, GARBAGE, SILENCE, found, in_a_thread, the


def test_a_domain_that_there_is_not(zone):
    assert found(zone, domain="engage.example.com") == [(LACKING, "There is no domain called engage.example.com.")]


@pytest.mark.parametrize("domain", ["", ".", "a..b", "a" * 64 + ".org", "é" * 64, "\0", "a b", "\x1b[31m", "a." * 200])
def test_what_is_no_name(zone, domain):
    (finding,) = found(zone, domain=domain)
    assert finding[0] == LACKING
    assert finding[1].isprintable()


@pytest.mark.parametrize(
    ("fault", "words"),
    [(SILENCE, "no name server answered"), (GARBAGE, ""), ("SERVFAIL", "SERVFAIL"), ("REFUSED", "REFUSED")],
)
def test_a_name_server_that_does_not_answer(zone, monkeypatch, fault, words):
    monkeypatch.setattr(names, "PATIENCE", 0.3)
    zone.faults["*"] = fault
    (finding,) = found(zone)
    assert finding[0] == LACKING
    assert finding[1].startswith("Nothing could be looked up: ")
    assert words in finding[1]


def test_a_name_server_that_is_not_running(monkeypatch):
    monkeypatch.setattr(names, "PATIENCE", 0.3)
    assert "no name server answered" in in_a_thread(domains.check, DOMAIN, Names("127.0.0.1:9"))[0].words


@pytest.mark.parametrize("fault", [SILENCE, GARBAGE, "SERVFAIL"])
@pytest.mark.parametrize(
    ("about", "name"),
    [
        ("DKIM", f"metengage._domainkey.{DOMAIN}"),
        ("DMARC", f"_dmarc.{DOMAIN}"),
        ("MX", "mx.example.org"),
        ("PTR", "142.69.2.81.in-addr.arpa"),
        ("MTA-STS", f"_mta-sts.{DOMAIN}"),
    ],
)
def test_one_name_that_is_not_answered_for_spoils_only_its_own(zone, monkeypatch, fault, about, name):
    monkeypatch.setattr(names, "PATIENCE", 0.3)
    zone.faults[name] = fault
    lacking = [each for each in in_a_thread(domains.check, DOMAIN, Names(zone.address)) if each.state == LACKING]
    assert [each.about for each in lacking] == [about]
    assert lacking[0].words.startswith("Could not be looked up: ")


def test_a_long_answer_is_asked_for_again_over_tcp(zone):
    zone.says(DOMAIN, "TXT", f"v=spf1 ip4:{ADDRESS} -all", *(f"verification={n}" * 9 for n in range(50)))
    assert the(GOOD, found(zone, "SPF"))

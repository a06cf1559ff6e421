"""Our mail servers in the DNS: SPF must hold them within ten look-ups; each address has a name that leads back."""

import pytest

from metengage.origins import ADVICE, GOOD, LACKING
from tests.nameserver import ADDRESS, DOMAIN, RELAY, found, the

ELSEWHERE = "returns.example.net"

# --- SPF ---


@pytest.mark.parametrize(
    "terms",
    [
        "ip4:{0} -all",
        "ip4:{0}/24 ~all",
        "a:{1} -all",
        "mx -all",
        "redirect=_spf.example.org",
        "include:_spf.example.org ~all",
        "exists:%{{i}}._spf.example.org -all",
        "ptr:example.org -all",
    ],
)
def test_a_record_that_holds_our_mail_server(zone, terms):
    zone.says(DOMAIN, "TXT", "something else", "v=spf1 " + terms.format(ADDRESS, RELAY))
    zone.says(DOMAIN, "MX", RELAY)
    zone.says("_spf.example.org", "TXT", f"v=spf1 ip4:{ADDRESS} -all")
    zone.says(f"{ADDRESS}._spf.example.org", "A", "127.0.0.2")
    assert [state for state, _ in found(zone, "SPF")] == [GOOD]


def test_no_record_and_what_to_publish(zone):
    zone.says(DOMAIN, "TXT", "something else")
    assert the(LACKING, found(zone, "SPF")).endswith(f"Publish as TXT: v=spf1 ip4:{ADDRESS} -all")


def test_two_records(zone):
    zone.says(DOMAIN, "TXT", "v=spf1 -all", "v=spf1 mx -all")
    assert "has 2 SPF records" in the(LACKING, found(zone, "SPF"))


@pytest.mark.parametrize("record", ["v=spf1 ip4:81.2.69.142", "v=spf1 ip4:81.2.69.142 ?all", "v=spf1 +all"])
def test_a_record_that_lets_everybody_send(zone, record):
    zone.says(DOMAIN, "TXT", record)
    assert "lets everybody send" in the(LACKING, found(zone, "SPF"))


@pytest.mark.parametrize(
    "terms",
    [
        "foo:bar -all",
        "ip4:1.2.3 -all",
        "include:none.example.org -all",
        "café -all",
        "redirect=a.org redirect=b.org",
        "a:x.invalid a:y.invalid a:z.invalid -all",
    ],
)
def test_a_record_that_receivers_cannot_use(zone, terms):
    zone.says(DOMAIN, "TXT", f"v=spf1 {terms}")
    assert "which receivers cannot use: " in the(LACKING, found(zone, "SPF"))


def chain(zone, length: int) -> None:
    """Make the domain's record include another, and that another, so often."""
    for n in range(length):
        zone.says(DOMAIN if n == 0 else f"_{n}.example.org", "TXT", f"v=spf1 include:_{n + 1}.example.org -all")
    zone.says(f"_{length}.example.org", "TXT", f"v=spf1 ip4:{ADDRESS} -all")


def test_ten_look_ups_are_allowed(zone):
    chain(zone, 10)
    assert "10 of 10 look-ups" in the(GOOD, found(zone, "SPF"))


def test_eleven_are_not(zone):
    chain(zone, 11)
    assert "more than 10 look-ups" in the(LACKING, found(zone, "SPF"))


@pytest.mark.parametrize(
    "terms", ["a mx ptr exists:{0} redirect={0}", "include:{0} a:{0} a:{0} a:{0} a:{0} a:{0} mx mx mx"]
)
def test_every_kind_of_look_up_counts_within_included_records_too(zone, terms):
    zone.says("spf.example.org", "TXT", f"v=spf1 a:{RELAY} mx:{DOMAIN} a:{RELAY} a:{RELAY} a:{RELAY} a:{RELAY} -all")
    zone.says("spf.example.org", "A", "81.2.69.150")
    zone.says(DOMAIN, "A", "81.2.69.150")
    zone.says(DOMAIN, "TXT", "v=spf1 " + terms.format("spf.example.org"))
    assert found(zone, "SPF")[0][0] == LACKING


HUNDREDS = " ".join(f"include:_{n}.example.org" for n in range(300))


@pytest.mark.parametrize("terms", [f"include:{DOMAIN} -all", f"redirect={DOMAIN}", f"{HUNDREDS} -all"])
def test_a_record_without_end_is_given_up(zone, terms):
    for n in range(300):
        zone.says(f"_{n}.example.org", "TXT", "v=spf1 -all")
    zone.says(DOMAIN, "TXT", f"v=spf1 {terms}")
    assert "more than 10 look-ups" in the(LACKING, found(zone, "SPF"))
    assert len(zone.asked) < 60


def test_a_record_that_lacks_our_mail_server(zone):
    zone.says(DOMAIN, "TXT", "v=spf1 ip4:81.2.69.1 -all")
    assert (
        the(LACKING, found(zone, "SPF"))
        == f"The SPF record of {DOMAIN} lacks {ADDRESS}, our mail server {RELAY}. Add it."
    )


def test_each_of_several_mail_servers_and_both_kinds_of_address(zone, settings, monkeypatch):
    monkeypatch.setattr(settings, "mail_server", f"{RELAY}, smtp2.example.org:587, 81.2.69.144")
    zone.says("smtp2.example.org", "AAAA", "2a00:1450::25")
    lacking = [words for state, words in found(zone, "SPF") if state == LACKING]
    assert [address for address in (ADDRESS, "2a00:1450::25", "81.2.69.144") if address in " ".join(lacking)] == [
        "2a00:1450::25", "81.2.69.144"
    ]  # fmt: skip


def test_an_included_record_that_is_not_answered_for(zone):
    zone.says(DOMAIN, "TXT", "v=spf1 include:_spf.example.org -all")
    zone.faults["_spf.example.org"] = "SERVFAIL"
    assert "the DNS does not answer for all that is in it" in the(LACKING, found(zone, "SPF"))


def test_it_is_looked_for_where_mail_returns_to(zone, settings, monkeypatch):
    monkeypatch.setattr(settings, "mail_bounce_address", f"bounces@{ELSEWHERE}")
    assert the(LACKING, found(zone, "SPF")).startswith(f"{ELSEWHERE} has no SPF record.")


# --- PTR ---


def test_a_mail_server_without_a_name(zone):
    zone.says("142.69.2.81.in-addr.arpa", "PTR")
    assert f"{ADDRESS}, our mail server {RELAY}, has no PTR record" in the(LACKING, found(zone, "PTR"))


def test_a_name_that_leads_in_a_thread(zone):
    zone.says("142.69.2.81.in-addr.arpa", "PTR", "mx.example.org")
    assert "which does not lead back to it" in the(LACKING, found(zone, "PTR"))


def test_one_of_several_names_that_leads_back_is_enough(zone):
    zone.says("142.69.2.81.in-addr.arpa", "PTR", "mx.example.org", RELAY)
    assert f"is called {RELAY}" in the(GOOD, found(zone, "PTR"))


def test_a_mail_server_without_an_address(zone):
    zone.says(RELAY, "A")
    assert f"Our mail server {RELAY} has no address" in the(LACKING, found(zone, "PTR"))


@pytest.mark.parametrize("host", ["127.0.0.1", "10.1.2.3"])
def test_a_mail_server_on_our_own_network_cannot_be_judged_from_here(zone, settings, monkeypatch, host):
    monkeypatch.setattr(settings, "mail_server", host)
    assert "is on your own network" in the(ADVICE, found(zone, "PTR"))
    assert [state for state, _ in found(zone, "SPF")] == [GOOD]

"""`mail check`: it says in words what the DNS lacks for our mail, and stays calm whatever the DNS holds."""

import base64

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from hypothesis import HealthCheck, given
from hypothesis import settings as effort
from hypothesis import strategies as st

from metengage import keys
from metengage.domains import ADVICE, GOOD, LACKING
from tests.nameserver import ADDRESS, DOMAIN, found, in_a_thread, the

SELECTOR = f"metengage._domainkey.{DOMAIN}"
ELSEWHERE = "returns.example.net"


def run(built, *args: str):
    return in_a_thread(built.test_cli_runner().invoke, args=["mail", "check", *args])


# --- The command ---


def test_a_domain_that_lacks_nothing(built, zone):
    done = run(built, DOMAIN, "--nameserver", zone.address)
    assert done.exit_code == 0, done.output
    assert done.output.endswith("Nothing is lacking.\n")
    lines = [line.split()[:2] for line in done.output.splitlines()[:-1]]
    assert lines == [["good", about] for about in ("SPF", "DKIM", "DMARC", "MX", "PTR", "MTA-STS")]


def test_a_domain_that_lacks_something(built, zone):
    zone.says(DOMAIN, "MX")
    done = run(built, DOMAIN, "--nameserver", zone.address)
    assert done.exit_code == 1
    assert "lacking  MX       engage.example.org has neither MX nor address" in done.output
    assert done.output.endswith("1 thing is lacking.\n")


def test_a_domain_that_has_nothing_at_all(built, zone):
    zone.forget()
    zone.says(f"www.{DOMAIN}", "A", ADDRESS)
    done = run(built, DOMAIN, "--nameserver", zone.address)
    lines = [line.split()[1] for line in done.output.splitlines() if line.startswith("lacking")]
    assert lines == ["SPF", "DKIM", "DMARC", "MX", "PTR", "MTA-STS"]


@pytest.mark.parametrize("typed", ["Engage.Example.ORG.", "alerts@engage.example.org", " engage.example.org "])
def test_a_domain_however_it_is_typed(built, zone, typed):
    assert run(built, typed, "--nameserver", zone.address).exit_code == 0


def test_a_name_server_by_its_name(built, zone):
    assert run(built, DOMAIN, "--nameserver", zone.address.replace("127.0.0.1", "localhost")).exit_code == 0


@pytest.mark.parametrize("server", ["nobody.invalid", "127.0.0.1:99999", "not a host", ":53", "[::1", "é" * 70])
def test_a_name_server_that_there_is_not(built, server):
    done = run(built, DOMAIN, "--nameserver", server)
    assert (done.exit_code, done.output) == (1, f"Error: There is no name server at {server}.\n")


# --- DKIM ---


def half(bits: int) -> str:
    return keys.in_dns(rsa.generate_private_key(65537, bits).public_key())


def test_a_key_of_another(zone):
    zone.says(SELECTOR, "TXT", f"v=DKIM1; p={half(2048)}")
    assert "has another key than DKIM_KEY. Publish as TXT: v=DKIM1; k=rsa; p=" in the(LACKING, found(zone, "DKIM"))


RSA_512 = """MFwwDQYJKoZIhvcNAQEBBQADSwAwSAJBAMatUCiMDdyvd99G3mlrbxfT3vEAmWP7NxESMQWrweVCv+gQoQ5LF8CGurWJGpu3UxXekLrM
6o99rvl6rP5qbfMCAwEAAQ=="""
NO_USE = ["", ";;;", "nothing of that kind", "v=DKIM1", "v=DKIM1; k=rsa; p=", "v=DKIM1; p=a; p=b", "v=DKIM2; p=AAAA"]


@pytest.mark.parametrize("record", [*NO_USE, "k=ed25519; p=AAAA", "p=AAAA", "p=é", f"p={RSA_512}"])
def test_a_record_without_a_key_of_use(zone, record):
    zone.says(SELECTOR, "TXT", record)
    assert "which is no use: " in the(LACKING, found(zone, "DKIM"))


@pytest.mark.parametrize("count", [0, 2])
def test_one_record_there_must_be(zone, count):
    zone.says(SELECTOR, "TXT", *["v=DKIM1; p=AAAA", "v=DKIM1; p=BBBB"][:count])
    assert f"has {count or 'no'} DKIM record" in the(LACKING, found(zone, "DKIM"))


def test_a_record_for_trying_out(zone):
    zone.says(SELECTOR, "TXT", zone.records[SELECTOR, "TXT"][0] + b"; t=s:y")
    assert "says t=y" in the(LACKING, found(zone, "DKIM"))


def test_without_a_key_of_ours_the_mail_server_s_is_looked_at(zone, settings, monkeypatch):
    monkeypatch.setattr(settings, "dkim_key", "")
    assert found(zone, "DKIM")[1:] == [(GOOD, f"{SELECTOR} has a key of 2048 bits.")]
    zone.says(SELECTOR, "TXT", f"p={half(1024)}")
    assert "has a key of 1024 bits. Make one of 2048" in found(zone, "DKIM")[1][1]


# --- DMARC ---


def test_no_dmarc_record(zone):
    zone.says(f"_dmarc.{DOMAIN}", "TXT", "something else", "v=DMARC10; p=none")
    assert "has no DMARC record. Publish as TXT at _dmarc.engage.example.org: " in the(LACKING, found(zone, "DMARC"))


@pytest.mark.parametrize(("tags", "advised"), [("p=reject", 0), ("p=none; sp=reject", 0), ("p=reject; sp=none", 1)])
def test_that_of_the_domain_above_holds(zone, tags, advised):
    zone.says(f"_dmarc.{DOMAIN}", "TXT")
    zone.says("_dmarc.example.org", "TXT", f"v=DMARC1; {tags}; rua=mailto:a@b.org")
    findings = found(zone, "DMARC")
    assert the(GOOD, findings).endswith(f", which holds for {DOMAIN}.")
    assert len(findings) == 1 + advised


@pytest.mark.parametrize(
    "record", ["v=DMARC1", "v=DMARC1; p=maybe", "v=DMARC1; p=none; p=none", "v=DMARC1; rua", "v=DMARC1; é=é"]
)
def test_a_dmarc_record_that_receivers_cannot_use(zone, record):
    zone.says(f"_dmarc.{DOMAIN}", "TXT", record)
    assert "which is no use: " in the(LACKING, found(zone, "DMARC"))


def test_two_dmarc_records(zone):
    zone.says(f"_dmarc.{DOMAIN}", "TXT", "v=DMARC1; p=none", "v=DMARC1; p=reject")
    assert "has 2 DMARC records" in the(LACKING, found(zone, "DMARC"))


def test_what_could_be_better(zone):
    zone.says(f"_dmarc.{DOMAIN}", "TXT", "v=DMARC1; p=none")
    advice = [words for state, words in found(zone, "DMARC") if state == ADVICE]
    assert ["p=quarantine" in advice[0], "Add rua=mailto:" in advice[1]] == [True, True]


@pytest.mark.parametrize(
    ("returns", "strict", "key", "state"),
    [
        (DOMAIN, "s", True, None),
        (f"bounces.{DOMAIN}", "r", True, None),
        ("example.org", "r", True, None),
        (f"bounces.{DOMAIN}", "s", True, ADVICE),
        (ELSEWHERE, "r", True, ADVICE),
        (ELSEWHERE, "r", False, LACKING),
    ],
)
def test_where_mail_returns_to_must_belong_to_the_domain(zone, settings, monkeypatch, returns, strict, key, state):
    monkeypatch.setattr(settings, "mail_bounce_address", f"bounces@{returns}")
    if not key:
        monkeypatch.setattr(settings, "dkim_key", "")
    zone.says(f"_dmarc.{DOMAIN}", "TXT", f"v=DMARC1; p=reject; rua=mailto:a@b.org; aspf={strict}")
    assert [each for each, words in found(zone, "DMARC") if "SPF does not count" in words] == [state] * bool(state)


# --- MX, MTA-STS and who sends ---


def test_an_address_takes_the_place_of_an_mx(zone):
    zone.says(DOMAIN, "MX")
    zone.says(DOMAIN, "A", ADDRESS)
    assert "has no MX, so its own address" in the(GOOD, found(zone, "MX"))


def test_a_domain_that_takes_no_mail(zone):
    zone.says(DOMAIN, "MX", ".")
    assert "takes no mail" in the(LACKING, found(zone, "MX"))


def test_an_mx_without_an_address(zone):
    zone.says(DOMAIN, "MX", "mx.example.org", "gone.example.org")
    assert "has gone.example.org as MX, without an address" in the(LACKING, found(zone, "MX"))


def test_mail_returns_to_a_domain_that_takes_none(zone, settings, monkeypatch):
    monkeypatch.setattr(settings, "mail_bounce_address", f"bounces@{ELSEWHERE}")
    assert the(LACKING, found(zone, "MX")).startswith(f"{ELSEWHERE} has neither MX nor address")


@pytest.mark.parametrize("record", ["v=STSv1", "v=STSv1; id=", "v=STSv1; id=20-26", "v=STSv1; id=" + "1" * 33])
def test_mta_sts_without_an_id(zone, record):
    zone.says(f"_mta-sts.{DOMAIN}", "TXT", record)
    assert "without an id" in the(LACKING, found(zone, "MTA-STS"))


def test_mta_sts_without_a_policy(zone):
    zone.says(f"mta-sts.{DOMAIN}", "A")
    assert "nobody can fetch the policy" in the(LACKING, found(zone, "MTA-STS"))


def test_nobody_hears_when_mail_could_not_come_in_safely(zone):
    zone.says(f"_smtp._tls.{DOMAIN}", "TXT", "v=TLSRPTv1")
    assert "v=TLSRPTv1; rua=mailto:" in the(ADVICE, found(zone, "MTA-STS"))


def test_the_other_domains_that_our_mail_comes_from_are_named(zone, settings, monkeypatch):
    monkeypatch.setattr(settings, "mail_account_sender", "account@accounts.example.org")
    assert the(ADVICE, found(zone, "From")).startswith("MAIL_ACCOUNT_SENDER is at accounts.example.org")


# --- What a hostile DNS could hold ---

HOSTILE = [
    b"\xff\xfe\x00",
    b"\x1b[2J\x1b[31mgood",
    b"=;=;=",
    b"a" * 50_000,
    b"v=spf1 " + b"a " * 9_000,
    "v=spf1 \u202eall-".encode(),
    b"v=DMARC1; p=\x07",
    b"v=STSv1; id=\x1b]0;x\x07",
    b"v=DKIM1; p=" + base64.b64encode(b"\x30\x82" * 500),
]


@pytest.mark.parametrize("record", HOSTILE, ids=range(len(HOSTILE)))
def test_what_is_hostile_is_shown_in_one_short_harmless_line(zone, record):
    for name, kind in list(zone.records):
        if kind == "TXT":
            zone.says(name, kind, record)
    findings = found(zone)
    assert all(words.isprintable() for _, words in findings)
    assert max(len(words) for _, words in findings) < 1500


VERSIONS = st.sampled_from(["v=spf1", "v=DKIM1;", "v=DMARC1;", "v=STSv1;", "v=TLSRPTv1;"])
PIECES = st.sampled_from([";", "=", "p=", "p=none", "id=1", "a", "mx", "ptr", "-all", "include:", "ip6::", "%{i}", "é"])
WORDS = st.builds(lambda version, rest: " ".join([version, *rest]), VERSIONS, st.lists(PIECES | st.text(max_size=5)))
TEXTS = WORDS.map(str.encode) | st.binary(max_size=600)


@effort(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(TEXTS, min_size=1, max_size=2))
def test_it_never_raises_whatever_the_records_hold(zone, texts):
    for name, kind in list(zone.records):
        if kind == "TXT":
            zone.says(name, kind, *texts)
    assert {state for state, _ in found(zone)} <= {GOOD, ADVICE, LACKING}

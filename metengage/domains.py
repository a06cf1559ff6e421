"""What the DNS says of a domain that our mail comes from, and what it lacks, in words."""

import base64
import re
from dataclasses import dataclass
from email.utils import parseaddr

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_der_public_key
from dkim.util import InvalidTagValueList, parse_tag_value

from metengage import keys, origins
from metengage.config import settings
from metengage.names import Names, NoAnswer, shown
from metengage.origins import ADVICE, GOOD, LACKING, Found

MOST_LABELS = 8  # domains that are asked for a DMARC record, from the given one up (RFC 9989, 4.10)


@dataclass(frozen=True)
class Finding:
    """One thing that is so; `state` is GOOD, ADVICE or LACKING."""

    about: str
    state: str
    words: str


def check(domain: str, names: Names) -> list[Finding]:
    """All that receivers look for at this domain and at our mail servers. It does not raise, whatever the DNS holds."""
    try:
        if not names.knows(domain):
            return [Finding("DNS", LACKING, f"There is no domain called {shown(domain)}.")]
    except NoAnswer as trouble:
        return [Finding("DNS", LACKING, f"Nothing could be looked up: {shown(str(trouble))}.")]
    findings = []
    for about, look in LOOKS.items():
        try:
            for state, words in look(domain, names):
                findings.append(Finding(about, state, words))
        except NoAnswer as trouble:
            findings.append(Finding(about, LACKING, f"Could not be looked up: {shown(str(trouble))}."))
    return findings


def _from(domain: str, names: Names) -> Found:
    for setting in ("mail_default_sender", "mail_account_sender"):
        theirs = parseaddr(getattr(settings, setting))[1].rpartition("@")[2].lower()
        if theirs != domain:
            yield ADVICE, f"{setting.upper()} is at {theirs}, not at {domain}. Check {theirs} too."


def _returned_to() -> str:
    return settings.mail_bounce_address.partition("@")[2].lower()


def _with_returns(domain: str) -> list[str]:
    """This domain, and where our returned mail goes: that is where receivers look for SPF."""
    return list(dict.fromkeys([domain, _returned_to()])) if domain == settings.mail_domain else [domain]


def _spf(domain: str, names: Names) -> Found:
    for each in _with_returns(domain):
        yield from origins.spf(each, names)


def _dkim(domain: str, names: Names) -> Found:
    where, records = keys.record_name(domain), names.ask(keys.record_name(domain), "TXT")
    ours = keys.private_key(settings.dkim_key) if settings.dkim_key else None
    publish = f"Publish as TXT: {keys.record(ours)}" if ours else "Look at the mail server that signs."
    if not ours:
        yield ADVICE, "DKIM_KEY is not set: the mail server must sign, and DKIM_SELECTOR must be its selector."
    if len(records) != 1:
        yield LACKING, f"{where} has {len(records) or 'no'} DKIM record{'s' * bool(records)}. {publish}"
        return
    try:
        tags, key = _key_in(records[0])
    except ValueError as trouble:
        yield LACKING, f"{where} has “{shown(records[0])}”, which is no use: {shown(str(trouble))}. {publish}"
        return
    if "y" in tags.get("t", "").split(":"):
        yield LACKING, f"{where} says t=y, which is for trying out: receivers heed no signature. Take t=y out."
    if ours and keys.in_dns(ours.public_key()) != keys.in_dns(key):
        yield LACKING, f"{where} has another key than DKIM_KEY. {publish}"
    elif key.key_size < keys.BITS:
        yield ADVICE, f"{where} has a key of {key.key_size} bits. Make one of {keys.BITS}: mail key FILE"
    else:
        yield GOOD, f"{where} has a key of {key.key_size} bits."


def _key_in(record: str) -> tuple[dict[str, str], RSAPublicKey]:
    """The record's tags, and its key. Raises ValueError with what is wrong."""
    tags = _tags(record)
    if tags.get("v", "DKIM1") != "DKIM1" or tags.get("k", "rsa") != "rsa":
        raise ValueError("it is not of version DKIM1 with an RSA key")
    if not tags.get("p"):
        raise ValueError("its key was withdrawn (p= is empty)")
    try:
        key = load_der_public_key(base64.b64decode("".join(tags["p"].split())))
    except (ValueError, TypeError, UnsupportedAlgorithm):
        key = None
    if not isinstance(key, RSAPublicKey) or key.key_size < 1024:
        raise ValueError("what is in p= is not an RSA key of at least 1024 bits")
    return tags, key


def _dmarc(domain: str, names: Names) -> Found:
    labels = domain.split(".")
    above = [".".join(labels[start:]) for start in range(1, len(labels))]
    for each in [domain, *above[1 - MOST_LABELS :]]:
        records = _starting("v=DMARC1", f"_dmarc.{each}", names)
        if records:
            break
    if len(records) != 1:
        many = f"_dmarc.{each} has {len(records)} DMARC records, and receivers then heed none of them. Keep one."
        none = f"{domain} has no DMARC record. Publish as TXT at _dmarc.{domain}: v=DMARC1; p=none; rua=mailto:…"
        yield LACKING, many if records else none
        return
    try:
        yield from _dmarc_record(domain, each, records[0])
    except ValueError as trouble:
        yield LACKING, f"_dmarc.{each} has “{shown(records[0])}”, which is no use: {shown(str(trouble))}. Correct it."


def _dmarc_record(domain: str, where: str, record: str) -> Found:
    tags = _tags(record)
    policy = (tags.get("sp") if where != domain else None) or tags.get("p")
    words = f"_dmarc.{where} has “{shown(record)}”" + (f", which holds for {domain}" if where != domain else "")
    if policy not in ("none", "quarantine", "reject"):
        raise ValueError("p= must be none, quarantine or reject")
    yield GOOD, f"{words}."
    if policy == "none":
        yield ADVICE, "p=none lets through what is forged. When the reports are clean: p=quarantine, then p=reject."
    if "rua" not in tags:
        yield ADVICE, "Nobody gets the reports. Add rua=mailto: and an address."
    if domain == settings.mail_domain and not _aligned(domain, _returned_to(), tags.get("aspf") == "s"):
        state = ADVICE if settings.dkim_key else LACKING
        yield state, f"MAIL_BOUNCE_ADDRESS is at {_returned_to()}, so SPF does not count for DMARC: only DKIM does."


def _aligned(one: str, other: str, strictly: bool) -> bool:
    return one == other or (not strictly and (one.endswith(f".{other}") or other.endswith(f".{one}")))


def _mx(domain: str, names: Names) -> Found:
    for each in _with_returns(domain):
        hosts = names.ask(each, "MX")
        dead = [shown(host) for host in hosts[: origins.MOST_HOSTS] if host and not names.addresses(host)]
        if "" in hosts:
            yield (
                LACKING,
                f"{each} takes no mail (its MX is “.”), so nothing can come back to it. Give it a mail server.",
            )
        elif dead:
            yield LACKING, f"{each} has {', '.join(dead)} as MX, without an address. Correct it."
        elif hosts:
            yield GOOD, f"{each} takes mail at {shown(', '.join(hosts))}."
        elif names.addresses(each):
            yield GOOD, f"{each} has no MX, so its own address takes its mail."
        else:
            yield LACKING, f"{each} has neither MX nor address, so nothing can come back to it. Give it an MX."


def _ptr(domain: str, names: Names) -> Found:
    yield from origins.ptr(names)


def _mta_sts(domain: str, names: Names) -> Found:
    where, policy = f"_mta-sts.{domain}", f"mta-sts.{domain}"
    records = _starting("v=STSv1", where, names)
    wanted = f"Publish as TXT there: v=STSv1; id=1, and the policy at https://{policy}/.well-known/mta-sts.txt"
    if len(records) != 1:
        yield LACKING, f"{where} has {len(records) or 'no'} MTA-STS record{'s' * bool(records)}. {wanted}"
    elif not re.search(r";\s*id\s*=\s*[A-Za-z0-9]{1,32}\s*(;|$)", records[0]):
        yield LACKING, f"{where} has “{shown(records[0])}”, without an id of letters and digits. {wanted}"
    elif not names.addresses(policy):
        yield LACKING, f"{policy} has no address, so nobody can fetch the policy. {wanted}"
    else:
        yield GOOD, f"{where} has “{shown(records[0])}”."
    if not any("rua=" in text for text in _starting("v=TLSRPTv1", f"_smtp._tls.{domain}", names)):
        yield ADVICE, f"_smtp._tls.{domain} has no record that asks for reports: v=TLSRPTv1; rua=mailto:…"


def _starting(version: str, where: str, names: Names) -> list[str]:
    """The TXT records there that are of this version."""
    return [text for text in names.ask(where, "TXT") if re.match(rf"{version}\s*(;|$)", text)]


def _tags(record: str) -> dict[str, str]:
    """“a=b; c=d” as a dictionary. Raises ValueError."""
    try:
        return {tag.decode(): value.decode() for tag, value in parse_tag_value(record.encode()).items()}
    except InvalidTagValueList as trouble:
        raise ValueError(f"“{trouble.args[0].decode()}” is twice in it, or not tag=value") from trouble


LOOKS = {"From": _from, "SPF": _spf, "DKIM": _dkim, "DMARC": _dmarc, "MX": _mx, "PTR": _ptr, "MTA-STS": _mta_sts}

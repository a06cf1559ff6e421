"""The addresses that our mail comes from, as receivers see them: SPF lets them send, PTR names them."""

import ipaddress
import re
from collections.abc import Iterator

import spftrace

from metengage.config import settings
from metengage.names import Names, NoAnswer, shown

GOOD, ADVICE, LACKING = "good", "advice", "lacking"
MOST_LOOKUPS = 10  # in one SPF record, after which receivers give up (RFC 7208, 4.6.4)
MOST_HOSTS = 10  # names of one address that are looked at
NOBODY = "240.0.0.1"  # an address that nobody has: what SPF says of it, it says of every stranger

Found = Iterator[tuple[str, str]]  # (GOOD, ADVICE or LACKING; what is so, and what to do)


def spf(domain: str, names: Names) -> Found:
    """One record, within ten look-ups, that holds our mail servers and ends well. Raises NoAnswer."""
    records = [text for text in names.ask(domain, "TXT") if re.match(r"v=spf1( |$)", text, re.IGNORECASE)]
    if not records:
        ours = [f"ip{ipaddress.ip_address(each).version}:{each}" for _, each in _public(names)]
        publish = " ".join(["v=spf1", *(ours or ["a:NAME-OF-YOUR-MAIL-SERVER"]), "-all"])
        yield LACKING, f"{domain} has no SPF record. Publish as TXT: {publish}"
    elif len(records) > 1:
        yield LACKING, f"{domain} has {len(records)} SPF records, and receivers then heed none of them. Keep one."
    else:
        yield from _one_record(domain, f"{domain} has “{shown(records[0])}”", names)


def _one_record(domain: str, words: str, names: Names) -> Found:
    strangers = _evaluated(NOBODY, domain, names)
    if strangers.dns_terms_used > MOST_LOOKUPS:
        yield LACKING, f"{words}, which takes more than {MOST_LOOKUPS} look-ups: receivers give up. Shorten it."
    elif strangers.verdict == "temperror":
        yield LACKING, f"{words}, but the DNS does not answer for all that is in it: {_why(strangers)}."
    elif strangers.verdict not in ("fail", "softfail", "neutral", "pass"):
        yield LACKING, f"{words}, which receivers cannot use: {_why(strangers)}. Correct it."
    else:
        if strangers.verdict in ("neutral", "pass"):
            yield LACKING, f"{words}, which lets everybody send in your name. End it with -all, or ~all to begin with."
        else:
            yield GOOD, f"{words}: {strangers.dns_terms_used} of {MOST_LOOKUPS} look-ups."
        for host, address in _public(names):
            if _evaluated(address, domain, names).verdict != "pass":
                yield LACKING, f"The SPF record of {domain} lacks {address}, our mail server {host}. Add it."


def _evaluated(address: str, domain: str, names: Names) -> spftrace.Result:
    return spftrace.check(address, domain, resolver=_Resolver(names))


def _why(found: spftrace.Result) -> str:
    notes = [each.data.get("message") or each.data.get("reason") for each in found.trace.events]
    return shown("; ".join(dict.fromkeys(filter(None, notes))))


class _Resolver(spftrace.BaseResolver):
    """Lets spftrace ask our name server."""

    def __init__(self, names: Names):
        self._names = names

    async def _lookup(self, name: str, rtype: str) -> tuple[str, list[str]]:
        try:
            return "NOERROR", self._names.ask(name, rtype)
        except NoAnswer:
            return "SERVFAIL", []


def ptr(names: Names) -> Found:
    """Each mail server's address has a name, and the name leads back to it. Raises NoAnswer."""
    for host, address in _addresses(names):
        if not address:
            yield LACKING, f"Our mail server {host} has no address. Correct MAIL_SERVER."
        elif not ipaddress.ip_address(address).is_global:
            yield ADVICE, f"{host} ({address}) is on your own network: find out by which address its mail leaves."
        else:
            yield _named(host, address, names)


def _named(host: str, address: str, names: Names) -> tuple[str, str]:
    called = names.hosts(address)[:MOST_HOSTS]
    if not called:
        return LACKING, f"{address}, our mail server {host}, has no PTR record. Ask who gave you the address for one."
    for each in called:
        if address in names.addresses(each):
            return GOOD, f"{address} is called {shown(each)}, and that leads back to it."
    return (
        LACKING,
        f"{address} is called {shown(called[0])}, which does not lead back to it. Give that name this address.",
    )


def _public(names: Names) -> list[tuple[str, str]]:
    """Those of our mail servers' addresses that receivers may see."""
    return [(host, each) for host, each in _addresses(names) if each and ipaddress.ip_address(each).is_global]


def _addresses(names: Names) -> list[tuple[str, str]]:
    """(host, address) of each mail server; the address is empty where the DNS has none."""
    hosts = dict.fromkeys(host for host, _ in settings.relays)
    return [(host, address) for host in hosts for address in names.addresses(host) or [""]]

"""A real name server on loopback, over UDP and TCP, that can be told to misbehave."""

import contextlib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import dnslib
from dnslib.server import DNSHandler, DNSLogger, DNSServer

from metengage import domains, keys
from metengage.config import settings
from metengage.names import Names

DOMAIN, RELAY, ADDRESS = "engage.example.org", "smtp.example.org", "81.2.69.142"
SILENCE, GARBAGE = "silence", "garbage"


LONGEST = 512  # bytes of an answer over UDP; a longer one is to be asked for again over TCP


class _Garbage:
    """Packed, what no DNS message looks like."""

    def pack(self) -> bytes:
        return b"\0\0not a DNS message"


@dataclass
class NameServer:
    """What it holds is in `records`; a name in `faults` gets SILENCE, GARBAGE or an error such as SERVFAIL."""

    records: dict[tuple[str, str], list] = field(default_factory=dict)  # (name, type) → values; TXT are bytes
    faults: dict[str, str] = field(default_factory=dict)  # name, "*" for all → what it gets
    asked: list[str] = field(default_factory=list)
    address: str = ""

    def says(self, name: str, kind: str, *values) -> None:
        """Hold exactly this of that name and type; nothing, if there are no values."""
        self.records[name, kind] = [v.encode() if kind == "TXT" and isinstance(v, str) else v for v in values]

    def forget(self) -> None:
        for each in (self.records, self.faults, self.asked):
            each.clear()

    def resolve(self, request: dnslib.DNSRecord, handler: DNSHandler) -> dnslib.DNSRecord:
        """What dnslib calls with a question."""
        name, kind = str(request.q.qname).rstrip(".").lower(), dnslib.QTYPE[request.q.qtype]
        self.asked.append(f"{name} {kind}")
        fault, reply = self.faults.get(name) or self.faults.get("*"), request.reply()
        if fault == SILENCE:
            raise dnslib.DNSError(SILENCE)  # the handler then sends nothing
        if fault == GARBAGE:
            return _Garbage()
        known = any(values and (f".{each}").endswith(f".{name}") for (each, _), values in self.records.items())
        reply.header.rcode = getattr(dnslib.RCODE, fault or ("NOERROR" if known else "NXDOMAIN"))
        for value in [] if fault else self.records.get((name, kind), []):
            reply.add_answer(dnslib.RR(name, getattr(dnslib.QTYPE, kind), ttl=60, rdata=_data(kind, value)))
        if handler.protocol == "udp" and len(reply.pack()) > LONGEST:
            reply.rr.clear()
            reply.header.tc = 1
        return reply


def _data(kind: str, value):
    if kind == "TXT":
        return dnslib.TXT([value[start : start + 255] for start in range(0, len(value), 255)] or [b""])
    if kind == "MX":
        return dnslib.MX(value, 10)
    return getattr(dnslib, kind)(value)


@contextlib.contextmanager
def running():
    """One that runs, and stops at the end."""
    zone = NameServer()
    quiet = DNSLogger("-request,-reply,-truncated,-error")
    udp = DNSServer(zone, address="127.0.0.1", port=0, logger=quiet)
    port = udp.server.server_address[1]
    tcp = DNSServer(zone, address="127.0.0.1", port=port, tcp=True, logger=quiet)
    zone.address = f"127.0.0.1:{port}"
    for each in (udp, tcp):
        each.start_thread()
    yield zone
    for each in (udp, tcp):
        each.stop()
        each.server.server_close()
        each.thread.join()


def publish_all(zone: NameServer) -> None:
    """All that DOMAIN needs, when mail leaves by RELAY and is signed with the key that is set."""
    zone.forget()
    zone.says(DOMAIN, "TXT", f"v=spf1 ip4:{ADDRESS} -all")
    zone.says(DOMAIN, "MX", "mx.example.org")
    zone.says("mx.example.org", "A", "81.2.69.160")
    zone.says(RELAY, "A", ADDRESS)
    zone.says("142.69.2.81.in-addr.arpa", "PTR", RELAY)
    zone.says(f"metengage._domainkey.{DOMAIN}", "TXT", keys.record(keys.private_key(settings.dkim_key)))
    zone.says(f"_dmarc.{DOMAIN}", "TXT", "v=DMARC1; p=reject; rua=mailto:dmarc@example.org")
    zone.says(f"_mta-sts.{DOMAIN}", "TXT", "v=STSv1; id=20261101")
    zone.says(f"mta-sts.{DOMAIN}", "A", "81.2.69.161")
    zone.says(f"_smtp._tls.{DOMAIN}", "TXT", "v=TLSRPTv1; rua=mailto:tls@example.org")


# --- What `mail check` finds there ---


def in_a_thread(act, *args, **kwargs):
    """Do it in a thread of its own: where a browser test ran before, this one belongs to Playwright's event loop."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(act, *args, **kwargs).result()


def found(zone: NameServer, about: str = "", domain: str = DOMAIN) -> list[tuple[str, str]]:
    """(state, words) of what is found of one subject, such as SPF, or of all."""
    findings = in_a_thread(domains.check, domain, Names(zone.address))
    return [(each.state, each.words) for each in findings if about in ("", each.about)]


def the(state: str, findings: list[tuple[str, str]]) -> str:
    """The words of the one finding of that state."""
    words = [words for each, words in findings if each == state]
    assert len(words) == 1, findings
    return words[0]

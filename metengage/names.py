"""Asks the DNS, and says in words when it does not answer."""

import ipaddress
import socket
from urllib.parse import urlsplit

import dns.exception
import dns.resolver
import dns.reversename

PATIENCE = 5  # seconds for one question, with all its tries
PORT = 53
LONGEST = 200  # letters of a record that are shown


class NoAnswer(Exception):
    """The DNS did not answer; the message says what happened, without a full stop."""


class Names:
    """What a name server says; it is asked for the same thing only once."""

    def __init__(self, server: str = ""):
        """Asks `server`, HOST or HOST:PORT, or this machine's own name servers. Raises NoAnswer."""
        try:
            self._resolver = dns.resolver.Resolver(configure=not server)
        except dns.resolver.NoResolverConfiguration:
            raise NoAnswer("This machine has no name server. Name one: --nameserver HOST") from None
        if server:
            host, self._resolver.port = _address_of(server)
            self._resolver.nameservers = [host]
        self._resolver.lifetime = PATIENCE
        self._resolver.cache = dns.resolver.Cache()

    def knows(self, name: str) -> bool:
        """Whether there is anything of this name, or below it. Raises NoAnswer."""
        return self._ask(name, "SOA") is not None

    def ask(self, name: str, kind: str) -> list[str]:
        """What there is of this kind, none if the name does not exist: the words of TXT, the hosts of MX and PTR, the
        addresses of A and AAAA. Raises NoAnswer."""
        return [_text(each) for each in self._ask(name, kind) or ()]

    def addresses(self, host: str) -> list[str]:
        """Of both families; an address is its own. Raises NoAnswer."""
        try:
            return [str(ipaddress.ip_address(host))]
        except ValueError:
            return self.ask(host, "A") + self.ask(host, "AAAA")

    def hosts(self, address: str) -> list[str]:
        """The names to which an address leads (PTR). Raises NoAnswer."""
        return self.ask(dns.reversename.from_address(address).to_text(), "PTR")

    def _ask(self, name: str, kind: str):
        """The answer's records, or None if there is no such name."""
        try:
            return self._resolver.resolve(name, kind, raise_on_no_answer=False, search=False).rrset or ()
        except dns.resolver.NXDOMAIN:
            return None
        except dns.exception.Timeout:
            raise NoAnswer(f"no name server answered within {PATIENCE} seconds: {kind} of {name}") from None
        except dns.resolver.NoNameservers as trouble:
            errors = {str(error[3]) for error in trouble.kwargs["errors"]}
            raise NoAnswer(f"the name server answered {', '.join(sorted(errors))}: {kind} of {name}") from None
        except (dns.exception.DNSException, UnicodeError) as trouble:
            raise NoAnswer(f"nothing can be called {name} ({trouble})") from trouble


def shown(text: str) -> str:
    """What the DNS says, safe on a terminal: not long, and nothing that moves the cursor or turns the line round."""
    clean = "".join(letter if letter.isprintable() else "·" for letter in text[:LONGEST])
    return clean + "…" * (len(text) > LONGEST)


def _address_of(server: str) -> tuple[str, int]:
    try:
        where = urlsplit(f"//{server}")
        return socket.getaddrinfo(where.hostname or server, where.port or PORT, type=socket.SOCK_DGRAM)[0][4][:2]
    except (OSError, ValueError):
        raise NoAnswer(f"There is no name server at {server}") from None


def _text(record) -> str:
    for field in ("exchange", "target"):
        if hasattr(record, field):
            return str(getattr(record, field)).rstrip(".")
    if hasattr(record, "strings"):
        return b"".join(record.strings).decode("utf-8", "replace")
    return record.address

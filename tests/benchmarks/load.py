"""The load: a few connections that are kept open, in plain Python, from a process that is not the server's."""

import socket
import statistics
import time
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from http.client import HTTPConnection
from http.cookies import SimpleCookie
from itertools import islice, repeat
from urllib.parse import urlencode

from bs4 import BeautifulSoup

CONNECTIONS = 8
KEPT = 10  # requests on one connection: a connection stays with its worker, and all may meet at the same one
WARMING = 3  # requests on each connection that are not counted: both workers have read their templates
CHROMIUM, SAFARI = "gzip, deflate, br, zstd", "gzip, deflate, br"  # what they accept over TLS and from localhost
HTMX = {"HX-Request": "true", "HX-Request-Type": "partial"}


@dataclass(frozen=True)
class Request:
    """What a browser sends, and the status that it should get."""

    path: str
    status: int = 200
    cookie: str = ""
    form: Mapping | None = None  # a POST of these fields
    headers: Mapping[str, str] = field(default_factory=lambda: {"Accept-Encoding": CHROMIUM})

    @property
    def method(self) -> str:
        return "GET" if self.form is None else "POST"

    @property
    def body(self) -> bytes:
        return urlencode(self.form or {}, doseq=True).encode()

    @property
    def all_headers(self) -> dict[str, str]:
        sent = {"Accept": "text/html", "User-Agent": "Mozilla/5.0", **self.headers}
        if self.cookie:
            sent["Cookie"] = self.cookie
        if self.form is not None:
            sent["Content-Type"] = "application/x-www-form-urlencoded"
        return sent

    def by_htmx(self) -> "Request":
        """The same, but only the part that htmx puts into the page."""
        return replace(self, headers={**self.headers, **HTMX})


@dataclass(frozen=True)
class Timing:
    """How many a second, and how long they took."""

    requests_per_s: float
    p50_ms: float
    p95_ms: float


def timing(seconds: list[float], elapsed: float) -> Timing:
    """What the single durations come to."""
    percentiles = statistics.quantiles(seconds, n=100)
    return Timing(len(seconds) / elapsed, percentiles[49] * 1000, percentiles[94] * 1000)


def measure(port: int, scripts: Request | Iterable[Iterator[Request]], seconds: float) -> Timing:
    """Send the same request over and over on every connection, or each connection's own script."""
    each = [repeat(scripts)] * CONNECTIONS if isinstance(scripts, Request) else scripts
    connections = [HTTPConnection("localhost", port, timeout=30) for _ in range(CONNECTIONS)]
    with ThreadPoolExecutor(CONNECTIONS) as threads:
        list(threads.map(_send_all, connections, [islice(script, WARMING) for script in each]))
        began = time.perf_counter()
        found = list(threads.map(_send_all, connections, [_until(began + seconds, script) for script in each]))
        elapsed = time.perf_counter() - began
    return timing([one for many in found for one in many], elapsed)


def _send_all(connection: HTTPConnection, script: Iterable[Request]) -> list[float]:
    taken = []
    for request in script:
        taken.append(_send(connection, request))
        if len(taken) % KEPT == 0:
            connection.close()  # the next request opens it again
    connection.close()
    return taken


def _until(end: float, script: Iterator[Request]) -> Iterator[Request]:
    while time.perf_counter() < end:
        yield next(script)


def _send(connection: HTTPConnection, request: Request) -> float:
    """The seconds until the whole answer was there."""
    body, headers = request.body, request.all_headers
    began = time.perf_counter()
    connection.request(request.method, request.path, body, headers)
    answer = connection.getresponse()
    answer.read()
    taken = time.perf_counter() - began
    if answer.status != request.status:
        raise RuntimeError(f"{request.method} {request.path} answered {answer.status} instead of {request.status}")
    return taken


def bytes_on_the_wire(port: int, request: Request) -> int:
    """How many bytes the answer has: status line, headers, and the body as it was compressed."""
    head = {"Host": f"localhost:{port}", "Connection": "close", "Content-Length": len(request.body)}
    lines = [f"{name}: {value}" for name, value in {**head, **request.all_headers}.items()]
    text = "\r\n".join([f"{request.method} {request.path} HTTP/1.1", *lines, "", ""])
    with socket.create_connection(("localhost", port), timeout=30) as wire:
        wire.sendall(text.encode() + request.body)
        answer = b"".join(iter(lambda: wire.recv(65536), b""))
    if int(answer.split(maxsplit=2)[1]) != request.status:
        raise RuntimeError(f"{request.method} {request.path} answered {answer[:40]!r} instead of {request.status}")
    return len(answer)


class Browser:
    """Somebody with cookies, who opens pages and sends forms."""

    def __init__(self, port: int):
        self._port = port
        self._cookies = SimpleCookie()

    @property
    def cookie(self) -> str:
        """The header with which the next request goes."""
        return "; ".join(f"{name}={each.value}" for name, each in self._cookies.items())

    def get(self, path: str) -> BeautifulSoup:
        """The page."""
        return BeautifulSoup(self._exchange(Request(path, cookie=self.cookie, headers={}))[0], "html.parser")

    def post(self, path: str, form: Mapping) -> str:
        """Where the form leads."""
        return self._exchange(Request(path, 303, self.cookie, form, headers={}))[1]

    def _exchange(self, request: Request) -> tuple[str, str]:
        connection = HTTPConnection("localhost", self._port, timeout=30)
        connection.request(request.method, request.path, request.body, request.all_headers)
        answer = connection.getresponse()
        text, place = answer.read().decode(), answer.getheader("Location", "")
        connection.close()
        if answer.status != request.status:
            raise RuntimeError(f"{request.method} {request.path} answered {answer.status}: {text}")
        for each in answer.headers.get_all("Set-Cookie", []):
            self._cookies.load(each)
        return text, place


def hidden(page: BeautifulSoup) -> dict[str, str]:
    """The fields that a form brings back by itself, its token among them."""
    return {each["name"]: each.get("value", "") for each in page.select("input[type=hidden][name]")}

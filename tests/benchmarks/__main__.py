"""`python -m tests.benchmarks`: measures, prints tables, and keeps the figures in instance/bench.json."""

import signal
import sys

from metengage import machine
from metengage.config import ROOT
from tests import services
from tests.benchmarks import audience, crowd, delivery, load, postfix, public, report, sending, stand, survey, weight
from tests.benchmarks.report import Measured
from tests.benchmarks.stand import Stand

KEPT = ROOT / "instance" / "bench.json"
ROUNDS = 5  # in which the senders take turns


def main() -> None:
    facts = report.machine()
    with stand.on_sqlite() as here:
        sqlite = _measured(here, seconds=2.5)
    with stand.on_sqlite() as here:
        sqlite.million = _among_a_million(here)
    with stand.on_postgresql() as here:
        postgresql = _measured(here, seconds=1)
    with stand.on_postgresql() as here:
        postgresql.million = _among_a_million(here)
    senders, figures = _sending()
    print(report.text(facts, [sqlite, postgresql], senders))
    report.keep(report.figures(facts, [sqlite, postgresql]) | figures, KEPT)


def _measured(here: Stand, seconds: float) -> Measured:
    """Everything, on one database; so many seconds for each page."""
    _say(f"{here.database}: fill")
    found = Measured(here.database, seconds, start=stand.fill())
    found.audience = audience.counts()
    with stand.running(here) as found.start["start.all_answering"]:
        _say(f"{here.database}: weigh")
        found.first_pages, found.next_pages = weight.first_pages(here.port), weight.next_pages(here.port)
        for name, requests in _timed(here.port).items():
            _say(f"{here.database}: {name}")
            found.timings[name] = load.measure(here.port, requests, seconds)
    _say("")
    return found


def _among_a_million(here: Stand) -> dict:
    _say(f"{here.database}: a million residents")
    delivery.settle(crowd.RESIDENTS)
    _say(f"{here.database}: count them")
    found = audience.at_a_million() | audience.while_typing()
    _say("")
    return found


def _sending() -> tuple[str, dict]:
    """The tables and the figures of sending; without Postfix’s tools the reason instead."""
    process, redis_url = services.start_redis()
    try:
        with postfix.sink(port := machine.free_port(2525)):
            return sending.measured(redis_url, port, ROUNDS, _say)
    except postfix.Missing as missing:
        return str(missing), {}
    finally:
        process.kill()
        _say("")


def _timed(port: int) -> dict:
    return survey.requests(port) | public.requests(port) | audience.composer(port)


def _say(what: str) -> None:
    """Where it is now, on a line that the next one covers."""
    if sys.stderr.isatty():
        print(f"\r\x1b[K{what}", end="", file=sys.stderr, flush=True)


if __name__ == "__main__":
    # However it is ended: what was started is stopped.
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.default_int_handler)
    try:
        main()
    except KeyboardInterrupt:
        sys.exit("\nStopped before the end; nothing was kept.")

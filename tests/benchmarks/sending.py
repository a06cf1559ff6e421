"""Everything that is measured of sending, on both databases, as tables and as figures."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from metengage import db
from tests.benchmarks import crowd, delivery, morning, race, stand, trials
from tests.benchmarks.table import table

FEW = 5_000  # residents for trials into mail servers that are not made to be fast
Say = Callable[[str], None]


def measured(redis_url: str, port: int, rounds: int, say: Say) -> tuple[str, dict]:
    """(tables in Markdown, figures under their names); `port` is smtp-sink’s, `say` tells where it is."""
    parts = [
        _in_turns(redis_url, port, rounds, say),
        _to_a_million(redis_url, port, say),
        _in_the_morning(redis_url, port, say),
        _killed(redis_url, say),
        _together(redis_url, port, say),
    ]
    return "\n\n".join(text for text, _ in parts), {name: value for _, found in parts for name, value in found.items()}


def _in_turns(redis_url: str, port: int, rounds: int, say: Say) -> tuple[str, dict]:
    with _settled("sqlite", delivery.RESIDENTS) as lite, _settled("postgresql", delivery.RESIDENTS) as postgresql:
        say("senders in turns")
        databases = {"sqlite": lite, "postgresql": postgresql}
        found = race.interleaved(delivery.contenders(port, redis_url, databases), rounds)
    return found.text("Senders in turns, the same size of message into smtp-sink"), found.figures()


def _to_a_million(redis_url: str, port: int, say: Say) -> tuple[str, dict]:
    figures = {}
    for name, prefix in (("sqlite", "delivery.million"), ("postgresql", "postgresql.delivery.million")):
        with _settled(name, crowd.RESIDENTS) as url:
            say(f"{name}: to a million")
            figures |= trials.million(url, redis_url, port).figures(prefix)
    rows = [[name, f"{value:,}"] for name, value in figures.items()]
    return table("To a million, with alerts to one ward meanwhile, one worker", ["", "figure"], rows), figures


def _in_the_morning(redis_url: str, port: int, say: Say) -> tuple[str, dict]:
    figures = {}
    for name, prefix in (("sqlite", "digest"), ("postgresql", "postgresql.digest")):
        with _settled(name, morning.RESIDENTS) as url:
            say(f"{name}: a daily digest")
            figures |= morning.digest(url, redis_url, port).figures(prefix)
    rows = [[name, f"{value:,}"] for name, value in figures.items()]
    return table("A daily digest with 1 to 20 alerts for each, one worker", ["", "figure"], rows), figures


def _killed(redis_url: str, say: Say) -> tuple[str, dict]:
    figures = {}
    for name, prefix, at_once in (
        ("sqlite", "delivery.crash", 1),
        ("postgresql", "postgresql.delivery.crash", 1),
        ("postgresql", "postgresql.delivery.crash_of_four", 4),
    ):
        with _settled(name, 4 * FEW) as url:
            say(f"{name}: killed, {at_once} at work")
            figures |= trials.killed(url, redis_url, at_once).figures(prefix)
    rows = [[name, f"{value:,}"] for name, value in figures.items()]
    return table("Workers killed at random moments", ["", "figure"], rows), figures


def _together(redis_url: str, port: int, say: Say) -> tuple[str, dict]:
    figures = {}
    with _settled("postgresql", 2 * delivery.RESIDENTS) as url:
        for how_many in (1, 2, 4):
            say(f"{how_many} workers")
            run = trials.together(url, redis_url, port, how_many)
            figures[f"postgresql.delivery.workers_{how_many}.emails_per_s"] = round(run.emails_per_s)
    with _settled("sqlite", FEW) as url:
        say("a slow mail server")
        figures["delivery.slow_server.emails_per_s"] = round(trials.slow(url, redis_url))
    rows = [[name, f"{value:,}"] for name, value in figures.items()]
    return table("Several workers on PostgreSQL; a server that takes 10 ms a message", ["", "figure"], rows), figures


@contextmanager
def _settled(name: str, residents: int) -> Iterator[str]:
    """The URL of a database with so many residents; it goes afterwards."""
    with stand.on_sqlite() if name == "sqlite" else stand.on_postgresql() as here:
        delivery.settle(residents)
        if db.is_postgresql():
            db.handle.close_all()
        yield here.database_url
        db.use(here.database_url)

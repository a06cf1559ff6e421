"""What is measured: the whole product with its demo, on a database of its own, as `python app.py` runs it."""

import os
import subprocess
import sys
import tempfile
import time
import uuid
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields
from http.client import HTTPConnection
from pathlib import Path

import psycopg

from metengage import config, db, demo, gazetteer, machine, postcodes

# The runtime folder of PostgreSQL for tests is under /tmp where there is no login session.
warnings.filterwarnings("ignore", "XDG_RUNTIME_DIR")
from tests import services  # noqa: E402

PATIENCE = 60  # seconds until everything must answer, and until it must have stopped


@dataclass
class Stand:
    """One database, and the folder and the port that the product gets."""

    folder: Path
    database_url: str
    port: int
    database: str = ""  # its name and version, for the reader

    @property
    def settings(self) -> dict[str, str]:
        return {
            "INSTANCE": str(self.folder),
            "DATABASE_URL": self.database_url,
            "PUBLIC_URL": f"http://localhost:{self.port}",
        }


@contextmanager
def on_sqlite() -> Iterator[Stand]:
    """A stand with SQLite; the folder goes with it."""
    with tempfile.TemporaryDirectory(prefix="metengage-bench-") as folder:
        yield _at(Path(folder), f"sqlite:///{folder}/metengage.db")


@contextmanager
def on_postgresql() -> Iterator[Stand]:
    """A stand with a fresh database on PostgreSQL, which is dropped afterwards."""
    server = services.start_postgresql(fsync=True)
    name = f"bench_{uuid.uuid4().hex}"
    before, mark, options = server.partition("?")
    with tempfile.TemporaryDirectory(prefix="metengage-bench-") as folder:
        _on(server, f"CREATE DATABASE {name}")
        try:
            yield _at(Path(folder), f"{before.rpartition('/')[0]}/{name}{mark}{options}")
        finally:
            if db.is_postgresql():
                db.handle.close_all()
            _on(server, f"DROP DATABASE {name} WITH (FORCE)")


def _on(server: str, sql: str) -> None:
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(sql)


def _at(folder: Path, database_url: str) -> Stand:
    stand = Stand(folder, database_url, machine.free_port(20_000 + os.getpid() % 20_000))
    # This process fills the database, and counts the audience.
    config.load(stand.settings)
    db.use(database_url)
    with db.opened():
        stand.database = _version()
    return stand


def _version() -> str:
    def ask(sql: str) -> str:
        return db.handle.execute_sql(sql).fetchone()[0]

    if db.is_postgresql():
        return f"PostgreSQL {ask('SHOW server_version')} with fsync {ask('SHOW fsync')}"
    return f"SQLite {ask('SELECT sqlite_version()')}"


def fill() -> dict[str, float]:
    """Tables, areas, postcodes and the demo; the seconds that each took."""
    with db.opened():
        return {
            "start.migrate": _seconds(db.migrate),
            "start.areas": _seconds(lambda: gazetteer.load_areas(db.now())),
            "start.postcodes": _seconds(postcodes.load_postcodes),
            "start.demo": _seconds(lambda: demo.build(db.now())),
        }


def _seconds(step: Callable[[], object]) -> float:
    began = time.perf_counter()
    step()
    return time.perf_counter() - began


@contextmanager
def running(stand: Stand) -> Iterator[float]:
    """Redis, mailbox, worker, clock and web until the end; gives the seconds until all of it was ready."""
    ours = {each.name.upper() for each in fields(config.Settings)}
    environ = {name: value for name, value in os.environ.items() if name not in ours} | stand.settings
    with open(stand.folder / "log", "w", encoding="utf-8") as log:
        # A session of its own: Ctrl-C reaches this process alone, which then stops the other in order.
        process = subprocess.Popen(
            [sys.executable, "app.py"], cwd=config.ROOT, env=environ | {"PORT": str(stand.port)},
            stdout=log, stderr=log, start_new_session=True,
        )  # fmt: skip
        try:
            yield _seconds(lambda: _wait_until_ready(stand, process))
        except RuntimeError as error:
            error.add_note((stand.folder / "log").read_text(encoding="utf-8"))
            raise
        finally:
            process.terminate()
            process.wait(PATIENCE)


def _wait_until_ready(stand: Stand, process: subprocess.Popen) -> None:
    deadline = time.monotonic() + PATIENCE
    while not _is_ready(stand.port):
        if process.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError("The product did not start.")
        time.sleep(0.05)


def _is_ready(port: int) -> bool:
    connection = HTTPConnection("localhost", port, timeout=5)
    try:
        connection.request("GET", "/readyz")
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()

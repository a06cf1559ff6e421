"""The database: one handle, opened per request and per job; migrate()."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from peewee import Database, DatabaseProxy, SqliteDatabase
from playhouse import db_url
from playhouse.migrations import Runner

from metengage.config import ROOT

MIGRATIONS = ROOT / "migrations"
SQLITE_PRAGMAS = {
    "journal_mode": "wal",
    "synchronous": "normal",
    "foreign_keys": 1,
    "cache_size": -8 * 1024,  # KiB
}
SQLITE_WAIT = 30  # seconds that a writer waits for another

handle = DatabaseProxy()


def use(url: str) -> Database:
    """Point the one handle at a database: sqlite:///path or postgresql://…"""
    handle.initialize(_connect(url))
    return handle.obj


def _connect(url: str) -> Database:
    scheme, _, rest = url.partition("://")
    if scheme.startswith("sqlite"):
        database = db_url.parse(url)["database"]
        os.makedirs(os.path.dirname(os.path.abspath(database)), exist_ok=True)
        # Writers take the lock when they begin: a reader that turns writer halfway could only fail.
        return SqliteDatabase(database, pragmas=SQLITE_PRAGMAS, timeout=SQLITE_WAIT, lock_type="immediate")
    # Plain postgresql:// means psycopg2 to Peewee; this product speaks psycopg 3.
    return db_url.connect(f"psycopg3+pool://{rest}", max_connections=32, stale_timeout=300)


def is_postgresql() -> bool:
    return not isinstance(handle.obj, SqliteDatabase)


@contextmanager
def opened() -> Iterator[None]:
    """A connection for this request, job or command; the one that is open already is kept."""
    mine = handle.connect(reuse_if_open=True)
    try:
        yield
    finally:
        if mine:
            handle.close()


def migrate() -> list[str]:
    """Bring the tables up to date; returns the names of the migrations applied."""
    return Runner(handle.obj, directory=str(MIGRATIONS)).up()


def now() -> datetime:
    """This moment in UTC without a zone, as every table keeps it."""
    return datetime.now(UTC).replace(tzinfo=None)

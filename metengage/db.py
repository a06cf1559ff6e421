"""The database: one handle, opened per request and per job; migrate()."""

import json
import logging
import os
import select
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from peewee import SQL, Database, DatabaseProxy, Expression, Field, InterfaceError, OperationalError, SqliteDatabase
from playhouse import db_url
from playhouse.migrations import Runner

from metengage.config import ROOT

MIGRATIONS = ROOT / "migrations"
SQLITE_PRAGMAS = {
    "journal_mode": "wal",
    "synchronous": "normal",
    "foreign_keys": 1,
    "cache_size": -2 * 1024,  # KiB: a worker stays small, and the system keeps the file in memory anyway
    "wal_autocheckpoint": 4000,  # pages of 4 KiB: a sending changes the same ones again and again
}
SQLITE_WAIT = 30  # seconds that a writer waits for another

handle = DatabaseProxy()
log = logging.getLogger(__name__)


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


def connect() -> bool:
    """Open a connection that works; False when there is one already, which is kept."""
    is_new = handle.connect(reuse_if_open=True)
    while is_new and _is_cut():
        handle.manual_close()
        handle.connect()
    return is_new


@contextmanager
def opened() -> Iterator[None]:
    """A connection for this request, job or command; the one that is open already is kept."""
    mine = connect()
    try:
        yield
    finally:
        if mine:
            handle.close()


def _is_cut() -> bool:
    """Whether PostgreSQL ended this connection while nobody used it: then it has said so, and nobody has read it."""
    return is_postgresql() and bool(select.select([handle.connection().fileno()], [], [], 0)[0])


def one_of(column: Field, values: list):
    """An expression: the column has one of these values, however many; the statement's text stays the same.

    Numbers, or texts without a comma.
    """
    if is_postgresql():
        kind = "text" if column.field_type == "VARCHAR" else "bigint"
        listed = SQL(f"(string_to_array(%s, ',')::{kind}[])", [in_one(values)])
        return Expression(column, "= ANY", listed, flat=True)
    return column.in_(SQL("(SELECT value FROM json_each(?))", [in_one(values)]))


def in_one(values: list) -> str:
    """Many values as one text: to hand over a thousand one by one takes longer than to find them."""
    return ",".join(map(str, values)) if is_postgresql() else json.dumps(values)


def rows(query) -> Iterator[tuple]:
    """A query's rows as the driver has them, for thousands at a time: dates are text on SQLite."""
    return iter(handle.execute(query))


def insist(act: Callable[[], Any], seconds: float = 60) -> Any:
    """Do what must not be lost; while the database is locked, full, restarting or gone, try again for a while.

    `act` is one statement that may be done twice. Raises what the last try raised.
    """
    until, pause = time.monotonic() + seconds, 0.05
    while True:
        try:
            handle.connect(reuse_if_open=True)
            return act()
        except (OperationalError, InterfaceError):
            if time.monotonic() > until or handle.in_transaction():
                raise
            log.warning("The database is not there; trying again.", exc_info=True)
            time.sleep(pause)
            pause = min(2 * pause, 2)
            if is_postgresql():
                handle.manual_close()  # a connection that broke would go on failing


def migrate() -> list[str]:
    """Bring the tables up to date; returns the names of the migrations applied."""
    return Runner(handle.obj, directory=str(MIGRATIONS)).up()


def now() -> datetime:
    """This moment in UTC without a zone, as every table keeps it."""
    return datetime.now(UTC).replace(tzinfo=None)

"""PostgreSQL databases for tests, each as new; and one that is made as new again in hundredths of a second."""

import psycopg

FIGURES = "SELECT count(*), sum(oid::bigint), sum(relnatts) FROM pg_class WHERE relnamespace = 'public'::regnamespace"
TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename"
COUNTERS = """SELECT sequencename, coalesce(last_value, 1), last_value IS NOT NULL FROM pg_sequences
    WHERE schemaname = 'public'"""
CUT_OTHERS = """SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()"""


def address(server: str, name: str) -> str:
    """The URL of a database on the server of another."""
    before, mark, options = server.partition("?")
    return f"{before.rpartition('/')[0]}/{name}{mark}{options}"


def on_server(server: str, sql: str) -> None:
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(sql)


class Lent:
    """A database that tests use one after the other. To make one for each takes half of the time of all tests.

    What a test did to its rows and counters is undone by what was kept of them; where it did something to the tables
    themselves, or tidying is not allowed, the database is made anew from the template.
    """

    def __init__(self, server: str, template: str):
        self.server, self.template = server, template
        self.name = f"{template}_lent"
        self.url = address(server, self.name)
        self._make()

    def end(self) -> None:
        on_server(self.server, f"DROP DATABASE IF EXISTS {self.name} WITH (FORCE)")

    def tidy(self) -> None:
        """As it was before anybody used it; who is still connected is cut off."""
        try:
            with psycopg.connect(self.url, autocommit=True) as connection:
                connection.execute(CUT_OTHERS)
                if connection.execute(FIGURES).fetchone() == self.figures:
                    connection.execute(self.undo)
                    return
        except psycopg.errors.InsufficientPrivilege:
            pass  # to look at no foreign key is not everybody's right
        self._make()

    def _make(self) -> None:
        self.end()
        on_server(self.server, f"CREATE DATABASE {self.name} TEMPLATE {self.template}")
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute("CREATE SCHEMA kept")
            tables = [name for (name,) in connection.execute(TABLES)]
            for name in tables:
                connection.execute(f'CREATE TABLE kept."{name}" AS TABLE public."{name}"')
            self.figures = connection.execute(FIGURES).fetchone()
            counters = connection.execute(COUNTERS).fetchall()
        counted = [f"SELECT setval('public.{name}', {value}, {str(used).lower()});" for name, value, used in counters]
        rows = [
            f'DELETE FROM "{name}" row_is WHERE row_is::text NOT IN (SELECT row_was::text FROM kept."{name}" row_was);'
            f'INSERT INTO "{name}" SELECT * FROM kept."{name}" EXCEPT SELECT * FROM "{name}";'
            for name in tables
        ]
        # Without a look at each foreign key, whose order would matter.
        self.undo = "\n".join(["BEGIN;", "SET LOCAL session_replication_role = replica;", *rows, *counted, "COMMIT"])

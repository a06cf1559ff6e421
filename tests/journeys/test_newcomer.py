"""A newcomer types `python app.py` on a fresh machine, stops it with Ctrl-C, and starts it again."""

import http.client
import os
import signal
import subprocess
import sys
import time
import uuid
from contextlib import contextmanager

import psutil
import pytest

from metengage import config, machine
from tests.databases import address, on_server

PATIENCE = 90  # seconds


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_database(request, tmp_path):
    """The URL of a database without a table."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'empty.db'}"
        return
    server, _ = request.getfixturevalue("postgresql_template")
    name = f"empty_{uuid.uuid4().hex}"
    on_server(server, f"CREATE DATABASE {name}")
    yield address(server, name)
    on_server(server, f"DROP DATABASE {name} WITH (FORCE)")


@contextmanager
def running(database: str, instance, port: int):
    """The whole service on this machine; gives its process and what it printed."""
    ours = {"DATABASE_URL": database, "INSTANCE": str(instance), "PORT": str(port), "PATH": os.environ["PATH"]}
    printed = instance.parent / f"printed-{uuid.uuid4().hex}"
    with open(printed, "w") as output:
        process = subprocess.Popen([sys.executable, "app.py"], cwd=config.ROOT, env=ours, stdout=output, stderr=output)
    try:
        _until(lambda: "is running" in printed.read_text() or process.poll() is not None)
        yield process, printed.read_text()
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(PATIENCE)


def _until(true) -> None:
    deadline = time.monotonic() + PATIENCE
    while not true() and time.monotonic() < deadline:
        time.sleep(0.1)


def _get(port: int, path: str) -> tuple[int, str]:
    connection = http.client.HTTPConnection("localhost", port, timeout=10)
    connection.request("GET", path)
    reply = connection.getresponse()
    body = reply.read().decode()
    connection.close()
    return reply.status, body


def test_everything_starts_stops_and_starts_again_as_it_was(empty_database, tmp_path):
    instance, port = tmp_path / "instance", machine.free_port(30_000 + os.getpid() % 10_000)
    with running(empty_database, instance, port) as (process, printed):
        assert "Loaded 180,754 postcodes" in printed
        assert "farah@met.example.org" in printed
        assert _get(port, "/readyz") == (200, '{"database":true,"redis":true}\n')
        first = _get(port, "/areas/E05013824")[1]
        children = psutil.Process(process.pid).children(recursive=True)
        assert len(children) >= 5
    assert not [child for child in children if child.is_running() and child.status() != psutil.STATUS_ZOMBIE]
    with running(empty_database, instance, port) as (_, printed):
        assert "Loaded" not in printed
        assert _get(port, "/areas/E05013824")[1] == first

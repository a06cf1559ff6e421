"""smtp-source and smtp-sink, with which Postfix measures itself: a sender that does nothing else, and a receiver.

Debian has them in the package `postfix`. Where it is not installed, it is unpacked without its daemon.
"""

import os
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from metengage.config import ROOT
from tests.benchmarks.race import Run

FOLDER = ROOT / "instance" / "bench-tools"
PLACES = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/usr/lib/postfix/sbin"])
CONNECTIONS = 8
LENGTH = 12_700  # bytes of a message: an alert of 10 KB, HTML and text
DEEP = 4  # libraries need libraries
ADVICE = "To measure against Postfix, install Debian’s package postfix."
PATIENCE = 10  # seconds until smtp-sink must listen, and until it must have stopped


class Missing(Exception):
    """There is no smtp-source or smtp-sink, and why; a sentence for the reader."""


@contextmanager
def sink(port: int, *options: str) -> Iterator[None]:
    """A mail server on loopback that takes everything, in a process of its own. Raises Missing.

    Its options bring faults and slowness: "-p" for one without pipelining, "-r RCPT", "-w 1" …
    """
    # Whoever is root must say as whom it shall run.
    user = ["-u", "nobody"] if os.geteuid() == 0 else []
    process = subprocess.Popen([*_program("smtp-sink"), "-4", *user, *options, f"inet:127.0.0.1:{port}", "1024"])
    try:
        _wait_until_listening(process, port)
        yield
    finally:
        process.terminate()
        try:
            process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def source(port: int, how_many: int, length: int = LENGTH) -> Run:
    """So many messages over 8 connections that are kept open, each command in step with its answer. Raises Missing."""
    numbers = ["-s", str(CONNECTIONS), "-m", str(how_many), "-l", str(length)]
    command = [*_program("smtp-source"), "-4", "-d", *numbers, f"inet:127.0.0.1:{port}"]
    cpu, began = _cpu_of_children(), time.perf_counter()
    subprocess.run(command, check=True)
    return Run(how_many, time.perf_counter() - began, _cpu_of_children() - cpu)


def _cpu_of_children() -> float:
    """Seconds of those that have ended."""
    times = os.times()
    return times.children_user + times.children_system


def _wait_until_listening(process: subprocess.Popen, port: int) -> None:
    deadline = time.monotonic() + PATIENCE
    while process.poll() is None and time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.02)
    raise RuntimeError(f"smtp-sink does not listen on port {port}.")


# --- Where they are ---


@cache
def _program(name: str) -> list[str]:
    """How its command begins. Raises Missing."""
    found = shutil.which(name, path=PLACES)
    if found:
        return [found]
    ours = FOLDER / "usr" / "sbin" / name
    packages = ["postfix"]
    if not ours.exists():
        _unpack(packages)
    for _ in range(DEEP):
        if not _lacking(ours):
            return ["env", f"LD_LIBRARY_PATH={_library_path()}", str(ours)]
        packages = _libraries_of(packages)
        _unpack(packages)
    raise Missing(f"{name} cannot run, because {' and '.join(_lacking(ours))} cannot be found. {ADVICE}")


def _library_path() -> str:
    return os.pathsep.join(str(path) for path in (FOLDER / "usr" / "lib" / "postfix", *FOLDER.glob("**/*-linux-gnu*")))


def _lacking(program: Path) -> list[str]:
    """The libraries that it needs and that are nowhere."""
    seen = _run("env", f"LD_LIBRARY_PATH={_library_path()}", "ldd", str(program))
    return re.findall(r"(\S+) => not found", seen)


def _libraries_of(packages: list[str]) -> list[str]:
    """What these depend on, but for C's own library, which everything on this machine shares."""
    seen = _run("apt-cache", "depends", *packages)
    return sorted(set(re.findall(r"Depends: (lib\S+)", seen)) - {"libc6"})


def _unpack(packages: list[str]) -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    try:
        _run("apt-get", "download", *packages)
    except Missing:
        _run("apt-get", "update")  # a machine that has no list of packages yet
        _run("apt-get", "download", *packages)
    for file in FOLDER.glob("*.deb"):
        _run("dpkg", "-x", file.name, ".")
        file.unlink()


def _run(*command: str) -> str:
    """What it prints. Raises Missing with its last words."""
    try:
        done = subprocess.run(command, cwd=FOLDER, capture_output=True, text=True, check=False)
    except OSError:
        raise Missing(
            f"smtp-source and smtp-sink are missing, and so is {command[0]} to fetch them. {ADVICE}"
        ) from None
    if done.returncode:
        words = done.stderr.strip().splitlines()[-1:]
        raise Missing(f"{' '.join(command[:2])} failed ({''.join(words)}). {ADVICE}")
    return done.stdout

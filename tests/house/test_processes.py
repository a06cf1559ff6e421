"""What is written for those who run it: each process that it has, and only commands that are there."""

import re
import shlex

import pytest

from metengage.config import ROOT

UNITS = sorted((ROOT / "systemd").glob("*.service"))
PROCFILE = dict(line.split(": ", 1) for line in (ROOT / "Procfile").read_text(encoding="utf-8").splitlines())


def commands() -> list[str]:
    """Every command line of the Procfile and of the units."""
    lines = [line for unit in UNITS for line in unit.read_text(encoding="utf-8").splitlines()]
    return [*PROCFILE.values(), *(line.partition("=")[2] for line in lines if line.startswith("ExecStart"))]


def test_there_is_a_unit_for_each_process():
    named = {re.match(r"metengage-(\w+)@?\.service", unit.name)[1] for unit in UNITS}
    assert named == set(PROCFILE) - {"release"} == {"web", "worker", "clock"}


def test_each_runs_a_command_that_is_there(built):
    known = set(built.cli.commands)
    typed = [shlex.split(line) for line in commands()]
    ours = {words[-1] for words in typed if words[0].endswith("flask")}
    assert ours == {"migrate", "worker", "clock"} <= known
    assert {words[1] for words in typed if words[0].endswith("gunicorn")} == {"app:app"}


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_a_unit_runs_as_nobody_special_and_starts_again(unit):
    text = unit.read_text(encoding="utf-8")
    assert {"User=metengage", "Restart=always", "NoNewPrivileges=true"} <= set(text.splitlines())

"""What a person types about staff: suspend a leaver, reset who is locked out."""

import re

import pytest

from metengage import passwords
from metengage.db import now
from tests import cast


@pytest.fixture
def type_in(app):
    """Type a command: (exit code, what it said)."""

    def run(*words: str) -> tuple[int, str]:
        told = app.test_cli_runner().invoke(args=["officers", *words])
        return told.exit_code, told.output

    return run


def test_a_leaver_is_suspended(type_in):
    assert type_in("suspend", "Farah@met.example.org") == (0, "PC Farah is suspended.\n")
    assert cast.officer("Farah").suspended_at
    assert type_in("suspend", "farah@met.example.org") == (0, "PC Farah was suspended before.\n")


def test_the_last_administrator_is_not(type_in):
    code, said = type_in("suspend", "idris@met.example.org")
    assert (code, "last administrator" in said) == (1, True)


def test_a_reset_prints_the_link(type_in):
    code, said = type_in("reset", "idris@met.example.org")
    token = re.search(r"/officers/begin/(\S+)", said)[1]
    assert (code, passwords.officer_of(token, now())) == (0, cast.officer("Idris"))


@pytest.mark.parametrize("command", ["suspend", "reset"])
def test_nobody_by_that_address(type_in, command):
    assert type_in(command, "nobody@example.org")[0] == 1

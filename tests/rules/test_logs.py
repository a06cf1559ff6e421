"""The log: lines of JSON in production, text on one's own machine, and never whom we wrote to."""

import io
import json
import logging

import pytest

from metengage import logs

AMARA = "amara@example.org"


@pytest.fixture
def said():
    """Log with a formatter, and read what it wrote: said(formatter, act)."""

    def so_far(formatter: logging.Formatter, act) -> str:
        stream, log = io.StringIO(), logging.Logger("metengage.here")
        handler = logging.StreamHandler(stream)
        handler.setFormatter(formatter)
        log.addHandler(handler)
        act(log)
        return stream.getvalue()

    return so_far


def fail(log: logging.Logger) -> None:
    """As a database does that refuses a second row."""
    try:
        raise ValueError(f"Key (email)=({AMARA}) already exists.\nSee “{AMARA}”")
    except ValueError:
        log.exception("Not kept: %s", f'"{AMARA}"')


def test_a_record_is_one_line_of_json_with_its_facts(said):
    line = said(logs.lines_of_json(), lambda log: log.info("alert %s", 7, extra={"event": "sending", "sent": 480}))
    assert line.count("\n") == 1
    found = json.loads(line)
    assert {name: found[name] for name in ("level", "logger", "message", "event", "sent")} == {
        "level": "INFO",
        "logger": "metengage.here",
        "message": "alert 7",
        "event": "sending",
        "sent": 480,
    }
    assert found["time"].startswith("20")


def test_a_fault_is_one_line_too_and_loses_its_address(said):
    line = said(logs.lines_of_json(), fail)
    assert line.count("\n") == 1
    assert "ValueError: Key (email)=((address)) already exists." in json.loads(line)["exc_info"]
    assert "@" not in line


def test_text_loses_addresses_too(said):
    text = said(logs.text(), fail)
    assert "ERROR metengage.here Not kept" in text
    assert AMARA not in text


def test_what_others_say_of_each_email_is_not_logged(built):
    levels = {name: logging.getLogger(name).getEffectiveLevel() for name in ("rq.worker", "rq.queue", "mail.log")}
    assert min(levels.values()) >= logging.WARNING

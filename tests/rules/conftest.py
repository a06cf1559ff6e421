"""A mail server that misbehaves, where the product sends to."""

from collections.abc import Iterator

import pytest

from metengage import relays
from tests.rogue import Rogue


@pytest.fixture
def rogue(app, settings, monkeypatch) -> Iterator[Rogue]:
    """The mail server, which does as it is told and is told nothing yet; it must have heard nothing wrong."""
    with Rogue() as server:
        monkeypatch.setattr(settings, "mail_server", "127.0.0.1")
        monkeypatch.setattr(settings, "mail_port", server.port)
        yield server
        relays.hang_up()
    assert server.wrongs == []

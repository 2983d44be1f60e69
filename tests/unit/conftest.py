"""Unit tests use no servers: what needs one belongs in ``tests/contract`` or above."""

from __future__ import annotations

import socket
from typing import Any, NoReturn

import pytest

SERVERS = {"site", "sqlite_site", "webdav", "apache", "mariadb"}
ELSEWHERE = "a unit test uses no server; put this test in tests/contract"


@pytest.fixture(autouse=True)
def no_server(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Fail a test that starts a server, in this process or as a fixture."""
    assert SERVERS.isdisjoint(request.fixturenames), ELSEWHERE

    def refuse(*_: Any) -> NoReturn:
        raise AssertionError(ELSEWHERE)

    monkeypatch.setattr(socket.socket, "listen", refuse)

"""A digit that changes on the way, which JSON does not notice, is noticed by the hash."""

from __future__ import annotations

import hashlib
from http.server import BaseHTTPRequestHandler

import pytest

from crowdsky.base.errors import CorruptTransferError
from crowdsky.net.connection import Api
from tests.support.http_stand_in import HttpStandIn

SENT = b'{"job_id": 71, "lease_seconds": 300}'


class Flipping(BaseHTTPRequestHandler):
    """Answers with a digit changed after the hash was computed."""

    arrives = SENT.replace(b"71", b"73")

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(len(self.arrives)))
        self.send_header("X-SHA256", hashlib.sha256(SENT).hexdigest())
        self.end_headers()
        self.wfile.write(self.arrives)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        """Stay silent."""


def test_a_worker_takes_no_changed_answer() -> None:
    whole = type("Whole", (Flipping,), {"arrives": SENT})
    with HttpStandIn(whole) as server:
        assert Api.connect(server.url, "key").call("GET", "x", "ask").body == SENT
    with HttpStandIn(Flipping) as server, pytest.raises(CorruptTransferError, match="other bytes"):
        Api.connect(server.url, "key").call("GET", "x", "ask")

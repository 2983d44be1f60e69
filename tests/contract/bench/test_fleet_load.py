"""The clients of the fleet's bench, on a real server that keeps, closes or delays."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from bench.fleet_load import Answered, Client, Fleet, job_of, status_of


class Site(ThreadingHTTPServer):
    """Answers every question with 204, and notes the connections it came over."""

    daemon_threads = True
    delay = 0.0
    closes = False

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.questions: list[tuple[int, str]] = []


class Handler(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    server: Site

    def do_GET(self) -> None:
        """Answer that there is no work."""
        time.sleep(self.server.delay)
        self.server.questions.append((self.client_address[1], self.path))
        self.send_response(204)
        self.end_headers()
        # The client is not told, as with a connection that was idle for too long.
        self.close_connection = self.server.closes

    def log_message(self, *message: object) -> None:
        """Stay silent."""


@pytest.fixture
def site() -> Iterator[Site]:
    """The server, running."""
    with Site() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


def every(pause: float) -> Answered:
    """Return an answer's handler that asks again after ``pause`` seconds."""

    def answered(client: Client, status: str, body: bytes) -> float:
        return pause

    return answered


def test_workers_keep_their_connections_and_their_keys(site: Site) -> None:
    keys = [f"csw_{number:060d}" for number in range(5)]
    with closing(Fleet(site.server_port, keys)) as fleet:
        seen = fleet.run(lambda: 0.0, every(0.1), 0.35)

    assert seen.statuses == {"204": 20}
    assert len({port for port, _ in site.questions}) == 5
    assert len({path for _, path in site.questions}) == 20


def test_a_connection_that_the_server_closed_is_replaced(site: Site) -> None:
    site.closes = True
    with closing(Fleet(site.server_port, ["csw_key"])) as fleet:
        seen = fleet.run(lambda: 0.0, every(0.1), 0.35)

    assert seen.statuses == {"204": 4}
    assert len({port for port, _ in site.questions}) == 4


def test_a_latency_counts_from_the_due_time(site: Site) -> None:
    site.delay = 0.2
    with closing(Fleet(site.server_port, ["csw_key"])) as fleet:
        seen = fleet.run(lambda: 0.0, every(0.1), 0.25)

    # Due at 0.0, 0.1 and 0.2; answered one after the other, at 0.2, 0.4 and 0.6 at the earliest.
    assert len(seen.milliseconds) == 3
    for value, least in zip(seen.milliseconds, (200, 300, 400), strict=True):
        assert value >= least


def test_a_server_that_is_not_there_is_counted(site: Site) -> None:
    site.server_close()
    with closing(Fleet(site.server_port, ["csw_key"])) as fleet:
        seen = fleet.run(lambda: 0.0, every(1.0), 0.5)

    assert seen.statuses == {"cut off": 1}


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        (b"HTTP/1.1 204 No Content\r\nServer: x\r\n", None),
        (b"HTTP/1.1 204 No Content\r\nServer: x\r\n\r\n", "204"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nab", None),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc", "200"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n", None),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n", "200"),
    ],
)
def test_the_end_of_an_answer_is_seen(answer: bytes, status: str | None) -> None:
    assert status_of(answer) == status


def test_the_job_is_read_from_a_body_in_pieces() -> None:
    assert job_of(b'1e\r\n{"job_id": 7, "options": {}}\r\n0\r\n\r\n') == 7

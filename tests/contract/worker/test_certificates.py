"""A site behind TLS: its certificate is checked against the day, and errors say what is wrong."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
import trustme

from crowdsky.base.errors import ServiceUnreachableError
from crowdsky.net.connection import Api

pytestmark = pytest.mark.calendar

DAY = timedelta(days=1)
Serve = Callable[..., Api]


class Answering(BaseHTTPRequestHandler):
    """Answers every question with an empty JSON object."""

    def do_GET(self) -> None:
        body = b'{"ok": true}'
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def authority(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> trustme.CA:
    """An authority that this process trusts, and no other."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "authority.pem")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "authority.pem"))
    return authority


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Start a server with a certificate of the authority's, valid between two moments."""
    with ExitStack() as running:

        def start(authority: trustme.CA, host: str, begins: timedelta, ends: timedelta) -> Api:
            now = datetime.now(UTC)
            certificate = authority.issue_cert(host, not_before=now + begins, not_after=now + ends)
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            certificate.configure_cert(context)
            server = running.enter_context(HTTPServer(("127.0.0.1", 0), Answering))
            server.handle_error = lambda *_: None  # type: ignore[method-assign]
            server.socket = context.wrap_socket(
                server.socket, server_side=True, do_handshake_on_connect=False
            )
            threading.Thread(target=server.serve_forever, daemon=True).start()
            running.callback(server.shutdown)
            return Api.connect(f"https://127.0.0.1:{server.server_port}/api", "key")

        yield start


def ask(api: Api) -> int:
    return api.call("GET", "health.php", "could not ask the site").status


def test_a_certificate_of_today_is_accepted(authority: trustme.CA, serve: Serve) -> None:
    assert ask(serve(authority, "127.0.0.1", -DAY, DAY)) == 200


@pytest.mark.parametrize(
    ("begins", "ends", "words"),
    [(-DAY, -DAY / 24, "has expired"), (DAY / 24, DAY, "not yet valid")],
    ids=["expired", "of tomorrow"],
)
def test_a_certificate_of_another_day_names_the_day(
    authority: trustme.CA, serve: Serve, begins: timedelta, ends: timedelta, words: str
) -> None:
    """A machine whose clock is wrong finds every certificate out of date."""
    with pytest.raises(ServiceUnreachableError, match="certificate is not accepted") as caught:
        ask(serve(authority, "127.0.0.1", begins, ends))
    assert words in str(caught.value)
    assert f"the date on this machine is {datetime.now(UTC):%Y-%m}" in str(caught.value)


def test_a_certificate_for_another_host_is_refused(authority: trustme.CA, serve: Serve) -> None:
    with pytest.raises(ServiceUnreachableError, match="mismatch") as caught:
        ask(serve(authority, "sky.example.org", -DAY, DAY))
    assert "date" not in str(caught.value)


def test_a_stranger_is_refused(authority: trustme.CA, serve: Serve) -> None:
    with pytest.raises(ServiceUnreachableError, match="certificate is not accepted: ") as caught:
        ask(serve(trustme.CA(), "127.0.0.1", -DAY, DAY))
    assert "date" not in str(caught.value)

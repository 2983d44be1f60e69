"""Addresses that are nearly right: what the worker reports must lead to the one that works."""

from __future__ import annotations

import re
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from crowdsky.base.errors import (
    AccessDeniedError,
    ConfigurationError,
    CrowdSkyError,
    ServiceBusyError,
    ServiceUnreachableError,
    UnexpectedAnswerError,
)
from crowdsky.net.connection import Api
from crowdsky.storage import webdav
from crowdsky.storage.webdav import Share
from demo.services import WebDavServer
from tests.support.http_stand_in import HttpStandIn


def server(status: int, body: bytes = b"", location: str | None = None) -> HttpStandIn:
    """A server that answers every request alike; to ``location`` it adds the path below /old."""

    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            self.send_response(status)
            if location is not None:
                self.send_header("Location", f"{location}{self.path.removeprefix('/old')}")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    for method in ("GET", "PUT", "PROPFIND"):
        setattr(Handler, f"do_{method}", Handler.answer)
    return HttpStandIn(Handler)


def refused(url: str) -> CrowdSkyError:
    """The error of a call to the job API at this address."""
    with pytest.raises(CrowdSkyError) as caught:
        Api.connect(url, "csk_key").call("GET", "health.php", "could not reach the job API")
    return caught.value


def advised(error: CrowdSkyError, setting: str) -> str:
    """The address that the hint of an error names."""
    found = re.search(rf"set {setting} to (\S+)", str(error))
    assert found, str(error)
    return found[1]


def test_https_at_a_port_without_it_is_no_certificate_problem() -> None:
    with server(200) as plain:
        error = refused(plain.url.replace("http:", "https:") + "/api")

    assert isinstance(error, ServiceUnreachableError)
    assert "no https is spoken there" in str(error)
    assert "certificate" not in str(error)


def test_the_advice_after_a_redirect_of_the_site_works() -> None:
    with server(200, b'{"ok": true}') as new, server(301, location=f"{new.url}/new") as old:
        address = advised(refused(f"{old.url}/old/api"), "API_BASE_URL")

        assert address == f"{new.url}/new/api"
        assert Api.connect(address, "csk_key").call("GET", "health.php", "").status == 200


def test_the_advice_after_a_redirect_of_the_share_works(tmp_path: Path) -> None:
    with WebDavServer(tmp_path / "share") as new, server(308, location=new.url) as old:
        share = Share.connect(f"{old.url}/old", new.token)
        with pytest.raises(ConfigurationError) as caught:
            webdav.stat(share, "/crowdsky")

        address = advised(caught.value, "UCLOUD_WEBDAV_URL")
        assert address == new.url
        works = Share.connect(address, new.token)
        webdav.mkcol(works, "/crowdsky")
        assert (new.root / "crowdsky").is_dir()


def test_a_redirect_to_something_else_gives_no_wrong_advice() -> None:
    with server(301, location="https://portal.example.org/login?") as old:
        error = refused(f"{old.url}/api")

    assert "redirects to https://portal.example.org/login" in str(error)
    assert "set API_BASE_URL to" not in str(error)


@pytest.mark.parametrize("status", [301, 302])
def test_a_redirect_without_target_says_so(status: int) -> None:
    with server(status) as old:
        error = refused(f"{old.url}/api")

    assert isinstance(error, UnexpectedAnswerError)
    assert f"redirects ({status}) without saying where" in str(error)


@pytest.mark.parametrize("status", [401, 403])
def test_a_refusal_that_is_not_the_sites_does_not_blame_the_key(status: int) -> None:
    with server(status, b"<h1>Restricted</h1>") as host, server(status, b'{"error": "no"}') as site:
        foreign, own = refused(f"{host.url}/api"), refused(f"{site.url}/api")

    assert isinstance(foreign, AccessDeniedError)
    assert "this is no answer of the site" in str(foreign)
    assert "WORKER_API_KEY" not in str(foreign)
    assert "check WORKER_API_KEY" in str(own)


def test_a_lock_on_the_share_is_named() -> None:
    with server(423) as share, pytest.raises(ServiceBusyError, match="locked by another"):
        webdav.stat(Share.connect(share.url, "token"), "/crowdsky")

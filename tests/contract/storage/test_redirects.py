"""Redirects to another host: nothing that carries a secret follows them, in Python and in PHP.

The other host is a second server on loopback that records whatever it gets.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import numpy as np
import pytest

from crowdsky.base.errors import CrowdSkyError
from crowdsky.net.connection import Api
from crowdsky.solving.nova import NovaSolver
from crowdsky.solving.nova_http import NovaHttp
from crowdsky.solving.solver import SolveRequest, StarList
from crowdsky.storage import webdav
from crowdsky.storage.stored_file import StoredFile
from demo.uploader import Browser, UploadError
from tests.support.http_stand_in import HttpStandIn
from tests.support.php_code import run_php
from worker.site import job_api
from worker.site.downloads import download_raw_file
from worker.site.records import HeldByKey, RawFile

SECRET = "sesame-0123456789"
STATUSES = (301, 302, 303, 307, 308)
LOCAL = b"0123456789" * 100


@dataclass
class OtherHost(HttpStandIn):
    """Records the requests that reach it and answers 200 to each."""

    received: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(type("Recorder", (_Recorder,), {"host": self}))


class _Handler(BaseHTTPRequestHandler):
    """Takes every method; subclasses answer."""

    def handle_one_request(self) -> None:
        self.raw_requestline = self.rfile.readline(65537)
        self.close_connection = True
        if self.raw_requestline and self.parse_request():
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            self.answer(f"{self.requestline}\n{self.headers}\n{body!r}")

    def answer(self, request: str) -> None:
        raise NotImplementedError

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        """Stay silent."""


class _Recorder(_Handler):
    host: OtherHost

    def answer(self, request: str) -> None:
        self.host.received.append(request)
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()


class _Redirecting(_Handler):
    status: int
    target: str

    def answer(self, request: str) -> None:
        self.send_response(self.status)
        # "localhost" differs from "127.0.0.1", so that not even a cookie may go there.
        self.send_header("Location", f"{self.target}{self.path}")
        self.send_header("Content-Length", "0")
        self.end_headers()


@pytest.fixture
def other_host() -> Iterator[OtherHost]:
    with OtherHost() as host:
        yield host


@pytest.fixture(params=STATUSES)
def redirecting(request: pytest.FixtureRequest, other_host: OtherHost) -> Iterator[str]:
    """Address of a server that redirects everything to the other host."""
    target = other_host.url.replace("127.0.0.1", "localhost")
    handler = type("Handler", (_Redirecting,), {"status": request.param, "target": target})
    with HttpStandIn(handler) as server:
        yield server.url


@pytest.fixture
def local(tmp_path: Path) -> Path:
    path = tmp_path / "local.fits"
    path.write_bytes(LOCAL)
    return path


def test_nova_gets_neither_key_nor_stars_elsewhere(redirecting: str, other_host: OtherHost) -> None:
    rng = np.random.default_rng(1)
    stars = StarList.sorted(rng.random(9), rng.random(9), rng.random(9), 100, 100)
    outcome = NovaSolver(NovaHttp(redirecting), SECRET).solve(SolveRequest(stars), 1.0)
    assert outcome.wcs is None
    assert "redirects to http://localhost" in outcome.reason
    assert other_host.received == []


def test_every_call_of_nova_stays_on_its_host(redirecting: str, other_host: OtherHost) -> None:
    nova = NovaHttp(redirecting)
    calls: list[Callable[[], object]] = [
        lambda: nova.post("login", {"apikey": SECRET}),
        lambda: nova.post("upload", {"session": SECRET}, LOCAL),
        lambda: nova.get("jobs/1"),
        lambda: nova.download("wcs_file/1"),
    ]
    for call in calls:
        with pytest.raises(CrowdSkyError, match="redirects"):
            call()
    assert other_host.received == []


def test_every_call_of_the_share_stays_on_its_host(
    redirecting: str, other_host: OtherHost, local: Path
) -> None:
    share = webdav.Share.connect(redirecting, SECRET)
    there = StoredFile("/x.fits", len(LOCAL), "0" * 64)
    calls: list[Callable[[], object]] = [
        lambda: webdav.stat(share, "/x.fits"),
        lambda: webdav.mkcol(share, "/x"),
        lambda: webdav.upload_file(share, local, "/x.fits"),
        lambda: webdav.download_file(share, "/x.fits", local.with_name("copy")),
        lambda: webdav.verify_stored(share, there),
        lambda: share.client.execute_request("download", "/x.fits"),
        lambda: webdav.move_file(share, "/x.fits", "/y.fits"),
        lambda: webdav.delete_files(share, ["/x.fits"]),
    ]
    for call in calls:
        with pytest.raises(CrowdSkyError, match="redirects"):
            call()
    assert other_host.received == []


def test_every_kind_of_api_call_stays_on_its_host(
    redirecting: str, other_host: OtherHost, tmp_path: Path
) -> None:
    api = Api.connect(redirecting, SECRET)
    raw = RawFile(1, "x.fits", len(LOCAL), "0" * 64)
    calls: list[Callable[[], object]] = [
        lambda: job_api.next_job(api, "w", "c"),
        lambda: job_api.heartbeat(api, HeldByKey(1), "stack", 0.5),
        lambda: download_raw_file(api, None, raw, tmp_path / "x.fits"),
    ]
    for call in calls:
        with pytest.raises(CrowdSkyError, match="redirects"):
            call()
    assert other_host.received == []


def test_a_password_of_the_site_stays_on_its_host(redirecting: str, other_host: OtherHost) -> None:
    with pytest.raises(UploadError):
        Browser(redirecting).log_in("me", SECRET)
    assert other_host.received == []


def test_the_site_keeps_the_token_of_its_share(
    redirecting: str, other_host: OtherHost, local: Path
) -> None:
    answers = run_php(
        """
        $client = new CrowdSky\\Storage\\WebDavClient($argv[2], getenv('SHARE_TOKEN'));
        $storage = new CrowdSky\\Storage\\WebDavStorage($client);
        $hash = hash_file('sha256', $argv[1]);
        $file = new CrowdSky\\Storage\\SpooledFile($argv[1], filesize($argv[1]), $hash);
        $listing = fopen('php://temp', 'r+');
        echo implode(' ', [
            $client->download('/x', static fn (string $piece) => null, 0, null)->status,
            $client->propfind('/x', $listing)->status,
            $client->request('DELETE', '/x')->status,
        ]);
        try {
            $storage->put($file, '/x.fits');
        } catch (CrowdSky\\Base\\Refusal $error) {
            echo ' refused';
        }
        """,
        str(local),
        redirecting,
        SHARE_TOKEN=SECRET,
    )
    assert answers.endswith(" refused")
    assert {word[0] for word in answers.split()[:3]} == {"3"}
    assert other_host.received == []

"""What a site or storage answers reaches errors, and through them logs, bounded and escaped."""

from __future__ import annotations

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler

import pytest

from crowdsky.base.errors import CrowdSkyError
from crowdsky.net.connection import Api
from crowdsky.solving.nova import NovaSolver
from crowdsky.solving.nova_http import NovaHttp
from crowdsky.solving.solver import SolveRequest, StarList
from crowdsky.storage import webdav
from tests.support.http_stand_in import HttpStandIn
from worker.site import job_api

FORGED = "\n2026-01-01T00:00:00.000Z INFO job 7: done\x1b[2J\u202e"
LISTING = (
    '<d:multistatus xmlns:d="DAV:"><d:response><d:href>/x.fits</d:href><d:propstat><d:prop>'
    "<d:resourcetype/><d:getcontentlength>{size}</d:getcontentlength></d:prop>"
    "<d:status>HTTP/1.1 200 OK</d:status></d:propstat></d:response></d:multistatus>"
)


class Hostile(BaseHTTPRequestHandler):
    """Answers every call with what its server holds."""

    status = 200
    body = b""

    def do_GET(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.send_response(404 if self.path.startswith("/wcs_file") else self.status)
        self.send_header("Content-Length", str(len(self.body)))
        self.end_headers()
        self.wfile.write(self.body)

    def do_POST(self) -> None:
        self.do_GET()

    def do_PROPFIND(self) -> None:
        self.do_GET()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        """Stay silent."""


@pytest.fixture
def handler() -> type[Hostile]:
    return type("Handler", (Hostile,), {})


@pytest.fixture
def url(handler: type[Hostile]) -> Iterator[str]:
    with HttpStandIn(handler) as server:
        yield server.url


def assert_fits_a_line(text: str) -> None:
    assert text.isprintable()
    assert len(text) < 1000


@pytest.mark.parametrize("status", [400, 401, 404, 409, 412, 422, 500, 503, 507])
@pytest.mark.parametrize("error", [FORGED, "x" * 2_000_000, [FORGED] * 1000])
def test_the_sites_own_words(handler: type[Hostile], url: str, status: int, error: object) -> None:
    handler.status, handler.body = status, json.dumps({"error": error, "code": "c"}).encode()
    with pytest.raises(CrowdSkyError) as refused:
        job_api.next_job(Api.connect(url, "key"), "w", "c")
    assert_fits_a_line(str(refused.value))


@pytest.mark.parametrize("digits", [30, 4000, 5000])
def test_a_job_number_without_end(handler: type[Hostile], url: str, digits: int) -> None:
    handler.body = b'{"job_id": ' + b"9" * digits + b"}"
    with pytest.raises(CrowdSkyError) as refused:
        job_api.get_next_job(Api.connect(url, "key"), "w", "c")
    assert_fits_a_line(str(refused.value))


@pytest.mark.parametrize("size", ["9" * 5000, "²", "-1"])
def test_a_size_on_the_share_that_is_none(handler: type[Hostile], url: str, size: str) -> None:
    handler.status, handler.body = 207, LISTING.format(size=size).encode()
    entry = webdav.stat(webdav.Share.connect(url, "token"), "/x.fits")
    assert entry is not None
    assert entry.size_bytes is None


@pytest.mark.parametrize(
    "answer",
    [
        {"errormessage": FORGED * 1000},
        {"session": "s", "subid": 10**4000, "errormessage": FORGED},
        {"session": "s", "subid": 1, "error_message": FORGED + "x" * 2_000_000},
        {"session": "s", "subid": 1, "jobs": 7, "processing_finished": "yes"},
        {"session": "s", "subid": 1, "jobs": [10**4000], "processing_finished": "yes"},
        {"session": "s", "subid": 1, "jobs": [1], "status": "success", "error": FORGED * 1000},
        {
            "session": "s",
            "subid": 1,
            "jobs": [1],
            "status": "success",
            "ra": 10**4000,
            "dec": 1,
            "pixscale": 1,
            "orientation": 1,
            "parity": 1,
        },
        {
            "session": "s",
            "subid": 1,
            "jobs": [1],
            "status": "success",
            "ra": "nan",
            "dec": 1,
            "pixscale": 1,
            "orientation": 1,
            "parity": 1,
        },
        {
            "session": "s",
            "subid": 1,
            "jobs": [1],
            "status": "success",
            "ra": FORGED * 100_000,
        },
    ],
)
def test_a_nova_server_without_manners(
    handler: type[Hostile], url: str, answer: dict[str, object]
) -> None:
    handler.body = json.dumps(answer).encode()
    request = SolveRequest(StarList.sorted([1.0], [1.0], [1.0], 100, 100))
    outcome = NovaSolver(NovaHttp(url), "key", sleep=lambda _: None).solve(request, 60.0)
    assert outcome.wcs is None
    assert_fits_a_line(outcome.reason)

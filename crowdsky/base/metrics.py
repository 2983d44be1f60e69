"""The worker's metrics, and the port that serves them to Prometheus and health checks.

The counters are module-wide, as is usual with this library; the code that does something counts it.
"""

from __future__ import annotations

import json
import logging
import socketserver
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, make_wsgi_app

from crowdsky.base.errors import ConfigurationError

log = logging.getLogger(__name__)

REGISTRY = CollectorRegistry()

JOBS = Counter("crowdsky_worker_jobs", "Jobs by outcome", ["ending"], registry=REGISTRY)
STAGE_SECONDS = Histogram(
    "crowdsky_worker_stage_seconds",
    "Time spent in the stages of jobs, including stages that were not completed",
    ["stage"],
    buckets=(0.1, 0.5, 1, 5, 10, 30, 60, 120, 300, 600, 1800, 3600),
    registry=REGISTRY,
)
BYTES = Counter(
    "crowdsky_worker_bytes", "Bytes of frames and results moved", ["direction"], registry=REGISTRY
)
CLAIMS = Counter(
    "crowdsky_worker_claims", "Claim requests by outcome", ["answer"], registry=REGISTRY
)
RUNNING = Gauge("crowdsky_worker_running_jobs", "Jobs in progress; 0 when idle", registry=REGISTRY)
WAITING = Gauge(
    "crowdsky_worker_journal_entries",
    "Completions on disk that the site has not yet acknowledged",
    registry=REGISTRY,
)
FIT = Gauge(
    "crowdsky_worker_fit",
    "1 if this machine can take a job, 0 if it lacks memory or disk space",
    registry=REGISTRY,
)
LAST_COMPLETION = Gauge(
    "crowdsky_worker_last_completion_timestamp_seconds",
    "Time at which the site last accepted a result; 0 before the first",
    registry=REGISTRY,
)

STILL_SECONDS = 180.0
"""Seconds without a turn of the loop after which it counts as stuck; one claim may take 60."""


class Pulse:
    """Tells whether the daemon's loop keeps turning."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._last = monotonic()

    def beat(self) -> None:
        """Record one more turn of the loop."""
        self._last = self._monotonic()

    def seconds(self) -> float:
        """Return the seconds since the last turn."""
        return self._monotonic() - self._last


@contextmanager
def served(address: str, port: int, pulse: Pulse) -> Iterator[None]:
    """Serve /metrics and /healthz inside the block; with port 0 nothing is opened.

    Raises:
        ConfigurationError: the port cannot be opened.
    """
    if port == 0:
        yield
        return
    try:
        server = make_server(address, port, _application(pulse), _Server, _QuietHandler)
    except OSError as error:
        raise ConfigurationError(
            f"could not open the metrics port {port} on {address}",
            why=error.strerror or str(error),
            hint="set METRICS_PORT to a free port, or to 0",
        ) from error
    thread = threading.Thread(target=server.serve_forever, name="metrics", daemon=True)
    thread.start()
    log.info("metrics are on http://%s:%d/metrics", address, port)
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _application(pulse: Pulse) -> Callable[..., Iterable[bytes]]:
    metrics = make_wsgi_app(REGISTRY)

    def answer(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        if environ["PATH_INFO"] == "/metrics":
            page: Iterable[bytes] = metrics(environ, start_response)
            return page
        if environ["PATH_INFO"] != "/healthz":
            return _json(start_response, "404 Not Found", {"error": "/metrics or /healthz"})
        still = pulse.seconds()
        well = still < STILL_SECONDS
        status = "200 OK" if well else "503 Service Unavailable"
        return _json(start_response, status, {"ok": well, "loop_seconds_ago": round(still, 1)})

    return answer


def _json(start_response: Callable[..., Any], status: str, body: dict[str, Any]) -> list[bytes]:
    start_response(status, [("Content-Type", "application/json")])
    return [json.dumps(body).encode() + b"\n"]


class _Server(socketserver.ThreadingMixIn, WSGIServer):
    daemon_threads = True

    def server_bind(self) -> None:
        # The library would look up its own name in the DNS, which can take long.
        socketserver.TCPServer.server_bind(self)
        host, port = self.server_address[:2]
        self.server_name, self.server_port = str(host), port
        self.setup_environ()


class _QuietHandler(WSGIRequestHandler):
    timeout = 10

    def log_message(self, format: str, *arguments: Any) -> None:  # noqa: A002 - its name
        """Log nothing: a scrape every few seconds is not an event."""

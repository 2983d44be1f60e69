"""The optional port: metrics, health, and nothing else."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest
import requests

from crowdsky.base.errors import ConfigurationError
from crowdsky.base.metrics import JOBS, Pulse, served
from demo.loopback_server import kept_port


class Clock:
    """Seconds that a test sets."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    """The time of the daemon's loop."""
    return Clock()


@pytest.fixture
def url(clock: Clock) -> Iterator[str]:
    """Address of a served port."""
    with kept_port() as port, served("127.0.0.1", port, Pulse(clock)):
        yield f"http://127.0.0.1:{port}"


def test_prometheus_finds_what_was_counted(url: str) -> None:
    JOBS.labels("done").inc()
    answer = requests.get(f"{url}/metrics", timeout=60)
    assert answer.headers["Content-Type"].startswith("text/plain")
    assert 'crowdsky_worker_jobs_total{ending="done"}' in answer.text
    assert "# TYPE crowdsky_worker_journal_entries gauge" in answer.text


def test_health_is_whether_the_loop_goes_round(url: str, clock: Clock) -> None:
    clock.now = 100.0
    answer = requests.get(f"{url}/healthz", timeout=60)
    assert (answer.status_code, answer.json()) == (200, {"ok": True, "loop_seconds_ago": 100.0})
    clock.now = 1000.0
    answer = requests.get(f"{url}/healthz", timeout=60)
    assert (answer.status_code, answer.json()["ok"]) == (503, False)


def test_there_is_nothing_else(url: str) -> None:
    assert requests.get(f"{url}/", timeout=60).status_code == 404


def test_a_taken_port_is_a_wrong_setting() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with (
            pytest.raises(ConfigurationError, match="METRICS_PORT"),
            served("127.0.0.1", port, Pulse()),
        ):
            pass


def test_port_0_opens_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("crowdsky.base.metrics.make_server", None)
    with served("127.0.0.1", 0, Pulse()):
        pass

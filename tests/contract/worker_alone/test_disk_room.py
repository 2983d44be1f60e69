"""Room on the worker's disk, whatever the site announces: the listing counts, and what is free."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from crowdsky.base.disk_room import LEAST_FREE_BYTES
from crowdsky.base.errors import DiskFullError
from crowdsky.net.answers import no_tick
from crowdsky.net.connection import Api
from tests.support.http_stand_in import HttpStandIn
from tests.support.jobs import JOB
from worker import job_processor
from worker.job.compute import ComputeTask
from worker.job.lease import Lease
from worker.job.stages import Stage
from worker.site.downloads import download_raw_file
from worker.site.records import Heartbeat, RawFile

SIZE = 5 * 2**20
RAW = RawFile(1, "a.fit", SIZE, "0" * 64)


class Sending(BaseHTTPRequestHandler):
    """A site that sends a raw file of zeros."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "application/octet-stream")
        self.send_header("Content-Length", str(SIZE))
        self.end_headers()
        with suppress(ConnectionError):  # the worker stops reading
            self.wfile.write(bytes(SIZE))

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        """Stay silent."""


@pytest.fixture
def api() -> Iterator[Api]:
    with HttpStandIn(Sending) as server:
        yield Api.connect(server.url, "key")


def free(monkeypatch: pytest.MonkeyPatch, *answers: int) -> None:
    """Let the disk have these numbers of free bytes, one after the other, then the last."""
    left = list(answers)

    def usage(_: Path) -> Any:
        return SimpleNamespace(free=left.pop(0) if len(left) > 1 else left[0])

    monkeypatch.setattr(shutil, "disk_usage", usage)


def test_a_file_without_room_is_not_begun(
    api: Api, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    free(monkeypatch, SIZE + LEAST_FREE_BYTES - 1)
    with pytest.raises(DiskFullError, match="MB are needed"):
        download_raw_file(api, None, RAW, tmp_path / "a.fit", no_tick)
    assert list(tmp_path.iterdir()) == []


def test_a_disk_that_fills_up_ends_the_download(
    api: Api, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    free(monkeypatch, 2**40, 2**40, LEAST_FREE_BYTES - 1)
    with pytest.raises(DiskFullError, match=r"could not download a\.fit"):
        download_raw_file(api, None, RAW, tmp_path / "a.fit", no_tick)
    assert (tmp_path / "a.fit.part").stat().st_size < SIZE / 2


def test_a_disk_that_fills_up_ends_the_computing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def compute_for_ever(*_: object, check: Any, **__: object) -> None:
        while True:
            check()

    monkeypatch.setattr(job_processor, "compute", compute_for_ever)
    free(monkeypatch, 2**40, 2**40, LEAST_FREE_BYTES - 1)
    bench: Any = SimpleNamespace(compute_slots=threading.Semaphore(1), limits=None, warm=None)
    task: Any = ComputeTask(None, tmp_path, "native", "", None)  # type: ignore[arg-type]
    with (
        Lease(JOB, job_processor.steady_seconds(), lambda *_: Heartbeat(False, 300.0)) as lease,
        pytest.raises(DiskFullError, match="stopped computing"),
    ):
        job_processor._in_child(task, Stage.SOLVE, bench, lease)

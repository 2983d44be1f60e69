"""Workers that are killed, stopped or lose their job in the middle of it."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.fault_proxy import Fault
from tests.support.observatory import Observatory
from tests.support.worker_process import WorkerProcess

pytestmark = pytest.mark.slow

HOLD = 200.0
"""Seconds that a proxy holds a call of a worker that has ended long before."""


def children_of(pid: int) -> list[int]:
    """Process ids of the living children of a process."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_text("ascii", "replace").rsplit(")", 1)[1].split()
            except OSError:
                continue
            if int(fields[1]) == pid and fields[0] != "Z":
                found.append(int(entry.name))
    return found


def computing(worker: WorkerProcess) -> list[int]:
    """Process ids of a daemon's jobs, which its fork server has started."""
    return [job for server in children_of(worker.process.pid) for job in children_of(server)]


def processes_below(worker: WorkerProcess) -> list[int]:
    """The fork server and the jobs."""
    return [*children_of(worker.process.pid), *computing(worker)]


def is_gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return Path(f"/proc/{pid}/stat").read_text("ascii").rsplit(")", 1)[1].split()[0] == "Z"


def wait_until(condition: Callable[[], object], complaint: str, seconds: float = 120.0) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, complaint
        time.sleep(0.05)


def begin(observatory: Observatory, stage: str) -> WorkerProcess:
    """Start a worker and return when its job is in the middle of ``stage``."""
    site, share = observatory.to_site, observatory.to_share
    if stage == "download":
        site.inject(Fault("delay", target="download_raw", seconds=HOLD))
        worker = observatory.start("first")
        worker.wait_for(lambda: site.count("GET", "download_raw"), "no download")
    elif stage == "stack":
        worker = observatory.start("first", **observatory.hold())
        worker.wait_for(lambda: computing(worker), "no child")
    else:
        share.inject(Fault("cut_request", method="PUT", after_bytes=200_000, seconds=HOLD))
        worker = observatory.start("first")
        worker.wait_for(lambda: share.count("PUT"), "no upload")
        wait_until(lambda: any(".a1-" in name for name in observatory.stored()), "nothing arrived")
    return worker


@pytest.mark.parametrize(
    "stage",
    ["stack", *(pytest.param(stage, marks=pytest.mark.every) for stage in ("download", "upload"))],
)
def test_a_killed_workers_job_is_done_by_another(observatory: Observatory, stage: str) -> None:
    job = observatory.add_job()
    victim = begin(observatory, stage)
    children = processes_below(victim)
    victim.kill()
    for child in children:
        wait_until(lambda pid=child: is_gone(pid), "the child outlived its worker")
    assert observatory.rows.job(job)["status"] == "processing"
    assert observatory.raws_are_there(job)
    assert list(victim.scratch.glob("run-*/*"))
    observatory.expire(job)

    # The second worker uses the same folder, as after a restart of the service.
    other = observatory.start("first", UCLOUD_WEBDAV_URL=observatory.share.url)
    other.wait_for_line(f"job {job}: done")
    assert other.stop() == 0
    row = observatory.rows.job(job)
    assert (row["status"], row["attempts"]) == ("completed", 2)
    frame = observatory.rows.one("SELECT ucloud_path, sha256 FROM stacked_frames")
    assert Path(frame["ucloud_path"]).name in observatory.stored()
    finished = {name for name in observatory.stored() if ".a1-" not in name}
    assert len(finished) == 6, "one stack with four pictures and its star list"
    assert list(other.scratch.glob("run-*")) == [], "what the killed worker left was not swept"


@pytest.mark.parametrize("stage", ["download", "stack"])
def test_a_stop_hands_the_job_back(observatory: Observatory, stage: str) -> None:
    job = observatory.add_job()
    worker = begin(observatory, stage)
    children = processes_below(worker)
    assert worker.stop() == 0, worker.log
    row = observatory.rows.job(job)
    assert (row["status"], row["attempts"]) == ("pending", 0), worker.log
    assert all(is_gone(child) for child in children)
    assert list(worker.scratch.glob("run-*")) == []
    assert observatory.stored() == set()


def test_a_stop_lets_an_upload_finish(observatory: Observatory) -> None:
    job = observatory.add_job()
    observatory.to_share.inject(Fault("delay", method="PUT", seconds=HOLD))
    worker = observatory.start("first")
    worker.wait_for(lambda: observatory.to_share.count("PUT"), "no upload")
    worker.process.terminate()
    worker.wait_for_line("stopping:")
    observatory.to_share.let_go()
    assert worker.exit_code() == 0, worker.log
    assert observatory.rows.job(job)["status"] == "completed"


@pytest.mark.every
def test_a_second_signal_ends_at_once(observatory: Observatory) -> None:
    job = observatory.add_job()
    worker = begin(observatory, "upload")
    worker.process.terminate()
    worker.wait_for_line("stopping:")
    assert worker.process.poll() is None, "the upload has a grace period"
    worker.process.terminate()
    assert worker.exit_code() == 128 + signal.SIGTERM
    assert observatory.rows.job(job)["status"] == "processing", "the lease runs out by itself"


@pytest.mark.every
def test_a_cancelled_job_is_left_alone(observatory: Observatory) -> None:
    job = observatory.add_job()
    worker = begin(observatory, "stack")
    observatory.rows.execute("UPDATE stacking_jobs SET status = 'cancelled' WHERE id = ?", job)
    worker.wait_for_line("lost: stopped job")
    wait_until(lambda: not computing(worker), "the child goes on")
    assert observatory.rows.job(job)["status"] == "cancelled"
    assert observatory.stored() == set()
    assert worker.stop() == 0


@pytest.mark.every
def test_a_killed_child_fails_the_job_with_a_reason(observatory: Observatory) -> None:
    job = observatory.add_job()
    worker = begin(observatory, "stack")
    observatory.let_go()
    for child in computing(worker):
        os.kill(child, signal.SIGKILL)
    worker.wait_for_line("failed: stacking was killed by the system")
    row = observatory.rows.job(job)
    assert "memory ran out" in row["error_message"]
    # The daemon lives, and its next attempt succeeds.
    worker.wait_for_line(f"job {job}: done")
    assert observatory.rows.job(job)["attempts"] == 2
    assert worker.stop() == 0

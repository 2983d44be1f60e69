"""WARM_START: whether the real daemon keeps a process that starts its jobs."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.observatory import Observatory

FORK_SERVER = b"crowdsky.sandbox.fork_server"


def children(pid: int) -> list[bytes]:
    """The command lines of the processes that a process has started."""
    threads = Path(f"/proc/{pid}/task").iterdir()
    ids = [child for thread in threads for child in (thread / "children").read_text().split()]
    return [Path(f"/proc/{child}/cmdline").read_bytes() for child in ids]


@pytest.mark.parametrize("setting", [pytest.param("on", marks=pytest.mark.every), "off"])
def test_the_warm_start_can_be_left_out(observatory: Observatory, setting: str) -> None:
    jobs = [observatory.add_job(object_name=name) for name in ("M 81", "M 82")]
    worker = observatory.start("attic", WARM_START=setting, MAX_WORKERS="1")
    for job in jobs:
        worker.wait_for_line(f"job {job}: done")
    has_fork_server = any(FORK_SERVER in line for line in children(worker.process.pid))
    assert worker.stop() == 0, worker.log

    assert has_fork_server is (setting == "on")
    assert "warm start" not in worker.log, "it is no trouble that it is off"
    frames = observatory.rows.all("SELECT job_id FROM stacked_frames ORDER BY job_id")
    assert [frame["job_id"] for frame in frames] == jobs

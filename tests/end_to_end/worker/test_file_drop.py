"""Shares that only take files, given to the worker or to the site: nothing is lost or doubled."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from demo.services import Site
from tests.support.file_drop import FileDrop
from tests.support.observatory import Observatory
from tests.support.worker_process import run_worker

pytestmark = pytest.mark.slow


@pytest.fixture
def drop(tmp_path: Path) -> Iterator[FileDrop]:
    """A file drop that takes whatever it is sent."""
    with FileDrop(tmp_path / "drop", flattens=True) as running:
        yield running


def of_worker(drop: FileDrop) -> dict[str, str]:
    """The settings of a worker that was given the drop."""
    return {"UCLOUD_WEBDAV_URL": drop.url, "UCLOUD_SHARE_TOKEN": drop.token}


def test_a_worker_with_a_drop_stores_through_the_site(
    observatory: Observatory, drop: FileDrop
) -> None:
    jobs = [observatory.add_job(object_name=name) for name in ("M 81", "M 82")]
    worker = observatory.start("attic", MAX_WORKERS="1", **of_worker(drop))
    for job in jobs:
        worker.wait_for_line(f"job {job}: done")
    assert worker.stop() == 0, worker.log

    assert worker.log.count("from now on results go through the site") == 1
    assert drop.count("PUT") == 0
    frames = observatory.rows.all("SELECT * FROM stacked_frames")
    assert sorted(frame["job_id"] for frame in frames) == jobs
    for frame in frames:
        stack = (observatory.share.root / frame["ucloud_path"][1:]).read_bytes()
        assert hashlib.sha256(stack).hexdigest() == frame["sha256"]
    assert len([name for name in observatory.stored() if name.endswith(".fits")]) == len(jobs)


def test_the_doctor_says_what_a_drop_means(
    observatory: Observatory, drop: FileDrop, tmp_path: Path
) -> None:
    settings = {**observatory.settings(), **of_worker(drop)}
    report = run_worker(tmp_path, settings, "doctor", "--json")
    checks = {check["check"]: check for check in json.loads(report.stdout)["checks"]}
    assert checks["storage"]["well"]
    assert checks["storage"]["warning"]
    assert "the share only takes new files" in checks["storage"]["detail"]
    assert "results go through the site" in checks["storage"]["detail"]
    assert list(drop.root.iterdir()) == []


def test_a_site_with_a_drop_completes_nothing_and_keeps_the_raws(
    observatory: Observatory, drop: FileDrop, tmp_path: Path
) -> None:
    job = observatory.add_job()
    settings = {
        "CROWDSKY_STORAGE": "webdav",
        "CROWDSKY_WEBDAV_URL": drop.url,
        "CROWDSKY_WEBDAV_TOKEN": drop.token,
    }
    observatory.site.stop()
    with Site(tmp_path / "site", env=settings) as site:
        key = {"Authorization": f"Bearer {observatory.key}"}
        ready = requests.get(f"{site.api_url}/health.php?ready=1", headers=key, timeout=60)
        assert ready.status_code == 503
        assert "only takes new files" in ready.json()["checks"]["storage"]
        # The worker may edit the share; what it stores there the site cannot read.
        worker = observatory.start("attic", API_BASE_URL=site.api_url, SHUTDOWN_GRACE="1")
        worker.wait_for_line("only takes new files")
        assert observatory.rows.job(job)["status"] == "processing"
        assert worker.stop() == 0, worker.log
    assert observatory.rows.job(job)["status"] != "completed"
    assert observatory.rows.all("SELECT * FROM stacked_frames") == []
    assert observatory.raws_are_there(job)
    assert list(drop.root.iterdir()) == []

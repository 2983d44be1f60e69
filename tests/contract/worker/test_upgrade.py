"""A worker of 2026-11-29 (commit f3f9b89) is replaced by this one in its folder, without a change.

The texts are what the worker of that day wrote, and what its operator had in .env and crontab.
"""

from __future__ import annotations

import hashlib
import json
import shlex
import time
from pathlib import Path
from typing import Any

from crowdsky.base.exit_codes import EXIT_NO_JOB
from demo.services import Site
from tests.contract.jobs.support import Queue, Worker, stack_file
from tests.support.rows import Rows
from tests.support.worker_process import run_worker
from worker.config import load_settings
from worker.disk.journal import Journal

SITE = "https://sky.example/api"
KEY = "k3y-of-this-worker"
WRITTEN_AT = 1796005886.7505212

ENTRY = (
    '{"site": "https://sky.example/api", "job_id": 7, "lease_token": "0123456789abcdef0123456789abc'
    'def0123456789abcdef0123456789abcdef", "attempt_tag": "a1-5d1f02ab", "lease_seconds": 300.0, "c'
    'laimed_at": 1796005826.7505212, "lease_ends_at": 1796006126.7505212, "written_at": 1796005886.'
    '7505212, "body": {"job_id": 7, "lease_token": "0123456789abcdef0123456789abcdef0123456789abcde'
    'f0123456789abcdef", "ucloud_path": "/crowdsky/stacks/user_1/M_94/stack_20260101.00_192.7_+41.1'
    '_7.a1-5d1f02ab.fits", "file_size_bytes": 14400, "sha256": "ccccccccccccccccccccccccccccccccccc'
    'ccccccccccccccccccccccccccccc", "thumbnail_path": null, "thumbnail_size_bytes": null, "overlay'
    '_path": null, "stars_path": null, "n_frames_input": 2, "n_frames_aligned": 2, "total_exptime":'
    ' 20.0, "date_obs_start": "2026-01-01T00:00:58", "date_obs_end": "2026-01-01T00:01:09", "ra_deg'
    '": 192.72, "dec_deg": 41.12, "n_stars_detected": 100, "engine": "native", "notes": ["gr\\u00f6'
    '\\u00dfer"], "solution": null, "unsolved_reason": "not measured: no index files in /usr/share/'
    'astrometry", "photometry": null, "objects": [], "object_mismatch": null, "measurement_notes": '
    '["not measured: no index files in /usr/share/astrometry"]}, "key_mark": "68447b043c3e"}'
)
ENTRY_NAME = "job-7-a1-5d1f02ab.json"

SCRATCH = ("run-3765161a7619/job-7-o8pa9cbo/raws/101/Light_0.fit.part", "run-3765161a7619.lock")
"""What a killed worker left in WORK_DIR."""
KERNELS = "kernels/crowdsky-3f0e9c1d2b4a/worker/stacking/kernels_frame.nbi"

ENV = """\
# Settings of the worker. Copy this file to .env and fill in the first two.
API_BASE_URL={api}/
export WORKER_API_KEY="{key}"
# UCLOUD_WEBDAV_URL=
UCLOUD_SHARE_TOKEN=
UCLOUD_BASE_PATH=/crowdsky
WORKER_ID='attic pc'
POLL_INTERVAL=30
WORK_DIR=./scratch
MIN_FREE_MB=1
MAX_WORKERS=1
JOB_MEMORY_MB=2000
JOB_TIMEOUT=3600
SHUTDOWN_GRACE=30
STACK_ENGINE=native
WARM_START=on
SOLVERS=astrometry,triangles
INDEX_DIR=/nonexistent
SOLVE_TIMEOUT=60
CATALOGUE_FILE=
CACHE_DIR=~/.cache/crowdsky
NOVA_URL=
NOVA_API_KEY=
METRICS_PORT=0
METRICS_ADDRESS=127.0.0.1
LOG_FORMAT=text
LOG_LEVEL=info
"""
CRON = "*/5 * * * * cd /home/pi/crowdsky && .venv/bin/python -m worker --once"


def write(path: Path, text: str = "") -> Path:
    """Write a file and the folders above it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
    return path


def entry_for(lease: dict[str, Any], report: dict[str, Any], site: Site, key: str) -> str:
    """The entry, about a job and a stack of this site."""
    mark = hashlib.sha256(key.encode()).hexdigest()[:12]
    text = ENTRY.replace('"job_id": 7', f'"job_id": {lease["job_id"]}')
    for then, now in (
        (json.loads(ENTRY)["lease_token"], lease["lease_token"]),
        (json.loads(ENTRY)["body"]["ucloud_path"], report["ucloud_path"]),
        ('"file_size_bytes": 14400', f'"file_size_bytes": {report["file_size_bytes"]}'),
        ("c" * 64, report["sha256"]),
        ("a1-5d1f02ab", lease["attempt_tag"]),
        ("68447b043c3e", mark),
        (str(WRITTEN_AT), str(time.time() - 60.0)),
        (SITE, site.api_url),
    ):
        assert then in text
        text = text.replace(then, now)
    return text


def test_a_completion_of_then_is_read_whole(tmp_path: Path) -> None:
    path = write(tmp_path / "journal" / ENTRY_NAME, ENTRY)
    [entry] = Journal(tmp_path, SITE, now=lambda: WRITTEN_AT + 60.0, key=KEY).waiting()
    written = json.loads(ENTRY)
    assert {name: getattr(entry, name) for name in written} == written
    assert entry.filename == path.name
    assert Journal(tmp_path, SITE, now=lambda: WRITTEN_AT, key="another").waiting() == ()


def test_the_settings_of_then_are_still_settings(tmp_path: Path) -> None:
    env = write(tmp_path / ".env", ENV.format(api=SITE, key=KEY))
    settings = load_settings({}, env)
    assert (settings.api_base_url, settings.worker_api_key) == (SITE, KEY)
    assert (settings.worker_id, settings.work_dir) == ("attic pc", Path("scratch"))
    assert (settings.max_workers, settings.job_memory_mb) == (1, 2000)
    assert settings.recipe.solvers == ("astrometry", "triangles")


def test_the_next_run_from_cron_delivers_and_tidies_up(
    sqlite_site: Site, queue: Queue, rows: Rows, key: str, tmp_path: Path
) -> None:
    job = queue.add_job(frames=2)
    lease = Worker(sqlite_site, key).claim()
    report = Worker(sqlite_site, key).archive(lease, stack_file(frames=2, exposure=20.0))
    work_dir = tmp_path / "scratch"
    name = f"job-{job}-{lease['attempt_tag']}.json"
    waiting = write(work_dir / "journal" / name, entry_for(lease, report, sqlite_site, key))
    for left in (*SCRATCH, KERNELS):
        write(work_dir / left)
    write(tmp_path / ".env", ENV.format(api=sqlite_site.api_url, key=key))

    _python, dash_m, module, *options = shlex.split(CRON.rpartition("&&")[2])
    assert (dash_m, module) == ("-m", "worker")
    done = run_worker(tmp_path, {}, *options)

    assert done.returncode == EXIT_NO_JOB, done.stderr
    assert f"job {job}: done: its completion of" in done.stderr
    assert "removing the scratch folder of a process that is gone: run-3765161a7619" in done.stderr
    row = rows.job(job)
    assert (row["status"], row["attempts"]) == ("completed", 1)
    assert rows.one("SELECT sha256 FROM stacked_frames")["sha256"] == report["sha256"]
    assert not waiting.exists()
    assert sorted(path.name for path in work_dir.iterdir()) == ["journal", "kernels"]
    assert (work_dir / KERNELS).exists(), "an old version may be put back"

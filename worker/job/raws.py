"""Lists and downloads the raw frames of a job."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from crowdsky.base.errors import NoUsableFramesError
from crowdsky.net.retry import DOWNLOAD, LIST_FILES, Waits, call_with_retry
from worker.disk.workspace import disk_errors, raw_path, require_job_room
from worker.job.lease import Lease
from worker.job.progress import in_stage, progress_tick
from worker.job.stages import Stage
from worker.job.workbench import Workbench
from worker.site import downloads, job_api
from worker.site.records import Job, RawFile


def list_raws(job: Job, bench: Workbench, lease: Lease) -> tuple[RawFile, ...]:
    """Ask the site for the job's files; raises NoUsableFramesError when there are none."""
    with in_stage(lease, Stage.LIST):
        raws = call_with_retry(
            LIST_FILES, lambda: job_api.get_job_files(bench.api, job), Waits(sleep=lease.sleep)
        )
    if not raws:
        raise NoUsableFramesError(f"job {job.job_id} has no raw files")
    return raws


def download_raws(
    job: Job, raws: tuple[RawFile, ...], folder: Path, bench: Workbench, lease: Lease
) -> tuple[Path, ...]:
    """Download all raws, each whole and with the right SHA-256."""
    total = sum(raw.size_bytes for raw in raws)
    tick = progress_tick(lease, total)
    paths = tuple(raw_path(folder, raw) for raw in raws)
    about = f"{len(raws)} raws, {total / 1e6:.1f} MB"
    with in_stage(lease, Stage.DOWNLOAD, about), disk_errors(folder):
        require_job_room(folder, job, total)
        for raw, path in zip(raws, paths, strict=True):
            path.parent.mkdir(parents=True)
            fetch = partial(downloads.download_raw_file, bench.api, job, raw, path, tick)
            call_with_retry(DOWNLOAD, fetch, Waits(sleep=lease.sleep))
    return paths

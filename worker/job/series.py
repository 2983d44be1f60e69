"""The steps of a job that stacks the raws of a stack again, in short parts."""

from __future__ import annotations

import logging
from pathlib import Path

from crowdsky.base.errors import BadDataError, RequestRefusedError
from crowdsky.net.retry import STORAGE, Waits, call_with_retry
from crowdsky.sandbox.task import Task
from crowdsky.tasks.series_task import SeriesTask, make_parts
from worker.disk.workspace import disk_errors
from worker.job.child import run_in_child
from worker.job.lease import Lease
from worker.job.progress import in_stage, progress_tick
from worker.job.raws import download_raws, list_raws
from worker.job.stages import Stage
from worker.job.workbench import Workbench
from worker.site import job_api
from worker.site.orders import SeriesOrder
from worker.site.records import Job

log = logging.getLogger(__name__)


def make_series(job: Job, order: SeriesOrder, folder: Path, bench: Workbench, lease: Lease) -> None:
    """Download the raws, stack and measure them in parts, and send the series.

    Series are made by our own engine, whichever one makes the stacks here.

    Raises:
        BadDataError: no sub can be used, or the site does not take the series.
        ComputeError: the child crashed, took too long or too much.
    """
    raws = list_raws(job, bench, lease)
    frames = download_raws(job, raws, folder, bench, lease)
    output = folder / "series.fits"
    task = SeriesTask(
        frames=frames,
        output=output,
        seconds=order.seconds,
        recipe=bench.recipe,
        job_label=f"job {job.job_id}, chunk {job.chunk_key}",
        clocks=tuple(raw.clock for raw in raws),
        weights=bench.weights,
    )
    about = f"series of {order.seconds} s"
    with disk_errors(folder):
        made = run_in_child(Task(make_parts, task), about, folder, bench, lease)
    log.info("%d parts with %d stars", made.n_parts, made.n_stars)
    for note in made.notes:
        log.info("series: %s", note)
    _send(job, output, bench, lease)


def _send(job: Job, series: Path, bench: Workbench, lease: Lease) -> None:
    size = series.stat().st_size
    tick = progress_tick(lease, size)
    with in_stage(lease, Stage.UPLOAD, f"{size / 1e6:.1f} MB of a series"):
        try:
            call_with_retry(
                STORAGE,
                lambda: job_api.upload_series(bench.api, job, series, tick),
                Waits(sleep=lease.sleep),
            )
        except RequestRefusedError as error:
            # The same subs would give the same series.
            raise BadDataError("the site did not take the series", why=str(error)) from error

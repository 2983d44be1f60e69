"""The steps of a job that calibrates the stars of a field in all its stacks together."""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from pathlib import Path

from crowdsky.base.errors import BadDataError, RequestRefusedError
from crowdsky.net.retry import DOWNLOAD, STORAGE, Waits, call_with_retry
from crowdsky.sandbox.task import Task
from crowdsky.tasks.calibrate_task import Calibrated, CalibrateTask, calibrate
from worker.disk.workspace import disk_errors, require_job_room
from worker.job.child import run_in_child
from worker.job.lease import Lease
from worker.job.progress import in_stage, progress_tick
from worker.job.stages import Stage
from worker.job.workbench import Workbench
from worker.site import downloads, job_api
from worker.site.orders import CalibrateOrder
from worker.site.records import Job

log = logging.getLogger(__name__)


def calibrate_stars(
    job: Job, order: CalibrateOrder, folder: Path, bench: Workbench, lease: Lease
) -> None:
    """Fetch the observations of a field, calibrate them and send the result.

    The site completes the job when it has checked and published that.

    Raises:
        BadDataError: the site does not take the calibration, or its stacks have changed meanwhile.
        ComputeError: the child crashed, took too long or too much.
    """
    observations, output = folder / "observations.fits", folder / "calibration.fits"
    with disk_errors(folder):
        _download(job, order, observations, bench, lease)
        arguments = CalibrateTask(observations, output, bench.recipe, datetime.now(UTC))
        task = Task(calibrate, arguments)
        found = run_in_child(task, order.name, folder, bench, lease, Stage.MEASURE)
    _describe(order, found)
    _send(job, order, output, bench, lease)


def _download(job: Job, order: CalibrateOrder, path: Path, bench: Workbench, lease: Lease) -> None:
    with in_stage(lease, Stage.DOWNLOAD, f"observations of {order.name}"):
        require_job_room(path.parent, job, job.total_bytes)
        tick = progress_tick(lease, job.total_bytes)
        try:
            call_with_retry(
                DOWNLOAD,
                lambda: downloads.download_observations(bench.api, job, path, tick),
                Waits(sleep=lease.sleep),
            )
        except RequestRefusedError as error:
            raise BadDataError("the site gives no observations", why=str(error)) from error


def _describe(order: CalibrateOrder, found: Calibrated) -> None:
    for remark in found.remarks:
        log.warning("%s: %s", order.name, remark)
    scale = found.catalogue or "the stacks' own zero points, since no catalogue has its stars"
    epochs = f"{found.epochs} of {found.epochs + found.left_out} epochs"
    stars = f"{found.stars} stars, {found.variables} of them variable"
    log.info("%s: %s, %s; the scale is that of %s", order.name, epochs, stars, scale)


def _send(job: Job, order: CalibrateOrder, path: Path, bench: Workbench, lease: Lease) -> None:
    size = path.stat().st_size
    tick = progress_tick(lease, size)
    with in_stage(lease, Stage.UPLOAD, f"{size / 1e3:.0f} kB"):
        try:
            call_with_retry(
                STORAGE,
                lambda: job_api.upload_calibration(bench.api, job, path, tick),
                Waits(sleep=lease.sleep),
            )
        except RequestRefusedError as error:
            # The same observations would give the same calibration.
            what = f"the site did not take the calibration of {order.name}"
            raise BadDataError(what, why=str(error)) from error

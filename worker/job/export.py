"""The steps of a job that writes one partition of the export of light curves."""

from __future__ import annotations

import logging
from pathlib import Path

from crowdsky.base.disk_room import watch_room
from crowdsky.base.errors import BadDataError, ReleaseJobError, RequestRefusedError
from crowdsky.base.extras import has_modules
from crowdsky.net.retry import DOWNLOAD, STORAGE, Waits, call_with_retry
from crowdsky.sandbox.run_task import Progress, run_task
from crowdsky.sandbox.task import Task
from crowdsky.tasks.export_task import ExportTask, export_partition
from worker.disk.workspace import disk_errors, require_job_room
from worker.job.lease import Lease
from worker.job.progress import compute_slot, in_stage, progress_tick
from worker.job.stages import Stage
from worker.job.workbench import Workbench
from worker.site import downloads, job_api
from worker.site.orders import ExportOrder
from worker.site.records import Job

log = logging.getLogger(__name__)

OUTDATED = "ask for its rows again"
"""Words of a site whose stacks have changed since it sent the rows of a partition."""


def can_export() -> bool:
    """Whether this installation has what writes the tables."""
    return has_modules("pyarrow")


def export_light_curves(
    job: Job, order: ExportOrder, folder: Path, bench: Workbench, lease: Lease
) -> None:
    """Write the tables of a partition and send them, which completes the job.

    Raises:
        ReleaseJobError: what belongs into the partition has changed meanwhile.
        BadDataError: the rows are not those of a partition, or the site does not take the tables.
        ComputeError: the child crashed, took too long or too much.
    """
    rows, output = folder / "rows.fits", folder / "partition.tar"
    about = f"pixel {order.pixel} of order {order.order}"
    with disk_errors(folder):
        with in_stage(lease, Stage.DOWNLOAD, about):
            require_job_room(folder, job, job.total_bytes)
            call_with_retry(
                DOWNLOAD,
                lambda: downloads.download_rows(bench.api, job, rows, progress_tick(lease, 0)),
                Waits(sleep=lease.sleep),
            )
        count = _write(ExportTask(rows, output), about, folder, bench, lease)
    log.info("%s has %d rows", about, count)
    _send(job, output, bench, lease)


def _write(task: ExportTask, about: str, folder: Path, bench: Workbench, lease: Lease) -> int:
    """Write the tables in a child process, as soon as a compute slot is free."""

    def on_progress(progress: Progress) -> None:
        lease.report(progress.part, about)

    def check() -> None:
        lease.check()
        watch_room(folder, "stopped exporting")

    with compute_slot(bench, lease), in_stage(lease, Stage.STACK, about):
        return (
            run_task(
                Task(export_partition, task),
                folder=folder,
                limits=bench.limits,
                on_progress=on_progress,
                check=check,
                warm=bench.warm,
            )
            .get()
            .rows
        )


def _send(job: Job, tables: Path, bench: Workbench, lease: Lease) -> None:
    size = tables.stat().st_size
    tick = progress_tick(lease, size)
    with in_stage(lease, Stage.UPLOAD, f"{size / 1e6:.1f} MB of light curves"):
        try:
            call_with_retry(
                STORAGE,
                lambda: job_api.upload_export(bench.api, job, tables, tick),
                Waits(sleep=lease.sleep),
            )
        except RequestRefusedError as error:
            if OUTDATED in str(error):
                raise ReleaseJobError(
                    "the light curves have changed while they were exported", why=str(error)
                ) from error
            raise BadDataError("the site did not take the partition", why=str(error)) from error

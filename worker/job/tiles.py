"""The steps of a job that merges public stacks into the tiles of one region of the sky.

Stacks come one after the other and go again, so that a job needs room for one of them and for the
sums of its region, at most 1.1 GB.
"""

from __future__ import annotations

import logging
from functools import partial
from pathlib import Path

from crowdsky.base.errors import BadDataError, RequestRefusedError
from crowdsky.net.retry import DOWNLOAD, STORAGE, Waits, call_with_retry
from crowdsky.sandbox.task import Task
from crowdsky.tasks.tiles_task import DrawTask, MergeTask, draw_tiles, merge_stack
from worker.disk.workspace import disk_errors, require_job_room
from worker.job.child import run_in_child
from worker.job.lease import Lease
from worker.job.progress import in_stage, progress_tick
from worker.job.stages import Stage
from worker.job.workbench import Workbench
from worker.site import downloads, job_api
from worker.site.orders import StackedFile, TilesOrder
from worker.site.records import Job

log = logging.getLogger(__name__)


def build_tiles(job: Job, order: TilesOrder, folder: Path, bench: Workbench, lease: Lease) -> None:
    """Merge the stacks of a region, draw its tiles and send them, which completes the job.

    A stack that cannot be merged is left out and logged.

    Raises:
        BadDataError: the site does not take the tiles, because its stacks have changed meanwhile.
        CorruptInputError: a stack has changed since the job was queued.
        ComputeError: a child crashed, took too long or too much.
    """
    sums = folder / "sums"
    with disk_errors(folder):
        sums.mkdir()
        for number, stack in enumerate(order.stacks, start=1):
            path = _download(job, stack, folder, bench, lease)
            task = Task(merge_stack, MergeTask(path, sums, order.region))
            about = f"stack {number} of {len(order.stacks)}"
            merged = run_in_child(task, about, folder, bench, lease)
            if merged.left_out:
                log.warning("stack %d is left out: %s", stack.stack_id, merged.left_out)
            path.unlink()
        output = folder / "tiles.tar"
        task_to_draw = Task(draw_tiles, DrawTask(sums, order.region, output))
        drawn = run_in_child(task_to_draw, "draw", folder, bench, lease)
    log.info("region %d has %d tiles", order.region, drawn.tiles)
    _send(job, output, bench, lease)


def _download(job: Job, stack: StackedFile, folder: Path, bench: Workbench, lease: Lease) -> Path:
    path = folder / f"stack_{stack.stack_id}.fits"
    tick = progress_tick(lease, stack.size_bytes)
    with in_stage(lease, Stage.DOWNLOAD, f"stack {stack.stack_id}"):
        require_job_room(folder, job, stack.size_bytes)
        fetch = partial(downloads.download_stack, bench.api, job, stack, path, tick)
        call_with_retry(DOWNLOAD, fetch, Waits(sleep=lease.sleep))
    return path


def _send(job: Job, tiles: Path, bench: Workbench, lease: Lease) -> None:
    size = tiles.stat().st_size
    tick = progress_tick(lease, size)
    with in_stage(lease, Stage.UPLOAD, f"{size / 1e6:.1f} MB of tiles"):
        try:
            call_with_retry(
                STORAGE,
                lambda: job_api.upload_tiles(bench.api, job, tiles, tick),
                Waits(sleep=lease.sleep),
            )
        except RequestRefusedError as error:
            # The same stacks would give the same tiles.
            raise BadDataError("the site did not take the tiles", why=str(error)) from error

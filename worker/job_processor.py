"""The life of one job, stage after stage, and exactly one report of how it ended.

The worker calls ``run_job`` for each job that it claims, scripts call ``process_job``.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import Enum
from functools import partial
from pathlib import Path

from crowdsky.base.disk_room import watch_room
from crowdsky.base.errors import (
    ComputeError,
    ConfigurationError,
    CrowdSkyError,
    JobGoneError,
    NotSolvedError,
    ReleaseJobError,
    ShutdownError,
    TransientError,
    UnreportedError,
)
from crowdsky.base.json_fields import JsonObject
from crowdsky.base.logs import about_job
from crowdsky.base.metrics import JOBS, LAST_COMPLETION
from crowdsky.frames.header_clock import ToldClock
from crowdsky.frames.telescopes import unit_of_owner
from crowdsky.measuring.measured import Measured
from crowdsky.net.retry import DOWNLOAD, Waits, call_with_retry
from crowdsky.sandbox.run_task import Progress
from worker.api_client import connection
from worker.config import Machine, current_settings
from worker.disk.workspace import disk_errors, require_job_room
from worker.job.compute import ComputeResult, ComputeTask, compute, stack_path
from worker.job.give_up import fail, failed_by_bugs, release
from worker.job.hand_over import describe_in_stack, store_and_complete
from worker.job.hide_position import withhold_position
from worker.job.lease import Lease, steady_seconds
from worker.job.orders import carry_out
from worker.job.progress import StageShare, compute_slot, in_stage, in_stages, progress_tick
from worker.job.raws import download_raws, list_raws
from worker.job.stages import CHILD_STEPS, Stage
from worker.job.stopping import Interrupted
from worker.job.workbench import Workbench, open_workbench
from worker.site import downloads, job_api
from worker.site.orders import StackedFile
from worker.site.records import Heartbeat, Job

log = logging.getLogger(__name__)


class Ending(Enum):
    """How a job ended for this worker."""

    DONE = "done"
    FAILED = "failed"
    RELEASED = "released"
    LOST = "lost"
    UNREPORTED = "unreported"


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a job ended: the error that ended it (None when done), its last stage, its duration."""

    job: Job
    ending: Ending
    error: CrowdSkyError | None
    stage: Stage
    seconds: float


def process_job(job: JsonObject) -> None:
    """Do a whole job as the worker does, for scripts: from the list of its raws to its completion.

    The settings are those of ``worker.config``, also for where results are stored. Heartbeats
    keep the lease. However the job ends, it is reported to the site and logged in one line. So this
    also returns when the job failed or was handed back, and a script can go on to the next one.
    Ctrl+C hands the job back; when the script is killed, its lease runs out. A stored result that
    could not be reported waits in WORK_DIR until the worker runs there again.

    Args:
        job: what ``worker.api_client.get_next_job`` returned, not long ago; or a claimed rescan.

    Raises:
        ConfigurationError: a setting is wrong, or WORK_DIR cannot be used and the job has been
            handed back.
        UnexpectedAnswerError: ``job`` is not what the site answers to a claim.
        Exception: a bug in the worker; the job has been reported as failed.
    """
    record, claimed_at = Job.from_json(job), steady_seconds()
    settings = current_settings()
    try:
        with open_workbench(settings, Machine.here()) as bench:
            outcome = run_job(record, bench, claimed_at, lambda _: None)
    except ConfigurationError as error:
        release(record, error, connection())
        raise
    except KeyboardInterrupt:
        release(record, ShutdownError("the script was interrupted"), connection())
        raise
    log_outcome(outcome)


def run_job(job: Job, bench: Workbench, claimed_at: float, interrupted: Interrupted) -> Outcome:
    """Work on a claimed job from its first file to its completion and report how it ended.

    Args:
        job: as claimed.
        bench: connections, scratch space and limits.
        claimed_at: the lease's clock just before the claim was sent.
        interrupted: called often; returns an error when the worker is stopping.

    Returns:
        the outcome. By then it has been reported to the site (done, failed, released), or the job
        is not ours any more (lost), or the result is stored and will be reported later
        (unreported).
    """

    def send_heartbeat(stage: Stage, progress: float, message: str) -> Heartbeat:
        return job_api.heartbeat(bench.api, job, stage, progress, message)

    with (
        about_job(job.job_id),
        Lease(job, claimed_at, send_heartbeat, interrupted=interrupted) as lease,
        failed_by_bugs(job, bench.api, lease, interrupted),
    ):
        ending, error = _work(job, bench, lease, interrupted)
        return Outcome(job, ending, error, lease.stage, lease.age)


def log_outcome(outcome: Outcome) -> None:
    """Count and log how a job ended."""
    JOBS.labels(outcome.ending.value).inc()
    extra: dict[str, float | str] = {"seconds": outcome.seconds}
    if outcome.ending is Ending.DONE:
        LAST_COMPLETION.set_to_current_time()
    else:
        extra["stage"] = outcome.stage
    level = logging.INFO if outcome.ending is Ending.DONE else logging.WARNING
    reason = f": {outcome.error}" if outcome.error else ""
    with about_job(outcome.job.job_id):
        log.log(level, "%s%s", outcome.ending.value, reason, extra=extra)


def _work(
    job: Job, bench: Workbench, lease: Lease, interrupted: Interrupted
) -> tuple[Ending, CrowdSkyError | None]:
    """Go through the stages of the job; report to the site if one of them fails."""
    try:
        with bench.workspace.job_folder(job) as folder, bench.api.cut_off.when(lease.is_over):
            if job.order is not None:
                carry_out(job, job.order, folder, bench, lease)
                return Ending.DONE, None
            if job.stack is None:
                raws = list_raws(job, bench, lease)
                frames = download_raws(job, raws, folder, bench, lease)
                clocks = tuple(raw.clock for raw in raws)
                result = _compute(job, frames, clocks, folder, bench, lease)
            else:
                _download_stack(job, job.stack, folder, bench, lease)
                result = _rescan(job, folder, bench, lease)
            with disk_errors(folder):
                if not job.may_tell_position:
                    result = withhold_position(result)
                describe_in_stack(job, result, datetime.now(UTC))
            store_and_complete(job, result, bench, lease)
    except JobGoneError as error:
        return Ending.LOST, error
    except UnreportedError as error:
        return Ending.UNREPORTED, error
    except (ReleaseJobError, ConfigurationError, TransientError) as error:
        # Not the job's fault: another worker, or this one later, may do it.
        release(job, error, bench.api)
        return Ending.RELEASED, error
    except CrowdSkyError as error:
        fail(job, error, bench.api, lease.stage, interrupted)
        return Ending.FAILED, error
    return Ending.DONE, None


def _download_stack(
    job: Job, stack: StackedFile, folder: Path, bench: Workbench, lease: Lease
) -> None:
    """Download the stack of a rescan; this copy of it is measured."""
    tick = progress_tick(lease, stack.size_bytes)
    about = f"stack {stack.stack_id}, {stack.size_bytes / 1e6:.1f} MB"
    with in_stage(lease, Stage.DOWNLOAD, about), disk_errors(folder):
        require_job_room(folder, job, stack.size_bytes)
        path = stack_path(folder)
        fetch = partial(downloads.download_stack, bench.api, job, stack, path, tick)
        call_with_retry(DOWNLOAD, fetch, Waits(sleep=lease.sleep))


def _compute(
    job: Job,
    frames: tuple[Path, ...],
    clocks: tuple[ToldClock | None, ...],
    folder: Path,
    bench: Workbench,
    lease: Lease,
) -> ComputeResult:
    """Stack, or convert an uploaded stack, and measure; without a measurement it is still one."""
    label = f"job {job.job_id}, chunk {job.chunk_key}"
    unit = unit_of_owner(job.oldest_archive_id, job.user_id)
    task = ComputeTask(
        frames,
        folder,
        bench.engine,
        label,
        bench.recipe,
        job.archive_id,
        unit,
        clocks,
        bench.weights,
        job.uploaded,
    )
    result = _in_child(task, Stage.STACK, bench, lease)
    if result.measured is None:
        log.warning("not measured: %s", result.trouble)
        return replace(result, measured=Measured.nothing(f"not measured: {result.trouble}"))
    log.info("%s", result.measured.sentence)
    return result


def _rescan(job: Job, folder: Path, bench: Workbench, lease: Lease) -> ComputeResult:
    """Solve and measure the stack again; the old solution stays unless there is a new one."""
    recipe = bench.recipe.asking(job.solvers)
    unit = unit_of_owner(job.oldest_archive_id, job.user_id)
    task = ComputeTask(None, folder, bench.engine, "", recipe, job.archive_id, unit)
    result = _in_child(task, Stage.SOLVE, bench, lease)
    if result.measured is None:
        raise result.trouble or ComputeError("measuring gave no result")
    if result.measured.solution is None:
        hopeless = not result.measured.try_again
        raise (NotSolvedError if hopeless else ComputeError)(result.measured.sentence)
    log.info("%s", result.measured.sentence)
    return result


def _in_child(task: ComputeTask, first: Stage, bench: Workbench, lease: Lease) -> ComputeResult:
    """Do a task in a child process, as soon as a compute slot is free."""
    with (
        compute_slot(bench, lease),
        in_stages(lease, first) as enter,
        disk_errors(task.folder),
    ):
        share = StageShare()

        def on_progress(progress: Progress) -> None:
            nonlocal share
            stage = CHILD_STEPS.get(progress.step, lease.stage)
            if stage is not lease.stage:
                enter(stage)
                share = StageShare()
            part = share.after(progress)
            lease.report(part, f"{progress.step} {progress.done} of {progress.total}")

        def check() -> None:
            lease.check()
            watch_room(task.folder, "stopped computing")

        return compute(
            task,
            limits=bench.limits,
            on_progress=on_progress,
            check=check,
            warm=bench.warm,
        )

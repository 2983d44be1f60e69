"""The life of one job, stage after stage, and exactly one word about how it ended."""

from __future__ import annotations

import itertools
import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from worker import api_client, sandbox
from worker.api_connection import Api
from worker.archive import Store
from worker.compute import ComputeResult
from worker.errors import (
    BadDataError,
    ConfigurationError,
    CorruptRawError,
    CorruptTransferError,
    CrowdSkyError,
    JobGoneError,
    NoUsableFramesError,
    RawMissingError,
    ReleaseJobError,
    RequestRefusedError,
    ResultNotStoredError,
    TransientError,
)
from worker.http_answers import Tick
from worker.lease import Lease
from worker.logs import about_job
from worker.models import Completion, Heartbeat, Job, RawFile, StoredFile
from worker.retry import (
    COMPLETE,
    DOWNLOAD,
    FAIL,
    LIST_FILES,
    RELEASE,
    Policy,
    Waits,
    call_with_retry,
)
from worker.workspace import Workspace, disk_errors, raw_path

log = logging.getLogger(__name__)

REFETCHES = 3
"""How often a raw that arrived broken is fetched again."""

STORE_ROUNDS = 2
"""If the site does not find the stored result, it is stored once more."""

SLOT_LOOK_SECONDS = 0.25

Interrupted = Callable[[str], CrowdSkyError | None]
"""Tells a job in the given stage that the worker stops: returns the error to end with, or None."""


class Ending(Enum):
    """How a job ended for this worker."""

    DONE = "done"
    FAILED = "failed"
    RELEASED = "released"
    LOST = "lost"


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a job ended and the error that ended it (None when done)."""

    job: Job
    ending: Ending
    error: CrowdSkyError | None = None


@dataclass(frozen=True, slots=True)
class Workbench:
    """What a job is worked on with.

    Attributes:
        compute_slots: as many as jobs may compute at once; others download meanwhile.
        cache_dir: where compiled kernels are kept between jobs.
    """

    api: Api
    store: Store
    workspace: Workspace
    compute_slots: threading.Semaphore
    engine: str
    limits: sandbox.Limits
    cache_dir: Path


def process_job(job: Job, bench: Workbench, claimed_at: float, interrupted: Interrupted) -> Outcome:
    """Work on a claimed job from its first file to its completion and report how it ended.

    Args:
        job: as claimed.
        bench: connections, scratch space and limits.
        claimed_at: the lease's clock just before the claim was sent.
        interrupted: asked all the time whether the worker has to stop.

    Returns:
        the outcome, after the site was told (done, failed, released) or when the job is no
        longer ours (lost), which nobody needs to be told.
    """

    def send_heartbeat(stage: str, progress: float, message: str) -> Heartbeat:
        return api_client.heartbeat(bench.api, job, stage, progress, message)

    with (
        about_job(job.job_id),
        Lease(job, claimed_at, send_heartbeat, interrupted=interrupted) as lease,
    ):
        try:
            with bench.workspace.job_folder(job) as folder:
                raws = _list_files(job, bench, lease)
                frames = _download(job, raws, folder, bench, lease)
                result = _compute(job, frames, folder, bench, lease)
                _store_and_complete(job, result, bench, lease)
        except JobGoneError as error:
            return Outcome(job, Ending.LOST, error)
        except (ReleaseJobError, ConfigurationError, TransientError) as error:
            # Not the job's fault: another worker, or this one later, may do it.
            _release(job, error, bench)
            return Outcome(job, Ending.RELEASED, error)
        except CrowdSkyError as error:
            _fail(job, error, bench, lease.stage)
            return Outcome(job, Ending.FAILED, error)
    return Outcome(job, Ending.DONE)


def _list_files(job: Job, bench: Workbench, lease: Lease) -> tuple[RawFile, ...]:
    """Ask the site for the job's files."""
    with _stage(lease, "list"):
        raws = call_with_retry(
            LIST_FILES, lambda: api_client.get_job_files(bench.api, job), Waits(sleep=lease.sleep)
        )
    if not raws:
        raise NoUsableFramesError(f"job {job.job_id} has no raw files")
    return raws


def _download(
    job: Job, raws: tuple[RawFile, ...], folder: Path, bench: Workbench, lease: Lease
) -> list[Path]:
    """Fetch all raws; each is there whole and with the right SHA-256, or this raises."""
    total = sum(raw.size_bytes for raw in raws)
    tick = _progress_tick(lease, total)
    paths = [raw_path(folder, raw) for raw in raws]
    about = f"{len(raws)} raws, {total / 1e6:.1f} MB"
    with _stage(lease, "download", about), disk_errors(folder):
        for raw, path in zip(raws, paths, strict=True):
            path.parent.mkdir(parents=True)
            fetch = _fetching(job, raw, path, bench, tick)
            call_with_retry(DOWNLOAD, fetch, Waits(sleep=lease.sleep))
    return paths


def _fetching(
    job: Job, raw: RawFile, path: Path, bench: Workbench, tick: Tick
) -> Callable[[], None]:
    """One try to fetch a raw; remembers how often it arrived broken."""
    broken = itertools.count(1)

    def fetch() -> None:
        try:
            api_client.download_raw_file(bench.api, job, raw, path, tick)
        except CorruptTransferError as error:
            if next(broken) > REFETCHES:
                raise CorruptRawError(error.what, why=error.why) from error
            raise

    return fetch


def _compute(
    job: Job, frames: list[Path], folder: Path, bench: Workbench, lease: Lease
) -> ComputeResult:
    """Stack in a child process, as soon as a compute slot is free."""

    def on_progress(progress: sandbox.Progress) -> None:
        lease.report(progress.part, f"{progress.step} {progress.done} of {progress.total}")

    with _compute_slot(bench, lease), _stage(lease, "stack"), disk_errors(folder):
        return sandbox.compute(
            frames,
            folder,
            engine=bench.engine,
            job_label=f"job {job.job_id}, chunk {job.chunk_key}",
            limits=bench.limits,
            cache_dir=bench.cache_dir,
            on_progress=on_progress,
            check=lease.check,
        )


def _store_and_complete(job: Job, result: ComputeResult, bench: Workbench, lease: Lease) -> None:
    """Store the result and report it; stored once more if the site does not find it."""
    for rounds_left in reversed(range(STORE_ROUNDS)):
        stack, thumbnail, notes = _store(job, result, bench, lease)
        try:
            _complete(Completion(job, result.stack, stack, thumbnail, notes), bench, lease)
            return
        except ResultNotStoredError as error:
            if not rounds_left:
                raise
            log.warning("%s; storing it once more", error)


def _store(
    job: Job, result: ComputeResult, bench: Workbench, lease: Lease
) -> tuple[StoredFile, StoredFile | None, tuple[str, ...]]:
    """Store the stack and the thumbnail; without a thumbnail the result is still good."""
    stack_path = result.stack.output_path
    size = stack_path.stat().st_size
    tick = _progress_tick(lease, size)
    with _stage(lease, "upload", f"{size / 1e6:.1f} MB"):
        stack = bench.store(job, "stack", stack_path, Waits(sleep=lease.sleep), tick)
        if result.thumbnail is None:
            return stack, None, result.notes
        try:
            thumbnail = bench.store(
                job, "thumbnail", result.thumbnail, Waits(sleep=lease.sleep), tick
            )
        except (TransientError, RequestRefusedError) as error:
            return stack, None, (*result.notes, f"no thumbnail: {error}")
    return stack, thumbnail, result.notes


def _complete(completion: Completion, bench: Workbench, lease: Lease) -> None:
    """Report the stored result until the site answers."""
    with _stage(lease, "complete"):
        call_with_retry(
            COMPLETE,
            lambda: api_client.complete_job(bench.api, completion),
            Waits(sleep=lease.sleep_while_completing),
        )


def _release(job: Job, error: CrowdSkyError, bench: Workbench) -> None:
    """Hand the job back."""
    reason = str(error)
    _tell(RELEASE, lambda: api_client.release_job(bench.api, job, reason))


def _fail(job: Job, error: CrowdSkyError, bench: Workbench, stage: str) -> None:
    """Report a failure; bad data and vanished raws are not worth another attempt."""
    message = str(error)
    retryable = not isinstance(error, BadDataError | RawMissingError)

    def report() -> None:
        state = api_client.fail_job(bench.api, job, message, retryable=retryable, stage=stage)
        log.info("the site has it as %r now", state)

    _tell(FAIL, report)


def _tell(policy: Policy, report: Callable[[], None]) -> None:
    """Report how a job ended; if the site does not hear it, the lease runs out by itself."""
    try:
        call_with_retry(policy, report, Waits())
    except CrowdSkyError as error:
        log.warning("%s", error)


@contextmanager
def _stage(lease: Lease, name: str, about: str = "") -> Iterator[None]:
    """Enter a stage and log how long it took."""
    lease.enter_stage(name)
    started = time.monotonic()
    yield
    extra = {"stage": name, "seconds": time.monotonic() - started}
    log.info("%s done%s", name, about and f": {about}", extra=extra)


@contextmanager
def _compute_slot(bench: Workbench, lease: Lease) -> Iterator[None]:
    """Wait for a free slot, looking whether the job is still ours."""
    with _stage(lease, "wait"):
        while not bench.compute_slots.acquire(timeout=SLOT_LOOK_SECONDS):
            lease.check()
    try:
        yield
    finally:
        bench.compute_slots.release()


def _progress_tick(lease: Lease, total_bytes: int) -> Tick:
    """A Tick that reports the share of ``total_bytes`` and stops when the job is not ours."""
    moved = 0

    def tick(count: int) -> None:
        nonlocal moved
        moved += count
        lease.check()
        lease.report(moved / max(total_bytes, 1))

    return tick

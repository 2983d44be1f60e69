"""Stores a finished result, records the completion on disk, and reports it to the site."""

from __future__ import annotations

import logging
from datetime import datetime

from crowdsky.base.errors import (
    ConfigurationError,
    CrowdSkyError,
    ReleaseJobError,
    RequestRefusedError,
    ResultNotStoredError,
    StorageRefusedError,
    TransientError,
    UnreportedError,
)
from crowdsky.measuring.measured import Measured
from crowdsky.net.retry import COMPLETE, Waits, call_with_retry
from crowdsky.storage.stored_file import StoredFile
from worker.job.archive_part import write_archive_part
from worker.job.compute import ComputeResult
from worker.job.lease import Lease
from worker.job.progress import in_stage, progress_tick
from worker.job.stages import Stage
from worker.job.workbench import Workbench
from worker.site import job_api
from worker.site.completion import OVERLAY, STARS, THUMBNAIL, Completion, facts_of
from worker.site.records import Job

log = logging.getLogger(__name__)

STORE_ROUNDS = 2
"""How often a result is stored at most: once more if the site does not find it."""


def store_and_complete(job: Job, result: ComputeResult, bench: Workbench, lease: Lease) -> None:
    """Store the result and report it; store it once more if the site does not find it.

    Raises:
        UnreportedError: the result is stored, but the site did not answer; the journal keeps it.
    """
    for rounds_left in reversed(range(STORE_ROUNDS)):
        completion = _store(job, result, bench, lease)
        try:
            _complete(completion, bench, lease)
            return
        except ResultNotStoredError as error:
            if not rounds_left:
                raise
            log.warning("%s; storing it once more", error)


def describe_in_stack(job: Job, result: ComputeResult, now: datetime) -> None:
    """Write into the stack what its site will know about it, before it is stored anywhere.

    ``now`` is aware, UTC. Raises CorruptInputError when the stack is no FITS file, OSError when it
    cannot be written.
    """
    measured = _measured(result)
    report = facts_of(result.stack, measured, (*result.notes, *measured.notes))
    if not write_archive_part(result.stack.output_path, job.archive_facts, report, now):
        log.warning("the stack does not say what the site knows about it: that would be too long")


def _measured(result: ComputeResult) -> Measured:
    return result.measured or Measured.nothing("not measured")


def _store(job: Job, result: ComputeResult, bench: Workbench, lease: Lease) -> Completion:
    """Store the stack and the files beside it; without those the result is still good."""
    measured = _measured(result)
    local = result.stack.output_path
    size = local.stat().st_size
    tick = progress_tick(lease, size)
    beside = {
        THUMBNAIL: result.thumbnail,
        **measured.pictures,
        OVERLAY: measured.overlay,
        STARS: measured.stars,
    }
    stored: dict[str, StoredFile] = {}
    notes = [*result.notes, *measured.notes]
    with in_stage(lease, Stage.UPLOAD, f"{size / 1e6:.1f} MB"):
        stack = bench.store(job, "stack", local, Waits(sleep=lease.sleep), tick)
        for kind, path in beside.items():
            if path is None:
                continue
            try:
                stored[kind] = bench.store(job, kind, path, Waits(sleep=lease.sleep), tick)
            except (TransientError, RequestRefusedError, StorageRefusedError) as error:
                notes.append(f"no {kind}: {error}")
    return Completion(job, result.stack, measured, stack, stored, tuple(notes))


def _complete(completion: Completion, bench: Workbench, lease: Lease) -> None:
    """Report the stored result; if the site does not answer, the journal keeps the report."""
    job, journal = completion.job, bench.workspace.journal
    entry = journal.write(job, completion.to_json(), claimed_ago=lease.age, lease_left=lease.left)
    try:
        with in_stage(lease, Stage.COMPLETE):
            call_with_retry(
                COMPLETE,
                lambda: job_api.complete_job(bench.api, completion),
                Waits(sleep=lease.sleep),
            )
    except (TransientError, ConfigurationError, ReleaseJobError) as error:
        if entry is None:
            raise
        journal.leave(entry)
        raise UnreportedError(
            f"the result of job {job.job_id} is stored, and its completion is kept", why=str(error)
        ) from error
    except CrowdSkyError:
        if entry is not None:
            journal.drop(entry)
        raise
    if entry is not None:
        journal.drop(entry)

"""The job API for scripts: each function needs nothing but the settings in ``.env``.

The calls are those of the worker itself (``worker.site.job_api``), on one connection per process.
Each is repeated as patiently as the worker would (``crowdsky.net.retry``); only then the last error
is raised, one of ``crowdsky.base.errors``. A ``.env`` that is incomplete or wrong is a
ConfigurationError with every problem, raised by the first call.

A script names a job by its number. The site accepts that from the worker key that claimed the job.
It sends no heartbeats, so only its calls keep the job: each call about it, downloads included,
renews the lease for the ``lease_seconds`` of the claim. ``worker.job_processor.process_job`` does a
whole job, with heartbeats. A script that has claimed a job should always complete or fail it;
otherwise the job waits until its lease runs out, which costs it one of its attempts.
"""

from __future__ import annotations

import functools
import os
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from crowdsky.base.json_fields import JsonObject
from crowdsky.net.connection import Api
from crowdsky.net.retry import (
    COMPLETE,
    DOWNLOAD,
    FAIL,
    LIST_FILES,
    SCRIPT_CLAIM,
    Waits,
    call_with_retry,
)
from worker.config import current_settings
from worker.settings import Settings
from worker.site import downloads, job_api
from worker.site.records import HeldByKey, Job, read_files

__all__ = ["complete_job", "download_raw_file", "fail_job", "get_job_files", "get_next_job"]


def get_next_job() -> JsonObject | None:
    """Claim the next job for the worker named WORKER_ID, or return None if there is no work.

    Only jobs that stack raws are asked for, no rescans: those need what only ``process_job`` does.
    Each call is a claim of its own. It is repeated under the same claim id, so an answer that was
    lost on the way does not claim a second job.

    Returns:
        the site's answer, every field checked: ``job_id``, ``user_id``, ``chunk_key``,
        ``object_name`` (may be None), ``frame_count``, ``lease_seconds`` and others; see
        docs/api.md.

    Raises:
        ConfigurationError: the address or the key is wrong.
        TransientError: the site could not be asked. A job that it gave nevertheless goes to
            another worker when the lease has run out.
    """
    claim_id = uuid.uuid4().hex

    def claim() -> JsonObject | None:
        answer = job_api.next_job(connection(), current_settings().worker_id, claim_id)
        if answer is not None:
            Job.from_json(answer)
        return answer

    return call_with_retry(SCRIPT_CLAIM, claim, Waits())


def get_job_files(job_id: int) -> JsonObject:
    """List the raw files of a job in time order.

    Returns:
        the site's answer: ``job_id``, ``chunk_key`` and ``files``, a list of objects with ``id``,
        ``filename`` (safe as a local name), ``file_size_bytes``, ``sha256`` and others.

    Raises:
        LeaseLostError: the worker key does not hold the job, or there is no such job.
    """

    def list_files() -> JsonObject:
        answer = job_api.job_files(connection(), HeldByKey(int(job_id)))
        read_files(answer)
        return answer

    return call_with_retry(LIST_FILES, list_files, Waits())


def download_raw_file(file_id: int, local_path: str | os.PathLike[str]) -> None:
    """Download one raw file of a job that the worker key holds; makes the folder if needed.

    ``local_path`` appears only when its size and SHA-256 are right. Until then the bytes are in a
    file with ``.part`` added to its name, which a later call continues.

    Raises:
        InputMissingError: the site does not have the file any more.
        LeaseLostError: the worker key does not hold the file's job.
        CorruptInputError: the file arrived broken again and again.
        DiskFullError: there is no room for it.
        OSError: it cannot be written.
    """
    path = Path(local_path)
    path.parent.mkdir(parents=True, exist_ok=True)
    api = connection()
    raw = call_with_retry(
        LIST_FILES, lambda: downloads.find_raw_file(api, int(file_id), path.name), Waits()
    )
    call_with_retry(DOWNLOAD, lambda: downloads.download_raw_file(api, None, raw, path), Waits())


def complete_job(job_id: int, metadata: Mapping[str, Any]) -> JsonObject:
    """Report a result that is stored. The site reads it back before it answers.

    Args:
        metadata: the fields of docs/api.md, complete_job.php. Required are ``ucloud_path``, where
            the stack is in the storage, and ``n_frames_aligned``.

    Returns:
        the site's answer: ``status`` is "completed", or "held" while a volunteer's result waits
        for a second opinion.

    Raises:
        ResultNotStoredError: the site does not find the stack, or finds other bytes.
        LeaseLostError: the worker key does not hold the job any more.
        RequestRefusedError: a field is wrong; the text names it.
    """
    held = HeldByKey(int(job_id))
    return call_with_retry(
        COMPLETE, lambda: job_api.report_completion(connection(), held, dict(metadata)), Waits()
    )


def fail_job(job_id: int, error_message: str) -> JsonObject:
    """Report that a job failed; it will be tried again while it has attempts left.

    Args:
        error_message: shown to the owner of the frames; the site keeps 500 characters.

    Returns:
        the site's answer: ``status`` is "retry" or "failed".

    Raises:
        LeaseLostError: the worker key does not hold the job any more.
    """
    held = HeldByKey(int(job_id))
    return call_with_retry(
        FAIL,
        lambda: job_api.fail_job(connection(), held, error_message, retryable=True),
        Waits(),
    )


def connection() -> Api:
    """The connection of this process to the site; raises ConfigurationError for wrong settings."""
    return _connect(current_settings())


@functools.cache
def _connect(settings: Settings) -> Api:
    return Api.connect(settings.api_base_url, settings.worker_api_key)

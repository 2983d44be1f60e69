"""The job API of the site: one function per endpoint, which tries once and never sleeps.

Each function takes the connection first and raises the errors of ``crowdsky.base.errors``. What is
tried again, and when, is decided in ``crowdsky.net.retry``; ``downloads`` has the files. The wire
format is described in docs/api.md. For scripts, ``worker.api_client`` has simpler functions.
"""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from pathlib import Path

from crowdsky import __version__
from crowdsky.base.errors import (
    ConfigurationError,
    CorruptTransferError,
    JobGoneError,
    LeaseLostError,
    RequestRefusedError,
)
from crowdsky.base.json_fields import JsonObject
from crowdsky.net.answers import (
    TIMEOUT,
    PacedReader,
    Tick,
    no_tick,
    sha256_of_file,
)
from crowdsky.net.connection import HASH_HEADER, Answer, Api
from crowdsky.storage.stored_file import StoredFile
from worker.site.completion import Completion
from worker.site.downloads import lease_header
from worker.site.orders import STACK
from worker.site.records import Heartbeat, Job, Leased, RawFile, read_files

NO_SUCH_JOB = 2**31 - 1

MESSAGE_LIMIT = 500
"""Characters of an error message that the site stores."""

RELEASE_TIMEOUT = (5.0, 10.0)
"""Seconds to connect and to wait for an answer: a worker that is stopping does not wait long."""

STORE_TIMEOUT = (TIMEOUT[0], 300.0)
"""Seconds to connect and to wait for an answer, which the site gives to an upload or a completion
only after it has read the whole result back."""


def check_connection(api: Api) -> None:
    """Ask the site whether it works and accepts our key; claims nothing.

    Raises:
        ConfigurationError: wrong address or key (AccessDeniedError).
        TransientError: the site is out of reach or does not work.
    """
    what = "could not reach the job API"
    health = api.call("GET", "health.php", what).json_object(what)
    if health.get("authorization_header") is False:
        raise ConfigurationError(
            what,
            where=api.base_url,
            why="the web server keeps the Authorization header from PHP",
            hint="see the deployment guide on passing it on",
        )
    # The key is checked before the job: a "no" to a job that cannot exist means it is good.
    with contextlib.suppress(JobGoneError, RequestRefusedError):
        api.call("GET", "job_files.php", what, query={"job_id": str(NO_SUCH_JOB)})


def get_next_job(
    api: Api, worker_id: str, claim_id: str, kinds: Sequence[str] = (STACK,)
) -> Job | None:
    """Claim the next job of these kinds; the record of what ``next_job`` returns, or None."""
    answer = next_job(api, worker_id, claim_id, kinds)
    return None if answer is None else Job.from_json(answer)


def next_job(
    api: Api, worker_id: str, claim_id: str, kinds: Sequence[str] = (STACK,)
) -> JsonObject | None:
    """Claim the next job of these kinds and return the site's answer, or None if there is no work.

    Asking again with the same claim id returns the same lease, so a lost answer costs nothing.

    Raises:
        ConfigurationError: the address is not that of a job API.
    """
    what = "could not ask for work"
    query = {
        "worker_id": worker_id,
        "claim_id": claim_id,
        "version": __version__,
        "kinds": ",".join(kinds),
        # Frames with local times go only to workers that read the field "clock" of job_files.
        "clocks": "1",
    }
    answer = api.call("GET", "next_job.php", what, query=query)
    return None if answer.status == 204 else answer.json_object(what)


def get_job_files(api: Api, job: Leased) -> tuple[RawFile, ...]:
    """List the raw files of a job in time order; also renews the lease."""
    return read_files(job_files(api, job))


def job_files(api: Api, job: Leased) -> JsonObject:
    """The site's answer with the raw files of a job; also renews the lease."""
    what = f"could not list the files of job {job.job_id}"
    query = {"job_id": str(job.job_id)}
    headers = lease_header(job)
    return api.call(
        "GET", "job_files.php", what, query=query, headers=headers, missing=LeaseLostError
    ).json_object(what)


def heartbeat(api: Api, job: Leased, stage: str, progress: float, message: str = "") -> Heartbeat:
    """Renew the lease and report how far the job has come (``progress`` within 0..1)."""
    what = f"could not renew the lease of job {job.job_id}"
    body = {"stage": stage, "progress": round(progress, 4), "message": message}
    return Heartbeat.from_json(_post(api, "heartbeat.php", job, body, what).json_object(what))


def complete_job(api: Api, completion: Completion) -> None:
    """Report a stored result; repeating this is harmless.

    Raises:
        ResultNotStoredError: the site does not find the result, or finds other bytes.
    """
    report_completion(api, completion.job, completion.to_json())


def report_completion(api: Api, job: Leased, body: JsonObject) -> JsonObject:
    """Report a stored result by the body of its completion, and return the site's answer."""
    what = f"could not complete job {job.job_id}"
    answer = _post(api, "complete_job.php", job, body, what, timeout=STORE_TIMEOUT)
    return answer.json_object(what)


def fail_job(
    api: Api, job: Leased, error_message: str, *, retryable: bool, stage: str = ""
) -> JsonObject:
    """Report that the job failed; ``status`` of the answer is its new state."""
    what = f"could not report the failure of job {job.job_id}"
    body = {
        "error_message": error_message[:MESSAGE_LIMIT],
        "retryable": retryable,
        "stage": stage,
    }
    return _post(api, "fail_job.php", job, body, what).json_object(what)


def release_job(api: Api, job: Job, reason: str) -> None:
    """Hand the job back; no attempt is spent."""
    what = f"could not hand back job {job.job_id}"
    body = {"reason": reason[:MESSAGE_LIMIT]}
    _post(api, "release_job.php", job, body, what, timeout=RELEASE_TIMEOUT).json_object(what)


def upload_result(api: Api, job: Job, kind: str, path: Path, tick: Tick = no_tick) -> StoredFile:
    """Send a result through the site, for workers without storage settings.

    Args:
        kind: ``stack``, or one of the files beside it (``completion.BESIDE``).

    Raises:
        CorruptTransferError: the site stored other bytes than were sent.
    """
    what = f"could not upload the {kind} of job {job.job_id}"
    size = path.stat().st_size
    sha256 = sha256_of_file(path)
    with path.open("rb") as stream:
        answer = api.call(
            "PUT",
            "upload_result.php",
            what,
            query={"job_id": str(job.job_id), "kind": kind},
            headers={
                **lease_header(job),
                HASH_HEADER: sha256,
                "Content-Type": "application/octet-stream",
            },
            body=PacedReader(stream, size, what, tick),
            missing=LeaseLostError,
            timeout=STORE_TIMEOUT,
        )
    stored = StoredFile.from_json(answer.json_object(what))
    if (stored.size_bytes, stored.sha256) != (size, sha256):
        raise CorruptTransferError(what, why="the site stored other bytes than were sent")
    return stored


def upload_tiles(api: Api, job: Job, path: Path, tick: Tick = no_tick) -> None:
    """Send the tiles of a region, which completes the job; repeating this is harmless.

    Raises:
        RequestRefusedError: the site does not take them.
    """
    _put_result(api, job, path, "upload_tiles.php", "application/x-tar", "tiles", tick)


def upload_series(api: Api, job: Job, path: Path, tick: Tick = no_tick) -> None:
    """Send a series, which completes the job; repeating this is harmless.

    Raises:
        RequestRefusedError: the site does not take it.
    """
    _put_result(api, job, path, "upload_series.php", "application/fits", "series", tick)


def upload_calibration(api: Api, job: Job, path: Path, tick: Tick = no_tick) -> None:
    """Send the calibration of a field, which completes the job; repeating this is harmless.

    Raises:
        RequestRefusedError: the site does not take it.
    """
    kind = "application/fits"
    _put_result(api, job, path, "upload_calibration.php", kind, "calibration", tick)


def upload_export(api: Api, job: Job, path: Path, tick: Tick = no_tick) -> None:
    """Send a partition of the export, in the same way and with the same error."""
    _put_result(api, job, path, "upload_export.php", "application/x-tar", "light curves", tick)


def _put_result(
    api: Api, job: Job, path: Path, endpoint: str, content_type: str, name: str, tick: Tick
) -> None:
    what = f"could not send the {name} of job {job.job_id}"
    size = path.stat().st_size
    headers = {**lease_header(job), HASH_HEADER: sha256_of_file(path)}
    headers["Content-Type"] = content_type
    with path.open("rb") as stream:
        api.call(
            "PUT",
            endpoint,
            what,
            query={"job_id": str(job.job_id)},
            headers=headers,
            body=PacedReader(stream, size, what, tick),
            missing=LeaseLostError,
            timeout=STORE_TIMEOUT,
        ).json_object(what)


def _post(
    api: Api,
    endpoint: str,
    job: Leased,
    body: JsonObject,
    what: str,
    timeout: tuple[float, float] = TIMEOUT,
) -> Answer:
    """POST a JSON body about a job, with its id and lease token."""
    named: JsonObject = {"job_id": job.job_id}
    if job.lease_token is not None:
        named["lease_token"] = job.lease_token
    headers = lease_header(job)
    return api.post(
        endpoint, named | body, what, headers=headers, missing=LeaseLostError, timeout=timeout
    )

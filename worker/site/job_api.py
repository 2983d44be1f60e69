"""The job API of the site: one function per endpoint, which tries once and never sleeps.

Each function takes the connection first and raises the errors of ``errors.py``; what is tried
again, and when, is decided in ``retry.py``. The wire format is described in docs/api.md.
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import requests

from crowdsky import __version__
from crowdsky.base.errors import (
    ConfigurationError,
    CorruptTransferError,
    InputMissingError,
    JobGoneError,
    LeaseLostError,
    RequestRefusedError,
    ResultNotStoredError,
    UnexpectedAnswerError,
)
from crowdsky.base.json_fields import JsonObject
from crowdsky.net.answers import (
    TIMEOUT,
    PacedReader,
    Tick,
    no_tick,
    read_text_body,
    save_body,
    sha256_of_file,
)
from crowdsky.net.connection import Answer, Api, refuse_errors
from crowdsky.storage.stored_file import StoredFile
from worker.site.completion import Completion
from worker.site.records import STACK, Heartbeat, Job, Leased, RawFile, StackedFile

NO_SUCH_JOB = 2**31 - 1

MESSAGE_LIMIT = 500
"""The site stores this much of an error message."""

RELEASE_TIMEOUT = (5.0, 10.0)
"""Whoever stops does not wait long for a site that does not answer."""

STORE_TIMEOUT = (TIMEOUT[0], 300.0)
"""The site answers an upload or a completion only after it has read the whole result back."""


def check_connection(api: Api) -> None:
    """Ask the site whether it is well and takes our key; claims nothing.

    Raises:
        ConfigurationError: wrong address or key (AccessDeniedError).
        TransientError: the site is out of reach or not well.
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
    # The key is looked at before the job: a "no" to a job that cannot exist means it is good.
    with contextlib.suppress(JobGoneError, RequestRefusedError):
        api.call("GET", "job_files.php", what, query={"job_id": str(NO_SUCH_JOB)})


def get_next_job(
    api: Api, worker_id: str, claim_id: str, kinds: Sequence[str] = (STACK,)
) -> Job | None:
    """Claim the next job of these kinds, or None if there is no work.

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
    }
    answer = api.call("GET", "next_job.php", what, query=query)
    return None if answer.status == 204 else Job.from_json(answer.json_object(what))


def get_job_files(api: Api, job: Job) -> tuple[RawFile, ...]:
    """List the raw files of a job in time order; also renews the lease."""
    what = f"could not list the files of job {job.job_id}"
    query = {"job_id": str(job.job_id)}
    rows = api.call(
        "GET",
        "job_files.php",
        what,
        query=query,
        headers=_lease_header(job),
        missing=LeaseLostError,
    ).json_object(what)
    files = rows.get("files")
    if not isinstance(files, list):
        raise UnexpectedAnswerError(what, why="the answer has no list of files")
    return tuple(RawFile.from_json(row) for row in files)


def download_raw_file(api: Api, job: Job, raw: RawFile, path: Path, tick: Tick = no_tick) -> None:
    """Fetch one raw file to ``path``; also renews the lease.

    The bytes go to ``path`` + ".part", where a later call goes on after a cut line; ``path``
    appears only when size and SHA-256 are right.

    Raises:
        CorruptTransferError: the bytes are not those the site listed; the part is removed.
        InputMissingError: the site does not have the file any more.
    """
    query = {"file_id": str(raw.file_id)}
    what = f"could not download {raw.filename}"
    wanted = _Wanted("download_raw.php", query, raw.size_bytes, raw.sha256, what)
    _download(api, job, wanted, path, tick)


def download_stack(
    api: Api, job: Job, stack: StackedFile, path: Path, tick: Tick = no_tick
) -> None:
    """Fetch the stack of a rescan to ``path``, in the same way and with the same errors."""
    what = f"could not download stack {stack.stack_id}"
    query = {"job_id": str(job.job_id)}
    wanted = _Wanted("job_stack.php", query, stack.size_bytes, stack.sha256, what)
    try:
        _download(api, job, wanted, path, tick)
    except ResultNotStoredError as error:
        raise InputMissingError(what, why=error.why, status=error.status) from error


def heartbeat(api: Api, job: Leased, stage: str, progress: float, message: str = "") -> Heartbeat:
    """Renew the lease and say how far the job is (``progress`` within 0..1)."""
    what = f"could not renew the lease of job {job.job_id}"
    body = {"stage": stage, "progress": round(progress, 4), "message": message}
    return Heartbeat.from_json(_post(api, "heartbeat.php", job, body, what).json_object(what))


def complete_job(api: Api, completion: Completion) -> None:
    """Report a stored result. Repeating it is harmless.

    Raises:
        ResultNotStoredError: the site does not find the result, or finds other bytes.
    """
    report_completion(api, completion.job, completion.to_json())


def report_completion(api: Api, job: Leased, body: JsonObject) -> None:
    """Report a stored result by the body of its completion, which may be an old one."""
    what = f"could not complete job {job.job_id}"
    answer = _post(api, "complete_job.php", job, body, what, timeout=STORE_TIMEOUT)
    answer.json_object(what)


def fail_job(api: Api, job: Job, error_message: str, *, retryable: bool, stage: str = "") -> str:
    """Report that the job failed and return its new state, ``retry`` or ``failed``."""
    what = f"could not report the failure of job {job.job_id}"
    body = {
        "error_message": error_message[:MESSAGE_LIMIT],
        "retryable": retryable,
        "stage": stage,
    }
    return str(_post(api, "fail_job.php", job, body, what).json_object(what).get("status", ""))


def release_job(api: Api, job: Job, reason: str) -> None:
    """Hand the job back; no attempt is spent."""
    what = f"could not hand back job {job.job_id}"
    body = {"reason": reason[:MESSAGE_LIMIT]}
    _post(api, "release_job.php", job, body, what, timeout=RELEASE_TIMEOUT).json_object(what)


def upload_result(api: Api, job: Job, kind: str, path: Path, tick: Tick = no_tick) -> StoredFile:
    """Send a result through the site, for workers without storage settings.

    Args:
        kind: ``stack``, or one of those that lie beside it (see ``completion.BESIDE``).

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
                **_lease_header(job),
                "X-SHA256": sha256,
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


def _post(
    api: Api,
    endpoint: str,
    job: Leased,
    body: JsonObject,
    what: str,
    timeout: tuple[float, float] = TIMEOUT,
) -> Answer:
    """POST a JSON body about a job, with its id and lease token."""
    whole = {"job_id": job.job_id, "lease_token": job.lease_token, **body}
    headers = _lease_header(job)
    return api.post(endpoint, whole, what, headers=headers, missing=LeaseLostError, timeout=timeout)


def _lease_header(job: Leased) -> dict[str, str]:
    return {"X-Lease-Token": job.lease_token}


@dataclass(frozen=True, slots=True)
class _Wanted:
    """A file of the site: where to ask for it, and how to know it."""

    endpoint: str
    query: Mapping[str, str]
    size_bytes: int
    sha256: str
    what: str


def _download(api: Api, job: Job, wanted: _Wanted, path: Path, tick: Tick) -> None:
    """Fetch a file by way of its part."""
    part = path.with_name(path.name + ".part")
    present = part.stat().st_size if part.exists() else 0
    if present < wanted.size_bytes or present == 0:
        _fetch_rest(api, job, wanted, part, present, tick)
    if part.stat().st_size != wanted.size_bytes or sha256_of_file(part) != wanted.sha256:
        part.unlink()
        raise CorruptTransferError(wanted.what, why="its bytes differ from those on the site")
    part.replace(path)


def _fetch_rest(api: Api, job: Job, wanted: _Wanted, part: Path, present: int, tick: Tick) -> None:
    """Append the missing bytes of a file to its part, or start it again."""
    what = wanted.what
    headers = {"Accept-Encoding": "identity", "If-Match": f'"{wanted.sha256}"'}
    if present:
        headers["Range"] = f"bytes={present}-"
    with api.request(
        "GET",
        wanted.endpoint,
        what,
        query=wanted.query,
        headers={**_lease_header(job), **headers},
    ) as response:
        if response.status_code in (412, 416):
            # The part does not fit what the site has: the next try starts from nothing.
            part.unlink(missing_ok=True)
        if response.status_code not in (200, 206):
            body = read_text_body(response, what)
            refuse_errors(response, body, what, missing=InputMissingError)
        start = _start_of_body(response, present, wanted.size_bytes, what)
        with part.open("r+b" if start else "wb") as target:
            target.seek(start)
            remaining = wanted.size_bytes - start
            save_body(response, target, expected_bytes=remaining, what=what, tick=tick)


def _start_of_body(response: requests.Response, wanted: int, size: int, what: str) -> int:
    """Where in the file the body begins: 0 for a whole file, ``wanted`` for a fitting range."""
    if response.headers.get("Content-Type", "").startswith("text/html"):
        raise UnexpectedAnswerError(what, why="a web page came instead of the file")
    if response.status_code == 200:
        return 0
    if response.headers.get("Content-Range", "") != f"bytes {wanted}-{size - 1}/{size}":
        raise UnexpectedAnswerError(what, why="the site sent another part than was asked for")
    return wanted

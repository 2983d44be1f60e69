"""Downloads of raw files and stacks: resumed after a cut, checked by SHA-256; each tried once.

The bytes go to a file with the ending ``.part``, which a later try continues. The file itself
appears only when its size and SHA-256 are right.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import requests

from crowdsky.base.disk_room import LEAST_FREE_BYTES, require_room, watch_room
from crowdsky.base.errors import (
    CorruptTransferError,
    InputMissingError,
    ResultNotStoredError,
    UnexpectedAnswerError,
)
from crowdsky.net.answers import TIMEOUT, Tick, no_tick, read_text_body, save_body, sha256_of_file
from crowdsky.net.connection import Api, refuse_errors
from worker.site.orders import StackedFile
from worker.site.records import Leased, RawFile

WRITTEN_TIMEOUT = (TIMEOUT[0], 300.0)
"""Seconds to connect and to wait for a file that the site writes when it is asked for."""


def download_raw_file(
    api: Api, job: Leased | None, raw: RawFile, path: Path, tick: Tick = no_tick
) -> None:
    """Fetch one raw file to ``path``; also renews the lease.

    Args:
        job: None leaves it to the site to find the job, which the key must hold.

    Raises:
        CorruptTransferError: the bytes are not those the site listed; the part is removed.
        InputMissingError: the site does not have the file any more.
        DiskFullError: there is no room for it, or none is left half-way.
    """
    query = {"file_id": str(raw.file_id)}
    what = f"could not download {raw.filename}"
    headers = lease_header(job)
    wanted = _Wanted("download_raw.php", query, headers, raw.size_bytes, raw.sha256, what)
    _download(api, wanted, path, tick)


def find_raw_file(api: Api, file_id: int, filename: str) -> RawFile:
    """Look up the size and SHA-256 of a raw file that was not listed; also renews the lease.

    Raises:
        InputMissingError: the site does not have the file any more.
        LeaseLostError: the key does not hold the lease of the file's job.
        UnexpectedAnswerError: the answer lacks size or SHA-256.
    """
    what = f"could not look up {filename}"
    size, sha256 = _look_up(api, "download_raw.php", {"file_id": str(file_id)}, {}, what)
    return RawFile(file_id, filename, size, sha256)


def download_stack(
    api: Api, job: Leased, stack: StackedFile, path: Path, tick: Tick = no_tick
) -> None:
    """Fetch a stack that a job works on to ``path``, in the same way and with the same errors."""
    what = f"could not download stack {stack.stack_id}"
    query = {"job_id": str(job.job_id), "stack_id": str(stack.stack_id)}
    headers = lease_header(job)
    wanted = _Wanted("job_stack.php", query, headers, stack.size_bytes, stack.sha256, what)
    try:
        _download(api, wanted, path, tick)
    except ResultNotStoredError as error:
        raise InputMissingError(what, why=error.why, status=error.status) from error


def download_observations(api: Api, job: Leased, path: Path, tick: Tick = no_tick) -> None:
    """Fetch the observations that a job calibrates to ``path``, as the stack of a rescan."""
    what = f"could not download the observations of job {job.job_id}"
    query, headers = {"job_id": str(job.job_id)}, lease_header(job)
    size, sha256 = _look_up(api, "job_observations.php", query, headers, what, WRITTEN_TIMEOUT)
    _download(api, _Wanted("job_observations.php", query, headers, size, sha256, what), path, tick)


def download_rows(api: Api, job: Leased, path: Path, tick: Tick = no_tick) -> None:
    """Fetch the rows of a partition of the export to ``path``, all at once: they may change.

    Raises:
        CorruptTransferError: the bytes are not those that the site has sent; they are removed.
        RequestRefusedError: there are no rows any more.
        DiskFullError: there is no room for them.
    """
    what = f"could not download the rows of job {job.job_id}"
    query = {"job_id": str(job.job_id)}
    headers = {**lease_header(job), "Accept-Encoding": "identity"}
    part = path.with_name(path.name + ".part")
    with api.request(
        "GET", "job_export.php", what, query=query, headers=headers, timeout=WRITTEN_TIMEOUT
    ) as response:
        if response.status_code != 200:
            body = read_text_body(response, what)
            refuse_errors(response, body, what, missing=InputMissingError)
        length = re.fullmatch(r"[0-9]{1,15}", response.headers.get("Content-Length", ""))
        sha256 = re.fullmatch(r'"([0-9a-f]{64})"', response.headers.get("ETag", ""))
        if length is None or sha256 is None:
            raise UnexpectedAnswerError(what, why="the answer lacks the size or the SHA-256")
        size = int(length[0])
        require_room(part.parent, size + LEAST_FREE_BYTES, what)
        with part.open("wb") as target:
            save_body(response, target, expected_bytes=size, what=what, tick=tick)
    if sha256_of_file(part) != sha256[1]:
        part.unlink()
        raise CorruptTransferError(what, why="its bytes differ from those on the site")
    part.replace(path)


def lease_header(job: Leased | None) -> dict[str, str]:
    """The header that proves a lease; without a token, the key alone has to do."""
    return {} if job is None or job.lease_token is None else {"X-Lease-Token": job.lease_token}


def _look_up(
    api: Api,
    endpoint: str,
    query: Mapping[str, str],
    headers: Mapping[str, str],
    what: str,
    timeout: tuple[float, float] = TIMEOUT,
) -> tuple[int, str]:
    """Ask for the size and SHA-256 of a file of the site."""
    # The first byte, since an answer to HEAD could not carry the site's reason for an error.
    first = {**headers, "Accept-Encoding": "identity", "Range": "bytes=0-0"}
    with api.request(
        "GET", endpoint, what, query=query, headers=first, timeout=timeout
    ) as response:
        if response.status_code != 206:
            body = read_text_body(response, what)
            refuse_errors(response, body, what, missing=InputMissingError)
        size = re.fullmatch(r"bytes 0-0/([0-9]{1,15})", response.headers.get("Content-Range", ""))
        sha256 = re.fullmatch(r'"([0-9a-f]{64})"', response.headers.get("ETag", ""))
    if size is None or sha256 is None:
        raise UnexpectedAnswerError(what, why="the answer lacks the size or the SHA-256")
    return int(size[1]), sha256[1]


@dataclass(frozen=True, slots=True)
class _Wanted:
    """A file of the site: how to ask for it, and how to recognise it."""

    endpoint: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    size_bytes: int
    sha256: str
    what: str


def _download(api: Api, wanted: _Wanted, path: Path, tick: Tick) -> None:
    """Fetch a file into its part, and give that its name when it is whole."""
    part = path.with_name(path.name + ".part")
    present = part.stat().st_size if part.exists() else 0
    if present < wanted.size_bytes or present == 0:
        _fetch_rest(api, wanted, part, present, tick)
    if part.stat().st_size != wanted.size_bytes or sha256_of_file(part) != wanted.sha256:
        part.unlink()
        raise CorruptTransferError(wanted.what, why="its bytes differ from those on the site")
    part.replace(path)


def _fetch_rest(api: Api, wanted: _Wanted, part: Path, present: int, tick: Tick) -> None:
    """Append the missing bytes of a file to its part, or start it again."""
    what = wanted.what
    headers = {
        **wanted.headers,
        "Accept-Encoding": "identity",
        "If-Match": f'"{wanted.sha256}"',
    }
    if present:
        headers["Range"] = f"bytes={present}-"
    with api.request(
        "GET",
        wanted.endpoint,
        what,
        query=wanted.query,
        headers=headers,
    ) as response:
        if response.status_code in (412, 416):
            # The part does not belong to what the site has: the next try starts from nothing.
            part.unlink(missing_ok=True)
        if response.status_code not in (200, 206):
            body = read_text_body(response, what)
            refuse_errors(response, body, what, missing=InputMissingError)
        start = _start_of_body(response, present, wanted.size_bytes, what)
        remaining = wanted.size_bytes - start
        require_room(part.parent, remaining + LEAST_FREE_BYTES, what)

        def watched(count: int) -> None:
            watch_room(part.parent, what)
            tick(count)

        with part.open("r+b" if start else "wb") as target:
            target.seek(start)
            save_body(response, target, expected_bytes=remaining, what=what, tick=watched)


def _start_of_body(response: requests.Response, wanted: int, size: int, what: str) -> int:
    """Where in the file the body begins: 0 for a whole file, ``wanted`` for a fitting range."""
    if response.headers.get("Content-Type", "").startswith("text/html"):
        raise UnexpectedAnswerError(what, why="a web page came instead of the file")
    if response.status_code == 200:
        return 0
    if response.headers.get("Content-Range", "") != f"bytes {wanted}-{size - 1}/{size}":
        raise UnexpectedAnswerError(what, why="the site sent other bytes than were asked for")
    return wanted

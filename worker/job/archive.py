"""Stores the results of a job: uploaded under a new name, verified, never overwriting anything.

With storage settings the worker uploads a result under a name of this attempt, verifies it and
moves it to its final name. The attempt's name is reported instead when the final one is taken (an
earlier attempt failed after its move) or the share cannot move files. Without storage settings, and
when the share turns out to be a file drop, the site receives the file and stores it.
"""

from __future__ import annotations

import logging
import re
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from crowdsky.base.errors import (
    AccessDeniedError,
    CrowdSkyError,
    FileDropError,
    RemoteExistsError,
    RequestRefusedError,
    StorageRefusedError,
)
from crowdsky.net.answers import Tick
from crowdsky.net.connection import Api
from crowdsky.net.retry import STORAGE, Waits, call_with_retry
from crowdsky.storage import webdav
from crowdsky.storage.stored_file import StoredFile
from crowdsky.storage.webdav import Share
from worker.site import job_api
from worker.site.completion import FULL, OVERLAY, PICTURE, PREVIEW, STARS, THUMBNAIL
from worker.site.records import Job

log = logging.getLogger(__name__)

Store = Callable[[Job, str, Path, Waits, Tick], StoredFile]
"""Stores one result of a job; the second argument is its kind, ``stack`` or one of BESIDE."""

_ENDINGS = {
    "stack": ".fits",
    THUMBNAIL: "_thumb.png",
    PICTURE: "_picture.jpg",
    FULL: "_full.png",
    PREVIEW: "_preview.png",
    OVERLAY: "_overlay.png",
    STARS: "_stars.json",
}


@dataclass(frozen=True, slots=True)
class ResultNames:
    """The two names that the site accepts for a result: that of this attempt, and the final one."""

    folder: str
    attempt: str
    final: str


def result_names(base_path: str, job: Job, kind: str) -> ResultNames:
    """The names of a job's result; the site derives the same ones and accepts no others."""
    folder = f"{base_path}/stacks/user_{job.user_id}/{object_folder(job.object_name)}"
    stem = f"stack_{job.chunk_key}_{job.job_id}"
    ending = _ENDINGS[kind]
    return ResultNames(
        folder=folder,
        attempt=f"{folder}/{stem}.{job.attempt_tag}{ending}",
        final=f"{folder}/{stem}{ending}",
    )


def object_folder(object_name: str | None) -> str:
    """The folder name of an object: ``M 94`` becomes ``M_94``, a nameless one ``unknown``."""
    reduced = re.sub(r"[^A-Za-z0-9._+-]", "_", object_name or "")
    return reduced.lstrip(".")[:64] or "unknown"


def share_store(share: Share, base_path: str) -> Store:
    """Store results on the share directly."""

    def store(job: Job, kind: str, local: Path, waits: Waits, tick: Tick) -> StoredFile:
        names = result_names(base_path, job, kind)
        stored = call_with_retry(STORAGE, lambda: _upload_attempt(share, names, local, tick), waits)
        return call_with_retry(STORAGE, lambda: _publish(share, names, stored), waits)

    return store


def share_or_site_store(share: Share, base_path: str, api: Api) -> Store:
    """Store results on the share, or through the site once the share has proved to be a file drop.

    A file drop silently renames a file whose name is taken: a repeated upload would be stored
    twice, and no upload could be verified. The share is checked before the first byte is sent, so a
    file drop never receives one.
    """
    to_share, to_site = share_store(share, base_path), site_store(api)
    is_drop = threading.Event()

    def store(job: Job, kind: str, local: Path, waits: Waits, tick: Tick) -> StoredFile:
        if not is_drop.is_set():
            try:
                return to_share(job, kind, local, waits, tick)
            except FileDropError as error:
                is_drop.set()
                log.warning("%s; from now on results go through the site", error)
        return to_site(job, kind, local, waits, tick)

    return store


def site_store(api: Api) -> Store:
    """Store results through the site, for workers that hold no key to the storage."""

    def store(job: Job, kind: str, local: Path, waits: Waits, tick: Tick) -> StoredFile:
        return call_with_retry(
            STORAGE, lambda: job_api.upload_result(api, job, kind, local, tick), waits
        )

    return store


def _upload_attempt(share: Share, names: ResultNames, local: Path, tick: Tick) -> StoredFile:
    """Upload under the attempt's name, which belongs to this lease alone."""
    # Made first and not after a "no such folder": a server that answers before it has read the
    # whole body closes the connection, and the answer is lost in the reset.
    webdav.mkcol(share, names.folder)
    try:
        return webdav.upload_file(share, local, names.attempt, tick)
    except RemoteExistsError:
        # An upload of ours was cut: some servers keep the part under the full name.
        log.warning("removing an incomplete upload: %s", names.attempt)
        _make_way(share, names.attempt)
    return webdav.upload_file(share, local, names.attempt, tick)


def _make_way(share: Share, path: str) -> None:
    try:
        webdav.delete_files(share, [path])
    except CrowdSkyError as error:
        if not webdav.lacks_right(error):
            raise
        # The site accepts no other name for this run, but the next run has one of its own.
        raise StorageRefusedError(
            f"could not upload {path}",
            why="part of an interrupted upload has this name and may not be deleted",
        ) from error


def _publish(share: Share, names: ResultNames, stored: StoredFile) -> StoredFile:
    """Move the verified upload to its final name, or keep the attempt's name."""
    final = StoredFile(names.final, stored.size_bytes, stored.sha256)
    try:
        webdav.move_file(share, names.attempt, names.final)
    except RemoteExistsError:
        log.info("kept the attempt's name, the final one is taken: %s", names.attempt)
        return stored
    except (AccessDeniedError, RequestRefusedError) as error:
        if webdav.lacks_right(error):
            # The upload was allowed a moment ago, so it is the right to move that is missing.
            log.info("kept the attempt's name, files may not be moved here: %s", names.attempt)
            return stored
        if not isinstance(error, RequestRefusedError) or error.status != 404:
            raise
        # The attempt's name is gone: the reply to an earlier move was lost.
        webdav.verify_stored(share, final)
    return final

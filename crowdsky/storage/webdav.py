"""The storage: folders, uploads, downloads and moves on a WebDAV share, each tried once.

The rules: a body is sent with its length, and only to a free name. An upload counts only after its
SHA-256 has been compared with what the share holds. The token appears in no message. Remote paths
begin with a slash and are not percent-encoded.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from webdav3.client import WebDavXmlUtils
from webdav3.exceptions import WebDavException
from webdav3.urn import Urn

from crowdsky.base.errors import (
    AccessDeniedError,
    BadDataError,
    CorruptTransferError,
    CrowdSkyError,
    DestinationRefusedError,
    RemoteExistsError,
    RemoteParentMissingError,
    RequestRefusedError,
    ServiceBusyError,
    UnexpectedAnswerError,
)
from crowdsky.net.answers import (
    PacedReader,
    Sink,
    Tick,
    connection_errors,
    no_tick,
    read_text_body,
    save_body,
    sha256_of_file,
)
from crowdsky.net.cut_off import CutOff
from crowdsky.storage.stored_file import StoredFile
from crowdsky.storage.webdav_client import NO_SUCH_METHOD, ShareClient

_BELOW_A_FILE = frozenset({400, 403})
"""Answers of Apache and lighttpd to a look-up below a file, where others answer 404."""

_TAKEN_BY_A_FILE = frozenset({400, 403, 405, 409})
"""Answers to the creation of a folder that a file stands in the way of."""


@dataclass(frozen=True, slots=True)
class Share:
    """A connection to one WebDAV share; threads may share it."""

    url: str
    client: ShareClient = field(repr=False)

    @classmethod
    def connect(cls, url: str, token: str, cut_off: CutOff | None = None) -> Share:
        """Prepare a connection; the token is sent as user name with an empty password.

        Args:
            cut_off: is to watch the connections, so that calls that hang can be ended.
        """
        client = ShareClient(url, token)
        if cut_off is not None:
            cut_off.watch(client.session)
        return cls(url, client)


@dataclass(frozen=True, slots=True)
class RemoteEntry:
    """What the share has under a path."""

    is_folder: bool
    size_bytes: int | None


def stat(share: Share, path: str) -> RemoteEntry | None:
    """Look a path up; None if there is nothing, or only a file where a folder would have to be.

    Raises:
        UnexpectedAnswerError: the answer is not one of WebDAV.
    """
    what = f"could not look up {path}"
    urn = _urn(path)
    try:
        response = share.client.execute_request("info", urn.quote())
    except (RequestRefusedError, AccessDeniedError) as error:
        if error.status == 404 or (error.status in _BELOW_A_FILE and _is_below_file(share, path)):
            return None
        raise
    with connection_errors(what, ""), response:
        body = read_text_body(response, what)
    try:
        is_folder = WebDavXmlUtils.parse_is_dir_response(body, urn.path(), share.url)
        size = WebDavXmlUtils.parse_info_response(body, urn.path(), share.url)["size"]
    except WebDavException as error:
        raise UnexpectedAnswerError(what, why="the answer is not a WebDAV listing") from error
    return RemoteEntry(is_folder, int(size) if size and re.fullmatch("[0-9]{1,18}", size) else None)


def mkcol(share: Share, path: str) -> None:
    """Make a folder and the folders above it; one that exists already is fine.

    Raises:
        RemoteExistsError: a file stands where a folder is wanted.
    """
    if _is_folder(share, path):
        return
    parts = path.strip("/").split("/")
    for depth in range(1, len(parts) + 1):
        level = "/" + "/".join(parts[:depth])
        try:
            share.client.execute_request("mkdir", _urn(level).quote() + "/")
        except RequestRefusedError as error:
            # 405 means "something is there", also if it is a file; some answer otherwise then.
            entry = stat(share, level) if error.status in _TAKEN_BY_A_FILE else None
            if entry is None:
                raise
            if not entry.is_folder:
                raise RemoteExistsError(
                    f"could not make folder {level}", why="a file has this name", status=405
                ) from error


def upload_file(share: Share, local: Path, remote: str, tick: Tick = no_tick) -> StoredFile:
    """Upload a local file to a free remote name and check what the share holds.

    A name that already holds exactly these bytes counts as uploaded: the reply to an earlier
    try was lost.

    Raises:
        RemoteExistsError: the name holds other bytes; nothing is overwritten.
        RemoteParentMissingError: the folder has to be made first.
        CorruptTransferError: the share holds other bytes than were sent.
    """
    promised = StoredFile(remote, local.stat().st_size, sha256_of_file(local))
    what = f"could not upload {remote}"
    if stat(share, remote) is not None:
        return _confirm_taken(share, promised)
    try:
        with local.open("rb") as stream:
            body = PacedReader(stream, promised.size_bytes, what, tick)
            response = share.client.execute_request("upload", _urn(remote).quote(), data=body)
    except RemoteExistsError:
        return _confirm_taken(share, promised)
    except ServiceBusyError as error:
        # nginx answers 500 where the folder is missing.
        if error.status == 500 and stat(share, remote.rpartition("/")[0] or "/") is None:
            raise RemoteParentMissingError(
                what, why="its folder does not exist", status=500
            ) from error
        raise
    hash_on_arrival = response.headers.get("X-Hash-SHA256", "").lower()
    if hash_on_arrival and hash_on_arrival != promised.sha256:
        raise CorruptTransferError(what, why="other bytes arrived than were sent")
    if not hash_on_arrival:
        verify_stored(share, promised)
    return promised


def verify_stored(share: Share, promised: StoredFile) -> None:
    """Check size and SHA-256 of a stored file by reading it back.

    Raises:
        CorruptTransferError: it is missing or differs.
    """
    what = f"could not verify {promised.path}"
    entry = stat(share, promised.path)
    if entry is None or entry.is_folder or entry.size_bytes not in (None, promised.size_bytes):
        found = "nothing" if entry is None else f"{entry.size_bytes} bytes"
        raise CorruptTransferError(what, why=f"{found} instead of {promised.size_bytes} bytes")
    sink = _HashSink()
    _read_remote(share, promised.path, promised.size_bytes, sink, what, no_tick)
    if sink.digest.hexdigest() != promised.sha256:
        raise CorruptTransferError(what, why="the stored bytes differ from those sent")


def download_file(share: Share, remote: str, local: Path, tick: Tick = no_tick) -> None:
    """Download a remote file; ``local`` appears whole or not at all.

    Raises:
        RequestRefusedError: there is no such file.
    """
    what = f"could not download {remote}"
    entry = stat(share, remote)
    if entry is None or entry.is_folder or entry.size_bytes is None:
        raise RequestRefusedError(what, why="there is no such file", status=404)
    part = local.with_name(local.name + ".part")
    try:
        with part.open("wb") as stream:
            _read_remote(share, remote, entry.size_bytes, stream, what, tick)
            stream.flush()
            os.fsync(stream.fileno())
        part.replace(local)
    finally:
        part.unlink(missing_ok=True)


def move_file(share: Share, source: str, target: str) -> None:
    """Give a remote file another name in the same share; a taken name is never overwritten.

    Raises:
        RemoteExistsError: the target exists.
        RequestRefusedError: the source does not exist, or the share cannot move.
    """
    try:
        share.client.rename(_urn(source), _urn(target))
    except (RequestRefusedError, AccessDeniedError) as error:
        if stat(share, source) is None:
            # Some servers look at the target first and answer 412, others 403: only looking tells
            # a source that an earlier try has moved from one that may not be moved.
            raise RequestRefusedError(
                f"could not move {source}", why="there is no such file", status=404
            ) from error
        raise


def lacks_right(error: CrowdSkyError) -> bool:
    """Whether a share that accepts uploads does not allow this, or does not support it."""
    if isinstance(error, DestinationRefusedError):
        return True
    if isinstance(error, RequestRefusedError):
        return error.status in NO_SUCH_METHOD
    return isinstance(error, AccessDeniedError)


def delete_files(share: Share, paths: Iterable[str]) -> None:
    """Delete remote files; one that does not exist counts as deleted."""
    for path in paths:
        try:
            share.client.clean(_urn(path).path())
        except RequestRefusedError as error:
            if error.status != 404:
                raise


class _HashSink:
    """Receives bytes and keeps only their SHA-256."""

    def __init__(self) -> None:
        self.digest = hashlib.sha256()

    def write(self, block: bytes) -> int:
        """Add a block."""
        self.digest.update(block)
        return len(block)


def _read_remote(
    share: Share, remote: str, size_bytes: int, target: Sink, what: str, tick: Tick
) -> None:
    """Write the body of a remote file of known size to ``target``."""
    response = share.client.execute_request("download", _urn(remote).quote())
    with connection_errors(what, ""), response:
        save_body(response, target, expected_bytes=size_bytes, what=what, tick=tick)


def _confirm_taken(share: Share, promised: StoredFile) -> StoredFile:
    """Accept a taken name if it holds our own bytes."""
    try:
        verify_stored(share, promised)
    except (CorruptTransferError, RequestRefusedError) as error:
        raise RemoteExistsError(
            f"could not upload {promised.path}",
            why="the name is taken by other bytes, and nothing is overwritten",
            status=412,
        ) from error
    return promised


def _is_folder(share: Share, path: str) -> bool:
    entry = stat(share, path)
    return entry is not None and entry.is_folder


def _is_below_file(share: Share, path: str) -> bool:
    """Whether a file stands where a folder above this path would have to be."""
    above = path.rpartition("/")[0]
    if not above:
        return False
    entry = stat(share, above)
    return _is_below_file(share, above) if entry is None else not entry.is_folder


def _urn(path: str) -> Urn:
    """The path in the library's form; names that it would silently rewrite are refused."""
    parts = path.split("/")[1:]
    if not path.startswith("/") or any(
        not part.strip(".") or any(ord(character) < 32 for character in part) for part in parts
    ):
        raise BadDataError(f"{path!r} is not a valid remote path")
    return Urn(path)

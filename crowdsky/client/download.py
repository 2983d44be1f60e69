"""Downloads stacks into a folder, each once, and believes only bytes that have the right SHA-256.

The site sends the hash of what it sends as ETag. A download that was cut is continued.
"""

from __future__ import annotations

import fcntl
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import requests

from crowdsky.base.errors import AccessDeniedError, CorruptTransferError, UnexpectedAnswerError
from crowdsky.client.site import Site
from crowdsky.net.answers import no_tick, read_text_body, save_body, sha256_of_file

_NAME = re.compile(r'filename="([A-Za-z0-9_+-][A-Za-z0-9._+-]*)"')
_SHA256 = re.compile(r'"([0-9a-f]{64})"')


@dataclass(frozen=True, slots=True)
class KnownFile:
    """What the site says about a file before it is downloaded."""

    sha256: str
    size: int


def fetch_file(site: Site, endpoint: str, query: dict[str, str], folder: Path, what: str) -> Path:
    """Download a file into ``folder``, unless it is there with the SHA-256 that the site names.

    The file appears whole or not at all; a part of it is kept beside it, for the next try.

    Raises:
        CorruptTransferError: the bytes that arrived are others than were sent; they are deleted.
        TransientError: the connection was cut; the next call continues.
        AccessDeniedError: the key is missing or not accepted.
        SiteRefusedError: there is no such file.
    """
    facts, name = _facts(site, endpoint, query, what)
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / name
    with alone(part_of(target)):
        if not _is_whole(target, facts):
            fetch_known(site, endpoint, query, target, facts, what)
    return target


def fetch_known(
    site: Site, endpoint: str, query: dict[str, str], target: Path, facts: KnownFile, what: str
) -> None:
    """Download a file whose hash is known, whatever is there; raises what ``fetch_file`` does."""
    part = part_of(target)
    if not _is_whole(part, facts):
        _fetch_rest(site, endpoint, query, part, facts, what)
    if not _is_whole(part, facts):
        part.unlink()
        raise CorruptTransferError(what, why="it arrived with other bytes than were sent")
    part.replace(target)


def part_of(target: Path) -> Path:
    """Return where the bytes of a file are until it is whole."""
    return target.with_name(f"{target.name}.part")


def _facts(site: Site, endpoint: str, query: dict[str, str], what: str) -> tuple[KnownFile, str]:
    with site.api.request("HEAD", endpoint, what, query=query) as response:
        if response.status_code == 200:
            named = _NAME.search(response.headers.get("Content-Disposition", ""))
            if named is None:
                raise UnexpectedAnswerError(what, why="the answer does not name the file")
            size = int(response.headers.get("Content-Length", "0"))
            return KnownFile(_hash_of(response, what), size), named[1]
        status = response.status_code
    if status == 401:
        # A second request would count as a second failure.
        why, hint = "the key is missing or not accepted", f"check {site.credentials}"
        raise AccessDeniedError(what, why=why, hint=hint, status=status)
    # HEAD has no body that says why.
    site.call("GET", endpoint, what, query=query)
    raise UnexpectedAnswerError(what, why=f"the server answered {status}")


def _fetch_rest(
    site: Site,
    endpoint: str,
    query: dict[str, str],
    part: Path,
    facts: KnownFile,
    what: str,
) -> None:
    size = facts.size
    have = part.stat().st_size if part.exists() else 0
    have = have if have < size else 0
    headers = {"Accept-Encoding": "identity"}
    if have:
        headers |= {"Range": f"bytes={have}-", "If-Range": f'"{facts.sha256}"'}
    with site.api.request("GET", endpoint, what, query=query, headers=headers) as response:
        if response.status_code not in (200, 206):
            site.refuse(response, read_text_body(response, what), what)
        if _hash_of(response, what) != facts.sha256:
            raise CorruptTransferError(what, why="the file on the site has changed")
        is_rest = response.status_code == 206
        with part.open("ab" if is_rest else "wb") as stream:
            left = size - have if is_rest else size
            save_body(response, stream, expected_bytes=left, what=what, tick=no_tick)


def _hash_of(response: requests.Response, what: str) -> str:
    found = _SHA256.fullmatch(response.headers.get("ETag", ""))
    if found is None:
        raise UnexpectedAnswerError(what, why="the answer does not name the file's SHA-256")
    return found[1]


def _is_whole(path: Path, facts: KnownFile) -> bool:
    has_size = path.is_file() and path.stat().st_size == facts.size
    return has_size and sha256_of_file(path) == facts.sha256


@contextmanager
def alone(part: Path) -> Iterator[None]:
    """Keep other processes from downloading the same file at the same time."""
    with part.with_name(f".{part.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield

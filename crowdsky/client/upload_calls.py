"""The calls that upload subs, one function each. They try once; `net.retry` repeats them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import IO
from urllib.parse import quote

from crowdsky.base.json_fields import Fields
from crowdsky.client.errors import FrameNotTakenError, NothingSubmittedError, UploadEndedError
from crowdsky.client.site import Site, SiteRefusedError
from crowdsky.net.answers import PacedReader, Tick
from crowdsky.net.connection import HASH_HEADER

MOST_HASHES = 1000
"""Number of hashes that one question has at most."""

UPLOADED = "uploaded"
"""State of a file that is in the upload which the question names."""


@dataclass(frozen=True, slots=True)
class Known:
    """What the site has of some files, and what it takes.

    Attributes:
        states: by SHA-256 of those that it has: ``queued``, ``stacked``, ``failed``, ``left_out``
            or, in the upload that was named, ``uploaded``.
        is_open: whether the upload that was named takes files.
        remaining_bytes: room that the account has left; None without a limit.
        quota_bytes: room that it has in all; None without a limit.
        max_file_bytes: size of the largest file that is taken.
    """

    states: dict[str, str]
    is_open: bool
    remaining_bytes: int | None
    quota_bytes: int | None
    max_file_bytes: int
    chunk_minutes: int
    pointing_tolerance_deg: float


@dataclass(frozen=True, slots=True)
class Submitted:
    """What became of an upload: the jobs of its files, and labels of chunks that needed none."""

    job_ids: tuple[int, ...]
    skipped: tuple[str, ...]


def ask_known(site: Site, hashes: Sequence[str], token: str | None = None) -> Known:
    """Ask which files the account has on the site, by SHA-256; at most ``MOST_HASHES``.

    ``token`` names an upload whose files count too.
    """
    what = "could not ask which frames the site has"
    question = {"sha256": list(hashes), **({} if token is None else {"session_token": token})}
    body = json.dumps(question).encode()
    headers = {
        "Content-Type": "application/json",
        HASH_HEADER: hashlib.sha256(body).hexdigest(),
    }
    answer = site.call("POST", "known_frames.php", what, headers=headers, body=body)
    fields = Fields("answer about known frames", answer.json_object(what))
    rows = [Fields("known frame", row) for row in fields.objects("known")]
    return Known(
        states={row.text("sha256", pattern="[0-9a-f]{64}"): row.text("state") for row in rows},
        is_open=fields.flag("is_open"),
        remaining_bytes=fields.optional_integer("remaining_bytes"),
        quota_bytes=fields.optional_integer("quota_bytes"),
        max_file_bytes=fields.integer("max_file_bytes", minimum=1),
        chunk_minutes=fields.integer("chunk_minutes", minimum=1),
        pointing_tolerance_deg=fields.number("pointing_tolerance_deg"),
    )


def start_upload(site: Site) -> str:
    """Start an upload and return its token."""
    what = "could not start an upload"
    answer = site.call("POST", "raw_upload.php", what, query={"action": "start"}, body=b"")
    return Fields("upload", answer.json_object(what)).text("session_token", longest=64)


def send_file(
    site: Site, token: str, name: str, stream: IO[bytes], size: int, sha256: str, tick: Tick
) -> None:
    """Send one file in an upload; ``sha256`` keeps the site from taking changed bytes.

    Raises:
        FrameNotTakenError: the site does not take this file.
        UploadEndedError: the upload takes no more files.
        NoRoomError: there is no room for it.
    """
    what = f"could not send {name}"
    headers = {
        "Content-Type": "application/octet-stream",
        "X-Filename": quote(name),
        HASH_HEADER: sha256,
    }
    query = {"action": "file", "session_token": token}
    body = PacedReader(stream, size, what, tick)
    try:
        site.call("PUT", "raw_upload.php", what, query=query, headers=headers, body=body)
    except SiteRefusedError as error:
        if error.status == 404:
            raise UploadEndedError(what, why=error.why) from error
        raise FrameNotTakenError(what, why=error.why, status=error.status) from error


def submit_upload(site: Site, token: str) -> Submitted:
    """Submit the files of an upload for stacking; repeating it gives the same answer.

    Raises:
        NothingSubmittedError: it holds none.
        UploadEndedError: it has expired.
    """
    what = "could not submit the upload"
    form = f"session_token={token}&scrub_location=0".encode("ascii")
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    try:
        answer = site.call(
            "POST", "raw_upload.php", what, query={"action": "finalize"}, headers=headers, body=form
        )
    except SiteRefusedError as error:
        if error.status == 404:
            raise UploadEndedError(what, why=error.why) from error
        if error.code == "empty_session":
            raise NothingSubmittedError(what, why=error.why) from error
        raise
    fields = Fields("submitted upload", answer.json_object(what))
    return Submitted(fields.integers("job_ids"), fields.texts("skipped"))

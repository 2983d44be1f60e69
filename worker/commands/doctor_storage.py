"""The doctor's check of the share: everything that jobs do there, with a small file."""

from __future__ import annotations

import tempfile
import uuid
from collections.abc import Callable
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path

from crowdsky.base.errors import (
    AccessDeniedError,
    CrowdSkyError,
    DestinationRefusedError,
    FileDropError,
)
from crowdsky.storage import webdav
from crowdsky.storage.webdav import Share
from worker.config import Settings


@dataclass(frozen=True, slots=True)
class Limited:
    """The result of a check when something works with limits."""

    detail: str


def check_storage(settings: Settings) -> str | Limited:
    """Write, read back, move and delete a small file; jobs need the first two only."""
    if not settings.uses_webdav:
        return "no storage settings: the site stores the results"
    share = Share.connect(settings.webdav_url, settings.share_token)
    name = f"{settings.base_path}/doctor-{uuid.uuid4().hex[:12]}"
    first, second = f"{name}.txt", f"{name}-moved.txt"
    try:
        webdav.stat(share, settings.base_path or "/")
    except FileDropError as error:
        return Limited(f"{error}; until then results go through the site")
    if settings.base_path:
        webdav.mkcol(share, settings.base_path)
    with tempfile.TemporaryDirectory() as folder:
        local = Path(folder) / "doctor.txt"
        local.write_text("written by a CrowdSky worker to see whether it can\n", "utf-8")
        with ExitStack() as left:
            left.callback(_tidy, share, [first, second])
            try:
                stored = webdav.upload_file(share, local, first)
            except AccessDeniedError as error:
                # The token is right: the share has just shown itself.
                raise AccessDeniedError(
                    error.what,
                    why=f"the share can be read but takes no files ({error.status})",
                    hint="let those who have the link upload and edit",
                    status=error.status,
                ) from error
            webdav.verify_stored(share, stored)
            immovable = _lacking(lambda: webdav.move_file(share, first, second))
            left.pop_all()
    stays = first if immovable else second
    undeletable = _lacking(lambda: webdav.delete_files(share, [stays]))
    where = f"below {settings.base_path or '/'}"
    limits = []
    if immovable:
        limits.append("files may not be moved, so results keep the longer names of their runs")
    if isinstance(immovable, DestinationRefusedError):
        limits.append(f"{immovable.why}: {immovable.hint}")
    if undeletable:
        limits.append(
            "files may not be deleted, so parts of interrupted uploads stay there, as does "
            f"{stays} of this check"
        )
    if not limits:
        return f"writes, reads, moves and deletes {where}"
    return Limited(f"writes and reads {where}, and jobs work; {'; '.join(limits)}")


def _lacking(action: Callable[[], None]) -> CrowdSkyError | None:
    """Return the refusal if the share does not allow it; other errors are raised."""
    try:
        action()
    except CrowdSkyError as error:
        if webdav.lacks_right(error):
            return error
        raise
    return None


def _tidy(share: Share, paths: list[str]) -> None:
    """Leave nothing behind; the error that came before this is the one to report."""
    with suppress(CrowdSkyError):
        webdav.delete_files(share, paths)

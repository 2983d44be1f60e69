"""Room on the disk: asked for before something is written, and watched while it is."""

from __future__ import annotations

import shutil
from pathlib import Path

from crowdsky.base.errors import DiskFullError

LEAST_FREE_BYTES = 64 * 2**20
"""Bytes that no transfer and no job takes from a disk, whatever somebody announced."""


def require_room(folder: Path, needed_bytes: int, what: str) -> None:
    """Raise DiskFullError unless ``needed_bytes`` are free on the disk of a folder.

    Args:
        what: what could not be done without, for the error.
    """
    free = shutil.disk_usage(folder).free
    if free < needed_bytes:
        raise DiskFullError(
            what,
            where=str(folder),
            why=f"{needed_bytes // 2**20} MB are needed and {free // 2**20} MB are free",
            hint="make room or point WORK_DIR elsewhere",
        )


def watch_room(folder: Path, what: str) -> None:
    """Raise DiskFullError when the disk is all but full, as while another program fills it."""
    require_room(folder, LEAST_FREE_BYTES, what)

"""Scratch space: one folder per process start, in it one folder per job, always removed.

A process holds a lock on ``run-<id>.lock`` beside its folder for as long as it lives. The kernel
drops the lock however the process ends. So a folder whose lock is free at the next start was left
by a process that is gone, and is removed. Process ids would be reused; locks are not.
"""

from __future__ import annotations

import errno
import fcntl
import logging
import os
import shutil
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from crowdsky.base.disk_room import require_room
from crowdsky.base.errors import (
    BadDataError,
    ComputeError,
    ConfigurationError,
    DiskFullError,
    ScratchUnusableError,
)
from worker.disk.journal import Journal
from worker.site.records import Job, RawFile

log = logging.getLogger(__name__)

SPACE_FACTOR = 3
"""Space that a job needs, in multiples of its raws: raws, temporary files and the result."""

SPARE_BYTES = 256 * 2**20
"""Bytes kept free on top, so that a job never fills the disk."""

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_BROKEN = (errno.EIO, errno.EROFS, errno.ESTALE)


class Workspace:
    """The scratch folder of this process, and the journal beside it, which outlives it."""

    def __init__(self, work_dir: Path, site: str, key: str = "") -> None:
        """Make the folder, lock it, and remove what dead processes left.

        Args:
            work_dir: the folder in which all of this is.
            site: address of the job API that the journal's completions are for.
            key: the worker key with which they are reported.

        Raises:
            ConfigurationError: the folder cannot be made or written.
        """
        try:
            work_dir.mkdir(parents=True, exist_ok=True)
            sweep(work_dir)
            self._lock_path, self._lock = _new_lock(work_dir.resolve())
            self._folder = self._lock_path.with_suffix("")
            self._folder.mkdir()
            self.journal = Journal(work_dir.resolve(), site, key=key)
        except OSError as error:
            raise ConfigurationError(
                "could not use the scratch folder",
                where=str(work_dir),
                why=error.strerror or str(error),
                hint="set WORK_DIR to a folder this worker may write",
            ) from error

    @contextmanager
    def job_folder(self, job: Job) -> Iterator[Path]:
        """Make an empty folder for one job, and remove it at the end whatever happened.

        Raises:
            DiskFullError: there is not enough space for the job.
            ScratchUnusableError: the folder cannot be used, now or later in the job.
        """
        with disk_errors(self._folder):
            self._check_room(job)
            folder = Path(tempfile.mkdtemp(prefix=f"job-{job.job_id}-", dir=self._folder))
        try:
            with disk_errors(folder):
                yield folder
        finally:
            _remove(folder)

    def _check_room(self, job: Job) -> None:
        """Raise DiskFullError unless the job fits, as far as its claim tells."""
        # A person or program that tidies WORK_DIR may remove the folder of a long idle worker.
        self._folder.mkdir(exist_ok=True)
        require_job_room(self._folder, job, job.total_bytes)

    def close(self) -> None:
        """Remove the folder and give up the lock."""
        _remove(self._folder)
        with suppress(OSError):  # a broken disk; the next start sweeps what stays
            self._lock_path.unlink(missing_ok=True)
        os.close(self._lock)


def require_job_room(folder: Path, job: Job, input_bytes: int) -> None:
    """Raise DiskFullError unless a job whose files have this size fits on the disk of a folder.

    The claim announces a size, but what counts is that of the files to be downloaded.
    """
    needed = SPACE_FACTOR * input_bytes + SPARE_BYTES
    require_room(folder, needed, f"could not start job {job.job_id}")


def raw_path(folder: Path, raw: RawFile) -> Path:
    """Where a raw file goes: under its own name, in a folder of its own.

    Two files of one job may have the same name, and the stack's FRAMES table keeps the name.
    """
    path = folder / "raws" / str(raw.file_id) / raw.filename
    # Names were checked when the list was read; this must hold even if that check is loosened.
    if not path.resolve().is_relative_to(folder.resolve()):
        raise ValueError(f"{raw.filename!r} leads out of the job's folder")
    return path


@contextmanager
def disk_errors(where: Path) -> Iterator[None]:
    """Convert errors caused by the scratch folder; let all others through.

    Raises:
        DiskFullError: "no space left" and the like.
        ScratchUnusableError: the folder is gone, read-only or broken.
    """
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            raise DiskFullError(
                "could not write to the scratch folder",
                where=str(where),
                why=error.strerror or "the disk is full",
                hint="make room or point WORK_DIR elsewhere",
            ) from error
        if fault := _fault_of_disk(error, where) or write_fault(where):
            raise _unusable(where, fault) from error
        raise
    except (ComputeError, BadDataError) as error:
        # A child sees missing subs as bad ones, and a missing disk makes it crash.
        if fault := write_fault(where):
            raise _unusable(where, fault) from error
        raise


def write_fault(folder: Path) -> str:
    """The system's reason why nothing can be written to a folder; empty if it can."""
    try:
        with tempfile.TemporaryFile(dir=folder):
            return ""
    except OSError as error:
        return error.strerror or str(error)


def _fault_of_disk(error: OSError, where: Path) -> str:
    """The error of a broken disk, even if it accepts other writes; empty for another disk."""
    # Reads and writes of open files name no file, and a job has hardly any open elsewhere.
    named = error.filename
    is_here = not isinstance(named, str) or Path(named).is_relative_to(where)
    return error.strerror or str(error) if error.errno in _BROKEN and is_here else ""


def _unusable(where: Path, fault: str) -> ScratchUnusableError:
    return ScratchUnusableError(
        "could not use the scratch folder",
        where=str(where),
        why=fault,
        hint="check the disk and the folder's permissions, or point WORK_DIR elsewhere",
    )


def sweep(work_dir: Path) -> None:
    """Remove the folders of processes that are gone."""
    for lock_path in work_dir.glob("run-*.lock"):
        try:
            lock = os.open(lock_path, os.O_RDWR)
        except FileNotFoundError:
            continue  # another process removed it
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            continue  # its process lives
        else:
            folder = lock_path.with_suffix("")
            if folder.exists():
                log.info("removing the scratch folder of a process that is gone: %s", folder.name)
            _remove(folder)
            lock_path.unlink(missing_ok=True)
        finally:
            os.close(lock)


def _new_lock(work_dir: Path) -> tuple[Path, int]:
    """Make and lock a new lock file; try another name if it was swept before it was locked."""
    while True:
        path = work_dir / f"run-{uuid.uuid4().hex[:12]}.lock"
        lock = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if path.exists():
                return path, lock
        except BlockingIOError:
            pass
        os.close(lock)


def _remove(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)

"""The compiled kernels of rendering, stacking and solving, made once for a whole test session.

Compiling takes half a minute, on a busy machine minutes. Left to whoever needs a kernel first, it
would be done by several at once, and within the time limits that tests give to real work.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import subprocess
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

from crowdsky.base.kernel_cache import VARIABLE
from crowdsky.sandbox.report import Report
from demo.services import REPOSITORY
from tests.support.children import NO_SOLVERS
from tests.support.star_fields import INDEX_DIR
from worker.job.rehearsal import rehearse

CACHE = VARIABLE
"""The variable by which numba, in every process, knows where the kernels are kept."""


def compile_in_background() -> subprocess.Popen[bytes]:
    """Begin before anybody waits for it: the first tests need no kernels."""
    return subprocess.Popen(
        [sys.executable, "-m", "tests.support.kernels"],
        cwd=REPOSITORY,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def ensure_kernels() -> None:
    """Return when the kernels are compiled; only one process of all that ask does it."""
    folder = Path(os.environ[CACHE])
    folder.mkdir(parents=True, exist_ok=True)
    done = folder / f"compiled-{_version_of_sources()}"
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not done.exists():
            _rehearse()
            done.touch()


def _rehearse() -> None:
    """Do what a worker does at its start: a tiny job that goes through everything."""
    solvers = ("triangles",) if any(INDEX_DIR.glob("index-*.fits")) else ()
    with (
        tempfile.TemporaryDirectory() as name,
        contextlib.chdir(name),
        Path(os.devnull).open("wb") as nobody,
    ):
        recipe = replace(NO_SOLVERS, solvers=solvers, index_dir=INDEX_DIR, cache_dir=Path(name))
        rehearse(recipe, Report(nobody))


def _version_of_sources() -> str:
    """Not only kernels decide what is compiled: whoever calls them may do so with other types."""
    digest = hashlib.sha256()
    sources = (*(REPOSITORY / "crowdsky").rglob("*.py"), *(REPOSITORY / "worker/job").glob("*.py"))
    for path in sorted(sources):
        status = path.stat()
        digest.update(f"{path} {status.st_mtime_ns} {status.st_size}\n".encode())
    return digest.hexdigest()[:16]


if __name__ == "__main__":
    ensure_kernels()

"""The child process of one task as its parent holds it, and the plain way to start one."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from pathlib import Path
from typing import IO, Protocol, cast

from crowdsky.base.python_path import python_path

PROGRAM: tuple[str, ...] = ("-P", "-m", "crowdsky.sandbox.child_main")
"""Arguments for Python. ``-P``: a stranger's file in the child's folder must not be imported."""

SECRET_NAME = re.compile(r".*(KEY|TOKEN|SECRET|PASSWORD)", re.IGNORECASE)
"""Environment variables that children do without: WORKER_API_KEY, UCLOUD_SHARE_TOKEN, those of a
database or an object store."""

MALLOC = (
    "glibc.malloc.arena_max=1",
    "glibc.malloc.hugetlb=1",
    "glibc.malloc.mmap_threshold=33554432",
    "glibc.malloc.trim_threshold=268435456",
)
"""Settings of glibc's allocator. A task takes a few hundred MB once, in large pieces, and gives
them back all together. The defaults take them 4 KB at a time, anew for every array and thread:
40,000 page faults in a small stack, and a quarter of its time in a virtual machine. With these it
is a sixth of them."""

THREAD_VARIABLES = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS")


class Child(Protocol):
    """A child process that runs a task; ``stdin`` stays open as long as the parent lives."""

    @property
    def stdin(self) -> IO[bytes]:
        """Takes the order."""

    @property
    def stdout(self) -> IO[bytes]:
        """Gives its messages."""

    def wait(self, seconds: float) -> int | None:
        """The exit code, minus the signal's number if one ended it; None if nobody saw it end.

        Raises TimeoutError when it goes on for longer.
        """

    def close(self) -> None:
        """End it and all that it started."""


class ColdChild:
    """A child that starts as a new program and imports and loads all that it needs."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._process = process
        self.stdin = cast(IO[bytes], process.stdin)
        self.stdout = cast(IO[bytes], process.stdout)

    @classmethod
    def start(
        cls,
        reference: str,
        folder: Path,
        stderr: IO[bytes],
        environment: dict[str, str],
    ) -> ColdChild:
        """Start a child in ``folder`` for the registered function with this reference."""
        return cls(
            subprocess.Popen(
                [sys.executable, *PROGRAM, reference],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=stderr,
                cwd=folder,
                env=environment | {"TMPDIR": str(folder)},
                start_new_session=True,
            )
        )

    def wait(self, seconds: float) -> int:
        """See Child."""
        try:
            return self._process.wait(seconds)
        except subprocess.TimeoutExpired as error:
            raise TimeoutError from error

    def close(self) -> None:
        """See Child."""
        if self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGKILL)
        close_pipes(self)
        self._process.wait()


def child_environment(threads: int) -> dict[str, str]:
    """The environment of children: our own without the secrets.

    ``threads`` is the number that each of the libraries may start.
    """
    given = os.environ.items()
    environment = {name: value for name, value in given if not SECRET_NAME.fullmatch(name)}
    environment.update({name: str(threads) for name in THREAD_VARIABLES})
    environment.update(python_path())
    environment.setdefault("GLIBC_TUNABLES", ":".join(MALLOC))
    return environment


def close_pipes(child: Child) -> None:
    """Close our ends of its pipes; what a dead child did not read is lost."""
    for pipe in (child.stdout, child.stdin):
        try:
            pipe.close()
        except BrokenPipeError:
            continue

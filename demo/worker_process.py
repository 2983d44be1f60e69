"""The demo's worker: a real ``python -m worker --once``, again and again until no job is left."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from crowdsky.base.python_path import python_path
from demo.loopback_server import ServiceError, log_tail

JOB_DONE, NO_JOB, JOB_FAILED = 0, 1, 2


def work_until_idle(
    folder: Path, settings: Mapping[str, str], on_line: Callable[[str], None]
) -> None:
    """Run the worker once per job until it finds none.

    Args:
        folder: where it runs; no ``.env`` file there can change its settings.
        settings: its environment variables, see docs/configuration.md.
        on_line: called with each line that it logs; all of them go to ``worker.log`` too.

    Raises:
        ServiceError: it ended with a code other than those for done, failed and no job.
    """
    log_path = folder / "worker.log"
    while (code := _run_once(folder, settings, log_path, on_line)) != NO_JOB:
        if code not in (JOB_DONE, JOB_FAILED):
            raise ServiceError(
                f"the worker ended with code {code}", where=str(log_path), why=log_tail(log_path)
            )


def _run_once(
    folder: Path, settings: Mapping[str, str], log_path: Path, on_line: Callable[[str], None]
) -> int:
    with (
        log_path.open("a") as log,
        subprocess.Popen(
            [sys.executable, "-m", "worker", "--once"],
            cwd=folder,
            env={
                **os.environ,
                **python_path(),
                **settings,
            },
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        ) as process,
    ):
        assert process.stdout is not None  # noqa: S101 - a pipe was asked for
        try:
            for line in process.stdout:
                log.write(line)
                on_line(line.rstrip())
        except BaseException:
            # Stopped ourselves: the worker hands its job back and leaves.
            process.terminate()
            raise
    return process.returncode

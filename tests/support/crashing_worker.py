"""The real worker, in whose children a function fails as measuring did from 2026-11-22 on.

Run as ``python -m tests.support.crashing_worker`` with the arguments of the worker. The function
raises the error of astropy's for an Earth-rotation table that is too old. The rehearsal of the warm
start goes well.
"""

from __future__ import annotations

import os
import sys
from importlib import import_module
from typing import Any

from astropy.utils.iers import iers

from crowdsky.sandbox import fork_server, warm_start
from crowdsky.sandbox import run as sandbox
from crowdsky.sandbox import task as compute
from crowdsky.sandbox.task import ComputeTask, Sender
from worker.main import main

CRASH = "CROWDSKY_TEST_CRASH"
"""The setting that makes a test start this worker: the function that fails, as module:name."""
WHOLE = "crowdsky.measuring.measure_stack:measure_file"
"""All of measuring."""

CHILD = "--child"
WARM = "--warm"

real_work = compute.run_task


def refuse(*_: Any, **__: Any) -> None:
    """What astropy did."""
    raise ValueError(iers.INTERPOLATE_ERROR.format(30.0))


def work_with_crash(task: ComputeTask, send: Sender) -> None:
    """Do the task with the function that fails."""
    module, name = os.environ[CRASH].split(":")
    if task.job_label != "rehearsal":
        setattr(import_module(module), name, refuse)
    real_work(task, send)


if __name__ == "__main__":
    if CHILD in sys.argv:
        compute.run_task = work_with_crash
        sys.exit((fork_server if WARM in sys.argv else compute).main())
    sandbox.CHILD = ("-m", "tests.support.crashing_worker", CHILD)
    warm_start.SERVER = (*sandbox.CHILD, WARM)
    sys.exit(main())

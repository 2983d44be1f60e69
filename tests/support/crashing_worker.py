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

from crowdsky.sandbox.report import Report
from crowdsky.sandbox.task import child_task
from worker.job import compute
from worker.job.compute import ComputeResult, ComputeTask, compute_job
from worker.main import main

CRASH = "CROWDSKY_TEST_CRASH"
"""The setting that makes a test start this worker: the function that fails, as module:name."""
WHOLE = "crowdsky.measuring.measure_stack:measure_file"
"""All of measuring."""


def refuse(*_: Any, **__: Any) -> None:
    """What astropy did."""
    raise ValueError(iers.INTERPOLATE_ERROR.format(30.0))


@child_task("stacking", takes=ComputeTask, gives=ComputeResult)
def compute_with_crash(task: ComputeTask, report: Report) -> ComputeResult:
    """Do the task with the function that fails."""
    module, name = os.environ[CRASH].split(":")
    setattr(import_module(module), name, refuse)
    return compute_job(task, report)


if __name__ == "__main__":
    # Children find the task under this module's own name, which is another one here.
    from tests.support import crashing_worker

    compute.compute_job = crashing_worker.compute_with_crash
    sys.exit(main())

"""The real worker, whose measuring fails in its children as it did from 2026-11-22 on.

Run as ``python -m tests.support.crashing_worker`` with the arguments of the worker. A child stacks
and then ends with the error that astropy raises when its Earth-rotation table is too old. The
rehearsal of the warm start goes well.
"""

from __future__ import annotations

import sys
from typing import Any

from astropy.utils.iers import iers

from worker import compute, fork_server, sandbox, warm_start
from worker.compute import ComputeTask, Sender
from worker.main import main

CRASH = "CROWDSKY_TEST_CRASH"
"""The setting that makes a test start this worker; its value says nothing."""

CHILD = "--child"
WARM = "--warm"

real_work = compute.run_task


def refuse(*_: Any, **__: Any) -> None:
    """What astropy did."""
    raise ValueError(iers.INTERPOLATE_ERROR.format(30.0))


def work_until_measuring(task: ComputeTask, send: Sender) -> None:
    """Do the task, and fail where it is measured."""
    from worker import measuring

    if task.job_label != "rehearsal":
        measuring.measure_file = refuse  # type: ignore[assignment]
    real_work(task, send)


if __name__ == "__main__":
    if CHILD in sys.argv:
        compute.run_task = work_until_measuring
        sys.exit((fork_server if WARM in sys.argv else compute).main())
    sandbox.CHILD = ("-m", "tests.support.crashing_worker", CHILD)
    warm_start.SERVER = (*sandbox.CHILD, WARM)
    sys.exit(main())

"""The real worker, whose children begin their work when a test lets them.

Run as ``python -m tests.support.held_worker`` with the arguments of the worker. While the file is
there that ``CROWDSKY_TEST_HOLD`` names, children wait before their work; the rehearsal of the warm
start does not. Whatever a test does meanwhile, it does in the middle of a job.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

from crowdsky.sandbox.report import Report
from crowdsky.sandbox.task import child_task
from worker.job import compute
from worker.job.compute import ComputeResult, ComputeTask, compute_job
from worker.main import main

HOLD = "CROWDSKY_TEST_HOLD"


@child_task("stacking", takes=ComputeTask, gives=ComputeResult)
def compute_when_let(task: ComputeTask, report: Report) -> ComputeResult:
    """Wait until the file is gone."""
    while Path(os.environ[HOLD]).exists():
        time.sleep(0.02)
    return compute_job(task, report)


if __name__ == "__main__":
    # Children find the task under this module's own name, which is another one here.
    from tests.support import held_worker

    compute.compute_job = held_worker.compute_when_let
    sys.exit(main())

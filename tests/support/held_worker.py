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

from crowdsky.sandbox import fork_server, warm_start
from crowdsky.sandbox import run as sandbox
from crowdsky.sandbox import task as compute
from crowdsky.sandbox.task import ComputeTask, Sender
from worker.main import main

HOLD = "CROWDSKY_TEST_HOLD"
CHILD = "--child"
WARM = "--warm"

real_work = compute.run_task


def work_when_told(task: ComputeTask, send: Sender) -> None:
    """Wait until the file is gone."""
    while task.job_label != "rehearsal" and Path(os.environ[HOLD]).exists():
        time.sleep(0.02)
    real_work(task, send)


if __name__ == "__main__":
    if CHILD in sys.argv:
        compute.run_task = work_when_told
        sys.exit((fork_server if WARM in sys.argv else compute).main())
    sandbox.CHILD = ("-m", "tests.support.held_worker", CHILD)
    warm_start.SERVER = (*sandbox.CHILD, WARM)
    sys.exit(main())

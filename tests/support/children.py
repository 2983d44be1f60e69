"""Tasks for child processes that tests start, and whether a process still runs."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

from crowdsky.measuring.recipe import Recipe
from crowdsky.sandbox.report import Report
from crowdsky.sandbox.task import Task, child_task
from worker.job.compute import ComputeResult, ComputeTask

PATIENCE_SECONDS = 200.0
NOWHERE = Path("/nonexistent")
NO_SOLVERS = Recipe(
    solvers=(),
    index_dir=NOWHERE,
    solve_timeout=10.0,
    catalogue_file=None,
    cache_dir=NOWHERE,
    nova_url="http://127.0.0.1:1",
    nova_key="s3cret-nova-key",
)

BODY = "CROWDSKY_TEST_BODY"
"""Environment variable with the statements of ``misbehave``."""

IMPORTS = """
import ctypes, errno, os, resource, subprocess, sys, time
from pathlib import Path
import numpy as np
from crowdsky.base.errors import BadDataError
"""


@child_task("stacking", takes=ComputeTask, gives=ComputeResult)
def misbehave(task: ComputeTask, report: Report) -> ComputeResult:
    """Run the statements instead of stacking and measuring; they may set ``result``."""
    names: dict[str, Any] = {"task": task, "report": report}
    exec(IMPORTS + os.environ[BODY], names)  # noqa: S102
    result: ComputeResult = names["result"]
    return result


@child_task("rehearsing", takes=Recipe, gives=Recipe)
def rehearse_nothing(recipe: Recipe, report: Report) -> Recipe:
    """Load nothing."""
    return recipe


NO_REHEARSAL = Task(rehearse_nothing, NO_SOLVERS)


def is_running(pid: int) -> bool:
    """Whether a process is there and has not ended."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text("ascii").rsplit(")", 1)[1].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def wait_for_end(pid: int) -> None:
    """Wait until a process has ended; some minutes are an AssertionError."""
    end = time.monotonic() + PATIENCE_SECONDS
    while is_running(pid):
        assert time.monotonic() < end, f"process {pid} is still running"
        time.sleep(0.02)

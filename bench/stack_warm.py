"""Plays the worker: has subs stacked by its warm start, told so on standard input line by line.

``{"frames": [...], "output": "..."}`` is answered by ``{"wall": s, "cpu": s}``: the time from
handing over the task until the stack is there, and the processor time of the child and of the
process that forked it. Both are what a job of the daemon takes, with all processors for itself.
Thumbnail and measuring, which follow in a real job, are left out, as the other tools have none.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path

from crowdsky.measuring.recipe import Recipe
from crowdsky.sandbox import child
from crowdsky.sandbox.limits import Limits
from crowdsky.sandbox.run_task import Progress
from crowdsky.sandbox.warm_start import WarmStart
from worker.config import Machine
from worker.job.compute import ComputeTask, compute
from worker.job.rehearsal import rehearsal

AFTER_STACKING = "thumbnail"
"""The step that a child announces when the stack is written."""

SECONDS = 3600.0
NO_COLD_START = ("-c", "raise SystemExit('the warm start did not work')")
NO_SOLVERS = Recipe(
    solvers=(),
    index_dir=Path("/nonexistent"),
    solve_timeout=1.0,
    catalogue_file=None,
    cache_dir=Path("/nonexistent"),
    nova_url="",
    nova_key="",
)


class StackedError(Exception):
    """The stack is there, and the child can go."""


class Clock:
    """Wall time since the task was handed over, up to the end of stacking."""

    def __init__(self) -> None:
        self._began = time.perf_counter()
        self.wall = float("nan")

    def look(self, progress: Progress) -> None:
        """End the child as soon as the stack is written."""
        if progress.step == AFTER_STACKING:
            self.wall = time.perf_counter() - self._began
            raise StackedError


def answer(line: str, warm: WarmStart, folder: Path) -> dict[str, float]:
    """Have the frames of one task stacked and say what it took."""
    order = json.loads(line)
    frames = tuple(Path(path) for path in order["frames"])
    machine = Machine.here()
    cpu, clock = server_cpu(), Clock()
    try:
        compute(
            ComputeTask(frames, folder, "native", "", NO_SOLVERS),
            limits=Limits(machine.memory_mb, SECONDS, machine.cores),
            on_progress=clock.look,
            check=lambda: None,
            warm=warm,
        )
    except StackedError:
        shutil.move(folder / "stack.fits", order["output"])
    return {"wall": clock.wall, "cpu": server_cpu() - cpu}


def server_cpu() -> float:
    """Processor seconds of the fork server, our only child, and of its children that have ended."""
    server = Path(f"/proc/self/task/{os.getpid()}/children").read_text("ascii").strip()
    fields = Path(f"/proc/{server}/stat").read_text("ascii").rsplit(")", 1)[1].split()
    return sum(int(ticks) for ticks in fields[11:15]) / os.sysconf("SC_CLK_TCK")


def main() -> None:
    """Answer every line."""
    child.PROGRAM = NO_COLD_START
    with (
        tempfile.TemporaryDirectory(prefix="crowdsky-bench-") as scratch,
        closing(WarmStart(rehearsal(NO_SOLVERS), Machine.here().cores)) as warm,
    ):
        for line in sys.stdin:
            print(json.dumps(answer(line, warm, Path(scratch))), flush=True)


if __name__ == "__main__":
    main()

"""Runs a task of a job without a stack in a child process."""

from __future__ import annotations

from pathlib import Path
from typing import TypeVar

from crowdsky.base.disk_room import watch_room
from crowdsky.sandbox.report import Record
from crowdsky.sandbox.run_task import Progress, run_task
from crowdsky.sandbox.task import Task
from worker.job.lease import Lease
from worker.job.progress import compute_slot, in_stage
from worker.job.stages import Stage
from worker.job.workbench import Workbench

Arguments = TypeVar("Arguments", bound=Record)
Result = TypeVar("Result", bound=Record)


def run_in_child(
    task: Task[Arguments, Result],
    about: str,
    folder: Path,
    bench: Workbench,
    lease: Lease,
    stage: Stage = Stage.STACK,
) -> Result:
    """Run a task as soon as a compute slot is free; ``about`` says to people what it does.

    Raises what ``run_task`` raises, and DiskFullError when the scratch folder becomes full.
    """

    def on_progress(progress: Progress) -> None:
        lease.report(progress.part, about)

    def check() -> None:
        lease.check()
        watch_room(folder, f"stopped: {about}")

    with compute_slot(bench, lease), in_stage(lease, stage, about):
        return run_task(
            task,
            folder=folder,
            limits=bench.limits,
            on_progress=on_progress,
            check=check,
            warm=bench.warm,
        ).get()

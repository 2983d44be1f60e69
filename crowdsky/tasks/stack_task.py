"""Stacking as a task: subs in, a stack's file and its description out."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from crowdsky.base.json_fields import Fields, JsonObject
from crowdsky.frames.header_clock import ToldClock, clocks_from_json, clocks_to_json
from crowdsky.sandbox.report import Report
from crowdsky.sandbox.task import child_task
from crowdsky.stacking.records import StackResult


@dataclass(frozen=True, slots=True)
class StackTask:
    """Which subs to stack.

    Attributes:
        output: where the stack appears, whole or not at all.
        engine: name of the stacking engine.
        job_label: job and chunk for the stack's header, empty outside the queue.
        clocks: of the frames, where something is known of them; else None.
        weights: what the frames are weighed for; empty for the engine's own.
    """

    frames: tuple[Path, ...]
    output: Path
    engine: str
    job_label: str = ""
    clocks: tuple[ToldClock | None, ...] = ()
    weights: str = ""

    def to_json(self) -> JsonObject:
        """This task as JSON values."""
        return {
            "frames": [str(frame) for frame in self.frames],
            "output": str(self.output),
            "engine": self.engine,
            "job_label": self.job_label,
            "clocks": clocks_to_json(self.clocks),
            "weights": self.weights,
        }

    @classmethod
    def from_json(cls, data: object) -> StackTask:
        """Read what ``to_json`` wrote; raises UnexpectedAnswerError naming the field."""
        fields = Fields("stacking task", data)
        return cls(
            frames=tuple(Path(frame) for frame in fields.texts("frames")),
            output=Path(fields.text("output")),
            engine=fields.text("engine"),
            job_label=fields.text("job_label", empty=True),
            clocks=clocks_from_json(fields.array("clocks")),
            weights=fields.text("weights", empty=True),
        )


@child_task("stacking", takes=StackTask, gives=StackResult)
def stack_subs(task: StackTask, report: Report) -> StackResult:
    """Stack subs; raises what ``stack_files`` raises."""
    from crowdsky.stacking.stack_files import stack_files

    return stack_files(
        task.frames,
        task.output,
        engine=task.engine,
        weights=task.weights or None,
        job_label=task.job_label,
        clocks={path: told for path, told in zip(task.frames, task.clocks, strict=False) if told},
        progress=report.progress,
    )

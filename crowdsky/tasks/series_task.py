"""Making a series as a task: the subs of a chunk in, a file of short stacks out."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from crowdsky.base.json_fields import Fields, JsonObject
from crowdsky.frames.header_clock import ToldClock, clocks_from_json, clocks_to_json
from crowdsky.measuring.recipe import Recipe
from crowdsky.sandbox.report import Report
from crowdsky.sandbox.task import child_task


@dataclass(frozen=True, slots=True)
class SeriesTask:
    """Which subs to stack in parts.

    Attributes:
        output: where the series appears, whole or not at all; other files go beside it meanwhile.
        seconds: wall time of a part.
        recipe: which solvers and catalogues to use for the stack of all subs.
        job_label: job and chunk for the header.
        clocks: of the frames, where something is known of them; else None.
        weights: what the frames are weighed for; empty for the engine's own.
    """

    frames: tuple[Path, ...]
    output: Path
    seconds: int
    recipe: Recipe
    job_label: str = ""
    clocks: tuple[ToldClock | None, ...] = ()
    weights: str = ""

    def to_json(self) -> JsonObject:
        """This task as JSON values."""
        return {
            "frames": [str(frame) for frame in self.frames],
            "output": str(self.output),
            "seconds": self.seconds,
            "recipe": self.recipe.to_json(),
            "job_label": self.job_label,
            "clocks": clocks_to_json(self.clocks),
            "weights": self.weights,
        }

    @classmethod
    def from_json(cls, data: object) -> SeriesTask:
        """Read what ``to_json`` wrote; raises UnexpectedAnswerError naming the field."""
        fields = Fields("series task", data)
        return cls(
            frames=tuple(Path(frame) for frame in fields.texts("frames")),
            output=Path(fields.text("output")),
            seconds=fields.integer("seconds", minimum=1),
            recipe=Recipe.from_json(fields.optional_object("recipe")),
            job_label=fields.text("job_label", empty=True),
            clocks=clocks_from_json(fields.array("clocks")),
            weights=fields.text("weights", empty=True),
        )


@dataclass(frozen=True, slots=True)
class SeriesMade:
    """Numbers of the parts and of the stars of a series, and remarks for people."""

    n_parts: int
    n_stars: int
    notes: tuple[str, ...] = ()

    def to_json(self) -> JsonObject:
        """This result as JSON values."""
        return {"n_parts": self.n_parts, "n_stars": self.n_stars, "notes": list(self.notes)}

    @classmethod
    def from_json(cls, data: object) -> SeriesMade:
        """Read what ``to_json`` wrote; raises UnexpectedAnswerError naming the field."""
        fields = Fields("series that was made", data)
        return cls(
            n_parts=fields.integer("n_parts", minimum=1),
            n_stars=fields.integer("n_stars", minimum=0),
            notes=fields.texts("notes"),
        )


@child_task("series", takes=SeriesTask, gives=SeriesMade)
def make_parts(task: SeriesTask, report: Report) -> SeriesMade:
    """Make a series; raises what ``stack_series`` raises."""
    from crowdsky.measuring.series import stack_series
    from crowdsky.stacking.weighing import POINT_SOURCES

    made = stack_series(
        task.frames,
        task.output,
        task.seconds,
        recipe=task.recipe,
        job_label=task.job_label,
        weights=task.weights or POINT_SOURCES,
        clocks={path: told for path, told in zip(task.frames, task.clocks, strict=False) if told},
        progress=report.progress,
    )
    return SeriesMade(made.n_parts, made.n_stars, made.notes)

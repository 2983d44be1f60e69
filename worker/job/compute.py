"""What runs in the child process of a job: stack, thumbnail and measurement, or the latter again.

``compute`` is the way in; it starts ``compute_job`` in a child. The stack is handed over before it
is measured: whatever happens then, it is not lost.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from crowdsky.base.attempts import Attempts
from crowdsky.base.errors import CrowdSkyError
from crowdsky.base.json_fields import Fields, JsonObject
from crowdsky.frames.header_clock import ToldClock, clocks_from_json, clocks_to_json
from crowdsky.measuring.measured import Measured
from crowdsky.measuring.recipe import Recipe
from crowdsky.sandbox.limits import LimitNames, Limits
from crowdsky.sandbox.report import Report
from crowdsky.sandbox.run_task import Done, Progress, run_task
from crowdsky.sandbox.task import Task, child_task
from crowdsky.sandbox.warm_start import WarmStart
from crowdsky.stacking.records import StackResult, UploadedFigures
from crowdsky.tasks.measure_task import MeasureTask, measure_stack
from crowdsky.tasks.stack_task import StackTask, stack_subs

LIMIT_NAMES = LimitNames(memory="JOB_MEMORY_MB", seconds="JOB_TIMEOUT", at_once="MAX_WORKERS")


@dataclass(frozen=True, slots=True)
class ComputeTask:
    """What the child of one job has to do.

    Attributes:
        frames: the subs to stack, or the one file of an uploaded stack; None for a stack that is
            in the folder already and is only measured again.
        folder: where the results go.
        engine: name of the stacking engine.
        job_label: job and chunk for the stack's header.
        recipe: which solvers and catalogues to use.
        archive_id: the archive that the stack is for, for its header; empty if nobody has said.
        unit: of the owner, for a telescope whose subs name none; empty outside a site.
        clocks: of the frames, where the site knows something of them; else None.
        weights: what the frames are weighed for; empty for the engine's own.
        uploaded: the figures of an uploaded stack; None for subs.
    """

    frames: tuple[Path, ...] | None
    folder: Path
    engine: str
    job_label: str
    recipe: Recipe
    archive_id: str = ""
    unit: str = ""
    clocks: tuple[ToldClock | None, ...] = ()
    weights: str = ""
    uploaded: UploadedFigures | None = None

    @property
    def stack_path(self) -> Path:
        """Where the stack is, or will be."""
        return stack_path(self.folder)

    def to_json(self) -> JsonObject:
        """This task as JSON values."""
        return {
            "frames": None if self.frames is None else [str(frame) for frame in self.frames],
            "folder": str(self.folder),
            "engine": self.engine,
            "job_label": self.job_label,
            "recipe": self.recipe.to_json(),
            "archive_id": self.archive_id,
            "unit": self.unit,
            "clocks": clocks_to_json(self.clocks),
            "weights": self.weights,
            "uploaded": None if self.uploaded is None else self.uploaded.to_json(),
        }

    @classmethod
    def from_json(cls, data: object) -> ComputeTask:
        """Read what ``to_json`` wrote; raises UnexpectedAnswerError naming the field."""
        fields = Fields("task of a job", data)
        frames = fields.optional_texts("frames")
        uploaded = fields.optional_object("uploaded")
        return cls(
            frames=None if frames is None else tuple(Path(frame) for frame in frames),
            folder=Path(fields.text("folder")),
            engine=fields.text("engine", empty=True),
            job_label=fields.text("job_label", empty=True),
            recipe=Recipe.from_json(fields.optional_object("recipe")),
            archive_id=fields.text("archive_id", empty=True),
            unit=fields.text("unit", empty=True),
            clocks=clocks_from_json(fields.array("clocks")),
            weights=fields.text("weights", empty=True),
            uploaded=None if uploaded is None else UploadedFigures.from_json(uploaded),
        )


@dataclass(frozen=True, slots=True)
class ComputeResult:
    """What the child made.

    Attributes:
        thumbnail: None if none could be made (a note says why).
        notes: of the stack and the thumbnail.
        measured: None until it is measured, and if measuring crashed or took too much.
        trouble: why the stack was not measured; known in the parent only.
    """

    stack: StackResult
    thumbnail: Path | None
    notes: tuple[str, ...]
    measured: Measured | None = None
    trouble: CrowdSkyError | None = None

    def to_json(self) -> JsonObject:
        """This result as JSON values."""
        return {
            "stack": self.stack.to_json(),
            "thumbnail": None if self.thumbnail is None else str(self.thumbnail),
            "notes": list(self.notes),
            "measured": None if self.measured is None else self.measured.to_json(),
        }

    @classmethod
    def from_json(cls, data: object) -> ComputeResult:
        """Read what ``to_json`` wrote; raises UnexpectedAnswerError naming the field."""
        fields = Fields("result of a job", data)
        thumbnail = fields.optional_text("thumbnail")
        measured = fields.optional_object("measured")
        return cls(
            stack=StackResult.from_json(fields.optional_object("stack")),
            thumbnail=None if thumbnail is None else Path(thumbnail),
            notes=fields.texts("notes"),
            measured=None if measured is None else Measured.from_json(measured),
        )


def stack_path(folder: Path) -> Path:
    """Where a job's stack is in its folder."""
    return folder / "stack.fits"


def compute(
    task: ComputeTask,
    *,
    limits: Limits,
    on_progress: Callable[[Progress], None],
    check: Callable[[], None],
    warm: WarmStart | None = None,
) -> ComputeResult:
    """Do a job's task in a child process; see ``run_task`` for the other arguments.

    A child that ends while it measures has still given a stack: the result says what happened.

    Raises:
        BadDataError: the frames can never give a stack.
        ComputeError: the child crashed, took too long or too much.
        DiskFullError: the scratch folder is full.
    """
    ended = run_task(
        Task(compute_job, task),
        folder=task.folder,
        limits=limits,
        on_progress=on_progress,
        check=check,
        warm=warm,
    )
    if isinstance(ended, Done):
        return ended.result
    if ended.so_far is None:
        raise ended.error
    return replace(ended.so_far, trouble=ended.error)


@child_task("stacking", takes=ComputeTask, gives=ComputeResult)
def compute_job(task: ComputeTask, report: Report) -> ComputeResult:
    """Stack, make the thumbnail, and measure."""
    stack = _first(task, report)
    if task.archive_id:
        _name_archive(task)
    if task.unit:
        _name_telescope(task)
    thumbnail, notes = _thumbnail(task, report)
    result = ComputeResult(stack, thumbnail, (*stack.notes, *notes))
    report.so_far(result)
    report.begin("measuring")
    needs_solver = task.frames is None
    measuring = MeasureTask(task.stack_path, task.folder, task.recipe, needs_solver)
    return replace(result, measured=measure_stack(measuring, report))


def _first(task: ComputeTask, report: Report) -> StackResult:
    """Make the stack, or describe the one that is there."""
    if task.frames is None:
        return _summarise(task)
    if task.uploaded is None:
        return _stack(task, task.frames, report)
    return _convert(task, task.frames[0], task.uploaded)


def _stack(task: ComputeTask, frames: tuple[Path, ...], report: Report) -> StackResult:
    return stack_subs(
        StackTask(frames, task.stack_path, task.engine, task.job_label, task.clocks, task.weights),
        report,
    )


# The parts below take long to import; the limits have to hold by then.


def _summarise(task: ComputeTask) -> StackResult:
    from crowdsky.stacking.product.read_result import read_result

    return read_result(task.stack_path)


def _convert(task: ComputeTask, uploaded: Path, figures: UploadedFigures) -> StackResult:
    from crowdsky.stacking.product.uploaded import convert_stack

    told = task.clocks[0] if task.clocks else None
    now = datetime.now(UTC)
    label = task.job_label
    if told is None:
        return convert_stack(uploaded, task.stack_path, figures, now, job_label=label)
    return convert_stack(uploaded, task.stack_path, figures, now, job_label=label, told=told)


def _name_telescope(task: ComputeTask) -> None:
    from crowdsky.stacking.product.telescope_card import write_telescope_id

    write_telescope_id(task.stack_path, task.unit)


def _name_archive(task: ComputeTask) -> None:
    from crowdsky.stacking.product.archive_card import write_archive_id

    write_archive_id(task.stack_path, task.archive_id)


def _thumbnail(task: ComputeTask, report: Report) -> tuple[Path | None, tuple[str, ...]]:
    """Make the thumbnail; a failed one is a note, not a failure."""
    from crowdsky.pictures.thumbnail import generate_thumbnail

    report.progress("thumbnail", 0, 1)
    attempt, path = Attempts(), task.folder / "thumbnail.png"
    picture = attempt("thumbnail", lambda: generate_thumbnail(task.stack_path, path))
    return picture, tuple(attempt.notes)

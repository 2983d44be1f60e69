"""Measuring as a task: a stack in, its solution, photometry, pictures and star file out."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from crowdsky.base.attempts import Attempts
from crowdsky.base.errors import NoSolverError
from crowdsky.base.json_fields import Fields, JsonObject
from crowdsky.measuring.measured import Measured
from crowdsky.measuring.recipe import Recipe
from crowdsky.sandbox.report import Report
from crowdsky.sandbox.task import child_task


@dataclass(frozen=True, slots=True)
class MeasureTask:
    """Which stack to measure.

    Attributes:
        stack: its file, into which the measurement is written.
        folder: where pictures and star file go.
        recipe: which solvers and catalogues to use.
        needs_solver: whether the task is in vain where none of the solvers can be used.
    """

    stack: Path
    folder: Path
    recipe: Recipe
    needs_solver: bool = False

    def to_json(self) -> JsonObject:
        """This task as JSON values."""
        return {
            "stack": str(self.stack),
            "folder": str(self.folder),
            "recipe": self.recipe.to_json(),
            "needs_solver": self.needs_solver,
        }

    @classmethod
    def from_json(cls, data: object) -> MeasureTask:
        """Read what ``to_json`` wrote; raises UnexpectedAnswerError naming the field."""
        fields = Fields("measuring task", data)
        return cls(
            stack=Path(fields.text("stack")),
            folder=Path(fields.text("folder")),
            recipe=Recipe.from_json(fields.optional_object("recipe")),
            needs_solver=fields.boolean("needs_solver"),
        )


@child_task("measuring", takes=MeasureTask, gives=Measured)
def measure_stack(task: MeasureTask, report: Report) -> Measured:
    """Solve and measure a stack, draw its pictures and write the star file.

    Raises:
        BadDataError: the file is not a stack that can be measured.
        NoSolverError: the task needs a solver, and none can be used.
        OSError: the file cannot be written.
    """
    from crowdsky.measuring import measure_stack as measuring
    from crowdsky.measuring.instruments import open_instruments
    from crowdsky.pictures.stack_pictures import draw_pictures

    instruments = open_instruments(task.recipe)
    if task.needs_solver and not instruments.solvers:
        raise NoSolverError(
            "none of the chosen solvers can be used here", why="; ".join(instruments.remarks)
        )
    timeout, folder = task.recipe.solve_timeout, task.folder
    measurement = measuring.measure_file(task.stack, instruments, timeout, report.progress)
    measured = measuring.describe(measurement, instruments)
    report.progress("overlay", 0, 3)
    attempt = Attempts()
    stars = attempt(
        "star file",
        lambda: measuring.write_star_file(measurement, folder / measuring.STARS_NAME),
    )
    report.progress("overlay", 1, 3)
    pictures = attempt("pictures", lambda: draw_pictures(task.stack, folder))
    if pictures is None:
        return replace(measured, stars=stars, notes=(*measured.notes, *attempt.notes))
    report.progress("overlay", 2, 3)
    overlay = attempt(
        "overlay",
        lambda: measuring.draw_measurement(
            pictures.full, measurement, instruments, folder / measuring.OVERLAY_NAME
        ),
    )
    notes = (*measured.notes, *attempt.notes)
    return replace(measured, overlay=overlay, stars=stars, pictures=pictures.files, notes=notes)

"""Solving as a task: any picture in, the JSON object of ``astro-extract`` out."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path

from crowdsky.base.json_fields import Fields, JsonObject
from crowdsky.extract.options import SolveOptions
from crowdsky.measuring.recipe import Recipe
from crowdsky.sandbox.report import Report
from crowdsky.sandbox.task import child_task


@dataclass(frozen=True, slots=True)
class SolveTask:
    """Which picture to solve.

    Attributes:
        image: a FITS, JPEG, PNG or TIFF file.
        recipe: which solvers and catalogues to use.
        options: what the caller knows about the picture.
    """

    image: Path
    recipe: Recipe
    options: SolveOptions

    def to_json(self) -> JsonObject:
        """This task as JSON values."""
        return {
            "image": str(self.image),
            "recipe": self.recipe.to_json(),
            "options": asdict(self.options),
        }

    @classmethod
    def from_json(cls, data: object) -> SolveTask:
        """Read what ``to_json`` wrote; raises UnexpectedAnswerError naming the field."""
        fields = Fields("solving task", data)
        options = Fields("options", fields.optional_object("options"))
        return cls(
            image=Path(fields.text("image")),
            recipe=Recipe.from_json(fields.optional_object("recipe")),
            options=SolveOptions(
                width_low=options.optional_number("width_low"),
                width_high=options.optional_number("width_high"),
                bin_size=options.optional_integer("bin_size"),
                timeout=options.number("timeout"),
            ),
        )


@dataclass(frozen=True, slots=True)
class PictureAnswer:
    """The JSON object that ``astro-extract`` prints, and the exit code that goes with it."""

    answer: JsonObject
    exit_code: int

    def to_json(self) -> JsonObject:
        """This answer as JSON values."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: object) -> PictureAnswer:
        """Read what ``to_json`` wrote; raises UnexpectedAnswerError naming the field."""
        fields = Fields("answer about a picture", data)
        answer = fields.optional_object("answer")
        if answer is None:
            raise fields.problem("answer", "is missing")
        return cls(answer, fields.integer("exit_code", minimum=0))


@child_task("solving", takes=SolveTask, gives=PictureAnswer)
def solve_picture(task: SolveTask, report: Report) -> PictureAnswer:
    """Solve a picture; one that is missing, unreadable or cannot be solved is an answer, too."""
    from crowdsky.extract.solve_image import solve_by_recipe

    report.progress("solve", 0, 1)
    answer = solve_by_recipe(task.image, task.recipe, task.options)
    return PictureAnswer(answer.json, answer.exit_code)

"""Merging stacks into the tiles of a region as tasks: one for each stack, one for the tiles."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path

from crowdsky.base.errors import BadDataError
from crowdsky.base.json_fields import Fields, JsonObject
from crowdsky.sandbox.report import Report
from crowdsky.sandbox.task import child_task


@dataclass(frozen=True, slots=True)
class MergeTask:
    """Which stack to add to a region.

    Attributes:
        stack: its file.
        sums: folder with the sums of the region so far.
        region: number of the region.
    """

    stack: Path
    sums: Path
    region: int

    def to_json(self) -> JsonObject:
        """This task as JSON values."""
        return {"stack": str(self.stack), "sums": str(self.sums), "region": self.region}

    @classmethod
    def from_json(cls, data: object) -> MergeTask:
        """Read what ``to_json`` wrote; raises UnexpectedAnswerError naming the field."""
        fields = Fields("merging task", data)
        region = fields.integer("region", minimum=0)
        return cls(Path(fields.text("stack")), Path(fields.text("sums")), region)


@dataclass(frozen=True, slots=True)
class Merged:
    """Number of tiles in which the stack shows, and why it was left out if it was."""

    tiles: int
    left_out: str = ""

    def to_json(self) -> JsonObject:
        """This result as JSON values."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: object) -> Merged:
        """Read what ``to_json`` wrote; raises UnexpectedAnswerError naming the field."""
        fields = Fields("merged stack", data)
        return cls(fields.integer("tiles", minimum=0), fields.text("left_out", empty=True))


@dataclass(frozen=True, slots=True)
class DrawTask:
    """Which region to draw.

    Attributes:
        sums: folder with its sums.
        region: its number.
        output: where the tar file of its tiles appears.
    """

    sums: Path
    region: int
    output: Path

    def to_json(self) -> JsonObject:
        """This task as JSON values."""
        return {"sums": str(self.sums), "region": self.region, "output": str(self.output)}

    @classmethod
    def from_json(cls, data: object) -> DrawTask:
        """Read what ``to_json`` wrote; raises UnexpectedAnswerError naming the field."""
        fields = Fields("drawing task", data)
        region = fields.integer("region", minimum=0)
        return cls(Path(fields.text("sums")), region, Path(fields.text("output")))


@dataclass(frozen=True, slots=True)
class Drawn:
    """Number of tiles in the file, of all orders."""

    tiles: int

    def to_json(self) -> JsonObject:
        """This result as JSON values."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: object) -> Drawn:
        """Read what ``to_json`` wrote; raises UnexpectedAnswerError naming the field."""
        return cls(Fields("drawn tiles", data).integer("tiles", minimum=0))


@child_task("merging", takes=MergeTask, gives=Merged)
def merge_stack(task: MergeTask, report: Report) -> Merged:
    """Add a stack to its region; one that cannot be merged is left out.

    Raises:
        OSError: a file cannot be read or written.
    """
    from crowdsky.hips.calibrated import read_calibrated
    from crowdsky.hips.mosaic import Mosaic

    report.progress("merge", 0, 1)
    try:
        picture = read_calibrated(task.stack)
    except BadDataError as error:
        return Merged(0, str(error))
    return Merged(Mosaic(task.sums, task.region).add(picture))


@child_task("drawing", takes=DrawTask, gives=Drawn)
def draw_tiles(task: DrawTask, report: Report) -> Drawn:
    """Write the tar file of a region.

    Raises:
        OSError: a file cannot be read or written.
    """
    from crowdsky.hips.mosaic import Mosaic
    from crowdsky.hips.region import write_region

    total = len(list(task.sums.glob("*.npy")))
    mosaic = Mosaic(task.sums, task.region)
    return Drawn(write_region(mosaic, task.output, lambda n: report.progress("draw", n, total)))

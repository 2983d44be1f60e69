"""Writing a partition of the export of light curves as a task."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from crowdsky.base.json_fields import Fields, JsonObject
from crowdsky.sandbox.report import Report
from crowdsky.sandbox.task import child_task


@dataclass(frozen=True, slots=True)
class ExportTask:
    """The file of rows from the site, and where the tar file of the partition appears."""

    rows: Path
    output: Path

    def to_json(self) -> JsonObject:
        """This task as JSON values."""
        return {"rows": str(self.rows), "output": str(self.output)}

    @classmethod
    def from_json(cls, data: object) -> ExportTask:
        """Read what ``to_json`` wrote; raises UnexpectedAnswerError naming the field."""
        fields = Fields("exporting task", data)
        return cls(Path(fields.text("rows")), Path(fields.text("output")))


@dataclass(frozen=True, slots=True)
class Exported:
    """Number of rows of all tables of the partition."""

    rows: int

    def to_json(self) -> JsonObject:
        """This result as JSON values."""
        return {"rows": self.rows}

    @classmethod
    def from_json(cls, data: object) -> Exported:
        """Read what ``to_json`` wrote; raises UnexpectedAnswerError naming the field."""
        return cls(Fields("exported partition", data).integer("rows", minimum=0))


@child_task("exporting", takes=ExportTask, gives=Exported)
def export_partition(task: ExportTask, report: Report) -> Exported:
    """Write a partition.

    Raises:
        BadDataError: the rows are not those of a partition.
        OSError: a file cannot be read or written.
    """
    from crowdsky.hats.partition import write_partition

    report.progress("export", 0, 1)
    return Exported(sum(write_partition(task.rows, task.output).values()))

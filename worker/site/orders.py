"""The kinds of jobs, and the records of those that work on something else than raw frames."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from crowdsky.base.json_fields import Fields

STACK = "stack"
RESCAN = "rescan"
UPLOADED = "uploaded"
HIPS = "hips"
SERIES = "series"
CALIBRATE = "calibrate"
HATS = "hats"
WITHOUT_STACK = (HIPS, SERIES, CALIBRATE, HATS)
"""Jobs that make or measure no stack: merging public stacks into tiles of the sky, stacking the
subs of a stack again in short parts, calibrating a field's stars in all its stacks together, and
writing a partition of the export of light curves."""

KINDS = (STACK, RESCAN, UPLOADED, *WITHOUT_STACK)
"""What a job may ask for: to stack its raws, to solve and measure a stored stack again, to bring an
uploaded stack into our layout, or one of those that make none."""

MAX_REGION = 767
MAX_STACKS_OF_REGION = 10_000
MAX_SERIES_SECONDS = 900
MAX_ORDER = 29


@dataclass(frozen=True, slots=True)
class StackedFile:
    """A stored stack that a job works on."""

    stack_id: int
    size_bytes: int
    sha256: str

    @classmethod
    def from_json(cls, data: object) -> StackedFile:
        """Read a stack in a claim; raises UnexpectedAnswerError naming the field."""
        fields = Fields("stack of the job", data)
        return cls(
            stack_id=fields.integer("stack_id", minimum=1),
            size_bytes=fields.integer("file_size_bytes", minimum=1),
            sha256=fields.text("sha256", pattern=r"[0-9a-f]{64}"),
        )


@dataclass(frozen=True, slots=True)
class TilesOrder:
    """A region of the sky, a HEALPix pixel of order 3 in nested order, and the stacks in it."""

    region: int
    stacks: tuple[StackedFile, ...]

    @classmethod
    def from_json(cls, data: object) -> TilesOrder:
        """Read the field ``hips`` of a claim; raises UnexpectedAnswerError naming the field."""
        fields = Fields("region of the job", data)
        region = fields.integer("region", minimum=0)
        stacks = fields.array("stacks")
        if region > MAX_REGION:
            raise fields.problem("region", f"is {region}, but there are only {MAX_REGION + 1}")
        if len(stacks) > MAX_STACKS_OF_REGION:
            raise fields.problem("stacks", f"are {len(stacks)}")
        return cls(region, tuple(StackedFile.from_json(stack) for stack in stacks))


@dataclass(frozen=True, slots=True)
class SeriesOrder:
    """The wall time of a part of a series, in seconds; its raws are those of the job."""

    seconds: int

    @classmethod
    def from_json(cls, data: object) -> SeriesOrder:
        """Read the field ``series`` of a claim; raises UnexpectedAnswerError naming the field."""
        fields = Fields("series of the job", data)
        seconds = fields.integer("seconds", minimum=1)
        if seconds > MAX_SERIES_SECONDS:
            raise fields.problem("seconds", f"are {seconds}, more than a chunk has")
        return cls(seconds)


@dataclass(frozen=True, slots=True)
class CalibrateOrder:
    """A field of the site, and the version that its calibration is to be.

    Attributes:
        has_private: whether stacks are in it that only one owner sees.
    """

    field_id: int
    version: int
    has_private: bool

    @classmethod
    def from_json(cls, data: object) -> CalibrateOrder:
        """Read ``calibrate`` of a claim; raises UnexpectedAnswerError naming the field."""
        fields = Fields("calibration of the job", data)
        return cls(
            fields.integer("field", minimum=1),
            fields.integer("version", minimum=1),
            fields.integer("scope", minimum=0) > 0,
        )

    @property
    def name(self) -> str:
        """The field, for people to read."""
        private = " with private stacks" if self.has_private else ""
        return f"field {self.field_id}{private}, version {self.version}"


@dataclass(frozen=True, slots=True)
class ExportOrder:
    """A partition of the export of light curves: a HEALPix pixel in nested order."""

    order: int
    pixel: int

    @classmethod
    def from_json(cls, data: object) -> ExportOrder:
        """Read the field ``hats`` of a claim; raises UnexpectedAnswerError naming the field."""
        fields = Fields("partition of the job", data)
        order = fields.integer("order", minimum=0)
        pixel = fields.integer("pixel", minimum=0)
        if order > MAX_ORDER or pixel >= 12 << 2 * order:
            raise fields.problem("pixel", f"is {pixel}, but order {order} has no such pixel")
        return cls(order, pixel)


Order: TypeAlias = TilesOrder | SeriesOrder | CalibrateOrder | ExportOrder
"""What a job that makes no stack is to do."""

_READERS: dict[str, Callable[[object], Order]] = {
    HIPS: TilesOrder.from_json,
    SERIES: SeriesOrder.from_json,
    CALIBRATE: CalibrateOrder.from_json,
    HATS: ExportOrder.from_json,
}


def read_order(kind: str, job: Fields) -> Order | None:
    """Read what a job without a stack is to do, from the field of a claim that has its kind's name.

    Raises:
        UnexpectedAnswerError: a field of it is missing or wrong; the error names it.
    """
    reader = _READERS.get(kind)
    return None if reader is None else reader(job.optional_object(kind))

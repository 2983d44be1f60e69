"""The result of stacking: what happened to each sub, and the stack made of them.

The child process sends these records to the worker as JSON; ``from_json`` checks every field.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from crowdsky.base.json_fields import Fields, JsonObject


@dataclass(frozen=True, slots=True)
class FrameReport:
    """What became of one sub: one row of the stack's FRAMES table.

    Attributes:
        filename: the sub's own file name.
        sha256: of the sub's bytes, lower-case hex.
        date_obs: start of the exposure, UTC, ISO 8601; None when the header has none.
        exptime: seconds.
        n_stars: stars found in the sub.
        fwhm_px: median full width at half maximum of its stars, sub pixels; NaN if unknown.
        ellipticity: median 1 - b/a of its stars, 0 for round ones; NaN if unknown.
        sky_adu: median sky level, ADU; NaN if unknown.
        transform: (a, b, c, d, e, f) from sub to stack pixels, 0-based, x' = a x + b y + c,
            y' = d x + e y + f; None if the sub could not be aligned.
        weight: relative weight in the stack; 0 if not used.
        used: whether the sub is part of the stack.
        reason: why it is not, or what is special about it, for people to read; may be empty.
    """

    filename: str
    sha256: str
    date_obs: str | None
    exptime: float
    n_stars: int
    fwhm_px: float
    ellipticity: float
    sky_adu: float
    transform: tuple[float, float, float, float, float, float] | None
    weight: float
    used: bool
    reason: str

    def to_json(self) -> JsonObject:
        """Return this report as JSON values; NaN becomes null."""
        return {
            "filename": self.filename,
            "sha256": self.sha256,
            "date_obs": self.date_obs,
            "exptime": _finite(self.exptime),
            "n_stars": self.n_stars,
            "fwhm_px": _finite(self.fwhm_px),
            "ellipticity": _finite(self.ellipticity),
            "sky_adu": _finite(self.sky_adu),
            "transform": None if self.transform is None else list(self.transform),
            "weight": _finite(self.weight),
            "used": self.used,
            "reason": self.reason,
        }

    @classmethod
    def from_json(cls, data: object) -> FrameReport:
        """Read what ``to_json`` wrote; raises UnexpectedAnswerError naming the field."""
        fields = Fields("frame report", data)
        return cls(
            filename=fields.text("filename"),
            sha256=fields.text("sha256"),
            date_obs=fields.optional_text("date_obs"),
            exptime=fields.number_or_nan("exptime"),
            n_stars=fields.integer("n_stars", minimum=0),
            fwhm_px=fields.number_or_nan("fwhm_px"),
            ellipticity=fields.number_or_nan("ellipticity"),
            sky_adu=fields.number_or_nan("sky_adu"),
            transform=fields.optional_affine("transform"),
            weight=fields.number_or_nan("weight"),
            used=fields.boolean("used"),
            reason=fields.text("reason", empty=True),
        )


@dataclass(frozen=True, slots=True)
class StackResult:
    """A finished stack: its file, and what it is made of.

    Exposure, times and counts are those of the frames that were really combined.

    Attributes:
        output_path: the stack's file.
        n_frames_input, n_frames_aligned: number of subs given, and of those combined.
        total_exptime: seconds.
        date_obs_start: start of the first exposure used, UTC, ISO 8601 without zone; empty if it is
            not known.
        date_obs_end: end of the last exposure used, likewise.
        ra_deg, dec_deg: pointing in degrees (J2000), None if unknown.
        n_stars_detected: number of stars in its table.
        width, height: size in pixels.
        engine: name and version of the stacking engine.
        method: "mean" or "median".
        sigma_clip: rejection threshold in standard deviations, None without rejection.
        frames: one report per input sub, in input order.
        notes: remarks for people who look at the result.
    """

    output_path: Path
    n_frames_input: int
    n_frames_aligned: int
    total_exptime: float
    date_obs_start: str
    date_obs_end: str
    ra_deg: float | None
    dec_deg: float | None
    n_stars_detected: int | None
    width: int
    height: int
    engine: str
    method: str
    sigma_clip: float | None
    frames: tuple[FrameReport, ...]
    notes: tuple[str, ...]

    @property
    def n_aligned(self) -> int:
        """The worker reference's name for ``n_frames_aligned``."""
        return self.n_frames_aligned

    def to_json(self) -> JsonObject:
        """Return this result as JSON values."""
        return {
            "output_path": str(self.output_path),
            "n_frames_input": self.n_frames_input,
            "n_frames_aligned": self.n_frames_aligned,
            "total_exptime": self.total_exptime,
            "date_obs_start": self.date_obs_start,
            "date_obs_end": self.date_obs_end,
            "ra_deg": self.ra_deg,
            "dec_deg": self.dec_deg,
            "n_stars_detected": self.n_stars_detected,
            "width": self.width,
            "height": self.height,
            "engine": self.engine,
            "method": self.method,
            "sigma_clip": self.sigma_clip,
            "frames": [frame.to_json() for frame in self.frames],
            "notes": list(self.notes),
        }

    @classmethod
    def from_json(cls, data: object) -> StackResult:
        """Read what ``to_json`` wrote; raises UnexpectedAnswerError naming the field."""
        fields = Fields("stack result", data)
        return cls(
            output_path=Path(fields.text("output_path")),
            n_frames_input=fields.integer("n_frames_input", minimum=1),
            n_frames_aligned=fields.integer("n_frames_aligned", minimum=1),
            total_exptime=fields.number("total_exptime"),
            date_obs_start=fields.text("date_obs_start", empty=True),
            date_obs_end=fields.text("date_obs_end", empty=True),
            ra_deg=fields.optional_number("ra_deg"),
            dec_deg=fields.optional_number("dec_deg"),
            n_stars_detected=fields.optional_integer("n_stars_detected"),
            width=fields.integer("width", minimum=1),
            height=fields.integer("height", minimum=1),
            engine=fields.text("engine"),
            method=fields.text("method"),
            sigma_clip=fields.optional_number("sigma_clip"),
            frames=tuple(FrameReport.from_json(row) for row in fields.array("frames")),
            notes=fields.texts("notes"),
        )


@dataclass(frozen=True, slots=True)
class UploadedFigures:
    """What the site knows of an uploaded stack from its header, its name and its uploader.

    Attributes:
        frames_input, frames_aligned: number of subs given to the stacker, and of those combined.
        total_exptime: seconds of the combined ones.
    """

    frames_input: int
    frames_aligned: int
    total_exptime: float

    def to_json(self) -> JsonObject:
        """These figures as JSON values."""
        return {
            "frames_input": self.frames_input,
            "frames_aligned": self.frames_aligned,
            "total_exptime": self.total_exptime,
        }

    @classmethod
    def from_json(cls, data: object) -> UploadedFigures:
        """Read the site's words; raises UnexpectedAnswerError naming the field."""
        fields = Fields("figures of the uploaded stack", data)
        return cls(
            frames_input=fields.integer("frames_input", minimum=1),
            frames_aligned=fields.integer("frames_aligned", minimum=1),
            total_exptime=fields.number("total_exptime", within=(0.0, 1e8)),
        )


def _finite(value: float) -> float | None:
    """Replace NaN and infinity, which JSON lacks, by None."""
    return value if abs(value) < float("inf") else None

"""Variable stars as they are found, as the table of the site, and as flags of the stars."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from crowdsky.base.arrays import FloatArray
from crowdsky.photometry.ensemble.flags import StarFlag
from crowdsky.photometry.ensemble.tables import FieldCalibration, StarMagnitudes, Variables
from crowdsky.photometry.variability.claims import Period


@dataclass(frozen=True, slots=True)
class Variable:
    """A star that varies, or whose period was asked for.

    star_id, band   -- the star, and the band of the numbers
    kind            -- "periodic", "eclipses", "slow", "irregular" or "constant"
    score           -- ranks: significance of the change in standard deviations; 0 of a constant one
    excess_mag      -- scatter beyond the errors, magnitudes
    n_points, n_nights -- good observations
    amplitude_mag, amplitude_error_mag -- range of the light, magnitudes, and its error; NaN of one
                       that rests on single points, as where no shape is known
    period          -- the claimed one; None where none is
    trend_mag_per_d -- of a slow change, fainter is positive; NaN of others
    bright_epoch_id, faint_epoch_id -- typical epochs of either state
    remark          -- why no period is claimed, for people; "" with one
    """

    star_id: int
    band: str
    kind: str
    score: float
    excess_mag: float
    n_points: int
    n_nights: int
    amplitude_mag: float
    amplitude_error_mag: float
    period: Period | None
    trend_mag_per_d: float
    bright_epoch_id: int
    faint_epoch_id: int
    remark: str


def variables_table(variables: Sequence[Variable]) -> Variables:
    """Convert to the table of the site; a depth and a duration are those of eclipses."""
    periods = [one.period for one in variables]

    def of_period(name: str) -> FloatArray:
        return np.array([math.nan if p is None else float(getattr(p, name)) for p in periods])

    def column(name: str, code: str) -> np.ndarray:
        return np.array([getattr(one, name) for one in variables], dtype=code)

    return Variables(
        star_id=column("star_id", "i8"),
        band=column("band", "U1"),
        kind=column("kind", "U20"),
        score=column("score", "f8"),
        excess_mag=column("excess_mag", "f4"),
        n_points=column("n_points", "i4"),
        n_nights=column("n_nights", "i4"),
        amplitude_mag=column("amplitude_mag", "f4"),
        period_d=of_period("period"),
        period_error_d=of_period("error"),
        period_fap=of_period("fap"),
        t0_bjd=of_period("t0"),
        depth_mag=of_period("depth").astype("f4"),
        duration_d=of_period("duration").astype("f4"),
        trend_mag_per_d=column("trend_mag_per_d", "f4"),
        bright_epoch_id=column("bright_epoch_id", "i8"),
        faint_epoch_id=column("faint_epoch_id", "i8"),
        amplitude_error_mag=column("amplitude_error_mag", "f4"),
        remark=column("remark", "U160"),
    )


def with_variables(
    calibration: FieldCalibration, variables: Sequence[Variable]
) -> FieldCalibration:
    """Return a calibration with its table of variables, and with the stars' flags set by it.

    A star that varies has neither COMPARISON nor OFF_MODEL, and no extra error: its scatter is its
    light.
    """
    varying = [one.star_id for one in variables if one.kind != "constant"]
    stars = calibration.stars
    rows = np.isin(stars.star_id, varying)
    other = ~int(StarFlag.COMPARISON | StarFlag.OFF_MODEL)
    flags = np.where(rows, (stars.flags & other) | int(StarFlag.VARIABLE), stars.flags)
    marked: StarMagnitudes = replace(
        stars,
        flags=flags.astype(stars.flags.dtype),
        extra_mag=np.where(rows, np.float32(0.0), stars.extra_mag),
    )
    return replace(calibration, stars=marked, variables=variables_table(variables))

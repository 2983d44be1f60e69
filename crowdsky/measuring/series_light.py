"""Measures the stars of a whole stack in each part of its series, all in the same aperture.

The aperture, and the share of a star's light that it holds, are those of the whole stack, so that
the mean of a star's fluxes in the parts is its flux in the stack. What seeing and clouds do to the
light of a part, they do to all of its stars: it goes into the zero point of the part, which is that
of the stack plus the median difference of its well-measured stars.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import sep
from numpy.typing import NDArray

from crowdsky.base.arrays import BoolArray, FloatArray
from crowdsky.frames.fits_header import FrameHeader
from crowdsky.photometry.colours import DEFAULT_SATURATED_ADU, saturated_sources
from crowdsky.photometry.ensemble.flags import StarFlag
from crowdsky.photometry.measurement import Measurement
from crowdsky.photometry.times import Exposure, Times, observation_times
from crowdsky.sources.apertures import subtract_sky
from crowdsky.stacking.engine import StackedPicture
from crowdsky.stacking.engines.native_series import SeriesPart

LETTERS = ("r", "g", "b")
TIE_SNR = 30.0
"""Signal-to-noise ratio in the whole stack from which stars tie a part to it."""
MIN_TIES = 5
FLOOR_MAG = 0.002
"""Error of a zero point relative to that of the stack that flat field and colour leave."""
CORE_REACH = 1
"""Pixels around the middle of a star in which rejection flags it. The whole stack rejected light of
some sub there: a satellite crossed the star, or it flared."""


@dataclass(frozen=True, slots=True)
class PartLight:
    """A part of a series as it was measured; unknown numbers are NaN.

    times           -- start, end and weighted middle of its subs
    exposure_s, n_subs -- total exposure and number of its subs
    fwhm_px         -- length of its stars, pixels
    zero_points, zero_point_errors -- of red, green and blue, magnitudes, (3,)
    flux, error     -- of each star in red, green and blue, ADU, (3, stars); a flux may be negative
    flags           -- of each star, (stars,) int32
    """

    times: Times
    exposure_s: float
    n_subs: int
    fwhm_px: float
    zero_points: FloatArray
    zero_point_errors: FloatArray
    flux: FloatArray
    error: FloatArray
    flags: NDArray[np.int32]


class ForcedPhotometry:
    """The stars of a whole stack, ready to be measured in its parts."""

    def __init__(self, whole: Measurement, picture: StackedPicture) -> None:
        """Learn the aperture and the share of light in it from the stack of all subs."""
        calibration = whole.calibration
        self.aperture_px = float(np.nanmax([plane.aperture_px for plane in calibration.planes]))
        self.letters = LETTERS if len(picture.planes) == 3 else ("g",)
        self._rows = [LETTERS.index(letter) for letter in self.letters]
        self._stars = whole.stars
        self._zero_points = [calibration.planes[row].zero_point for row in self._rows]
        sums, _ = self._sums(picture.planes, picture.footprint == 0)
        known = np.array([whole.stars[f"flux_{letter}"] for letter in self.letters])
        self._share = np.nanmedian(sums / known, axis=1, keepdims=True)
        self._flux = sums / self._share
        self._flags = self._flags_of_all(picture)

    def measure(self, part: SeriesPart) -> PartLight:
        """Measure all stars in a part."""
        uncovered = part.footprint == 0
        sums, edge = self._sums(part.planes, uncovered)
        flux, error = sums / self._share, self._errors(part, uncovered)
        limit = DEFAULT_SATURATED_ADU if part.saturated_adu is None else part.saturated_adu
        saturated = saturated_sources(part.planes, self._stars, limit)
        flags = self._flags | _flag(edge, StarFlag.EDGE) | _flag(saturated, StarFlag.SATURATED)
        zero_points = self._tie(flux, flags)
        exposures = [_exposure(header) for header in part.headers]
        times = observation_times(exposures)
        if times is None:
            raise ValueError("a part has no subs")
        return PartLight(
            times=times,
            exposure_s=sum(exposure.seconds for exposure in exposures),
            n_subs=len(exposures),
            fwhm_px=part.fwhm_px,
            zero_points=self._by_colour(zero_points[0]),
            zero_point_errors=self._by_colour(zero_points[1]),
            flux=self._by_colour(flux),
            error=self._by_colour(error),
            flags=flags | _flag(np.any(flux <= 0.0, axis=0), StarFlag.NOT_POSITIVE),
        )

    def _sums(self, planes: np.ndarray, uncovered: BoolArray) -> tuple[FloatArray, BoolArray]:
        """Add up the light in all apertures, ADU (planes, stars); and whether they are cut."""
        x, y = self._stars["x"], self._stars["y"]
        sums, edges = np.empty((len(planes), len(x))), np.zeros(len(x), bool)
        for row, pixels in enumerate(planes):
            plane = subtract_sky(pixels, uncovered)
            sums[row], _, flag = sep.sum_circle(
                plane.data, x, y, self.aperture_px, mask=uncovered, subpix=0
            )
            edges |= (flag & (sep.APER_TRUNC | sep.APER_HASMASKED)) != 0
        return sums, edges

    def _errors(self, part: SeriesPart, uncovered: BoolArray) -> FloatArray:
        x, y = self._stars["x"], self._stars["y"]
        sums = [
            sep.sum_circle(pixels, x, y, self.aperture_px, mask=uncovered, subpix=0)[0]
            for pixels in part.variance
        ]
        variance = np.array(sums) * np.asarray(part.correlation)[:, None]
        # No noise is known of a star on uncovered pixels only.
        known = np.where(variance > 0.0, np.sqrt(np.maximum(variance, 0.0)), np.nan)
        return np.asarray(known / self._share)

    def _flags_of_all(self, picture: StackedPicture) -> NDArray[np.int32]:
        stars = self._stars
        flags = _flag(stars["blended"], StarFlag.BLENDED) | _flag(
            stars["saturated"], StarFlag.SATURATED
        )
        if picture.noise is None:
            return flags
        rejected = picture.noise.rejected
        height, width = rejected.shape
        touched = np.zeros(len(stars), bool)
        steps = range(-CORE_REACH, CORE_REACH + 1)
        column, row = np.rint(stars["x"]).astype(int), np.rint(stars["y"]).astype(int)
        for dy in steps:
            for dx in steps:
                inside = (np.clip(row + dy, 0, height - 1), np.clip(column + dx, 0, width - 1))
                touched |= rejected[inside] > 0
        return flags | _flag(touched, StarFlag.DETECTION)

    def _tie(self, flux: FloatArray, flags: NDArray[np.int32]) -> FloatArray:
        """Return the zero points of the planes and their errors, (2, planes); NaN if unknown."""
        good = (flags == 0) & (self._stars["snr"] >= TIE_SNR)
        found = np.full((2, len(flux)), np.nan)
        for row, known in enumerate(self._zero_points):
            usable = good & (flux[row] > 0.0) & (self._flux[row] > 0.0)
            n_ties = int(usable.sum())
            if known is None or n_ties < MIN_TIES:
                continue
            steps = 2.5 * np.log10(flux[row][usable] / self._flux[row][usable])
            step = float(np.median(steps))
            scatter = 1.4826 * float(np.median(np.abs(steps - step)))
            of_median = 1.2533 * scatter / math.sqrt(n_ties)
            found[:, row] = known.value + step, math.hypot(known.error, of_median, FLOOR_MAG)
        return found

    def _by_colour(self, values: FloatArray) -> FloatArray:
        """Put the values of the planes into rows for red, green and blue; the others are NaN."""
        found = np.full((3, *values.shape[1:]), np.nan)
        found[self._rows] = values
        return found


def _flag(these: BoolArray, bit: int) -> NDArray[np.int32]:
    return np.where(these, bit, 0).astype(np.int32)


def _exposure(header: FrameHeader) -> Exposure:
    if header.date_obs is None:
        raise ValueError("a part has a sub without a time")
    return Exposure(header.date_obs, header.exptime_s)

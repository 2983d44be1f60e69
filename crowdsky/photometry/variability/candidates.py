"""Finds the variable stars of a calibrated field, and ranks them."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from crowdsky.base.arrays import BoolArray, FloatArray
from crowdsky.photometry.ensemble.parts import split
from crowdsky.photometry.ensemble.tables import (
    FieldCalibration,
    FieldObservations,
)
from crowdsky.photometry.variability.claims import MAX_FAP, Period
from crowdsky.photometry.variability.curves import BANDS, FieldCurves, field_curves
from crowdsky.photometry.variability.excess import (
    Excess,
    Noise,
    dip_nights,
    field_noise,
    measure_excess,
    rows_of,
)
from crowdsky.photometry.variability.found import Variable
from crowdsky.photometry.variability.periods import find_period
from crowdsky.photometry.variability.shallow_dips import (
    ShallowDips,
    confirmed,
    search_shallow_dips,
)
from crowdsky.photometry.variability.statistics import robust_scatter
from crowdsky.photometry.variability.systematics import without_systematics

MIN_BAND_POINTS = 12
MIN_SHARED_SHARE = 0.15
"""Change in another band, relative to that in the band of the report, that counts as shared."""
MIN_KEPT_CHI2 = 0.45
"""Share of the excess that has to be left without the dependences on conditions; less where few
points determine them, because a fit of chance conditions takes its part of any change."""
MAX_SEARCHES = 100
"""Number of stars of a field whose period is searched; those that vary most come first."""

Progress = Callable[[int, int], None]


def find_variables(
    observations: FieldObservations,
    calibration: FieldCalibration,
    progress: Progress | None = None,
) -> list[Variable]:
    """Find the stars of a field that vary, and the periods of those and of the ones asked for.

    Args:
        observations: what was measured.
        calibration: what makes magnitudes of it.
        progress: called with the number of stars whose period was searched, and of all.

    Returns:
        The variable stars, those that vary most clearly first, then the constant ones among those
        whose period was asked for. A constant star is taken for a variable one with the probability
        `excess.FALSE_ALARMS` for a whole field.
    """
    # Parts of a series have the light of their stack once more.
    curves = field_curves(split(observations)[0], calibration)
    if not curves.mags:
        return []
    noise = {band: field_noise(curves.mags[band], curves.errors[band]) for band in curves.mags}
    excess = {
        band: measure_excess(
            curves.mags[band], noise[band], curves.night, curves.bjd, len(curves.star_id)
        )
        for band in curves.mags
    }
    found = _found(curves, noise, excess)
    variables = []
    for number, one in enumerate(found):
        if progress is not None:
            progress(number, len(found))
        searched = number < MAX_SEARCHES or bool(curves.wanted[one.star])
        described = _describe(curves, noise[one.band], excess[one.band], one, searched)
        if described.kind != "constant" or curves.wanted[one.star]:
            variables.append(described)
    return sorted(variables, key=lambda one: -one.score)


@dataclass(frozen=True, slots=True)
class _Found:
    """A star to be described.

    star, band      -- its row, and the band of its numbers
    varies          -- whether scatter or dips of single stacks say so
    deviate         -- the significance of the sign, standard deviations
    dips            -- boxes in which it loses light; they need an eclipse that `find_period` sees
    """

    star: int
    band: str
    varies: bool
    deviate: float
    dips: ShallowDips | None = None


def _found(curves: FieldCurves, noise: dict[str, Noise], excess: dict[str, Excess]) -> list[_Found]:
    """List the stars that may vary, the clearest first, and then the others that were asked for."""
    bands = np.array([_band_of(excess, star) for star in range(len(curves.star_id))])
    found = {}
    for star, band in enumerate(bands.tolist()):
        deviate = float(np.nan_to_num(excess[band].deviate[star]))
        varies = excess[band].varies[star] and _holds(curves, noise, excess, star, band)
        if varies or curves.wanted[star]:
            found[star] = _Found(star, band, bool(varies), deviate)
    by_scatter = np.array([
        star in found and found[star].varies and bool(excess[band].by_scatter[star])
        for star, band in enumerate(bands.tolist())
    ], dtype=bool)  # fmt: skip
    for band in np.unique(bands).tolist():
        dips = search_shallow_dips(curves, band, noise[band], ~by_scatter & (bands == band))
        for star in np.flatnonzero(dips.deviate >= dips.limit).tolist():
            if confirmed(curves, noise, dips, star, band):
                varies = star in found and found[star].varies
                found[star] = _Found(star, band, varies, float(dips.deviate[star]), dips)
    return sorted(
        found.values(), key=lambda one: (not one.varies and one.dips is None, -one.deviate)
    )


def _band_of(excess: dict[str, Excess], star: int) -> str:
    """Choose the band of a star's numbers: the first with points enough, or the one with most."""
    present = [band for band in BANDS if band in excess]
    most = max(int(excess[band].n_points[star]) for band in present)
    for band in present:
        if excess[band].n_points[star] >= max(MIN_BAND_POINTS, 0.7 * most):
            return band
    return max(present, key=lambda band: int(excess[band].n_points[star]))


def _holds(
    curves: FieldCurves, noise: dict[str, Noise], excess: dict[str, Excess], star: int, band: str
) -> bool:
    """Whether an excess is left without what conditions explain, and other bands share it."""
    own = rows_of(noise[band], np.array([star]))
    cleaned, lost = without_systematics(curves, star, curves.mags[band][star], own.errors[0])
    left = measure_excess(
        cleaned[None, :], own, curves.night, curves.bjd, len(curves.star_id), lost
    )
    before, after = excess[band].chi2[star] - 1.0, left.chi2[0] - 1.0
    if excess[band].by_scatter[star]:
        taken_by_chance = lost / max(int(excess[band].n_points[star]) - 1, 1)
        least = MIN_KEPT_CHI2 * max(1.0 - taken_by_chance, 0.0)
        kept = bool(left.by_scatter[0]) and after >= least * before
    else:
        kept = bool(left.by_dips[0])
    return kept and all(
        _shared(curves, noise, star, band, other)
        for other in curves.mags
        if other != band and excess[other].n_points[star] >= MIN_BAND_POINTS
    )


def _shared(curves: FieldCurves, noise: dict[str, Noise], star: int, band: str, other: str) -> bool:
    """Whether the other band follows the changes of this one, or is too noisy to know.

    Light that changes in one colour of a sensor alone is a bad pixel or a cosmic ray.
    """
    here = curves.mags[band][star]
    there = curves.mags[other][star]
    both = np.isfinite(here) & np.isfinite(there)
    if both.sum() < MIN_BAND_POINTS:
        return True
    change = here[both] - np.median(here[both])
    answer = there[both] - np.median(there[both])
    error = noise[other].errors[star, both]
    own_error = noise[band].errors[star, both]
    reach = 3.0 * max(robust_scatter(change), float(np.median(own_error)))
    change = np.clip(change, -reach, reach)
    rests = robust_scatter(change) < 1.5 * float(np.median(own_error))
    if rests:
        # Most points say nothing: those in the dips do.
        z = (here[both] - np.median(here[both])) / own_error
        nights = dip_nights(z, curves.night[both], curves.bjd[both])
        some = np.isin(curves.night[both], nights)
        change, answer, error, own_error = change[some], answer[some], error[some], own_error[some]
    signal = float(np.sum(change**2 - (0.0 if rests else 1.0) * own_error**2))
    if signal <= 0.0:
        return True
    answer = np.clip(answer, -3.0 * reach, 3.0 * reach)
    slope = float(np.sum(change * answer)) / signal
    uncertainty = math.sqrt(float(np.sum((change * error) ** 2))) / signal
    return slope + 2.0 * uncertainty >= MIN_SHARED_SHARE


def _describe(
    curves: FieldCurves, noise: Noise, excess: Excess, one: _Found, searched: bool
) -> Variable:
    star = one.star
    mags, errors = curves.mags[one.band][star], noise.errors[star] * math.sqrt(noise.factor[star])
    there = np.flatnonzero(np.isfinite(mags))
    period = Period("none", False, "the period was not searched: too many stars of the field vary")
    if searched:
        dip = None
        if one.dips is not None:
            box = one.dips.box(star)
            dip = (box.period, box.begin + 0.5 * box.duration, box.duration)
        period = find_period(curves.bjd[there], mags[there], errors[there], dip=dip)
    eclipses = _sees_eclipses(period)
    dips = one.dips if eclipses else None
    varies = one.varies or dips is not None
    if one.dips is not None and period.credible and dips is None:
        reason = f"{period.period:.6g} d explains the points without dips as well"
        period = replace(period, credible=False, reason=reason)
    claimed = period.credible and (varies or _convinces(period))
    kind = "constant"
    if claimed:
        kind = period.kind
    elif varies:
        kind = "slow" if period.kind == "slow" else "irregular"
    smooth = _smoothed(mags[there], curves.night[there])
    amplitude, amplitude_error = float(np.ptp(smooth)) if len(smooth) else 0.0, math.nan
    if claimed or (varies and eclipses):
        amplitude, amplitude_error = period.amplitude, period.amplitude_error
    elif kind == "slow":
        amplitude, amplitude_error = period.amplitude, float(1.2 * np.median(errors[there]))
    dark = None if dips is None else dips.inside(star, curves.bjd)[there]
    bright, faint = _extremes(smooth, dark, curves.epoch_id[there])
    score = one.deviate
    if claimed:
        score = max(score, period.snr if period.kind == "eclipses" else 0.0)
    return Variable(
        star_id=int(curves.star_id[star]),
        band=one.band,
        kind=kind,
        score=0.0 if kind == "constant" else max(score, 0.0),
        excess_mag=float(excess.excess_mag[star]),
        n_points=int(excess.n_points[star]),
        n_nights=int(excess.n_nights[star]),
        amplitude_mag=0.0 if kind == "constant" else amplitude,
        amplitude_error_mag=amplitude_error,
        period=period if claimed else None,
        trend_mag_per_d=period.trend if kind == "slow" else math.nan,
        bright_epoch_id=bright,
        faint_epoch_id=faint,
        remark="" if claimed else period.reason,
    )


def _sees_eclipses(period: Period) -> bool:
    """Whether the best explanation is eclipses, and chance makes none such; claimed or not."""
    return period.kind == "eclipses" and period.fap <= MAX_FAP


def _extremes(smooth: FloatArray, dark: BoolArray | None, epoch_id: np.ndarray) -> tuple[int, int]:
    """Return the ids of the brightest and of the faintest epoch, 0 without any.

    Of shallow dips, what is in them and what is not: the middle of either, as extremes are noise.
    """
    if len(smooth) == 0:
        return 0, 0
    if dark is None:
        return int(epoch_id[int(np.argmin(smooth))]), int(epoch_id[int(np.argmax(smooth))])
    ids = []
    for some in (np.flatnonzero(~dark), np.flatnonzero(dark)):
        away = np.abs(smooth[some] - np.median(smooth[some]))
        ids.append(int(epoch_id[some[int(np.argmin(away))]]))
    return ids[0], ids[1]


def _convinces(period: Period) -> bool:
    """Whether a period makes a star a variable one that does not scatter enough by itself."""
    return period.kind == "eclipses" or period.amplitude > 5.0 * period.amplitude_error


def _smoothed(mags: FloatArray, night: np.ndarray) -> FloatArray:
    """Compute the median of three neighbours within a night: a single bad point is no extreme."""
    smooth = mags.copy()
    for place in range(len(mags)):
        begin, end = max(0, place - 1), min(len(mags), place + 2)
        near = mags[begin:end][night[begin:end] == night[place]]
        smooth[place] = np.median(near)
    return smooth

"""What is claimed of a light curve's best explanation, and why not.

A claim needs points enough for the shape, cycles and phases, and a chance that noise does not have.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from crowdsky.base.arrays import FloatArray
from crowdsky.photometry.variability import eclipses, harmonics
from crowdsky.photometry.variability.eclipse_checks import (
    SHALLOW_MAG,
    best_of_near_periods,
    half_as_long,
    twice_as_long,
)
from crowdsky.photometry.variability.eclipses import DipFit
from crowdsky.photometry.variability.explanations import Candidate, Slow
from crowdsky.photometry.variability.harmonics import HarmonicFit, Points
from crowdsky.photometry.variability.period_range import period_range
from crowdsky.photometry.variability.statistics import normal_tail, of_many, power_tail

MIN_CYCLES = 3
MAX_FAP = 1e-4
MIN_DIP_SNR, MAX_DEPTH_ERROR = 6.0, 0.4
MAX_PERIOD_ERROR = 7e-4
"""Largest error of the period of eclipses, relative to it."""
RIGHT_SHARE, MAX_WRONG = 1e-3, 0.02
"""Claimed periods of eclipses are within the first, relative to them, but for this probability."""
DARK_LIMB = 0.05
"""By how much a planet's dip in its middle, relative to it, is deeper or shallower than the flat
floor of the fit: the limb of a star is dark."""
MIN_EXPLAINED, MIN_SLOW_EXPLAINED = 0.85, 0.6
"""Share of the scatter beyond the errors that a period, or a slow change, has to explain."""
MIN_PHASES = 0.7
"""Share of tenths of the phase with points, for smooth shapes."""
MIN_POINTS_OF_SINE, POINTS_PER_HARMONIC, MIN_POINTS_OF_ECLIPSES = 18, 20, 50
"""Number of points that a sine needs, and every further harmonic, and eclipses: with fewer, a wrong
period and a shape that is free enough explain anything."""


@dataclass(frozen=True, slots=True)
class Period:
    """What a period search found.

    kind        -- "periodic", "eclipses", "slow" (changes over most of the time, repeats nothing),
                   or "none"
    credible    -- whether the period may be published; if not, ``reason`` says why
    period, error -- days; NaN if nothing was found
    fap         -- probability that constant light and noise look so periodic
    cycles      -- number of different cycles with points
    t0          -- a time of mid-eclipse, or of maximum light; on the scale of the times given
    amplitude, amplitude_error -- range of the fitted light, magnitudes
    depth, depth_error, duration -- of the deeper eclipse, magnitudes and days; NaN of other shapes
    trend       -- of a slow change, magnitudes per day, fainter is positive; NaN of others
    explained   -- share of the scatter beyond the errors that the fit explains
    snr         -- of an eclipse's depth; NaN of others
    points, rejected -- number of points, and of those that were left out as single bad ones
    """

    kind: str
    credible: bool
    reason: str
    period: float = math.nan
    error: float = math.nan
    fap: float = math.nan
    cycles: int = 0
    t0: float = math.nan
    amplitude: float = math.nan
    amplitude_error: float = math.nan
    depth: float = math.nan
    depth_error: float = math.nan
    duration: float = math.nan
    trend: float = math.nan
    explained: float = math.nan
    snr: float = math.nan
    points: int = 0
    rejected: int = 0


def slow_result(points: Points, slow: Slow) -> Period:
    """Describe a slow change, or that nothing explains the points."""
    explained = _explained(points, slow.model)
    if explained < MIN_SLOW_EXPLAINED:
        return Period("none", False, "no period explains the points", explained=explained)
    return Period(
        "slow",
        False,
        "a slow change that repeats nothing explains the points as well as any period",
        amplitude=float(np.ptp(slow.model)),
        trend=slow.slope,
        explained=explained,
    )


def _explained(points: Points, model: FloatArray) -> float:
    """Return the share of the scatter beyond the errors that a model explains."""
    weights = points.errors**-2
    mean = np.average(points.mags, weights=weights)
    total = float(np.sum(weights * (points.mags - mean) ** 2)) - len(points)
    left = float(np.sum(weights * (points.mags - model) ** 2)) - len(points)
    if total <= 0.0:
        return 0.0
    # What chance may leave is no part of the light.
    left -= 3.0 * math.sqrt(2.0 * len(points))
    return float(np.clip(1.0 - max(left, 0.0) / total, 0.0, 1.0))


def result_of(points: Points, best: Candidate, shortest: float) -> Period:
    """Describe the best explanation, and say whether it by itself may be claimed."""
    trials = points.span / shortest
    if isinstance(best.fit, DipFit):
        return _eclipse_result(points, best.fit, trials)
    return _smooth_result(points, best.fit, trials)


def _smooth_result(points: Points, fit: HarmonicFit, trials: float) -> Period:
    fit = harmonics.best_fit(points, fit.frequency, fit.terms, 0.1 / points.span, 21)
    fit, error = harmonics.refine(points, fit)
    amplitude, amplitude_error = harmonics.amplitude_of(points, fit)
    allowed = 1 + (len(points) - MIN_POINTS_OF_SINE) // POINTS_PER_HARMONIC
    if 0 < allowed < fit.terms:
        # The claim rests on as much shape as the points are enough for.
        fit = harmonics.best_fit(points, fit.frequency, allowed, 0.1 / points.span, 21)
        fit, error = harmonics.refine(points, fit)
    model = fit.at(points.times)
    weights = points.errors**-2
    mean = np.average(points.mags, weights=weights)
    power = 1.0 - fit.chi2 / float(np.sum(weights * (points.mags - mean) ** 2))
    freedom = len(points) - fit.parameters
    fap = of_many(power_tail(power, fit.terms, freedom), trials * fit.terms)
    period = 1.0 / fit.frequency
    cycles = _cycles(points.times, period)
    phases = len(np.unique((points.times / period % 1.0 * 10).astype(int))) / 10.0
    explained = _explained(points, model)
    reason = _doubt(fap, cycles, explained)
    faintest = points.times[int(np.argmax(model))]
    faint = points.times[model > 0.5 * (model.max() + model.min())]
    between = _common_distance(np.round((faint - faintest) / period))
    if not reason and between > 1:
        reason = f"all minima seen are {between} periods apart or a multiple: it may be longer"
    if not reason and len(points) < MIN_POINTS_OF_SINE:
        reason = f"a period needs {MIN_POINTS_OF_SINE} points, not {len(points)}"
    if not reason and phases < MIN_PHASES:
        reason = f"only {phases:.0%} of the phases were observed"
    return Period(
        "periodic",
        not reason,
        reason,
        period=period,
        error=error * period**2,
        fap=fap,
        cycles=cycles,
        t0=float(points.times[int(np.argmin(model))]),
        amplitude=amplitude,
        amplitude_error=amplitude_error,
        explained=explained,
    )


def _eclipse_result(points: Points, fit: DipFit, trials: float) -> Period:
    known = period_range(points, best_of_near_periods(points, fit), RIGHT_SHARE)
    fit = known.fit
    two = fit.depths[1] > 3.0 * fit.depth_errors[1] > 0.0
    snr, cycles = fit.snr, _dips_seen(points, fit)
    between = _dips_between(points, fit)
    fit = eclipses.with_errors(points, fit)
    fit = replace(fit, period_error=max(fit.period_error, known.error))
    # Every duration and every place of the dip is one more trial.
    fap = of_many(normal_tail(snr), trials * fit.period / fit.duration * points.span)
    model = np.median(points.mags) + fit.at(points.times)
    explained = _explained(points, model)
    reason = _doubt(fap, cycles, 1.0)
    if not reason and between > 1:
        reason = f"all eclipses seen are {between} periods apart or a multiple: it may be longer"
    if not reason and not two and fit.depth_errors[0] > MAX_DEPTH_ERROR * fit.depths[0]:
        reason = "no eclipse was seen in its middle: the period may be twice as long"
    doubtful = known.beyond > MAX_WRONG or fit.period_error > MAX_PERIOD_ERROR * fit.period
    if not reason and doubtful:
        reason = f"the period is not known better than to {fit.period_error:.2g} d"
    if not reason and len(points) < MIN_POINTS_OF_ECLIPSES:
        reason = f"eclipses need {MIN_POINTS_OF_ECLIPSES} points, not {len(points)}"
    if not reason:
        reason = half_as_long(fit) if two else twice_as_long(points, fit)
    if not reason and snr < MIN_DIP_SNR:
        reason = f"the depth is only {snr:.1f} times its error"
    depth_error = fit.depth_error_mag
    if fit.depth_mag <= SHALLOW_MAG:
        depth_error = math.hypot(depth_error, DARK_LIMB * fit.depth_mag)
    return Period(
        "eclipses",
        not reason,
        reason,
        period=fit.period,
        error=fit.period_error,
        fap=fap,
        cycles=cycles,
        t0=fit.t0,
        amplitude=fit.depth_mag,
        amplitude_error=depth_error,
        depth=fit.depth_mag,
        depth_error=depth_error,
        duration=fit.duration,
        explained=explained,
        snr=snr,
    )


def _doubt(fap: float, cycles: int, explained: float) -> str:
    if not fap <= MAX_FAP:
        return f"chance makes such a period with a probability of {fap:.2g}"
    if cycles < MIN_CYCLES:
        return f"only {cycles} cycles have points; a period needs {MIN_CYCLES}"
    if explained < MIN_EXPLAINED:
        return f"the period explains only {explained:.0%} of the scatter"
    return ""


def _cycles(times: FloatArray, period: float) -> int:
    """Count the whole cycles that have points."""
    cycles = len(np.unique(np.floor((times - times[0]) / period)))
    return min(cycles, int(np.ptp(times) / period + 0.05))


def _dips_between(points: Points, fit: DipFit) -> int:
    """Return the largest number of which all distances of observed dips are multiples.

    1 if neighbouring dips were seen, and for two different dips per period, which prove it.
    """
    if fit.depths[1] > 3.0 * fit.depth_errors[1] > 0.0:
        return 1
    numbers = np.unique(np.round((points.times[fit.inside(points.times)] - fit.t0) / fit.period))
    return _common_distance(numbers)


def _common_distance(numbers: FloatArray) -> int:
    """Return the largest number of which all differences of cycle numbers are multiples."""
    return max(1, math.gcd(*np.diff(np.unique(numbers)).astype(int).tolist()))


def _dips_seen(points: Points, fit: DipFit) -> int:
    """Count the dips with points, those half a period later as well if they are proven."""
    half = fit.period / 2.0 if fit.depths[1] > 3.0 * fit.depth_errors[1] > 0.0 else fit.period
    inside = fit.inside(points.times)
    if half < fit.period:
        inside |= replace(fit, t0=fit.t0 + half).inside(points.times)
    return len(np.unique(np.round((points.times[inside] - fit.t0) / half)))

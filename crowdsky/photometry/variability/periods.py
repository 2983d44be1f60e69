"""The period of a light curve, claimed only where the points show it.

`find_period` weighs two kinds of shapes against each other, smooth ones (sums of harmonics) and
constant light with eclipses, and both against a slow change that repeats nothing. The whole grid
of frequencies is searched, and halves, doubles and daily aliases of a period are fitted, too; the
better one wins, and where none is better by a margin, no period is claimed.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from crowdsky.base.arrays import FloatArray
from crowdsky.photometry.variability.claims import MIN_CYCLES, Period, result_of, slow_result
from crowdsky.photometry.variability.eclipses import DipFit
from crowdsky.photometry.variability.explanations import (
    Candidate,
    dip_candidates,
    judge,
    slow_change,
    smooth_candidates,
)
from crowdsky.photometry.variability.harmonics import Points
from crowdsky.photometry.variability.statistics import robust_scatter

MIN_POINTS = 12
MARGIN, SMOOTH_MARGIN, MULTIPLE_MARGIN = 10.0, 20.0, 30.0
"""Differences of the Bayesian information criterion that decide: between periods of eclipses,
between smooth ones, and for a multiple of a smooth one, whose harmonics follow noise better."""
FITTED_WIDTH = 0.2
"""How far the fitted frequencies of a light curve and its multiple are apart at most, times 1/T."""
SHORTEST_PERIOD_D, LEAST_PERIOD_D = 0.05, 0.02
EXPOSURES_PER_PERIOD = 3.0


def find_period(
    times: FloatArray,
    mags: FloatArray,
    errors: FloatArray,
    *,
    shortest: float | None = None,
    longest: float | None = None,
    dip: tuple[float, float, float] | None = None,
) -> Period:
    """Search the period of a light curve.

    Args:
        times: days, BJD (TDB), in any order; those with a NaN or masked value are left out.
        mags: magnitudes.
        errors: their standard deviations, magnitudes.
        shortest, longest: limits of the period, days; by default the whole span, and 72 minutes
            or as short as three of the usual steps between points, down to 29 minutes.
        dip: period, middle and duration, days, of eclipses that are to be among the explanations.

    Returns:
        The best period, credible or not. A period is credible if the false-alarm probability is at
        most MAX_FAP, points are in MIN_CYCLES cycles, it explains MIN_EXPLAINED of the scatter
        beyond the errors, and no daily alias and no slow change explains the points as well.

    Raises:
        ValueError: the arrays are of different lengths, or an error is not positive.
    """
    arrays = [
        np.ma.filled(np.ma.asarray(a, dtype=np.float64), np.nan) for a in (times, mags, errors)
    ]
    if len({array.shape for array in arrays}) > 1 or arrays[0].ndim != 1:
        shapes = ", ".join(str(array.shape) for array in arrays)
        raise ValueError(f"times, mags and errors must be of one length, not {shapes}")
    good = np.all(np.isfinite(arrays), axis=0)
    order = np.argsort(arrays[0][good], kind="stable")
    when, mag, error = (array[good][order] for array in arrays)
    if np.any(error <= 0.0):
        raise ValueError("an error is zero or negative: every magnitude needs an error above 0")
    if len(when) < MIN_POINTS or np.ptp(when) <= 0.0:
        return Period("none", False, f"a period needs {MIN_POINTS} points", points=len(when))
    middle = float(0.5 * (when[0] + when[-1]))
    every = Points(when - middle, mag, error)
    limits = (shortest or _shortest_period(when), longest or every.span)
    found = _search(every, limits, [] if dip is None else [(dip[0], dip[1] - middle, dip[2])])
    return replace(found, t0=found.t0 + middle, points=len(every))


def _shortest_period(times: FloatArray) -> float:
    """Return the shortest period worth a search.

    Coarse sampling does not make it longer: what is faster than the points looks like slower light,
    and has to be among the explanations for that to be seen.
    """
    steps = np.diff(times)
    close = steps[(steps > 1e-4) & (steps < 0.1)]
    if len(close) == 0:
        return SHORTEST_PERIOD_D
    usual = EXPOSURES_PER_PERIOD * float(np.median(close))
    return float(np.clip(usual, LEAST_PERIOD_D, SHORTEST_PERIOD_D))


def _search(
    every: Points, limits: tuple[float, float], known: list[tuple[float, float, float]]
) -> Period:
    smooth, rejected_smooth = smooth_candidates(every, *limits)
    dips, rejected_dips = dip_candidates(every, *limits, known)
    # Both kinds leave out different points: they are compared on those that both keep.
    kept = ~(rejected_smooth | rejected_dips)
    points = every.only(kept)
    scale = min((_scale(points, c.model[kept]) for c in (*smooth[:1], *dips[:1])), default=1.0)
    ranked = sorted(
        (replace(c, bic=judge(every, c.model, c.fit.parameters, scale)) for c in (*smooth, *dips)),
        key=lambda one: one.bic,
    )
    slow = slow_change(every, kept, scale)
    slow = replace(slow, model=slow.model[kept])
    best = _shortest(ranked, points.span) if ranked else None
    if best is None or (slow.proven and slow.bic <= best.bic + MARGIN):
        return replace(slow_result(points, slow), rejected=int((~kept).sum()))
    # What the other kind cannot explain may be the very extremes of this one.
    left_out = rejected_dips if isinstance(best.fit, DipFit) else rejected_smooth
    rejected = int(left_out.sum())
    result = result_of(every.only(~left_out), best, limits[0])
    if best.frequency * points.span < MIN_CYCLES and slow.proven:
        drift = slow_result(points, slow)
        result = drift if drift.kind == "slow" else result
    result = replace(result, rejected=rejected)
    if result.credible and best is not ranked[0] and isinstance(best.fit, DipFit):
        reason = "the eclipses may be of two kinds, and the period twice as long"
        return replace(result, credible=False, reason=reason)
    other = _rival(best, ranked, points.span)
    margin = MARGIN if isinstance(best.fit, DipFit) else SMOOTH_MARGIN
    if result.credible and other is not None and other.bic - best.bic < margin:
        reason = f"{1.0 / other.frequency:.6g} d explains the points as well"
        return replace(result, credible=False, reason=reason)
    return result


def _scale(points: Points, model: FloatArray) -> float:
    return max(1.0, robust_scatter((points.mags - model) / points.errors))


def _shortest(ranked: list[Candidate], span: float) -> Candidate:
    """Return the best candidate, or a half or third of its period that is as good.

    Whatever repeats after a day does so after two: a longer period needs proof.
    """
    best = ranked[0]
    margin = MARGIN if isinstance(best.fit, DipFit) else MULTIPLE_MARGIN
    equal = [one for one in ranked if one.bic < ranked[0].bic + margin]
    for one in equal:
        # Both frequencies are fitted, and a neighbouring peak is no multiple.
        if one.frequency > best.frequency and _is_multiple(
            one.frequency, ranked[0].frequency, FITTED_WIDTH / span
        ):
            best = one
    return best


def _rival(best: Candidate, ranked: list[Candidate], span: float) -> Candidate | None:
    """Return the best candidate with another frequency, but none of which it is a multiple."""
    for one in ranked:
        apart = abs(one.frequency - best.frequency) > 1.0 / span
        if apart and not _is_multiple(best.frequency, one.frequency, 1.0 / span):
            shorter = _is_multiple(one.frequency, best.frequency, FITTED_WIDTH / span)
            if not shorter or one.bic < best.bic:
                return one
    return None


def _is_multiple(high: float, low: float, width: float) -> bool:
    return round(high / low) >= 2 and abs(high - round(high / low) * low) < width

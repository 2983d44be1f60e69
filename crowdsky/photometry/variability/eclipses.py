"""Eclipses and transits: a constant light with dips, fitted by trapezoids.

The fit has one dip, or two half a period apart with depths of their own, in relative light.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from crowdsky.base.arrays import BoolArray, FloatArray
from crowdsky.photometry.variability.harmonics import Points

FLAT_PRIOR = 0.3
ONE_DIP_PARAMETERS = 6
OTHER_FLATS = (0.0, 0.3, 0.6, 0.9)
SAME_CHI2 = 2.5


@dataclass(frozen=True, slots=True)
class DipFit:
    """A trapezoid that repeats.

    period, t0      -- days; t0 the middle of a dip, on the scale of the points
    period_error    -- days; NaN before `with_errors`
    duration, flat  -- days from first to last contact, and share of it at full depth
    level           -- light outside the dips, relative to the median
    depths, depth_errors -- light that the dips at t0, and half a period later, take away
    chi2            -- with the errors of the points
    parameters      -- number of fitted numbers
    """

    period: float
    t0: float
    duration: float
    flat: float
    level: float
    depths: tuple[float, float]
    depth_errors: tuple[float, float]
    chi2: float
    parameters: int
    period_error: float = math.nan

    def at(self, times: FloatArray) -> FloatArray:
        """Compute magnitudes relative to the median of the points."""
        first, second = _shapes(times, self.period, self.t0, self.duration, self.flat)
        light = self.level - self.depths[0] * first - self.depths[1] * second
        return np.asarray(-2.5 * np.log10(np.maximum(light, 1e-6)))

    def inside(self, times: FloatArray) -> BoolArray:
        """Return which times are in the dip at t0."""
        return np.asarray(_shapes(times, self.period, self.t0, self.duration, self.flat)[0] > 0.1)

    @property
    def snr(self) -> float:
        """Depth of the deeper dip over its error."""
        return self.depths[0] / self.depth_errors[0] if self.depth_errors[0] > 0.0 else 0.0

    @property
    def depth_mag(self) -> float:
        """Depth of the deeper dip, magnitudes."""
        return float(-2.5 * np.log10(max(1e-6, 1.0 - self.depths[0] / self.level)))

    @property
    def depth_error_mag(self) -> float:
        """Error of `depth_mag`."""
        return float(1.0857 * self.depth_errors[0] / max(1e-6, self.level - self.depths[0]))


def guess_dips(points: Points, period: float, t0: float, duration: float, two: bool) -> DipFit:
    """Fit level and depths of trapezoids about a box: the best of some widths and middles."""
    light, errors = _relative_light(points)
    # Near the middle of the points, period and moment do not depend on each other.
    t0 -= round(t0 / period) * period
    guesses = [
        np.array([period, t0 + shift * duration, factor * duration, 0.5])
        for factor, shift in ((0.7, 0.0), (1.0, 0.0), (1.5, 0.0), (1.0, -0.25), (1.0, 0.25))
    ]
    fits = [_linear(points.times, light, errors, guess, two) for guess in guesses]
    return min(fits, key=lambda one: one.chi2)


def depths_at(points: Points, fit: DipFit, two: bool) -> DipFit:
    """Fit level and depths only, with the times of a fit."""
    light, errors = _relative_light(points)
    at = np.array([fit.period, fit.t0, fit.duration, fit.flat])
    return _linear(points.times, light, errors, at, two)


def fit_dips(points: Points, guess: DipFit, two: bool) -> DipFit:
    """Fit all numbers of a trapezoid from a first guess; the deeper dip is at t0."""
    light, errors = _relative_light(points)
    fit = _descend(points, light, errors, guess, two)
    if fit.depths[1] > fit.depths[0]:
        fit = replace(
            fit, t0=fit.t0 + 0.5 * fit.period,
            depths=fit.depths[::-1], depth_errors=fit.depth_errors[::-1],
        )  # fmt: skip
    return fit


def fit_at_period(points: Points, guess: DipFit, two: bool) -> DipFit:
    """Fit all numbers but the period from a first guess; which dip is deeper does not change."""
    light, errors = _relative_light(points)
    at = np.array([guess.period, guess.t0, guess.duration, guess.flat])
    begin = _linear(points.times, light, errors, at, two)
    return _descend(points, light, errors, begin, two, free=(1, 2, 3))


def with_errors(points: Points, fit: DipFit) -> DipFit:
    """Add the errors of period and depths that come from not knowing the other numbers exactly.

    Where no point is in the middle of a dip, depth and flat part depend on each other; FLAT_PRIOR
    is what is known of the flat part beforehand.
    """
    errors = _relative_light(points)[1]
    two = fit.parameters > ONE_DIP_PARAMETERS
    start = np.array([fit.period, fit.t0, fit.duration, fit.flat, fit.level, *fit.depths])
    steps = np.array([
        0.03 * fit.duration * fit.period / max(points.span, fit.period), 0.03 * fit.duration,
        0.03 * fit.duration, 0.05, 1e-3, 1e-3, 1e-3,
    ])  # fmt: skip
    columns = []
    for place in range(7 if two else 6):
        up, down = start.copy(), start.copy()
        up[place] += steps[place]
        down[place] -= steps[place]
        up[3], down[3] = min(up[3], 0.95), max(down[3], 0.0)
        difference = _light_at(points.times, up) - _light_at(points.times, down)
        columns.append(difference / (up[place] - down[place]) / errors)
    jacobian = np.stack(columns, axis=1)
    normal = jacobian.T @ jacobian
    scale = 1.0 / np.sqrt(np.maximum(np.diag(normal), 1e-300))
    normal[3, 3] += FLAT_PRIOR**-2.0
    inverse = np.linalg.pinv(normal * np.outer(scale, scale), rcond=1e-10)
    reduced = max(1.0, fit.chi2 / max(len(points) - fit.parameters, 1))
    spread = np.sqrt(np.maximum(np.diag(inverse), 0.0) * reduced) * scale
    depths = (float(spread[5]), float(spread[6]) if two else 0.0)
    # A place on a slope that no small step sees is no better known than by the depth alone.
    depths = (max(depths[0], fit.depth_errors[0]), max(depths[1], fit.depth_errors[1]))
    period_error = float(spread[0])
    for other in of_other_shapes(points, fit):
        period_error = max(period_error, abs(other.period - fit.period))
        change = max(abs(a - b) for a, b in zip(other.depths, fit.depths, strict=True))
        depths = (max(depths[0], change), depths[1])
    return replace(fit, period_error=period_error, depth_errors=depths)


def of_other_shapes(points: Points, fit: DipFit) -> list[DipFit]:
    """Fit with other flat parts: those that explain the points about as well as the best one."""
    light, errors = _relative_light(points)
    two = fit.parameters > ONE_DIP_PARAMETERS
    reduced = max(1.0, fit.chi2 / max(len(points) - fit.parameters, 1))
    shapes = []
    for flat in OTHER_FLATS:
        at = np.array([fit.period, fit.t0, fit.duration * (1.0 + 0.5 * (fit.flat - flat)), flat])
        if not _sensible(at):
            continue
        guess = _linear(points.times, light, errors, at, two)
        tried = _descend(points, light, errors, guess, two, free=(0, 1, 2))
        if tried.chi2 < fit.chi2 + reduced * SAME_CHI2:
            shapes.append(tried)
    return shapes


def _light_at(times: FloatArray, at: FloatArray) -> FloatArray:
    period, t0, duration, flat, level, depth, second_depth = (float(value) for value in at)
    first, second = _shapes(times, period, t0, duration, flat)
    return level - depth * first - second_depth * second


def _relative_light(points: Points) -> tuple[FloatArray, FloatArray]:
    light = 10.0 ** (-0.4 * (points.mags - np.median(points.mags)))
    return light, points.errors * light / 1.0857


def _descend(
    points: Points,
    light: FloatArray,
    errors: FloatArray,
    fit: DipFit,
    two: bool,
    free: tuple[int, ...] = (0, 1, 2, 3),
) -> DipFit:
    """Minimise chi-square by steps along one number at a time that grow and shrink.

    ``free`` says which of period, moment, duration and flat part may change.
    """
    steps = np.array([
        0.2 * fit.duration * fit.period / max(points.span, fit.period), 0.1 * fit.duration,
        0.15 * fit.duration, 0.2,
    ])  # fmt: skip
    for _ in range(40):
        moved = False
        for place in free:
            for sign in (1.0, -1.0):
                at = np.array([fit.period, fit.t0, fit.duration, fit.flat])
                at[place] += sign * steps[place]
                if not _sensible(at):
                    continue
                tried = _linear(points.times, light, errors, at, two)
                if tried.chi2 < fit.chi2 - 1e-6:
                    fit, moved = tried, True
                    steps[place] *= 1.5
                    break
            else:
                steps[place] *= 0.5
        if not moved and np.all(
            steps[[place for place in free if place < 3]] < 1e-3 * fit.duration
        ):
            break
    return fit


def _sensible(at: FloatArray) -> bool:
    period, _, duration, flat = at
    return bool(0.02 <= duration <= 0.45 * period and 0.0 <= flat <= 0.95 and period > 0.0)


def _linear(
    times: FloatArray, light: FloatArray, errors: FloatArray, at: FloatArray, two: bool
) -> DipFit:
    """Fit level and depths of a trapezoid whose times are given."""
    period, t0, duration, flat = (float(value) for value in at)
    first, second = _shapes(times, period, t0, duration, flat)
    columns = [np.ones(len(times)), -first] + ([-second] if two else [])
    design = np.stack(columns, axis=1) / errors[:, None]
    normal = design.T @ design + 1e-9 * np.eye(len(columns)) / np.mean(errors**2)
    covariance = np.linalg.inv(normal)
    solved = covariance @ (design.T @ (light / errors))
    misfit = light / errors - design @ solved
    chi2 = float(misfit @ misfit)
    parameters = ONE_DIP_PARAMETERS + (1 if two else 0)
    reduced = max(1.0, chi2 / max(len(times) - parameters, 1))
    spread = np.sqrt(np.diag(covariance) * reduced)
    return DipFit(
        period=period,
        t0=t0,
        duration=duration,
        flat=flat,
        level=float(solved[0]),
        depths=(float(solved[1]), float(solved[2]) if two else 0.0),
        depth_errors=(float(spread[1]), float(spread[2]) if two else 0.0),
        chi2=chi2,
        parameters=parameters,
    )


def _shapes(
    times: FloatArray, period: float, t0: float, duration: float, flat: float
) -> tuple[FloatArray, FloatArray]:
    """Compute how deep in the dips at t0 and half a period later times are, 0 to 1."""
    slope = 0.5 * duration * (1.0 - flat) + 1e-6
    shapes = []
    for middle in (t0, t0 + 0.5 * period):
        away = np.abs((times - middle + 0.5 * period) % period - 0.5 * period)
        shapes.append(np.clip((0.5 * duration - away) / slope, 0.0, 1.0))
    return shapes[0], shapes[1]

"""Periods of any smooth shape: sums of harmonics, fitted to unevenly sampled magnitudes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from astropy.timeseries import LombScargle

from crowdsky.base.arrays import BoolArray, FloatArray
from crowdsky.photometry.variability.statistics import robust_scatter

OVERSAMPLING = 6.0
"""Points of the first grid per width 1/T of a peak."""
FIRST_PEAKS = 4
SUMMED_MULTIPLES = (2, 3)
MAX_TERMS = 8
BATCH_NUMBERS = 2_000_000
SIDEREAL = 1.0027379
RELATIVES = (1.0, 0.5, 2.0, 1.0 / 3.0, 3.0)
DAILY = (0.0, -2.0 * SIDEREAL, -SIDEREAL, -0.5 * SIDEREAL, 0.5 * SIDEREAL, SIDEREAL, 2.0 * SIDEREAL)
"""Cycles per day between a frequency and those that nightly sampling makes look like it."""


@dataclass(frozen=True, slots=True)
class Points:
    """A light curve: times in days from its middle, magnitudes, errors; finite, (n,) each."""

    times: FloatArray
    mags: FloatArray
    errors: FloatArray

    @property
    def span(self) -> float:
        """Days from the first to the last point."""
        return float(np.ptp(self.times))

    def only(self, kept: BoolArray) -> Points:
        """Return some of the points."""
        return Points(self.times[kept], self.mags[kept], self.errors[kept])

    def __len__(self) -> int:
        return len(self.times)


@dataclass(frozen=True, slots=True)
class HarmonicFit:
    """A mean and harmonics of one frequency.

    frequency   -- cycles per day
    terms       -- number of harmonics
    values      -- the mean, then cosine and sine of each harmonic, magnitudes
    chi2        -- of the fit, with the errors of the points
    """

    frequency: float
    terms: int
    values: FloatArray
    chi2: float

    @property
    def parameters(self) -> int:
        """Number of fitted numbers, the frequency included."""
        return 2 * self.terms + 2

    def at(self, times: FloatArray) -> FloatArray:
        """Compute the fitted magnitudes."""
        return np.asarray(_design(times, np.array([self.frequency]), self.terms)[0] @ self.values)


def first_frequencies(points: Points, low: float, high: float) -> list[float]:
    """List the frequencies of the highest peaks between two limits, cycles per day.

    Peaks of the floating-mean periodogram, and of the sum of its powers at a frequency and its
    first multiples, in which shapes that are no sine stand out. (astropy's own fit of several
    terms, "fastchi2", takes a millisecond per three frequencies.)
    """
    step = 1.0 / (OVERSAMPLING * points.span)
    # Multiples of the step, so that those of a frequency are points of the grid as well.
    grid: FloatArray = step * np.arange(1.0, max(4, int(high / step)) + 1)
    periodogram = LombScargle(points.times, points.mags, points.errors, fit_mean=True)
    power: FloatArray = np.nan_to_num(
        periodogram.power(grid, method="fast", assume_regular_frequency=True), posinf=0.0
    )
    begin, apart = max(0, int(low / step) - 1), int(2 * OVERSAMPLING)
    found = _peaks(grid[begin:], power[begin:], apart)
    summed = power.copy()
    for multiple in SUMMED_MULTIPLES:
        part = power[multiple - 1 :: multiple]
        summed[: len(part)] += part
    return found + _peaks(grid[begin:], summed[begin:], apart)


def related(
    frequencies: list[float],
    low: float,
    high: float,
    width: float,
    shifts: tuple[float, ...] = DAILY,
) -> list[float]:
    """Add halves, doubles, thirds and daily aliases; without those closer than ``width``."""
    every = [
        abs(factor * frequency + shift)
        for factor in RELATIVES
        for frequency in frequencies
        for shift in shifts
    ]
    kept: list[float] = []
    for frequency in every:
        if low <= frequency <= high and all(abs(frequency - other) > width for other in kept):
            kept.append(frequency)
    return kept


def best_fit(points: Points, frequency: float, terms: int, reach: float, steps: int) -> HarmonicFit:
    """Fit harmonics at the best of ``steps`` frequencies within ``reach`` of one."""
    offsets = np.linspace(-reach, reach, steps) if steps > 1 else np.zeros(1)
    grid = np.abs(frequency + offsets)
    values, chi2 = _solve(points, grid, terms)
    best = int(np.argmin(chi2))
    return HarmonicFit(float(grid[best]), terms, values[best], float(chi2[best]))


def refine(points: Points, fit: HarmonicFit) -> tuple[HarmonicFit, float]:
    """Bring the frequency to the minimum of chi-square; return the fit and the frequency's error.

    The error is that at which chi-square grows by its reduced value: errors that are too small
    make no period too sure.
    """
    reach = 0.2 / points.span
    for _ in range(5):
        fit = min(
            best_fit(points, fit.frequency, fit.terms, reach, 21), fit, key=lambda one: one.chi2
        )
        reach /= 5.0
    freedom = max(len(points) - fit.parameters, 1)
    reduced = max(fit.chi2 / freedom, 1e-12)
    step = 0.02 / points.span
    for _ in range(30):
        around = fit.frequency + np.array([-step, 0.0, step])
        chi2 = _solve(points, np.abs(around), fit.terms)[1]
        rise = 0.5 * (chi2[0] + chi2[2]) - chi2[1]
        if rise <= 0.0:
            return fit, float("nan")
        if 0.3 < rise / reduced < 3.0:
            break
        step *= float(np.clip(np.sqrt(reduced / rise), 0.1, 10.0))
    return fit, float(step * np.sqrt(reduced / rise))


def amplitude_of(points: Points, fit: HarmonicFit) -> tuple[float, float]:
    """Compute the range of the fitted magnitudes at observed phases, and its error.

    Where a phase was not observed, a sum of harmonics may swing; such swings do not count.
    """
    model = fit.at(points.times)
    faint, bright = int(np.argmax(model)), int(np.argmin(model))
    design = _design(points.times, np.array([fit.frequency]), fit.terms)[0]
    weighted = design / points.errors[:, None] ** 2
    covariance = np.linalg.pinv(design.T @ weighted)
    difference = design[faint] - design[bright]
    reduced = fit.chi2 / max(len(points) - fit.parameters, 1)
    error = np.sqrt(difference @ covariance @ difference * reduced)
    return float(model[faint] - model[bright]), float(error)


def outliers(points: Points, model: FloatArray, limit: float) -> BoolArray:
    """Return which points are beyond ``limit`` times the robust scatter about a model."""
    pulls = (points.mags - model) / points.errors
    scale = max(robust_scatter(pulls), 1e-9)
    return np.asarray(np.abs(pulls - np.median(pulls)) > limit * max(scale, 1.0))


def most_terms(points: Points, frequency: float) -> int:
    """Return how many harmonics the points can carry: none finer than the largest gap in phase.

    Of a period with less than three cycles only the simplest shapes are fitted: many harmonics of
    it would be a fit of something faster.
    """
    if points.span * frequency < 3.0:
        return max(1, int(points.span * frequency))
    phases = np.sort(points.times * frequency % 1.0)
    gap = float(np.max(np.diff(np.concatenate([phases, [phases[0] + 1.0]]))))
    return int(min(MAX_TERMS, max(1.0, 0.7 / max(gap, 1e-9)), max(1, (len(points) - 2) // 5)))


def _solve(points: Points, grid: FloatArray, terms: int) -> tuple[FloatArray, FloatArray]:
    """Fit at each frequency of a grid: values (f, 2 terms + 1) and chi-squares (f,)."""
    width = 2 * terms + 1
    batch = max(1, BATCH_NUMBERS // (len(points) * width))
    values, chi2 = [], []
    root = 1.0 / points.errors
    target = points.mags * root
    for begin in range(0, len(grid), batch):
        design = _design(points.times, grid[begin : begin + batch], terms) * root[:, None]
        transposed = design.transpose(0, 2, 1)
        normal = transposed @ design
        # Phases without points make harmonics alike; a little stiffness keeps that solvable.
        normal += 1e-9 * np.trace(normal, axis1=1, axis2=2)[:, None, None] / width * np.eye(width)
        solved = np.linalg.solve(normal, (transposed @ target)[..., None])
        misfit = target - (design @ solved)[..., 0]
        values.append(solved[..., 0])
        chi2.append(np.sum(misfit**2, axis=1))
    return np.concatenate(values), np.concatenate(chi2)


def _design(times: FloatArray, grid: FloatArray, terms: int) -> FloatArray:
    """Build (f, n, 2 terms + 1): one, and cosine and sine of each harmonic."""
    angle = 2.0 * np.pi * grid[:, None] * times[None, :]
    turn = np.exp(1j * angle)
    design = np.empty((len(grid), len(times), 2 * terms + 1))
    design[..., 0] = 1.0
    wave = np.ones_like(turn)
    for term in range(terms):
        wave = wave * turn
        design[..., 2 * term + 1] = wave.real
        design[..., 2 * term + 2] = wave.imag
    return design


def _peaks(grid: FloatArray, power: FloatArray, apart: int) -> list[float]:
    left = power.copy()
    found = []
    for _ in range(FIRST_PEAKS):
        place = int(np.argmax(left))
        if left[place] <= 0.0:
            break
        found.append(float(grid[place]))
        left[max(0, place - apart) : place + apart + 1] = 0.0
    return found

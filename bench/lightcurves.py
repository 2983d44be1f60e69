"""Light curves from pixels: scatter, errors and periods of stars whose truth is known.

`./dev bench lightcurves` draws stacks of a synthetic field on many nights by three telescopes, with
clouds, moonlight, seeing, colour terms and errors of flat fields. Each is written as a product,
solved and measured as a worker does it, and matched with the true list by place. Then the field is
calibrated and searched for variable stars. Stacks are drawn as such, not stacked from subs: 200
stacks would need 15,000 subs.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from crowdsky.photometry.ensemble.field import calibrate_field
from crowdsky.photometry.ensemble.tables import BAND_PLANES, FieldCalibration, FieldObservations
from crowdsky.photometry.variability.candidates import Variable, find_variables
from crowdsky.synthetic.variables import (
    ContactBinary,
    DetachedBinary,
    Dip,
    LightCurve,
    Mira,
    RRLyrae,
    Transit,
)
from tests.support.pictured_nights import (
    PicturedField,
    PicturedPlan,
    observe,
    plan_pictures,
    truth_catalogue,
)
from tests.support.reader_magnitudes import read_magnitudes

T0 = 2461000.2
CURVES: dict[str, LightCurve] = {
    "transit": Transit(1.0914, T0, 0.015, 0.13),
    "detached": DetachedBinary(1.32231, T0, Dip(0.6, 0.2, 0.05), Dip(0.15, 0.2, 0.1)),
    "contact": ContactBinary(0.40033, T0, 0.45, 0.38),
    "RR Lyrae": RRLyrae(0.53951, T0, 0.9),
    "Mira": Mira(320.0, T0 - 80.0, 4.0),
}
EDGES = (9.0, 10.0, 11.0, 12.0, 13.0, 14.0, 15.0)
MIN_POINTS = 6
LOWEST_CHI2, HIGHEST_CHI2 = 0.8, 1.3
MOST_SCATTER = 1.1
FLOOR_MAG, FLOOR_BELOW = 0.008, 11.0
MIN_STARS = 5
"""A bin with fewer stars is printed, but not held to the bars."""


@dataclass(frozen=True, slots=True)
class Bin:
    """The constant stars of a band in a range of magnitudes.

    scatter, stated -- medians of the stars' standard deviations and mean errors, magnitudes
    ratio           -- median of scatter over stated error
    chi2            -- reduced chi-square of all points
    median_chi2     -- median of the reduced chi-squares of the stars
    measuring       -- reduced chi-square of STAR-TAB's fluxes over the light that was drawn, by the
                       errors of STAR-TAB: without the calibration, scintillation and flat field.
                       Left out is a factor per stack, and one per star: light of its neighbours
    """

    band: str
    low: float
    high: float
    n_stars: int
    n_points: int
    scatter: float
    stated: float
    ratio: float
    chi2: float
    median_chi2: float
    measuring: float

    @property
    def meets(self) -> bool:
        """Whether the errors are as large as the scatter, if there are stars enough to say so."""
        honest = LOWEST_CHI2 <= self.chi2 <= HIGHEST_CHI2 and self.ratio <= MOST_SCATTER
        return honest or self.n_stars < MIN_STARS


@dataclass(frozen=True, slots=True)
class Result:
    """What came of a plan."""

    plan: PicturedPlan
    observations: FieldObservations
    true_flux: np.ndarray
    calibration: FieldCalibration
    variables: list[Variable]


def run(plan: PicturedPlan, processes: int) -> Result:
    """Draw, measure, calibrate and search."""
    return calibrated(plan, observe(plan, processes))


def calibrated(plan: PicturedPlan, field: PicturedField) -> Result:
    """Calibrate and search what was measured."""
    observations = field.observations
    calibration = calibrate_field(observations, truth_catalogue(plan))
    variables = find_variables(observations, calibration)
    return Result(plan, observations, field.true_flux, calibration, variables)


def bins(result: Result, edges: Sequence[float] = EDGES) -> list[Bin]:
    """Compute scatter and errors of constant stars as a reader of good points does."""
    return [
        one
        for band in "GRB"
        for low, high in pairwise(edges)
        if (one := _bin(result, band, low, high)) is not None
    ]


def _bin(result: Result, band: str, low: float, high: float) -> Bin | None:
    observations, plan = result.observations, result.plan
    read = read_magnitudes(observations, result.calibration, band)
    good = observations.observations.flags[read.row] == 0
    place = (read.star[good], read.epoch[good])
    mags, errors = np.full((2, len(observations.stars), len(observations.epochs)), np.nan)
    mags[place], errors[place] = read.mag[good], read.error[good]
    v_mag = plan.truth.stars.v_mag[plan.listed]
    constant = ~np.isin(plan.listed, list(plan.curves))
    points = np.isfinite(mags).sum(axis=1)
    rows = np.flatnonzero(constant & (v_mag >= low) & (v_mag < high) & (points >= MIN_POINTS))
    if not rows.size:
        return None
    mags, errors, points = mags[rows], errors[rows], points[rows]
    weights = 1.0 / errors**2
    mean = np.nansum(weights * mags, axis=1) / np.nansum(weights, axis=1)
    squares = (mags - mean[:, None]) ** 2
    chi2 = np.nansum(squares * weights, axis=1)
    free = points - 1
    scatter = np.sqrt(np.nansum(squares, axis=1) / free)
    stated = np.sqrt(np.nanmean(errors**2, axis=1))
    return Bin(
        band, low, high, len(rows), int(points.sum()), float(np.median(scatter)),
        float(np.median(stated)), float(np.median(scatter / stated)),
        float(chi2.sum() / free.sum()), float(np.median(chi2 / free)),
        _measuring(result, band, rows),
    )  # fmt: skip


def _measuring(result: Result, band: str, stars: np.ndarray) -> float:
    """Compute the reduced chi-square of the fluxes of listed stars over their true light."""
    rows, plane = result.observations.observations, BAND_PLANES[band]
    clean = (rows.flags == 0) & np.isfinite(result.true_flux[:, plane])
    flux, error = rows.flux[:, plane].astype(float), rows.flux_error[:, plane].astype(float)
    factor = np.ones(len(result.observations.epochs))
    bright = clean & (flux > 50.0 * error)
    for epoch in range(len(factor)):
        mine = bright & (rows.epoch == epoch)
        factor[epoch] = np.median(flux[mine] / result.true_flux[mine, plane])
    chosen = np.flatnonzero(clean & np.isin(rows.star, stars))
    light = factor[rows.epoch[chosen]] * result.true_flux[chosen, plane]
    share, weight = flux[chosen] / light, (light / error[chosen]) ** 2
    star, count = rows.star[chosen], len(result.observations.stars)
    total, points = np.bincount(star, weight, count), np.bincount(star, minlength=count)
    mean = np.bincount(star, weight * share, count)[star] / total[star]
    free = np.maximum(points - 1, 0).sum()
    return float(np.sum(weight * (share - mean) ** 2) / free)


def floor(result: Result, band: str = "G") -> float:
    """Return the median scatter of bright constant stars, magnitudes; NaN without any."""
    one = _bin(result, band, 0.0, FLOOR_BELOW)
    return float("nan") if one is None else one.scatter


def false_variables(result: Result) -> int:
    """Count constant stars that are called variable."""
    true = {row + 1 for row in result.plan.curves}
    return sum(one.kind != "constant" and one.star_id not in true for one in result.variables)


def main(argv: Sequence[str]) -> int:
    """Print the tables; 1 if errors are not honest."""
    parser = argparse.ArgumentParser(prog="bench lightcurves", description=__doc__)
    parser.add_argument("--visits", type=int, default=24, help="stacks to draw (default: 24)")
    parser.add_argument("--nights", type=int, help="default: one for each seven visits, 3 or more")
    parser.add_argument("--seed", type=int, default=3)
    parser.add_argument("--processes", type=int, default=2)
    options = parser.parse_args(argv)
    nights = options.nights or max(3, options.visits // 7)
    plan = plan_pictures(options.seed, options.visits, nights, list(CURVES.values()), asked=(0,))
    started = time.perf_counter()
    result = run(plan, options.processes)
    print(
        f"{options.visits} stacks of {nights} nights by"
        f" {len(np.unique(plan.visits.telescope))} telescopes, {len(plan.listed)} stars,"
        f" {len(result.observations.observations)} observations:"
        f" {time.perf_counter() - started:.0f} s"
    )
    met = [_print_bins(result), _print_variables(result)]
    return 0 if all(met) else 1


def _print_bins(result: Result) -> bool:
    print("constant stars, points without a flag; mmag")
    print("| band | V | stars | points | scatter | stated | ratio | chi2 | median | measuring |")
    print("|---|---|---|---|---|---|---|---|---|---|")
    found = bins(result)
    for one in found:
        print(
            f"| {one.band} | {one.low:.0f} to {one.high:.0f} | {one.n_stars} | {one.n_points}"
            f" | {1e3 * one.scatter:.1f} | {1e3 * one.stated:.1f} | {one.ratio:.2f}"
            f" | {one.chi2:.2f} | {one.median_chi2:.2f} | {one.measuring:.2f} |"
            f"{'' if one.meets else ' missed'}"
        )
    bright = floor(result)
    print(f"scatter of constant stars to V = {FLOOR_BELOW:.0f} in green: {1e3 * bright:.1f} mmag")
    return all(one.meets for one in found) and bright <= FLOOR_MAG


def _print_variables(result: Result) -> bool:
    claimed = {one.star_id: one for one in result.variables}
    print("| star | V | kind | period, d | true | amplitude, mag | true | true in these visits |")
    print("|---|---|---|---|---|---|---|---|")
    for name, (row, curve) in zip(CURVES, result.plan.curves.items(), strict=False):
        seen = float(np.ptp(result.plan.truth.changes[row, :, 1]))
        v_mag = result.plan.truth.stars.v_mag[row]
        true = f"{_amplitude(curve):.3f} | {seen:.3f}"
        kind, period, amplitude = _claim(claimed.get(row + 1))
        claim = f"{kind} | {period} | {_period(curve)} | {amplitude}"
        print(f"| {name} | {v_mag:.1f} | {claim} | {true} |")
    wrong = false_variables(result)
    print(f"constant stars called variable: {wrong}")
    return wrong == 0


def _period(curve: LightCurve) -> str:
    return f"{getattr(curve, 'period', float('nan')):.5f}"


def _amplitude(curve: LightCurve) -> float:
    """Return the depth of the deeper eclipse, or the range of other light, magnitudes."""
    if isinstance(curve, DetachedBinary):
        return curve.primary.depth
    return float(getattr(curve, "depth", getattr(curve, "amplitude", float("nan"))))


def _claim(one: Variable | None) -> tuple[str, str, str]:
    """Describe what is reported of a star: kind, period, amplitude or depth."""
    if one is None:
        return "not found", "-", "-"
    if one.period is None:
        return one.kind, "none", f"{one.amplitude_mag:.3f} ± {one.amplitude_error_mag:.3f}"
    period = f"{one.period.period:.5f} ± {one.period.error:.5f}"
    if np.isfinite(one.period.depth):
        return one.kind, period, f"{one.period.depth:.3f} ± {one.period.depth_error:.3f}"
    return one.kind, period, f"{one.amplitude_mag:.3f} ± {one.amplitude_error_mag:.3f}"

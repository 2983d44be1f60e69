"""What of a star's scatter follows the seeing, its place, the airmass or the telescope.

Blended stars brighten with the seeing, stars at the edge of a flat field follow their place in the
picture. A star whose excess is gone once such dependences are taken out is none that varies. The
dependences may be as steep as instruments make them, not steeper: with a prior of zero and the
widths below they cannot swallow a large change of light that happens to fall on a hazy night.
"""

from __future__ import annotations

import numpy as np

from crowdsky.base.arrays import BoolArray, FloatArray
from crowdsky.photometry.variability.curves import FieldCurves

FWHM_MAG = 0.15
"""Magnitudes by which a blended star changes when the seeing changes by one standard deviation."""
PLACE_MAG = 0.05
AIRMASS_MAG = 0.05
TELESCOPE_MAG = 0.1
CLIP_SIGMA = 4.0
DIP_CLIP_SIGMA = 3.0
ROUNDS = 5


def without_systematics(
    curves: FieldCurves, star: int, mags: FloatArray, errors: FloatArray
) -> tuple[FloatArray, int]:
    """Take dependences out of a star's magnitudes.

    Args:
        curves: the field, for the observing conditions.
        star: row of the star.
        mags, errors: of the star, (m,), NaN where there is none.

    Returns:
        The magnitudes without the fitted dependences, and how many of them the points determined.
    """
    there = np.flatnonzero(np.isfinite(mags))
    design, widths = _dependences(curves, star, there)
    if design.shape[1] == 0:
        return mags, 0
    residuals = mags[there] - np.median(mags[there])
    weights = 1.0 / errors[there]
    prior = np.diag(np.concatenate([[0.0], widths**-2.0]))
    columns = np.column_stack([np.ones(len(there)), design])
    solved = np.zeros(columns.shape[1])
    normal = np.eye(columns.shape[1])
    for _ in range(ROUNDS):
        # Bad points and eclipses take no part.
        pulls = np.abs(residuals - columns @ solved) * weights
        near = pulls <= CLIP_SIGMA * max(1.0, 1.4826 * float(np.median(pulls)))
        weighted = columns[near] * weights[near, None]
        normal = weighted.T @ weighted
        solved = np.linalg.solve(normal + prior, weighted.T @ (residuals[near] * weights[near]))
    determined = np.trace(np.linalg.solve(normal + prior, normal)) - 1.0
    cleaned = mags.copy()
    cleaned[there] = mags[there] - design @ solved[1:]
    return cleaned, int(np.ceil(determined - 0.1))


def depth_beside_systematics(
    curves: FieldCurves, star: int, mags: FloatArray, errors: FloatArray, inside: BoolArray
) -> tuple[float, float]:
    """Fit a dip together with the dependences: its depth and error, magnitudes.

    What else explains the dip makes its error larger, and a dip takes no part in what is fitted to
    the conditions. Points count with at most DIP_CLIP_SIGMA about the fit. Arrays are (m,), of
    magnitudes NaN where there is none; ``inside`` says which are in the dip.
    """
    there = np.flatnonzero(np.isfinite(mags))
    dark = inside[there]
    if dark.sum() < 3 or (~dark).sum() < 3:
        return 0.0, np.inf
    design, widths = _dependences(curves, star, there)
    columns = np.column_stack([np.ones(len(there)), dark, design])
    prior = np.diag(np.concatenate([[0.0, 0.0], widths**-2.0]))
    residuals, weights = mags[there] - np.median(mags[there]), 1.0 / errors[there]
    solved = np.zeros(columns.shape[1])
    solved[1] = np.median(residuals[dark]) - np.median(residuals[~dark])
    weighted = columns * weights[:, None]
    covariance = np.linalg.inv(weighted.T @ weighted + prior)
    reach = DIP_CLIP_SIGMA * errors[there]
    for _ in range(ROUNDS):
        model = columns @ solved
        limited = model + np.clip(residuals - model, -reach, reach)
        solved = covariance @ (weighted.T @ (limited * weights))
    return float(solved[1]), float(np.sqrt(covariance[1, 1]))


def _dependences(
    curves: FieldCurves, star: int, there: np.ndarray
) -> tuple[FloatArray, FloatArray]:
    """Build the columns of a fit (k, n), scaled to a standard deviation, and their prior widths."""
    telescope = curves.telescope[there]
    found = [
        (_within(curves.fwhm_px[star, there], telescope), FWHM_MAG),
        (_within(curves.u[star, there], telescope), PLACE_MAG),
        (_within(curves.v[star, there], telescope), PLACE_MAG),
        (_within(curves.airmass[there], np.zeros_like(telescope)), AIRMASS_MAG),
    ]
    bend = found[0][0] ** 2
    found.append((bend - bend.mean(), 0.3 * FWHM_MAG))
    for unit in np.unique(telescope)[1:]:
        step = (telescope == unit).astype(np.float64)
        found.append((step - step.mean(), TELESCOPE_MAG))
    kept = [(column, width) for column, width in found if np.any(column != 0.0)]
    if not kept:
        return np.zeros((len(there), 0)), np.zeros(0)
    return np.column_stack([column for column, _ in kept]), np.array([width for _, width in kept])


def _within(values: np.ndarray, telescope: np.ndarray) -> FloatArray:
    """Return deviations from the mean of each telescope, in standard deviations of all."""
    plain = np.where(np.isfinite(values), values, np.nan).astype(np.float64)
    result = np.zeros(len(plain))
    for unit in np.unique(telescope):
        rows = (telescope == unit) & np.isfinite(plain)
        if rows.any():
            result[rows] = plain[rows] - plain[rows].mean()
    spread = float(np.std(result))
    return result / spread if spread > 1e-6 else np.zeros(len(plain))

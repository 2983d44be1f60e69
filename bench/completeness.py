"""How many of the known stars a picture shows at a fixed number of false detections."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from bench import quality
from bench.best_weights import NOTHING, Estimate

FILTERS_PX = (0.7, 0.9, 1.15, 1.45, 1.8, 2.3)
"""Widths of the Gaussians that pictures are searched with. For each picture the best one counts, so
that it gains nothing by being smoothed or sharpened beforehand."""
FALSE_PER_NIGHT = 10.0
MATCH_PX = 2.5
KEPT = 400
"""False detections of a picture that are kept, the highest."""
NEVER = -math.inf


@dataclass(frozen=True, slots=True)
class Detections:
    """Peaks by width of the filter, in its noise: (filters, n stars) and (filters, KEPT).

    ``stars`` is -inf for a star without a peak; ``false`` has the peaks where nothing is, falling.
    """

    stars: np.ndarray
    false: np.ndarray


def find_peaks(
    luminance: np.ndarray, x: np.ndarray, y: np.ndarray, nothing: np.ndarray
) -> Detections:
    """Search a picture for peaks at stars, and where ``nothing`` (height, width) is."""
    stars = np.full((len(FILTERS_PX), len(x)), NEVER)
    false = np.full((len(FILTERS_PX), KEPT), NEVER)
    for number, width in enumerate(FILTERS_PX):
        smooth = ndimage.gaussian_filter(luminance.astype(np.float32), width, truncate=3.5)
        noise = quality.scatter(smooth[::3, ::3][nothing[::3, ::3]])
        if not noise > 0.0:
            continue
        peak = (smooth == ndimage.maximum_filter(smooth, 3)) & (smooth > noise)
        stars[number] = _nearest(smooth, peak, x, y) / noise
        heights = np.sort(smooth[peak & nothing])[::-1][:KEPT] / noise
        false[number, : heights.size] = heights
    return Detections(stars, false)


def found_stars(nights: Sequence[Detections]) -> tuple[np.ndarray, float]:
    """Which stars of all nights are found, (n,) bool, and the error of their share by the false.

    At FALSE_PER_NIGHT false detections on average, with the filter that finds most.
    """
    best, error = np.zeros(0, bool), math.nan
    if not any(night.stars.shape[1] for night in nights):
        return best, error
    for number in range(len(FILTERS_PX)):
        stars = np.concatenate([night.stars[number] for night in nights])
        false = np.sort(np.concatenate([night.false[number] for night in nights]))[::-1]
        allowed = FALSE_PER_NIGHT * len(nights)
        found = stars > _threshold(false, allowed)
        if best.size == 0 or found.sum() > best.sum():
            fewer, more = (
                (stars > _threshold(false, allowed + sign * math.sqrt(allowed))).mean()
                for sign in (-1, 1)
            )
            best, error = found, float(abs(more - fewer)) / 2.0
    return best, error


def completeness(nights: Sequence[Detections]) -> Estimate:
    """Share of the stars that are found; NOTHING without stars."""
    found, by_false = found_stars(nights)
    if found.size == 0:
        return NOTHING
    share = float(found.mean())
    return Estimate(share, math.hypot(math.sqrt(share * (1.0 - share) / found.size), by_false))


def completeness_ratio(ours: Sequence[Detections], theirs: Sequence[Detections]) -> Estimate:
    """Ratio of the shares of the same stars that two tools' pictures show."""
    (mine, my_error), (other, other_error) = found_stars(ours), found_stars(theirs)
    if mine.size == 0 or not (mine.any() and other.any()):
        return NOTHING
    ratio = float(mine.mean() / other.mean())
    apart = mine / mine.mean() - other / other.mean()
    errors = (float(apart.std()) / math.sqrt(apart.size), my_error / mine.mean(),
              other_error / other.mean())  # fmt: skip
    return Estimate(ratio, ratio * math.hypot(*errors))


def _threshold(false: np.ndarray, allowed: float) -> float:
    """Height above which so many false detections are, between the two next to it."""
    place = min(max(allowed, 1.0), false.size - 1.0)
    low, high = false[math.ceil(place) - 1], false[math.floor(place)]
    return float(high if math.isinf(high) else 0.5 * (low + high))


def _nearest(smooth: np.ndarray, peak: np.ndarray, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Height of the highest peak within MATCH_PX of each place, -inf where there is none."""
    reach = math.ceil(MATCH_PX)
    found = np.full(len(x), NEVER)
    rows, columns = np.mgrid[-reach : reach + 1, -reach : reach + 1]
    for index, (star_x, star_y) in enumerate(zip(x, y, strict=True)):
        column, row = round(float(star_x)), round(float(star_y))
        part = np.s_[row - reach : row + reach + 1, column - reach : column + reach + 1]
        if min(column, row) < reach or smooth[part].shape != rows.shape:
            continue
        near = np.hypot(columns + column - star_x, rows + row - star_y) <= MATCH_PX
        heights = smooth[part][near & peak[part]]
        if heights.size:
            found[index] = heights.max()
    return found

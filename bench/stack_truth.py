"""What only a synthetic night can tell: true light and places, and what should have gone."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from bench import quality
from bench.best_weights import NOTHING, Estimate
from bench.stack_pictures import Picture
from crowdsky.stacking.registration.detect import Stars
from crowdsky.stacking.registration.transform import Affine, apply, fit_similarity, mirrored
from crowdsky.synthetic.geometry import matrix
from crowdsky.synthetic.sky import Trail, Truth

FLUX_APERTURE_PX = 5.0
FLUX_FROM_ADU = 5000.0
"""In a stack of 15; faint stars of shallow stacks scatter by noise alone."""
FLUX_TO_ADU = 250_000.0
MIN_STARS = 3
"""Fewer fix a line, and tell neither its slope nor a scatter about it."""
MIN_SPAN_MAG = 0.1
"""Stars alike in brightness do not tell a slope."""
CLIP = 3.0
FLOOR_MAG = 1e-6
"""A thousandth of the scatter of the best stack, and a million times what magnitudes are rounded
by: without noise the clip must not tell one rounding from another."""
POSITIONS_ADU = (8000.0, 300_000.0)
TRAIL_POINTS = 1500
HOTTEST, HOT = 10, 100
"""Of ten there are 20 places in a stack of 5, so that chance alone may pass the target: a hundred
tell what their treatment is worth."""
STAR_FREE_PX = 10.0
STAR_ADU = 300.0


@dataclass(frozen=True, slots=True)
class TruthFigures:
    """Deviations from truth.

    Attributes:
        slope: of measured over true magnitudes.
        position: median distance of stars from their true places, px, after the best similarity.
        trail: light left of satellites' trails, 1 if they were averaged in like the sky.
        hottest: light left of the 10 brightest hot pixels along their way, in sigma of a pixel.
        hot: the same of the 100 brightest.
    """

    slope: float
    position: float
    trail: Estimate
    hottest: Estimate
    hot: Estimate


NO_TRUTH = TruthFigures(math.nan, math.nan, *3 * (NOTHING,))


def against_truth(
    picture: Picture,
    place: Affine,
    stars: Stars,
    lone: np.ndarray,
    truth: Truth,
    margin: int,
) -> TruthFigures:
    """Compare a stack with the night it shows.

    Args:
        place: transform from the night's reference frame to the picture.
        stars: ``night_stars``; ``lone`` are the indices of those to be measured.
        margin: px at each edge to stay away from.
    """
    x, y = apply(place, stars.x[lone], stars.y[lone])
    measured = quality.aperture_light(picture.luminance, x, y, FLUX_APERTURE_PX)
    light = stars.light[lone]
    faintest = FLUX_FROM_ADU * math.sqrt(15.0 / max(picture.used, 1))
    good = (measured > 0.0) & (light > faintest) & (light < FLUX_TO_ADU)
    slope, _ = magnitude_line(light[good], measured[good])
    gain = float(np.median(measured[good] / light[good])) if good.any() else math.nan
    return TruthFigures(
        slope=slope,
        position=_position_error(picture, place, stars, lone),
        trail=_trail_light(picture, place, truth, gain, margin),
        hottest=_hot_light(picture, place, stars, truth, margin, HOTTEST),
        hot=_hot_light(picture, place, stars, truth, margin, HOT),
    )


def magnitude_line(true: np.ndarray, measured: np.ndarray) -> tuple[float, np.ndarray]:
    """Slope of measured over true magnitudes, and how far each lies off; NaN for outliers.

    ``true`` and ``measured`` are light, (n,). All is NaN for fewer than MIN_STARS stars with both,
    and for stars alike in brightness.
    """
    off = np.full(true.size, math.nan)
    lit = (true > 0.0) & (measured > 0.0) & np.isfinite(true) & np.isfinite(measured)
    true_mag, mag = -2.5 * np.log10(true[lit]), -2.5 * np.log10(measured[lit])
    if not _tells_slope(true_mag):
        return math.nan, off
    line = np.polyfit(true_mag, mag, 1)
    kept = np.ones(mag.size, bool)
    for _ in range(4):
        nearer = _near_line(mag - np.polyval(line, true_mag))
        if not _tells_slope(true_mag[nearer]):
            break
        kept = nearer
        line = np.polyfit(true_mag[kept], mag[kept], 1)
    off[lit] = np.where(kept, mag - np.polyval(line, true_mag), math.nan)
    return float(line[0]), off


def _tells_slope(true_mag: np.ndarray) -> bool:
    return true_mag.size >= MIN_STARS and float(np.ptp(true_mag)) >= MIN_SPAN_MAG


def _near_line(off: np.ndarray) -> np.ndarray:
    """Which magnitudes lie near to a line that they are ``off``; at least half of them, (n,) bool.

    Blends draw the first line away from all other stars, which then may scatter little and be far
    away: the limit is never less than their usual distance.
    """
    distance = np.abs(off)
    limit = max(CLIP * quality.scatter(off), float(np.median(distance)), FLOOR_MAG)
    return np.asarray(distance <= limit)


def _position_error(picture: Picture, place: Affine, stars: Stars, lone: np.ndarray) -> float:
    light = stars.light[lone]
    chosen = lone[(light > POSITIONS_ADU[0]) & (light < POSITIONS_ADU[1])]
    x, y = stars.x[chosen], stars.y[chosen]
    seen_x, seen_y = quality.windowed(picture.luminance, *apply(place, x, y))
    if mirrored(place):
        x = -x  # a similarity never turns a picture over
    fitted = fit_similarity(x, y, seen_x, seen_y, np.ones(x.size)) if x.size else None
    if fitted is None:
        return math.nan
    fitted_x, fitted_y = apply(fitted, x, y)
    return float(np.median(np.hypot(fitted_x - seen_x, fitted_y - seen_y)))


def _trail_light(
    picture: Picture, place: Affine, truth: Truth, gain: float, margin: int
) -> Estimate:
    """Mean of all trails, relative to a trail that was averaged in with all frames used."""
    shares, errors = [], []
    for sub in truth.subs:
        to_picture = matrix(place) @ matrix(sub.to_reference)
        for trail in sub.trails:
            if trail.x0 == trail.x1 and trail.y0 == trail.y1:
                continue  # a point has no sides
            x, y, across = _trail_points(trail, to_picture)
            inside = _inside(picture, x, y, margin)
            if inside.sum() < TRAIL_POINTS // 20:
                continue
            light, error = quality.line_excess(picture.luminance, x[inside], y[inside], across)
            # line_light takes the middle of three points; the outer two lie 1 px off the ridge.
            ridge = float(np.mean(trail.peak_adu)) * math.exp(-0.5 / trail.sigma_px**2)
            full = ridge * gain / max(picture.used, 1)
            if not full > 0.0:
                continue
            shares.append(light / full)
            errors.append(error / full)
    if not shares:
        return NOTHING
    return Estimate(float(np.mean(shares)), math.hypot(*errors) / len(errors))


def _trail_points(
    trail: Trail, to_picture: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Points along a trail in the picture, and the unit vector at right angles to it."""
    along = np.linspace(0.05, 0.95, TRAIL_POINTS)
    x = trail.x0 + (trail.x1 - trail.x0) * along
    y = trail.y0 + (trail.y1 - trail.y0) * along
    points = to_picture @ np.vstack([x, y, np.ones_like(x)])
    across = to_picture[:2, :2] @ np.array([trail.y1 - trail.y0, trail.x0 - trail.x1])
    return points[0], points[1], across / np.hypot(*across)


def _hot_light(
    picture: Picture, place: Affine, stars: Stars, truth: Truth, margin: int, count: int
) -> Estimate:
    """Mean over the places where the brightest hot pixels of the good subs fell, off the stars."""
    night, hot = truth.night, truth.hot_pixels
    brightest = np.argsort(-hot.adu)[:count]
    pixels = np.vstack([hot.x[brightest], hot.y[brightest], np.ones(brightest.size)])
    places = [
        (matrix(place) @ matrix(sub.to_reference) @ pixels)[:2]
        for index, sub in enumerate(truth.subs)
        if index not in night.cloudy + night.trailed
    ]
    noise = quality.scatter(picture.luminance[::5, ::5])
    if not places or not noise > 0.0:
        return NOTHING
    x, y = np.concatenate(places, axis=1)
    bright = stars.light > STAR_ADU
    star_x, star_y = apply(place, stars.x[bright], stars.y[bright])
    apart = np.hypot(x[:, None] - star_x, y[:, None] - star_y).min(axis=1, initial=math.inf)
    kept = _inside(picture, x, y, margin) & (apart > STAR_FREE_PX)
    if not kept.any():
        return NOTHING
    light = quality.point_light(picture.luminance, x[kept], y[kept]) / noise
    return Estimate(float(light.mean()), float(light.std() / math.sqrt(light.size)))


def _inside(picture: Picture, x: np.ndarray, y: np.ndarray, margin: int) -> np.ndarray:
    height, width = picture.luminance.shape
    return np.asarray((x > margin) & (y > margin) & (x < width - margin) & (y < height - margin))

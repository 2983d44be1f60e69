"""Develops a stack: the best picture of it that can be made unasked.

1. The gradient of the sky is subtracted (``background``); without enough sky, its median.
2. The colours are balanced: by the zero points of the planes, which make a star of the Sun's colour
   white where the catalogue has colours and the mean star of the field where it has none; without
   zero points by the bright stars of the picture itself.
3. Light (the mean of the planes, weighed by their noise) and the three differences from it are
   compressed by an inverse hyperbolic sine (Lupton et al. 2004, PASP 116, 133) that is linear
   within the noise, so that faint discs, cores and stars share one scale.
4. The noise is taken down scale by scale (``starlet``), colour more than light, since the eye sees
   colour in larger patches. The variance plane says where there is more of it: at the rim, and
   under stars.
5. The sky becomes a dark neutral grey, and stars keep their colour: what would be brighter than
   white is brought nearer to grey instead of being clipped.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from PIL import Image

from crowdsky.base.arrays import BoolArray, FloatArray
from crowdsky.frames.rounding import rounding_of
from crowdsky.pictures.background import NoSkyError, fit_background
from crowdsky.pictures.negative import Negative
from crowdsky.pictures.picture_kernels import colour_pixels, smoothed
from crowdsky.pictures.planes import PicturePlanes, resize_plane, sample_of
from crowdsky.pictures.sky_mesh import spread_of
from crowdsky.pictures.starlet import Limits, calm

USUAL_SIZE = 512
"""Longer side in pixels of the picture whose noise the number of scales is made for."""
SKY_LEVEL = 0.09
"""Brightness of the sky, 0 to 1."""
LINEAR_SIGMA = 2.0
"""Light, in standard deviations of the noise, up to which the compression is about linear."""
LEAST_RANGE = 60.0
"""Brightest light in units of that, at least: in an empty field noise stays dark."""
BRIGHT_PERCENTILE = 99.97
SHOULDER = 0.92
"""Brightness of that percentile."""
DARKEST_PERCENTILE, DARK_SIGMA = 2.0, 12.0
GRAIN_STEPS = 30.0
"""Number of rounding steps that count as noise at least, so that they show as two greys at most."""
LIGHT, COLOUR = Limits(1.3, 3.0, 0.12), Limits(1.8, 4.0)
LIGHT_SCALES, COLOUR_SCALES = 3, 4
COLOUR_WIDTH = 900
"""Longer side in pixels from which colours are calmed at half the size."""
STAR_SIGMA, MIN_STAR_PIXELS = 20.0, 12
MOST_BALANCE = 3.0
COLOUR_RANGE = (0.3, 3.0)
COLOURLESS_SIGMA = 2.0
"""Light, in standard deviations of the noise, that has half its colour."""
WHITE_COLOUR = 0.5
"""Share of its colour that the brightest star keeps."""


def develop_image(negative: Negative) -> Image.Image:
    """Develop to an 8-bit RGB picture; a mono one is grey."""
    pixels = develop(negative)
    return Image.fromarray(np.broadcast_to(pixels, (*pixels.shape[:2], 3)).copy())


def develop(negative: Negative) -> np.ndarray:
    """Develop to uint8 (height, width, 1 or 3); uncovered pixels are black and do not count."""
    covered = negative.picture.covered
    n_planes = len(negative.picture.planes)
    if not covered.any():
        return np.zeros((*covered.shape, n_planes), dtype=np.uint8)
    planes, sigma = balanced_planes(negative)
    weights = 1.0 / np.square(sigma)
    weights /= weights.sum()
    light = _weighed(planes, weights)
    noise = max(spread_of(sample_of(light, covered)), float((weights * sigma).min()))
    unit = np.float32(LINEAR_SIGMA * noise)
    scales = max(0, int(np.ceil(np.log2(max(covered.shape) / USUAL_SIZE))))
    slope = 1.0 / np.sqrt(1.0 + np.square(smoothed(light, 1) / unit))
    compressed = np.arcsinh(light / unit)
    calmed = calm(compressed, covered, negative.noise * slope, LIGHT_SCALES + scales, LIGHT)
    level = _levels(calmed, covered)
    if n_planes == 1:
        return np.where(covered, np.rint(255.0 * level), 0.0).astype(np.uint8)[..., np.newaxis]
    ratios = _ratios(planes / unit, light / unit, calmed, negative, scales)
    return colour_pixels(level, ratios, covered, weights, WHITE_COLOUR)


def _levels(calmed: np.ndarray, covered: BoolArray) -> np.ndarray:
    """Scale compressed light to brightness, 0 to 1.

    The shoulder above the upper percentile shades the cores of galaxies that a few bright stars
    would otherwise leave either flat or dim.
    """
    bright, brightest = np.percentile(calmed[covered], [BRIGHT_PERCENTILE, 100.0])
    knee = np.float32(max(bright, np.arcsinh(LEAST_RANGE)))
    level = SKY_LEVEL + (SHOULDER - SKY_LEVEL) * calmed / knee
    if brightest > knee:
        above = (calmed - knee) / np.float32(brightest - knee)
        level = np.where(calmed > knee, SHOULDER + (1.0 - SHOULDER) * above, level)
    result: np.ndarray = np.clip(level, 0.0, 1.0)
    return result


def flattened(negative: Negative) -> Negative:
    """Return a negative without its sky, from which pictures of several sizes are developed."""
    return replace(
        negative, picture=subtract_sky(negative.picture), is_flat=True, level=negative.level
    )


def subtract_sky(picture: PicturePlanes) -> PicturePlanes:
    """Subtract the gradient of the sky or, where too little sky shows, the medians."""
    try:
        return fit_background(picture).subtract_from(picture)
    except NoSkyError:
        medians = [np.median(plane[picture.covered]) for plane in picture.planes]
        flat = picture.planes - np.array(medians, np.float32)[:, np.newaxis, np.newaxis]
        return PicturePlanes(np.where(picture.covered, flat, np.float32(0)), picture.covered)


def balanced_planes(negative: Negative) -> tuple[np.ndarray, FloatArray]:
    """Return planes without sky, colours balanced, and the noise of each, ADU."""
    picture = negative.picture if negative.is_flat else subtract_sky(negative.picture)
    sigma = _noise_of(picture, negative.level)
    samples = [sample_of(plane, picture.covered) for plane in picture.planes]
    lowest = np.percentile(samples, DARKEST_PERCENTILE, axis=1)
    if (lowest < -DARK_SIGMA * sigma).all():
        # Most of the picture is bright, such as the Moon: its sky is what is dark.
        dark = lowest[:, np.newaxis, np.newaxis].astype(np.float32)
        picture = PicturePlanes(
            np.where(picture.covered, picture.planes - dark, 0), picture.covered
        )
    factors = np.ones(1)
    if len(picture.planes) == 3:
        factors = star_balance(picture, sigma) if negative.balance is None else negative.balance
    planes = picture.planes * factors[:, np.newaxis, np.newaxis].astype(np.float32)
    return planes, sigma * factors


def star_balance(picture: PicturePlanes, sigma: FloatArray) -> FloatArray:
    """Compute factors that make the bright stars of a picture without sky white on average.

    Stars are told from nebulae and galaxies by their narrow light: the finest scales. Factors of 1
    where too few pixels are bright.
    """
    fine = np.stack([plane - smoothed(smoothed(plane, 1), 2) for plane in picture.planes])
    significance = (fine / sigma[:, np.newaxis, np.newaxis]).min(axis=0)
    stars = picture.covered & (significance > STAR_SIGMA)
    if stars.sum() < MIN_STAR_PIXELS:
        return np.ones(3)
    sums = np.array([np.median(plane[stars] / fine[1][stars]) for plane in fine])
    factors = sums[1] / np.maximum(sums, 1e-6)
    return np.asarray(np.clip(factors, 1.0 / MOST_BALANCE, MOST_BALANCE))


def _noise_of(picture: PicturePlanes, level: float) -> FloatArray:
    """Measure the noise of each plane, ADU.

    Differences that are nothing but rounding of the ``level`` are no noise, and are not stretched.
    """
    sigma = [spread_of(sample_of(plane, picture.covered)) for plane in picture.planes]
    return np.maximum(sigma, max(rounding_of(level, GRAIN_STEPS), 1e-6))


def _weighed(planes: np.ndarray, weights: FloatArray) -> np.ndarray:
    """Average planes (3, height, width); a matrix product would keep all processors busy."""
    mean: np.ndarray = planes[0] * np.float32(weights[0])
    for plane, weight in zip(planes[1:], weights[1:], strict=True):
        mean += plane * np.float32(weight)
    return mean


def _ratios(
    relative: np.ndarray, light: np.ndarray, calmed: np.ndarray, negative: Negative, scales: int
) -> np.ndarray:
    """Return the light of each plane over the mean, (3, height, width), its noise taken down.

    It is that of the light itself, so that compression does not turn stars white. Within the noise
    of the sky it tends to 1. Large pictures have their colours at half the size.

    Args:
        relative: the planes, and ``light`` their mean, in units of the compression.
        calmed: the mean, compressed and calmed.
    """
    covered, noise = negative.picture.covered, negative.noise
    height, width = covered.shape
    is_large = max(height, width) >= COLOUR_WIDTH
    if is_large:
        small = (max(1, width // 2), max(1, height // 2))
        relative = np.stack([resize_plane(plane, small) for plane in relative])
        light, calmed, noise = (resize_plane(part, small) for part in (light, calmed, noise))
        covered = resize_plane(covered.astype(np.float32), small) > 0.5
        scales -= 1
    compressed = np.arcsinh(light)
    linear = np.sinh(calmed)
    noise = noise / np.sqrt(1.0 + np.square(linear))
    floor = np.float32(COLOURLESS_SIGMA / LINEAR_SIGMA)
    below = np.maximum(linear, -0.5 * floor) + floor
    ratios = []
    for plane in relative:
        difference = np.arcsinh(plane) - compressed
        colour = calm(difference, covered, noise, COLOUR_SCALES + scales, COLOUR)
        ratio = np.clip((np.sinh(calmed + colour) + floor) / below, *COLOUR_RANGE)
        if is_large:
            ratio = resize_plane(ratio, (width, height), Image.Resampling.BILINEAR)
        ratios.append(ratio)
    return np.stack(ratios)

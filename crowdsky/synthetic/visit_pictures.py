"""Finished stacks of many visits as pixels, without their subs.

Rendering and stacking some seventy subs for each of 200 stacks would take days. So a stack is drawn
as what it would be: the mean light of its subs, with the noise that is left of theirs, the
correlation of neighbouring pixels that resampling makes, and the variance that a stacker would
state. Stars have a Moffat profile that is the same all over the picture.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from crowdsky.synthetic.render_kernels import add_stars
from crowdsky.synthetic.visit_light import SKY_ADU, FlatField, StarLight, StarTruth, visit_light
from crowdsky.synthetic.visits import Telescope, Visits

CLOUD_PATCHES = 0.01
COLOUR_SHARE = np.array([0.25, 0.5, 0.25])
"""Share of a Bayer sensor's pixels that see a colour."""
WIDTHS = np.array([1.02, 1.0, 1.05])
"""Widths of stars in the bands, relative to green."""
SPILL = (0.17, 0.14, 0.17)
"""Share of a pixel's noise that resampling moves to each neighbour in a row or a column. It gives
the correlations of real stacks: 3.5 in red and blue, 2.8 in green."""
CORRELATION_PX = 5.0
"""Radius of the aperture for which a stack states its correlation."""
VARIANCE_ERROR = 0.03
"""Relative error of the variance that a stack states."""
FULL_SCALE_ADU = 65535.0
UNCOVERED_PX = 6
MOON_GRADIENT = 0.04
"""Brightness of the sky from side to side, relative to its mean, for each unit of moonlight."""
VIGNETTING = 0.01
"""What the flat field leaves of the sky's fall towards the corners, relative to its mean."""


@dataclass(frozen=True, slots=True)
class VisitPicture:
    """A stack as a stacker returns it, and its truth.

    planes, variance -- float32 (3, height, width), ADU of one sub, and ADU squared
    correlation     -- variance of an aperture sum over the sum of the variances of its pixels, (3,)
    footprint       -- subs per pixel, (height, width); nothing is covered along the edge
    saturated_adu   -- level from which a pixel is saturated
    light           -- the stars in it
    """

    planes: np.ndarray
    variance: np.ndarray
    correlation: tuple[float, ...]
    footprint: np.ndarray
    saturated_adu: float
    light: StarLight


def render_visit(
    truth: StarTruth,
    centre: tuple[float, float],
    visits: Visits,
    row: int,
    flat: FlatField,
    rng: np.random.Generator,
) -> VisitPicture:
    """Draw the stack of a visit.

    Args:
        truth: the stars of the field.
        centre: right ascension and declination of the telescopes' pointing, degrees.
        visits, row: all visits, and which of them.
        flat: the error of the telescope's flat field.
        rng: source of cloud, scintillation and noise of this visit.
    """
    light = visit_light(truth, centre, visits, row, flat, CLOUD_PATCHES, rng)
    telescope = visits.telescopes[visits.telescope[row]]
    shape = (telescope.height, telescope.width)
    n_subs = int(visits.n_subs[row])
    footprint = np.zeros(shape, dtype=np.int32)
    covered = (slice(UNCOVERED_PX, -UNCOVERED_PX),) * 2
    footprint[covered] = n_subs
    planes, variance = np.zeros((2, 3, *shape), dtype=np.float32)
    sky = _sky(shape, float(visits.sky[row]), rng)
    for band in range(3):
        mean = np.float32(SKY_ADU[band]) * sky
        flux = np.repeat(light.flux[:, band, None], 3, axis=1)
        width = float(visits.fwhm_px[row] * WIDTHS[band])
        add_stars(mean, "MONO", light.x, light.y, flux, (width,) * 3)
        np.minimum(mean, np.float32(FULL_SCALE_ADU), out=mean)
        pixel = _pixel_variance(mean, telescope, n_subs * COLOUR_SHARE[band])
        spill = SPILL[band]
        noise = np.sqrt(pixel) * rng.standard_normal(shape, dtype=np.float32)
        planes[band][covered] = (mean + _blurred(noise, (spill, 1.0 - 2.0 * spill)))[covered]
        stated = np.float32(np.exp(rng.normal(0.0, VARIANCE_ERROR)))
        blurred = _blurred(pixel, (spill**2, (1.0 - 2.0 * spill) ** 2))
        variance[band][covered] = (stated * blurred)[covered]
    correlation = tuple(_correlation(spill) for spill in SPILL)
    return VisitPicture(planes, variance, correlation, footprint, 0.95 * FULL_SCALE_ADU, light)


def _sky(shape: tuple[int, int], brightness: float, rng: np.random.Generator) -> np.ndarray:
    """Draw the sky relative to a dark one: brighter towards the Moon, darker at the corners."""
    down = np.linspace(-1.0, 1.0, shape[0], dtype=np.float32)[:, None]
    right = np.linspace(-1.0, 1.0, shape[1], dtype=np.float32)[None, :]
    angle = rng.uniform(0.0, 2.0 * np.pi)
    slope = np.float32(0.5 * MOON_GRADIENT * brightness)
    tilt = np.float32(np.cos(angle)) * right + np.float32(np.sin(angle)) * down
    fall = np.float32(VIGNETTING) * (right**2 + down**2)
    return np.asarray(np.float32(brightness) * (1.0 + slope * tilt - fall), dtype=np.float32)


def _pixel_variance(mean: np.ndarray, telescope: Telescope, samples: float) -> np.ndarray:
    """Compute the variance of the mean of so many samples of a pixel, ADU squared."""
    gain = telescope.adu_per_electron
    electrons = mean / np.float32(gain) + np.float32(telescope.read_noise**2)
    return np.asarray(electrons * np.float32(gain**2 / samples))


def _correlation(spill: float) -> float:
    """Compute the variance of the sum in an aperture of 5 px over the sum of its variances."""
    parts = 8
    steps = (np.arange(15 * parts) + 0.5) / parts - 7.5
    fine = (np.hypot(steps[:, None], steps[None, :]) < CORRELATION_PX).astype(np.float64)
    shares = fine.reshape(15, parts, 15, parts).mean(axis=(1, 3))
    of_noise = _blurred(shares, (spill, 1.0 - 2.0 * spill))
    of_pixel = (2.0 * spill**2 + (1.0 - 2.0 * spill) ** 2) ** 2
    # As `sep` adds up an aperture: each pixel with its share, and so its variance.
    return float((of_noise**2).sum() / (of_pixel * shares.sum()))


def _blurred(plane: np.ndarray, kernel: tuple[float, float]) -> np.ndarray:
    """Blur with (side, middle, side) along rows and columns."""
    side, middle = np.float32(kernel[0]), np.float32(kernel[1])
    for axis in (0, 1):
        view = np.moveaxis(plane, axis, 0)
        blurred = middle * view
        blurred[1:] += side * view[:-1]
        blurred[:-1] += side * view[1:]
        plane = np.moveaxis(blurred, 0, axis)
    return plane

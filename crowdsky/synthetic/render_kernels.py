"""Draws light onto a colour mosaic: the pixel work behind ``crowdsky.synthetic.sky``.

The loops are in ``render_kernels.c``. Functions add to ``light``, a float32 array (height, width)
of ADU above the bias. A pixel of the mosaic has only one colour, so only that colour of a star or
galaxy is computed there. Coordinates are 0-based pixels with the centre of the first
pixel at 0.
"""

from __future__ import annotations

import math

import numpy as np

from crowdsky.base.compiled import DOUBLE, FLOAT32_OUT, FLOAT64, INT64, SIZE, check_shape, compiled

# A Moffat profile with beta 3 has wings like a real star, and needs a cube, not a power.
_MOFFAT_CORE = 2.0 * math.sqrt(2.0 ** (1.0 / 3.0) - 1.0)
_STARS = (FLOAT64, FLOAT64, FLOAT64, SIZE, FLOAT64)
_LIGHT = (FLOAT32_OUT, SIZE, SIZE, INT64)
_stamp_stars = compiled("stamp_stars", *_LIGHT, *_STARS)
_add_glow = compiled("add_glow", *_LIGHT, FLOAT64, FLOAT64, SIZE, FLOAT64)
_add_trail = compiled("add_trail", *_LIGHT, FLOAT64, FLOAT64, DOUBLE)
_COLOUR_INDEX = {"R": 0, "G": 1, "B": 2, "M": 1}


def mosaic_colours(pattern: str) -> np.ndarray:
    """Return the colour (0 red, 1 green, 2 blue) of each pixel of the 2x2 cell, (2, 2) int64.

    ``pattern`` is read along the first row, then the second, like BAYERPAT; "MONO" is all green.
    """
    letters = "MMMM" if pattern == "MONO" else pattern
    return np.array([_COLOUR_INDEX[letter] for letter in letters], dtype=np.int64).reshape(2, 2)


def flat_sky(
    shape: tuple[int, int], pattern: str, sky_adu: np.ndarray, gradient_adu: float
) -> np.ndarray:
    """Make an empty sky: a level per colour, and a gradient towards the lower right corner."""
    height, width = shape
    down = np.linspace(-0.5, 0.5, height, dtype=np.float32)[:, None]
    right = np.linspace(-0.5, 0.5, width, dtype=np.float32)[None, :]
    # Given for green; in the other colours in proportion to their sky.
    tilt = 1.0 + (gradient_adu / sky_adu[1]) * (0.7 * down + 0.3 * right + 0.2 * down * down)
    colours = mosaic_colours(pattern)
    light = np.empty(shape, dtype=np.float32)
    for row in (0, 1):
        for column in (0, 1):
            level = np.float32(sky_adu[colours[row, column]])
            light[row::2, column::2] = level * tilt[row::2, column::2]
    return light


def add_stars(
    light: np.ndarray,
    pattern: str,
    x: np.ndarray,
    y: np.ndarray,
    flux_adu: np.ndarray,
    fwhm_px: tuple[float, float, float],
    smear_px: tuple[float, float] = (0.0, 0.0),
) -> None:
    """Add stars of total ``flux_adu`` (n, 3) at x, y (n,), smeared along ``smear_px``."""
    check_shape("y", y, x.shape)
    check_shape("flux_adu", flux_adu, (len(x), 3))
    steps = max(1, int(2 * math.hypot(*smear_px)))
    for step in range(steps):
        # The middle of the motion is the true position of the star.
        along = (step + 0.5) / steps - 0.5
        _stamp_stars(
            light,
            *light.shape,
            mosaic_colours(pattern),
            x + along * smear_px[0],
            y + along * smear_px[1],
            np.ascontiguousarray(flux_adu / steps, np.float64),
            len(x),
            np.array(fwhm_px, np.float64) / _MOFFAT_CORE,
        )


def add_glow(
    light: np.ndarray,
    colours: np.ndarray,
    to_major: np.ndarray,
    radius_px: float,
    axis_ratio: float,
    sersic: float,
    peak_adu: np.ndarray,
    arms: int,
    pitch: float,
    contrast: float,
) -> None:
    """Add a galaxy or nebula with a Sersic profile.

    ``to_major`` (2, 3) takes a pixel to the frame of the glow, with x along its major axis.
    ``peak_adu`` (3,) is the surface brightness per colour at the effective radius ``radius_px``.
    There are ``arms`` spiral arms of pitch angle ``pitch`` (rad) and strength ``contrast`` (0..1);
    without arms the contrast makes cloudy wisps.
    """
    check_shape("to_major", to_major, (2, 3))
    shape = np.array([radius_px, axis_ratio, sersic, pitch, contrast])
    frame = np.ascontiguousarray(to_major, np.float64)
    _add_glow(light, *light.shape, _cells(colours), frame, shape, arms, _peak(peak_adu))


def add_trail(
    light: np.ndarray,
    colours: np.ndarray,
    x0: float,
    y0: float,
    x1: float,
    y1: float,
    peak_adu: np.ndarray,
    sigma_px: float,
) -> None:
    """Add a straight line of light from (x0, y0) to (x1, y1) with a Gaussian cross-section."""
    ends = np.array([x0, y0, x1, y1], np.float64)
    _add_trail(light, *light.shape, _cells(colours), ends, _peak(peak_adu), sigma_px)


def _cells(colours: np.ndarray) -> np.ndarray:
    """Check the colours of the 2x2 cell, from ``mosaic_colours``."""
    check_shape("colours", colours, (2, 2))
    if not 0 <= colours.min() <= colours.max() <= 2:
        raise ValueError("a colour of the mosaic is none of red, green and blue")
    return colours


def _peak(peak_adu: np.ndarray) -> np.ndarray:
    check_shape("peak_adu", peak_adu, (3,))
    return np.ascontiguousarray(peak_adu, np.float64)


def expose(
    light: np.ndarray,
    adu_per_electron: float,
    read_noise_electrons: float,
    rng: np.random.Generator,
) -> np.ndarray:
    """Add photon and read noise to ``light``; returns ADU above the bias, float32.

    Photon noise is a normal variate with the skewness of a Poisson one. From ten electrons, which
    every sky pixel has, it cannot be distinguished from that, and takes a fifth of the time.
    """
    electrons = light / np.float32(adu_per_electron)
    normal = rng.standard_normal(light.shape, dtype=np.float32)
    noisy = electrons + np.sqrt(electrons) * normal + (normal * normal - 1) / np.float32(6)
    np.maximum(noisy, 0, out=noisy)
    read = rng.standard_normal(light.shape, dtype=np.float32)
    noisy += read * np.float32(read_noise_electrons)
    noisy *= np.float32(adu_per_electron)
    return noisy


def digitise(adu: np.ndarray, step_adu: float) -> np.ndarray:
    """Digitise ``adu`` like the converter: steps of ``step_adu``, 0..65535, uint16."""
    stepped = np.rint(adu / np.float32(step_adu)) * np.float32(step_adu)
    return np.clip(np.rint(stepped), 0, 65535).astype(np.uint16)

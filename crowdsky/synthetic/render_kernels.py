"""Draws light onto a colour mosaic: the pixel work behind ``crowdsky.synthetic.sky``.

Functions add to ``light``, a float32 array (height, width) of ADU above the bias. A pixel of the
mosaic has only one colour, so only that colour of a star or galaxy is computed there. Coordinates
are 0-based pixels with the centre of the first pixel at 0.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit

# A Moffat profile with beta 3 has wings like a real star, and needs a cube, not a power.
_MOFFAT_CORE = 2.0 * math.sqrt(2.0 ** (1.0 / 3.0) - 1.0)
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
    steps = max(1, int(2 * math.hypot(*smear_px)))
    for step in range(steps):
        # The middle of the motion is the true position of the star.
        along = (step + 0.5) / steps - 0.5
        _stamp_stars(
            light,
            mosaic_colours(pattern),
            x + along * smear_px[0],
            y + along * smear_px[1],
            flux_adu / steps,
            np.array(fwhm_px) / _MOFFAT_CORE,
        )


@njit(cache=True)
def _stamp_stars(light, colours, x, y, flux, core):  # type: ignore[no-untyped-def]
    height, width = light.shape
    for star in range(x.size):
        # So wide that less than a tenth of an ADU is cut off at the edge of the patch.
        brightest = max(flux[star, 0], flux[star, 1], flux[star, 2])
        reach = core[1] * (10.0 * 2.0 * brightest / (math.pi * core[1] ** 2)) ** (1.0 / 6.0)
        reach = min(max(reach, 6.0), 120.0)
        left, right = math.ceil(x[star] - reach), math.floor(x[star] + reach)
        top, bottom = math.ceil(y[star] - reach), math.floor(y[star] + reach)
        for row in range(max(top, 0), min(bottom, height - 1) + 1):
            for column in range(max(left, 0), min(right, width - 1) + 1):
                colour = colours[row & 1, column & 1]
                width_px = core[colour]
                total = 0.0
                # The mean over the area of the pixel, by four points (Gauss-Legendre).
                for v in (-0.28867513459, 0.28867513459):
                    for u in (-0.28867513459, 0.28867513459):
                        dx, dy = column + u - x[star], row + v - y[star]
                        total += (1.0 + (dx * dx + dy * dy) / (width_px * width_px)) ** -3.0
                peak = 2.0 * flux[star, colour] / (math.pi * width_px * width_px)
                light[row, column] += 0.25 * peak * total


@njit(cache=True)
def add_glow(  # type: ignore[no-untyped-def]
    light, colours, to_major, radius_px, axis_ratio, sersic, peak_adu, arms, pitch, contrast
):
    """Add a galaxy or nebula with a Sersic profile.

    ``to_major`` (2, 3) takes a pixel to the frame of the glow, with x along its major axis.
    ``peak_adu`` (3,) is the surface brightness per colour at the effective radius ``radius_px``.
    There are ``arms`` spiral arms of pitch angle ``pitch`` (rad) and strength ``contrast`` (0..1);
    without arms the contrast makes cloudy wisps.
    """
    height, width = light.shape
    slope = 2.0 * sersic - 1.0 / 3.0
    wind = 1.0 / math.tan(pitch)
    for row in range(height):
        for column in range(width):
            u = to_major[0, 0] * column + to_major[0, 1] * row + to_major[0, 2]
            v = (to_major[1, 0] * column + to_major[1, 1] * row + to_major[1, 2]) / axis_ratio
            # Because of the seeing, a cusp is no sharper than a star.
            r = math.sqrt(u * u + v * v + 1.5) / radius_px
            if r > 7.0:
                continue
            level = math.exp(-slope * (r ** (1.0 / sersic) - 1.0))
            if arms > 0:
                phase = arms * (math.atan2(v, u) - wind * math.log(r))
                level *= 1.0 + contrast * math.cos(phase) * min(1.0, 2.0 * r)
            elif contrast > 0.0:
                level *= 1.0 + contrast * _wisps(u / radius_px, v / radius_px)
            light[row, column] += level * peak_adu[colours[row & 1, column & 1]]


@njit(cache=True)
def _wisps(u, v):  # type: ignore[no-untyped-def]
    """Compute a smooth cloudy pattern with mean about 0, from -1 to 1: waves bent by other
    waves."""
    bent_u = u + 0.5 * math.sin(2.1 * v + 0.7) + 0.2 * math.sin(4.3 * u - 3.1 * v)
    bent_v = v + 0.5 * math.sin(1.7 * u - 1.3) + 0.2 * math.sin(5.2 * v + 2.3 * u)
    return 0.5 * (math.sin(2.9 * bent_u + 1.1 * bent_v) + math.sin(3.7 * bent_v - 2.2 * bent_u))


@njit(cache=True)
def add_trail(light, colours, x0, y0, x1, y1, peak_adu, sigma_px):  # type: ignore[no-untyped-def]
    """Add a straight line of light from (x0, y0) to (x1, y1) with a Gaussian cross-section."""
    height, width = light.shape
    dx, dy = x1 - x0, y1 - y0
    length = math.hypot(dx, dy)
    for row in range(height):
        for column in range(width):
            across = ((column - x0) * dy - (row - y0) * dx) / length
            along = ((column - x0) * dx + (row - y0) * dy) / length
            if abs(across) < 5.0 * sigma_px and 0.0 <= along <= length:
                shape = math.exp(-0.5 * (across / sigma_px) ** 2)
                light[row, column] += shape * peak_adu[colours[row & 1, column & 1]]


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

"""A stack with known truth, written as the product is: stars of exact light at exact places."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from astropy.io import fits
from scipy.special import erf

from crowdsky.solving.tan import TanWcs

COLOURS = (0.8, 1.0, 0.6)
SKY = (850.0, 1000.0, 800.0)
NOISE = (14.0, 16.0, 13.0)
COLOUR_TERMS = (0.55, 0.05, -0.7)
"""Magnitudes of V minus those of the planes, per BP - RP: about those of a colour sensor."""


@dataclass(frozen=True)
class Light:
    """Stars of the picture: places in pixels, whole light in green ADU.

    `excess` is what a star has of BP - RP beyond that for which the planes' zero points hold.
    """

    x: np.ndarray
    y: np.ndarray
    flux: np.ndarray
    excess: np.ndarray | None = None

    def in_plane(self, term: float) -> Light:
        """The light that a plane with a colour term receives."""
        if self.excess is None:
            return self
        return replace(self, flux=self.flux * 10 ** (0.4 * term * self.excess))


def star_image(light: Light, shape: tuple[int, int], fwhm: float) -> np.ndarray:
    """Gaussian stars integrated over each pixel, so that no light is lost to sampling."""
    image = np.zeros(shape)
    width = fwhm / 2.3548 * np.sqrt(2.0)
    reach = int(4.0 * fwhm) + 2
    for x, y, flux in zip(light.x, light.y, light.flux, strict=True):
        columns = np.arange(max(0, int(x) - reach), min(shape[1], int(x) + reach + 1))
        rows = np.arange(max(0, int(y) - reach), min(shape[0], int(y) + reach + 1))
        across = 0.5 * (erf((columns + 0.5 - x) / width) - erf((columns - 0.5 - x) / width))
        down = 0.5 * (erf((rows + 0.5 - y) / width) - erf((rows - 0.5 - y) / width))
        image[np.ix_(rows, columns)] += flux * np.outer(down, across)
    return image


def write_stack(
    path: Path,
    light: Light,
    wcs: TanWcs,
    rng: np.random.Generator,
    *,
    shape: tuple[int, int] = (1920, 1080),
    fwhm: float = 3.2,
    noise: float = 1.0,
    gradient: float = 20.0,
    hint_error_deg: float = 0.2,
    header: dict[str, object] | None = None,
) -> None:
    """Write RED, GREEN, BLUE, FOOTPRINT and FRAMES; the last ten columns are not covered."""
    slope = np.linspace(-gradient, gradient, shape[1])[None, :]
    footprint = np.full(shape, 6, dtype=np.uint8)
    footprint[:, -10:] = 0
    hdus = [fits.PrimaryHDU()]
    ra, dec = wcs.sky((shape[1] - 1) / 2, (shape[0] - 1) / 2)
    cards: dict[str, object] = {
        "OBJECT": "Test",
        "INSTRUME": "Seestar S50",
        "RA": float(ra),
        "DEC": float(dec) + hint_error_deg,
        "FOCALLEN": 250.0,
        "XPIXSZ": 2.9,
        "NIMAGES": 6,
        "EXPTIME": 60.0,
        "SITELAT": 48.0,
        "SITELONG": 16.0,
    }
    for key, value in (cards | (header or {})).items():
        if value is not None:
            hdus[0].header[key] = value
    names = ("RED", "GREEN", "BLUE")
    planes = zip(names, COLOURS, SKY, NOISE, COLOUR_TERMS, strict=True)
    stars = star_image(light, shape, fwhm)
    for name, share, sky, sigma, term in planes:
        if light.excess is not None:
            stars = star_image(light.in_plane(term), shape, fwhm)
        plane = sky + slope + share * stars + rng.normal(0.0, sigma * noise, shape)
        plane[footprint == 0] = 0.0
        hdus.append(fits.ImageHDU(plane.astype(np.float32), name=name))
    hdus.append(fits.ImageHDU(footprint, name="FOOTPRINT"))
    starts = [f"2025-03-27T01:{20 + k:02d}:00.000" for k in range(6)]
    frames = [
        fits.Column("FILENAME", "10A", array=[f"sub{k}.fit" for k in range(6)]),
        fits.Column("DATE_OBS", "23A", array=starts),
        fits.Column("EXPTIME", "D", array=[10.0] * 6),
        fits.Column("USED", "L", array=[True] * 5 + [False]),
    ]
    hdus.append(fits.BinTableHDU.from_columns(frames, name="FRAMES"))
    fits.HDUList(hdus).writeto(path, overwrite=True)

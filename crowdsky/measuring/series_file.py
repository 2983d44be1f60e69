"""Writes a series: tables of the parts and of their stars, and a picture of each part.

The file holds nothing that strangers may not read: its primary header has only public cards of the
chunk's stack, barycentric times are for the centre of the Earth, and there is neither the place of
the telescope nor the airmass, from which it could be computed. So there is one file for everybody.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from astropy.io import fits
from numpy.typing import NDArray

from crowdsky.frames.public_header import clean_header
from crowdsky.measuring.series_light import LETTERS, PartLight
from crowdsky.photometry.measurement import Measurement
from crowdsky.photometry.times import barycentric_time
from crowdsky.stacking.engines.native_series import SeriesPart

SERIES, SERIES_STARS, PARTS = "SERIES", "SERIES-STARS", "PARTS"
BJD_DIGITS = 6
"""Decimals of a day that a barycentric time keeps, 0.09 s: at the telescope, light arrives up to
0.021 s earlier or later."""
STEPS_PER_SIGMA = 8
"""Steps of the pictures in the noise of a pixel; the rounding adds 0.13 % to its variance."""
BLANK = -32768
HIGHEST = 32767
HEADROOM = 1.3
"""Brightest pixel that the pictures can hold, relative to the brightest one of the first part."""


class PartPictures:
    """The mean of the planes of each part in 16 bits, in a file until the series is written."""

    def __init__(self, scratch: Path, n_parts: int) -> None:
        self._scratch, self._n_parts = scratch, n_parts
        self._cube: np.memmap | None = None
        self._step = self._zero = math.nan

    def add(self, number: int, part: SeriesPart) -> None:
        """Add part ``number``, counted from 1; the first one decides the scale of all."""
        light = part.planes.mean(axis=0, dtype=np.float32)
        covered = part.footprint > 0
        if self._cube is None:
            self._choose_scale(part, light, covered)
            shape = (self._n_parts, *light.shape)
            self._cube = np.memmap(self._scratch, np.int16, "w+", shape=shape)
        steps = np.rint((light - self._zero) / self._step)
        picture = np.clip(steps, -HIGHEST, HIGHEST).astype(np.int16)
        picture[~covered] = BLANK
        self._cube[number - 1] = picture

    def hdu(self) -> fits.CompImageHDU:
        """Build the extension: a cube that is compressed without loss, a plane for each part."""
        if self._cube is None:
            raise ValueError("a series has no parts")
        width = self._cube.shape[2]
        hdu = fits.CompImageHDU(
            self._cube, name=PARTS, compression_type="RICE_1", tile_shape=(1, 1, width)
        )
        hdu.header["BSCALE"], hdu.header["BZERO"] = self._step, self._zero
        hdu.header["BLANK"] = (BLANK, "pixels that no sub of the part covers")
        hdu.header["BUNIT"] = ("adu", "mean of the planes, with sky")
        hdu.header["ROUNDING"] = (0.5 * self._step, "[adu] largest error by rounding")
        return hdu

    def _choose_scale(
        self, part: SeriesPart, light: NDArray[np.float32], covered: NDArray[np.bool_]
    ) -> None:
        seen = light[covered]
        self._zero = round(float(np.median(seen)), 3)
        of_mean = part.variance[:, covered].mean() / len(part.planes)
        needed = HEADROOM * (float(seen.max()) - self._zero) / HIGHEST
        self._step = float(max(math.sqrt(of_mean) / STEPS_PER_SIGMA, needed, 1e-6))


@dataclass(frozen=True, slots=True)
class SeriesFacts:
    """What the header of a series says: seconds of a part, aperture in pixels, bands."""

    seconds: float
    aperture_px: float
    bands: str


def write_series(
    path: Path,
    stack: Path,
    whole: Measurement,
    parts: Sequence[PartLight],
    pictures: PartPictures,
    facts: SeriesFacts,
) -> None:
    """Write the file of a series, which appears whole or not at all.

    Args:
        path: where it appears.
        stack: the file of the whole stack, with its measurement.
        whole: that measurement.
        parts: in the order of time.
        pictures: their pictures.
        facts: what the header says of all of them.

    Raises OSError when it cannot be written.
    """
    header = fits.getheader(stack, 0)
    partial = path.with_name(path.name + ".part")
    hdus = fits.HDUList([
        fits.PrimaryHDU(header=_primary(header, whole, parts, facts)),
        _parts_table(parts, whole),
        _stars_table(parts, whole.stars),
        pictures.hdu(),
    ])  # fmt: skip
    try:
        hdus.writeto(partial, overwrite=True, checksum=True)
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


def _primary(
    stack: fits.Header, whole: Measurement, parts: Sequence[PartLight], facts: SeriesFacts
) -> fits.Header:
    """Return the public cards of the stack, and those of the series."""
    text = clean_header(stack.tostring().encode("ascii")).decode("ascii")
    header = fits.Header()
    for card in fits.Header.fromstring(text).cards:
        if card.keyword not in ("", "SIMPLE", "BITPIX", "NAXIS", "EXTEND", "CHECKSUM", "DATASUM"):
            header[card.keyword] = (card.value, stack.comments[card.keyword])
    header["SERIES"] = (facts.seconds, "[s] wall time of a part")
    header["NPARTS"] = (len(parts), "number of parts")
    header["NSTARS"] = (len(whole.stars), "number of stars, the same in all parts")
    header["BANDS"] = (facts.bands, "bands of the fluxes; L is in the columns of G")
    header["APRAD"] = (round(facts.aperture_px, 4), "[px] radius of the aperture in all parts")
    return header


def _parts_table(parts: Sequence[PartLight], whole: Measurement) -> fits.BinTableHDU:
    middles = [part.times.middle for part in parts]
    texts = [middle.replace(tzinfo=None).isoformat(timespec="milliseconds") for middle in middles]
    columns = [
        fits.Column("PART", "J", array=np.arange(1, len(parts) + 1)),
        fits.Column("DATE_AVG", "23A", array=texts),
        fits.Column("MJD_AVG", "D", "d", array=[part.times.mjd for part in parts]),
        fits.Column("BJD_TDB", "D", "d", array=_barycentric(parts, whole)),
        fits.Column("EXPTIME", "E", "s", array=[part.exposure_s for part in parts]),
        fits.Column("NSUBS", "J", array=[part.n_subs for part in parts]),
        fits.Column("FWHM", "E", "pixel", array=[part.fwhm_px for part in parts]),
    ]
    for row, letter in enumerate(LETTERS):
        zero_points = [part.zero_points[row] for part in parts]
        errors = [part.zero_point_errors[row] for part in parts]
        columns += [
            fits.Column(f"ZP_{letter.upper()}", "E", "mag", array=zero_points),
            fits.Column(f"ZPERR_{letter.upper()}", "E", "mag", array=errors),
        ]
    return fits.BinTableHDU.from_columns(columns, name=SERIES)


def _stars_table(parts: Sequence[PartLight], stars: np.ndarray) -> fits.BinTableHDU:
    """Build the table of all stars in all parts, part by part."""
    n_parts, n_stars = len(parts), len(stars)
    number = np.repeat(np.arange(1, n_parts + 1), n_stars)
    columns = [
        fits.Column("PART", "J", array=number),
        fits.Column("STAR", "J", array=np.tile(np.arange(n_stars), n_parts)),
        *(
            fits.Column(name, form, unit, array=np.tile(stars[source], n_parts))
            for name, form, unit, source in (
                ("X", "E", "pixel", "xwin"),
                ("Y", "E", "pixel", "ywin"),
                ("RA", "D", "deg", "ra"),
                ("DEC", "D", "deg", "dec"),
                ("GAIA_ID", "K", None, "gaia_id"),
            )
        ),
    ]
    for row, letter in enumerate(LETTERS):
        flux = np.concatenate([part.flux[row] for part in parts])
        error = np.concatenate([part.error[row] for part in parts])
        columns += [
            fits.Column(f"FLUX_{letter.upper()}", "E", "adu", array=flux),
            fits.Column(f"ERR_{letter.upper()}", "E", "adu", array=error),
        ]
    flags = np.concatenate([part.flags for part in parts])
    columns.append(fits.Column("FLAGS", "J", array=flags))
    return fits.BinTableHDU.from_columns(columns, name=SERIES_STARS)


def _barycentric(parts: Sequence[PartLight], whole: Measurement) -> list[float]:
    """Compute the BJD of mid-exposure of each part for the Earth's centre; NaN without a plate."""
    if whole.solution is None:
        return [math.nan] * len(parts)
    centre = whole.solution.center
    return [round(barycentric_time(part.times.middle, *centre, None), BJD_DIGITS) for part in parts]

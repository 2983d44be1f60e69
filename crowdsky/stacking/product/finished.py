"""Recognises and checks finished stacks of our own format, and reads them a few rows at a time."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from crowdsky.base.errors import UnreadableFrameError
from crowdsky.frames.cards import card, number
from crowdsky.frames.damaged import damage_as
from crowdsky.frames.dates import utc_time
from crowdsky.frames.equinox import pointing_of_subs
from crowdsky.frames.fits_header import (
    MONO,
    START_BYTES,
    FrameHeader,
    is_fits,
    read_header,
)
from crowdsky.frames.frames import sha256_of
from crowdsky.frames.telescopes import names_unit
from crowdsky.stacking.engine import FrameRecord
from crowdsky.stacking.product.noise_planes import CORRELATION, SCALE_BLUE, SCALE_RED
from crowdsky.stacking.product.read_result import (
    NotAStackError,
    names_of_planes,
    read_result,
    unreadable_stack,
)
from crowdsky.stacking.records import FrameReport, StackResult
from crowdsky.stacking.registration.transform import Affine, apply

if TYPE_CHECKING:
    from astropy.io import fits

MARK = "STACKENG"
"""Keyword that every stack of ours has in its empty primary HDU, and no sub has."""
SAMPLE_ROWS = 60
"""Number of rows that the usual variance is taken from."""
KERNEL_REACH = 3
"""Number of rows beside a band that its interpolation may need."""
_DTYPES = {8: ">u1", 16: ">i2", 32: ">i4", -32: ">f4"}


@dataclass(frozen=True, slots=True)
class _Pixels:
    """Where the pixels of an HDU are in the file."""

    offset: int
    dtype: str
    bzero: float


@dataclass(frozen=True, slots=True)
class FinishedNoise:
    """Where the noise of a finished stack is, and how to use it.

    ``variances`` and ``scales`` are for each plane; ``correlation`` as in ``PixelNoise``.
    """

    variances: tuple[_Pixels, ...]
    scales: tuple[float, ...]
    correlation: tuple[float, ...]
    rejected: _Pixels


@dataclass(frozen=True, slots=True)
class FinishedStack:
    """A finished stack: what its tables say, and where its pixels are; no pixels are kept.

    ``noise`` is None for a stack that does not know it.
    """

    path: Path
    sha256: str
    header: fits.Header
    summary: StackResult
    planes: tuple[_Pixels, ...]
    counts: _Pixels
    noise: FinishedNoise | None = None

    @property
    def smoothed(self) -> bool:
        """Whether noise was smoothed, as in all stacks from before there was a card for it."""
        return self.header.get("SMOOTHED") is not False

    @property
    def size(self) -> tuple[int, int]:
        """(height, width)."""
        return self.summary.height, self.summary.width

    @property
    def job(self) -> str:
        """The job that made it, without the attempt; empty outside the queue."""
        return str(self.header.get("JOBID", "")).strip()

    @property
    def used_subs(self) -> frozenset[str]:
        """SHA-256 of the subs that it is made of."""
        return frozenset(frame.sha256 for frame in self.summary.frames if frame.used)

    @property
    def used_exposures(self) -> frozenset[tuple[str, str, float]]:
        """Telescope, start and length of its subs; empty if its telescope names no unit."""
        telescope = str(self.header.get("TELESCOP", "")).strip()
        if not names_unit(telescope):
            return frozenset()
        return frozenset(
            (telescope, frame.date_obs, round(frame.exptime, 3))
            for frame in self.summary.frames
            if frame.used and frame.date_obs
        )

    def rows(self, first: int, stop: int) -> tuple[np.ndarray, np.ndarray]:
        """Read rows of planes, (planes, rows, width) float32, and footprint, (rows, width) int32.

        Raises NotAStackError when the file is truncated, OSError when it cannot be read.
        """
        planes = np.stack([self._read(pixels, first, stop) for pixels in self.planes])
        return planes.astype(np.float32), self._read(self.counts, first, stop).astype(np.int32)

    def noise_rows(self, first: int, stop: int) -> tuple[np.ndarray, np.ndarray]:
        """Read rows of the variance, (planes, rows, width) float32, and of REJECTED, (rows, width).

        Raises ValueError when the stack does not know its noise, and what ``rows`` does.
        """
        if self.noise is None:
            raise ValueError(f"the variance of {self.path.name} is not known")
        planes = [
            np.float32(scale) * self._read(pixels, first, stop)
            for pixels, scale in zip(self.noise.variances, self.noise.scales, strict=True)
        ]
        return np.stack(planes).astype(np.float32), self._read(self.noise.rejected, first, stop)

    def usual_variance(self) -> np.ndarray:
        """Return the median variance of a pixel, (planes,) ADU squared, from a sample of rows.

        Raises what ``noise_rows`` does.
        """
        rows = range(0, self.size[0], max(1, self.size[0] // SAMPLE_ROWS))
        sample = np.concatenate([self.noise_rows(row, row + 1)[0] for row in rows], axis=1)
        covered = sample[:, (sample > 0.0).all(axis=0)]
        return np.asarray(np.median(covered, axis=1) if covered.size else np.zeros(len(sample)))

    def rows_around(self, inverse: Affine, rows: tuple[int, int], width: int) -> tuple[int, int]:
        """Return the rows [first, stop) of the stack that rows of another picture are made of.

        ``inverse`` takes pixels of that picture, which is ``width`` wide, to those of the stack.
        """
        y0, y1 = rows
        corners_x = np.array([0.0, width - 1.0, 0.0, width - 1.0])
        corners_y = np.array([y0, y0, y1 - 1.0, y1 - 1.0])
        _, v = apply(inverse, corners_x, corners_y)
        return (
            max(0, math.floor(v.min()) - KERNEL_REACH),
            min(self.size[0], math.ceil(v.max()) + KERNEL_REACH + 1),
        )

    def records(self) -> list[FrameRecord]:
        """Return its subs as an engine reports them, used or not."""
        return [FrameRecord(frame, self._sub_header(frame)) for frame in self.summary.frames]

    def _read(self, pixels: _Pixels, first: int, stop: int) -> np.ndarray:
        width = self.summary.width
        raw = np.empty((stop - first, width), pixels.dtype)
        with self.path.open("rb", buffering=0) as stream:
            stream.seek(pixels.offset + first * width * raw.itemsize)
            if stream.readinto(raw.view(np.uint8).data) != raw.nbytes:
                raise NotAStackError(
                    "could not read the stack", where=self.path.name, why="it is truncated"
                )
        return raw + pixels.bzero if pixels.bzero else raw

    def _sub_header(self, frame: FrameReport) -> FrameHeader | None:
        """Reconstruct the known part of a sub's header; None for a sub that could not be read."""
        if not math.isfinite(frame.exptime):
            return None
        header = self.header
        height, width = self.size
        eq_mode = number(header, "EQMODE")
        date_obs = utc_time(frame.date_obs)
        ra_deg, dec_deg, equinox = pointing_of_subs(header, date_obs)
        return FrameHeader(
            width=width,
            height=height,
            pattern=MONO,
            exptime_s=frame.exptime,
            date_obs=date_obs,
            equinox=equinox,
            ra_deg=ra_deg,
            dec_deg=dec_deg,
            gain=number(header, "GAIN"),
            ccd_temp_c=number(header, "CCD-TEMP"),
            telescope=header.get("TELESCOP"),
            instrument=header.get("INSTRUME"),
            filter_name=header.get("FILTER"),
            object_name=header.get("OBJECT"),
            eq_mode=None if eq_mode is None else int(eq_mode),
            site_lat_deg=number(header, "SITELAT"),
            site_long_deg=number(header, "SITELONG"),
            x_pixel_um=number(header, "XPIXSZ"),
            y_pixel_um=number(header, "YPIXSZ"),
            focal_length_mm=number(header, "FOCALLEN"),
            is_wide=number(header, "WIDECAM") == 1,
        )


def is_finished_stack(path: Path) -> bool:
    """Whether a file is a stack of ours, by its primary header; False if it is not FITS."""
    try:
        with path.open("rb") as stream:
            if not is_fits(stream.read(START_BYTES)):
                return False
            stream.seek(0)
            header = read_header(path, stream)
    except (OSError, UnreadableFrameError):
        return False
    return card(header, "NAXIS") == 0 and MARK in header


def open_stack(path: Path) -> FinishedStack:
    """Read the tables of a finished stack; raises NotAStackError when it is not one of ours."""
    from astropy.io import fits

    summary = read_result(path)
    with damage_as(lambda why: unreadable_stack(path, why)), fits.open(path, memmap=True) as hdus:
        planes = tuple(_pixels(hdus[name], summary) for name in names_of_planes(hdus))
        counts = _pixels(hdus["FOOTPRINT"], summary)
        noise = _noise(hdus, summary)
        header = hdus[0].header.copy()
    return FinishedStack(path, sha256_of(path), header, summary, planes, counts, noise)


def _noise(hdus: fits.HDUList, summary: StackResult) -> FinishedNoise | None:
    """Find the noise of a stack; None unless it has all that is needed."""
    planes = names_of_planes(hdus)
    correlation = tuple(number(hdus[name].header, CORRELATION) or 0.0 for name in planes)
    if "REJECTED" not in hdus or not min(correlation) > 0.0:
        return None
    names: tuple[str, ...]
    scales: tuple[float, ...]
    if len(planes) == 1:
        names, scales = ("VARIANCE",), (1.0,)
    elif "VARIANCE" in hdus:
        names = ("VARIANCE",) * 3
        header = hdus[0].header
        scales = (number(header, SCALE_RED) or 0.0, 1.0, number(header, SCALE_BLUE) or 0.0)
    else:
        names, scales = ("VARIANCE_R", "VARIANCE_G", "VARIANCE_B"), (1.0, 1.0, 1.0)
    if any(name not in hdus for name in names) or not min(scales) > 0.0:
        return None
    return FinishedNoise(
        tuple(_pixels(hdus[name], summary) for name in names),
        scales,
        correlation,
        _pixels(hdus["REJECTED"], summary),
    )


def _pixels(hdu: fits.ImageHDU, summary: StackResult) -> _Pixels:
    header = hdu.header
    if hdu.shape != (summary.height, summary.width):
        raise ValueError(f"{hdu.name} is not of the size of the first plane")
    if header["BITPIX"] not in _DTYPES or float(header.get("BSCALE", 1.0)) != 1.0:
        raise ValueError(f"{hdu.name} is coded in a way that our stacks are not")
    return _Pixels(
        hdu.fileinfo()["datLoc"], _DTYPES[header["BITPIX"]], float(header.get("BZERO", 0.0))
    )

"""Recognises and checks finished stacks of our own format, and reads them a few rows at a time."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from astropy.io import fits

from crowdsky.base.errors import BadDataError, UnreadableFrameError
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
from crowdsky.frames.likeness import filter_form
from crowdsky.frames.telescopes import names_unit
from crowdsky.stacking.engine import FrameRecord
from crowdsky.stacking.product.product import PLANES
from crowdsky.stacking.product.read_result import NotAStackError, read_result, unreadable_stack
from crowdsky.stacking.records import FrameReport, StackResult

MARK = "STACKENG"
"""Keyword that every stack of ours has in its empty primary HDU, and no sub has."""
_DTYPES = {8: ">u1", 16: ">i2", 32: ">i4", -32: ">f4"}


class CannotMergeError(BadDataError):
    """Finished stacks do not belong together."""


@dataclass(frozen=True, slots=True)
class _Pixels:
    """Where the pixels of an HDU are in the file."""

    offset: int
    dtype: str
    bzero: float


@dataclass(frozen=True, slots=True)
class FinishedStack:
    """A finished stack: what its tables say, and where its pixels are; no pixels are kept."""

    path: Path
    sha256: str
    header: fits.Header
    summary: StackResult
    planes: tuple[_Pixels, ...]
    counts: _Pixels

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
        """Read rows of planes, (3, rows, width) float32, and footprint, (rows, width) int32.

        Raises NotAStackError when the file is truncated, OSError when it cannot be read.
        """
        planes = np.stack([self._read(pixels, first, stop) for pixels in self.planes])
        return planes.astype(np.float32), self._read(self.counts, first, stop).astype(np.int32)

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
    summary = read_result(path)
    with damage_as(lambda why: unreadable_stack(path, why)), fits.open(path, memmap=True) as hdus:
        planes = tuple(_pixels(hdus[name], summary) for name in PLANES)
        counts = _pixels(hdus["FOOTPRINT"], summary)
        header = hdus[0].header.copy()
    return FinishedStack(path, sha256_of(path), header, summary, planes, counts)


def _pixels(hdu: fits.ImageHDU, summary: StackResult) -> _Pixels:
    header = hdu.header
    if hdu.shape != (summary.height, summary.width):
        raise ValueError(f"{hdu.name} is not of the size of RED")
    if header["BITPIX"] not in _DTYPES or float(header.get("BSCALE", 1.0)) != 1.0:
        raise ValueError(f"{hdu.name} is coded in a way that our stacks are not")
    return _Pixels(
        hdu.fileinfo()["datLoc"], _DTYPES[header["BITPIX"]], float(header.get("BZERO", 0.0))
    )


def check_belong_together(stacks: Sequence[FinishedStack]) -> tuple[str, ...]:
    """Check that stacks may be merged; return remarks on differences that are allowed.

    Raises CannotMergeError when light would count twice, or when the stacks are from different
    cameras or filters, which see other colours.
    """
    if len(stacks) < 2:
        raise CannotMergeError(
            "there is nothing to merge",
            why="only one finished stack was given",
            hint="give several stacks of one target, or the raw subs",
        )
    for index, stack in enumerate(stacks):
        for other in stacks[:index]:
            _check_different_light(other, stack)
    _check_same(stacks, "INSTRUME", "cameras")
    if len({number(stack.header, "WIDECAM") == 1 for stack in stacks}) > 1:
        raise _unlike("cameras of a telescope: the wide-angle camera, and the main one")
    _check_same(stacks, "FILTER", "filters", filter_form)
    telescopes = _values(stacks, "TELESCOP")
    if len(telescopes) > 1:
        return (f"merged from {len(telescopes)} telescopes: {', '.join(telescopes)}",)
    if telescopes and not names_unit(telescopes[0]):
        return (f"merged from one telescope or several: {telescopes[0]} names no unit",)
    return ()


def _check_different_light(one: FinishedStack, other: FinishedStack) -> None:
    shared = len(one.used_subs & other.used_subs)
    if one.sha256 == other.sha256:
        why = f"{one.path.name} and {other.path.name} are the same file"
    elif shared:
        why = f"{shared} subs are in both {one.path.name} and {other.path.name}"
    elif exposures := len(one.used_exposures & other.used_exposures):
        why = (
            f"{exposures} exposures of the same telescope, start and length are in both "
            f"{one.path.name} and {other.path.name}"
        )
    elif one.job and one.job == other.job:
        why = f"{one.path.name} and {other.path.name} were both made by job {one.job}"
    else:
        return
    raise CannotMergeError(
        "the same light must not count twice", why=why, hint="leave one of the two stacks out"
    )


def _check_same(
    stacks: Sequence[FinishedStack], key: str, what: str, form: Callable[[str], str] = str
) -> None:
    """Refuse stacks whose values of a keyword differ in the form in which they are compared."""
    values = _values(stacks, key)
    if len({form(value) for value in values}) > 1:
        raise _unlike(f"{what}: {', '.join(values)}")


def _unlike(what: str) -> CannotMergeError:
    return CannotMergeError(
        "these stacks cannot be merged",
        why=f"they come from different {what}",
        hint="merge each kind separately",
    )


def _values(stacks: Sequence[FinishedStack], key: str) -> list[str]:
    """Return the different values of a keyword in order of appearance, without absent ones."""
    values = (str(stack.header.get(key, "")).strip() for stack in stacks)
    return list(dict.fromkeys(value for value in values if value))

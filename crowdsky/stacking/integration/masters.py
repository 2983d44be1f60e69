"""Reads a master dark and a master flat, checks them against the subs, and prepares them."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from crowdsky.base.errors import BadDataError
from crowdsky.frames.card_facts import exposure_s
from crowdsky.frames.fits_header import FrameHeader, bayer_pattern
from crowdsky.stacking.engine import Masters
from crowdsky.stacking.integration.mosaic import Calibration, colours_of

DARK_EXPOSURE_TOLERANCE = 0.02
"""Relative difference of exposure between dark and subs: another exposure has another dark
current."""


class BadCalibrationError(BadDataError):
    """A master frame cannot be used for these subs."""


def load_calibration(masters: Masters, sub: FrameHeader) -> Calibration | None:
    """Load the masters for subs like ``sub``; None if there are none.

    The flat is divided by the median of each colour, so that it does not change the colours of the
    picture. A dark has to contain the bias, as it does when it was made of dark frames. Raises
    BadCalibrationError when a master cannot be read or does not fit the subs.
    """
    if not masters:
        return None
    dark = None if masters.dark is None else _read(masters.dark, "dark", sub)
    flat = None if masters.flat is None else _read(masters.flat, "flat", sub)
    if flat is not None:
        for cells in colours_of(sub.pattern):
            _normalise(flat, cells, masters.flat)
    return Calibration(dark, flat)


def _normalise(flat: np.ndarray, cells: tuple[int, ...], path: Path | None) -> None:
    """Divide the pixels of one colour by their median, in place."""
    views = [flat[cell // 2 :: 2, cell % 2 :: 2] for cell in cells]
    level = float(np.median(np.concatenate([view.ravel() for view in views])))
    if level <= 0.0:
        raise BadCalibrationError(
            "this master flat cannot be used",
            where="" if path is None else path.name,
            why=f"the median of one colour is {level:g}",
        )
    for view in views:
        view /= np.float32(level)


def _read(path: Path, kind: str, sub: FrameHeader) -> np.ndarray:
    """Read the pixels of a master, float32 (height, width), row 0 on top as in subs."""
    try:
        from astropy.io import fits  # slow to load, and needed for masters only

        with fits.open(path, memmap=False) as hdus:
            hdu = next((hdu for hdu in hdus if hdu.header.get("NAXIS", 0) > 0), hdus[0])
            header, pixels = hdu.header, hdu.data
    except (OSError, TypeError, ValueError) as error:
        raise _unfit(path, kind, f"it cannot be read: {error}") from error
    if pixels is None or pixels.shape != (sub.height, sub.width):
        size = "no picture" if pixels is None else "x".join(map(str, pixels.shape[::-1]))
        raise _unfit(path, kind, f"it is {size}, the subs are {sub.width}x{sub.height}")
    if "BAYERPAT" in header and (pattern := bayer_pattern(path, header)) != sub.pattern:
        raise _unfit(path, kind, f"its Bayer pattern is {pattern}, that of the subs {sub.pattern}")
    exposure = exposure_s(header)
    if kind == "dark" and exposure is not None:
        off = abs(exposure - sub.exptime_s)
        if off > DARK_EXPOSURE_TOLERANCE * sub.exptime_s:
            raise _unfit(
                path, kind, f"it is of {exposure:g} s, the subs are of {sub.exptime_s:g} s"
            )
    values = np.asarray(pixels, dtype=np.float32)
    if not np.isfinite(values).all():
        raise _unfit(path, kind, "some of its pixels have no value")
    if str(header.get("ROWORDER", "")).strip().upper() == "BOTTOM-UP":
        values = values[::-1]
    return np.ascontiguousarray(values)


def _unfit(path: Path, kind: str, why: str) -> BadCalibrationError:
    return BadCalibrationError(
        f"this master {kind} cannot be used",
        where=path.name,
        why=why,
        hint=f"give a master {kind} of the same sensor and settings, or none",
    )

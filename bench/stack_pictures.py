"""Stacks of the different tools, read into one form."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from astropy.io import fits

from bench import quality
from bench.stack_variance import StatedVariance

SIGNIFICANT_SHARE = 0.5
"""Of the deepest pixel's frames; where fewer overlap a picture is not measured."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A stack: sky-subtracted ``planes`` (3, height, width), and what it is made of.

    ``covered`` (height, width) marks the pixels to be measured; ``used`` is the number of frames
    that are part of it; ``left_out`` says in words why others are not, by file name. ``variance``
    is None for stacks that do not state it. ``raw`` are the planes with their sky: a model of the
    sky is a measurement of its own, which smoothing of the stack improves.
    """

    planes: np.ndarray
    luminance: np.ndarray
    covered: np.ndarray
    used: int
    left_out: dict[str, str]
    variance: StatedVariance | None = None
    raw: np.ndarray | None = None

    @property
    def grey(self) -> np.ndarray:
        """Mean of the planes with their sky, (height, width)."""
        return np.asarray((self.planes if self.raw is None else self.raw).mean(axis=0))


def read_picture(reader: str, path: Path, n_frames: int) -> Picture:
    """The stack of ``n_frames`` frames in the layout of one of READERS."""
    return READERS[reader](path, n_frames)


def _picture(
    planes: np.ndarray, covered: np.ndarray, used: int, left_out: dict[str, str] | None = None
) -> Picture:
    flat = quality.without_sky(planes, covered)
    return Picture(flat, flat.mean(axis=0), covered, used, left_out or {}, raw=planes)


def _read_native(path: Path, n_frames: int) -> Picture:
    with fits.open(path) as hdus:
        planes = np.array([hdus[name].data for name in ("RED", "GREEN", "BLUE")], np.float32)
        footprint = hdus["FOOTPRINT"].data
        frames = hdus["FRAMES"].data
        left_out = {
            str(row["FILENAME"]).strip(): str(row["REASON"]).strip()
            for row in frames
            if not row["USED"]
        }
        variance = _stated_variance(hdus)
    return native_picture(planes, footprint, n_frames - len(left_out), left_out, variance)


def native_picture(
    planes: np.ndarray,
    footprint: np.ndarray,
    used: int,
    left_out: dict[str, str],
    variance: StatedVariance | None,
) -> Picture:
    """A stack of our own: planes (3, height, width) with their sky, and subs per pixel."""
    covered = footprint >= SIGNIFICANT_SHARE * footprint.max()
    return replace(_picture(planes, covered, used, left_out), variance=variance)


def _stated_variance(hdus: fits.HDUList) -> StatedVariance | None:
    """Variance of the green plane; None in stacks of versions that did not know it."""
    for name in ("VARIANCE", "VARIANCE_G"):
        if name in hdus and "VARCORR" in hdus["GREEN"].header:
            factor = float(hdus["GREEN"].header["VARCORR"])
            return StatedVariance(hdus[name].data.astype(np.float32), factor)
    return None


def _read_siril(path: Path, n_frames: int) -> Picture:
    with fits.open(path) as hdus:
        planes = hdus[0].data.astype(np.float32)
        used = int(hdus[0].header.get("STACKCNT", n_frames))
    return _picture(planes, planes.mean(axis=0) > 0, used)


def _read_seestarpy(path: Path, n_frames: int) -> Picture:
    planes = np.moveaxis(fits.getdata(path).astype(np.float32), 2, 0)
    # It fills what no frame covers, so that nothing tells where that is.
    return _picture(planes, np.ones(planes.shape[1:], bool), n_frames)


def _read_seiza(path: Path, n_frames: int) -> Picture:
    with fits.open(path) as hdus:
        planes = hdus[0].data.astype(np.float32)
        used = int(hdus[0].header.get("STACKCNT", n_frames))
    covered = np.isfinite(planes).all(axis=0)
    return _picture(np.nan_to_num(planes, nan=0.0, posinf=0.0, neginf=0.0), covered, used)


READERS: dict[str, Callable[[Path, int], Picture]] = {
    "native": _read_native,
    "siril": _read_siril,
    "seestarpy": _read_seestarpy,
    "seiza": _read_seiza,
}

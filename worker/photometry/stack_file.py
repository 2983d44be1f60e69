"""Reads a stack for measuring and writes what was measured back into it.

Working on the finished file, not on arrays handed over by the stacker, is what lets a stack be
measured again years later, when its raws are gone.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from astropy.io import fits
from numpy.typing import NDArray

from worker.errors import BadDataError
from worker.photometry.times import Exposure
from worker.solving.solution import WCS_KEYWORDS, HeaderCard

PLANE_NAMES = (("RED", "R"), ("GREEN", "G"), ("BLUE", "B"))
NOT_PLANES = ("FOOTPRINT", "MASK", "WEIGHT")
STAR_TABLE = "STAR-TAB"
FRAMES_TABLE = "FRAMES"


class UnreadableStackError(BadDataError):
    """A file is not a stack in colour planes."""


@dataclass(frozen=True, slots=True)
class StackPicture:
    """What measuring needs of a stack.

    planes      -- float32 (3, height, width): red, green, blue; ADU
    uncovered   -- bool (height, width), pixels that no sub covers
    depth       -- largest number of subs on a pixel
    header      -- the primary header
    exposures   -- of the subs that are in the stack, as far as they have a time
    """

    planes: NDArray[np.float32]
    uncovered: NDArray[np.bool_]
    depth: int
    header: fits.Header
    exposures: tuple[Exposure, ...]


def read_stack(path: Path) -> StackPicture:
    """Read the planes, the footprint, the header and the times of a stack.

    Planes are found by name (RED or R and so on, in any case), else the first three pictures are
    taken. Raises UnreadableStackError when there are no three planes of one size.
    """
    try:
        with fits.open(path, memmap=False) as hdus:
            planes = [np.asarray(hdu.data, dtype=np.float32) for hdu in _plane_hdus(hdus)]
            if len(planes) != 3 or len({plane.shape for plane in planes}) != 1:
                raise UnreadableStackError(
                    "could not read the stack", where=path.name, why="it has no three colour planes"
                )
            footprint = _footprint(hdus, planes[0].shape)
            header = hdus[0].header.copy()
            exposures = _exposures(hdus, header)
    except (OSError, TypeError, ValueError) as error:
        raise UnreadableStackError(
            "could not read the stack", where=path.name, why=str(error)
        ) from error
    cube = np.stack(planes)
    uncovered = np.ascontiguousarray((footprint == 0) | ~np.isfinite(cube).all(axis=0))
    cube[:, uncovered] = 0.0
    return StackPicture(cube, uncovered, int(max(1, footprint.max())), header, exposures)


def write_measured(
    path: Path, cards: Sequence[HeaderCard], outdated: Iterable[str], stars: np.ndarray
) -> None:
    """Put header cards and the star table into a stack; the file is replaced whole or not at all.

    `outdated` are the keywords an earlier measurement may have left behind. The coordinates are
    repeated in each plane: Siril and DS9 look for them beside the pixels, not in an empty primary.
    """
    partial = path.with_name(path.name + ".part")
    try:
        with fits.open(path, memmap=False) as hdus:
            _exchange(hdus[0].header, outdated, cards)
            coordinates = [card for card in cards if card[0] in WCS_KEYWORDS]
            for plane in _pictures(hdus):
                _exchange(plane.header, WCS_KEYWORDS, coordinates)
            table = fits.BinTableHDU(stars, name=STAR_TABLE)
            if STAR_TABLE in hdus:
                hdus[STAR_TABLE] = table
            else:
                hdus.append(table)
            hdus.writeto(partial, overwrite=True, checksum=True)
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


def _exchange(header: fits.Header, outdated: Iterable[str], cards: Iterable[HeaderCard]) -> None:
    for keyword in outdated:
        header.remove(keyword, ignore_missing=True, remove_all=True)
    for keyword, value, comment in cards:
        header[keyword] = (value, comment)


def _pictures(hdus: fits.HDUList) -> list[fits.ImageHDU]:
    return [hdu for hdu in hdus[1:] if hdu.is_image and hdu.header.get("NAXIS") == 2]


def _plane_hdus(hdus: fits.HDUList) -> list[fits.ImageHDU]:
    pictures = _pictures(hdus)
    named = {hdu.name.upper(): hdu for hdu in pictures}
    found = [next((named[name] for name in names if name in named), None) for names in PLANE_NAMES]
    if all(hdu is not None for hdu in found):
        return found
    return [hdu for hdu in pictures if hdu.name.upper() not in NOT_PLANES][:3]


def _footprint(hdus: fits.HDUList, shape: tuple[int, ...]) -> NDArray[np.int64]:
    if "FOOTPRINT" in hdus and hdus["FOOTPRINT"].shape == shape:
        return np.asarray(hdus["FOOTPRINT"].data, dtype=np.int64)
    return np.ones(shape, dtype=np.int64)


def _exposures(hdus: fits.HDUList, header: fits.Header) -> tuple[Exposure, ...]:
    """From the FRAMES table; without one, the whole span counts as one exposure."""
    if FRAMES_TABLE in hdus:
        rows = hdus[FRAMES_TABLE].data
        used = [row for row in rows if row["USED"] and str(row["DATE_OBS"]).strip()]
        return tuple(Exposure(_utc(str(row["DATE_OBS"])), float(row["EXPTIME"])) for row in used)
    start, end = header.get("OB-START") or header.get("DATE-OBS"), header.get("OB-END")
    if not isinstance(start, str) or not start.strip():
        return ()
    if isinstance(end, str) and end.strip():
        begun = _utc(start)
        return (Exposure(begun, (_utc(end) - begun).total_seconds()),)
    return (Exposure(_utc(start), float(header.get("EXPTIME", 0.0))),)


def _utc(text: str) -> datetime:
    """An ISO time of a header, which is UTC without saying so."""
    moment = datetime.fromisoformat(text.strip().replace("Z", "+00:00"))
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)

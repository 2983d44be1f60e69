"""Reads a stack for measuring, and writes the measurement back into its file.

Because measuring works on the finished file and not on arrays of the stacker, a stack can be
measured again years later, when its raws are gone.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from textwrap import wrap

import numpy as np
from astropy.io import fits
from numpy.typing import NDArray

from crowdsky.base.errors import BadDataError
from crowdsky.frames.cards import card, number
from crowdsky.frames.damaged import damage_as
from crowdsky.frames.dates import utc_time
from crowdsky.frames.equinox import KEPT_POINTING
from crowdsky.frames.fits_header import plain_ascii
from crowdsky.frames.plane_cards import LUMINANCE, MEASURED, repeat_cards
from crowdsky.photometry.times import Exposure
from crowdsky.solving.solution import WCS_KEYWORDS, HeaderCard, Solution
from crowdsky.sources.apertures import VarianceMap
from crowdsky.sources.star_columns import STAR_TABLE

PLANE_NAMES = (("RED", "R"), ("GREEN", "G"), ("BLUE", "B"))
NOT_PLANES = (
    "FOOTPRINT", "MASK", "WEIGHT", "REJECTED",
    "VARIANCE", "VARIANCE_R", "VARIANCE_G", "VARIANCE_B",
)  # fmt: skip
FRAMES_TABLE = "FRAMES"

NOTE, NOTE_GOES_ON = "measuring: ", "measuring:  "
"""Start of the lines in HISTORY that say what could not be measured; a new measurement removes
them. They are lines, because a long text in one card would need CONTINUE, which not all readers
know."""
HISTORY_WIDTH = 72
SOLVED_POINTING = "[deg] ICRS, solved centre of the picture"
"""Comment of RA and DEC by which they are known not to be those of the subs."""


class UnreadableStackError(BadDataError):
    """A file is not a stack in colour planes."""


class UnreadableTimeError(BadDataError):
    """The times of exposure in the file of a stack cannot be read."""


@dataclass(frozen=True, slots=True)
class Stamp:
    """The time of an exposure as the file has it: start, and end as text or length in seconds."""

    start: str
    end: str | None
    seconds: float


@dataclass(frozen=True, slots=True)
class StackPicture:
    """What measuring needs of a stack.

    planes      -- float32 (3, height, width): red, green, blue, or three times the only plane of a
                   monochrome sensor; ADU, 0 where uncovered
    uncovered   -- bool (height, width), pixels that no sub covers
    depth       -- largest number of subs on a pixel
    header      -- the primary header
    stamps      -- times of the subs in the stack, as far as they have one
    variances   -- of red, green and blue; None where the stack does not know them
    """

    planes: NDArray[np.float32]
    uncovered: NDArray[np.bool_]
    depth: int
    header: fits.Header
    stamps: tuple[Stamp, ...]
    variances: tuple[VarianceMap, ...] | None = None


def read_stack(path: Path) -> StackPicture:
    """Read the planes, the footprint, the header and the times of a stack.

    Planes are found by name (RED or R and so on, or LUM, in any case); otherwise the first three
    pictures are taken. Raises UnreadableStackError when the file cannot be read, or has no three
    planes of one size.
    """

    def unreadable(why: str) -> UnreadableStackError:
        return UnreadableStackError("could not read the stack", where=path.name, why=why)

    with damage_as(unreadable), path.open("rb") as stream, fits.open(stream, memmap=False) as hdus:
        colours = _of_colours(hdus)
        if len(colours) != 3 or len({hdu.shape for hdu in colours}) != 1:
            raise unreadable("it does not have three colour planes")
        cube = _cube(colours)
        footprint = _footprint(hdus, cube)
        header = hdus[0].header.copy()
        stamps = _stamps(hdus, header)
        variances = _variances(hdus, cube.shape[1:])
    uncovered = np.ascontiguousarray((footprint == 0) | ~np.isfinite(cube).all(axis=0))
    cube[:, uncovered] = 0.0
    return StackPicture(cube, uncovered, int(max(1, footprint.max())), header, stamps, variances)


def exposures_of(stamps: Sequence[Stamp]) -> tuple[Exposure, ...]:
    """Parse the exposures of a stack; raises UnreadableTimeError for a text that is no time."""
    return tuple(_exposure(stamp) for stamp in stamps)


def _exposure(stamp: Stamp) -> Exposure:
    start = _moment(stamp.start)
    seconds = stamp.seconds
    if stamp.end is not None:
        seconds = (_moment(stamp.end) - start).total_seconds()
    return Exposure(start, seconds)


def _moment(text: str) -> datetime:
    moment = utc_time(text)
    if moment is None:
        raise UnreadableTimeError(
            "the time of an exposure cannot be read", why=f"{text!r} is no date and time"
        )
    return moment


def write_measured(
    path: Path,
    cards: Sequence[HeaderCard],
    outdated: Iterable[str],
    table: fits.BinTableHDU,
    beside_pixels: Sequence[Sequence[HeaderCard]],
    notes: Sequence[str] = (),
) -> None:
    """Put header cards and the star table into a stack; the file is replaced whole or not at all.

    The coordinates are repeated in each picture, and in the planes exposure, filter, dates and the
    like: Siril, DS9 and SWarp look for them beside the pixels, not in an empty primary.

    Args:
        path: the file of the stack.
        cards: for the primary header.
        outdated: keywords that an earlier measurement may have left, to be removed.
        table: STAR-TAB.
        beside_pixels: cards for the planes red, green and blue.
        notes: become lines of HISTORY, in place of those of an earlier measurement.

    Raises OSError when the file cannot be read or written.
    """
    partial = path.with_name(path.name + ".part")
    try:
        with fits.open(path, memmap=False) as hdus:
            _keep_pointing(hdus[0].header, cards)
            _exchange(hdus[0].header, outdated, cards)
            _exchange_notes(hdus[0].header, notes)
            coordinates = [card for card in cards if card[0] in WCS_KEYWORDS]
            for plane in _pictures(hdus):
                _exchange(plane.header, WCS_KEYWORDS, coordinates)
            found = _plane_hdus(hdus)
            # What was measured in the only plane is the same for each colour.
            for plane, own in zip(found, beside_pixels[: len(found)], strict=True):
                repeat_cards(hdus[0].header, plane.header)
                _exchange(plane.header, MEASURED, own)
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


def _keep_pointing(header: fits.Header, cards: Iterable[HeaderCard]) -> None:
    """Keep the pointing of the subs before the solved centre replaces RA and DEC.

    Only stacks of older versions need it: the others have these cards already.
    """
    if not {"RA", "DEC"} <= {keyword for keyword, _, _ in cards}:
        return
    for keyword, kept in KEPT_POINTING.items():
        is_solved = keyword in header and header.comments[keyword] == SOLVED_POINTING
        if keyword in header and kept not in header and not is_solved:
            comment = f"[deg] {keyword} as the subs have it"
            header.set(kept, header[keyword], comment, after=keyword)


def pointing_cards(solution: Solution) -> list[HeaderCard]:
    """Return RA and DEC of a solved stack: the centre of the picture, ICRS."""
    ra, dec = solution.center
    return [
        ("RA", ra, SOLVED_POINTING),
        ("DEC", dec, SOLVED_POINTING),
    ]


def _exchange_notes(header: fits.Header, notes: Iterable[str]) -> None:
    lines = [str(line) for line in header.get("HISTORY", ())]
    header.remove("HISTORY", ignore_missing=True, remove_all=True)
    lines = [line for line in lines if not line.startswith(NOTE)]
    for note in notes:
        text = plain_ascii(note)
        lines += wrap(text, HISTORY_WIDTH, initial_indent=NOTE, subsequent_indent=NOTE_GOES_ON)
    for line in lines:
        header.add_history(line)


def _pictures(hdus: fits.HDUList) -> list[fits.ImageHDU]:
    return [hdu for hdu in hdus[1:] if hdu.is_image and hdu.header.get("NAXIS") == 2]


def _of_colours(hdus: fits.HDUList) -> list[fits.ImageHDU]:
    """Return the HDU for each colour; that of a monochrome sensor three times."""
    planes = _plane_hdus(hdus)
    return planes * 3 if len(planes) == 1 and planes[0].name.upper() == LUMINANCE else planes


def _plane_hdus(hdus: fits.HDUList) -> list[fits.ImageHDU]:
    pictures = _pictures(hdus)
    named = {hdu.name.upper(): hdu for hdu in pictures}
    if LUMINANCE in named:
        return [named[LUMINANCE]]
    found = [next((named[name] for name in names if name in named), None) for names in PLANE_NAMES]
    if all(hdu is not None for hdu in found):
        return found
    return [hdu for hdu in pictures if hdu.name.upper() not in NOT_PLANES][:3]


def _cube(colours: Sequence[fits.ImageHDU]) -> NDArray[np.float32]:
    """Read planes of one size, each without a second copy; (planes, height, width)."""
    cube = np.empty((len(colours), *colours[0].data.shape), dtype=np.float32)
    for row, hdu in enumerate(colours):
        if row and hdu is colours[row - 1]:  # a monochrome sensor
            cube[row] = cube[row - 1]
        else:
            cube[row] = hdu.data
            del hdu.data
    return cube


def _footprint(hdus: fits.HDUList, cube: NDArray[np.float32]) -> NDArray[np.integer]:
    """Read the footprint; without one, pixels that are 0 in all planes are not covered."""
    if "FOOTPRINT" in hdus and hdus["FOOTPRINT"].shape == cube.shape[1:]:
        counts = np.asarray(hdus["FOOTPRINT"].data)
        return counts if counts.dtype.kind in "iu" else counts.astype(np.int64)
    return np.asarray((cube != 0.0).any(axis=0), dtype=np.uint8)


def _variances(hdus: fits.HDUList, shape: tuple[int, ...]) -> tuple[VarianceMap, ...] | None:
    """Read the variance of the planes; None unless the stack has all that is needed for it."""
    pixels: dict[str, NDArray[np.float32]] = {}
    maps = []
    for plane, (_, letter) in zip(_of_colours(hdus), PLANE_NAMES, strict=True):
        name, scale = f"VARIANCE_{letter}", 1.0
        if name not in hdus:
            name = "VARIANCE"
            is_own = letter == "G" or plane.name.upper() == LUMINANCE
            scale = 1.0 if is_own else number(plane.header, f"VARSCL_{letter}") or 0.0
        correlation = number(plane.header, "VARCORR") or 0.0
        if name not in hdus or hdus[name].shape != shape or not scale * correlation > 0.0:
            return None
        if name not in pixels:
            pixels[name] = np.asarray(hdus[name].data, dtype=np.float32)
        maps.append(VarianceMap(pixels[name], scale * correlation))
    return tuple(maps)


def _stamps(hdus: fits.HDUList, header: fits.Header) -> tuple[Stamp, ...]:
    """Read times from the FRAMES table; without one, the whole span counts as one exposure.

    Where only some of the subs have a time there are none: the middle would not be that of all. Of
    a stack whose subs nobody knows, both ends of the span must be known.
    """
    is_of_nobody = FRAMES_TABLE in hdus and len(hdus[FRAMES_TABLE].data) == 0
    if FRAMES_TABLE in hdus and not is_of_nobody:
        rows = [row for row in hdus[FRAMES_TABLE].data if row["USED"]]
        stamps = [Stamp(str(row["DATE_OBS"]), None, float(row["EXPTIME"])) for row in rows]
        return tuple(stamps) if all(stamp.start.strip() for stamp in stamps) else ()
    start, end = card(header, "OB-START") or card(header, "DATE-OBS"), card(header, "OB-END")
    if not isinstance(start, str) or not start.strip():
        return ()
    if not isinstance(end, str) or not end.strip():
        end = None
    if is_of_nobody and end is None:
        return ()
    return (Stamp(start, end, number(header, "EXPTIME") or 0.0),)

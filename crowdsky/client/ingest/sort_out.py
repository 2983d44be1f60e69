"""Decides whether a FITS file is a light frame that the site takes, and why not.

The header decides. Where it names no kind of frame, as Dwarf's do, folder and name do: telescopes
keep their darks apart, and mark the frames that they could not use themselves.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from astropy.io import fits

from crowdsky.base.errors import UnreadableFrameError
from crowdsky.frames.card_facts import FACTS, combined_before, exposure_s, other_kind_of_frame
from crowdsky.frames.cards import card, text
from crowdsky.frames.fits_header import read_header
from crowdsky.frames.frames import read_light_frame
from crowdsky.frames.light_frame import LightFrame


class Reason(StrEnum):
    """Why a file is not sent; the values are for people, in the plural."""

    STACK = "stacks"
    DARK = "darks"
    FLAT = "flats"
    BIAS = "bias frames"
    OTHER_KIND = "frames of another kind"
    REJECTED = "frames that the telescope could not use"
    PREVIEW = "previews"
    PACKED = "packed files"
    NO_TIME = "frames without a time"
    COPY = "copies of another file"
    TOO_LARGE = "files larger than the site takes"
    UNREADABLE = "files that cannot be stacked"
    OTHER = "other files"


KIND_WORDS = (
    (Reason.DARK, re.compile(r"dark")),
    (Reason.FLAT, re.compile(r"flat")),
    (Reason.BIAS, re.compile(r"bias|offset")),
)
"""Words in the kind that a header names. A dark for flats is a dark."""
DARK_FOLDERS = ("dark", "darks", "dwarf_dark")
FOLDERS = {
    **dict.fromkeys(DARK_FOLDERS, Reason.DARK),
    **dict.fromkeys(("flat", "flats"), Reason.FLAT),
    **dict.fromkeys(("bias", "biases", "offset", "offsets"), Reason.BIAS),
    **dict.fromkeys(("stacked", "stacks", "images-stacked"), Reason.STACK),
    "cali_frame": Reason.OTHER_KIND,
}
"""Names of folders, lower case and without a leading number, by what is in them. CALI_FRAME is
Dwarf's, with a folder for each kind in it."""
STACK_NAME = re.compile(r"(?:dso_)?(?:img_)?stacked[-_ .]|restacked_", re.IGNORECASE)
FAILED_NAME = re.compile(r"failed_", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A file that is not sent."""

    path: Path
    reason: Reason
    why: str = ""
    """What is wrong with this file, for people; empty where the reason says it all."""
    is_short: bool = False
    """Whether it ends before its header or pixels do, as a file that is still being written."""


def sort_out(path: Path) -> LightFrame | LeftOut:
    """Return the light frame in a file, or why it is not sent."""
    try:
        frame = read_light_frame(path)
    except UnreadableFrameError as error:
        return _refused(path, error)
    named = _by_name(path)
    if named is not None and not _says_light(path):
        return LeftOut(path, named)
    if frame.compressed_hdu is not None:
        return LeftOut(path, Reason.PACKED, "its pixels are compressed; unpack it first")
    if frame.header.clock_start is None:
        why = next((said for said in frame.header.remarks if "when it was taken" in said), "")
        return LeftOut(path, Reason.NO_TIME, why or "it has no DATE-OBS")
    return frame


def _refused(path: Path, error: UnreadableFrameError) -> LeftOut:
    """Return of what kind a file is that cannot be stacked."""
    try:
        with path.open("rb") as stream:
            header = read_header(path, stream)
    except (OSError, UnreadableFrameError):
        return LeftOut(path, Reason.UNREADABLE, error.why, _is_short(error))
    kind = other_kind_of_frame(header)
    if kind is not None:
        found = (reason for reason, word in KIND_WORDS if word.search(kind.lower()))
        return LeftOut(path, next(found, Reason.OTHER_KIND), error.why)
    axes = card(header, "NAXIS")
    if (isinstance(axes, int) and axes > 2) or _is_combined(header):
        return LeftOut(path, Reason.STACK, error.why)
    named = _by_name(path)
    if named is not None:
        return LeftOut(path, named, error.why)
    return LeftOut(path, Reason.UNREADABLE, error.why, _is_short(error))


def _is_combined(header: fits.Header) -> bool:
    exposure = exposure_s(header)
    return exposure is not None and combined_before(header, exposure) != ""


def _is_short(error: UnreadableFrameError) -> bool:
    return "truncated" in error.why or "ends inside" in error.why or "empty" in error.why


def _says_light(path: Path) -> bool:
    """Whether the header names the kind of the frame, which is then a light frame."""
    with path.open("rb") as stream:
        header = read_header(path, stream)
    return any(text(header, key) for key in FACTS.kind)


def _by_name(path: Path) -> Reason | None:
    """Return what the names of a file and of the folders around it say, None if nothing."""
    if FAILED_NAME.match(path.name):
        return Reason.REJECTED
    if STACK_NAME.match(path.name):
        return Reason.STACK
    names = [re.sub(r"^\d+[-_ ]+", "", part).lower() for part in path.parts[-4:-1]]
    found = [FOLDERS[name] for name in names if name in FOLDERS]
    return found[-1] if found else None

"""Sorts the subs of one chunk: which of them can be read and belong together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from crowdsky.base.errors import UnreadableFrameError
from crowdsky.frames.fits_header import MONO, FrameHeader
from crowdsky.frames.frames import read_light_frame
from crowdsky.frames.header_clock import NO_CLOCKS, NOTHING_TOLD, ToldClock
from crowdsky.frames.light_frame import LightFrame
from crowdsky.frames.likeness import filter_form, linked_exposures

_Kind = tuple[int, int, bool, str, float, str]
"""Width, height, whether it is the wide-angle camera, pattern, exposure in seconds (the shortest of
those alike) and filter (in the form for comparisons)."""
SATURATED_SHARE = 0.95
"""Share of the end of the scale from which a pixel counts as saturated."""
DEEP_SIGMA = 20.0
MIN_WRAPPED_PX = 4
WRAPPED_SAMPLE = 200
REACH_PX = 4
NEAR_WRAP_ADU = 16_000
NEAR_WRAP_SHARE = 0.25
"""Share of the pixels far below the sky that have one above NEAR_WRAP_ADU within REACH_PX: the
flank of their star, up to which the numbers were right."""


@dataclass(frozen=True, slots=True)
class RejectedFrame:
    """A file that is not stacked, and the reason for people to read."""

    path: Path
    reason: str
    header: FrameHeader | None = None
    """Facts of the file; None when it could not be read at all."""
    hint: str = ""
    """What to try with this file, where that is known."""


@dataclass(frozen=True, slots=True)
class ChunkCheck:
    """The frames that belong together, in the order given, and those that do not."""

    frames: tuple[LightFrame, ...]
    rejected: tuple[RejectedFrame, ...]


def read_light_frames(
    paths: Iterable[Path], clocks: Mapping[Path, ToldClock] = NO_CLOCKS
) -> tuple[tuple[LightFrame, ...], tuple[RejectedFrame, ...]]:
    """Read files: the frames that can be stacked, and those that cannot, in the order given.

    ``clocks`` has what is known of the clock of a file's telescope besides its header.
    """
    frames, rejected = [], []
    for path in paths:
        try:
            frames.append(read_light_frame(path, clocks.get(path, NOTHING_TOLD)))
        except UnreadableFrameError as error:
            rejected.append(RejectedFrame(path, error.why, hint=error.hint))
    return tuple(frames), tuple(rejected)


def check_same_chunk(frames: Sequence[LightFrame], *, turned: bool = False) -> ChunkCheck:
    """Keep the frames of the commonest size, camera, pattern, exposure and filter; reject the rest.

    On a tie the kind of the first frame wins. With ``turned``, a pattern and the same after half a
    turn are one kind: some telescopes turn their sensor within a night.
    """
    exposures = linked_exposures(frame.header.exptime_s for frame in frames)
    kinds = [_kind(frame.header, exposures, turned) for frame in frames]
    if not kinds:
        return ChunkCheck((), ())
    common, count = Counter(kinds).most_common(1)[0]
    example = frames[kinds.index(common)].header
    rejected = tuple(
        RejectedFrame(
            frame.path,
            _difference(
                (frame.header, kind),
                (example, common),
                f"{count} of the {len(frames)} frames have",
            ),
            frame.header,
        )
        for frame, kind in zip(frames, kinds, strict=True)
        if kind != common
    )
    kept = tuple(frame for frame, kind in zip(frames, kinds, strict=True) if kind == common)
    return ChunkCheck(kept, rejected)


def pixel_problem(mosaic: np.ndarray, scale_end: float = 65535.0) -> str | None:
    """Return why the pixels of a frame cannot be stacked, for people to read; None if they can.

    ``mosaic`` is (height, width) in ADU; a sample of the rows is enough. ``scale_end`` is the value
    at which a pixel saturates, ADU; infinite if unknown.
    """
    lowest, highest = float(mosaic.min()), float(mosaic.max())
    if lowest == highest:
        end = SATURATED_SHARE * scale_end
        what = "saturated" if lowest >= end else "empty"
        return f"it is {what} (every pixel has the value {lowest:g})"
    # What most pixels share at the top is the end of the scale, wherever the camera has it.
    saturated = float(np.mean(mosaic >= min(SATURATED_SHARE * scale_end, highest)))
    if saturated > 0.5:
        return f"{saturated:.0%} of its pixels are saturated"
    empty = float(np.mean(mosaic == 0))
    if empty > 0.5:
        return f"{empty:.0%} of its pixels are 0"
    return None


def wrapped_problem(mosaic: np.ndarray) -> str | None:
    """Return why signed 16-bit pixels (height, width) cannot be stacked; None if they can.

    Unsigned numbers that were written without BZERO turn negative above 32767: the cores of bright
    stars become holes far below the sky. A camera counts no less than nothing, and a dark that was
    subtracted leaves its holes where no star is.
    """
    if float(mosaic.min()) >= 0.0:
        return None
    sky = float(np.median(mosaic[::7, ::7]))
    depth = DEEP_SIGMA * 1.4826 * float(np.median(np.abs(mosaic[::7, ::7] - sky)))
    y, x = np.nonzero(mosaic < min(0.0, sky - depth))
    if y.size < MIN_WRAPPED_PX:
        return None
    step = max(1, y.size // WRAPPED_SAMPLE)
    tops, lefts = np.maximum(y - REACH_PX, 0)[::step], np.maximum(x - REACH_PX, 0)[::step]
    side = 2 * REACH_PX + 1
    beside = [
        mosaic[top : top + side, left : left + side].max()
        for top, left in zip(tops, lefts, strict=True)
    ]
    if np.mean(np.array(beside) > NEAR_WRAP_ADU) < NEAR_WRAP_SHARE:
        return None
    return (
        "pixels in the middle of its stars lie far below the sky: its numbers are probably "
        "unsigned, and BZERO is missing"
    )


def _kind(header: FrameHeader, exposures: dict[float, float], turned: bool) -> _Kind:
    exposure = exposures[header.exptime_s]
    pattern = header.pattern
    if turned and pattern != MONO:
        pattern = min(pattern, pattern[::-1])
    size = header.width, header.height
    return *size, header.is_wide, pattern, exposure, filter_form(header.filter_name)


def _difference(
    mine: tuple[FrameHeader, _Kind], common: tuple[FrameHeader, _Kind], others_have: str
) -> str:
    """Describe in what a frame differs from the others."""
    apart = [one != other for one, other in zip(_parts(mine[1]), _parts(common[1]), strict=True)]
    own, theirs = (
        ", ".join(said for said, differs in zip(_texts(header), apart, strict=True) if differs)
        for header in (mine[0], common[0])
    )
    return f"it has {own}, while {others_have} {theirs}"


def _parts(kind: _Kind) -> tuple[object, ...]:
    width, height, *rest = kind
    return (width, height), *rest


def _texts(header: FrameHeader) -> tuple[str, ...]:
    pattern, filter_name = header.pattern, header.filter_name
    return (
        f"{header.width}x{header.height} pixels",
        "the wide-angle camera" if header.is_wide else "the main camera",
        "no Bayer pattern" if pattern == MONO else f"the Bayer pattern {pattern}",
        f"{header.exptime_s:g} s of exposure",
        f"the filter {filter_name}" if filter_name else "no filter",
    )

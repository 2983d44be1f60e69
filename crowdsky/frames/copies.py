"""Finds frames that show the same light as another: copies, renamed, packed or with another header.

An exposure is one telescope, start and length, or the same pixels. Counted twice, its noise would
be taken for light: a stack would claim more exposure than there was time.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import numpy as np

from crowdsky.frames.light_frame import LightFrame
from crowdsky.frames.likeness import SAME_EXPOSURE
from crowdsky.frames.telescopes import names_unit

SAME_START = timedelta(milliseconds=1)
MIN_WHOLE_SECONDS = 1.0
"""Exposure from which a start in whole seconds may be that of one with fractions: a camera takes no
two such exposures within a second."""


@dataclass(slots=True)
class Exposures:
    """The exposures that a stack has so far; the first usable frame of each is its own."""

    _by_start: dict[tuple[str, str | None, datetime], list[LightFrame]] = field(
        default_factory=dict
    )
    _by_pixels: dict[str, LightFrame] = field(default_factory=dict)

    def add(self, frame: LightFrame, mark: str) -> str:
        """Add a usable frame with the ``fingerprint`` of its pixels.

        Returns an empty text if it is new light, else why it is not, for people to read.
        """
        first = self._of_same_header(frame)
        if first is not None:
            return _same_light(first, "telescope, start and exposure")
        first = self._by_pixels.setdefault(mark, frame)
        return "" if first is frame else _same_light(first, "pixels")

    def _of_same_header(self, frame: LightFrame) -> LightFrame | None:
        """Return the frame of the same telescope, start and length; None if this is the first.

        A telescope whose name names no unit may be several, which take frames at the same time.
        """
        header = frame.header
        start = header.clock_start
        if start is None or header.telescope is None or not names_unit(header.telescope):
            return None
        key = (header.telescope, header.instrument, start.replace(microsecond=0))
        others = self._by_start.setdefault(key, [])
        first = next((one for one in others if _same_exposure(one, frame)), None)
        if first is None:
            others.append(frame)
        return first


def _same_exposure(one: LightFrame, other: LightFrame) -> bool:
    """Whether two frames that began in the same second have the same start and length."""
    lengths = sorted((one.header.exptime_s, other.header.exptime_s))
    starts = one.header.clock_start, other.header.clock_start
    if starts[0] is None or starts[1] is None or lengths[1] > lengths[0] * SAME_EXPOSURE:
        return False
    if abs(starts[0] - starts[1]) <= SAME_START:
        return True
    return lengths[0] >= MIN_WHOLE_SECONDS and 0 in (starts[0].microsecond, starts[1].microsecond)


def fingerprint(pixels: np.ndarray) -> str:
    """Return a text that two frames share only if these pixels are equal, whatever their type.

    Some rows of a frame are enough: no two exposures have the same noise.
    """
    values = np.ascontiguousarray(pixels, dtype=np.float32)
    return hashlib.blake2b(values.view(np.uint8).data, digest_size=16).hexdigest()


def _same_light(first: LightFrame, what: str) -> str:
    return f"it shows the same light as {first.filename}: the same {what}"

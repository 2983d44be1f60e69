"""Checks the Bayer pattern that headers claim against the sky in the four cells of the subs.

The two green cells see the same sky through the same filter. If they differ and the other two
agree, the pattern is off by a row or a column, and the stack has wrong colours. If the frames are
called monochrome and two diagonal cells agree where the others do not, the pattern is missing.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from crowdsky.frames.fits_header import MONO
from crowdsky.stacking.registration.detect import FrameMeasure

GREENS_APART = 4.0
"""Ratio of the difference of the claimed green cells to that of the other two from which they
cannot be green."""
NOTABLE_SIGMA = 0.15
"""Difference of two cells, in sigma of a pixel, that is looked at. The sky of a frame is known to
0.003 sigma; real green cells differ by up to some hundredths."""


def note_on_pattern(measures: Sequence[FrameMeasure], pattern: str) -> str:
    """Return a remark for people if the pattern cannot be that of these frames; empty if it can.

    Args:
        measures: the measured frames of a chunk, at least one.
        pattern: what their headers say, MONO for none.
    """
    levels = np.median([measure.cell_sky for measure in measures], axis=0)
    notable = NOTABLE_SIGMA * float(np.median([measure.noise.mean() for measure in measures]))
    falling, rising = abs(levels[0] - levels[3]), abs(levels[1] - levels[2])
    if pattern == MONO:
        least = min(falling, rising)
        if max(falling, rising) <= max(notable, GREENS_APART * least):
            return ""
        fits = "RGGB or BGGR" if rising < falling else "GRBG or GBRG"
        return (
            f"these frames look like those of a colour camera with the Bayer pattern {fits}, and "
            "their headers have none: the picture is grey, and its brightness is a mixture"
        )
    greens_fall = pattern[0] == "G"
    claimed, other = (falling, rising) if greens_fall else (rising, falling)
    if claimed <= max(notable, GREENS_APART * other):
        return ""
    by_row, by_column = pattern[2:] + pattern[:2], pattern[1] + pattern[0] + pattern[3] + pattern[2]
    return (
        f"the Bayer pattern {pattern} cannot be right: its two green cells differ by "
        f"{claimed:.0f} ADU of sky, the other two by {other:.0f}; the colours of this stack are "
        f"wrong. {by_row} (off by a row) or {by_column} (off by a column) would fit: correct "
        "BAYERPAT or ROWORDER"
    )

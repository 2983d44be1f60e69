"""What rejection takes from stars whose shape differs between subs.

The same subs are stacked with and without rejection, on the same pixels: without it a stack has
all the light of its stars, whatever their shape.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from bench import quality
from bench.stack_known import MARGIN_PX, isolated
from bench.stack_pictures import Picture
from bench.stack_quality import detected_stars

APERTURE_PX = 9.0
"""So wide that it has the light of trailed stars."""
SPAN_MAG = 3.0
"""Span of magnitudes from the brightest stars down that is looked at."""
BRIGHTEST = 5
"""The span begins at the fifth: the first may be far brighter than all others."""
MIN_STARS = 10


@dataclass(frozen=True, slots=True)
class ShapeFigures:
    """Magnitudes with rejection minus those without; NaN where too few stars tell.

    ``zero_point`` is their median, ``over_span`` by how much they differ from the brightest to the
    faintest star of three magnitudes (a straight line), both mag.
    """

    zero_point: float
    over_span: float
    n_stars: int


def shape_figures(clipped: Picture, whole: Picture) -> ShapeFigures:
    """Compare a stack with that of the same subs without rejection."""
    stars = detected_stars(whole)
    height, width = whole.luminance.shape
    x, y = stars.x, stars.y
    inside = (x > MARGIN_PX) & (y > MARGIN_PX) & (x < width - MARGIN_PX) & (y < height - MARGIN_PX)
    chosen = np.flatnonzero(inside & isolated(stars))
    with_all, left = (
        quality.aperture_light(picture.luminance, x[chosen], y[chosen], APERTURE_PX)
        for picture in (whole, clipped)
    )
    seen = (with_all > 0.0) & (left > 0.0)
    return magnitudes_lost(with_all[seen], left[seen])


def magnitudes_lost(whole: np.ndarray, left: np.ndarray) -> ShapeFigures:
    """Compare the light of stars, (n,) above 0, without and with rejection."""
    if whole.size < MIN_STARS:
        return ShapeFigures(math.nan, math.nan, int(whole.size))
    bright = whole > np.sort(whole)[-BRIGHTEST] * 10.0 ** (-0.4 * SPAN_MAG)
    if bright.sum() < MIN_STARS:
        return ShapeFigures(math.nan, math.nan, int(bright.sum()))
    magnitude = -2.5 * np.log10(whole[bright])
    off = -2.5 * np.log10(left[bright] / whole[bright])
    # A trail across a star is light that rejection has to take.
    kept = quality.near_median(off, 5.0)
    slope = np.polyfit(magnitude[kept], off[kept], 1)[0]
    return ShapeFigures(float(np.median(off)), float(slope * SPAN_MAG), int(kept.sum()))

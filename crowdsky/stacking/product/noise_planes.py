"""The planes VARIANCE and REJECTED of a product, and the cards that say how to use them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from crowdsky.frames.fits_writer import Card, Hdu, image
from crowdsky.stacking.engine import PixelNoise

RED, GREEN, BLUE = 0, 1, 2
SCALE_RED, SCALE_BLUE, CORRELATION = "VARSCL_R", "VARSCL_B", "VARCORR"
TOLERANCE = 0.02
"""Relative error that a scaled variance may have."""
MOST_BEYOND = 0.05
"""Share of the pixels that may exceed it: coloured stars do, a nebula must not."""
ROW_STEP = 4
"""Every so many rows are compared."""


@dataclass(frozen=True, slots=True)
class Scale:
    """The variance of red and blue relative to green; None where one factor would be wrong."""

    red: float
    blue: float


def scale_of(noise: PixelNoise) -> Scale | None:
    """Find the factors that give the variance of red and blue from that of green.

    None without colours, or if one of them is off by more than TOLERANCE in more than MOST_BEYOND
    of the pixels.
    """
    if len(noise.variance) == 1:
        return None
    sample = noise.variance[:, ::ROW_STEP]
    known = sample[GREEN] > 0.0
    green = sample[GREEN][known]
    factors = []
    for plane in (RED, BLUE):
        ratio = sample[plane][known] / green
        factor = float(np.median(ratio)) if ratio.size else 1.0
        off = np.abs(ratio - factor) > TOLERANCE * factor
        if not factor > 0.0 or (off.size and off.mean() > MOST_BEYOND):
            return None
        factors.append(factor)
    return Scale(*factors)


def noise_hdus(noise: PixelNoise, scaled: bool) -> list[Hdu]:
    """Build VARIANCE and REJECTED; VARIANCE_R, _G and _B of colours without factors."""
    if len(noise.variance) == 1:
        variances = [_variance(noise.variance[0], "VARIANCE", "variance of a pixel")]
    elif scaled:
        variances = [_variance(noise.variance[GREEN], "VARIANCE", "variance of a green pixel")]
    else:
        variances = [
            _variance(plane, f"VARIANCE_{letter}", f"variance of a {colour} pixel")
            for plane, letter, colour in zip(
                noise.variance, "RGB", ("red", "green", "blue"), strict=True
            )
        ]
    return [*variances, image(noise.rejected.astype(np.uint8, copy=False), "REJECTED")]


def noise_cards(noise: PixelNoise | None, smoothed: bool) -> list[Card]:
    """Return the cards of the primary header; unknown values are None."""
    scale = None if noise is None else scale_of(noise)
    return [
        ("SMOOTHED", smoothed, "noise was smoothed: not to be measured on"),
        (SCALE_RED, None if scale is None else _short(scale.red), "VARIANCE of red over green"),
        (SCALE_BLUE, None if scale is None else _short(scale.blue), "VARIANCE of blue over green"),
        correlation_card(noise, GREEN),
    ]


def correlation_card(noise: PixelNoise | None, plane: int) -> Card:
    """Return the card of a plane's correlation; the primary header has that of green or LUM."""
    value = None
    if noise is not None:
        value = _short(noise.correlation[min(plane, len(noise.correlation) - 1)])
    return CORRELATION, value, "variance of 5 px aperture over its pixels' sum"


def _variance(plane: np.ndarray, name: str, comment: str) -> Hdu:
    return image(plane.astype(np.float32, copy=False), name, [("BUNIT", "adu**2", comment)])


def _short(value: float) -> float:
    return float(f"{value:.5g}")

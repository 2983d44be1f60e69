"""Takes the noise of a picture down scale by scale, and leaves what stands out of it.

The picture is split into scales by the starlet transform (isotropic undecimated wavelets; Starck,
Fadili and Murtagh 2007, IEEE Trans. Image Process. 16, 297). In each scale a pixel keeps of its
coefficient what the energy around it, in units of the noise, deserves: nothing where there is
nothing but noise, all of it where there is a star, a galaxy or the edge of a nebula. Energy rather
than the coefficient itself, so that a lone noisy pixel is not kept as a dot. The transform of what
has been lost is added once more within the same limits, which fills the dark rings that stars would
otherwise leave around them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PIL import Image

from crowdsky.base.arrays import BoolArray
from crowdsky.pictures.picture_kernels import add_scale, energy_of, smoothed, turn_into_shares
from crowdsky.pictures.planes import resize_plane

LEAST_NOISE = 1e-12
FINE_SCALES = 2
"""Number of scales that are calmed at full size; the wider ones are at half of it, and so on."""
SMALLEST = 16
"""Shorter side in pixels below which a picture is not halved."""
STRIDE = 3
"""Distance of the pixels in which noise is measured: more of them would not make it surer."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What a coefficient keeps of itself.

    gone   -- energy, in standard deviations of the noise, up to which it keeps ``rest``
    whole  -- energy from which it keeps everything
    rest   -- share that it keeps in any case: a sky without any grain looks like plastic
    """

    gone: float
    whole: float
    rest: float = 0.0


def calm(
    plane: np.ndarray, covered: BoolArray, noise: np.ndarray, n_scales: int, limits: Limits
) -> np.ndarray:
    """Take the noise of a plane down.

    Args:
        plane: float32 (height, width).
        covered: bool, pixels with a value; the noise is measured in them.
        noise: float32, standard deviation of the noise relative to that of other pixels.
        n_scales: number of scales; the widest is about 4 * 2**n_scales pixels across. What is wider
            stays as it is.
        limits: what is kept.
    """
    plane = np.ascontiguousarray(plane, dtype=np.float32)
    shares, levels = [], [plane]
    for scale in range(min(n_scales, FINE_SCALES)):
        levels.append(smoothed(levels[-1], 2**scale))
        shares.append(_share(levels[-2], levels[-1], covered, noise, 2**scale, limits))
    smooth = levels[-1]
    kept = smooth.copy()
    for finer, wider, share in zip(levels[:-1], levels[1:], shares, strict=True):
        add_scale(kept, finer, wider, share, 0.0)
    lost = plane - kept
    for scale, share in enumerate(shares):
        wider = smoothed(lost, 2**scale)
        add_scale(kept, lost, wider, share, limits.rest)
        lost = wider
    kept += lost
    if n_scales > FINE_SCALES and min(plane.shape) >= SMALLEST:
        calmer = _calm_at_half_size(smooth, covered, noise, n_scales - FINE_SCALES, limits)
        kept += calmer - smooth
        smooth = calmer
    if limits.rest > 0.0:
        np.maximum(kept, _darkest(plane, smooth, limits.rest), out=kept)
    return kept


def _calm_at_half_size(
    smooth: np.ndarray, covered: BoolArray, noise: np.ndarray, n_scales: int, limits: Limits
) -> np.ndarray:
    """Calm the wider scales, which have no detail that a picture of half the size lacks."""
    height, width = smooth.shape
    half = (max(1, width // 2), max(1, height // 2))
    seen = resize_plane(covered.astype(np.float32), half) > 0.5
    reduced = resize_plane(smooth, half)
    # One scale more, since the first one of the half size is smooth already.
    calmer = calm(reduced, seen, resize_plane(noise, half), n_scales + 1, limits)
    back = resize_plane(calmer - reduced, (width, height), Image.Resampling.BILINEAR)
    changed: np.ndarray = smooth + back
    return changed


def _darkest(plane: np.ndarray, around: np.ndarray, rest: float) -> np.ndarray:
    """Return how dark a pixel may be: as what is around it, and some of its own noise."""
    darker: np.ndarray = around + np.float32(rest) * np.minimum(plane - around, 0.0)
    return darker


def _share(
    finer: np.ndarray,
    wider: np.ndarray,
    covered: BoolArray,
    noise: np.ndarray,
    step: int,
    limits: Limits,
) -> np.ndarray:
    """Return what each coefficient of a scale keeps, float32 between ``limits.rest`` and 1."""
    some = (slice(None, None, STRIDE), slice(None, None, STRIDE))
    sample = ((finer[some] - wider[some]) / noise[some])[covered[some]]
    spread = 1.4826 * float(np.median(np.abs(sample))) if sample.size else 0.0
    share = smoothed(energy_of(finer, wider, noise), step)
    slope = 1.0 / (limits.whole - limits.gone)
    turn_into_shares(share, slope / max(spread, LEAST_NOISE), slope * limits.gone, limits.rest)
    return share

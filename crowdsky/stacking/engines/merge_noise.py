"""The noise of a deep stack, from the variances of the stacks that it is merged from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from crowdsky.stacking.integration.noise import (
    kept_by_resampling,
    sample_covariance,
)
from crowdsky.stacking.integration.reconstruct import Reconstruction
from crowdsky.stacking.kernels.combine import MOST
from crowdsky.stacking.kernels.merge import nearest_band
from crowdsky.stacking.product.finished import FinishedStack
from crowdsky.stacking.registration.transform import Affine


@dataclass(frozen=True, slots=True)
class NoisyPart:
    """A stack whose variance is known, on its way into the deep one.

    ``inverse`` takes deep to stack pixels; ``scale`` multiplies its values, and ``share`` is the
    weight of each of its subs. ``kept`` (planes,) is the share of the variance of its pixels that
    interpolation leaves.
    """

    stack: FinishedStack
    inverse: Affine
    scale: float
    share: float
    kept: np.ndarray

    @classmethod
    def of(
        cls,
        stack: FinishedStack,
        inverse: Affine,
        scale: float,
        share: float,
        size: tuple[int, int],
    ) -> NoisyPart:
        """Return the part; ``size`` is (height, width) of the deep stack."""
        how = Reconstruction()
        # How neighbours in a stack of many frames are correlated, whose fractions of a pixel
        # differ: that of a slightly rotated frame.
        usual = sample_covariance(
            how, np.ones(len(stack.planes)), (1.0, 0.01, 0.0, -0.01, 1.0, 0.0), size
        )
        return cls(stack, inverse, scale, share, kept_by_resampling(usual, how, inverse, size))

    def band(self, y0: int, y1: int, width: int) -> tuple[np.ndarray, np.ndarray]:
        """Return variances (planes, rows, width) and rejected samples of rows y0 to y1 of the deep.

        They are those of the nearest pixel of the stack, 0 outside.
        """
        top, bottom = self.stack.rows_around(self.inverse, (y0, y1), width)
        variance = np.zeros((len(self.kept), y1 - y0, width), np.float32)
        rejected = np.zeros((1, y1 - y0, width), np.float32)
        if top < bottom:
            source, gone = self.stack.noise_rows(top, bottom)
            nearest_band(source, top, self.inverse, y0, variance)
            nearest_band(gone[None].astype(np.float32), top, self.inverse, y0, rejected)
            factors = self.scale**2 * self.kept
            variance *= factors.astype(np.float32)[:, None, None]
        return variance, rejected[0]


def merged_noise(
    parts: Sequence[NoisyPart], seen: np.ndarray, taken: np.ndarray, y0: int
) -> tuple[np.ndarray, np.ndarray]:
    """Compute variance (planes, rows, width) and rejected samples (rows, width) of a band.

    Args:
        parts: the stacks.
        seen: int32 (stacks, rows, width), subs behind each sample.
        taken: bool (stacks, rows, width), whether it is in the mean.
        y0: first row of the band.
    """
    _, rows, width = seen.shape
    total = np.zeros((rows, width), np.float64)
    variance = np.zeros((len(parts[0].kept), rows, width), np.float64)
    rejected = np.zeros((rows, width), np.float32)
    for index, part in enumerate(parts):
        weight = part.share * seen[index] * taken[index]
        own, gone = part.band(y0, y0 + rows, width)
        total += weight
        variance += weight**2 * own
        rejected += np.where(taken[index], gone, seen[index])
    total[total == 0.0] = 1.0
    variance /= total**2
    return variance.astype(np.float32), np.minimum(rejected, MOST).astype(np.uint8)


def merged_correlation(parts: Sequence[NoisyPart]) -> tuple[float, ...]:
    """Compute the variance of an aperture sum over the sum of its pixels', for each plane."""
    n_planes = len(parts[0].kept)
    of_sums, of_pixels = np.zeros(n_planes), np.zeros(n_planes)
    for part in parts:
        noise = part.stack.noise
        if noise is None:
            raise ValueError(f"the variance of {part.stack.path.name} is not known")
        subs = part.stack.summary.n_frames_aligned
        own = (part.share * subs * part.scale) ** 2 * part.stack.usual_variance()
        of_sums += own * np.array(noise.correlation)
        of_pixels += own * part.kept
    return tuple(float(value) for value in of_sums / of_pixels)

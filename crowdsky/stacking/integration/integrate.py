"""Integration: combines registered frames into one picture, a band of rows at a time.

The memory is that of one band, whose height depends on the number of frames: all samples of a band
are in one buffer of fixed size, which the threads fill and combine together. The pieces of work do
not depend on the number of threads, so the picture is the same to the bit.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import numpy as np

from crowdsky.stacking.integration.bands import bands_of, cpus, strips_of, warp_tasks
from crowdsky.stacking.integration.layer import Layer, mean_terms, median_excess, median_terms
from crowdsky.stacking.integration.mosaic import band_elements
from crowdsky.stacking.integration.reconstruct import Reconstruction
from crowdsky.stacking.integration.samples import SampleFormat, sample_format
from crowdsky.stacking.integration.star_light import shares_of_planes, star_light
from crowdsky.stacking.kernels.combine import combine_band
from crowdsky.stacking.kernels.median import median_band
from crowdsky.stacking.kernels.variance import median_variance_band
from crowdsky.stacking.kernels.warp import MARGIN, warp_band
from crowdsky.stacking.registration.transform import Affine, invert

RIPPLE = 0.25
"""Scatter of stars between frames, relative to the light near by: shape, seeing, registration."""


@dataclass(frozen=True, slots=True)
class Integration:
    """How samples are combined into a pixel.

    ``limit`` is the rejection threshold in sigma, 0 for none; ``median`` takes the median instead
    of the clipped mean. ``sky`` (planes,) is the level of the sky in ADU, and ``shot`` (planes,)
    the variance that an ADU of light adds.
    """

    reconstruction: Reconstruction
    limit: float
    median: bool
    sky: np.ndarray
    shot: np.ndarray

    @property
    def rejects(self) -> bool:
        """Whether outliers are rejected at all."""
        return self.limit > 0.0 and not self.median


@dataclass(frozen=True, slots=True)
class Picture:
    """The combined frames.

    ``planes`` (planes, height, width) float32 are in ADU, and 0 where ``footprint`` (height, width)
    is 0, which counts the frames. ``variance`` is that of ``planes``, ADU squared. ``rejected``
    (height, width) uint8 counts the samples that were rejected, 255 for 255 or more, and ``lost``
    (height, width) float32 is the light that a pixel lost by that, in grey, ADU.
    """

    planes: np.ndarray
    footprint: np.ndarray
    variance: np.ndarray
    rejected: np.ndarray
    lost: np.ndarray

    @classmethod
    def empty(cls, n_planes: int, size: tuple[int, int]) -> Picture:
        """Return a picture of that size that is still to be filled."""
        return cls(
            planes=np.empty((n_planes, *size), np.float32),
            footprint=np.empty(size, np.int32),
            variance=np.empty((n_planes, *size), np.float32),
            rejected=np.zeros(size, np.uint8),
            lost=np.zeros(size, np.float32),
        )


def integrate(
    layers: Sequence[Layer],
    how: Integration,
    tick: Callable[[int, int], None],
    threads: int | None = None,
) -> Picture:
    """Combine frames.

    Args:
        layers: the frames, at least one, all of the same size.
        how: how samples are combined.
        tick: called with (done, total) between bands; it may raise to cancel.
        threads: number of threads; None takes all processors. The picture does not depend on it.
    """
    height, width = layers[0].mosaic.size
    n_planes = len(layers[0].variance)
    kept = _sample_format(layers)
    bands = bands_of(height, width * n_planes * len(layers) * np.dtype(kept.dtype).itemsize)
    picture = Picture.empty(n_planes, (height, width))
    near = np.zeros((0, 0), np.float32)
    with ThreadPoolExecutor(threads or cpus(), thread_name_prefix="integrate") as pool:
        if how.rejects and len(layers) > 1:
            near = star_light(layers, how.sky, pool)
        integrator = _BandIntegrator(layers, how, kept, near, picture, bands[0][1])
        for done, band in enumerate(bands):
            tick(done, len(bands))
            list(pool.map(lambda task: integrator.warp(*task), warp_tasks(len(layers), *band)))
            list(pool.map(lambda strip: integrator.combine(*strip), strips_of(*band)))
    tick(len(bands), len(bands))
    kept.amount(picture.lost)
    return picture


class _BandIntegrator:
    """Warps and combines one band at a time; holds what the threads share."""

    def __init__(
        self,
        layers: Sequence[Layer],
        how: Integration,
        kept: SampleFormat,
        near: np.ndarray,
        picture: Picture,
        band_rows: int,
    ) -> None:
        n_planes, _, width = picture.planes.shape
        self._kept = kept
        layers = [_upright(_as_kept(layer, kept)) for layer in layers]
        self._layers = layers
        self._inverses = [invert(layer.transform) for layer in layers]
        self._how = replace(how, sky=kept.level(how.sky), shot=how.shot / kept.step)
        self._near = near / np.float32(kept.step)
        self._picture = picture
        self._shares = shares_of_planes(layers[0])
        self._weights = np.array([layer.weight for layer in layers], np.float32)
        self._variances = np.array([layer.variance for layer in layers], np.float32).T.copy()
        self._terms = mean_terms(layers, self._weights)
        self._taps = how.reconstruction.taps
        self._values = np.empty((band_rows, n_planes, len(layers), width), kept.dtype)
        self._covered = np.zeros((band_rows, len(layers), 2), np.int32)
        self._free: list[_Scratch] = []

    def warp(self, frames: range, y0: int, y1: int, top: int) -> None:
        """Warp rows y0 to y1 of some frames into the band that begins at row ``top``."""
        scratch = self._free.pop() if self._free else _Scratch()
        rows = slice(y0 - top, y1 - top)
        values, covered = self._values[rows], self._covered[rows]
        covered[:, frames.start : frames.stop] = 0
        for index in frames:
            self._warp(index, y0, values, covered, scratch)
        self._free.append(scratch)

    def combine(self, y0: int, y1: int, top: int) -> None:
        """Combine rows y0 to y1 of that band."""
        rows = slice(y0 - top, y1 - top)
        values, covered = self._values[rows], self._covered[rows]
        how, picture = self._how, self._picture
        out, footprint = picture.planes[:, y0:y1], picture.footprint[y0:y1]
        variance = picture.variance[:, y0:y1]
        if how.median:
            median_band(values, covered, out, footprint)
            terms = median_terms(self._layers)
            excess = median_excess(len(self._layers))
            median_variance_band(covered, terms, excess, how.sky, out, footprint, variance)
        else:
            scratch = self._free.pop() if self._free else _Scratch()
            rejected = scratch.rejected(len(values), *values.shape[2:])
            combine_band(
                values, covered, self._weights, self._variances, self._terms, how.limit, how.sky,
                how.shot, RIPPLE, self._near, y0, rejected, self._shares, picture.lost[y0:y1],
                out, footprint, variance, picture.rejected[y0:y1],
            )  # fmt: skip
            self._free.append(scratch)
        self._kept.restore(out, footprint)
        self._kept.square(variance)

    def _warp(
        self, index: int, y0: int, values: np.ndarray, covered: np.ndarray, scratch: _Scratch
    ) -> None:
        layer, inverse = self._layers[index], self._inverses[index]
        n_rows, n_planes, _, out_width = values.shape
        height, width = layer.mosaic.size
        first, stop = _source_rows(inverse, y0, y0 + n_rows, out_width, height)
        if first >= stop:
            return
        mosaic, first = layer.mosaic.band(first, stop, scratch.mosaic(stop - first, width))
        colours, rows = scratch.rows(stop - first, n_planes, width, out_width)
        warp_band(
            mosaic, first, (height, width), layer.mosaic.red, self._how.reconstruction.sharp,
            inverse, self._taps, colours, rows, y0, layer.sky, layer.scale,
            index, values, covered,
        )  # fmt: skip


class _Scratch:
    """Memory that a thread uses again and again: allocating it anew costs more than the work."""

    def __init__(self) -> None:
        self._rejected = np.zeros(0, np.uint8)
        self._mosaic = np.empty(0, np.float32)
        self._rows = np.empty(0, np.float32)
        self._colours = np.empty(0, np.float32)

    def rejected(self, rows: int, frames: int, width: int) -> np.ndarray:
        """Return the marks of ``combine_band``, which leaves them at zero."""
        if self._rejected.size < rows * frames * width:
            self._rejected = np.zeros(rows * frames * width, np.uint8)
        return self._rejected[: rows * frames * width].reshape(rows, frames, width)

    def mosaic(self, rows: int, width: int) -> np.ndarray:
        """Return flat memory for ``Mosaic.band``."""
        if self._mosaic.size < band_elements(rows, width):
            self._mosaic = np.empty(band_elements(rows, width), np.float32)
        return self._mosaic

    def rows(
        self, rows: int, n_planes: int, width: int, out_width: int
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return the scratch arrays ``colours`` and ``rows`` of ``warp_band``."""
        shape = (rows + 4, n_planes, out_width)
        if self._rows.size < math.prod(shape):
            self._rows = np.empty(math.prod(shape), np.float32)
        columns = width + 2 * MARGIN
        if self._colours.size < n_planes * columns:
            self._colours = np.empty(n_planes * columns, np.float32)
        return (
            self._colours[: n_planes * columns].reshape(n_planes, columns),
            self._rows[: math.prod(shape)].reshape(shape),
        )


def _sample_format(layers: Sequence[Layer]) -> SampleFormat:
    ceiling = max(layer.scale * layer.mosaic.ceiling for layer in layers)
    variance = min(float(layer.variance.min()) for layer in layers)
    return sample_format(ceiling, math.sqrt(variance))


def _as_kept(layer: Layer, kept: SampleFormat) -> Layer:
    """Return the same layer with samples in the numbers that represent them in memory."""
    sky = layer.sky / kept.step
    sky[:, 0] += kept.zero / kept.step
    return replace(
        layer,
        scale=layer.scale / kept.step,
        sky=sky,
        covariance=layer.covariance / kept.step**2,
        light_variance=layer.light_variance / kept.step,
    )


def _upright(layer: Layer) -> Layer:
    """Return the same layer, read so that its rows and columns run like those of the stack."""
    a, b, c, d, e, f = invert(layer.transform)
    mosaic = layer.mosaic
    if abs(a) < abs(d):
        # Rotated by more than 45 degrees: its columns are nearer to the rows of the stack.
        mosaic = mosaic.transpose()
        a, b, c, d, e, f = d, e, f, a, b, c
    height, width = mosaic.size
    flip_x, flip_y = a < 0.0, e < 0.0
    if flip_x:
        a, b, c = -a, -b, width - 1 - c
    if flip_y:
        d, e, f = -d, -e, height - 1 - f
    mosaic = replace(mosaic, flip_x=flip_x, flip_y=flip_y)
    return replace(layer, mosaic=mosaic, transform=invert((a, b, c, d, e, f)))


def _source_rows(inverse: Affine, y0: int, y1: int, out_width: int, height: int) -> tuple[int, int]:
    """Return the frame rows [first, stop) that rows y0 to y1 of the stack are made of."""
    _, _, _, d, e, f = inverse
    corners = [d * x + e * y + f for x in (0, out_width - 1) for y in (y0, y1 - 1)]
    # Two rows each for the kernel and for debayering, two more as neighbours of defects.
    first, stop = math.floor(min(corners)) - 6, math.floor(max(corners)) + 8
    if stop <= 0 or first >= height:
        return 0, 0
    return max(first, -MARGIN), min(stop, height + MARGIN)

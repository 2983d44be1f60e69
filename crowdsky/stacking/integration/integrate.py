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
from crowdsky.stacking.integration.mosaic import Mosaic, band_elements
from crowdsky.stacking.integration.reconstruct import Reconstruction
from crowdsky.stacking.integration.samples import SampleFormat, sample_format
from crowdsky.stacking.integration.star_light import shares_of_planes, star_light
from crowdsky.stacking.kernels.combine import Combination, FrameTerms, Picture, Rejection
from crowdsky.stacking.kernels.median import median_band
from crowdsky.stacking.kernels.samples import Part, Samples
from crowdsky.stacking.kernels.warp import WarpedFrame, warp_mosaic, warp_stored
from crowdsky.stacking.registration.transform import Affine, invert

RIPPLE = 0.25
"""Scatter of stars between frames, relative to the light near by: shape, seeing, registration."""


@dataclass(frozen=True, slots=True)
class Integration:
    """How samples are combined into a pixel.

    ``limit`` is the rejection threshold in sigma, 0 for none; ``median`` takes the median instead
    of the clipped mean. ``sky`` (planes,) is the level of the sky in ADU, and ``shot`` (planes,)
    the variance that an ADU of light adds. Over ``feather_px`` from the edges of a frame its weight
    in a mean grows to the whole; 0 for whole weights everywhere.
    """

    reconstruction: Reconstruction
    limit: float
    median: bool
    sky: np.ndarray
    shot: np.ndarray
    feather_px: float = 0.0

    @property
    def rejects(self) -> bool:
        """Whether outliers are rejected at all."""
        return self.limit > 0.0 and not self.median


Follow = Callable[[Layer, int, int], Affine]
"""Function that returns the transform from the stack's rows y0 to y1 to the stored frame pixels of
a layer, where one transform for all rows would not be exact."""


def integrate(
    layers: Sequence[Layer],
    how: Integration,
    tick: Callable[[int, int], None],
    threads: int | None = None,
    size: tuple[int, int] | None = None,
    follow: Follow | None = None,
) -> Picture:
    """Combine frames.

    Args:
        layers: the frames, at least one, all of the same size.
        how: how samples are combined.
        tick: called with (done, total) between bands; it may raise to cancel.
        threads: number of threads; None takes all processors. The picture does not depend on it.
        size: (height, width) of the stack; None takes that of a frame.
        follow: see there; None where the transforms of the layers are exact.
    """
    height, width = size or layers[0].mosaic.size
    n_planes = len(layers[0].variance)
    kept = _sample_format(layers)
    bands = bands_of(height, width * n_planes * len(layers) * np.dtype(kept.dtype).itemsize)
    picture = Picture.empty(n_planes, (height, width))
    near = np.zeros((0, 0), np.float32)
    with ThreadPoolExecutor(threads or cpus(), thread_name_prefix="integrate") as pool:
        if how.rejects and len(layers) > 1:
            near = star_light(layers, how.sky, pool, (height, width))
        integrator = _BandIntegrator(layers, how, kept, near, picture, bands[0][1])
        for done, band in enumerate(bands):
            tick(done, len(bands))
            if follow is not None:
                integrator.follow([follow(layer, *band) for layer in layers])
            list(pool.map(lambda task: integrator.warp(*task), warp_tasks(len(layers), *band)))
            list(pool.map(lambda strip: integrator.combine(*strip), strips_of(*band)))
    tick(len(bands), len(bands))
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
        layers = [_upright(_as_kept(layer, kept)) for layer in layers]
        self._layers = layers
        self._frames = [_warped(layer, how.reconstruction) for layer in layers]
        self._how, self._picture = how, picture
        self._sky = kept.level(how.sky)
        weights = np.array([layer.weight for layer in layers], np.float32)
        variances = np.array([layer.variance for layer in layers], np.float32).T.copy()
        self._edges = None
        if how.feather_px > 0.0 and not how.median:
            self._edges = np.array([_edges(frame, how.feather_px) for frame in self._frames])
        self._combination = Combination(
            FrameTerms(weights, variances, mean_terms(layers, weights), self._edges),
            Rejection(
                how.limit if how.rejects else 0.0, self._sky, how.shot / kept.step, RIPPLE, near
            ),
            shares_of_planes(layers[0]),
            picture,
        )
        shape = (band_rows, n_planes, len(layers), width)
        self._samples = Samples(shape, kept.dtype, kept.step, kept.zero)
        self._free: list[_Scratch] = []

    def follow(self, inverses: Sequence[Affine]) -> None:
        """Take other transforms, from stack to stored frame pixels, for the bands that follow."""
        for index, (layer, inverse) in enumerate(zip(self._layers, inverses, strict=True)):
            moved = replace(layer, transform=invert(_as_read(inverse, layer.mosaic)))
            self._frames[index] = _warped(moved, self._how.reconstruction)
            if self._edges is not None:
                self._edges[index] = _edges(self._frames[index], self._how.feather_px)

    def warp(self, frames: range, y0: int, y1: int, top: int) -> None:
        """Warp rows y0 to y1 of some frames into the band that begins at row ``top``."""
        scratch = self._free.pop() if self._free else _Scratch()
        for index in frames:
            self._warp(index, y0, y1, y0 - top, scratch)
        self._free.append(scratch)

    def combine(self, y0: int, y1: int, top: int) -> None:
        """Combine rows y0 to y1 of that band."""
        rows = (y0 - top, y1 - y0, y0)
        if self._how.median:
            median_band(
                self._samples, *rows, median_terms(self._layers),
                median_excess(len(self._layers)), self._sky, self._picture,
            )  # fmt: skip
            return
        scratch = self._free.pop() if self._free else _Scratch()
        marks = scratch.marks((y1 - y0) * len(self._layers) * self._samples.width)
        self._combination.band(self._samples, *rows, marks)
        self._free.append(scratch)

    def _warp(self, index: int, y0: int, y1: int, row: int, scratch: _Scratch) -> None:
        mosaic, frame, count = self._layers[index].mosaic, self._frames[index], y1 - y0
        first, stop = frame.source_rows(y0, count, self._samples.width)
        if first >= stop:
            self._samples.covered[row : row + count, index] = 0
            return
        elements = band_elements(stop - first, mosaic.size[1])
        band = scratch.band(elements)
        between = scratch.between(frame.scratch_elements(count))
        part = Part(self._samples, index, row, y0, count)
        if mosaic.is_plain:
            stored = mosaic.stored(first, stop, scratch.stored(2 * elements))
            warp_stored(frame, *stored, band, between, part)
        else:
            warp_mosaic(frame, *mosaic.band(first, stop, band), between, part)


class _Scratch:
    """Memory that a thread uses again and again: allocating it anew costs more than the work.

    It is filled with zeros at first, as the kernels ask for.
    """

    def __init__(self) -> None:
        self._marks = np.zeros(0, np.uint8)
        self._stored = np.zeros(0, np.uint8)
        self._band = np.zeros(0, np.float32)
        self._between = np.zeros(0, np.float32)

    def marks(self, elements: int) -> np.ndarray:
        """Return the marks of ``Combination.band``, which leaves them at zero."""
        if self._marks.size < elements:
            self._marks = np.zeros(elements, np.uint8)
        return self._marks

    def stored(self, size: int) -> np.ndarray:
        """Return flat memory for ``Mosaic.stored``."""
        if self._stored.size < size:
            self._stored = np.zeros(size, np.uint8)
        return self._stored

    def band(self, elements: int) -> np.ndarray:
        """Return flat memory for ``Mosaic.band``."""
        if self._band.size < elements:
            self._band = np.zeros(elements, np.float32)
        return self._band

    def between(self, elements: int) -> np.ndarray:
        """Return memory for what is between the passes of the warp."""
        if self._between.size < elements:
            self._between = np.zeros(elements, np.float32)
        return self._between


def _warped(layer: Layer, how: Reconstruction) -> WarpedFrame:
    mosaic = layer.mosaic
    frame = WarpedFrame(
        mosaic.size, mosaic.red, invert(layer.transform), layer.sky, layer.scale, how.sharp,
        how.table,
    )  # fmt: skip
    return frame.stored(mosaic.flip_y, mosaic.flip_x, mosaic.defects.y, mosaic.defects.x)


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
    inverse = invert(layer.transform)
    a, b, _, d, e, _ = inverse
    mosaic = layer.mosaic
    if abs(a) < abs(d):
        # Rotated by more than 45 degrees: its columns are nearer to the rows of the stack.
        mosaic = mosaic.transpose()
        a, e = d, b
    mosaic = replace(mosaic, flip_x=a < 0.0, flip_y=e < 0.0)
    return replace(layer, mosaic=mosaic, transform=invert(_as_read(inverse, mosaic)))


def _as_read(inverse: Affine, mosaic: Mosaic) -> Affine:
    """Return a transform to stored frame pixels as one to pixels in the order they are read."""
    a, b, c, d, e, f = inverse
    if mosaic.transposed:
        a, b, c, d, e, f = d, e, f, a, b, c
    height, width = mosaic.size
    if mosaic.flip_x:
        a, b, c = -a, -b, width - 1 - c
    if mosaic.flip_y:
        d, e, f = -d, -e, height - 1 - f
    return a, b, c, d, e, f


def _edges(frame: WarpedFrame, feather_px: float) -> np.ndarray:
    """Return the coefficients of a frame's edges (``FrameTerms``)."""
    a, b, c, d, e, f = frame.transform
    height, width = frame.size
    distances = (a, b, c), (-a, -b, width - 1 - c), (d, e, f), (-d, -e, height - 1 - f)
    return np.array(distances, np.float64).ravel() / feather_px

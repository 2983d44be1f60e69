"""Debayering and warping of bands."""

from __future__ import annotations

import math

import numpy as np
import pytest

from crowdsky.stacking.integration.reconstruct import Reconstruction
from crowdsky.stacking.kernels.decode import MARGIN, frame_margins
from crowdsky.stacking.kernels.samples import Part, Samples
from crowdsky.stacking.kernels.warp import WarpedFrame, warp_mosaic
from crowdsky.stacking.registration.transform import IDENTITY, Affine

SIZE = (96, 80)
UNCOVERED = {np.float32: np.nan, np.int16: -1}


def turned(degrees: float, dx: float = 0.3, dy: float = -0.7) -> Affine:
    """A rotation about the middle, then a shift."""
    cos, sin = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    x, y = (SIZE[1] - 1) / 2, (SIZE[0] - 1) / 2
    return (cos, -sin, x - cos * x + sin * y + dx, sin, cos, y - sin * x - cos * y + dy)


def warp(
    mosaic: np.ndarray,
    transform: Affine,
    how: Reconstruction | None = None,
    red: tuple[int, int] = (0, 1),
    band_rows: int = 96,
    level: tuple[float, float, float] = (0.0, 0.0, 0.0),
    scale: float = 1.0,
    dtype: type = np.float32,
) -> tuple[np.ndarray, np.ndarray]:
    """Planes (3, height, width) and the covered columns of each row; NaN where not covered."""
    height, width = mosaic.shape
    how = how or Reconstruction()
    band = np.empty((height + 2 * MARGIN, width + 2 * MARGIN), np.float32)
    band[MARGIN:-MARGIN, MARGIN:-MARGIN] = mosaic
    frame_margins(band, MARGIN, MARGIN)
    n_planes = 1 if red[0] < 0 else 3
    frame = WarpedFrame(
        (height, width), red, transform, np.array([level] * n_planes), scale, how.sharp, how.table
    )
    samples = Samples((height, n_planes, 1, width), dtype)
    samples.values[:] = UNCOVERED[dtype]
    scratch = np.zeros(frame.scratch_elements(band_rows), np.float32)
    for y0 in range(0, height, band_rows):
        part = Part(samples, 0, y0, y0, min(band_rows, height - y0))
        warp_mosaic(frame, band, -MARGIN, scratch, part)
    planes = samples.values[:, :, 0, :width].transpose(1, 0, 2)
    outside = ~covered_mask(samples.covered[:, 0], width)
    planes[:, outside] = UNCOVERED[dtype]  # where the kernel may leave anything
    return planes, samples.covered[:, 0]


def covered_mask(covered: np.ndarray, width: int) -> np.ndarray:
    columns = np.arange(width)
    return (columns >= covered[:, :1]) & (columns < covered[:, 1:])


def two_passes(planes: np.ndarray, transform: Affine, how: Reconstruction) -> np.ndarray:
    """Warp debayered planes pixel by pixel in float64."""
    a, b, c, d, e, f = transform
    padded = np.pad(planes.astype(float), ((0, 0), (MARGIN, MARGIN), (MARGIN, MARGIN)), "reflect")
    rows, columns = np.mgrid[0 : planes.shape[1], 0 : planes.shape[2]]
    v = d * columns + e * rows + f
    result = np.zeros(planes.shape)
    for i, down in enumerate(how.taps):
        source_row = np.floor(v) - 1 + i
        u = (a - b * d / e) * columns + (b / e) * (source_row - f) + c
        y = np.clip(source_row + MARGIN, 0, padded.shape[1] - 1).astype(int)
        for k, along in enumerate(how.taps):
            x = np.clip(np.floor(u) - 1 + k + MARGIN, 0, padded.shape[2] - 1).astype(int)
            weight = np.polyval(down[::-1], v - np.floor(v)) * np.polyval(along[::-1], u % 1.0)
            result += weight * padded[:, y, x]
    return result


TURNS = [0.0, 1.0, -2.2, 2.4, -2.4, 7.0, -17.0, 30.0, -40.0, 44.9]


@pytest.mark.parametrize("degrees", TURNS)
@pytest.mark.parametrize("size", [0.97, 1.0, 1.02])
def test_a_frame_without_colours_is_resampled_up_to_its_edges(degrees: float, size: float) -> None:
    mosaic = np.random.default_rng(4).normal(1000.0, 50.0, SIZE).astype(np.float32)
    a, b, c, d, e, f = turned(degrees)
    transform = (size * a, size * b, c, size * d, size * e, f)
    light = {"level": (30.0, 0.5, -0.25), "scale": 1.5}
    for band_rows in (96, 7):
        planes, covered = warp(mosaic, transform, None, (-1, -1), band_rows, **light)
        mask = covered_mask(covered, SIZE[1])
        assert mask.mean() > 0.5
        assert np.isnan(planes[:, ~mask]).all()
        rows, columns = np.mgrid[0 : SIZE[0], 0 : SIZE[1]]
        expected = 1.5 * two_passes(mosaic[None], transform, Reconstruction())
        expected -= 30.0 + 0.5 * columns - 0.25 * rows
        np.testing.assert_allclose(planes[:, mask], expected[:, mask], atol=0.005)


@pytest.mark.parametrize("degrees", TURNS)
def test_every_colour_is_resampled_alike(degrees: float) -> None:
    mosaic = np.random.default_rng(5).normal(1000.0, 50.0, SIZE).astype(np.float32)
    debayered, _ = warp(mosaic, IDENTITY)
    planes, _ = warp(mosaic, turned(degrees))
    a, b, c, d, e, f = turned(degrees)
    rows, columns = np.mgrid[0 : SIZE[0], 0 : SIZE[1]]
    u, v = a * columns + b * rows + c, d * columns + e * rows + f
    # Beyond the edge of the frame the warp debayers reflected pixels.
    inner = (u > 5) & (u < SIZE[1] - 6) & (v > 5) & (v < SIZE[0] - 6)
    expected = two_passes(debayered, turned(degrees), Reconstruction())
    np.testing.assert_allclose(planes[:, inner], expected[:, inner], atol=0.005)


@pytest.mark.parametrize("degrees", [0.0, 0.05, 3.0, -12.0, 30.0, -44.0])
@pytest.mark.parametrize("sharp", [0.0, 1.0])
def test_a_slanted_grey_plane_comes_out_as_it_is(degrees: float, sharp: float) -> None:
    rows, columns = np.mgrid[0 : SIZE[0], 0 : SIZE[1]].astype(np.float32)
    planes, covered = warp(
        1000 + 3 * columns - 2 * rows, turned(degrees), Reconstruction(sharp=sharp)
    )
    a, b, c, d, e, f = turned(degrees)
    u, v = a * columns + b * rows + c, d * columns + e * rows + f
    mask = covered_mask(covered, SIZE[1])
    assert np.isfinite(planes[:, mask]).all()
    assert np.isnan(planes[:, ~mask]).all()
    inside = (u >= 0) & (u <= SIZE[1] - 1) & (v >= 0) & (v <= SIZE[0] - 1)
    assert (mask == inside).mean() > 0.999
    # The reflected margins bend the slant at the very edge of the frame.
    inner = (u > 4) & (u < SIZE[1] - 5) & (v > 4) & (v < SIZE[0] - 5)
    expected = 1000 + 3 * u - 2 * v
    np.testing.assert_allclose(planes[:, inner], np.stack([expected[inner]] * 3), atol=0.01)


@pytest.mark.parametrize("red", [(0, 0), (0, 1), (1, 0), (1, 1)])
def test_each_colour_stays_in_its_plane(red: tuple[int, int]) -> None:
    mosaic = np.full(SIZE, 200.0, np.float32)
    mosaic[red[0] :: 2, red[1] :: 2] = 100.0
    mosaic[1 - red[0] :: 2, 1 - red[1] :: 2] = 300.0
    planes, covered = warp(mosaic, turned(7.0), red=red)
    mask = covered_mask(covered, SIZE[1])
    # A flat sky has no detail that one colour could lend to another.
    for plane, level in zip(planes, (100.0, 200.0, 300.0), strict=True):
        assert np.median(plane[mask]) == pytest.approx(level, abs=0.01)


def test_the_identity_keeps_green_pixels_and_a_whole_shift_moves_them() -> None:
    mosaic = np.random.default_rng(1).normal(500.0, 50.0, SIZE).astype(np.float32)
    planes, _ = warp(mosaic, IDENTITY)
    np.testing.assert_allclose(planes[1, 0::2, 0::2], mosaic[0::2, 0::2], rtol=1e-5)
    np.testing.assert_allclose(planes[0, 0::2, 1::2], mosaic[0::2, 1::2], rtol=1e-5)
    np.testing.assert_allclose(planes[2, 1::2, 0::2], mosaic[1::2, 0::2], rtol=1e-5)
    moved, covered = warp(mosaic, (1.0, 0.0, 6.0, 0.0, 1.0, 4.0))
    np.testing.assert_allclose(moved[:, :-4, :-6], planes[:, 4:, 6:], rtol=1e-5)
    assert covered[0].tolist() == [0, SIZE[1] - 6]
    assert covered[-1, 0] == covered[-1, 1]


@pytest.mark.parametrize("degrees", [0.4, 20.0])
def test_bands_join_without_a_seam(degrees: float) -> None:
    mosaic = np.random.default_rng(2).normal(500.0, 50.0, SIZE).astype(np.float32)
    whole, _ = warp(mosaic, turned(degrees))
    parts, _ = warp(mosaic, turned(degrees), band_rows=7)
    np.testing.assert_allclose(parts, whole, atol=0.01)


@pytest.mark.parametrize("degrees", [0.4, 20.0])
def test_samples_of_16_bits_are_the_nearest_that_there_are(degrees: float) -> None:
    mosaic = np.random.default_rng(2).normal(0.0, 50.0, SIZE).astype(np.float32)
    mosaic[40:44, 30:34] = 4000.0
    exact, covered = warp(mosaic, turned(degrees), scale=20.0)
    kept, _ = warp(mosaic, turned(degrees), scale=20.0, dtype=np.int16)
    inside = np.broadcast_to(covered_mask(covered, SIZE[1]), exact.shape)
    expected = np.rint(np.clip(exact, -32767.0, 32767.0))[inside]
    assert (expected == 32767).any()
    assert np.abs(kept[inside] - expected).max() <= 1
    assert np.mean(kept[inside] == expected) > 0.999


def test_total_light_is_kept() -> None:
    mosaic = np.zeros(SIZE, np.float32)
    mosaic[40:44, 30:34] = 100.0
    for plane in warp(mosaic, turned(15.0))[0]:
        assert np.nansum(plane) == pytest.approx(1600.0, rel=0.02)


def test_bands_that_lack_rows_and_frames_that_are_mirrored_are_refused() -> None:
    how = Reconstruction()
    size, level = (96, 80), np.zeros((3, 3))
    frame = WarpedFrame(size, (0, 1), IDENTITY, level, 1.0, how.sharp, how.table)
    samples = Samples((16, 3, 1, 80))
    scratch = np.zeros(frame.scratch_elements(16), np.float32)
    band = np.zeros((40, 96), np.float32)
    begin, stop = frame.source_rows(20, 16, 80)
    warp_mosaic(frame, band[: stop - begin], begin, scratch, Part(samples, 0, 0, 20, 16))
    for first, part, what in (
        (begin + 1, Part(samples, 0, 0, 20, 16), "are not"),
        (begin, Part(samples, 0, 0, 20, 17), "rows 0 to 17"),
        (begin, Part(samples, 1, 0, 20, 16), "frame 1"),
    ):
        with pytest.raises(ValueError, match=what):
            warp_mosaic(frame, band[: stop - begin], first, scratch, part)
    with pytest.raises(ValueError, match="scratch"):
        warp_mosaic(frame, band, begin, scratch[1000:], Part(samples, 0, 0, 20, 16))
    with pytest.raises(ValueError, match="moved by"):
        WarpedFrame(size, (0, 1), (-1.0, 0.0, 79.0, 0.0, 1.0, 0.0), level, 1.0, 1.0, how.table)
    with pytest.raises(ValueError, match="defects beyond"):
        frame.stored(False, False, np.array([5]), np.array([80]))

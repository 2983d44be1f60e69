"""Rejection and averaging of registered samples."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from crowdsky.stacking.kernels.combine import Combination, FrameTerms, Picture, Rejection
from crowdsky.stacking.kernels.median import median_band
from crowdsky.stacking.kernels.samples import Samples

SKY = 100.0


def samples(n_frames: int, rows: int = 12, width: int = 64, seed: int = 1) -> np.ndarray:
    """White noise of sigma 10 around the sky, (rows, 3, frames, width)."""
    rng = np.random.default_rng(seed)
    return rng.normal(SKY, 10.0, (rows, 3, n_frames, width)).astype(np.float32)


def combine(
    values: np.ndarray,
    limit: float = 4.5,
    weights: np.ndarray | None = None,
    covered: np.ndarray | None = None,
    ripple: float = 0.25,
    near: np.ndarray | None = None,
) -> tuple[np.ndarray, np.ndarray, int]:
    """(planes, footprint, rejected samples)."""
    out, footprint, _, gone = combined(values, limit, weights, covered, ripple, near)
    return out, footprint, int(gone.sum())


def combined(
    values: np.ndarray,
    limit: float = 4.5,
    weights: np.ndarray | None = None,
    covered: np.ndarray | None = None,
    ripple: float = 0.25,
    near: np.ndarray | None = None,
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """(planes, footprint, variance, samples that each pixel lost); an ADU of light adds 2 ADU^2."""
    memory = samples_of(values, covered)
    return of_memory(memory, limit, weights, ripple, near)


def of_memory(
    memory: Samples,
    limit: float = 4.5,
    weights: np.ndarray | None = None,
    ripple: float = 0.25,
    near: np.ndarray | None = None,
    variances: np.ndarray | float = 100.0,
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """The same of samples that are ready; sky and variances are in their numbers."""
    rows, planes, n_frames, _ = memory.values.shape
    width = memory.width
    weights = np.ones(n_frames) if weights is None else weights
    squares = np.broadcast_to(weights**2, (planes, n_frames))
    picture = Picture.empty(planes, (rows, width))
    frames = FrameTerms(
        weights.astype(np.float32),
        np.full((planes, n_frames), variances, np.float32),
        np.concatenate([weights[None], variances * squares, 2.0 * squares]),
    )
    if near is None:
        near = np.zeros(((rows + 1) // 2, (width + 1) // 2), np.float32)
    rejection = Rejection(limit, np.full(planes, SKY), np.full(planes, 1.0), ripple, near)
    marks = np.zeros(rows * n_frames * width, np.uint8)
    combination = Combination(frames, rejection, np.full(planes, 1.0 / planes), picture)
    for first in range(0, rows, 12):
        combination.band(memory, first, min(12, rows - first), first, marks)
        assert not marks.any(), "the next band would take these marks for its own"
    return picture.planes, picture.footprint, picture.variance, picture.rejected


def samples_of(
    values: np.ndarray, covered: np.ndarray | None = None, step: float = 1.0, zero: float = 0.0
) -> Samples:
    """The same samples as the kernels want them, with something else past the end of rows."""
    width = values.shape[3]
    memory = Samples(values.shape, values.dtype.type, step, zero)  # type: ignore[arg-type]
    memory.values[:] = 9999
    memory.values[..., :width] = values
    memory.covered[:] = (0, width) if covered is None else covered
    return memory


@pytest.mark.parametrize("n_frames", [2, 3, 5, 8, 31, 90])
def test_a_trail_goes_and_its_neighbourhood_stays(n_frames: int) -> None:
    values = samples(n_frames)
    clean, _, _ = combine(values.copy())
    # A trail along x, with flanks that lie below the limit.
    for row, light in ((4, 25.0), (5, 120.0), (6, 160.0), (7, 120.0), (8, 25.0)):
        values[row, :, n_frames // 2] += light
    got, _, rejected = combine(values)
    assert rejected >= 3 * 64
    error = 10.0 / np.sqrt(n_frames)
    assert abs(np.mean(got[:, 4:9] - clean[:, 4:9])) < 0.7 * error
    far = np.abs(got[:, :2] - clean[:, :2]) > 0
    assert far.mean() < 0.02


@pytest.mark.parametrize("n_frames", [3, 5, 15, 60])
def test_clean_noise_loses_nothing(n_frames: int) -> None:
    values = samples(n_frames, rows=60, width=256)
    got, _, rejected = combine(values)
    assert rejected < 3e-4 * values[:, 0].size
    assert got.std() == pytest.approx(10.0 / np.sqrt(n_frames), rel=0.02)


def test_without_a_limit_everything_counts() -> None:
    values = samples(5)
    values[3, :, 2, 10] += 1000.0
    got, _, rejected = combine(values, limit=0.0)
    np.testing.assert_allclose(got, values.mean(axis=2).transpose(1, 0, 2), rtol=1e-5)
    assert rejected == 0


def test_star_cores_may_differ_between_frames() -> None:
    values = samples(12)
    seeing = np.linspace(0.85, 1.15, 12, dtype=np.float32)
    values[6, :, :, 30] += 3000.0 * seeing
    got, _, _ = combine(values)
    np.testing.assert_allclose(got[:, 6, 30] - SKY, 3000.0, rtol=0.02)


def test_the_mean_is_weighted() -> None:
    values = samples(4)
    weights = np.array([4.0, 1.0, 1.0, 2.0])
    got, _, _ = combine(values, weights=weights)
    expected = np.average(values, axis=2, weights=weights).transpose(1, 0, 2)
    assert np.median(np.abs(got - expected)) < 1e-3


def test_only_frames_that_look_at_a_pixel_count() -> None:
    values = samples(3)
    values[:, :, 0, :20] = 1e6
    covered = np.zeros((12, 3, 2), np.int32)
    covered[:, 0], covered[:, 1], covered[:, 2] = (20, 50), (0, 40), (10, 40)
    got, footprint, _ = combine(values, covered=covered)
    assert footprint[0, [5, 15, 25, 45, 55]].tolist() == [1, 2, 3, 1, 0]
    assert not got[:, :, 50:].any()
    assert got[:, :, :50].max() < 200.0
    np.testing.assert_array_equal(got[:, :, 45], values[:, :, 0, 45].T)


def test_an_outlier_of_a_frame_that_outweighs_all_others_is_found() -> None:
    values = samples(7)
    values[6, :, 0, 20:40] += 80.0
    weights = np.array([1.0, *[0.1] * 6])
    got, _, _ = combine(values, weights=weights)
    clean, _, _ = combine(samples(7), weights=weights)
    assert np.abs(got[:, 6, 20:40] - clean[:, 6, 20:40]).mean() < 15.0
    assert (got[:, 6, 20:40] < SKY + 40.0).all()


@pytest.mark.parametrize("n_frames", [3, 4, 5, 6])
def test_what_is_an_outlier_does_not_depend_on_frames_elsewhere(n_frames: int) -> None:
    """A quiet frame covers nothing, or only pixels further right."""
    values = np.full((12, 3, n_frames + 1, 128), SKY, np.float32)
    outliers = np.arange(38.0, 58.0, 2.0)
    columns = 4 + 8 * np.arange(len(outliers))
    values[6, :, 0, columns] += outliers[:, None]
    variances = np.array([100.0] * n_frames + [50.0])
    gone = []
    for right in (128, 100):
        covered = np.zeros((12, n_frames + 1, 2), np.int32)
        covered[:, :n_frames] = 0, 128
        covered[:, n_frames] = right, 128
        gone.append(of_memory(samples_of(values, covered), variances=variances)[3])
    np.testing.assert_array_equal(gone[0][6, columns], outliers > 4.5 * 10.0)
    np.testing.assert_array_equal(gone[0], gone[1])


def test_the_variance_is_that_of_the_samples_that_are_left() -> None:
    values = samples(6)
    values[5, :, 2, 10] += 1000.0
    values[6, :, :, 30] += 500.0
    weights = np.array([3.0, 1.0, 2.0, 1.0, 1.0, 0.5])
    covered = np.zeros((12, 6, 2), np.int32)
    covered[:, :, 1] = 60
    covered[:, 0, 0], covered[:, 1, 1] = 20, 40
    out, footprint, variance, gone = combined(values, weights=weights, covered=covered)
    assert gone[5, 10] == 1

    def expected(row: int, x: int, frames: list[int]) -> np.ndarray:
        chosen = weights[frames]
        share = (chosen**2).sum() / chosen.sum() ** 2
        light = out[:, row, x] - SKY
        light[light < 3.0 * 10.0 * np.sqrt(share)] = 0.0  # what is less may be noise
        return np.asarray((100.0 + 2.0 * light) * share)

    for row, x, frames in (
        (5, 10, [1, 3, 4, 5]), (2, 5, [1, 2, 3, 4, 5]), (2, 30, [0, 1, 2, 3, 4, 5]),
        (6, 30, [0, 1, 2, 3, 4, 5]), (2, 50, [0, 2, 3, 4, 5]),
    ):  # fmt: skip
        assert footprint[row, x] == len(frames) + gone[row, x]
        np.testing.assert_allclose(variance[:, row, x], expected(row, x, frames), rtol=1e-5)
    assert not variance[:, :, 60:].any()


def test_a_pixel_that_contradicts_itself_keeps_its_samples_and_their_variance() -> None:
    values = samples(2)
    values[:, :, 0] += 1e5
    values[:, :, 1] -= 1e5
    _, _, variance, gone = combined(values, ripple=0.0)
    assert (gone <= 1).all()
    left = 2 - gone
    assert (variance >= 100.0 / left - 1e-3).all()


@pytest.mark.parametrize("n_frames", [5, 31])
def test_whole_numbers_are_combined_like_floats(n_frames: int) -> None:
    values = np.rint(samples(n_frames))
    values[5, :, 1] += 120.0
    exact, footprint, rejected = combine(values)
    got, same, again = combine(values.astype(np.int16))
    np.testing.assert_allclose(got, exact, rtol=1e-6)
    np.testing.assert_array_equal(same, footprint)
    assert again == rejected >= 64


def test_numbers_become_adu() -> None:
    values = np.rint(samples(5))
    values[5, :, 1, 30] += 1000.0
    values[6, :, :, 20] += 3000.0
    covered = np.zeros((12, 5, 2), np.int32)
    covered[:, :, 1] = 60
    numbers, footprint, variance, gone = combined(values, covered=covered)
    got = of_memory(samples_of(values.astype(np.int16), covered, step=2.0, zero=500.0))
    inside = footprint > 0
    np.testing.assert_allclose(got[0][:, inside], 500.0 + 2.0 * numbers[:, inside], rtol=1e-6)
    np.testing.assert_allclose(got[2], 4.0 * variance, rtol=1e-5)
    np.testing.assert_array_equal(got[3], gone)
    assert gone[5, 30] == 1
    assert not got[0][:, ~inside].any()


def test_sizes_that_do_not_match_are_refused() -> None:
    memory = samples_of(samples(3))
    with pytest.raises(ValueError, match="rows 4 to 20 of 12"):
        memory.check_rows(4, 16)
    frames = FrameTerms(np.ones(3, np.float32), np.ones((3, 3), np.float32), np.ones((7, 3)))
    near = np.zeros((6, 32), np.float32)
    rejection = Rejection(4.5, np.zeros(3), np.ones(3), 0.25, near)
    picture, shares = Picture.empty(3, (12, 64)), np.ones(3)
    with pytest.raises(ValueError, match="terms"):
        Combination(replace(frames, terms=np.ones((5, 3))), rejection, shares, picture)
    with pytest.raises(ValueError, match="near"):
        Combination(frames, replace(rejection, near=near[1:]), shares, picture)
    with pytest.raises(ValueError, match="variances is float64"):
        Combination(replace(frames, variances=np.ones((3, 3))), rejection, shares, picture)
    combination = Combination(frames, rejection, shares, picture)
    with pytest.raises(ValueError, match="marks"):
        combination.band(memory, 0, 12, 0, np.zeros(100, np.uint8))
    with pytest.raises(ValueError, match="from 6 of 12"):
        combination.band(memory, 0, 12, 6, np.zeros(12 * 3 * 64, np.uint8))
    with pytest.raises(ValueError, match="for a picture"):
        combination.band(samples_of(samples(4)), 0, 12, 0, np.zeros(12 * 4 * 64, np.uint8))


def test_the_median_ignores_half_of_the_frames() -> None:
    values = samples(7)
    values[:, :, :3] += 5000.0
    covered = np.zeros((12, 7, 2), np.int32)
    covered[:, :, 1] = 60
    picture = Picture.empty(3, (12, 64))
    median_band(
        samples_of(values, covered), 0, 12, 0, np.ones((6, 7)), np.ones(8), np.zeros(3), picture
    )
    out, footprint = picture.planes, picture.footprint
    np.testing.assert_allclose(
        out[:, :, :60], np.median(values, axis=2).transpose(1, 0, 2)[:, :, :60]
    )
    assert not out[:, :, 60:].any()
    assert footprint[0, 0] == 7
    assert footprint[0, 63] == 0


def test_light_of_a_star_near_by_may_move() -> None:
    values = samples(8)
    values[5, :, 3, 20:24] += 900.0  # the arm of a star that wind has smeared in one frame
    near = np.zeros((6, 32), np.float32)
    near[1:5, 8:14] = 3000.0
    alone, _, rejected = combine(values.copy())
    kept, _, left = combine(values.copy(), near=near)
    assert rejected > 0
    assert alone[:, 5, 20:24].max() < SKY + 30.0
    assert left < rejected
    assert kept[:, 5, 20:24].min() > SKY + 90.0

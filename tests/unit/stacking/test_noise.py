"""The noise that registered frames are believed to have is the one that they have."""

from __future__ import annotations

import math

import numpy as np
import pytest
import sep

from crowdsky.stacking.integration.layer import median_excess
from crowdsky.stacking.integration.noise import (
    APERTURE_PX,
    REACH,
    aperture_correlation,
    sample_covariance,
)
from crowdsky.stacking.integration.reconstruct import Reconstruction
from crowdsky.stacking.registration.transform import Affine
from tests.unit.stacking.test_warp import warp

SIZE = (600, 600)
EDGE = 40


def rotated(degrees: float, x: float = 0.0, y: float = 0.0) -> Affine:
    """Return a rotation about the middle, and a shift."""
    cosine, sine = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    middle = SIZE[0] / 2.0
    return (
        cosine, -sine, middle * (1 - cosine + sine) + x,
        sine, cosine, middle * (1 - sine - cosine) + y,
    )  # fmt: skip


def apertures(plane: np.ndarray) -> np.ndarray:
    """Return the sums of apertures that do not overlap."""
    at = np.arange(EDGE + 6.0, SIZE[0] - EDGE - 6.0, 11.0)
    x, y = (axis.ravel() for axis in np.meshgrid(at, at))
    sums, _, _ = sep.sum_circle(np.ascontiguousarray(plane), x, y, APERTURE_PX, subpix=0)
    return np.asarray(sums)


@pytest.mark.parametrize(
    ("sharp", "mono", "transform"),
    [
        (1.0, False, rotated(0.0)),
        (1.0, False, rotated(0.0, 0.5, 0.25)),
        (1.0, False, rotated(0.7)),
        (1.0, False, rotated(8.0)),
        (0.0, False, rotated(0.7)),
        (1.0, True, rotated(0.7)),
    ],
    ids=["in place", "moved", "rotated a bit", "rotated", "bilinear", "mono"],
)
def test_samples_are_as_noisy_and_as_correlated_as_believed(
    sharp: float, mono: bool, transform: Affine
) -> None:
    rng = np.random.default_rng(3)
    how = Reconstruction(sharp=sharp)
    sigma = np.array((1.0,) if mono else (0.8, 1.0, 1.3))
    pixels, sums = [], []
    for _ in range(6):
        noise = rng.normal(0.0, 1.0, SIZE).astype(np.float32)
        if not mono:
            noise[0::2, 1::2] *= sigma[0]
            noise[1::2, 0::2] *= sigma[2]
        planes, _ = warp(noise, transform, how, red=(-1, -1) if mono else (0, 1))
        inner = planes[:, EDGE:-EDGE, EDGE:-EDGE]
        pixels.append((inner**2).mean(axis=(1, 2)))
        sums.append([np.mean(apertures(plane) ** 2) for plane in planes])
    covariance = sample_covariance(how, sigma, transform, SIZE)
    believed = covariance[:, REACH, REACH]
    np.testing.assert_allclose(np.mean(pixels, axis=0), believed, rtol=0.03)
    area = math.pi * APERTURE_PX**2
    of_sums = aperture_correlation(covariance) * area * believed
    np.testing.assert_allclose(np.mean(sums, axis=0), of_sums, rtol=0.06)


@pytest.mark.parametrize("n_frames", [1, 2, 3, 4, 7, 12, 31])
def test_medians_are_noisier_than_means_by_what_is_believed(n_frames: int) -> None:
    values = np.random.default_rng(4).normal(size=(60_000, n_frames))
    measured = n_frames * np.median(values, axis=1).var()
    assert measured == pytest.approx(median_excess(n_frames)[n_frames], rel=0.03)


@pytest.mark.parametrize("n_frames", [3, 12, 31])
def test_medians_of_neighbours_are_less_correlated_than_means(n_frames: int) -> None:
    rng = np.random.default_rng(5)
    field = rng.normal(size=(n_frames, 500, 500))
    field = 0.25 * (field + np.roll(field, 1, axis=1) + np.roll(field, 1, axis=2)
                    + np.roll(field, (1, 1), axis=(1, 2)))  # fmt: skip
    covariance = np.zeros((1, 2 * REACH + 1, 2 * REACH + 1))
    ramp = np.array([1.0, 2.0, 1.0]) / 8.0
    covariance[0, REACH - 1 : REACH + 2, REACH - 1 : REACH + 2] = np.outer(ramp, ramp) * 4.0
    middle = np.median(field, axis=0)
    at = np.arange(8.0, 492.0, 11.0)
    x, y = (axis.ravel() for axis in np.meshgrid(at, at))
    sums, _, _ = sep.sum_circle(np.ascontiguousarray(middle), x, y, APERTURE_PX, subpix=0)
    measured = np.var(sums) / (middle.var() * math.pi * APERTURE_PX**2)
    (believed,) = aperture_correlation(covariance, median_of=n_frames)
    (of_mean,) = aperture_correlation(covariance)
    assert measured == pytest.approx(believed, rel=0.06)
    assert believed < 0.97 * of_mean

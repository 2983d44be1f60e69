"""Weights of frames: the best for stars, compared with what no other weights exceed."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from crowdsky.stacking.registration.transform import IDENTITY
from crowdsky.stacking.registration.weights import (
    point_source_weights,
    star_covariance,
    surface_weight,
)
from tests.unit.stacking.test_quality import measure

ROUND = 1.3**2 * np.eye(2)
QUARTER_TURN = (0.0, -1.0, 1000.0, 1.0, 0.0, 0.0)


def snr_of_a_star(weights: np.ndarray, covariances: list[np.ndarray], inverse: np.ndarray) -> float:
    """Ratio that the best filter finds in a weighted mean of frames with white noise."""
    overlap = np.array(
        [[1.0 / math.sqrt(np.linalg.det(one + other)) for other in covariances]
         for one in covariances]
    )  # fmt: skip
    return math.sqrt(weights @ overlap @ weights / (weights**2 / inverse).sum())


def test_no_other_weights_show_stars_better() -> None:
    smeared = ROUND + np.array([[2.0, 1.0], [1.0, 0.5]])
    covariances = [ROUND, ROUND, 2.25 * ROUND, smeared, 2.25 * ROUND]
    inverse = np.array([1.0, 0.5, 1.0, 1.2, 0.04])
    best = point_source_weights(covariances, inverse)
    reached = snr_of_a_star(best, covariances, inverse)
    rng = np.random.default_rng(5)
    for _ in range(200):
        other = best * np.exp(rng.normal(0.0, 0.1, best.size))
        assert snr_of_a_star(other, covariances, inverse) < reached * (1.0 + 1e-6)
    assert reached > 1.01 * snr_of_a_star(np.ones(5), covariances, inverse)


def test_frames_with_the_same_stars_are_weighed_by_their_noise() -> None:
    inverse = np.array([1.0, 0.25, 0.8])
    assert point_source_weights([ROUND] * 3, inverse) == pytest.approx(inverse)


def test_surfaces_are_weighed_by_noise_and_light_alone() -> None:
    reference = measure()
    assert surface_weight(measure(noise=40.0), reference, 1.0) == pytest.approx(0.25)
    assert surface_weight(measure(0.5), reference, 2.0) == pytest.approx(0.25)
    assert surface_weight(measure(fwhm=6.0), reference, 1.0) == pytest.approx(1.0)


def test_the_profile_of_the_stars_turns_with_the_frame() -> None:
    along_x = measure(fwhm=2.3548, ellipticity=0.5)
    found = star_covariance(along_x, IDENTITY)
    assert found == pytest.approx(np.diag([1.6, 0.4]), abs=1e-3)
    assert star_covariance(along_x, QUARTER_TURN) == pytest.approx(found[::-1, ::-1], abs=1e-9)
    tilted = star_covariance(replace(along_x, angle_rad=math.pi / 4.0), IDENTITY)
    assert tilted == pytest.approx(np.array([[1.0, 0.6], [0.6, 1.0]]), abs=1e-3)

"""The errors that readers get: right for constant stars of each magnitude, in spite of bad points.

200 stacks of 30 nights by three telescopes, in which one observation in twenty is bad.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest

from crowdsky.photometry.ensemble.field import calibrate_field
from crowdsky.photometry.ensemble.tables import FieldCalibration, FieldObservations
from crowdsky.synthetic.measured_nights import MeasuredNights, measured_nights
from crowdsky.synthetic.scenes import random_stars
from tests.support.measured_field import field_observations
from tests.support.reader_magnitudes import ReaderMagnitudes, read_magnitudes

CENTRE = (50.0, 41.0)
EDGES = (8.0, 10.0, 11.0, 12.0, 13.0, 14.0, 15.0)
FLAT_MAG = 0.003
"""What `Spoilers` has."""

CLIP = 4.0
"""Errors from the median of its star at which a reader drops a point: of a good one in 16,000."""


@dataclass(frozen=True)
class Calibrated:
    """A field with its truth and its calibration."""

    nights: MeasuredNights
    observations: FieldObservations
    calibration: FieldCalibration

    def constant(self, band: str) -> tuple[ReaderMagnitudes, np.ndarray]:
        """What a reader has, and which points are of constant lone stars, unflagged and unclipped.

        Whether a point is truly bad is not asked: a reader does not know it.
        """
        read = read_magnitudes(self.observations, self.calibration, band)
        good = (self.observations.observations.flags[read.row] == 0) & ~self.nights.blended[
            read.star
        ]
        middle = np.full(len(self.nights.stars), np.nan)
        for star in np.unique(read.star[good]):
            middle[star] = np.median(read.mag[good & (read.star == star)])
        return read, good & (np.abs(read.mag - middle[read.star]) < CLIP * read.error)


@pytest.fixture(scope="module")
def fields() -> list[Calibrated]:
    """Three, as one has too few bright stars to tell."""
    return [_calibrated(seed) for seed in (31, 47, 58)]


def _calibrated(seed: int) -> Calibrated:
    rng = np.random.default_rng(seed)
    stars = random_stars(*CENTRE, 0.4, 350.0, rng, brightest=9.0, faintest=15.5)
    nights = measured_nights(stars, CENTRE, {}, rng)
    observations = field_observations(nights)
    return Calibrated(nights, observations, calibrate_field(observations, None))


@pytest.mark.parametrize("band", ["R", "G", "B"])
def test_constant_stars_scatter_as_readers_are_told(fields: list[Calibrated], band: str) -> None:
    square, freedom = np.zeros(len(EDGES) - 1), np.zeros(len(EDGES) - 1)
    for field in fields:
        read, used = field.constant(band)
        star, error = read.star[used], read.error[used]
        count = np.bincount(star)
        with np.errstate(invalid="ignore"):
            mean = np.bincount(star, read.mag[used] * error**-2) / np.bincount(star, error**-2)
        of_star = np.bincount(star, ((read.mag[used] - mean[star]) / error) ** 2)
        square += np.histogram(mean, EDGES, weights=of_star)[0]
        freedom += np.histogram(mean, EDGES, weights=count - 1.0)[0]
    chi2 = square / freedom
    assert np.all((chi2 > 0.8) & (chi2 < 1.3)), chi2
    # Nothing that is fitted to an epoch follows the noise of its brightest stars.
    assert np.all(chi2[:3] > 0.9), chi2


@pytest.mark.parametrize("band", ["R", "G", "B"])
def test_bad_points_are_no_noise_of_their_stack(fields: list[Calibrated], band: str) -> None:
    """Scintillation and flat field are what was put in, and clear stacks have nothing beside."""
    for field in fields:
        zero_points, visits = field.calibration.zero_points, field.nights.visits
        rows = np.flatnonzero(zero_points.band == band)
        epoch = np.searchsorted(field.observations.epochs.epoch_id, zero_points.epoch_id[rows])
        put_in = np.hypot(visits.scintillation_mag[epoch], FLAT_MAG)
        ratio = (zero_points.floor_mag[rows] / put_in)[visits.cloud_mag[epoch] == 0.0]
        assert 0.85 < np.median(ratio) < 1.2
        assert np.mean(ratio > 1.5) < 0.05

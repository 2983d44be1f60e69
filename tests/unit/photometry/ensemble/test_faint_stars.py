"""Mean magnitudes of faint stars are those of their light: noise makes them no brighter."""

from __future__ import annotations

import numpy as np
import pytest

from crowdsky.photometry.ensemble.field import calibrate_field
from crowdsky.photometry.ensemble.light import expected_light, measured_light
from crowdsky.photometry.ensemble.tables import FieldCalibration
from tests.support.ensemble_fields import FieldPlan, ObservedField, observed_field

PLAN = FieldPlan(n_epochs=200, n_stars=350, faint_mag=18.5, colour_terms=False)
FIRST_STAR_ID = 1001


@pytest.fixture(scope="module")
def field() -> ObservedField:
    return observed_field(PLAN, seed=3)


@pytest.fixture(scope="module")
def calibration(field: ObservedField) -> FieldCalibration:
    return calibrate_field(field.observations, None)


@pytest.mark.parametrize("band", ["R", "G", "B"])
def test_means_of_faint_stars_are_right_to_a_fraction_of_their_errors(
    field: ObservedField, calibration: FieldCalibration, band: str
) -> None:
    rows, plane = field.observations.observations, "RGB".index(band)
    stars = calibration.stars
    mine = np.flatnonzero(stars.band == band)
    star = stars.star_id[mine] - FIRST_STAR_ID
    ratio = rows.flux[:, plane] / rows.flux_error[:, plane]
    snr = np.array([np.median(ratio[rows.star == one]) for one in star])
    away = stars.mag[mine] - field.mag[star, plane]
    away = (away - np.median(away[snr > 50.0])) / stars.mag_error[mine]
    for low, high in ((3.0, 6.0), (6.0, 10.0)):
        inside = (snr >= low) & (snr < high)
        assert inside.sum() > 20
        assert abs(np.mean(away[inside])) < 0.3
        assert 0.8 < np.std(away[inside]) < 1.25
        assert 0.8 < np.mean(stars.chi2[mine][inside]) < 1.3


def test_observations_without_positive_light_count(
    field: ObservedField, calibration: FieldCalibration
) -> None:
    rows = field.observations.observations
    faintest = np.bincount(rows.star, rows.flux[:, 2] <= 0.0)
    lacking = np.flatnonzero(faintest >= 5) + FIRST_STAR_ID
    stars = calibration.stars
    n_epochs = stars.n_epochs[(stars.band == "B") & np.isin(stars.star_id, lacking)]
    assert n_epochs.size > 0
    assert np.all(n_epochs == PLAN.n_epochs)


def test_magnitudes_of_bright_stars_are_the_usual_ones() -> None:
    flux, error = np.array([1000.0, 1050.0, 400.0]), np.array([1.0, 1.0, 1.0])
    usual = measured_light(flux, error)
    seen = expected_light(flux, error, np.full(3, 1000.0), np.full(3, 0.01**2))
    assert seen.mag == pytest.approx(usual.mag, abs=1e-3)
    varying = expected_light(flux, error, np.full(3, 1000.0), np.full(3, 0.3**2))
    assert varying.mag == pytest.approx(usual.mag, abs=1e-6)
    assert varying.sigma == pytest.approx(usual.sigma, rel=1e-3)


def test_magnitudes_of_noise_average_to_the_light() -> None:
    flux, error = np.array([-20.0, 60.0, 260.0]), np.full(3, 100.0)
    seen = expected_light(flux, error, np.full(3, 100.0), np.zeros(3))
    assert np.mean(seen.mag) == pytest.approx(-5.0)
    assert np.ptp(seen.sigma) == 0.0

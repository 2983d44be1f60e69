"""Gradients across stacks: only those that are there are fitted."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from crowdsky.photometry.ensemble.field import calibrate_field
from tests.support.ensemble_fields import WIDTH, FieldPlan, observed_field

PLAN = FieldPlan(n_epochs=40, n_stars=120, colour_terms=False, clouds_mag=0.0)
CLOUDED = (3, 17, 30)
SLOPE_MAG = 0.03


@pytest.fixture(scope="module")
def gradients() -> np.ndarray:
    """Those in u and v in green of 40 epochs, three of which have clouds that grow with u."""
    field = observed_field(PLAN, seed=8).observations
    rows = field.observations
    u = 2.0 * rows.x / (WIDTH - 1.0) - 1.0
    lost = np.where(np.isin(rows.epoch, CLOUDED), SLOPE_MAG * u, 0.0)
    flux = (rows.flux * 10.0 ** (-0.4 * lost)[:, None]).astype(np.float32)
    calibration = calibrate_field(replace(field, observations=replace(rows, flux=flux)), None)
    zero_points = calibration.zero_points
    green = zero_points.band == "G"
    telescope = calibration.model["bands"]["G"]["telescopes"][0]
    assert telescope["gradient_mag"] < 0.001
    common = [telescope["terms"][name] for name in ("u", "v")]
    return np.stack([zero_points.u_term, zero_points.v_term], axis=1)[green] - common


def test_clouds_keep_their_gradients(gradients: np.ndarray) -> None:
    # What all epochs have in common cannot be told from the flat field: 3 of 40 have the clouds.
    away = gradients[list(CLOUDED), 0] - np.median(gradients[:, 0])
    assert away == pytest.approx(-SLOPE_MAG, abs=0.003)


def test_clear_stacks_have_none(gradients: np.ndarray) -> None:
    clear = np.delete(gradients, CLOUDED, axis=0)
    assert np.std(clear, axis=0) == pytest.approx(0.0, abs=3e-4)

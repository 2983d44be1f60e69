"""A synthetic night through stacking, solving and photometry, compared with what was drawn."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest

from crowdsky.photometry.measurement import Measurement, measure_stack
from crowdsky.solving.astrometry_net import AstrometrySolver
from crowdsky.solving.catalogue import StarCatalogue
from crowdsky.solving.chain import TimedSolver
from crowdsky.solving.tan import separation
from crowdsky.solving.triangles import TriangleSolver
from crowdsky.stacking.stack_files import stack_files
from crowdsky.synthetic.sky import SEESTAR_S50, Night, Truth, star_field, write_night
from tests.support.star_fields import INDEX_DIR

pytestmark = pytest.mark.slow

PLACE = (307.9, 39.9)  # in Cygnus: bright stars enough even for a small field


@dataclass(frozen=True)
class Outcome:
    """The truth about a night and what was measured on its stack."""

    truth: Truth
    measurement: Measurement


@pytest.fixture(scope="module")
def outcome(tmp_path_factory: pytest.TempPathFactory, tycho: StarCatalogue) -> Outcome:
    rng = np.random.default_rng(11)
    folder = tmp_path_factory.mktemp("night")
    field = star_field("Cygnus", *PLACE, rng, index_dir=INDEX_DIR)
    camera = SEESTAR_S50.resized(900, 1200)
    truth = write_night(folder / "subs", Night(field, camera, n_subs=5), rng)
    stack_files(list(truth.paths), folder / "stack.fits")
    solvers = [TimedSolver(AstrometrySolver(INDEX_DIR)), TimedSolver(TriangleSolver(tycho))]
    return Outcome(truth, measure_stack(folder / "stack.fits", solvers, tycho))


def matched(outcome: Outcome) -> tuple[np.ndarray, np.ndarray]:
    """Clean measured stars and the rows of the scene they are; by position on the sky."""
    stars, scene = outcome.measurement.stars, outcome.truth.night.scene.stars
    clean = ~stars["saturated"] & ~stars["blended"] & ~stars["edge"]
    rows, true_rows = [], []
    for row in np.flatnonzero(clean):
        apart = separation(stars["ra"][row], stars["dec"][row], scene.ra_deg, scene.dec_deg) * 3600
        light = scene.flux(23.2)[:, 1]
        near = apart < 20.0
        best = int(np.flatnonzero(near)[light[near].argmax()]) if near.any() else -1
        # Alone: whatever else is within the aperture's reach is fainter by four magnitudes.
        if best >= 0 and apart[best] < 3.0 and light[near].sum() < 1.025 * light[best]:
            rows.append(row)
            true_rows.append(best)
    return stars[rows], np.array(true_rows)


def test_the_synthetic_field_is_solved(outcome: Outcome) -> None:
    solution = outcome.measurement.solution
    assert solution is not None, outcome.measurement.notes
    assert solution.verdict == "good"
    assert solution.rms_arcsec < 0.35
    assert solution.scale_arcsec == pytest.approx(2.374, rel=5e-4)


def test_places_against_the_scene(outcome: Outcome) -> None:
    stars, true_rows = matched(outcome)
    scene = outcome.truth.night.scene.stars
    bright = stars["snr"] > 100
    assert bright.sum() >= 20
    error = separation(
        stars["ra"], stars["dec"], scene.ra_deg[true_rows], scene.dec_deg[true_rows]
    )[bright] * 3600  # fmt: skip
    assert np.sqrt(np.mean(error**2)) < 0.15


def test_zero_point_and_linearity_against_the_scene(outcome: Outcome) -> None:
    stars, true_rows = matched(outcome)
    night = outcome.truth.night
    true = night.scene.stars.flux(night.camera.zero_point_mag)[true_rows, 1]
    mag = night.scene.stars.v_mag[true_rows]
    ratio = stars["flux_g"] / true
    good = stars["snr"] > 30
    groups = [
        np.median(ratio[good & (mag >= low) & (mag < low + 1.0)])
        for low in (9.0, 10.0, 11.0, 12.0, 13.0)
        if (good & (mag >= low) & (mag < low + 1.0)).sum() >= 3
    ]
    assert len(groups) >= 4
    assert max(groups) / min(groups) < 1.03
    green = outcome.measurement.calibration.planes[1].zero_point
    assert green is not None
    # Stacking spreads light; a fortieth of it may end up elsewhere than in the stars.
    assert green.value == pytest.approx(night.camera.zero_point_mag, abs=0.03)
    assert green.scatter < 0.05

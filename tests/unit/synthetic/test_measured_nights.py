"""Tables of many measured stacks: they follow their own truth, and show what spoils them."""

from __future__ import annotations

import numpy as np
import pytest

from crowdsky.photometry.ensemble.tables import FieldObservations
from crowdsky.synthetic.measured_nights import NOTHING_SPOILT, MeasuredNights, measured_nights
from crowdsky.synthetic.scenes import Stars, random_stars
from crowdsky.synthetic.variables import RRLyrae
from crowdsky.synthetic.visits import observing_plan
from tests.support.measured_field import field_observations

CENTRE = (50.0, 41.0)
VARIABLE = 3


def _stars(rng: np.random.Generator) -> Stars:
    return random_stars(*CENTRE, 0.4, 350.0, rng, brightest=9.0, faintest=17.0)


@pytest.fixture(scope="module")
def nights() -> MeasuredNights:
    rng = np.random.default_rng(161)
    curves = {VARIABLE: RRLyrae(0.61, 2461000.2, 0.8)}
    return measured_nights(_stars(rng), CENTRE, curves, rng, asked=(VARIABLE,))


def _departures(nights: MeasuredNights) -> np.ndarray:
    """Magnitudes by the true zero points, minus the true ones."""
    rows = nights.observations
    with np.errstate(invalid="ignore"):
        mag = -2.5 * np.log10(rows["flux"]) + nights.zero_points[rows["epoch"]]
    truth = nights.mags[rows["star"]] + nights.changes[rows["star"], rows["epoch"]]
    return np.asarray(mag - truth)


def test_200_stacks_of_30_nights_by_three_telescopes(nights: MeasuredNights) -> None:
    epochs = nights.epochs
    assert len(epochs) == 200
    assert len(np.unique(epochs["telescope"])) == 3
    assert len(np.unique(nights.visits.night)) == 30
    assert np.all(np.diff(epochs["bjd"]) >= 0.0)
    assert np.all((epochs["airmass"] >= 1.0) & (epochs["airmass"] < 3.5))
    assert 0.05 < np.mean(nights.visits.cloud_mag > 0.0) < 0.4
    assert nights.visits.sky.max() > 2.5 * nights.visits.sky.min()


def test_tables_are_records_that_a_calibration_accepts(nights: MeasuredNights) -> None:
    records = field_observations(nights)
    assert isinstance(records, FieldObservations)
    assert len(records.observations) == len(nights.observations)
    assert records.stars.search.nonzero()[0].tolist() == [VARIABLE]
    assert records.observations.flux.shape == (len(nights.observations), 3)


def test_without_spoilers_errors_are_those_of_photons_and_scintillation() -> None:
    rng = np.random.default_rng(162)
    visits = observing_plan(rng, 20, 5)
    visits.cloud_mag[:] = 0.0
    stars = _stars(rng)
    stars.b_minus_v[:] = 0.65
    clean = measured_nights(stars, CENTRE, {}, rng, visits=visits, spoilers=NOTHING_SPOILT)
    rows = clean.observations
    error = np.hypot(
        1.0857 * rows["flux_error"] / rows["flux"],
        visits.scintillation_mag[rows["epoch"]][:, None],
    )
    # Those near the limit are only there because their noise made them brighter.
    bright = clean.mags[rows["star"], 1] < 13.0
    epochs = visits.loss_mag[:, 0] < 0.5
    pulls = (_departures(clean) / error)[bright & epochs[rows["epoch"]]]
    assert np.std(pulls) == pytest.approx(1.0, abs=0.06)
    assert np.mean(pulls) == pytest.approx(0.0, abs=0.1)


def test_a_variable_star_follows_its_curve_and_bad_points_are_beyond_errors(
    nights: MeasuredNights,
) -> None:
    rows = nights.observations
    assert np.ptp(nights.changes[VARIABLE, :, 1]) > 0.6
    departures = np.abs(_departures(nights))[:, 1]
    bad = nights.bad[:, 1]
    assert 0.03 < np.mean(nights.bad.any(axis=1)) < 0.07
    bright = nights.mags[rows["star"], 1] < 12.0
    assert np.median(departures[bad & bright]) > 8.0 * np.median(departures[~bad & bright])


def test_faint_stars_are_missing_in_clouds_and_blends_follow_the_seeing(
    nights: MeasuredNights,
) -> None:
    rows = nights.observations
    seen = np.bincount(rows["epoch"], minlength=200)
    clear = nights.visits.cloud_mag == 0.0
    assert seen[~clear & (nights.visits.cloud_mag > 0.4)].mean() < 0.9 * seen[clear].mean()
    departures = _departures(nights)[:, 1]
    slopes = {True: [], False: []}
    for star in np.unique(rows["star"]):
        mine = np.flatnonzero((rows["star"] == star) & ~nights.bad[:, 1])
        if len(mine) > 50 and nights.mags[star, 1] < 13.0:
            width = nights.visits.fwhm_px[rows["epoch"][mine]]
            slope = np.polyfit(width, departures[mine], 1)[0]
            slopes[bool(nights.blended[star])].append(slope)
    assert np.median(slopes[True]) < -0.03
    assert abs(np.median(slopes[False])) < 0.01

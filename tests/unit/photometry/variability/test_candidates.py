"""Variable stars of a calibrated field: found, described, and told from what only looks so."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pytest

from crowdsky.photometry.ensemble.field import calibrate_field
from crowdsky.photometry.ensemble.flags import StarFlag
from crowdsky.photometry.ensemble.tables import FieldCalibration, FieldObservations
from crowdsky.photometry.variability.candidates import find_variables
from crowdsky.photometry.variability.curves import field_curves
from crowdsky.photometry.variability.excess import row_medians
from crowdsky.photometry.variability.found import Variable, with_variables
from crowdsky.photometry.variability.statistics import robust_scatter
from crowdsky.synthetic.measured_nights import MeasuredNights, measured_nights
from crowdsky.synthetic.scenes import random_stars
from crowdsky.synthetic.variables import (
    ContactBinary,
    DetachedBinary,
    Dip,
    LightCurve,
    Mira,
    RRLyrae,
    Transit,
)
from tests.support.measured_field import field_observations

CENTRE = (50.0, 41.0)
T0 = 2461000.2
CURVES: dict[str, LightCurve] = {
    "contact": ContactBinary(0.40033, T0, 0.45, 0.38),
    "rr": RRLyrae(0.53951, T0, 0.9),
    "detached": DetachedBinary(1.32231, T0, Dip(0.6, 0.2, 0.05), Dip(0.15, 0.2, 0.1)),
    "mira": Mira(320.0, T0 - 80.0, 4.0),
    "transit": Transit(1.0914, T0, 0.015, 0.13),
}


@dataclass(frozen=True)
class Searched:
    """A field, what was found in it, and the rows of its variable stars by name."""

    nights: MeasuredNights
    observations: FieldObservations
    calibration: FieldCalibration
    variables: list[Variable]
    rows: dict[str, int]

    def found(self, name: str) -> Variable:
        """What is reported of a star."""
        row = self.rows[name] + 1
        (one,) = [one for one in self.variables if one.star_id == row]
        return one


def _search(seed: int, density: float) -> Searched:
    rng = np.random.default_rng(seed)
    stars = random_stars(*CENTRE, 0.38, density, rng, brightest=9.0, faintest=14.0)
    near = np.hypot((stars.ra_deg - CENTRE[0]) * 0.75, stars.dec_deg - CENTRE[1]) < 0.25
    bright_first = np.flatnonzero(near)[np.argsort(stars.v_mag[near])]
    rows = dict(zip(CURVES, bright_first[[6, 7, 5, 8, 4]].tolist(), strict=True))
    curves = {rows[name]: curve for name, curve in CURVES.items()}
    nights = measured_nights(stars, CENTRE, curves, rng, asked=(rows["transit"],))
    observations = field_observations(nights)
    calibration = calibrate_field(observations, None)
    return Searched(
        nights, observations, calibration, find_variables(observations, calibration), rows
    )


@pytest.fixture(scope="module")
def searched() -> Searched:
    return _search(3, 380.0)


def test_variable_stars_are_found_with_their_kinds_and_periods(searched: Searched) -> None:
    contact, rr, detached = (searched.found(name) for name in ("contact", "rr", "detached"))
    assert contact.kind in ("periodic", "eclipses")
    assert rr.kind == "periodic"
    assert detached.kind == "eclipses"
    for name, one in (("contact", contact), ("rr", rr), ("detached", detached)):
        assert one.period is not None, one.remark
        assert one.period.period == pytest.approx(CURVES[name].period, rel=1e-3)
        assert one.band == "G"
        assert one.n_nights > 20
    for one, amplitude in ((contact, 0.45), (rr, 0.9), (detached, 0.6)):
        margin = max(0.05 * amplitude, 2.0 * one.amplitude_error_mag)
        assert one.amplitude_mag == pytest.approx(amplitude, abs=margin)


def test_the_mira_has_its_trend_and_no_period(searched: Searched) -> None:
    mira, nights = searched.found("mira"), searched.nights
    assert mira.kind == "slow"
    assert mira.period is None
    truth = nights.changes[searched.rows["mira"], :, 1]
    slope = np.polyfit(nights.epochs["bjd"] - T0, truth, 1)[0]
    assert mira.trend_mag_per_d == pytest.approx(slope, rel=0.05)


def test_nothing_constant_or_blended_is_called_variable(searched: Searched) -> None:
    varying = {one.star_id - 1 for one in searched.variables if one.kind != "constant"}
    assert varying <= set(searched.rows.values())
    assert searched.nights.blended.any()


def test_the_best_comes_first_and_a_star_that_was_asked_for_is_always_there(
    searched: Searched,
) -> None:
    scores = [one.score for one in searched.variables]
    assert scores == sorted(scores, reverse=True)
    transit = searched.found("transit")
    assert (transit.period is None) == bool(transit.remark)
    assert transit.kind in ("eclipses", "irregular"), transit.remark
    assert transit.amplitude_mag == pytest.approx(0.015, abs=3 * transit.amplitude_error_mag)


def test_the_brightest_and_faintest_epoch_show_the_change(searched: Searched) -> None:
    for name in ("contact", "rr", "mira"):
        one, changes = searched.found(name), searched.nights.changes[searched.rows[name], :, 1]
        bright, faint = one.bright_epoch_id - 1001, one.faint_epoch_id - 1001
        assert changes[faint] - changes[bright] > 0.7 * np.ptp(changes)


def test_the_calibration_gets_the_table_and_the_flags(searched: Searched) -> None:
    marked = with_variables(searched.calibration, searched.variables)
    table, stars = marked.variables, marked.stars
    assert table.star_id.tolist() == [one.star_id for one in searched.variables]
    slow = table.star_id == searched.rows["mira"] + 1
    assert np.isnan(table.period_d[slow]).all()
    assert np.isfinite(table.trend_mag_per_d[slow]).all()
    rr = stars.star_id == searched.rows["rr"] + 1
    assert np.all(stars.flags[rr] & StarFlag.VARIABLE)
    assert not np.any(stars.flags[rr] & (StarFlag.OFF_MODEL | StarFlag.COMPARISON))
    assert np.all(stars.extra_mag[rr] == 0.0)
    others = ~np.isin(stars.star_id, table.star_id)
    before = searched.calibration.stars
    assert np.array_equal(stars.flags[others], before.flags[others])


def test_bad_observations_do_not_count(searched: Searched) -> None:
    rows = searched.observations.observations
    of_rr = rows.star == searched.rows["rr"]
    flags = np.where(of_rr, rows.flags | np.int16(StarFlag.SATURATED), rows.flags)
    spoilt = replace(rows, flags=flags.astype(np.int16))
    observations = replace(searched.observations, observations=spoilt)
    found = find_variables(observations, searched.calibration)
    assert searched.rows["rr"] + 1 not in [one.star_id for one in found]


@pytest.mark.every
@pytest.mark.slow
@pytest.mark.parametrize("seed", [201, 202])
def test_none_of_2000_constant_stars_of_calibrated_nights_varies(seed: int) -> None:
    rng = np.random.default_rng(seed)
    stars = random_stars(*CENTRE, 0.62, 2700.0, rng, brightest=8.5, faintest=14.8)
    nights = measured_nights(stars, CENTRE, {}, rng)
    assert np.sum(np.bincount(nights.observations["star"]) > 50) > 2000
    observations = field_observations(nights)
    calibration = calibrate_field(observations, None)
    variables = find_variables(observations, calibration)
    assert variables == []
    field = Searched(nights, observations, calibration, variables, {})
    for low, high in ((8.5, 10.5), (10.5, 12.0), (12.0, 13.5), (13.5, 14.5)):
        scatter, chi2 = _of_constant_stars(field, low, high)
        assert chi2 < 1.3
        assert chi2 > 0.8 or low < 12.0
        assert scatter < 0.008 or low > 10.5


def test_bright_constant_stars_scatter_by_8_mmag_at_most_and_errors_are_honest(
    searched: Searched,
) -> None:
    assert _of_constant_stars(searched, 9.0, 11.5)[0] < 0.008
    # The few bright stars of this small field determine its zero points, which follow their noise:
    # their scatter is below their errors. The large field of the second tier has both limits.
    for low, high in ((9.0, 11.5), (11.5, 13.0)):
        assert 0.3 < _of_constant_stars(searched, low, high)[1] < 1.3
    assert 0.8 < _of_constant_stars(searched, 13.0, 14.0)[1] < 1.3


def _of_constant_stars(searched: Searched, low: float, high: float) -> tuple[float, float]:
    """Median scatter and reduced chi-square of the constant stars between two magnitudes."""
    curves = field_curves(searched.observations, searched.calibration)
    mags, v_mag = curves.mags["G"], searched.nights.mags[:, 1]
    some = ~searched.nights.blended & (v_mag >= low) & (v_mag < high)
    some &= np.isfinite(mags).sum(axis=1) > 100
    some[list(searched.rows.values())] = False
    assert some.sum() >= 4
    residuals = (mags - row_medians(mags)[:, None])[some]
    pulls = residuals / curves.errors["G"][some]
    scatter = [robust_scatter(row[np.isfinite(row)]) for row in residuals]
    chi2 = [robust_scatter(row[np.isfinite(row)]) ** 2 for row in pulls]
    return float(np.median(scatter)), float(np.median(chi2))
